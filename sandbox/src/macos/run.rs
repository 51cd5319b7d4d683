//! Starts programs by `sandbox-exec`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::profile;
use crate::{Ended, Error, Grants, Outcome, Program, Stopped, Stream, Unavailable, error};

const SANDBOX_EXEC: &str = "/usr/bin/sandbox-exec";

/// The ability of this machine to confine programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {}

impl Machine {
    /// Returns the gaps that remain open.
    #[must_use]
    pub fn open(&self) -> Vec<&'static str> {
        vec!["a process that leaves its group outlives its script, confined"]
    }
}

/// Checks that this machine can confine programs.
///
/// # Errors
/// There is no Seatbelt, or this process is in a sandbox already.
pub fn machine() -> Result<Machine, Unavailable> {
    let tried = start(Path::new(SANDBOX_EXEC))
        .args(["-p", "(version 1)(allow default)", "/usr/bin/true"])
        .stdin(Stdio::null())
        .output();
    match tried {
        Ok(output) if output.status.success() => Ok(Machine {}),
        Ok(output) => Err(Unavailable {
            reason: format!("a sandbox was refused: {}", String::from_utf8_lossy(&output.stderr).trim()),
            needs: "a build that no other sandbox is around: one cannot be applied inside another".to_owned(),
        }),
        Err(source) => Err(Unavailable {
            reason: format!("{SANDBOX_EXEC}: {source}"),
            needs: "macOS's own sandbox-exec".to_owned(),
        }),
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place of this backend")]
fn start(program: &Path) -> Command {
    Command::new(program)
}

fn command(program: &Program, grants: &Grants) -> Result<Command, Error> {
    let text = profile::text(grants, |path| std::fs::canonicalize(path).ok())?;
    let mut command = start(Path::new(SANDBOX_EXEC));
    command.arg("-p").arg(text).arg(&program.path).args(&program.arguments);
    command.env_clear().envs(&grants.variables).stdin(Stdio::null());
    if let Some(folder) = &program.folder {
        command.current_dir(folder);
    }
    Ok(command)
}

/// Runs a program with its grants and no other rights.
///
/// # Errors
/// Confinement cannot be applied, or the program cannot be started.
pub fn run(
    program: &Program,
    grants: &Grants,
    _machine: &Machine,
    stdout: Stream<'_>,
    stderr: Stream<'_>,
) -> Result<Outcome, Error> {
    let mut command = command(program, grants)?;
    let stdio = |stream: &Stream<'_>| match stream {
        Stream::Inherit => Stdio::inherit(),
        Stream::Keep(_) | Stream::Lines(_) => Stdio::piped(),
    };
    command.stdout(stdio(&stdout)).stderr(stdio(&stderr)).process_group(0);
    let failed = |source| error(format!("{}: {source}", program.path.display()));
    let mut child = command.spawn().map_err(failed)?;
    let group = format!("-{}", child.id());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let out = out.map(|pipe| scope.spawn(|| collect(pipe, stdout)));
        let err = err.map(|pipe| scope.spawn(|| collect(pipe, stderr)));
        let began = Instant::now();
        let mut stopped = None;
        let status = loop {
            match grants.limits.time {
                None => break child.wait().map_err(failed)?,
                Some(limit) => {
                    if let Some(status) = child.try_wait().map_err(failed)? {
                        break status;
                    }
                    if began.elapsed() >= limit {
                        stopped = Some(Stopped::Time(limit.as_secs()));
                        let _ = child.kill();
                        break child.wait().map_err(failed)?;
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        };
        let _ = start(Path::new("/bin/kill")).args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let join = |handle: Option<std::thread::ScopedJoinHandle<'_, Vec<u8>>>| {
            handle.and_then(|handle| handle.join().ok()).unwrap_or_default()
        };
        let ended = match (stopped, status.code()) {
            (Some(why), _) => Ended::Stopped(why),
            (None, Some(code)) => Ended::Code(code),
            (None, None) => Ended::Signal(status.signal().unwrap_or_default()),
        };
        Ok(Outcome {
            ended,
            stdout: join(out),
            stderr: join(err),
            denials: Vec::new(),
            started: Vec::new(),
            left_behind: 0,
        })
    })
}

fn collect(pipe: impl std::io::Read, stream: Stream<'_>) -> Vec<u8> {
    let mut kept = Vec::new();
    match stream {
        Stream::Inherit => {}
        Stream::Keep(limit) => {
            let _ = pipe.take(limit as u64).read_to_end(&mut kept);
        }
        Stream::Lines(take) => {
            let mut lines = BufReader::new(pipe);
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                take(&line);
                line.clear();
            }
        }
    }
    kept
}

/// Removes all rights of this process but those granted, and replaces it by the program.
///
/// # Errors
/// Confinement cannot be applied, or the program cannot be started.
pub fn become_program(program: &Program, grants: &Grants, _machine: &Machine) -> Error {
    match command(program, grants) {
        Ok(mut command) => error(format!("{}: {}", program.path.display(), command.exec())),
        Err(error) => error,
    }
}
