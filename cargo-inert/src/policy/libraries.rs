//! The policy settings for native libraries: for all targets, and under `[target.<triple or cfg(…)>]` for some, in the
//! form of Cargo's own tables.
//!
//! A setting for a library's name takes precedence over the default. For one name, a setting for the target takes
//! precedence over the one for all targets, and a triple over a `cfg(…)`. Two `cfg(…)` of one file that hold at once
//! and contradict each other are an error, as in Cargo's configuration.

mod caller;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use inert_manifest_spec::condition::{self, Fact};
use inert_manifest_spec::{Condition, Truth};
use inert_resolver::request::LibraryPolicy;

use super::choice::Choice as _;
use crate::cargo::facts::TargetFacts;

pub use caller::Caller;

/// The settings of the policy files, in the order in which they extend one another.
#[derive(Debug, Clone, Default)]
pub struct Libraries {
    /// The settings of each file; a later file takes precedence.
    pub files: Vec<OfFile>,
    /// The settings of the minimum policy from outside the tree, which these files cannot weaken.
    pub minimum: Option<Box<Libraries>>,
    /// The settings of the command line, which take precedence over the files, and not over the minimum.
    pub caller: Caller,
}

/// The settings of one file.
#[derive(Debug, Clone, Default)]
pub struct OfFile {
    /// The path of the file.
    pub path: PathBuf,
    /// The line of each setting, by the section as it is written, the table and the name.
    pub lines: BTreeMap<(String, &'static str, String), usize>,
    /// The settings for all targets.
    pub all: LibraryPolicy,
    /// The settings under `[target.…]`, in the order of the file.
    pub targets: Vec<(TargetSpec, LibraryPolicy)>,
}

/// A key of `[target]`.
#[derive(Debug, Clone)]
pub enum TargetSpec {
    /// The target with this triple, or with this file stem of its JSON file.
    Triple(String),
    /// The targets that a `cfg(…)` matches: its text as written, and the parsed condition.
    Cfg(String, Condition),
}

impl TargetSpec {
    /// Parses a key of `[target]`.
    ///
    /// # Errors
    /// The key is invalid; the error holds a message and advice.
    pub fn parse(key: &str) -> Result<Self, (String, String)> {
        let Some(inner) = key.strip_prefix("cfg(") else {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if key.contains('-') && key.chars().all(plain) {
                return Ok(Self::Triple(key.to_owned()));
            }
            let message = format!("`{}` is no target", key.escape_debug());
            let help =
                "write a triple, `x86_64-unknown-linux-gnu`, or a condition, `'cfg(target_os = \"linux\")'`";
            return Err((message, help.to_owned()));
        };
        let inner = inner.trim_end().strip_suffix(')').ok_or_else(|| {
            ("the parenthesis of `cfg(` is not closed".to_owned(), "write `'cfg(windows)'`".to_owned())
        })?;
        let condition = condition::parse(inner, 0)
            .map_err(|diagnostic| (diagnostic.message, diagnostic.help.unwrap_or_default()))?;
        let mut foreign = false;
        condition.for_each_fact(&mut |fact| {
            foreign |= !matches!(fact, Fact::TargetOption(_) | Fact::TargetKey { .. });
        });
        if foreign {
            let message = "a target's `cfg(…)` asks for the target and nothing else";
            let help = "the user's word holds whatever features, versions and variables there are";
            return Err((message.to_owned(), help.to_owned()));
        }
        Ok(Self::Cfg(key.to_owned(), condition))
    }

    /// Returns the key as it is written in `[target.…]`.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Triple(name) => name.clone(),
            Self::Cfg(name, _) => format!("'{name}'"),
        }
    }

    fn holds(&self, triple: &str, facts: &TargetFacts) -> bool {
        match self {
            Self::Triple(own) => own == triple,
            Self::Cfg(_, condition) => {
                let has = |line: &str| facts.cfg.iter().any(|known| known == line);
                let holds = condition.evaluate(&mut |fact| {
                    Truth::from(match fact {
                        Fact::TargetOption(name) => has(name),
                        Fact::TargetKey { key, value } => has(&format!("{key}=\"{value}\"")),
                        _ => false,
                    })
                });
                holds == Truth::Yes
            }
        }
    }
}

