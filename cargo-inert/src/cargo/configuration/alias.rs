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
    "no-verify", "allow-dirty", "allow-no-vcs", "allow-staged", "broken-code", "edition", "edition-idioms", "aggressive", "recursive",
];

/// Options with a value of the same kind.
#[rustfmt::skip] // a list of words
const VALUED: &[&str] = &[
    "package", "exclude", "bin", "example", "test", "bench", "features", "profile", "jobs", "color", "message-format",
    "crate-type", "edges", "depth", "prefix", "prune", "charset", "format", "format-version", "filter-platform", "precise",
    "timings", "invert",
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

/// Inert's own options: whatever the command of an alias is, it may pass them on to Inert.
pub const OWN: &[&str] = &["--deny-build-scripts", "--policy", "--trust", "--libraries", "--library"];

/// Inert's own commands that an alias may name after `inert`, besides Cargo's: they decide nothing and run no script. `exec`
/// starts any command.
const SHOWING: &[&str] = &["audit", "explain", "lint", "doctor", "sbom", "export"];

/// The commands that pass the words after `--` on to the compiler, and the setting that does the same.
const COMPILERS: &[(&str, &str)] =
    &[("rustc", "build.rustflags"), ("clippy", "build.rustflags"), ("rustdoc", "build.rustdocflags")];

/// The options before the command whose value is the next word (`cargo --help`).
pub const GLOBAL: &[&str] = &["--color", "--config", "-Z", "--explain"];

/// The options of other tools that are judged as Cargo's are, since a tool passes them on to Cargo.
const PASSED_ON: &[&str] = &["target", "target-dir", "manifest-path"];

/// The number of aliases that lead from one to the next after which a cycle is assumed.
pub const ALIASES: usize = 8;

/// The result of the check.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The values of `--config`, and the flags for the compiler as a setting.
    pub settings: Vec<String>,
    /// The options that are refused, each with the reason, as the end of a sentence about the alias.
    pub refused: Vec<String>,
}

/// Returns the position of the command in the words of an alias.
fn command_at(words: &[String]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| *word != "--") {
        match word {
            word if GLOBAL.contains(&word.as_str()) => at += 2,
            word if word.starts_with(['-', '+']) => at += 1,
            _ => return Some(at),
        }
    }
    None
}

/// Returns the words, in which the words of another alias stand in the place of its name; `None` if aliases form a cycle.
fn expanded(words: &[String], alias_of: &dyn Fn(&str) -> Option<Vec<String>>) -> Option<Vec<String>> {
    let mut words = words.to_vec();
    for _ in 0..=ALIASES {
        let Some(at) = command_at(&words) else { return Some(words) };
        // Cargo ignores aliases of its built-in commands.
        if BUILT_IN.contains(&words[at].as_str()) {
            return Some(words);
        }
        let Some(inner) = alias_of(&words[at]) else { return Some(words) };
        words.splice(at..=at, inner);
    }
    None
}

/// Judges the words of an alias; `alias_of` returns the words of other aliases by name.
#[must_use]
pub fn judge(words: &[String], alias_of: &dyn Fn(&str) -> Option<Vec<String>>, places: &Places) -> Said {
    let mut said = Said::default();
    let Some(words) = expanded(words, alias_of) else {
        said.refused.push(format!("leads to other aliases, more than {ALIASES} of them"));
        return said;
    };
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let (words, trailing) = (&words[..end], words.get(end + 1..).unwrap_or_default());
    // Inert takes its options wherever they stand before `--`.
    let is_own = |word: &str| OWN.contains(&word.split('=').next().unwrap_or_default());
    for word in words.iter().filter(|word| is_own(word)) {
        said.refused.push(format!("gives Inert `{word}`, which only the caller of a command says"));
    }
    let mut command: Option<&str> = None;
    let mut inert = false;
    let mut rest = words.iter().map(String::as_str).peekable();
    while let Some(word) = rest.next() {
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
        if is_own(word) {
            continue;
        }
        // The options of another tool are its own, but for those that it passes on.
        if command.is_some_and(|command| !inert && !is_like_cargos(command)) {
            let passed = name.strip_prefix("--").filter(|name| PASSED_ON.contains(name));
            let value = inline.or_else(|| rest.peek().copied());
            if let Some(why) = passed.and_then(|name| option(name, value, places)) {
                said.refused.push(format!("gives Cargo `{word}`, which {why}"));
            }
            continue;
        }
        if command.is_none() && word.starts_with('+') {
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
        } else if command.is_none() && word == "inert" && !inert {
            inert = true;
        } else if command.is_none() {
            command = Some(word);
        }
    }
    if inert && !command.is_some_and(|command| is_like_cargos(command) || SHOWING.contains(&command)) {
        said.refused.push(match command {
            Some(command) => format!("names `inert {command}`, which only the caller of a command says"),
            None => "ends with `inert`, which takes the caller's next word".to_owned(),
        });
    }
    said.settings.extend(flags(command.unwrap_or_default(), words, trailing));
    said
}

