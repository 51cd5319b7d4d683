//! Combines several policy files: with `extends` the later setting counts, with a minimum from outside the tree the
//! stricter one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use inert_manifest_spec::{Capability, Diagnostic};

use super::libraries::Libraries;
use super::model::{
    AcceptedConfiguration, Allow, BadPolicy, Compile, ConfineRustc, Declare, Deny, Derived, Entries, Matcher,
    Members, Outer, Policy, ProcMacros, Reviewed, ReviewedMacro, TreeConfiguration, Unavailable, Undecided,
    Verified,
};
use super::read;
use crate::cargo::invocation::DenyBuildScripts;

/// The depth of `extends` at which a cycle is assumed.
const DEPTH: usize = 8;

/// The settings of one file, or of several that extend one another; a rule that is not set is `None`.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "fields of Policy")]
pub struct Layer {
    pub files: Vec<PathBuf>,
    pub extends: Vec<PathBuf>,
    pub imports: Vec<Import>,
    pub deny: Option<DenyBuildScripts>,
    pub members: Option<Members>,
    pub configuration: Option<TreeConfiguration>,
    pub undecided: Option<Undecided>,
    pub accepted: Vec<AcceptedConfiguration>,
    pub capabilities: Option<BTreeSet<Capability>>,
    pub derived: Option<Derived>,
    pub proc_macros: Option<ProcMacros>,
    pub unavailable: Option<(Unavailable, Matcher)>,
    pub rustc: Option<ConfineRustc>,
    pub outer: Option<Outer>,
    pub entries: Option<Entries>,
    pub allow: Vec<Allow>,
    pub compile: Vec<Compile>,
    pub deny_packages: Vec<Deny>,
    pub declare: Vec<Declare>,
    pub review: Vec<Reviewed>,
    pub verified: Vec<Verified>,
    pub macros: Vec<ReviewedMacro>,
    pub libraries: Libraries,
}

/// An `[[import]]` entry: a copy of another team's file.
#[derive(Debug, Clone)]
pub struct Import {
    /// The path of the copy.
    pub file: PathBuf,
    /// The digest of the copy.
    pub digest: String,
    /// The path or address that it was copied from, as it was given.
    pub from: Option<String>,
    /// The tables whose entries count.
    pub kinds: Vec<String>,
    /// The span of the entry.
    pub span: inert_manifest_spec::Span,
    /// The line of the entry.
    pub line: usize,
}

/// Reads a policy file, which must exist, with all files that it extends.
///
/// # Errors
/// The file, or one that it extends, cannot be read or is invalid.
pub fn load(path: &Path) -> Result<Layer, BadPolicy> {
    load_with(path, &crate::file::read_text)
}

/// Reads a policy from another source of files, such as a git revision.
///
/// # Errors
/// As [`load`]'s.
pub fn load_with(path: &Path, read: &Reading<'_>) -> Result<Layer, BadPolicy> {
    load_at(path, 0, read)
}

/// Reads the text of a file.
pub type Reading<'a> = dyn Fn(&Path) -> std::io::Result<String> + 'a;

/// Parses the text of one file, without the files that it extends.
///
/// # Errors
/// The text is not a valid policy.
pub fn parse(text: &str, path: &Path) -> Result<Layer, BadPolicy> {
    let (layer, diagnostics) = read::layer(text, path);
    if diagnostics.is_empty() {
        return Ok(layer);
    }
    Err(BadPolicy { path: path.to_path_buf(), text: text.to_owned(), diagnostics })
}

fn load_at(path: &Path, depth: usize, read: &Reading<'_>) -> Result<Layer, BadPolicy> {
    let bad = |text: String, diagnostics| BadPolicy { path: path.to_path_buf(), text, diagnostics };
    let text = match read(path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("the policy cannot be read: {error}");
            let diagnostic = Diagnostic::error("inert::policy::unreadable", message, 0..0)
                .help("a policy that is named has to be there; nothing is built without it");
            return Err(bad(String::new(), vec![diagnostic]));
        }
    };
    let own = parse(&text, path)?;
    if depth >= DEPTH && !own.extends.is_empty() {
        let message = "policies extend one another in a circle";
        return Err(bad(text, vec![Diagnostic::error("inert::policy::extends", message, 0..0)]));
    }
    let mut base = Layer::default();
    for extended in &own.extends {
        base = base.extended_by(load_at(extended, depth + 1, read)?);
    }
    for import in &own.imports {
        base = base.extended_by(imported(import, path, &text, read)?);
    }
    let mut own = own;
    for entry in &mut own.declare {
        fill(entry, read).map_err(|diagnostic| bad(text.clone(), vec![diagnostic]))?;
        own.files.extend(entry.baked.iter().map(|one| one.file.clone()));
    }
    Ok(base.extended_by(own))
}

