//! Finds the names of processes, the network, files and `unsafe` in the sources of a package, for whoever reviews what is linked
//! into a script or a macro.
//!
//! Names are read, not resolved: a use behind a macro of another package, or under another name, is not found, and a name may
//! mean something else. So a list proves what to read, and never that there is no more.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A kind of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It starts programs, or ends or signals processes.
    Process,
    /// It opens sockets, or names a package that does.
    Network,
    /// It reads or changes files.
    File,
    /// The compiler does not check it: `unsafe`, foreign functions, assembly.
    Unsafe,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Process => "process",
            Self::Network => "network",
            Self::File => "file",
            Self::Unsafe => "unsafe",
        })
    }
}

/// The names that count as a use in any position: of types, functions, macros and packages.
const NAMES: &[(Kind, &[&str])] = &[
    (
        Kind::Process,
        &["Command", "execve", "execv", "execvp", "posix_spawn", "CommandExt", "ExitStatusExt", "pre_exec"],
    ),
    (
        Kind::Network,
        &[
            "TcpStream",
            "TcpListener",
            "UdpSocket",
            "UnixStream",
            "UnixListener",
            "UnixDatagram",
            "ToSocketAddrs",
            "socket2",
            "reqwest",
            "ureq",
            "hyper",
            "curl",
            "attohttpc",
            "minreq",
            "isahc",
            "surf",
            "gix",
            "git2",
        ],
    ),
    (
        Kind::File,
        &[
            "File",
            "OpenOptions",
            "read_dir",
            "remove_file",
            "remove_dir_all",
            "create_dir",
            "create_dir_all",
            "read_link",
            "set_permissions",
            "include_bytes",
            "include_str",
            "tempfile",
            "walkdir",
            "memmap2",
        ],
    ),
    (
        Kind::Unsafe,
        &[
            "unsafe",
            "asm",
            "global_asm",
            "naked_asm",
            "transmute",
            "libloading",
            "dlopen",
            "link_section",
            "no_mangle",
        ],
    ),
];

/// Modules of which any item is a use, in a path (`fs::read`) or an import.
const MODULES: &[(Kind, &str)] =
    &[(Kind::Process, "process"), (Kind::Network, "net"), (Kind::File, "fs"), (Kind::Unsafe, "libc")];

/// Items of those modules that are none: a script ends by them.
const HARMLESS: &[&str] = &["exit", "abort", "id", "ExitCode"];

/// One line of a source with a name of some kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The kind of the use.
    pub kind: Kind,
    /// The line, without the blanks around it.
    pub line: String,
    /// The path of the file in the package, and the number of the line.
    pub place: (PathBuf, usize),
}

/// The uses of a package.
#[derive(Debug, Default)]
pub struct Uses {
    /// The uses in the order of files and lines, at most one of each kind a line.
    pub found: Vec<Use>,
    /// The files that could not be read as Rust.
    pub unread: Vec<PathBuf>,
}

impl Uses {
    /// Reads the sources of a package that may be linked: all but those of its tests, examples and benchmarks.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        let mut uses = Self::default();
        for (path, text) in sources(root) {
            match text.map(|text| (text.parse::<TokenStream>(), text)) {
                Some((Ok(tokens), text)) => {
                    let lines: Vec<&str> = text.lines().collect();
                    let mut found: Vec<(usize, Kind)> = Vec::new();
                    scan(&tokens.into_iter().collect::<Vec<_>>(), &mut found);
                    found.sort_unstable();
                    found.dedup();
                    uses.found.extend(found.into_iter().map(|(number, kind)| {
                        let line =
                            lines.get(number - 1).map(|line| line.trim().to_owned()).unwrap_or_default();
                        Use { kind, line, place: (path.clone(), number) }
                    }));
                }
                _ => uses.unread.push(path),
            }
        }
        uses
    }

    /// Returns the number of uses of each kind, as in `process 2, file 13`; empty if there are none.
    #[must_use]
    pub fn counts(&self) -> String {
        let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
        self.found.iter().for_each(|one| *counts.entry(one.kind).or_default() += 1);
        let words: Vec<String> = counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        words.join(", ")
    }

    /// Returns the uses whose line an earlier version does not have, or has less often.
    #[must_use]
    pub fn added_since(&self, before: &Self) -> Vec<&Use> {
        let mut known: BTreeMap<(Kind, &str), usize> = BTreeMap::new();
        before.found.iter().for_each(|one| *known.entry((one.kind, one.line.as_str())).or_default() += 1);
        let mut added = Vec::new();
        for one in &self.found {
            match known.get_mut(&(one.kind, one.line.as_str())) {
                Some(left) if *left > 0 => *left -= 1,
                _ => added.push(one),
            }
        }
        added
    }
}

/// Returns the Rust sources that may be linked, by their path in the package; `None` for what cannot be read.
fn sources(root: &Path) -> BTreeMap<PathBuf, Option<String>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let apart = folder == root
                && ["tests", "benches", "examples", "target", ".git"]
                    .iter()
                    .any(|name| entry.file_name() == *name);
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && !apart => folders.push(path),
                Ok(kind) if !kind.is_dir() && path.extension().is_some_and(|extension| extension == "rs") => {
                    let name = path.strip_prefix(root).unwrap_or(&path).to_path_buf();
                    found.insert(name, crate::file::read_text(&path).ok());
                }
                _ => {}
            }
        }
    }
    found
}

