//! Finds the names of processes, the network, files and `unsafe` in the sources of a package, for whoever reviews what is linked
//! into a script or a macro.
//!
//! Names are read, not resolved: a use behind a macro of another package, or under another name, is not found, and a name may
//! mean something else. So a list proves what to read, and never that there is no more. All Rust sources of a package are read,
//! those of its tests too, since `#[path]` may make one a part of the library; and so is what `include!` and `#[path]` name.
//! What a script writes to OUT_DIR is not.

use std::collections::{BTreeMap, BTreeSet};
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
    /// The files that could not be read as Rust, and what `include!` or `#[path]` names and was not found.
    pub unread: Vec<PathBuf>,
}

impl Uses {
    /// Reads the sources of a package, and the other files that those include by a name that is written out.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        let mut uses = Self::default();
        let sources = sources(root);
        let mut seen: BTreeSet<PathBuf> = sources.keys().cloned().collect();
        let mut left: Vec<(PathBuf, Option<String>)> = sources.into_iter().rev().collect();
        while let Some((path, text)) = left.pop() {
            let Some((tokens, text)) = text.and_then(|text| Some((text.parse::<TokenStream>().ok()?, text)))
            else {
                uses.unread.push(path);
                continue;
            };
            let lines: Vec<&str> = text.lines().collect();
            let mut scanned = Scanned::default();
            scanned.scan(&tokens.into_iter().collect::<Vec<_>>());
            let mut found = scanned.found;
            found.sort_unstable();
            found.dedup();
            uses.found.extend(found.into_iter().map(|(number, kind)| {
                let line = lines.get(number - 1).map(|line| line.trim().to_owned()).unwrap_or_default();
                Use { kind, line, place: (path.clone(), number) }
            }));
            for named in scanned.named {
                match included(root, &path, &named) {
                    Included::Rust => {}
                    Included::Other(other) => {
                        if seen.insert(other.clone()) {
                            let text = crate::file::read_text(&root.join(&other)).ok();
                            left.push((other, text));
                        }
                    }
                    Included::Unknown => uses.unread.push(PathBuf::from(named)),
                }
            }
        }
        uses.found.sort_by(|a, b| (&a.place, a.kind).cmp(&(&b.place, b.kind)));
        uses.unread.sort_unstable();
        uses.unread.dedup();
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

/// The folders at a package's root whose files are read only where a source names them.
const APART: &[&str] = &["target", ".git"];

/// Returns the Rust sources, by their path in the package; `None` for what cannot be read.
fn sources(root: &Path) -> BTreeMap<PathBuf, Option<String>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let apart = folder == root && APART.iter().any(|name| entry.file_name() == *name);
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && !apart => folders.push(path),
                Ok(kind) if !kind.is_dir() && is_rust(&path) => {
                    let name = path.strip_prefix(root).unwrap_or(&path).to_path_buf();
                    found.insert(name, crate::file::read_text(&path).ok());
                }
                _ => {}
            }
        }
    }
    found
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// The file that `include!` or `#[path]` names.
enum Included {
    /// A Rust source of the package, which is read anyway.
    Rust,
    /// Another file of the package, by its path there.
    Other(PathBuf),
    /// A file elsewhere, or one that was not found.
    Unknown,
}

/// Finds the file that a source names; `from` is the source's path in the package.
fn included(root: &Path, from: &Path, named: &str) -> Included {
    // The text of a literal is not unescaped.
    if named.contains('\\') {
        return Included::Unknown;
    }
    let path = root.join(from).parent().unwrap_or(root).join(named);
    let real = std::fs::canonicalize(&path).ok().zip(std::fs::canonicalize(root).ok());
    let inside = real.and_then(|(real, root)| real.strip_prefix(root).ok().map(Path::to_path_buf));
    match inside {
        Some(inside) if is_rust(&inside) && !APART.iter().any(|name| inside.starts_with(name)) => {
            Included::Rust
        }
        Some(inside) => Included::Other(inside),
        // Within `mod a { … }` a path begins at another folder.
        None if !path.exists()
            && is_rust(&path)
            && !APART
                .iter()
                .any(|name| Path::new(named).components().any(|part| part.as_os_str() == *name)) =>
        {
            Included::Rust
        }
        None => Included::Unknown,
    }
}

/// The uses and the file names that were found in the tokens of a source.
#[derive(Default)]
struct Scanned {
    /// The lines with uses.
    found: Vec<(usize, Kind)>,
    /// The files that `include!` and `#[path]` name; the code of an `include!` whose name is put together.
    named: Vec<String>,
}

/// Returns the text of a literal of a string; `None` for another token.
fn string(token: Option<&TokenTree>) -> Option<String> {
    let Some(TokenTree::Literal(literal)) = token else { return None };
    let text = literal.to_string();
    let inner = text.trim_start_matches('r').trim_matches('#');
    inner.strip_prefix('"')?.strip_suffix('"').map(str::to_owned)
}