/// Returns whether a command takes the options of Cargo's own commands.
fn is_like_cargos(command: &str) -> bool {
    BUILT_IN.contains(&command) || LIKE_BUILT_IN.contains(&command)
}

/// Returns the setting that has the effect of the words after `--`, where they are flags for a compiler: behind a command
/// that passes them on, or one of another tool that may start such a command.
fn flags(command: &str, words: &[String], trailing: &[String]) -> Option<String> {
    let of_another = !is_like_cargos(command);
    let (compiler, key) = COMPILERS
        .iter()
        .find(|(name, _)| *name == command || of_another && words.iter().any(|word| word == name))?;
    // An option of clippy's own.
    let is_flag = |word: &&String| *compiler != "clippy" || *word != "--no-deps";
    let quoted: Vec<String> =
        trailing.iter().filter(is_flag).map(|word| crate::toml_text::quoted(word)).collect();
    (!quoted.is_empty()).then(|| format!("{key}=[{}]", quoted.join(", ")))
}

/// Judges a long option; returns the reason if it is refused.
fn option(name: &str, value: Option<&str>, places: &Places) -> Option<String> {
    let of_caller = || Some("only the caller of a command says".to_owned());
    match value {
        Some(value) if PATHS.contains(&name) => {
            (!places.is_of_the_tree(value)).then(|| "leads out of the tree".to_owned())
        }
        Some(value) if name == "target" => places
            .is_specification(value)
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
        let alias_of = |name: &str| -> Option<Vec<String>> {
            let words = match name {
                "again" => "build",
                "flags" => "rustc|--",
                "dist" => "run|-p|xtask|--",
                "cycle" => "-q|cycle",
                "i" => "inert",
                _ => return None,
            };
            Some(words.split('|').map(str::to_owned).collect())
        };
        let said = judge(&words, &alias_of, &places);
        (said.settings, said.refused.len())
    }

    #[test]
    fn the_table_has_all_of_inerts_own_options() {
        use clap::Args as _;

        let parser = crate::commands::cargo_arguments::BuildArguments::augment_args(clap::Command::new("x"));
        let is_own =
            |one: &&clap::Arg| one.get_help_heading().is_some_and(|heading| heading.contains("Inert's own"));
        let mut own: Vec<String> = parser
            .get_arguments()
            .filter(is_own)
            .filter_map(|one| Some(format!("--{}", one.get_long()?)))
            .collect();
        let mut listed = OWN.to_vec();
        own.sort_unstable();
        listed.sort_unstable();
        assert_eq!(own, listed);
    }

    #[test]
    fn as_in_real_repositories() {
        for fine in [
            "run|--package|xtask|--",
            "run|--manifest-path|xtask/Cargo.toml|-q|--",
            "run|--manifest-path|./xtask/Cargo.toml|--|--trust|tree",
            "clippy|--workspace|--all-targets|--|--no-deps",
            "build|-qr|-pxtask|-j4|--target|wasm32-unknown-unknown",
            "test|--no-fail-fast|--profile=ci|--features|a,b|-Zpanic-abort-tests",
            "nextest|run|--no-tests=pass|--target|x86_64-unknown-linux-gnu|--|--trust|x",
            "dist|--trust",
            "inert|build|--release",
            "i|audit",
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
            "build|--deny-build-scripts",
            "build|--edges|--trust=tree",
            "inert|build|--trust|tree",
            "-q|inert|build|--policy=x",
            "inert|check|--target-dir|../x",
            "inert|exec|--|cargo|build|--trust|tree",
            "i|exec|--|cargo|build",
            "inert|bake",
            "inert",
            "hack|build|--trust|tree",
            "nextest|run|--trust|x",
            "hack|build|--target|x.json",
            "hack|build|--manifest-path=../x/Cargo.toml",
            "cycle",
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
        for (words, setting) in [
            ("rustc|--|-Clinker=x", "build.rustflags=[\"-Clinker=x\"]"),
            ("inert|clippy|-q|--|--no-deps|-D|warnings", "build.rustflags=[\"-D\", \"warnings\"]"),
            ("rustdoc|--|@x", "build.rustdocflags=[\"@x\"]"),
            ("hack|rustc|--|-Clinker=x", "build.rustflags=[\"-Clinker=x\"]"),
            ("flags|--out-dir|x", "build.rustflags=[\"--out-dir\", \"x\"]"),
        ] {
            assert_eq!(of(words), (vec![setting.to_owned()], 0), "{words}");
        }
    }
}
