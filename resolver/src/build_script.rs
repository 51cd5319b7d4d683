//! The shim under plain cargo: a build.rs that consists of `fn main() { inert_resolver::build_script() }`.
//!
//! Phases: the package's own `Cargo.toml` → declaration; Cargo's environment and `rustc -vV` → request → resolution →
//! standard output. Under Inert the shim is never compiled.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use inert_manifest_spec::{Declaration, Severity};

use crate::request::{Request, Rustc, scrubbed};
use crate::world::{Environment, Run, World, process_environment};
use crate::{Dialect, directives, resolve};

/// Carries out the package's `[package.metadata.inert]` as its build script. If that fails, the process prints a
/// message and ends with exit code 1.
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a build script's standard output is its interface"
)]
pub fn build_script() {
    match run(&process_environment()) {
        Ok(printed) => print!("{printed}"),
        Err(message) => {
            eprintln!("{message}");
            std::process::exit(1);
        }
    }
}

/// Returns the text that the shim prints, given the environment that Cargo started it with.
///
/// # Errors
///
/// The message for the person who builds the package.
pub fn run(environment: &Environment) -> Result<String, String> {
    let folder = environment.get("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let folder = folder
        .ok_or("`CARGO_MANIFEST_DIR` is not set: this has to be started by Cargo, as a build script")?;
    let declaration = declaration(&folder.join("Cargo.toml"))?;
    let out_dir = environment.get("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    let mut world = World::new(scrubbed(environment), scratch(&out_dir));
    let rustc = rustc(&mut world)?;
    let request = Request::from_build_script_env(environment, rustc).map_err(|error| error.to_string())?;
    let resolved = resolve(&declaration, &request, &mut world);
    // The folder holds nothing that is used later, so a failure to remove it is harmless.
    let _ = std::fs::remove_dir_all(&world.scratch);
    let resolution = resolved.map_err(|failure| explained(&request, &failure))?;
    let dialect = Dialect::of(request.package.rust_version.as_deref());
    directives::print(&resolution.directives, dialect).map_err(|error| error.to_string())
}

/// Returns a failure as text for the user: problem, place, and attempts.
#[must_use]
pub fn explained(request: &Request, failure: &crate::Failure) -> String {
    let package = &request.package;
    let mut message = format!("error: {} {}: {}\n", package.name, package.version, failure.kind);
    if !failure.attempts.is_empty() {
        message.push_str("\ntried, in order:\n");
    }
    for attempt in &failure.attempts {
        let _ = writeln!(message, "  {attempt}");
    }
    message
}

fn declaration(manifest: &Path) -> Result<Declaration, String> {
    let text =
        std::fs::read_to_string(manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let parsed = inert_manifest_spec::parse_manifest(&text);
    let mut message = String::new();
    for diagnostic in parsed.diagnostics.iter().filter(|found| found.severity == Severity::Error) {
        let line = text.get(..diagnostic.span.start).map_or(1, |before| before.matches('\n').count() + 1);
        let _ = writeln!(
            message,
            "error: {}:{line}: {} [{}]",
            manifest.display(),
            diagnostic.message,
            diagnostic.code
        );
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(message, "  help: {help}");
        }
    }
    match parsed.declaration {
        Some(declaration) if message.is_empty() => Ok(declaration),
        None if message.is_empty() => Err(format!(
            "error: {} has no `[package.metadata.inert]`, and its build.rs leaves all to it; write it, or take the \
             build.rs away",
            manifest.display()
        )),
        _ => Err(message),
    }
}

/// Returns the compiler that Cargo named, as an absolute path, with its version and target facts.
fn rustc(world: &mut World) -> Result<Rustc, String> {
    let named = world.env_text("RUSTC").unwrap_or_else(|| "rustc".into());
    let program = world
        .find_program(&named)
        .ok_or_else(|| format!("`{named}` (from `RUSTC`) was not found on PATH"))?;
    let run = Run { program: program.clone(), args: vec!["-vV".into()], ..Run::default() };
    let output = world.run(&run).map_err(|error| format!("{}: {error}", run.command_line()))?;
    if !output.success {
        return Err(format!("{} failed:\n{}", run.command_line(), output.text()));
    }
    Rustc::parse(program, &String::from_utf8_lossy(&output.stdout))
}

/// Returns the scratch folder beside OUT_DIR, in the folder that Cargo made for this script.
fn scratch(out_dir: &Path) -> PathBuf {
    out_dir.parent().unwrap_or(out_dir).join("inert-scratch")
}
