//! The declaration that a migration starts from: the catalog's entry for this script, or else the derived one.

use std::collections::BTreeSet;

use inert_manifest_spec::{Declaration, PackageShape, Severity};
use inert_migrate_tool::{Assumptions, PackageSource, Residue, rewrite};

use crate::plan::model::Origin;

/// A declaration with the facts about its derivation.
pub(super) struct Start {
    /// The declaration; `None` if too little of the script is understood.
    pub(super) declaration: Option<Declaration>,
    pub(super) origin: Origin,
    /// The parts of the script that the derivation did not understand.
    pub(super) residue: Vec<Residue>,
    /// The variables that the script reads.
    pub(super) variables: BTreeSet<String>,
    pub(super) assumes: Assumptions,
}

/// Finds the declaration. A derivation that covers every build takes precedence over an entry that does not.
pub(super) fn find(source: &PackageSource) -> Start {
    let entry = entry(source);
    let whole = |declaration: &Declaration| declaration.unsupported.is_none();
    if let Some(declaration) = entry.clone().filter(whole) {
        return of_catalog(declaration);
    }
    let derivation = inert_migrate_tool::derive(source);
    match (entry, &derivation.declaration) {
        (Some(entry), derived) if !derived.as_ref().is_some_and(whole) => of_catalog(entry),
        _ => Start {
            declaration: derivation
                .declaration
                .as_ref()
                .map(|derived| rewrite::readable(derived, &|folder| source.names_in(folder))),
            origin: Origin::Derived,
            residue: derivation.residue,
            variables: derivation.env.into_iter().collect(),
            assumes: derivation.assumes,
        },
    }
}

fn of_catalog(declaration: Declaration) -> Start {
    Start {
        declaration: Some(declaration),
        origin: Origin::Catalog,
        residue: Vec::new(),
        variables: BTreeSet::new(),
        assumes: Assumptions::default(),
    }
}

/// Returns the catalog's entry for the package's script, if the declaration is valid in this package.
fn entry(source: &PackageSource) -> Option<Declaration> {
    let entry = inert_catalog::lookup(&source.name, &source.version, |file| {
        crate::file::read(&source.root.join(file)).ok().map(|bytes| crate::digest::bytes(&bytes))
    })?;
    let declaration = inert_manifest_spec::parse_declaration(&entry.declaration).declaration?;
    let said = inert_manifest_spec::check_package(&declaration, &PackageShape::of_manifest(&source.manifest));
    said.iter().all(|one| one.severity != Severity::Error).then_some(declaration)
}
