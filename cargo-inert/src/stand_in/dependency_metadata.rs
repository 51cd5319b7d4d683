//! What a stand-in believes of its dependencies' metadata: what their own stand-ins said, and no path elsewhere.
//!
//! `DEP_<LINKS>_<KEY>` comes in the environment, where `[env]` of the tree's configuration can add to what Cargo sets.

use std::collections::{BTreeMap, BTreeSet};

use inert_build_output::{Instruction, Package};
use inert_resolver::Request;
use inert_resolver::request::{DepMetadata, Said};

use super::record::{RECORD, Record};
use crate::artifacts::build_dir::BuildDir;
use crate::artifacts::layout;
use crate::plan::model::Run;

/// Says what is believed of each dependency, and sets the folders in which its paths may lie.
pub(super) fn hold(request: &mut Request, run: &Run, dir: &BuildDir) {
    let mut producers = BTreeMap::new();
    for (links, producer) in &run.producers {
        if !producer.replaced {
            // A script that runs was reviewed, and what it says is not taken down; nor is what a `links` override says.
            producers.insert(links.clone(), Said::Anything);
            continue;
        }
        let runs = layout::out_dirs(&request.out_dir, &producer.name);
        let (mut values, mut roots) = (BTreeSet::new(), vec![producer.root.clone()]);
        for out_dir in runs {
            // Another package of that name has its OUT_DIRs beside, and a script of its own.
            let record = Record::read(&dir.run(&out_dir).join(RECORD));
            let own = |record: &Record| record.entry.split('\t').next() == Some(&producer.script);
            let Some(record) = record.filter(own) else { continue };
            roots.push(out_dir);
            for (key, value) in metadata(&record.directives) {
                // Where a library was found: held to that when it was said. Of a text nobody has looked where it leads.
                if producer.paths.contains(&key) {
                    roots.extend(std::env::split_paths(&value).filter(|path| path.is_absolute()));
                }
                values.insert((DepMetadata::variable(links, &key), value));
            }
        }
        producers.insert(links.clone(), Said::Only { values, roots });
    }
    request.dep.producers = Some(producers);
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
