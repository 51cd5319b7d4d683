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
                for modifier in &query.modifiers {
                    if modifier.ends_with("verbatim") || *kind == Some(LinkKind::Static) {
                        add(modifiers, modifier);
                    }
                }
            }
            // What a `.pc` file says as `-l:libx.a` is what `+verbatim` says.
            Directive::LinkArg { arg, .. } if query.is_verbatim() => {
                let Some(name) =
                    arg.strip_prefix("-l:").filter(|name| query.libs.iter().any(|lib| lib == name))
                else {
                    continue;
                };
                // As an archive only where more is said of it: `-l:libx.a` is found in the linker's own folders too.
                let is_static = query.modifiers.iter().any(|modifier| modifier != "+verbatim");
                *directive = Directive::LinkLib {
                    name: name.to_owned(),
                    kind: is_static.then_some(LinkKind::Static),
                    modifiers: query.modifiers.clone(),
                    rename: None,
                };
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
