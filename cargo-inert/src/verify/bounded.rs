//! Runs a process with a time limit; on expiry the process and its children are killed.

use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The result of a process.
#[derive(Debug)]
pub struct Done {
    /// The exit status; `None` if the process was killed at the time limit.
    pub status: Option<ExitStatus>,
    /// The output on standard output.
    pub stdout: Vec<u8>,
    /// The standard error output.
    pub stderr: Vec<u8>,
}

/// The time that a supervisor has beyond its program's, to end what the program started and to write its result.
pub const SUPERVISOR: Duration = Duration::from_secs(15);

/// Runs a command for at most `time`.
///
/// # Errors
/// The command cannot be started.
pub fn run(mut command: Command, time: Duration) -> io::Result<Done> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    let (stdout, stderr) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let started = Instant::now();
    let mut pause = Duration::from_micros(200);
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if started.elapsed() < time => std::thread::sleep(pause),
            _ => break None,
        }
        pause = (pause * 2).min(Duration::from_millis(5));
    };
    if status.is_none() {
        kill_group(child.id());
        let _ = child.kill();
        let _ = child.wait();
    }
    // A child that the process left running may keep the pipes open; it is not waited for.
    let grace = Duration::from_secs(2);
    let (stdout, stderr) = (all(&stdout, grace), all(&stderr, grace));
    if status.is_some() && (stdout.is_none() || stderr.is_none()) {
        kill_group(child.id());
    }
    Ok(Done { status, stdout: stdout.unwrap_or_default(), stderr: stderr.unwrap_or_default() })
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        let _ = send.send(bytes);
    });
    receive
}

fn all(pipe: &Receiver<Vec<u8>>, time: Duration) -> Option<Vec<u8>> {
    pipe.recv_timeout(time).ok()
}

/// Kills a process group, which is named by its leader. std has no function for it.
fn kill_group(leader: u32) {
    if cfg!(unix) {
        let mut kill = crate::cargo::command("kill");
        let _ = kill
            .args(["-KILL", "--", &format!("-{leader}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = crate::cargo::command("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_hangs_is_killed_with_all_that_it_started() {
        let started = Instant::now();
        let done = run(shell("echo said; sleep 60 & wait"), Duration::from_millis(300)).expect("sh");
        assert!(done.status.is_none());
        assert_eq!(done.stdout, b"said\n");
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn what_is_left_running_is_not_waited_for() {
        let started = Instant::now();
        let done = run(shell("sleep 60 & exit 3"), Duration::from_secs(30)).expect("sh");
        assert_eq!(done.status.and_then(|status| status.code()), Some(3));
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
