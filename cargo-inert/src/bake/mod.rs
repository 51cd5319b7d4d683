//! Bakes a script: runs it once in WebAssembly, where its output is a function of its package, and makes a declaration
//! of what it says.
//!
//! Phases: [`module`] compiles the script → [`runs`] runs it for each set of features and each target, with everything
//! else varied → [`declare`] makes one declaration of all runs.

pub mod declare;
pub mod module;
pub mod runs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::plan::model::wasm::Linked;
use crate::toml_text::quoted;
use crate::verify::compile::copy_package;
use crate::verify::manifest::Manifest;
use crate::verify::mentions::Mentions;
use crate::verify::targets::{Rustc, USUAL};
use declare::{Combination, File};
use module::{Compiler, Module};

/// The greatest number of features whose sets are all run.
const MOST_FEATURES: usize = 8;

/// A script to bake.
#[derive(Debug)]
pub struct Job<'a> {
    /// The folder of its package, which is only read.
    pub root: &'a Path,
    /// The sets of features that it is baked for; `None` for all sets of those that its source names.
    pub features: Option<Vec<BTreeSet<String>>>,
    /// The packages that the build links into the script, for each set of features; `None` if there is no build to
    /// agree with.
    pub linked: Option<Vec<Linked>>,
    /// The targets that it is baked for, if it asks about its target at all.
    pub targets: BTreeSet<String>,
    /// The compiler for the script.
    pub compiler: &'a Compiler,
    /// The facts about targets.
    pub rustc: &'a Rustc,
    /// The folder for the copy of the package.
    pub folder: &'a Path,
    /// Texts that no output may hold: folders of this machine.
    pub foreign: Vec<String>,
}

/// A script as a declaration of its output, made by running it in WebAssembly.
#[derive(Debug)]
pub struct Baked {
    /// The declaration as TOML text in root form, without its files.
    pub declaration: String,
    /// The files of the declaration.
    pub files: Vec<File>,
    /// The files of the package that it was made from: the script's sources, and what it reads.
    pub made_from: BTreeSet<String>,
    /// True if other crates are linked into the script.
    pub links_others: bool,
    /// The number of combinations of features and targets that it was run for.
    pub combinations: usize,
}

/// Bakes a script.
///
/// # Errors
/// It cannot be compiled for WebAssembly, asks for something that is not there, or says something that no declaration
/// of texts may say.
pub fn bake(job: &Job<'_>) -> Result<Baked, String> {
    let said = |error: std::io::Error| format!("{}: {error}", job.folder.display());
    let _ = std::fs::remove_dir_all(job.folder);
    std::fs::create_dir_all(job.folder).map_err(said)?;
    let folder = job.folder.canonicalize().map_err(said)?;
    let package = folder.join("inert-baked-package");
    copy_package(job.root, &package).map_err(said)?;
    let baked = of_copy(job, &package);
    let _ = std::fs::remove_dir_all(job.folder);
    baked
}

