fn main() {
    cc::Build::new()
        .cpp(true)
        .std("c++14")
        .flag_if_supported("-fno-rtti")
        .file("glue/glue.cpp")
        .include("include")
        .compile("header_only_glue");
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    println!("cargo:include={package}/include");
}
