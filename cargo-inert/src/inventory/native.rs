//! The native code of a build: libraries of the system, sources that packages bundle, objects that they ship.
//!
//! It is what the plan's declarations say before the build. A script that runs may link more, which nothing here knows;
//! such a package is named as [`Provider::Script`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use inert_manifest_spec::{Condition, Declaration, Fact, Link, PathRef, TextPart, Truth};
use inert_resolver::discovery::provider::{Ask, Choice, Discovery};
use inert_resolver::journal::{Entry, PathKind, PathState};
use inert_resolver::{Request, World, facts};
use serde::Serialize;

use super::distribution::{Distribution, Owner};
use super::{LicenceFile, Part, licences};
use crate::cargo::package::{PackageId, upstream_version};
use crate::driver::{Context, Prepared};
use crate::plan::model::{Action, Decision, Provided, Run};
use crate::plan::run_facts;

/// A native library, or native code without a library's name, for one target.
#[derive(Debug, Clone, Serialize)]
pub struct Native {
    /// The name: a pkg-config module, a library's key, or the name of an archive.
    pub name: String,
    /// Other names of the library: keys, modules, `-l` names, the package's `links`.
    pub aliases: BTreeSet<String>,
    /// The target that it is linked for.
    pub target: String,
    /// The origin of the library or of the code.
    pub provider: Provider,
    /// The packages that ask for it, or that build it, as `name version`.
    pub used_by: BTreeSet<String>,
}

/// The origin of native code.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case", tag = "from")]
pub enum Provider {
    /// A library of the system.
    System {
        /// The version, as its `.pc` file or its header says.
        version: Option<String>,
        /// The path of its `.pc` file, if it was found by one.
        pc_file: Option<PathBuf>,
        /// The distribution's package that owns the `.pc` file: the one to install for building.
        development: Option<Box<Owner>>,
        /// The shared library that the linker finds there, with symlinks resolved.
        shared_object: Option<PathBuf>,
        /// The distribution's package that owns the shared library: the one that the program needs to run.
        runtime: Option<Box<Owner>>,
    },
    /// Source that a package ships and that is compiled.
    Bundled {
        /// The package that ships it, as `name version`.
        package: String,
        /// The version of the bundled library, if it is known.
        version: Option<String>,
        /// The way in which the version is known: `header` (a macro in the library's own header) or `package-version`
        /// (the build metadata of the package's version, `0.18.5+1.9.4`).
        version_from: Option<&'static str>,
        /// The number of files that are compiled; `None` if it is known only during the build.
        files: Option<usize>,
        /// The number of lines in them.
        lines: Option<usize>,
        /// The `sha256` over the names and contents of those files.
        sha256: Option<String>,
        /// The licence files beside the sources.
        licence_files: Vec<LicenceFile>,
        /// False if a condition of the build itself (a probe) decides whether it is compiled.
        certain: bool,
    },
    /// Objects, archives or import libraries that a package ships compiled.
    Prebuilt {
        /// The package that ships them, as `name version`.
        package: String,
        /// The files, each with its `sha256`.
        files: Vec<LicenceFile>,
    },
    /// No provider is fixed: the library is missing on this machine.
    Missing,
    /// A script that runs: what it links is known only when it has run.
    Script {
        /// The package of the script, as `name version`.
        package: String,
    },
}

impl Provider {
    /// Returns the word for the origin, as `from` of the JSON has it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::System { .. } => "system",
            Self::Bundled { .. } => "bundled",
            Self::Prebuilt { .. } => "prebuilt",
            Self::Missing => "missing",
            Self::Script { .. } => "script",
        }
    }
}

impl Native {
    /// Returns the version of the library, if it is known.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        match &self.provider {
            Provider::System { version, .. } | Provider::Bundled { version, .. } => version.as_deref(),
            Provider::Prebuilt { .. } | Provider::Missing | Provider::Script { .. } => None,
        }
    }
}

