//! The build.rs that remains after the rewrite, and the package that it depends on.

use inert_manifest_spec::{Declaration, ProbeKind};

/// The package whose `build_script()` is all that a rewritten build.rs calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shim {
    /// `inert-build`, which is small and has few dependencies.
    Build,
    /// `inert-resolver`, which also carries out `[package.metadata.system-deps]`.
    Resolver,
}

/// The dependency that a declaration needs for its build script to carry it out under plain cargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// The package that the build script calls.
    pub shim: Shim,
    /// The features that the package needs, sorted.
    pub features: Vec<&'static str>,
}

impl Needs {
    /// Returns the oldest rustc that the dependency builds with, as `N` of 1.N, and the package that requires it.
    #[must_use]
    pub fn oldest_rustc(&self) -> (u32, &'static str) {
        match self.shim {
            Shim::Resolver => (88, "inert-resolver"),
            // The newest cc needs this. A package with a `rust-version` lets Cargo choose an older cc.
            Shim::Build if self.features.contains(&"source-builds") => (65, "cc"),
            Shim::Build => (63, "inert-build"),
        }
    }

    /// Returns the required `N` of 1.N, and the package that requires it, if it is newer than a `rust-version`
    /// promises. What a package that has `cc` already promises of it is the package's own affair.
    #[must_use]
    pub fn breaks_promise(&self, rust_version: &str, has_cc: bool) -> Option<(u32, &'static str)> {
        if has_cc && self.oldest_rustc().1 == "cc" {
            return Self { features: Vec::new(), ..self.clone() }.breaks_promise(rust_version, false);
        }
        let mut numbers = rust_version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let (major, minor) = (numbers.next()?, numbers.next().unwrap_or(0));
        let (needed, package) = self.oldest_rustc();
        (major == 1 && minor < needed).then_some((needed, package))
    }
}

impl Shim {
    /// All shims, the one with the fewest dependencies first.
    pub const ALL: [Self; 2] = [Self::Build, Self::Resolver];

    /// Returns the name of the package, as in Cargo.toml.
    #[must_use]
    pub fn package(self) -> &'static str {
        match self {
            Self::Build => "inert-build",
            Self::Resolver => "inert-resolver",
        }
    }

    /// Returns the call that is the whole body of the script's `main`.
    #[must_use]
    pub fn call(self) -> &'static str {
        match self {
            Self::Build => "inert_build::build_script()",
            Self::Resolver => "inert_resolver::build_script()",
        }
    }

    /// Returns the call that stands first in the `main` of a script that goes on where the declaration's `unsupported`
    /// holds; `None` if the package has no such call.
    #[must_use]
    pub fn guarding_call(self) -> Option<&'static str> {
        match self {
            Self::Build => Some("inert_build::build_script_where_declared()"),
            Self::Resolver => None,
        }
    }

    /// Returns the shim that a script calls first of all in each of its `main` functions, before it goes on by itself
    /// for the part that is not declared.
    #[must_use]
    pub fn guarding(script: &str) -> Option<Self> {
        let file = syn::parse_file(script).ok()?;
        let mains = mains(&file);
        let calls = |call: &str| {
            mains.iter().all(|main| {
                let Some(syn::Stmt::Expr(syn::Expr::Call(first), _)) = main.block.stmts.first() else {
                    return false;
                };
                first.args.is_empty() && path_of(first).is_some_and(|path| format!("{path}()") == call)
            })
        };
        Self::ALL.into_iter().find(|shim| !mains.is_empty() && shim.guarding_call().is_some_and(calls))
    }

    /// Returns the shim that a script calls, if its `main` does nothing else. Comments do not matter.
    #[must_use]
    pub fn of_script(script: &str) -> Option<Self> {
        let file = syn::parse_file(script).ok()?;
        let [syn::Item::Fn(main)] = file.items.as_slice() else { return None };
        let [statement] = main.block.stmts.as_slice() else { return None };
        let syn::Stmt::Expr(syn::Expr::Call(call), _) = statement else { return None };
        let said = format!("{}()", path_of(call)?);
        let found = Self::ALL.into_iter().find(|shim| shim.call() == said);
        found.filter(|_| main.sig.ident == "main" && call.args.is_empty())
    }
}

