//! What an allowed script may tell Cargo: what a declaration could have said, and what its entry lists besides.
//!
//! It has run by then, so this is no fence around the script: it keeps what it says from reaching further than was
//! reviewed, into the compiler, the linker and the scripts of dependents.

use std::path::Path;

use inert_build_output::{Instruction, Line, Package};
use inert_manifest_spec::rules::env::{Verdict, rustc_env, rustc_env_of};
use inert_manifest_spec::rules::flags::{LinkArgument, link_argument};
use inert_manifest_spec::rules::libraries;
use serde::{Deserialize, Serialize};

/// `outputs` of an `[[allow]]` entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outputs {
    /// `outputs = ["any"]`: all that Cargo takes.
    pub any: bool,
    /// `key=value` as the script may print it after `cargo:`, with `*` for any end that is one argument, name or folder.
    pub listed: Vec<String>,
}

/// Where a script may point.
#[derive(Debug, Clone, Copy)]
pub struct Folders<'a> {
    /// OUT_DIR.
    pub out_dir: &'a Path,
    /// The package.
    pub package: &'a Path,
    /// The package's name: variables that begin with it are its own to name, as in a declaration.
    pub name: &'a str,
}

/// Directives that an entry may list.
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

/// Whether what a star stands for is one argument, name or folder: it holds nothing that divides it into several, or that
/// makes another kind of thing of it.
fn one_thing(said: &str, rest: &str) -> bool {
    let key = said.split('=').next().unwrap_or_default();
    let divides = |c: char| c == ',' || c == ':' || c == ';' || c.is_whitespace() || c.is_control();
    match key {
        // The value is text, which may hold anything, unless a tool reads the variable.
        "rustc-env" => {
            let name = said.split('=').nth(1).unwrap_or_default();
            !matches!(rustc_env(name), Verdict::Forbidden(_)) || !rest.contains(divides)
        }
        "rustc-link-lib" => !rest.contains(['=', '+', '@']) && !rest.contains(divides),
        "rustc-link-search" => {
            // `C:\`, where the star begins with the folder.
            let bytes = rest.as_bytes();
            let drive = cfg!(windows) && bytes.get(1) == Some(&b':') && bytes[0].is_ascii_alphabetic();
            let rest = if drive { &rest[2..] } else { rest };
            !rest.contains(['=', '@']) && !rest.contains(divides)
        }
        _ => !rest.contains(divides) && !rest.starts_with('@'),
    }
}

impl Outputs {
    /// Reads one item of the list.
    ///
    /// # Errors
    /// What is wrong with it.
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

    /// `said` is what follows `cargo:` or `cargo::`.
    fn lists(&self, said: &str) -> bool {
        self.listed.iter().any(|item| match item.strip_suffix('*') {
            Some(prefix) => said.strip_prefix(prefix).is_some_and(|rest| one_thing(said, rest)),
            None => said == *item,
        })
    }

    /// What in a script's standard output it may not say, read as Cargo reads it.
    #[must_use]
    pub fn objections(&self, stdout: &[u8], folders: &Folders<'_>) -> Vec<String> {
        if self.any {
            return Vec::new();
        }
        let package = Package { bootstrap: true, ..Package::default() };
        let lines = inert_build_output::read(stdout, &package);
        lines.iter().filter_map(|line| self.objection(line, folders)).collect()
    }

    fn objection(&self, line: &Line<'_>, folders: &Folders<'_>) -> Option<String> {
        let (_, said) = inert_build_output::directive(line.text)?;
        if self.lists(said) {
            return None;
        }
        let why = match &line.says {
            // What another Cargo might make of it is not known.
            Err(malformed) => Some(malformed.to_string()),
            Ok(Instruction::Env { name, .. }) => match rustc_env_of(name, folders.name) {
                Verdict::Harmless => None,
                Verdict::NeedsReview => {
                    Some("the variable has no form that is known to be harmless".to_owned())
                }
                Verdict::Forbidden(refusal) => Some(refusal.message),
            },
            Ok(Instruction::LinkSearch(value)) => search(value, folders),
            Ok(Instruction::Flags { searches, .. }) => {
                searches.iter().find_map(|value| search(value, folders))
            }
            Ok(Instruction::LinkArg { arg: argument, .. }) => arg(argument, folders),
            Ok(
                Instruction::LinkLib(_)
                | Instruction::Cfg(_)
                | Instruction::CheckCfg(_)
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

fn arg(argument: &str, folders: &Folders<'_>) -> Option<String> {
    let mut written = argument.to_owned();
    for (folder, name) in [(folders.out_dir, "${out-dir}"), (folders.package, "${manifest-dir}")] {
        written = written.replace(&*folder.to_string_lossy(), name);
    }
    match link_argument(&written) {
        Ok(LinkArgument::Common) => None,
        Ok(LinkArgument::Review) => {
            Some("the argument changes what is linked, or how it is loaded".to_owned())
        }
        Err(refusal) => Some(refusal.message),
    }
}

/// A folder that the script could have written to holds only what a linker takes for a library: a text by the name of
/// one is a linker script, and names of system libraries are reserved.
fn search(value: &str, folders: &Folders<'_>) -> Option<String> {
    const KINDS: &[&str] = &["native=", "all=", "dependency=", "crate=", "framework="];
    let path = KINDS.iter().find_map(|kind| value.strip_prefix(kind)).unwrap_or(value);
    let folder = crate::cargo::package::path_from(folders.package, path);
    let inside = |folder: &Path| folder.starts_with(folders.out_dir) || folder.starts_with(folders.package);
    let real = folder.canonicalize().ok()?;
    let real_inside = [folders.out_dir, folders.package]
        .iter()
        .filter_map(|base| base.canonicalize().ok())
        .any(|base| real.starts_with(base));
    if inside(&folder) && !real_inside {
        return Some("a symlink leads the folder out of the package".to_owned());
    }
    if !real_inside {
        return None;
    }
    for entry in std::fs::read_dir(&real).ok()?.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(library) = libraries::of_file(&name).filter(|_| path.is_file()) else { continue };
        if libraries::is_reserved(library) {
            return Some(format!("the folder holds {name}, by the name of a library of the system"));
        }
        let bytes = head(&path);
        if !MAGIC.iter().any(|magic| bytes.starts_with(magic)) {
            return Some(format!("{name} in the folder is no archive, object or import library"));
        }
    }
    None
}

fn head(path: &Path) -> Vec<u8> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    if let Ok(file) = std::fs::File::open(path) {
        let _ = file.take(16).read_to_end(&mut bytes);
    }
    bytes
}

/// First bytes of what linkers take for code: archives, ELF, Mach-O, PE, COFF, bitcode, WebAssembly.
const MAGIC: &[&[u8]] = &[
    b"!<arch>\n",
    b"\x7fELF",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"MZ",
    b"\x64\x86",
    b"\x4c\x01",
    b"\x64\xaa",
    b"\xc4\x01",
    b"\x00\x00\xff\xff",
    b"\0asm",
    b"BC\xc0\xde",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_no_more_than_a_declaration() {
        let folders = Folders { out_dir: Path::new("/t/out"), package: Path::new("/p"), name: "evil-x" };
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
        ] {
            assert_eq!(outputs.objections(bad.as_bytes(), &folders).len(), 1, "{bad}");
        }
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
