//! `cargo inert review --import`: copies the decisions of another team into this tree, with revision and digest.

use std::path::{Path, PathBuf};

use super::git_source::{self, GitSource};

use crate::cargo::package::path_from;
use crate::commands::init::failure;
use crate::driver::{Context, Failure};
use crate::file::{symlink_on, write_atomic};
use crate::policy::{FILE, edit, keys, layers};
use crate::report;
use crate::toml_text::quoted;
use crate::{cargo, digest};

/// The folder of the copies, beside inert.toml.
const FOLDER: &str = "inert-imports";

/// A policy file of another team.
struct Found {
    text: String,
    /// The path or address for messages.
    shown: PathBuf,
    /// A name for the copy.
    name: String,
    revision: Option<String>,
}

/// Copies a policy file, that of a git checkout or that of a repository, and adds or replaces its `[[import]]` entry.
///
/// # Errors
/// The file does not exist or is no policy, a kind is not known, the repository cannot be fetched, or the tree cannot be
/// written.
pub(super) fn import(context: &Context, root: &Path, from: &str, kinds: &str) -> Result<(), Failure> {
    let kinds: Vec<&str> = kinds.split(',').map(str::trim).filter(|kind| !kind.is_empty()).collect();
    if let Some(bad) = kinds.iter().find(|kind| !keys::KINDS.contains(kind)) {
        return Err(Failure::Arguments(format!("--kinds {bad}: expected some of {}", keys::KINDS.join(","))));
    }
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |error| Failure::Io(path, error)
    };
    let found = match GitSource::parse(from)? {
        Some(source) => {
            let git_source::Fetched { text, revision } = git_source::fetch(context, &source)?;
            Found { text, revision: Some(revision), name: plain(&source.name()), shown: from.into() }
        }
        None => {
            let path = path_from(&context.cwd, from);
            let file = if path.is_dir() { path.join(FILE) } else { path };
            let text = crate::file::read_text(&file).map_err(io(&file))?;
            let folder = file.parent().unwrap_or(root);
            let whole = folder.canonicalize().unwrap_or_else(|_| PathBuf::from(folder));
            let name = plain(&whole.file_name().unwrap_or_default().to_string_lossy());
            Found { text, revision: revision(context, folder), name, shown: file }
        }
    };
    let text = found.text;
    let layer = layers::parse(&text, &found.shown).map_err(Failure::Policy)?;
    let relative = format!("{FOLDER}/{}.toml", found.name);
    let copy = root.join(&relative);
    let policy = root.join(FILE);
    if let Some(link) = symlink_on(root, &relative) {
        return Err(Failure::Unexpected(format!(
            "{} is a symlink, by which a file outside of the workspace would be replaced; nothing was written: put a folder in its \
             place",
            link.display()
        )));
    }
    let mut renewed = None;
    if policy.is_file() {
        let own = layers::parse(&crate::file::read_text(&policy).map_err(io(&policy))?, &policy)
            .map_err(Failure::Policy)?;
        if let Some(old) = own.imports.iter().find(|old| old.file == copy) {
            let theirs = old.from.as_deref().unwrap_or_default();
            if source_of(theirs) != source_of(from) {
                return Err(Failure::Arguments(format!(
                    "--import {from}: {relative} is the copy of `{theirs}`, whose decisions would go\n  help: take its [[import]] \
                     entry out of {} first (line {}), or give this one's folder another name",
                    policy.display(),
                    old.line
                )));
            }
            renewed = Some(old.line);
        }
    }
    std::fs::create_dir_all(root.join(FOLDER)).map_err(io(&copy))?;
    write_atomic(&copy, text.as_bytes()).map_err(io(&copy))?;
    let listed: Vec<String> = kinds.iter().map(|kind| quoted(kind)).collect();
    let mut lines = vec![
        "[[import]]".to_owned(),
        format!("file = {}", quoted(&relative)),
        format!("digest = {}", quoted(&format!("sha256:{}", digest::text(&text)))),
        format!("kinds = [{}]", listed.join(", ")),
        format!("from = {}", quoted(from)),
    ];
    lines.extend(found.revision.map(|revision| format!("revision = {}", quoted(&revision))));
    let renewed: Vec<usize> = renewed.into_iter().collect();
    edit::replace(&policy, &renewed, &[lines.join("\n") + "\n"]).map_err(|error| failure(&policy, error))?;
    let counts = [
        ("allow", layer.allow.len()),
        ("deny", layer.deny_packages.len()),
        ("declare", layer.declare.len()),
        ("review", layer.review.len()),
        ("verified", layer.verified.len()),
        ("proc-macro", layer.macros.len()),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(kind, _)| kinds.contains(kind))
        .map(|(kind, count)| format!("{count} [[{kind}]]"))
        .collect();
    report::say("Imported", &format!("{}: {}", copy.display(), counts.join(", ")));
    Ok(())
}

/// Returns a file name that is made from the name of a folder or an address.
fn plain(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect();
    if plain.is_empty() { "import".to_owned() } else { plain }
}

/// Returns where a copy comes from, whatever the revision: the same source renews its copy.
fn source_of(from: &str) -> (&str, &str) {
    let (address, file) = from.split_once('#').unwrap_or((from, ""));
    (address.split_once('?').map_or(address, |(address, _)| address), file)
}

/// Returns the revision of a checkout; `None` for other folders. git is started so that the checkout cannot start
/// programs.
fn revision(context: &Context, folder: &Path) -> Option<String> {
    let git = context.environment.find_program("git")?;
    let mut command = cargo::command(git);
    git_source::OF_A_REPOSITORY.iter().for_each(|name| {
        command.env_remove(name);
    });
    let output = command
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
            "--no-optional-locks",
            "rev-parse",
            "HEAD",
        ])
        .current_dir(folder)
        .output()
        .ok()?;
    let revision = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let plain = revision.len() >= 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    (output.status.success() && plain).then_some(revision)
}
