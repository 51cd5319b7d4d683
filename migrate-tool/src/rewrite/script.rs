//! What is left of a build.rs, and what it needs.

use inert_manifest_spec::{Declaration, ProbeKind};

/// The package whose function is the whole of a build.rs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shim {
    /// `inert-build`, which is light.
    Build,
    /// `inert-resolver`, which carries out `[package.metadata.system-deps]` too.
    Resolver,
}

/// What a declaration asks of the build script that carries it out under plain cargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// The package.
    pub shim: Shim,
    /// Its features, sorted.
    pub features: Vec<&'static str>,
}

impl Needs {
    /// The oldest rustc that it builds with, `N` of 1.N, and the package that asks for it.
    #[must_use]
    pub fn oldest_rustc(&self) -> (u32, &'static str) {
        match self.shim {
            Shim::Resolver => (88, "inert-resolver"),
            // What cc needs today; a `rust-version` of its own lets Cargo choose an older one.
            Shim::Build if self.features.contains(&"source-builds") => (65, "cc"),
            Shim::Build => (63, "inert-build"),
        }
    }

    /// The package, and the `N` of 1.N that it needs, where a `rust-version` promises less.
    #[must_use]
    pub fn breaks_promise(&self, rust_version: &str) -> Option<(u32, &'static str)> {
        let mut numbers = rust_version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let (major, minor) = (numbers.next()?, numbers.next().unwrap_or(0));
        let (needed, package) = self.oldest_rustc();
        (major == 1 && minor < needed).then_some((needed, package))
    }
}

impl Shim {
    /// All of them, the lightest first.
    pub const ALL: [Self; 2] = [Self::Build, Self::Resolver];

    /// The package's name.
    #[must_use]
    pub fn package(self) -> &'static str {
        match self {
            Self::Build => "inert-build",
            Self::Resolver => "inert-resolver",
        }
    }

    /// The call in the script.
    #[must_use]
    pub fn call(self) -> &'static str {
        match self {
            Self::Build => "inert_build::build_script()",
            Self::Resolver => "inert_resolver::build_script()",
        }
    }

    /// The shim that a script is: whose call it consists of, comments aside.
    #[must_use]
    pub fn of_script(script: &str) -> Option<Self> {
        let file = syn::parse_file(script).ok()?;
        let [syn::Item::Fn(main)] = file.items.as_slice() else { return None };
        let [statement] = main.block.stmts.as_slice() else { return None };
        let syn::Stmt::Expr(syn::Expr::Call(call), _) = statement else { return None };
        let syn::Expr::Path(called) = call.func.as_ref() else { return None };
        let segments: Vec<String> =
            called.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let said = format!("{}()", segments.join("::"));
        let found = Self::ALL.into_iter().find(|shim| shim.call() == said);
        found.filter(|_| main.sig.ident == "main" && call.args.is_empty())
    }
}

/// What a declaration asks of its build script.
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

/// The script that does what the declaration says.
pub(super) fn shim(old: &str, shim: Shim) -> String {
    format!("{}fn main() {{\n    {};\n}}\n", licence(old), shim.call())
}

/// The script that does nothing.
pub(super) fn empty(old: &str) -> String {
    format!(
        "{}// What this package needs is declared in Cargo.toml, `[package.metadata.inert]`.\nfn main() {{}}\n",
        licence(old)
    )
}

/// A script that ends plain cargo's build with the reason; Inert neither compiles nor runs it.
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

/// The script of a package that only Inert builds.
pub(super) fn refusal(old: &str) -> String {
    format!("{}{REFUSAL}", licence(old))
}

/// Whether a script leaves all to Inert: its main is empty, or ends plain cargo's build with the reason.
#[must_use]
pub fn is_inert_only(script: &str) -> bool {
    let code = |text: &str| -> String {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect()
    };
    [code(REFUSAL).as_str(), "fnmain(){}"].contains(&code(script).as_str())
}

/// The comment that a file begins with, where it is about copyright.
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