fn of_copy(job: &Job<'_>, package: &Path) -> Result<Baked, String> {
    // Paths of dependencies are relative to the package itself.
    let manifest = Manifest::read(job.root)?;
    let script = manifest.script.clone().ok_or("it has no build script")?;
    let mentions = Mentions::of_script(package, &script);
    let compiled_in = &mentions.cfg_features | &manifest.features_of_build_dependencies();
    let named: BTreeSet<String> = manifest
        .features
        .keys()
        .filter(|feature| {
            let shout = feature.to_uppercase().replace('-', "_");
            compiled_in.contains(*feature)
                || mentions.texts.iter().any(|text| text.contains(feature.as_str()) || text.contains(&shout))
        })
        .cloned()
        .collect();
    let others: BTreeSet<String> =
        manifest.features.keys().filter(|one| !named.contains(*one)).cloned().collect();
    let sets = match &job.features {
        Some(sets) => sets.clone(),
        None => every_set(&manifest, &named)?,
    };
    let mut modules: BTreeMap<BTreeSet<String>, Module> = BTreeMap::new();
    let mut all: Vec<Combination> = Vec::new();
    let (mut separators, mut links_others) = (false, false);
    let mut made_from = BTreeSet::new();
    for features in &sets {
        let key: BTreeSet<String> = features.intersection(&compiled_in).cloned().collect();
        if !modules.contains_key(&key) {
            modules.insert(key.clone(), job.compiler.compile(package, &manifest, &key)?);
        }
        let Some(module) = modules.get(&key) else { continue };
        if let Some(linked) = &job.linked {
            let linked = linked.iter().find(|one| one.features == *features).ok_or_else(|| {
                format!(
                    "this build does not compile it with the features [{}], with which it runs it",
                    features.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
                )
            })?;
            module.agrees(linked)?;
        }
        separators |= module.separators;
        made_from.extend(module.sources.iter().cloned());
        links_others |= module.links_others;
        if module.bytes.windows(4).any(|part| part == b"DEP_") {
            return Err("it reads the metadata of dependencies, which differ from build to build".to_owned());
        }
        let script = runs::Script {
            module: &module.bytes,
            package,
            manifest: &manifest,
            rustc: job.rustc,
            foreign: &job.foreign,
        };
        let named: BTreeSet<String> = features.intersection(&named).cloned().collect();
        let said = |target: &str| runs::said(&script, features, &others, target);
        if runs::asks_for_target(&module.bytes) {
            if job.targets.is_empty() {
                return Err("what it says may depend on the target; name targets by --target".to_owned());
            }
            for target in &job.targets {
                let target_said = said(target)?;
                all.push(Combination {
                    features: named.clone(),
                    target: Some(target.clone()),
                    said: target_said,
                });
            }
        } else {
            let first = said(&job.rustc.host)?;
            for target in USUAL {
                if said(target)? != first {
                    return Err(format!(
                        "what it says differs for {target}, though it names no variable that tells the target"
                    ));
                }
            }
            all.push(Combination { features: named, target: None, said: first });
        }
    }
    all.sort_by(|a, b| (&a.features, &a.target).cmp(&(&b.features, &b.target)));
    all.dedup_by(|a, b| (&a.features, &a.target, &a.said) == (&b.features, &b.target, &b.said));
    made_from.extend(all.iter().flat_map(|one| one.said.read.iter().cloned()));
    made_from.retain(|path| package.join(path).is_file());
    let whole = job.features.is_none() && all.iter().all(|one| one.target.is_none());
    let (declaration, files) = declare::declaration(&all, &named, whole, separators)?;
    Ok(Baked { declaration, files, made_from, links_others, combinations: all.len() })
}

/// Returns every set of the named features that Cargo may enable, each with all features that those enable.
fn every_set(manifest: &Manifest, named: &BTreeSet<String>) -> Result<Vec<BTreeSet<String>>, String> {
    if named.len() > MOST_FEATURES {
        return Err(format!("its source names {} features, of which not all sets are run", named.len()));
    }
    let mut sets = Vec::new();
    for bits in 0..1_usize << named.len() {
        let chosen =
            named.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, name)| name.as_str());
        let asked: BTreeSet<&str> = chosen.collect();
        let enabled = manifest.closure(asked.iter().copied());
        if enabled.iter().filter(|one| named.contains(*one)).count() == asked.len() {
            sets.push(enabled);
        }
    }
    Ok(sets)
}

/// Returns the declaration with its files.
///
/// # Errors
/// A file is no text of the schema.
pub fn whole(baked: &Baked) -> Result<inert_manifest_spec::Declaration, String> {
    let parse = |text: &str| {
        inert_manifest_spec::parse_declaration(text).declaration.ok_or("a text is not understood")
    };
    let mut whole = parse(&baked.declaration)?;
    for file in &baked.files {
        let when = file.when.as_ref().map(|when| format!(", when = {}", quoted(when))).unwrap_or_default();
        let part = format!(
            "schema = 1\n[out-dir]\n{} = [{{ text = {}{when} }}]\n",
            quoted(&file.path),
            quoted(&file.text)
        );
        for (path, one) in parse(&part)?.out_dir {
            match whole.out_dir.get_mut(&path) {
                Some(known) => known.alternatives.extend(one.alternatives),
                None => drop(whole.out_dir.insert(path, one)),
            }
        }
    }
    Ok(whole)
}
