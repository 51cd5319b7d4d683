//! A library without which the script fails on some hosts, so that no condition asks whether it was found.
#[cfg(not(windows))]
fn main() {
    match pkg_config::find_library("portaudio-2.0") {
        Ok(..) => println!("cargo:rustc-cfg=there"),
        Err(error) => panic!("{error}"),
    }
}

#[cfg(windows)]
fn main() {}
