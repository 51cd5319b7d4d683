//! Judges the words of an alias that a file of the tree has: what stands in its place on a command line is not the caller's
//! word. Options of Cargo's commands must be on a list; the settings that `--config` gives are judged as those of the
//! tree's files are.

use super::keys;
use super::places::Places;

/// The built-in commands of Cargo, for which it ignores aliases; `clippy` and others are external.
#[rustfmt::skip] // a list of words
pub const BUILT_IN: &[&str] = &[
    "add", "bench", "build", "check", "clean", "config", "doc", "fetch", "fix", "generate-lockfile", "help", "info",
    "init", "install", "locate-project", "login", "logout", "metadata", "new", "owner", "package", "pkgid",
    "publish", "read-manifest", "remove", "report", "run", "rustc", "rustdoc", "search", "test", "tree",
    "uninstall", "update", "vendor", "verify-project", "version", "yank",
];

/// Other commands with the options of Cargo's: `clippy`, and the short names.
const LIKE_BUILT_IN: &[&str] = &["b", "c", "d", "r", "t", "clippy"];

/// Options without a value, which choose among what the tree has, or say how something is shown.
#[rustfmt::skip] // a list of words
const SWITCHES: &[&str] = &[
    "workspace", "all", "lib", "bins", "examples", "tests", "benches", "all-targets", "all-features",
    "no-default-features", "release", "quiet", "verbose", "locked", "offline", "frozen", "keep-going", "no-fail-fast",
    "no-deps", "document-private-items", "open", "doc", "no-run", "ignore-rust-version", "future-incompat-report",
    "timings", "help", "version", "list", "dry-run", "force", "debug", "no-track", "no-dev", "duplicates", "invert",
    "no-verify", "allow-dirty", "allow-no-vcs", "allow-staged", "broken-code", "edition", "edition-idioms", "aggressive", "recursive", "deny-build-scripts",
];

/// Options with a value of the same kind.
#[rustfmt::skip] // a list of words
const VALUED: &[&str] = &[
    "package", "exclude", "bin", "example", "test", "bench", "features", "profile", "jobs", "color", "message-format",
    "crate-type", "edges", "depth", "prefix", "prune", "charset", "format", "format-version", "filter-platform", "precise",
    "timings", "invert", "deny-build-scripts",
];

/// Options whose value is a path.
const PATHS: &[&str] = &["manifest-path", "target-dir", "artifact-dir", "out-dir", "root", "path"];

/// One letter for a long name, and whether that takes a value.
#[rustfmt::skip] // a table
const LETTERS: &[(char, &str, bool)] = &[
    ('q', "quiet", false), ('v', "verbose", false), ('r', "release", false), ('h', "help", false),
    ('V', "version", false), ('n', "dry-run", false), ('f', "force", false), ('d', "duplicates", false),
    ('p', "package", true), ('F', "features", true), ('j', "jobs", true), ('e', "edges", true), ('i', "invert", true),
];

/// The result of the check.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The values of `--config`.
    pub settings: Vec<String>,
    /// The options that are refused, each with the reason, as the end of a sentence about the alias.
    pub refused: Vec<String>,
}

/// Judges the words of an alias; `is_alias` tells the names of other aliases.
#[must_use]
pub fn judge(words: &[String], is_alias: &dyn Fn(&str) -> bool, places: &Places) -> Said {
    let mut said = Said::default();
    let mut command: Option<&str> = None;
    let mut rest = words.iter().map(String::as_str).take_while(|word| *word != "--").peekable();
    let mut first = true;
    while let Some(word) = rest.next() {
        let is_first = std::mem::take(&mut first);
        let (name, inline) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        if name == "--config" {
            match inline.or_else(|| rest.next()) {
                Some(value) => said.settings.push(value.to_owned()),
                None => {
                    said.refused.push("ends with `--config`, which takes the caller's next word".to_owned())
                }
            }
            continue;
        }
        // The options of another tool are its own.
        let cargos = |name: &str| BUILT_IN.contains(&name) || LIKE_BUILT_IN.contains(&name) || is_alias(name);
        if command.is_some_and(|name| !cargos(name)) {
            continue;
        }
        if is_first && word.starts_with('+') {
            said.refused.push(format!("chooses the toolchain `{word}`"));
        } else if let Some(name) = name.strip_prefix("--") {
            let value = match inline {
                None if VALUED.contains(&name) && !SWITCHES.contains(&name)
                    || PATHS.contains(&name)
                    || name == "target" =>
                {
                    rest.next()
                }
                inline => inline,
            };
            if let Some(why) = option(name, value, places) {
                said.refused.push(format!("gives Cargo `{word}`, which {why}"));
            }
        } else if let Some(letters) = word.strip_prefix('-') {
            if let Some(why) = short(letters, &mut rest) {
                said.refused.push(format!("gives Cargo `{word}`, which {why}"));
            }
        } else {
            command = command.or(Some(word));
        }
    }
    said
}

