//! `cargo inert observe`: runs one script confined and watched, proposes the rights that it asks for one by one, and runs
//! it again with those that are accepted, until it succeeds or nothing more can be granted.

mod propose;

use std::collections::BTreeSet;
use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Parser;

use self::propose::{Place, Proposal};
use super::Outcome;
use super::build::refuse_undecided;
use super::cargo_arguments::BuildArguments;
use super::init::failure;
use super::review::Written;
use crate::confine::apart::How;
use crate::confine::observed::{self, Observation};
use crate::driver::{self, Context, Failure, Prepared};
use crate::exit;
use crate::plan::model::{Action, Decision};
use crate::policy::{FILE, Rights, edit};
use crate::report::{self, denied};
use crate::toml_text::quoted;

/// Run one build script confined and watched, and propose the rights that it needs
///
/// The script runs as it would in a build, with the rights of the profile `script` and those of its `[[allow]]` entry, if
/// it has one. Each program, file and variable that it was denied and that an entry can grant is asked about; with
/// what you accept it runs again, until it succeeds or nothing more can be granted. Nothing is granted that you did not
/// accept, and nothing is written without --write. What it says is thrown away: Cargo's build ends there.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert observe",
    bin_name = "cargo inert observe",
    after_help = "Never proposed, only named: names with a leading dot in the home, folders that builds write to, the network, other processes.

Examples:
  cargo inert observe openssl-sys
  yes | cargo inert observe openssl-sys          accept all that is proposed, for a look at the whole entry

Exit codes: 0 it succeeds with what was accepted, 1 it does not, 2 bad usage."
)]
pub struct Arguments {
    /// The package: `name` or `name@version`
    #[arg(value_name = "PACKAGE")]
    observed: String,
    /// Add the entry to inert.toml
    #[arg(long)]
    write: bool,
    /// The reason that the entry gives
    #[arg(long, value_name = "TEXT", default_value = "why this script may run")]
    reason: String,
    #[command(flatten)]
    cargo: BuildArguments,
}

/// The number of runs after which no further one is begun.
const RUNS: usize = 16;

/// Runs `cargo inert observe`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let invocation = arguments.cargo.invocation("check", context)?;
    let (mut prepared, at) = driver::prepare_observing(context, &invocation, &arguments.observed)?;
    let Some(at) = at else {
        return Err(Failure::Arguments(format!(
            "no package `{}` with a build script is part of this build; `cargo inert audit` lists them",
            arguments.observed
        )));
    };
    refuse_undecided(&prepared)?;
    if let Some(why) = &prepared.unavailable {
        return Err(Failure::Refused(format!(
            "a script is observed confined, and this machine cannot confine: {why}"
        )));
    }
    if prepared.plan.decisions[at].action != Action::Run {
        return Err(Failure::Arguments(format!(
            "the script of {} does not run in this build, so there is nothing to grant: `cargo inert explain {}` says why",
            prepared.plan.decisions[at].package.id, prepared.plan.decisions[at].package.id.name
        )));
    }
    // The native script is observed: an attempt in WebAssembly would show none of its requests.
    prepared.plan.decisions[at].wasm = None;
    let file = prepared.build_dir.inner().join(format!("observed-{}", std::process::id()));
    let own = prepared.plan.decisions[at].confined.take().map(|(rights, _)| rights);
    let mut session = Session {
        rights: own.clone().unwrap_or_default(),
        added: Vec::new(),
        asked: BTreeSet::new(),
        file: file.clone(),
    };
    let done = session.until_it_succeeds(context, &invocation, &mut prepared, at);
    let _ = std::fs::remove_file(&file);
    let succeeded = done?;
    session.close(context, arguments, &prepared, &prepared.plan.decisions[at], own.is_some(), succeeded)
}

struct Session {
    /// The rights of the next run.
    rights: Rights,
    /// The proposals that the user has accepted.
    added: Vec<Proposal>,
    /// The rights that the user was asked about already, as words of an entry.
    asked: BTreeSet<String>,
    /// The file that a run's observation is written to.
    file: PathBuf,
}

