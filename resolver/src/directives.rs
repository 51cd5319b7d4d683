//! The directives that a resolution gives to Cargo. No other module prints them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use inert_manifest_spec::{ArgScope, LinkKind, SearchKind};

use crate::request::parse_version;

/// An instruction to Cargo.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "Cargo's and rustc's own names")]
pub enum Directive {
    /// `rustc-check-cfg`: declares the cfg; `bare` without a value, `values` with each of these values.
    CheckCfg { name: String, bare: bool, values: BTreeSet<String> },
    /// `rustc-cfg`: sets a cfg for the package.
    Cfg { name: String, value: Option<String> },
    /// `rustc-env`: sets a variable for the package's compilation.
    Env { name: String, value: String },
    /// `rustc-link-search`: adds a folder that is searched for libraries.
    LinkSearch { kind: Option<SearchKind>, path: PathBuf },
    /// `rustc-link-lib`: links a library.
    LinkLib { name: String, kind: Option<LinkKind>, modifiers: Vec<String>, rename: Option<String> },
    /// `rustc-link-arg…`: passes an argument to the linker.
    LinkArg { scope: ArgScope, arg: String },
    /// Metadata, which dependents read as `DEP_<LINKS>_<KEY>`.
    Metadata { key: String, value: String },
    /// `warning`: shows a line to the user.
    Warning(String),
    /// `rerun-if-changed`: repeats the script if the file changes.
    RerunIfChanged(PathBuf),
    /// `rerun-if-env-changed`: repeats the script if the variable changes.
    RerunIfEnvChanged(String),
}

/// The spelling of directives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `cargo:KEY=VALUE`, which every Cargo understands; metadata has a key that is no directive's.
    SingleColon,
    /// `cargo::KEY=VALUE`, which Cargo rejects in a package whose `rust-version` is below 1.77.
    DoubleColon,
}

/// The names that are directives after `cargo:`, so that metadata must not use them (the Cargo book, "Outputs of
/// the build script").
pub const RESERVED_METADATA: &[&str] = &[
    "rerun-if-changed",
    "rerun-if-env-changed",
    "rustc-cdylib-link-arg",
    "rustc-cfg",
    "rustc-check-cfg",
    "rustc-env",
    "rustc-flags",
    "rustc-link-arg",
    "rustc-link-arg-benches",
    "rustc-link-arg-bin",
    "rustc-link-arg-bins",
    "rustc-link-arg-cdylib",
    "rustc-link-arg-examples",
    "rustc-link-arg-tests",
    "rustc-link-lib",
    "rustc-link-search",
    "warning",
    "error",
    "metadata",
];

impl Dialect {
    /// Returns the dialect that Cargo accepts from a package with this `rust-version`: the old one unless it is
    /// 1.77 or later.
    #[must_use]
    pub fn of(rust_version: Option<&str>) -> Self {
        match rust_version.and_then(parse_version) {
            Some(version) if (version.major, version.minor) >= (1, 77) => Self::DoubleColon,
            _ => Self::SingleColon,
        }
    }
}

/// Returns the directives in the form in which Cargo reads them from a script's standard output.
///
/// # Errors
///
/// The directive that cannot be printed: it holds a control character, or is metadata that would be read as a
/// directive.
pub fn print(directives: &[Directive], dialect: Dialect) -> Result<String, Unprintable> {
    let mut out = String::new();
    for directive in directives {
        let (key, value) = spell(directive, dialect);
        if value.chars().chain(key.chars()).any(char::is_control) {
            return Err(Unprintable { directive: directive.clone(), reason: "it holds a control character" });
        }
        if let Directive::Metadata { key, .. } = directive {
            if RESERVED_METADATA.contains(&key.as_str()) {
                return Err(Unprintable {
                    directive: directive.clone(),
                    reason: "Cargo would read it as a directive",
                });
            }
            if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
                return Err(Unprintable { directive: directive.clone(), reason: "its key is no identifier" });
            }
        }
        let colons = if dialect == Dialect::DoubleColon { "::" } else { ":" };
        let _ = writeln!(out, "cargo{colons}{key}={value}");
    }
    Ok(out)
}

