//! The outputs of an allowed script: those that a declaration could have, and those that its entry lists.
//!
//! The script has already run, so this check does not confine it: it prevents outputs that were not reviewed from
//! affecting the compiler, the linker and the scripts of dependents.

pub mod folder;
mod link_arguments;

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use inert_build_output::rustc::{self, LibraryKind, Search, SearchKind};
use inert_build_output::{Instruction, Line, Package};
use inert_manifest_spec::rules::env::{Verdict, leads_elsewhere, rustc_env, rustc_env_of};
use inert_manifest_spec::rules::names;
use serde::{Deserialize, Serialize};

use crate::cargo::configuration::places::Places;
use crate::environment::Environment;

/// The value of `outputs` in an `[[allow]]` entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outputs {
    /// True for `outputs = ["any"]`: all outputs that Cargo accepts.
    pub any: bool,
    /// Items `key=value` as the script may print them after `cargo:`; a final `*` matches the rest of one argument,
    /// name or folder.
    pub listed: Vec<String>,
}

/// The folders that a script may refer to.
#[derive(Debug, Clone, Copy)]
pub struct Folders<'a> {
    /// The path of OUT_DIR.
    pub out_dir: &'a Path,
    /// The folder of the package.
    pub package: &'a Path,
    /// The name of the package: the package may set variables that begin with it, as in a declaration.
    pub name: &'a str,
    /// The folders of system libraries: see [`folder::of_system`].
    pub roots: &'a [PathBuf],
    /// The target, whose linkers read the files in a folder.
    pub target: &'a str,
    /// The caller's environment, whose PATH is searched for linkers.
    pub environment: &'a Environment,
    /// The folders whose programs are not the caller's: the tree, and the folders of packages that Cargo downloaded.
    pub places: &'a Places,
}

impl Folders<'_> {
    /// Returns whether a path that a script printed lies in the package, in OUT_DIR or in the tree that is built.
    fn own(&self, path: &str) -> bool {
        let path = Path::new(path);
        let plain = path.is_absolute() && !path.components().any(|part| part == Component::ParentDir);
        plain
            && ([self.package, self.out_dir].iter().any(|folder| path.starts_with(folder))
                || self.places.in_tree(path))
    }
}

/// The directives that an entry may list.
pub const LISTABLE: &[&str] = &[
    "rustc-env",
    "rustc-link-arg",
    "rustc-link-arg-bin",
    "rustc-link-arg-bins",
    "rustc-link-arg-tests",
    "rustc-link-arg-examples",
    "rustc-link-arg-benches",
    "rustc-cdylib-link-arg",
    "rustc-link-arg-cdylib",
    "rustc-link-lib",
    "rustc-link-search",
    "rustc-flags",
];

/// Returns whether the text that `*` matches is one argument, name or folder: it contains no character that divides it
/// into several, or that changes its kind.
fn one_thing(said: &str, rest: &str) -> bool {
    let key = said.split('=').next().unwrap_or_default();
    let divides = |c: char| c == ',' || c == ':' || c == ';' || c.is_whitespace() || c.is_control();
    match key {
        // The value is text, which may contain anything, unless a tool reads the variable.
        "rustc-env" => {
            let name = said.split('=').nth(1).unwrap_or_default();
            !matches!(rustc_env(name), Verdict::Forbidden(_)) || !rest.contains(divides)
        }
        "rustc-link-lib" => !rest.contains(['=', '+', '@']) && !rest.contains(divides),
        "rustc-link-search" => {
            // On Windows the folder may begin with a drive, `C:\`.
            let bytes = rest.as_bytes();
            let drive = cfg!(windows) && bytes.get(1) == Some(&b':') && bytes[0].is_ascii_alphabetic();
            let rest = if drive { &rest[2..] } else { rest };
            !rest.contains(['=', '@']) && !rest.contains(divides)
        }
        _ => !rest.contains(divides) && !rest.starts_with('@'),
    }
}

