//! Lists that the target alone determines.
use std::env;

fn main() {
    if env::var("CARGO_CFG_TARGET_FAMILY").unwrap_or_default().split(',').any(|family| family == "unix") {
        println!("cargo:rustc-cfg=unixy");
    }
    if env::var("CARGO_CFG_TARGET_HAS_ATOMIC").is_ok_and(|list| list.split(',').any(|width| width == "64")) {
        println!("cargo:rustc-cfg=atomic64");
    }
    match env::var("CARGO_CFG_TARGET_FAMILY").as_deref() {
        Ok("unix") => println!("cargo:rustc-cfg=only_unix"),
        Ok(list) if list.contains("wasm") => println!("cargo:rustc-cfg=some_wasm"),
        Ok(_) => println!("cargo:rustc-cfg=other"),
        Err(_) => println!("cargo:rustc-cfg=no_family"),
    }
    if env::var("CARGO_CFG_PANIC").as_deref() == Ok("abort") {
        println!("cargo:rustc-cfg=aborts");
    }
}
