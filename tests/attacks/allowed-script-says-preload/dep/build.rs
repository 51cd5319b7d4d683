fn main() {
    println!("cargo:rustc-env=LD_PRELOAD=/tmp/x.so");
}
