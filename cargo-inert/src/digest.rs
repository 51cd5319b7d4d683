//! SHA-256 of texts, files and whole packages.

mod inherited;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::RwLock;

use sha2::{Digest as _, Sha256};

/// Returns the digest of bytes, as hexadecimal digits.
#[must_use]
pub fn bytes(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Returns the digest of a text, as hexadecimal digits.
#[must_use]
pub fn text(text: &str) -> String {
    bytes(text.as_bytes())
}

/// Returns the digest of a file, as `sha256:…`.
///
/// # Errors
/// The file cannot be read.
pub fn file(path: &Path) -> io::Result<String> {
    Ok(format!("sha256:{}", hexadecimal(&content_of(path)?.0)))
}

/// The largest package that is read, with the targets of its symlinks.
const MOST_FILES: usize = 200_000;
const MOST_BYTES: u64 = 4 << 30;

/// The folders that the build itself writes to, as real paths. They are not part of a package's digest.
static BUILD_OUTPUT: RwLock<BTreeSet<PathBuf>> = RwLock::new(BTreeSet::new());

/// Declares a folder as the build's own output: the target dir of the workspace, which Cargo names. Sources of a script
/// may not be in it, which the wrapper checks by rustc's list of sources.
pub fn leave_out(folder: &Path) {
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    if let Ok(mut folders) = BUILD_OUTPUT.write() {
        folders.insert(real);
    }
}

/// Returns all folders that were declared by [`leave_out`], for use in another process.
#[must_use]
pub fn build_output() -> BTreeSet<PathBuf> {
    BUILD_OUTPUT.read().map(|folders| folders.clone()).unwrap_or_default()
}

/// The folders of workspaces whose policy and lock Inert judges by themselves, as real paths.
static JUDGED: RwLock<BTreeSet<PathBuf>> = RwLock::new(BTreeSet::new());

/// The files in the root of a workspace that Inert judges by themselves. A package that lies there could not be pinned
/// otherwise: its entry, with the digest, is in one of them.
pub const JUDGED_FILES: [&str; 2] = ["inert.toml", "inert.lock"];

/// Declares that the policy and the lock in the root of a workspace are judged by themselves. They are part of no digest then,
/// and nothing that is pinned may read them. The workspace is the one that is built: those files of a dependency decide nothing,
/// and are pinned with the rest.
pub fn judge_apart(workspace: &Path) {
    if let (Ok(real), Ok(mut folders)) = (workspace.canonicalize(), JUDGED.write()) {
        folders.insert(real);
    }
}

/// Returns all folders that were declared by [`judge_apart`], for use in another process.
#[must_use]
pub fn judged_apart() -> BTreeSet<PathBuf> {
    JUDGED.read().map(|folders| folders.clone()).unwrap_or_default()
}

/// Returns whether an entry at the root of a package is a file that is judged by itself. A symlink is not: its text and the
/// contents of its target count, wherever that lies.
fn is_judged_apart(root: &Path, name: &std::ffi::OsStr) -> bool {
    JUDGED_FILES.iter().any(|judged| name == *judged)
        && root.join(name).symlink_metadata().is_ok_and(|found| found.is_file())
        && root.canonicalize().is_ok_and(|real| JUDGED.read().is_ok_and(|folders| folders.contains(&real)))
}

/// Returns whether a real path is in the build's own output.
#[must_use]
pub fn is_build_output(real: &Path) -> bool {
    BUILD_OUTPUT.read().is_ok_and(|folders| folders.iter().any(|folder| real.starts_with(folder)))
}

/// Returns the folder of the build's own output that lies in a package without containing the workspace: what is there is
/// in no digest, and configuration of the tree may have put it over the package's own files.
#[must_use]
pub fn output_inside(package: &Path, workspace: &Path) -> Option<PathBuf> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let (package, workspace) = (real(package), real(workspace));
    build_output().into_iter().find(|folder| folder.starts_with(&package) && !workspace.starts_with(&package))
}

/// Returns the digest of the whole contents of a package, as `sha256:…`. It is the same on every system for a package
/// that Cargo unpacked from one `.crate`.
///
/// A folder's own checksums prove nothing (an edited vendored package with `"files": {}` builds), so all bytes are
/// read: files, the names and kinds of all entries, empty folders, and symlinks by their text and by the contents of
/// their targets, wherever those are. Excluded at the root of a package are `.git`, which git changes at every command
/// and which neither a repository nor a `.crate` can contain (a vendored folder can: there it is included), the
/// marker that Cargo writes when it has unpacked a package, and in the root of the built workspace what is judged by itself
/// ([`judge_apart`]); and the build's own output. Included is what the package's manifest
/// takes from that of its workspace, which no `.crate` does.
///
/// # Errors
/// A file cannot be read or is not regular (a pipe, a device), or the package exceeds the limits.
pub fn content(root: &Path) -> io::Result<String> {
    Ok(Tree::of(root)?.content)
}