impl Outputs {
    /// Returns each item as it is written.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        self.any.then(|| "any".to_owned()).into_iter().chain(self.listed.iter().cloned()).collect()
    }

    /// Adds one item of the list.
    ///
    /// # Errors
    /// The item is invalid; the error says why.
    pub fn add(&mut self, item: &str) -> Result<(), String> {
        if item == "any" {
            self.any = true;
            return Ok(());
        }
        let key = item.split_once('=').map_or(item, |(key, _)| key);
        if !LISTABLE.contains(&key) || !item.contains('=') {
            return Err(format!(
                "`{item}` is no output: write `any`, or a directive as the script prints it, such as \
                 `rustc-env=NAME=*` or `rustc-link-arg=-Wl,-rpath,*`; {} can be listed",
                LISTABLE.join(", ")
            ));
        }
        self.listed.push(item.to_owned());
        Ok(())
    }

    /// Returns whether an item of the list matches `said`, the text after `cargo:` or `cargo::`.
    fn lists(&self, said: &str) -> bool {
        self.listed.iter().any(|item| match item.strip_suffix('*') {
            Some(prefix) => said.strip_prefix(prefix).is_some_and(|rest| one_thing(said, rest)),
            None => said == *item,
        })
    }

    /// Returns the outputs that are not permitted, with reasons; the standard output is read as Cargo reads it.
    #[must_use]
    pub fn objections(&self, stdout: &[u8], folders: &Folders<'_>) -> Vec<String> {
        let package = Package { bootstrap: true, ..Package::default() };
        let lines = inert_build_output::read(stdout, &package);
        // One reason a line is enough.
        let mut seen = BTreeSet::new();
        let objection = |line: &Line<'_>| {
            of_the_wrapper(line).or_else(|| if self.any { None } else { self.objection(line, folders) })
        };
        let mut found: Vec<String> = Vec::new();
        for line in &lines {
            if let Some(why) = objection(line)
                && seen.insert(line.text)
            {
                found.push(why);
            }
        }
        if self.any {
            return found;
        }
        let listed = |line: &Line<'_>| {
            inert_build_output::directive(line.text).is_some_and(|(_, said)| self.lists(said))
        };
        found.extend(link_arguments::objections(&lines, listed, folders));
        found
    }

    fn objection(&self, line: &Line<'_>, folders: &Folders<'_>) -> Option<String> {
        let (_, said) = inert_build_output::directive(line.text)?;
        if self.lists(said) {
            return None;
        }
        let why = match &line.says {
            // Another version of Cargo might accept the line.
            Err(malformed) => Some(malformed.to_string()),
            Ok(Instruction::Env { name, value }) => match rustc_env_of(name, folders.name) {
                // A name that only the package's own name makes harmless is held by its value.
                Verdict::Harmless if rustc_env(name) == Verdict::NeedsReview => {
                    leads_elsewhere(value, &|path| folders.own(path)).then(|| {
                        "a variable of the package's own may not lead out of the package, its OUT_DIR and the workspace".to_owned()
                    })
                }
                Verdict::Harmless => None,
                Verdict::NeedsReview => {
                    Some("the variable has no form that is known to be harmless".to_owned())
                }
                Verdict::Forbidden(refusal) => Some(refusal.message),
            },
            Ok(Instruction::LinkSearch(value)) => folder::objection(value, folders),
            Ok(Instruction::LinkLib(value)) => library(value),
            Ok(Instruction::Flags { searches, libs }) => searches
                .iter()
                .find_map(|value| folder::objection(value, folders))
                .or_else(|| libs.iter().find_map(|value| library(value))),
            Ok(
                // Those that begin with `@` are refused whatever an entry lists.
                Instruction::Cfg(_)
                | Instruction::CheckCfg(_)
                // Arguments are checked together, since one may be the value of the argument before it.
                | Instruction::LinkArg { .. }
                | Instruction::Warning(_)
                | Instruction::Error(_)
                | Instruction::RerunIfChanged(_)
                | Instruction::RerunIfEnvChanged(_)
                | Instruction::Metadata { .. },
            ) => None,
        }?;
        Some(format!("`{}`: {why}", line.text.escape_debug()))
    }
}

