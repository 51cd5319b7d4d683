//! `cargo inert init`: sets up a workspace; on request, existing scripts are allowed as a baseline.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::{Parser, ValueEnum};

use super::Outcome;
use super::cargo_arguments::BuildArguments;
use crate::cargo::invocation::Invocation;
use crate::driver::{self, Context, Failure, lock_check, lock_collect};
use crate::plan::closure::closure_items;
use crate::plan::model::{Action, Refusal};
use crate::policy::edit::{self, EditError};
use crate::policy::{FILE, Policy};
use crate::report::{self, denied};
use crate::{exit, lock};

/// Set a workspace up: inert.toml and inert.lock
///
/// Nothing is compiled and nothing runs. An inert.toml that is there is kept; entries are added at its end.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert init",
    bin_name = "cargo inert init",
    after_help = "From nothing to a build that runs no dependency's script:
  cargo inert init --baseline          everything builds as before, and nothing new gets in
  cargo inert review                   decide what is there: declare, allow, or deny
  cargo inert audit                    no baseline left?
  cargo-inert build --locked --deny-build-scripts

Exit codes: 0 done, 1 something is refused, 2 bad usage."
)]
pub struct Arguments {
    /// Allow every undecided script that the workspace has today (all of Cargo.lock: whatever the host, the target and the
    /// features), marked `baseline = true`: pinned to its files, but reviewed by nobody. `cargo inert audit` counts them,
    /// `cargo inert review --baseline` walks through them
    #[arg(long)]
    baseline: bool,
    /// Print a job for CI instead
    #[arg(long, value_enum, value_name = "SYSTEM")]
    ci: Option<Ci>,
    #[command(flatten)]
    cargo: BuildArguments,
}

/// A system that runs jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Lines for a shell.
    Shell,
}

impl Ci {
    fn job(self) -> &'static str {
        match self {
            Self::Github => GITHUB,
            Self::Gitlab => GITLAB,
            Self::Shell => SHELL,
        }
    }
}

const FRESH: &str = "
[policy]
# What is not decided does not run. The workspace's own members run their scripts confined; \"deny\" holds them to the same
# as dependencies, and \"checked\" or \"allow\" lets them run with all rights where `cargo inert trust` has accepted that.
members = \"confined\"
# In the place of refusing what nothing decides: run it confined, without network, home or other packages' files, reviewed by nobody.
# undecided = \"confine\"
";

const GITHUB: &str = "# .github/workflows/inert.yml
name: inert
on: [push, pull_request]
permissions:
  contents: read
  security-events: write
jobs:
  build-scripts:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - run: cargo install --locked cargo-inert
      # What inert.toml says beyond running confined counts once it is accepted, outside of the repository:
      # INERT_TRUST with the digest that `cargo inert trust` prints, as a variable of the repository's settings.
      # The binary, not the subcommand: an alias named `inert` in the repository would shadow that.
      - run: cargo-inert audit --locked --format sarif > inert.sarif
        continue-on-error: true
      - uses: github/codeql-action/upload-sarif@v3
        with:
          sarif_file: inert.sarif
      - if: github.event_name == 'pull_request'
        env:
          BASE: origin/${{ github.base_ref }}
        # The pull request that brings inert.lock has nothing to be compared with.
        run: |
          git rev-parse --verify --quiet \"$BASE^{commit}\"
          if git cat-file -e \"$BASE:./inert.lock\"; then cargo-inert audit --diff \"$BASE\"; fi
      - run: cargo-inert build --locked --deny-build-scripts
";

const GITLAB: &str = "# .gitlab-ci.yml
inert:
  image: rust:latest
  script:
    - cargo install --locked cargo-inert
    # The binary, not the subcommand: an alias named `inert` in the repository would shadow that.
    - cargo-inert audit --locked
    - cargo-inert build --locked --deny-build-scripts
";

const SHELL: &str =
    "# The binary, not the subcommand: an alias named `inert` in the repository would shadow that.
cargo install --locked cargo-inert
cargo-inert audit --locked
cargo-inert build --locked --deny-build-scripts
";

/// Runs `cargo inert init`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    if let Some(ci) = arguments.ci {
        report::print(ci.job());
        report::say(
            "Printed",
            "a job, and nothing written; `cargo inert init` writes inert.toml and inert.lock",
        );
        return Ok(exit::DONE);
    }
    let rest = arguments.cargo.as_given();
    let asked = arguments.cargo.invocation("build", context)?;
    let root = driver::workspace(context, &asked)?.workspace_root;
    let path = root.join(FILE);
    // Nothing is written if the policy is invalid, since all that follows would be refused.
    let _ = Policy::of_tree(&root).map_err(Failure::Policy)?;
    if path.symlink_metadata().is_err() {
        let text = format!("{}{FRESH}", edit::HEADER);
        crate::file::write_atomic(&path, text.as_bytes())
            .map_err(|error| Failure::Io(path.display().to_string(), error))?;
        report::say("Wrote", &path.display().to_string());
    }
    if arguments.baseline {
        allow_what_exists(context, rest, &path)?;
    }
    let now = lock_collect::collect(context, &asked)?;
    lock_check::write(&now, &root.join(lock::FILE))?;
    report::say(
        "Wrote",
        &format!(
            "{}: {}",
            root.join(lock::FILE).display(),
            report::counted(now.scripts.len(), "build script", "build scripts")
        ),
    );
    let here = super::here::Here::of(context, &asked).and_then(|here| here.line());
    let refused = now.scripts.iter().filter(|(_, entry)| entry.decision == "refuse").count();
    if let Some(line) = here {
        report::say(
            "Next",
            &format!(
                "{line}: `cargo inert review` decides them, `cargo inert init --baseline` takes all over that is there, unreviewed"
            ),
        );
    } else if refused > 0 {
        report::say(
            "Next",
            &format!(
                "{} undecided on some host or for some feature: `cargo inert audit --workspace --all-features --target tier1` lists \
                 them, `cargo inert review` decides those of this host",
                report::counted(refused, "build script is", "build scripts are")
            ),
        );
    } else {
        report::say("Next", "`cargo inert build`; both files belong into version control");
    }
    Ok(exit::DONE)
}

