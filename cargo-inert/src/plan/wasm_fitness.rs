//! Checks by its sources that a script behaves in WebAssembly as it does natively.
//!
//! In WebAssembly `cfg!(target_os = …)` is evaluated for another system, starting a program fails as "unsupported",
//! which a script may take for an answer, `std::env::consts` names no host, and the current folder is `/`. A source that
//! uses one of these is refused. Use of unreachable files and of the clock is detected when the script runs.

use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

/// The predicates of `cfg` that have the same value for every target.
const SAME_FOR_ALL: &[&str] =
    &["feature", "not", "any", "all", "test", "debug_assertions", "doc", "doctest", "true", "false"];

/// Refuses a script whose sources use something that differs in WebAssembly. `root` is the folder of its package.
///
/// # Errors
/// A source uses something that differs, or cannot be read.
pub fn check_script(sources: &[PathBuf], root: &Path) -> Result<(), String> {
    for path in sources.iter().filter(|path| is_source(path)) {
        let tokens = parsed(&text(path)?, path)?;
        let at = || path.strip_prefix(root).unwrap_or(path).display().to_string();
        check(&tokens, &at)?;
        if let Some(word) = foreign_cfg(&tokens) {
            return Err(format!(
                "{} asks for `{word}` of the target that the script itself is compiled for",
                at()
            ));
        }
    }
    Ok(())
}

/// Refuses a crate that starts programs or reads the host's constants. Its `cfg`s are allowed: libraries need them to
/// be portable.
///
/// # Errors
/// A source uses one of these, or cannot be read.
pub fn check_dependency(sources: &[PathBuf]) -> Result<(), String> {
    for path in sources.iter().filter(|path| is_source(path)) {
        let text = text(path)?;
        // Most sources hold none of the words, and are not parsed.
        if ["Command", "process", "consts", "current_dir", "absolute"].iter().any(|word| text.contains(word))
        {
            check(&parsed(&text, path)?, &|| path.display().to_string())?;
        }
    }
    Ok(())
}

/// Libraries that are ported by the width of pointers and compute the same with each: what differs in their sources is
/// how they do it (words at a time, larger numbers, system calls). `rand` is none of them: its small generator is another
/// one for each width. Nor is `rustc-hash`, whose hashes differ, and with them the order in its maps.
const SAME_FOR_ALL_WIDTHS: &[&str] = &[
    "aho-corasick",
    "getrandom",
    "hashbrown",
    "indexmap",
    "itoa",
    "libc",
    "memchr",
    "regex",
    "regex-automata",
    "regex-lite",
    "regex-syntax",
    "ryu",
    "serde",
    "serde_core",
    "serde_json",
    "winnow",
];

