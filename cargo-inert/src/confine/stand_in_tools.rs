//! The profile `cc`: the rights of what a stand-in's resolver starts (C compilers, archivers, assemblers, the rustc of a
//! probe, pkg-config).
//!
//! They read text of the package, whose `#include`, `.incbin`, `#embed` or `include_str!` may name any file. So they
//! can read the toolchain, the system, the package (a member its workspace), its build-dependencies, OUT_DIR, the
//! folders of found libraries and of dependencies' metadata, and what the caller's own variables name; they can write
//! to the scratch folder of this run alone; they have no network and no home. Their arguments come from a closed
//! list, so no supervisor is needed: the thread that starts one gives up its rights
//! ([`Fence`](inert_sandbox::linux::Fence)).
//!
//! A program outside of the system's folders, a script in `/usr/local` or `/opt`, and the client of a server or of a
//! cache (sccache, ccache, zig), starts without the fence, since what it needs is not known: the build says so, and
//! `[sandbox] rustc = "confine"` refuses it.

use inert_resolver::Fenced;

use crate::artifacts::build_dir::BuildDir;
use crate::environment::Environment;
use crate::plan::model::ScriptPlan;

/// Returns the fence for the tools of a stand-in; none if the plan has none.
#[must_use]
pub fn fence(script: &ScriptPlan, dir: &BuildDir, cargos: &Environment, callers: &Environment) -> Fenced {
    #[cfg(target_os = "linux")]
    if let Some(around) = &script.tools {
        return Fenced::by(std::sync::Arc::new(linux::ToolFence::of(script, around, dir, cargos, callers)));
    }
    let _ = (script, dir, cargos, callers);
    Fenced::default()
}

