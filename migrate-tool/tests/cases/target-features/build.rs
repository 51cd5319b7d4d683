use std::env;

fn main() {
    for feature in env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default().split(',') {
        if feature == "sse4.2" || feature == "neon" {
            println!("cargo:rustc-cfg=vectors");
        }
    }
}
