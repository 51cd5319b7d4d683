//! `cargo inert audit`: shows every script of a command's graph with its decision, without compiling. With `--diff`,
//! shows what changed in what is permitted.

mod targets;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use super::Outcome;
use super::cargo_arguments::AuditArguments;
use super::here::Here;
use crate::cargo::invocation::Invocation;
use crate::cargo::package::path_from;
use crate::driver::{self, Context, Failure};
use crate::driver::{lock_check, lock_collect};
use crate::exit;
use crate::inventory;
use crate::lock::compare::{self, Change, Label};
use crate::lock::{self, Lock};
use crate::plan::stale;
use crate::policy::{self, Policy, layers};
use crate::report;

/// Show every build script and what decides it; nothing is compiled and nothing runs
///
/// Without --diff, the scripts are those that `cargo build` with the same arguments would meet: `cargo inert audit --workspace
/// --all-features --target x86_64-pc-windows-msvc` audits another build than `cargo inert audit`.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert audit",
    bin_name = "cargo inert audit",
    after_help = "The states of a script:
  refused      nothing decides it: the build stops before anything is compiled
  run          it runs: it is a member's, or an [[allow]] entry pins it
  replaced     a declaration stands for it: by the policy, its own package, the catalog, or derived from its source
  overridden   `[target.<triple>.<links>]` of Cargo's configuration stands for it
  not needed   only replaced scripts would use it
  stale        an entry of inert.toml that decides nothing any more

With --libraries, what is listed are the native libraries that the declarations of this build ask for: who provides each,
who asks for which versions, and the commands that install them, on every system that Inert knows. `--libraries system-only` lists
them as they are where all have to come from the system; of scripts, `--library default=system-only` says the same.

With --target all, tier1, or a list (`--target x86_64-pc-windows-msvc,aarch64-apple-darwin`), each target's build is planned, and
what is listed is what some of them refuse, with the condition; scripts of Cargo.lock that none of them reaches are named too.

With --diff, FROM and TO are git revisions or lock files; TO is what holds now. Each change is `weaker` (more may happen
than FROM's policy lets pass unreviewed), `same` or `stronger`.

Exit codes: 0 all is decided, 1 something is refused or stale (with --diff: something is weaker; with --libraries: one is missing; with
--advisories: a part is affected, or may be), 2 bad usage, 101 Cargo fails or a file cannot be read (with several targets: none can be planned).

Examples:
  cargo inert audit --format sarif > inert.sarif
  cargo inert audit --format html --diff origin/main > audit.html
  cargo inert audit --workspace --all-features --target tier1
  cargo inert audit --diff origin/main"
)]
pub struct Arguments {
    /// How to say it: json is a stable interface, sarif (2.1.0) is for code scanning, html is one file for a browser (with --diff, it
    /// shows the changes too)
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// List native libraries instead; with a word, as they are where all come from there: system-only, system-first, source-first,
    /// source-only
    #[arg(long, value_name = "SOURCE", num_args = 0..=1, default_missing_value = "")]
    libraries: Option<String>,
    /// Hold crates, the system's libraries and bundled C against the advisories of a folder with OSV files instead; nothing is
    /// fetched
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["libraries", "diff"])]
    advisories: Option<PathBuf>,
    /// Compare the locks: what changed in what may run
    #[arg(long, value_name = "FROM", conflicts_with = "libraries")]
    diff: Option<String>,
    /// With --diff: the other lock
    #[arg(long, value_name = "TO", requires = "diff")]
    to: Option<String>,
    #[command(flatten)]
    cargo: AuditArguments,
}

/// The format of an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For a person.
    #[default]
    Human,
    /// Schema 2, a stable interface.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// One page for a browser, with everything in it.
    Html,
}

