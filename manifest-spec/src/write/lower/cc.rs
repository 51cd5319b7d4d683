//! Writes `cc-library`, as `parse/cc.rs` reads it.

use super::Writer;
use super::guard::{guard_entries, guarded, items};
use crate::write::inline;
use crate::write::toml::{Entries, Node};
use crate::{CcFlag, CcLibrary, CompilerFamily, Define, Item, keys};

pub(super) fn library(library: &CcLibrary) -> Entries {
    let CcLibrary {
        when,
        sources,
        exclude,
        include_dirs,
        defines,
        flags,
        cpp,
        cpp_link_stdlib,
        std,
        warnings,
        extra_warnings,
        opt_level,
        debug,
        pic,
        static_crt,
        install_headers,
        folder,
        link,
        modifiers,
        span: _,
    } = library;
    let path = |path: &_| Node::String(inline::path(path));
    let word = |word: &String| Node::String(word.clone());
    let boolean = |value: &bool| Node::Plain(value.to_string());
    let mut table = Writer::of(&keys::CC_LIBRARY);
    table.put("sources", items(sources, path));
    table.put_list("exclude", items(exclude, path));
    table.put_list("include-dirs", items(include_dirs, path));
    table.table(
        "defines",
        defines.iter().filter_map(|(name, value)| Some((name.clone(), guarded(value, define)?))),
    );
    table.put_list("flags", self::flags(flags));
    for (key, value) in [
        ("cpp", cpp),
        ("warnings", warnings),
        ("extra-warnings", extra_warnings),
        ("debug", debug),
        ("pic", pic),
        ("static-crt", static_crt),
    ] {
        table.put_some(key, value.as_ref().and_then(|value| guarded(value, boolean)));
    }
    for (key, value) in [("cpp-link-stdlib", cpp_link_stdlib), ("std", std), ("opt-level", opt_level)] {
        table.put_some(key, value.as_ref().and_then(|value| guarded(value, word)));
    }
    table.table(
        "install-headers",
        install_headers.iter().filter_map(|(to, from)| Some((to.0.clone(), guarded(from, path)?))),
    );
    table.put_some("folder", folder.as_ref().map(|folder| Node::String(folder.0.clone())));
    table.boolean("link", *link, true);
    table.strings("modifiers", modifiers);
    table.condition("when", when.as_ref());
    table.finish()
}

fn define(define: &Define) -> Node {
    match define {
        Define::Flag => Node::Plain("true".to_owned()),
        Define::Value(text) => {
            let text = inline::text(text);
            // The value is written as a number if that reads back to the same digits.
            let number = text.len() < 10
                && text.bytes().all(|b| b.is_ascii_digit())
                && (text == "0" || !text.starts_with('0'))
                && !text.is_empty();
            if number { Node::Plain(text) } else { Node::String(text) }
        }
    }
}

/// Writes flags; neighbours that differ only in their text become one entry.
fn flags(flags: &[Item<CcFlag>]) -> Node {
    let alike = |a: &Item<CcFlag>, b: &Item<CcFlag>| {
        extra(a)
            && a.when == b.when
            && a.value.if_supported == b.value.if_supported
            && a.value.compiler == b.value.compiler
    };
    Node::Array(
        flags
            .chunk_by(alike)
            .flat_map(|group| match group {
                [first, _, ..] => {
                    let texts = group.iter().map(|item| Node::String(item.value.flag.clone())).collect();
                    vec![flag(first, "flags", Node::Array(texts))]
                }
                _ => group
                    .iter()
                    .map(|item| {
                        let text = Node::String(item.value.flag.clone());
                        if extra(item) { flag(item, "flag", text) } else { text }
                    })
                    .collect(),
            })
            .collect(),
    )
}

fn extra(item: &Item<CcFlag>) -> bool {
    item.when.is_some() || item.value.if_supported || item.value.compiler.is_some()
}

fn flag(item: &Item<CcFlag>, key: &str, node: Node) -> Node {
    let mut table = Writer::of(&keys::FLAG);
    table.put(key, node);
    table.boolean("if-supported", item.value.if_supported, false);
    table.string(
        "compiler",
        item.value.compiler.map(|family| match family {
            CompilerFamily::Gnu => "gnu",
            CompilerFamily::Clang => "clang",
            CompilerFamily::Msvc => "msvc",
        }),
    );
    let mut entries = table.finish();
    entries.extend(guard_entries(item));
    Node::Inline(entries)
}
