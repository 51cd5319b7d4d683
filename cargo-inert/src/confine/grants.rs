//! The profile `script` as paths: the rights of every script that runs confined, and those that its entry adds.
//!
//! A path that comes from a package or from the output of another script becomes a right only inside the build dir, or
//! in a folder that the plan knows. No grant contains Inert's own folder in the build dir, which holds the caller's
//! environment.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use inert_sandbox::{Access, Grants, Limits, Processes};

use crate::artifacts::build_dir::BuildDir;
use crate::digest;
use crate::environment::Environment;
use crate::plan::model::{Confined, Run};
use crate::policy::rights::Place;

/// The folders of programs and libraries that every user of the machine can read.
pub(super) const SYSTEM_FOLDERS: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    // Package managers with other folders for programs.
    "/nix/store",
    "/gnu/store",
    "/opt/homebrew",
    "/home/linuxbrew/.linuxbrew",
    "/opt/local",
    // The system folders of macOS.
    "/System",
    "/Library/Developer",
    "/Library/Apple",
    "/Applications/Xcode.app",
    "/private/var/select",
];

/// The files about the machine that programs read and that contain no secrets.
pub(super) const READABLE: &[&str] = &[
    "/etc/alternatives",
    "/etc/debian_version",
    "/etc/group",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/etc/lsb-release",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/perl",
    "/etc/redhat-release",
    "/etc/timezone",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/vm/overcommit_memory",
    "/proc/uptime",
    "/proc/version",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup/cpu.max",
    "/sys/kernel/mm/transparent_hugepage",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
];

/// The limits at which a script that runs for ever, or uses up the machine's resources, is stopped.
pub(super) const LIMITS: Limits = Limits {
    processes: Some(4096),
    file: Some(32 << 30),
    written: Some(64 << 30),
    time: Some(Duration::from_secs(4 * 3600)),
};

/// The folders of one run of a script.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folders<'a> {
    /// The compiled script.
    pub(super) program: &'a Path,
    /// The folder of its package.
    pub(super) package: &'a Path,
    /// The path of OUT_DIR.
    pub(super) out_dir: &'a Path,
    /// The folder for TMPDIR and HOME.
    pub(super) tmp: &'a Path,
    /// Inert's build dir, if there is one.
    pub(super) build_dir: Option<&'a BuildDir>,
}

/// Returns the profile `script` with the rights that an entry adds; the caller sets the variables.
///
/// # Errors
/// A right is for a path that does not exist, or that contains a folder which no right may contain.
pub(super) fn of(
    confined: &Confined,
    folders: Folders<'_>,
    runs: &[Run],
    cargos: &Environment,
) -> Result<Grants, String> {
    let mut grants = Grants {
        network: confined.rights.network.is_some(),
        processes: Processes::Any,
        limits: LIMITS,
        ..Grants::default()
    };
    for path in SYSTEM_FOLDERS {
        grants.add_if_there(path, Access::Execute);
    }
    for path in READABLE {
        grants.add_if_there(path, Access::Read);
    }
    grants.add_if_there("/dev/null", Access::Write);
    if confined.rights.network.is_some() {
        for path in [
            "/etc/resolv.conf",
            "/etc/hosts",
            "/etc/ssl",
            "/etc/pki",
            "/etc/ca-certificates",
            "/etc/gai.conf",
        ] {
            grants.add_if_there(path, Access::Read);
        }
    }
    if !confined.sysroot.as_os_str().is_empty() {
        grants.add(&confined.sysroot, Access::Execute);
    }
    grants.add(folders.program, Access::Execute);
    grants.add(folders.out_dir, Access::WriteExecute);
    grants.add(folders.tmp, Access::WriteExecute);
    let closed = closed(&confined.target_dir, folders.build_dir);
    for package in
        std::iter::once(folders.package).chain(confined.linked.iter().map(|(_, root)| root.as_path()))
    {
        without(package, &closed, &confined.workspace).grant_if_there(Access::Execute, &mut grants);
    }
    said_by_dependencies(cargos, runs, folders.build_dir, &closed, &confined.workspace)
        .grant_if_there(Access::Execute, &mut grants);
    for (places, access) in
        [(&confined.rights.read, Access::Execute), (&confined.rights.write, Access::WriteExecute)]
    {
        for place in places {
            granted_paths(place, confined, folders.package, &closed)?.grant(access, &mut grants);
        }
    }
    Ok(grants)
}

/// Paths that may be read: each with what is below, but for some folders, of which only the names are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Readable {
    /// Files, and folders with all that is below.
    pub(super) whole: Vec<PathBuf>,
    /// Folders of which some entries are in `whole`, and the names of all may be read, so that a program that walks through one finds
    /// what it may read and learns of the rest that it may not.
    pub(super) listed: Vec<PathBuf>,
}

