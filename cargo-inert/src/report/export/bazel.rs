//! Annotations for `rules_rust`'s `crate_universe`, in `MODULE.bazel`.

use std::fmt::Write as _;

use super::{Exported, comment, quotable, quoted};

pub(super) fn text(exported: &Exported) -> String {
    let mut out =
        String::from("crate = use_extension(\"@rules_rust//crate_universe:extensions.bzl\", \"crate\")\n");
    // Annotations follow one another without empty lines, as buildifier writes them.
    let mut left = String::new();
    for package in &exported.packages {
        let told = quotable(package);
        let (Some(name), Some(version)) = (quoted(&package.name), quoted(&package.version)) else { continue };
        match told {
            Ok(told) => {
                let _ =
                    write!(out, "crate.annotation(\n    crate = {name},\n    gen_build_script = \"off\",\n");
                if !told.env.is_empty() {
                    out.push_str("    rustc_env = {\n");
                    for (name, value) in &told.env {
                        let _ = writeln!(out, "        {name}: {value},");
                    }
                    out.push_str("    },\n");
                }
                match told.flags.as_slice() {
                    [] => {}
                    [flag] => {
                        let _ = writeln!(out, "    rustc_flags = [{flag}],");
                    }
                    flags => {
                        out.push_str("    rustc_flags = [\n");
                        for flag in flags {
                            let _ = writeln!(out, "        {flag},");
                        }
                        out.push_str("    ],\n");
                    }
                }
                let _ = write!(out, "    version = {version},\n)\n");
            }
            Err(why) => {
                let _ = writeln!(
                    left,
                    "# {} {}: its script stays: {}",
                    comment(&package.name),
                    comment(&package.version),
                    comment(&why)
                );
            }
        }
    }
    if !left.is_empty() {
        let _ = write!(out, "\n{left}");
    }
    out
}
