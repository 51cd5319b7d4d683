//! A check: an expression or a whole script, with the imports that it needs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A check, which is identified by its text in reports and in lists of known failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) text: String,
    /// The group that it is counted under: the name of a method or of a file.
    pub(crate) group: String,
}

/// The imports that every script gets, unless it imports from that module itself: the script's text and the import.
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

    /// Returns the whole build script of the check.
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

    /// Returns whether the check depends on the machine, so that it must run in a process and a folder of its own.
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

    /// Returns the text on one line, for lists.
    pub(crate) fn line(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/against_rustc")
}

/// Reads the checks of a file: blank lines separate them, and `# ` begins a comment line.
pub(crate) fn read(path: &Path) -> Vec<Check> {
    let group = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    paragraphs(&text).iter().map(|text| Check::new(&group, text)).collect()
}

/// Returns the paragraphs of a text, which blank lines separate, without comment lines.
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
