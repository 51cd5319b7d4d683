//! The gaps in the reviews of a build: an entry pins files by digests, and a script or a macro that runs may read
//! others.
//!
//! The wrapper compares the files that rustc reports as read with the pins. rustc reports the files that it reads
//! itself, not those that a macro reads, and a macro in its process can change the report. So if a macro runs in a
//! pinned unit, only its confinement proves that it read no file but pinned ones; the same is true of a script that
//! runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use super::graph_paths;
use super::model::{Action, Allowance, Decision, Plan};
use crate::cargo::package::{Package, PackageId};
use crate::cargo::unit_graph::UnitGraph;
use crate::digest;
use crate::policy::Rights;
use crate::policy::rights::Place;

/// The reason why reviewed code may have read files that no digest covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Incomplete {
    /// The script runs with all rights of the user.
    Unconfined,
    /// The script runs with all rights of the user, and packages that are pinned hold what no digest covers.
    LeftOut {
        /// The entries at the roots of the packages: `.git`, `inert.toml`.
        names: BTreeSet<String>,
        /// The packages as `name version`.
        packages: Vec<String>,
    },
    /// The entry of the script grants it more rights, each as [`Rights::words`] names it.
    Granted(Vec<String>),
    /// Macros run unconfined in the compiler, for the reason `why`.
    MacrosUnconfined {
        /// The macros as `name version`.
        macros: Vec<String>,
        /// Why rustc is not confined.
        why: String,
    },
    /// A `[[compile]]` entry grants more to a package in whose compilation macros run.
    MacrosGranted {
        /// The package as `name version`.
        package: String,
        /// The rights, each as [`Rights::words`] names it.
        rights: Vec<String>,
        /// The macros as `name version`.
        macros: Vec<String>,
    },
    /// Macros run in the compilation of packages of the workspace's folder or of a git checkout, which may read all of
    /// it.
    MacrosBeside {
        /// The packages as `name version`.
        packages: Vec<String>,
        /// The macros as `name version`.
        macros: Vec<String>,
    },
}

impl Incomplete {
    /// Returns the name of the reason in the audit's JSON.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unconfined => "unconfined",
            Self::LeftOut { .. } => "left-out",
            Self::Granted(_) => "granted",
            Self::MacrosUnconfined { .. } => "macros-unconfined",
            Self::MacrosGranted { .. } => "macros-granted",
            Self::MacrosBeside { .. } => "macros-beside",
        }
    }
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unconfined => f.write_str("it runs unconfined, and may read any file"),
            Self::LeftOut { names, packages } => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                write!(
                    f,
                    "the digest leaves out {} of {}, which it may read",
                    names.join(", "),
                    packages.join(", ")
                )
            }
            Self::Granted(rights) => {
                write!(f, "its entry grants what no digest covers: {}", rights.join(", "))
            }
            Self::MacrosUnconfined { macros, why } => {
                write!(f, "{} may read any file, since rustc is not confined: {why}", macros.join(", "))
            }
            Self::MacrosGranted { package, rights, macros } => write!(
                f,
                "[[compile]] grants {package} what no digest covers: {}; and {} runs there",
                rights.join(", "),
                macros.join(", ")
            ),
            Self::MacrosBeside { packages, macros } => write!(
                f,
                "{} may read what lies beside {} in the workspace or checkout",
                macros.join(", "),
                packages.join(", ")
            ),
        }
    }
}

/// The facts about the confinement of rustc in a build.
#[derive(Debug)]
pub struct Compiler<'a> {
    /// Why rustc is not confined; `None` if it is.
    pub loose: Option<String>,
    /// The rights that `[[compile]]` entries add, by the package's folder.
    pub rights: &'a BTreeMap<PathBuf, Rights>,
    /// The root of the workspace, all of which a package below it may read.
    pub workspace: &'a Path,
    /// True if this machine cannot confine scripts.
    pub unavailable: bool,
}

