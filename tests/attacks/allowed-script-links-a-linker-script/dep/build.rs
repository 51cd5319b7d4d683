fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::write(format!("{out}/libc.so"), "INPUT(/tmp/evil.o)").unwrap();
    println!("cargo:rustc-link-search={out}");
}
