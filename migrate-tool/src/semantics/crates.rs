//! The crates whose API is modelled, with their versions. A crate is recognised by its package on crates.io: a
//! dependency of the same name from a folder, a repository or another registry is other code.

use crate::source::BuildDependency;

/// The packages, with the compatible versions that their model describes (`1`, `0.3`).
const KNOWN: &[(&str, &[&str])] = &[
    ("anyhow", &["1"]),
    ("autocfg", &["0.1", "1"]),
    ("cc", &["1"]),
    ("cfg-if", &["0.1", "1"]),
    ("cfg_aliases", &["0.1", "0.2"]),
    ("color-eyre", &["0.5", "0.6"]),
    ("cxxbridge-flags", &["1"]),
    ("dunce", &["0.1", "1"]),
    ("env_logger", &["0.5", "0.6", "0.7", "0.8", "0.9", "0.10", "0.11"]),
    ("eyre", &["0.6"]),
    ("gcc", &["0.3"]),
    ("glob", &["0.2", "0.3"]),
    ("log", &["0.3", "0.4"]),
    ("pkg-config", &["0.3"]),
    ("pretty_env_logger", &["0.2", "0.3", "0.4", "0.5"]),
    ("rustc_version", &["0.1", "0.2", "0.3", "0.4"]),
    ("rustversion", &["0.1", "1"]),
    ("rustversion_compat", &["0.1", "1"]),
    ("semver", &["0.6", "0.7", "0.8", "0.9", "0.10", "0.11", "1"]),
    ("system-deps", &["1", "2", "3", "4", "5", "6", "7", "8", "9"]),
    ("tracing", &["0.1"]),
    ("tracing-subscriber", &["0.1", "0.2", "0.3"]),
    ("vcpkg", &["0.2"]),
    ("version_check", &["0.9"]),
    ("walkdir", &["1", "2"]),
];

/// The name that the package `cc` had until its version 1.
const FORMER_CC: &str = "gcc";

/// Returns whether a dependency is modelled as `cc` and links C++ by other rules: `gcc` takes `stdc++` on Android and
/// OpenBSD too, and asks for no CXXSTDLIB.
pub(crate) fn links_cpp_otherwise(dependency: &BuildDependency) -> bool {
    dependency.package == FORMER_CC
        && matches!(known(FORMER_CC, Some(dependency)), Some(Crate::Modelled(model)) if model == "cc")
}

/// The meaning of the first segment of a path outside the script.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Crate {
    /// A modelled crate, by the name that its model uses.
    Modelled(String),
    /// A crate, or a version of one, without a model.
    Other,
}

/// Returns the crate that a name refers to; `None` for a name that no modelled crate has, such as std or a type
/// parameter.
pub(crate) fn known(name: &str, dependency: Option<&BuildDependency>) -> Option<Crate> {
    let spelt = |package: &str| package.replace('-', "_");
    let Some(dependency) = dependency else {
        return KNOWN.iter().any(|(package, _)| spelt(package) == name).then_some(Crate::Other);
    };
    let found = KNOWN.iter().find(|(package, _)| *package == dependency.package);
    let Some((package, versions)) = found else { return Some(Crate::Other) };
    let fits = dependency.from_crates_io
        && dependency.requirement.as_deref().is_some_and(|requirement| describes(versions, requirement));
    let model = if *package == FORMER_CC { "cc" } else { package };
    Some(if fits { Crate::Modelled(spelt(model)) } else { Crate::Other })
}

/// Returns whether a requirement can choose only these versions, among those that are published.
fn describes(versions: &[&str], requirement: &str) -> bool {
    let requirement = requirement.trim();
    if requirement == "*" {
        return true;
    }
    let mut any = false;
    for comparator in requirement.split(',').map(str::trim) {
        let upper = comparator.starts_with('<');
        let digits = comparator.trim_start_matches(['^', '~', '=', '>', '<', ' ', 'v']);
        let mut parts = digits.split('.').map(|part| part.trim_end_matches(".*"));
        let (major, minor) = (parts.next().unwrap_or_default(), parts.next());
        if major.is_empty() || !major.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        if upper {
            continue;
        }
        let compatible = match (major, minor) {
            ("0", Some(minor)) if minor != "*" => versions.contains(&format!("0.{minor}").as_str()),
            ("0", _) => versions.iter().any(|known| known.starts_with("0.")),
            (major, _) => versions.contains(&major),
        };
        if !compatible {
            return false;
        }
        any = true;
    }
    any
}

/// The names of logging macros.
const MACROS: &[&str] = &["error", "warn", "info", "debug", "trace"];

/// The crates of the logging macros.
const CRATES: &[&str] = &["log", "tracing"];

/// Returns whether a macro only logs its arguments.
pub(crate) fn is_log_macro(path: &str) -> bool {
    path.split_once("::").is_some_and(|(home, name)| CRATES.contains(&home) && MACROS.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependency(package: &str, requirement: &str, from_crates_io: bool) -> BuildDependency {
        BuildDependency { package: package.into(), requirement: Some(requirement.into()), from_crates_io }
    }

    #[test]
    fn a_crate_is_known_by_package_source_and_version() {
        let cases = [
            ("cc", "cc", "1.0.83", true, true),
            ("cc", "cc", "^1", true, true),
            ("cc", "cc", "0.3", true, false),
            ("cc", "cc", "1", false, false),
            ("build", "cc", "1", true, true),
            ("cc", "mine", "1", true, false),
            ("rustc_version", "rustc_version", ">=0.2, <0.5", true, true),
            ("version_check", "version_check", "0.1", true, false),
            ("version_check", "version_check", "=0.9.4", true, true),
            ("autocfg", "autocfg", "*", true, true),
        ];
        for (name, package, requirement, from_crates_io, modelled) in cases {
            let found = known(name, Some(&dependency(package, requirement, from_crates_io)));
            assert_eq!(matches!(found, Some(Crate::Modelled(_))), modelled, "{package} {requirement}");
        }
        assert_eq!(known("cc", None), Some(Crate::Other), "no dependency has this name");
        assert_eq!(known("T", None), None);
    }

    #[test]
    fn the_former_cc_is_known_by_package_source_and_version() {
        assert!(links_cpp_otherwise(&dependency("gcc", "0.3.54", true)));
        for (package, requirement, from_crates_io) in
            [("gcc", "0.3", false), ("gcc", "1", true), ("cc", "1", true)]
        {
            assert!(
                !links_cpp_otherwise(&dependency(package, requirement, from_crates_io)),
                "{package} {requirement}"
            );
        }
    }
}
