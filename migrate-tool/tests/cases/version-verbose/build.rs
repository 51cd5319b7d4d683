//! The lines of `rustc -vV`; without a commit, two of them are `unknown`.
use std::process::Command;

fn main() {
    let rustc = std::env::var("RUSTC").unwrap();
    let output = Command::new(&rustc).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in text.lines() {
        if let Some(hash) = line.strip_prefix("commit-hash: ") {
            if hash != "unknown" {
                println!("cargo:rustc-env=HASH={hash}");
            }
        }
        if let Some(release) = line.strip_prefix("release: ") {
            println!("cargo:rustc-env=RELEASE={release}");
        }
    }
    let date = text.lines().find_map(|line| line.strip_prefix("commit-date: ")).unwrap();
    let parts: Vec<u32> = date.split('-').filter_map(|part| part.parse::<u32>().ok()).collect();
    if let [year, month, day] = parts[..] {
        if (year, month, day) >= (2024, 3, 1) {
            println!("cargo:rustc-cfg=recent");
        }
    }
    if text.contains("nightly") {
        println!("cargo:rustc-cfg=nightly");
    }
}
