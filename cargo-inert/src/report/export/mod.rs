//! The output of `cargo inert export`: what is decided, in the form of other build systems.
//!
//! Names and versions of packages come from Cargo, which holds them to plain characters; all other text is quoted by
//! the rules of each format, or left out with a comment that names it.

mod bazel;
mod debian;
mod meson;
mod nix;
mod reindeer;
mod vcpkg;

use std::collections::{BTreeMap, BTreeSet};

use inert_manifest_spec::VersionRange;

/// The data that the exporters need.
#[derive(Debug)]
pub struct Exported {
    /// The name of what is built.
    pub name: String,
    /// The version of what is built, if it is one package.
    pub version: String,
    /// The libraries that come from the system, or that are missing on this machine.
    pub libraries: Vec<Library>,
    /// The packages with a script.
    pub packages: Vec<Package>,
}

/// A native library that comes from the system.
#[derive(Debug, Default)]
pub struct Library {
    /// The pkg-config module; a library without one has the key of its declaration.
    pub module: String,
    /// True if `module` is a pkg-config module.
    pub is_module: bool,
    /// True if it is only for what builds, and not for what is built.
    pub is_for_host: bool,
    /// The accepted versions, by asking package.
    pub versions: BTreeMap<String, VersionRange>,
    /// The names of its files, as after `-l`.
    pub files: Vec<String>,
    /// The Debian package to install for building.
    pub debian: Option<String>,
    /// The Debian package that owns its file on this machine, where no package is known to have its `.pc` file.
    pub without_module: Option<String>,
    /// The attribute of nixpkgs.
    pub nix: Option<String>,
    /// The vcpkg port that has the library.
    pub vcpkg: Option<String>,
}

/// A package with a script.
#[derive(Debug)]
pub struct Package {
    /// The name of the package.
    pub name: String,
    /// The version of the package.
    pub version: String,
    /// The directives that replace the script, or the reason why they cannot be given without it.
    pub told: Result<Told, String>,
}

/// The directives that a stand-in gave to Cargo, as far as they can be given without a script.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Told {
    /// The arguments of `--cfg`, in order.
    pub cfgs: Vec<String>,
    /// The variables for the package's own compilation.
    pub env: BTreeMap<String, String>,
    /// The arguments of `-l`, in order.
    pub libs: Vec<String>,
    /// True if it tells the scripts of dependents something (`DEP_<LINKS>_<KEY>`).
    pub has_metadata: bool,
}

/// An exporter: a format for another build system.
#[derive(Debug)]
pub struct Exporter {
    /// The name, as on the command line.
    pub name: &'static str,
    /// True if the real consumer has never evaluated its output.
    pub is_experimental: bool,
    /// The sign with which a comment begins; `None` if the format has none.
    pub comment: Option<&'static str>,
    /// Makes the text, without the heading.
    pub text: fn(&Exported) -> String,
}

/// All exporters, in alphabetical order.
pub const EXPORTERS: &[Exporter] = &[
    Exporter { name: "bazel", is_experimental: true, comment: Some("#"), text: bazel::text },
    Exporter { name: "debian", is_experimental: false, comment: Some("#"), text: debian::text },
    Exporter { name: "meson", is_experimental: true, comment: Some("#"), text: meson::text },
    Exporter { name: "nix", is_experimental: false, comment: Some("#"), text: nix::text },
    Exporter { name: "reindeer", is_experimental: true, comment: Some("#"), text: reindeer::text },
    Exporter { name: "vcpkg", is_experimental: true, comment: None, text: vcpkg::text },
];

/// Returns the whole output of an exporter.
#[must_use]
pub fn text(exporter: &Exporter, exported: &Exported) -> String {
    let body = (exporter.text)(exported);
    let Some(sign) = exporter.comment else { return body };
    let mut lines = vec![format!(
        "Made by `cargo inert export {}`, cargo-inert {}.",
        exporter.name,
        env!("CARGO_PKG_VERSION")
    )];
    if exporter.is_experimental {
        lines.push(format!(
            "Experimental: {} itself has never evaluated what this exporter writes.",
            exporter.name
        ));
    }
    let heading: String = lines.iter().map(|line| format!("{sign} {line}\n")).collect();
    format!("{heading}\n{body}")
}

/// Returns text as a line of a comment: control characters would end it.
fn comment(text: &str) -> String {
    crate::file::one_line(text)
}

/// Returns whether text is a plain name in all formats.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
}

/// Quotes text for formats whose strings have JSON's escapes (Starlark, TOML), if it is printable ASCII.
fn quoted(text: &str) -> Option<String> {
    let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    printable.then(|| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// Returns what a package is told with quoted values, for systems whose strings have JSON's escapes.
///
/// # Errors
/// It cannot be written there; the error is the reason.
fn quotable(package: &Package) -> Result<Quoted, String> {
    let told = package.told.as_ref().map_err(Clone::clone)?;
    // Bazel and Buck2 expand `$(…)`, rules_rust's own wrapper `${…}`.
    if told.cfgs.iter().chain(&told.libs).chain(told.env.values()).any(|text| text.contains('$')) {
        return Err("it says text with `$`, which begins a variable there".to_owned());
    }
    let odd = || "it says text that is not printable ASCII".to_owned();
    let mut flags = Vec::new();
    for cfg in &told.cfgs {
        flags.push(quoted(&format!("--cfg={cfg}")).ok_or_else(odd)?);
    }
    for lib in &told.libs {
        flags.push(quoted(&format!("-l{lib}")).ok_or_else(odd)?);
    }
    let mut env = BTreeMap::new();
    for (name, value) in &told.env {
        let _ = env.insert(quoted(name).ok_or_else(odd)?, quoted(value).ok_or_else(odd)?);
    }
    Ok(Quoted { flags, env })
}

/// The flags and variables of a package, each quoted.
struct Quoted {
    flags: Vec<String>,
    env: BTreeMap<String, String>,
}

/// Returns the packages that ask for a library, by name without version.
fn askers(exported: &Exported) -> BTreeMap<&str, Vec<&Library>> {
    let mut found: BTreeMap<&str, Vec<&Library>> = BTreeMap::new();
    for library in &exported.libraries {
        let names: BTreeSet<&str> =
            library.versions.keys().filter_map(|package| package.split(' ').next()).collect();
        for name in names {
            found.entry(name).or_default().push(library);
        }
    }
    found
}
