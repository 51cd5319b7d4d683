//! Chooses one provider per library and platform for all packages that need it: a pure function, which the driver
//! calls before Cargo starts; its result is written into the plan.
//!
//! Phases: each package's request for a library becomes an [`Ask`], with the result of discovery → the requests for
//! the same library on the same platform are grouped ([`group`]) → each group gets one [`Choice`], or a [`Problem`]
//! that names both sides. All problems are reported at once.

mod group;
mod kinds;
mod model;
mod problem;
mod sharing;

use std::collections::{BTreeMap, BTreeSet};

use inert_manifest_spec::LinkKind;

use crate::request::{LibraryPolicy, LibrarySource};
pub use model::{Ask, Choice, Chosen, Discovery, Source, Unprovided};
use model::{accepts, is_found, unsuitable};
pub use problem::{Bundle, Feature, Problem};

/// The requests for one library on one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The positions of the requests in the list.
    pub members: Vec<usize>,
    /// Every name that the requests use for the library.
    pub names: BTreeSet<String>,
}

/// Groups the requests by library; the results of discovery do not matter.
#[must_use]
pub fn groups(asks: &[Ask]) -> Vec<Group> {
    let group = |members: Vec<usize>| {
        let names = group::names(&members.iter().map(|at| &asks[*at]).collect::<Vec<_>>());
        Group { members, names }
    };
    group::groups(asks).into_iter().map(group).collect()
}

/// Returns the source that is prescribed for the whole group, and by whom: the policy setting, else a package's
/// variable.
///
/// # Errors
/// The policy has two settings for one library, or two variables disagree.
pub fn word(
    asks: &[&Ask],
    names: &[&str],
    policy: &LibraryPolicy,
) -> Result<Option<(LibrarySource, String)>, Box<Problem>> {
    if let Some((table, one, other)) = policy.contradiction(names) {
        let said = |name: &str| format!("`{name}` under [{table}]");
        return Err(Problem::contradiction(asks, &said(&one), &said(&other)));
    }
    if let Some(source) = policy.source(names) {
        let own = names.iter().any(|name| policy.by_name.contains_key(*name));
        let table = match (policy.is_named_by_caller(names), own) {
            (true, _) => "--library",
            (false, true) => "[libraries]",
            (false, false) if policy.default_by_caller && policy.default == Some(source) => "--libraries",
            (false, false) if policy.names_prefix(names) => "[library-prefix]",
            (false, false) => "[libraries]",
        };
        return Ok(Some((source, table.to_owned())));
    }
    let mut said = asks.iter().filter_map(|ask| Some((*ask, ask.by_variable.as_ref()?)));
    let Some((first, (source, variable))) = said.next() else { return Ok(None) };
    let written = |ask: &Ask, variable: &str| format!("{variable}, of {},", ask.package);
    if let Some((other, (_, against))) = said.find(|(_, (other, _))| other != source) {
        return Err(Problem::contradiction(asks, &written(first, variable), &written(other, against)));
    }
    Ok(Some((*source, variable.clone())))
}

/// The choices for all requests; the driver writes them into the plan, or reports the problems.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// One choice for each library and platform.
    pub chosen: Vec<Chosen>,
    /// Every reason why a library has no provider.
    pub problems: Vec<Problem>,
    /// For each problem: the target triple, the library's names, and the requests.
    pub unprovided: Vec<Unprovided>,
    /// Warnings for the user: libraries that have two providers in one build, with the reason.
    pub warnings: Vec<String>,
}