impl Libraries {
    /// Returns the settings for one target.
    ///
    /// # Errors
    /// Two sections of one file contradict each other for the target.
    pub fn of(&self, triple: &str, facts: &TargetFacts) -> Result<LibraryPolicy, String> {
        let mut policy = LibraryPolicy::default();
        for file in &self.files {
            extend(&mut policy, file.of(triple, facts)?);
        }
        self.caller.apply(&mut policy);
        let Some(minimum) = &self.minimum else { return Ok(policy) };
        Ok(at_least(minimum.of(triple, facts)?, policy))
    }

    /// Checks that every setting of the command line is in effect in what [`of`](Self::of) returned for a target.
    ///
    /// # Errors
    /// The minimum policy leaves a setting without effect; the error names both.
    pub fn is_heeded(&self, policy: &LibraryPolicy, triple: &str, facts: &TargetFacts) -> Result<(), String> {
        let minimum = |name: &str| {
            self.minimum.as_ref().map_or_else(Vec::new, |minimum| minimum.said(triple, facts, &[name]))
        };
        self.caller.is_in(policy, &minimum)
    }
}

/// The name of a setting: the section's target as it is written (empty at the top), the table, the library's name.
pub type Setting = (String, &'static str, String);

impl Libraries {
    /// Returns every setting of these files with its value as it is written; the later file counts. The minimum is left
    /// out.
    #[must_use]
    pub fn settings(&self) -> BTreeMap<Setting, String> {
        let mut found = BTreeMap::new();
        for file in &self.files {
            for setting in file.lines.keys() {
                let (section, table, name) = setting;
                let of_section = |(spec, _): &&(TargetSpec, LibraryPolicy)| spec.written() == *section;
                let policy = match section.as_str() {
                    "" => Some(&file.all),
                    _ => file.targets.iter().find(of_section).map(|(_, policy)| policy),
                };
                if let Some(value) = policy.and_then(|policy| value(policy, table, name)) {
                    found.insert(setting.clone(), value);
                }
            }
        }
        found
    }

    /// Returns the file of the minimum policy that alone says, for a library with any of these names, what stands in one of the
    /// tables: a line elsewhere would count for nothing. `None` if the tree may have such a line.
    #[must_use]
    pub fn outside(&self, table: &str, triple: &str, facts: &TargetFacts, names: &[&str]) -> Option<PathBuf> {
        let minimum = self.minimum.as_ref()?;
        let policy = minimum.of(triple, facts).ok()?;
        let is_named = |name: &str| name == "default" || names.contains(&name);
        let decides = match table {
            "library-kind" => policy.kind.keys().any(|name| is_named(name)),
            _ => {
                policy.default.is_some()
                    || policy.prefix.keys().chain(policy.by_name.keys()).any(|name| is_named(name))
            }
        };
        // Of several minima each is inside of the one before.
        let deeper = minimum.outside(table, triple, facts, names);
        deeper.or_else(|| minimum.files.first().map(|file| file.path.clone()).filter(|_| decides))
    }

    /// Returns the settings for a library with any of these names, as they are written and with their location: its
    /// source, its kind, its prefix. Empty if no setting applies.
    #[must_use]
    pub fn said(&self, triple: &str, facts: &TargetFacts, names: &[&str]) -> Vec<String> {
        let own: Vec<(&OfFile, String, &LibraryPolicy)> = self
            .files
            .iter()
            .flat_map(|file| file.sections(triple, facts).into_iter().map(move |(at, said)| (file, at, said)))
            .collect();
        let outside = self.minimum.as_ref().map(|minimum| minimum.said(triple, facts, names));
        let said = |table: &'static str| {
            let written = |file: &OfFile, section: &str, name: &str, value: String| {
                let line = file.lines.get(&(section.to_owned(), table, name.to_owned()));
                let place = line.map(|line| format!(", {}:{line}", file.path.display())).unwrap_or_default();
                match section {
                    "" => format!("[{table}] {name} = {value}{place}"),
                    section => format!("[target.{section}.{table}] {name} = {value}{place}"),
                }
            };
            let of_name = |name: &str| {
                own.iter().rev().find_map(|(file, section, policy)| {
                    value(policy, table, name).map(|value| written(file, section, name, value))
                })
            };
            let from_outside = outside.iter().flatten().find(|line| line.contains(table)).cloned();
            let by_caller = || self.caller.said(names).filter(|_| table == "libraries");
            from_outside
                .map(|line| format!("{line}, by the minimum policy"))
                .or_else(by_caller)
                .or_else(|| names.iter().find_map(|name| of_name(name)))
                .or_else(|| of_name("default"))
        };
        ["libraries", "library-kind", "library-prefix"].into_iter().filter_map(said).collect()
    }
}

