//! The request of a resolution: the package, the target, the features, the compiler. Plain data.

mod from_env;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use inert_manifest_spec::condition::{Channel, Version};
use inert_manifest_spec::{LinkKind, SearchKind};

pub use from_env::{EnvError, scrubbed};
pub use inert_vendored_fallbacks::jobs::Jobs;
use inert_vendored_fallbacks::store::StorePlace;

/// The facts of one run of a stand-in, or of the same run before the build.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The package whose declaration is resolved.
    pub package: Package,
    /// The target that is built for.
    pub target: Target,
    /// The triple of the host.
    pub host: String,
    /// The package's enabled features, as Cargo spells them.
    pub features: BTreeSet<String>,
    /// The profile, Cargo's `PROFILE`.
    pub profile: String,
    /// The optimization level, Cargo's `OPT_LEVEL`.
    pub opt_level: String,
    /// True if Cargo's `DEBUG` is not `false`, `0` or `none`.
    pub debug: bool,
    /// Cargo's `OUT_DIR`, absolute. Empty before the build.
    pub out_dir: PathBuf,
    /// The compiler that Cargo uses.
    pub rustc: Rustc,
    /// The metadata of dependencies with `links`.
    pub dep: DepMetadata,
    /// The roots of the resolved build-dependencies' packages, by name as in `[build-dependencies]`.
    pub build_dependencies: BTreeMap<String, PathBuf>,
    /// The flags for rustc: Cargo's `CARGO_ENCODED_RUSTFLAGS`, decoded.
    pub rustflags: Vec<String>,
    /// The libraries whose provider the driver has chosen before the build.
    pub providers: BTreeMap<String, Provider>,
    /// The policy setting for the sources of libraries.
    pub libraries: LibraryPolicy,
    /// The archives (`cc-library`) that must not be built, each with the library that it replaces: the policy takes
    /// that one from the system. A declaration that needs such an archive fails.
    pub not_built: BTreeMap<String, String>,
    /// True if archives only count as built, and no compiler starts: for showing what a declaration says on another target.
    pub assume_builds: bool,
    /// The store of objects and archives; without one, everything is compiled.
    pub store: Option<StorePlace>,
    /// The limit for compilers that run at once.
    pub jobs: Jobs,
    /// The file that the stand-in names in `rerun-if-changed` in place of the files it read; the driver touches it
    /// when the stand-in must run.
    pub stamp: Option<PathBuf>,
}

/// The package that is resolved.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// The package's name.
    pub name: String,
    /// The package's version, as written.
    pub version: String,
    /// The package's folder, absolute.
    pub manifest_dir: PathBuf,
    /// The package's `links` value.
    pub links: Option<String>,
    /// The package's `rust-version`, as written.
    pub rust_version: Option<String>,
}

/// A target and its cfgs, as printed by `rustc --print cfg`.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// The triple, or the file stem of a JSON target.
    pub triple: String,
    /// The cfgs by name; `None` is a bare option (`unix`), otherwise the values.
    pub cfgs: BTreeMap<String, Option<Vec<String>>>,
}

/// The compiler that Cargo uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rustc {
    /// The absolute path of the executable.
    pub path: PathBuf,
    /// The version, without its suffix.
    pub version: Version,
    /// The version as rustc prints it, `1.97.0-nightly`.
    pub version_text: String,
    /// The release channel of the version.
    pub channel: Channel,
    /// The commit's hash; `None` in a distributor's build.
    pub commit_hash: Option<String>,
    /// The commit's date, `2026-04-14`.
    pub commit_date: Option<String>,
    /// The version of LLVM.
    pub llvm: Option<Version>,
    /// The triple that the compiler runs on.
    pub host: String,
}

/// The metadata of dependencies with `links`, by the variable that Cargo sets for it, `DEP_<LINKS>_<KEY>`. The
/// variable does not show where the first name ends, so callers always give both names.
#[derive(Debug, Clone, Default)]
pub struct DepMetadata {
    /// The values by variable.
    pub variables: BTreeMap<String, String>,
    /// The `links` names of the package's own dependencies, each with the metadata that is trusted. `None` if they
    /// are not known (plain cargo): then every variable is accepted, and its paths may lead anywhere.
    pub producers: Option<BTreeMap<String, Said>>,
}