/// Refuses a library whose compiled sources depend on the width of pointers, which is another one in WebAssembly. `name`
/// is that of its package.
///
/// # Errors
/// A source depends on it, or cannot be read.
pub fn check_width(name: &str, sources: &[PathBuf]) -> Result<(), String> {
    const PREDICATE: &str = "target_pointer_width";
    if SAME_FOR_ALL_WIDTHS.contains(&name) {
        return Ok(());
    }
    for path in sources.iter().filter(|path| is_source(path)) {
        let text = text(path)?;
        if text.contains(PREDICATE) && words(&parsed(&text, path)?).iter().any(|word| word == PREDICATE) {
            return Err(format!(
                "{} asks for the width of pointers, which is another one there: `{name}` may compute something else",
                path.display()
            ));
        }
    }
    Ok(())
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

fn text(path: &Path) -> Result<String, String> {
    crate::file::read_text(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn parsed(text: &str, path: &Path) -> Result<TokenStream, String> {
    text.parse().map_err(|error| format!("{}: {error}", path.display()))
}

fn check(tokens: &TokenStream, at: &dyn Fn() -> String) -> Result<(), String> {
    let words = words(tokens);
    let has = |word: &str| words.iter().any(|found| found == word);
    if starts_processes(tokens, has("Command"), false) {
        return Err(format!("{} starts programs (`std::process::Command`), and none starts there", at()));
    }
    // WASI has no current folder: the standard library says that it is `/`. Relative paths lead into the package all the
    // same.
    if let Some(word) = ["current_dir", "absolute"].into_iter().find(|word| has(word)) {
        return Err(format!("{} asks for the current folder (`{word}`), which is `/` there", at()));
    }
    if words.windows(2).any(|pair| pair[0] == "env" && pair[1] == "consts") {
        return Err(format!("{} asks for the host (`std::env::consts`), which is another one there", at()));
    }
    Ok(())
}

/// The items of `std::process` that start no program.
const OF_THIS_PROCESS: &[&str] = &["exit", "abort", "id", "ExitCode", "Termination"];

/// Returns whether this file may start programs through the module `process`, or let another file do so.
///
/// If the identifier `Command` is in the file (which may be another type's, such as clap's), each `process` counts except
/// in the path of an item of [`OF_THIS_PROCESS`], in an import of the module under its own name, and as the name of a
/// function or method. Otherwise only an import counts that makes `Command` available without its name: one by `*`, one
/// under another name, one whose item is a variable of a macro.
fn starts_processes(tokens: &TokenStream, command: bool, in_use: bool) -> bool {
    let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let word = |at: usize| match all.get(at) {
        Some(TokenTree::Ident(word)) => Some(plain(word)),
        _ => None,
    };
    let mark = |at: usize| match all.get(at) {
        Some(TokenTree::Punct(mark)) => Some(mark.as_char()),
        _ => None,
    };
    let mut in_use = in_use;
    for at in 0..all.len() {
        if let TokenTree::Group(group) = &all[at]
            && starts_processes(&group.stream(), command, in_use)
        {
            return true;
        }
        match word(at).as_deref() {
            Some("use") => in_use = true,
            Some("process") => {
                let item = mark(at + 1) == Some(':') && mark(at + 2) == Some(':');
                let elsewhere = match all.get(at + 3).filter(|_| item) {
                    Some(TokenTree::Punct(mark)) => matches!(mark.as_char(), '*' | '$'),
                    Some(TokenTree::Group(items)) => {
                        let renamed = words(&items.stream()).windows(2).any(|pair| pair == ["self", "as"]);
                        renamed || holds_star(&items.stream())
                    }
                    _ => in_use && word(at + 1).is_some_and(|word| word == "as"),
                };
                let before = at.checked_sub(1);
                let named = before.is_some_and(|before| {
                    word(before).is_some_and(|word| word == "fn") || mark(before) == Some('.')
                });
                let of_this = |word: &String| OF_THIS_PROCESS.contains(&word.as_str());
                let harmless = match all.get(at + 3).filter(|_| item) {
                    Some(TokenTree::Ident(item)) => of_this(&plain(item)),
                    Some(TokenTree::Group(items)) => in_use && words(&items.stream()).iter().all(of_this),
                    _ => in_use && !item && matches!(all.get(at + 1), None | Some(TokenTree::Punct(_))),
                };
                if elsewhere || (command && !named && !harmless) {
                    return true;
                }
            }
            None if mark(at) == Some(';') => in_use = false,
            _ => {}
        }
    }
    false
}

fn holds_star(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Punct(mark) => mark.as_char() == '*',
        TokenTree::Group(group) => holds_star(&group.stream()),
        _ => false,
    })
}

/// Returns an identifier without the mark of a raw one: `r#process` is `process`.
fn plain(word: &proc_macro2::Ident) -> String {
    let text = word.to_string();
    text.strip_prefix("r#").unwrap_or(&text).to_owned()
}

/// Returns every identifier, in order.
fn words(tokens: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending: Vec<_> = vec![tokens.clone().into_iter()];
    while let Some(mut iterator) = pending.pop() {
        while let Some(token) = iterator.next() {
            match token {
                TokenTree::Ident(word) => found.push(plain(&word)),
                TokenTree::Group(group) => {
                    pending.push(iterator);
                    iterator = group.stream().into_iter();
                }
                _ => {}
            }
        }
    }
    found
}

/// Returns a predicate of `cfg(…)`, `cfg!(…)` or `cfg_attr(…)` that may differ between targets.
fn foreign_cfg(tokens: &TokenStream) -> Option<String> {
    let mut asking = false;
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(word) => asking = word == "cfg" || word == "cfg_attr" || word == "cfg_select",
            TokenTree::Punct(mark) if mark.as_char() == '!' => {}
            TokenTree::Group(group) => {
                if asking {
                    // The predicate is the first argument of `cfg_attr(…)` and the only one of `cfg(…)`.
                    let is_comma =
                        |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
                    let predicate = group.stream().into_iter().take_while(|token| !is_comma(token)).collect();
                    if let Some(word) =
                        words(&predicate).into_iter().find(|word| !SAME_FOR_ALL.contains(&word.as_str()))
                    {
                        return Some(word);
                    }
                }
                asking = false;
                if let Some(word) = foreign_cfg(&group.stream()) {
                    return Some(word);
                }
            }
            _ => asking = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Option<String> {
        let tokens: TokenStream = text.parse().unwrap();
        check(&tokens, &|| "build.rs".to_owned()).err().or_else(|| foreign_cfg(&tokens))
    }

    #[test]
    fn what_differs_between_targets_is_refused() {
        for text in [
            "fn main() { if cfg!(windows) { } }",
            "#[cfg(target_os = \"linux\")] fn main() {}",
            "fn main() { if cfg!(any(feature = \"x\", unix)) { } }",
            "fn main() { f(|| { if cfg ! ( target_pointer_width = \"64\") {} }) }",
            "#[cfg_attr(unix, path = \"x.rs\")] mod x;",
            "use std::process; fn main() { process::Command::new(\"cc\"); }",
            "use std::process::{exit, Command as C};",
            "use std::process::*; fn f() { Command::new(\"cc\"); }",
            "use std::process as p; fn f() { p::Command::new(\"cc\"); }",
            "use std::{fs, process}; fn f() { process::Command::new(\"cc\"); }",
            "use std::{process::{self, exit}}; type Command = process::Command;",
            "made!(process, Command);",
            "made!(process; Command);",
            "use std::r#process as x;",
            "pub use std::process::*;",
            "pub use std::process::{self as p};",
            "pub use std::process::{exit, *};",
            "macro_rules! of { ($i:ident) => { std::process::$i } }",
            "fn f() { r#process::Command::new(\"cc\"); }",
            "fn main() { println!(\"{}\", std::env::consts::OS); }",
            "use std::env::{consts, var};",
            "fn main() { let root = std::env::current_dir().unwrap(); }",
            "use std::path::{absolute, Path};",
        ] {
            assert!(script(text).is_some(), "{text}");
        }
    }

    #[test]
    fn libraries_that_depend_on_the_width_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            vec![path]
        };
        let ported = file("a.rs", "#[cfg(target_pointer_width = \"64\")] type Rng = u64;");
        let mentioned = file("b.rs", "// target_pointer_width\nfn f() {}");
        assert!(check_width("rand", &ported).unwrap_err().contains("`rand` may compute something else"));
        assert_eq!(check_width("memchr", &ported), Ok(()));
        assert_eq!(check_width("rand", &mentioned), Ok(()));
    }

    #[test]
    fn what_is_the_same_passes() {
        for text in [
            "fn main() { std::process::exit(1) } // Command",
            "fn main() { if cfg!(feature = \"std\") { println!(\"process Command\") } }",
            "#[cfg(not(all(feature = \"a\", test)))] fn f() {}",
            "/// cfg!(windows), std::process::Command\nfn command() {}",
            "#[cfg_attr(feature = \"x\", deprecated(since = \"1\"))] fn f() {}",
            "use std::process; struct Command; fn f(_: Command) { process::exit(1) }",
            "use std::{fs, process}; struct Command;",
            "pub use std::process::{self, exit as quit};",
            "use std::process::{exit, ExitCode}; struct Command;",
            "struct Command; impl Command { fn process(&self) { self.process() } }",
            "struct Command; fn f() { std::process::exit(2) }",
        ] {
            assert_eq!(script(text), None, "{text}");
        }
    }
}
