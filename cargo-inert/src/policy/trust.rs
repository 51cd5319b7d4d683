//! The claims of a tree's policy, which count only if the user accepts them: who clones a repository and builds it has
//! not read its policy yet.
//!
//! A claim ([`Claim`]) permits something to run unconfined, to reach out of the tree, or to start a program of the
//! tree's choice. The rest of the tree's policy counts without acceptance: it is stricter than the default, or permits
//! no more than a confined script may do anyway. A claim counts if the user's own policy (in the configuration folder,
//! or named by `--policy`) permits as much; if the user's state folder records that it is accepted for this tree
//! (`cargo inert trust`); or if the caller names the digest of all claims of the tree, or `tree`, by `--trust` or
//! `INERT_TRUST`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use inert_manifest_spec::{Capability, needs_review_of};

use super::choice::Choice as _;
use super::layers::Layer;
use super::libraries::OfFile;
use super::model::{
    AcceptedConfiguration, Allow, Claim, Compile, ConfineRustc, Declare, Derived, FILE, Matcher, Members,
    Outer, Reviewed, TreeConfiguration, UNREVIEWED, Undecided, Verified,
};
use super::outputs::Outputs;
use super::rights::{Place, Rights};
use crate::environment::Environment;

/// The variable that has the effect of `--trust`.
pub const VARIABLE: &str = "INERT_TRUST";

/// The caller's trust in the tree that is built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    given: Vec<Given>,
    state: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    /// All claims, present and future.
    Tree,
    /// All present claims, by their digest.
    Claims(String),
}

impl Trust {
    /// Returns a trust in all claims, for data that is made from the tree alone and decides nothing.
    #[must_use]
    pub fn everything() -> Self {
        Self { given: vec![Given::Tree], state: None }
    }

    /// Returns the trust of the caller's environment and command line, with the record in the user's state folder.
    ///
    /// # Errors
    /// A value is neither `tree` nor a digest.
    pub fn of(environment: &Environment, flags: &[String]) -> Result<Self, String> {
        let said = environment.text(VARIABLE).map(|text| (VARIABLE, text));
        let flags = flags.iter().map(|text| ("--trust", text.as_str()));
        let mut given = Vec::new();
        for (who, text) in said.into_iter().chain(flags) {
            for word in text.split(',').map(str::trim) {
                given.push(match word {
                    "tree" => Given::Tree,
                    _ if is_digest(word) => Given::Claims(word.to_owned()),
                    _ => {
                        return Err(format!(
                            "{who}={word}: expected the `sha256:…` that `cargo inert trust` prints, or `tree`"
                        ));
                    }
                });
            }
        }
        Ok(Self { given, state: environment.state_dir() })
    }

    /// Returns the trust of the record only, for a process whose environment is not the caller's.
    #[must_use]
    pub fn recorded_alone(environment: &Environment) -> Self {
        Self { given: Vec::new(), state: environment.state_dir() }
    }

    /// Returns the path of the record of accepted claims of a tree.
    #[must_use]
    pub fn record(&self, root: &Path) -> Option<PathBuf> {
        let name = crate::digest::text(&real(root).to_string_lossy());
        Some(self.state.as_ref()?.join("trust").join(&name[..32]))
    }
}

fn is_digest(word: &str) -> bool {
    word.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64 && hex.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
    })
}

fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The accepted claims of one tree.
#[derive(Debug, Clone, Default)]
pub struct Accepted {
    everything: bool,
    keys: BTreeSet<String>,
}

impl Accepted {
    /// Returns the accepted claims of a tree that makes these claims.
    #[must_use]
    pub fn of(trust: &Trust, root: &Path, claims: &[Claim]) -> Self {
        let now = digest(claims);
        let given = |one: &Given| match one {
            Given::Tree => true,
            Given::Claims(named) => *named == now,
        };
        let keys = trust.record(root).map(|path| recorded(&path, root)).unwrap_or_default();
        Self { everything: trust.given.iter().any(given), keys }
    }

    /// Returns whether a claim is accepted.
    #[must_use]
    pub fn has(&self, claim: &Claim) -> bool {
        self.everything || self.keys.contains(&claim.key)
    }
}

/// Returns one digest for all claims of a tree: it changes if a claim is added, removed or changed.
#[must_use]
pub fn digest(claims: &[Claim]) -> String {
    let keys: BTreeSet<&str> = claims.iter().map(|claim| claim.key.as_str()).collect();
    let text = keys.into_iter().collect::<Vec<_>>().join("\n");
    format!("sha256:{}", crate::digest::text(&text))
}

