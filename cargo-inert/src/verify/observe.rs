//! The outcome of a run of a script or a stand-in: directives read as Cargo reads them, files in OUT_DIR, C commands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use inert_build_output::rustc::{SEARCH_KINDS, SearchKind};
use inert_build_output::{Instruction, Package, Scope, logged_error, read};

/// The output that is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The error if the run failed; nothing else is compared then.
    pub failed: Option<String>,
    /// True if it failed because a rule of the closed vocabulary forbids the action: a deliberate difference.
    pub refused: bool,
    /// The actions that it was denied; if there are any, its output says nothing of what it would do otherwise.
    pub denied: Vec<String>,
    /// True if it was killed at the time limit.
    pub hung: bool,
    /// The values of `rustc-cfg`.
    pub cfgs: BTreeSet<String>,
    /// The values of `rustc-check-cfg`; they are informative and never compared.
    pub check_cfgs: BTreeSet<String>,
    /// The variables of `rustc-env`; the last value of each counts.
    pub env: BTreeMap<String, String>,
    /// The metadata for dependents; the last value of each key counts. Empty if the package has no `links`.
    pub metadata: BTreeMap<String, String>,
    /// The values of `rustc-link-lib`, in order.
    pub link_libs: Vec<String>,
    /// The values of `rustc-link-search`, in order.
    pub link_searches: Vec<String>,
    /// The values of `rustc-link-arg…`, in order.
    pub link_args: Vec<String>,
    /// The contents of OUT_DIR, by path in it.
    pub files: BTreeMap<String, Content>,
    /// The C compilations, sorted, since several may run at once.
    pub compiles: Vec<String>,
}

/// The contents of a file in OUT_DIR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The bytes of the file.
    Bytes(Vec<u8>),
    /// The global symbols of an archive.
    Symbols(BTreeSet<String>),
    /// A folder without files.
    Folder,
    /// A symlink, with its target.
    Link(String),
}

/// Ends of the names of temporary files of compilers and probes in OUT_DIR, which no crate reads.
const LEFT_BEHIND: &[&str] =
    &[".o", ".obj", ".d", ".rmeta", ".rlib", ".ll", ".bc", ".s", ".pdb", ".ilk", ".flag_check", ".dwo"];

/// Parts of the names of such files.
const LEFT_BEHIND_INFIX: &[&str] =
    &["flag_check", "autocfg_", "detect_compiler_family", "CMakeFiles", "inert-scratch"];

impl Outcome {
    /// Reads the output of a script as Cargo does (the Cargo book, "Outputs of the Build Script").
    #[must_use]
    pub fn of_output(stdout: &[u8], links: bool) -> Self {
        let mut outcome = Self { failed: logged_error(stdout), ..Self::default() };
        // The simulated rustc and target may differ from Cargo's own, so no rule that depends on them is applied.
        let package = Package { bootstrap: true, ..Package::default() };
        for line in read(stdout, &package) {
            match line.says {
                Ok(instruction) => outcome.hear(instruction, links),
                Err(why) => {
                    outcome.failed.get_or_insert(format!("Cargo rejects the line `{}`: {why}", line.text));
                }
            }
        }
        outcome
    }

    fn hear(&mut self, instruction: Instruction<'_>, links: bool) {
        match instruction {
            Instruction::Cfg(value) => drop(self.cfgs.insert(tidy_cfg(value))),
            Instruction::CheckCfg(value) => drop(self.check_cfgs.insert(value.to_owned())),
            Instruction::Env { name, value } => drop(self.env.insert(name.to_owned(), value.to_owned())),
            Instruction::LinkLib(value) => self.link_libs.push(value.to_owned()),
            Instruction::LinkSearch(value) => self.link_searches.push(tidy_search(value)),
            Instruction::Flags { searches, libs } => {
                self.link_libs.extend(libs.into_iter().map(str::to_owned));
                self.link_searches.extend(searches.into_iter().map(tidy_search));
            }
            Instruction::LinkArg { scope, bin, arg } => self.link_args.push(link_arg(scope, bin, arg)),
            Instruction::Metadata { key, value } => {
                if links {
                    self.metadata.insert(key.to_owned(), value.to_owned());
                }
            }
            Instruction::Warning(_)
            | Instruction::Error(_)
            | Instruction::RerunIfChanged(_)
            | Instruction::RerunIfEnvChanged(_) => {}
        }
    }

