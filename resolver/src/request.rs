//! What a resolution is about: the package, the target, the features, the compiler. Plain data.

mod from_env;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use inert_manifest_spec::condition::{Channel, Version};
use inert_manifest_spec::{LinkKind, SearchKind};

pub use from_env::{EnvError, scrubbed};
pub use inert_vendored_fallbacks::jobs::Jobs;

/// One run of a stand-in, or the same before the build.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The package whose declaration is resolved.
    pub package: Package,
    /// What is built for.
    pub target: Target,
    /// The triple that is built on.
    pub host: String,
    /// The package's enabled features, as Cargo spells them.
    pub features: BTreeSet<String>,
    /// Cargo's `PROFILE`.
    pub profile: String,
    /// Cargo's `OPT_LEVEL`.
    pub opt_level: String,
    /// Cargo's `DEBUG` is not `false`, `0` or `none`.
    pub debug: bool,
    /// Cargo's `OUT_DIR`, absolute. Empty before the build.
    pub out_dir: PathBuf,
    /// The compiler.
    pub rustc: Rustc,
    /// Metadata of dependencies.
    pub dep: DepMetadata,
    /// Roots of the resolved build-dependencies' packages, by name as in `[build-dependencies]`.
    pub build_dependencies: BTreeMap<String, PathBuf>,
    /// Cargo's `CARGO_ENCODED_RUSTFLAGS`, decoded.
    pub rustflags: Vec<String>,
    /// Libraries for which the driver has fixed the provider before the build.
    pub providers: BTreeMap<String, Provider>,
    /// The user's word on where libraries come from.
    pub libraries: LibraryPolicy,
    /// Archives (`cc-library`) that are not to be built, each with the library that it stands for: the user has that from
    /// the system. A declaration that comes to build one fails.
    pub not_built: BTreeMap<String, String>,
    /// Store of shared archives and objects, in the driver's build dir; none builds in `OUT_DIR` alone.
    pub store: Option<PathBuf>,
    /// How many compilers may run at once.
    pub jobs: Jobs,
    /// What the stand-in names in `rerun-if-changed` instead of what it read; the driver touches it when it must run.
    pub stamp: Option<PathBuf>,
}

/// A package.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version, as written.
    pub version: String,
    /// Its folder, absolute.
    pub manifest_dir: PathBuf,
    /// Its `links`.
    pub links: Option<String>,
    /// Its `rust-version`, as written.
    pub rust_version: Option<String>,
}

/// A target and its cfgs as `rustc --print cfg` has them.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// The triple, a JSON target's file stem.
    pub triple: String,
    /// By name; `None` is a bare option (`unix`), otherwise the values.
    pub cfgs: BTreeMap<String, Option<Vec<String>>>,
}

/// The compiler that Cargo uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rustc {
    /// Absolute path.
    pub path: PathBuf,
    /// Its version, suffix put aside.
    pub version: Version,
    /// Its version as it prints it, `1.97.0-nightly`.
    pub version_text: String,
    /// Its channel.
    pub channel: Channel,
    /// Its commit, none in a distributor's build.
    pub commit_hash: Option<String>,
    /// Its commit's date.
    pub commit_date: Option<String>,
    /// Its LLVM.
    pub llvm: Option<Version>,
    /// The triple that it runs on.
    pub host: String,
}

/// Metadata of dependencies with `links`, by the variable that Cargo sets for it, `DEP_<LINKS>_<KEY>`: where one
/// name ends and the other begins cannot be told from it, so it is only ever asked by both.
#[derive(Debug, Clone, Default)]
pub struct DepMetadata {
    /// By variable.
    pub variables: BTreeMap<String, String>,
    /// The `links` names of the package's own dependencies, each with what is believed of it. `None` where nobody knows
    /// them (plain cargo): then each variable is taken as it is, and its paths lead where they lead.
    pub producers: Option<BTreeMap<String, Said>>,
}

/// What is believed of the metadata of a `links` name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Whatever the environment has: its script runs.
    Anything,
    /// The metadata that its stand-in said.
    Only {
        /// Variables with their values.
        values: BTreeSet<(String, String)>,
        /// Folders in which its paths may lie: its producer's package, its OUT_DIR, and the prefixes that its libraries were
        /// found in. A path elsewhere is refused.
        roots: Vec<PathBuf>,
    },
}

/// A library's provider as the driver fixed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provider {
    /// The system's: discovery runs, no fallback.
    System,
    /// Built from source: no discovery.
    Source,
    /// Nobody: what the build links will not do for this package, which can do without.
    Absent,
    /// An archive that another package of the build has built or will build.
    Shared {
        /// What is linked.
        libs: Vec<(String, Option<LinkKind>)>,
        /// Where it lies.
        search: Vec<(PathBuf, Option<SearchKind>)>,
        /// Include folders.
        include: Vec<PathBuf>,
        /// Its version, where known.
        version: Option<String>,
    },
}

