//! Turns grants into rules of Landlock. A rule applies to a file or folder that exists when it is made, and only
//! adds rights: no rule can exclude a part of an allowed folder.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use super::sys::{RulesetAttributes, landlock_allow, landlock_ruleset};
use crate::grants::{Access, Grants, Need};
use crate::{Error, error};

const EXECUTE: u64 = 1 << 0;
const WRITE_FILE: u64 = 1 << 1;
const READ_FILE: u64 = 1 << 2;
const READ_DIR: u64 = 1 << 3;
const REMOVE_DIR: u64 = 1 << 4;
const REMOVE_FILE: u64 = 1 << 5;
const MAKE_DIR: u64 = 1 << 7;
const MAKE_REG: u64 = 1 << 8;
const MAKE_FIFO: u64 = 1 << 10;
const MAKE_SYM: u64 = 1 << 12;
const REFER: u64 = 1 << 13;
const TRUNCATE: u64 = 1 << 14;
const IOCTL_DEV: u64 = 1 << 15;

const READ: u64 = READ_FILE | READ_DIR;
/// Every right but those for sockets and devices.
const WRITE: u64 = READ
    | WRITE_FILE
    | REMOVE_DIR
    | REMOVE_FILE
    | MAKE_DIR
    | MAKE_REG
    | MAKE_FIFO
    | MAKE_SYM
    | REFER
    | TRUNCATE;
/// The rights that a rule on a file may contain.
const ON_FILES: u64 = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;

/// The rights that an outer fence takes away: all by which files are changed. Reading and starting programs stay as they are.
const CHANGES: u64 = !(EXECUTE | READ_FILE | READ_DIR | IOCTL_DEV);

/// The newest ABI version that this module knows. With a newer kernel, only the rights of this version are used.
pub(super) const NEWEST: u32 = 7;

/// Returns the rights on files that a version handles; rights that are not handled are not guarded.
fn files(abi: u32) -> u64 {
    let bits = match abi {
        1 => 13,
        2 => 14,
        3 | 4 => 15,
        _ => 16,
    };
    (1 << bits) - 1
}

/// Returns the rules for grants under an ABI version. `lists` says whether the supervisor keeps [`Access::List`] to the
/// one folder: a rule of Landlock allows listing all folders below it as well.
///
/// # Errors
/// A required path does not exist, or cannot be opened; the kernel refuses a rule.
pub(super) fn rules(grants: &Grants, abi: u32, lists: bool) -> Result<OwnedFd, Error> {
    let refused = |what: String, source: io::Error| error(format!("{what}: {source}"));
    let attributes = RulesetAttributes {
        files: files(abi),
        // Landlock restricts only TCP; in that case the filter also prevents opening sockets.
        network: if abi >= 4 && !grants.network { 3 } else { 0 },
        // The scopes are abstract sockets and signals.
        scopes: if abi >= 6 { 3 } else { 0 },
    };
    let ruleset = landlock_ruleset(&attributes).map_err(|error| refused("Landlock".to_owned(), error))?;
    for grant in &grants.paths {
        let file = match File::options().read(true).custom_flags(libc::O_PATH).open(&grant.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound && grant.need == Need::Optional => continue,
            // A path that this user cannot reach is out of reach for the program as well.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && grant.need == Need::Optional => {
                continue;
            }
            Err(source) => return Err(refused(format!("the grant on {}", grant.path.display()), source)),
        };
        let metadata = file
            .metadata()
            .map_err(|source| refused(format!("the grant on {}", grant.path.display()), source))?;
        let wanted = match grant.access {
            Access::List if lists && metadata.is_dir() => READ_DIR,
            Access::List => continue,
            Access::Read => READ,
            Access::Execute => READ | EXECUTE,
            // On a device, this right permits asking whether it is a terminal.
            Access::Write if !metadata.is_dir() => WRITE | IOCTL_DEV,
            Access::Write => WRITE,
            Access::WriteExecute => WRITE | EXECUTE,
        };
        let kind = if metadata.is_dir() { u64::MAX } else { ON_FILES };
        landlock_allow(&ruleset, &file, wanted & kind & attributes.files)
            .map_err(|source| refused(format!("the grant on {}", grant.path.display()), source))?;
    }
    Ok(ruleset)
}

/// Returns the rules of an outer fence: files are changed in and below these paths alone, and no process outside is reached.
///
/// # Errors
/// A path does not exist, or cannot be opened; the kernel refuses a rule.
pub(super) fn outer_rules(writable: &[PathBuf], abi: u32) -> Result<OwnedFd, Error> {
    let attributes = RulesetAttributes {
        files: files(abi) & CHANGES,
        network: if abi >= 4 { 3 } else { 0 },
        scopes: if abi >= 6 { 3 } else { 0 },
    };
    let ruleset = landlock_ruleset(&attributes).map_err(|source| error(format!("Landlock: {source}")))?;
    for path in writable {
        let refused = |source: io::Error| error(format!("the grant on {}: {source}", path.display()));
        let file = File::options().read(true).custom_flags(libc::O_PATH).open(path).map_err(refused)?;
        let kind = if file.metadata().map_err(refused)?.is_dir() { u64::MAX } else { ON_FILES };
        landlock_allow(&ruleset, &file, WRITE & kind & attributes.files).map_err(refused)?;
    }
    Ok(ruleset)
}
