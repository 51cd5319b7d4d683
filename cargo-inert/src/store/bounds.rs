//! The size of the store: [`settle`] makes room where it exceeds its limit, and [`clear`] empties it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::contents;
use crate::file::write_atomic;
use crate::random::nonce;

/// The length of the log from which on it is added to the totals, in bytes.
const LONG_LOG: u64 = 16 << 10;
/// The age of a file that is being written and whose process was killed, surely.
const FORSAKEN: Duration = Duration::from_secs(24 * 3600);

/// Adds the log to the totals if it is long, and removes what was used least recently if the store exceeds its limit.
/// Another command that does so at the same time, or an error, costs nothing but room.
pub fn settle(folder: &Path, limit: u64) {
    let _ = try_settle(folder, limit);
}

fn try_settle(folder: &Path, limit: u64) -> io::Result<()> {
    let log = folder.join("log");
    let Ok(logged) = fs::metadata(&log) else { return Ok(()) };
    let size = contents::totals(folder).1.saturating_add(contents::logged(folder).added);
    if size <= limit && logged.len() < LONG_LOG {
        return Ok(());
    }
    let lock = fs::OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
    if lock.try_lock().is_err() {
        return Ok(());
    }
    // Another command may have written the totals before this one had the lock.
    let (totals, size) = contents::totals(folder);
    // A line that is added after this belongs to the next log.
    let taken = folder.join("tmp").join(format!("log-{}", nonce()?));
    fs::rename(&log, &taken)?;
    let sum = contents::sum_of(&taken);
    let (totals, size) = (totals.plus(sum), size.saturating_add(sum.added));
    fs::remove_file(&taken)?;
    let size = if size > limit { make_room(folder, limit / 10 * 9) } else { size };
    write_atomic(&folder.join("totals"), format!("{size} {}", totals.to_line()).as_bytes())
}

/// Removes the files that were used least recently until the store has that size; returns its size.
fn make_room(folder: &Path, size: u64) -> u64 {
    let now = SystemTime::now();
    let mut entries = Vec::new();
    contents::walk(&folder.join("blobs"), &mut entries);
    contents::walk(&folder.join("notes"), &mut entries);
    let mut temporary = Vec::new();
    contents::walk(&folder.join("tmp"), &mut temporary);
    for file in temporary.iter().filter(|file| now.duration_since(file.used).is_ok_and(|age| age > FORSAKEN))
    {
        let _ = fs::remove_file(&file.path);
    }
    let mut total: u64 = entries.iter().map(|file| file.length).sum();
    entries.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
    for file in entries {
        if total <= size {
            break;
        }
        if fs::remove_file(&file.path).is_ok() {
            total = total.saturating_sub(file.length);
            // A folder of notes; it is removed only if it is empty.
            let _ = file.path.parent().map(fs::remove_dir);
        }
    }
    total
}

/// Removes all stores in a folder, of every version. Returns false if there is none. A build that runs at the same time
/// begins a new one.
///
/// # Errors
/// A file cannot be removed, or the folder is a symlink.
pub fn clear(root: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
        Ok(found) if !found.is_dir() => return Err(io::Error::other("it is no folder, or a symlink to one")),
        Ok(_) => {}
    }
    // Under another name first: a build that adds an entry meanwhile would make the removal fail.
    let away: PathBuf = root.with_file_name(format!(".store-{}", nonce()?));
    fs::rename(root, &away)?;
    fs::remove_dir_all(&away)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use inert_resolver::store::{Store, StorePlace, Tally};

    fn store(folder: &Path) -> Store {
        Store::new(StorePlace {
            folder: folder.to_owned(),
            secret: "s".into(),
            shared: true,
            ..StorePlace::default()
        })
    }

    #[test]
    fn what_was_used_least_recently_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let digests: Vec<String> = (0..20u8)
            .map(|number| {
                let digest = store(folder).keep_blob(&vec![number; 1000]).unwrap();
                let path = folder.join("blobs").join(&digest[..2]).join(&digest);
                let time = SystemTime::now() - Duration::from_secs(3600 * (30 - u64::from(number)));
                fs::File::open(path).unwrap().set_modified(time).unwrap();
                digest
            })
            .collect();
        let used = store(folder);
        // The oldest is used again.
        assert!(used.blob(&digests[0]).is_some());
        used.tally(Tally { hits: 3, added: 20_000, ..Tally::default() });
        used.write_tally();
        settle(folder, 20_000);
        assert_eq!(contents::totals(folder).1, 0, "nothing is written as long as there is room");
        settle(folder, 10_000);
        let there: Vec<bool> = digests.iter().map(|digest| store(folder).blob(digest).is_some()).collect();
        assert_eq!(there.iter().filter(|there| **there).count(), 9);
        assert!(there[0] && there[19] && !there[1] && !there[11]);
        assert_eq!(contents::totals(folder), (Tally { hits: 3, added: 20_000, ..Tally::default() }, 9000));
        assert!(!folder.join("log").exists());
    }

    #[test]
    fn a_long_log_is_added_up() {
        let folder = tempfile::tempdir().unwrap();
        let one = Tally { hits: 1, misses: 2, saved: 3, added: 0 };
        fs::create_dir_all(folder.path().join("tmp")).unwrap();
        fs::write(folder.path().join("log"), format!("{}garbage\n1 2\n", one.to_line().repeat(3000)))
            .unwrap();
        settle(folder.path(), 1 << 30);
        assert_eq!(
            contents::totals(folder.path()).0,
            Tally { hits: 3000, misses: 6000, saved: 9000, added: 0 }
        );
    }

    #[test]
    fn files_of_killed_processes_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::create_dir_all(folder.join("tmp")).unwrap();
        for (name, days) in [("old", 2), ("new", 0)] {
            let file = fs::File::create(folder.join("tmp").join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(days * 24 * 3600)).unwrap();
        }
        fs::write(folder.join("log"), Tally { added: 1000, ..Tally::default() }.to_line()).unwrap();
        settle(folder, 10);
        assert!(folder.join("tmp/new").exists() && !folder.join("tmp/old").exists());
    }

    #[test]
    fn it_is_emptied_while_it_is_written_to() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("store");
        assert!(!clear(&root).unwrap());
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let store = store(&root.join("v1"));
                let mut number = 0u32;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    let _ = store.keep_blob(&number.to_le_bytes());
                    number += 1;
                }
            });
            for _ in 0..50 {
                if root.exists() {
                    assert!(clear(&root).unwrap());
                }
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        let elsewhere = home.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        let _ = clear(&root);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&elsewhere, &root).unwrap();
            assert!(clear(&root).is_err());
            assert!(elsewhere.exists());
        }
    }
}
