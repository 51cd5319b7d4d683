//! The units that nothing needs once scripts are replaced: those that only a replaced script would have linked.
//!
//! The walk from the roots does not follow the dependencies of a replaced script. A unit that it does not reach is
//! either a library or proc macro, for which the wrapper writes empty outputs, or an unneeded script.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use crate::cargo::unit_graph::{Unit, UnitGraph};

/// The properties of a unit that both the graph and rustc's arguments show. Two units with different dependencies may
/// share a key; a key is skipped only if no needed unit has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitKey(pub String);

/// The parts of a [`UnitKey`].
#[derive(Debug, Clone)]
pub struct KeyParts<'a> {
    /// The root source file as an absolute path.
    pub source: &'a Path,
    /// The crate types: `lib`, `rlib`, `proc-macro`, …
    pub crate_types: BTreeSet<String>,
    /// True if only metadata is made.
    pub check: bool,
    /// The features, as Cargo spells them.
    pub features: BTreeSet<String>,
    /// The optimization level: `0` … `z`.
    pub opt_level: String,
    /// The level of debug information: `0` … `full`.
    pub debuginfo: String,
    /// The value of `--target`, if it is given.
    pub platform: Option<String>,
}

impl KeyParts<'_> {
    /// Returns the key that is made of these parts.
    #[must_use]
    pub fn key(&self) -> UnitKey {
        let list = |set: &BTreeSet<String>| set.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        UnitKey(format!(
            "{}|{}|{}|{}|{}|{}|{}",
            self.source.display(),
            list(&self.crate_types),
            if self.check { "check" } else { "build" },
            list(&self.features),
            self.opt_level,
            self.debuginfo,
            self.platform.as_deref().unwrap_or_default(),
        ))
    }
}

/// Returns the key of a unit of the graph; `None` for units that are never skipped (binaries, tests, docs, scripts).
#[must_use]
pub fn key_of(unit: &Unit) -> Option<UnitKey> {
    let skippable = |kind: &String| matches!(kind.as_str(), "lib" | "rlib" | "proc-macro");
    if !matches!(unit.mode.as_str(), "build" | "check") || !unit.target.crate_types.iter().all(skippable) {
        return None;
    }
    let parts = KeyParts {
        source: &unit.target.src_path,
        crate_types: unit.target.crate_types.iter().cloned().collect(),
        check: unit.mode == "check" && !unit.target.crate_types.iter().any(|kind| kind == "proc-macro"),
        features: unit.features.clone(),
        opt_level: unit.profile.opt_level.clone(),
        debuginfo: unit.debuginfo(),
        platform: unit.platform.clone(),
    };
    Some(parts.key())
}

/// Returns which units are needed, if the dependencies of replaced scripts' compilations are not followed.
#[must_use]
pub fn needed(graph: &UnitGraph, replaced_compile: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut reached = vec![false; graph.units.len()];
    let mut pending = graph.roots.clone();
    while let Some(index) = pending.pop() {
        if std::mem::replace(&mut reached[index], true) || replaced_compile(index) {
            continue;
        }
        pending.extend(graph.units[index].dependencies.iter().map(|edge| edge.index));
    }
    reached
}

/// Returns the keys of units that nothing needs, and the keys of the others.
#[must_use]
pub fn skipped(graph: &UnitGraph, needed: &[bool]) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut keys: HashMap<String, bool> = HashMap::new();
    for (unit, needed) in graph.units.iter().zip(needed) {
        if let Some(UnitKey(key)) = key_of(unit) {
            *keys.entry(key).or_default() |= *needed;
        }
    }
    let (needed, skipped): (Vec<_>, Vec<_>) = keys.into_iter().partition(|(_, needed)| *needed);
    let names = |list: Vec<(String, bool)>| list.into_iter().map(|(key, _)| key).collect();
    (names(skipped), names(needed))
}

/// Returns a digest of the properties of a unit that flags of the tree do not change: its root source file (with
/// symlinks resolved), its features, and the value of `--target`. A digest is short, since the wrapper reads those of
/// all units each time.
#[must_use]
pub fn place(source: &Path, features: &BTreeSet<String>, platform: Option<&str>) -> String {
    let source = source.canonicalize().unwrap_or_else(|_| source.to_path_buf());
    let features: Vec<&str> = features.iter().map(String::as_str).collect();
    let text = format!("{}|{}|{}", source.display(), features.join(","), platform.unwrap_or_default());
    crate::digest::text(&text)[..20].to_owned()
}

/// Returns the crate names of macros, and for each [`place`] whose unit may load some, the macros of all its
/// dependencies.
#[must_use]
pub fn macros(graph: &UnitGraph) -> (Vec<String>, BTreeMap<String, Vec<usize>>) {
    let mut of_unit: Vec<Option<BTreeSet<usize>>> = vec![None; graph.units.len()];
    let mut names: Vec<String> = Vec::new();
    for index in 0..graph.units.len() {
        let _ = macros_of(graph, index, &mut of_unit, &mut names);
    }
    let mut places: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (unit, macros) in graph.units.iter().zip(of_unit) {
        let macros = macros.unwrap_or_default();
        if !macros.is_empty() && !unit.is_script_run() {
            let place = place(&unit.target.src_path, &unit.features, unit.platform.as_deref());
            places.entry(place).or_default().extend(macros);
        }
    }
    (names, places.into_iter().map(|(place, macros)| (place, macros.into_iter().collect())).collect())
}

fn macros_of(
    graph: &UnitGraph,
    index: usize,
    of_unit: &mut Vec<Option<BTreeSet<usize>>>,
    names: &mut Vec<String>,
) -> BTreeSet<usize> {
    if let Some(known) = &of_unit[index] {
        return known.clone();
    }
    // The graph has no cycles; this value would end the recursion if it had one.
    of_unit[index] = Some(BTreeSet::new());
    let mut found = BTreeSet::new();
    for edge in &graph.units[index].dependencies {
        let unit = &graph.units[edge.index];
        if unit.is_script_run() {
            continue;
        }
        if unit.target.crate_types.iter().any(|kind| kind == "proc-macro") {
            let name = unit.target.name.replace('-', "_");
            let at = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            });
            found.insert(at);
            // The packages that are linked into the macro matter only for its own compilation.
            continue;
        }
        found.extend(macros_of(graph, edge.index, of_unit, names));
    }
    of_unit[index] = Some(found.clone());
    found
}

/// Returns every unit by its [`place`]: `None` if a unit with that place is compiled, else the keys of the skipped
/// units.
#[must_use]
pub fn places(graph: &UnitGraph, needed: &[bool]) -> BTreeMap<String, Option<Vec<String>>> {
    let mut places: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
    for (unit, needed) in graph.units.iter().zip(needed).filter(|(unit, _)| !unit.is_script_run()) {
        let place = place(&unit.target.src_path, &unit.features, unit.platform.as_deref());
        let skipped = key_of(unit).filter(|_| !needed);
        let of_place = places.entry(place).or_insert_with(|| Some(Vec::new()));
        match (skipped, of_place) {
            (Some(UnitKey(key)), Some(keys)) if !keys.contains(&key) => keys.push(key),
            (Some(_), _) => {}
            (None, of_place) => *of_place = None,
        }
    }
    places
}
