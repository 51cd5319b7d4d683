fn main() {
    println!("cargo:rustc-env=APP_SAYS=one {}, none {}", one::optimised(), none::optimised());
}
