fn main() {
    std::fs::write("src/generated.rs", "").unwrap();
}
