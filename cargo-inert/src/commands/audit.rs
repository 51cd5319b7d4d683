//! `cargo inert audit`: every script of a command's graph and its decision; nothing is compiled. With `--diff`, what
//! changed in what may run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Outcome;
use crate::cargo::invocation::{BadArguments, Invocation};
use crate::cargo::package::path_from;
use crate::driver::{self, Context, Failure};
use crate::driver::{lock_check, lock_collect};
use crate::exit;
use crate::lock::compare::{self, Label};
use crate::lock::{self, Lock};
use crate::plan::stale;
use crate::policy::{Policy, layers};
use crate::report;

/// What `--help` says.
pub const HELP: &str = "Show every build script and what decides it; nothing is compiled and nothing runs

Usage: cargo inert audit [--format human|json|sarif] [<arguments of cargo build>]
       cargo inert audit --libraries [--format human|json] [<arguments of cargo build>]
       cargo inert audit --diff <FROM> [--to <TO>] [--format human|json]

Without --diff, the scripts are those that `cargo build` with the same arguments would meet: `cargo inert audit --workspace
--all-features --target x86_64-pc-windows-msvc` audits another build than `cargo inert audit`.

  refused      nothing decides it: the build stops before anything is compiled
  run          it runs: it is a member's, or an [[allow]] entry pins it
  replaced     a declaration stands for it: by the policy, its own package, the catalog, or derived from its source
  not needed   only replaced scripts would use it
  stale        an entry of inert.toml that decides nothing any more

With --libraries, what is listed are the native libraries that the declarations of this build ask for: who provides each,
who asks for which versions, and the commands that install them, on every system that Inert knows.

With --diff, FROM and TO are git revisions or lock files; TO is what holds now. Each change is `weaker` (more may happen
than FROM's policy lets pass unreviewed), `same` or `stronger`.

Options:
      --format <FORMAT>     human (default), json (a stable interface), sarif (2.1.0, for code scanning)
      --libraries           List native libraries instead
      --diff <FROM>         Compare the locks
      --to <TO>             With --diff
      --policy <FILE>       A minimum that the workspace's inert.toml cannot weaken
      --deny-build-scripts  As for a build

Exit codes: 0 all is decided, 1 something is refused or stale (with --diff: something is weaker), 2 bad usage.

Examples:
  cargo inert audit --format sarif > inert.sarif
  cargo inert audit --diff origin/main
";

/// Options of its own.
#[derive(Debug, Default)]
struct Options {
    format: String,
    libraries: bool,
    from: Option<String>,
    to: Option<String>,
}

/// Runs the audit.
///
/// # Errors
/// See [`crate::driver::Failure`].
pub fn run(context: &Context, arguments: &[OsString]) -> Outcome {
    let (options, rest) = options(arguments)?;
    let invocation = Invocation::parse("build", &rest, &context.cwd)?;
    if invocation.has("--help") || invocation.has("-h") {
        report::print(HELP);
        return Ok(exit::DONE);
    }
    if let Some(from) = &options.from {
        return difference(context, &invocation, from, options.to.as_deref(), &options.format);
    }
    let prepared = driver::prepare(context, &invocation)?;
    if options.libraries {
        let listed = report::libraries::libraries(&prepared.plan.providers);
        if options.format == "json" {
            report::print_json(&listed);
        } else {
            report::print(&report::escaped(&report::libraries::human(&listed)));
        }
        let missing = listed.libraries.iter().any(|library| library.provider == "missing");
        return Ok(if missing { exit::DENIED } else { exit::DONE });
    }
    let cargo_lock = prepared.workspace.lock_file();
    let locked = lock_check::packages_of(&cargo_lock).unwrap_or_default();
    let stale = stale::stale(&prepared.policy, &prepared.plan, &locked);
    let fails = report::denied::any(&prepared.plan) || !stale.is_empty();
    let audit = report::audit::audit(&prepared.plan, &prepared.policy, stale);
    match options.format.as_str() {
        "json" => report::print_json(&audit),
        "sarif" => {
            let text = std::fs::read_to_string(&cargo_lock).unwrap_or_default();
            let places =
                report::sarif::Places { root: &prepared.workspace.workspace_root, cargo_lock: &text };
            report::print_json(&report::sarif::sarif(&audit, &places));
        }
        _ => {
            report::print(&report::audit::human(&audit));
            if report::denied::any(&prepared.plan) {
                let file = prepared.workspace.workspace_root.join(crate::policy::FILE);
                report::status(&report::denied::render(&prepared.plan, &file.display().to_string(), true));
            }
        }
    }
    Ok(if fails { exit::DENIED } else { exit::DONE })
}

fn options(arguments: &[OsString]) -> Result<(Options, Vec<OsString>), BadArguments> {
    let mut options = Options { format: "human".to_owned(), ..Options::default() };
    let mut rest = Vec::new();
    let mut iter = arguments.iter();
    while let Some(argument) = iter.next() {
        let text = argument.to_string_lossy().into_owned();
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text.as_str(), None),
        };
        if text == "--libraries" {
            options.libraries = true;
            continue;
        }
        if !matches!(name, "--format" | "--diff" | "--to") {
            rest.push(argument.clone());
            continue;
        }
        let value = inline.or_else(|| iter.next().map(|value| value.to_string_lossy().into_owned()));
        let value = value.ok_or_else(|| BadArguments(format!("{name} needs a value")))?;
        match name {
            "--format" => options.format = value,
            "--diff" => options.from = Some(value),
            _ => options.to = Some(value),
        }
    }
    if !matches!(options.format.as_str(), "human" | "json" | "sarif") {
        return Err(BadArguments(format!(
            "--format {}: expected `human`, `json` or `sarif`",
            options.format
        )));
    }
    if options.to.is_some() && options.from.is_none() {
        return Err(BadArguments("--to goes with --diff".to_owned()));
    }
    Ok((options, rest))
}