fn scan(tokens: &[TokenTree], found: &mut Vec<(usize, Kind)>) {
    let punct =
        |at: usize, c: char| matches!(tokens.get(at), Some(TokenTree::Punct(one)) if one.as_char() == c);
    let word = |at: usize| {
        if let Some(TokenTree::Ident(one)) = tokens.get(at) { one.to_string() } else { String::new() }
    };
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Punct(one) if one.as_char() == '#' && is_for_tests(tokens.get(at + 1)) => {
                // The next item is left out, to its end.
                at += 2;
                while at < tokens.len() && !ends_item(&tokens[at]) {
                    at += 1;
                }
            }
            TokenTree::Ident(name) => {
                let text = name.to_string();
                let line = name.span().start().line;
                let kinds =
                    NAMES.iter().filter(|(_, names)| names.contains(&text.as_str())).map(|(kind, _)| *kind);
                found.extend(kinds.map(|kind| (line, kind)));
                let path = punct(at + 1, ':') && punct(at + 2, ':');
                let imported = at > 0 && (word(at - 1) == "use" || punct(at - 1, ':'));
                for (kind, module) in MODULES.iter().filter(|(_, module)| *module == text) {
                    let harmless = path && HARMLESS.contains(&word(at + 3).as_str());
                    let ends =
                        imported && (punct(at + 1, ';') || punct(at + 1, ',') || tokens.len() == at + 1);
                    if path && !harmless || ends && *module != "process" {
                        found.push((line, *kind));
                    }
                }
                // `extern "C"` begins a block of foreign functions, or the type of one.
                if text == "extern" && matches!(tokens.get(at + 1), Some(TokenTree::Literal(_))) {
                    found.push((line, Kind::Unsafe));
                }
            }
            TokenTree::Group(group) => scan(&group.stream().into_iter().collect::<Vec<_>>(), found),
            _ => {}
        }
        at += 1;
    }
}

/// Returns whether an attribute is `[cfg(test)]` or `[test]`.
fn is_for_tests(attribute: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = attribute else { return false };
    let text: String = group.stream().to_string().split_whitespace().collect();
    group.delimiter() == Delimiter::Bracket && ["cfg(test)", "test"].contains(&text.as_str())
}

fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(one) => one.as_char() == ';',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(text: &str) -> Vec<(Kind, usize)> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("src")).unwrap();
        std::fs::write(folder.path().join("src/lib.rs"), text).unwrap();
        Uses::of(folder.path()).found.into_iter().map(|one| (one.kind, one.place.1)).collect()
    }

    #[test]
    fn names_are_read_and_not_texts() {
        assert_eq!(
            uses(
                "use std::process::Command;\nuse std::fs;\nfn f() {\n    fs::read(\"x\");\n    unsafe { libc::kill(0, 0) };\n}\n\
                 extern \"C\" { fn g(); }\nuse std::net::TcpStream;\nconst A: &[u8] = include_bytes!(\"a\");\n"
            ),
            [
                (Kind::Process, 1),
                (Kind::File, 2),
                (Kind::File, 4),
                (Kind::Unsafe, 5),
                (Kind::Unsafe, 7),
                (Kind::Network, 8),
                (Kind::File, 9),
            ]
        );
        let none = "// Command, unsafe\n/// fs::read\nfn f() { std::process::exit(1); let s = \"unsafe std::fs::read\"; }\n\
                    #[cfg(test)]\nmod tests { use std::fs; fn g() { unsafe {} } }\n#[test]\nfn h() { std::fs::read(\"\"); }\n\
                    fn process(process: u8) -> u8 { process }\n";
        assert_eq!(uses(none), []);
    }

    #[test]
    fn an_update_is_compared_by_its_lines() {
        let read = |texts: &[(&str, &str)]| {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in texts {
                let path = folder.path().join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            Uses::of(folder.path())
        };
        let before = read(&[("src/lib.rs", "fn f() { std::fs::read(\"a\"); }\n")]);
        let now = read(&[
            ("src/other.rs", "\n\nfn f() { std::fs::read(\"a\"); }\n"),
            (
                "src/lib.rs",
                "fn g() { std::process::Command::new(\"curl\"); }\nfn f() { std::fs::read(\"a\"); }\n",
            ),
            ("src/odd.rs", "fn ( {"),
            ("tests/t.rs", "fn f() { unsafe {} }"),
        ]);
        let added: Vec<_> =
            now.added_since(&before).iter().map(|one| (one.kind, one.place.0.clone())).collect();
        assert_eq!(
            added,
            [(Kind::Process, PathBuf::from("src/lib.rs")), (Kind::File, PathBuf::from("src/other.rs"))]
        );
        assert_eq!(
            (now.counts().as_str(), now.unread),
            ("process 1, file 2", vec![PathBuf::from("src/odd.rs")])
        );
        assert!(before.added_since(&before).is_empty());
    }
}
