//! The records of a watched program: which files it was denied, and whether it wanted the network.
//!
//! Landlock and the filter decide; what is recorded here decides nothing, so it does not matter that a path may mean
//! another file by the time that the kernel opens it.

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use super::answer::{self, AT_FDCWD, Rights, Target};
use super::processes::Family;
use super::sys::Request;
use crate::Denial;

const WRITES: u64 = (libc::O_WRONLY | libc::O_RDWR) as u64;
const MAKES: u64 = libc::O_CREAT as u64;
/// The bit of `O_TMPFILE` besides `O_DIRECTORY`.
const NAMELESS: u64 = (libc::O_TMPFILE & !libc::O_DIRECTORY) as u64;
const EMPTIES: u64 = libc::O_TRUNC as u64;
/// A descriptor that only names a file, which no right is needed for.
const NAMES: u64 = libc::O_PATH as u64;

/// The flag of `renameat2` by which an existing file is left in its place, and the call fails for that reason.
const KEEPS: u64 = libc::RENAME_NOREPLACE as u64;

/// One use of a path by a call.
#[derive(Debug, Clone, Copy)]
struct Use {
    folder: i32,
    at: u64,
    follow: bool,
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum What {
    /// An existing file is read, written, or both; it is made first if `makes` says so.
    Opened { reads: bool, writes: bool, makes: bool },
    /// A name is made in its folder. If it exists, the call fails for that reason.
    Made,
    /// A name is made in its folder, in the place of a file that has it.
    Replaced,
    /// An existing name is removed from its folder.
    Removed,
}

/// Records the access of a call if it is denied.
pub(super) fn record(listener: &OwnedFd, name: &str, request: &Request, rights: &Rights, family: &Family) {
    if name == "socket" {
        // A local socket is no request for the network: the C library looks for its cache of names by one.
        if [libc::AF_INET, libc::AF_INET6].iter().any(|family| *family as u64 == request.arguments[0]) {
            family.denied(Denial::Network);
        }
        return;
    }
    for used in uses(name, &request.arguments) {
        // Without the file that is renamed the call fails for that reason.
        if matches!(used.what, What::Removed) && !is_there(listener, request, used) {
            return;
        }
        if let Some(denial) = denied(listener, request, used, rights) {
            family.denied(denial);
        }
    }
}

fn uses(name: &str, a: &[u64; 6]) -> Vec<Use> {
    let of = |folder: u64, at: u64, what| Use { folder: folder as i32, at, follow: false, what };
    let here = AT_FDCWD as u64;
    let opened = |folder: u64, at: u64, flags: u64| {
        if flags & NAMES != 0 {
            return Vec::new();
        }
        let writes = flags & (WRITES | EMPTIES | NAMELESS) != 0;
        let what =
            What::Opened { reads: flags & 3 != libc::O_WRONLY as u64, writes, makes: flags & MAKES != 0 };
        vec![Use { follow: flags & libc::O_NOFOLLOW as u64 == 0, ..of(folder, at, what) }]
    };
    match name {
        "open" => opened(here, a[0], a[1]),
        "openat" => opened(a[0], a[1], a[2]),
        "creat" => opened(here, a[0], MAKES | libc::O_WRONLY as u64),
        "mkdir" | "mknod" => vec![of(here, a[0], What::Made)],
        "mkdirat" | "mknodat" => vec![of(a[0], a[1], What::Made)],
        "rmdir" | "unlink" => vec![of(here, a[0], What::Removed)],
        "unlinkat" => vec![of(a[0], a[1], What::Removed)],
        "symlink" | "link" => vec![of(here, a[1], What::Made)],
        "symlinkat" => vec![of(a[1], a[2], What::Made)],
        "linkat" => vec![of(a[2], a[3], What::Made)],
        "rename" => vec![of(here, a[0], What::Removed), of(here, a[1], What::Replaced)],
        "renameat" => vec![of(a[0], a[1], What::Removed), of(a[2], a[3], What::Replaced)],
        "renameat2" => {
            let makes = if a[4] & KEEPS != 0 { What::Made } else { What::Replaced };
            vec![of(a[0], a[1], What::Removed), of(a[2], a[3], makes)]
        }
        _ => Vec::new(),
    }
}

fn denied(listener: &OwnedFd, request: &Request, used: Use, rights: &Rights) -> Option<Denial> {
    let text = answer::read_text(request.pid, used.at).ok()?;
    let path = PathBuf::from(String::from_utf8(text.clone()).ok()?);
    if is_of_itself(&path, request.pid) {
        return None;
    }
    let target = Target::Path { folder: used.folder, at: used.at, follow: used.follow };
    let there = answer::open(listener, request, &target).ok().and_then(|opened| real(&opened));
    if there.as_deref().is_some_and(|path| is_of_itself(path, std::process::id())) {
        return None;
    }
    let within = |roots: &[PathBuf], path: &Path| roots.iter().any(|root| path.starts_with(root));
    let unwritable = |path: PathBuf| (!within(&rights.writable, &path)).then_some(Denial::Write(path));
    match (used.what, there) {
        (What::Opened { reads, writes, .. }, Some(path)) => {
            if writes && !within(&rights.writable, &path) {
                return Some(Denial::Write(path));
            }
            let listed = rights.listed.contains(&path);
            (reads && !listed && !within(&rights.readable, &path)).then_some(Denial::Read(path))
        }
        (What::Removed | What::Replaced, Some(path)) => unwritable(path),
        (What::Opened { makes: true, .. } | What::Made | What::Replaced, None) => {
            let folder = path.parent().unwrap_or(&path);
            let folder = answer::open_folder(listener, request, used.folder, folder).ok()?;
            unwritable(real(&folder)?.join(path.file_name()?))
        }
        _ => None,
    }
}

fn is_there(listener: &OwnedFd, request: &Request, used: Use) -> bool {
    let target = Target::Path { folder: used.folder, at: used.at, follow: used.follow };
    answer::open(listener, request, &target).is_ok()
}

fn real(opened: &OwnedFd) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/self/fd/{}", opened.as_raw_fd())).ok()
}

/// Returns whether a path is a process's view of itself, which is another one for the supervisor.
fn is_of_itself(path: &Path, pid: u32) -> bool {
    let own = format!("/proc/{pid}");
    ["/proc/self", "/proc/thread-self", &own].iter().any(|folder| path.starts_with(folder))
}
