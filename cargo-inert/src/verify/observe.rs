//! What a run came to, whoever ran: directives read as Cargo reads them, files in OUT_DIR, C commands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Everything that is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it succeeded; otherwise what it said. Nothing else is compared then.
    pub failed: Option<String>,
    /// Whether it failed because a rule of the closed vocabulary forbids what would have to be done: a difference on
    /// purpose.
    pub refused: bool,
    /// Whether it was killed because it did not end.
    pub hung: bool,
    /// `rustc-cfg`.
    pub cfgs: BTreeSet<String>,
    /// `rustc-check-cfg`; for information, never compared.
    pub check_cfgs: BTreeSet<String>,
    /// `rustc-env`, the last word on each.
    pub env: BTreeMap<String, String>,
    /// Metadata for dependents, the last word on each; empty where the package has no `links`.
    pub metadata: BTreeMap<String, String>,
    /// `rustc-link-lib`, in order.
    pub link_libs: Vec<String>,
    /// `rustc-link-search`, in order.
    pub link_searches: Vec<String>,
    /// `rustc-link-arg…`, in order.
    pub link_args: Vec<String>,
    /// By path in OUT_DIR, what it holds.
    pub files: BTreeMap<String, Content>,
    /// C compilations: sorted, since several may run at once.
    pub compiles: Vec<String>,
}

/// What a file in OUT_DIR holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// An archive's global symbols.
    Symbols(BTreeSet<String>),
    /// An empty folder.
    Folder,
    /// A symlink, by where it leads.
    Link(String),
}

/// Files that scripts leave behind without anybody reading them: what compilers and probes write on their way. By the
/// end of the name.
const LEFT_BEHIND: &[&str] =
    &[".o", ".obj", ".d", ".rmeta", ".rlib", ".ll", ".bc", ".s", ".pdb", ".ilk", ".flag_check", ".dwo"];

/// The same by what the name contains.
const LEFT_BEHIND_INFIX: &[&str] =
    &["flag_check", "autocfg_", "detect_compiler_family", "CMakeFiles", "inert-scratch"];

impl Outcome {
    /// Reads what a script printed, as Cargo does (the Cargo book, "Outputs of the build script").
    #[must_use]
    pub fn of_output(stdout: &[u8], links: bool) -> Self {
        let mut outcome = Self::default();
        for line in stdout.split(|byte| *byte == b'\n') {
            let Ok(line) = std::str::from_utf8(line) else { continue };
            let line = line.trim();
            let (modern, rest) = match (line.strip_prefix("cargo::"), line.strip_prefix("cargo:")) {
                (Some(rest), _) => (true, rest),
                (None, Some(rest)) => (false, rest),
                (None, None) => continue,
            };
            let Some((key, value)) = rest.split_once('=') else {
                outcome.failed.get_or_insert(format!("Cargo rejects the line `{line}`"));
                continue;
            };
            outcome.directive(modern, key, value.trim_end(), links);
        }
        outcome
    }

    fn directive(&mut self, modern: bool, key: &str, value: &str, links: bool) {
        match key {
            "rustc-cfg" => drop(self.cfgs.insert(tidy_cfg(value))),
            "rustc-check-cfg" => drop(self.check_cfgs.insert(value.to_owned())),
            "rustc-env" => {
                if let Some((name, value)) = value.split_once('=') {
                    self.env.insert(name.to_owned(), value.to_owned());
                }
            }
            "rustc-link-lib" => self.link_libs.push(value.to_owned()),
            "rustc-link-search" => self.link_searches.push(tidy_search(value)),
            "rustc-flags" => self.flags(value),
            "rustc-cdylib-link-arg" => self.link_args.push(format!("rustc-link-arg-cdylib={value}")),
            "warning" | "rerun-if-changed" | "rerun-if-env-changed" => {}
            "error" if modern => drop(self.failed.get_or_insert_with(|| value.to_owned())),
            "metadata" if modern => {
                if let Some((key, value)) = value.split_once('=')
                    && links
                {
                    self.metadata.insert(key.to_owned(), value.to_owned());
                }
            }
            key if key.starts_with("rustc-link-arg") => self.link_args.push(format!("{key}={value}")),
            key if !modern && links => drop(self.metadata.insert(key.to_owned(), value.to_owned())),
            _ => {}
        }
    }