    /// Adds the contents of OUT_DIR; `symbols` reads the symbols of an archive.
    pub fn add_files(&mut self, out_dir: &Path, symbols: &dyn Fn(&Path) -> Option<BTreeSet<String>>) {
        self.add_folder(out_dir, out_dir, symbols);
    }

    fn add_folder(
        &mut self,
        out_dir: &Path,
        folder: &Path,
        symbols: &dyn Fn(&Path) -> Option<BTreeSet<String>>,
    ) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut empty = true;
        for entry in entries.flatten() {
            empty = false;
            let path = entry.path();
            let name = path.strip_prefix(out_dir).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            if is_left_behind(&name) || is_linked_probe(&path) {
                continue;
            }
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                self.add_folder(out_dir, &path, symbols);
            } else if kind.is_symlink() {
                let to = std::fs::read_link(&path).unwrap_or_default().to_string_lossy().into_owned();
                self.files.insert(name, Content::Link(to));
            } else if kind.is_file() {
                let is_archive = name.ends_with(".a") || name.ends_with(".lib");
                let content = if is_archive { symbols(&path).map(Content::Symbols) } else { None };
                let content =
                    content.unwrap_or_else(|| Content::Bytes(std::fs::read(&path).unwrap_or_default()));
                self.files.insert(name, content);
            } else {
                // A pipe would block its reader.
                self.files.insert(name, Content::Bytes(Vec::new()));
            }
        }
        if empty && folder != out_dir {
            let name = folder.strip_prefix(out_dir).unwrap_or(folder).to_string_lossy().replace('\\', "/");
            self.files.insert(name, Content::Folder);
        }
    }

    /// Adds the C compilations that a shim recorded.
    pub fn add_compiles(&mut self, log: &Path, folders: &[&Path]) {
        let Ok(text) = std::fs::read_to_string(log) else { return };
        for line in text.lines() {
            let Ok(words) = serde_json::from_str::<Vec<String>>(line) else { continue };
            if let Some(compile) = compile(&words, folders) {
                self.compiles.push(compile);
            }
        }
        self.compiles.sort();
        // A file that a script lists twice still becomes one object.
        self.compiles.dedup();
    }
}

/// Formats a link argument in one form, independent of the script's spelling.
fn link_arg(scope: Scope, bin: Option<&str>, arg: &str) -> String {
    let kind = match scope {
        Scope::All => "",
        Scope::Cdylib => "-cdylib",
        Scope::Bins => "-bins",
        Scope::Bin => "-bin",
        Scope::Tests => "-tests",
        Scope::Benches => "-benches",
        Scope::Examples => "-examples",
    };
    match bin {
        Some(bin) => format!("rustc-link-arg{kind}={bin}={arg}"),
        None => format!("rustc-link-arg{kind}={arg}"),
    }
}

fn is_left_behind(name: &str) -> bool {
    LEFT_BEHIND.iter().any(|end| name.ends_with(end))
        || LEFT_BEHIND_INFIX.iter().any(|part| name.contains(part))
}

/// Returns whether a file is a linked probe: an executable beside its source of the same name.
fn is_linked_probe(path: &Path) -> bool {
    let is_file = || std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let beside = path.extension().is_none() && path.with_extension("rs").is_file() && is_file();
    let magic = || std::fs::read(path).ok()?.get(..4).map(<[u8]>::to_vec);
    beside && magic().is_some_and(|magic| magic == *b"\x7fELF" || magic == [0xcf, 0xfa, 0xed, 0xfe])
}

