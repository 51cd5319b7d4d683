//! Judges the configuration of the built tree. Each value of each file is checked against the table of keys
//! ([`super::keys`]), independent of how Cargo merges several files: a list of flags that is harmless by itself remains
//! harmless after another.
//!
//! Configuration outside of the tree or on the command line is the user's and is not judged. The same holds for a file
//! that inert.toml accepts by its digest, and for a tree whose inert.toml says `configuration = "allow"`.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::files::{Entry, File, Origin, Said};
use super::keys::{self, Rule};
use super::places::Places;
use super::programs::{LINKERS, Named, Programs};
use super::scope::{Only, Scope};
use super::{flags, variables};
use crate::environment::Environment;
use crate::file::{one_line, shown};

/// A setting of the tree's configuration that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The key, with dots between its parts.
    pub key: String,
    /// The file that sets it.
    pub file: PathBuf,
    /// The line of the key, counted from 1.
    pub line: usize,
    /// The digest of the whole file, `sha256:…`.
    pub digest: String,
    /// The reason, as the end of a sentence about the key.
    pub why: String,
}

/// Judges one directive of a `links` override; returns the reason if it is refused.
pub type Directives<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The facts about the Cargo command that rules depend on.
#[derive(Debug, Clone, Default)]
pub struct Command {
    /// True if the command starts the built executables: `run`, `test`, `bench`.
    pub starts_what_was_built: bool,
    /// The targets of the build besides the host: those of `--target`, and those of a unit graph.
    pub targets: Vec<String>,
}

/// The data that the configuration of one command is judged by.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// The folders of the tree, of Cargo and of the user.
    pub places: &'a Places,
    /// The environment of the caller.
    pub environment: &'a Environment,
    /// The command that is called.
    pub command: &'a Command,
    /// The rule for the directives of `links` overrides.
    pub directives: &'a Directives<'a>,
}

