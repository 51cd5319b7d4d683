//! `cargo inert trust`: shows the claims of the workspace's own policy, which count only if the user accepts them, and
//! accepts them.

use std::io::{BufRead as _, Write as _};
use std::path::Path;

use clap::Parser;

use super::Outcome;
use super::cargo_arguments::WorkspaceArguments;
use crate::driver::{self, Context, Failure};
use crate::policy::trust::{self, Accepted};
use crate::policy::{Claim, FILE, Policy, Trust};
use crate::{exit, report};

/// Show what the workspace's own inert.toml says that counts only where you accept it, and accept it
///
/// A repository that you have cloned says in its own inert.toml what its build may do. What would let something run
/// unconfined, reach out of the tree or start a program of its choosing counts for nothing until you accept it: `confine = false`,
/// `network = true`, files of the system, variables of yours, `[[configuration]]` and so on. What is
/// accepted is kept in your state folder, for this folder, each item by a digest: an item that is changed or added later has to be
/// accepted again. Nothing is compiled or run, and no cargo is started in the tree.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert trust",
    bin_name = "cargo inert trust",
    after_help = "In CI, say it once outside of the repository: INERT_TRUST=sha256:… (the digest that this command prints; a pull request \
                  that changes an item is refused), or INERT_TRUST=tree (whoever can change the repository may change them).

Exit codes: 0 all is accepted (or, with --remove, withdrawn), 1 something is not, 2 bad usage.

Examples:
  cargo inert trust
  cargo inert trust sha256:…    accept exactly what was shown, without a question
  cargo inert trust --remove"
)]
pub struct Arguments {
    /// The digest of what is accepted, as a refusal or this command printed it: no question is asked
    digest: Option<String>,
    /// Show, and ask nothing
    #[arg(long, conflicts_with_all = ["digest", "remove"])]
    show: bool,
    /// Withdraw what was accepted of this workspace
    #[arg(long, conflicts_with = "digest")]
    remove: bool,
    #[command(flatten)]
    cargo: WorkspaceArguments,
}

/// Runs `cargo inert trust`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let invocation = arguments.cargo.invocation("trust", context)?;
    // The tree's Cargo configuration may be one of the claims, so no cargo is started in the tree.
    let root = driver::root_of_workspace(context, &invocation)
        .ok_or_else(|| Failure::Arguments("there is no workspace here".to_owned()))?;
    let recorded = Trust::recorded_alone(&context.environment);
    let write = |claims: &[Claim]| {
        trust::write_record(&recorded, &root, claims)
            .map_err(|error| Failure::Io("what is accepted".to_owned(), error))
    };
    if arguments.remove {
        write(&[])?;
        report::say("Removed", &format!("nothing of {} is accepted", root.display()));
        return Ok(exit::DONE);
    }
    let Some(claims) = Policy::claims_of(&root).map_err(Failure::Policy)? else {
        report::say("Trust", &format!("{} has no {FILE}: there is nothing to accept", root.display()));
        return Ok(exit::DONE);
    };
    let accepted = Accepted::of(&recorded, &root, &claims);
    let digest = trust::digest(&claims);
    let all = claims.iter().all(|claim| accepted.has(claim));
    if let Some(named) = &arguments.digest {
        if *named != digest {
            return Err(Failure::Refused(format!(
                "{} says something else than what was accepted: it is {digest} now\n\n{}",
                root.join(FILE).display(),
                report::escaped(&listed(&claims, &accepted))
            )));
        }
    } else {
        report::print(&report::escaped(&shown(&root, &claims, &accepted, &digest)));
        if all || arguments.show {
            return Ok(if all { exit::DONE } else { exit::DENIED });
        }
        report::print("accept? [y/N] ");
        let _ = std::io::stdout().flush();
        let mut answer = String::new();
        let _ = std::io::stdin().lock().read_line(&mut answer);
        if !matches!(answer.trim(), "y" | "yes") {
            return Ok(exit::DENIED);
        }
    }
    write(&claims)?;
    let count = report::counted(claims.len(), "item", "items");
    report::say("Accepted", &format!("{count} of {}", root.join(FILE).display()));
    Ok(exit::DONE)
}

fn shown(root: &Path, claims: &[Claim], accepted: &Accepted, digest: &str) -> String {
    let file = root.join(FILE);
    if claims.is_empty() {
        return format!("{} says nothing that has to be accepted\n", file.display());
    }
    format!(
        "{} says what counts only where you accept it:\n\n{}\ndigest of all: {digest}\n",
        file.display(),
        listed(claims, accepted)
    )
}

fn listed(claims: &[Claim], accepted: &Accepted) -> String {
    let one = |claim: &Claim| {
        let state = if accepted.has(claim) { "accepted" } else { "not yet " };
        let place = match claim.line {
            0 => String::new(),
            line => {
                format!("  ({}:{line})", claim.file.file_name().unwrap_or_default().to_string_lossy())
            }
        };
        format!("  {state}  {}{place}\n", crate::file::one_line(&claim.text))
    };
    claims.iter().map(one).collect()
}