/// Collects the native code of a build, sorted by target and name.
pub(super) fn of(context: &Context, prepared: &Prepared, parts: &BTreeMap<PackageId, Part>) -> Vec<Native> {
    let distribution = Distribution::of(&context.environment);
    let mut found = Vec::new();
    let providers = &prepared.plan.providers;
    for chosen in &providers.selection.chosen {
        if let Choice::System { version } = &chosen.choice {
            let served = chosen
                .asked_by
                .iter()
                .filter(|asker| !chosen.apart.contains(asker) && !chosen.without.contains(asker));
            found.push(Native {
                name: name(prepared, &chosen.platform, &chosen.asked_by),
                aliases: chosen.names.clone(),
                target: chosen.platform.clone(),
                provider: system(
                    prepared,
                    (&chosen.names, &files(prepared, &chosen.asked_by)),
                    version.clone(),
                    &distribution,
                ),
                used_by: served.map(|(package, _)| package.clone()).collect(),
            });
        }
    }
    for missing in &providers.selection.unprovided {
        found.push(Native {
            name: name(prepared, &missing.platform, &missing.asked_by),
            aliases: missing.names.clone(),
            target: missing.platform.clone(),
            provider: Provider::Missing,
            used_by: missing.asked_by.iter().map(|(package, _)| package.clone()).collect(),
        });
    }
    for decision in &prepared.plan.decisions {
        let root = parts.get(&decision.package.id).map_or(decision.package.root.as_path(), |part| &part.root);
        for run in decision.runs.iter().filter(|run| run.needed) {
            match decision.action {
                Action::Replace => found.extend(of_declaration(prepared, decision, run, root)),
                Action::Run if decision.package.links.is_some() => found.push(Native {
                    name: decision.package.links.clone().unwrap_or_default(),
                    aliases: BTreeSet::new(),
                    target: run.target.clone(),
                    provider: Provider::Script { package: decision.package.id.to_string() },
                    used_by: [decision.package.id.to_string()].into(),
                }),
                _ => {}
            }
        }
    }
    // A package may compile an archive and ship another one of the same name.
    let key = |one: &Native| (one.target.clone(), one.name.clone(), one.used_by.clone(), one.provider.word());
    found.sort_by_cached_key(key);
    found.dedup_by_key(|one| key(one));
    found
}

/// Returns the name of a library by its requests: a module, if one is known.
fn name(prepared: &Prepared, platform: &str, asked_by: &[(String, String)]) -> String {
    let mut asks = prepared.plan.providers.asks.iter().filter(|ask| {
        ask.platform == platform
            && asked_by.iter().any(|(package, key)| ask.package == *package && ask.key == *key)
    });
    let module = asks.clone().find_map(|ask| ask.modules.first().cloned());
    // No package asks for a library that a package brings along; its name is the key.
    let key = || asked_by.first().map(|(_, key)| key.clone());
    module.or_else(|| asks.next().map(|ask| ask.key.clone())).or_else(key).unwrap_or_default()
}

/// Returns the names of a library's files, as after `-l`, that the packages which ask for it have: those of the entry, else that
/// of the archive that is built in its stead.
#[must_use]
pub fn files(prepared: &Prepared, asked_by: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    for (package, key) in asked_by {
        let mut decisions = prepared.plan.decisions.iter();
        let decision = decisions.find(|decision| decision.package.id.to_string() == *package);
        let Some(declared) = decision.and_then(|decision| decision.declared.as_ref()) else { continue };
        let Some(library) = declared.declaration.library.get(key) else { continue };
        found.extend(library.libs.iter().map(|item| item.value.clone()));
        if library.libs.is_empty() {
            found.extend(declared.declaration.source_of(key).map(str::to_owned));
        }
    }
    found.sort();
    found.dedup();
    found
}

fn system(
    prepared: &Prepared,
    (names, files): (&BTreeSet<String>, &[String]),
    version: Option<String>,
    distribution: &Distribution,
) -> Provider {
    // Discovery has read the library's `.pc` file; a module that was tried and is not there has none.
    let entries = prepared.plan.providers.journal.entries.iter();
    let read: Vec<&PathBuf> = entries
        .filter_map(|entry| match entry {
            Entry::Path { path, state: PathState::Content { .. } } => Some(path),
            _ => None,
        })
        .filter(|path| {
            path.extension().is_some_and(|kind| kind == "pc")
                && path.file_stem().is_some_and(|stem| names.contains(&*stem.to_string_lossy()))
        })
        .collect();
    // The journal is of all platforms: where two files have one name, nothing says which of them is this platform's.
    let is_only =
        |path: &PathBuf| read.iter().all(|other| *other == path || other.file_name() != path.file_name());
    let pc_file = read.iter().copied().find(|path| is_only(path)).cloned();
    // Without a `.pc` file, discovery has looked for the files themselves.
    let linked = if read.is_empty() { linked_file(prepared, files) } else { None };
    let shared_object = match &linked {
        Some(file) => file.canonicalize().ok().filter(|file| file.extension().is_none_or(|kind| kind != "a")),
        None => pc_file.as_deref().and_then(shared_object),
    };
    Provider::System {
        version,
        development: pc_file
            .as_deref()
            .or(linked.as_deref())
            .and_then(|file| distribution.owner(file))
            .map(Box::new),
        runtime: shared_object.as_deref().and_then(|file| distribution.owner(file)).map(Box::new),
        shared_object,
        pc_file,
    }
}

