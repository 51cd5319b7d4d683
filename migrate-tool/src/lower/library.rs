//! Libraries of the system.

use inert_manifest_spec::condition::Comparison;
use inert_manifest_spec::types::{Declaration, Guarded, Item, Library, LinkKind, VersionRange};

use crate::interp::Interp;
use crate::models::FoundLibrary;

/// Libraries that were asked for.
pub(super) fn lower(interp: &mut Interp<'_>) -> Vec<FoundLibrary> {
    interp.probes.libraries.clone()
}

/// Writes them into the declaration.
pub(super) fn declare(declaration: &mut Declaration, libraries: Vec<FoundLibrary>) {
    for found in libraries {
        let comparisons: Vec<_> =
            found.version.into_iter().map(|(operator, value)| Comparison { operator, value }).collect();
        let library = Library {
            optional: true,
            pkg_config: vec![Item::always(found.module)],
            version: (!comparisons.is_empty()).then(|| Guarded::always(VersionRange { comparisons })),
            kind: found.statik.filter(|statik| *statik).map(|_| Guarded::always(LinkKind::Static)),
            link: found.link,
            print_system_libs: found.print_system_libs,
            ..Library::default()
        };
        declaration.library.insert(found.name, library);
    }
}
