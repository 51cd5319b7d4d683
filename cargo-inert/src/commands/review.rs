//! `cargo inert review`: walks through undecided scripts and writes the answers into inert.toml. The answers are lines
//! of standard input, so that the command can be scripted.

mod git_source;
mod import;
mod show;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Parser;

use super::Outcome;
use super::cargo_arguments::BuildArguments;
use super::init::failure;
use crate::cargo::configuration::objections::{self, Objection};
use crate::cargo::invocation::Invocation;
use crate::driver::{self, Context, Failure, Prepared, judged, lock_check};
use crate::plan::model::{Decision, RefusedMacro};
use crate::plan::stale;
use crate::policy::trust;
use crate::policy::{Claim, FILE, Matcher, Policy, Trust, edit, layers};
use crate::report::{self, denied};
use crate::toml_text::quoted;
use crate::{exit, file};

/// Walk through the build scripts that nothing decides, and write the decisions into inert.toml
///
/// For each script it shows who needs it, the script itself with the lines marked that could not be derived, and, where
/// another version of the package was decided before, what changed since; and what each package that is linked into it names
/// of processes, the network, files and `unsafe`, with what an update adds. Nothing is compiled and nothing runs.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert review",
    bin_name = "cargo inert review",
    after_help = "Answers:
  d   declare what it does: type the declaration as TOML (what stands below [package.metadata.inert]), then a line with a dot
  e   declare that it does nothing that the build needs (an empty declaration)
  r   the declaration was reviewed, and may do what it wants (where a declaration is what waits)
  a   allow the script to run as it is: pinned to every file of the package and of what is linked into it, and confined
      (`cargo inert observe PACKAGE` finds out which rights it needs beyond)
  n   deny it, whatever else would decide it
  v   view all sources of its package (through PAGER on a terminal)
  s   skip it (also an empty line)
  q   stop; what was answered is kept

Before the scripts it asks about each file of Cargo's configuration in the tree that says more than is on the lists of harmless
forms: a accepts the file by its digest, q stops.

Each decision asks for a reason, which whoever reviews the next update will read.

Exit codes: 0 all is decided, 1 something is not yet, 2 bad usage.

Scripted: printf 'a\nread it, writes a table\n' | cargo inert review"
)]
pub struct Arguments {
    /// Also what passes by `init --baseline` in this build (others: --target, --features); its baseline entry is taken out then
    #[arg(long)]
    baseline: bool,
    /// Written into the entries
    #[arg(long, value_name = "NAME")]
    reviewer: Option<String>,
    /// Take over another team's inert.toml, from a file, a git checkout or a git repository
    /// (`git+https://example.org/audits.git?rev=COMMIT#team/inert.toml`, fetched by git): a copy in inert-imports/, with its digest
    /// and git revision; only its entries of these kinds count, none of its rules. Again to renew it
    #[arg(long, value_name = "PATH|ADDRESS")]
    import: Option<String>,
    /// With --import: the kinds of entries that count
    #[arg(
        long,
        value_name = "KINDS",
        requires = "import",
        default_value = "allow,deny,declare,review,proc-macro"
    )]
    kinds: String,
    #[command(flatten)]
    cargo: BuildArguments,
}

/// Runs `cargo inert review`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let baseline = arguments.baseline;
    let invocation = arguments.cargo.invocation("build", context)?;
    if let Some(from) = &arguments.import {
        let root = driver::workspace(context, &invocation)?.workspace_root;
        let written = Written::begin(context, &root)?;
        import::import(context, &root, from, &arguments.kinds)?;
        written.accept()?;
        return Ok(exit::DONE);
    }
    // No cargo is started in the tree before its configuration is checked.
    let root = driver::root_of_workspace(context, &invocation).unwrap_or_else(|| context.cwd.clone());
    let mut session = Session {
        path: PathBuf::new(),
        written: Written::begin(context, &root)?,
        reviewer: arguments.reviewer.clone(),
        decided: 0,
        names: BTreeSet::new(),
        pager: pager(context),
        lines: std::io::stdin().lock().lines(),
    };
    let prepared = session.prepared(context, &invocation)?;
    session.path = prepared.workspace.workspace_root.join(FILE);
    if let Some(minimum) = &prepared.policy.entries_of {
        return Err(Failure::Refused(format!(
            "what would be written here counts for nothing: the entries of the minimum policy alone count (`entries = \"own\"`)\n  \
             where: {}\n  help: `cargo inert audit` shows the entries that are missing there",
            file::shown(minimum)
        )));
    }
    // The answers about configuration are not counted.
    session.decided = 0;
    let waiting: Vec<&Decision> = prepared
        .plan
        .decisions
        .iter()
        .filter(|decision| {
            decision.action == crate::plan::model::Action::Deny || (baseline && decision.baseline)
        })
        .filter(|decision| denied::can_be_allowed(decision))
        .collect();
    let total = waiting.len() + prepared.plan.refused_macros.len();
    if total == 0 {
        report::say("Reviewed", "nothing is undecided");
        return Ok(exit::DONE);
    }
    for (at, decision) in waiting.iter().enumerate() {
        if !session.script(decision, &prepared, at + 1, total)? {
            session.end_stale(&prepared)?;
            return Ok(session.close(total));
        }
    }
    for (at, refused) in prepared.plan.refused_macros.iter().enumerate() {
        if !session.proc_macro(refused, &prepared, waiting.len() + at + 1, total)? {
            break;
        }
    }
    session.end_stale(&prepared)?;
    Ok(session.close(total))
}

