//! Overrides for `buildRustCrate` of nixpkgs (`crateOverrides`, as `defaultCrateOverrides` is written).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Exported, Library, Package, Told, askers, comment, is_plain};

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
            [package] => match &package.told {
                Ok(told) => body(told, libraries).unwrap_or_else(|why| stays(libraries, why)),
                Err(why) => stays(libraries, why),
            },
            _ => {
                stays(libraries, "an override is for all of its versions, which may be told different things")
            }
        };
        let _ = write!(out, "  {} = attrs: {{\n{body}  }};\n", attribute(name));
    }
    out.push_str("}\n");
    out
}

fn stays(libraries: &[&Library], why: &str) -> String {
    libraries_of(libraries) + &format!("    # its script stays: {}\n", comment(why))
}

/// Returns the attributes that stand for a script.
///
/// # Errors
/// Something cannot be said by attributes; the error is the reason.
fn body(told: &Told, libraries: &[&Library]) -> Result<String, &'static str> {
    let mut out = libraries_of(libraries);
    // Without a name in `build`, a build.rs is run if there is one; a name of a file that is not there is an error.
    out.push_str(
        "    build = \"\";\n    preConfigure = (attrs.preConfigure or \"\") + \"\\nrm -f build.rs\\n\";\n",
    );
    let flags = told.cfgs.iter().map(|cfg| ("--cfg", cfg)).chain(told.libs.iter().map(|lib| ("-l", lib)));
    let mut words = Vec::new();
    for (option, value) in flags {
        let word = shell_word(value).ok_or("a flag has characters that mean something to a shell")?;
        words.extend([string(option), string(&word)]);
    }
    if !words.is_empty() {
        let _ = writeln!(out, "    extraRustcOpts = [ {} ];", words.join(" "));
    }
    for (name, value) in &told.env {
        if !is_variable(name) {
            return Err("an attribute by the name of a variable may be more than a variable");
        }
        let _ = writeln!(out, "    {name} = {};", string(value));
    }
    Ok(out)
}

/// Writes an argument as one word of a shell: `buildRustCrate` pastes `extraRustcOpts` into its build phase. `None` if
/// it has other characters than those that need at most a backslash there.
fn shell_word(text: &str) -> Option<String> {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || "_=.,:+-/".contains(c) => out.push(c),
            '"' => out.push_str("\\\""),
            _ => return None,
        }
    }
    Some(out)
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
        let hint = match library.is_module {
            true => format!("the package with {module}.pc (nix-locate {module}.pc)"),
            false => format!("the package of the library {module}, which has no pkg-config module"),
        };
        let _ = writeln!(out, "    # not known here: {hint}");
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

/// The beginnings of variables that nixpkgs' compiler wrappers read, or that `buildRustCrate` sets itself.
const TAKEN: &[&str] =
    &["NIX_", "CARGO_", "CRATE_", "EXTRA_", "BUILD_", "LIB_", "BIN_", "OPT_LEVEL", "NUM_JOBS", "OUT_DIR"];

/// Returns whether an attribute is a variable and nothing else. Names with small letters are hooks and settings of a
/// derivation (`preBuild`, `src`); those of one word (`TARGET`) may be variables of the build itself.
fn is_variable(name: &str) -> bool {
    name.bytes().next().is_some_and(|first| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        && name.contains('_')
        && !TAKEN.iter().any(|taken| name.starts_with(taken))
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

    #[test]
    fn a_flag_is_one_word_of_a_shell() {
        assert_eq!(shell_word("has=\"a-b\"").as_deref(), Some(r#"has=\"a-b\""#));
        for odd in ["a b", "$(touch x)", "a;b", "a\\b", "a'b", "a\nb", "`x`", "a*"] {
            assert_eq!(shell_word(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_variable_is_no_hook() {
        assert!(is_variable("SAYS_VERSION") && is_variable("X_2"));
        for odd in ["preBuild", "src", "_X", "NIX_LDFLAGS", "TARGET", "OPT_LEVEL", "let", ""] {
            assert!(!is_variable(odd), "{odd}");
        }
    }
}