impl Judge<'_> {
    /// Returns all refused settings of the tree's files, one for each key of a file.
    #[must_use]
    pub fn objections<'f>(&self, files: impl IntoIterator<Item = &'f File>) -> Vec<Objection> {
        let mut found: Vec<Objection> = Vec::new();
        for file in files.into_iter().filter(|file| file.origin == Origin::Tree) {
            for (key, line, why) in self.of_file(file) {
                if found.iter().any(|old| old.key == key && old.file == file.path) {
                    continue;
                }
                let digest = file.digest.clone();
                found.push(Objection { key, file: file.path.clone(), line, digest, why: one_line(&why) });
            }
        }
        found
    }

    fn of_file(&self, file: &File) -> Vec<(String, usize, String)> {
        let base = file.base();
        let programs = Programs { environment: self.environment, places: self.places };
        let target = file.entries.iter().find(|entry| entry.key == ["build", "target"]);
        let built_for = target.and_then(|entry| entry.value.words()).unwrap_or_default();
        let mut found = Vec::new();
        let mut variables: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &file.entries {
            let scope = Scope {
                places: self.places,
                programs: &programs,
                base: &base,
                only: Only::of_key(&entry.key, &built_for),
                lld: false,
                is_manifest: file.is_manifest,
            };
            let why = match keys::rule(&entry.key) {
                Some(Rule::Variable) => {
                    variables.entry(&entry.key[1]).or_default().push(entry);
                    None
                }
                Some(rule) => self.value(rule, entry, &scope),
                None if scope.is_manifest => None,
                None => Some(
                    "is no key that Inert knows, and so none of which it knows that it is harmless"
                        .to_owned(),
                ),
            };
            found.extend(why.map(|why| (dotted(&entry.key), entry.line, why)));
        }
        for (name, entries) in variables {
            let why = of_variable(name, &entries, self.places, &programs, &base);
            found.extend(why.map(|why| (dotted(&entries[0].key[..2]), entries[0].line, why)));
        }
        found
    }

    /// Returns why a value is refused; `None` if it is allowed.
    fn value(&self, rule: Rule, entry: &Entry, scope: &Scope<'_>) -> Option<String> {
        let is_manifest = scope.is_manifest;
        let unread = || Some("has a value that is of no form that Cargo knows there".to_owned());
        match rule {
            Rule::Any | Rule::Include => match entry.key.first().map(String::as_str) {
                Some("profile") => {
                    let last = entry.key.last().map(String::as_str).unwrap_or_default();
                    // Cargo itself warns of a profile key in a manifest that it does not know.
                    let known = keys::PROFILE.contains(&last) || is_manifest;
                    (!known).then(|| "is no key of a profile that Inert knows".to_owned())
                }
                _ => None,
            },
            Rule::Nothing(why) => Some(format!("is refused: {why}")),
            Rule::Rustc | Rule::Rustdoc => {
                let Some(words) = entry.value.words() else { return unread() };
                if rule == Rule::Rustc { flags::rustc(&words, scope) } else { flags::rustdoc(&words, scope) }
            }
            Rule::Program(names) => {
                let Some(text) = entry.value.text() else { return unread() };
                // Cargo reads an empty value as unset.
                if text.is_empty() {
                    return None;
                }
                scope
                    .programs
                    .named(text, &Named::Exactly(names))
                    .err()
                    .map(|why| format!("has `{text}` started in the compiler's place: it {why}"))
            }
            Rule::Linker => {
                let Some(text) = entry.value.text() else { return unread() };
                if !self.is_built_for(&entry.key) {
                    return None;
                }
                let judged = scope.programs.named(text, &Named::Any(LINKERS));
                judged.err().map(|why| format!("has `{text}` started as the linker: it {why}"))
            }
            Rule::Runner => {
                let Some(words) = entry.value.words() else { return unread() };
                let program = words.first().map(String::as_str).unwrap_or_default();
                if !self.command.starts_what_was_built || program.is_empty() || !self.is_built_for(&entry.key)
                {
                    return None;
                }
                let judged = scope.programs.named(program, &Named::Runner);
                judged.err().map(|why| format!("has `{program}` start what was built: it {why}"))
            }
            Rule::CredentialProvider => credential_provider(entry, scope.programs),
            Rule::Backend => match entry.value.text() {
                Some(name) if flags::BACKENDS.contains(&name) => None,
                Some(name) => Some(format!("`{name}` loads code into the compiler")),
                None => unread(),
            },
            Rule::Folder => match entry.value.text() {
                Some(text) if self.is_folder_of_the_tree(text, scope.base) => None,
                Some(text) => Some(format!("has Cargo write to `{text}`, which is outside of the tree")),
                None => unread(),
            },
            Rule::Target => {
                let Some(words) = entry.value.words() else { return unread() };
                words.iter().find(|word| self.places.is_specification(word)).map(|word| {
                    format!(
                        "has `{word}` say what is built for; such a file names a linker and its arguments"
                    )
                })
            }
            Rule::Override => self.of_override(entry),
            Rule::Unstable => {
                let name = entry.key.last().map(String::as_str).unwrap_or_default();
                (!keys::UNSTABLE.contains(&name))
                    .then(|| "is no switch of Cargo's that Inert knows".to_owned())
            }
            Rule::Variable => None,
        }
    }

    /// Returns whether a key of `[target.<…>]` may take effect. A target of another system counts only if the command
    /// asks for it.
    fn is_built_for(&self, key: &[String]) -> bool {
        let Some(target) = key.get(1).filter(|_| key[0] == "target") else { return true };
        if target.starts_with("cfg(") || self.command.targets.iter().any(|asked| asked == target) {
            return true;
        }
        // The architecture is not compared: one system can run programs of several.
        let system = match std::env::consts::OS {
            "macos" => "darwin",
            other => other,
        };
        let android = target.contains("android") && system != "android";
        // A name that is not a triple may match any target.
        !target.contains('-') || target.contains(system) && !android
    }

    /// Judges a key of `[target.<triple>.<links>]`, which replaces the output of a build script: it is refused, with what
    /// no declaration may say as the reason where it says such a thing.
    fn of_override(&self, entry: &Entry) -> Option<String> {
        let links = crate::file::one_line(&entry.key[2]);
        let ignored = entry.key[1].starts_with("cfg(");
        let instead = (!ignored).then(|| {
            format!("has Cargo start no build script of the package that links `{links}`, and stands for what it would say")
        });
        let Some(key) = entry.key.get(3) else { return instead };
        let names = &entry.key[4..];
        let values: Vec<String> = match &entry.value {
            Said::Text(text) | Said::Plain(text) => vec![text.clone()],
            Said::List(list) => list.iter().filter_map(Said::text).map(str::to_owned).collect(),
            Said::Table(_) => {
                return Some("has a value that is of no form that Cargo knows there".to_owned());
            }
        };
        let forbidden = values.iter().find_map(|value| {
            let value = if names.is_empty() { value.clone() } else { format!("{}={value}", names.join(".")) };
            (self.directives)(&format!("cargo:{key}={value}")).map(|why| {
                let why = why.trim_start_matches("`cargo:");
                format!("says `{why}")
            })
        });
        forbidden.or(instead)
    }

    /// Returns whether a value names a folder in the tree, in the forms of `build.target-dir` and `build.build-dir`.
    fn is_folder_of_the_tree(&self, text: &str, base: &Path) -> bool {
        // Git and Cargo start programs that these folders name.
        let reserved = |part: &std::ffi::OsStr| part == ".git" || part == ".cargo";
        let plain = |text: &str| {
            let fits = |part| match part {
                Component::Normal(name) => !reserved(name),
                part => part == Component::CurDir,
            };
            !text.contains(['{', '}']) && Path::new(text).components().all(fits)
        };
        // `build.build-dir` has templates. Of Cargo's own folders, `build` in its cache is the only one without other
        // content.
        let whole = text.replace("{workspace-path-hash}", "0");
        if let Some(rest) = whole.strip_prefix("{cargo-cache-home}/build/") {
            return plain(rest) && !rest.is_empty();
        }
        let relative = whole.strip_prefix("{workspace-root}/").unwrap_or(&whole);
        if plain(relative) {
            let inside = |root: &PathBuf| {
                let real = super::places::real(&root.join(relative));
                real.starts_with(super::places::real(root))
            };
            return inside(&base.to_path_buf())
                && (!self.places.holds_everything(base) || self.places.in_tree(&base.join(relative)))
                && (whole == text && relative == text || self.places.tree.iter().all(inside));
        }
        let path = Path::new(text);
        path.is_absolute()
            && !text.contains(['{', '}'])
            && path.components().all(|part| part != Component::ParentDir && !reserved(part.as_os_str()))
            && self.places.in_tree(path)
    }
}

