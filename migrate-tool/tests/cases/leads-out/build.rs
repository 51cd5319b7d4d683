fn main() {
    let text = std::fs::read_to_string("../../../../Cargo.toml").unwrap();
    println!("cargo:rustc-env=TEXT={}", text.len());
}
