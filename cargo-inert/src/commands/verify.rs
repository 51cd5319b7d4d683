//! `cargo inert verify`: compares stand-ins with the scripts that they replace. No other command runs replaced scripts.

mod record;

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};
use inert_manifest_spec::Declaration;

use super::Outcome;
use super::cargo_arguments::WorkspaceArguments;
use crate::bake::module::Compiler;
use crate::driver::{self, Context, Failure};
use crate::plan::model::Decision;
use crate::plan::verified;
use crate::verify::corpus::{self, Named};
use crate::verify::report::{Entry, Report};
use crate::verify::supply::{self, Metadata};
use crate::verify::{Bench, Subject};
use crate::{exit, report};

/// Compare stand-ins with the build scripts that they stand for
///
/// Compiles each original script apart and runs it, and its stand-in, with the same simulated environments: every
/// feature, several targets, versions of rustc, the variables it asks for, libraries there and not. What they tell
/// Cargo and what they write must be equal. Where the machine can, the scripts run confined, without network and home, and a case in
/// which one is denied something is not compared. This is the one command that runs scripts that Inert replaces: it says
/// which, and asks first.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert verify",
    bin_name = "cargo inert verify",
    after_help = "Examples:
  cargo inert verify                        every replaced script of this build
  cargo inert verify libc serde             those of two packages
  cargo inert verify --record               and note in inert.toml which are equal
  cargo inert verify --package-folder .     the package in this folder: its own declaration, else what can be derived
  cargo inert verify --crate libc@0.2.191   a published crate, by derivation
  cargo inert verify --wasm --crate typenum@1.17.0   a published crate's script, in WebAssembly and natively
  cargo inert verify --corpus list.txt      many: `name version` or `name,version,…` a line

Exit codes: 0 all equal, 1 a difference, or a script that could not be compared in some case, 2 bad usage."
)]
pub struct Arguments {
    /// Packages of this build: `name` or `name@version`; all that are replaced where none is named
    packages: Vec<String>,
    /// The package in a folder, with its own declaration if it has one
    #[arg(long, value_name = "FOLDER")]
    package_folder: Vec<PathBuf>,
    /// A published crate, `name@version`; its script is derived
    #[arg(long = "crate", value_name = "NAME@VERSION")]
    crates: Vec<String>,
    /// A file that names published crates
    #[arg(long, value_name = "FILE")]
    corpus: Option<PathBuf>,
    /// A declaration to hold against the script instead (with one package): TOML, as in `[package.metadata.inert]`
    #[arg(long, value_name = "FILE")]
    declaration: Option<PathBuf>,
    /// Compare the script in WebAssembly with its native run, in place of a stand-in; a case in which it asks for what is
    /// not there is not compared, and counts as refused
    #[arg(long, conflicts_with = "declaration")]
    wasm: bool,
    /// Run the scripts without asking
    #[arg(long, short)]
    yes: bool,
    /// Write a `[[verified]]` entry into inert.toml for each derived script of this build that is equal in every case that
    /// was tried, in place of earlier ones; `[policy] derived = "verified"` asks for them
    #[arg(long, conflicts_with_all = ["package_folder", "crates", "corpus", "declaration", "wasm", "table"])]
    record: bool,
    /// How to say what came of it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Verify nothing; print what earlier runs said with `--format json` as a table
    #[arg(long, value_name = "FILE")]
    table: Vec<PathBuf>,
    /// Random cases per script, besides those chosen
    #[arg(long, default_value_t = 60)]
    random: usize,
    /// Seconds after which no further case of a script is begun
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    time_limit: u64,
    /// Differing cases after which a script is left alone
    #[arg(long, default_value_t = 8, value_name = "CASES")]
    differences: usize,
    /// Where scripts are compiled and run
    #[arg(long, value_name = "FOLDER")]
    work_dir: Option<PathBuf>,
    /// Runs at once
    #[arg(long, short)]
    jobs: Option<usize>,
    /// Verify nothing; remove the scripts that earlier runs compiled and kept
    #[arg(long)]
    clean: bool,
    #[command(flatten)]
    cargo: WorkspaceArguments,
}

