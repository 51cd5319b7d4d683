//! `cargo inert migrate`: turns an author's build.rs into a declaration in Cargo.toml.

mod dependencies;
mod start;
mod write;

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Parser;
use inert_manifest_spec::Diagnostic;
use inert_migrate_tool::rewrite::{self, Shim, Style, Wanted};
use inert_migrate_tool::{PackageSource, Residue};

use super::Outcome;
use super::cargo_arguments::BuildArguments;
use super::format::HumanOrJson;
use crate::cargo::invocation::Invocation;
use crate::driver::{self, Context, Failure};
use crate::plan::model::Origin;
use crate::verify::{Bench, Subject};
use crate::{exit, report};
use start::Start;

/// The default requirement on inert-build in Cargo.toml: this version, from the registry.
const PUBLISHED: &str = concat!("\"", env!("CARGO_PKG_VERSION"), "\"");

/// Turn build.rs into a declaration
///
/// Reads the package's build script, without running it, and writes what it does to `[package.metadata.inert]` in
/// Cargo.toml, everything else in the file as it was. A script that the catalog knows starts from the catalog's entry. build.rs becomes a shim that hands over to `inert-build`, the
/// one build-dependency left, so that plain cargo does the same as before; under Inert it is never compiled. The diff
/// is shown first; both files change, or neither does.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert migrate",
    bin_name = "cargo inert migrate",
    after_help = "Examples:
  cargo inert migrate --dry-run          the diff, and nothing else
  cargo inert migrate --verify           run the old script against the declaration first; migrate if they agree
  cargo inert migrate --keep-script      keep build.rs; where only part of it is understood, it runs for the rest alone
  cargo inert migrate --inert-only       for packages that only Inert builds: plain cargo is told so by build.rs
  cargo inert migrate --resolver '{ path = \"../inert/build-script\" }'
                                         inert-build from a clone, until it is published
  cargo inert migrate --dependencies     which scripts of the whole build can be derived, and why the others cannot

Exit codes: 0 done, 1 the script is not understood, the two do not agree or the answer was no, 2 bad usage, or nobody to ask \
                  and no --yes."
)]
pub struct Arguments {
    /// Report on the scripts of the whole build instead
    #[arg(long)]
    dependencies: bool,
    /// Show the diff and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave a build.rs that only tells plain cargo to stop, without any build-dependency
    #[arg(long, conflicts_with = "keep_script")]
    inert_only: bool,
    /// Keep build.rs and its build-dependencies: as they are, or, where the declaration leaves a part out, for that part
    #[arg(long)]
    keep_script: bool,
    /// Compile and run the old script, and compare, before anything is written
    #[arg(long)]
    verify: bool,
    /// Write without asking: over changes that are not committed too, and where there is no terminal
    #[arg(long, short)]
    yes: bool,
    /// What Cargo.toml asks of inert-build, as TOML: `{ path = "../inert/build-script" }`, `{ git = "…" }`
    #[arg(long, value_name = "TOML", default_value = PUBLISHED)]
    resolver: String,
    /// With --dependencies: how to say it
    #[arg(long, value_enum, default_value_t)]
    format: HumanOrJson,
    /// A package's name, which belongs behind `-p`.
    #[arg(hide = true)]
    name: Option<String>,
    #[command(flatten)]
    cargo: BuildArguments,
}

/// The options that select the package to migrate. All others select the build that `--dependencies` plans.
const WITHOUT_DEPENDENCIES: &[&str] = &["--package", "--manifest-path", "--config", "-Z", "--color"];
const SWITCHES_WITHOUT_DEPENDENCIES: &[&str] = &["--locked", "--offline", "--frozen", "--quiet", "--verbose"];

