// A script that asks whether it has debug assertions asks of itself; it has them where its package has, but for settings
// that the plan looks at.
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
