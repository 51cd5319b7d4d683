//! An exit code of one's own.
fn main() {
    println!("cargo:rustc-cfg=seen");
    std::process::exit(7);
}
