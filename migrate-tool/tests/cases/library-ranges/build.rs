//! Ranges of versions, required libraries and ports of vcpkg.
fn main() {
    let target = std::env::var("CARGO_CFG_TARGET_ENV").unwrap();
    if target == "msvc" {
        if vcpkg::Config::new().lib_name("git2").find_package("git2").is_ok() {
            println!("cargo:rustc-cfg=ported");
        }
        return;
    }
    let library = pkg_config::Config::new().range_version("1.7".."1.9").print_system_libs(false).probe("libgit2");
    if library.is_ok() {
        println!("cargo:rustc-cfg=found");
    }
    pkg_config::Config::new().atleast_version("1.2").probe("zlib").unwrap();
    match pkg_config::get_variable("xext", "libdir") {
        Ok(folder) => println!("cargo:rustc-env=XEXT={folder}"),
        Err(_) => println!("cargo:rustc-env=XEXT="),
    }
}
