//! Without any target feature, the variable is not set: an error, or `None`.
use std::env;

fn main() {
    match env::var("CARGO_CFG_TARGET_FEATURE") {
        Ok(text) => {
            if text.split(',').any(|feature| feature == "sse2") {
                println!("cargo:rustc-cfg=vectors");
            }
            println!("cargo:rustc-env=FEATURES={text}");
        }
        Err(_) => println!("cargo:rustc-cfg=none_at_all"),
    }
    if env::var_os("CARGO_CFG_TARGET_FEATURE").is_some_and(|text| text.to_string_lossy().split(',').any(|one| one == "lse")) {
        println!("cargo:rustc-cfg=lse");
    }
}
