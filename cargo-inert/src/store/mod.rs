//! The user's store of finished work: where it lies ([`find`]), how large it may be ([`bounds`]), what it holds
//! ([`contents`]). Its entries are written and read by `inert_vendored_fallbacks::store`, in the processes of
//! stand-ins, which are Inert's own and run outside of every fence.
//!
//! ```text
//! <cache folder>/store/v1/       the entries; another version of this layout has a folder of its own
//!                       log      the use of the store since it was added to `totals`
//!                       totals   the use before that
//!                       lock     held by whoever makes room
//! <state folder>/store-secret    what notes are sealed with: who can write the cache folder alone can make none
//! ```

pub mod bounds;
pub mod contents;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use inert_resolver::store::{StorePlace, create_for_the_user};

use crate::artifacts::build_dir::BuildDir;
use crate::environment::Environment;
use crate::random::nonce;

/// The variable that switches the store off, or on, which is the default.
const SWITCH: &str = "INERT_STORE";
/// The variable that says how large the store may be.
const SIZE: &str = "INERT_STORE_SIZE";
/// The greatest size of the store in bytes if nothing else is said.
pub const DEFAULT_LIMIT: u64 = 5 << 30;

/// The user's store, or the reason why it is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The store may be used.
    Usable(StorePlace),
    /// The user has switched it off.
    Off,
    /// It cannot be used, for this reason.
    Unusable(String),
}

/// Returns the folder of the user's stores of all versions; `None` if the user has no cache folder.
#[must_use]
pub fn root(environment: &Environment) -> Option<PathBuf> {
    Some(environment.cache_dir()?.join("store"))
}

/// Returns the folder of the user's store.
#[must_use]
pub fn folder(environment: &Environment) -> Option<PathBuf> {
    Some(root(environment)?.join("v1"))
}

/// Returns the store of one build dir, which is used where the user's is not.
#[must_use]
pub fn of_build_dir(dir: &BuildDir) -> StorePlace {
    StorePlace { folder: dir.inner().join("store").join("own"), ..StorePlace::default() }
}

/// Returns the user's store, once it has been tried: it is created if it does not exist.
#[must_use]
pub fn find(environment: &Environment) -> Found {
    match environment.text(SWITCH) {
        None | Some("on") => {}
        Some("off") => return Found::Off,
        Some(other) => {
            return Found::Unusable(format!("{SWITCH} is `{other}`, which is neither `on` nor `off`"));
        }
    }
    if let Some(said) = environment.text(SIZE)
        && bytes(said).is_none()
    {
        return Found::Unusable(format!("{SIZE} is `{said}`, which is no size such as `5GiB`"));
    }
    let (Some(folder), Some(state)) = (folder(environment), environment.state_dir()) else {
        return Found::Unusable("neither INERT_HOME, XDG_CACHE_HOME nor HOME is set".to_owned());
    };
    let shown = crate::file::shown(&folder);
    if let Err(error) = usable(&folder) {
        return Found::Unusable(format!("{shown}: {error}"));
    }
    match secret(&state) {
        Ok(secret) => Found::Usable(StorePlace { folder, secret, shared: true, staged: None }),
        Err(error) => Found::Unusable(format!("{}: {error}", crate::file::shown(&state))),
    }
}

/// Returns the greatest size of the store, in bytes.
#[must_use]
pub fn limit(environment: &Environment) -> u64 {
    environment.text(SIZE).and_then(bytes).unwrap_or(DEFAULT_LIMIT)
}

/// Returns the number of bytes that a text means: digits, with `KiB`, `MiB`, `GiB` or `TiB` behind them.
fn bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: u64 = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        _ => return None,
    };
    digits.trim().parse::<u64>().ok()?.checked_mul(factor)
}

