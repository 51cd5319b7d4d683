//! Reads one manifest by system-deps and by our reader, with the same environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use inert_resolver::discovery::system_deps::{self, metadata};
use inert_resolver::request::{Request, Target};
use inert_resolver::{Dialect, World, directives};

pub(crate) const HOST: &str = "x86_64-unknown-linux-gnu";

pub(crate) const TARGETS: &[&str] =
    &[HOST, "x86_64-pc-windows-msvc", "aarch64-apple-darwin", "x86_64-unknown-linux-musl"];

/// Returns the output of system-deps; `None` if it fails.
#[expect(clippy::disallowed_methods, reason = "the oracle is a program")]
pub(crate) fn theirs(
    case: &Path,
    target: &str,
    features: &[&str],
    variables: &BTreeMap<String, String>,
) -> Option<Vec<String>> {
    let output = Command::new(env!("CARGO_BIN_EXE_system_deps_probe"))
        .env_clear()
        .envs([("TARGET", target), ("HOST", HOST)])
        .env("CARGO_MANIFEST_DIR", case)
        .envs(
            features
                .iter()
                .map(|name| (format!("CARGO_FEATURE_{}", name.to_uppercase().replace('-', "_")), "1")),
        )
        .envs(variables)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter(|line| {
        !line.is_empty() && !["cargo:rerun-if", "cargo:warning"].iter().any(|start| line.starts_with(start))
    });
    output.status.success().then(|| lines.map(str::to_owned).collect())
}

/// Returns the output of our reader.
pub(crate) fn ours(
    case: &Path,
    target: &str,
    features: &[&str],
    variables: &BTreeMap<String, String>,
) -> Result<Vec<String>, String> {
    let text = fs::read_to_string(case.join("Cargo.toml")).unwrap();
    let metadata = metadata::parse(&text).map_err(|error| error.to_string())?.ok_or("no table")?;
    let request = Request {
        target: Target { triple: target.to_owned(), cfgs: cfgs(target) },
        host: HOST.to_owned(),
        features: features.iter().map(|feature| (*feature).to_owned()).collect(),
        ..Request::default()
    };
    let environment =
        variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
    let mut world =
        World::new(environment, PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("system-deps-oracle"));
    let resolved =
        system_deps::resolve(&metadata, &request, &mut world).map_err(|problems| format!("{problems:#?}"))?;
    let text =
        directives::print(&resolved.directives, Dialect::SingleColon).map_err(|error| error.to_string())?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// Returns the cfgs that the manifests ask for, as rustc sets them.
fn cfgs(target: &str) -> BTreeMap<String, Option<Vec<String>>> {
    let (os, family, env, arch, vendor) = match target {
        "x86_64-pc-windows-msvc" => ("windows", "windows", "msvc", "x86_64", "pc"),
        "aarch64-apple-darwin" => ("macos", "unix", "", "aarch64", "apple"),
        "x86_64-unknown-linux-musl" => ("linux", "unix", "musl", "x86_64", "unknown"),
        _ => ("linux", "unix", "gnu", "x86_64", "unknown"),
    };
    let mut cfgs: BTreeMap<String, Option<Vec<String>>> = BTreeMap::from([(family.to_owned(), None)]);
    let keys = [("os", os), ("family", family), ("env", env), ("arch", arch), ("vendor", vendor)];
    for (key, value) in keys.into_iter().chain([("pointer_width", "64"), ("endian", "little")]) {
        cfgs.insert(format!("target_{key}"), Some(vec![value.to_owned()]));
    }
    cfgs
}