/// Returns the program that PAGER names with its arguments, else `less`; `None` if PAGER is empty, or `cat`.
fn pager(context: &Context) -> Option<(PathBuf, Vec<String>)> {
    let given = context.environment.get("PAGER").map(|given| given.to_string_lossy().into_owned());
    let given = given.unwrap_or_else(|| "less".to_owned());
    let mut words = given.split_whitespace().map(str::to_owned);
    let program = words.next().filter(|name| name != "cat")?;
    Some((context.environment.find_program(&program)?, words.collect()))
}

/// A policy file before a change. Entries that the user writes by a command need no acceptance later, unlike those of
/// the tree.
pub struct Written {
    trust: Trust,
    root: PathBuf,
    before: Vec<Claim>,
}

impl Written {
    /// Stores the claims of the file before it is changed.
    ///
    /// # Errors
    /// The file is not a valid policy.
    pub fn begin(context: &Context, root: &Path) -> Result<Self, Failure> {
        let before = Policy::claims_of(root).map_err(Failure::Policy)?.unwrap_or_default();
        let trust = Trust::recorded_alone(&context.environment);
        Ok(Self { trust, root: root.to_path_buf(), before })
    }

    /// Accepts the claims that were added since.
    ///
    /// # Errors
    /// The state folder cannot be written.
    pub fn accept(&self) -> Result<(), Failure> {
        let now = Policy::claims_of(&self.root).map_err(Failure::Policy)?.unwrap_or_default();
        trust::accept_added(&self.trust, &self.root, &self.before, &now)
            .map_err(|error| Failure::Io("what is accepted".to_owned(), error))
    }
}

struct Session {
    path: PathBuf,
    written: Written,
    reviewer: Option<String>,
    decided: usize,
    /// The packages that were decided.
    names: BTreeSet<String>,
    /// A program on the caller's PATH, with its arguments.
    pager: Option<(PathBuf, Vec<String>)>,
    lines: std::io::Lines<std::io::StdinLock<'static>>,
}

impl Session {
    /// Prepares the build to review. Before that it asks about Cargo's configuration in the tree, since no cargo is
    /// started until that is accepted.
    ///
    /// # Errors
    /// The build cannot be prepared, or a configuration file was not accepted.
    fn prepared(&mut self, context: &Context, invocation: &Invocation) -> Result<Prepared, Failure> {
        loop {
            let (message, objections) = match driver::prepare(context, invocation) {
                Err(Failure::Configuration(message, objections)) => (message, objections),
                other => return other,
            };
            let Some(root) = driver::judged::root_of_workspace(context, invocation) else {
                return Err(Failure::Configuration(message, objections));
            };
            self.path = root.join(FILE);
            let files: BTreeSet<PathBuf> = objections.iter().map(|one| one.file.clone()).collect();
            for file in files {
                let of_file: Vec<Objection> =
                    objections.iter().filter(|one| one.file == file).cloned().collect();
                if !self.configuration(&of_file, &root)? {
                    return Err(Failure::Configuration(message, objections));
                }
            }
        }
    }

    /// Asks about one file of Cargo's configuration; returns false if it is not accepted.
    fn configuration(&mut self, of_file: &[Objection], root: &Path) -> Result<bool, Failure> {
        let head = format!(
            "\nCargo's configuration in the tree says what is on no list of harmless forms:\n{}\n",
            objections::render(of_file)
        );
        report::print(&report::escaped(&head));
        loop {
            let Some(answer) = self.ask("[a]ccept the file as it is, [q]uit? ") else { return Ok(false) };
            match answer.as_str() {
                "a" => {
                    let Some(reason) = self.reason() else { return Ok(false) };
                    self.write(&judged::entry(&of_file[0], root, &reason))?;
                    return Ok(true);
                }
                "q" | "" => return Ok(false),
                other => report::print(&format!("`{}` is no answer here\n", report::escaped(other))),
            }
        }
    }