/// The format of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
    Markdown,
}

/// Runs `cargo inert verify`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    if !arguments.table.is_empty() {
        return table(context, &arguments.table);
    }
    let instead = arguments.declaration.as_ref().map(|file| instead(context, file)).transpose()?;
    let mut work = Vec::new();
    let mut entries = Vec::new();
    let mut recorded = None;
    let base =
        arguments.work_dir.clone().or_else(|| context.environment.cache_dir().map(|dir| dir.join("verify")));
    // A folder that `--work-dir` names may hold other files, so `--clean` does not remove it.
    let base = base.unwrap_or_else(|| std::env::temp_dir().join("inert-verify"));
    if arguments.clean {
        if arguments.work_dir.is_some() {
            return Err(Failure::Arguments(
                "--clean removes what is kept in the user's cache; a --work-dir is its owner's".to_owned(),
            ));
        }
        Bench::clean(&base).map_err(|error| Failure::Io(base.display().to_string(), error))?;
        report::say("Removed", &base.display().to_string());
        return Ok(exit::DONE);
    }
    let mut bench =
        Bench::new(&base, &context.environment, &context.cargo, &context.cwd).map_err(Failure::Unexpected)?;
    if let Err(why) = &bench.confined {
        report::warn(&format!("the scripts run unconfined, with your rights: {why}"));
    }
    if arguments.wasm {
        bench.in_wasm = Some(Box::new(Compiler {
            cargo: crate::environment::sibling("cargo-inert")
                .map_err(|error| Failure::Io("Inert's own files".to_owned(), error))?,
            environment: context.environment.clone(),
            target_dir: bench.folder.join("target-wasm"),
            policy: None,
            lock: None,
        }));
    }
    bench.random = arguments.random;
    bench.time_limit = std::time::Duration::from_secs(arguments.time_limit);
    bench.max_mismatches = arguments.differences.max(1);
    bench.threads = arguments.jobs.unwrap_or(bench.threads).max(1);
    for folder in &arguments.package_folder {
        let nothing = Declaration::default();
        let instead = if arguments.wasm { Some(&nothing) } else { instead.as_ref() };
        match of_folder(&context.cwd.join(folder), instead) {
            Ok(one) => work.push(one),
            Err(entry) => entries.push(*entry),
        }
    }
    let mut named: Vec<Named> = corpus::read_list(&arguments.crates.join("\n"));
    if named.len() < arguments.crates.len() {
        return Err(Failure::Arguments(
            "--crate wants `name@version`, such as `--crate libc@0.2.191`".to_owned(),
        ));
    }
    if let Some(file) = &arguments.corpus {
        let path = context.cwd.join(file);
        let text =
            std::fs::read_to_string(&path).map_err(|error| Failure::Io(path.display().to_string(), error))?;
        named.extend(corpus::read_list(&text));
    }
    if arguments.package_folder.is_empty() && arguments.crates.is_empty() && arguments.corpus.is_none() {
        let root = of_graph(context, arguments, &mut work, &mut entries)?;
        recorded = arguments.record.then_some(root);
    }
    if let (Some(declaration), [(_, subject)], []) = (&instead, &mut work[..], &named[..]) {
        subject.declaration = declaration.clone();
    } else if instead.is_some() && (work.len(), named.len()) != (0, 1) {
        return Err(Failure::Arguments("--declaration is for one package; name it".to_owned()));
    }
    let names: Vec<String> =
        work.iter().map(|(package, _)| package.clone()).chain(named.iter().map(Named::to_string)).collect();
    if !names.is_empty() && !arguments.yes && !agreed(&names)? {
        return Ok(exit::DENIED);
    }
    let early = std::mem::take(&mut entries);
    let mut done = |entry: Entry| {
        if arguments.format == Format::Human {
            report::print(&entry.human());
        } else {
            report::status(entry.human().lines().next().unwrap_or_default());
        }
        entries.push(entry);
    };
    early.into_iter().for_each(&mut done);
    let count = work.len() + named.len();
    let mut at = 0;
    let mut begin = |package: &str| {
        at += 1;
        report::say("Verifying", &report::escaped(&format!("{package} ({at} of {count})")));
    };
    for (package, subject) in &work {
        begin(package);
        done(Entry::of(package.clone(), subject, &bench.verify(subject)));
    }
    // The crates are prepared one at a time, so that each result is shown as soon as it is known.
    for one in &named {
        begin(&one.to_string());
        let nothing = Declaration::default();
        let instead = if arguments.wasm { Some(&nothing) } else { instead.as_ref() };
        done(published(&bench, one, instead));
    }
    if let Some(root) = recorded {
        record::write(context, &root, &entries, &bench.rustc.host)?;
    }
    finish(entries, arguments.format, &bench.rustc.host)
}

