//! How `cargo inert explain` says it. The JSON is a stable interface.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use inert_resolver::discovery::provider::Choice;
use inert_resolver::discovery::{Found, NotFound};
use inert_resolver::journal::{Entry, PathKind, PathState};
use inert_resolver::{Attempt, Journal, Outcome};
use serde::Serialize;

use crate::plan::model::{Action, Origin};

/// All that bears the name.
#[derive(Debug, Default, Serialize)]
pub struct Explained {
    /// Version of this form.
    pub schema: u32,
    /// Packages.
    pub packages: Vec<OfPackage>,
    /// Libraries.
    pub libraries: Vec<OfLibrary>,
}

/// One package with a script.
#[derive(Debug, Serialize)]
pub struct OfPackage {
    /// `name version`.
    pub package: String,
    /// Where it comes from.
    pub source: String,
    /// Its script.
    pub script: PathBuf,
    /// What happens to it.
    pub action: Action,
    /// By whose word.
    pub origin: Origin,
    /// Where its declaration is written.
    pub declared_in: Option<String>,
    /// Where its declaration does not hold.
    pub unsupported: Option<String>,
    /// Why, where it does not say itself.
    pub reason: Option<String>,
    /// Why nothing is derived.
    pub residue: Vec<String>,
    /// From a root of the build to it.
    pub via: Vec<String>,
    /// Its runs.
    pub runs: Vec<Built>,
    /// The libraries that it asks for, looked for now.
    pub searches: Vec<Search>,
}

/// A run, as the last build recorded it.
#[derive(Debug, Default, Serialize)]
pub struct Built {
    /// The target.
    pub target: String,
    /// Its features.
    pub features: Vec<String>,
    /// True if anything needs it.
    pub needed: bool,
    /// True if a build has recorded it.
    pub recorded: bool,
    /// All that was tried, in order.
    pub attempts: Vec<String>,
    /// Paths looked at, and what was there.
    pub looked_at: Vec<(PathBuf, String)>,
    /// What Cargo was told.
    pub directives: Vec<String>,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

/// One library on one target.
#[derive(Debug, Serialize)]
pub struct OfLibrary {
    /// The target.
    pub target: String,
    /// Every name that it is known by.
    pub names: String,
    /// Who provides it; none where that is not fixed before the build.
    pub provider: Option<String>,
    /// Why that one.
    pub why: Option<String>,
    /// Everyone who asks.
    pub searches: Vec<Search>,
}

/// A search on behalf of one package.
#[derive(Debug, Serialize)]
pub struct Search {
    /// Who asks.
    pub package: String,
    /// By which key of its declaration.
    pub key: String,
    /// For which target.
    pub target: String,
    /// The source build that it falls back to.
    pub fallback: Option<String>,
    /// How the package comes into the build.
    pub via: Vec<String>,
    /// What the user's policy says of it, as it is written: where from, how linked, in which folder.
    pub rules: Vec<String>,
    /// What was tried, in order.
    pub attempts: Vec<Attempted>,
    /// Paths looked at, in order, and what was there.
    pub looked_at: Vec<(PathBuf, String)>,
    /// What came of it, a line each.
    pub outcome: Vec<String>,
}

/// One attempt.
#[derive(Debug, Serialize)]
pub struct Attempted {
    /// By which method.
    pub method: String,
    /// What was done.
    pub detail: String,
    /// `chosen`, `failed`, `skipped`, or `passed over`: found, and another provider was chosen for all that ask.
    pub outcome: &'static str,
    /// With what, or why.
    pub why: String,
}

impl Attempted {
    /// From the resolver's.
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

/// Paths of a journal, with what was there.
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
        Entry::Env { .. } => None,
    };
    journal.entries.iter().filter_map(path).collect()
}

/// A library that was found, in lines.
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

/// A library that was not found, in lines.
#[must_use]
pub fn missing(missing: &NotFound) -> Vec<String> {
    let mut lines = vec!["not found".to_owned()];
    lines.extend(missing.unmet.clone());
    lines.extend(missing.remedies.iter().map(|remedy| format!("help: {remedy}")));
    lines
}

/// A provider, in words.
#[must_use]
pub fn choice(choice: &Choice) -> String {
    match choice {
        Choice::System { version: Some(version) } => format!("the system's, version {version}"),
        Choice::System { version: None } => "the system's".to_owned(),
        Choice::Source { package, .. } => built(package, None),
        Choice::Absent => "nobody; all that ask can do without".to_owned(),
    }
}

/// That it is built, by whom and as what.
#[must_use]
pub fn built(package: &str, archive: Option<&str>) -> String {
    let archive = archive.map_or_else(String::new, |name| format!(" (cc-library `{name}`)"));
    format!("built from the source that `{package}` ships{archive}")
}

/// All of it for a person.
#[must_use]
pub fn human(explained: &Explained) -> String {
    let mut text = String::new();
    for package in &explained.packages {
        of_package(&mut text, package);
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

fn of_package(text: &mut String, package: &OfPackage) {
    let _ = writeln!(text, "package {} ({})", package.package, crate::file::one_line(&package.source));
    let _ = writeln!(text, "  script       {}", crate::file::shown(&package.script));
    let decided = match package.action {
        Action::Replace => "replaced by a stand-in",
        Action::Run => "runs, as allowed",
        Action::Deny => "may not run, and nothing stands in for it",
        Action::Unneeded => "not needed by this build",
        Action::Overridden => "not started by Cargo, whose configuration speaks for it",
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
    for search in &package.searches {
        of_search(text, search);
    }
    for run in package.runs.iter().filter(|run| run.needed) {
        let _ = writeln!(text, "  for {}, features [{}]", run.target, run.features.join(", "));
        if !run.recorded {
            text.push_str("    not built yet; `cargo inert build` records what it is told\n");
            continue;
        }
        list(text, "tried", &run.attempts);
        list(text, "looked at", &looked(&run.looked_at));
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
    list(text, "inert.toml", &search.rules);
    list(text, "tried", &attempts);
    list(text, "looked at", &looked(&search.looked_at));
    list(text, "outcome", &search.outcome);
}

/// Paths for a person: what is looked for on every PATH, and `x-uninstalled.pc`, are of interest only where they are; the
/// files of a folder that were all read, to see whether one provides the module, are counted.
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
