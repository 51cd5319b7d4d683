//! The environment of a confined script: the variables that Cargo set for it, the caller's locale and compilers, and
//! those that its entry names. Others, such as tokens and sockets of agents, are removed since they are on no list.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::environment::Environment;
use crate::policy::Rights;

/// The variables that Cargo sets for a script. Other variables that it sets (from `[env]` of its configuration) are
/// recognised since the caller does not have them.
const CARGOS: &[&str] = &[
    "CARGO",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "DEBUG",
    "HOST",
    "MAKEFLAGS",
    "MFLAGS",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC",
    "RUSTC_LINKER",
    "RUSTDOC",
    "TARGET",
];

const CARGOS_PREFIXES: &[&str] = &["CARGO_CFG_", "CARGO_FEATURE_", "CARGO_PKG_", "DEP_"];

/// The variables of the caller that every script gets: the locale, and those that compilers and related tools read.
const CALLERS: &[&str] = &[
    "AR",
    "ARFLAGS",
    "AS",
    "ASFLAGS",
    "BINDGEN_EXTRA_CLANG_ARGS",
    "CC",
    "CFLAGS",
    "CLANG_PATH",
    "CMAKE",
    "COLORTERM",
    "CPATH",
    "CPLUS_INCLUDE_PATH",
    "CPP",
    "CPPFLAGS",
    "CXX",
    "CXXFLAGS",
    "CXXSTDLIB",
    "C_INCLUDE_PATH",
    "DEVELOPER_DIR",
    "HOST_AR",
    "HOST_CC",
    "HOST_CFLAGS",
    "HOST_CXX",
    "HOST_CXXFLAGS",
    "INCLUDE",
    "LANG",
    "LANGUAGE",
    "LD",
    "LDFLAGS",
    "LIB",
    "LIBCLANG_PATH",
    "LIBCLANG_STATIC_PATH",
    "LIBRARY_PATH",
    "LLVM_CONFIG_PATH",
    "MACOSX_DEPLOYMENT_TARGET",
    "MAKE",
    "NM",
    "NO_COLOR",
    "OBJCOPY",
    "OBJDUMP",
    "PERL",
    "PROTOC",
    "PROTOC_INCLUDE",
    "PYTHON",
    "RANLIB",
    "RUSTC_BOOTSTRAP",
    "RUST_BACKTRACE",
    "RUST_MIN_STACK",
    "SDKROOT",
    "SOURCE_DATE_EPOCH",
    "STRIP",
    "SystemRoot",
    "TARGET_AR",
    "TARGET_CC",
    "TARGET_CFLAGS",
    "TARGET_CXX",
    "TARGET_CXXFLAGS",
    "TERM",
    "TZ",
    "VCPKG_ROOT",
    "YACC",
    "ZERO_AR_DATE",
];

const CALLERS_PREFIXES: &[&str] = &[
    "AR_",
    "BINDGEN_EXTRA_CLANG_ARGS_",
    "CC_",
    "CFLAGS_",
    "CMAKE_",
    "CRATE_CC_",
    "CXXFLAGS_",
    "CXX_",
    "LC_",
    "NIX_CC",
    "NIX_CFLAGS",
    "NIX_LDFLAGS",
    "PKG_CONFIG",
    "RANLIB_",
];

/// The variables of Cargo that are not passed on: Inert's own, and those with another value here.
const TAKEN: &[&str] = &[
    "CARGO_HOME",
    "HOME",
    "INERT_SESSION",
    "LD_LIBRARY_PATH",
    "PATH",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "TEMP",
    "TMP",
    "TMPDIR",
    "USERPROFILE",
];

