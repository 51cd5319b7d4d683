//! The environment that Cargo gives a build script (the Cargo book, "Environment variables Cargo sets for build
//! scripts") in a simulated case. A test compares it with Cargo's own.

use std::collections::BTreeMap;
use std::path::Path;

use super::case::{CTools, Case, Libraries, Release};
use super::manifest::Manifest;
use super::targets::Rustc;

/// Environment variables by name.
pub type Variables = BTreeMap<String, String>;

/// The paths that one run uses.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The folder of the package.
    pub package: &'a Path,
    /// The folder for outputs, `OUT_DIR`.
    pub out_dir: &'a Path,
    /// The rustc shim of the case.
    pub rustc: &'a Path,
    /// The folder for HOME and TMPDIR.
    pub home: &'a Path,
    /// The folder with the shims of the C tools.
    pub tools: &'a Path,
    /// The folder that pkg-config searches; `None` for the system's folders.
    pub pkg_config: Option<&'a Path>,
    /// The value of PATH.
    pub path: &'a str,
    /// The path of cargo, for `CARGO`.
    pub cargo: &'a Path,
}

/// Returns the caller's environment, before Cargo adds its variables.
#[must_use]
pub fn callers(case: &Case, place: &Place<'_>) -> Variables {
    let mut variables = Variables::new();
    let mut set = |name: &str, value: String| drop(variables.insert(name.to_owned(), value));
    set("PATH", place.path.to_owned());
    set("HOME", place.home.display().to_string());
    set("TMPDIR", place.home.display().to_string());
    set("LANG", "C.UTF-8".to_owned());
    for tool in ["CC", "CXX", "AR"] {
        set(tool, place.tools.join(tool.to_lowercase()).display().to_string());
    }
    if case.libraries != Libraries::System {
        set("PKG_CONFIG_LIBDIR", place.pkg_config.unwrap_or(place.home).display().to_string());
    }
    variables.extend(case.env.clone());
    variables
}

/// Returns the environment of the script: the caller's variables and Cargo's.
///
/// # Errors
/// rustc does not know the target.
pub fn scripts(
    case: &Case,
    place: &Place<'_>,
    manifest: &Manifest,
    rustc: &Rustc,
) -> Result<Variables, String> {
    let mut variables = callers(case, place);
    variables.extend(manifest.variables());
    let (profile, opt_level, debug, assertions) = case.profile.variables();
    let mut set = |name: &str, value: String| drop(variables.insert(name.to_owned(), value));
    let manifest_path = place.package.join("Cargo.toml");
    for (name, path) in [
        ("CARGO", place.cargo),
        ("CARGO_MANIFEST_DIR", place.package),
        ("CARGO_MANIFEST_PATH", &manifest_path),
        ("OUT_DIR", place.out_dir),
        ("RUSTC", place.rustc),
    ] {
        set(name, path.display().to_string());
    }
    set("RUSTDOC", place.rustc.with_file_name("rustdoc").display().to_string());
    for (name, value) in [
        ("TARGET", case.target.as_str()),
        ("HOST", &rustc.host),
        ("NUM_JOBS", "1"),
        ("PROFILE", profile),
        ("OPT_LEVEL", opt_level),
        ("DEBUG", debug),
        ("CARGO_ENCODED_RUSTFLAGS", ""),
    ] {
        set(name, value.to_owned());
    }
    for feature in &case.features {
        set(&format!("CARGO_FEATURE_{}", shout(feature)), "1".to_owned());
    }
    for (name, value) in cfgs(&rustc.cfgs(&case.target, &[])?, assertions) {
        set(&format!("CARGO_CFG_{}", shout(&name)), value);
    }
    set("CARGO_CFG_FEATURE", case.features.iter().map(String::as_str).collect::<Vec<_>>().join(","));
    for (name, value) in &case.cfgs {
        // Cargo does not set the variable if no target feature is enabled.
        if name == "CARGO_CFG_TARGET_FEATURE" && value.is_empty() {
            variables.remove(name);
        } else {
            variables.insert(name.clone(), value.clone());
        }
    }
    variables.extend(case.dep.clone());
    Ok(variables)
}

fn shout(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}

/// Returns the cfgs by name; several values are joined by commas.
fn cfgs(lines: &[String], debug_assertions: bool) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        match line.split_once('=') {
            None if line == "debug_assertions" => {}
            None => drop(found.entry(line.clone()).or_default()),
            Some((name, value)) => {
                found.entry(name.to_owned()).or_default().push(value.trim_matches('"').to_owned())
            }
        }
    }
    if debug_assertions {
        found.insert("debug_assertions".to_owned(), Vec::new());
    }
    found.into_iter().map(|(name, values)| (name, values.join(","))).collect()
}

/// Returns the output of `rustc -vV` and of `rustc --version` for a release.
#[must_use]
pub fn version_texts(release: &Release, rustc: &Rustc) -> (String, String) {
    let (version, commit, vendor) = match release {
        Release::Real => return (rustc.verbose.clone(), rustc.short.clone()),
        Release::Other(version) => (version, true, ""),
        Release::Bare(version) => (version, false, ""),
        Release::Vendor(version) => (version, true, " (Some Linux 1.2-3.x86_64)"),
    };
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse::<u64>().ok()).unwrap_or_default();
    // A release appears every six weeks since 1.0 on 2015-05-15; its commit is some weeks older.
    let age = if version.contains('-') { 0 } else { 28 };
    let date = date(16_570 + 42 * minor - age);
    let hash = &crate::digest::text(version)[..40];
    let llvm = (minor / 4).max(3);
    let about = if commit { format!(" ({} {date}){vendor}", &hash[..9]) } else { String::new() };
    let (hash, date) =
        if commit { (hash.to_owned(), date) } else { ("unknown".to_owned(), "unknown".to_owned()) };
    let short = format!("rustc {version}{about}\n");
    let verbose = format!(
        "{short}binary: rustc\ncommit-hash: {hash}\ncommit-date: {date}\nhost: {}\nrelease: {version}\nLLVM version: {llvm}.1.0\n",
        rustc.host
    );
    (verbose, short)
}

/// Formats a number of days since 1970 as a date.
fn date(days: u64) -> String {
    let (mut year, mut rest) = (1970, days);
    let length = |year: u64| {
        if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) {
            366
        } else {
            365
        }
    };
    while rest >= length(year) {
        rest -= length(year);
        year += 1;
    }
    let mut month = 0;
    let months = [31, length(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    while rest >= months[month] {
        rest -= months[month];
        month += 1;
    }
    format!("{year}-{:02}-{:02}", month + 1, rest + 1)
}

/// Returns whether C compilations are simulated, and whether flags are supported.
#[must_use]
pub fn c_mode(case: &Case) -> (bool, bool) {
    match case.c {
        CTools::Noted => (true, true),
        CTools::Frugal => (true, false),
        CTools::Real => (false, true),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates() {
        assert_eq!(super::date(0), "1970-01-01");
        assert_eq!(super::date(16_570), "2015-05-15");
        assert_eq!(super::date(20_514), "2026-03-02");
    }
}