impl Readable {
    /// Grants the paths, which must be there.
    pub(super) fn grant(self, access: Access, grants: &mut Grants) {
        self.whole.into_iter().for_each(|path| grants.add(path, access));
        self.listed.into_iter().for_each(|path| grants.add(path, Access::List));
    }

    /// Grants the paths that are there, and of the folders the names.
    pub(super) fn grant_if_there(self, access: Access, grants: &mut Grants) {
        self.whole.into_iter().for_each(|path| grants.add_if_there(path, access));
        self.listed.into_iter().for_each(|path| grants.add_if_there(path, Access::List));
    }

    fn add(&mut self, other: Self) {
        self.whole.extend(other.whole);
        self.listed.extend(other.listed);
    }
}

/// Returns the paths that an entry grants by a location.
///
/// # Errors
/// A path does not exist, or contains a folder which no right may contain.
pub(super) fn granted_paths(
    place: &Place,
    confined: &Confined,
    package: &Path,
    closed: &[PathBuf],
) -> Result<Readable, String> {
    let paths = paths_of(place, confined, package)?;
    if *place == Place::Workspace(".".to_owned()) {
        return Ok(without(&confined.workspace, closed, &confined.workspace));
    }
    for path in &paths {
        let real = real(path);
        if closed.iter().any(|closed| closed.starts_with(&real) || real.starts_with(closed)) {
            return Err(format!(
                "{} grants `{place}`, which is or contains a folder that builds write to ({}): name what is needed in it",
                confined.place,
                path.display()
            ));
        }
        if real.symlink_metadata().is_err() {
            return Err(format!("{} grants `{place}`, but {} is not there", confined.place, path.display()));
        }
    }
    if let Place::Dependency(_) = place {
        let mut readable = Readable::default();
        paths.iter().for_each(|root| readable.add(without(root, closed, &confined.workspace)));
        return Ok(readable);
    }
    Ok(Readable { whole: paths, listed: Vec::new() })
}

pub(super) fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Returns the folders that GCC has the linker search for a folder of `LIBRARY_PATH`: that folder, and the folder beside it
/// whose name GCC has for the target's libraries, which is one of four: for `/a/b` on x86-64 `/a/lib64` or `/a/lib`.
#[cfg(target_os = "linux")]
pub(super) fn searched_for(folder: &Path) -> Vec<PathBuf> {
    ["", "../lib", "../lib64", "../lib32", "../libx32"].iter().map(|name| folder.join(name)).collect()
}

/// Returns the folders that no grant may contain: Inert's own in the build dir, and the folder of artifacts.
pub(super) fn closed(target_dir: &Path, build_dir: Option<&BuildDir>) -> Vec<PathBuf> {
    let mut closed: Vec<PathBuf> = build_dir.iter().map(|dir| real(&dir.root)).collect();
    if !target_dir.as_os_str().is_empty() {
        closed.push(real(target_dir));
    }
    closed
}

/// Names with a leading dot that contain no secrets.
const PLAIN_HIDDEN: &[&str] =
    &[".clippy.toml", ".editorconfig", ".gitattributes", ".github", ".gitignore", ".rustfmt.toml", ".sqlx"];

/// Returns a package's folder. If it contains a closed folder or what its digest leaves out (`.git`, wherever the
/// package lies), or is in the workspace and contains hidden entries (`.cargo`, `.env`), returns its other entries one
/// by one instead, and lists the folder.
///
/// What a script or a macro reads of a pinned package is thus part of the digest.
pub(super) fn without(package: &Path, closed: &[PathBuf], workspace: &Path) -> Readable {
    let own = real(package);
    let of_tree = !workspace.as_os_str().is_empty() && own.starts_with(real(workspace));
    let around = closed.iter().any(|closed| closed.starts_with(&own));
    let hides = |folder: &Path, name: &OsStr| {
        (of_tree || around) && is_hidden(name) || folder == package && digest::leaves_out(package, name)
    };
    let holds_hidden = || {
        let entries = std::fs::read_dir(package).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| hides(package, &entry.file_name()))
    };
    let mut readable = Readable::default();
    if around || holds_hidden() {
        inside(package, &own, closed, &hides, &mut readable);
    } else {
        readable.whole.push(package.to_path_buf());
    }
    readable
}

/// Grants what a confined program may read and execute of a folder of sources of the user's: no names with a leading dot, no
/// target dir, and nothing of the home where that lies in it.
pub fn grant_visible(folder: &Path, home: Option<&Path>, grants: &mut Grants) {
    let own = real(folder);
    let mut closed = vec![own.join("target")];
    // Where the home is the folder itself, only names with a leading dot are left out.
    closed.extend(home.map(real).filter(|home| *home != own && home.starts_with(&own)));
    without(folder, &closed, folder).grant_if_there(Access::Execute, grants);
}