/// Adds the baked files of an entry to its declaration.
fn fill(entry: &mut Declare, read: &Reading<'_>) -> Result<(), Diagnostic> {
    if !entry.baked.is_empty() {
        entry.declaration = super::baked::filled(&entry.declaration, &entry.baked, read)?;
    }
    Ok(())
}

/// Returns the entries of an imported copy: those of the chosen kinds, if the copy has the pinned digest.
fn imported(import: &Import, path: &Path, text: &str, read: &Reading<'_>) -> Result<Layer, BadPolicy> {
    let found = read(&import.file).map(|copy| {
        let digest = format!("sha256:{}", crate::digest::text(&copy));
        (copy, digest)
    });
    let problem = match found {
        Ok((copy, digest)) if digest == import.digest => {
            let mut all = parse(&copy, &import.file)?;
            for entry in &mut all.declare {
                let bad = |diagnostic| BadPolicy {
                    path: import.file.clone(),
                    text: copy.clone(),
                    diagnostics: vec![diagnostic],
                };
                fill(entry, read).map_err(bad)?;
                all.files.extend(entry.baked.iter().map(|one| one.file.clone()));
            }
            let of = |kind: &str| import.kinds.iter().any(|known| known == kind);
            return Ok(Layer {
                files: all.files,
                allow: if of("allow") { all.allow } else { Vec::new() },
                deny_packages: if of("deny") { all.deny_packages } else { Vec::new() },
                declare: if of("declare") { all.declare } else { Vec::new() },
                review: if of("review") { all.review } else { Vec::new() },
                verified: if of("verified") { all.verified } else { Vec::new() },
                macros: if of("proc-macro") { all.macros } else { Vec::new() },
                ..Layer::default()
            });
        }
        Ok((_, digest)) => format!("{} is not what was imported: it is {digest}", import.file.display()),
        Err(error) => format!("{} cannot be read: {error}", import.file.display()),
    };
    let diagnostic = Diagnostic::error("inert::policy::import", problem, import.span.clone())
        .label("imported here")
        .help("look at what changed, then `cargo inert review --import` again");
    Err(BadPolicy { path: path.to_path_buf(), text: text.to_owned(), diagnostics: vec![diagnostic] })
}

impl Layer {
    /// Combines two files of which the later one extends this one: its rules, and the entries of both.
    fn extended_by(mut self, later: Self) -> Self {
        self.files.extend(later.files);
        self.extends = Vec::new();
        self.imports = Vec::new();
        self.deny = later.deny.or(self.deny);
        self.members = later.members.or(self.members);
        self.configuration = later.configuration.or(self.configuration);
        self.undecided = later.undecided.or(self.undecided);
        self.accepted.extend(later.accepted);
        self.capabilities = later.capabilities.or(self.capabilities);
        self.derived = later.derived.or(self.derived);
        self.proc_macros = later.proc_macros.or(self.proc_macros);
        self.unavailable = later.unavailable.or(self.unavailable);
        self.rustc = later.rustc.or(self.rustc);
        self.outer = later.outer.or(self.outer);
        self.entries = later.entries.or(self.entries);
        self.allow.extend(later.allow);
        self.compile.extend(later.compile);
        self.deny_packages.extend(later.deny_packages);
        // The first matching entry counts, so the entries of the later file go first.
        self.declare.splice(0..0, later.declare);
        self.review.extend(later.review);
        self.verified.extend(later.verified);
        self.macros.extend(later.macros);
        self.libraries.files.extend(later.libraries.files);
        self
    }

    /// Returns the policy of a build, with defaults for rules that are not set.
    #[must_use]
    pub fn lower(self) -> Policy {
        let default = Policy::default();
        Policy {
            path: None,
            files: self.files,
            deny: self.deny.unwrap_or(default.deny),
            members: self.members.unwrap_or(default.members),
            configuration: self.configuration.unwrap_or(default.configuration),
            undecided: self.undecided.unwrap_or(default.undecided),
            accepted: self.accepted,
            capabilities: self.capabilities.unwrap_or(default.capabilities),
            derived: self.derived.unwrap_or(default.derived),
            proc_macros: self.proc_macros.unwrap_or(default.proc_macros),
            rustc: self.rustc.unwrap_or(default.rustc),
            outer: self.outer.unwrap_or(default.outer),
            unavailable: self.unavailable.map_or(default.unavailable, |(word, _)| word),
            allow: self.allow,
            compile: self.compile,
            deny_packages: self.deny_packages,
            declare: self.declare,
            review: self.review,
            verified: self.verified,
            macros: self.macros,
            libraries: self.libraries,
            ..default
        }
    }
}

