//! `cargo inert migrate`: an author's build.rs becomes a declaration in Cargo.toml.

mod dependencies;
mod write;

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Parser;
use inert_manifest_spec::Diagnostic;
use inert_migrate_tool::rewrite::{self, Style, Wanted};
use inert_migrate_tool::{Derivation, PackageSource, Residue};

use super::Outcome;
use super::cargo_arguments::BuildArguments;
use super::format::HumanOrJson;
use crate::cargo::invocation::Invocation;
use crate::driver::{self, Context, Failure};
use crate::plan::model::Origin;
use crate::verify::{Bench, Subject};
use crate::{exit, report};

/// Turn build.rs into a declaration
///
/// Reads the package's build script, without running it, and writes what it does to `[package.metadata.inert]` in
/// Cargo.toml, everything else in the file as it was. build.rs becomes a shim that hands over to `inert-build`, the
/// one build-dependency left, so that plain cargo does the same as before; under Inert it is never compiled. The diff
/// is shown first; both files change, or neither does.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert migrate",
    bin_name = "cargo inert migrate",
    after_help = "Examples:
  cargo inert migrate --dry-run          the diff, and nothing else
  cargo inert migrate --verify           run the old script against the declaration first; migrate if they agree
  cargo inert migrate --keep-script      only add the declaration; plain cargo keeps running build.rs
  cargo inert migrate --inert-only       an empty build.rs, for packages that only Inert builds
  cargo inert migrate --dependencies     which scripts of the whole build can be derived, and why the others cannot

Exit codes: 0 done, 1 the script is not understood or the two do not agree, 2 bad usage."
)]
pub struct Arguments {
    /// Report on the scripts of the whole build instead
    #[arg(long)]
    dependencies: bool,
    /// Show the diff and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave a build.rs that does nothing, without any build-dependency
    #[arg(long, conflicts_with = "keep_script")]
    inert_only: bool,
    /// Leave build.rs and its build-dependencies as they are
    #[arg(long)]
    keep_script: bool,
    /// Compile and run the old script, and compare, before anything is written
    #[arg(long)]
    verify: bool,
    /// Write without asking
    #[arg(long, short)]
    yes: bool,
    /// What Cargo.toml asks of inert-build, as TOML: `{ path = "../inert/build-script" }`
    #[arg(long, value_name = "TOML", default_value = concat!("\"", env!("CARGO_PKG_VERSION"), "\""))]
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

/// Cargo's options that say which package is migrated. The others say which build is planned: they are for --dependencies.
const WITHOUT_DEPENDENCIES: &[&str] = &["--package", "--manifest-path", "--config", "-Z", "--color"];
const SWITCHES_WITHOUT_DEPENDENCIES: &[&str] = &["--locked", "--offline", "--frozen", "--quiet", "--verbose"];

/// Runs the command.
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

/// The manifest of the package that is meant.
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
    let derivation = inert_migrate_tool::derive(&source);
    let style = match (arguments.keep_script, arguments.inert_only) {
        (true, _) => Style::Keep,
        (_, true) => Style::InertOnly,
        _ => Style::Shim,
    };
    let Some(declaration) = understood(&derivation, style, &source, &script) else { return Ok(exit::DENIED) };
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
        let name = script.display().to_string();
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
    for note in &rewritten.notes {
        report::say("Note", &report::escaped(note));
    }
    if arguments.verify && !verified(context, &source, declaration, &derivation)? {
        return Ok(exit::DENIED);
    }
    if arguments.dry_run {
        report::say("Dry run", "nothing was written");
        return Ok(exit::DONE);
    }
    if !arguments.yes && !agreed()? {
        report::say("Left", "nothing was written");
        return Ok(exit::DENIED);
    }
    write::all(&changes)?;
    report::say("Migrated", &format!("{} {}", source.name, source.version));
    if style != Style::Keep && rewritten.script.is_some() {
        report::say(
            "Next",
            "build it with plain cargo and with `cargo inert build`; a git diff shows what changed",
        );
    }
    Ok(exit::DONE)
}

/// The declaration, if it may take the script's place; says why where not.
fn understood<'a>(
    derivation: &'a Derivation,
    style: Style,
    source: &PackageSource,
    script: &Path,
) -> Option<&'a inert_manifest_spec::Declaration> {
    let declaration = derivation.declaration.as_ref();
    let partly = declaration.and_then(|declaration| declaration.unsupported.as_ref());
    match (declaration, partly) {
        (Some(declaration), None) => return Some(declaration),
        (Some(declaration), Some(condition)) => {
            if style == Style::Keep {
                report::say(
                    "Partly",
                    &format!(
                        "the script is not understood where {}: there it is refused, unless a policy lets it run",
                        short(condition)
                    ),
                );
                return Some(declaration);
            }
            residue(source, &derivation.residue);
            report::error(&format!(
                "the script of `{}` is not understood where {}, so it cannot go; nothing was written\n  help: `cargo inert \
                 migrate --keep-script` adds the declaration for everywhere else and leaves {}",
                source.name,
                short(condition),
                script.display()
            ));
        }
        (None, _) => {
            residue(source, &derivation.residue);
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

/// A condition in a sentence; one that no sentence holds is cut.
fn short(condition: &inert_manifest_spec::Condition) -> String {
    let cut = label(condition);
    match cut.ends_with('…') {
        false => format!("`{cut}`"),
        true => format!("`{cut}` (whole in `cargo inert migrate --dry-run --keep-script`)"),
    }
}

/// Every place that is not understood, with its line.
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

/// A guard under a line of the script, cut where it is longer than anybody reads there.
fn label(guard: &inert_manifest_spec::Condition) -> String {
    let whole = guard.to_string();
    whole.char_indices().nth(160).map_or_else(|| whole.clone(), |(at, _)| format!("{} …", &whole[..at]))
}

/// The byte at a line and column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    let inside = rest.char_indices().nth(column.saturating_sub(1)).map_or(0, |(at, _)| at);
    (start + inside).min(text.len())
}

/// Runs the old script against the declaration.
fn verified(
    context: &Context,
    source: &PackageSource,
    declaration: &inert_manifest_spec::Declaration,
    derivation: &Derivation,
) -> Result<bool, Failure> {
    let folder = context.environment.cache_dir().map_or_else(std::env::temp_dir, |dir| dir.join("verify"));
    let bench = Bench::new(&folder, &context.environment, &context.cargo, &context.cwd)
        .map_err(Failure::Unexpected)?;
    let subject = Subject {
        origin: Origin::Derived,
        variables: derivation.env.iter().cloned().collect(),
        lock: source.root.ancestors().map(|folder| folder.join("Cargo.lock")).find(|path| path.is_file()),
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

fn agreed() -> Result<bool, Failure> {
    // A script that calls this has said so; a person is asked.
    if !std::io::stdin().is_terminal() {
        return Ok(true);
    }
    let io = |error| Failure::Io("the terminal".to_owned(), error);
    std::io::stderr().write_all(b"Write this? [y/N] ").map_err(io)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(io)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