/// Returns an identifier without the mark of a raw one (`r#Command` is `Command`); an empty text for another token.
fn name_of(token: Option<&TokenTree>) -> String {
    let Some(TokenTree::Ident(one)) = token else { return String::new() };
    let text = one.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}

impl Scanned {
    fn scan(&mut self, tokens: &[TokenTree]) {
        let punct =
            |at: usize, c: char| matches!(tokens.get(at), Some(TokenTree::Punct(one)) if one.as_char() == c);
        let word = |at: usize| name_of(tokens.get(at));
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
                TokenTree::Punct(one) if one.as_char() == '#' => self.attribute(tokens.get(at + 1)),
                TokenTree::Ident(name) => {
                    let text = word(at);
                    let line = name.span().start().line;
                    let kinds = NAMES.iter().filter(|(_, names)| names.contains(&text.as_str()));
                    self.found.extend(kinds.map(|(kind, _)| (line, *kind)));
                    let path = punct(at + 1, ':') && punct(at + 2, ':');
                    let imported = at > 0 && (word(at - 1) == "use" || punct(at - 1, ':'));
                    for (kind, module) in MODULES.iter().filter(|(_, module)| *module == text) {
                        let harmless = path && HARMLESS.contains(&word(at + 3).as_str());
                        let ends =
                            imported && (punct(at + 1, ';') || punct(at + 1, ',') || tokens.len() == at + 1);
                        if path && !harmless || ends && *module != "process" {
                            self.found.push((line, *kind));
                        }
                    }
                    // `extern "C"` begins a block of foreign functions, or the type of one.
                    if text == "extern" && matches!(tokens.get(at + 1), Some(TokenTree::Literal(_))) {
                        self.found.push((line, Kind::Unsafe));
                    }
                    if text == "include"
                        && punct(at + 1, '!')
                        && let Some(TokenTree::Group(group)) = tokens.get(at + 2)
                    {
                        self.include(group);
                    }
                }
                TokenTree::Group(group) => self.scan(&group.stream().into_iter().collect::<Vec<_>>()),
                _ => {}
            }
            at += 1;
        }
    }

    /// Takes the file that `#[path = "…"]` names, within `cfg_attr` too.
    fn attribute(&mut self, attribute: Option<&TokenTree>) {
        let Some(TokenTree::Group(group)) = attribute else { return };
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        for at in 0..tokens.len() {
            if name_of(tokens.get(at)) == "path"
                && matches!(tokens.get(at + 1), Some(TokenTree::Punct(one)) if one.as_char() == '=')
            {
                self.named.extend(string(tokens.get(at + 2)));
            }
            self.attribute(tokens.get(at));
        }
    }

    /// Takes the file that `include!` names. One in OUT_DIR is written by a script.
    fn include(&mut self, group: &proc_macro2::Group) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        let code: String = group.stream().to_string().split_whitespace().collect();
        match &tokens[..] {
            [one] => self.named.push(string(Some(one)).unwrap_or(code)),
            _ if code.contains("\"OUT_DIR\"") => {}
            _ => self.named.push(format!("include!({code})")),
        }
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
            ("tests/t.rs", "fn f() { r#fs::read(\"b\"); }"),
            ("src/x.inc", "fn f() { unsafe {} }"),
            ("target/y.rs", "fn f() { std::net::TcpListener::bind(\"\"); }"),
            ("target/z.rs", "unsafe fn f() {}"),
            (
                "src/more.rs",
                "include!(\"x.inc\");\n#[path = \"../target/y.rs\"]\nmod y;\n#[cfg_attr(a, path = \"other.rs\")]\nmod a;\n\
                 include!(concat!(\"..\", \"/x\"));\ninclude!(concat!(env!(\"OUT_DIR\"), \"/x\"));\ninclude!(\"../../x.inc\");\n",
            ),
        ]);
        let added: Vec<_> =
            now.added_since(&before).iter().map(|one| (one.kind, one.place.0.clone())).collect();
        assert_eq!(
            added,
            [
                (Kind::Process, PathBuf::from("src/lib.rs")),
                (Kind::File, PathBuf::from("src/other.rs")),
                (Kind::Unsafe, PathBuf::from("src/x.inc")),
                (Kind::Network, PathBuf::from("target/y.rs")),
                (Kind::File, PathBuf::from("tests/t.rs")),
            ]
        );
        assert_eq!(
            (now.counts().as_str(), now.unread),
            (
                "process 1, network 1, file 3, unsafe 1",
                ["../../x.inc", "include!(concat!(\"..\",\"/x\"))", "src/odd.rs"].map(PathBuf::from).to_vec()
            )
        );
        assert!(before.added_since(&before).is_empty());
    }
}