/// The metadata of a `links` name that is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Any value in the environment, since its script runs.
    Anything,
    /// Only the metadata that its stand-in printed.
    Only {
        /// The variables with their values.
        values: BTreeSet<(String, String)>,
        /// The folders in which its paths may lie: its producer's package, its OUT_DIR, and the prefixes of its
        /// found libraries. A path elsewhere is refused.
        roots: Vec<PathBuf>,
    },
}

/// A library's provider, as the driver chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provider {
    /// The system's library: discovery runs, without a source build.
    System,
    /// A source build, without discovery.
    Source,
    /// No provider: the library that the build links does not suit this package, which can do without it.
    Absent,
    /// An archive that another package of the build has built or will build.
    Shared {
        /// The libraries to link, with their kinds.
        libs: Vec<(String, Option<LinkKind>)>,
        /// The folders that hold them.
        search: Vec<(PathBuf, Option<SearchKind>)>,
        /// The folders of its headers.
        include: Vec<PathBuf>,
        /// The version, if it is known.
        version: Option<String>,
    },
}

/// The `[libraries]` tables of `inert.toml`: the source, kind and folder of each library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LibraryPolicy {
    /// The setting for libraries that are not named.
    pub default: Option<LibrarySource>,
    /// The settings by `library` key or pkg-config module.
    pub by_name: BTreeMap<String, LibrarySource>,
    /// The kind of linking, static or shared, by the same names; `default` is for all others.
    pub kind: BTreeMap<String, LinkKind>,
    /// The folder of a library, by the same names; `default` is for all others. It is looked for nowhere else.
    pub prefix: BTreeMap<String, PathBuf>,
    /// The names whose source or folder a minimum policy sets.
    pub guarded: BTreeSet<String>,
    /// The names whose source or folder only the tree below a minimum policy sets; no guarded library may have
    /// them.
    pub by_tree: BTreeSet<String>,
    /// The names whose source the caller sets on the command line. For a library that has such a name, no other
    /// setting for its source counts.
    pub by_caller: BTreeSet<String>,
    /// True if the caller sets `default` on the command line: it then takes precedence over a folder that is set for a
    /// library.
    pub default_by_caller: bool,
}

/// The sources that a library may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LibrarySource {
    /// The system's library if it is found, else a source build.
    SystemFirst,
    /// A source build if the package ships the source, else the system's library.
    SourceFirst,
    /// A source build, or an error.
    SourceOnly,
    /// The system's library, or an error.
    SystemOnly,
}

/// Returns the folders of each of these stand-ins that printed the value.
fn said_by<'a>(producers: &[&'a Said], variable: &str, value: &str) -> Vec<&'a Vec<PathBuf>> {
    let pair = (variable.to_owned(), value.to_owned());
    let of = |said: &&'a Said| match said {
        Said::Only { values, roots } if values.contains(&pair) => Some(roots),
        _ => None,
    };
    producers.iter().filter_map(of).collect()
}

impl DepMetadata {
    /// Returns the value that dependents read as `DEP_<LINKS>_<KEY>`. The metadata of another name may come in the
    /// same variable (`a` with the key `b_c`, `a_b` with `c`), so the values that `links` is known to have printed
    /// decide, not the variable's name.
    #[must_use]
    pub fn get(&self, links: &str, key: &str) -> Option<&str> {
        let variable = Self::variable(links, key);
        let value = self.variables.get(&variable)?;
        let Some(producers) = self.producers_of(links, key) else { return Some(value) };
        let believed = !said_by(&producers, &variable, value).is_empty()
            || !producers.is_empty() && producers.iter().all(|said| **said == Said::Anything);
        believed.then_some(value)
    }

    /// Returns the folders in which the paths of the value that [`get`](Self::get) returns may lie: those of its
    /// producers. `None` means no limit: the producer is a script that runs, or the producers are not known (plain
    /// cargo).
    #[must_use]
    pub fn roots(&self, links: &str, key: &str) -> Option<Vec<&PathBuf>> {
        let variable = Self::variable(links, key);
        let value = self.variables.get(&variable)?;
        let producers = self.producers_of(links, key)?;
        let mut said = said_by(&producers, &variable, value).into_iter().peekable();
        said.peek()?;
        Some(said.flatten().collect())
    }

