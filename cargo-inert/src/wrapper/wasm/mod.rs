//! Compiles a script to WebAssembly, in the place of the native compilation that Cargo asked rustc for.
//!
//! Phases: [`dependencies`] has another Cargo compile the script's dependencies, under the same policy; rustc compiles
//! the script itself with Cargo's own arguments except for target and crates, confined where rustc is; then
//! [`wasm_fitness`](crate::plan::wasm_fitness) reads the compiled sources, and refuses a script that would behave
//! differently in WebAssembly.

mod agreement;
mod dependencies;

pub use crate::plan::model::wasm::TARGET;
pub use crate::plan::wasm_fitness::{check_dependency, check_script, check_width};
pub use agreement::check as check_agreement;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::arguments::{self, RustcArguments};
use super::outputs::Aside;
use super::rustc::{Fence, compile_for_other};
use crate::artifacts::build_dir::BuildDir;
use crate::environment::Environment;
use crate::plan::model::ScriptPlan;
use crate::plan::wasm_first;

/// A crate that was compiled for [`TARGET`], or a macro for the host.
#[derive(Debug)]
struct Compiled {
    /// The name of its package.
    name: String,
    /// The compiled library, for rustc's `--extern`.
    library: PathBuf,
    /// The sources of the library, as rustc lists them.
    sources: Vec<PathBuf>,
}

/// The surroundings of a compilation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    /// The confinement of rustc; `None` if it is not confined in this build.
    pub(super) fence: Option<Fence<'a>>,
    /// The variables that Cargo set for rustc.
    pub(super) environment: &'a Environment,
    /// The variables of the caller of `cargo inert`.
    pub(super) callers: &'a Environment,
}

/// Compiles the script of Cargo's call of rustc, whose arguments are `raw`. The module is written to the folder of the
/// `Aside`, under the name of the executable that Cargo asked for.
///
/// # Errors
/// A dependency cannot be compiled for the target, the script would behave differently there, or a file cannot be
/// written.
pub(super) fn compile(
    raw: &[OsString],
    parsed: &RustcArguments,
    script: &ScriptPlan,
    dir: &BuildDir,
    around: Around<'_>,
) -> Result<(Aside, std::process::ExitStatus), String> {
    let aside = Aside::of(parsed)?;
    let (status, _) = compile_to(&aside, raw, parsed, script, dir, around, false).map_err(|why| {
        let undecided = script.wasm.as_ref().is_some_and(|plan| plan.attempt.is_some());
        let help = if undecided {
            "`cargo inert review` shows what else decides it"
        } else {
            "take `run = \"wasm\"` out of its [[allow]] entry to run it natively"
        };
        format!("the build script of `{}` cannot run in WebAssembly: {why}\n  help: {help}", script.package)
    })?;
    Ok((aside, status))
}

/// Tries to compile a script to WebAssembly that was compiled natively as well, and puts the module where its stand-in
/// looks for it. A failure is noted, and is none of the build's.
///
/// # Errors
/// A file cannot be written.
pub(super) fn attempt(
    raw: &[OsString],
    parsed: &RustcArguments,
    script: &ScriptPlan,
    dir: &BuildDir,
    around: Around<'_>,
) -> Result<(), String> {
    let key = script.wasm.as_ref().and_then(|plan| plan.attempt.as_deref()).unwrap_or_default();
    if wasm_first::outcome(dir, key).is_some_and(|known| known.is_err()) {
        return Ok(());
    }
    let aside = Aside::named(parsed, "wasm")?;
    let compiled = compile_to(&aside, raw, parsed, script, dir, around, true);
    let put = match compiled {
        Ok((status, _)) if status.success() => {
            let module = aside.folder.join(format!("{}{}", parsed.stem(), std::env::consts::EXE_SUFFIX));
            super::outputs::put_module(parsed, &module, dir, around.callers)
        }
        Ok((_, said)) => {
            wasm_first::note(dir, key, Err(&format!("rustc does not compile it for {TARGET}: {said}")));
            Ok(())
        }
        Err(why) => {
            wasm_first::note(dir, key, Err(&why));
            Ok(())
        }
    };
    let _ = std::fs::remove_dir_all(&aside.folder);
    put
}

