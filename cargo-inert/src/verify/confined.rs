//! The rights of the scripts that are compared, and of Cargo while it compiles them: those of a script that nothing has
//! decided, and what the case simulates.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use inert_sandbox::{Access, Denial, Grants, Program};

use crate::confine::{apart, available};
use crate::environment::Environment;
use crate::file;

/// The tables of the user's Cargo configuration that a confined Cargo gets, with the keys of each that it gets; all
/// where none is named. Others may hold tokens and passwords.
const CONFIGURATION: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("patch", &[]),
    ("target", &[]),
    ("build", &["rustflags"]),
    ("registries", &["index"]),
];

/// A machine on which scripts are compared confined.
#[derive(Debug)]
pub struct Confined {
    /// The toolchain's folder; empty if it is not known.
    sysroot: PathBuf,
    /// The folder that is CARGO_HOME for confined programs: it holds no tokens.
    cargo_home: PathBuf,
    /// The part of Cargo's own home that is read: sources, and what was downloaded.
    fetched: Vec<PathBuf>,
    home: Option<PathBuf>,
    /// The folder of the shims, and the executable that they are.
    shims: Vec<PathBuf>,
}

impl Confined {
    /// Tests whether this machine can confine, and makes the folder that is CARGO_HOME for confined programs.
    ///
    /// # Errors
    /// This machine cannot confine, or a folder cannot be written; the text says which.
    pub(super) fn new(folder: &Path, rustc: &Path, environment: &Environment) -> Result<Self, String> {
        available::proved(folder).map_err(|error| error.to_string())?;
        let sysroot = rustc.parent().and_then(Path::parent).unwrap_or(Path::new(""));
        let has_libraries = sysroot.join("lib/rustlib").is_dir();
        let cargo_home = folder.join("cargo-home");
        let fetched = stand_for_home(&cargo_home, environment)
            .map_err(|error| format!("{}: {error}", cargo_home.display()))?;
        let own = crate::environment::current_exe().map_err(|error| error.to_string())?;
        Ok(Self {
            sysroot: if has_libraries { sysroot.to_path_buf() } else { PathBuf::new() },
            cargo_home,
            fetched,
            home: environment.get("HOME").map(PathBuf::from),
            shims: vec![folder.join("shims"), own],
        })
    }

    /// Returns the toolchain's folder of programs, which stands before rustup's proxies on PATH: those read the home.
    pub(super) fn programs(&self) -> Option<PathBuf> {
        Some(self.sysroot.join("bin")).filter(|bin| !self.sysroot.as_os_str().is_empty() && bin.is_dir())
    }

    /// Returns the toolchain's own cargo, if it has one.
    pub(super) fn cargo(&self) -> Option<PathBuf> {
        let name = format!("cargo{}", std::env::consts::EXE_SUFFIX);
        self.programs().map(|bin| bin.join(name)).filter(|cargo| cargo.is_file())
    }

    fn base(&self) -> Grants {
        let mut grants = apart::base(&self.sysroot);
        for path in &self.shims {
            grants.add_if_there(path, Access::Execute);
        }
        grants
    }

    /// Returns whether a folder is in the part of Cargo's own home that is read, links followed.
    pub(super) fn fetched(&self, root: &Path) -> bool {
        let Ok(real) = root.canonicalize() else { return false };
        self.fetched.iter().filter_map(|fetched| fetched.canonicalize().ok()).any(|own| real.starts_with(own))
    }

    /// Returns the rights of a script in one case. Its package is a copy, and may be written to.
    pub(super) fn script<'a>(
        &self,
        executable: &Path,
        package: &Path,
        linked: impl Iterator<Item = &'a PathBuf>,
        runs: &Simulated<'_>,
    ) -> Grants {
        let mut grants = self.base();
        grants.add(executable, Access::Execute);
        grants.add(package, Access::WriteExecute);
        for root in linked {
            // In the package and in the stand-in of Cargo's home, confined code may have made links to anywhere.
            if self.fetched(root) {
                grants.add_if_there(root, Access::Execute);
                continue;
            }
            if root.starts_with(&self.cargo_home) || root.starts_with(package) {
                continue;
            }
            crate::confine::grant_visible(root, self.home.as_deref(), &mut grants);
        }
        grants.add(runs.folder, Access::Execute);
        grants.add(runs.outputs, Access::WriteExecute);
        grants.add(runs.home, Access::WriteExecute);
        grants.add(runs.log, Access::Write);
        grants
    }

    /// Returns what compiles a script confined: Cargo without network and without its own home, in a folder that no
    /// configuration lies above.
    pub(super) fn cargo_build(
        &self,
        cargo: &Path,
        arguments: Vec<OsString>,
        environment: &Environment,
        removed: &BTreeSet<String>,
        writes: [&Path; 2],
    ) -> (Program, Grants) {
        let mut grants = self.base();
        for path in &self.fetched {
            grants.add_if_there(path, Access::Execute);
        }
        grants.add(&self.cargo_home, Access::WriteExecute);
        let _ = fs::create_dir_all(writes[1]);
        writes.iter().for_each(|path| grants.add(path, Access::WriteExecute));
        let cargo = self.cargo().unwrap_or_else(|| cargo.to_path_buf());
        grants.add(&cargo, Access::Execute);
        grants.variables.extend(crate::confine::harmless(environment));
        grants.variables.retain(|name, _| name.to_str().is_none_or(|name| !removed.contains(name)));
        let own = environment.get("PATH").unwrap_or_default();
        let path = std::env::join_paths(self.programs().into_iter().chain(std::env::split_paths(own)));
        for name in ["HOME", "TMPDIR", "CARGO_HOME"] {
            grants.variables.insert(name.into(), self.cargo_home.clone().into());
        }
        grants.variables.insert("PATH".into(), path.unwrap_or_else(|_| own.to_owned()));
        if let Some(bin) = self.programs() {
            grants
                .variables
                .insert("RUSTC".into(), bin.join(format!("rustc{}", std::env::consts::EXE_SUFFIX)).into());
        }
        let root = writes[0].ancestors().last().map(Path::to_path_buf);
        (Program { path: cargo, arguments, folder: root, ..Program::default() }, grants)
    }
}