/// Returns the file of a library that discovery found by its name: the name that the linker takes first. `None` if there are files of
/// that name in several folders.
fn linked_file(prepared: &Prepared, files: &[String]) -> Option<PathBuf> {
    let first = files.first()?;
    let names = [format!("lib{first}.so"), format!("lib{first}.a")];
    let entries = prepared.plan.providers.journal.entries.iter();
    let folders: BTreeSet<&Path> = entries
        .filter_map(|entry| match entry {
            Entry::Path { path, state: PathState::Present(PathKind::File) } => Some(path),
            _ => None,
        })
        .filter(|path| path.file_name().is_some_and(|name| names.iter().any(|known| name == known.as_str())))
        .filter_map(|path| path.parent())
        .collect();
    let folder = folders.iter().next().filter(|_| folders.len() == 1)?;
    names.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// Returns the shared library beside the folder of a `.pc` file, by the first name that the file has linked.
fn shared_object(pc_file: &Path) -> Option<PathBuf> {
    let text = crate::file::read_text(pc_file).ok()?;
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("Libs:"))?;
    let name = line.split_whitespace().find_map(|word| word.strip_prefix("-l"))?;
    // A name is no path: what lies elsewhere is not this library.
    let plain = !name.is_empty() && !name.contains(['/', '\\', '$', ':']);
    let path = pc_file.parent()?.parent()?.join(format!("lib{name}.so"));
    path.canonicalize().ok().filter(|path| plain && path.is_file())
}

/// Returns the native code that a declaration has linked in one run.
fn of_declaration(prepared: &Prepared, decision: &Decision, run: &Run, root: &Path) -> Vec<Native> {
    let Some(declared) = &decision.declared else { return Vec::new() };
    let declaration = &declared.declaration;
    let facts_of_target = run_facts::facts_of(&prepared.recording, &run.target);
    let Ok(request) = run_facts::request(&decision.package, run, &facts_of_target, &prepared.recording.rustc)
    else {
        return Vec::new();
    };
    let environment = prepared.environment.variables.clone().into_iter().collect();
    let mut world = World::new(environment, PathBuf::new());
    let package = decision.package.id.to_string();
    // The names of the only library of a package are those of its source, too.
    let modules =
        declaration.library.values().flat_map(|library| library.pkg_config.iter().chain(&library.libs));
    let known = declaration.library.keys().cloned().chain(modules.map(|item| item.value.clone()));
    let is_one = declaration.library.len() <= 1 && declaration.cc_library.len() == 1;
    let aliases: BTreeSet<String> =
        known.filter(|_| is_one).chain(decision.package.links.clone().filter(|_| is_one)).collect();
    let native = |name: &str, provider| Native {
        name: name.to_owned(),
        aliases: aliases.clone(),
        target: run.target.clone(),
        provider,
        used_by: [package.clone()].into(),
    };
    let answers = Answers::of(prepared, &package, run, &request);
    let mut found = Vec::new();
    for (archive, library) in &declaration.cc_library {
        let own = answers.truth(library.when.as_ref(), &mut world);
        // The library that it is the source of, if there is one: then the plan's provider decides.
        let key = declaration.library.keys().find(|key| declaration.source_of(key) == Some(archive));
        let linked = linked(declaration, archive, &answers, &mut world);
        let stands = match key.and_then(|key| run.providers.get(key)) {
            Some(Provided::Source) => own,
            Some(Provided::System | Provided::Shared { .. } | Provided::Absent) => Truth::No,
            None if run.not_built.contains_key(archive) => Truth::No,
            // An archive that a `link` entry names is built only if the entry requires it; without an entry it is
            // linked by itself. Conditions on a probe or on a library that was not found are known only during the
            // build.
            None => linked.map_or(own, |linked| both(own, linked)),
        };
        // An archive that nothing links is built for its files alone.
        if stands == Truth::No || !library.link && linked.is_none() && key.is_none() {
            continue;
        }
        let version = key.and_then(|key| {
            let asks = prepared.plan.providers.asks.iter();
            let mut own =
                asks.filter(|ask| ask.package == package && ask.platform == run.target && ask.key == *key);
            own.next()?.source.as_ref()?.version.clone()
        });
        found.push(native(
            archive,
            bundled(&package, declaration, archive, (&request, root), &mut world, version, stands),
        ));
    }
    let mut files = Vec::new();
    for item in &declaration.link {
        if answers.truth(item.when.as_ref(), &mut world) == Truth::No {
            continue;
        }
        if let Link::Search { path: PathRef::Package(folder), files: names, .. } = &item.value {
            for name in names {
                let path = format!("{}/{name}", folder.0);
                if let Ok(digest) = crate::digest::file(&root.join(&path)) {
                    files.push(LicenceFile { path, sha256: digest.trim_start_matches("sha256:").to_owned() });
                }
            }
        }
    }
    if !files.is_empty() {
        let name = decision.package.links.as_deref().unwrap_or(&decision.package.id.name);
        found.push(native(name, Provider::Prebuilt { package: package.clone(), files }));
    }
    found
}

