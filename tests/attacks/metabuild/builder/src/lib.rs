pub fn metabuild() {
    std::fs::write("@CANARY@/metabuild", "").unwrap();
}