/// `inert.toml` `[libraries]`: system first, source first, source only, never source; per library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LibraryPolicy {
    /// For all that are not named.
    pub default: Option<LibrarySource>,
    /// By the `library` key, or the pkg-config module's name.
    pub by_name: BTreeMap<String, LibrarySource>,
    /// Static or shared, by the same names; `default` is for all others.
    pub kind: BTreeMap<String, LinkKind>,
    /// The folder that a library lies under, by the same names; `default` is for all others. Nowhere else is it looked for.
    pub prefix: BTreeMap<String, PathBuf>,
    /// Names of whose place a minimum policy speaks.
    pub guarded: BTreeSet<String>,
    /// Names of whose place only the tree under a minimum policy speaks: not to be those of a guarded library.
    pub by_tree: BTreeSet<String>,
}

/// Where a library may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LibrarySource {
    /// The system's where it is found, else built.
    SystemFirst,
    /// Built where the package ships its source, else the system's.
    SourceFirst,
    /// Built, or an error.
    SourceOnly,
    /// The system's, or an error.
    SystemOnly,
}

/// The folders of each stand-in among these that said a value.
fn said_by<'a>(
    producers: &[&'a Said],
    variable: &str,
    value: &str,
) -> impl Iterator<Item = &'a Vec<PathBuf>> + use<'a> {
    let pair = (variable.to_owned(), value.to_owned());
    producers.to_vec().into_iter().filter_map(move |said| match said {
        Said::Only { values, roots } if values.contains(&pair) => Some(roots),
        _ => None,
    })
}

impl DepMetadata {
    /// The value that dependents read as `DEP_<LINKS>_<KEY>`. Another name's metadata may come in the same variable
    /// (`a` with the key `b_c`, `a_b` with `c`), so what `links` is known to have said decides, not the variable's name.
    #[must_use]
    pub fn get(&self, links: &str, key: &str) -> Option<&str> {
        let variable = Self::variable(links, key);
        let value = self.variables.get(&variable)?;
        let Some(producers) = self.producers_of(links, key) else { return Some(value) };
        let believed = said_by(&producers, &variable, value).next().is_some()
            || !producers.is_empty() && producers.iter().all(|said| **said == Said::Anything);
        believed.then_some(value)
    }

    /// The folders in which the paths of a value may lie that [`get`](Self::get) gives: those of who said it. None where it is
    /// not held to any: who said it is a script that runs, or nobody knows (plain cargo).
    #[must_use]
    pub fn roots(&self, links: &str, key: &str) -> Option<Vec<&PathBuf>> {
        let variable = Self::variable(links, key);
        let value = self.variables.get(&variable)?;
        let producers = self.producers_of(links, key)?;
        let mut said = said_by(&producers, &variable, value).peekable();
        said.peek()?;
        Some(said.flatten().collect())
    }

    /// Whose metadata is meant: that of the dependency of this name, in whatever spelling; else that of each that can have
    /// said it, since a declaration that was derived has the variable alone, and guesses where the name ends. None where nobody
    /// knows the dependencies.
    fn producers_of(&self, links: &str, key: &str) -> Option<Vec<&Said>> {
        let producers = self.producers.as_ref()?;
        let start = |links: &str| Self::variable(links, "");
        let named: Vec<&Said> = producers
            .iter()
            .filter(|(known, _)| start(known) == start(links))
            .map(|(_, said)| said)
            .collect();
        if !named.is_empty() {
            return Some(named);
        }
        let variable = Self::variable(links, key);
        let can = producers.iter().filter(|(known, _)| variable.starts_with(&start(known)));
        Some(can.map(|(_, said)| said).collect())
    }

    /// Sets a value.
    pub fn set(&mut self, links: &str, key: &str, value: impl Into<String>) {
        self.variables.insert(Self::variable(links, key), value.into());
    }

    /// The variable that Cargo sets: both names in upper case, `-` as `_`.
    #[must_use]
    pub fn variable(links: &str, key: &str) -> String {
        let shout = |name: &str| name.to_uppercase().replace('-', "_");
        format!("DEP_{}_{}", shout(links), shout(key))
    }
}

impl LibraryPolicy {
    /// What holds for a library that is known by any of these names.
    #[must_use]
    pub fn source(&self, names: &[&str]) -> Option<LibrarySource> {
        let own = names.iter().find_map(|name| self.by_name.get(*name).copied());
        // A folder for the library itself says where it comes from, whatever is said of all.
        own.or_else(|| self.names_prefix(names).then_some(LibrarySource::SystemOnly)).or(self.default)
    }

