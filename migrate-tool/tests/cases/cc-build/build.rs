fn main() {
    let target = std::env::var("TARGET").unwrap();
    let mut build = cc::Build::new();
    build.include("include").warnings(false).define("DEMO", None).file("src/a.c");
    if target.contains("windows") {
        build.define("ON_WINDOWS", "1").file("src/windows.c");
    } else {
        build.flag_if_supported("-fno-strict-aliasing");
    }
    if cfg!(feature = "extra") {
        build.files(["src/b.c", "src/c.c"]);
    }
    build.compile("demo");
    println!("cargo:include={}", std::path::Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("include").display());
}
