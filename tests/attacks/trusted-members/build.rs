fn main() {
    std::fs::write("@CANARY@/app", "").unwrap();
}
