//! What another crate calls by the name of one of std's is not std's.
fn main() {
    println!("cargo:rustc-env=TRIMMED={}", str::trim(" x "));
    if cfg!(feature = "asks") {
        println!("cargo:rustc-env=OTHER={}", text_helpers::Text::trim(" x "));
    }
}
