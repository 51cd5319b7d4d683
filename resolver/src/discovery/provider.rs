//! One provider per library and platform, from all that ask: a pure function, which the driver calls before Cargo
//! starts and writes into the plan.
//!
//! Phases: every package that asks becomes an [`Ask`], with what discovery says for it → asks for the same library
//! on the same platform are grouped ([`group`]) → each group gets one [`Choice`], or a [`Problem`] that names both
//! sides. All problems are reported at once.

mod group;
mod kinds;
mod problem;
mod sharing;

use std::collections::{BTreeMap, BTreeSet};

use inert_manifest_spec::{LinkKind, VersionRange};

use crate::request::{LibraryPolicy, LibrarySource};
pub use problem::Problem;

/// One package's wish for one library.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// The package, as people know it: `libz-sys 1.1.31`.
    pub package: String,
    /// Its key in the package's `library` table.
    pub key: String,
    /// The target triple that it is for.
    pub platform: String,
    /// pkg-config's modules for it.
    pub modules: Vec<String>,
    /// Names as after `-l`.
    pub libs: Vec<String>,
    /// vcpkg's ports for it.
    pub ports: Vec<String>,
    /// Versions that will do.
    pub version: VersionRange,
    /// How it is to be linked, if the package minds.
    pub kind: Option<LinkKind>,
    /// The package can build it from source, in this version where it is known.
    pub source: Option<Source>,
    /// The package would rather build it (`prefer = "source"`).
    pub prefers_source: bool,
    /// What a variable of the package's own asks for, with its name.
    pub by_variable: Option<(LibrarySource, String)>,
    /// Not found is an answer: such a wish never stands in the way of another, be it of its own package (whose
    /// alternatives they are) or of another one.
    pub optional: bool,
    /// What discovery says.
    pub found: Discovery,
}

/// A package's own source of a library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// Its version, if it is known.
    pub version: Option<String>,
    /// It can be built for others: it needs nothing that only its own package is told.
    pub shareable: bool,
}

/// What discovery says for one ask.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Discovery {
    /// Found, in a version where it is known.
    Found {
        /// The version.
        version: Option<String>,
    },
    /// Not found; what to type.
    NotFound {
        /// Remedies, best first.
        remedies: Vec<String>,
        /// Why each method failed, for people.
        tried: Vec<String>,
        /// It is there, or a folder is named for it, and not as the user or the package insists: nothing stands in.
        unmet: bool,
    },
    /// Not asked, since the user's word makes it needless.
    #[default]
    NotAsked,
}

/// Where a group's library comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The system.
    System {
        /// Its version, where it is known.
        version: Option<String>,
    },
    /// The source of one of those that ask; the others share its archive.
    Source {
        /// Which package builds it.
        package: String,
        /// Its key there.
        key: String,
    },
    /// Nobody; all that ask can do without.
    Absent,
}

/// One library on one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The target triple.
    pub platform: String,
    /// Every name that it is known by: keys, modules, `-l` names.
    pub names: BTreeSet<String>,
    /// Who provides it.
    pub choice: Choice,
    /// Who asked: package and key.
    pub asked_by: Vec<(String, String)>,
    /// Those of them that build their own source all the same: package and key.
    pub apart: Vec<(String, String)>,
    /// Those of them that go without, since the one chosen will not do for them and they can: package and key.
    pub without: Vec<(String, String)>,
    /// Why this one, for `explain`.
    pub why: String,
}

/// One library on one platform for which there is no provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprovided {
    /// The target triple.
    pub platform: String,
    /// Every name that it is known by.
    pub names: BTreeSet<String>,
    /// Who asked: package and key.
    pub asked_by: Vec<(String, String)>,
}

/// Asks for one library on one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Their numbers.
    pub members: Vec<usize>,
    /// Every name that they know it by.
    pub names: BTreeSet<String>,
}

/// Which asks are for one library; what discovery says of them is of no account.
#[must_use]
pub fn groups(asks: &[Ask]) -> Vec<Group> {
    let group = |members: Vec<usize>| {
        let names = group::names(&members.iter().map(|at| &asks[*at]).collect::<Vec<_>>());
        Group { members, names }
    };
    group::groups(asks).into_iter().map(group).collect()
}

/// Where the library is to come from for all of them: the user's word, else what a package's variable asks for, with
/// who says so.
///
/// # Errors
/// The user says two things of one library, or two variables do.
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
        let table = if policy.names_prefix(names) && !own { "[library-prefix]" } else { "[libraries]" };
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

/// What the driver writes into the plan, or reports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// One for each library and platform.
    pub chosen: Vec<Chosen>,
    /// All that stands against it.
    pub problems: Vec<Problem>,
    /// Of each problem: the target triple, the library's names, and who asked.
    pub unprovided: Vec<Unprovided>,
    /// What the user should know: libraries that come from two places in one build, and why.
    pub warnings: Vec<String>,
}

/// Fixes a provider for everything that is asked for, by the user's word for each platform.
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
    // Where the user says which, no one else's wish counts.
    if policy.kind(&names).is_none() {
        kinds::check(asks)?;
    }
    // Of one package's alternatives the others may be what the user insists on.
    let has_another = |ask: &Ask| ask.optional && sharing::has_found(asks, &ask.package);
    if asks
        .iter()
        .any(|ask| matches!(ask.found, Discovery::NotFound { unmet: true, .. }) && !has_another(ask))
    {
        return Err(Problem::missing(asks));
    }
    // What is built from source is an archive.
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
            // One that may be missing, in whose place its package would build its own: that is what is not to be.
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
            Ok((choice, format!("{who} {why}")))
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
            // Where one builds its own all the same, one that will do for all is better than two in one program.
            if let Some(unserved) = sharing::would_build(asks).first()
                && let Ok(Some(source)) = source()
            {
                let why = format!("{} builds it, since the system's will not do for it", unserved.package);
                return Ok((source, why));
            }
            Ok((choice, why.to_owned()))
        }
        Ok(choice) => Ok((choice, "it is not on the system, and all that ask can do without".to_owned())),
        Err(problem) => match source()? {
            Some(choice) => Ok((choice, format!("the system's will not do: {}", problem.headline()))),
            None => Err(problem),
        },
    }
}

/// The system's, if it is there for all that need it.
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
        // One finds it and another does not: then it is there, and their ranges part them.
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

/// The source of one that asks, if it will do for all that need it: one that can be built for others before one that
/// cannot, the newer before the older, then in a fixed order, so that it is the same one in every build.
///
/// One whose version is not known will do for whoever asks for none, and for those that can build their own.
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
        // Its own package's other questions have this source in their place, too.
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

fn is_found(ask: &Ask) -> bool {
    matches!(ask.found, Discovery::Found { .. })
}

fn accepts(ask: &Ask, version: &str) -> bool {
    ask.version
        .comparisons
        .iter()
        .all(|test| crate::pkgconf::Operator::parse(&test.operator.to_string()).holds(version, &test.value))
}

#[cfg(test)]
mod tests;