/// Returns why a line is refused whatever an entry lists: it sets a variable by which the wrapper knows what a compilation
/// may read, or has the compiler read a file of arguments.
fn of_the_wrapper(line: &Line<'_>) -> Option<String> {
    // rustc and rustdoc get the text as an argument of its own; Inert does not stand in front of every rustdoc.
    if let Ok(Instruction::Cfg(value) | Instruction::CheckCfg(value)) = &line.says
        && value.starts_with('@')
    {
        return Some(format!(
            "`{}`: the compiler would read more arguments from the file of that name",
            line.text.escape_debug()
        ));
    }
    let Ok(Instruction::Env { name, .. }) = &line.says else { return None };
    let upper = name.to_ascii_uppercase();
    let is_known = ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "OUT_DIR"].contains(&upper.as_str());
    (is_known || upper.starts_with("INERT_")).then(|| {
        format!("`{}`: Inert itself goes by the variable, and no entry can list it", line.text.escape_debug())
    })
}

/// Returns why the value of a `-l` is refused.
fn library(value: &str) -> Option<String> {
    let library = match rustc::library(value) {
        Ok(library) => library,
        Err(why) => return Some(why),
    };
    if library.kind == Some(LibraryKind::LinkArg) {
        return Some("the name would be an argument for the linker".to_owned());
    }
    if let Some((modifier, _)) =
        library.modifiers.iter().find(|(name, on)| *on && !["bundle", "whole-archive"].contains(name))
    {
        return Some(format!("with `+{modifier}` the linker takes the name for a file of any kind"));
    }
    let bad =
        [Some(library.name), library.rename].into_iter().flatten().find(|name| !names::is_link_name(name));
    bad.map(|name| format!("`{}` is no library's name", name.escape_debug()))
}

