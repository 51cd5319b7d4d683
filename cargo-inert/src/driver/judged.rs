//! Judges Cargo's configuration before any cargo is started, by reading its files, which starts nothing.
//!
//! [`judge`] finds the settings that the tree's files may not have; [`Judged::enforce`] refuses those that no policy
//! accepts. A command whose policy is not known yet calls [`settle`], which finds it by a cargo that is started outside
//! of the tree.

use std::path::{Path, PathBuf};

use super::context::{Context, Failure};
use crate::cargo;
use crate::cargo::configuration::Configuration;
use crate::cargo::configuration::alias::Said;
use crate::cargo::configuration::files::{self, Files, Origin};
use crate::cargo::configuration::objections::{self, Command, Judge, Objection};
use crate::cargo::configuration::places::{Places, real};
use crate::cargo::invocation::Invocation;
use crate::cargo::package::path_from;
use crate::file::shown;
use crate::policy::outputs::{Folders, folder};
use crate::policy::{Date, Outputs, Policy, TreeConfiguration, Trust};

/// The configuration files of one command, with the result of the check.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// The files that Cargo would read.
    pub files: Files,
    /// The boundaries of the tree.
    pub places: Places,
    /// The settings that are refused unless the policy accepts them.
    pub objections: Vec<Objection>,
    command: Command,
}

/// The commands that start no built executables.
const START_NOTHING: &[&str] = &[
    "build", "check", "clippy", "doc", "rustc", "rustdoc", "install", "exec", "metadata", "fetch", "tree",
    "lock",
];

/// Reads and judges all files that this command's cargo would read.
///
/// # Errors
/// A file cannot be read, or is not understood.
pub fn judge(context: &Context, invocation: &Invocation) -> Result<Judged, Failure> {
    let places = Places::of(&context.cwd, invocation.manifest_path.as_deref(), &context.environment);
    let files = files::read(&context.cwd, &invocation.arguments, &places).map_err(|why| {
        Failure::Refused(format!("Cargo's configuration cannot be read; nothing was started\n\n  {why}"))
    })?;
    let entries = files.everything().flat_map(|file| &file.entries);
    let configured =
        entries.filter(|entry| entry.key == ["build", "target"]).filter_map(|entry| entry.value.words());
    let variable = context.environment.text("CARGO_BUILD_TARGET").map(str::to_owned);
    let command = Command {
        starts_what_was_built: !START_NOTHING.contains(&invocation.command.as_str()),
        targets: invocation.targets.iter().cloned().chain(variable).chain(configured.flatten()).collect(),
    };
    let mut judged = Judged { files, places, objections: Vec::new(), command };
    judged.objections = judged.of(context, &judged.files.all);
    Ok(judged)
}

