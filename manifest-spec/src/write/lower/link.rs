//! Writes `link`, as `parse/link.rs` reads it.

use super::Writer;
use super::guard::guard_entries;
use crate::write::inline;
use crate::write::toml::{Entries, Node};
use crate::{ArgScope, Item, Link, LinkKind, SearchKind, keys};

pub(super) fn entry(item: &Item<Link>) -> Entries {
    let mut table = Writer::of(&keys::LINK);
    match &item.value {
        Link::Library(name) => table.string("library", Some(name)),
        Link::CcLibrary(name) => table.string("cc-library", Some(name)),
        Link::Lib { name, kind, modifiers, rename } => {
            table.string("lib", Some(&inline::text(name)));
            table.string("kind", kind.map(self::kind));
            table.strings("modifiers", modifiers);
            table.string("rename", rename.as_deref());
        }
        Link::Search { path, kind, files } => {
            table.string("search", Some(&inline::path(path)));
            table.string(
                "kind",
                kind.map(|kind| match kind {
                    SearchKind::Native => "native",
                    SearchKind::Framework => "framework",
                    SearchKind::All => "all",
                }),
            );
            table.strings("files", files);
        }
        Link::Arg { arg, scope } => {
            table.string("arg", Some(&inline::text(arg)));
            table.put_some("for", for_(scope));
        }
    }
    let mut entries = table.finish();
    entries.extend(guard_entries(item));
    entries
}

fn for_(scope: &ArgScope) -> Option<Node> {
    let name = match scope {
        ArgScope::All => return None,
        ArgScope::Bin(name) => {
            return Some(Node::Inline(vec![("bin".to_owned(), Node::String(name.clone()))]));
        }
        ArgScope::Bins => "bins",
        ArgScope::Cdylib => "cdylib",
        ArgScope::Tests => "tests",
        ArgScope::Examples => "examples",
        ArgScope::Benches => "benches",
    };
    Some(Node::String(name.to_owned()))
}

/// Returns rustc's name of a link kind.
pub(super) fn kind(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Dylib => "dylib",
        LinkKind::Static => "static",
        LinkKind::Framework => "framework",
        LinkKind::RawDylib => "raw-dylib",
    }
}
