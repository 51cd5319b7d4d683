// Integers whose type follows only from their use: as wide as needed, and not negative where it may be unsigned.
fn largest(bits: u32) -> u64 {
    if bits < 64 { (1 << bits) - 1 } else { std::u64::MAX }
}

fn main() {
    for &bits in &[16, 32, 63, 64] {
        println!("cargo:rustc-env=LARGEST_{bits}={}", largest(bits));
    }
    let os = std::env::var("CARGO_CFG_TARGET_OS").unwrap();
    let digits: u32 = os.chars().filter_map(|c| c.to_digit(10)).sum();
    match digits.checked_sub(1) {
        None => println!("cargo:rustc-cfg=no_digits"),
        Some(_) => println!("cargo:rustc-cfg=digits"),
    }
    if os.contains("") && std::path::Path::new(&std::env::var("CARGO_CFG_TARGET_ENV").unwrap()).join("gnu").to_str() == Some("gnu") {
        println!("cargo:rustc-cfg=no_env");
    }
}
