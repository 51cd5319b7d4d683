//! The keys of Cargo's configuration (the Cargo book, "Configuration" and "Unstable Features"; Cargo 1.95 and the keys
//! that nightly 1.97 adds), with a rule for the values that the tree may set. A key that is not in the table is
//! refused.

/// The rule for the value of a key in the tree's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Every value is allowed: at worst it fails the build, or has an effect that the manifest could have as well.
    Any,
    /// A list of flags for rustc.
    Rustc,
    /// A list of flags for rustdoc.
    Rustdoc,
    /// A program that has one of these names.
    Program(&'static [&'static str]),
    /// A linker; see `LINKERS`.
    Linker,
    /// The program that starts the built executables.
    Runner,
    /// The program that Cargo asks for the password of a registry.
    CredentialProvider,
    /// The name of a codegen backend.
    Backend,
    /// A folder that Cargo writes to.
    Folder,
    /// The name of a target, or a list of names.
    Target,
    /// A `links` override: directives that replace the output of a build script. A tree that has one speaks for a
    /// package that somebody else wrote: which version its library has, what it is compiled with, what is linked.
    Override,
    /// An unstable feature of Cargo; see `UNSTABLE`.
    Unstable,
    /// A variable of `[env]`.
    Variable,
    /// Files that are read and judged as the including file is.
    Include,
    /// No value is allowed; the text is the reason, as the end of a sentence about the key.
    Nothing(&'static str),
}

use Rule::{
    Any, Backend, CredentialProvider, Folder, Include, Linker, Nothing, Override, Program, Runner, Rustc,
    Rustdoc, Target, Variable,
};

use super::programs::WRAPPERS;

/// The rules by key: `*` matches any part, a final `**` matches one or more parts. The first match counts.
#[rustfmt::skip] // a table
pub const KEYS: &[(&[&str], Rule)] = &[
    (&["include"], Include),
    (&["include", "*"], Include),
    (&["paths"], Any),
    (&["target-applies-to-host"], Any),
    (&["alias", "*"], Any),

    (&["build", "jobs"], Any),
    (&["build", "rustc"], Program(&["rustc"])),
    (&["build", "rustc-wrapper"], Program(WRAPPERS)),
    (&["build", "rustc-workspace-wrapper"], Program(WRAPPERS)),
    (&["build", "rustdoc"], Program(&["rustdoc"])),
    (&["build", "target"], Target),
    (&["build", "target-dir"], Folder),
    (&["build", "build-dir"], Folder),
    (&["build", "artifact-dir"], Folder),
    (&["build", "out-dir"], Folder),
    (&["build", "rustflags"], Rustc),
    (&["build", "rustdocflags"], Rustdoc),
    (&["build", "incremental"], Any),
    (&["build", "dep-info-basedir"], Any),
    (&["build", "pipelining"], Any),
    (&["build", "warnings"], Any),
    (&["build", "sbom"], Any),
    (&["build", "analysis", "enabled"], Any),

    (&["credential-alias", "*"], CredentialProvider),
    (&["doc", "browser"], Nothing("Cargo would start what it names")),
    (&["doc", "extern-map", "**"], Any),
    (&["env", "*"], Variable),
    (&["env", "*", "value"], Variable),
    (&["env", "*", "force"], Variable),
    (&["env", "*", "relative"], Variable),
    (&["future-incompat-report", "frequency"], Any),
    (&["cache", "**"], Any),
    (&["cargo-new", "**"], Any),

    (&["http", "debug"], Any),
    (&["http", "timeout"], Any),
    (&["http", "low-speed-limit"], Any),
    (&["http", "multiplexing"], Any),
    (&["http", "user-agent"], Any),
    (&["http", "check-revoke"], Any),
    (&["http", "**"], Nothing("it says through whom, and whom trusting, Cargo fetches what is built and sends passwords")),
    (&["install", "root"], Folder),
    (&["net", "retry"], Any),
    (&["net", "git-fetch-with-cli"], Any),
    (&["net", "offline"], Any),
    (&["net", "ssh", "**"], Nothing("it says which hosts are trusted")),

    (&["patch", "**"], Any),
    (&["profile", "*", "build-override", "rustflags"], Rustc),
    (&["profile", "*", "package", "*", "rustflags"], Rustc),
    (&["profile", "*", "rustflags"], Rustc),
    (&["profile", "*", "build-override", "codegen-backend"], Backend),
    (&["profile", "*", "package", "*", "codegen-backend"], Backend),
    (&["profile", "*", "codegen-backend"], Backend),
    (&["profile", "*", "inherits"], Any),
    (&["profile", "*", "build-override", "*"], Any),
    (&["profile", "*", "package", "*", "*"], Any),
    (&["profile", "*", "*"], Any),

    (&["resolver", "incompatible-rust-versions"], Any),
    (&["resolver", "feature-unification"], Any),
    (&["resolver", "lockfile-path"], Nothing("it has another Cargo.lock built than the tree's")),
    (&["registries", "*", "index"], Any),
    (&["registries", "*", "token"], Any),
    (&["registries", "*", "protocol"], Any),
    (&["registries", "*", "credential-provider"], CredentialProvider),
    (&["registry", "default"], Any),
    (&["registry", "index"], Any),
    (&["registry", "token"], Any),
    (&["registry", "credential-provider"], CredentialProvider),
    (&["registry", "global-credential-providers"], CredentialProvider),
    (&["source", "*", "replace-with"], Any),
    (&["source", "*", "directory"], Any),
    (&["source", "*", "registry"], Any),
    (&["source", "*", "local-registry"], Any),
    (&["source", "*", "git"], Any),
    (&["source", "*", "branch"], Any),
    (&["source", "*", "tag"], Any),
    (&["source", "*", "rev"], Any),

    (&["host", "linker"], Linker),
    (&["host", "*", "linker"], Linker),
    (&["host", "rustflags"], Rustc),
    (&["host", "*", "rustflags"], Rustc),
    (&["host", "runner"], Nothing("it would start build scripts")),
    (&["host", "*", "runner"], Nothing("it would start build scripts")),
    (&["target", "*", "ar"], Any),
    (&["target", "*", "linker"], Linker),
    (&["target", "*", "runner"], Runner),
    (&["target", "*", "rustflags"], Rustc),
    (&["target", "*", "rustdocflags"], Rustdoc),
    (&["target", "*", "*"], Override),
    (&["target", "*", "*", "**"], Override),

    (&["term", "**"], Any),

    (&["unstable", "root-dir"], Nothing("it moves the folder that the compiler is started in")),
    (&["unstable", "lockfile-path"], Nothing("it has another Cargo.lock built than the tree's")),
    (&["unstable", "git", "**"], Any),
    (&["unstable", "gitoxide", "**"], Any),
    (&["unstable", "*"], Rule::Unstable),
];

