//! Which units nothing needs once scripts are replaced: what only a replaced script would have linked.
//!
//! The walk from the roots does not follow the edges of a replaced script's compile. What it does not reach is
//! either compiled by name only (libraries, proc macros: the wrapper writes empty outputs) or an unneeded script.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use crate::cargo::unit_graph::{Unit, UnitGraph};

/// What of a unit both the graph and rustc's arguments show. Two units may share a key (they then differ in what
/// they depend on); a key is skipped only where no needed unit has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitKey(pub String);

/// Parts of a [`UnitKey`].
#[derive(Debug, Clone)]
pub struct KeyParts<'a> {
    /// Root source file, absolute.
    pub source: &'a Path,
    /// `lib`, `rlib`, `proc-macro`, …
    pub crate_types: BTreeSet<String>,
    /// Whether only metadata is made.
    pub check: bool,
    /// As Cargo spells them.
    pub features: BTreeSet<String>,
    /// `0` … `z`.
    pub opt_level: String,
    /// `0` … `full`.
    pub debuginfo: String,
    /// What `--target` says, if it is given.
    pub platform: Option<String>,
}

impl KeyParts<'_> {
    /// The key.
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

/// The key of a unit of the graph; `None` for what is never skipped (binaries, tests, docs, scripts).
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

/// Which units are needed, given which units' dependencies are not followed.
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

/// Keys of units that nothing needs, and keys of the others.
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

/// What of a unit the tree's flags do not change: its root source file, symlinks resolved, its features, and what
/// `--target` says. A digest of them, since the wrapper reads all of a build's each time.
#[must_use]
pub fn place(source: &Path, features: &BTreeSet<String>, platform: Option<&str>) -> String {
    let source = source.canonicalize().unwrap_or_else(|_| source.to_path_buf());
    let features: Vec<&str> = features.iter().map(String::as_str).collect();
    let text = format!("{}|{}|{}", source.display(), features.join(","), platform.unwrap_or_default());
    crate::digest::text(&text)[..20].to_owned()
}

/// Crate names of macros, and of each [`place`] whose unit may load some, which: those of all that it is compiled with.
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
    // The graph has no circles; if it had, this would end all the same.
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
            // What is linked into the macro ran when that was compiled.
            continue;
        }
        found.extend(macros_of(graph, edge.index, of_unit, names));
    }
    of_unit[index] = Some(found.clone());
    found
}

/// Every unit by its [`place`]: nothing where one of that place is compiled, else the keys of those that are skipped.
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