impl Judged {
    fn of<'f>(&self, context: &Context, files: impl IntoIterator<Item = &'f files::File>) -> Vec<Objection> {
        let tree = self.places.tree.first().cloned().unwrap_or_else(|| context.cwd.clone());
        // Without `--target`, a folder in a `links` override is for the host.
        let system = if cfg!(target_os = "linux") { "linux-gnu" } else { std::env::consts::OS };
        let host = format!("{}-unknown-{system}", std::env::consts::ARCH);
        let targets = || self.command.targets.iter().chain([&host]);
        let roots: Vec<PathBuf> =
            targets().flat_map(|target| folder::of_system(target, target, &context.environment)).collect();
        let target = targets().next().map(String::as_str).unwrap_or_default();
        let folders = Folders {
            out_dir: &tree,
            package: &tree,
            name: "",
            roots: &roots,
            target,
            environment: &context.environment,
            places: &self.places,
        };
        let directives =
            |line: &str| Outputs::default().objections(line.as_bytes(), &folders).into_iter().next();
        let judge = Judge {
            places: &self.places,
            environment: &context.environment,
            command: &self.command,
            directives: &directives,
        };
        judge.objections(files)
    }

    /// Judges again with the data of the workspace and the graph: flags in the manifest's profiles, and targets that
    /// neither the command line nor configuration names.
    ///
    /// # Errors
    /// As [`judge`]'s.
    pub fn again(&self, context: &Context, root: &Path, targets: &[String]) -> Result<Self, Failure> {
        let mut again = self.clone();
        again.places.add(root);
        again.command.targets.extend(targets.iter().cloned());
        let manifest = files::profiles_of(&root.join("Cargo.toml"))
            .map_err(|why| Failure::Refused(format!("the workspace's manifest cannot be read: {why}")))?;
        let objections = again.of(context, again.files.all.iter().chain(&manifest));
        again.objections = objections;
        Ok(again)
    }

    /// Refuses target specifications that neither the command line, CARGO_BUILD_TARGET nor configuration names: a
    /// manifest can name one by `forced-target`, `default-target`, or the `target` of an artifact dependency, and the
    /// specification names a linker with its arguments.
    ///
    /// # Errors
    /// The platform of a unit is such a file.
    pub fn refuse_specifications_of_manifests(
        &self,
        cwd: &Path,
        platforms: &[String],
    ) -> Result<(), Failure> {
        let bases: Vec<PathBuf> =
            self.files.everything().map(files::File::base).chain([cwd.to_path_buf()]).collect();
        let asked: Vec<PathBuf> = self
            .command
            .targets
            .iter()
            .flat_map(|target| bases.iter().map(move |base| real(&path_from(base, target))))
            .collect();
        let is_file = |platform: &&String| self.places.is_specification(platform);
        let is_asked = |platform: &&String| {
            self.command.targets.contains(*platform) || asked.contains(&real(Path::new(platform)))
        };
        let unasked = platforms.iter().filter(is_file).find(|platform| !is_asked(platform));
        match unasked {
            Some(platform) => Err(Failure::Refused(format!(
                "a manifest has {} say what is built for (`forced-target`, `default-target`, or the `target` of a \
                 dependency); such a file names a linker and its arguments; nothing was compiled\n  help: where it is what \
                 you mean, ask for it yourself: --target {}",
                shown(Path::new(platform)),
                shown(Path::new(platform))
            ))),
            None => Ok(()),
        }
    }

    /// Returns the objections as a text, by which changes of them are noticed.
    #[must_use]
    pub fn text(&self) -> String {
        objections::render(&self.objections)
    }

    /// Returns the switches of `[unstable]` that are on, in any file or on the command line: a stable Cargo ignores
    /// them.
    ///
    /// # Errors
    /// A setting is no simple switch, so that it cannot be turned off for the one call that would obey it.
    pub fn unstable(&self) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let entries =
            self.files.everything().flat_map(|file| file.entries.iter().map(move |entry| (file, entry)));
        for (file, entry) in entries.filter(|(_, entry)| entry.key[0] == "unstable") {
            match (&entry.key[1..], &entry.value) {
                (names, files::Said::Plain(value))
                    if value == "true" && names.iter().all(|name| is_bare(name)) =>
                {
                    found.push(names.join("."));
                }
                (_, files::Said::Plain(value)) if value == "false" => {}
                _ => {
                    return Err(format!(
                        "{} in {}:{} is heeded by a nightly Cargo alone, and this one is stable; nothing was compiled\n  \
                         help: choose a nightly toolchain, set RUSTC_BOOTSTRAP=1 yourself, or take the key out",
                        objections::dotted(&entry.key),
                        shown(&file.path),
                        entry.line
                    ));
                }
            }
        }
        Ok(found)
    }

    /// Returns the paths of all files, including absent ones that Cargo would read.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files
            .all
            .iter()
            .map(|file| file.path.as_path())
            .chain(self.files.absent.iter().map(PathBuf::as_path))
    }

    /// Refuses the settings that the policy does not accept.
    ///
    /// # Errors
    /// A setting is not accepted.
    pub fn enforce(&self, policy: &Policy, root: &Path) -> Result<(), Failure> {
        if policy.configuration == TreeConfiguration::Allow {
            return Ok(());
        }
        let left: Vec<Objection> =
            self.objections.iter().filter(|one| !is_accepted(one, policy)).cloned().collect();
        if left.is_empty() {
            return Ok(());
        }
        let mut stanzas: Vec<String> = left.iter().map(|one| stanza(one, root)).collect();
        stanzas.dedup();
        let stale: Vec<String> = policy
            .accepted
            .iter()
            .filter(|entry| left.iter().any(|one| real(&one.file) == real(&entry.path)))
            .map(|entry| {
                let why =
                    if is_over(entry.expires.as_ref()) { "has expired" } else { "is for another content" };
                format!(
                    "  note: the entry for {} in line {} of the policy {why}\n",
                    shown(&entry.path),
                    entry.line
                )
            })
            .collect();
        // The settings that the tree's own policy accepts and the user does not.
        let claims = policy.unaccepted.iter().filter(|claim| claim.text.contains("configuration"));
        let claims: Vec<String> = claims
            .map(|claim| {
                format!(
                    "  note: {} says `{}`, which came with the tree\n",
                    shown(&claim.file),
                    crate::file::one_line(&claim.text)
                )
            })
            .collect();
        if !claims.is_empty() {
            return Err(Failure::Refused(format!(
                "Cargo's configuration in the tree that is built is refused; nothing was compiled\n\n{}\n\n{}\n{}",
                objections::render(&left),
                claims.concat(),
                crate::policy::trust::accepting(&policy.claims)
            )));
        }
        let place = match &policy.entries_of {
            Some(minimum) => format!("{} (the minimum policy, whose entries alone count)", shown(minimum)),
            None => policy.path.as_deref().map_or_else(|| shown(&root.join(crate::policy::FILE)), shown),
        };
        let message = format!(
            "Cargo's configuration in the tree that is built is refused; nothing was compiled\n\n{}\n\n{}  \
             help: configure it outside of the tree (in ~/.cargo/config.toml); or, where the file is what you mean, add \
             this\n        to {place}:\n\n{}",
            objections::render(&left),
            stale.concat(),
            stanzas.join("\n")
        );
        Err(Failure::Configuration(message, left))
    }
}

