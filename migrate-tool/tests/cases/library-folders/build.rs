//! Metadata about a library's folders: one by one, the last counts; joined, all count; without any, none is printed.

fn main() {
    println!("cargo:rustc-check-cfg=cfg(headers)");
    let Ok(lib) = pkg_config::probe_library("demo") else { return };
    if cfg!(feature = "each") {
        for path in &lib.include_paths {
            println!("cargo:include={}", path.display());
        }
    }
    let texts = lib.include_paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
    if cfg!(feature = "joined") && !texts.is_empty() {
        println!("cargo:folders={}", texts.join(","));
    }
    if cfg!(feature = "always") {
        // Without folders, this prints an empty text.
        println!("cargo:always={}", texts.join(","));
    }
    if cfg!(feature = "other") && !lib.include_paths.is_empty() {
        println!("cargo:rustc-cfg=headers");
    }
    if cfg!(feature = "over") {
        // Without folders, the first value remains.
        println!("cargo:over=none");
        for path in &lib.include_paths {
            println!("cargo:over={}", path.display());
        }
    }
}
