//! The reasons why a library has no provider: values that name every package concerned.

use std::fmt;

use inert_manifest_spec::VersionRange;
use inert_manifest_spec::condition::Operator;

use super::{Ask, Discovery};
use crate::pkgconf::compare_versions;

/// Native code that a package brings along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bundle {
    /// C that is compiled into this archive, by the name of its `cc-library`.
    Compiled(String),
    /// Files that are shipped compiled, by their paths in the package.
    Shipped(Vec<String>),
}

/// A feature of a package that by its name has it link the system's library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// The name of the feature.
    pub name: String,
    /// True if the package's declaration covers a build with the feature.
    pub replaced: bool,
}

/// A reason why a library has no provider.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields say what their names say")]
pub enum Problem {
    /// The library is not there.
    Missing {
        library: String,
        platform: String,
        /// Each package, with the versions that it needs.
        asked_by: Vec<(String, String)>,
        tried: Vec<String>,
        remedies: Vec<String>,
        /// True if the library, or a folder that is named for it, is there, but not as requested.
        unmet: bool,
        /// The version that is on the system, if it is one that is not accepted.
        has: Option<String>,
        /// Two of the packages, if no version suits both.
        disjoint: Option<(String, String)>,
    },
    /// A version that one package accepts and another refuses.
    Versions {
        library: String,
        platform: String,
        version: String,
        accepts: (String, String),
        refuses: (String, String),
        /// True if no version at all suits both.
        disjoint: bool,
    },
    /// One package requires an archive and another a shared library.
    Kinds { library: String, platform: String, wants_static: String, wants_shared: String },
    /// The user, or a package's variable, requires a source build, and no package ships the source.
    NoSource { library: String, platform: String, asked_by: Vec<String>, who: String },
    /// The policy requires the system's library, and a package builds it whatever is found.
    Built {
        library: String,
        platform: String,
        package: String,
        /// The `cc-library` that the package builds.
        archive: String,
        /// The condition under which its declaration looks for the system's, if there is one.
        looks_when: Option<String>,
    },
    /// The policy requires the system's library, and a package brings along code that no library of the system's is
    /// known to stand for.
    Bundled {
        library: String,
        platform: String,
        package: String,
        what: Bundle,
        /// The version of what is bundled, if it is known.
        version: Option<String>,
        /// The features of the package that by their names have it link the system's.
        features: Vec<Feature>,
    },
    /// Two settings contradict each other.
    Contradiction { library: String, platform: String, asked_by: Vec<String>, one: String, other: String },
    /// Only another package ships the source, and its archive cannot be shared.
    NotShared {
        library: String,
        platform: String,
        /// The package that ships it.
        builder: String,
        /// The package that needs it and does not ship it.
        needs: String,
        why: String,
    },
    /// The user requires a shared library from a source build, which makes an archive.
    SharedSource { library: String, platform: String, asked_by: Vec<String> },
}

impl Problem {
    pub(super) fn missing(asks: &[&Ask]) -> Box<Self> {
        let (mut tried, mut remedies) = (Vec::new(), Vec::new());
        for ask in asks {
            if let Discovery::NotFound { remedies: more, tried: attempts, .. } = &ask.found {
                add(&mut tried, attempts);
                add(&mut remedies, more);
            }
        }
        Box::new(Self::Missing {
            library: title(asks[0]),
            platform: asks[0].platform.clone(),
            asked_by: asks.iter().map(|ask| (ask.package.clone(), range(ask))).collect(),
            tried,
            remedies,
            unmet: asks.iter().any(|ask| matches!(ask.found, Discovery::NotFound { unmet: true, .. })),
            has: super::unsuitable(asks).map(str::to_owned),
            disjoint: asks.iter().enumerate().find_map(|(at, ask)| {
                let other = asks[..at].iter().find(|other| disjoint(&other.version, &ask.version))?;
                Some((other.package.clone(), ask.package.clone()))
            }),
        })
    }

    pub(super) fn versions(accepts: &Ask, refuses: &Ask, version: &str) -> Box<Self> {
        Box::new(Self::Versions {
            library: title(accepts),
            platform: accepts.platform.clone(),
            version: version.to_owned(),
            accepts: (accepts.package.clone(), range(accepts)),
            refuses: (refuses.package.clone(), range(refuses)),
            disjoint: disjoint(&accepts.version, &refuses.version),
        })
    }

