//! What an allowed script may tell Cargo: what a declaration could have said, and what its entry lists besides.
//!
//! It has run by then, so this is no fence around the script: it keeps what it says from reaching further than was
//! reviewed, into the compiler, the linker and the scripts of dependents.

use std::path::Path;

use inert_manifest_spec::rules::env::{Verdict, rustc_env};
use inert_manifest_spec::rules::flags::{LinkArgument, link_argument};
use inert_manifest_spec::rules::libraries;
use serde::{Deserialize, Serialize};

/// `outputs` of an `[[allow]]` entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outputs {
    /// `outputs = ["any"]`: all that Cargo takes.
    pub any: bool,
    /// `key=value` as the script may print it after `cargo:`, with `*` for any end.
    pub listed: Vec<String>,
}

/// Where a script may point.
#[derive(Debug, Clone, Copy)]
pub struct Folders<'a> {
    /// OUT_DIR.
    pub out_dir: &'a Path,
    /// The package.
    pub package: &'a Path,
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

    fn lists(&self, key: &str, value: &str) -> bool {
        let said = format!("{key}={value}");
        self.any
            || self.listed.iter().any(|item| match item.strip_suffix('*') {
                Some(prefix) => said.starts_with(prefix),
                None => said == *item,
            })
    }

    /// What in a script's standard output it may not say.
    #[must_use]
    pub fn objections(&self, stdout: &str, folders: &Folders<'_>) -> Vec<String> {
        stdout.lines().filter_map(|line| self.objection(line, folders)).collect()
    }

    fn objection(&self, line: &str, folders: &Folders<'_>) -> Option<String> {
        let directive = line.strip_prefix("cargo::").or_else(|| line.strip_prefix("cargo:"))?;
        let (key, value) = directive.split_once('=')?;
        if self.lists(key, value) {
            return None;
        }
        let why = match key {
            "rustc-env" => {
                let name = value.split_once('=').map_or(value, |(name, _)| name);
                match rustc_env(name) {
                    Verdict::Harmless => None,
                    Verdict::NeedsReview => {
                        Some("the variable has no form that is known to be harmless".to_owned())
                    }
                    Verdict::Forbidden(refusal) => Some(refusal.message),
                }
            }
            "rustc-link-search" => search(value, folders),
            "rustc-link-lib" => None,
            "rustc-flags" => flags(value, folders),
            "rustc-link-arg-bin" => arg(value.split_once('=').map_or(value, |(_, arg)| arg), folders),
            key if key.starts_with("rustc-link-arg") || key == "rustc-cdylib-link-arg" => arg(value, folders),
            _ => None,
        }?;
        Some(format!("`{line}`: {why}"))
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

/// rustc-flags holds `-l` and `-L` alone: Cargo refuses others.
fn flags(value: &str, folders: &Folders<'_>) -> Option<String> {
    let mut words = value.split_whitespace();
    while let Some(word) = words.next() {
        if let Some(rest) = word.strip_prefix("-L") {
            let folder = if rest.is_empty() { words.next().unwrap_or_default() } else { rest };
            if let Some(why) = search(folder, folders) {
                return Some(why);
            }
        }
    }
    None
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
        let folders = Folders { out_dir: Path::new("/t/out"), package: Path::new("/p") };
        let outputs = Outputs::default();
        let fine = "cargo:rustc-cfg=x\ncargo::metadata=include=/p\ncargo:rustc-env=X_VERSION=1\nhello\ncargo:rustc-link-lib=z";
        assert_eq!(outputs.objections(fine, &folders), Vec::<String>::new());
        for bad in [
            "cargo:rustc-env=LD_PRELOAD=/x.so",
            "cargo::rustc-env=PATH=/x",
            "cargo:rustc-link-arg=-fuse-ld=/x",
            "cargo:rustc-link-arg-bin=a=-Wl,-plugin,x.so",
        ] {
            assert_eq!(outputs.objections(bad, &folders).len(), 1, "{bad}");
        }
        let mut listed = Outputs::default();
        listed.add("rustc-env=LD_PRELOAD=*").unwrap();
        assert!(listed.objections("cargo:rustc-env=LD_PRELOAD=/x.so", &folders).is_empty());
        assert!(listed.add("rustc-cfg").is_err() && listed.add("nonsense=1").is_err());
    }
}