/// Returns whether a key needs no quotes in TOML.
fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

fn is_over(expires: Option<&Date>) -> bool {
    expires.is_some_and(|date| *date < Date::today())
}

fn is_accepted(objection: &Objection, policy: &Policy) -> bool {
    policy.accepted.iter().any(|entry| {
        real(&entry.path) == real(&objection.file)
            && entry.digest == objection.digest
            && !is_over(entry.expires.as_ref())
    })
}

fn stanza(objection: &Objection, root: &Path) -> String {
    entry(objection, root, "…")
}

/// Returns the `[[configuration]]` entry that accepts the file of an objection in its present state.
#[must_use]
pub fn entry(objection: &Objection, root: &Path, reason: &str) -> String {
    let quoted = crate::toml_text::quoted;
    format!(
        "[[configuration]]\npath = {}\ndigest = {}\nreason = {}\n",
        quoted(&objections::path_from_root(&objection.file, root)),
        quoted(&objection.digest),
        quoted(reason)
    )
}

/// Judges the configuration, and refuses settings that the policy of the current workspace does not accept. It has to
/// be called before a cargo is started.
///
/// # Errors
/// A setting is refused, or a file cannot be read.
pub fn settle(context: &Context, invocation: &Invocation) -> Result<Judged, Failure> {
    if let Some(path) = invocation.manifest_path.as_ref().filter(|path| is_script(path)) {
        return Err(single_file(path));
    }
    let judged = judge(context, invocation)?;
    if !judged.objections.is_empty() {
        enforce(context, invocation, &judged)?;
    }
    Ok(judged)
}

/// Returns whether Cargo would take a path for a package in a single file (`-Zscript`), whose manifest is in a comment: one
/// with the ending of Rust, or a file without an ending.
#[must_use]
pub fn is_script(path: &Path) -> bool {
    match path.extension() {
        Some(kind) => kind == "rs",
        None => path.exists() && !path.is_dir(),
    }
}

/// Returns the refusal of a package in a single file: what its manifest says is not judged as that of a Cargo.toml is.
#[must_use]
pub fn single_file(path: &Path) -> Failure {
    Failure::Refused(format!(
        "{} is a package in a single file (`-Zscript`), which Inert does not read; nothing was compiled\n  \
         help: make it a package with a Cargo.toml: `cargo new --bin NAME`, with what its frontmatter says",
        shown(path)
    ))
}

/// Returns the policy of a command.
///
/// # Errors
/// A file that applies is invalid.
pub(super) fn policy(
    context: &Context,
    invocation: &Invocation,
    root: Option<&Path>,
) -> Result<Policy, Failure> {
    let user = context.environment.config_dir();
    let trust = trust(context, invocation)?;
    Policy::find(&minima(context, invocation)?, root, user.as_deref(), &trust).map_err(Failure::Policy)
}

/// Refuses the objections that the policy of the current workspace does not accept.
fn enforce(context: &Context, invocation: &Invocation, judged: &Judged) -> Result<(), Failure> {
    let root = root_of_workspace(context, invocation);
    let policy = policy(context, invocation, root.as_deref())?;
    judged.enforce(&policy, root.as_deref().unwrap_or(&context.cwd))
}