/// Returns the value of a name in a table, as it is written.
fn value(policy: &LibraryPolicy, table: &str, name: &str) -> Option<String> {
    let text = match table {
        "libraries" if name == "default" => policy.default?.word().to_owned(),
        "libraries" => policy.by_name.get(name)?.word().to_owned(),
        "library-kind" => policy.kind.get(name)?.word().to_owned(),
        _ => policy.prefix.get(name)?.display().to_string(),
    };
    Some(format!("\"{text}\""))
}

impl OfFile {
    /// Returns the settings of `[library-prefix]`: the section's target as it is written (empty at the top), the library's
    /// name, its folder.
    pub fn prefixes(&self) -> impl Iterator<Item = (String, &str, &Path)> {
        let of_targets = self.targets.iter().map(|(spec, policy)| (spec.written(), policy));
        std::iter::once((String::new(), &self.all)).chain(of_targets).flat_map(|(section, policy)| {
            let prefixes = policy.prefix.iter();
            prefixes.map(move |(name, folder)| (section.clone(), name.as_str(), folder.as_path()))
        })
    }

    /// Removes the settings of `[library-prefix]` that `keeps` does not keep, given as [`prefixes`](Self::prefixes) gives them.
    pub fn retain_prefixes(&mut self, mut keeps: impl FnMut(&str, &str, &Path) -> bool) {
        self.all.prefix.retain(|name, folder| keeps("", name, folder));
        for (spec, policy) in &mut self.targets {
            let section = spec.written();
            policy.prefix.retain(|name, folder| keeps(&section, name, folder));
        }
    }

    /// Returns the sections that apply to a target, those of lowest precedence first.
    fn sections(&self, triple: &str, facts: &TargetFacts) -> Vec<(String, &LibraryPolicy)> {
        let mut found = vec![(String::new(), &self.all)];
        let holding = || self.targets.iter().filter(|(spec, _)| spec.holds(triple, facts));
        for (spec, said) in holding() {
            if let TargetSpec::Cfg(..) = spec {
                found.push((spec.written(), said));
            }
        }
        for (spec, said) in holding() {
            if let TargetSpec::Triple(_) = spec {
                found.push((spec.written(), said));
            }
        }
        found
    }

    fn of(&self, triple: &str, facts: &TargetFacts) -> Result<LibraryPolicy, String> {
        let mut policy = self.all.clone();
        let mut by_cfg: Vec<(&str, &LibraryPolicy)> = Vec::new();
        for (spec, said) in &self.targets {
            let TargetSpec::Cfg(name, _) = spec else { continue };
            if !spec.holds(triple, facts) {
                continue;
            }
            for (other, before) in &by_cfg {
                if let Some(library) = conflict(before, said) {
                    return Err(format!(
                        "inert.toml: `[target.'{other}']` and `[target.'{name}']` both hold for {triple}, and say \
                         different things of `{library}`; write `[target.{triple}]`, which outranks both"
                    ));
                }
            }
            by_cfg.push((name, said));
        }
        by_cfg.into_iter().for_each(|(_, said)| extend(&mut policy, said.clone()));
        for (spec, said) in &self.targets {
            if matches!(spec, TargetSpec::Triple(_)) && spec.holds(triple, facts) {
                extend(&mut policy, said.clone());
            }
        }
        Ok(policy)
    }
}

fn extend(policy: &mut LibraryPolicy, later: LibraryPolicy) {
    policy.default = later.default.or(policy.default);
    policy.by_name.extend(later.by_name);
    policy.kind.extend(later.kind);
    policy.prefix.extend(later.prefix);
}

