//! The enabled sanitizer, read from the one variable that names them all.
fn main() {
    println!("cargo:rustc-check-cfg=cfg(asan, values(none()))");
    match std::env::var("CARGO_CFG_SANITIZE") {
        Ok(name) if name == "address" => println!("cargo:rustc-cfg=asan"),
        Ok(name) if name == "none" => println!("cargo:rustc-cfg=never"),
        Ok(_) => println!("cargo:rustc-cfg=another"),
        Err(_) => {}
    }
}