    pub(super) fn contradiction(asks: &[&Ask], one: &str, other: &str) -> Box<Self> {
        Box::new(Self::Contradiction {
            library: title(asks[0]),
            platform: asks[0].platform.clone(),
            asked_by: asks.iter().map(|ask| ask.package.clone()).collect(),
            one: one.to_owned(),
            other: other.to_owned(),
        })
    }

    pub(super) fn no_source(asks: &[&Ask], who: &str) -> Box<Self> {
        Box::new(Self::NoSource {
            who: who.to_owned(),
            library: title(asks[0]),
            platform: asks[0].platform.clone(),
            asked_by: asks.iter().map(|ask| ask.package.clone()).collect(),
        })
    }

    pub(super) fn not_shared(builder: &Ask, needs: &Ask) -> Box<Self> {
        let why = "it is made with what only that package's own script is told".to_owned();
        Self::of_two(builder, needs, why)
    }

    pub(super) fn unknown_version(builder: &Ask, needs: &Ask) -> Box<Self> {
        Self::of_two(
            builder,
            needs,
            format!("its version is not known, and{} is needed", spaced(&range(needs))),
        )
    }

    fn of_two(builder: &Ask, needs: &Ask, why: String) -> Box<Self> {
        Box::new(Self::NotShared {
            library: title(builder),
            platform: builder.platform.clone(),
            builder: builder.package.clone(),
            needs: needs.package.clone(),
            why,
        })
    }

    pub(super) fn shared_source(asks: &[&Ask]) -> Box<Self> {
        Box::new(Self::SharedSource {
            library: title(asks[0]),
            platform: asks[0].platform.clone(),
            asked_by: asks.iter().map(|ask| ask.package.clone()).collect(),
        })
    }

    /// Returns the problem in one line.
    #[must_use]
    pub fn headline(&self) -> String {
        match self {
            Self::Missing { library, platform, unmet: true, .. } => {
                format!("{library} is not to be had as it is asked for, for {platform}")
            }
            Self::Missing { library, platform, has: Some(version), .. } => {
                format!("{library} on this system, for {platform}, is {version}, which will not do")
            }
            Self::Missing { library, platform, .. } => {
                format!("{library} is not on this system, for {platform}")
            }
            Self::Versions { library, version, accepts, refuses, .. } => format!(
                "{} needs {library}{}, {} needs {library}{}, and this one is {version}",
                accepts.0,
                spaced(&accepts.1),
                refuses.0,
                spaced(&refuses.1)
            ),
            Self::Kinds { library, wants_static, wants_shared, .. } => {
                format!("{wants_static} insists on a static {library}, {wants_shared} on a shared one")
            }
            Self::NoSource { library, asked_by, who, .. } => format!(
                "{library} is to be built from source, as {who} says, and no package of this build ships it; {} \
                 needs it",
                asked_by.join(" and ")
            ),
            Self::Built { library, package, archive, .. } => format!(
                "{package} builds {library} (cc-library `{archive}`) with the features and variables of this build, and \
                 inert.toml says that it comes from the system"
            ),
            Self::Bundled { library, package, what, version, .. } => {
                let version = version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
                let what = match what {
                    Bundle::Compiled(archive) => format!("compiles its own (cc-library `{archive}`)"),
                    Bundle::Shipped(files) => format!("links what it ships compiled ({})", some(files)),
                };
                format!(
                    "{library}{version} is to come from the system, and {package} {what}: its declaration asks for no \
                     library of the system"
                )
            }
            Self::Contradiction { library, asked_by, one, other, .. } => format!(
                "{one} and {other} say different things of one library, {library} (asked for by {})",
                asked_by.join(" and ")
            ),
            Self::NotShared { library, builder, needs, why, .. } => {
                format!("{needs} needs the {library} that {builder} ships, and cannot have it: {why}")
            }
            Self::SharedSource { library, .. } => format!(
                "{library} is to be built from source and linked as a shared library, and what is built from source is an \
                 archive"
            ),
        }
    }

