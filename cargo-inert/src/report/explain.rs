//! The output of `cargo inert explain`. The JSON is a stable interface.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use inert_resolver::discovery::provider::Choice;
use inert_resolver::discovery::{Found, NotFound};
use inert_resolver::journal::{Entry, PathKind, PathState};
use inert_resolver::{Attempt, Journal, Outcome};
use serde::Serialize;

use crate::plan::model::{Action, Origin};

/// All packages and libraries with the requested name.
#[derive(Debug, Default, Serialize)]
pub struct Explained {
    /// The version of the format.
    pub schema: u32,
    /// The packages with that name.
    pub packages: Vec<OfPackage>,
    /// The libraries with that name.
    pub libraries: Vec<OfLibrary>,
}

/// One package with a build script.
#[derive(Debug, Serialize)]
pub struct OfPackage {
    /// The package as `name version`.
    pub package: String,
    /// The source of the package, as a pin names it.
    pub source: String,
    /// The path of its script.
    pub script: PathBuf,
    /// The verdict on the script.
    pub action: Action,
    /// The origin of the verdict.
    pub origin: Origin,
    /// The file in which its declaration is written.
    pub declared_in: Option<String>,
    /// The condition under which its declaration does not apply.
    pub unsupported: Option<String>,
    /// The reason of the verdict, if the origin does not imply it.
    pub reason: Option<String>,
    /// The reasons why nothing is derived.
    pub residue: Vec<String>,
    /// The packages on a path from a root of the build to this one.
    pub via: Vec<String>,
    /// The runs of its script.
    pub runs: Vec<Built>,
    /// The libraries that it asks for; the search was made for this report.
    pub searches: Vec<Search>,
}

/// A run of a script, as the last build recorded it.
#[derive(Debug, Default, Serialize)]
pub struct Built {
    /// The target that it runs for.
    pub target: String,
    /// The features that are enabled.
    pub features: Vec<String>,
    /// True if the build needs its output.
    pub needed: bool,
    /// True if a build has recorded it.
    pub recorded: bool,
    /// All attempts, in order.
    pub attempts: Vec<String>,
    /// The paths that were examined, with their state.
    pub looked_at: Vec<(PathBuf, String)>,
    /// The directives that Cargo got.
    pub directives: Vec<String>,
    /// The reason why it failed, if it did.
    pub failure: Option<String>,
}

/// One library for one target.
#[derive(Debug, Serialize)]
pub struct OfLibrary {
    /// The target that it is linked for.
    pub target: String,
    /// All names of the library, separated by commas.
    pub names: String,
    /// The provider; `None` if it is not fixed before the build.
    pub provider: Option<String>,
    /// The reason for this provider.
    pub why: Option<String>,
    /// The searches of all packages that ask for it.
    pub searches: Vec<Search>,
}

/// The search for a library on behalf of one package.
#[derive(Debug, Serialize)]
pub struct Search {
    /// The package that asks for the library.
    pub package: String,
    /// The key in the package's declaration.
    pub key: String,
    /// The target of the search.
    pub target: String,
    /// The source build that is used if the library is not found.
    pub fallback: Option<String>,
    /// The packages on a path from a root of the build to the package.
    pub via: Vec<String>,
    /// The policy settings for the library as they are written: its source, its kind, its folder.
    pub rules: Vec<String>,
    /// The attempts, in order.
    pub attempts: Vec<Attempted>,
    /// The paths that were examined, in order, with their state.
    pub looked_at: Vec<(PathBuf, String)>,
    /// The result, one line each.
    pub outcome: Vec<String>,
}

impl Search {
    /// Returns the attempts as the resolver records them in a build.
    fn attempts(&self) -> Vec<String> {
        let line = |one: &Attempted| {
            let detail = if one.detail.is_empty() { String::new() } else { format!(" ({})", one.detail) };
            format!("library {}: {}{detail} {}: {}", self.key, one.method, one.outcome, one.why)
        };
        self.attempts.iter().map(line).collect()
    }
}

/// One attempt to find a library.
#[derive(Debug, Serialize)]
pub struct Attempted {
    /// The discovery method.
    pub method: String,
    /// The details of the attempt.
    pub detail: String,
    /// `chosen`, `failed`, `skipped`, or `passed over`: found, but another provider was chosen for all packages.
    pub outcome: &'static str,
    /// The result if it was chosen; otherwise the reason.
    pub why: String,
}

