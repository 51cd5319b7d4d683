//! One provider per library and platform, from all that ask: a pure function, which the driver calls before Cargo
//! starts and writes into the plan.
//!
//! Phases: every package that asks becomes an [`Ask`], with what discovery says for it → asks for the same library
//! on the same platform are grouped ([`group`]) → each group gets one [`Choice`], or a [`Problem`] that names both
//! sides. All problems are reported at once.

mod group;
mod kinds;
mod problem;

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
    /// Not found is an answer.
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
        match choose(&members, policies.get(&members[0].platform).unwrap_or(&none)) {
            Ok((choice, why)) => {
                let apart = apart(&members, &choice, &mut selection.warnings);
                selection.chosen.push(Chosen {
                    platform: members[0].platform.clone(),
                    names: group::names(&members),
                    choice,
                    asked_by: members.iter().map(|ask| (ask.package.clone(), ask.key.clone())).collect(),
                    apart,
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
    if asks.iter().any(|ask| matches!(ask.found, Discovery::NotFound { unmet: true, .. })) {
        return Err(Problem::missing(asks));
    }
    let system = || system(asks);
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
        LibrarySource::SystemOnly => match system()? {
            // One that may be missing, in whose place its package would build its own: that is what is not to be.
            Choice::Absent if asks.iter().any(|ask| ask.source.is_some()) => Err(Problem::missing(asks)),
            choice if who == "[library-prefix]" => Ok((choice, format!("{who} says where it is"))),
            choice => Ok((choice, format!("{who} says system"))),
        },
        LibrarySource::SourceOnly if shared && asks.iter().any(|ask| ask.source.is_some()) => {
            Err(Problem::shared_source(asks))
        }
        LibrarySource::SourceOnly => source()?
            .map(|choice| (choice, format!("{who} says source")))
            .ok_or_else(|| Problem::no_source(asks, &who)),
        LibrarySource::SourceFirst => match source()? {
            Some(choice) => Ok((choice, format!("{who} says source first"))),
            None => system().map(|choice| (choice, "no package ships its source".into())),
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
        Ok(choice) => Ok((choice, why.to_owned())),
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
    if missing.iter().any(|ask| !ask.optional) {
        // One finds it and another does not: then it is there, and their ranges part them.
        if let (Some((finds, _)), Some(version)) = (found.first(), version)
            && let Some(other) = missing.iter().find(|ask| !accepts(ask, version))
        {
            return Err(Problem::versions(finds, other, version));
        }
        return Err(Problem::missing(asks));
    }
    if let Some(version) = version
        && let Some(other) = asks.iter().find(|ask| !accepts(ask, version))
    {
        let first = found.first().map_or(asks[0], |(ask, _)| *ask);
        return Err(Problem::versions(first, other, version));
    }
    if found.is_empty() && !missing.is_empty() {
        return Ok(Choice::Absent);
    }
    Ok(Choice::System { version: version.cloned() })
}

/// The source of one that asks, if it will do for all: one that can be built for others before one that cannot, the
/// newer before the older, then in a fixed order, so that it is the same one in every build.
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
        let others =
            || asks.iter().filter(|ask| (&ask.package, &ask.key) != (&builder.package, &builder.key));
        let needy = others().find(|ask| ask.source.is_none() && !ask.optional);
        let problem = match &source.version {
            Some(version) => asks
                .iter()
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

/// Those that cannot take the chosen one's archive and build their own; why is said.
fn apart(asks: &[&Ask], choice: &Choice, warnings: &mut Vec<String>) -> Vec<(String, String)> {
    let Choice::Source { package, key } = choice else { return Vec::new() };
    let Some(builder) = asks.iter().find(|ask| ask.package == *package && ask.key == *key) else {
        return Vec::new();
    };
    let source = builder.source.clone().unwrap_or_default();
    let mut apart = Vec::new();
    for ask in asks.iter().filter(|ask| ask.source.is_some() && (&ask.package, &ask.key) != (package, key)) {
        let why = if !source.shareable {
            format!("{package}'s is made with what only its own script is told")
        } else if source.version.is_none() && !ask.version.comparisons.is_empty() {
            format!(
                "the version of {package}'s is not known, and {} needs {}",
                ask.package,
                problem::range(ask)
            )
        } else {
            continue;
        };
        apart.push((ask.package.clone(), ask.key.clone()));
        warnings.push(format!(
            "{package} and {} each build their own {}: {why}",
            ask.package,
            problem::title(builder)
        ));
    }
    apart
}

fn accepts(ask: &Ask, version: &str) -> bool {
    ask.version
        .comparisons
        .iter()
        .all(|test| crate::pkgconf::Operator::parse(&test.operator.to_string()).holds(version, &test.value))
}

#[cfg(test)]
mod tests;
