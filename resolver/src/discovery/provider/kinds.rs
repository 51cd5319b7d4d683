//! Static or shared: a library is linked one way in a build.

use inert_manifest_spec::LinkKind;

use super::{Ask, Problem};

/// That no two asks insist on different kinds.
pub(super) fn check(asks: &[&Ask]) -> Result<(), Box<Problem>> {
    let of = |kind: LinkKind| asks.iter().find(|ask| ask.kind == Some(kind));
    match (of(LinkKind::Static), of(LinkKind::Dylib)) {
        (Some(wants_static), Some(wants_shared)) => Err(Box::new(Problem::Kinds {
            library: super::problem::title(wants_static),
            platform: wants_static.platform.clone(),
            wants_static: wants_static.package.clone(),
            wants_shared: wants_shared.package.clone(),
        })),
        _ => Ok(()),
    }
}