/// Combines a minimum and the tree's policy: of each rule the stricter one counts. If only one of them sets a rule, it
/// is no weaker than the default or the minimum.
#[must_use]
pub fn at_least(minimum: Layer, tree: Layer) -> Layer {
    let default = Policy::default();
    let mut merged = minimum;
    merged.files.extend(tree.files);
    merged.deny = merged.deny.max(tree.deny);
    merged.members = stricter(merged.members, tree.members);
    // A rule that the minimum does not set has its default in the minimum.
    merged.configuration = stricter(merged.configuration.or(Some(default.configuration)), tree.configuration);
    merged.undecided = stricter(merged.undecided.or(Some(default.undecided)), tree.undecided);
    merged.derived = stricter(merged.derived, tree.derived);
    merged.proc_macros = stricter(merged.proc_macros, tree.proc_macros);
    merged.rustc = stricter(merged.rustc, tree.rustc);
    merged.outer = stricter(merged.outer, tree.outer);
    // The user's own setting as well.
    merged.unavailable = merged.unavailable.or(tree.unavailable);
    merged.capabilities = match (merged.capabilities, tree.capabilities) {
        (Some(a), Some(b)) => Some(a.intersection(&b).copied().collect()),
        (None, Some(b)) => Some(b.intersection(&default.capabilities).copied().collect()),
        (a, None) => a,
    };
    merged.deny_packages.extend(tree.deny_packages);
    if merged.entries != Some(Entries::Own) {
        merged.accepted.extend(tree.accepted);
        merged.allow.extend(tree.allow);
        merged.compile.extend(tree.compile);
        merged.declare.extend(tree.declare);
        merged.review.extend(tree.review);
        merged.verified.extend(tree.verified);
        merged.macros.extend(tree.macros);
    }
    let minimum = std::mem::replace(&mut merged.libraries, tree.libraries);
    // If a minimum has a minimum of its own, the new one is added at the end of the chain.
    let mut innermost = &mut merged.libraries;
    while innermost.minimum.is_some() {
        innermost = innermost.minimum.as_mut().unwrap_or_else(|| unreachable!("looked at"));
    }
    innermost.minimum = Some(Box::new(minimum));
    merged
}

fn stricter<T: Ord>(minimum: Option<T>, tree: Option<T>) -> Option<T> {
    match (minimum, tree) {
        (Some(minimum), Some(tree)) => Some(minimum.max(tree)),
        (minimum, tree) => minimum.or(tree),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(text: &str) -> Layer {
        let (layer, diagnostics) = read::layer(text, Path::new("/w/inert.toml"));
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        layer
    }

    #[test]
    fn a_minimum_is_not_weakened() {
        let tree = "[policy]\nmembers = \"allow\"\nproc-macros = \"allow\"\nconfiguration = \"allow\"\ncapabilities = [\"cfg\", \"prebuilt\"]\n\
                    [[deny]]\npackage = \"b\"\n[libraries]\nz = \"source-only\"\n";
        let minimum = "[policy]\nmembers = \"deny\"\nproc-macros = \"review\"\nconfiguration = \"deny\"\ndeny-build-scripts = \"all\"\nentries = \"own\"\nderived = \"verified\"\n\
                       [[deny]]\npackage = \"a\"\n[libraries]\nz = \"system-only\"\n";
        let policy = at_least(layer(minimum), layer(tree)).lower();
        assert_eq!(policy.members, Members::Deny);
        assert_eq!(policy.proc_macros, ProcMacros::Review);
        assert_eq!(policy.derived, Derived::Verified);
        assert_eq!(policy.configuration, TreeConfiguration::Deny);
        assert_eq!(policy.deny, DenyBuildScripts::All);
        assert_eq!(policy.capabilities, [Capability::Cfg].into());
        assert_eq!(policy.deny_packages.len(), 2);
        let libraries = policy.libraries.of("x", &crate::cargo::facts::TargetFacts::default()).unwrap();
        assert_eq!(libraries.by_name["z"], inert_resolver::request::LibrarySource::SystemOnly);
    }

    #[test]
    fn every_key_has_a_reader() {
        // Only a reader of the key reports a value of the wrong kind.
        for table in crate::policy::keys::TABLES {
            for key in table.keys {
                // Only a key of variables accepts a table.
                let table_of_variables = matches!(key.shape, crate::policy::keys::Shape::Variables);
                let wrong = if table_of_variables { "1" } else { "{ }" };
                let entry = format!("{} = {wrong}\n", key.name);
                let text = match (table.key, table.repeated) {
                    ("", _) => entry,
                    (_, false) => format!("{}\n{entry}", table.name),
                    (_, true) => format!("{}\n{entry}", table.name),
                };
                let (_, diagnostics) = read::layer(&text, Path::new("/w/inert.toml"));
                let about = |one: &&Diagnostic| {
                    one.message.contains(&format!("`{}`", key.name)) && !one.message.contains("missing")
                };
                let declaration = matches!(key.shape, crate::policy::keys::Shape::Declaration);
                assert!(
                    declaration || diagnostics.iter().any(|one| about(&one)),
                    "{} of {} is not read: {diagnostics:?}",
                    key.name,
                    table.name
                );
            }
        }
    }
}
