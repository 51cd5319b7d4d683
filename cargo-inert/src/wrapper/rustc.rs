//! Starts the real rustc, behind the user's own wrapper if there is one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::arguments::{self, RustcArguments};
use super::link_inputs::Words;
use super::outputs;
use crate::artifacts::build_dir::BuildDir;
use crate::artifacts::said::Said;
use crate::confine::rustc;
use crate::environment::Environment;
use crate::plan::model::{ConfinedRustc, Index};
use crate::plan::skip;

/// The confinement of rustc in this build.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fence<'a> {
    pub(super) around: &'a ConfinedRustc,
    pub(super) dir: &'a BuildDir,
    /// The features that flags set, which the graph does not contain.
    flags: &'a BTreeSet<String>,
    /// True if a digest pins all files of the package that rustc may read ([`rustc::Call::pinned`]).
    pinned: bool,
}

impl<'a> Fence<'a> {
    /// Returns the confinement of a build; `None` if rustc is not confined in it.
    pub(super) fn of(index: &'a Index, dir: &'a BuildDir) -> Option<Self> {
        index.rustc.as_ref().map(|around| Self { around, dir, flags: &index.flag_features, pinned: false })
    }

    /// Returns the confinement for a unit of which a digest is pinned.
    pub(super) fn for_pinned(self) -> Self {
        Self { pinned: true, ..self }
    }

    /// Compiles confined, below this process.
    fn compile(
        self,
        arguments: &[std::ffi::OsString],
        parsed: &RustcArguments,
        out_dir: &Path,
        environment: &Environment,
        messages: rustc::Messages<'_>,
    ) -> Result<i32, String> {
        let linked = ["bin", "proc-macro", "dylib", "cdylib"];
        let emits_link = parsed.emit.is_empty() || parsed.emit.contains("link");
        let program = parsed.crate_types.is_empty()
            || parsed.test
            || parsed.crate_types.iter().any(|kind| linked.contains(&kind.as_str()));
        let mut arguments = arguments::flat(arguments)?;
        if let Some(program) = arguments.first_mut()
            && let Some(path) = rustc::of_toolchain(program, self.around)
        {
            *program = path.into_os_string();
        }
        let call = rustc::Call {
            arguments,
            out_dir,
            crate_name: parsed.crate_name.clone(),
            stem: parsed.stem(),
            links: emits_link && program,
            dep_info: parsed.emit.contains("dep-info"),
            macros: self.macros(parsed, environment),
            pinned: self.pinned,
        };
        let callers = crate::stand_in::callers_environment(self.dir, environment)?;
        rustc::compile(&call, self.around, self.dir, environment, &callers, messages)
    }

    /// Returns the crate names of the macros that a unit may load.
    fn macros(self, parsed: &RustcArguments, environment: &Environment) -> Vec<String> {
        let around = self.around;
        let source = parsed.source.as_deref().unwrap_or(Path::new(""));
        let said = said_features(self.dir, environment);
        let numbers = parsed.features_in_graph(self.flags, &said).into_iter().find_map(|features| {
            around.macros.get(&skip::place(source, &features, parsed.target.as_deref()))
        });
        let numbers = numbers.into_iter().flatten();
        numbers.filter_map(|number| around.macro_names.get(*number).cloned()).collect()
    }
}

/// Returns the features that the package's own script prints, for its compilation alone.
pub(super) fn said_features(dir: &BuildDir, environment: &Environment) -> BTreeSet<String> {
    // `[env]` may name another folder for a package without a script; Cargo's own lies in the build dir.
    let out_dir =
        environment.get("OUT_DIR").map(PathBuf::from).filter(|out_dir| out_dir.starts_with(&dir.root));
    out_dir.map(|out_dir| Said::by_script(&out_dir).features).unwrap_or_default()
}

/// Compiles a script to a separate folder, so that at any moment the script's path holds a stand-in or nothing. `exec`
/// is not used, since rustc's dependency file has to be extended by the decision, so that a script that is no longer
/// allowed is not fresh.
pub(super) fn compile_aside(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    wrapper: Option<&Path>,
    fence: Option<Fence<'_>>,
    environment: &Environment,
) -> Result<(outputs::Aside, std::process::ExitStatus), String> {
    let aside = outputs::Aside::of(parsed)?;
    let (program, rest) = raw.split_first().ok_or("no rustc is named")?;
    let mut arguments = vec![program.clone()];
    arguments.extend(arguments::with_out_dir(rest, &aside.folder)?);
    arguments.push(Words::in_folder(&aside.folder).flag());
    if let Some(fence) = fence_here(&arguments, parsed, wrapper, fence, environment)? {
        let code = fence.compile(&arguments, parsed, &aside.folder, environment, rustc::Messages::Shown)?;
        return Ok((aside, with_code(code)));
    }
    let status = rustc_command(&arguments, wrapper, environment)
        .status()
        .map_err(|error| format!("{}: {error}", raw[0].to_string_lossy()))?;
    Ok((aside, status))
}

