use std::{env, process::Command, str};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(old_alloc)");
    println!("cargo:rustc-check-cfg=cfg(never_set)");
    let Some(minor) = minor_version() else { return };
    if minor < 57 {
        println!("cargo:rustc-cfg=old_alloc");
    }
    if (60..70).contains(&minor) || minor >= 80 {
        println!("cargo:rustc-cfg=gapped");
    }
    match minor {
        0..=30 => println!("cargo:rustc-cfg=era=\"early\""),
        31 | 32 => println!("cargo:rustc-cfg=era=\"middle\""),
        _ => println!("cargo:rustc-cfg=era=\"late\""),
    }
}

fn minor_version() -> Option<u32> {
    let rustc = env::var_os("RUSTC")?;
    let output = Command::new(rustc).arg("--version").output().ok()?;
    let text = str::from_utf8(&output.stdout).ok()?;
    let mut parts = text.split('.');
    if parts.next() != Some("rustc 1") {
        return None;
    }
    parts.next()?.parse().ok()
}