/// Returns the variables of the caller that every confined program gets: the locale's, and those of compilers.
#[must_use]
pub fn harmless(callers: &Environment) -> BTreeMap<OsString, OsString> {
    let named = callers.variables.iter().filter(|(name, _)| is_harmless(&name.to_string_lossy()));
    named.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Returns the variables of a script, without PATH and its private folders.
pub(super) fn of(
    cargos: &Environment,
    callers: &Environment,
    rights: &Rights,
) -> BTreeMap<OsString, OsString> {
    let mut seen = BTreeMap::new();
    for (name, value) in &cargos.variables {
        let text = name.to_string_lossy();
        let own = callers.get(&text) != Some(value.as_os_str());
        if !TAKEN.contains(&&*text) && (own || is_cargos(&text) || is_harmless(&text)) {
            seen.insert(name.clone(), value.clone());
        }
    }
    for name in &rights.env {
        // A value from `[env]` was set by Cargo and is among its variables already; else the caller's value is used.
        if let Some(value) = cargos.get(name).or_else(|| callers.get(name)) {
            seen.insert(name.into(), value.to_owned());
        }
    }
    for (name, value) in super::apart::QUIET_GIT {
        seen.insert(name.into(), value.into());
    }
    seen.extend(rights.set.iter().map(|(name, value)| (name.into(), value.into())));
    seen
}

#[cfg(target_os = "linux")]
/// The variables of the caller that rustc, clippy and the linker read, and common ones without secrets.
const RUSTCS: &[&str] = &[
    "CI",
    "CLIPPY_ARGS",
    "CLIPPY_CONF_DIR",
    "DOCS_RS",
    "LD_LIBRARY_PATH",
    "PATH",
    "RUSTC_LOG",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
];

#[cfg(target_os = "linux")]
/// Returns the variables of a macro: all that Cargo set (for the package by its script, and by `[env]`, which `named`
/// lists), the caller's that a script gets, and those that its entry grants.
pub(super) fn of_rustc(
    cargos: &Environment,
    callers: &Environment,
    named: &[String],
    rights: &Rights,
) -> BTreeMap<OsString, OsString> {
    let said = said_by_script(cargos);
    let mut seen = BTreeMap::new();
    for (name, value) in &cargos.variables {
        let text = name.to_string_lossy();
        let own = callers.get(&text) != Some(value.as_os_str());
        let listed = RUSTCS.contains(&&*text) || is_cargos(&text) || is_harmless(&text);
        let granted = [named, &said, &rights.env].iter().any(|names| names.iter().any(|name| *name == text));
        let taken = !RUSTCS.contains(&&*text) && TAKEN.contains(&&*text) || text.starts_with("INERT_");
        // An empty variable hides nothing; Cargo would compare it with an absent one, and compile the unit at each build.
        if granted || !taken && (own || listed || value.is_empty()) {
            seen.insert(name.clone(), value.clone());
        }
    }
    seen.extend(rights.set.iter().map(|(name, value)| (name.into(), value.into())));
    seen
}

#[cfg(target_os = "linux")]
/// Returns the variables that the package's own script has set for its compilation: Cargo stores the output beside
/// OUT_DIR.
fn said_by_script(cargos: &Environment) -> Vec<String> {
    let Some(out_dir) = cargos.get("OUT_DIR") else { return Vec::new() };
    crate::artifacts::said::Said::by_script(std::path::Path::new(out_dir)).variables.into_iter().collect()
}

#[cfg(target_os = "linux")]
/// Returns the caller's variables that `env!`, `option_env!` or a macro that reports it has read, and that rustc did
/// not get.
pub(super) fn missed_by_rustc(
    dep_info: &str,
    seen: &BTreeMap<OsString, OsString>,
    callers: &Environment,
) -> Vec<String> {
    let mut found: Vec<String> = dep_info
        .lines()
        .filter_map(|line| line.strip_prefix("# env-dep:"))
        .map(|pair| pair.split('=').next().unwrap_or_default().to_owned())
        .filter(|name| {
            let own = ["HOME", "TMPDIR", "TMP", "TEMP"].contains(&name.as_str());
            let set = callers.get(name).is_some_and(|value| !value.is_empty());
            set && (own || !seen.contains_key(std::ffi::OsStr::new(name)))
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

fn is_cargos(name: &str) -> bool {
    CARGOS.contains(&name) || CARGOS_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn is_harmless(name: &str) -> bool {
    CALLERS.contains(&name) || CALLERS_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Returns the caller's variables that a script says it depends on and did not get, so that it considers them unset.
pub(super) fn missed(stdout: &[u8], seen: &dyn Fn(&str) -> bool, callers: &Environment) -> Vec<String> {
    let mut found = Vec::new();
    for line in String::from_utf8_lossy(stdout).lines() {
        let Some(name) = ["cargo:rerun-if-env-changed=", "cargo::rerun-if-env-changed="]
            .iter()
            .find_map(|prefix| line.trim().strip_prefix(prefix))
        else {
            continue;
        };
        let set = callers.get(name).is_some_and(|value| !value.is_empty());
        if set && !seen(name) && !TAKEN.contains(&name) {
            found.push(name.to_owned());
        }
    }
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment { variables: pairs.iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }

    #[test]
    fn only_what_is_listed_or_cargos_is_seen() {
        let callers = environment(&[
            ("CARGO_REGISTRY_TOKEN", "t"),
            ("SSH_AUTH_SOCK", "/s"),
            ("CC", "gcc-12"),
            ("LC_ALL", "C"),
            ("OPENSSL_DIR", "/o"),
            ("CHANGED", "before"),
        ]);
        let mut cargos = callers.clone();
        for (name, value) in [
            ("OUT_DIR", "/out"),
            ("CARGO_CFG_UNIX", ""),
            ("FROM_CONFIGURATION", "1"),
            ("CHANGED", "after"),
            ("RUSTC_WRAPPER", "/inert"),
            ("INERT_SESSION", "n"),
            ("HOME", "/home/me"),
        ] {
            cargos.variables.insert(name.into(), value.into());
        }
        let seen = of(&cargos, &callers, &Rights::default());
        let names: Vec<_> = seen.keys().map(|name| name.to_string_lossy().into_owned()).collect();
        assert_eq!(
            names,
            [
                "CARGO_CFG_UNIX",
                "CC",
                "CHANGED",
                "FROM_CONFIGURATION",
                "GIT_CONFIG_GLOBAL",
                "GIT_CONFIG_NOSYSTEM",
                "LC_ALL",
                "OUT_DIR"
            ]
        );
        let rights = Rights { env: vec!["OPENSSL_DIR".to_owned()], ..Rights::default() };
        assert!(of(&cargos, &callers, &rights).contains_key(std::ffi::OsStr::new("OPENSSL_DIR")));
        let said = b"cargo:rerun-if-env-changed=OPENSSL_DIR\ncargo:rerun-if-env-changed=CC\ncargo:rerun-if-env-changed=X\n";
        let seen = |name: &str| seen.contains_key(std::ffi::OsStr::new(name));
        assert_eq!(missed(said, &seen, &callers), ["OPENSSL_DIR"]);
    }
}
