//! The descendants of the supervisor: counted while the program runs, and killed with it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::sys::{self, Answer};
use crate::{Denial, Stopped};

/// The number of different denials after which no more are kept.
const MOST: usize = 4096;

/// The number of processes that are read before they are killed.
const MOST_AT_ONCE: usize = 1 << 15;

/// The processes that a program started, the actions it was denied, and whether it may go on.
#[derive(Debug)]
pub(super) struct Family {
    limit: Option<u32>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// True if no process may go into another group any more.
    closed: bool,
    stopped: Option<Stopped>,
    /// The number of processes that may begin before they are counted again.
    left: u32,
    denials: BTreeSet<Denial>,
    started: BTreeSet<PathBuf>,
}

impl Family {
    pub(super) fn new(limit: Option<u32>) -> Self {
        Self { limit, state: Mutex::new(State { left: limit.unwrap_or(0), ..State::default() }) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Each change is one assignment, so the state is consistent even if a thread panicked.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Counts a process or thread that begins: beyond the limit everything is stopped, and after the program has ended,
    /// what begins is.
    pub(super) fn begins(&self, process: u32) -> Answer {
        let mut state = self.state();
        if state.closed {
            drop(state);
            kill(process);
            return Answer::Continue;
        }
        let Some(limit) = self.limit else { return Answer::Continue };
        if state.left == 0 {
            let count = u32::try_from(descendants(limit as usize).len()).unwrap_or(u32::MAX);
            if count > limit {
                drop(state);
                self.stop(Stopped::Processes(limit));
                return Answer::Continue;
            }
            // A count is not asked for at each of the last few, either.
            state.left = (limit - count).max(8);
        }
        state.left -= 1;
        Answer::Continue
    }

    /// Answers a program that may start no process and tries to.
    pub(super) fn tried_process(&self) -> Answer {
        self.denied(Denial::Process);
        Answer::Fail(libc::EPERM)
    }

    /// Returns whether the program has ended, or is being ended.
    pub(super) fn is_closed(&self) -> bool {
        self.state().closed
    }

    pub(super) fn executes(&self, path: PathBuf, granted: bool) {
        let mut state = self.state();
        if granted {
            state.started.insert(path);
        } else {
            drop(state);
            self.denied(Denial::Execute(path));
        }
    }

    pub(super) fn denied(&self, denial: Denial) {
        let mut state = self.state();
        if state.denials.len() < MOST {
            state.denials.insert(denial);
        }
    }

    /// Stops the program and all processes that it started.
    pub(super) fn stop(&self, why: Stopped) {
        let mut state = self.state();
        state.closed = true;
        state.stopped.get_or_insert(why);
        drop(state);
        end_all(Duration::ZERO);
    }

    /// Keeps each process in its group from now on, so that killing the groups ends all of them.
    pub(super) fn close(&self) {
        self.state().closed = true;
    }

    pub(super) fn result(&self) -> (Option<Stopped>, Vec<Denial>, Vec<PathBuf>) {
        let mut state = self.state();
        let denials = std::mem::take(&mut state.denials);
        let started = std::mem::take(&mut state.started);
        (state.stopped, denials.into_iter().collect(), started.into_iter().collect())
    }
}

fn children_of(process: &str, into: &mut Vec<u32>) {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else { return };
    for thread in threads.flatten() {
        let text = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        into.extend(text.split_whitespace().filter_map(|number| number.parse::<u32>().ok()));
    }
}

/// Returns the descendants of this process, nearest first, including zombies: all of them, or more than `most`. A tree that
/// grows as fast as it is read would have no end.
pub(super) fn descendants(most: usize) -> Vec<u32> {
    let mut found = Vec::new();
    children_of("self", &mut found);
    let mut at = 0;
    while at < found.len() && found.len() <= most {
        let process = found[at].to_string();
        children_of(&process, &mut found);
        at += 1;
    }
    found
}

/// Kills every descendant of this process, and waits for them up to `patience`. Returns how many there were.
pub(super) fn end_all(patience: Duration) -> usize {
    let until = Instant::now() + patience;
    let mut ended = BTreeSet::new();
    loop {
        // First those that are near: a tree that still grows is then cut before it is read.
        let mut near = Vec::new();
        children_of("self", &mut near);
        end_groups(&near);
        let left = descendants(MOST_AT_ONCE);
        end_groups(&left);
        for process in &left {
            kill(*process);
        }
        ended.extend(left);
        if patience.is_zero() {
            return ended.len();
        }
        while sys::wait_for_any(false).is_some() {}
        let mut own = Vec::new();
        children_of("self", &mut own);
        if own.is_empty() || Instant::now() > until {
            return ended.len();
        }
        std::thread::sleep(Duration::from_micros(300));
    }
}

/// The orphans that are ended: those that can gain no privileges and have more filters than this process, which no process
/// can undo.
#[derive(Debug, Clone, Copy, Default)]
pub struct Orphans {
    /// The mark that they have in addition, where others may leave confined processes behind on purpose.
    pub mark: Option<u32>,
    /// The number of filters that they may have more than this process: 1 below an outer fence.
    pub filters: u32,
}

/// Kills the confined processes among this process's orphans, with all that they started, until none is left or `patience` is
/// over. Returns how many there were.
pub(super) fn end_orphans(which: Orphans, patience: Duration) -> usize {
    let until = Instant::now() + patience;
    let own = filters(std::process::id()).saturating_add(which.filters);
    let mut ended = BTreeSet::new();
    loop {
        let mut left = Vec::new();
        children_of("self", &mut left);
        left.retain(|process| {
            status(*process, "NoNewPrivs") == Some(1)
                && filters(*process) > own
                && which.mark.is_none_or(|mark| mark_of(*process) == Some(mark))
        });
        let mut at = 0;
        while at < left.len() && left.len() <= MOST_AT_ONCE {
            let process = left[at].to_string();
            children_of(&process, &mut left);
            at += 1;
        }
        left.retain(|process| !is_zombie(*process));
        if left.is_empty() || Instant::now() > until {
            return ended.len();
        }
        end_groups(&left);
        left.iter().for_each(|process| kill(*process));
        ended.extend(left);
        std::thread::sleep(Duration::from_micros(300));
    }
}

/// Returns the children of this process that have ended and were not waited for.
pub(super) fn zombies() -> BTreeSet<u32> {
    let mut own = Vec::new();
    children_of("self", &mut own);
    own.into_iter().filter(|process| is_zombie(*process)).collect()
}

/// Returns the mark of a process: its hard limit of what the kernel calls `msgqueue size`.
fn mark_of(process: u32) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/{process}/limits")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max msgqueue size"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Returns the number of filters for system calls that a process has (since Linux 5.9).
fn filters(process: u32) -> u32 {
    status(process, "Seccomp_filters").unwrap_or(0)
}

/// Returns whether a process has ended and waits for its parent.
fn is_zombie(process: u32) -> bool {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    text.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with(['Z', 'X']))
}

/// Kills the groups of these processes. A group is killed at once: none of its processes can start another meanwhile and escape.
fn end_groups(processes: &[u32]) {
    // The kernel may have given the number of a process that has ended to an unrelated process, in a group of its own.
    let of = |process: &u32| group_number(*process).filter(|_| descends_from_here(*process));
    let groups: BTreeSet<u32> = processes.iter().filter_map(of).collect();
    for group in groups.into_iter().filter(|group| *group != own_group() && *group > 1) {
        sys::kill_group(group);
    }
}

/// Kills a process if it is a descendant of this one. Its number may have been reused, so the process is held by a
/// descriptor first and checked afterwards: the signal reaches the held process or, if that has ended, none.
fn kill(process: u32) {
    if let Ok(held) = sys::process(process)
        && descends_from_here(process)
    {
        let _ = sys::signal(&held, libc::SIGKILL);
    }
}

/// Returns a field of `/proc/<pid>/status`.
fn status(process: u32, field: &str) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')?.trim().parse().ok())
}

/// Returns the number of this process's group.
pub(super) fn own_group() -> u32 {
    group_number(std::process::id()).unwrap_or_default()
}

/// Returns the number of a process's group: the third field behind the name in `/proc/<pid>/stat`.
fn group_number(process: u32) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    text.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}

/// Returns the process that a thread belongs to.
pub(super) fn group_of(thread: u32) -> Option<u32> {
    status(thread, "Tgid")
}

/// Returns whether a process is a descendant of this one.
pub(super) fn descends_from_here(process: u32) -> bool {
    let here = std::process::id();
    let mut at = process;
    for _ in 0..4096 {
        match status(at, "PPid") {
            Some(parent) if parent == here => return true,
            Some(parent) if parent > 1 => at = parent,
            _ => return false,
        }
    }
    false
}
