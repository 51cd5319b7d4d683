//! Finds the declaration of a script among the origins.

use std::path::Path;

use inert_migrate_tool::Assumptions;

use super::model::{BadDeclaration, Declared, Origin, Residue};
use crate::cargo::package::Package;
use crate::digest;
use crate::policy::Policy;

/// Returns the declaration of a package's script, or the residue; the first origin counts: policy, package, catalog,
/// derived.
///
/// # Errors
/// The first declaration that is found is invalid.
pub fn declaration(
    package: &Package,
    script: &Path,
    source: &str,
    policy: &Policy,
    derivations: &crate::plan::derivation::Cache,
) -> Result<Result<Declared, Residue>, BadDeclaration> {
    if let Some(entry) = policy.declare.iter().find(|entry| entry.package.matches(&package.id, source)) {
        let place = entry.package.place();
        if let Some(digest) = &entry.digest {
            let found = digest::content(&package.root);
            if found.as_ref().ok().map(String::as_str) != digest.split('+').next() {
                let found = found.unwrap_or_else(|error| error.to_string());
                return Ok(Err(vec![format!(
                    "the [[declare]] entry at {place} was made from other files ({digest}; here it is {found})"
                )]));
            }
        }
        return parse(&entry.declaration, Origin::Policy, place, package).map(Ok);
    }
    let own = inert_manifest_spec::parse_manifest(&package.manifest);
    let errors = own.diagnostics.iter().any(|one| one.severity == inert_manifest_spec::Severity::Error);
    if errors {
        // If an entry of the policy decides, the errors of the package's declaration do not matter.
        let today = crate::policy::Date::today();
        if policy.denied(&package.id, source).is_some()
            || policy.allowed(&package.id, source, today).next().is_some()
        {
            let first = own.diagnostics.first().map_or("", |one| one.message.as_str());
            return Ok(Err(vec![format!("its declaration is not understood: {first}")]));
        }
        return Err(BadDeclaration {
            package: package.id.to_string(),
            via: Vec::new(),
            file: package.root.join("Cargo.toml").display().to_string(),
            text: package.manifest.clone(),
            diagnostics: own.diagnostics,
        });
    }
    if let Some(declaration) = own.declaration {
        let text = inert_manifest_spec::write::declaration(&declaration);
        let place = package.root.join("Cargo.toml").display().to_string();
        return Ok(Ok(Declared {
            declaration,
            text,
            origin: Origin::Package,
            place,
            inputs: Vec::new(),
            assumes: Assumptions::default(),
            undecided: Vec::new(),
        }));
    }
    if let Some(entry) = inert_catalog::lookup(&package.id.name, &package.id.version, |file| {
        crate::file::read(&package.root.join(file)).ok().map(|bytes| digest::bytes(&bytes))
    }) {
        return parse(
            &entry.declaration,
            Origin::Catalog,
            format!("catalog/entries/{}.toml", package.id.name),
            package,
        )
        .map(Ok);
    }
    Ok(derivations.derive(package, script))
}

fn parse(text: &str, origin: Origin, place: String, package: &Package) -> Result<Declared, BadDeclaration> {
    let mut parsed = inert_manifest_spec::parse_declaration(text);
    if let Some(declaration) = &parsed.declaration {
        // The check that the package's own declaration undergoes when its manifest is read.
        let shape = inert_manifest_spec::PackageShape::of_manifest(&package.manifest);
        parsed.diagnostics.extend(inert_manifest_spec::check_package(declaration, &shape));
    }
    match parsed.declaration {
        Some(declaration)
            if parsed.diagnostics.iter().all(|one| one.severity != inert_manifest_spec::Severity::Error) =>
        {
            Ok(Declared {
                declaration,
                text: text.to_owned(),
                origin,
                place,
                inputs: Vec::new(),
                assumes: Assumptions::default(),
                undecided: Vec::new(),
            })
        }
        _ => Err(BadDeclaration {
            package: package.id.to_string(),
            via: Vec::new(),
            file: place,
            text: text.to_owned(),
            diagnostics: parsed.diagnostics,
        }),
    }
}