/// Checks that a folder is this user's alone, and that files can be written there.
fn usable(folder: &Path) -> io::Result<()> {
    let parent = folder.parent().unwrap_or(folder);
    create_for_the_user(folder)?;
    for folder in [parent, folder] {
        let found = fs::symlink_metadata(folder)?;
        if !found.is_dir() {
            return Err(io::Error::other("it is no folder, or a symlink to one"));
        }
        #[cfg(unix)]
        if std::os::unix::fs::MetadataExt::mode(&found) & 0o022 != 0 {
            return Err(io::Error::other("others than its owner may write to it"));
        }
    }
    // A file of a whole block finds out that the disk is full, too.
    let temporary = folder.join("tmp");
    create_for_the_user(&temporary)?;
    let probe = temporary.join(format!("probe-{}", nonce()?));
    let written = fs::write(&probe, [0; 4096]).and_then(|()| fs::symlink_metadata(&probe));
    let _ = fs::remove_file(&probe);
    let written = written?;
    #[cfg(unix)]
    for folder in [parent, folder] {
        use std::os::unix::fs::MetadataExt as _;
        if fs::symlink_metadata(folder)?.uid() != written.uid() {
            return Err(io::Error::other("it belongs to another user"));
        }
    }
    let _ = written;
    Ok(())
}

/// Returns the secret that seals the user's notes, and makes it if there is none.
fn secret(state: &Path) -> io::Result<String> {
    let path = state.join("store-secret");
    for _ in 0..2 {
        match crate::file::read_text(&path) {
            Ok(text) if text.trim().len() == 32 => return Ok(text.trim().to_owned()),
            Ok(_) => fs::remove_file(&path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        fs::create_dir_all(state)?;
        let part = state.join(format!(".store-secret.{}", nonce()?));
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let made =
            options.open(&part).and_then(|mut file| io::Write::write_all(&mut file, nonce()?.as_bytes()));
        // Another command may have made one meanwhile: a link never replaces it, and it is read then.
        let linked = made.and_then(|()| {
            fs::hard_link(&part, &path).or_else(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => Ok(()),
                // A file system without links.
                _ => fs::rename(&part, &path),
            })
        });
        let _ = fs::remove_file(&part);
        linked?;
    }
    Err(io::Error::other("no secret can be kept there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &Path)]) -> Environment {
        Environment { variables: pairs.iter().map(|(name, value)| ((*name).into(), value.into())).collect() }
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes("5GiB"), Some(5 << 30));
        assert_eq!((bytes("100"), bytes("2m"), bytes("0")), (Some(100), Some(2 << 20), Some(0)));
        for bad in ["", "GiB", "-1", "1.5GiB", "5 pounds", "99999999999TiB"] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
    }

    #[test]
    fn one_secret_for_all() {
        let home = tempfile::tempdir().unwrap();
        let found: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| find(&environment(&[("INERT_HOME", home.path())])))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(matches!(&found[0], Found::Usable(place) if place.secret.len() == 32));
        assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
    }

    #[test]
    fn what_cannot_be_used() {
        let home = tempfile::tempdir().unwrap();
        let with = |name: &str, value: &str| {
            let mut environment = environment(&[("INERT_HOME", home.path())]);
            environment.variables.insert(name.into(), value.into());
            find(&environment)
        };
        assert_eq!(with(SWITCH, "off"), Found::Off);
        assert!(matches!(with(SWITCH, "no"), Found::Unusable(why) if why.contains("`no`")));
        assert!(matches!(with(SIZE, "much"), Found::Unusable(why) if why.contains("`much`")));
        assert!(matches!(find(&Environment::default()), Found::Unusable(why) if why.contains("HOME")));
        assert!(matches!(with(SWITCH, "on"), Found::Usable(_)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let folder = home.path().join("cache/store/v1");
            // Whatever the mask is: one of 002, which many systems have, would let a group write.
            for folder in [&folder, folder.parent().unwrap()] {
                assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
            }
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
            assert!(matches!(with(SWITCH, "on"), Found::Unusable(why) if why.contains("others")));
            fs::remove_dir_all(&folder).unwrap();
            std::os::unix::fs::symlink(home.path(), &folder).unwrap();
            assert!(matches!(with(SWITCH, "on"), Found::Unusable(why) if why.contains("symlink")));
            fs::remove_file(&folder).unwrap();
        }
        fs::write(home.path().join("cache/store/v1"), "a file").unwrap();
        assert!(matches!(with(SWITCH, "on"), Found::Unusable(_)));
    }
}