/// Cargo's own credential providers that start no program that the tree can choose (the Cargo book, "Registry
/// Authentication").
const PROVIDERS: &[&str] = &["cargo:token", "cargo:wincred", "cargo:macos-keychain", "cargo:libsecret"];

fn credential_provider(entry: &Entry, programs: &Programs<'_>) -> Option<String> {
    let several = entry.key.last().is_some_and(|key| key == "global-credential-providers");
    // A list is one command with its arguments, except for the key that takes several commands.
    let commands: Vec<String> = match &entry.value {
        Said::Text(text) => vec![text.clone()],
        Said::List(list) if several => {
            list.iter().map(|item| item.text().unwrap_or_default().to_owned()).collect()
        }
        Said::List(list) => {
            vec![list.iter().map(|item| item.text().unwrap_or_default()).collect::<Vec<_>>().join(" ")]
        }
        _ => return Some("has a value that is of no form that Cargo knows there".to_owned()),
    };
    let unknown = commands.iter().find(|command| {
        // A provider that is installed beside Cargo, named without a path.
        let installed =
            command.starts_with("cargo-credential-") && programs.named(command, &Named::Runner).is_ok();
        !PROVIDERS.contains(&command.as_str()) && !installed
    });
    unknown.map(|command| format!("has Cargo start `{command}` for a password"))
}

fn of_variable(
    name: &str,
    entries: &[&Entry],
    places: &Places,
    programs: &Programs<'_>,
    base: &Path,
) -> Option<String> {
    let mut value = None;
    let mut relative = false;
    for entry in entries {
        match (entry.key.get(2).map(String::as_str), &entry.value) {
            (None | Some("value"), Said::Text(text)) => value = Some(text.as_str()),
            (Some("relative"), Said::Plain(text)) => relative = text == "true",
            (Some("force"), Said::Plain(_)) => {}
            _ => return Some("has a value that is of no form that Cargo knows there".to_owned()),
        }
    }
    // An entry with only `force` may be merged with the value of another file.
    let variable = variables::Variable { name, value: value.unwrap_or_default(), relative };
    variables::objection(&variable, places, programs, base)
}

/// Returns the key with dots between its parts, on one line.
#[must_use]
pub fn dotted(key: &[String]) -> String {
    one_line(&key.join("."))
}

/// Returns the path of a file relative to the workspace's root, with `..` where needed; absolute if they share no
/// folder.
#[must_use]
pub fn path_from_root(file: &Path, root: &Path) -> String {
    let (file, root) = (super::places::real(file), super::places::real(root));
    let mut up = String::new();
    for above in root.ancestors() {
        if let Ok(rest) = file.strip_prefix(above)
            && above.parent().is_some()
        {
            return format!("{up}{}", rest.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"));
        }
        up.push_str("../");
    }
    file.to_string_lossy().into_owned()
}

/// Formats the objections as lines of a refusal.
#[must_use]
pub fn render(objections: &[Objection]) -> String {
    let lines: Vec<String> = objections
        .iter()
        .map(|one| format!("  {} in {}:{}: {}", one.key, shown(&one.file), one.line, one.why))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
#[path = "objections_tests.rs"]
mod tests;
