//! Checks static or shared linking: a library is linked in one way in a build.

use inert_manifest_spec::LinkKind;

use super::{Ask, Problem, is_found};

/// Checks that no two packages that need the library require different kinds.
pub(super) fn check(asks: &[&Ask]) -> Result<(), Box<Problem>> {
    let of = |kind: LinkKind| asks.iter().find(|ask| !ask.optional && ask.kind == Some(kind));
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

/// Returns the optional requests whose kind differs from that of another package, each with the request that
/// decides: the first mandatory one, else the first of all.
pub(super) fn outvoted<'a>(asks: &[&'a Ask]) -> Vec<(&'a Ask, &'a Ask)> {
    let links = |ask: &&&Ask| is_found(ask) && ask.kind.is_some();
    let mut decides = asks.iter().filter(links).filter(|ask| !ask.optional);
    let Some(decisive) = decides.next().or_else(|| asks.iter().find(links)) else { return Vec::new() };
    let outvoted = |ask: &&&Ask| {
        links(ask) && ask.optional && ask.package != decisive.package && ask.kind != decisive.kind
    };
    asks.iter().filter(outvoted).map(|ask| (*ask, *decisive)).collect()
}

/// Returns the kind as an adverb, for a sentence.
pub(super) fn adverb(kind: Option<LinkKind>) -> &'static str {
    match kind {
        Some(LinkKind::Static) => "statically",
        _ => "as a shared library",
    }
}
