fn main() {
    println!("cargo:rustc-env=HOST_SAYS=one {}, none {}", one::optimised(), none::optimised());
}