/// Judges a long option; returns the reason if it is refused.
fn option(name: &str, value: Option<&str>, places: &Places) -> Option<String> {
    let of_caller = || Some("only the caller of a command says".to_owned());
    match value {
        Some(value) if PATHS.contains(&name) => {
            (!places.is_of_the_tree(value)).then(|| "leads out of the tree".to_owned())
        }
        Some(value) if name == "target" => (value.contains(['/', '\\']) || value.ends_with(".json"))
            .then(|| "names a file that says what is built for, with a linker".to_owned()),
        Some(_) if VALUED.contains(&name) => None,
        None if SWITCHES.contains(&name) => None,
        None if VALUED.contains(&name) || PATHS.contains(&name) || name == "target" => {
            Some("takes the caller's next word".to_owned())
        }
        _ => of_caller(),
    }
}

/// Judges short options in one word, as clap takes them apart; returns the reason if one is refused.
fn short<'a>(letters: &'a str, rest: &mut impl Iterator<Item = &'a str>) -> Option<String> {
    for (at, letter) in letters.char_indices() {
        let behind = &letters[at + letter.len_utf8()..];
        if letter == 'Z' {
            let feature = if behind.is_empty() { rest.next().unwrap_or_default() } else { behind };
            let name = feature.split('=').next().unwrap_or_default();
            let known = keys::UNSTABLE.contains(&name);
            return (!known).then(|| "is no switch of Cargo's that Inert knows".to_owned());
        }
        match LETTERS.iter().find(|row| row.0 == letter) {
            None => return Some("only the caller of a command says".to_owned()),
            Some((_, _, false)) => {}
            Some((_, _, true)) => {
                let missing = behind.is_empty() && rest.next().is_none();
                return missing.then(|| "takes the caller's next word".to_owned());
            }
        }
    }
    letters.is_empty().then(|| "is no option".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Vec<String>, usize) {
        let words: Vec<String> = text.split('|').map(str::to_owned).collect();
        let places = Places { tree: vec!["/t".into()], ..Places::default() };
        let said = judge(&words, &|name| name == "again", &places);
        (said.settings, said.refused.len())
    }

    #[test]
    fn as_in_real_repositories() {
        for fine in [
            "run|--package|xtask|--",
            "run|--manifest-path|xtask/Cargo.toml|-q|--",
            "run|--manifest-path|./xtask/Cargo.toml|--|--trust|tree",
            "clippy|--workspace|--all-targets|--|-D|warnings",
            "build|-qr|-pxtask|-j4|--target|wasm32-unknown-unknown",
            "test|--no-fail-fast|--profile=ci|--features|a,b|-Zpanic-abort-tests",
            "nextest|run|--no-tests=pass|--trust|x",
            "tree|-e|features|-i|serde",
            "again|--release",
            "xtask",
        ] {
            assert_eq!(of(fine), (Vec::new(), 0), "{fine}");
        }
    }

    #[test]
    fn what_only_the_caller_says() {
        for bad in [
            "build|--trust|tree",
            "build|--trust=tree",
            "--policy|x|build",
            "again|--library|z=system",
            "b|--libraries=system",
            "build|--target-dir|/home/u/x",
            "build|--target-dir=../x",
            "build|--manifest-path|../x/Cargo.toml",
            "build|--target=x.json",
            "install|--git|https://example.org/x",
            "build|--lockfile-path|x",
            "build|-C|x",
            "build|-Zlockfile-path",
            "build|-p",
            "build|--target",
            "+evil|build",
            "build|--config",
            "run|-qC.|x",
            "build|-",
        ] {
            assert!(of(bad).1 > 0, "{bad}");
        }
        assert_eq!(of("build|--config|a=1|--config=b=2"), (vec!["a=1".to_owned(), "b=2".to_owned()], 0));
        assert_eq!(of("nextest|run|--config|a=1").0, ["a=1"]);
    }
}
