//! What a stand-in believes of its dependencies' metadata: what their own stand-ins said, and no path elsewhere.
//!
//! `DEP_<LINKS>_<KEY>` comes in the environment, where `[env]` of the tree's configuration can add to what Cargo sets.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use inert_build_output::{Instruction, Package};
use inert_resolver::Request;
use inert_resolver::request::DepMetadata;

use super::record::{RECORD, Record};
use crate::artifacts::build_dir::BuildDir;
use crate::plan::model::Run;

/// Drops what no dependency said, and sets the folders in which the paths of the others may lie.
pub(super) fn hold(request: &mut Request, run: &Run, dir: &BuildDir) {
    let mut said = BTreeSet::new();
    let mut believed = Vec::new();
    for (links, producer) in &run.producers {
        let runs = out_dirs(&request.out_dir, &producer.name);
        let records: Vec<String> = runs
            .iter()
            .filter_map(|out_dir| Record::read(&dir.run(out_dir).join(RECORD)))
            .map(|record| record.directives)
            .collect();
        if !producer.replaced || records.is_empty() {
            // A script that runs was reviewed, and what it says is not taken down; nor is what a `links` override says.
            believed.push(DepMetadata::variable(links, ""));
            continue;
        }
        let mut roots = vec![producer.root.clone()];
        roots.extend(runs);
        for (key, value) in records.iter().flat_map(|text| metadata(text)) {
            // Held to its own package when it was said; this is where a library was found.
            roots.extend(std::env::split_paths(&value).filter(|path| path.is_absolute()));
            said.insert((DepMetadata::variable(links, &key), value));
        }
        request.dep.roots.insert(links.clone(), roots);
    }
    request.dep.variables.retain(|name, value| {
        believed.iter().any(|prefix| name.starts_with(prefix.as_str()))
            || said.contains(&(name.clone(), value.clone()))
    });
}

/// Keys and values of the metadata among directives.
fn metadata(directives: &str) -> BTreeMap<String, String> {
    let lines = inert_build_output::read(directives.as_bytes(), &Package::default());
    lines
        .into_iter()
        .filter_map(|line| match line.says {
            Ok(Instruction::Metadata { key, value }) => Some((key.to_owned(), value.to_owned())),
            _ => None,
        })
        .collect()
}

/// OUT_DIRs of a package's runs beside another's: `build/<name>-<hash>/out`, or `build/<name>/<hash>/out` in the layout of
/// Cargo 1.100.
fn out_dirs(own: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let hashed = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let listed = |folder: &Path| -> Vec<(String, PathBuf)> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path())).collect()
    };
    let builds = own.ancestors().skip(1).take(3).filter(|folder| folder.ends_with("build"));
    for build in builds {
        for (unit, path) in listed(build) {
            if unit.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')).is_some_and(hashed) {
                found.push(path.join("out"));
            } else if unit == name {
                let nested = listed(&path).into_iter().filter(|(hash, _)| hashed(hash));
                found.extend(nested.map(|(_, path)| path.join("out")));
            }
        }
    }
    found.retain(|path| path.is_dir());
    found
}
