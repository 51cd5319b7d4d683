//! Builds the programs under test, once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The paths of the programs.
pub(crate) struct Tools {
    /// The folder of `cargo-inert`, `inert` and `inert-stand-in`.
    pub(crate) bin: PathBuf,
    /// The toolchain's own cargo, not rustup's proxy, which would read its settings in each call.
    pub(crate) cargo: PathBuf,
    /// The rustc of the same toolchain.
    pub(crate) rustc: PathBuf,
    /// The `PATH` of the commands.
    pub(crate) path: String,
}

/// Builds the programs, in the target dir that this test was built in.
#[expect(clippy::disallowed_methods, reason = "the harness starts what it tests")]
pub(crate) fn built() -> &'static Tools {
    static TOOLS: OnceLock<Tools> = OnceLock::new();
    TOOLS.get_or_init(|| {
        let own = std::env::current_exe().expect("this test's own path");
        let bin = own.ancestors().nth(2).expect("<target>/<profile>/deps/<test>").to_path_buf();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let target = bin.parent().expect("<target>/<profile>");
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "cargo-inert", "--bins", "--target-dir"])
            .arg(target)
            .current_dir(workspace)
            .status()
            .expect("cargo");
        assert!(status.success(), "cargo-inert does not build");
        let rustc = sysroot().join("bin/rustc");
        let cargo = rustc.with_file_name("cargo");
        let cargo = if cargo.is_file() { cargo } else { PathBuf::from(env!("CARGO")) };
        let own = cargo.parent().expect("a folder").display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        Tools { bin, cargo, rustc, path: format!("{own}:{path}") }
    })
}

#[expect(clippy::disallowed_methods, reason = "the harness asks the toolchain where it is")]
fn sysroot() -> PathBuf {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}
