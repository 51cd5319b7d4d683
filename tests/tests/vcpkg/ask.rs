//! Looks up one port by the vcpkg crate and by our reader, with the same environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use inert_manifest_spec::{Item, Library};
use inert_resolver::request::{Request, Target};
use inert_resolver::{Dialect, World, directives, discovery};

pub(crate) const TARGETS: &[&str] = &[
    "x86_64-pc-windows-msvc",
    "i686-pc-windows-msvc",
    "aarch64-pc-windows-msvc",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "aarch64-apple-ios",
    "x86_64-unknown-linux-gnu",
];

/// Returns the output of the crate; `None` if it finds nothing.
#[expect(clippy::disallowed_methods, reason = "the oracle is a program")]
pub(crate) fn theirs(
    port: &str,
    target: &str,
    variables: &BTreeMap<String, String>,
    out: &Path,
) -> Option<Vec<String>> {
    let output = Command::new(env!("CARGO_BIN_EXE_vcpkg_probe"))
        .arg(port)
        .env_clear()
        .env("TARGET", target)
        .env("OUT_DIR", out)
        .envs(variables)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter(|line| {
        line.starts_with("cargo:")
            && !["cargo:rerun-if", "cargo:warning"].iter().any(|start| line.starts_with(start))
    });
    output.status.success().then(|| lines.map(str::to_owned).collect())
}

/// Returns the output of our reader.
pub(crate) fn ours(
    port: &str,
    target: &str,
    variables: &BTreeMap<String, String>,
    out: &Path,
) -> Result<Vec<String>, discovery::NotFound> {
    let library = Library { vcpkg: vec![Item::always(port.to_owned())], ..Library::default() };
    let mut cfgs = BTreeMap::new();
    if let Some(features) = variables.get("CARGO_CFG_TARGET_FEATURE") {
        cfgs.insert("target_feature".to_owned(), Some(features.split(',').map(str::to_owned).collect()));
    }
    let request = Request {
        target: Target { triple: target.to_owned(), cfgs },
        host: target.to_owned(),
        out_dir: out.to_owned(),
        ..Request::default()
    };
    let environment =
        variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
    let mut world = World::new(environment, out.join("scratch"));
    let found = discovery::find(&library, "x", &request, &mut world)?;
    let text = directives::print(&found.link, Dialect::SingleColon).unwrap();
    Ok(text.lines().map(str::to_owned).collect())
}
