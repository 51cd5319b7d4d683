//! Parses a cargo command line, as far as needed: which arguments every call of cargo needs, which only the build
//! needs, and which are Inert's own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::cargo::package::path_from;
use crate::environment::Environment;

/// The variable that has the effect of `--deny-build-scripts`.
pub const DENY_VARIABLE: &str = "INERT_DENY_BUILD_SCRIPTS";

/// The scope of `--deny-build-scripts`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum DenyBuildScripts {
    /// Scripts run if they are allowed.
    #[default]
    No,
    /// No script of a dependency runs, even if it is allowed.
    Dependencies,
    /// No script runs at all.
    All,
}

impl DenyBuildScripts {
    /// Parses the value of the flag or the variable; empty, `1` and `true` mean the default, `dependencies`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "" | "1" | "true" | "dependencies" => Some(Self::Dependencies),
            "all" => Some(Self::All),
            "0" | "false" | "no" => Some(Self::No),
            _ => None,
        }
    }
}

/// A call `cargo <command> <arguments>` that is planned and run.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    /// The subcommand: `build`, `check`, …
    pub command: String,
    /// Cargo's arguments before `--`.
    pub arguments: Vec<OsString>,
    /// The arguments after `--`.
    pub trailing: Option<Vec<OsString>>,
    /// The value of `--deny-build-scripts`.
    pub deny: DenyBuildScripts,
    /// The path of `--policy <file>`.
    pub policy: Option<PathBuf>,
    /// The values of `--trust`, in order.
    pub trust: Vec<String>,
    /// The values of `--libraries`, in order; `policy::libraries` reads them.
    pub libraries: Vec<String>,
    /// The values of `--library`, in order; `policy::libraries` reads them.
    pub library: Vec<String>,
    /// The values of `--target`, in order.
    pub targets: Vec<String>,
    /// The path of `--manifest-path`.
    pub manifest_path: Option<PathBuf>,
    /// The path of `--target-dir`.
    pub target_dir: Option<PathBuf>,
    /// True if `--locked` or `--frozen` was given.
    pub locked: bool,
}

/// An error in a command line, as a message.
#[derive(Debug, PartialEq, Eq)]
pub struct BadArguments(pub String);

/// Options whose value is the next argument, so that the value is not read as something else.
const WITH_VALUE: &[&str] = &[
    "--manifest-path",
    "--target-dir",
    "--target",
    "--config",
    "--message-format",
    "--features",
    "-F",
    "--package",
    "-p",
    "--exclude",
    "--bin",
    "--example",
    "--test",
    "--bench",
    "--profile",
    "--jobs",
    "-j",
    "--color",
    "-Z",
    "--lockfile-path",
    "--artifact-dir",
    "--out-dir",
    "--policy",
    "--trust",
    "--libraries",
    "--library",
    "--root",
    "--registry",
    "--index",
    "--git",
    "--branch",
    "--tag",
    "--rev",
    "--path",
    "--version",
    "--vers",
    "--crate-type",
    "--print",
    "-C",
];

/// Options that select the workspace and the configuration, so that every call of cargo gets them.
const EVERYWHERE: &[&str] = &["--manifest-path", "--config", "--lockfile-path", "-Z", "--color"];
const EVERYWHERE_SWITCHES: &[&str] = &["--locked", "--offline", "--frozen"];

