//! Collects the names of the methods that the models know, from the models' source.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

/// Returns every string literal in the models and the interpreter that may be the name of a method. rustc decides which
/// are methods, and of which types, so a new model is tested without being registered.
pub(crate) fn named() -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut names = BTreeSet::new();
    for folder in ["models", "interp", "semantics"] {
        visit(&source.join(folder), &mut names);
    }
    names
}

fn visit(path: &Path, names: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder").flatten() {
            visit(&entry.path(), names);
        }
    } else if path.extension().is_some_and(|kind| kind == "rs") {
        let text = std::fs::read_to_string(path).expect("a source file");
        collect(text.parse().expect("Rust"), names);
    }
}

fn collect(tokens: TokenStream, names: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), names),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let Some(word) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
                    continue;
                };
                let name = word
                    .bytes()
                    .all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit());
                if name
                    && word.starts_with(|first: char| first.is_ascii_lowercase())
                    && !KEYWORDS.contains(&word)
                {
                    names.insert(word.to_owned());
                }
            }
            _ => {}
        }
    }
}

/// Keywords, which cannot be names of methods.
const KEYWORDS: [&str; 17] = [
    "as", "async", "await", "const", "crate", "dyn", "else", "false", "for", "if", "in", "macro", "self",
    "static", "super", "true", "while",
];
