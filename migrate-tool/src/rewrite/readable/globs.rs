//! Replaces the sources of a folder by a pattern: `zlib/*.c` instead of each name, with the files that are left out
//! under `exclude`.

use std::collections::BTreeSet;

use inert_manifest_spec::types::{Declaration, Item, PathRef, RelativePath};

use super::Listing;

/// The number of files below which their names are about as short as a pattern.
const FEW: usize = 4;
/// The maximum number of files that `exclude` may name.
const LEFT_OUT: usize = 6;

pub(super) fn found(declaration: &mut Declaration, listing: Listing<'_>) {
    for library in declaration.cc_library.values_mut() {
        let mut folders: Vec<(String, String)> = Vec::new();
        for item in &library.sources {
            if let Some(place) = place(item)
                && !folders.contains(&place)
            {
                folders.push(place);
            }
        }
        for (folder, ending) in folders {
            folder_of(&mut library.sources, &mut library.exclude, &folder, &ending, listing);
        }
    }
}

/// Returns the folder and the file extension of a file of the package.
fn place(item: &Item<PathRef>) -> Option<(String, String)> {
    let PathRef::Package(RelativePath(path)) = &item.value else { return None };
    if path.contains('*') {
        return None;
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    let ending = name.rsplit_once('.')?.1;
    Some((folder.to_owned(), ending.to_owned()))
}

fn folder_of(
    sources: &mut Vec<Item<PathRef>>,
    exclude: &mut Vec<Item<PathRef>>,
    folder: &str,
    ending: &str,
    listing: Listing<'_>,
) {
    let is_here = |item: &Item<PathRef>| place(item).is_some_and(|(of, is)| of == folder && is == ending);
    let here: Vec<&Item<PathRef>> = sources.iter().filter(|item| is_here(item)).collect();
    let Some(first) = here.first() else { return };
    let when = first.when.clone();
    // A pattern has one condition, so files with another condition would be compiled under the wrong one.
    if here.len() < FEW || here.iter().any(|item| item.when != when) {
        return;
    }
    let within = |name: &str| if folder == "." { name.to_owned() } else { format!("{folder}/{name}") };
    let named: BTreeSet<String> = here
        .iter()
        .filter_map(|item| match &item.value {
            PathRef::Package(path) => Some(path.0.clone()),
            _ => None,
        })
        .collect();
    let dotted = format!(".{ending}");
    let there: BTreeSet<String> =
        listing(folder).iter().filter(|name| name.ends_with(&dotted)).map(|name| within(name)).collect();
    let left_out: Vec<&String> = there.difference(&named).collect();
    if !named.is_subset(&there) || left_out.len() > LEFT_OUT || left_out.len() * 4 > named.len() {
        return;
    }
    let pattern = Item {
        value: PathRef::Package(RelativePath(within(&format!("*.{ending}")))),
        when: when.clone(),
        otherwise: false,
        span: 0..0,
    };
    exclude.extend(left_out.iter().map(|path| Item::always(PathRef::Package(RelativePath((*path).clone())))));
    let at = sources.iter().position(is_here).unwrap_or(0);
    sources.retain(|item| !is_here(item));
    sources.insert(at.min(sources.len()), pattern);
}
