//! Restricts the metadata of dependencies that a stand-in accepts: only the output of their own stand-ins, without
//! paths elsewhere.
//!
//! `DEP_<LINKS>_<KEY>` is passed in the environment, to which `[env]` of the tree's configuration can add variables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use inert_build_output::{Instruction, Package};
use inert_resolver::Request;
use inert_resolver::request::{DepMetadata, Said};

use super::record::{RECORD, Record};
use crate::artifacts::build_dir::BuildDir;
use crate::artifacts::layout;
use crate::plan::model::Run;

/// Sets the accepted metadata of each dependency, and the folders in which its paths may be.
pub(super) fn hold(request: &mut Request, run: &Run, dir: &BuildDir) {
    let mut producers = BTreeMap::new();
    for (links, producer) in &run.producers {
        if !producer.replaced {
            // A script that runs was reviewed, and its output is not recorded; the same holds for a `links` override.
            producers.insert(links.clone(), Said::Anything);
            continue;
        }
        let runs = layout::out_dirs(&request.out_dir, &producer.name);
        let (mut values, mut roots) = (BTreeSet::new(), vec![producer.root.clone()]);
        for out_dir in runs {
            // Another package with that name has OUT_DIRs in the same folder, and another script.
            let record = Record::read(&dir.run(&out_dir).join(RECORD));
            let own = |record: &Record| record.entry.split('\t').next() == Some(&producer.script);
            let Some(record) = record.filter(own) else { continue };
            roots.push(out_dir);
            for (key, value) in metadata(&record.directives) {
                // The path of a library was checked when it was found. Other texts were not, so the folders they name
                // are not accepted.
                if producer.lists.contains(&key) {
                    roots.extend(value.split(',').map(PathBuf::from).filter(|path| path.is_absolute()));
                } else if producer.paths.contains(&key) {
                    roots.extend(std::env::split_paths(&value).filter(|path| path.is_absolute()));
                }
                values.insert((DepMetadata::variable(links, &key), value));
            }
        }
        producers.insert(links.clone(), Said::Only { values, roots });
    }
    request.dep.producers = Some(producers);
}

/// Returns the keys and values of the metadata among directives.
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
