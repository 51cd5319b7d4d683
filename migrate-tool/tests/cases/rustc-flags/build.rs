//! What flags hold is known before the build, each flag is not: where none holds the text, none begins with it.

use std::env;

fn main() {
    println!("cargo:rustc-check-cfg=cfg(fallback, wide, exact, stopped, picked, stepped)");
    if has_feature("wide", env::var("CARGO_CFG_TARGET_ARCH").unwrap() == "x86_64") {
        println!("cargo:rustc-cfg=wide");
    }
    // All of them at once: exactly what the schema can ask.
    if env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default().contains("-Cforce-frame") {
        println!("cargo:rustc-cfg=exact");
    }
    if env::var_os("DEMO_STOP").is_some() {
        // Which flag it is decides: nothing can name that.
        for flag in env::var("CARGO_ENCODED_RUSTFLAGS").unwrap().split('\x1f') {
            if flag == "-Zstop" {
                println!("cargo:rustc-cfg=stopped");
            }
        }
    }
    if env::var_os("DEMO_PICK").is_some() {
        // There may be none: leaving on the first one is no answer.
        println!("cargo:rustc-cfg={}", first());
    }
    if env::var_os("DEMO_STEP").is_some() {
        for flag in env::var("CARGO_ENCODED_RUSTFLAGS").unwrap().split('\x1f') {
            // Whether one begins so says nothing about the next.
            if !flag.starts_with("linker=") {
                println!("cargo:rustc-cfg=stepped");
            }
        }
    }
    if env::var_os("DEMO_CUT").is_some() {
        for flag in env::var("CARGO_ENCODED_RUSTFLAGS").unwrap().split('\x1f') {
            // A short one would end the script.
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
