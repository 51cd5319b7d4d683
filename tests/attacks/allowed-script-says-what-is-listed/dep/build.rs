fn main() {
    println!("cargo:rustc-env=ODD={}", std::process::id());
}