/// Runs `cargo inert audit`.
///
/// # Errors
/// See [`crate::driver::Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let mut invocation = arguments.cargo.invocation("build", context)?;
    invocation.libraries.extend(arguments.libraries.clone().filter(|word| !word.is_empty()));
    let of_scripts = (arguments.libraries.is_some() || arguments.advisories.is_some())
        && matches!(arguments.format, Format::Sarif | Format::Html);
    if of_scripts || arguments.format == Format::Sarif && arguments.diff.is_some() {
        return Err(Failure::Arguments(
            "--format sarif and html show scripts: --libraries and --advisories take `human` or `json`, --diff also `html`".to_owned(),
        ));
    }
    let difference = match &arguments.diff {
        Some(from) => Some((from.as_str(), difference(context, &invocation, from, arguments.to.as_deref())?)),
        None => None,
    };
    if let Some((_, difference)) = difference.as_ref().filter(|_| arguments.format != Format::Html) {
        difference.show(arguments.format == Format::Json);
        return Ok(if difference.is_weaker() { exit::DENIED } else { exit::DONE });
    }
    if targets::asked(&invocation) {
        if arguments.libraries.is_some()
            || arguments.advisories.is_some()
            || matches!(arguments.format, Format::Sarif | Format::Html)
        {
            return Err(Failure::Arguments(
                "--libraries, --advisories and --format sarif or html are for one build: name each target by a --target of its own"
                    .to_owned(),
            ));
        }
        return targets::run(context, &invocation, arguments.format == Format::Json);
    }
    let prepared = driver::prepare(context, &invocation)?;
    if let Some(folder) = &arguments.advisories {
        let inventory = inventory::of(context, &prepared).map_err(Failure::Unexpected)?;
        let folder = path_from(&context.cwd, folder);
        let compared = inventory::advisories::compare(&inventory, &folder).map_err(Failure::Arguments)?;
        if arguments.format == Format::Json {
            report::print_json(&compared);
        } else {
            report::print(&report::escaped(&report::advisories::human(&compared)));
        }
        return Ok(if compared.findings.is_empty() { exit::DONE } else { exit::DENIED });
    }
    if arguments.libraries.is_some() {
        let inventory = inventory::of(context, &prepared).map_err(Failure::Unexpected)?;
        let listed = report::libraries::libraries(&prepared.plan, &inventory);
        if arguments.format == Format::Json {
            report::print_json(&listed);
        } else {
            report::print(&report::escaped(&report::libraries::human(&listed)));
        }
        let missing = listed.libraries.iter().any(|library| library.provider == "missing");
        return Ok(if missing { exit::DENIED } else { exit::DONE });
    }
    // As a build with `--locked` does; the report is shown all the same.
    let outdated =
        if invocation.locked { lock_check::settle(context, &invocation, &prepared).err() } else { None };
    let cargo_lock = prepared.workspace.lock_file();
    let locked = lock_check::packages_of(&cargo_lock).unwrap_or_default();
    let stale = stale::stale(&prepared.policy, &prepared.plan, &locked);
    let fails = report::denied::any(&prepared.plan) || !stale.is_empty();
    let mut audit = report::audit::audit(
        &prepared.plan,
        &prepared.policy,
        stale,
        &prepared.reviews()?,
        prepared.unconfined_rustc(),
    );
    report::fence::note(&mut audit, report::fence::OuterFence::of(prepared.fenced()));
    match arguments.format {
        Format::Json => report::print_json(&audit),
        Format::Sarif => {
            let text = std::fs::read_to_string(&cargo_lock).unwrap_or_default();
            let places =
                report::sarif::Places { root: &prepared.workspace.workspace_root, cargo_lock: &text };
            report::print_json(&report::sarif::sarif(&audit, &places));
        }
        Format::Html => {
            let since = difference.as_ref().map(|(since, difference)| (*since, difference));
            page(context, &prepared, &audit, (arguments.cargo.as_given(), since))?;
        }
        Format::Human => {
            report::print(&report::audit::human(&audit));
            if report::denied::any(&prepared.plan) {
                let file = prepared.workspace.workspace_root.join(crate::policy::FILE);
                report::status(&report::denied::render(
                    &prepared.plan,
                    &prepared.policy,
                    &file.display().to_string(),
                    true,
                ));
            }
        }
    }
    if let Some(outdated) = outdated {
        return Err(outdated);
    }
    let weaker = difference.is_some_and(|(_, difference)| difference.is_weaker());
    Ok(if fails || weaker { exit::DENIED } else { exit::DONE })
}