fn is_hidden(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with('.') && !PLAIN_HIDDEN.contains(&&*name)
}

fn inside(
    package: &Path,
    own: &Path,
    closed: &[PathBuf],
    hides: &dyn Fn(&Path, &OsStr) -> bool,
    readable: &mut Readable,
) {
    readable.listed.push(package.to_path_buf());
    for entry in std::fs::read_dir(package).into_iter().flatten().flatten() {
        let hidden = hides(package, &entry.file_name());
        let inner = real(&entry.path());
        // A right follows symlinks, and a package must not choose their target.
        let outside = !inner.starts_with(own);
        if hidden || outside || closed.iter().any(|closed| inner.starts_with(closed)) {
            continue;
        }
        if closed.iter().any(|closed| closed.starts_with(&inner)) {
            inside(&entry.path(), own, closed, hides, readable);
        } else {
            readable.whole.push(entry.path());
        }
    }
}

/// Returns the folders that dependencies' metadata names (`DEP_Z_INCLUDE`): in an OUT_DIR of this build, or where a
/// stand-in found a library.
pub(super) fn said_by_dependencies(
    cargos: &Environment,
    runs: &[Run],
    build_dir: Option<&BuildDir>,
    closed: &[PathBuf],
    workspace: &Path,
) -> Readable {
    let mut found = Readable::default();
    for (name, value) in &cargos.variables {
        let Some(key) = name.to_str().and_then(|name| name.strip_prefix("DEP_")) else { continue };
        let text = value.to_string_lossy();
        let whole = std::iter::once(&*text);
        for path in whole.chain(text.split([',', ';', ':'])).map(Path::new).filter(|path| path.is_absolute())
        {
            let inner = real(path);
            if let Some(out_dir) = build_dir.and_then(|dir| out_dir_of(&inner, &real(&dir.root))) {
                found.whole.push(out_dir);
                continue;
            }
            let producer = runs.iter().flat_map(|run| &run.producers).find(|(links, _)| {
                let links = links.to_uppercase().replace('-', "_");
                key.strip_prefix(&links).is_some_and(|rest| rest.starts_with('_'))
            });
            let Some((_, producer)) = producer else { continue };
            let known = producer.replaced || inner.starts_with(real(&producer.root));
            let wide =
                inner.components().count() < 3 || closed.iter().any(|closed| closed.starts_with(&inner));
            let root = real(&producer.root);
            let left_out = inner.strip_prefix(&root).ok().and_then(|inside| inside.components().next());
            let left_out = left_out.is_some_and(|first| digest::leaves_out(&root, first.as_os_str()));
            if known && !wide && !left_out {
                found.add(without(&inner, closed, workspace));
            }
        }
    }
    for paths in [&mut found.whole, &mut found.listed] {
        paths.sort();
        paths.dedup();
    }
    found
}

/// Returns the OUT_DIR that contains a path: `…/build/<package>-<hash>/out`, or `…/build/<package>/<hash>/out`.
pub(super) fn out_dir_of(path: &Path, build_dir: &Path) -> Option<PathBuf> {
    let relative = path.strip_prefix(build_dir).ok()?;
    let parts: Vec<_> = relative.components().collect();
    let named = |at: usize, name: &str| parts.get(at).is_some_and(|part| part.as_os_str() == name);
    let at = (0..parts.len()).find(|at| named(*at, "build"))?;
    let out = (at + 2..=at + 3).find(|at| named(*at, "out"))?;
    let hidden = parts[..=out].iter().any(|part| part.as_os_str().to_string_lossy().starts_with('.'));
    (!hidden).then(|| build_dir.join(parts[..=out].iter().collect::<PathBuf>()))
}

/// Returns the folders whose files belong to a package: its own, for a member its workspace, and the whole checkout if
/// Cargo has it from git, since packages of one repository may include each other's files.
#[cfg(target_os = "linux")]
pub(super) fn sources(package: &Path, workspace: &Path) -> Vec<PathBuf> {
    let mut sources = vec![package.to_path_buf()];
    if !workspace.as_os_str().is_empty() && package.starts_with(workspace) {
        sources.push(workspace.to_path_buf());
    }
    sources.extend(checkout(package));
    sources
}

/// Returns the root of the git checkout that Cargo made for a package.
#[cfg(target_os = "linux")]
fn checkout(package: &Path) -> Option<PathBuf> {
    let parts: Vec<_> = package.components().collect();
    let at = parts
        .windows(2)
        .position(|pair| pair[0].as_os_str() == "git" && pair[1].as_os_str() == "checkouts")?;
    (parts.len() > at + 3).then(|| parts[..at + 4].iter().collect())
}

