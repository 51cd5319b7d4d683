//! Ends what confined programs leave behind whose supervisor (a stand-in or the wrapper) was killed.
//!
//! Cargo waits until nobody holds the script's output any more, so a process that goes on would keep it waiting for ever: the
//! orphans are ended while Cargo runs.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// The commands that run the built programs, which may leave confined processes of their own behind on purpose.
const RUNNING: &[&str] = &["run", "test", "bench"];

/// The pause between two looks for orphans.
const OFTEN: Duration = Duration::from_millis(500);

/// The orphans of one command.
#[derive(Debug)]
pub struct Orphans {
    watching: Option<(Sender<()>, JoinHandle<usize>)>,
}

impl Orphans {
    /// Adopts the orphans of what this process starts from now on, unless the command runs programs, and ends those that are
    /// confined.
    #[must_use]
    pub fn adopt(command: &str) -> Self {
        if RUNNING.contains(&command) || !adopted() {
            return Self { watching: None };
        }
        let (over, wait) = mpsc::channel();
        let watch = move || {
            let mut ended = 0;
            while wait.recv_timeout(OFTEN) == Err(RecvTimeoutError::Timeout) {
                ended += end();
            }
            ended + end()
        };
        Self { watching: Some((over, std::thread::spawn(watch))) }
    }

    /// Ends the last of them; Cargo must have ended. Returns how many there were in all.
    #[must_use]
    pub fn end(self) -> usize {
        let Some((over, watching)) = self.watching else { return 0 };
        drop(over);
        watching.join().unwrap_or_default()
    }
}

fn adopted() -> bool {
    #[cfg(target_os = "linux")]
    return inert_sandbox::linux::adopt_orphans().is_ok();
    #[cfg(not(target_os = "linux"))]
    false
}

fn end() -> usize {
    #[cfg(target_os = "linux")]
    return inert_sandbox::linux::end_orphans();
    #[cfg(not(target_os = "linux"))]
    0
}