/// Returns the name of a library for which two sections have different values.
fn conflict(one: &LibraryPolicy, other: &LibraryPolicy) -> Option<String> {
    fn differ<V: PartialEq>(
        one: &std::collections::BTreeMap<String, V>,
        other: &std::collections::BTreeMap<String, V>,
    ) -> Option<String> {
        one.iter()
            .find(|(name, value)| other.get(*name).is_some_and(|known| known != *value))
            .map(|(name, _)| name.clone())
    }
    if one.default.zip(other.default).is_some_and(|(one, other)| one != other) {
        return Some("default".to_owned());
    }
    differ(&one.by_name, &other.by_name)
        .or_else(|| differ(&one.kind, &other.kind))
        .or_else(|| differ(&one.prefix, &other.prefix))
}

/// Merges the tree's settings into those of a minimum. A setting by name takes precedence over the default, so the tree
/// may add none if the minimum has a default. If the minimum says that a library comes from the system, or from a
/// folder, the tree may neither choose the folder nor have the library built. Both may use different names for one
/// library, which is known only with the packages that ask for it; `guarded` and `by_tree` are compared then.
fn at_least(minimum: LibraryPolicy, tree: LibraryPolicy) -> LibraryPolicy {
    let mut merged = minimum;
    let of_all = merged.default.is_some() || merged.prefix.contains_key("default");
    merged.guarded = merged.by_name.keys().chain(merged.prefix.keys()).cloned().collect();
    if !of_all {
        merged.default = tree.default;
        merged.default_by_caller = tree.default_by_caller;
        merged.by_caller = tree.by_caller.difference(&merged.guarded).cloned().collect();
        let free = |name: &String, guarded: &BTreeSet<String>| !guarded.contains(name);
        for (name, source) in tree.by_name.into_iter().filter(|(name, _)| free(name, &merged.guarded)) {
            merged.by_tree.insert(name.clone());
            merged.by_name.insert(name, source);
        }
        for (name, prefix) in tree.prefix.into_iter().filter(|(name, _)| free(name, &merged.guarded)) {
            if name != "default" {
                merged.by_tree.insert(name.clone());
            }
            merged.prefix.insert(name, prefix);
        }
    }
    if !merged.kind.contains_key("default") {
        for (name, kind) in tree.kind {
            merged.kind.entry(name).or_insert(kind);
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::policy::layers;
    use inert_manifest_spec::LinkKind;
    use inert_resolver::request::LibrarySource;

    fn libraries(text: &str) -> Libraries {
        layers::parse(text, Path::new("/w/inert.toml")).expect("a policy").lower().libraries
    }

    fn windows() -> TargetFacts {
        TargetFacts {
            cfg: ["windows", "target_os=\"windows\"", "target_env=\"gnu\""].map(str::to_owned).into(),
            ..TargetFacts::default()
        }
    }

    const WINDOWS: &str = "x86_64-pc-windows-gnu";

    #[test]
    fn a_name_outranks_the_default_and_a_triple_a_cfg() {
        let all = libraries(
            "[libraries]\ndefault = \"system\"\nzlib = \"system-first\"\n\
             [target.'cfg(windows)'.libraries]\ndefault = \"source-first\"\nsqlite3 = \"source\"\n\
             [target.x86_64-pc-windows-gnu.libraries]\nsqlite3 = \"system\"\n\
             [target.'cfg(target_env = \"gnu\")'.library-kind]\ndefault = \"static\"\n\
             [target.'cfg(windows)'.library-prefix]\nzlib = \"third-party/zlib\"\n",
        );
        let here = all.of(WINDOWS, &windows()).unwrap();
        assert_eq!(here.source(&["zlib"]), Some(LibrarySource::SystemFirst));
        assert_eq!(here.source(&["sqlite3"]), Some(LibrarySource::SystemOnly));
        assert_eq!(here.source(&["other"]), Some(LibrarySource::SourceFirst));
        assert_eq!(here.kind(&["other"]), Some(LinkKind::Static));
        assert_eq!(here.prefix(&["zlib"]).unwrap(), Path::new("/w/third-party/zlib"));
        let there = all.of("x86_64-unknown-linux-gnu", &TargetFacts::default()).unwrap();
        assert_eq!(there.source(&["other"]), Some(LibrarySource::SystemOnly));
        assert_eq!((there.kind(&["other"]), there.prefix(&["zlib"])), (None, None));
    }

    #[test]
    fn what_holds_is_said_as_it_is_written() {
        let all = libraries(
            "[libraries]\ndefault = \"system\"\nzlib = \"system-first\"\n\
             [target.'cfg(windows)'.libraries]\nzlib = \"source\"\n\
             [target.x86_64-pc-windows-gnu.library-kind]\ndefault = \"static\"\n",
        );
        let here = |names: &[&str]| all.said(WINDOWS, &windows(), names);
        let kind = "[target.x86_64-pc-windows-gnu.library-kind] default = \"static\", /w/inert.toml:7";
        assert_eq!(
            here(&["z", "zlib"]),
            ["[target.'cfg(windows)'.libraries] zlib = \"source\", /w/inert.toml:5", kind]
        );
        assert_eq!(here(&["other"]), ["[libraries] default = \"system\", /w/inert.toml:2", kind]);
        let there = all.said("x86_64-unknown-linux-gnu", &TargetFacts::default(), &["zlib"]);
        assert_eq!(there, ["[libraries] zlib = \"system-first\", /w/inert.toml:3"]);
        assert_eq!(libraries("").said(WINDOWS, &windows(), &["zlib"]), <[String; 0]>::default());
    }

    #[test]
    fn two_that_contradict_each_other_are_an_error_unless_a_triple_says_which() {
        let text = "[target.'cfg(windows)'.libraries]\nz = \"system\"\n\
                    [target.'cfg(target_env = \"gnu\")'.libraries]\nz = \"source\"\n";
        let message = libraries(text).of(WINDOWS, &windows()).unwrap_err();
        assert!(message.contains("`z`") && message.contains("[target.'cfg(windows)']"), "{message}");
        assert!(libraries(text).of("aarch64-linux-android", &TargetFacts::default()).is_ok());
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for (target, says) in [
            ("linux", "is no target"),
            ("'cfg(windows'", "not closed"),
            ("'cfg(feature = \"x\")'", "asks for the target and nothing else"),
            ("'cfg(env = \"CI\")'", "asks for the target and nothing else"),
            ("'cfg(window)'", ""),
            ("'a/b-c'", "is no target"),
        ] {
            let text = format!("[target.{target}.libraries]\nz = \"system\"\n");
            let bad = layers::parse(&text, Path::new("/w/inert.toml")).unwrap_err();
            assert!(bad.diagnostics[0].message.contains(says), "{target}: {:?}", bad.diagnostics);
        }
        for text in [
            "target = 1\n",
            "[target]\nx86_64-unknown-linux-gnu = 1\n",
            "[target.x86_64-unknown-linux-gnu.policy]\nmembers = \"allow\"\n",
            "[target.x86_64-unknown-linux-gnu.libraries]\nz = \"vendored\"\n",
        ] {
            assert!(layers::parse(text, Path::new("/w/inert.toml")).is_err(), "{text}");
        }
    }

    #[test]
    fn a_minimum_holds_for_each_target() {
        let layer = |text: &str| layers::parse(text, Path::new("/w/inert.toml")).expect("a policy");
        let minimum =
            "[target.'cfg(windows)'.libraries]\ndefault = \"system\"\n[library-kind]\ndefault = \"shared\"\n";
        let tree =
            "[libraries]\nz = \"source\"\n[target.x86_64-pc-windows-gnu.library-kind]\nz = \"static\"\n";
        let both = layers::at_least(layer(minimum), layer(tree)).lower().libraries;
        let here = both.of(WINDOWS, &windows()).unwrap();
        assert_eq!(here.source(&["z"]), Some(LibrarySource::SystemOnly));
        assert_eq!(here.kind(&["z"]), Some(LinkKind::Dylib));
        let there = both.of("x86_64-unknown-linux-gnu", &TargetFacts::default()).unwrap();
        assert_eq!(there.source(&["z"]), Some(LibrarySource::SourceOnly));
    }
}