fn finish(mut entries: Vec<Entry>, format: Format, host: &str) -> Outcome {
    entries.sort_by(|a, b| a.package.cmp(&b.package));
    let count = |result: &str| entries.iter().filter(|entry| entry.result == result).count();
    let (equal, differ, failed, residue) = (
        count("equal"),
        count("mismatch"),
        count("failed") + count("uncompared") + count("denied"),
        count("residue"),
    );
    match format {
        Format::Json => report::print_json(&Report { schema: 1, host: host.to_owned(), packages: entries }),
        Format::Markdown => report::print(&crate::verify::report::markdown(&entries)),
        Format::Human => report::print(&format!(
            "{equal} equal, {differ} differ, {failed} not compared, {residue} not derived\n"
        )),
    }
    Ok(if differ + failed > 0 { exit::DENIED } else { exit::DONE })
}

/// Runs `--table`: prints the last result for each package in the given JSON files.
fn table(context: &Context, files: &[PathBuf]) -> Outcome {
    let mut entries = std::collections::BTreeMap::new();
    for file in files {
        let path = context.cwd.join(file);
        let text =
            std::fs::read_to_string(&path).map_err(|error| Failure::Io(path.display().to_string(), error))?;
        let report: Report = serde_json::from_str(&text).map_err(|error| {
            Failure::Arguments(format!("{}: not what --format json writes: {error}", path.display()))
        })?;
        entries.extend(report.packages.into_iter().map(|entry| (entry.package.clone(), entry)));
    }
    let entries: Vec<Entry> = entries.into_values().collect();
    report::print(&crate::verify::report::markdown(&entries));
    Ok(exit::DONE)
}

/// Verifies a published crate: finds its source and its declaration, and compares.
fn published(bench: &Bench, named: &Named, instead: Option<&Declaration>) -> Entry {
    let root = match corpus::source(bench, named) {
        Ok(root) => root,
        Err(problem) => return Entry::residue(named.to_string(), problem),
    };
    let subject = match instead {
        Some(declaration) => Ok(Subject::new(&root, declaration.clone())),
        None => corpus::subject(&root, named),
    };
    match subject {
        Ok(subject) => Entry::of(named.to_string(), &subject, &bench.verify(&subject)),
        Err(entry) => *entry,
    }
}

/// Asks on the terminal whether the scripts may be run.
fn agreed(names: &[String]) -> Result<bool, Failure> {
    report::status(&match names.len() {
        1 => "This build script will be compiled and run, in a folder of its own:".to_owned(),
        count => {
            format!("These {count} build scripts will be compiled and run, each in a folder of its own:")
        }
    });
    for name in names {
        report::status(&format!("  {}", report::escaped(name)));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Arguments("there is no terminal to ask on; pass --yes to run them".to_owned()));
    }
    let io = |error| Failure::Io("the terminal".to_owned(), error);
    std::io::stderr().write_all(b"Run? [y/N] ").map_err(io)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(io)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Reads the declaration that `--declaration` names.
