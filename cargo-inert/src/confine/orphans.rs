//! Ends what confined programs leave behind whose supervisor (a stand-in or the wrapper) was killed.
//!
//! Cargo waits until nobody holds the script's output any more, so a process that goes on would keep it waiting for ever: the
//! orphans are ended while Cargo runs. Commands that run the built programs, which may leave confined processes of their own
//! behind on purpose, know the orphans by the session's mark, which no confined process can take off.

use std::collections::BTreeSet;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use super::outer::RUNNING;
use crate::artifacts::build_dir::SESSION;
use crate::environment::Environment;

/// The pause between two looks for orphans.
const OFTEN: Duration = Duration::from_millis(500);

/// The orphans of one command.
#[derive(Debug)]
pub struct Orphans {
    watching: Option<(Sender<()>, JoinHandle<usize>)>,
}

/// Returns the mark of what is confined in a session, by the session's name.
#[must_use]
pub fn mark(session: &str) -> Option<u32> {
    Some(u32::from_str_radix(session.get(..7)?, 16).ok()? % 700_000 + 1)
}

/// Returns the mark of what this process confines, by the session that `INERT_SESSION` names.
#[must_use]
pub fn mark_of(environment: &Environment) -> Option<u32> {
    mark(environment.text(SESSION)?)
}

impl Orphans {
    /// Adopts the orphans of what this process starts from now on, and ends those that are confined; of a command that runs
    /// programs those alone that bear the session's mark. `fenced` says that Cargo is behind the outer fence: what is left of
    /// that ends with the command.
    #[must_use]
    pub fn adopt(command: &str, session: &str, fenced: bool) -> Self {
        let mark = if RUNNING.contains(&command) { mark(session) } else { None };
        #[cfg(target_os = "linux")]
        if let Ok(Some(all)) = inert_sandbox::linux::adopt_orphans(mark) {
            let while_it_runs = inert_sandbox::linux::Orphans { filters: u32::from(fenced), ..all };
            return Self::watch(
                move || inert_sandbox::linux::end_orphans(while_it_runs),
                move || inert_sandbox::linux::end_orphans(all),
                inert_sandbox::linux::reap_orphans,
            );
        }
        let _ = (mark, fenced);
        Self { watching: None }
    }

    /// Looks for orphans until [`Orphans::end`].
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "orphans are adopted on Linux alone"))]
    fn watch(
        end: impl Fn() -> usize + Send + 'static,
        end_last: impl Fn() -> usize + Send + 'static,
        reap: impl Fn(&BTreeSet<u32>) -> BTreeSet<u32> + Send + 'static,
    ) -> Self {
        let (over, wait) = mpsc::channel();
        let watch = move || {
            let mut ended = 0;
            let mut zombies = BTreeSet::new();
            while wait.recv_timeout(OFTEN) == Err(RecvTimeoutError::Timeout) {
                ended += end();
                zombies = reap(&zombies);
            }
            ended + end_last()
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
