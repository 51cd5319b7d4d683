use std::env;

fn main() {
    println!("cargo:rustc-check-cfg=cfg(a)");
    if env::var_os("CARGO_CFG_UNIX").is_some() {
        println!("cargo:rustc-cfg=a");
    }
}