/// Accepts claims that were added to a tree's policy by a command of Inert that the user has just called.
///
/// # Errors
/// As [`write_record`]'s.
pub fn accept_added(trust: &Trust, root: &Path, before: &[Claim], now: &[Claim]) -> std::io::Result<()> {
    let is_new = |claim: &Claim| before.iter().all(|old| old.key != claim.key);
    if !now.iter().any(is_new) {
        return Ok(());
    }
    let accepted = Accepted::of(trust, root, before);
    write_record(trust, root, now.iter().filter(|claim| is_new(claim) || accepted.has(claim)))
}

/// Returns the commands that accept the claims of the tree's policy, for messages.
#[must_use]
pub fn accepting(digest: &str) -> String {
    format!(
        "To accept what the tree's own policy says:\n\n    \
         cargo inert trust                     shows it, asks, and remembers it on this machine\n    \
         INERT_TRUST={digest} cargo inert …\n    \
         {space}for one command, as in CI (so does --trust); what is changed is refused again\n    \
         INERT_TRUST=tree cargo inert …        whatever it says, now and later\n",
        space = " ".repeat(38)
    )
}

/// Returns the keys in a record of this tree: the first line is the tree's folder, each other line a claim's key and
/// text.
fn recorded(path: &Path, root: &Path) -> BTreeSet<String> {
    let Ok(text) = crate::file::read_text(path) else { return BTreeSet::new() };
    let mut lines = text.lines();
    if lines.next() != Some(&crate::file::one_line(&real(root).to_string_lossy())) {
        return BTreeSet::new();
    }
    lines.filter_map(|line| line.split_once(' ')).map(|(key, _)| key.to_owned()).collect()
}