fn instead(context: &Context, file: &Path) -> Result<Declaration, Failure> {
    let path = context.cwd.join(file);
    let text =
        std::fs::read_to_string(&path).map_err(|error| Failure::Io(path.display().to_string(), error))?;
    let parsed = inert_manifest_spec::parse_declaration(&text);
    parsed.declaration.ok_or_else(|| {
        report::diagnostic::print(&path.display().to_string(), &text, &parsed.diagnostics);
        Failure::Arguments("the declaration cannot be used".to_owned())
    })
}

/// Reads the package in a folder, with its own declaration or else the derived one.
fn of_folder(root: &Path, instead: Option<&Declaration>) -> Result<(String, Subject), Box<Entry>> {
    let manifest = crate::verify::manifest::Manifest::read(root)
        .map_err(|problem| Box::new(Entry::residue(root.display().to_string(), problem)))?;
    let named = Named { name: manifest.name, version: manifest.version };
    let package = format!("{} {}", named.name, named.version);
    let text = std::fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
    let own = instead.cloned().or_else(|| inert_manifest_spec::parse_manifest(&text).declaration);
    let mut subject = match own {
        None => corpus::subject(root, &named)?,
        Some(declaration) => Subject::new(root, declaration),
    };
    subject.metadata = supply::of_paths(root);
    subject.lock = root.ancestors().map(|folder| folder.join("Cargo.lock")).find(|path| path.is_file());
    Ok((package, subject))
}

/// Collects the replaced scripts of the current build, and returns the root of its workspace.
fn of_graph(
    context: &Context,
    arguments: &Arguments,
    work: &mut Vec<(String, Subject)>,
    entries: &mut Vec<Entry>,
) -> Result<PathBuf, Failure> {
    let asked = &arguments.packages;
    let invocation = arguments.cargo.invocation("build", context)?;
    let prepared = driver::prepare(context, &invocation)?;
    let wanted = |decision: &Decision| {
        let id = &decision.package.id;
        asked.is_empty()
            || asked.iter().any(|name| *name == id.name || *name == format!("{}@{}", id.name, id.version))
    };
    for name in asked {
        let name = name.split('@').next().unwrap_or_default();
        if !prepared.plan.decisions.iter().any(|decision| decision.package.id.name == name) {
            return Err(Failure::Arguments(format!(
                "no package `{name}` with a build script is part of this build; `cargo inert audit` lists them"
            )));
        }
    }
    let mut metadata = Metadata::new();
    for decision in &prepared.plan.decisions {
        if let (Some(links), Some(declared)) = (&decision.package.links, &decision.declared) {
            supply::add(&mut metadata, links, &declared.declaration);
        }
    }
    for decision in prepared.plan.decisions.iter().filter(|decision| wanted(decision)) {
        let package = decision.package.id.to_string();
        match &decision.declared {
            Some(declared) if !arguments.wasm => work.push((
                package,
                Subject {
                    origin: declared.origin,
                    derivation: verified::digest_of(&decision.package, declared)
                        .map_err(|error| Failure::Io(decision.package.root.display().to_string(), error))?,
                    assumes: declared.assumes.clone(),
                    metadata: metadata.clone(),
                    builds: decision.runs.iter().map(|run| run.features.clone()).collect(),
                    lock: Some(prepared.workspace.workspace_root.join("Cargo.lock"))
                        .filter(|path| path.is_file()),
                    ..Subject::new(&decision.package.root, declared.declaration.clone())
                },
            )),
            _ if arguments.wasm => work.push((
                package,
                Subject {
                    metadata: metadata.clone(),
                    builds: decision.runs.iter().map(|run| run.features.clone()).collect(),
                    lock: Some(prepared.workspace.workspace_root.join("Cargo.lock"))
                        .filter(|path| path.is_file()),
                    ..Subject::new(&decision.package.root, Declaration::default())
                },
            )),
            _ => entries.push(Entry::residue(package, decision.residue.join("\n"))),
        }
    }
    Ok(prepared.workspace.workspace_root.clone())
}