/// Refuses what an alias of the tree gives Cargo and the policy does not accept; `file` has the alias.
///
/// # Errors
/// An option or a setting is refused.
pub(super) fn settle_alias(
    context: &Context,
    invocation: &Invocation,
    judged: &Judged,
    name: &str,
    file: &Path,
    said: &Said,
) -> Result<(), Failure> {
    let Some(of_tree) = judged.files.all.iter().find(|one| real(&one.path) == real(file)) else {
        return Err(Failure::Unexpected(format!(
            "Cargo has an alias from {}, which was not read",
            shown(file)
        )));
    };
    let of_alias = |entry: &&files::Entry| entry.key.iter().map(String::as_str).eq(["alias", name]);
    let line = of_tree.entries.iter().find(of_alias).map_or(1, |entry| entry.line);
    let objection = |why: String| Objection {
        key: objections::dotted(&["alias".to_owned(), name.to_owned()]),
        file: of_tree.path.clone(),
        line,
        digest: of_tree.digest.clone(),
        why: crate::file::one_line(&why),
    };
    let mut found: Vec<Objection> = said.refused.iter().cloned().map(objection).collect();
    for setting in &said.settings {
        // Cargo takes the name of a file that exists for that file.
        if setting.is_empty() || context.cwd.join(setting).exists() {
            found.push(objection(format!(
                "gives Cargo `--config {setting}`, the name of a file; write what it says here"
            )));
            continue;
        }
        match files::file_of(&of_tree.path, setting, Origin::Tree) {
            Ok(mut file) => {
                file.digest.clone_from(&of_tree.digest);
                file.entries.iter_mut().for_each(|entry| entry.line = line);
                let includes = file.entries.iter().any(|entry| entry.key[0] == "include");
                found.extend(
                    includes.then(|| objection("gives Cargo a setting that includes a file".to_owned())),
                );
                found.extend(judged.of(context, [&file]));
            }
            Err(error) => found.push(objection(format!("gives Cargo `--config {setting}`: {error}"))),
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    enforce(context, invocation, &Judged { objections: found, ..judged.clone() })
}

/// Returns the root of the workspace as Cargo finds it, from a folder that no configuration file of the tree applies
/// to. `None` if there is none: then no policy of a tree accepts anything.
#[must_use]
pub fn root_of_workspace(context: &Context, invocation: &Invocation) -> Option<PathBuf> {
    let cwd = real(&context.cwd);
    let nearest = || cwd.ancestors().map(|folder| folder.join("Cargo.toml")).find(|path| path.is_file());
    let manifest = invocation.manifest_path.clone().or_else(nearest)?;
    workspace_manifest(context, &manifest)?.parent().map(Path::to_path_buf)
}

/// Returns the manifest of the workspace that Cargo finds for a package's, from a folder that no configuration file of the
/// tree applies to. `None` if there is none, or Cargo rejects it.
pub(super) fn workspace_manifest(context: &Context, manifest: &Path) -> Option<PathBuf> {
    let cwd = real(&context.cwd);
    let outside = cwd.ancestors().last()?;
    let mut command = cargo::command(&context.cargo);
    command
        .args(["locate-project", "--workspace", "--message-format=plain", "--manifest-path"])
        .arg(manifest);
    let answer = cargo::ask(&mut command, outside).ok()?.ok()?;
    Some(PathBuf::from(String::from_utf8(answer).ok()?.trim_end_matches(['\r', '\n'])))
}

/// Checks that Cargo has read no configuration file that was not judged.
///
/// # Errors
/// Cargo has read another file, in a way that this Inert does not know.
pub fn is_what_was_judged(judged: &Judged, configuration: &Configuration) -> Result<(), Failure> {
    let known = |file: &Path| {
        let file = real(file);
        judged.files.all.iter().any(|judged| real(&judged.path) == file)
    };
    let unknown =
        configuration.settings.iter().filter_map(|setting| setting.file.as_deref()).find(|file| !known(file));
    match unknown {
        Some(file) => Err(Failure::Refused(format!(
            "Cargo reads its configuration from {}, where this Inert did not look; nothing was compiled\n  \
             help: use the Inert that knows this Cargo",
            shown(file)
        ))),
        None => Ok(()),
    }
}

/// Returns the caller's trust in the built tree.
///
/// # Errors
/// The value of the flag or the variable is unknown.
pub fn trust(context: &Context, invocation: &Invocation) -> Result<Trust, Failure> {
    Trust::of(&context.environment, &invocation.trust).map_err(Failure::Arguments)
}

/// Returns the policies from outside of the tree: the caller's variable and the command line.
///
/// # Errors
/// The variable is set and empty, as one of CI's that nobody has filled in: no minimum would count.
pub(super) fn minima(context: &Context, invocation: &Invocation) -> Result<Vec<PathBuf>, Failure> {
    let named = crate::policy::named_minimum(&context.environment).map_err(Failure::Arguments)?;
    let variable = named.map(|path| path_from(&context.cwd, path));
    Ok(variable.into_iter().chain(invocation.policy.clone()).collect())
}