/// Records that exactly these claims of a tree are accepted.
///
/// # Errors
/// There is no state folder, or it cannot be written.
pub fn write_record<'a>(
    trust: &Trust,
    root: &Path,
    claims: impl IntoIterator<Item = &'a Claim>,
) -> std::io::Result<()> {
    let path = trust.record(root).ok_or_else(|| {
        std::io::Error::other("there is no state folder: neither INERT_HOME, XDG_STATE_HOME nor HOME is set")
    })?;
    let mut text = format!("{}\n", crate::file::one_line(&real(root).to_string_lossy()));
    for claim in claims {
        text.push_str(&format!("{} {}\n", claim.key, crate::file::one_line(&claim.text)));
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    crate::file::write_atomic(&path, text.as_bytes())
}

/// Returns all claims of a tree's policy, even those that the user's own policy permits, so that the digest is the same
/// everywhere.
#[must_use]
pub fn claims(tree: &Layer, root: &Path) -> Vec<Claim> {
    let rule = |text: String| rule(text, root);
    let mut found = Vec::new();
    found.extend(tree.members.filter(|word| *word < CONFINED).map(|word| rule(members(word))));
    found.extend(tree.rustc.filter(|word| *word < ConfineRustc::default()).map(|_| rule(rustc())));
    let configuration = tree.configuration.filter(|word| *word < TreeConfiguration::default());
    found.extend(configuration.map(|_| rule(CONFIGURATION.to_owned())));
    let undecided = tree.undecided.filter(|word| *word < Undecided::default());
    found.extend(undecided.map(|word| rule(of_undecided(word))));
    let capabilities = tree.capabilities.iter().flatten().filter(|one| !UNREVIEWED.contains(one));
    found.extend(capabilities.map(|one| rule(capability(one))));
    let prefixes = tree.libraries.files.iter().flat_map(OfFile::prefixes);
    found.extend(prefixes.filter_map(|(section, name, folder)| of_prefix(&section, name, folder, root)));
    found.extend(tree.accepted.iter().map(|entry| of_configuration(entry, root)));
    found.extend(tree.allow.iter().filter_map(of_allow));
    found.extend(tree.compile.iter().filter_map(of_compile));
    found.extend(tree.declare.iter().filter_map(of_declare));
    found.extend(tree.review.iter().map(of_review));
    found.extend(tree.verified.iter().map(of_verified));
    found.sort();
    found.dedup();
    found
}

fn rule(text: String, root: &Path) -> Claim {
    Claim { key: crate::digest::text(&text), text, file: root.join(FILE), line: 0 }
}

fn of_configuration(entry: &AcceptedConfiguration, root: &Path) -> Claim {
    let name = entry.path.strip_prefix(root).unwrap_or(&entry.path).display();
    let text = format!("[[configuration]] {name} {}", entry.digest);
    Claim { line: entry.line, ..rule(text, root) }
}

/// The folders that hold the system's own libraries on every machine, where a library is looked for anyway.
const SYSTEM_PREFIXES: &[&str] = &["/usr", "/usr/local"];

/// Returns the claim of a setting of `[library-prefix]`: what lies in the folder is linked, also into scripts and macros,
/// and confined programs may read it.
fn of_prefix(section: &str, name: &str, folder: &Path, root: &Path) -> Option<Claim> {
    if SYSTEM_PREFIXES.iter().any(|system| folder.as_os_str() == *system) {
        return None;
    }
    let table = if section.is_empty() {
        "library-prefix".to_owned()
    } else {
        format!("target.{section}.library-prefix")
    };
    let folder = folder.strip_prefix(root).unwrap_or(folder).display();
    Some(rule(format!("[{table}] {name} = \"{folder}\""), root))
}

fn of_review(entry: &Reviewed) -> Claim {
    let names: Vec<&str> = entry.capabilities.iter().map(|one| one.name()).collect();
    let source = entry.package.source.as_deref().unwrap_or("any source");
    let text = format!("[[review]] {} ({source}): {}", entry.package, names.join(", "));
    entry_claim(&entry.package, text, &entry.digest)
}

fn of_verified(entry: &Verified) -> Claim {
    let text = format!("[[verified]] {} ({}): {} cases", entry.package, entry.host, entry.cases);
    entry_claim(&entry.package, text, &entry.digest)
}

fn entry_claim(package: &Matcher, text: String, pins: &str) -> Claim {
    Claim {
        key: crate::digest::text(&format!("{text}\n{pins}")),
        text,
        file: package.file.clone(),
        line: package.line,
    }
}

fn members(word: Members) -> String {
    let word = if word == Members::Allow { "allow" } else { "checked" };
    format!("[policy] members = \"{word}\"")
}

fn rustc() -> String {
    "[sandbox] rustc = \"off\"".to_owned()
}

/// The first setting of `members` under which no script runs with all rights of the user.
const CONFINED: Members = Members::Confined;

const CONFIGURATION: &str = "[policy] configuration = \"allow\"";

fn of_undecided(word: Undecided) -> String {
    format!("[policy] undecided = \"{}\"", word.word())
}

fn capability(capability: &Capability) -> String {
    format!("[policy] capabilities: {}", capability.name())
}

/// Returns the claim of an entry that reaches out of the tree, or that permits outputs which no declaration may have.
fn of_allow(entry: &Allow) -> Option<Claim> {
    let words = words(&entry.rights, &entry.outputs);
    if words.is_empty() {
        return None;
    }
    let source = entry.package.source.as_deref().unwrap_or("any source");
    let text = format!("[[allow]] {} ({source}): {}", entry.package, words.join(", "));
    let pins = format!("{}\n{}", entry.digest, entry.build_dependencies.join("\n"));
    Some(entry_claim(&entry.package, text, &pins))
}

/// Returns the claim of a `[[compile]]` entry, by the rules for scripts.
fn of_compile(entry: &Compile) -> Option<Claim> {
    let words = words(&entry.rights, &Outputs::default());
    if words.is_empty() {
        return None;
    }
    let text = format!("[[compile]] {}: {}", entry.package, words.join(", "));
    Some(entry_claim(&entry.package, text, ""))
}

fn words(rights: &Rights, outputs: &Outputs) -> Vec<String> {
    // Not claims, since they permit no more than a confined script may do anyway: `tools`, each one file on the
    // caller's PATH, which runs with the script's rights; locations in the tree, which no symlink leads out of; `set`.
    let mut words = Vec::new();
    if rights.unconfined.is_some() {
        words.push("confine = false".to_owned());
    }
    if rights.network.is_some() {
        words.push("network = true".to_owned());
    }
    // A library's folder is chosen by the machine's pkg-config files, so it may lie outside of the tree, as a system folder.
    let outside = rights.read.iter().filter(|place| matches!(place, Place::System(_) | Place::Library(_)));
    words.extend(outside.map(|place| format!("read {place}")));
    words.extend(rights.write.iter().map(|place| format!("write {place}")));
    words.extend(rights.env.iter().map(|name| format!("env {name}")));
    words.extend(outputs.words().into_iter().map(|line| format!("outputs {line}")));
    words
}

/// Returns the claim of a declaration in the tree's policy, if a package's own declaration would need a review.
fn of_declare(entry: &Declare) -> Option<Claim> {
    let declaration = inert_manifest_spec::parse_declaration(&entry.declaration).declaration?;
    let reviews = needs_review_of(&declaration, &entry.package.name);
    if reviews.is_empty() {
        return None;
    }
    let what: Vec<String> =
        reviews.iter().map(|review| format!("{} ({})", review.capability, review.what)).collect();
    let text = format!("[[declare]] {}: {}", entry.package, what.join(", "));
    Some(entry_claim(&entry.package, text, &entry.declaration))
}

/// The rules of the user's own policies that a tree may make claims about.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The setting of `[policy] members`.
    pub members: Option<Members>,
    /// The setting of `[sandbox] rustc`.
    pub rustc: Option<ConfineRustc>,
    /// The setting of `[sandbox] outer`.
    pub outer: Option<Outer>,
    /// The setting of `[policy] configuration`.
    pub configuration: Option<TreeConfiguration>,
    /// The setting of `[policy] undecided`.
    pub undecided: Option<Undecided>,
    /// The setting of `[policy] derived`.
    pub derived: Option<Derived>,
    /// The setting of `[policy] capabilities`.
    pub capabilities: Option<BTreeSet<Capability>>,
    /// The settings of `[library-prefix]`, for whatever target: a library's name, and its folder.
    pub prefixes: BTreeSet<(String, PathBuf)>,
}