/// Formats `name = "value"` as `name="value"`.
fn tidy_cfg(text: &str) -> String {
    match text.split_once('=') {
        Some((name, value)) => format!("{}={}", name.trim(), value.trim()),
        None => text.trim().to_owned(),
    }
}

/// Formats a search path without `.`, `..` and doubled slashes; rustc searches the same folder.
fn tidy_search(text: &str) -> String {
    let search = inert_build_output::rustc::search(text);
    let path = crate::cargo::package::path_from(Path::new(""), search.path);
    // rustc uses `all` if no kind is written.
    let kind = search.kind.filter(|kind| *kind != SearchKind::All);
    match kind.and_then(|kind| SEARCH_KINDS.iter().find(|(_, known)| *known == kind)).map(|(name, _)| name) {
        Some(kind) => format!("{kind}={}", path.display()),
        None => path.display().to_string(),
    }
}

/// Formats one compilation so that two drivers of a compiler agree: without the paths of objects and dependency lists,
/// and with sorted defines.
fn compile(words: &[String], folders: &[&Path]) -> Option<String> {
    const SOURCES: &[&str] = &["c", "cc", "cpp", "cxx", "C", "S", "s", "m", "mm", "asm"];
    if words.first().is_some_and(|word| word == "<ar>") {
        return None;
    }
    let mut defines = BTreeMap::new();
    let (mut includes, mut flags, mut sources) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-c" | "-MD" | "-MMD" => {}
            "-o" | "-MF" => drop(rest.next()),
            "-I" => includes.extend(rest.next().cloned()),
            "-D" => {
                let define = rest.next().cloned().unwrap_or_default();
                defines.insert(define.split('=').next().unwrap_or_default().to_owned(), define);
            }
            word if word.starts_with("-I") => includes.push(word[2..].to_owned()),
            word if word.starts_with("-D") => {
                let define = &word[2..];
                defines.insert(define.split('=').next().unwrap_or_default().to_owned(), define.to_owned());
            }
            word => {
                let extension =
                    Path::new(word).extension().map(|extension| extension.to_string_lossy().into_owned());
                let source = !word.starts_with('-')
                    && extension.is_some_and(|extension| SOURCES.contains(&&*extension));
                if source { sources.push(word.to_owned()) } else { flags.push(word.to_owned()) }
            }
        }
    }
    if sources.is_empty() {
        return None;
    }
    // A relative source is in the package's folder, where scripts run.
    let absolute = |path: &String| crate::cargo::package::path_from(folders[0], path).display().to_string();
    let sources: Vec<_> = sources.iter().map(absolute).collect();
    let includes: Vec<_> = includes.iter().map(absolute).collect();
    let defines: Vec<_> = defines.into_values().collect();
    let mut line = format!(
        "{} | -D {} | -I {} | {}",
        sources.join(" "),
        defines.join(" "),
        includes.join(" "),
        flags.join(" ")
    );
    for (folder, name) in folders.iter().zip(["<package>", "<out>"]) {
        line = line.replace(&*folder.to_string_lossy(), name);
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_read_as_cargo_reads_it() {
        let text = b"noise\ncargo:rustc-cfg=a\n cargo:rustc-cfg=b = \"c\"\ncargo:rustc-flags=-l foo -L /x/./y\ncargo:key=1\ncargo:key=2\ncargo::metadata=k=v\ncargo:rustc-link-search=native=/a/../b\n";
        let outcome = Outcome::of_output(text, true);
        assert_eq!(outcome.cfgs.iter().map(String::as_str).collect::<Vec<_>>(), ["a", "b=\"c\""]);
        assert_eq!(outcome.link_libs, ["foo"]);
        assert_eq!(outcome.link_searches, ["/x/y", "native=/b"]);
        assert_eq!(outcome.metadata.get("key").map(String::as_str), Some("2"));
        assert_eq!(outcome.metadata.get("k").map(String::as_str), Some("v"));
    }
}