fn paths_of(place: &Place, confined: &Confined, package: &Path) -> Result<Vec<PathBuf>, String> {
    Ok(match place {
        Place::System(path) => vec![PathBuf::from(path)],
        Place::Package(path) => vec![below(package, path)?],
        Place::Workspace(path) => {
            if confined.workspace.as_os_str().is_empty() {
                return Err(format!("{} grants `{place}`, and there is no workspace here", confined.place));
            }
            vec![below(&confined.workspace, path)?]
        }
        Place::Dependency(name) => {
            let roots: Vec<PathBuf> = confined
                .linked
                .iter()
                .filter(|(linked, _)| linked == name)
                .map(|(_, root)| root.clone())
                .collect();
            if roots.is_empty() {
                return Err(format!(
                    "{} grants `{place}`, but no package `{name}` is linked into the script",
                    confined.place
                ));
            }
            roots
        }
        Place::Library(name) => match confined.libraries.get(name) {
            Some(Ok(folders)) => folders.clone(),
            Some(Err(why)) => return Err(format!("{} grants `{place}`, but {why}", confined.place)),
            None => {
                return Err(format!(
                    "{} grants `{place}`, and libraries are looked for under `cargo inert` alone",
                    confined.place
                ));
            }
        },
    })
}

/// Returns a path below a folder, if no symlink leads out of the folder: a package must not choose what it is granted.
fn below(folder: &Path, path: &str) -> Result<PathBuf, String> {
    if path == "." {
        return Ok(folder.to_path_buf());
    }
    let joined = folder.join(path);
    if joined.symlink_metadata().is_ok() && !real(&joined).starts_with(real(folder)) {
        return Err(format!("{} leads out of {}", joined.display(), folder.display()));
    }
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_out_dirs_of_the_build_dir_are_taken_from_metadata() {
        let dir = Path::new("/w/target/inert");
        let of = |path: &str| out_dir_of(Path::new(path), dir).map(|path| path.display().to_string());
        let out = "/w/target/inert/debug/build/z-sys-0/out";
        assert_eq!(of(&format!("{out}/include")).as_deref(), Some(out));
        assert_eq!(of(out).as_deref(), Some(out));
        assert_eq!(
            of("/w/target/inert/debug/build/z-sys/1f/out/lib").as_deref(),
            Some("/w/target/inert/debug/build/z-sys/1f/out")
        );
        for other in [
            "/w/target/inert",
            "/w/target/inert/.inert/sessions/x",
            "/w/target/inert/.inert/build/x/out",
            "/w/target/inert/debug/deps",
            "/home/me/.ssh",
            "/w/target/other/debug/build/z/out",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_package_around_the_build_dir_is_granted_by_entries() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["src", ".git", ".sqlx", "target/inert", "kept/target"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        std::fs::write(root.join(".env"), "").unwrap();
        std::fs::write(root.join("Cargo.toml"), "").unwrap();
        std::os::unix::fs::symlink("/etc", root.join("leads-out")).unwrap();
        let none = Path::new("");
        let named = |closed: &[PathBuf], workspace: &Path| {
            let readable = without(&root, closed, workspace);
            assert_eq!(readable.listed.is_empty(), readable.whole == [root.clone()]);
            let mut names: Vec<_> = readable
                .whole
                .iter()
                .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
                .collect();
            names.sort();
            names
        };
        let target = [root.join("target")];
        assert_eq!(named(&target, none), [".sqlx", "Cargo.toml", "kept", "src"]);
        // With artifacts in another folder, hidden entries of the tree stay hidden.
        assert_eq!(named(&[], &root), [".sqlx", "Cargo.toml", "kept", "src", "target"]);
        // Elsewhere what the digest leaves out is hidden, and nothing else. A vendored package's `.git` is in its digest.
        assert_eq!(named(&[], none), [".env", ".sqlx", "Cargo.toml", "kept", "src", "target"]);
        std::fs::write(root.join(".cargo-checksum.json"), "{}").unwrap();
        assert_eq!(named(&[], none), [""]);
        std::fs::remove_file(root.join(".cargo-checksum.json")).unwrap();
        assert_eq!(
            without(&root.join("src"), &target, &root),
            Readable { whole: vec![root.join("src")], listed: Vec::new() }
        );
        // A folder on the way to a closed one is listed as the package is.
        let listed = without(&root, &[root.join("kept/target")], none).listed;
        assert_eq!(listed, [root.clone(), root.join("kept")]);
    }
}
