//! What configuration of the tree that is built may not say: which programs Cargo, rustc and the linker start in the
//! course of a build, and what makes them start others.
//!
//! Such a program is not a build script, and it would run all the same. What the user configured, outside the tree or
//! on the command line, is the user's affair; so is a tree whose inert.toml says `configuration = "allow"`.

use std::path::{Path, PathBuf};

use super::{Configuration, Setting, flags, within};
use crate::policy::Outputs;
use crate::policy::outputs::Folders;

/// Something in the tree's configuration that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The key, dotted.
    pub key: String,
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

/// What a key's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// A program that takes one of these names.
    Program(&'static [&'static str]),
    /// A linker, or a compiler that links.
    Linker,
    /// What Cargo asks for a registry's password.
    CredentialProvider,
    /// A program that Cargo starts, of whatever name.
    Anything,
    /// Flags for rustc or rustdoc.
    Flags,
    /// A codegen backend.
    Backend,
}

/// Keys that are looked at (the Cargo book, "Configuration" and "Unstable Features"); `*` is any part, `**` any parts.
const KEYS: &[(&[&str], Holds)] = &[
    (&["build", "rustc"], Holds::Program(&["rustc"])),
    (&["build", "rustdoc"], Holds::Program(&["rustdoc"])),
    (&["build", "rustc-wrapper"], Holds::Program(WRAPPERS)),
    (&["build", "rustc-workspace-wrapper"], Holds::Program(WRAPPERS)),
    (&["target", "*", "linker"], Holds::Linker),
    (&["host", "linker"], Holds::Linker),
    (&["host", "*", "linker"], Holds::Linker),
    (&["host", "runner"], Holds::Anything),
    (&["host", "*", "runner"], Holds::Anything),
    (&["doc", "browser"], Holds::Anything),
    (&["registry", "credential-provider"], Holds::CredentialProvider),
    (&["registry", "global-credential-providers"], Holds::CredentialProvider),
    (&["registries", "*", "credential-provider"], Holds::CredentialProvider),
    (&["credential-alias", "*"], Holds::CredentialProvider),
    (&["build", "rustflags"], Holds::Flags),
    (&["build", "rustdocflags"], Holds::Flags),
    (&["target", "*", "rustflags"], Holds::Flags),
    (&["target", "*", "rustdocflags"], Holds::Flags),
    (&["host", "rustflags"], Holds::Flags),
    (&["host", "*", "rustflags"], Holds::Flags),
    (&["profile", "**", "rustflags"], Holds::Flags),
    (&["profile", "**", "codegen-backend"], Holds::Backend),
];

/// Wrappers that are known to start the compiler and nothing of the tree's. A shell by its bare name would read the file
/// that Cargo calls `rustc` from the folder that it is started in.
const WRAPPERS: &[&str] = &["sccache", "ccache", "cachepot", "kache", "inert", "clippy-driver"];

/// Ends of the names of linkers, after the last `-`; a version may follow.
const LINKERS: &[&str] = &[
    "cc", "c++", "gcc", "g++", "clang", "clang++", "ld", "lld", "link", "linker", "mold", "wild", "ldproxy",
    "emcc", "em++", "ld.lld", "ld64.lld", "ld.mold", "ld.bfd", "ld.gold", "ld.wild", "ld64",
];

/// Credential providers of Cargo's own that start nothing of the tree's choice (the Cargo book, "Registry
/// Authentication").
const PROVIDERS: &[&str] = &["cargo:token", "cargo:wincred", "cargo:macos-keychain", "cargo:libsecret"];

/// Variables that make the compiler, the linker or the user's compiler cache start or load something, or say where Inert's,
/// rustup's and Cargo's own files are; in upper case, `*` for any end.
const VARIABLES: &[&str] = &[
    "LD_*",
    "DYLD_*",
    "LIBPATH",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "PATH",
    "COMSPEC",
    "SYSTEMROOT",
    "HOME",
    "USERPROFILE",
    "LOCALAPPDATA",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_ICE",
    "RUSTDOC",
    "RUSTUP_*",
    "CARGO_HOME",
    "COMPILER_PATH",
    "LIBRARY_PATH",
    "GCC_EXEC_PREFIX",
    "COLLECT_*",
    "LDEMULATION",
    "GNUTARGET",
    "CCC_*",
    "DEPENDENCIES_OUTPUT",
    "SUNPRO_DEPENDENCIES",
    "LINK",
    "_LINK_",
    "SCCACHE_*",
    "CCACHE_*",
    "DISTCC_*",
    "INERT_*",
];

impl Configuration {
    /// What the tree may not say. `tree` is its root, `cwd` where Cargo is called.
    #[must_use]
    pub fn objections(&self, tree: &Path, cwd: &Path) -> Vec<Objection> {
        let mut found: Vec<Objection> = Vec::new();
        for (at, setting) in self.settings.iter().enumerate() {
            let Some(file) = setting.file.as_ref().filter(|file| within(file, tree)) else { continue };
            let holds = KEYS.iter().find(|(known, _)| matches(&setting.key, known)).map(|(_, holds)| *holds);
            let first = at == 0 || self.settings[at - 1].key != setting.key;
            let why = match holds {
                Some(Holds::Flags) if first => flags::objection(&self.words(at), &base(file, tree), tree),
                Some(Holds::Flags) => None,
                Some(holds) => setting.objection(holds, first, tree, cwd),
                None if setting.key[0] == "env" => variable(setting),
                None => setting.override_objection(tree),
            };
            let parts = match setting.key[0].as_str() {
                "env" => setting.key.len().min(2),
                _ => setting.key.len(),
            };
            let objection =
                why.map(|why| Objection { key: setting.key[..parts].join("."), file: file.clone(), why });
            found.extend(objection.filter(|new| found.iter().all(|old| old.key != new.key)));
        }
        found
    }

