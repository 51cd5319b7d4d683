//! Earlier results of `cargo inert verify` from the catalog and the policy: the derivations that were equal to their scripts.

use inert_migrate_tool::Assumptions;
use serde::Serialize;

use super::model::{Declared, Origin, Refusal};
use crate::cargo::package::Package;
use crate::digest;
use crate::policy::{Policy, Verified};

/// The result of an earlier verification, with its origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Known {
    /// The origin: `catalog` or `policy`.
    pub by: &'static str,
    /// The number of cases in which the stand-in and the script were equal.
    pub cases: u64,
    /// The triple of the host on which they were compared.
    pub host: String,
}

/// Returns the digest of a derivation, `sha256:…`: of the package's name and version, of all its files, and of the derived
/// declaration with its assumptions. So a result of `verify` holds for exactly these files, and only as long as Inert
/// derives the same from them.
///
/// # Errors
/// A file of the package cannot be read.
pub fn derivation_digest(
    name: &str,
    version: &str,
    root: &std::path::Path,
    declaration: &inert_manifest_spec::Declaration,
    assumes: &Assumptions,
) -> std::io::Result<String> {
    let files = digest::content(root)?;
    let text = inert_manifest_spec::write::declaration(declaration);
    // The length of each text is part of the digest, so that none of them can pass for a part of another.
    let parts = [name, version, &files, &text, &said(assumes)].map(|part| format!("{}:{part}", part.len()));
    Ok(format!("sha256:{}", digest::text(&parts.concat())))
}

/// Returns the assumptions that are made, by name: one that is not made leaves no trace, so that a new kind of assumption
/// changes no digest of a derivation without it.
fn said(assumes: &Assumptions) -> String {
    // All fields are named, so that a new one must be handled here.
    let Assumptions {
        known_targets,
        rustc_says,
        no_allow_features,
        known_target_features,
        out_dir_lacks,
        rustc_on_path,
        debug_assertions_agree,
        features_handed_on,
    } = assumes;
    let mut made = Vec::new();
    for (name, is_made) in [
        ("known-targets", known_targets),
        ("no-allow-features", no_allow_features),
        ("known-target-features", known_target_features),
        ("rustc-on-path", rustc_on_path),
        ("debug-assertions-agree", debug_assertions_agree),
    ] {
        made.extend(is_made.then(|| name.to_owned()));
    }
    made.extend(rustc_says.as_ref().map(|texts| format!("rustc-says {texts:?}")));
    made.extend(out_dir_lacks.iter().map(|text| format!("out-dir-lacks {text:?}")));
    made.extend(features_handed_on.iter().map(|one| format!("features-handed-on {one:?}")));
    made.join("\n")
}

/// Returns the digest of a package's derived declaration; `None` if it is not derived.
///
/// # Errors
/// A file of the package cannot be read.
pub fn digest_of(package: &Package, declared: &Declared) -> std::io::Result<Option<String>> {
    if declared.origin != Origin::Derived {
        return Ok(None);
    }
    let id = &package.id;
    derivation_digest(&id.name, &id.version, &package.root, &declared.declaration, &declared.assumes)
        .map(Some)
}

/// Returns what is known of a derivation with this digest.
#[must_use]
pub fn known(package: &Package, source: &str, derivation: &str, policy: &Policy) -> Option<Known> {
    let id = &package.id;
    let of_catalog = inert_catalog::verified(&id.name, &id.version, derivation).map(|row| Known {
        by: "catalog",
        cases: row.cases,
        host: row.host.to_owned(),
    });
    of_catalog.or_else(|| {
        let entry =
            entries_for(package, source, derivation, policy).find(|entry| entry.untrusted.is_none())?;
        Some(Known { by: "policy", cases: entry.cases, host: entry.host.clone() })
    })
}

/// Returns the refusal of a derivation that nothing says to be verified, or only an entry of the tree that the user has not
/// accepted.
pub(super) fn refusal(package: &Package, source: &str, derivation: &str, policy: &Policy) -> Refusal {
    let claim = entries_for(package, source, derivation, policy)
        .find_map(|entry| Some((entry.untrusted.clone()?, entry.package.entry())));
    match claim {
        Some((claim, place)) => Refusal::Untrusted { claim, place, digest: policy.claims.clone() },
        None => Refusal::Unverified,
    }
}

fn entries_for<'a>(
    package: &'a Package,
    source: &'a str,
    derivation: &'a str,
    policy: &'a Policy,
) -> impl Iterator<Item = &'a Verified> {
    let of =
        move |entry: &&Verified| entry.package.matches(&package.id, source) && entry.digest == derivation;
    policy.verified.iter().filter(of)
}