/// Compiles a unit, confined if the plan says so.
pub(super) fn compile(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    wrapper: Option<&Path>,
    fence: Option<Fence<'_>>,
    environment: &Environment,
) -> Result<ExitCode, String> {
    let out_dir = parsed.out_dir.as_deref().unwrap_or(Path::new("/"));
    match fence_here(raw, parsed, wrapper, fence, environment)? {
        Some(fence) => {
            let code = fence.compile(raw, parsed, out_dir, environment, rustc::Messages::Shown)?;
            Ok(ExitCode::from(u8::try_from(code).unwrap_or(101)))
        }
        None => pass_on(raw, wrapper, environment),
    }
}

/// Compiles a unit and waits, so that the result can be checked.
pub(super) fn compile_and_wait(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    wrapper: Option<&Path>,
    fence: Option<Fence<'_>>,
    environment: &Environment,
) -> Result<std::process::ExitStatus, String> {
    let out_dir = parsed.out_dir.as_deref().unwrap_or(Path::new("/"));
    if let Some(fence) = fence_here(raw, parsed, wrapper, fence, environment)? {
        let code = fence.compile(raw, parsed, out_dir, environment, rustc::Messages::Shown)?;
        return Ok(with_code(code));
    }
    rustc_command(raw, wrapper, environment)
        .status()
        .map_err(|error| format!("{}: {error}", raw[0].to_string_lossy()))
}

/// Compiles a script for another target than Cargo asked for, confined if the plan says so; the user's wrapper is not
/// used. `arguments` begin with rustc. Returns rustc's messages as well, if they are kept from Cargo (`quietly`).
///
/// # Errors
/// rustc cannot be started, or not confined as the plan says: then nothing was compiled.
pub(super) fn compile_for_other(
    arguments: &[std::ffi::OsString],
    parsed: &RustcArguments,
    out_dir: &Path,
    fence: Option<Fence<'_>>,
    environment: &Environment,
    quietly: bool,
) -> Result<(std::process::ExitStatus, Vec<u8>), String> {
    let program = arguments.first().ok_or("no rustc is named")?;
    if let Some(fence) = fence {
        let _ = rustc::of_toolchain(program, fence.around).ok_or_else(|| cannot_be_confined(program))?;
        let mut kept = Vec::new();
        let messages = if quietly { rustc::Messages::Kept(&mut kept) } else { rustc::Messages::Shown };
        let code = fence.compile(arguments, parsed, out_dir, environment, messages)?;
        return Ok((with_code(code), kept));
    }
    let started = |error: std::io::Error| format!("{}: {error}", program.to_string_lossy());
    let mut command = rustc_command(arguments, None, environment);
    command.stdin(std::process::Stdio::null());
    if quietly {
        let output = command.output().map_err(started)?;
        return Ok((output.status, output.stderr));
    }
    Ok((command.status().map_err(started)?, Vec::new()))
}

/// Returns the confinement of a call. A program that cannot be confined, such as a workspace's wrapper that is not the
/// toolchain's, compiles unconfined, which the end of the build says.
///
/// # Errors
/// The policy requires that it is confined.
fn fence_here<'a>(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    wrapper: Option<&Path>,
    fence: Option<Fence<'a>>,
    environment: &Environment,
) -> Result<Option<Fence<'a>>, String> {
    let Some(fence) = fence.filter(|_| wrapper.is_none()) else { return Ok(None) };
    let program = raw.first().ok_or("no rustc is named")?;
    if rustc::of_toolchain(program, fence.around).is_some() {
        return Ok(Some(fence));
    }
    if fence.around.required {
        return Err(cannot_be_confined(program));
    }
    let line = format!(
        "`{}` was compiled by {}, which is not the toolchain's own: neither it nor a macro in it was confined",
        crate::file::one_line(&parsed.crate_name),
        crate::file::shown(Path::new(program))
    );
    crate::confine::denied::note(fence.dir, environment, &line);
    Ok(None)
}

fn cannot_be_confined(program: &std::ffi::OsStr) -> String {
    format!("{} is none of the toolchain's programs, so it cannot be confined", program.to_string_lossy())
}

#[cfg(unix)]
fn with_code(code: i32) -> std::process::ExitStatus {
    use std::os::unix::process::ExitStatusExt as _;
    std::process::ExitStatus::from_raw((code & 0xff) << 8)
}

#[cfg(not(unix))]
fn with_code(code: i32) -> std::process::ExitStatus {
    use std::os::windows::process::ExitStatusExt as _;
    std::process::ExitStatus::from_raw(code.unsigned_abs())
}

/// Replaces this process by rustc, behind the user's own wrapper if there is one.
pub(super) fn pass_on(
    raw: &[std::ffi::OsString],
    wrapper: Option<&Path>,
    environment: &Environment,
) -> Result<ExitCode, String> {
    let mut command = rustc_command(raw, wrapper, environment);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        let error = command.exec();
        Err(format!("{}: {error}", command.get_program().to_string_lossy()))
    }
    #[cfg(not(unix))]
    {
        let status = command.status().map_err(|error| format!("{}: {error}", raw[0].to_string_lossy()))?;
        Ok(crate::exit::of_child(status))
    }
}

fn rustc_command(raw: &[std::ffi::OsString], wrapper: Option<&Path>, _environment: &Environment) -> Command {
    match wrapper {
        Some(wrapper) => {
            let mut command = crate::cargo::command(wrapper);
            command.args(raw);
            command
        }
        None => {
            let mut command = crate::cargo::command(&raw[0]);
            command.args(&raw[1..]);
            command
        }
    }
}
