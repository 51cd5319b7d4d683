//! `cargo inert build`, `check`, `test`, `run`, `bench`, `doc`, `clippy`, `rustc`, `rustdoc`.

use std::ffi::OsString;

use super::Outcome;
use super::cargo_arguments::shown_of;
use crate::cargo::invocation::Invocation;
use inert_resolver::discovery::provider::Problem;

use crate::driver::plan_cache;
use crate::driver::{self, Context, Failure, Prepared, Ready};
use crate::exit;
use crate::policy;
use crate::report;

/// Runs a command of Cargo that builds, with Cargo's own arguments.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, command: &str, arguments: &[OsString]) -> Outcome {
    let invocation = Invocation::parse(command, arguments, &context.cwd)?;
    crate::console::show(shown_of(&invocation));
    if invocation.has("--help") || invocation.has("-h") {
        let _ = driver::judged::settle(context, &invocation)?;
        return help(context, &invocation);
    }
    let judged = driver::judged::judge(context, &invocation)?;
    if let Some((ready, cached)) = plan_cache::find(context, &invocation, &judged) {
        announce(&ready, &invocation);
        let code = ready.build(context, &invocation)?;
        if code != 0 {
            // After any failure the next command makes a new plan.
            cached.forget();
        }
        return Ok(u8::try_from(code).unwrap_or(exit::CARGO));
    }
    let prepared = driver::prepare(context, &invocation)?;
    refuse_undecided(&prepared)?;
    crate::driver::lock_check::settle(context, &invocation, &prepared)?;
    let ready = prepared.seal()?;
    announce(&ready, &invocation);
    let code = ready.build(context, &invocation)?;
    if code == 0 {
        plan_cache::keep(context, &invocation, &prepared, &ready);
    }
    Ok(u8::try_from(code).unwrap_or(exit::CARGO))
}

/// Refuses the build before anything is compiled, with all reasons.
///
/// # Errors
/// A script that the build needs may not run.
pub fn refuse_undecided(prepared: &Prepared) -> Result<(), Failure> {
    refuse_undecided_for(prepared, None)
}

/// Refuses an installation, which the policy of the installed package does not decide: `users` is the user's own file.
///
/// # Errors
/// A script that the build needs may not run.
pub fn refuse_undecided_for(prepared: &Prepared, users: Option<&std::path::Path>) -> Result<(), Failure> {
    if !report::denied::any(&prepared.plan) {
        refuse_unconfined(prepared)?;
        let problems = &prepared.plan.providers.selection.problems;
        if problems.is_empty() {
            return Ok(());
        }
        let missing = problems.iter().all(|problem| matches!(problem, Problem::Missing { .. }));
        let subject = match (problems.len(), missing) {
            (1, true) => "a native library is missing".to_owned(),
            (1, false) => "a native library has no provider that will do for all".to_owned(),
            (many, true) => format!("{many} native libraries are missing"),
            (many, false) => {
                format!("{many} native libraries are missing or have no provider that will do for all")
            }
        };
        let said = |target: &str, names: &[&str]| {
            let facts = crate::plan::run_facts::facts_of(&prepared.recording, target);
            prepared.policy.libraries.said(target, &facts, names)
        };
        let outside = |table: &str, target: &str, names: &[&str]| {
            let facts = crate::plan::run_facts::facts_of(&prepared.recording, target);
            prepared.policy.libraries.outside(table, target, &facts, names)
        };
        let report = crate::plan::providers::report(&prepared.plan.providers.selection, &said, &outside);
        return Err(Failure::Libraries(format!("{subject}; nothing was compiled\n\n{report}")));
    }
    let of_workspace = || prepared.workspace.workspace_root.join(policy::FILE);
    let own = prepared.policy.path.clone().or_else(|| users.map(std::path::Path::to_path_buf));
    let file = own.unwrap_or_else(of_workspace);
    Err(Failure::Refused(format!(
        "{} not decided or denied; nothing was compiled\n\n{}",
        report::denied::subject(&prepared.plan),
        report::denied::render(
            &prepared.plan,
            &prepared.policy,
            &file.display().to_string(),
            users.is_none()
        )
    )))
}

