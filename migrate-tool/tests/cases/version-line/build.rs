//! Ways of reading the first line of rustc's version.
use std::process::Command;

fn main() {
    let rustc = std::env::var("RUSTC").unwrap();
    let output = Command::new(&rustc).arg("-V").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    if version.contains("nightly") || version.ends_with("-dev\n") {
        println!("cargo:rustc-cfg=unstable");
    }
    let number = version.trim().split(' ').nth(1).unwrap();
    if number.starts_with("1.60.") {
        println!("cargo:rustc-cfg=sixty");
    }
    if version.split_whitespace().nth(2).is_some() {
        println!("cargo:rustc-cfg=with_commit");
    }
    let (_, rest) = version.split_once(' ').unwrap();
    let minor: u32 = rest.splitn(3, '.').nth(1).unwrap().parse().unwrap();
    if minor >= 70 {
        println!("cargo:rustc-cfg=new");
    }
    let parts: Vec<&str> = version.split('.').collect();
    if parts[0] == "rustc 1" && parts[1].parse::<u32>().unwrap() >= 64 {
        println!("cargo:rustc-cfg=sixty_four");
    }
    if version.trim().ends_with(')') {
        println!("cargo:rustc-cfg=parenthesis");
    }
}
