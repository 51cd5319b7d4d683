fn main() {
    println!("cargo:rustc-env=ODD=1");
}
