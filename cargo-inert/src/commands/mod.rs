//! The subcommands, one in each file. Only this module maps failures to exit codes.

pub mod audit;
pub mod bake;
pub mod build;
pub mod cargo_arguments;
pub mod clean;
pub mod completions;
pub mod doctor;
pub mod exec;
pub mod explain;
pub mod export;
pub mod format;
pub mod here;
pub mod init;
pub mod install;
pub mod lint;
pub mod lock;
pub mod man;
pub mod migrate;
pub mod observe;
pub mod review;
pub mod sbom;
pub mod store;
pub mod table;
pub mod trust;
pub mod verify;

use crate::driver::Failure;
use crate::plan::model::PlanError;
use crate::{exit, report};

/// The result of a command: an exit code, or a failure.
pub type Outcome = Result<u8, Failure>;

/// Prints why a command failed, and returns its exit code.
#[must_use]
pub fn conclude(outcome: Outcome) -> u8 {
    let failure = match outcome {
        Ok(code) => return code,
        Err(failure) => failure,
    };
    match failure {
        Failure::Arguments(message) | Failure::Plan(PlanError::Arguments(message)) => {
            report::error(&message);
            exit::USAGE
        }
        Failure::Policy(bad) => {
            report::diagnostic::print(&bad.path.display().to_string(), &bad.text, &bad.diagnostics);
            exit::USAGE
        }
        Failure::Lock(bad) => {
            report::diagnostic::print(&bad.path.display().to_string(), &bad.text, &bad.diagnostics);
            exit::USAGE
        }
        Failure::Plan(PlanError::Declarations(all)) => {
            for bad in all {
                report::diagnostic::print(&bad.file, &bad.text, &bad.diagnostics);
                // A user who builds a dependent did not write the declaration, and can replace it by the policy.
                if bad.via.len() > 1 {
                    report::error(&format!(
                        "what `{}` declares cannot be used by cargo-inert {}, which reads schema 1; nothing was compiled\n  via:  \
                         {}\n  help: another version of the package or of cargo-inert; or a `[[declare]]`, `[[deny]]` or \
                         `[[allow]]` entry of inert.toml, which decides in its place",
                        bad.package,
                        env!("CARGO_PKG_VERSION"),
                        bad.via.join(" → "),
                    ));
                }
            }
            exit::USAGE
        }
        Failure::Plan(PlanError::Other(message)) | Failure::Unexpected(message) => {
            report::error(&message);
            exit::CARGO
        }
        Failure::Cargo(failure) => {
            report::status(failure.stderr.trim_end());
            // Cargo ends with 1 where it does not understand its command line (the other failures of a question are
            // 101); with Inert, 1 means that a build is refused.
            if failure.code == Some(1) {
                report::status("\nInert's own options are listed by `cargo inert <command> --help`.");
                return exit::USAGE;
            }
            failure.code.and_then(|code| u8::try_from(code).ok()).unwrap_or(exit::CARGO)
        }
        Failure::Libraries(message) => {
            report::error(&message);
            exit::CARGO
        }
        Failure::Refused(message) | Failure::Configuration(message, _) => {
            report::error(&message);
            exit::DENIED
        }
        Failure::Io(what, error) => {
            report::error(&format!("{what}: {error}"));
            exit::CARGO
        }
    }
}

/// Prints clap's message about a command line, which may be the help, and returns the exit code.
#[must_use]
pub fn clap_error(error: &clap::Error) -> u8 {
    let _ = error.print();
    if error.use_stderr() { exit::USAGE } else { exit::DONE }
}