impl Invocation {
    /// Parses a command line.
    ///
    /// # Errors
    /// An option of Inert has an invalid value, or an option lacks its value.
    pub fn parse(command: &str, arguments: &[OsString], cwd: &Path) -> Result<Self, BadArguments> {
        let mut result = Self { command: command.to_owned(), ..Self::default() };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let text = argument.to_string_lossy().into_owned();
            if text == "--" {
                result.trailing = Some(rest.cloned().collect());
                break;
            }
            let (name, inline) = match text.split_once('=') {
                Some((name, value)) if text.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                _ => (text.clone(), None),
            };
            if name == "--deny-build-scripts" {
                let value = inline.unwrap_or_default();
                let deny = DenyBuildScripts::parse(&value).filter(|deny| *deny != DenyBuildScripts::No);
                result.deny = result.deny.max(deny.ok_or_else(|| {
                    BadArguments(format!("--deny-build-scripts={value}: expected `dependencies` or `all`"))
                })?);
                continue;
            }
            let mut value = inline;
            let mut separate = None;
            if value.is_none() && WITH_VALUE.contains(&name.as_str()) {
                let next = rest.next().ok_or_else(|| BadArguments(format!("{name} needs a value")))?;
                value = Some(next.to_string_lossy().into_owned());
                separate = Some(next.clone());
            }
            match (name.as_str(), value) {
                ("--policy", Some(value)) => {
                    result.policy = Some(path_from(cwd, &value));
                    continue;
                }
                ("--trust", Some(value)) => {
                    result.trust.push(value);
                    continue;
                }
                ("--libraries", Some(value)) => {
                    result.libraries.push(value);
                    continue;
                }
                ("--library", Some(value)) => {
                    result.library.push(value);
                    continue;
                }
                ("--target", Some(value)) => result.targets.push(value),
                ("--manifest-path", Some(value)) => result.manifest_path = Some(path_from(cwd, &value)),
                ("--target-dir", Some(value)) => result.target_dir = Some(path_from(cwd, &value)),
                ("--locked" | "--frozen", _) => result.locked = true,
                _ => {}
            }
            result.arguments.push(argument.clone());
            result.arguments.extend(separate);
        }
        Ok(result)
    }

    /// Parses a command that need not be one of Cargo's, only for the options that select configuration and workspace.
    #[must_use]
    pub fn of_any(command: &str, arguments: &[OsString], cwd: &Path) -> Self {
        let mut result = Self { command: command.to_owned(), ..Self::default() };
        let mut rest = arguments.iter().take_while(|argument| *argument != "--");
        while let Some(argument) = rest.next() {
            let text = argument.to_string_lossy();
            let (name, inline) =
                text.split_once('=').map_or((&*text, None), |(name, value)| (name, Some(value)));
            if !["--config", "--manifest-path", "--target"].contains(&name) {
                continue;
            }
            let value = inline
                .map(str::to_owned)
                .or_else(|| rest.next().map(|next| next.to_string_lossy().into_owned()));
            let Some(value) = value else { continue };
            match name {
                "--manifest-path" => result.manifest_path = Some(path_from(cwd, &value)),
                "--target" => result.targets.push(value),
                _ => result.arguments.extend(["--config".into(), value.into()]),
            }
        }
        result
    }

    /// Returns whether a switch is given before `--`.
    #[must_use]
    pub fn has(&self, switch: &str) -> bool {
        self.arguments.iter().any(|argument| argument == switch)
    }

    /// Returns the arguments that every call of cargo for this workspace needs, including `cargo metadata`.
    #[must_use]
    pub fn everywhere(&self) -> Vec<OsString> {
        self.select(|name| EVERYWHERE.contains(&name) || EVERYWHERE_SWITCHES.contains(&name))
    }

    /// Returns only `--config`, for calls without a workspace.
    #[must_use]
    pub fn configuration(&self) -> Vec<OsString> {
        self.select(|name| name == "--config")
    }

    /// Returns the arguments for the call that only prints the unit graph: those of the build, except for those that
    /// change its output or open a browser.
    #[must_use]
    pub fn for_unit_graph(&self) -> Vec<OsString> {
        let mut arguments = self.select(|name| {
            !(matches!(
                name,
                "--message-format" | "--open" | "--timings" | "--no-run" | "--color" | "-v" | "-vv"
            ) || (name == "--no-deps" && self.command == "clippy"))
        });
        if matches!(self.command.as_str(), "test" | "bench") && self.has("--no-run") {
            arguments.push("--no-run".into());
        }
        arguments
    }

    /// Returns the value of an option before `--`.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<String> {
        let mut rest = self.arguments.iter().map(|argument| argument.to_string_lossy());
        while let Some(argument) = rest.next() {
            if argument == name {
                return rest.next().map(std::borrow::Cow::into_owned);
            }
            if let Some(value) = argument.strip_prefix(name).and_then(|tail| tail.strip_prefix('=')) {
                return Some(value.to_owned());
            }
        }
        None
    }

    /// Returns the positional arguments: names of packages for `install`.
    #[must_use]
    pub fn positionals(&self) -> Vec<String> {
        let mut rest = self.arguments.iter().map(|argument| argument.to_string_lossy().into_owned());
        let mut found = Vec::new();
        while let Some(argument) = rest.next() {
            if WITH_VALUE.contains(&argument.as_str()) {
                let _ = rest.next();
            } else if !argument.starts_with('-') {
                found.push(argument);
            }
        }
        found
    }

    /// Returns the arguments whose name `keep` accepts, with their values.
    #[must_use]
    pub fn select(&self, keep: impl Fn(&str) -> bool) -> Vec<OsString> {
        let mut selected = Vec::new();
        let mut rest = self.arguments.iter();
        while let Some(argument) = rest.next() {
            let text = argument.to_string_lossy();
            let name = match text.split_once('=') {
                Some((name, _)) if text.starts_with("--") => name,
                // The value may be attached, `-Zunstable-options`.
                _ if text.starts_with("-Z") => "-Z",
                _ => &text,
            };
            let value = (WITH_VALUE.contains(&&*text)).then(|| rest.next()).flatten();
            if keep(name) {
                selected.push(argument.clone());
                selected.extend(value.cloned());
            }
        }
        selected
    }
}

