//! A manifest of vcpkg (`vcpkg.json`) with the ports of all libraries.

use std::collections::BTreeSet;

use super::Exported;

pub(super) fn text(exported: &Exported) -> String {
    let ports: BTreeSet<&str> = exported
        .libraries
        .iter()
        .filter_map(|library| library.vcpkg.as_deref())
        .flat_map(|ports| ports.split(' '))
        .collect();
    // A name has lower-case letters, digits and single hyphens.
    let name: Vec<String> = exported
        .name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let name = if name.is_empty() { "workspace".to_owned() } else { name.join("-") };
    let unknown: Vec<&str> = exported
        .libraries
        .iter()
        .filter(|library| library.vcpkg.is_none())
        .map(|library| library.module.as_str())
        .collect();
    let mut manifest = serde_json::json!({
        "name": name,
        "version-string": exported.version,
        "dependencies": ports,
    });
    if !unknown.is_empty() {
        // Keys that begin with `$` are comments.
        manifest["$comment"] = format!("no port is known of: {}", unknown.join(", ")).into();
    }
    format!("{manifest:#}\n")
}
