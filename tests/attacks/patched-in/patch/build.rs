fn main() {
    std::fs::write("@CANARY@/patched", "ran").unwrap();
}
