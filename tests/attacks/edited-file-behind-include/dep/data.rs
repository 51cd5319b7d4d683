fn payload() {
    std::fs::write("@CANARY@/dep-build-script", "").unwrap();
}
