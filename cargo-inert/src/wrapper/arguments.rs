//! Reads rustc's command line, in the form that Cargo writes.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::artifacts::said;
use crate::cargo::package::path_from;
use crate::plan::skip::{KeyParts, UnitKey};

/// The arguments of rustc that the wrapper needs.
#[derive(Debug, Clone, Default)]
pub struct RustcArguments {
    /// The value of `--crate-name`.
    pub crate_name: String,
    /// The values of `--crate-type`.
    pub crate_types: BTreeSet<String>,
    /// The root source file as an absolute path.
    pub source: Option<PathBuf>,
    /// The value of `--out-dir` as an absolute path.
    pub out_dir: Option<PathBuf>,
    /// The value of `-C extra-filename`; empty with the new layout of the build dir.
    pub extra_filename: String,
    /// The kinds that `--emit` lists.
    pub emit: BTreeSet<String>,
    /// True if `--test` is given.
    pub test: bool,
    /// The value of `--target`.
    pub target: Option<String>,
    /// The features, from `--cfg feature="…"`.
    pub features: BTreeSet<String>,
    /// The value of `-C opt-level`.
    pub opt_level: Option<String>,
    /// The value of `-C debuginfo`.
    pub debuginfo: Option<String>,
    /// True if `-C metadata` is given. Cargo gives it for every unit; a script that probes the compiler does not.
    pub metadata: bool,
}

/// Options with a value that is not needed here.
pub const TAKE_A_VALUE: &[&str] = &[
    "--edition",
    "--error-format",
    "--json",
    "--extern",
    "--cap-lints",
    "-L",
    "-l",
    "--check-cfg",
    "--allow",
    "--warn",
    "--deny",
    "--forbid",
    "--force-warn",
    "-W",
    "-A",
    "-D",
    "-F",
    "--color",
    "-Z",
    "--print",
    "-o",
    "--remap-path-prefix",
    "--diagnostic-width",
    "--sysroot",
];

/// Replaces argument files (`@path`, one argument a line) by the arguments in them.
///
/// # Errors
/// An argument file cannot be read.
pub fn flat(raw: &[OsString]) -> Result<Vec<OsString>, String> {
    let mut flat = Vec::new();
    for argument in raw {
        match argument.to_str().and_then(|text| text.strip_prefix('@')) {
            Some(path) => {
                let lines = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
                flat.extend(lines.lines().map(OsString::from));
            }
            None => flat.push(argument.clone()),
        }
    }
    Ok(flat)
}

/// Returns whether a call is Cargo's own: it compiles a unit, or asks for the names of files. A script that tests something
/// with the compiler may have arguments of its own choice.
///
/// # Errors
/// An argument file cannot be read.
pub fn is_cargos(raw: &[OsString]) -> Result<bool, String> {
    let of_cargo = |argument: &OsString| {
        argument.to_str().is_some_and(|text| {
            text == "___" || text.starts_with("metadata=") || text.starts_with("-Cmetadata=")
        })
    };
    Ok(raw.iter().any(of_cargo) || flat(raw)?.iter().any(of_cargo))
}

/// Returns the arguments with another `--out-dir` and with argument files replaced.
///
/// # Errors
/// An argument file cannot be read.
pub fn with_out_dir(raw: &[OsString], folder: &Path) -> Result<Vec<OsString>, String> {
    let mut changed = Vec::new();
    let mut rest = flat(raw)?.into_iter();
    while let Some(argument) = rest.next() {
        if argument == "--out-dir" {
            let _ = rest.next();
        } else if argument.to_str().is_none_or(|text| !text.starts_with("--out-dir=")) {
            changed.push(argument);
        }
    }
    changed.extend(["--out-dir".into(), folder.into()]);
    // Cargo used an argument file since the command line is too long; the changed one is written to a file as well.
    let length: usize = changed.iter().map(|argument| argument.len() + 1).sum();
    if raw.iter().any(|argument| argument.to_str().is_some_and(|text| text.starts_with('@')))
        && length > 16_000
    {
        let program =
            changed.iter().position(|argument| argument.to_str().is_some_and(|text| text.starts_with("--")));
        let file = folder.join("arguments");
        let mut text = String::new();
        for argument in changed.split_off(program.unwrap_or(0)) {
            text.push_str(argument.to_str().ok_or("an argument for rustc is no Unicode")?);
            text.push('\n');
        }
        std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut at = OsString::from("@");
        at.push(&file);
        changed.push(at);
    }
    Ok(changed)
}

impl RustcArguments {
    /// Parses a command line with its argument files (`@path`, one argument a line).
    ///
    /// # Errors
    /// An argument file cannot be read, or an option that rustc accepts once is given twice.
    pub fn parse(raw: &[OsString], cwd: &Path) -> Result<Self, String> {
        let mut flat = Vec::new();
        for argument in raw.iter().skip(1) {
            let text = argument.to_string_lossy().into_owned();
            match text.strip_prefix('@') {
                Some(path) => {
                    let path = path_from(cwd, path);
                    let lines = std::fs::read_to_string(&path)
                        .map_err(|error| format!("{}: {error}", path.display()))?;
                    flat.extend(lines.lines().map(str::to_owned));
                }
                None => flat.push(text),
            }
        }
        Self::read(&flat, cwd)
    }

