//! A type of another crate with the name of a type of std is not the type of std.
fn main() {
    println!("cargo:rustc-env=TRIMMED={}", str::trim(" x "));
    if cfg!(feature = "asks") {
        println!("cargo:rustc-env=OTHER={}", text_helpers::Text::trim(" x "));
    }
}
