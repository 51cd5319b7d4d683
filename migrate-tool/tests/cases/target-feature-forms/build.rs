//! Ways of reading the list of target features. The variable is not set if no feature is on.
use std::collections::{BTreeSet, HashSet};
use std::env;

fn main() {
    let text = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let list: Vec<&str> = text.split(',').collect();
    println!("cargo:rustc-env=CRT={}", if list.contains(&"crt-static") { "static" } else { "dynamic" });
    if text.split(',').any(|feature| feature == "sse4.2") {
        println!("cargo:rustc-cfg=any_closure");
    }
    if !text.split(',').map(|feature| feature.trim()).all(|feature| feature != "avx2") {
        println!("cargo:rustc-cfg=all_closure");
    }
    let set: HashSet<&str> = text.split(',').collect();
    if set.contains("neon") && set.contains("aes") {
        println!("cargo:rustc-cfg=hash_set");
    }
    let owned: BTreeSet<String> = text.split(',').map(String::from).collect();
    if owned.contains("bmi2") {
        println!("cargo:rustc-cfg=tree_set");
    }
    for feature in text.split(',') {
        match feature {
            "simd128" => println!("cargo:rustc-cfg=matched"),
            "atomics" | "bulk-memory" => println!("cargo:rustc-cfg=matched_two"),
            _ => {}
        }
    }
    let mut found = false;
    for feature in &list {
        if *feature == "fma" {
            found = true;
            break;
        }
    }
    if found {
        println!("cargo:rustc-cfg=broken_off");
    }
    if text.contains("reference-types") {
        println!("cargo:rustc-cfg=substring");
    }
    if list.iter().find(|feature| **feature == "sse2").is_some() {
        println!("cargo:rustc-cfg=found");
    }
    if list.iter().filter(|feature| !feature.is_empty()).any(|feature| *feature == "sse3") {
        println!("cargo:rustc-cfg=filtered");
    }
}