    /// `rustc-flags`: `-l` and `-L`, with or without a space.
    fn flags(&mut self, value: &str) {
        let mut words = value.split_whitespace();
        while let Some(word) = words.next() {
            for (flag, is_lib) in [("-l", true), ("-L", false)] {
                let Some(rest) = word.strip_prefix(flag) else { continue };
                let rest = if rest.is_empty() { words.next().unwrap_or_default() } else { rest };
                if is_lib {
                    self.link_libs.push(rest.to_owned());
                } else {
                    self.link_searches.push(tidy_search(rest));
                }
                break;
            }
        }
    }

    /// Adds what lies in OUT_DIR; `symbols` reads an archive's.
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
            } else {
                let is_archive = name.ends_with(".a") || name.ends_with(".lib");
                let content = if is_archive { symbols(&path).map(Content::Symbols) } else { None };
                let content =
                    content.unwrap_or_else(|| Content::Bytes(std::fs::read(&path).unwrap_or_default()));
                self.files.insert(name, content);
            }
        }
        if empty && folder != out_dir {
            let name = folder.strip_prefix(out_dir).unwrap_or(folder).to_string_lossy().replace('\\', "/");
            self.files.insert(name, Content::Folder);
        }
    }

    /// Adds the C compilations that a shim took down.
    pub fn add_compiles(&mut self, log: &Path, folders: &[&Path]) {
        let Ok(text) = std::fs::read_to_string(log) else { return };
        for line in text.lines() {
            let Ok(words) = serde_json::from_str::<Vec<String>>(line) else { continue };
            if let Some(compile) = compile(&words, folders) {
                self.compiles.push(compile);
            }
        }
        self.compiles.sort();
        // A file that stands in a script's list twice becomes one object all the same.
        self.compiles.dedup();
    }
}

fn is_left_behind(name: &str) -> bool {
    LEFT_BEHIND.iter().any(|end| name.ends_with(end))
        || LEFT_BEHIND_INFIX.iter().any(|part| name.contains(part))
}

/// A program beside its source of the same name: a probe that was linked.
fn is_linked_probe(path: &Path) -> bool {
    let beside = path.extension().is_none() && path.with_extension("rs").is_file();
    let magic = || std::fs::read(path).ok()?.get(..4).map(<[u8]>::to_vec);
    beside && magic().is_some_and(|magic| magic == *b"\x7fELF" || magic == [0xcf, 0xfa, 0xed, 0xfe])
}

/// `name = "value"` as `name="value"`.
fn tidy_cfg(text: &str) -> String {
    match text.split_once('=') {
        Some((name, value)) => format!("{}={}", name.trim(), value.trim()),
        None => text.trim().to_owned(),
    }
}

/// A search path without `.`, `..` and doubled slashes: rustc looks into the same folder.
fn tidy_search(text: &str) -> String {
    const KINDS: &[&str] = &["dependency", "crate", "native", "framework", "all"];
    let (kind, path) = match text.split_once('=') {
        Some((kind, path)) if KINDS.contains(&kind) => (Some(kind), path),
        _ => (None, text),
    };
    let path = crate::cargo::package::path_from(Path::new(""), path);
    // `all` is what rustc takes where no kind is written.
    match kind.filter(|kind| *kind != "all") {
        Some(kind) => format!("{kind}={}", path.display()),
        None => path.display().to_string(),
    }
}

/// One compilation in a form that two drivers of a compiler agree on: where objects and dependency lists go is theirs,
/// as is the order of defines.
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
    // A relative source is one of the package, where scripts run.
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
