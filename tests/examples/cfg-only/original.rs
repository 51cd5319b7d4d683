use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rustc-check-cfg=cfg(has_let_else)");
    println!("cargo:rustc-check-cfg=cfg(linux_like)");
    println!("cargo:rustc-check-cfg=cfg(with_extra)");
    println!("cargo:rustc-check-cfg=cfg(fast_arithmetic, values(\"32\", \"64\"))");
    let rustc = env::var_os("RUSTC").unwrap();
    let output = Command::new(rustc).arg("--version").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    let minor: u32 = version.split('.').nth(1).unwrap().parse().unwrap();
    if minor >= 65 {
        println!("cargo:rustc-cfg=has_let_else");
    }
    let os = env::var("CARGO_CFG_TARGET_OS").unwrap();
    if os == "linux" || os == "android" {
        println!("cargo:rustc-cfg=linux_like");
    }
    if env::var_os("CARGO_FEATURE_EXTRA").is_some() && env::var_os("CARGO_CFG_WINDOWS").is_none() {
        println!("cargo:rustc-cfg=with_extra");
    }
    if env::var("CARGO_CFG_TARGET_POINTER_WIDTH").unwrap() == "64" {
        println!("cargo:rustc-cfg=fast_arithmetic=\"64\"");
    } else {
        println!("cargo:rustc-cfg=fast_arithmetic=\"32\"");
    }
}
