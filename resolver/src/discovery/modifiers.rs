//! `modifiers`: on what `libs` names, whichever method found it.

use inert_manifest_spec::LinkKind;

use super::{Found, Query};
use crate::directives::Directive;

/// Puts the entry's modifiers on its own libraries. rustc takes `whole-archive` and `bundle` of archives only, and a
/// shared library is whole by itself.
pub(super) fn apply(query: &Query<'_>, found: &mut Found) {
    for directive in &mut found.link {
        match directive {
            Directive::LinkLib { name, kind, modifiers, .. } if query.libs.contains(name) => {
                // What a `.pc` file says as `-l:libx.a`: an archive only where more is said of it, since that is found in
                // the linker's own folders too.
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

/// Adds a modifier; what a flag has already said of the same one (`--whole-archive` in a `.pc` file) gives way.
pub(crate) fn add(modifiers: &mut Vec<String>, modifier: &str) {
    modifiers.retain(|known| known[1..] != modifier[1..]);
    modifiers.push(modifier.to_owned());
}
