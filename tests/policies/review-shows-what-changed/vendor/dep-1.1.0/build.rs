fn main() {
    std::fs::write("@CANARY@/x", "").unwrap();
    println!("cargo:rustc-cfg=new");
}
