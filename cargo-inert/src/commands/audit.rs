//! `cargo inert audit`: every script of a command's graph and its decision; nothing is compiled.

use std::ffi::OsString;

use super::Outcome;
use crate::cargo::invocation::{BadArguments, Invocation};
use crate::driver::{self, Context};
use crate::exit;
use crate::report;

/// Runs the audit. Arguments are those of `cargo build`, and `--format human|json`.
///
/// # Errors
/// See [`crate::driver::Failure`].
pub fn run(context: &Context, arguments: &[OsString]) -> Outcome {
    let mut format = "human".to_owned();
    let mut rest = Vec::new();
    let mut iter = arguments.iter();
    while let Some(argument) = iter.next() {
        let text = argument.to_string_lossy();
        if let Some(value) = text.strip_prefix("--format=") {
            format = value.to_owned();
        } else if text == "--format" {
            let value = iter
                .next()
                .ok_or_else(|| BadArguments("--format needs a value: human or json".to_owned()))?;
            format = value.to_string_lossy().into_owned();
        } else {
            rest.push(argument.clone());
        }
    }
    if !matches!(format.as_str(), "human" | "json") {
        return Err(BadArguments(format!("--format {format}: expected `human` or `json`")).into());
    }
    let invocation = Invocation::parse("build", &rest, &context.cwd)?;
    let prepared = driver::prepare(context, &invocation)?;
    let audit = report::audit::audit(&prepared.plan);
    if format == "json" {
        report::print_json(&audit);
    } else {
        report::print(&report::audit::human(&audit));
        if report::denied::any(&prepared.plan) {
            let file = prepared.workspace.workspace_root.join(crate::policy::FILE);
            report::status(&report::denied::render(&prepared.plan, &file.display().to_string()));
        }
    }
    Ok(if report::denied::any(&prepared.plan) { exit::DENIED } else { exit::DONE })
}
