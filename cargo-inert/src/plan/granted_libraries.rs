//! The folders of the native libraries that `read = ["library:NAME"]` grants: those that discovery finds for the name, as it
//! does for declarations.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use inert_manifest_spec::{Item, Library};
use inert_resolver::request::LibraryPolicy;
use inert_resolver::{Journal, Request, World, discovery};

use super::model::{Decision, Declared, GrantedLibraries, Origin, Run};
use super::{providers, run_facts};
use crate::cargo::recording::Recording;
use crate::environment::Environment;
use crate::policy::Rights;
use crate::policy::rights::Place;

/// The world, the facts and the settings that discovery goes by.
pub(super) struct Around<'a> {
    pub(super) recording: &'a Recording,
    pub(super) policies: &'a BTreeMap<String, LibraryPolicy>,
    pub(super) environment: &'a Environment,
}

/// Finds the libraries that entries grant to scripts, and stores them in the decisions. Returns the journal of what was read.
pub(super) fn find(decisions: &mut [Decision], around: &Around<'_>) -> Journal {
    let mut world = World::new(around.environment.variables.clone().into_iter().collect(), PathBuf::new());
    let mut granted: Vec<GrantedLibraries> = Vec::new();
    for decision in decisions.iter() {
        let mut found = GrantedLibraries::new();
        let names = decision.confined.as_ref().map(|(rights, _)| names(rights)).unwrap_or_default();
        for name in names {
            for run in decision.runs.iter().filter(|run| run.needed) {
                let folders = folders(&name, decision, run, decisions, around, &mut world);
                add(&mut found, &name, folders);
            }
        }
        granted.push(found);
    }
    for (decision, found) in decisions.iter_mut().zip(granted) {
        decision.libraries = found;
    }
    world.journal
}

fn names(rights: &Rights) -> BTreeSet<String> {
    let name = |place: &Place| if let Place::Library(name) = place { Some(name.clone()) } else { None };
    rights.read.iter().chain(&rights.write).filter_map(name).collect()
}

/// Adds the folders of one run: those of several targets add up, and a library that is missing for one is missing.
fn add(found: &mut GrantedLibraries, name: &str, folders: Result<Vec<PathBuf>, String>) {
    match (found.get_mut(name), folders) {
        (Some(Ok(known)), Ok(folders)) => {
            known.extend(folders);
            known.sort();
            known.dedup();
        }
        (Some(Err(_)), _) => {}
        (_, folders) => drop(found.insert(name.to_owned(), folders)),
    }
}

/// Returns the folders of a library for one run of a script.
///
/// # Errors
/// The library is not found, or one of its folders holds the home; the text says so.
fn folders(
    name: &str,
    decision: &Decision,
    run: &Run,
    decisions: &[Decision],
    around: &Around<'_>,
    world: &mut World,
) -> Result<Vec<PathBuf>, String> {
    let facts = run_facts::facts_of(around.recording, &run.target);
    let mut request = run_facts::request(&decision.package, run, &facts, &around.recording.rustc)?;
    if let Some(policy) = around.policies.get(&request.target.triple) {
        request.libraries = policy.for_key(name, &[name]);
    }
    let mut tried = Vec::new();
    for (key, library) in described(name, decision, decisions, &request, world) {
        match discovery::find(&library, &key, &request, world) {
            Ok(found) => return usable(found, around.environment),
            Err(missing) => tried.extend(missing.attempts.iter().map(ToString::to_string)),
        }
    }
    tried.sort();
    tried.dedup();
    let tried = if tried.is_empty() { String::new() } else { format!(" ({})", tried.join("; ")) };
    Err(format!("no library `{name}` was found{tried}"))
}

/// Returns the descriptions of a library: the package's own; its bare name as a pkg-config module, a port of vcpkg, and behind
/// `-l`; and those that the policy and the catalog have for other packages. What other packages say of themselves does not
/// count: each of them could make another library of a name that a script's entry was reviewed with.
fn described(
    name: &str,
    decision: &Decision,
    decisions: &[Decision],
    request: &Request,
    world: &mut World,
) -> Vec<(String, Library)> {
    let mut all = Vec::new();
    let mut add = |declared: &Declared, all: &mut Vec<(String, Library)>| {
        for (key, library) in providers::asked(&declared.declaration, request, world) {
            let names = library.pkg_config.iter().chain(&library.libs).map(|item| item.value.as_str());
            let is_it = key == name || names.into_iter().any(|other| other == name);
            if is_it && !all.iter().any(|(_, known)| known == &library) {
                all.push((key, library));
            }
        }
    };
    decision.declared.iter().for_each(|own| add(own, &mut all));
    let item = || vec![Item { value: name.to_owned(), when: None, otherwise: false, span: 0..0 }];
    let bare =
        Library { pkg_config: item(), vcpkg: item(), libs: item(), search: true, ..Library::default() };
    all.push((name.to_owned(), bare));
    let of_others = decisions.iter().filter_map(|other| other.declared.as_ref());
    of_others
        .filter(|declared| matches!(declared.origin, Origin::Policy | Origin::Catalog))
        .for_each(|declared| add(declared, &mut all));
    all
}

/// Returns the folders of headers and libraries, and that of the `.pc` file, which are there.
///
/// # Errors
/// A folder is the root of the system, or holds the home.
fn usable(found: discovery::Found, environment: &Environment) -> Result<Vec<PathBuf>, String> {
    let home = environment.get("HOME").ok_or("HOME is not set, so that nothing says where the home lies")?;
    let home = std::fs::canonicalize(home).ok();
    let described = found.variables.get("pcfiledir").map(PathBuf::from);
    let mut folders = Vec::new();
    for folder in found.include_dirs.into_iter().chain(found.lib_dirs).chain(described) {
        let Ok(real) = std::fs::canonicalize(&folder) else { continue };
        let holds_home = home.as_deref().is_some_and(|home: &Path| home.starts_with(&real));
        if holds_home || real.components().count() < 3 {
            return Err(format!("the library lies in {}, which holds more than libraries", folder.display()));
        }
        if real.is_dir() {
            folders.push(folder);
        }
    }
    folders.sort();
    folders.dedup();
    Ok(folders)
}