/// Returns the digest that policy entries pin: as [`content`], and where the system has executable files also a digest
/// of which files are executable, `sha256:…+x:…`.
///
/// # Errors
/// As [`content`]'s.
pub fn package(root: &Path) -> io::Result<String> {
    let tree = Tree::of(root)?;
    Ok(match tree.executable {
        Some(executable) => with_executable(&tree.content, &executable),
        None => tree.content,
    })
}

/// The separator between the digest of the contents and that of which files are executable.
const EXECUTABLE: &str = "+x:";

/// Returns whether an entry pins the found digest. Without executable files on this system that part is ignored. Words
/// before the digest (`name version sha256:…`) are compared as they are.
#[must_use]
pub fn is_pinned(entry: &str, found: &str) -> bool {
    entry == found || (cfg!(not(unix)) && split(entry).0 == found)
}

/// Returns a digest in two parts: that of the contents, and that of which files are executable, if there is one.
#[must_use]
pub fn split(digest: &str) -> (&str, Option<&str>) {
    digest.rsplit_once(EXECUTABLE).map_or((digest, None), |(content, executable)| (content, Some(executable)))
}

/// Returns a digest with the digest of which files are executable behind it.
#[must_use]
pub fn with_executable(content: &str, executable: &str) -> String {
    format!("{content}{EXECUTABLE}{executable}")
}

/// Returns every path that [`package`] depends on: files, folders, symlinks and their targets.
///
/// # Errors
/// As [`package`]'s.
pub fn paths(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut walk = Walk::new(root)?;
    walk.folder(root, &[])?;
    walk.paths.extend(inherited::of(root)?.into_iter().flat_map(|inherited| inherited.manifests));
    Ok(walk.paths)
}

/// The digests of a package.
struct Tree {
    content: String,
    executable: Option<String>,
}

/// The kind of an entry in a package.
enum Kind {
    Folder,
    File(PathBuf),
    /// A symlink, with its text and its target.
    Symlink(Vec<u8>, End),
}

enum End {
    Nowhere,
    /// An entry of the package that is part of the digest, by its name.
    Inside(Vec<u8>),
    File(PathBuf),
    /// A folder, whose entries follow under the symlink's name and a zero byte.
    Folder,
    /// A folder that is being walked, so that the symlink forms a cycle.
    Above,
}

struct Walk {
    root: PathBuf,
    real: PathBuf,
    /// The folders outside of the package that are being walked, reached by symlinks.
    behind: Vec<PathBuf>,
    /// The entries by name; a name is in bytes, with `/` between its parts.
    entries: Vec<(Vec<u8>, Kind)>,
    paths: Vec<PathBuf>,
    bytes: u64,
}

impl Tree {
    fn of(root: &Path) -> io::Result<Self> {
        let mut walk = Walk::new(root)?;
        walk.folder(root, &[])?;
        walk.entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        let (mut hash, mut modes, mut any) = (Sha256::new(), Sha256::new(), false);
        hash.update(b"inert package 2\n");
        let text = |hash: &mut Sha256, text: &[u8]| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        for (name, kind) in &walk.entries {
            let mut file = |hash: &mut Sha256, path: &Path| -> io::Result<()> {
                let (digest, length) = content_of(path)
                    .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
                hash.update(length.to_le_bytes());
                hash.update(digest);
                let mode = mode_of(path)?;
                if mode != 0 {
                    any = true;
                    text(&mut modes, name);
                    modes.update(mode.to_le_bytes());
                }
                Ok(())
            };
            text(&mut hash, name);
            match kind {
                Kind::Folder => hash.update(b"d"),
                Kind::File(path) => {
                    hash.update(b"f");
                    file(&mut hash, path)?;
                }
                Kind::Symlink(to, end) => {
                    hash.update(b"l");
                    text(&mut hash, to);
                    match end {
                        End::Nowhere => hash.update(b"n"),
                        End::Inside(name) => {
                            hash.update(b"i");
                            text(&mut hash, name);
                        }
                        End::File(path) => {
                            hash.update(b"f");
                            file(&mut hash, path)?;
                        }
                        End::Folder => hash.update(b"d"),
                        End::Above => hash.update(b"a"),
                    }
                }
            }
        }
        if let Some(inherited) = inherited::of(root)? {
            hash.update(b"inherited");
            text(&mut hash, inherited.values.as_bytes());
        }
        let executable = any.then(|| hexadecimal(&modes.finalize())[..16].to_owned());
        Ok(Self { content: format!("sha256:{}", hexadecimal(&hash.finalize())), executable })
    }
}