/// The reasons for all scripts and macros of a build whose review is incomplete.
#[derive(Debug, Default)]
pub struct Reviews {
    /// Those of allowed scripts, by the script's root file.
    pub scripts: BTreeMap<PathBuf, Vec<Incomplete>>,
    /// Those of reviewed macros.
    pub macros: BTreeMap<PackageId, Vec<Incomplete>>,
}

/// Returns what the reviews of a build do not cover.
///
/// # Errors
/// The folder of a package is not found.
pub fn reviews(plan: &Plan, graph: &UnitGraph, compiler: &Compiler<'_>) -> Result<Reviews, String> {
    let granted = granted(plan, graph, compiler.rights)?;
    let mut found = Reviews::default();
    let pinned = |decision: &&Decision| {
        decision.action == Action::Run && matches!(decision.allowance, Some(Allowance::Entry { .. }))
    };
    for decision in plan.decisions.iter().filter(pinned) {
        let mut reasons = of_running(decision, compiler);
        if reasons.contains(&Incomplete::Unconfined) {
            reasons.extend(left_out(decision));
        }
        let macros: Vec<String> = decision
            .build_closure
            .keys()
            .filter(|id| plan.proc_macros.contains_key(id))
            .map(ToString::to_string)
            .collect();
        if !macros.is_empty() {
            let own = (&decision.package.id, &decision.package.root);
            let compiled: Vec<(&PackageId, &PathBuf)> = decision.build_closure.iter().chain([own]).collect();
            match &compiler.loose {
                Some(why) => reasons.push(Incomplete::MacrosUnconfined { macros, why: why.clone() }),
                None => {
                    let of = |one: &&Granted| compiled.iter().any(|(_, root)| **root == one.root);
                    reasons.extend(granted.iter().filter(of).map(Granted::reason));
                    let beside = |(id, root): &&(&PackageId, &PathBuf)| {
                        id.source.starts_with("git+") || root.starts_with(compiler.workspace)
                    };
                    let packages: Vec<String> =
                        compiled.iter().filter(beside).map(|(id, _)| id.to_string()).collect();
                    if !packages.is_empty() {
                        reasons.push(Incomplete::MacrosBeside { packages, macros });
                    }
                }
            }
        }
        if !reasons.is_empty() {
            found.scripts.insert(decision.script.clone(), reasons);
        }
    }
    for (id, one) in plan.proc_macros.iter().filter(|(_, one)| one.reviewed) {
        let below = one.closure.keys().filter(|id| plan.proc_macros.contains_key(id));
        let reasons: Vec<Incomplete> = match &compiler.loose {
            Some(why) => {
                let macros = std::iter::once(id).chain(below).map(ToString::to_string).collect();
                vec![Incomplete::MacrosUnconfined { macros, why: why.clone() }]
            }
            None => {
                granted.iter().filter(|granted| granted.macros.contains(id)).map(Granted::reason).collect()
            }
        };
        if !reasons.is_empty() {
            found.macros.insert(id.clone(), reasons);
        }
    }
    Ok(found)
}

/// Returns the reasons that lie in how the script runs.
fn of_running(decision: &Decision, compiler: &Compiler<'_>) -> Vec<Incomplete> {
    match &decision.confined {
        // WebAssembly reads the script's own package only.
        _ if decision.wasm.is_some() => Vec::new(),
        Some((rights, _)) if !compiler.unavailable => Some(beyond_digests(rights))
            .filter(|words| !words.is_empty())
            .map(Incomplete::Granted)
            .into_iter()
            .collect(),
        Some(_) | None => vec![Incomplete::Unconfined],
    }
}

/// Returns what the digests leave out of the packages that are pinned for a script.
fn left_out(decision: &Decision) -> Option<Incomplete> {
    let own = (&decision.package.id, &decision.package.root);
    let (mut names, mut packages) = (BTreeSet::new(), Vec::new());
    for (id, root) in std::iter::once(own).chain(&decision.build_closure) {
        let found = digest::left_out(root);
        if !found.is_empty() {
            names.extend(found);
            packages.push(id.to_string());
        }
    }
    (!packages.is_empty()).then_some(Incomplete::LeftOut { names, packages })
}

