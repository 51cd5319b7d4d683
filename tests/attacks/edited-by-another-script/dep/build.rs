fn main() {
    std::fs::write("@CANARY@/second", "").unwrap();
}
