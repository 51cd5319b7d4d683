//! What configuration of the tree that is built may not say. Each value of each file is held against the table of keys
//! ([`super::keys`]), whatever Cargo makes of several files together: a list of flags that is harmless by itself is
//! harmless behind another.
//!
//! What the user configured, outside the tree or on the command line, is the user's affair; so is a file that inert.toml
//! accepts by its digest, and a tree whose inert.toml says `configuration = "allow"`.

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

/// Something in the tree's configuration that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The key, dotted.
    pub key: String,
    /// The file.
    pub file: PathBuf,
    /// Its line.
    pub line: usize,
    /// Of the whole file, `sha256:…`.
    pub digest: String,
    /// What is wrong with it.
    pub why: String,
}

/// Why what a `links` override says in a script's place is refused, by the directive.
pub type Directives<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What the command is about, so far as it matters.
#[derive(Debug, Clone, Default)]
pub struct Command {
    /// Whether what was built is started: `run`, `test`, `bench`.
    pub starts_what_was_built: bool,
    /// Targets that are built for besides the host: those asked for, and those of a unit graph.
    pub targets: Vec<String>,
}

/// The judge of one command.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// Folders.
    pub places: &'a Places,
    /// The caller's.
    pub environment: &'a Environment,
    /// What is called.
    pub command: &'a Command,
    /// See [`Directives`].
    pub directives: &'a Directives<'a>,
}

impl Judge<'_> {
    /// What the tree's files may not say.
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

    /// Why a value is refused.
    fn value(&self, rule: Rule, entry: &Entry, scope: &Scope<'_>) -> Option<String> {
        let is_manifest = scope.is_manifest;
        let unread = || Some("has a value that is of no form that Cargo knows there".to_owned());
        match rule {
            Rule::Any | Rule::Include => match entry.key.first().map(String::as_str) {
                Some("profile") => {
                    let last = entry.key.last().map(String::as_str).unwrap_or_default();
                    // In a manifest Cargo itself warns of one that it does not know.
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
                // An empty text is none.
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
                let specification =
                    words.iter().find(|word| word.contains(['/', '\\']) || word.ends_with(".json"));
                specification.map(|word| {
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

    /// Whether a target's own key may matter: for one that cannot be this machine's, only where it is asked for.
    fn is_built_for(&self, key: &[String]) -> bool {
        let Some(target) = key.get(1).filter(|_| key[0] == "target") else { return true };
        if target.starts_with("cfg(") || self.command.targets.iter().any(|asked| asked == target) {
            return true;
        }
        // Whichever architecture rustc is of: one system runs programs of several.
        let system = match std::env::consts::OS {
            "macos" => "darwin",
            other => other,
        };
        let android = target.contains("android") && system != "android";
        // A name that is no triple may be anything.
        !target.contains('-') || target.contains(system) && !android
    }

    /// `[target.<triple>.<links>]` says in a script's place what it would have said: no more than a declaration might.
    fn of_override(&self, entry: &Entry) -> Option<String> {
        let key = entry.key.get(3)?;
        let names = &entry.key[4..];
        let values: Vec<String> = match &entry.value {
            Said::Text(text) | Said::Plain(text) => vec![text.clone()],
            Said::List(list) => list.iter().filter_map(Said::text).map(str::to_owned).collect(),
            Said::Table(_) => {
                return Some("has a value that is of no form that Cargo knows there".to_owned());
            }
        };
        values.iter().find_map(|value| {
            let value = if names.is_empty() { value.clone() } else { format!("{}={value}", names.join(".")) };
            (self.directives)(&format!("cargo:{key}={value}")).map(|why| {
                let why = why.trim_start_matches("`cargo:");
                format!("says `{why}")
            })
        })
    }

    /// Whether a text names a folder that lies in the tree: as Cargo reads `build.target-dir` and `build.build-dir`.
    fn is_folder_of_the_tree(&self, text: &str, base: &Path) -> bool {
        // Git and Cargo start what they find in folders of their own.
        let reserved = |part: &std::ffi::OsStr| part == ".git" || part == ".cargo";
        let plain = |text: &str| {
            let fits = |part| match part {
                Component::Normal(name) => !reserved(name),
                part => part == Component::CurDir,
            };
            !text.contains(['{', '}']) && Path::new(text).components().all(fits)
        };
        // What `build.build-dir` knows: of the folders that Cargo keeps for itself, one that holds nothing else.
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

/// Credential providers of Cargo's own that start nothing of the tree's choice (the Cargo book, "Registry
/// Authentication").
const PROVIDERS: &[&str] = &["cargo:token", "cargo:wincred", "cargo:macos-keychain", "cargo:libsecret"];

fn credential_provider(entry: &Entry, programs: &Programs<'_>) -> Option<String> {
    let several = entry.key.last().is_some_and(|key| key == "global-credential-providers");
    // A list is the words of one command, but for the list of several.
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
        // One that is installed beside Cargo, by its name alone.
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
    // What only says `force` may be joined to another file's value.
    let variable = variables::Variable { name, value: value.unwrap_or_default(), relative };
    variables::objection(&variable, places, programs, base)
}

/// A key as it is written.
#[must_use]
pub fn dotted(key: &[String]) -> String {
    one_line(&key.join("."))
}

/// `.cargo/config.toml` from the workspace's root, where it lies below or above; else whole.
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

/// The objections as lines of a refusal.
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
