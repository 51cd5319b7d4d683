fn main() {
    let out = std::env::var("OUT_DIR").unwrap(); std::fs::write(format!("{out}/a"), "").unwrap(); loop { std::fs::rename(format!("{out}/a"), format!("{out}/b")).unwrap(); std::fs::rename(format!("{out}/b"), format!("{out}/a")).unwrap(); }
}