/// Returns the output that is passed on to Cargo. A search folder for all kinds of libraries becomes one for native
/// libraries, since a crate in it is not part of the build.
#[must_use]
pub fn passed_on(stdout: &[u8]) -> Vec<u8> {
    let package = Package { bootstrap: true, ..Package::default() };
    let native = |value: &str| match rustc::search(value) {
        Search { kind: None | Some(SearchKind::All), path } => {
            format!("cargo:rustc-link-search=native={path}")
        }
        _ => format!("cargo:rustc-link-search={value}"),
    };
    let mut out = Vec::new();
    for line in stdout.split_inclusive(|byte| *byte == b'\n') {
        match inert_build_output::read(line, &package).into_iter().next().map(|line| line.says) {
            Some(Ok(Instruction::LinkSearch(value))) => out.extend((native(value) + "\n").into_bytes()),
            Some(Ok(Instruction::Flags { searches, libs })) => {
                out.extend(searches.into_iter().flat_map(|value| (native(value) + "\n").into_bytes()));
                out.extend(
                    libs.into_iter().flat_map(|value| format!("cargo:rustc-link-lib={value}\n").into_bytes()),
                );
            }
            _ => out.extend(line),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_for_native_libraries() {
        let said = "cargo:rustc-link-search=/a\nx\n cargo:rustc-link-search=all=/b\ncargo:rustc-link-search=framework=/c\n\
                    cargo:rustc-flags=-lz -L /d\ncargo:rustc-cfg=e";
        let heard = "cargo:rustc-link-search=native=/a\nx\ncargo:rustc-link-search=native=/b\n\
                     cargo:rustc-link-search=framework=/c\ncargo:rustc-link-search=native=/d\n\
                     cargo:rustc-link-lib=z\ncargo:rustc-cfg=e";
        assert_eq!(String::from_utf8(passed_on(said.as_bytes())).unwrap(), heard);
    }

    #[test]
    fn says_no_more_than_a_declaration() {
        let (environment, places) = (Environment::default(), Places::default());
        let folders = Folders {
            out_dir: Path::new("/t/out"),
            package: Path::new("/p"),
            name: "evil-x",
            roots: &[],
            target: "x86_64-unknown-linux-gnu",
            environment: &environment,
            places: &places,
        };
        let outputs = Outputs::default();
        let fine = "cargo:rustc-cfg=x\ncargo::metadata=include=/p\ncargo:rustc-env=X_VERSION=1\ncargo:rustc-env=EVIL_X_TEXT=1\nhello\ncargo:rustc-link-lib=z";
        assert_eq!(outputs.objections(fine.as_bytes(), &folders), Vec::<String>::new());
        for bad in [
            "cargo:rustc-env=LD_PRELOAD=/x.so",
            "cargo:rustc-env=OTHER_TEXT=1",
            "cargo::rustc-env=PATH=/x",
            "cargo:rustc-link-arg=-fuse-ld=/x",
            "cargo:rustc-link-arg-bin=a=-Wl,-plugin,x.so",
            "\u{a0} cargo:rustc-env=PATH=/x",
            "\tcargo::rustc-link-arg=-fuse-ld=/x\r",
            "cargo::rustc-made-up=1",
            "cargo:rustc-link-lib=dylib:+verbatim=evil.ld",
            "cargo:rustc-link-lib=link-arg=-specs=x",
            "cargo:rustc-cfg=@/p/arguments",
            "cargo::rustc-check-cfg=@arguments",
            "cargo:rustc-link-lib=../x",
            "cargo:rustc-link-lib=:evil.ld",
            "cargo:rustc-link-lib=a:b/c",
            "cargo:rustc-flags=-l static:+verbatim=x",
            "cargo:rustc-link-search=crate=/p",
            "cargo:rustc-link-search=dependency=/t/out",
            "cargo:rustc-link-search=lib",
            "cargo:rustc-link-search=@RUSTC_BUILTIN/x",
            "cargo:rustc-link-search=/t/out/../elsewhere",
            "cargo:rustc-flags=-L /elsewhere",
        ] {
            assert_eq!(outputs.objections(bad.as_bytes(), &folders).len(), 1, "{bad}");
        }
        let any = Outputs { any: true, ..Outputs::default() };
        assert!(any.objections(b"cargo:rustc-env=PATH=/x\ncargo:rustc-link-arg=x", &folders).is_empty());
        assert_eq!(
            any.objections(b"cargo:rustc-env=OUT_DIR=/x\ncargo::rustc-env=INERT_SESSION=x", &folders).len(),
            2
        );
        let mut listed = Outputs::default();
        listed.add("rustc-env=LD_PRELOAD=*").unwrap();
        assert!(listed.objections(b"cargo:rustc-env=LD_PRELOAD=/x.so", &folders).is_empty());
        listed.add("rustc-link-arg=-Wl,-rpath,*").unwrap();
        listed.add("rustc-link-lib=*").unwrap();
        listed.add("rustc-env=GIT_*").unwrap();
        for good in ["rustc-link-arg=-Wl,-rpath,/x", "rustc-link-lib=z", "rustc-env=GIT_DATE=1 May, 12:00"] {
            assert!(listed.objections(format!("cargo:{good}").as_bytes(), &folders).is_empty(), "{good}");
        }
        for bad in [
            "rustc-link-arg=-Wl,-rpath,/x,-plugin,/evil.so",
            "rustc-link-arg=-Wl,-rpath,/x:/y",
            "rustc-link-arg=-Wl,-rpath,/x -plugin",
            "rustc-env=LD_PRELOAD=/x.so:/y.so",
        ] {
            assert!(!listed.objections(format!("cargo:{bad}").as_bytes(), &folders).is_empty(), "{bad}");
        }
        assert!(!listed.lists("rustc-link-lib=static:+verbatim=x") && !listed.lists("rustc-link-lib=a:b"));
        assert!(listed.add("rustc-cfg").is_err() && listed.add("nonsense=1").is_err());
    }
}