/// A directive that cannot be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprintable {
    /// The directive that was rejected.
    pub directive: Directive,
    /// The reason, as a part of a sentence.
    pub reason: &'static str,
}

impl std::fmt::Display for Unprintable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} cannot be told to Cargo: {}", self.directive, self.reason)
    }
}

fn spell(directive: &Directive, dialect: Dialect) -> (String, String) {
    let plain = |key: &str, value: String| (key.to_owned(), value);
    match directive {
        Directive::CheckCfg { name, bare, values } => {
            plain("rustc-check-cfg", check_cfg(name, *bare, values))
        }
        Directive::Cfg { name, value: None } => plain("rustc-cfg", name.clone()),
        Directive::Cfg { name, value: Some(value) } => {
            plain("rustc-cfg", format!("{name}=\"{}\"", escaped(value)))
        }
        Directive::Env { name, value } => plain("rustc-env", format!("{name}={value}")),
        Directive::LinkSearch { kind, path } => {
            plain("rustc-link-search", prefixed(kind.map(search_kind), path))
        }
        Directive::LinkLib { name, kind, modifiers, rename } => {
            plain("rustc-link-lib", link_lib(name, *kind, modifiers, rename.as_deref()))
        }
        Directive::LinkArg { scope, arg } => match scope {
            ArgScope::All => plain("rustc-link-arg", arg.clone()),
            ArgScope::Bins => plain("rustc-link-arg-bins", arg.clone()),
            ArgScope::Bin(bin) => plain("rustc-link-arg-bin", format!("{bin}={arg}")),
            ArgScope::Cdylib => plain("rustc-link-arg-cdylib", arg.clone()),
            ArgScope::Tests => plain("rustc-link-arg-tests", arg.clone()),
            ArgScope::Examples => plain("rustc-link-arg-examples", arg.clone()),
            ArgScope::Benches => plain("rustc-link-arg-benches", arg.clone()),
        },
        Directive::Metadata { key, value } => match dialect {
            Dialect::SingleColon => (key.clone(), value.clone()),
            Dialect::DoubleColon => plain("metadata", format!("{key}={value}")),
        },
        Directive::Warning(text) => plain("warning", text.clone()),
        Directive::RerunIfChanged(path) => plain("rerun-if-changed", path.display().to_string()),
        Directive::RerunIfEnvChanged(name) => plain("rerun-if-env-changed", name.clone()),
    }
}

/// Returns `cfg(name)`, `cfg(name, values("a"))`, or both as `values(none(), "a")`.
fn check_cfg(name: &str, bare: bool, values: &BTreeSet<String>) -> String {
    if values.is_empty() {
        return format!("cfg({name})");
    }
    let none = bare.then(|| "none()".to_owned());
    let listed = values.iter().map(|value| format!("\"{}\"", escaped(value)));
    format!("cfg({name}, values({}))", none.into_iter().chain(listed).collect::<Vec<_>>().join(", "))
}

fn link_lib(name: &str, kind: Option<LinkKind>, modifiers: &[String], rename: Option<&str>) -> String {
    let mut out = String::new();
    // Modifiers can only follow a kind; rustc accepts none for a shared library.
    if let Some(kind) = kind.or((!modifiers.is_empty()).then_some(LinkKind::Dylib)) {
        out.push_str(match kind {
            LinkKind::Dylib => "dylib",
            LinkKind::Static => "static",
            LinkKind::Framework => "framework",
            LinkKind::RawDylib => "raw-dylib",
        });
        if !modifiers.is_empty() {
            let _ = write!(out, ":{}", modifiers.join(","));
        }
        out.push('=');
    }
    out.push_str(name);
    if let Some(rename) = rename {
        let _ = write!(out, ":{rename}");
    }
    out
}

fn search_kind(kind: SearchKind) -> &'static str {
    match kind {
        SearchKind::Native => "native",
        SearchKind::Framework => "framework",
        SearchKind::All => "all",
    }
}

fn prefixed(prefix: Option<&str>, path: &std::path::Path) -> String {
    match prefix {
        Some(prefix) => format!("{prefix}={}", path.display()),
        None => path.display().to_string(),
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"")
}