/// The folders of one thread's runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Simulated<'a> {
    /// The folder with all that is simulated.
    pub(super) folder: &'a Path,
    /// The folder that is the target dir for the script; OUT_DIR is in it.
    pub(super) outputs: &'a Path,
    /// The folder for HOME and TMPDIR.
    pub(super) home: &'a Path,
    /// The file that the shims write to.
    pub(super) log: &'a Path,
}

/// Returns what a script was denied, in words. What the C library and std ask for by themselves, and do without, is
/// left out.
pub(super) fn denied(denials: &[Denial]) -> Vec<String> {
    const LIBRARIES: &[&str] = &["/proc", "/sys", "/etc/locale.alias", "/dev/tty"];
    let of_libraries = |denial: &&Denial| match denial {
        Denial::Read(path) | Denial::Write(path) => LIBRARIES.iter().any(|known| {
            let process = path.starts_with("/proc")
                && path.components().nth(2).is_some_and(|part| {
                    part.as_os_str().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit())
                });
            path.starts_with(known) && !process
        }),
        _ => false,
    };
    denials.iter().filter(|denial| !of_libraries(denial)).map(|denial| format!("denied {denial}")).collect()
}

/// Makes the folder that is CARGO_HOME for confined programs, with links to what was fetched and a part of the configuration. Returns
/// the folders that the links lead to.
fn stand_for_home(at: &Path, environment: &Environment) -> io::Result<Vec<PathBuf>> {
    let home = environment.get("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| environment.get("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let home = home.filter(|home| home.is_absolute());
    let mut fetched = Vec::new();
    for inner in ["registry/cache", "registry/index", "registry/src", "git/db", "git/checkouts"] {
        let link = at.join(inner);
        if let Some(parent) = link.parent() {
            // Confined code of an earlier run may have made links here.
            if fs::symlink_metadata(parent).is_ok_and(|found| !found.is_dir()) {
                file::remove(parent)?;
            }
            fs::create_dir_all(parent)?;
        }
        let Some(home) = &home else { continue };
        let _ = fs::remove_file(&link);
        #[cfg(unix)]
        std::os::unix::fs::symlink(home.join(inner), &link)?;
        fetched.push(home.join(inner));
    }
    let configuration = home
        .iter()
        .flat_map(|home| [home.join("config"), home.join("config.toml")])
        .find(|path| path.is_file());
    let text = configuration.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
    file::remove(&at.join("config"))?;
    file::replace(&at.join("config.toml"), harmless_configuration(&text).as_bytes())?;
    Ok(fetched)
}

fn harmless_configuration(text: &str) -> String {
    let Ok(mut document) = text.parse::<toml_edit::DocumentMut>() else { return String::new() };
    document.retain(|name, item| {
        let Some((_, keys)) = CONFIGURATION.iter().find(|(table, _)| *table == name) else { return false };
        let Some(table) = item.as_table_like_mut() else { return false };
        if keys.is_empty() {
            return true;
        }
        let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            // A registry is a table in the table.
            match table.get_mut(&name).and_then(toml_edit::Item::as_table_like_mut) {
                Some(inner) => {
                    let inner_names: Vec<String> = inner.iter().map(|(name, _)| name.to_owned()).collect();
                    for inner_name in inner_names.iter().filter(|name| !keys.contains(&name.as_str())) {
                        inner.remove(inner_name);
                    }
                }
                None if keys.contains(&name.as_str()) => {}
                None => drop(table.remove(&name)),
            }
        }
        true
    });
    document.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_users_configuration_no_secret_is_passed_on() {
        let text = "[source.crates-io]\nreplace-with = \"mirror\"\n[registry]\ntoken = \"a\"\n[http]\nproxy = \"b\"\n\
                    [registries.own]\nindex = \"sparse+https://own/\"\ntoken = \"c\"\n[build]\nrustflags = [\"-Cx\"]\n\
                    rustc-wrapper = \"sccache\"\n[env]\nKEY = \"d\"\n";
        let kept = harmless_configuration(text);
        assert_eq!(
            kept,
            "[source.crates-io]\nreplace-with = \"mirror\"\n[registries.own]\nindex = \"sparse+https://own/\"\n[build]\nrustflags = [\"-Cx\"]\n"
        );
        assert_eq!(
            harmless_configuration("build = 1\n[target.x]\nlinker = \"l\"\n"),
            "[target.x]\nlinker = \"l\"\n"
        );
        assert_eq!(harmless_configuration("]"), "");
    }

    #[test]
    fn what_libraries_ask_for_is_no_denial_of_the_script() {
        let denials = [
            Denial::Read("/proc/mounts".into()),
            Denial::Read("/proc/12/environ".into()),
            Denial::Read("/sys/fs/cgroup/cpu.max".into()),
            Denial::Read("/home/me/.ssh/id_rsa".into()),
            Denial::Network,
        ];
        assert_eq!(
            denied(&denials),
            [
                "denied to read /proc/12/environ",
                "denied to read /home/me/.ssh/id_rsa",
                "denied to reach the network"
            ]
        );
    }
}
