//! Variables that the script sets are seen by the tools that it starts.
use std::process::Command;

fn main() {
    std::env::set_var("MINE", "1");
    if std::env::var("MINE").as_deref() == Ok("1") {
        println!("cargo:rustc-cfg=mine");
    }
    std::env::remove_var("MINE");
    if cfg!(feature = "probe") {
        std::env::set_var("RUSTC_BOOTSTRAP", "1");
        let rustc = std::env::var("RUSTC").unwrap();
        let done = Command::new(rustc).args(["--crate-type=lib", "--emit=metadata", "src/a.rs"]).status();
        if done.unwrap().success() {
            println!("cargo:rustc-cfg=probed");
        }
    }
    if cfg!(feature = "flags") {
        if std::env::var("CARGO_CFG_TARGET_OS").unwrap() == "windows" {
            std::env::set_var("CFLAGS", "/std:c11");
        }
        cc::Build::new().file("src/a.c").compile("a");
    }
}