/// Runs `cargo inert migrate`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    if let Some(name) = &arguments.name {
        return Err(Failure::Arguments(format!(
            "`{name}` stands alone; a member of the workspace is named by `-p {name}`"
        )));
    }
    let invocation = arguments.cargo.invocation("build", context)?;
    if arguments.dependencies {
        return dependencies::report(context, &invocation, arguments.format == HumanOrJson::Json);
    }
    let others = invocation.select(|name| {
        !WITHOUT_DEPENDENCIES.contains(&name) && !SWITCHES_WITHOUT_DEPENDENCIES.contains(&name)
    });
    if let Some(option) = others.first() {
        return Err(Failure::Arguments(format!(
            "`{}` says which build is planned, and only --dependencies plans one",
            option.to_string_lossy()
        )));
    }
    let manifest_path = chosen(context, &invocation)?;
    migrate(context, arguments, &manifest_path)
}

/// Returns the manifest of the selected package.
fn chosen(context: &Context, invocation: &Invocation) -> Result<PathBuf, Failure> {
    let package = invocation.option("--package");
    if let (Some(path), None) = (&invocation.manifest_path, &package) {
        return Ok(crate::cargo::package::path_from(&context.cwd, path));
    }
    let workspace = driver::workspace(context, invocation)?;
    let members =
        || workspace.packages.iter().map(|member| member.name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(name) = &package {
        let found = workspace.packages.iter().find(|member| member.name == *name);
        return found.map(|member| member.manifest_path.clone()).ok_or_else(|| {
            Failure::Arguments(format!("no package `{name}` in this workspace, which has {}", members()))
        });
    }
    let here = workspace
        .packages
        .iter()
        .filter(|member| member.manifest_path.parent().is_some_and(|folder| context.cwd.starts_with(folder)));
    let here = here.max_by_key(|member| member.manifest_path.as_os_str().len());
    here.map(|member| member.manifest_path.clone()).ok_or_else(|| {
        Failure::Arguments(format!("which package? The workspace has {}; name one with -p", members()))
    })
}

fn migrate(context: &Context, arguments: &Arguments, manifest_path: &Path) -> Outcome {
    let source =
        PackageSource::from_manifest(manifest_path).map_err(|error| Failure::Arguments(error.to_string()))?;
    let Some(script) = source.script.clone() else {
        report::say("Inert", &format!("{} has no build script; there is nothing to migrate", source.name));
        return Ok(exit::DONE);
    };
    let script_path = source.root.join(&script);
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| Failure::Io(path.display().to_string(), error))
    };
    let (manifest_text, script_text) = (read(manifest_path)?, read(&script_path)?);
    if inert_manifest_spec::parse_manifest(&manifest_text).declaration.is_some() {
        return Err(Failure::Arguments(format!(
            "{} already has `[package.metadata.inert]`\n  help: `cargo inert verify --package-folder .` holds it against the \
             script",
            manifest_path.display()
        )));
    }
    let start = start::find(&source);
    let style = match (arguments.keep_script, arguments.inert_only) {
        (true, _) => Style::Keep,
        (_, true) => Style::InertOnly,
        _ => Style::Shim,
    };
    let Some(declaration) = understood(&start, style, &source, &script) else { return Ok(exit::DENIED) };
    let wanted = Wanted {
        manifest: &manifest_text,
        script: &script_text,
        declaration,
        style,
        resolver: &arguments.resolver,
    };
    let rewritten = rewrite::rewrite(&wanted)
        .map_err(|error| Failure::Arguments(format!("{}: {error}", manifest_path.display())))?;
    let mut changes = vec![write::Change {
        path: manifest_path.to_path_buf(),
        name: "Cargo.toml".to_owned(),
        old: manifest_text.clone(),
        new: Some(rewritten.manifest.clone()),
    }];
    if rewritten.script.as_deref() != Some(script_text.as_str()) {
        let name = script.components().collect::<PathBuf>().display().to_string();
        changes.push(write::Change {
            path: script_path,
            name,
            old: script_text.clone(),
            new: rewritten.script.clone(),
        });
    }
    for change in &changes {
        report::print(&report::escaped(&change.diff()));
    }
    if start.origin == Origin::Catalog {
        report::say(
            "Note",
            "the declaration is the catalog's entry for this script; where such entries differ from their scripts on purpose is in \
             docs/reference/differences-scripts.md",
        );
    }
    for note in &rewritten.notes {
        report::say("Note", &report::escaped(note));
    }
    if arguments.verify && !verified(context, &source, declaration, &start)? {
        return Ok(exit::DENIED);
    }
    if arguments.dry_run {
        report::say("Dry run", "nothing was written");
        return Ok(exit::DONE);
    }
    if !arguments.yes && !agreed(context, &changes)? {
        report::say("Left", "nothing was written");
        return Ok(exit::DENIED);
    }
    write::all(&changes)?;
    report::say("Migrated", &format!("{} {}", source.name, source.version));
    // Beside what was asked for, a script stays where a shim would cost plain cargo something.
    let calls_shim = rewritten
        .script
        .as_deref()
        .is_some_and(|script| Shim::of_script(script).or_else(|| Shim::guarding(script)).is_some());
    if (style == Style::InertOnly || calls_shim) && rewritten.script.is_some() {
        report::say(
            "Next",
            "build it with plain cargo and with `cargo inert build`; a git diff shows what changed",
        );
    }
    if calls_shim && arguments.resolver == PUBLISHED {
        let (package, folder) = match rewrite::needs(declaration).shim {
            Shim::Build => ("inert-build", "build-script"),
            Shim::Resolver => ("inert-resolver", "resolver"),
        };
        report::say(
            "Until then",
            &format!(
                "`{package}` {} has to be published for plain cargo to build this; from a clone of Inert: `{package} = {{ path = \
                 \"../inert/{folder}\" }}`, or `{{ git = \"{}\" }}`",
                env!("CARGO_PKG_VERSION"),
                env!("CARGO_PKG_REPOSITORY"),
            ),
        );
    }
    Ok(exit::DONE)
}