/// The keys of a profile.
#[rustfmt::skip] // a table
pub const PROFILE: &[&str] = &[
    "opt-level", "debug", "split-debuginfo", "strip", "debug-assertions", "overflow-checks", "lto", "panic",
    "incremental", "codegen-units", "rpath", "trim-paths", "hint-mostly-unused", "frame-pointers", "inherits",
];

/// The keys of `[unstable]` that are allowed: the unit graph shows their effects on the build, if they have any.
#[rustfmt::skip] // a table
pub const UNSTABLE: &[&str] = &[
    "advanced-env", "allow-features", "any-build-script-metadata", "asymmetric-token", "avoid-dev-deps",
    "binary-dep-depinfo", "bindeps", "build-analysis", "build-dir", "build-dir-new-layout", "build-std",
    "build-std-features", "cargo-lints", "checksum-freshness", "codegen-backend", "config-include",
    "direct-minimal-versions", "doctest-xcompile", "dual-proc-macros", "feature-unification", "fine-grain-locking",
    "fix-edition", "gc", "git", "gitoxide", "host-config", "json-target-spec", "minimal-versions", "msrv-policy",
    "mtime-on-use", "multitarget", "next-lockfile-bump", "no-embed-metadata", "no-index-update",
    "package-workspace", "panic-abort-tests", "panic-immediate-abort", "path-bases", "profile-hint-mostly-unused",
    "profile-rustflags", "public-dependency", "publish-timeout", "rustc-unicode", "rustdoc-depinfo",
    "rustdoc-map", "rustdoc-mergeable-info", "rustdoc-scrape-examples", "sbom", "script", "section-timings",
    "separate-nightlies", "skip-rustdoc-fingerprint", "sparse-registry", "target-applies-to-host", "trim-paths",
    "unstable-options", "warnings",
];

/// Returns the rule for a key; `None` if the key is unknown.
#[must_use]
pub fn rule(key: &[String]) -> Option<Rule> {
    KEYS.iter().find(|(known, _)| fits(key, known)).map(|(_, rule)| *rule)
}

fn fits(key: &[String], known: &[&str]) -> bool {
    match known.split_last() {
        Some((&"**", first)) => {
            key.len() > first.len()
                && first.iter().zip(key).all(|(known, part)| *known == "*" || known == part)
        }
        _ => {
            known.len() == key.len()
                && known.iter().zip(key).all(|(known, part)| *known == "*" || known == part)
        }
    }
}
