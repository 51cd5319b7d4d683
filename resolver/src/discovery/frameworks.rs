//! The method for frameworks of Apple's systems: the SDK holds them, and the linker finds them.

use inert_manifest_spec::LinkKind;

use super::{Found, MethodOutcome, Query, flags};
use crate::directives::Directive;
use crate::world::World;

/// Takes the declared frameworks on an Apple target.
pub(super) fn find(query: &Query<'_>, _world: &mut World) -> MethodOutcome {
    if query.frameworks.is_empty() {
        return MethodOutcome::Skipped("");
    }
    if !query.request.target.triple.contains("apple") {
        return MethodOutcome::Skipped("frameworks are for Apple systems");
    }
    let link = query
        .frameworks
        .iter()
        .filter(|name| flags::is_framework(name))
        .map(|name| Directive::LinkLib {
            name: name.clone(),
            kind: Some(LinkKind::Framework),
            modifiers: Vec::new(),
            rename: None,
        })
        .collect();
    MethodOutcome::Found(
        Box::new(Found { link, ..Found::default() }),
        query.frameworks.join(", "),
        Vec::new(),
    )
}