/// Returns the declaration that a migration of the package would write; `None` if too little of its script is understood.
pub(super) fn written(source: &PackageSource) -> Option<inert_manifest_spec::Declaration> {
    start::find(source).declaration
}

/// Returns the declaration if it may replace the script; otherwise reports why it may not.
fn understood<'a>(
    start: &'a Start,
    style: Style,
    source: &PackageSource,
    script: &Path,
) -> Option<&'a inert_manifest_spec::Declaration> {
    let declaration = start.declaration.as_ref();
    let partly = declaration.and_then(|declaration| declaration.unsupported.as_ref());
    match (declaration, partly) {
        (Some(declaration), None) => return Some(declaration),
        (Some(declaration), Some(condition)) => {
            let whom = match start.origin {
                Origin::Catalog => "is not covered by the catalog's entry",
                _ => "is not understood",
            };
            if style == Style::Keep {
                report::say(
                    "Partly",
                    &format!(
                        "the script {whom} where {}: there plain cargo goes on running it, and Inert refuses it unless a policy \
                         lets it run",
                        short(condition)
                    ),
                );
                return Some(declaration);
            }
            residue(source, &start.residue);
            report::error(&format!(
                "the script of `{}` {whom} where {}, so it cannot go; nothing was written\n  help: `cargo inert \
                 migrate --keep-script` adds the declaration for everywhere else and keeps {} for that part",
                source.name,
                short(condition),
                script.display()
            ));
        }
        (None, _) => {
            residue(source, &start.residue);
            report::error(&format!(
                "{} of `{}` is not understood as a whole; nothing was written\n  help: `[package.metadata.inert]` can be \
                 written by hand and held against the script with `cargo inert verify --package-folder .`",
                script.display(),
                source.name
            ));
        }
    }
    None
}

/// Formats a condition for a sentence; one that is too long is cut.
fn short(condition: &inert_manifest_spec::Condition) -> String {
    let cut = label(condition);
    match cut.ends_with('…') {
        false => format!("`{cut}`"),
        true => format!("`{cut}` (whole in `cargo inert migrate --dry-run --keep-script`)"),
    }
}

