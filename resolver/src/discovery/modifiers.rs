//! Applies `modifiers` to the libraries that `libs` names, whichever method found them.

use inert_manifest_spec::LinkKind;

use super::{Found, Query};
use crate::directives::Directive;

/// Adds the entry's modifiers to its own libraries. rustc accepts `whole-archive` and `bundle` for archives only; a
/// shared library is always linked whole.
pub(super) fn apply(query: &Query<'_>, found: &mut Found) {
    for directive in &mut found.link {
        match directive {
            Directive::LinkLib { name, kind, modifiers, .. } if query.libs.contains(name) => {
                // A `.pc` file names it as `-l:libx.a`. It is declared an archive only if other modifiers require
                // that, since rustc does not search the linker's own folders for archives.
                let is_archive = kind.is_none()
                    && modifiers.iter().any(|known| known == "+verbatim")
                    && [".a", ".lib"].iter().any(|ending| name.ends_with(ending));
                if is_archive && query.modifiers.iter().any(|modifier| !modifier.ends_with("verbatim")) {
                    *kind = Some(LinkKind::Static);
                }
                for modifier in &query.modifiers {
                    if modifier.ends_with("verbatim") || *kind == Some(LinkKind::Static) {
                        add(modifiers, modifier);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Adds a modifier; it replaces a contrary one that a flag has set (`--whole-archive` in a `.pc` file).
pub(crate) fn add(modifiers: &mut Vec<String>, modifier: &str) {
    modifiers.retain(|known| known[1..] != modifier[1..]);
    modifiers.push(modifier.to_owned());
}