/// Chooses a provider for every request, by the policy of each platform.
#[must_use]
pub fn select(asks: &[Ask], policies: &BTreeMap<String, LibraryPolicy>) -> Selection {
    let mut selection = Selection::default();
    let none = LibraryPolicy::default();
    for members in group::groups(asks) {
        let members: Vec<&Ask> = members.into_iter().map(|at| &asks[at]).collect();
        let policy = policies.get(&members[0].platform).unwrap_or(&none);
        match choose(&members, policy) {
            Ok((choice, why)) => {
                let sharing = sharing::of(&members, &choice, policy);
                selection.warnings.extend(sharing.warnings);
                selection.chosen.push(Chosen {
                    platform: members[0].platform.clone(),
                    names: group::names(&members),
                    choice,
                    asked_by: members.iter().map(|ask| (ask.package.clone(), ask.key.clone())).collect(),
                    apart: sharing.apart,
                    without: sharing.without,
                    why,
                });
            }
            Err(problem) => {
                selection.problems.push(*problem);
                selection.unprovided.push(Unprovided {
                    platform: members[0].platform.clone(),
                    names: group::names(&members),
                    asked_by: members.iter().map(|ask| (ask.package.clone(), ask.key.clone())).collect(),
                });
            }
        }
    }
    selection
}

fn choose(asks: &[&Ask], policy: &LibraryPolicy) -> Result<(Choice, String), Box<Problem>> {
    let names = group::names(asks);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let word = word(asks, &names, policy)?;
    // If the policy sets the kind, the packages' own requirements do not count.
    if policy.kind(&names).is_none() {
        kinds::check(asks)?;
    }
    // If a package has alternatives, another of them may be available as the user requires.
    let has_another = |ask: &Ask| ask.optional && sharing::has_found(asks, &ask.package);
    if asks
        .iter()
        .any(|ask| matches!(ask.found, Discovery::NotFound { unmet: true, .. }) && !has_another(ask))
    {
        return Err(Problem::missing(asks));
    }
    // A source build makes an archive, never a shared library.
    let shared = policy.kind(&names) == Some(LinkKind::Dylib);
    let source = || if shared { Ok(None) } else { source(asks) };
    let system_first = |why: &str| system_first(asks, source, why);
    let Some((word, who)) = word else {
        return match asks.iter().find(|ask| ask.prefers_source && ask.source.is_some()) {
            Some(asking) => match source()? {
                Some(choice) => Ok((choice, format!("{} prefers its source", asking.package))),
                None => system_first("it is on the system"),
            },
            None => system_first("it is on the system"),
        };
    };
    match word {
        LibrarySource::SystemOnly => {
            let choice = system(asks)?;
            // An optional request was not found, and its package would build its own source instead, which the
            // setting forbids.
            if let Some(unserved) = sharing::would_build(asks).first() {
                return Err(match &choice {
                    Choice::System { version: Some(version) } => {
                        let finds = asks.iter().find(|ask| is_found(ask)).unwrap_or(unserved);
                        Problem::versions(finds, unserved, version)
                    }
                    _ => Problem::missing(asks),
                });
            }
            let why = if who == "[library-prefix]" { "says where it is" } else { "says system" };
            let why = match choice {
                Choice::Absent => format!("{who} {why}; it is not there, and all that ask can do without"),
                _ => format!("{who} {why}"),
            };
            Ok((choice, why))
        }
        LibrarySource::SourceOnly if shared && asks.iter().any(|ask| ask.source.is_some()) => {
            Err(Problem::shared_source(asks))
        }
        LibrarySource::SourceOnly => source()?
            .map(|choice| (choice, format!("{who} says source")))
            .ok_or_else(|| Problem::no_source(asks, &who)),
        LibrarySource::SourceFirst => match source()? {
            Some(choice) => Ok((choice, format!("{who} says source first"))),
            None => system(asks).map(|choice| (choice, "no package ships its source".into())),
        },
        LibrarySource::SystemFirst => system_first(&format!("{who} says system first")),
    }
}

fn system_first(
    asks: &[&Ask],
    source: impl Fn() -> Result<Option<Choice>, Box<Problem>>,
    why: &str,
) -> Result<(Choice, String), Box<Problem>> {
    match system(asks) {
        Ok(choice @ Choice::System { .. }) => {
            // If a package would build its own source in any case, one source for all is better than two copies in
            // one program.
            if let Some(unserved) = sharing::would_build(asks).first()
                && let Ok(Some(source)) = source()
            {
                let why = format!("{} builds it, since the system's will not do for it", unserved.package);
                return Ok((source, why));
            }
            Ok((choice, why.to_owned()))
        }
        Ok(choice) => {
            let why = match unsuitable(asks) {
                Some(version) => format!("the system's, {version}, will not do"),
                None => "it is not on the system".to_owned(),
            };
            Ok((choice, format!("{why}, and all that ask can do without")))
        }
        Err(problem) => match source()? {
            Some(choice) => Ok((choice, format!("the system's will not do: {}", problem.headline()))),
            None => Err(problem),
        },
    }
}

