//! Runs a build script confined, below this process, which supervises it.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use inert_sandbox::{Access, Denial, Ended, Outcome, Program, Stream};

use super::{denied, grants, observed, programs, variables};
use crate::artifacts::build_dir::BuildDir;
use crate::environment::Environment;
use crate::plan::model::{Checked, Confined, ScriptPlan};

/// The maximal size of a script's output in bytes, which Cargo keeps completely.
const PRINTED: usize = 256 << 20;

/// Runs a script and returns its standard output.
///
/// # Errors
/// The script was not started, has failed, or depends on something that it was denied; the error says what was denied,
/// and what would grant it.
pub fn run(
    script: &ScriptPlan,
    checked: &Checked,
    confined: &Confined,
    program: &Path,
    dir: Option<&BuildDir>,
    cargos: &Environment,
) -> Result<Vec<u8>, String> {
    let package = &script.package;
    let refused = |why: String| format!("the build script of `{package}` is refused: {why}");
    let machine = inert_sandbox::machine().map_err(|error| refused(error.to_string()))?;
    let out_dir = cargos.get("OUT_DIR").map(PathBuf::from).ok_or_else(|| refused("no OUT_DIR".to_owned()))?;
    let private = out_dir.with_file_name("inert-run");
    let made = Private::make(&private).map_err(|error| refused(format!("{}: {error}", private.display())))?;
    // A grant applies to the folder that exists now.
    std::fs::create_dir_all(&out_dir).map_err(|error| refused(format!("{}: {error}", out_dir.display())))?;
    let callers = Environment::capture();
    let folders =
        grants::Folders { program, package: &script.root, out_dir: &out_dir, tmp: &made.tmp, build_dir: dir };
    let mut grants = grants::of(confined, folders, &script.runs, cargos).map_err(refused)?;
    let path = programs::path(&confined.rights.tools, &confined.sysroot, &made.bin, &callers, &mut grants)
        .map_err(refused)?;
    let (keep, pipe) = jobserver(cargos);
    if let Some(pipe) = pipe {
        grants.add_if_there(pipe, Access::Write);
    }
    grants.variables = variables::of(cargos, &callers, &confined.rights);
    grants.variables.extend(own_variables(&made, path, &confined.sysroot, cargos));
    let started = Program {
        path: program.to_path_buf(),
        arguments: Vec::new(),
        folder: Some(script.root.clone()),
        keep,
        watch: confined.observed.is_some(),
        mark: super::orphans::mark_of(cargos),
    };
    let errors = if confined.observed.is_some() { Stream::Keep(PRINTED) } else { Stream::Inherit };
    let mut outcome = inert_sandbox::run(&started, &grants, &machine, Stream::Keep(PRINTED), errors)
        .map_err(|error| refused(error.message))?;
    let seen = |name: &str| grants.variables.contains_key(std::ffi::OsStr::new(name));
    let missed = variables::missed(&outcome.stdout, &seen, &callers);
    if let Some(file) = &confined.observed {
        observed::write(file, &outcome, &missed, &grants.variables, &callers, &made.bin)?;
        // Cargo goes no further: what the script said under these rights is not the outcome of a build.
        return Err(format!("the build script of `{package}` was observed"));
    }
    let tried = programs::tried(&outcome.started, &made.bin);
    outcome.denials.extend(tried.iter().map(|name| Denial::Execute(PathBuf::from(name))));
    if let Some(dir) = dir.filter(|_| outcome.ended == Ended::Code(0)) {
        // It may have taken the denial for an answer.
        for line in denied::lines(&outcome, &[], confined, &script.root) {
            let line = format!("the build script of `{package}` was denied {line}");
            denied::note(dir, cargos, &line);
        }
    }
    judged(outcome, &missed, script, checked, confined)
}

/// Returns the caller's variables that a script says it depends on and did not see.
pub fn missed(stdout: &[u8], seen: &dyn Fn(&str) -> bool, callers: &Environment) -> Vec<String> {
    variables::missed(stdout, seen, callers)
}