/// Prints the places of the script that were not understood, with their lines.
fn residue(source: &PackageSource, residue: &[Residue]) {
    const SHOWN: usize = 20;
    let mut seen = std::collections::BTreeSet::new();
    for one in residue {
        if !seen.insert((&one.file, one.line, one.column, &one.reason)) || seen.len() > SHOWN {
            continue;
        }
        let path = source.root.join(&one.file);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let start = offset(&text, one.line, one.column);
        let end = text.get(start..).map_or(start, |rest| {
            let word =
                rest.find(|c: char| !(c.is_alphanumeric() || "_:!.".contains(c))).unwrap_or(rest.len());
            start + word.max(1).min(rest.len())
        });
        let mut diagnostic = Diagnostic::error("inert::migrate::residue", one.reason.clone(), start..end);
        diagnostic = match &one.guard {
            Some(guard) => diagnostic.label(format!("reached where {}", label(guard))),
            None => diagnostic.label("not understood"),
        };
        report::diagnostic::print(&path.display().to_string(), &text, &[diagnostic]);
    }
    if seen.len() > SHOWN {
        report::status(&format!(
            "… and {}\n",
            report::counted(seen.len() - SHOWN, "more place", "more places")
        ));
    }
}

/// Formats a guard for the label under a line of the script; one that is too long is cut.
fn label(guard: &inert_manifest_spec::Condition) -> String {
    let whole = guard.to_string();
    whole.char_indices().nth(160).map_or_else(|| whole.clone(), |(at, _)| format!("{} …", &whole[..at]))
}

/// Returns the byte offset of a line and column, both counted from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    let inside = rest.char_indices().nth(column.saturating_sub(1)).map_or(0, |(at, _)| at);
    (start + inside).min(text.len())
}

/// Runs the old script and compares it with the declaration.
fn verified(
    context: &Context,
    source: &PackageSource,
    declaration: &inert_manifest_spec::Declaration,
    start: &Start,
) -> Result<bool, Failure> {
    let folder = context.environment.cache_dir().map_or_else(std::env::temp_dir, |dir| dir.join("verify"));
    let bench = Bench::new(&folder, &context.environment, &context.cargo, &context.cwd)
        .map_err(Failure::Unexpected)?;
    if let Err(why) = &bench.confined {
        report::warn(&format!("the script runs unconfined, with your rights: {why}"));
    }
    // No lock file is used: Cargo ignores the package's own in a consumer's build.
    let subject = Subject {
        origin: start.origin,
        variables: start.variables.clone(),
        assumes: start.assumes.clone(),
        metadata: crate::verify::supply::of_paths(&source.root),
        ..Subject::new(&source.root, declaration.clone())
    };
    let entry = crate::verify::report::Entry::of(
        format!("{} {}", source.name, source.version),
        &subject,
        &bench.verify(&subject),
    );
    report::status(entry.human().trim_end());
    Ok(entry.result == "equal")
}

fn agreed(context: &Context, changes: &[write::Change]) -> Result<bool, Failure> {
    let uncommitted = uncommitted(context, changes);
    let warning = match uncommitted.is_empty() {
        true => String::new(),
        false => format!(" over changes of {} that are not committed", uncommitted.join(" and ")),
    };
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Arguments(format!(
            "there is no terminal to ask in whether this may be written{warning}\n  help: `--yes` writes it, `--dry-run` only shows it"
        )));
    }
    let io = |error| Failure::Io("the terminal".to_owned(), error);
    std::io::stderr().write_all(format!("Write this{warning}? [y/N] ").as_bytes()).map_err(io)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(io)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Returns the names of files to write that have uncommitted changes or that git does not track; none without git.
fn uncommitted(context: &Context, changes: &[write::Change]) -> Vec<String> {
    let changed = |change: &&write::Change| {
        let folder = change.path.parent()?;
        let git = context.environment.find_program("git")?;
        let asked = crate::cargo::command(git)
            .args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks"])
            .args(["status", "--porcelain", "--ignored", "--"])
            .arg(&change.path)
            .current_dir(folder)
            .output()
            .ok()?;
        (asked.status.success() && !asked.stdout.is_empty()).then_some(())
    };
    changes.iter().filter(|change| changed(change).is_some()).map(|change| change.name.clone()).collect()
}