    /// Asks about one script; returns false to stop.
    fn script(
        &mut self,
        decision: &Decision,
        prepared: &Prepared,
        at: usize,
        total: usize,
    ) -> Result<bool, Failure> {
        report::print(&report::escaped(&show::script(decision, &prepared.policy, at, total)));
        let waits = !decision.unreviewed.is_empty();
        let question = if waits {
            "[r]eviewed, [d]eclare otherwise, [a]llow the script to run, de[n]y, [v]iew its sources, [s]kip, [q]uit? "
        } else {
            "[d]eclare, [e]mpty declaration, [a]llow it to run, de[n]y, [v]iew its sources, [s]kip, [q]uit? "
        };
        loop {
            let Some(answer) = self.ask(question) else { return Ok(false) };
            let entry = match answer.as_str() {
                "d" => match self.declaration()? {
                    Some(text) => self.declare(decision, &text),
                    None => continue,
                },
                "e" => {
                    let text = inert_manifest_spec::write::declaration_at(
                        &inert_manifest_spec::Declaration { schema: 1, ..Default::default() },
                        "declare.declaration",
                    );
                    self.declare(decision, &text)
                }
                "r" | "a" if waits || answer == "a" => {
                    let kind = if answer == "r" { "review" } else { "allow" };
                    match self.pinned(decision, kind).transpose() {
                        Ok(entry) => entry,
                        Err(error) => {
                            let why = format!("no entry can pin {}: {error}\n", decision.package.id);
                            report::print(&report::escaped(&why));
                            continue;
                        }
                    }
                }
                "n" => self.deny(decision),
                "v" => {
                    self.view(&decision.package.root);
                    continue;
                }
                "s" | "" => return Ok(true),
                "q" => return Ok(false),
                other => {
                    report::print(&format!("`{}` is no answer here\n", report::escaped(other)));
                    continue;
                }
            };
            let Some(entry) = entry else { return Ok(false) };
            self.write(&entry)?;
            let _ = self.names.insert(decision.package.id.name.clone());
            if decision.baseline {
                self.end_baseline(decision)?;
            }
            return Ok(true);
        }
    }

    /// Removes the entry of `init --baseline`, which the answer replaces.
    fn end_baseline(&mut self, decision: &Decision) -> Result<(), Failure> {
        let id = &decision.package.id;
        let policy = layers::load(&self.path).map_err(Failure::Policy)?;
        let own = |package: &Matcher| package.file == self.path && package.matches(id, &decision.source);
        let allowed = policy.allow.iter().filter(|entry| entry.baseline).map(|entry| &entry.package);
        let reviewed = policy.review.iter().filter(|entry| entry.baseline).map(|entry| &entry.package);
        if let Some(package) = allowed.chain(reviewed).find(|package| own(package)) {
            edit::remove(&self.path, package.line).map_err(|error| failure(&self.path, error))?;
        }
        Ok(())
    }

    /// Removes the entries for what was decided that decide nothing any more, as those for the version before an update: `audit` would
    /// fail for them.
    fn end_stale(&mut self, prepared: &Prepared) -> Result<(), Failure> {
        if self.names.is_empty() {
            return Ok(());
        }
        // The lines are those of the file as it is now.
        let mut policy = layers::load(&self.path).map_err(Failure::Policy)?.lower();
        policy.path = Some(self.path.clone());
        let locked = lock_check::packages_of(&prepared.workspace.lock_file()).unwrap_or_default();
        let mut over = stale::stale(&policy, &prepared.plan, &locked);
        over.retain(|entry| entry.package.split(' ').next().is_some_and(|name| self.names.contains(name)));
        let lines: Vec<usize> = over.iter().map(|entry| entry.line).collect();
        if lines.is_empty() {
            return Ok(());
        }
        edit::replace(&self.path, &lines, &[]).map_err(|error| failure(&self.path, error))?;
        for entry in over {
            let what =
                format!("the [[{}]] entry for {}, which decided nothing any more", entry.kind, entry.package);
            report::say("Removed", &report::escaped(&what));
        }
        Ok(())
    }

    fn proc_macro(
        &mut self,
        refused: &RefusedMacro,
        prepared: &Prepared,
        at: usize,
        total: usize,
    ) -> Result<bool, Failure> {
        let none = BTreeMap::new();
        let closure = prepared.plan.proc_macros.get(&refused.id).map_or(&none, |one| &one.closure);
        report::print(&report::escaped(&show::proc_macro(refused, closure, &prepared.policy, at, total)));
        loop {
            let Some(answer) =
                self.ask("[a]llow it to run in the compiler, [v]iew its sources, [s]kip, [q]uit? ")
            else {
                return Ok(false);
            };
            match answer.as_str() {
                "a" => {
                    let Some(reason) = self.reason() else { return Ok(false) };
                    let mut entry = denied::pinned_macro(refused);
                    entry.push(format!("reason = {}", quoted(&reason)));
                    entry.extend(self.signature());
                    self.write(&(entry.join("\n") + "\n"))?;
                    let _ = self.names.insert(refused.id.name.clone());
                    return Ok(true);
                }
                "v" => self.view(&refused.root),
                "s" | "" => return Ok(true),
                "q" => return Ok(false),
                other => report::print(&format!("`{}` is no answer here\n", report::escaped(other))),
            }
        }
    }