/// Returns the path of a called function, as text.
fn path_of(call: &syn::ExprCall) -> Option<String> {
    let syn::Expr::Path(called) = call.func.as_ref() else { return None };
    let segments: Vec<String> =
        called.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    Some(segments.join("::"))
}

/// Returns a file's `main` functions; there are several where each stands under a `cfg` of its own.
fn mains(file: &syn::File) -> Vec<&syn::ItemFn> {
    let functions = file.items.iter().filter_map(|item| match item {
        syn::Item::Fn(function) => Some(function),
        _ => None,
    });
    functions.filter(|function| function.sig.ident == "main").collect()
}

/// Returns the dependency that the build script needs to carry out a declaration.
#[must_use]
pub fn needs(declaration: &Declaration) -> Needs {
    if declaration.system_deps.is_some() {
        return Needs { shim: Shim::Resolver, features: Vec::new() };
    }
    let asks_c = declaration.probe.values().any(|probe| {
        !matches!(
            probe.kind,
            ProbeKind::Compiles(_) | ProbeKind::Variable { .. } | ProbeKind::PathExists { .. }
        )
    });
    let features = [
        ("discovery", !declaration.library.is_empty()),
        ("source-builds", asks_c || !declaration.cc_library.is_empty()),
    ];
    let features = features.iter().filter(|(_, needed)| *needed).map(|(name, _)| *name).collect();
    Needs { shim: Shim::Build, features }
}

/// Returns the script that carries out the declaration under plain cargo.
pub(super) fn shim(old: &str, shim: Shim) -> String {
    format!("{}fn main() {{\n    {};\n}}\n", licence(old), shim.call())
}

/// The comment above the call that carries the declaration out in a script that stays for a part.
const GUARD: &str =
    "// Does what Cargo.toml declares, and ends. The rest is for the part that its `unsupported` leaves out.";

/// Returns the old script with the call for what is declared before all that its `main` does; `None` if it has no
/// `main` to put the call into, or the package of the shim has no such call.
pub(super) fn guarded(old: &str, shim: Shim) -> Option<String> {
    use syn::spanned::Spanned as _;
    let call = shim.guarding_call()?;
    let file = syn::parse_file(old).ok()?;
    // A byte order mark is no column.
    let (mark, text) = match old.strip_prefix('\u{feff}') {
        Some(text) => ("\u{feff}", text),
        None => ("", old),
    };
    let mut places = Vec::new();
    for main in mains(&file) {
        let inner = main.attrs.iter().rfind(|attribute| matches!(attribute.style, syn::AttrStyle::Inner(_)));
        let behind = inner.map_or(main.block.brace_token.span.open().end(), |inner| inner.span().end());
        let indentation = main.block.stmts.first().map(|first| first.span().start());
        let indentation =
            indentation.filter(|start| start.line > behind.line).map_or(4, |start| start.column);
        places.push((offset(text, behind), indentation));
    }
    if places.is_empty() {
        return None;
    }
    let mut script = text.to_owned();
    for (at, indentation) in places.into_iter().rev() {
        let space = " ".repeat(indentation);
        script.insert_str(at, &format!("\n{space}{GUARD}\n{space}{call};"));
    }
    Some(mark.to_owned() + &script)
}

