use std::env;
use std::process::Command;

#[derive(Debug, PartialEq, PartialOrd)]
struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

fn main() {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_string());
    let out = Command::new(rustc).arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8(out.stdout).unwrap();
    let release = text.lines().find(|line| line.starts_with("release: ")).map(|line| &line["release: ".len()..]).unwrap();
    let (numbers, channel) = match release.find('-') {
        Some(at) => (&release[..at], &release[at + 1..]),
        None => (release, ""),
    };
    let mut numbers = numbers.split('.').map(|n| n.parse::<u32>().unwrap());
    let version = Version {
        major: numbers.next().unwrap(),
        minor: numbers.next().unwrap(),
        patch: numbers.next().unwrap(),
    };
    if version >= (Version { major: 1, minor: 74, patch: 1 }) {
        println!("cargo:rustc-cfg=fixed");
    }
    if channel.starts_with("nightly") || channel.starts_with("dev") {
        println!("cargo:rustc-cfg=unstable");
    }
    println!("cargo:rustc-env=BUILD_TARGET={}", env::var("TARGET").unwrap());
}