    /// Returns the producers that may be meant: the dependency of this name, in any spelling; else each dependency
    /// that may have set the variable, since a derived declaration knows only the variable, and guesses where the
    /// name ends. `None` if the dependencies are not known.
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

    /// Sets the value that dependents read for a name and a key.
    pub fn set(&mut self, links: &str, key: &str, value: impl Into<String>) {
        self.variables.insert(Self::variable(links, key), value.into());
    }

    /// Returns the variable that Cargo sets: both names in upper case, `-` as `_`.
    #[must_use]
    pub fn variable(links: &str, key: &str) -> String {
        let shout = |name: &str| name.to_uppercase().replace('-', "_");
        format!("DEP_{}_{}", shout(links), shout(key))
    }
}

impl LibraryPolicy {
    /// Returns the setting for a library with any of these names.
    #[must_use]
    pub fn source(&self, names: &[&str]) -> Option<LibrarySource> {
        // A folder for the library itself determines its source, whatever the default is, unless the caller says it.
        let caller = self.default_by_caller && !names.iter().any(|name| self.guarded.contains(*name));
        self.own_source(names)
            .or_else(|| self.default.filter(|_| caller))
            .or_else(|| self.names_prefix(names).then_some(LibrarySource::SystemOnly))
            .or(self.default)
    }

    /// Returns the setting for a library that names it, by any of these names.
    fn own_source(&self, names: &[&str]) -> Option<LibrarySource> {
        self.counting(names).into_iter().find_map(|name| self.by_name.get(name).copied())
    }

    /// Returns whether the caller sets the source of a library with any of these names by its name.
    #[must_use]
    pub fn is_named_by_caller(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.by_caller.contains(*name))
    }

    /// Returns those of a library's names whose settings for its source count: those of a minimum, else those of the
    /// caller, else all.
    fn counting<'a>(&self, names: &[&'a str]) -> Vec<&'a str> {
        for of in [&self.guarded, &self.by_caller] {
            let counting: Vec<&str> = names.iter().copied().filter(|name| of.contains(*name)).collect();
            if !counting.is_empty() {
                return counting;
            }
        }
        names.to_vec()
    }

    /// Returns the kind of linking for a library with any of these names.
    #[must_use]
    pub fn kind(&self, names: &[&str]) -> Option<LinkKind> {
        names.iter().chain(&["default"]).find_map(|name| self.kind.get(*name).copied())
    }

    /// Returns the folder of a library with any of these names.
    #[must_use]
    pub fn prefix(&self, names: &[&str]) -> Option<&PathBuf> {
        names.iter().chain(&["default"]).find_map(|name| self.prefix.get(*name))
    }

    /// Returns whether a folder is set for the library itself, and not only by default.
    #[must_use]
    pub fn names_prefix(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.prefix.contains_key(*name))
    }

    /// Returns the same policy with the settings for any of the library's names under `key` as well, for callers
    /// that know only that key.
    #[must_use]
    pub fn for_key(&self, key: &str, names: &[&str]) -> Self {
        fn lift<V: Clone>(table: &mut BTreeMap<String, V>, key: &str, names: &[&str]) {
            if let Some(said) = names.iter().find_map(|name| table.get(*name)).cloned() {
                table.insert(key.to_owned(), said);
            }
        }
        let mut policy = self.clone();
        if let Some(own) = self.own_source(names) {
            policy.by_name.insert(key.to_owned(), own);
        }
        if self.is_named_by_caller(names) {
            policy.by_caller.insert(key.to_owned());
        }
        lift(&mut policy.kind, key, names);
        lift(&mut policy.prefix, key, names);
        policy
    }

    /// Returns the table, and two of a library's names, whose settings differ.
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
        of("libraries", differing(&self.by_name, &self.counting(names)))
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
    /// Reads the output of `rustc -vV`.
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

/// Reads a dotted version with one to three numbers; text after them is ignored.
pub(crate) fn parse_version(text: &str) -> Option<Version> {
    let mut numbers = text.split(['-', '+']).next()?.splitn(3, '.').map(|part| part.parse::<u64>().ok());
    let major = numbers.next()??;
    let minor = numbers.next().unwrap_or(Some(0))?;
    let patch = numbers.next().unwrap_or(Some(0))?;
    Some(Version { major, minor, patch })
}
