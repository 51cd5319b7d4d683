//! The whole of a build.rs: `fn main() { inert_build::build_script() }`, for plain cargo.
//!
//! It does what `[package.metadata.inert]` says, as `cargo inert` would without this script: `inert-resolver` is the
//! other implementation, and tests hold both to the same outcomes. This one is made to be compiled: it checks nothing that
//! `cargo inert lint` and the consumer's `cargo inert` have checked, and it takes files and commands on trust, as a build
//! script does.
//!
//! Phases: `Cargo.toml` as a tree of values ([`toml`]) → each effect walks its own part of the tree ([`effects`]) and asks
//! facts ([`script`]), probes ([`probes`]), libraries and archives as their conditions come up → lines for Cargo.

// A `let … else` is younger than rustc 1.63; so are the other things that clippy misses here.
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

/// A value, or why there is none, for whoever builds the package.
pub(crate) type Outcome<T> = Result<T, String>;

/// Does what the package's `[package.metadata.inert]` says. Ends the process with 1 and a message where it cannot.
// A build script's standard output is its interface, and its environment its arguments.
#[allow(clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods)]
pub fn build_script() {
    match run(std::env::vars_os().collect()) {
        Ok(lines) => print!("{}", lines),
        Err(message) => {
            eprintln!("error: {}", message);
            std::process::exit(1);
        }
    }
}

/// What the script prints, given the environment that Cargo starts it with.
///
/// # Errors
///
/// Why it cannot be done.
fn run(environment: Vec<(OsString, OsString)>) -> Result<String, String> {
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
    // Nothing in it is of use afterwards; that it could not be removed harms nobody.
    let _ = std::fs::remove_dir_all(&script.scratch);
    match done {
        Ok(()) => script.lines(&path),
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