    /// How a library that is known by any of these names is linked.
    #[must_use]
    pub fn kind(&self, names: &[&str]) -> Option<LinkKind> {
        names.iter().chain(&["default"]).find_map(|name| self.kind.get(*name).copied())
    }

    /// Where a library that is known by any of these names lies.
    #[must_use]
    pub fn prefix(&self, names: &[&str]) -> Option<&PathBuf> {
        names.iter().chain(&["default"]).find_map(|name| self.prefix.get(*name))
    }

    /// Whether that is said of the library itself, and not of all.
    #[must_use]
    pub fn names_prefix(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.prefix.contains_key(*name))
    }

    /// The same word with what it says of the library by any of its names said by `key`, so that who knows only that
    /// key hears it.
    #[must_use]
    pub fn for_key(&self, key: &str, names: &[&str]) -> Self {
        fn lift<V: Clone>(table: &mut BTreeMap<String, V>, key: &str, names: &[&str]) {
            if let Some(said) = names.iter().find_map(|name| table.get(*name)).cloned() {
                table.insert(key.to_owned(), said);
            }
        }
        let mut policy = self.clone();
        lift(&mut policy.by_name, key, names);
        lift(&mut policy.kind, key, names);
        lift(&mut policy.prefix, key, names);
        policy
    }

    /// The table, and two of a library's names, of which it says different things.
    #[must_use]
    pub fn contradiction(&self, names: &[&str]) -> Option<(&'static str, String, String)> {
        fn differing<V: PartialEq>(table: &BTreeMap<String, V>, names: &[&str]) -> Option<(String, String)> {
            let mut said = names.iter().filter_map(|name| Some((*name, table.get(*name)?)));
            let (first, value) = said.next()?;
            said.find(|(_, other)| *other != value).map(|(other, _)| (first.to_owned(), other.to_owned()))
        }
        let guarded = names.iter().find(|name| self.guarded.contains(**name));
        let by_tree =
            names.iter().find(|name| self.by_tree.contains(**name) && !self.guarded.contains(**name));
        if let (Some(guarded), Some(by_tree)) = (guarded, by_tree) {
            return Some(("libraries", (*guarded).to_owned(), (*by_tree).to_owned()));
        }
        let of = |table: &'static str, found: Option<(String, String)>| {
            found.map(|(one, other)| (table, one, other))
        };
        of("libraries", differing(&self.by_name, names))
            .or_else(|| of("library-kind", differing(&self.kind, names)))
            .or_else(|| of("library-prefix", differing(&self.prefix, names)))
    }
}

impl Default for Rustc {
    fn default() -> Self {
        Self {
            path: PathBuf::new(),
            version: Version { major: 1, minor: 0, patch: 0 },
            version_text: String::new(),
            channel: Channel::Stable,
            commit_hash: None,
            commit_date: None,
            llvm: None,
            host: String::new(),
        }
    }
}

impl Rustc {
    /// Reads what `rustc -vV` prints.
    ///
    /// # Errors
    ///
    /// The line that is missing or not understood.
    pub fn parse(path: PathBuf, verbose_version: &str) -> Result<Self, String> {
        let field = |name: &str| {
            let line = verbose_version.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.map(str::trim).filter(|value| *value != "unknown").map(str::to_owned)
        };
        let release = field("release").ok_or("`rustc -vV` printed no `release:` line")?;
        let (numbers, suffix) = release.split_once('-').unwrap_or((&release, ""));
        let channel = match suffix {
            "" => Channel::Stable,
            "dev" => Channel::Dev,
            suffix if suffix.starts_with("beta") => Channel::Beta,
            suffix if suffix.starts_with("nightly") => Channel::Nightly,
            _ => return Err(format!("`rustc -vV` printed a release that is not understood: {release:?}")),
        };
        Ok(Self {
            path,
            version: parse_version(numbers).ok_or_else(|| format!("not a version: {release:?}"))?,
            channel,
            commit_hash: field("commit-hash"),
            commit_date: field("commit-date"),
            llvm: field("LLVM version").and_then(|text| parse_version(&text)),
            host: field("host").unwrap_or_default(),
            version_text: release,
        })
    }
}

/// A dotted version with one to three numbers; what follows them is put aside.
pub(crate) fn parse_version(text: &str) -> Option<Version> {
    let mut numbers = text.split(['-', '+']).next()?.splitn(3, '.').map(|part| part.parse::<u64>().ok());
    let major = numbers.next()??;
    let minor = numbers.next().unwrap_or(Some(0))?;
    let patch = numbers.next().unwrap_or(Some(0))?;
    Some(Version { major, minor, patch })
}
