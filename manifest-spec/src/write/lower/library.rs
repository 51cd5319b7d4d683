//! Writes `library`, as `parse/library.rs` reads it.

use super::Writer;
use super::guard::{guarded, items, items_or_one};
use crate::write::toml::{Entries, Node};
use crate::{Library, LinkKind, Prefer, VersionRange, keys};

pub(super) fn library(library: &Library) -> Entries {
    let Library {
        when,
        optional,
        pkg_config,
        version,
        vcpkg,
        libs,
        frameworks,
        header,
        version_macro,
        env_prefix,
        env,
        kind,
        modifiers,
        search,
        print_system_libs,
        fallback,
        prefer,
        link,
        span: _,
    } = library;
    let name = |name: &String| Node::String(name.clone());
    let mut table = Writer::of(&keys::LIBRARY);
    table.put_list("pkg-config", items_or_one(pkg_config, name));
    table.put_some("version", version.as_ref().and_then(|version| guarded(version, range)));
    table.put_list("vcpkg", items_or_one(vcpkg, name));
    table.put_list("libs", items(libs, name));
    table.put_list("frameworks", items(frameworks, name));
    table.string("header", header.as_deref());
    table.string("version-macro", version_macro.as_deref());
    table.string("env-prefix", env_prefix.as_deref());
    table.table(
        "env",
        env.iter().map(|(role, names)| {
            let node = match names.as_slice() {
                [only] => Node::String(only.clone()),
                names => Node::Array(names.iter().cloned().map(Node::String).collect()),
            };
            (role.clone(), node)
        }),
    );
    let kind_name = |kind: &LinkKind| Node::String(super::link::kind(*kind).to_owned());
    table.put_some("kind", kind.as_ref().and_then(|kind| guarded(kind, kind_name)));
    table.put_list("modifiers", items(modifiers, name));
    table.boolean("search", *search, false);
    table.boolean("print-system-libs", *print_system_libs, true);
    table.string("fallback", fallback.as_deref());
    let prefer_name = |prefer: &Prefer| {
        Node::String(match prefer {
            Prefer::System => "system".to_owned(),
            Prefer::Source => "source".to_owned(),
        })
    };
    table.put_some("prefer", prefer.as_ref().and_then(|prefer| guarded(prefer, prefer_name)));
    table.boolean("optional", *optional, false);
    table.boolean("link", *link, true);
    table.condition("when", when.as_ref());
    table.finish()
}

fn range(range: &VersionRange) -> Node {
    let comparisons: Vec<String> = range.comparisons.iter().map(ToString::to_string).collect();
    Node::String(comparisons.join(", "))
}
