//! Whether any flag contains a text is known before the build, but not which: if none does, none begins with it.

use std::env;

fn main() {
    println!("cargo:rustc-check-cfg=cfg(fallback, wide, exact, stopped, picked, stepped)");
    if has_feature("wide", env::var("CARGO_CFG_TARGET_ARCH").unwrap() == "x86_64") {
        println!("cargo:rustc-cfg=wide");
    }
    // A test on all flags at once is exactly what the schema can express.
    if env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default().contains("-Cforce-frame") {
        println!("cargo:rustc-cfg=exact");
    }
    if env::var_os("DEMO_STOP").is_some() {
        // The result depends on which flag it is, and no condition can name that.
        for flag in env::var("CARGO_ENCODED_RUSTFLAGS").unwrap().split('\x1f') {
            if flag == "-Zstop" {
                println!("cargo:rustc-cfg=stopped");
            }
        }
    }
    if env::var_os("DEMO_PICK").is_some() {
        // There may be no flag, so returning at the first one is not certain.
        println!("cargo:rustc-cfg={}", first());
    }
    if env::var_os("DEMO_STEP").is_some() {
        for flag in env::var("CARGO_ENCODED_RUSTFLAGS").unwrap().split('\x1f') {
            // A flag that begins with this text says nothing about the next flag.
            if !flag.starts_with("linker=") {
                println!("cargo:rustc-cfg=stepped");
            }
        }
    }
    if env::var_os("DEMO_CUT").is_some() {
        for flag in env::var("CARGO_ENCODED_RUSTFLAGS").unwrap().split('\x1f') {
            // A flag shorter than this would make the script panic.
            let _ = &flag[2..];
        }
    }
}

fn has_feature(name: &str, otherwise: bool) -> bool {
    let mut has = otherwise;
    if let Ok(flags) = env::var("CARGO_ENCODED_RUSTFLAGS") {
        for mut flag in flags.split('\x1f') {
            flag = flag.strip_prefix("-C").unwrap_or(flag);
            if let Some(list) = flag.strip_prefix("target-feature=") {
                for one in list.split(',') {
                    has |= one == name;
                }
            }
        }
    }
    has
}

fn first() -> &'static str {
    for _ in env::var("CARGO_ENCODED_RUSTFLAGS").unwrap().split('\x1f') {
        return "picked";
    }
    "fallback"
}
