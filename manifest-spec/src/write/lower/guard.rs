//! Writes guards, as `parse/guard.rs` reads them.

use crate::write::toml::{Entries, Node};
use crate::{Guarded, Item};

/// Returns the entries `when` and `else` of an item, as far as it has them.
pub(super) fn guard_entries<T>(item: &Item<T>) -> Entries {
    let mut entries = Vec::new();
    if let Some(condition) = &item.when {
        entries.push(("when".to_owned(), Node::Condition(condition.clone())));
    }
    if item.otherwise {
        entries.push(("else".to_owned(), Node::Plain("true".to_owned())));
    }
    entries
}

/// Writes a single value; returns `None` if it has no alternatives.
pub(super) fn guarded<T>(value: &Guarded<T>, write: impl Fn(&T) -> Node) -> Option<Node> {
    let mut nodes = value.alternatives.iter().map(|item| single(item, "value", write(&item.value)));
    match value.alternatives.len() {
        0 | 1 => nodes.next(),
        _ => Some(Node::Array(nodes.collect())),
    }
}

/// Writes a list; neighbours under the same condition become one entry.
pub(super) fn items<T>(list: &[Item<T>], write: impl Fn(&T) -> Node) -> Node {
    Node::Array(
        list.chunk_by(|a, b| a.when.is_some() && a.when == b.when)
            .flat_map(|group| match group {
                [first, _, ..] => {
                    let values = Node::Array(group.iter().map(|item| write(&item.value)).collect());
                    vec![wrapped(first, "values", values)]
                }
                _ => group.iter().map(|item| single(item, "value", write(&item.value))).collect(),
            })
            .collect(),
    )
}

/// As [`items`], but a single item without a condition is written without brackets.
pub(super) fn items_or_one<T>(list: &[Item<T>], write: impl Fn(&T) -> Node) -> Node {
    match list {
        [only] if only.when.is_none() => write(&only.value),
        _ => items(list, write),
    }
}

fn single<T>(item: &Item<T>, key: &str, node: Node) -> Node {
    if item.when.is_none() && !item.otherwise { node } else { wrapped(item, key, node) }
}

fn wrapped<T>(item: &Item<T>, key: &str, node: Node) -> Node {
    let mut entries = vec![(key.to_owned(), node)];
    entries.extend(guard_entries(item));
    Node::Inline(entries)
}