impl Session {
    fn until_it_succeeds(
        &mut self,
        context: &Context,
        invocation: &crate::cargo::invocation::Invocation,
        prepared: &mut Prepared,
        at: usize,
    ) -> Result<bool, Failure> {
        let mut lines = std::io::stdin().lock().lines();
        for run in 1..=RUNS {
            let decision = &mut prepared.plan.decisions[at];
            let package = decision.package.id.to_string();
            decision.confined = Some((self.rights.clone(), "observe".to_owned()));
            decision.observed = Some(self.file.clone());
            report::say("Observing", &report::escaped(&format!("{package}: run {run}")));
            let _ = std::fs::remove_file(&self.file);
            let mut heard = String::new();
            prepared.seal()?.build_with(context, invocation, Some(&mut heard))?;
            let Some(seen) = observed::read(&self.file) else {
                report::print(&report::escaped(&heard));
                return Err(Failure::Refused(format!(
                    "the script of {package} did not run: Cargo says why above"
                )));
            };
            let accepted = self.ask(context, prepared, at, &seen, &mut lines);
            if accepted == 0 {
                return Ok(self.ended(&package, &seen));
            }
        }
        report::warn(&format!("it asked for something new in each of {RUNS} runs, and is left there"));
        Ok(false)
    }

    /// Asks about what the script was denied; returns how much was accepted.
    fn ask(
        &mut self,
        context: &Context,
        prepared: &Prepared,
        at: usize,
        seen: &Observation,
        lines: &mut std::io::Lines<std::io::StdinLock<'static>>,
    ) -> usize {
        let decision = &prepared.plan.decisions[at];
        let place = Place {
            package: &decision.package.root,
            workspace: &prepared.workspace.workspace_root,
            linked: decision
                .build_closure
                .iter()
                .map(|(id, root)| (id.name.as_str(), root.as_path()))
                .collect(),
            closed: [prepared.target_dir.as_path(), prepared.build_dir.root.as_path()],
            home: context.environment.get("HOME").map(Path::new),
            member: decision.member,
            environment: &context.environment,
        };
        let script = decision.script.strip_prefix(&decision.package.root).unwrap_or(&decision.script);
        let mentions =
            crate::verify::mentions::Mentions::of_script(&decision.package.root, &script.to_string_lossy());
        let mut accepted = 0;
        for proposal in propose::of(seen, &place, &mentions.texts) {
            if !self.asked.insert(proposal.line()) {
                continue;
            }
            report::print(&report::escaped(&format!("  {}\n      {}\n", proposal.line(), proposal.why)));
            if !proposal.grantable() {
                continue;
            }
            report::print("      grant it? [y/N] ");
            let _ = std::io::stdout().flush();
            let answer = lines.next().and_then(Result::ok).unwrap_or_default();
            let yes = matches!(answer.trim(), "y" | "Y" | "yes");
            report::print(if yes { "granted\n" } else { "not granted\n" });
            if yes {
                proposal.add_to(&mut self.rights);
                self.added.push(proposal);
                accepted += 1;
            }
        }
        accepted
    }

    fn ended(&self, package: &str, seen: &Observation) -> bool {
        if seen.ended == How::Code(0) {
            report::say("Observed", &report::escaped(&format!("{package}: it succeeds")));
            return true;
        }
        report::warn(&report::escaped(&format!("{package} fails with what was granted: {}", seen.ended)));
        for line in seen.stderr.lines().rev().take(12).collect::<Vec<_>>().into_iter().rev() {
            report::print(&report::escaped(&format!("    {line}\n")));
        }
        false
    }

    fn close(
        &self,
        context: &Context,
        arguments: &Arguments,
        prepared: &Prepared,
        decision: &Decision,
        has_entry: bool,
        succeeded: bool,
    ) -> Outcome {
        let code = if succeeded { exit::DONE } else { exit::DENIED };
        let lines = propose::lines(&self.added);
        let by_entry =
            has_entry && decision.origin == crate::plan::model::Origin::Policy && decision.pinned.is_some();
        if by_entry {
            let text = if lines.is_empty() {
                "\nits [[allow]] entry grants what it needs\n".to_owned()
            } else {
                format!("\nadd to its [[allow]] entry in {FILE}:\n\n{}\n", lines.join("\n"))
            };
            report::print(&report::escaped(&text));
            return Ok(code);
        }
        let entry = denied::stanza_with(decision, "allow", &arguments.reason, &lines)
            .map_err(|error| Failure::Io(decision.package.root.display().to_string(), error))?;
        if !arguments.write {
            report::print(&report::escaped(&format!("\nthe least entry for {FILE}:\n\n{entry}")));
            return Ok(code);
        }
        let root = &prepared.workspace.workspace_root;
        let path = root.join(FILE);
        let written = Written::begin(context, root)?;
        edit::append(&path, &[entry]).map_err(|error| failure(&path, error))?;
        written.accept()?;
        report::say(
            "Wrote",
            &report::escaped(&format!(
                "an [[allow]] entry with {}, in {}",
                quoted(&arguments.reason),
                path.display()
            )),
        );
        Ok(code)
    }
}
