//! Enforces limits that the kernel does not keep for a whole tree of processes: running time, their number, and bytes
//! written.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::processes::{self, Family};
use crate::{Grants, Stopped};

/// The shortest pause between two measurements of the bytes written.
const OFTEN: Duration = Duration::from_millis(500);

/// The pause between two counts of processes. Those of the C library are counted where they begin; this finds those that
/// are made without it.
const COUNTED: Duration = Duration::from_millis(100);

/// Watches until the program has ended, when the other end of the channel is closed.
pub(super) fn watch(grants: &Grants, family: &Family, over: &Receiver<()>) {
    let began = Instant::now();
    let mut measured = began;
    let mut pause = OFTEN;
    loop {
        let left = grants.limits.time.map(|limit| limit.saturating_sub(began.elapsed()));
        let written = grants.limits.written.map(|_| pause.saturating_sub(measured.elapsed()));
        let counted = grants.limits.processes.map(|_| COUNTED);
        let Some(wait) = [left, written, counted].into_iter().flatten().min() else { return };
        match over.recv_timeout(wait) {
            Err(RecvTimeoutError::Timeout) => {}
            _ => return,
        }
        if let Some(limit) = grants.limits.time.filter(|limit| began.elapsed() >= *limit) {
            return family.stop(Stopped::Time(limit.as_secs()));
        }
        if let Some(limit) = grants.limits.processes
            && processes::descendants(limit as usize).len() > limit as usize
        {
            return family.stop(Stopped::Processes(limit));
        }
        if let Some(limit) = grants.limits.written.filter(|_| measured.elapsed() >= pause) {
            let looked = Instant::now();
            let written: u64 = grants.writable().map(|path| below(path, 0)).sum();
            if written > limit {
                return family.stop(Stopped::Written(limit));
            }
            // If a measurement takes long, the next one comes later.
            pause = OFTEN.max(looked.elapsed() * 50);
            measured = Instant::now();
        }
    }
}

/// Returns the bytes that a file or folder takes on the disk.
fn below(path: &Path, depth: usize) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(metadata) = path.symlink_metadata() else { return 0 };
    let own = if metadata.is_file() || metadata.is_dir() { metadata.blocks() * 512 } else { 0 };
    if !metadata.is_dir() || depth > 200 {
        return own;
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    own + entries.map(|entry| below(&entry.path(), depth + 1)).sum::<u64>()
}
