fn main() {
    std::fs::write("@CANARY@/win", "").unwrap();
}
