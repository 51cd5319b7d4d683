//! Constants of std about the machine that the script is compiled for: the host, not the target.
use std::env::consts;

fn main() {
    println!("cargo:rustc-env=OS={}", if consts::OS == "linux" { "linux" } else { "other" });
    if consts::OS.contains("windows") || consts::FAMILY == "windows" {
        println!("cargo:rustc-cfg=by_name");
    }
    println!("cargo:rustc-env=TOOL=tool{}", consts::EXE_SUFFIX);
    println!("cargo:rustc-env=NAME={}x{}", consts::DLL_PREFIX, consts::DLL_SUFFIX);
    if matches!(consts::ARCH, "x86_64" | "aarch64") {
        println!("cargo:rustc-cfg=common_host");
    }
}
