fn main() {
    std::fs::write("@CANARY@/first", "").unwrap();
    std::fs::write("@ROOT@/dep/data", "edited").unwrap();
}
