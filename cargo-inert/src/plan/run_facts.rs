//! The facts about a script's run that are known before the build: its target, its profile, and the request for its
//! declaration.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use inert_resolver::Request;

use super::model::Run;
use crate::cargo::facts::{RustcFacts, TargetFacts};
use crate::cargo::package::{Package, PackageId};
use crate::cargo::profiles::Profiles;
use crate::cargo::recording::Recording;
use crate::cargo::unit_graph::{Unit, UnitGraph};

/// Returns the request for a declaration with the facts that are known before the build.
///
/// # Errors
/// The version of rustc is not understood.
pub fn request(
    package: &Package,
    run: &Run,
    facts: &TargetFacts,
    rustc: &RustcFacts,
) -> Result<Request, String> {
    Ok(Request {
        package: inert_resolver::request::Package {
            name: package.id.name.clone(),
            version: package.id.version.clone(),
            manifest_dir: package.root.clone(),
            links: package.links.clone(),
            rust_version: package.rust_version.clone(),
        },
        target: inert_resolver::request::Target { triple: run.target.clone(), cfgs: cfgs(facts, run) },
        host: rustc.host.clone(),
        features: run.features.clone(),
        rustc: inert_resolver::request::Rustc::parse(rustc.path.clone(), &rustc.verbose_version)?,
        rustflags: facts.rustflags.clone(),
        profile: run.profile.clone(),
        opt_level: run.opt_level.clone(),
        debug: run.debug,
        ..Request::default()
    })
}

/// Returns whether a declaration reads the metadata of a dependency.
#[must_use]
pub fn reads_metadata(declaration: &inert_manifest_spec::Declaration) -> bool {
    // The text is normalised by the writer, since an author may write `dep="x"`.
    let text = inert_manifest_spec::write::declaration(declaration);
    text.contains("${dep.") || text.contains("dep = ")
}

/// Returns the cfgs by name, as Cargo passes them to a build script: rustc's, with the profile's debug assertions.
#[must_use]
pub fn cfgs(facts: &TargetFacts, run: &Run) -> BTreeMap<String, Option<Vec<String>>> {
    let mut cfgs: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
    for line in &facts.cfg {
        match line.split_once('=') {
            // rustc always prints it; Cargo decides by the profile.
            None if line == "debug_assertions" => {}
            None => drop(cfgs.insert(line.clone(), None)),
            Some((name, value)) => {
                let value = value.trim_matches('"').to_owned();
                cfgs.entry(name.to_owned()).or_default().get_or_insert_default().push(value);
            }
        }
    }
    if run.debug_assertions {
        cfgs.insert("debug_assertions".to_owned(), None);
    }
    cfgs
}

pub(super) fn triple(unit: &Unit, recording: &Recording) -> String {
    match &unit.platform {
        None => recording.rustc.host.clone(),
        Some(platform) => match platform.strip_suffix(".json") {
            Some(stem) => Path::new(stem).file_name().unwrap_or_default().to_string_lossy().into_owned(),
            None => platform.clone(),
        },
    }
}

pub(super) fn run_of(unit: &Unit, recording: &Recording, profiles: &Profiles) -> Run {
    let debug = unit.debuginfo();
    Run {
        target: triple(unit, recording),
        features: unit.features.clone(),
        debug_assertions: unit.profile.debug_assertions,
        opt_level: unit.profile.opt_level.clone(),
        debug: !matches!(debug.as_str(), "0" | "none" | "false"),
        profile: profiles.told(&unit.profile.name).to_owned(),
        needed: false,
        providers: BTreeMap::new(),
        static_libraries: BTreeMap::new(),
        library_prefixes: BTreeMap::new(),
        not_built: BTreeMap::new(),
        producers: BTreeMap::new(),
    }
}

/// Returns the facts about a target by its triple.
#[must_use]
pub fn facts_of(recording: &Recording, triple: &str) -> TargetFacts {
    let named = recording.targets.iter().find(|(platform, _)| match platform {
        None => recording.rustc.host == triple,
        Some(name) => name == triple || Path::new(name).file_stem().is_some_and(|stem| stem == triple),
    });
    named.map(|(_, facts)| facts.clone()).unwrap_or_default()
}

/// Returns the packages that the compilations of a script depend on directly, by name, each with its features. A package of
/// which there are two, such as two versions, is there twice.
pub(super) fn build_dependencies(compiles: &[usize], graph: &UnitGraph) -> Vec<(String, Vec<String>)> {
    let edges = compiles.iter().flat_map(|index| &graph.units[*index].dependencies);
    let units: BTreeSet<usize> = edges.map(|edge| edge.index).collect();
    let of = |unit: &Unit| {
        let name = PackageId::parse(&unit.pkg_id)?.name;
        Some((unit.pkg_id.clone(), name, unit.features.iter().cloned().collect()))
    };
    let found: BTreeSet<(String, String, Vec<String>)> =
        units.into_iter().filter_map(|index| of(&graph.units[index])).collect();
    found.into_iter().map(|(_, name, features)| (name, features)).collect()
}

/// Returns whether a script and its package are compiled with the same setting of debug assertions. Rustflags that may
/// change it count as a difference; they are not analysed.
pub(super) fn debug_assertions_agree<'u>(
    run: &Unit,
    mut compiles: impl Iterator<Item = &'u Unit>,
    recording: &Recording,
) -> bool {
    let overrules = |flag: &String| {
        ["debug-assertions", "debug_assertions", "opt-level", "opt_level", "-O"]
            .iter()
            .any(|word| flag.contains(word))
    };
    compiles.all(|unit| unit.profile.debug_assertions == run.profile.debug_assertions)
        && !recording.targets.values().flat_map(|facts| &facts.rustflags).any(overrules)
}