    /// Returns the things to type next, best first.
    #[must_use]
    pub fn remedies(&self) -> Vec<String> {
        match self {
            Self::Missing { remedies, unmet: true, .. } if remedies.is_empty() => {
                vec!["install what is missing there, or take back what asks for it".to_owned()]
            }
            Self::Missing { remedies, disjoint: None, .. } => remedies.clone(),
            Self::Missing { library, remedies, disjoint: Some((one, other)), .. } => {
                let mut lines = vec![apart(library, one, other)];
                lines.extend(remedies.iter().cloned());
                lines
            }
            Self::Versions { library, accepts, refuses, disjoint: true, .. } => {
                vec![apart(library, &accepts.0, &refuses.0)]
            }
            Self::Versions { library, refuses, .. } => vec![
                format!("install {library}{}, which {} accepts", spaced(&refuses.1), refuses.0),
                format!(
                    "or let it be built from source, where a package ships it: `{library} = \"source-first\"` under [libraries] in inert.toml"
                ),
            ],
            Self::Kinds { library, .. } => {
                vec![format!(
                    "say which under [library-kind] in inert.toml: `{library} = \"static\"` or `\"shared\"`"
                )]
            }
            Self::Built { package, looks_when: Some(when), .. } => vec![
                format!("turn off what has it built: {package} looks for the system's where `{when}`"),
                "or take back what inert.toml says of it".to_owned(),
            ],
            Self::Built { library, package, looks_when: None, .. } => vec![format!(
                "{package} does not look for the system's: `{library} = \"source\"` under [libraries] lets it be built"
            )],
            Self::Bundled { library, package, features, .. } => bundled(library, package, features),
            Self::Contradiction { .. } => vec!["say it once".to_owned()],
            Self::NoSource { library, .. }
            | Self::NotShared { library, .. }
            | Self::SharedSource { library, .. } => {
                vec![format!(
                    "to have the system's: `{library} = \"system-only\"` under [libraries] in inert.toml"
                )]
            }
        }
    }
}

/// Returns the advice on what a package brings along: the feature for the system's, and the line that accepts it.
fn bundled(library: &str, package: &str, features: &[Feature]) -> Vec<String> {
    let (name, version) = package.split_once(' ').unwrap_or((package, ""));
    let version = version.split_once('+').map_or(version, |(version, _)| version);
    let of_feature = features.iter().map(|Feature { name: feature, replaced }| {
        let script = match replaced {
            true => "",
            false => "; with it the script is not replaced, and needs an entry of its own",
        };
        format!(
            "{name} has a feature `{feature}`, by its name for the system's: `{name} = {{ version = \"{version}\", features = \
             [\"{feature}\"] }}` in Cargo.toml{script}"
        )
    });
    let accepted = format!(
        "to link it all the same: `{library} = \"source\"` under [libraries] in inert.toml, or `--library {library}=source`"
    );
    of_feature.chain([accepted]).collect()
}

/// Returns the first of some files, and how many others there are.
fn some(files: &[String]) -> String {
    match files {
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
        [] => String::new(),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())
    }
}

/// Returns the name that people use for the library: pkg-config's module, which `[libraries]` accepts too, else the
/// package's key.
pub(super) fn title(ask: &Ask) -> String {
    ask.modules.first().unwrap_or(&ask.key).clone()
}

pub(super) fn range(ask: &Ask) -> String {
    let parts: Vec<_> =
        ask.version.comparisons.iter().map(|test| format!("{}{}", test.operator, test.value)).collect();
    parts.join(", ")
}

/// Returns the advice if no version suits both packages: installing another version does not help.
fn apart(library: &str, one: &str, other: &str) -> String {
    format!("no {library} will do for both: take versions of {one} and {other} that agree on one")
}

/// Returns whether no version is in both ranges: the lower bound of one is above the upper bound of the other.
pub(super) fn disjoint(one: &VersionRange, other: &VersionRange) -> bool {
    let bounds = || one.comparisons.iter().chain(&other.comparisons);
    bounds().any(|low| {
        let least = matches!(low.operator, Operator::GreaterEqual | Operator::Greater | Operator::Equal);
        least
            && bounds().any(|high| {
                let order = compare_versions(&low.value, &high.value);
                match high.operator {
                    Operator::Less => order.is_ge(),
                    Operator::LessEqual | Operator::Equal => {
                        order.is_gt() || (order.is_eq() && low.operator == Operator::Greater)
                    }
                    _ => false,
                }
            })
    })
}

pub(super) fn spaced(range: &str) -> String {
    if range.is_empty() { " in any version".to_owned() } else { format!(" {range}") }
}

fn add(list: &mut Vec<String>, more: &[String]) {
    for line in more {
        if !list.contains(line) {
            list.push(line.clone());
        }
    }
}
