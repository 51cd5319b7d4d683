fn main() {
    println!("cargo:rustc-link-arg-bin=app=-Wl,-plugin,/tmp/x.so");
}
