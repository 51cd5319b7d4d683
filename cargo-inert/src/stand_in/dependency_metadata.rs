//! What a stand-in believes of its dependencies' metadata: what their own stand-ins said, and no path elsewhere.
//!
//! `DEP_<LINKS>_<KEY>` comes in the environment, where `[env]` of the tree's configuration can add to what Cargo sets.

use std::collections::{BTreeMap, BTreeSet};

use inert_build_output::{Instruction, Package};
use inert_resolver::Request;
use inert_resolver::request::DepMetadata;

use super::record::{RECORD, Record};
use crate::artifacts::build_dir::BuildDir;
use crate::artifacts::layout;
use crate::plan::model::Run;

/// Drops what no dependency said, and sets the folders in which the paths of the others may lie.
pub(super) fn hold(request: &mut Request, run: &Run, dir: &BuildDir) {
    let mut said = BTreeSet::new();
    let mut believed = Vec::new();
    for (links, producer) in &run.producers {
        let runs = layout::out_dirs(&request.out_dir, &producer.name);
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
        request.dep.set_roots(links, roots);
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
