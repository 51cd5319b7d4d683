// `cfg!(debug_assertions)` is about the script itself. The script has debug assertions if its package has, except with
// settings that the plan checks.
use std::env;

fn main() {
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap();
    debug_assert!(arch != "wasm32", "no wasm while debugging");
    debug_assert_eq!(env::var("CARGO_CFG_TARGET_ENDIAN").unwrap().len(), 6);
    if cfg!(debug_assertions) {
        println!("cargo:rustc-cfg=checked");
    }
    #[cfg(not(debug_assertions))]
    println!("cargo:rustc-link-lib=fast");
    let mut files = vec!["b/a.c", "a-b.c", "c.c"];
    if arch == "arm" {
        files = files.into_iter().filter(|file| file.contains('-')).collect();
    }
    files.sort();
    for file in files {
        println!("cargo:rustc-cfg=file=\"{file}\"");
    }
}
