//! The build script of a declared package under plain cargo. The whole build.rs is
//! `fn main() { inert_build::build_script() }`.
//!
//! It carries out `[package.metadata.inert]`, as `cargo inert` does without this script: `inert-resolver` is the
//! other implementation, and tests compare the results of both. This one is small to compile: it repeats no check
//! of `cargo inert lint` or the consumer's `cargo inert`, and it trusts files and commands, as a build script does.
//!
//! Phases: `Cargo.toml` as a tree of values ([`toml`]) → each effect walks its own part of the tree ([`effects`])
//! and asks for facts ([`script`]), probes ([`probes`]), libraries and archives when a condition needs them → lines
//! for Cargo.

// `let … else` is newer than rustc 1.63; so are the other constructs that clippy suggests here.
#![allow(clippy::manual_let_else, clippy::uninlined_format_args, clippy::manual_is_variant_and)]

mod condition;
mod effects;
mod facts;
mod probes;
mod script;
mod text;
mod toml;

#[cfg(feature = "source-builds")]
mod c;
#[cfg(feature = "discovery")]
mod discovery;
#[cfg(feature = "source-builds")]
mod globs;

use std::ffi::OsString;

/// A value, or the reason why there is none, as a message for the person who builds the package.
pub(crate) type Outcome<T> = Result<T, String>;

/// Carries out the package's `[package.metadata.inert]`. If that fails, or where its `unsupported` holds, the process
/// prints a message and ends with exit code 1.
pub fn build_script() {
    if !carry_out() {
        fail("the declaration says that it does not cover this build (`unsupported`)");
    }
}

/// Carries out the package's `[package.metadata.inert]` and ends the process. It returns only where the declaration's
/// `unsupported` holds, and has then told Cargo nothing: what follows the call is the package's own script for that part.
///
/// If the declaration cannot be carried out, the process prints a message and ends with exit code 1.
pub fn build_script_where_declared() {
    if carry_out() {
        std::process::exit(0);
    }
}

/// Prints what Cargo is told; returns false, having printed nothing, where the declaration's `unsupported` holds.
// The interface of a build script is its standard output, and its arguments are in the environment.
#[allow(clippy::print_stdout, clippy::disallowed_methods)]
fn carry_out() -> bool {
    match run(std::env::vars_os().collect()) {
        Ok(Some(lines)) => {
            print!("{}", lines);
            true
        }
        Ok(None) => false,
        Err(message) => fail(&message),
    }
}

#[allow(clippy::print_stderr)]
fn fail(message: &str) -> ! {
    eprintln!("error: {}", message);
    std::process::exit(1);
}

/// Returns the output of the script, given the environment that Cargo starts it with; `None` where the declaration's
/// `unsupported` holds.
///
/// # Errors
///
/// The reason why the declaration cannot be carried out.
fn run(environment: Vec<(OsString, OsString)>) -> Result<Option<String>, String> {
    let text = |name: &str| script::variable(&environment, name).unwrap_or_default().to_owned();
    let path = text("CARGO_MANIFEST_DIR") + "/Cargo.toml";
    let manifest = std::fs::read_to_string(&path).map_err(|error| format!("{}: {}", path, error))?;
    let manifest =
        toml::parse(&manifest).map_err(|line| format!("{}:{}: this is not understood", path, line))?;
    let mut inert = None;
    for key in &["package", "metadata", "inert"] {
        inert = inert.unwrap_or(&manifest).get(key).and_then(toml::Value::table);
        if inert.is_none() {
            return Err(format!(
                "{} has no `[package.metadata.inert]`, to which its build.rs leaves all",
                path
            ));
        }
    }
    let inert = inert.unwrap_or(&manifest);
    match inert.get("schema") {
        Some(toml::Value::Number(schema)) if schema == "1" => {}
        _ => return Err(format!("{}: this inert-build reads `schema = 1`", path)),
    }
    let mut script = script::Script::new(&environment, inert, &manifest);
    let done = effects::all(&mut script);
    // The folder holds nothing that is used later, so a failure to remove it is harmless.
    let _ = std::fs::remove_dir_all(&script.scratch);
    match done {
        Ok(true) => script.lines(&path).map(Some),
        Ok(false) => Ok(None),
        Err(message) => {
            let mut message =
                format!("{} {}: {}\n", text("CARGO_PKG_NAME"), text("CARGO_PKG_VERSION"), message);
            if !script.tried.is_empty() {
                message = message + "\ntried, in order:\n  " + &script::joined(&script.tried, "\n  ") + "\n";
            }
            Err(message)
        }
    }
}