    /// The flags of a list that begins with a setting, or the words of a text: as Cargo takes it apart.
    fn words(&self, at: usize) -> Vec<String> {
        let key = &self.settings[at].key;
        let list: Vec<&Setting> =
            self.settings[at..].iter().take_while(|setting| setting.key == *key).collect();
        match list.as_slice() {
            [one] => one.value.split_whitespace().map(str::to_owned).collect(),
            many => many.iter().map(|setting| setting.value.clone()).collect(),
        }
    }
}

impl Setting {
    fn objection(&self, holds: Holds, first: bool, tree: &Path, cwd: &Path) -> Option<String> {
        let program = self.program(cwd);
        match holds {
            Holds::Anything => Some("Cargo would start what it names".to_owned()),
            Holds::CredentialProvider => credential_provider(self, first),
            Holds::Backend => {
                flags::is_path(&self.value).then(|| format!("`{}` loads code into the compiler", self.value))
            }
            Holds::Program(_) | Holds::Linker if within(&program, tree) => {
                Some(format!("it names a program of the tree itself, {}", program.display()))
            }
            Holds::Program(names) => (!self.value.is_empty() && !names.contains(&&*stem(&program)))
                .then(|| unknown(&program, &format!("only {} may stand there", names.join(", ")))),
            Holds::Linker => (!is_linker(&program)).then(|| unknown(&program, "it is no linker by its name")),
            Holds::Flags => None,
        }
    }

    /// `[target.<triple>.<links>]` says in a script's place what it would have said: no more than a declaration might.
    fn override_objection(&self, tree: &Path) -> Option<String> {
        let (key, names) =
            self.key.get(3).map(|key| (key, &self.key[4..])).filter(|_| self.key[0] == "target")?;
        let value =
            if names.is_empty() { self.value.clone() } else { format!("{}={}", names.join("."), self.value) };
        let folders = Folders { out_dir: tree, package: tree, name: "" };
        let said = Outputs::default().objections(format!("cargo:{key}={value}").as_bytes(), &folders);
        said.into_iter()
            .next()
            .map(|why| why.trim_start_matches("`cargo:").to_owned())
            .map(|why| format!("`{why}"))
    }
}

/// Why a linker that a flag names is refused.
#[must_use]
pub(super) fn linker(value: &str, base: &Path, tree: &Path) -> Option<String> {
    let program = if flags::is_path(value) {
        crate::cargo::package::path_from(base, value)
    } else {
        PathBuf::from(value)
    };
    if within(&program, tree) {
        return Some("names a program of the tree itself".to_owned());
    }
    (!is_linker(&program)).then(|| "names what is no linker by its name".to_owned())
}

/// The folder that paths in a file of the tree begin at: the one above `.cargo`.
fn base(file: &Path, tree: &Path) -> PathBuf {
    file.parent().and_then(Path::parent).unwrap_or(tree).to_path_buf()
}

fn unknown(program: &Path, why: &str) -> String {
    format!("it has {} started in the compiler's place, and {why}", program.display())
}

fn variable(setting: &Setting) -> Option<String> {
    let name = setting.key.get(1)?.to_ascii_uppercase();
    let listed = VARIABLES.iter().any(|known| match known.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *known,
    });
    listed.then(|| "the compiler, the linker, rustup or Inert itself would obey this variable".to_owned())
}

fn credential_provider(setting: &Setting, first: bool) -> Option<String> {
    // The words of one command, but for the list of several.
    if !first && setting.key.last().is_some_and(|key| key != "global-credential-providers") {
        return None;
    }
    let program = setting.value.split_whitespace().next().unwrap_or_default();
    let known = PROVIDERS.contains(&program)
        || (program.starts_with("cargo-credential-") && !flags::is_path(program));
    (!known).then(|| format!("Cargo would start `{}` for a password", setting.value))
}

fn stem(program: &Path) -> String {
    let name = program.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    name.strip_suffix(".exe").unwrap_or(&name).to_owned()
}

fn is_linker(program: &Path) -> bool {
    let name = stem(program);
    let unversioned = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end_matches('-');
    [name.as_str(), unversioned]
        .iter()
        .flat_map(|name| [*name, name.rsplit_once('-').map_or(*name, |(_, last)| last)])
        .any(|name| LINKERS.contains(&name))
}

fn matches(key: &[String], known: &[&str]) -> bool {
    if let [first, "**", last] = known {
        return key.len() > 2 && key[0] == **first && key.last().is_some_and(|key| key == last);
    }
    known.len() == key.len() && known.iter().zip(key).all(|(known, part)| *known == "*" || known == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linkers_by_their_names() {
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
            "/usr/bin/x86_64-linux-gnu-g++-13",
            "wasm-component-ld",
            "ldproxy",
        ] {
            assert!(is_linker(Path::new(name)), "{name}");
        }
        for name in ["sh", "/bin/sh", "python3", "perl", "env", "make", "bash-5.2", "node", ""] {
            assert!(!is_linker(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn keys_of_any_depth() {
        let key = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        for text in
            ["profile.dev.rustflags", "profile.dev.package.x.rustflags", "host.x.runner", "build.rustc"]
        {
            assert!(KEYS.iter().any(|(known, _)| matches(&key(text), known)), "{text}");
        }
        assert!(!KEYS.iter().any(|(known, _)| matches(&key("profile.rustflags"), known)));
    }
}
