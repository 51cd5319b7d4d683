// A format string from `concat!`, a replacement by a closure, a probe whose text depends on the build.
fn main() {
    println!(concat!("cargo:VERSION=", env!("CARGO_PKG_VERSION")));
    let target = std::env::var("TARGET").unwrap().replace(|c: char| c == '-' || c == '.', "_");
    if target.starts_with("x86_64_unknown_linux") || target.ends_with("_none_eabi") {
        println!("cargo:rustc-cfg=underscored");
    }
    let root = if std::env::var_os("CARGO_FEATURE_STD").is_some() { "std" } else { "core" };
    let ac = autocfg::new();
    if ac.probe_path(&format!("{}::hint::black_box", root)) {
        println!("cargo:rustc-cfg=black_box");
    }
}
