//! Derives declarations from build scripts and caches them outside of the tree, by the content of all files that they
//! were derived from and by the executable that derived them. A cached derivation is used only for the same content.

use std::path::{Path, PathBuf};

use inert_manifest_spec::Severity;
use inert_migrate_tool::{Assumptions, PackageSource};
use serde::{Deserialize, Serialize};

use super::model::{Declared, Origin, Residue};
use crate::cargo::package::Package;
use crate::digest;
use crate::environment::Environment;
use crate::file::write_atomic;

/// The cache of derivations.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    /// The folder of the cache; `None` disables it.
    pub folder: Option<PathBuf>,
    /// The identity of this executable, as far as a derivation depends on it.
    pub tool: String,
}

/// A derivation in the cache.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// The files of the package that were read, with their digests; `None` for a file that did not exist.
    reads: Vec<(String, Option<String>)>,
    /// The declaration as TOML text.
    declaration: Option<String>,
    /// The assumptions of [`inert_migrate_tool::Derivation::assumes`].
    #[serde(with = "KeptAssumptions")]
    assumes: Assumptions,
    /// The residue, one line each.
    residue: Vec<String>,
    /// The undecided parts of [`Declared::undecided`].
    #[serde(default)]
    undecided: Vec<(String, String)>,
}

/// The serialized form of [`Assumptions`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "Assumptions")]
struct KeptAssumptions {
    known_targets: bool,
    rustc_says: Option<Vec<String>>,
    no_allow_features: bool,
    known_target_features: bool,
    out_dir_lacks: Vec<String>,
    rustc_on_path: bool,
    debug_assertions_agree: bool,
    #[serde(default)]
    features_handed_on: Vec<(String, Vec<String>)>,
}

impl Cache {
    /// Returns the cache in the user's cache folder.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        let folder = environment.cache_dir().map(|dir| dir.join("derived"));
        let own = crate::environment::sibling("inert").and_then(|path| path.metadata()).ok();
        let tool =
            own.map(|found| format!("{} {:?}", found.len(), found.modified().ok())).unwrap_or_default();
        Self { folder, tool: format!("{} {tool}", env!("CARGO_PKG_VERSION")) }
    }

    /// Derives the declaration of a script, or returns the cached one.
    ///
    /// # Errors
    /// The script is not derived; the residue has one line for each reason.
    pub fn derive(&self, package: &Package, script: &Path) -> Result<Declared, Residue> {
        let kept = self.kept(package, script);
        let Some(text) = kept.declaration else { return Err(kept.residue) };
        // A derived declaration is parsed and checked like all others: it has no more rights than an author's.
        let parsed = inert_manifest_spec::parse_declaration(&text);
        let problem = parsed.diagnostics.iter().find(|one| one.severity == Severity::Error);
        match (parsed.declaration, problem) {
            (Some(declaration), None) => Ok(Declared {
                declaration,
                text,
                origin: Origin::Derived,
                place: format!("derived from {}", script.display()),
                inputs: kept.reads.into_iter().map(|(path, _)| path).collect(),
                assumes: kept.assumes,
                undecided: kept.undecided,
            }),
            (_, problem) => {
                let message = problem.map_or("it is not whole", |one| &one.message);
                Err(vec![format!("what its script does is beyond what a declaration may say: {message}")])
            }
        }
    }

    fn kept(&self, package: &Package, script: &Path) -> Kept {
        let place = self.folder.as_ref().map(|folder| {
            let script_text = crate::file::read(script).unwrap_or_default();
            let id = &package.id;
            let text = format!(
                "{}\0{}\0{}\0{}\0{}\0{}",
                self.tool,
                id.name,
                id.version,
                script.strip_prefix(&package.root).unwrap_or(script).display(),
                digest::text(&package.manifest),
                digest::bytes(&script_text),
            );
            folder.join(&digest::text(&text)[..32])
        });
        if let Some(kept) = place.as_deref().and_then(|place| read(place, &package.root)) {
            return kept;
        }
        let (kept, final_word) = derive(package, script);
        if let Some(place) = place.filter(|_| final_word)
            && let Ok(text) = serde_json::to_vec(&kept)
        {
            let _ = place.parent().map(std::fs::create_dir_all);
            let _ = write_atomic(&place, &text);
        }
        kept
    }
}

fn read(place: &Path, root: &Path) -> Option<Kept> {
    let kept: Kept = serde_json::from_slice(&std::fs::read(place).ok()?).ok()?;
    let same = kept.reads.iter().all(|(path, expected)| digest_of(&root.join(path)) == *expected);
    same.then_some(kept)
}

fn digest_of(path: &Path) -> Option<String> {
    if path.is_dir() {
        let mut names: Vec<String> = std::fs::read_dir(path)
            .ok()?
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        return Some(digest::text(&names.join("\n")));
    }
    crate::file::read(path).ok().map(|bytes| digest::bytes(&bytes))
}

/// Derives a declaration; the second value is false if the result depends on this machine's speed and must not be
/// cached.
fn derive(package: &Package, script: &Path) -> (Kept, bool) {
    let nothing = |reason: String| {
        let residue = vec![reason];
        let kept = Kept {
            reads: Vec::new(),
            declaration: None,
            assumes: Assumptions::default(),
            residue,
            undecided: Vec::new(),
        };
        (kept, true)
    };
    let source = match PackageSource::from_text(&package.root, &package.manifest) {
        Ok(source) => source,
        Err(error) => return nothing(format!("its manifest: {error}")),
    };
    if source.script.as_ref().map(|path| package.root.join(path)).as_deref() != Some(script) {
        return nothing("its manifest names another script than Cargo compiles".to_owned());
    }
    let derivation = inert_migrate_tool::derive(&source);
    let residue = derivation.residue.iter().map(|one| {
        let guard = one
            .guard
            .as_ref()
            .map(|guard| format!(" (where {})", shortened(&guard.to_string())))
            .unwrap_or_default();
        let reason = one.reason.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{}:{}:{}: {reason}{guard}", one.file.display(), one.line, one.column)
    });
    let residue = residue.collect();
    let undecided = derivation.residue.iter().filter_map(|one| {
        let only_that = inert_manifest_spec::Declaration {
            schema: 1,
            unsupported: Some(one.guard.clone()?),
            ..inert_manifest_spec::Declaration::default()
        };
        let reason = one.reason.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = format!("{}:{}:{}: {reason}", one.file.display(), one.line, one.column);
        Some((line, inert_manifest_spec::write::declaration(&only_that)))
    });
    let undecided = undecided.collect();
    let spell = |path: &PathBuf| path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let kept = Kept {
        reads: derivation
            .reads
            .iter()
            .map(|path| (spell(path), digest_of(&package.root.join(path))))
            .collect(),
        declaration: derivation.declaration.as_ref().map(inert_manifest_spec::write::declaration),
        assumes: derivation.assumes,
        residue,
        undecided,
    };
    (kept, !derivation.out_of_time)
}

/// Shortens a condition for a line of a report.
pub(crate) fn shortened(text: &str) -> String {
    if text.chars().count() <= 120 {
        text.to_owned()
    } else {
        text.chars().take(117).chain("...".chars()).collect()
    }
}