/// Compiles to the folder of an [`Aside`]. `quietly` keeps rustc's messages from Cargo, which would show them as those
/// of the native compilation; the first error is returned.
fn compile_to(
    aside: &Aside,
    raw: &[OsString],
    parsed: &RustcArguments,
    script: &ScriptPlan,
    dir: &BuildDir,
    around: Around<'_>,
    quietly: bool,
) -> Result<(std::process::ExitStatus, String), String> {
    let plan = script.wasm.as_ref().ok_or("the plan does not say what the script is compiled with")?;
    let linked = plan
        .linked
        .iter()
        .find(|linked| linked.features == parsed.features)
        .ok_or("Cargo compiles it with features that this build's graph does not have")?;
    check_target(&raw[0])?;
    let compiled = dependencies::compile(linked, plan, &script.package, dir, around.callers)?;
    let direct: BTreeMap<&str, &Compiled> =
        compiled.direct.iter().map(|(name, one)| (name.as_str(), one)).collect();
    let mut arguments = vec![raw[0].clone()];
    arguments.extend(script_arguments(raw, &direct, &compiled.folders, &aside.folder)?);
    let (status, messages) =
        compile_for_other(&arguments, parsed, &aside.folder, around.fence, around.environment, quietly)?;
    let said = if quietly { first_error(&messages) } else { String::new() };
    if !status.success() {
        return Ok((status, said));
    }
    let module = aside.folder.join(format!("{}.wasm", parsed.stem()));
    let program = aside.folder.join(format!("{}{}", parsed.stem(), std::env::consts::EXE_SUFFIX));
    std::fs::rename(&module, &program).map_err(|error| format!("{}: {error}", module.display()))?;
    let own = crate::artifacts::dep_info::sources(&aside.folder.join(format!("{}.d", parsed.stem())))
        .map_err(|error| format!("rustc's list of its sources cannot be read: {error}"))?;
    check_script(&own, &script.root)?;
    for one in &compiled.all {
        check_dependency(&one.sources)?;
        check_width(&one.name, &one.sources)?;
    }
    Ok((status, said))
}

/// Returns the first error among rustc's messages, which are lines of JSON.
fn first_error(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let mut errors = text.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_error = message.get("level").and_then(|level| level.as_str()) == Some("error");
        is_error.then(|| message.get("message").and_then(|text| text.as_str()).map(str::to_owned)).flatten()
    });
    errors.next().unwrap_or_else(|| "it says no reason".to_owned())
}

/// Checks that rustc has a standard library for the target.
fn check_target(rustc: &std::ffi::OsStr) -> Result<(), String> {
    let answer = crate::cargo::command(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", rustc.to_string_lossy()))?;
    let folder = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    if answer.status.success() && Path::new(&folder).is_dir() {
        return Ok(());
    }
    Err(format!("rustc has no standard library for {TARGET}; `rustup target add {TARGET}` installs it"))
}

/// The options of Cargo's call that apply to another target as well: what is compiled and how it is reported. Other
/// flags (a linker, a CPU, instrumentation) are for the host.
const KEPT: &[&str] = &[
    "--crate-name",
    "--edition",
    "--crate-type",
    "--cfg",
    "--check-cfg",
    "--cap-lints",
    "--error-format",
    "--json",
    "--diagnostic-width",
    "--color",
    "--emit",
];

fn script_arguments(
    raw: &[OsString],
    direct: &BTreeMap<&str, &Compiled>,
    folders: &[PathBuf],
    out_dir: &Path,
) -> Result<Vec<OsString>, String> {
    let mut changed: Vec<OsString> = Vec::new();
    let mut rest = arguments::flat(&raw[1..])?.into_iter();
    // With a workspace wrapper the compiler is the first argument.
    let mut begun = false;
    while let Some(argument) = rest.next() {
        let text = argument.to_str().ok_or("an argument for rustc is no Unicode")?.to_owned();
        begun |= text.starts_with('-');
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (text.as_str(), None),
        };
        if KEPT.contains(&name) {
            let value = inline.map(OsString::from).or_else(|| rest.next()).unwrap_or_default();
            changed.extend([name.into(), value]);
        } else if name == "-C" || name == "--codegen" {
            let value = inline.map(OsString::from).or_else(|| rest.next()).unwrap_or_default();
            if value
                .to_str()
                .is_some_and(|value| value.starts_with("metadata=") || value.starts_with("extra-filename="))
            {
                changed.extend(["-C".into(), value]);
            }
        } else if arguments::TAKE_A_VALUE.contains(&name) || matches!(name, "--out-dir" | "--target") {
            if inline.is_none() {
                let _ = rest.next();
            }
        } else if begun && !text.starts_with('-') {
            changed.push(argument);
        }
    }
    changed.extend(["--target".into(), TARGET.into(), "-Copt-level=2".into(), "-Cstrip=symbols".into()]);
    changed.extend(["--out-dir".into(), out_dir.into()]);
    for (name, compiled) in direct {
        let mut value = OsString::from(format!("{name}="));
        value.push(&compiled.library);
        changed.extend(["--extern".into(), value]);
    }
    for folder in folders {
        let mut value = OsString::from("dependency=");
        value.push(folder);
        changed.extend(["-L".into(), value]);
    }
    Ok(changed)
}
