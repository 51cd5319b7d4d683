//! Checks of a declaration against its package.

pub(crate) mod walk;

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};

use crate::parse::Use;
use crate::{Declaration, Diagnostic, Span, codes, suggest};

/// The parts of a package's manifest that the checks of a declaration need.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackageShape {
    /// True if `package.links` is set.
    pub has_links: bool,
    /// True if Cargo runs a build script, or a stand-in, for the package.
    pub has_build_target: bool,
    /// The package's features, including the implicit ones of optional dependencies.
    pub features: BTreeSet<String>,
    /// The names of its build-dependencies, after renaming.
    pub build_dependencies: BTreeSet<String>,
}

impl PackageShape {
    /// Reads the shape from a `Cargo.toml`; a text that is not TOML gives the default. A `build.rs` that the
    /// manifest does not mention may lie beside it, so only `build = false` means that there is no build target.
    #[must_use]
    pub fn of_manifest(text: &str) -> Self {
        DeTable::parse(text).map(|manifest| shape_of_manifest(manifest.get_ref())).unwrap_or_default()
    }
}

/// Checks a declaration against its package. Spans are those of the items concerned, if they were read from text.
#[must_use]
pub fn check_package(declaration: &Declaration, shape: &PackageShape) -> Vec<Diagnostic> {
    package(declaration, shape, &walk::uses(declaration), 0..0)
}

/// As [`check_package`], for callers that know the place of each name.
pub(crate) fn package(
    declaration: &Declaration,
    shape: &PackageShape,
    uses: &[(Use, Span)],
    table: Span,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if !shape.has_links && !declaration.links_metadata.is_empty() {
        let span = declaration
            .links_metadata
            .values()
            .flat_map(|value| &value.alternatives)
            .map(|item| item.span.clone())
            .min_by_key(|span| span.start)
            .unwrap_or_default();
        diagnostics.push(
            Diagnostic::error(
                codes::METADATA_WITHOUT_LINKS,
                "`links-metadata` reaches nobody without `links`",
                span,
            )
            .label("nobody can read this")
            .help("add `links = \"…\"` to `[package]`, or take `links-metadata` away"),
        );
    }
    if !shape.has_build_target && walk::has_effects(declaration) {
        diagnostics.push(
            Diagnostic::error(codes::NO_BUILD_TARGET, "Cargo runs nothing for a package without a build script", table)
                .label("this has no effect")
                .help("keep a `build.rs` with `fn main() { inert_build::build_script() }`; it is never compiled under Inert"),
        );
    }
    for (used, span) in uses {
        match used {
            // Warnings beyond the limit would not be shown.
            Use::Feature(name)
                if !shape.features.contains(name) && diagnostics.len() <= crate::parse::MAX_DIAGNOSTICS =>
            {
                let help = suggest::nearest(name, shape.features.iter().map(String::as_str));
                diagnostics.push(
                    Diagnostic::warning(
                        codes::UNKNOWN_FEATURE,
                        format!("the package has no feature `{}`", crate::render::escaped(name)),
                        span.clone(),
                    )
                    .label("never holds")
                    .help(help.map(|near| format!("did you mean `{near}`?")).unwrap_or_default()),
                );
            }
            Use::BuildDependency(name) if !shape.build_dependencies.contains(name) => {
                diagnostics.push(
                    Diagnostic::error(
                        codes::UNDEFINED,
                        format!("`{name}` is not among the build-dependencies"),
                        span.clone(),
                    )
                    .label("another package's files")
                    .help(format!("add `{name}` to `[build-dependencies]`")),
                );
            }
            _ => {}
        }
    }
    diagnostics
}

/// Reads the shape from a parsed `Cargo.toml`. A `build.rs` that the manifest does not mention may lie beside it.
pub(crate) fn shape_of_manifest(manifest: &DeTable<'_>) -> PackageShape {
    let table = |name: &str| manifest.get(name).and_then(|value| value.get_ref().as_table());
    let package = table("package");
    let mut shape = PackageShape {
        has_links: package.is_some_and(|package| package.contains_key("links")),
        has_build_target: !package
            .and_then(|package| package.get("build"))
            .is_some_and(|build| matches!(build.get_ref(), DeValue::Boolean(false))),
        ..PackageShape::default()
    };
    let mut behind_dep = BTreeSet::new();
    for (name, enables) in table("features").into_iter().flatten() {
        shape.features.insert(name.get_ref().to_string());
        for enabled in enables.get_ref().as_array().into_iter().flatten() {
            if let Some(dependency) = enabled.get_ref().as_str().and_then(|text| text.strip_prefix("dep:")) {
                behind_dep.insert(dependency.to_owned());
            }
        }
    }
    let targets = table("target").into_iter().flatten().filter_map(|(_, target)| target.get_ref().as_table());
    for section in std::iter::once(manifest).chain(targets) {
        for kind in ["dependencies", "build-dependencies", "build_dependencies"] {
            let Some(dependencies) = section.get(kind).and_then(|value| value.get_ref().as_table()) else {
                continue;
            };
            for (name, dependency) in dependencies {
                let name = name.get_ref().to_string();
                let optional = dependency
                    .get_ref()
                    .get("optional")
                    .is_some_and(|optional| matches!(optional.get_ref(), DeValue::Boolean(true)));
                if kind != "dependencies" {
                    shape.build_dependencies.insert(name.clone());
                }
                if optional && !behind_dep.contains(&name) {
                    shape.features.insert(name);
                }
            }
        }
    }
    shape
}
