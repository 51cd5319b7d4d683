use std::env;

fn main() {
    let target = env::var("TARGET").unwrap();
    let os = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if target.contains("windows") {
        println!("cargo:rustc-link-lib=dylib=advapi32");
    }
    if os == "linux" || os == "android" {
        println!("cargo:rustc-cfg=linux_like");
    }
    if target.ends_with("-emscripten") {
        println!("cargo:rustc-cfg=emscripten_like");
    }
    let parts: Vec<&str> = target.split('-').collect();
    if parts.len() == 4 && parts[3].starts_with("gnu") {
        println!("cargo:rustc-cfg=gnu_like");
    }
    let width: u32 = env::var("CARGO_CFG_TARGET_POINTER_WIDTH").unwrap().parse().unwrap();
    println!("cargo:rustc-cfg=width=\"{}\"", width);
    if env::var_os("CARGO_CFG_UNIX").is_some() && env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo:rustc-cfg=unix_release");
    }
}
