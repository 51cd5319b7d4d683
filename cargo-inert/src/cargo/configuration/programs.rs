//! Judges programs that the tree's configuration names. Allowed are a bare name that is on a list and that the caller's
//! PATH resolves outside of the tree, and an absolute path in a system folder.

use std::path::{Path, PathBuf};

use super::places::{Places, real};
use crate::environment::Environment;

/// The names that are allowed for a program.
#[derive(Debug, Clone, Copy)]
pub enum Named {
    /// One of these names; a version may follow (`gcc-12`), and a target may precede it (`arm-none-eabi-gcc`).
    Any(&'static [&'static str]),
    /// One of these names, without additions.
    Exactly(&'static [&'static str]),
    /// Any plain name: the program starts built executables.
    Runner,
}

/// Linkers, and compilers that call a linker.
pub const LINKERS: &[&str] = &[
    "cc", "c++", "gcc", "g++", "clang", "clang++", "ld", "lld", "link", "linker", "mold", "wild", "ldproxy",
    "emcc", "em++", "ld.lld", "ld64.lld", "ld.mold", "ld.bfd", "ld.gold", "ld.wild", "ld64",
];

/// Compilers of C and C++.
pub const COMPILERS: &[&str] =
    &["cc", "c++", "gcc", "g++", "clang", "clang++", "clang-cl", "cl", "emcc", "em++"];

/// The archivers of C toolchains, by name.
pub const ARCHIVERS: &[&str] =
    &["ar", "gcc-ar", "llvm-ar", "emar", "llvm-lib", "lib", "ranlib", "llvm-ranlib"];

/// Wrappers that start the compiler and no program of the tree. A shell is not among them: with a bare name it would
/// run a file `rustc` of the working folder, the first argument that Cargo gives it.
pub const WRAPPERS: &[&str] = &["sccache", "ccache", "cachepot", "kache", "inert", "clippy-driver"];

/// The data that is needed to look up programs.
#[derive(Debug, Clone)]
pub struct Programs<'a> {
    /// The caller's environment, for its PATH.
    pub environment: &'a Environment,
    /// The folders of the tree and of the system.
    pub places: &'a Places,
}

impl Programs<'_> {
    /// Checks whether the tree may name a program so.
    ///
    /// # Errors
    /// The reason, as the end of a sentence about `text`.
    pub fn named(&self, text: &str, names: &Named) -> Result<(), String> {
        let path = Path::new(text);
        let bare = !text.contains(['/', '\\', ':']);
        let name =
            if bare { text } else { path.file_name().and_then(|name| name.to_str()).unwrap_or_default() };
        if !names.hold(name) {
            return Err(names.expected());
        }
        if !bare {
            if self.places.is_of_the_system(text) {
                return Ok(());
            }
            return Err("names a program by a path that is not the system's; write its bare name, and have PATH lead \
                        to it"
                .to_owned());
        }
        match self.on_path(name) {
            Lookup::Absent | Lookup::Fine => Ok(()),
            Lookup::Foreign(found) => Err(format!(
                "names a program that PATH finds at {}, which belongs to the tree or to a package",
                found.display()
            )),
            Lookup::Relative => {
                Err("names a program that is looked for in a folder of PATH that is relative, or \
                                     empty: in the tree"
                    .to_owned())
            }
        }
    }

    fn on_path(&self, name: &str) -> Lookup {
        let Some(path) = self.environment.get("PATH") else { return Lookup::Absent };
        let files: Vec<String> = if cfg!(windows) {
            [name.to_owned(), format!("{name}.exe")].into()
        } else {
            vec![name.to_owned()]
        };
        for folder in std::env::split_paths(path) {
            if !folder.is_absolute() {
                return Lookup::Relative;
            }
            for file in &files {
                let candidate: PathBuf = folder.join(file);
                if candidate.symlink_metadata().is_err() {
                    continue;
                }
                let foreign = self.places.is_foreign(&candidate) || self.places.is_foreign(&real(&candidate));
                return if foreign { Lookup::Foreign(candidate) } else { Lookup::Fine };
            }
        }
        Lookup::Absent
    }
}

enum Lookup {
    /// PATH has no such program, so that nothing would be started.
    Absent,
    Fine,
    Foreign(PathBuf),
    Relative,
}

impl Named {
    fn hold(&self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        let stem = lower.strip_suffix(".exe").unwrap_or(&lower);
        let plain = stem.chars().all(|c| c.is_ascii_alphanumeric() || "+-_.".contains(c))
            && stem.starts_with(|c: char| c.is_ascii_alphanumeric());
        plain
            && match self {
                Self::Exactly(names) => names.contains(&stem),
                Self::Any(names) => {
                    let unversioned =
                        stem.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end_matches('-');
                    [stem, unversioned]
                        .iter()
                        .flat_map(|name| [*name, name.rsplit_once('-').map_or(*name, |(_, last)| last)])
                        .any(|name| names.contains(&name))
                }
                Self::Runner => true,
            }
    }

    fn expected(&self) -> String {
        match self {
            Self::Exactly(names) => format!("is none of {}, which alone may stand there", names.join(", ")),
            Self::Any(names) if names.contains(&"ld") => "names what is no linker by its name".to_owned(),
            Self::Any(names) => format!("is none by its name of {}", names.join(", ")),
            Self::Runner => "is no plain name of a program".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linkers_by_their_names() {
        let linkers = Named::Any(LINKERS);
        for name in [
            "cc",
            "gcc-12",
            "arm-linux-gnueabihf-gcc",
            "x86_64-w64-mingw32-gcc",
            "clang-18",
            "clang++",
            "rust-lld",
            "lld-link",
            "link.exe",
            "aarch64-linux-android21-clang",
            "flip-link",
            "ld.lld-17",
            "mold",
            "bpf-linker",
            "x86_64-linux-gnu-g++-13",
            "wasm-component-ld",
            "ldproxy",
        ] {
            assert!(linkers.hold(name), "{name}");
        }
        for name in ["sh", "python3", "perl", "env", "make", "bash-5.2", "node", "", "-cc", "cc x", "."] {
            assert!(!linkers.hold(name), "{name}");
        }
    }

    #[test]
    fn where_a_program_lies() {
        let mut environment = Environment::default();
        environment.variables.insert("PATH".into(), "/usr/bin:/bin".into());
        environment.variables.insert("HOME".into(), "/home/u".into());
        let places = Places {
            tree: vec!["/t".into()],
            fetched: vec!["/home/u/.cargo/git".into()],
            ..Places::default()
        };
        let programs = Programs { environment: &environment, places: &places };
        let linker = |text: &str| programs.named(text, &Named::Any(LINKERS)).is_ok();
        for fine in ["cc", "nothing-of-that-name-cc", "/usr/bin/clang", "/usr/local/opt/llvm/bin/ld64.lld"] {
            assert!(linker(fine), "{fine}");
        }
        for bad in [
            "/t/cc",
            "./cc",
            "tools/cc",
            "/home/u/.cargo/git/checkouts/x/cc",
            "/home/u/bin/cc",
            "/usr/bin/../../t/cc",
            "/usr/bin/./cc",
            "/proc/self/cwd/cc",
            "/usr/bin/sh",
        ] {
            assert!(!linker(bad), "{bad}");
        }
        environment.variables.insert("PATH".into(), "relative:/usr/bin".into());
        let programs = Programs { environment: &environment, places: &places };
        assert!(programs.named("cc", &Named::Any(LINKERS)).is_err());
    }
}