/// Returns the system's library, if every package that needs it finds it.
fn system(asks: &[&Ask]) -> Result<Choice, Box<Problem>> {
    let found: Vec<(&Ask, &Option<String>)> = asks
        .iter()
        .filter_map(|ask| match &ask.found {
            Discovery::Found { version } => Some((*ask, version)),
            _ => None,
        })
        .collect();
    let missing: Vec<&Ask> =
        asks.iter().copied().filter(|ask| matches!(ask.found, Discovery::NotFound { .. })).collect();
    let version = found.iter().find_map(|(_, version)| version.as_ref());
    let needed = |ask: &&&Ask| !ask.optional;
    if missing.iter().any(|ask| !ask.optional) {
        // One package finds the library and another does not: it is there, and its version suits only the first.
        if let (Some((finds, _)), Some(version)) = (found.first(), version)
            && let Some(other) = missing.iter().filter(needed).find(|ask| !accepts(ask, version))
        {
            return Err(Problem::versions(finds, other, version));
        }
        return Err(Problem::missing(asks));
    }
    if let Some(version) = version
        && let Some(other) = asks.iter().filter(needed).find(|ask| !accepts(ask, version))
    {
        let first = found.first().map_or(asks[0], |(ask, _)| *ask);
        return Err(Problem::versions(first, other, version));
    }
    if found.is_empty() && !missing.is_empty() {
        return Ok(Choice::Absent);
    }
    Ok(Choice::System { version: version.cloned() })
}

/// Returns the source of one of the packages, if it suits every package that needs the library. A source that can
/// be built for others comes before one that cannot, a newer before an older one, then a fixed order makes the
/// choice the same in every build.
///
/// A source of unknown version suits the packages that require no version, and those that can build their own.
fn source(asks: &[&Ask]) -> Result<Option<Choice>, Box<Problem>> {
    let mut builders: Vec<(&Ask, &Source)> =
        asks.iter().filter_map(|ask| Some((*ask, ask.source.as_ref()?))).collect();
    builders.sort_by(|(a, of_a), (b, of_b)| {
        let version = |source: &Source| source.version.clone().unwrap_or_default();
        let shareable = of_b.shareable.cmp(&of_a.shareable);
        let newer = crate::pkgconf::compare_versions(&version(of_b), &version(of_a));
        shareable.then(newer).then_with(|| (&a.package, &a.key).cmp(&(&b.package, &b.key)))
    });
    let mut refused = None;
    for (builder, source) in builders {
        // The other requests of the builder's own package are replaced by this source, too.
        let others = || asks.iter().filter(|ask| !ask.optional && ask.package != builder.package);
        let needy = others().find(|ask| ask.source.is_none());
        let problem = match &source.version {
            Some(version) => asks
                .iter()
                .filter(|ask| !ask.optional)
                .find(|ask| !accepts(ask, version))
                .map(|other| Problem::versions(builder, other, version)),
            None => others()
                .find(|ask| ask.source.is_none() && !ask.version.comparisons.is_empty())
                .map(|other| Problem::unknown_version(builder, other)),
        };
        match (problem, needy) {
            (Some(problem), _) => refused = refused.or(Some(problem)),
            (None, Some(other)) if !source.shareable => {
                refused = refused.or(Some(Problem::not_shared(builder, other)));
            }
            (None, _) => {
                return Ok(Some(Choice::Source {
                    package: builder.package.clone(),
                    key: builder.key.clone(),
                }));
            }
        }
    }
    refused.map_or(Ok(None), Err)
}

#[cfg(test)]
mod tests;