impl Walk {
    fn new(root: &Path) -> io::Result<Self> {
        let real = root.canonicalize()?;
        Ok(Self {
            root: root.to_path_buf(),
            real,
            behind: Vec::new(),
            entries: Vec::new(),
            paths: Vec::new(),
            bytes: 0,
        })
    }

    /// Adds the entries of a folder; `prefix` is the folder's name with a separator at the end.
    fn folder(&mut self, folder: &Path, prefix: &[u8]) -> io::Result<()> {
        let describe = |path: &Path, error: io::Error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        };
        self.paths.push(folder.to_path_buf());
        for entry in std::fs::read_dir(folder).map_err(|error| describe(folder, error))? {
            let entry = entry.map_err(|error| describe(folder, error))?;
            let path = entry.path();
            let own = entry.file_name();
            if folder == self.root && is_left_out(&path, &own) {
                continue;
            }
            let kind = entry.file_type().map_err(|error| describe(&path, error))?;
            // The bytes of the name in the system's encoding, which is UTF-8 on Windows for Unicode names.
            let name = [prefix, own.as_encoded_bytes()].concat();
            if kind.is_dir() {
                let real = path.canonicalize().map_err(|error| describe(&path, error))?;
                if is_build_output(&real) {
                    continue;
                }
                self.push(name.clone(), Kind::Folder, &path)?;
                self.folder(&path, &[&name, b"/".as_slice()].concat())?;
            } else if kind.is_symlink() {
                self.symlink(&path, name).map_err(|error| describe(&path, error))?;
            } else {
                self.count(&path).map_err(|error| describe(&path, error))?;
                self.push(name, Kind::File(path.clone()), &path)?;
            }
        }
        Ok(())
    }

    fn symlink(&mut self, path: &Path, name: Vec<u8>) -> io::Result<()> {
        let text = std::fs::read_link(path)?.as_os_str().as_encoded_bytes().to_vec();
        let (end, follow) = match path.canonicalize() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => (End::Nowhere, None),
            Err(error) => return Err(error),
            Ok(real) => match real.strip_prefix(&self.real) {
                Ok(inside) if self.counts(&real, inside) => {
                    let parts: Vec<&[u8]> =
                        inside.components().map(|part| part.as_os_str().as_encoded_bytes()).collect();
                    (End::Inside(parts.join(b"/".as_slice())), None)
                }
                _ if real.is_dir() => {
                    if self.behind.contains(&real) {
                        (End::Above, None)
                    } else {
                        (End::Folder, Some(real))
                    }
                }
                _ => {
                    self.count(&real)?;
                    self.paths.push(real.clone());
                    (End::File(real), None)
                }
            },
        };
        self.push(name.clone(), Kind::Symlink(text, end), path)?;
        if let Some(real) = follow {
            self.behind.push(real.clone());
            self.folder(&real, &[&name, b"\0".as_slice()].concat())?;
            self.behind.pop();
        }
        Ok(())
    }

    /// Returns whether the target of a symlink is part of the digest under its own name.
    fn counts(&self, real: &Path, inside: &Path) -> bool {
        let first = inside.components().next().map(std::path::Component::as_os_str);
        !is_build_output(real) && first.is_none_or(|first| !is_left_out(&self.real.join(first), first))
    }

    /// Checks that a file is regular, and adds its length to the total.
    fn count(&mut self, path: &Path) -> io::Result<()> {
        self.bytes = self.bytes.saturating_add(crate::file::regular(path)?.len());
        if self.bytes > MOST_BYTES {
            return Err(io::Error::other(format!(
                "with it the package has more than {} GiB, of which no digest is made; if it is build output, remove it",
                MOST_BYTES >> 30
            )));
        }
        Ok(())
    }

    fn push(&mut self, name: Vec<u8>, kind: Kind, path: &Path) -> io::Result<()> {
        self.entries.push((name, kind));
        self.paths.push(path.to_path_buf());
        if self.entries.len() > MOST_FILES {
            return Err(io::Error::other(format!(
                "{}: with it the package has more than {MOST_FILES} files, of which no digest is made; if a symlink leads out \
                 of it, remove that",
                path.display()
            )));
        }
        Ok(())
    }
}