fn difference(
    context: &Context,
    invocation: &Invocation,
    from: &str,
    to: Option<&str>,
    format: &str,
) -> Outcome {
    let root = driver::workspace(context, invocation)?.workspace_root;
    let (old, base) = at(context, &root, from)?;
    let new = match to {
        Some(to) => at(context, &root, to)?.0,
        None => lock_collect::collect(context, invocation)?,
    };
    // A lock file alone comes without the policy that held; the workspace's own does, else the default.
    let base = match base {
        Some(base) => base,
        None => Policy::find(&[], Some(&root), None).map_err(Failure::Policy)?,
    };
    let changes = compare::changes(&old, &new, &base);
    if format == "json" {
        report::print_json(&serde_json::json!({ "schema": 1, "changes": changes }));
    } else {
        let mut text = String::new();
        for change in &changes {
            text.push_str(&format!("{:>9}  {} {}\n", change.label.name(), change.what, change.text));
        }
        let count = |label| changes.iter().filter(|change| change.label == label).count();
        text.push_str(&format!(
            "{} weaker, {} same, {} stronger\n",
            count(Label::Weaker),
            count(Label::Same),
            count(Label::Stronger)
        ));
        report::print(&report::escaped(&text));
    }
    Ok(if changes.iter().any(|change| change.label == Label::Weaker) { exit::DENIED } else { exit::DONE })
}

/// The lock, and where it is known the policy, of a file or a git revision.
fn at(context: &Context, root: &Path, place: &str) -> Result<(Lock, Option<Policy>), Failure> {
    let file = path_from(&context.cwd, place);
    if file.is_file() {
        let lock = Lock::read(&file).map_err(Failure::Lock)?.unwrap_or_default();
        return Ok((lock, None));
    }
    let text = blob(context, root, place, &format!("./{}", lock::FILE))?.ok_or_else(|| {
        Failure::Arguments(format!(
            "`{place}` is no lock file, and no git revision here that holds {}\n  help: `cargo inert lock` writes it; commit it",
            lock::FILE
        ))
    })?;
    let name = Path::new(place).join(lock::FILE);
    let lock = Lock::parse(&text, &name).map_err(Failure::Lock)?;
    // With all that it extends and imports, as that revision has it; what lies outside of the repository has no revision.
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

/// A file of a revision; `None` where either is not there. git is started without what the repository's configuration
/// could make it start.
fn blob(context: &Context, root: &Path, revision: &str, file: &str) -> Result<Option<String>, Failure> {
    if revision.starts_with('-') {
        return Err(Failure::Arguments(format!("`{revision}` is no revision")));
    }
    let output = git(context, root, &["cat-file", "blob", &format!("{revision}:{file}")])?;
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// Where the workspace's root lies in its repository, as parts of a path.
fn prefix(context: &Context, root: &Path) -> Result<PathBuf, Failure> {
    let output = git(context, root, &["rev-parse", "--show-prefix"])?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end_matches(['\n', '\r'])))
}

/// A file's path from the repository's top, if it lies in the repository.
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