/// Returns the rights by which something can be read that is in no digest: programs, the network, and files outside of
/// the package and of what is linked into the script.
fn beyond_digests(rights: &Rights) -> Vec<String> {
    let covered = |place: &Place| match place {
        Place::Dependency(_) => true,
        Place::Package(path) => {
            let first = path.split('/').next().unwrap_or_default();
            first != digest::OF_GIT && !digest::JUDGED_FILES.contains(&first)
        }
        Place::Workspace(_) | Place::System(_) | Place::Library(_) => false,
    };
    let beyond = Rights {
        read: rights.read.iter().filter(|place| !covered(place)).cloned().collect(),
        write: rights.write.iter().filter(|place| !covered(place)).cloned().collect(),
        env: Vec::new(),
        set: BTreeMap::new(),
        ..rights.clone()
    };
    // `confined` is no right: it says that the script is confined at all.
    beyond.words().into_iter().filter(|word| word != "confined").collect()
}

/// A package with a `[[compile]]` entry that grants what no digest covers, and the macros that run in its compilation.
struct Granted {
    root: PathBuf,
    package: PackageId,
    words: Vec<String>,
    macros: BTreeSet<PackageId>,
}

impl Granted {
    fn reason(&self) -> Incomplete {
        Incomplete::MacrosGranted {
            package: self.package.to_string(),
            rights: self.words.clone(),
            macros: self.macros.iter().map(ToString::to_string).collect(),
        }
    }
}

fn granted(
    plan: &Plan,
    graph: &UnitGraph,
    rights: &BTreeMap<PathBuf, Rights>,
) -> Result<Vec<Granted>, String> {
    let mut found: BTreeMap<PathBuf, Granted> = BTreeMap::new();
    if rights.is_empty() {
        return Ok(Vec::new());
    }
    for (index, unit) in graph.units.iter().enumerate().filter(|(_, unit)| !unit.is_std) {
        let id = PackageId::of_unit(&unit.pkg_id)?;
        let package = Package::locate(id, &unit.target.src_path)?;
        let words = rights.get(&package.root).map(beyond_digests).unwrap_or_default();
        let below = if words.is_empty() { continue } else { graph_paths::build_closure(&[index], graph)? };
        let granted = found.entry(package.root.clone()).or_insert_with(|| Granted {
            root: package.root.clone(),
            package: package.id.clone(),
            words,
            macros: BTreeSet::new(),
        });
        granted.macros.extend(below.into_keys().filter(|id| plan.proc_macros.contains_key(id)));
    }
    Ok(found.into_values().filter(|granted| !granted.macros.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_digest_covers_is_no_reason() {
        let places = |texts: &[&str]| texts.iter().map(|text| Place::parse(text).unwrap()).collect();
        let covered = Rights {
            read: places(&["dep:openssl-src", "package:src"]),
            write: places(&["package:src"]),
            env: vec!["HOME".to_owned()],
            set: [("A".to_owned(), "b".to_owned())].into(),
            ..Rights::default()
        };
        assert_eq!(beyond_digests(&covered), [""; 0]);
        let beyond = Rights {
            read: places(&[
                "workspace:proto",
                "library:openssl",
                "dep:x",
                "package:.git/refs",
                "package:.github",
            ]),
            write: places(&["workspace:gen"]),
            tools: vec!["git".to_owned()],
            network: Some("downloads".to_owned()),
            ..covered
        };
        assert_eq!(
            beyond_digests(&beyond),
            [
                "network",
                "read library:openssl",
                "read package:.git/refs",
                "read workspace:proto",
                "tool git",
                "write workspace:gen"
            ]
        );
        let everything = Rights { unconfined: Some("why".to_owned()), ..Rights::default() };
        assert_eq!(beyond_digests(&everything), ["unconfined"]);
    }
}