/// Returns whether an entry at a package's root belongs to git or Cargo.
fn is_left_out(path: &Path, name: &std::ffi::OsStr) -> bool {
    path.parent().is_some_and(|root| leaves_out(root, name)) || is_unpack_marker(path)
}

/// The entry at a package's root that belongs to git.
pub const OF_GIT: &str = ".git";

/// Returns whether an entry at the root of a package holds what no digest covers, so that nothing that is pinned may
/// read it. Cargo's marker is not such an entry: with other contents than Cargo's it is covered.
#[must_use]
pub fn leaves_out(root: &Path, name: &std::ffi::OsStr) -> bool {
    name == OF_GIT && leaves_out_git(root) || is_judged_apart(root, name)
}

/// Returns the names of entries at the root of a package that are there and that no digest covers.
#[must_use]
pub fn left_out(root: &Path) -> BTreeSet<String> {
    let names = std::iter::once(OF_GIT).chain(JUDGED_FILES);
    let there = |name: &&str| root.join(name).symlink_metadata().is_ok() && leaves_out(root, name.as_ref());
    names.filter(there).map(str::to_owned).collect()
}

/// Returns whether the `.git` of a package is excluded. It is included in a vendored package, which has none from git.
#[must_use]
pub fn leaves_out_git(root: &Path) -> bool {
    !root.join(".cargo-checksum.json").exists()
}

/// Returns a number for the mode of a file: 0 for a plain file, 1 for an executable one, another for any other.
///
/// The umask of a checkout decides about the rights of group and others, and a read-only store (Nix) takes the right to
/// write away, so those make no difference, unless the mode is one that neither of them makes.
#[cfg(unix)]
fn mode_of(path: &Path) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(kind_of_mode(std::fs::metadata(path)?.permissions().mode()))
}

#[cfg(unix)]
fn kind_of_mode(mode: u32) -> u32 {
    const SPECIAL: u32 = 0o7000;
    match (mode & (SPECIAL | 0o400), mode & 0o111) {
        (0o400, 0) => 0,
        (0o400, executable) if executable & 0o100 != 0 => 1,
        _ => 0o10000 | (mode & 0o7777),
    }
}

#[cfg(not(unix))]
fn mode_of(_path: &Path) -> io::Result<u32> {
    Ok(0)
}

/// Returns digest and length of a regular file of any length.
fn content_of(path: &Path) -> io::Result<([u8; 32], u64)> {
    crate::file::regular(path)?;
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut length = 0;
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok((hash.finalize().into(), length)),
            count => {
                hash.update(&buffer[..count]);
                length += count as u64;
            }
        }
    }
}

fn is_unpack_marker(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == ".cargo-ok")
        && crate::file::read(path)
            .is_ok_and(|content| matches!(content.as_slice(), b"" | b"ok" | b"{\"v\":1}"))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// The modes that one file gets by the umasks of checkouts, and in a store that nobody writes to, are one kind; all
    /// other modes are kinds of their own.
    #[test]
    fn a_mode_is_plain_executable_or_one_of_its_own() {
        let made = |base: u32| {
            let by_umask = (0..0o100).map(move |umask| base & !umask);
            by_umask.flat_map(|mode| [mode, mode & !0o222]).collect::<BTreeSet<u32>>()
        };
        let (plain, executable) = (made(0o666), made(0o777));
        let mut others = BTreeSet::new();
        for mode in 0..=0o7777 {
            let kind = kind_of_mode(0o100_000 | mode);
            match kind {
                0 => assert!(mode & 0o7511 == 0o400, "{mode:o}"),
                1 => assert!(mode & 0o7500 == 0o500, "{mode:o}"),
                _ => assert!(others.insert(kind), "{mode:o}"),
            }
            assert!(kind == 0 || !plain.contains(&mode), "{mode:o}");
            assert!(kind == 1 || !executable.contains(&mode), "{mode:o}");
        }
    }

    #[test]
    fn a_digest_in_two_parts() {
        assert_eq!(split("sha256:00"), ("sha256:00", None));
        let whole = with_executable("a 1.0.0+x sha256:00", "12");
        assert_eq!(split(&whole), ("a 1.0.0+x sha256:00", Some("12")));
        assert!(is_pinned(&whole, &whole) && !is_pinned("a 1.0.0+x sha256:00", &whole));
    }
}
