//! Overrides for `buildRustCrate` of nixpkgs (`crateOverrides`, as `defaultCrateOverrides` is written).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Exported, Library, Package, askers, comment, is_plain};

pub(super) fn text(exported: &Exported) -> String {
    let mut out = String::from("{ pkgs }:\n{\n");
    let mut told: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
    for package in exported.packages.iter().filter(|package| is_plain(&package.name)) {
        told.entry(&package.name).or_default().push(package);
    }
    let askers = askers(exported);
    for (name, packages) in &told {
        let libraries = askers.get(name).map(Vec::as_slice).unwrap_or_default();
        // An override is for all versions of a crate.
        let body = match packages.as_slice() {
            [package] => body(package, libraries),
            _ => {
                libraries_of(libraries) + "    # its versions are told different things; their scripts stay\n"
            }
        };
        let _ = write!(out, "  {} = attrs: {{\n{body}  }};\n", attribute(name));
    }
    out.push_str("}\n");
    out
}

fn body(package: &Package, libraries: &[&Library]) -> String {
    let mut out = libraries_of(libraries);
    match &package.told {
        Ok(told) => {
            // `build` names the script; a file that is not there is not run.
            out.push_str("    build = \"no-build-script\";\n");
            let flags = told.cfgs.iter().flat_map(|cfg| ["--cfg".to_owned(), cfg.clone()]);
            let libs = told.libs.iter().flat_map(|lib| ["-l".to_owned(), lib.clone()]);
            let flags: Vec<String> = flags.chain(libs).map(|flag| string(&flag)).collect();
            if !flags.is_empty() {
                let _ = writeln!(out, "    extraRustcOpts = [ {} ];", flags.join(" "));
            }
            for (name, value) in told.env.iter().filter(|(name, _)| is_variable(name)) {
                let _ = writeln!(out, "    {name} = {};", string(value));
            }
        }
        Err(why) => {
            let _ = writeln!(out, "    # its script stays: {}", comment(why));
        }
    }
    out
}

fn libraries_of(libraries: &[&Library]) -> String {
    let mut out = String::new();
    if libraries.is_empty() {
        return out;
    }
    out.push_str("    nativeBuildInputs = [ pkgs.pkg-config ];\n");
    let known: Vec<String> = libraries
        .iter()
        .filter_map(|library| library.nix.as_deref())
        .flat_map(|names| names.split(' '))
        .map(|path| format!("pkgs.{}", path.split('.').map(attribute).collect::<Vec<_>>().join(".")))
        .collect();
    if !known.is_empty() {
        let _ = writeln!(out, "    buildInputs = [ {} ];", known.join(" "));
    }
    for library in libraries.iter().filter(|library| library.nix.is_none()) {
        let module = comment(&library.module);
        let _ = writeln!(out, "    # not known here: the package with {module}.pc (nix-locate {module}.pc)");
    }
    out
}

/// The keywords of the language, which are no attribute names without quotes.
const KEYWORDS: &[&str] = &["assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"];

fn attribute(name: &str) -> String {
    let mut letters = name.bytes();
    let is_identifier = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && !KEYWORDS.contains(&name);
    if is_identifier { name.to_owned() } else { string(name) }
}

fn is_variable(name: &str) -> bool {
    let mut letters = name.bytes();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !KEYWORDS.contains(&name)
}

/// Quotes text as a string of the language, in which `${` begins code.
fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '$' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_code() {
        assert_eq!(string("a\"${builtins.readFile /x}\\\n"), r#""a\"\${builtins.readFile /x}\\\n""#);
        assert_eq!(attribute("libz-sys"), "libz-sys");
        assert_eq!(attribute("let"), "\"let\"");
        assert_eq!(attribute("2x"), "\"2x\"");
    }
}
