fn main() {
    let data = std::fs::read_to_string("data").unwrap();
    std::fs::write(format!("@CANARY@/{}", data.trim()), "").unwrap();
    println!("cargo:rerun-if-changed=data");
}