    fn read(flat: &[String], cwd: &Path) -> Result<Self, String> {
        let mut this = Self::default();
        // With a workspace wrapper the compiler is the first argument.
        let mut rest = flat.iter().skip_while(|argument| !argument.starts_with('-'));
        while let Some(argument) = rest.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let mut value = || inline.clone().or_else(|| rest.next().cloned()).unwrap_or_default();
            match name {
                // rustc accepts these options once; with two values, it is unknown which one is Cargo's.
                "--crate-name" if !this.crate_name.is_empty() => return Err(twice(name)),
                "--out-dir" if this.out_dir.is_some() => return Err(twice(name)),
                "--crate-name" => this.crate_name = value(),
                "--crate-type" => drop(this.crate_types.insert(value())),
                "--out-dir" => this.out_dir = Some(path_from(cwd, value())),
                "--emit" => this
                    .emit
                    .extend(value().split(',').map(|kind| kind.split('=').next().unwrap_or("").to_owned())),
                "--test" => this.test = true,
                "--target" => this.target = Some(value()),
                "--cfg" => {
                    if let Some(feature) = said::feature(&value()) {
                        this.features.insert(feature.to_owned());
                    }
                }
                "-C" | "--codegen" => this.codegen(&value()),
                _ if TAKE_A_VALUE.contains(&name) => drop(value()),
                _ if name.starts_with("-C") => this.codegen(&name[2..]),
                _ if name.starts_with('-') => {}
                _ => this.source = this.source.take().or_else(|| Some(path_from(cwd, argument))),
            }
        }
        Ok(this)
    }

    fn codegen(&mut self, option: &str) {
        match option.split_once('=') {
            Some(("extra-filename", value)) => self.extra_filename = value.to_owned(),
            Some(("opt-level", value)) => self.opt_level = Some(value.to_owned()),
            Some(("debuginfo", value)) => self.debuginfo = Some(value.to_owned()),
            Some(("metadata", _)) => self.metadata = true,
            _ => {}
        }
    }

    /// Returns the features that the unit may have in Cargo's graph, which does not contain those that flags set and
    /// those that the package's own script prints (`said`).
    #[must_use]
    pub fn features_in_graph(
        &self,
        flags: &BTreeSet<String>,
        said: &BTreeSet<String>,
    ) -> [BTreeSet<String>; 4] {
        let without = |left: &BTreeSet<String>| self.features.difference(left).cloned().collect();
        let both = flags.union(said).cloned().collect();
        [self.features.clone(), without(flags), without(said), without(&both)]
    }

    /// Returns whether the output is an executable, as for every build script.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        !self.test && self.crate_types.len() == 1 && self.crate_types.contains("bin")
    }

    /// Returns whether the crate name is one that Cargo gives to build scripts: `build_script_<stem>`, or `metabuild_…`
    /// on nightly. The environment is not read, since `[env]` may have set `CARGO_BIN_NAME`.
    #[must_use]
    pub fn looks_like_script(&self) -> bool {
        self.is_binary()
            && (self.crate_name.starts_with("build_script_") || self.crate_name.starts_with("metabuild_"))
    }

    /// Returns the name of rustc's outputs, without `lib` and extension.
    #[must_use]
    pub fn stem(&self) -> String {
        format!("{}{}", self.crate_name, self.extra_filename)
    }

    /// Returns the unit's key, if it is of a kind that may be skipped.
    #[must_use]
    pub fn key(&self) -> Option<UnitKey> {
        let skippable = |kind: &String| matches!(kind.as_str(), "lib" | "rlib" | "proc-macro");
        if self.test || self.crate_types.is_empty() || !self.crate_types.iter().all(skippable) {
            return None;
        }
        let parts = KeyParts {
            source: self.source.as_deref()?,
            crate_types: self.crate_types.clone(),
            check: !self.emit.contains("link"),
            features: self.features.clone(),
            opt_level: self.opt_level.clone().unwrap_or_else(|| "0".to_owned()),
            debuginfo: self.debuginfo.clone().unwrap_or_else(|| "0".to_owned()),
            platform: self.target.clone(),
        };
        Some(parts.key())
    }
}

fn twice(name: &str) -> String {
    format!("`{name}` is given twice; nothing was compiled\n  help: take it out of RUSTFLAGS or `rustflags`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_cannot_be_hidden() {
        let source = |line: &str| {
            let raw: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            RustcArguments::parse(&raw, Path::new("/w")).map(|parsed| parsed.source)
        };
        let found = Ok(Some(PathBuf::from("/w/build.rs")));
        assert_eq!(source("rustc --crate-name build_script_build build.rs --out-dir /o -L -"), found);
        assert_eq!(
            source("clippy-driver rustc --crate-name build_script_build build.rs --out-dir /o"),
            found
        );
        assert_eq!(source("rustc --crate-name x build.rs --allow dead_code --out-dir /o"), found);
        assert_eq!(source("rustc - --crate-name ___ --print=file-names"), Ok(None));
        assert!(source("rustc --crate-name x build.rs --out-dir /o --out-dir /p").is_err());
    }

    #[test]
    fn reads_what_cargo_writes() {
        let line = "rustc --crate-name serde --edition=2018 /r/serde/src/lib.rs --error-format=json --crate-type lib \
                    --emit=dep-info,metadata,link -C embed-bitcode=no -C debuginfo=2 --cfg feature=\"std\" \
                    --check-cfg cfg(docsrs,test) -C metadata=1f -C extra-filename=-1f --out-dir /t/deps \
                    --target x86_64-unknown-linux-gnu -L dependency=/t/deps --cap-lints allow";
        let raw: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let parsed = RustcArguments::parse(&raw, Path::new("/w")).unwrap();
        assert_eq!(parsed.source.as_deref(), Some(Path::new("/r/serde/src/lib.rs")));
        assert_eq!(parsed.stem(), "serde-1f");
        assert!(!parsed.is_binary());
        assert_eq!(parsed.key().unwrap().0, "/r/serde/src/lib.rs|lib|build|std|0|2|x86_64-unknown-linux-gnu");
    }
}
