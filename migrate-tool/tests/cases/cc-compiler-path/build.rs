//! A warning may name the C compiler; nothing else may depend on where it lies.
use std::env;

fn warn(warning: &str) {
    assert!(!warning.contains("\n"));
    println!("cargo:warning={}", warning);
    if env::var_os("CASE_CI").is_some() {
        println!("cargo:warning=Warnings in CI are treated as errors. Build failed.");
        std::process::exit(1);
    }
}

fn main() {
    let build = cc::Build::new();
    let supported = match build.is_flag_supported("-mavx512f") {
        Ok(true) => build.is_flag_supported("-mavx512vl"),
        false_or_error => false_or_error,
    };
    match supported {
        Ok(true) => println!("cargo:rustc-cfg=avx512"),
        Ok(false) => warn(&format!("The C compiler {:?} does not support it.", build.get_compiler().path())),
        Err(error) => {
            println!("{:?}", error);
            warn(&format!("No C compiler {:?} detected.", build.get_compiler().path()));
        }
    }
    if env::var_os("CARGO_FEATURE_PURE").is_some() {
        println!("cargo:rustc-env=COMPILER={}", build.get_compiler().path().display());
    }
}