/// Adds entries for all undecided scripts: those of Cargo.lock, for every host and feature, and those that a
/// declaration leaves undecided in the largest build of this workspace on this machine.
fn allow_what_exists(context: &Context, rest: &[OsString], path: &std::path::Path) -> Result<(), Failure> {
    let asked = Invocation::parse("build", rest, &context.cwd)?;
    let (all, invalid) = lock_collect::all_but_invalid(context, &asked)?;
    let baseline = ["baseline = true".to_owned()];
    let mut entries = Vec::new();
    let mut covered = BTreeSet::new();
    for found in &all.scripts {
        let script = found.script();
        let verdict = lock::entry::verdict(&script, &all.policy);
        let forbidden = verdict.refusal.as_ref().is_some_and(Refusal::is_final);
        let id = &found.package.id;
        // No policy of undecided scripts is about one whose declaration is invalid.
        let undeclared = invalid.iter().any(|bad| bad.package == id.to_string());
        if (verdict.action != Action::Deny && !undeclared) || forbidden {
            continue;
        }
        let io = |error| Failure::Io(found.package.root.display().to_string(), error);
        let own = crate::digest::package(&found.package.root).map_err(io)?;
        let kind = if verdict.unreviewed.is_empty() { "allow" } else { "review" };
        let mut lines = denied::pinned(kind, id, &found.source, &own);
        if kind == "review" {
            let names: Vec<String> =
                verdict.unreviewed.iter().map(|one| crate::toml_text::quoted(one.name())).collect();
            lines.push(format!("capabilities = [{}]", names.join(", ")));
        } else if !found.closure.is_empty() {
            let items = closure_items(&found.closure).map_err(io)?;
            let items: String =
                items.iter().map(|item| format!("    {},\n", crate::toml_text::quoted(item))).collect();
            lines.push(format!("build-dependencies = [\n{items}]"));
        }
        lines.push("reason = \"baseline\"".to_owned());
        lines.extend_from_slice(&baseline);
        entries.push(lines.join("\n") + "\n");
        covered.insert((id.clone(), found.source.clone()));
    }
    let root = path.parent().unwrap_or(path);
    let mut taken = 0;
    let mut take_over = |entries: &[String]| -> Result<(), Failure> {
        if entries.is_empty() {
            return Ok(());
        }
        taken += entries.len();
        let written = super::review::Written::begin(context, root)?;
        edit::append(path, entries).map_err(|error| failure(path, error))?;
        written.accept()
    };
    // A plan is made of no invalid declaration, and of one only if an entry decides in its place.
    if !invalid.is_empty() {
        take_over(&std::mem::take(&mut entries))?;
        for bad in &invalid {
            let first = bad.diagnostics.first().map_or("", |one| one.message.as_str());
            report::warn(&format!(
                "what `{}` declares cannot be used ({first}): its script is taken over in its place",
                bad.package
            ));
        }
    }
    let wide = ["--workspace", "--all-targets", "--all-features"].map(OsString::from);
    let arguments: Vec<OsString> = rest.iter().cloned().chain(wide).collect();
    let invocation = Invocation::parse("build", &arguments, &context.cwd)?;
    let prepared = driver::prepare(context, &invocation)?;
    for decision in prepared.plan.denied().filter(|decision| denied::can_be_allowed(decision)) {
        if covered.contains(&(decision.package.id.clone(), decision.source.clone())) {
            continue;
        }
        let kind = if decision.unreviewed.is_empty() { "allow" } else { "review" };
        let entry = denied::stanza_with(decision, kind, "baseline", &baseline);
        let io = |error| Failure::Io(decision.package.root.display().to_string(), error);
        entries.push(entry.map_err(io)?);
    }
    take_over(&entries)?;
    if taken == 0 {
        report::say("Baseline", "every build script is decided already");
        return Ok(());
    }
    report::say(
        "Baseline",
        &format!(
            "{} taken over as they are, reviewed by nobody",
            report::counted(taken, "script", "scripts")
        ),
    );
    // Nothing is omitted silently: scripts without an entry remain refused.
    let _ = Policy::of_tree(root).map_err(Failure::Policy)?;
    Ok(())
}

/// Converts an error of an edit of the policy.
#[must_use]
pub fn failure(path: &std::path::Path, error: EditError) -> Failure {
    match error {
        EditError::Bad(bad) => Failure::Policy(bad),
        EditError::Io(error) => Failure::Io(path.display().to_string(), error),
    }
}
