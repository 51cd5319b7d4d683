//! rustdoc, which Cargo starts by the name that the driver gave it. It is confined like rustc, since macros run in it
//! too.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::arguments;
use crate::artifacts::build_dir::BuildDir;
use crate::confine::rustc::{self, Call};
use crate::environment::{Environment, current_dir};
use crate::plan::seal;

/// Runs rustdoc; `own` is the name by which this program was started, `arguments` follow it.
///
/// # Errors
/// Nothing was documented; the error says why.
pub fn main(own: &Path, arguments: &[OsString]) -> Result<ExitCode, String> {
    let environment = Environment::capture();
    let dir = BuildDir::containing(own).ok_or("this is started by `cargo inert` alone")?;
    let plan = seal::plan_of_session(&dir, &environment)?;
    let index = seal::read_index(&plan)?;
    let around = index.rustc.as_ref().ok_or("rustc is not confined in this build")?;
    let program = around.sysroot.join("bin").join("rustdoc");
    crate::cargo::argument_files::refuse(arguments)?;
    let mut all = vec![program.into_os_string()];
    all.extend(arguments::flat(arguments)?);
    // rustdoc itself starts doctests, which are built executables and run like tests.
    let tests = all.iter().any(|argument| argument == "--test");
    let Some(folder) = output(&all).filter(|_| !tests) else {
        return super::rustc::pass_on(&all, None, &environment);
    };
    let cwd = current_dir().map_err(|error| format!("the current folder: {error}"))?;
    let folder = cwd.join(folder);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let callers = crate::stand_in::callers_environment(&dir, &environment)?;
    let call = Call {
        arguments: all,
        out_dir: &folder,
        crate_name: "rustdoc".to_owned(),
        stem: "rustdoc".to_owned(),
        links: false,
        dep_info: false,
        macros: Vec::new(),
        pinned: false,
    };
    let code = rustc::document(&call, around, &dir, &environment, &callers)?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(101)))
}

/// Returns the folder that it writes to; `None` for a question.
fn output(arguments: &[OsString]) -> Option<PathBuf> {
    let mut rest = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(argument) = rest.next() {
        if ["-o", "--output", "--out-dir"].contains(&argument) {
            return rest.next().map(PathBuf::from);
        }
        if let Some(path) = ["--output=", "--out-dir="].iter().find_map(|name| argument.strip_prefix(name)) {
            return Some(PathBuf::from(path));
        }
    }
    None
}