/// The answers to the conditions of one run, as far as the plan knows them: those of the request, and which libraries
/// are found.
struct Answers<'a> {
    request: &'a Request,
    found: BTreeMap<&'a str, Truth>,
}

impl<'a> Answers<'a> {
    fn of(prepared: &'a Prepared, package: &str, run: &Run, request: &'a Request) -> Self {
        let asks = prepared.plan.providers.asks.iter();
        let own = asks.filter(|ask| ask.package == package && ask.platform == run.target);
        let answer = |ask: &'a Ask| {
            let truth = match (run.providers.get(&ask.key), &ask.found) {
                (Some(Provided::System), Discovery::Found { .. }) => Truth::Yes,
                (None, Discovery::NotFound { .. }) => Truth::No,
                _ => Truth::Unknown,
            };
            (ask.key.as_str(), truth)
        };
        Self { request, found: own.map(answer).collect() }
    }

    fn truth(&self, when: Option<&Condition>, world: &mut World) -> Truth {
        let Some(when) = when else { return Truth::Yes };
        when.evaluate(&mut |fact| match fact {
            Fact::Found { library, test: None } => {
                self.found.get(library.as_str()).copied().unwrap_or(Truth::Unknown)
            }
            other => facts::truth(other, self.request, world),
        })
    }
}

/// Returns whether a `link` entry that links an archive holds, by the archive's name or by that of its file; `None` if no entry
/// does. A name with variables may be the archive's.
fn linked(
    declaration: &Declaration,
    archive: &str,
    answers: &Answers<'_>,
    world: &mut World,
) -> Option<Truth> {
    let names = |link: &Link| match link {
        Link::CcLibrary(name) if name == archive => Truth::Yes,
        Link::Lib { name, .. } => match &name.parts[..] {
            [TextPart::Literal(name)] if name == archive => Truth::Yes,
            [TextPart::Literal(_)] => Truth::No,
            _ => Truth::Unknown,
        },
        _ => Truth::No,
    };
    let mut result = None;
    for item in &declaration.link {
        let named = names(&item.value);
        if named == Truth::No {
            continue;
        }
        match both(named, answers.truth(item.when.as_ref(), world)) {
            Truth::Yes => return Some(Truth::Yes),
            Truth::Unknown => result = Some(Truth::Unknown),
            Truth::No => result = result.or(Some(Truth::No)),
        }
    }
    result
}

fn both(one: Truth, other: Truth) -> Truth {
    match (one, other) {
        (Truth::No, _) | (_, Truth::No) => Truth::No,
        (Truth::Yes, Truth::Yes) => Truth::Yes,
        _ => Truth::Unknown,
    }
}

fn bundled(
    package: &str,
    declaration: &Declaration,
    archive: &str,
    (request, root): (&Request, &Path),
    world: &mut World,
    of_header: Option<String>,
    stands: Truth,
) -> Provider {
    let files = inert_resolver::sources(declaration, archive, request, world);
    let (mut lines, mut text) = (0, String::new());
    for file in files.iter().flatten() {
        let bytes = std::fs::read(file).unwrap_or_default();
        lines += bytes.iter().filter(|byte| **byte == b'\n').count();
        let name = file.strip_prefix(root).unwrap_or(file);
        let digest = crate::digest::file(file).unwrap_or_default();
        text.push_str(&format!("{} {digest}\n", name.display()));
    }
    let of_package =
        package.rsplit(' ').next().and_then(|version| version.split_once('+')).map(|(_, build)| build);
    let (version, version_from) = match (of_header, of_package) {
        (Some(version), _) => (Some(version), Some("header")),
        (None, Some(build)) => (upstream_version(build), Some("package-version")),
        (None, None) => (None, None),
    };
    let known = files.as_ref().filter(|files| !files.is_empty());
    Provider::Bundled {
        package: package.to_owned(),
        version_from: version_from.filter(|_| version.is_some()),
        version,
        files: known.map(Vec::len),
        lines: known.map(|_| lines),
        sha256: known.map(|_| crate::digest::text(&text)),
        licence_files: files.map(|files| licences::of_sources(root, &files)).unwrap_or_default(),
        certain: stands == Truth::Yes,
    }
}