/// Returns the setting of `--deny-build-scripts` in the environment.
///
/// # Errors
/// The variable has an unknown value, which is not ignored.
pub fn deny_from(environment: &Environment) -> Result<DenyBuildScripts, String> {
    let Some(value) = environment.get(DENY_VARIABLE) else { return Ok(DenyBuildScripts::No) };
    let value = value.to_string_lossy();
    if value.is_empty() {
        return Ok(DenyBuildScripts::No);
    }
    DenyBuildScripts::parse(&value)
        .ok_or_else(|| format!("{DENY_VARIABLE}={value}: expected `dependencies` or `all`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Invocation, BadArguments> {
        let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        Invocation::parse("build", &arguments, Path::new("/w"))
    }

    #[test]
    fn takes_its_own_flags_and_leaves_cargos() {
        let parsed = parse(
            "--release --deny-build-scripts=all -p x --target t --policy p.toml --trust tree --libraries system-only \
             --library=zlib=source --library a=system -- --deny-build-scripts",
        )
        .unwrap();
        assert_eq!(parsed.trust, ["tree"]);
        assert_eq!(
            (parsed.libraries, parsed.library.concat().as_str()),
            (vec!["system-only".to_owned()], "zlib=sourcea=system")
        );
        assert_eq!(parsed.deny, DenyBuildScripts::All);
        assert_eq!(parsed.arguments, ["--release", "-p", "x", "--target", "t"]);
        assert_eq!(parsed.trailing, Some(vec!["--deny-build-scripts".into()]));
        assert_eq!(parsed.targets, ["t"]);
        assert_eq!(parsed.policy, Some(PathBuf::from("/w/p.toml")));
    }

    #[test]
    fn refuses_an_unknown_extent() {
        assert!(parse("--deny-build-scripts=some").is_err());
        assert!(parse("--deny-build-scripts=no").is_err());
    }

    #[test]
    fn a_value_is_not_taken_for_a_switch() {
        let parsed = parse("--features --locked --offline").unwrap();
        assert!(!parsed.locked);
        assert_eq!(parsed.everywhere(), ["--offline"]);
    }
}
