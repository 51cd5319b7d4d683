//! Cargo ignores an empty wrapper, but the script sees it; whether there is a wrapper may depend on configuration.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rustc-check-cfg=cfg(compiles, wrapped, flags, one_flag)");
    let rustc = env::var_os("RUSTC").unwrap();
    let mut command = match env::var_os("RUSTC_WRAPPER") {
        Some(wrapper) => {
            // The script does not check the value: an empty one starts nothing.
            let mut command = Command::new(wrapper);
            command.arg(rustc);
            command
        }
        None => Command::new(rustc),
    };
    let version = command.arg("--version").output();
    if version.is_ok() {
        println!("cargo:rustc-cfg=compiles");
    }
    if env::var_os("DEMO_WRAPPED").is_some() && env::var("RUSTC_WRAPPER").map_or(false, |name| !name.is_empty()) {
        println!("cargo:rustc-cfg=wrapped");
    }
    if env::var_os("DEMO_FLAGS").is_some() && !env::var("CARGO_ENCODED_RUSTFLAGS").unwrap().is_empty() {
        println!("cargo:rustc-cfg=flags");
    }
    if env::var_os("DEMO_FLAG").is_some() && env::var("CARGO_ENCODED_RUSTFLAGS").unwrap() == "-Zone" {
        println!("cargo:rustc-cfg=one_flag");
    }
}