/// Returns the byte offset of a line, counted from 1, and a column, counted from 0 in characters.
fn offset(text: &str, place: proc_macro2::LineColumn) -> usize {
    let line: usize = text.split_inclusive('\n').take(place.line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(line..).unwrap_or_default();
    line + rest.char_indices().nth(place.column).map_or(rest.len(), |(at, _)| at)
}

/// Returns the script that does nothing.
pub(super) fn empty(old: &str) -> String {
    format!(
        "{}// What this package needs is declared in Cargo.toml, `[package.metadata.inert]`.\nfn main() {{}}\n",
        licence(old)
    )
}

/// A script that fails plain cargo's build and says why; Inert neither compiles nor runs it.
const REFUSAL: &str = r#"// What this package needs is declared in Cargo.toml, `[package.metadata.inert]`, and this script does none of it.
fn main() {
    eprintln!(
        "error: {} {} is built by `cargo inert build`, and not by plain cargo (cargo install cargo-inert)",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
    );
    std::process::exit(1);
}
"#;

/// Returns the script of a package that only Inert builds.
pub(super) fn refusal(old: &str) -> String {
    format!("{}{REFUSAL}", licence(old))
}

/// Returns whether a script leaves everything to Inert: its `main` is empty, or fails plain cargo's build and says why.
#[must_use]
pub fn is_inert_only(script: &str) -> bool {
    let code = |text: &str| -> String {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect()
    };
    [code(REFUSAL).as_str(), "fnmain(){}"].contains(&code(script).as_str())
}

/// Returns the comment that a file begins with, if it is about copyright.
fn licence(old: &str) -> String {
    let comment: Vec<&str> =
        old.lines().take_while(|line| line.starts_with("//") && !line.starts_with("//!")).collect();
    let words = ["copyright", "license", "licence", "spdx"];
    let about = comment.iter().any(|line| words.iter().any(|word| line.to_lowercase().contains(word)));
    if about { format!("{}\n\n", comment.join("\n")) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shims_are_recognised_whatever_stands_around_them() {
        for shim in Shim::ALL {
            let text = format!("// a comment\nfn main() {{ {} }}\n", shim.call());
            assert_eq!(Shim::of_script(&text), Some(shim));
            assert_eq!(Shim::of_script(&super::shim("", shim)), Some(shim));
            let more = format!("fn main() {{ {}; other(); }}", shim.call());
            assert_eq!(Shim::of_script(&more), None);
        }
        assert_eq!(Shim::of_script("fn main() {}"), None);
    }

    #[test]
    fn a_script_that_stays_calls_the_shim_first() {
        let call = Shim::Build.guarding_call().expect("inert-build has one");
        for old in [
            "fn main() {}",
            "fn main() { work(); }\nfn work() {}\n",
            "#!/usr/bin/env run\n\nfn main() -> Result<(), ()> {\n  // ä comment\n  let é = 1; work()\n}\n",
            "\u{feff}/* ü */ fn main() {\n\t#![allow(unused)]\n\twork();\n}\n",
            "#[cfg(unix)]\nfn main() {}\n#[cfg(not(unix))]\nfn main() {\r\n    work()\r\n}\r\n",
        ] {
            let new = guarded(old, Shim::Build).expect(old);
            assert_eq!(Shim::guarding(&new), Some(Shim::Build), "{new}");
            assert_eq!(Shim::of_script(&new), None, "{new}");
            // Nothing but the added lines differs.
            let code = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let added = code(&format!("{GUARD}{call};"));
            assert_eq!(code(&new).replace(&added, ""), code(old), "{new}");
            assert_eq!(Shim::guarding(old), None);
        }
        assert_eq!(guarded("include!(\"main.rs\");", Shim::Build), None);
        assert_eq!(guarded("fn main() {}", Shim::Resolver), None);
    }

    #[test]
    fn features_follow_what_is_declared() {
        let of = |text: &str| {
            let parsed = inert_manifest_spec::parse_declaration(&format!("schema = 1\n{text}"));
            needs(&parsed.declaration.expect("a declaration"))
        };
        assert_eq!(of("[cfg]\na = 'unix'").features, Vec::<&str>::new());
        assert_eq!(of("[probe.a]\ncompiles-text = \"\"").features, Vec::<&str>::new());
        assert_eq!(of("[probe.a]\nheader = \"x.h\"").features, ["source-builds"]);
        let both =
            "[library.z]\nfallback = \"z\"\npkg-config = \"zlib\"\n[cc-library.z]\nsources = [\"z.c\"]";
        assert_eq!(of(both).features, ["discovery", "source-builds"]);
        assert_eq!(of("system-deps = true").shim, Shim::Resolver);
    }
}