/// Returns the folders whose files belong to a package that is compiled for the stand-in of another: see
/// [`sources`](super::grants::sources).
#[must_use]
pub fn sources(root: &std::path::Path, script: &ScriptPlan) -> Vec<std::path::PathBuf> {
    #[cfg(target_os = "linux")]
    if let Some(around) = &script.tools {
        return super::grants::sources(root, &around.workspace);
    }
    let _ = script;
    vec![root.to_path_buf()]
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsStr;
    use std::path::{Path, PathBuf};
    use std::sync::{Arc, Mutex, PoisonError};

    use inert_sandbox::linux::Fence;
    use inert_sandbox::{Access, Grants, Processes};

    use crate::artifacts::build_dir::BuildDir;
    use crate::confine::denied;
    use crate::confine::grants::{self, READABLE, SYSTEM_FOLDERS};
    use crate::environment::Environment;
    use crate::plan::model::{ConfinedTools, ScriptPlan};

    /// The clients of servers and caches, which compile in a compiler's place, and compilers with a cache in the home.
    const CLIENTS: &[&str] = &[
        "sccache",
        "ccache",
        "distcc",
        "icecc",
        "icerun",
        "buildcache",
        "cachepot",
        "gomacc",
        "fbuild",
        "zig",
        "emcc",
        "em++",
        "emar",
        "emranlib",
    ];

    /// Folders of programs that no distribution installs: a script there may start anything.
    const BY_HAND: [&str; 2] = ["/usr/local", VENDORS];

    /// A folder of programs beside those of scripts: toolchains of vendors.
    const VENDORS: &str = "/opt";

    /// The configuration of compilers and of pkgconf.
    const CONFIGURATION: &[&str] = &["/etc/clang", "/etc/pkgconfig"];

    /// The variables of the caller that name folders for compilers, linkers and pkg-config; others name them by a part
    /// of their name: see [`named_by`].
    const FOLDERS: &[&str] = &[
        "CPATH",
        "C_INCLUDE_PATH",
        "CPLUS_INCLUDE_PATH",
        "OBJC_INCLUDE_PATH",
        "LIBRARY_PATH",
        "COMPILER_PATH",
        "GCC_EXEC_PREFIX",
        "LD_LIBRARY_PATH",
        "RUST_TARGET_PATH",
        "SDKROOT",
        "SYSROOT",
    ];

    #[derive(Debug)]
    pub(super) struct ToolFence {
        around: ConfinedTools,
        /// The package, for messages.
        package: String,
        /// The package's manifest. Who owns it decides whether root keeps its right to read files of others.
        manifest: PathBuf,
        scratch: PathBuf,
        dir: BuildDir,
        closed: Vec<PathBuf>,
        home: Option<PathBuf>,
        /// The program that the caller declares a wrapper of compilers, as the `cc` crate reads it.
        wrapper: Option<std::ffi::OsString>,
        cargos: Environment,
        state: Mutex<State>,
    }

    #[derive(Debug, Default)]
    struct State {
        reads: Vec<PathBuf>,
        /// The rules for what is read, once a tool was started; a new folder needs new ones.
        made: Option<Arc<Fence>>,
    }

    impl ToolFence {
        pub(super) fn of(
            script: &ScriptPlan,
            around: &ConfinedTools,
            dir: &BuildDir,
            cargos: &Environment,
            callers: &Environment,
        ) -> Self {
            let out_dir = cargos.get("OUT_DIR").map(PathBuf::from).unwrap_or_default();
            let closed = grants::closed(&around.target_dir, Some(dir));
            let fence = Self {
                around: around.clone(),
                package: script.package.to_string(),
                manifest: script.root.join("Cargo.toml"),
                scratch: out_dir.with_file_name("inert-scratch"),
                home: callers.get("HOME").map(|home| grants::real(Path::new(home))),
                wrapper: callers.get("CC_KNOWN_WRAPPER_CUSTOM").map(OsStr::to_os_string),
                dir: dir.clone(),
                cargos: cargos.clone(),
                closed,
                state: Mutex::default(),
            };
            let own = grants::sources(&script.root, &around.workspace);
            let others =
                script.build_dependencies.values().flat_map(|root| grants::sources(root, &around.workspace));
            own.into_iter().chain(others).chain([out_dir]).for_each(|path| fence.add_own(&path));
            let said = grants::said_by_dependencies(
                cargos,
                &script.runs,
                Some(dir),
                &fence.closed,
                &around.workspace,
            );
            // Paths in rustflags are not granted: they may be the tree's (`[build] rustflags`), which must not choose
            // what the sources of its packages read.
            said.whole.iter().chain(&named_by(callers)).for_each(|path| fence.add(path));
            fence
        }

        /// Grants a folder of the build's own, which the home may lie in (`HOME=$PWD/.home`): what the home holds is not
        /// granted then. Where the folder is the home itself, names that begin with a dot (`.ssh`) are not granted.
        fn add_own(&self, path: &Path) {
            let real = grants::real(path);
            if !path.is_absolute() || real.parent().is_none() {
                return;
            }
            let mut closed = self.closed.clone();
            if let Some(home) = self.home.as_ref().filter(|home| home.starts_with(&real)) {
                // A closed path in a folder has `without` leave such names out.
                closed.push(if *home == real { home.join(".ssh") } else { home.clone() });
            }
            self.grant(grants::without(path, &closed, &self.around.workspace).whole);
        }

        fn add(&self, path: &Path) {
            let real = grants::real(path);
            // A folder around the home, and Inert's own in the build dir, are no library's.
            let around_home = self.home.as_ref().is_some_and(|home| home.starts_with(&real));
            let inner = grants::real(&self.dir.inner());
            let hidden = real.starts_with(&inner) && !real.starts_with(inner.join("store"));
            if !path.is_absolute() || real.parent().is_none() || around_home || hidden {
                return;
            }
            self.grant(grants::without(path, &self.closed, &self.around.workspace).whole);
        }

        /// Grants paths with what is below. No tool lists folders: it opens what a source or an argument names.
        fn grant(&self, paths: Vec<PathBuf>) {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            for path in paths {
                if !state.reads.contains(&path) {
                    state.reads.push(path);
                    state.made = None;
                }
            }
        }

        fn fence(&self) -> Result<Arc<Fence>, String> {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(made) = &state.made {
                return Ok(Arc::clone(made));
            }
            let machine = inert_sandbox::machine().map_err(|error| error.to_string())?;
            // A right is one on a folder that exists.
            std::fs::create_dir_all(&self.scratch)
                .map_err(|error| format!("{}: {error}", self.scratch.display()))?;
            let mut grants = Grants { processes: Processes::Any, ..Grants::default() };
            for path in SYSTEM_FOLDERS.iter().copied().chain([VENDORS]) {
                grants.add_if_there(path, Access::Execute);
            }
            for path in READABLE.iter().chain(CONFIGURATION) {
                grants.add_if_there(path, Access::Read);
            }
            grants.add_if_there("/dev/null", Access::Write);
            if !self.around.sysroot.as_os_str().is_empty() {
                grants.add(&self.around.sysroot, Access::Execute);
            }
            state.reads.iter().for_each(|path| grants.add_if_there(path, Access::Execute));
            grants.add(&self.manifest, Access::Read);
            grants.add(&self.scratch, Access::Write);
            let made = Arc::new(Fence::new(&grants, &machine).map_err(|error| error.message)?);
            state.made = Some(Arc::clone(&made));
            Ok(made)
        }

        /// Returns why a program cannot start behind the fence.
        fn objection(&self, program: &Path) -> Option<&'static str> {
            let name = program.file_stem().and_then(OsStr::to_str).unwrap_or_default();
            let of_caller = self
                .wrapper
                .as_deref()
                .is_some_and(|wrapper| Path::new(wrapper).file_stem() == program.file_stem());
            if CLIENTS.contains(&name) || of_caller {
                return Some("it may be a server's client, or keep a cache of its own");
            }
            if BY_HAND.iter().any(|place| program.starts_with(place)) && is_script(program) {
                return Some("it is a script, so what it starts and needs is not known");
            }
            let places = SYSTEM_FOLDERS.iter().copied().chain([VENDORS]).map(Path::new);
            let known = places
                .chain([self.around.sysroot.as_path()])
                .any(|place| !place.as_os_str().is_empty() && program.starts_with(grants::real(place)));
            (!known).then_some("it lies outside of the system's folders, so what it needs is not known")
        }
    }

    impl inert_resolver::Fence for ToolFence {
        fn read(&self, path: &Path) {
            self.add(path);
        }

        fn within(&self, program: &Path, work: &mut (dyn FnMut() + Send)) -> Result<(), String> {
            let real = grants::real(program);
            // Starting a program that is not there is an error of its own.
            if let Some(why) = self.objection(&real).filter(|_| real.is_file()) {
                if self.around.required {
                    return Err(format!("it has to be confined ([sandbox] rustc = \"confine\"), and {why}"));
                }
                let line = format!("{} ran unconfined for `{}`: {why}", program.display(), self.package);
                denied::note(&self.dir, &self.cargos, &line);
                work();
                return Ok(());
            }
            self.fence()?.within(work).map_err(|error| error.message)
        }
    }

    /// Returns whether a program is text that another program interprets.
    fn is_script(program: &Path) -> bool {
        use std::io::Read as _;
        let mut start = [0; 2];
        std::fs::File::open(program).and_then(|mut file| file.read_exact(&mut start)).is_ok()
            && start == *b"#!"
    }

    /// Returns the folders that the caller's own variables name for compilers, linkers and pkg-config.
    fn named_by(callers: &Environment) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for (name, value) in &callers.variables {
            let Some(name) = name.to_str() else { continue };
            if FOLDERS.contains(&name) || name.contains("PKG_CONFIG") || name.starts_with("NIX_") {
                let folders = std::env::split_paths(value).filter(|path| path.is_absolute());
                if name == "LIBRARY_PATH" {
                    found.extend(folders.flat_map(|path| grants::searched_for(&path)));
                } else {
                    found.extend(folders);
                }
            }
            if name.contains("FLAGS") || name.starts_with("NIX_") || is_program(name) {
                let text = value.to_string_lossy();
                // `-I/folder`, `--sysroot=/folder`, `-isystem /folder`.
                let words = text.split(|c: char| c.is_whitespace() || c == '\x1f');
                found.extend(words.filter_map(path_in));
            }
        }
        found
    }

    /// Returns the absolute path that a word ends with: `/folder` of `-I/folder`.
    fn path_in(word: &str) -> Option<PathBuf> {
        word.find('/').map(|at| PathBuf::from(&word[at..]))
    }

    /// Returns whether a variable names a program and its arguments (`CC`, `CXX_x86_64_unknown_linux_gnu`).
    fn is_program(name: &str) -> bool {
        let part = |part: &str| matches!(part, "CC" | "CXX");
        part(name) || name.split_once('_').is_some_and(|(first, last)| part(first) || part(last))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn folders_are_those_of_the_callers_variables() {
            let mut callers = Environment::default();
            for (name, value) in [
                ("CPATH", "/a/include:relative:/b"),
                ("CFLAGS_x86_64_unknown_linux_gnu", "-O2 -I/c/include --sysroot=/d -isystem /e"),
                ("PKG_CONFIG_PATH_x86_64-unknown-linux-gnu", "/f/pkgconfig"),
                ("TARGET_CC", "gcc --sysroot=/g"),
                ("HOME", "/home/me"),
                ("SSH_AUTH_SOCK", "/run/agent"),
                ("CCACHE_DIR", "/home/me/cache"),
            ] {
                callers.variables.insert(name.into(), value.into());
            }
            let mut found: Vec<_> =
                named_by(&callers).iter().map(|path| path.display().to_string()).collect();
            found.sort();
            assert_eq!(found, ["/a/include", "/b", "/c/include", "/d", "/e", "/f/pkgconfig", "/g"]);
        }
    }
}
