// Cargo fetched the sources, so updating submodules has no effect, and its result must not matter.
use std::path::Path;
use std::process::Command;

fn main() {
    if !Path::new("vendored/.git").exists() {
        let _ = Command::new("git").args(["submodule", "update", "--init"]).status();
    }
    println!("cargo:rustc-cfg=vendored");
    if std::env::var_os("ASK").is_some() {
        let updated = Command::new("git").args(&["submodule", "update"]).status();
        if updated.map(|status| status.success()).unwrap_or(false) {
            println!("cargo:rustc-cfg=updated");
        }
    }
    if std::env::var_os("STATUS").is_some() {
        let _ = Command::new("git").args(["submodule", "foreach", "git", "clean"]).status();
    }
}
