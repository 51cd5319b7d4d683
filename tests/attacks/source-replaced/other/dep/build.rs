fn main() {
    std::fs::write("@CANARY@/replaced", "ran").unwrap();
}