    /// Shows a package's sources: in the caller's pager on a terminal, else directly.
    fn view(&self, root: &Path) {
        let text = report::escaped(&show::all_sources(root));
        let terminal = std::io::stdout().is_terminal();
        let pager = self.pager.as_ref().filter(|_| terminal);
        let shown = pager.is_some_and(|(program, arguments)| {
            let started =
                crate::cargo::command(program).args(arguments).stdin(std::process::Stdio::piped()).spawn();
            started.is_ok_and(|mut child| {
                // A user who quits the pager early closes the pipe.
                if let Some(mut input) = child.stdin.take() {
                    let _ = input.write_all(text.as_bytes());
                }
                child.wait().is_ok()
            })
        });
        if !shown {
            report::print(&text);
        }
    }

    /// Returns the next line of input, trimmed; `None` at the end of input.
    fn ask(&mut self, question: &str) -> Option<String> {
        report::print(question);
        let _ = std::io::stdout().flush();
        let line = self.lines.next()?.ok()?;
        Some(line.trim().to_owned())
    }

    fn reason(&mut self) -> Option<String> {
        loop {
            let reason = self.ask("why? ")?;
            if !reason.is_empty() {
                return Some(reason);
            }
        }
    }

    /// Reads a declaration up to a line with a dot; prints the errors and returns `None` if it is invalid.
    fn declaration(&mut self) -> Result<Option<String>, Failure> {
        report::print("the declaration, as below [package.metadata.inert]; a line with a dot ends it\n");
        let mut text = String::new();
        for line in self.lines.by_ref() {
            let line = line.map_err(|error| Failure::Io("standard input".to_owned(), error))?;
            if line.trim() == "." {
                break;
            }
            text.push_str(&line);
            text.push('\n');
        }
        if !text.contains("schema") {
            text.insert_str(0, "schema = 1\n");
        }
        let parsed = inert_manifest_spec::parse_declaration(&text);
        let errors: Vec<_> = parsed
            .diagnostics
            .into_iter()
            .filter(|one| one.severity == inert_manifest_spec::Severity::Error)
            .collect();
        match parsed.declaration {
            Some(declaration) if errors.is_empty() => {
                Ok(Some(inert_manifest_spec::write::declaration_at(&declaration, "declare.declaration")))
            }
            _ => {
                report::diagnostic::print("what was typed", &text, &errors);
                Ok(None)
            }
        }
    }

    /// Returns a `[[declare]]` entry for this version only.
    fn declare(&mut self, decision: &Decision, text: &str) -> Option<String> {
        let reason = self.reason()?;
        let id = &decision.package.id;
        let mut lines = vec![
            "[[declare]]".to_owned(),
            format!("package = {}", quoted(&id.name)),
            format!("version = {}", quoted(&id.version)),
            format!("source = {}", quoted(&decision.source)),
            format!("reason = {}", quoted(&reason)),
        ];
        lines.extend(self.signature());
        Some(format!("{}\n\n{text}", lines.join("\n")))
    }

    /// Returns an entry that pins the package, or why none can; `None` if the user gives no reason.
    fn pinned(&mut self, decision: &Decision, kind: &str) -> Option<std::io::Result<String>> {
        let reason = self.reason()?;
        Some(denied::stanza_with(decision, kind, &reason, &self.signature()))
    }

    fn deny(&mut self, decision: &Decision) -> Option<String> {
        let reason = self.reason()?;
        let id = &decision.package.id;
        let lines = [
            "[[deny]]".to_owned(),
            format!("package = {}", quoted(&id.name)),
            format!("version = {}", quoted(&id.version)),
            format!("reason = {}", quoted(&reason)),
        ];
        Some(lines.join("\n") + "\n")
    }

    fn signature(&self) -> Vec<String> {
        self.reviewer.iter().map(|name| format!("reviewer = {}", quoted(name))).collect()
    }

    /// Writes the entry at once, so that it is kept if the command is interrupted later.
    fn write(&mut self, entry: &str) -> Result<(), Failure> {
        edit::append(&self.path, &[entry.to_owned()]).map_err(|error| failure(&self.path, error))?;
        self.written.accept()?;
        self.decided += 1;
        Ok(())
    }

    fn close(&self, total: usize) -> u8 {
        report::print("\n");
        report::say("Reviewed", &format!("{} of {total}, in {}", self.decided, Path::display(&self.path)));
        if self.decided == total { exit::DONE } else { exit::DENIED }
    }
}