/// The changes between two states, weaker ones first.
struct Difference {
    changes: Vec<Change>,
    /// True if the entries of the policies were compared, too.
    entries: bool,
    here: Option<Here>,
}

fn difference(
    context: &Context,
    invocation: &Invocation,
    from: &str,
    to: Option<&str>,
) -> Result<Difference, Failure> {
    let root = driver::workspace(context, invocation)?.workspace_root;
    let own = || Policy::of_tree(&root).map_err(Failure::Policy);
    let (old, base) = at(context, &root, from)?;
    let (new, now) = match to {
        Some(to) => at(context, &root, to)?,
        None => (lock_collect::collect(context, invocation)?, Some(own()?)),
    };
    // A lock file has the policy's rules and not its entries.
    let policies = base.as_ref().zip(now.as_ref());
    let entries = policies.is_some();
    let mut changes = policies.map_or_else(Vec::new, |(base, now)| policy::compare::changes(base, now));
    let base = match base {
        Some(base) => base,
        None => own()?,
    };
    for change in compare::changes(&old, &new, &base) {
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    if to.is_none() && !root.join(lock::FILE).exists() {
        changes.push(Change {
            label: Label::Weaker,
            subject: policy::change::Subject::Setting,
            what: lock::FILE.to_owned(),
            text: "is gone: `--locked` compares nothing with it any more".to_owned(),
        });
    }
    // The lock of this moment is compared on this host; a lock of a revision or of a file has none.
    let here = if to.is_none() { Here::of(context, invocation) } else { None };
    if let Some(here) = &here {
        changes = changes.into_iter().map(|change| here.shown(change)).collect();
    }
    changes.sort_by(|a, b| (a.label, a.subject, &a.what).cmp(&(b.label, b.subject, &b.what)));
    Ok(Difference { changes, entries, here })
}

impl Difference {
    fn is_weaker(&self) -> bool {
        self.changes.iter().any(|change| change.label == Label::Weaker)
    }

    fn count(&self, label: Label) -> usize {
        self.changes.iter().filter(|change| change.label == label).count()
    }

    fn show(&self, json: bool) {
        let (weaker, same, stronger) =
            (self.count(Label::Weaker), self.count(Label::Same), self.count(Label::Stronger));
        if json {
            report::print_json(&serde_json::json!({
                "schema": 2,
                "changes": self.changes,
                "summary": { "weaker": weaker, "same": same, "stronger": stronger },
                "entries_compared": self.entries,
                "refused_here": self.here.as_ref().map(Here::refused),
            }));
            return;
        }
        let mut text = String::new();
        for change in &self.changes {
            text.push_str(&format!("{:>9}  {} {}\n", change.label.name(), change.what, change.text));
        }
        text.push_str(&format!("{weaker} weaker, {same} same, {stronger} stronger\n"));
        if !self.entries {
            text.push_str("The entries of inert.toml are not compared: a lock file alone does not hold them; name git revisions.\n");
        }
        report::print(&report::escaped(&text));
    }
}

/// Prints the page for a browser.
fn page(
    context: &Context,
    prepared: &driver::Prepared,
    audit: &report::audit::Audit,
    (given, since): (&[OsString], Option<(&str, &Difference)>),
) -> Result<(), Failure> {
    let inventory = inventory::of(context, prepared).map_err(Failure::Unexpected)?;
    let root = &prepared.workspace.workspace_root;
    let title = match inventory.root() {
        Some(part) => part.id.to_string(),
        None => root.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    };
    let words = given.iter().map(|word| word.to_string_lossy().into_owned());
    let command: Vec<String> = std::iter::once("cargo inert build".to_owned()).chain(words).collect();
    let created = context.environment.text("SOURCE_DATE_EPOCH").and_then(|text| text.parse::<u64>().ok());
    let created = created.filter(|seconds| *seconds <= report::sbom::LATEST);
    report::print(&report::html::html(&report::html::Page {
        title,
        command: command.join(" "),
        audit,
        inventory: &inventory,
        changes: since.map(|(since, difference)| (since, difference.changes.as_slice())),
        loose: prepared.rustc_is_loose(),
        confined: prepared.policy.rustc != policy::ConfineRustc::Off,
        created: created.map(report::sbom::time),
    }));
    Ok(())
}

/// Returns the lock, and if possible the policy, of a file or a git revision.
fn at(context: &Context, root: &Path, place: &str) -> Result<(Lock, Option<Policy>), Failure> {
    let file = path_from(&context.cwd, place);
    if file.is_file() {
        let lock = Lock::read(&file).map_err(Failure::Lock)?.unwrap_or_default();
        return Ok((lock, None));
    }
    let Some(text) = blob(context, root, place, &format!("./{}", lock::FILE))? else {
        let file = lock::FILE;
        let is_revision = blob(context, root, place, "./Cargo.toml")?.is_some();
        return Err(Failure::Arguments(match is_revision {
            true => format!(
                "the git revision `{place}` holds no {file}, so there is nothing to compare with\n  help: `cargo inert lock` writes it; once it is committed, later revisions are compared with it"
            ),
            false => format!(
                "`{place}` is no lock file, and no git revision here that holds {file}\n  help: `git fetch` brings a branch; `cargo inert lock` writes {file}, to be committed"
            ),
        }));
    };
    let name = Path::new(place).join(lock::FILE);
    let lock = Lock::parse(&text, &name).map_err(Failure::Lock)?;
    // The policy's extended and imported files are read from the same revision; those outside of the repository have
    // none.
    let prefix = prefix(context, root)?;
    let read = |path: &Path| match inside(&prefix, root, path) {
        None => crate::file::read_text(path),
        Some(relative) => match blob(context, root, place, &relative) {
            Ok(Some(text)) => Ok(text),
            _ => Err(std::io::Error::new(
                std::io::ErrorKind::NotFound,
                format!("{place} does not hold {relative}"),
            )),
        },
    };
    let policy = match blob(context, root, place, &format!("./{}", crate::policy::FILE))? {
        None => Policy::default(),
        Some(_) => {
            layers::load_with(&root.join(crate::policy::FILE), &read).map_err(Failure::Policy)?.lower()
        }
    };
    Ok((lock, Some(policy)))
}

/// Returns a file of a revision; `None` if either does not exist. git is started so that the repository's configuration
/// cannot start programs.
fn blob(context: &Context, root: &Path, revision: &str, file: &str) -> Result<Option<String>, Failure> {
    if revision.starts_with('-') {
        return Err(Failure::Arguments(format!("`{revision}` is no revision")));
    }
    let output = git(context, root, &["cat-file", "blob", &format!("{revision}:{file}")])?;
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// Returns the path of the workspace's root in its repository.
fn prefix(context: &Context, root: &Path) -> Result<PathBuf, Failure> {
    let output = git(context, root, &["rev-parse", "--show-prefix"])?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end_matches(['\n', '\r'])))
}

/// Returns a file's path from the repository's top, if the file is in the repository.
fn inside(prefix: &Path, root: &Path, file: &Path) -> Option<String> {
    let mut folder = path_from(root, "");
    let file = path_from(root, file);
    let mut top = prefix.to_path_buf();
    loop {
        if let Ok(below) = file.strip_prefix(&folder) {
            let parts = top.join(below);
            let parts: Vec<_> = parts.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            return Some(parts.join("/"));
        }
        if !top.pop() || !folder.pop() {
            return None;
        }
    }
}

fn git(context: &Context, root: &Path, arguments: &[&str]) -> Result<std::process::Output, Failure> {
    let git = context.environment.find_program("git").ok_or_else(|| {
        Failure::Arguments("git was not found on PATH; --diff also takes two lock files".to_owned())
    })?;
    crate::cargo::command(git)
        .args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks"])
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| Failure::Io("git".to_owned(), error))
}
