//! An archive that only the script itself links, and a setting that depends on the compiler's family for some targets.
use std::env;

fn main() {
    let target_env = env::var("CARGO_CFG_TARGET_ENV").unwrap();
    let mut build = cc::Build::new();
    let compiler = build.get_compiler();
    if compiler.is_like_clang() {
        build.flag("-Wno-unknown");
    }
    if target_env == "musl" && compiler.is_like_clang() {
        build.define("NO_LIBC", "1");
    }
    build.file("c/quiet.c").cargo_metadata(false);
    if target_env != "sgx" {
        build.compile("quiet");
        println!("cargo:rustc-link-lib=static=quiet");
        println!("cargo:rustc-link-search=native={}", env::var("OUT_DIR").unwrap());
    }
    let mut sometimes = cc::Build::new();
    sometimes.file("c/sometimes.c").cargo_metadata(env::var_os("CARGO_FEATURE_TOLD").is_some());
    sometimes.compile("sometimes");
}
