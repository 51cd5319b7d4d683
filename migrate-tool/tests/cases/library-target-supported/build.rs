//! The script asks whether pkg-config serves the target before it asks for libraries.
fn main() {
    let config = pkg_config::Config::new();
    assert!(config.target_supported());
    if config.probe("libelf").is_err() {
        println!("cargo:rustc-link-lib=elf");
    }
    if pkg_config::target_supported() {
        println!("cargo:rustc-cfg=supported");
    }
}
