//! Dependencies for `meson.build`. A wrap needs an address and a digest, which nothing here knows: `meson wrap install`
//! writes it.

use std::fmt::Write as _;

use super::{Exported, comment, is_plain};

pub(super) fn text(exported: &Exported) -> String {
    let mut out = String::new();
    for library in &exported.libraries {
        let module = &library.module;
        if !library.is_module || !is_plain(module) {
            let _ = writeln!(out, "# {}: it has no pkg-config module", comment(module));
            continue;
        }
        let mut variable: String =
            module.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if library.is_for_host {
            variable.push_str("_native");
        }
        let mut tests: Vec<String> = library
            .versions
            .values()
            .flat_map(|range| &range.comparisons)
            .map(|test| format!("'{}{}'", test.operator, test.value))
            .collect();
        tests.sort();
        tests.dedup();
        let version =
            if tests.is_empty() { String::new() } else { format!(", version : [{}]", tests.join(", ")) };
        let native = if library.is_for_host { ", native : true" } else { "" };
        let _ =
            writeln!(out, "# without it on the system: meson wrap install {module}, if the WrapDB has it");
        let _ = writeln!(out, "dep_{variable} = dependency('{module}'{version}{native})");
    }
    if out.is_empty() {
        out.push_str("# no library comes from the system\n");
    }
    out
}