impl Attempted {
    /// Converts an attempt of the resolver.
    #[must_use]
    pub fn of(attempt: &Attempt) -> Self {
        let (outcome, why) = match &attempt.outcome {
            Outcome::Chosen(text) => ("chosen", text),
            Outcome::Failed(text) => ("failed", text),
            Outcome::Skipped(text) => ("skipped", text),
        };
        Self { method: attempt.method.clone(), detail: attempt.detail.clone(), outcome, why: why.clone() }
    }
}

/// Returns the paths of a journal, with the state of each.
#[must_use]
pub fn paths(journal: &Journal) -> Vec<(PathBuf, String)> {
    let state = |state: &PathState| match state {
        PathState::Absent => "not there",
        PathState::Present(PathKind::Directory) => "a folder",
        PathState::Present(_) => "there",
        PathState::Used(_) => "used",
        PathState::Content { .. } => "read",
        PathState::Listing { .. } => "listed",
    };
    let path = |entry: &Entry| match entry {
        Entry::Path { path, state: found } => Some((path.clone(), state(found).to_owned())),
        Entry::Env { .. } | Entry::Program { .. } => None,
    };
    journal.entries.iter().filter_map(path).collect()
}

/// Describes a library that was found, one line each.
#[must_use]
pub fn found(found: &Found) -> Vec<String> {
    let version = found.version.as_ref().map_or_else(String::new, |version| format!(", version {version}"));
    let mut lines = vec![format!("found by {}{version}", found.origin)];
    let printed = inert_resolver::directives::print(&found.link, inert_resolver::Dialect::SingleColon);
    lines.extend(printed.unwrap_or_default().lines().map(str::to_owned));
    lines.extend(found.include_dirs.iter().map(|folder| format!("headers in {}", folder.display())));
    lines.extend(found.warnings.iter().map(|warning| format!("warning: {warning}")));
    lines
}

/// The beginning of a line of advice in an outcome.
pub const HELP: &str = "help: ";

/// Describes a library that was not found, one line each.
#[must_use]
pub fn missing(missing: &NotFound) -> Vec<String> {
    let first = match (&missing.has, &missing.unmet) {
        (Some(version), _) => format!("version {version} is on this system, and will not do"),
        (None, Some(why)) => why.clone(),
        (None, None) => "not found".to_owned(),
    };
    let mut lines = vec![first];
    lines.extend(missing.remedies.iter().map(|remedy| format!("{HELP}{remedy}")));
    lines
}

/// Describes a provider.
#[must_use]
pub fn choice(choice: &Choice) -> String {
    match choice {
        Choice::System { version: Some(version) } => format!("the system's, version {version}"),
        Choice::System { version: None } => "the system's".to_owned(),
        Choice::Source { package, .. } => built(package, None),
        Choice::Absent => "nobody; all that ask can do without".to_owned(),
    }
}

/// Describes a source build by the package and the archive.
#[must_use]
pub fn built(package: &str, archive: Option<&str>) -> String {
    let archive = archive.map_or_else(String::new, |name| format!(" (cc-library `{name}`)"));
    format!("built from the source that `{package}` ships{archive}")
}

/// Formats the whole explanation as text.
#[must_use]
pub fn human(explained: &Explained) -> String {
    let mut text = String::new();
    for package in &explained.packages {
        of_package(&mut text, package, &explained.libraries);
    }
    for library in &explained.libraries {
        let _ = writeln!(text, "library {} for {}", library.names, library.target);
        if let Some(provider) = &library.provider {
            let _ = writeln!(text, "  provided by  {provider}");
        }
        if let Some(why) = &library.why {
            let _ = writeln!(text, "  because      {why}");
        }
        for search in &library.searches {
            of_search(&mut text, search);
        }
        text.push('\n');
    }
    text
}

