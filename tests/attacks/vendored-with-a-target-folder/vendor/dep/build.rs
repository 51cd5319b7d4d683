fn main() {
    std::fs::write("@CANARY@/dep-build-script", "ran").unwrap();
}