fn judged(
    outcome: Outcome,
    missed: &[String],
    script: &ScriptPlan,
    checked: &Checked,
    confined: &Confined,
) -> Result<Vec<u8>, String> {
    let package = &script.package;
    let how = match outcome.ended {
        // It considers a variable unset that is set, so its output differs from that of an unconfined run.
        Ended::Code(0) if !missed.is_empty() => "went by what it may not see".to_owned(),
        Ended::Code(0) => return Ok(outcome.stdout),
        Ended::Code(code) => format!("failed with exit code {code}"),
        Ended::Signal(signal) => format!("was ended by signal {signal}"),
        Ended::Stopped(why) => format!("was stopped: {why}"),
    };
    // Cargo shows the output with the failure, and does not obey it.
    if outcome.ended != Ended::Code(0) {
        let _ = std::io::stdout().write_all(&outcome.stdout);
    }
    let lines = denied::lines(&outcome, missed, confined, &script.root);
    let denials = if lines.is_empty() {
        String::new()
    } else {
        format!("\n  it was denied:\n    {}", lines.join("\n    "))
    };
    let help = denied::help(confined, checked.digest.is_some());
    Err(format!("the build script of `{package}` {how}{denials}\n  help: {help}"))
}

/// The folders of one run, which are removed with it.
struct Private {
    root: PathBuf,
    tmp: PathBuf,
    bin: PathBuf,
}

impl Private {
    fn make(root: &Path) -> std::io::Result<Self> {
        // A run that was killed may have left its folder.
        let _ = std::fs::remove_dir_all(root);
        let made = Self { root: root.to_path_buf(), tmp: root.join("tmp"), bin: root.join("bin") };
        std::fs::create_dir_all(&made.tmp)?;
        std::fs::create_dir_all(&made.bin)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o700))?;
        }
        Ok(made)
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

fn own_variables(
    made: &Private,
    path: OsString,
    sysroot: &Path,
    cargos: &Environment,
) -> Vec<(OsString, OsString)> {
    let tmp = || made.tmp.clone().into_os_string();
    let mut own: Vec<(OsString, OsString)> = vec![
        ("HOME".into(), tmp()),
        ("TMPDIR".into(), tmp()),
        ("TMP".into(), tmp()),
        ("TEMP".into(), tmp()),
        ("PATH".into(), path),
    ];
    if !sysroot.as_os_str().is_empty() {
        // The programs of the toolchain replace rustup's proxies, which read the home and may download.
        for (name, program) in [("RUSTC", "rustc"), ("CARGO", "cargo"), ("RUSTDOC", "rustdoc")] {
            let file = sysroot.join("bin").join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
            if file.is_file() {
                own.push((name.into(), file.into()));
            }
        }
        if let Some(paths) = cargos.get("LD_LIBRARY_PATH") {
            let kept = std::env::split_paths(paths).filter(|path| path.starts_with(sysroot));
            if let Ok(joined) = std::env::join_paths(kept) {
                own.push(("LD_LIBRARY_PATH".into(), joined));
            }
        }
    }
    own
}

/// Returns the jobserver of Cargo that a script keeps: the two ends of a pipe by number, or a pipe by its path.
pub(super) fn jobserver(cargos: &Environment) -> (Vec<i32>, Option<PathBuf>) {
    let mut keep = Vec::new();
    let mut pipe = None;
    for name in ["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"] {
        for word in cargos.text(name).unwrap_or_default().split_whitespace() {
            let Some(value) =
                word.strip_prefix("--jobserver-auth=").or_else(|| word.strip_prefix("--jobserver-fds="))
            else {
                continue;
            };
            if let Some(path) = value.strip_prefix("fifo:") {
                pipe = Some(PathBuf::from(path));
            } else if let Some((read, write)) = value.split_once(',') {
                keep.extend([read, write].iter().filter_map(|text| text.parse::<i32>().ok()));
            }
        }
    }
    keep.retain(|number| *number > 2 && is_pipe(*number));
    keep.sort_unstable();
    keep.dedup();
    (keep, pipe.filter(|path| is_fifo(path)))
}

#[cfg(target_os = "linux")]
fn is_pipe(number: i32) -> bool {
    is_fifo(Path::new(&format!("/proc/self/fd/{number}")))
}

#[cfg(not(target_os = "linux"))]
fn is_pipe(_number: i32) -> bool {
    false
}

#[cfg(unix)]
fn is_fifo(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    path.metadata().is_ok_and(|file| file.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_fifo(_path: &Path) -> bool {
    false
}