/// Refuses programs that have to run confined, if this machine cannot confine them and the user's own policy does not
/// permit them to run unconfined.
fn refuse_unconfined(prepared: &Prepared) -> Result<(), Failure> {
    let wanted = prepared.policy.rustc == policy::ConfineRustc::Confine;
    if let Some(why) = prepared.rustc_is_loose().filter(|_| wanted) {
        return Err(Failure::Refused(format!(
            "rustc has to be confined ([sandbox] rustc = \"confine\"), and cannot be; nothing was compiled\n  \
             why: {}\n  help: `rustc = \"available\"` builds all the same, where no minimum says otherwise",
            report::escaped(&why)
        )));
    }
    if let Err(why) = prepared.fenced()
        && prepared.policy.unavailable != policy::Unavailable::Run
    {
        return Err(Failure::Refused(format!(
            "the outer fence is demanded ([sandbox] outer = true), and there can be none; nothing was compiled\n  \
             why: {}\n  it takes: {}\n  help: to build without, write\n\n        \
             [sandbox]\n        unavailable = \"run\"\n\n  in `inert.toml` in your own configuration folder, never in the tree",
            report::escaped(&why.reason),
            why.needs
        )));
    }
    let Some(unavailable) = &prepared.unavailable else { return Ok(()) };
    let scripts = prepared.plan.confined().next().is_some();
    if !scripts || prepared.policy.unavailable == policy::Unavailable::Run {
        return Ok(());
    }
    let names: Vec<String> = prepared
        .plan
        .confined()
        .filter_map(|one| Some(format!("    {} ({})", one.package.id, one.confined.as_ref()?.1)))
        .collect();
    Err(Failure::Refused(format!(
        "{} to run confined, and this machine cannot confine programs; nothing was compiled\n\n{}\n\n  \
         why: {}\n  it takes: {}\n  help: to let them run with all your rights, write\n\n        \
         [sandbox]\n        unavailable = \"run\"\n\n  in `inert.toml` in your own configuration folder, never in the tree",
        match names.len() {
            1 => "a build script has".to_owned(),
            many => format!("{many} build scripts have"),
        },
        names.join("\n"),
        report::escaped(&unavailable.reason),
        unavailable.needs
    )))
}

/// Prints the warnings about the build's libraries, and a line about the scripts.
pub fn announce(ready: &Ready, invocation: &Invocation) {
    // This warning is shown even with `--quiet`.
    if let Some(why) = &ready.loose {
        report::warn(&format!("rustc is not confined: {}", report::escaped(why)));
    }
    if let Some(why) = &ready.unfenced {
        report::warn(&format!("there is no outer fence: {}", report::escaped(why)));
    }
    if let Some(why) = ready.unavailable.as_ref().filter(|_| ready.confined > 0) {
        let scripts = report::counted(ready.confined, "build script runs", "build scripts run");
        report::warn(&format!("{scripts} unconfined, with all your rights: {}", report::escaped(why)));
    }
    let quiet = invocation.has("-q") || invocation.has("--quiet");
    if !quiet {
        for warning in &ready.warnings {
            report::say("Warning", &report::escaped(warning));
        }
    }
    if quiet || ready.replaced + ready.run == 0 {
        return;
    }
    let run = match (ready.run, ready.confined) {
        (0, _) => "none run".to_owned(),
        (run, confined) if run == confined && ready.unavailable.is_none() => {
            format!("{run} run as allowed, confined")
        }
        (run, _) => format!("{run} run as allowed"),
    };
    let replaced = report::counted(ready.replaced, "build script", "build scripts");
    report::say("Inert", &format!("{replaced} replaced, {run}"));
}

/// Prints Inert's own options, then Cargo's help.
///
/// # Errors
/// Cargo cannot be started.
pub fn help(context: &Context, invocation: &Invocation) -> Outcome {
    let command = &invocation.command;
    report::print(&format!(
        "cargo inert {command}: `cargo {command}` in which no undecided build script is compiled or run

Options of Inert's own:
      --deny-build-scripts[=dependencies|all]  Not even allowed scripts run (so does INERT_DENY_BUILD_SCRIPTS)
      --policy <FILE>                          A policy that the workspace's inert.toml cannot weaken (so does INERT_POLICY)
      --trust <DIGEST|tree>                    Accept what the workspace's own inert.toml says (so does INERT_TRUST)
      --libraries <SOURCE>                     Where native libraries come from: system-only, system-first, source-first,
                                               source-only; as `default` under [libraries] in inert.toml
      --library <NAME=SOURCE>                  Where this library comes from; both outrank inert.toml, but no minimum

{}

Examples:
  cargo inert {command} --locked
  cargo inert {command} --deny-build-scripts

All other arguments are Cargo's:

",
        exit::OF_A_BUILD
    ));
    pass_through(context, invocation)
}

fn pass_through(context: &Context, invocation: &Invocation) -> Outcome {
    let status = context
        .cargo(&invocation.command)
        .args(&invocation.arguments)
        .status()
        .map_err(|error| Failure::Io(context.cargo.display().to_string(), error))?;
    Ok(exit::of_printer(status))
}
