fn main() {
    inert_build::build_script();
    println!("cargo:rustc-cfg=b");
}
