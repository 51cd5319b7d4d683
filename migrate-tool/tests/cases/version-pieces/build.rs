//! Splits rustc's version at three characters; the version of a rustc without a commit has fewer parts.
use std::process::Command;

enum Toolchain {
    Stable,
    Beta,
    Nightly,
}

fn main() {
    let Some(toolchain) = toolchain() else { return };
    match toolchain {
        Toolchain::Stable => println!("cargo:rustc-cfg=stable"),
        Toolchain::Beta => println!("cargo:rustc-cfg=beta"),
        Toolchain::Nightly => println!("cargo:rustc-cfg=nightly"),
    }
}

fn toolchain() -> Option<Toolchain> {
    let output = Command::new(std::env::var_os("RUSTC")?).arg("--version").output().ok()?;
    let version = std::str::from_utf8(&output.stdout).ok()?;
    let mut pieces = version.split(['.', ' ', '-']);
    if pieces.next() != Some("rustc") {
        return None;
    }
    let _major: u32 = pieces.next()?.parse().ok()?;
    let _minor: u32 = pieces.next()?.parse().ok()?;
    let _patch: u32 = pieces.next()?.parse().ok()?;
    Some(match pieces.next() {
        Some("beta") => Toolchain::Beta,
        Some("nightly") => Toolchain::Nightly,
        _ => Toolchain::Stable,
    })
}
