//! Effects that depend on members that are not named: on their number, on the first, on each.
use std::env;

fn main() {
    let text = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    if env::var_os("CARGO_FEATURE_COUNT").is_some() && text.split(',').count() > 3 {
        println!("cargo:rustc-cfg=many");
    }
    if env::var_os("CARGO_FEATURE_EACH").is_some() {
        for feature in text.split(',') {
            println!("cargo:rustc-cfg=has_{feature}");
        }
    }
    if env::var_os("CARGO_FEATURE_FIRST").is_some() && text.split(',').next() == Some("avx") {
        println!("cargo:rustc-cfg=avx_first");
    }
    if env::var_os("CARGO_FEATURE_OTHER").is_some() {
        let mut odd = false;
        for feature in text.split(',') {
            match feature {
                "sse" | "sse2" => {}
                _ => odd = true,
            }
        }
        if odd {
            println!("cargo:rustc-cfg=odd");
        }
    }
    if env::var_os("CARGO_FEATURE_PREFIX").is_some() && text.split(',').any(|one| one.starts_with("avx512")) {
        println!("cargo:rustc-cfg=avx512");
    }
    if env::var_os("CARGO_FEATURE_LEFT").is_some() {
        for feature in text.split(',') {
            if feature != "sse2" {
                return;
            }
        }
        println!("cargo:rustc-cfg=only_sse2");
    }
}
