//! A check: an expression or a whole script, and what it needs around it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// One check. Its text is its name: in reports and in lists of what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) text: String,
    /// What it is counted under, a method's name or a file's.
    pub(crate) group: String,
}

/// What every script has in scope, unless it imports of the module itself.
const IMPORTS: [(&str, &str); 3] = [
    ("use std::env;", "#[allow(unused_imports)] use std::env;"),
    ("use std::fs;", "#[allow(unused_imports)] use std::fs;"),
    ("use std::path::", "#[allow(unused_imports)] use std::path::{Path, PathBuf};"),
];

impl Check {
    pub(crate) fn new(group: &str, text: &str) -> Self {
        Self { text: text.to_owned(), group: group.to_owned() }
    }

    fn is_script(&self) -> bool {
        self.text.contains("fn main(")
    }

    /// The whole build script.
    pub(crate) fn script(&self) -> String {
        let imports = IMPORTS.iter().filter(|(own, _)| !self.text.contains(own)).map(|(_, import)| *import);
        let mut out = imports.collect::<Vec<_>>().join(" ") + "\n";
        if self.is_script() {
            out.push_str(&self.text.replacen("fn main(", "pub fn main(", 1));
        } else {
            let _ = write!(
                out,
                "pub fn main() {{ let v = {{ {} }}; println!(\"cargo:rustc-env=V={{:?}}\", v); }}",
                self.text
            );
        }
        out
    }

    /// Whether it asks the machine something, so that it runs as a process of its own, in a folder of its own.
    pub(crate) fn is_alone(&self) -> bool {
        self.is_script()
            && [
                "env::",
                "cfg!",
                "fs::",
                "exists()",
                "is_dir()",
                "is_file()",
                "Command",
                "env!",
                "exit(",
                "File::",
                "stdout()",
                "include_",
            ]
            .iter()
            .any(|word| self.text.contains(word))
    }

    /// On one line, for lists.
    pub(crate) fn line(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/against_rustc")
}

/// The checks of a file: blank lines stand between them, `#` begins a comment line.
pub(crate) fn read(path: &Path) -> Vec<Check> {
    let group = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    paragraphs(&text).iter().map(|text| Check::new(&group, text)).collect()
}

/// What stands between blank lines, comments taken out.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if line.starts_with("# ") {
            continue;
        }
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        if open {
            let last = out.last_mut().expect("it is open");
            last.push('\n');
            last.push_str(line);
        } else {
            out.push(line.to_owned());
        }
        open = true;
    }
    out
}
