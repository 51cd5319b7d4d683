//! Fixups for reindeer (Buck2), one file for each crate: `third-party/fixups/<crate>/fixups.toml`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Exported, Package, comment, is_plain, quotable};

pub(super) fn text(exported: &Exported) -> String {
    let mut by_name: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
    for package in exported.packages.iter().filter(|package| is_plain(&package.name)) {
        by_name.entry(&package.name).or_default().push(package);
    }
    let mut out = String::from("# Each part below is a file of its own, by the name in front of it.\n");
    for (name, packages) in by_name {
        let _ = write!(out, "\n# third-party/fixups/{name}/fixups.toml\n");
        // A fixup is for all versions of a crate.
        let told = match packages.as_slice() {
            [package] => quotable(package),
            _ => Err("its versions are told different things".to_owned()),
        };
        match told {
            Ok(told) => {
                out.push_str("buildscript.run = false\n");
                if !told.flags.is_empty() {
                    let _ = writeln!(out, "rustc_flags = [{}]", told.flags.join(", "));
                }
                for (name, value) in &told.env {
                    let _ = writeln!(out, "env.{name} = {value}");
                }
            }
            Err(why) => {
                let _ = write!(out, "# its script stays: {}\nbuildscript.run = true\n", comment(&why));
            }
        }
    }
    out
}