impl Said {
    /// Returns the rules of several files, of which the first counts: a minimum precedes the user's configuration,
    /// which is more general.
    #[must_use]
    pub fn by<'a>(layers: impl IntoIterator<Item = &'a Layer>) -> Self {
        let mut said = Self::default();
        for layer in layers {
            said.members = said.members.or(layer.members);
            said.rustc = said.rustc.or(layer.rustc);
            said.outer = said.outer.or(layer.outer);
            said.configuration = said.configuration.or(layer.configuration);
            said.undecided = said.undecided.or(layer.undecided);
            said.derived = said.derived.max(layer.derived);
            said.capabilities = said.capabilities.or_else(|| layer.capabilities.clone());
            let prefixes = layer.libraries.files.iter().flat_map(OfFile::prefixes);
            said.prefixes.extend(prefixes.map(|(_, name, folder)| (name.to_owned(), folder.to_path_buf())));
        }
        said
    }
}

/// Removes from a tree's policy the claims that are not accepted: rules get the user's setting or the default, entries
/// are marked, and entries that accept something are removed. Returns the claims that do not count.
#[must_use]
pub fn hold(tree: &mut Layer, root: &Path, user: &Said, accepted: &Accepted) -> Vec<Claim> {
    let mut left: BTreeSet<Claim> =
        claims(tree, root).into_iter().filter(|claim| !accepted.has(claim)).collect();
    let rule = |text: String| rule(text, root);
    // A claim that the user's own policy permits needs no acceptance; another setting of the user counts if the tree
    // has none or a weaker one.
    if let Some(word) = tree.members {
        let claim = rule(members(word));
        // Where the user says nothing of members, what they may by default is what the tree says.
        if user.members.is_none_or(|own| own <= word) {
            left.remove(&claim);
        } else if left.contains(&claim) || word >= CONFINED {
            tree.members = user.members.max((word >= CONFINED).then_some(word));
        }
    } else {
        tree.members = user.members;
    }
    if let Some(word) = tree.rustc {
        let claim = rule(rustc());
        if user.rustc.is_some_and(|own| own <= word) {
            left.remove(&claim);
        } else if left.contains(&claim) || word >= ConfineRustc::default() {
            tree.rustc = user.rustc.max((word >= ConfineRustc::default()).then_some(word));
        }
    } else {
        tree.rustc = user.rustc;
    }
    // The tree may only demand the fence.
    tree.outer = tree.outer.max(user.outer);
    let claim = rule(CONFIGURATION.to_owned());
    if user.configuration == Some(TreeConfiguration::Allow) {
        left.remove(&claim);
    } else if left.contains(&claim) {
        tree.configuration = None;
    }
    if let Some(word) = tree.undecided {
        let claim = rule(of_undecided(word));
        if user.undecided.is_some_and(|own| own <= word) {
            left.remove(&claim);
        } else if left.contains(&claim) {
            tree.undecided = user.undecided;
        }
    }
    if let Some(capabilities) = &mut tree.capabilities {
        for one in user.capabilities.iter().flatten() {
            left.remove(&rule(capability(one)));
        }
        capabilities.retain(|one| !left.contains(&rule(capability(one))));
    }
    for file in &mut tree.libraries.files {
        file.retain_prefixes(|section, name, folder| {
            let Some(claim) = of_prefix(section, name, folder, root) else { return true };
            if user.prefixes.contains(&(name.to_owned(), folder.to_path_buf())) {
                left.remove(&claim);
            }
            !left.contains(&claim)
        });
    }
    tree.accepted.retain(|entry| !left.contains(&of_configuration(entry, root)));
    tree.review.retain(|entry| !left.contains(&of_review(entry)));
    tree.derived = tree.derived.max(user.derived);
    if user.derived != Some(Derived::Verified) {
        // Where nobody but the tree asks for verified derivations, its entries take nothing from the user.
        left.retain(|claim| !tree.verified.iter().any(|entry| of_verified(entry) == *claim));
    }
    let is_left = |claim: &Claim| left.contains(claim);
    for entry in &mut tree.allow {
        entry.untrusted = of_allow(entry).filter(is_left).map(|claim| claim.text);
    }
    for entry in &mut tree.compile {
        entry.untrusted = of_compile(entry).filter(is_left).map(|claim| claim.text);
    }
    for entry in &mut tree.verified {
        entry.untrusted = Some(of_verified(entry)).filter(is_left).map(|claim| claim.text);
    }
    for entry in &mut tree.declare {
        entry.untrusted = of_declare(entry).filter(is_left).map(|claim| claim.text);
    }
    left.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::layers;

    const ROOT: &str = "/w";

    fn layer(text: &str) -> Layer {
        layers::parse(text, &Path::new(ROOT).join(FILE)).expect("a policy")
    }

    fn entry(more: &str) -> String {
        format!(
            "[[allow]]\npackage = \"a\"\nversion = \"1.0.0\"\nsource = \"path+./a\"\ndigest = \"sha256:{}\"\nreason = \"r\"\n{more}\n",
            "0".repeat(64)
        )
    }

    fn texts(claims: &[Claim]) -> Vec<&str> {
        claims.iter().map(|claim| claim.text.as_str()).collect()
    }

    #[test]
    fn what_reaches_out_is_a_claim_and_nothing_else_is() {
        let free = [
            "[policy]\nmembers = \"confined\"\ncapabilities = [\"cfg\", \"cc\"]\nproc-macros = \"allow\"\nconfiguration = \"deny\"\n[sandbox]\nrustc = \"confine\"\n".to_owned(),
            entry("tools = [\"cmake\"]\nread = [\"dep:z\", \"workspace:data\", \"package:x\"]\nset = { A = \"1\" }"),
            "[[deny]]\npackage = \"b\"\n[libraries]\nz = \"system\"\n".to_owned(),
            "[[declare]]\npackage = \"b\"\nreason = \"r\"\n[declare.declaration]\nschema = 1\n[declare.declaration.cfg]\nx = true\n".to_owned(),
        ];
        for text in free {
            assert_eq!(texts(&claims(&layer(&text), Path::new(ROOT))), Vec::<&str>::new(), "{text}");
        }
        for (more, said) in [
            ("confine = false\nconfine-reason = \"r\"", "confine = false"),
            ("network = true\nnetwork-reason = \"r\"", "network = true"),
            ("read = [\"system:/opt/x\"]", "read system:/opt/x"),
            ("read = [\"library:z\"]", "read library:z"),
            ("write = [\"workspace:.git/hooks\"]", "write workspace:.git/hooks"),
            ("env = [\"TOKEN\"]", "env TOKEN"),
            ("outputs = [\"rustc-link-arg=-x*\"]", "outputs rustc-link-arg=-x*"),
        ] {
            let found = claims(&layer(&entry(more)), Path::new(ROOT));
            assert_eq!(texts(&found), [format!("[[allow]] a 1.0.0 (path+./a): {said}")], "{more}");
        }
        let rules = "[policy]\nmembers = \"checked\"\nconfiguration = \"allow\"\ncapabilities = [\"tool\", \"cfg\"]\n";
        assert_eq!(
            texts(&claims(&layer(rules), Path::new(ROOT))),
            [
                "[policy] capabilities: tool",
                "[policy] configuration = \"allow\"",
                "[policy] members = \"checked\""
            ]
        );
    }

    #[test]
    fn what_is_not_accepted_falls_back() {
        let text = format!(
            "[policy]\nmembers = \"allow\"\nconfiguration = \"allow\"\ncapabilities = [\"tool\", \"cfg\"]\n{}",
            entry("network = true\nnetwork-reason = \"r\"")
        );
        let root = Path::new(ROOT);
        let held = |user: &Said, accepted: &Accepted| {
            let mut tree = layer(&text);
            let left = hold(&mut tree, root, user, accepted);
            (tree, left)
        };
        let (tree, left) = held(&Said::default(), &Accepted::default());
        assert_eq!(left.len(), 3);
        assert_eq!((tree.members, tree.configuration), (Some(Members::Allow), None));
        assert_eq!(tree.capabilities, Some([Capability::Cfg].into()));
        assert!(tree.allow[0].untrusted.is_some());
        let all = Accepted { everything: true, ..Accepted::default() };
        let (tree, left) = held(&Said::default(), &all);
        assert!(left.is_empty() && tree.allow[0].untrusted.is_none());
        assert_eq!(tree.members, Some(Members::Allow));
        let user = Said { members: Some(Members::Allow), ..Said::default() };
        let (tree, left) = held(&user, &Accepted::default());
        assert_eq!((tree.members, left.len()), (Some(Members::Allow), 3));
        for stricter in [Members::Confined, Members::Deny] {
            let user = Said { members: Some(stricter), ..Said::default() };
            let (tree, left) = held(&user, &Accepted::default());
            assert_eq!((tree.members, left.len()), (Some(stricter), 4));
            assert_eq!(held(&user, &all).0.members, Some(Members::Allow));
        }
    }

    #[test]
    fn a_folder_of_libraries_is_a_claim() {
        let root = Path::new(ROOT);
        let text = "[library-prefix]\nz = \"libs\"\npq = \"/opt/pq\"\nbzip2 = \"/usr\"\n\
                    [target.'cfg(unix)'.library-prefix]\nz = \"../y\"\n[libraries]\nz = \"system\"\n";
        assert_eq!(
            texts(&claims(&layer(text), root)),
            [
                "[library-prefix] pq = \"/opt/pq\"",
                "[library-prefix] z = \"libs\"",
                "[target.'cfg(unix)'.library-prefix] z = \"../y\""
            ]
        );
        let held = |user: &Said, accepted: &Accepted| {
            let mut tree = layer(text);
            let left = hold(&mut tree, root, user, accepted).len();
            let file = &tree.libraries.files[0];
            (left, file.prefixes().map(|(_, name, _)| name.to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(held(&Said::default(), &Accepted::default()), (3, vec!["bzip2".to_owned()]));
        let all = Accepted { everything: true, ..Accepted::default() };
        assert_eq!(held(&Said::default(), &all).1.len(), 4);
        // The user's own file says the same.
        let user = Said::by([&layer("[library-prefix]\npq = \"/opt/pq\"\n")]);
        assert_eq!(held(&user, &Accepted::default()), (2, vec!["bzip2".to_owned(), "pq".to_owned()]));
    }

    #[test]
    fn a_digest_is_of_what_is_said_now() {
        let root = Path::new(ROOT);
        let one = claims(&layer("[policy]\nmembers = \"allow\"\n"), root);
        let other = claims(&layer("[policy]\nmembers = \"checked\"\n"), root);
        let environment = Environment {
            variables: [(VARIABLE.into(), format!("{},{}", digest(&one), digest(&[])).into())].into(),
        };
        let trust = Trust::of(&environment, &[]).unwrap();
        assert!(Accepted::of(&trust, root, &one).has(&one[0]));
        assert!(!Accepted::of(&trust, root, &other).has(&other[0]));
        assert!(Trust::of(&Environment::default(), &["yes".to_owned()]).is_err());
        assert!(Trust::of(&Environment::default(), &["sha256:12".to_owned()]).is_err());
    }
}
