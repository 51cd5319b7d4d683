//! Selects the dependencies that apply to a build, and their versions.

use std::collections::BTreeSet;

use inert_manifest_spec::condition::{Comparison, Operator};
use inert_manifest_spec::{Condition, Fact, Truth, VersionRange};

use super::Problem;
use super::metadata::{Dependency, Metadata};
use crate::facts;
use crate::pkgconf;
use crate::request::Request;
use crate::world::World;

/// A dependency to look for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) key: String,
    /// The modules to try, in order.
    pub(super) modules: Vec<String>,
    pub(super) version: VersionRange,
    pub(super) optional: bool,
}

/// Selects by target sections, features, and the highest version that a feature requests.
pub(super) fn select(
    metadata: &Metadata,
    request: &Request,
    world: &mut World,
) -> Result<Vec<Wanted>, Problem> {
    let unconditional: BTreeSet<&str> =
        metadata.dependencies.iter().filter(|dep| dep.cfg.is_none()).map(|dep| dep.key.as_str()).collect();
    let mut wanted = Vec::new();
    for dependency in &metadata.dependencies {
        if let Some(condition) = &dependency.cfg {
            if !holds(&dependency.key, condition, request, world)? {
                continue;
            }
            // The entry without a condition has priority, without a message.
            if unconditional.contains(dependency.key.as_str()) {
                continue;
            }
        }
        if dependency.feature.as_ref().is_some_and(|feature| !has_feature(request, feature)) {
            continue;
        }
        wanted.push(one(dependency, request)?);
    }
    Ok(wanted)
}

fn one(dependency: &Dependency, request: &Request) -> Result<Wanted, Problem> {
    let active = dependency.overrides.iter().filter(|version| has_feature(request, &version.feature));
    // If two versions are equal, the last one counts.
    let highest = active.max_by(|a, b| pkgconf::compare_versions(&lowest(&a.version), &lowest(&b.version)));
    let version = highest.map(|highest| &highest.version).or(dependency.version.as_ref());
    let Some(version) = version else {
        return Err(Problem::Invalid { place: dependency.key.clone(), why: "it has no version".to_owned() });
    };
    let name = highest.and_then(|highest| highest.name.as_ref()).or(dependency.name.as_ref());
    let fallbacks =
        highest.and_then(|highest| highest.fallback_names.as_ref()).or(dependency.fallback_names.as_ref());
    let mut modules = vec![name.unwrap_or(&dependency.key).clone()];
    modules.extend(fallbacks.into_iter().flatten().cloned());
    Ok(Wanted {
        key: dependency.key.clone(),
        modules,
        version: range(version),
        optional: highest.and_then(|highest| highest.optional).unwrap_or(dependency.optional),
    })
}

fn lowest(version: &str) -> String {
    let low = version.split(',').next().unwrap_or_default().trim();
    low.strip_prefix(">=").unwrap_or(low).trim().to_owned()
}

fn range(version: &str) -> VersionRange {
    let mut comparisons = vec![Comparison { operator: Operator::GreaterEqual, value: lowest(version) }];
    if let Some((_, high)) = version.split_once(',') {
        let high = high.trim().strip_prefix('<').unwrap_or_default().trim().to_owned();
        comparisons.push(Comparison { operator: Operator::Less, value: high });
    }
    VersionRange { comparisons }
}

/// Compares features as Cargo names them in the environment: case and `-` do not count.
fn has_feature(request: &Request, wanted: &str) -> bool {
    let shout = |name: &str| name.to_uppercase().replace('-', "_");
    let wanted = shout(wanted);
    request.features.iter().any(|feature| shout(feature) == wanted)
}

/// Returns whether a condition holds; only facts of the target may occur in it.
fn holds(key: &str, condition: &Condition, request: &Request, world: &mut World) -> Result<bool, Problem> {
    let truth = condition.evaluate(&mut |fact| match fact {
        Fact::TargetOption(_) | Fact::TargetKey { .. } => facts::truth(fact, request, world),
        _ => Truth::Unknown,
    });
    match truth {
        Truth::Yes => Ok(true),
        Truth::No => Ok(false),
        Truth::Unknown => Err(Problem::Invalid {
            place: key.to_owned(),
            why: "its cfg() asks for more than the target, which system-deps does not support".to_owned(),
        }),
    }
}
