pub fn help() {
    std::fs::write("@CANARY@/helper", "").unwrap();
}
