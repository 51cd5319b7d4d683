fn main() {
    inert_build::build_script_where_declared();
    println!("cargo:rustc-link-lib=demo");
}
