//! `cargo inert lint`: checks an author's declaration as a consumer's build will check it.
//!
//! Phases: the selected members → [`subject`] (manifest, script, files that would be published) → the schema's own
//! diagnostics and [`rules::RULES`] → text or JSON. `--resolve` is in [`resolve`].

mod conditions;
mod resolve;
mod rules;
mod subject;

use std::path::{Path, PathBuf};

use clap::Parser;
use inert_manifest_spec::{Diagnostic, Severity};
use serde::Serialize;

use super::Outcome;
use super::cargo_arguments::ShownArguments;
use super::format::HumanOrJson;
use crate::cargo::invocation::Invocation;
use crate::console;
use crate::driver::{self, Context, Failure};
use crate::{exit, report};
use subject::Subject;

/// Check declarations before they are published
///
/// Reads the `[package.metadata.inert]` of one member or of all, its build.rs and the files that `cargo package` would
/// take, and says what is wrong with them: mistakes, and what every consumer's build will refuse or ask about. Nothing is
/// compiled or run.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert lint",
    bin_name = "cargo inert lint",
    after_help = "Examples:
  cargo inert lint                                    every member of the workspace
  cargo inert lint -p zlib-sys --strict               one, warnings too count
  cargo inert lint --resolve --target x86_64-pc-windows-msvc --features static
                                                      what it would tell Cargo there, without that target
  cargo inert lint --resolve --simulate absent        … where none of its libraries is installed

Exit codes: 0 nothing that keeps it from being used, 1 consumers' builds would refuse it (with --strict: any warning), 2 \
                  bad usage or a declaration with errors."
)]
pub struct Arguments {
    /// The workspace's members to check, where not all are meant
    #[arg(long, short, value_name = "NAME")]
    pub(super) package: Vec<String>,
    /// A package's Cargo.toml, in place of the members
    #[arg(long, value_name = "PATH")]
    manifest_path: Option<PathBuf>,
    /// Warnings too end with exit code 1
    #[arg(long)]
    strict: bool,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: HumanOrJson,
    /// Show what the declaration tells Cargo
    #[arg(long)]
    resolve: bool,
    /// With --resolve: the target, by default this host
    #[arg(long, value_name = "TRIPLE", requires = "resolve")]
    pub(super) target: Option<String>,
    /// With --resolve: the features that are on
    #[arg(long, value_name = "FEATURES", value_delimiter = ',', requires = "resolve")]
    pub(super) features: Vec<String>,
    /// With --resolve: as if all its libraries were installed, or none
    #[arg(long, value_parser = ["present", "absent"], requires = "resolve")]
    pub(super) simulate: Option<String>,
    #[command(flatten)]
    _shown: ShownArguments,
}

/// Runs `cargo inert lint`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let mut linted = Vec::new();
    for manifest in manifests(context, arguments)? {
        let subject = Subject::read(context, &manifest)?;
        let mut diagnostics = subject.parsed.diagnostics.clone();
        for rule in rules::RULES {
            (rule.check)(&subject, &mut |mut found: Diagnostic| {
                found.code = rule.code;
                diagnostics.push(found);
            });
        }
        diagnostics.sort_by_key(|one| one.span.start);
        linted.push((subject, diagnostics));
    }
    let code = code(&linted, arguments.strict);
    if arguments.resolve && arguments.format == HumanOrJson::Json {
        return Err(Failure::Arguments(
            "--resolve prints what Cargo would be told, as text: it has no --format json".to_owned(),
        ));
    }
    if arguments.resolve && code != exit::USAGE {
        for (subject, _) in &linted {
            resolve::show(context, arguments, subject)?;
        }
        return Ok(code);
    }
    if arguments.format == HumanOrJson::Json {
        report::print_json(&Report::of(&linted));
        return Ok(code);
    }
    for (subject, diagnostics) in &linted {
        report::diagnostic::print(&subject.manifest.display().to_string(), &subject.text, diagnostics);
    }
    let counts = Summary::of(&linted);
    let declared = linted.iter().filter(|(subject, _)| subject.declared).count();
    console::say(
        "Linted",
        &format!(
            "{}, {} with a declaration: {}, {}",
            report::counted(linted.len(), "package", "packages"),
            declared,
            report::counted(counts.errors, "error", "errors"),
            report::counted(counts.warnings, "warning", "warnings")
        ),
    );
    Ok(code)
}

/// Returns the manifests that the arguments select.
fn manifests(context: &Context, arguments: &Arguments) -> Result<Vec<PathBuf>, Failure> {
    if let Some(path) = &arguments.manifest_path {
        return Ok(vec![crate::cargo::package::path_from(&context.cwd, path)]);
    }
    let invocation = Invocation::parse("build", &[], &context.cwd)?;
    let workspace = driver::workspace(context, &invocation)?;
    let known = |name: &String| workspace.packages.iter().any(|member| member.name == *name);
    if let Some(unknown) = arguments.package.iter().find(|name| !known(name)) {
        return Err(Failure::Arguments(format!("no package `{unknown}` in this workspace")));
    }
    let wanted = |name: &String| arguments.package.is_empty() || arguments.package.contains(name);
    let members = workspace.packages.iter().filter(|member| wanted(&member.name));
    Ok(members.map(|member| member.manifest_path.clone()).collect())
}

fn code(linted: &[(Subject, Vec<Diagnostic>)], strict: bool) -> u8 {
    let all = || linted.iter().flat_map(|(_, diagnostics)| diagnostics);
    if all().any(|one| one.severity == Severity::Error) {
        return exit::USAGE;
    }
    let refused = all().any(|one| one.code == rules::REVIEW || strict);
    if refused { exit::DENIED } else { exit::DONE }
}

/// The JSON report; `schema` changes if a reader of an earlier version could be misled.
#[derive(Debug, Serialize)]
struct Report {
    schema: u32,
    packages: Vec<Package>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct Package {
    name: String,
    manifest: PathBuf,
    declared: bool,
    diagnostics: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    code: &'static str,
    severity: &'static str,
    message: String,
    label: String,
    help: Option<String>,
    /// The line, counted from 1; `None` if the diagnostic concerns the whole package.
    line: Option<usize>,
    column: Option<usize>,
}

#[derive(Debug, Default, Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
}

impl Summary {
    fn of(linted: &[(Subject, Vec<Diagnostic>)]) -> Self {
        let mut counts = Self::default();
        for one in linted.iter().flat_map(|(_, diagnostics)| diagnostics) {
            match one.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
            }
        }
        counts
    }
}

impl Report {
    fn of(linted: &[(Subject, Vec<Diagnostic>)]) -> Self {
        let packages = linted.iter().map(|(subject, diagnostics)| Package {
            name: subject.source.name.clone(),
            manifest: subject.manifest.clone(),
            declared: subject.declared,
            diagnostics: diagnostics.iter().map(|one| entry(&subject.text, one)).collect(),
        });
        Self { schema: 1, packages: packages.collect(), summary: Summary::of(linted) }
    }
}

fn entry(text: &str, one: &Diagnostic) -> Entry {
    let before = (one.span != (0..0)).then(|| text.get(..one.span.start)).flatten();
    Entry {
        code: one.code,
        severity: match one.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: one.message.clone(),
        label: one.label.clone(),
        help: one.help.clone(),
        line: before.map(|before| before.matches('\n').count() + 1),
        column: before.map(|before| before.rsplit('\n').next().unwrap_or_default().chars().count() + 1),
    }
}

/// Returns the path of a file in the package, in the form of a declaration.
fn below(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