fn of_package(text: &mut String, package: &OfPackage, libraries: &[OfLibrary]) {
    let _ = writeln!(text, "package {} ({})", package.package, crate::file::one_line(&package.source));
    let _ = writeln!(text, "  script       {}", crate::file::shown(&package.script));
    let decided = match package.action {
        Action::Replace => "replaced by a stand-in",
        Action::Run => "runs, as allowed",
        Action::Deny => "may not run, and nothing stands in for it",
        Action::Unneeded => "not needed by this build",
        Action::Overridden => "overridden: Cargo starts no script of it, since configuration speaks for it",
    };
    let by = match package.origin {
        Origin::Policy => ", by policy",
        Origin::Package => ", by its own declaration",
        Origin::Catalog => ", by the catalog",
        Origin::Derived => ", by what its script was read to do",
        Origin::None => "",
    };
    let _ = writeln!(text, "  decided      {decided}{by}");
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<12} {value}");
    };
    package.declared_in.iter().for_each(|place| line("declared in", place));
    package.unsupported.iter().for_each(|condition| line("except where", condition));
    package.reason.iter().for_each(|reason| line("because", reason));
    package.residue.iter().for_each(|residue| line("not derived", residue));
    line("via", &package.via.join(" → "));
    // A package and a library may have the same name; then the library's part has the search.
    let told = |search: &&Search| {
        let same = |other: &Search| {
            (&other.package, &other.key, &other.target) == (&search.package, &search.key, &search.target)
        };
        libraries.iter().flat_map(|library| &library.searches).any(same)
    };
    for search in package.searches.iter().filter(|search| !told(search)) {
        of_search(text, search);
    }
    for run in package.runs.iter().filter(|run| run.needed) {
        let _ =
            writeln!(text, "  in the last build, for {}, features [{}]", run.target, run.features.join(", "));
        if !run.recorded {
            text.push_str("    not built yet; `cargo inert build` records what it is told\n");
            continue;
        }
        // The searches above are of this moment; what was the same then is not repeated.
        let now: Vec<String> = package.searches.iter().flat_map(Search::attempts).collect();
        let then: Vec<String> = run.attempts.iter().filter(|line| !now.contains(line)).cloned().collect();
        list(text, "tried then", &then);
        let paths: Vec<&(PathBuf, String)> =
            package.searches.iter().flat_map(|search| &search.looked_at).collect();
        let then: Vec<_> = run.looked_at.iter().filter(|path| !paths.contains(path)).cloned().collect();
        list(text, "read then", &looked(&then));
        list(text, "told Cargo", &run.directives);
        list(
            text,
            "failed",
            &run.failure.iter().flat_map(|why| why.lines()).map(str::to_owned).collect::<Vec<_>>(),
        );
    }
    text.push('\n');
}

fn of_search(text: &mut String, search: &Search) {
    let fallback = search
        .fallback
        .as_ref()
        .map_or_else(String::new, |name| format!(", else built as cc-library `{name}`"));
    let _ = writeln!(text, "  {} asks for `{}`{fallback}", search.package, search.key);
    let _ = writeln!(text, "    via        {}", search.via.join(" → "));
    let attempts: Vec<String> = search
        .attempts
        .iter()
        .enumerate()
        .map(|(at, one)| {
            let detail = if one.detail.is_empty() { String::new() } else { format!(" ({})", one.detail) };
            format!("{}. {}{detail} {}: {}", at + 1, one.method, one.outcome, one.why)
        })
        .collect();
    list(text, "you say", &search.rules);
    list(text, "tried", &attempts);
    list(text, "looked at", &looked(&search.looked_at));
    list(text, "outcome", &search.outcome);
}

/// Formats the examined paths. Paths that are searched for in many folders (`pkg-config`, `x-uninstalled.pc`) are shown
/// only if they exist; the `.pc` files of a folder that were all read are counted.
fn looked(paths: &[(PathBuf, String)]) -> Vec<String> {
    let dull =
        |path: &PathBuf| path.ends_with("pkg-config") || path.to_string_lossy().ends_with("-uninstalled.pc");
    let is_pc = |path: &Path| path.extension().is_some_and(|extension| extension == "pc");
    let listed: Vec<&Path> =
        paths.iter().filter(|(_, state)| state == "listed").map(|(path, _)| path.as_path()).collect();
    let of_listed = |path: &Path| is_pc(path) && path.parent().is_some_and(|folder| listed.contains(&folder));
    let mut lines = Vec::new();
    for (path, state) in paths {
        if of_listed(path) || (state == "not there" && dull(path)) {
            continue;
        }
        let read = paths
            .iter()
            .filter(|(file, state)| state == "read" && is_pc(file) && file.parent() == Some(path.as_path()));
        match (state.as_str(), read.count()) {
            ("listed", count) if count > 0 => {
                lines.push(format!("{} (listed, and {count} .pc files of it read)", path.display()));
            }
            _ => lines.push(format!("{} ({state})", path.display())),
        }
    }
    lines
}

fn list(text: &mut String, name: &str, lines: &[String]) {
    for (at, line) in lines.iter().enumerate() {
        let _ = writeln!(text, "    {:<10} {line}", if at == 0 { name } else { "" });
    }
}
