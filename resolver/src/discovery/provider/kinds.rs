//! Static or shared: a library is linked one way in a build.

use inert_manifest_spec::LinkKind;

use super::{Ask, Problem, is_found};

/// That no two packages that need it insist on different kinds.
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

/// Those that could do without it and would link it another way than another package does, with that one: those that
/// need it come first, then in order.
pub(super) fn outvoted<'a>(asks: &[&'a Ask]) -> Vec<(&'a Ask, &'a Ask)> {
    let links = |ask: &&&Ask| is_found(ask) && ask.kind.is_some();
    let mut decides = asks.iter().filter(links).filter(|ask| !ask.optional);
    let Some(decisive) = decides.next().or_else(|| asks.iter().find(links)) else { return Vec::new() };
    let outvoted = |ask: &&&Ask| {
        links(ask) && ask.optional && ask.package != decisive.package && ask.kind != decisive.kind
    };
    asks.iter().filter(outvoted).map(|ask| (*ask, *decisive)).collect()
}

/// How it is linked, for a sentence.
pub(super) fn adverb(kind: Option<LinkKind>) -> &'static str {
    match kind {
        Some(LinkKind::Static) => "statically",
        _ => "as a shared library",
    }
}
