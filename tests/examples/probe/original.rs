use std::env;
use std::process::{Command, Stdio};

fn accepts(source: &str) -> bool {
    let out = env::var("OUT_DIR").unwrap();
    Command::new(env::var_os("RUSTC").unwrap())
        .args(["--edition=2021", "--crate-type=lib", "--emit=metadata", "--out-dir", &out])
        .args(["--target", &env::var("TARGET").unwrap(), source])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn main() {
    println!("cargo:rustc-check-cfg=cfg(const_in_array)");
    println!("cargo:rustc-check-cfg=cfg(from_the_future)");
    if accepts("probes/const_in_array.rs") {
        println!("cargo:rustc-cfg=const_in_array");
    }
    let future = std::path::Path::new(&env::var("OUT_DIR").unwrap()).join("future.rs");
    std::fs::write(&future, "pub fn f() { core::future_that_never_comes() }").unwrap();
    if accepts(future.to_str().unwrap()) {
        println!("cargo:rustc-cfg=from_the_future");
    }
}
