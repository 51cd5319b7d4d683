//! A policy file in a git repository, named by its address: `git+https://example.org/audits.git?rev=<commit>#team/inert.toml`.

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::driver::{Context, Failure};
use crate::policy::FILE;
use crate::random::nonce;
use crate::{cargo, file};

/// The address of a policy file in a git repository.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GitSource {
    /// The repository, as git reads it.
    url: String,
    /// A commit, a tag (`refs/tags/…`) or a branch (`refs/heads/…`); the repository's `HEAD` if none is named.
    revision: String,
    /// The path of the file in the repository, with `/`.
    file: String,
}

/// A policy file of a repository.
pub(super) struct Fetched {
    pub(super) text: String,
    /// The full hash of the commit.
    pub(super) revision: String,
}

/// The protocols by which a repository is fetched. `http` and `git` let anyone on the way change what arrives, and `ext`
/// starts programs.
const PROTOCOLS: &[&str] = &["https://", "ssh://", "file://"];

impl GitSource {
    /// Parses an address; `None` if it is the path of a file or folder, as it is without the prefix `git+`.
    ///
    /// # Errors
    /// The protocol is none of [`PROTOCOLS`], or the revision or the path has a form that git could read as an option or
    /// as more than that.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, Failure> {
        let Some(address) = text.strip_prefix("git+") else {
            return match text.contains("://") {
                true => Err(Failure::Arguments(format!(
                    "--import {text}: write `git+{text}` for a git repository"
                ))),
                false => Ok(None),
            };
        };
        let (address, path) = address.split_once('#').unwrap_or((address, FILE));
        let (url, query) = address.split_once('?').unwrap_or((address, ""));
        let objection = |why: &str| Err(Failure::Arguments(format!("--import {text}: {why}")));
        if !PROTOCOLS.iter().any(|protocol| url.starts_with(protocol)) {
            return objection("expected git+https://, git+ssh:// or git+file://");
        }
        let authority =
            url.split_once("://").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default();
        if authority.split_once('@').is_some_and(|(user, _)| user.contains(':')) {
            // The address is kept in a file that is committed.
            return Err(Failure::Arguments(
                "--import: an address with a password is not taken; git's credential helpers have a place for it".to_owned(),
            ));
        }
        // A bare name would be that of a tag first, whatever was meant.
        let (below, revision) = match query.split_once('=') {
            None if query.is_empty() => ("", "HEAD"),
            Some(("rev", name)) => ("", name),
            Some(("tag", name)) => ("refs/tags/", name),
            Some(("branch", name)) => ("refs/heads/", name),
            _ => return objection("expected ?rev=, ?tag= or ?branch="),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-/+".contains(c);
        if revision.is_empty() || revision.starts_with(['-', '+']) || !revision.chars().all(plain) {
            return objection("the revision may consist of letters, digits and `. _ - / +`");
        }
        if path.is_empty() || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return objection("behind `#` the path of a file in the repository is expected");
        }
        let revision = format!("{below}{revision}");
        let [url, file] = [url, path].map(str::to_owned);
        Ok(Some(Self { url, revision, file }))
    }

    /// Returns the repository's address without protocol, user and `.git`, with the path of the file if it is not that
    /// of a repository's own policy: two addresses have two names.
    pub(super) fn name(&self) -> String {
        let address = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let address = address.split_once('@').map_or(address, |(_, rest)| rest).trim_matches('/');
        let address = address.strip_suffix(".git").unwrap_or(address);
        match self.file.as_str() {
            FILE => address.to_owned(),
            file => format!("{address}/{}", file.strip_suffix(".toml").unwrap_or(file)),
        }
    }
}

/// Removes the folder at the end.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Fetches one commit, without a work tree, and returns the file in it.
///
/// # Errors
/// git is missing or fails, or the file is not in the repository or not UTF-8.
pub(super) fn fetch(context: &Context, source: &GitSource) -> Result<Fetched, Failure> {
    let git = context.environment.find_program("git").ok_or_else(|| {
        Failure::Unexpected("`git` is not on PATH; an import from a repository is fetched by it".to_owned())
    })?;
    let random = nonce().map_err(|error| Failure::Io("random numbers".to_owned(), error))?;
    let cache = context.environment.cache_dir().unwrap_or_else(std::env::temp_dir);
    let scratch = Scratch(cache.join(format!("import-{}", &random[..16])));
    std::fs::create_dir_all(&scratch.0).map_err(|error| Failure::Io(file::shown(&scratch.0), error))?;
    let run = |words: &[&str]| start(&git, &scratch.0, words);
    let failed = |output: &Output| {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Failure::Unexpected(format!(
            "git could not fetch {}\n  {}",
            source.url,
            said.trim().replace('\n', "\n  ")
        ))
    };
    let fetch = ["fetch", "--quiet", "--depth=1", "--no-tags", "--", &source.url, &source.revision];
    for words in [&["init", "--quiet", "--bare", "--template="][..], &fetch] {
        let output = run(words)?;
        if !output.status.success() {
            return Err(failed(&output));
        }
    }
    let hash = run(&["rev-parse", "--verify", "FETCH_HEAD^{commit}"])?;
    let revision = String::from_utf8_lossy(&hash.stdout).trim().to_owned();
    if !hash.status.success() || revision.len() < 40 || !revision.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Err(failed(&hash));
    }
    let shown = run(&["cat-file", "blob", &format!("{revision}:{}", source.file)])?;
    if !shown.status.success() {
        return Err(Failure::Unexpected(format!(
            "{} has no file `{}` in {revision}\n  help: name it behind `#`, as in `git+…#policies/inert.toml`",
            source.url, source.file
        )));
    }
    let text = String::from_utf8(shown.stdout)
        .map_err(|_| Failure::Unexpected(format!("`{}` of {} is not UTF-8 text", source.file, source.url)))?;
    Ok(Fetched { text, revision })
}

/// The variables by which git knows another repository, as `git rev-parse --local-env-vars` lists them without those of
/// configuration: a hook's environment has them.
pub(super) const OF_A_REPOSITORY: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_QUARANTINE_PATH",
];

/// Runs git in a repository of our own. The user's configuration counts (for credentials and proxies); nothing that the
/// fetched repository holds can start a program, since it is never checked out.
fn start(git: &Path, folder: &Path, words: &[&str]) -> Result<Output, Failure> {
    let mut command = cargo::command(git);
    OF_A_REPOSITORY.iter().for_each(|name| {
        command.env_remove(name);
    });
    command
        .args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "protocol.ext.allow=never",
        ])
        .args(words)
        .current_dir(folder)
        .env("GIT_DIR", folder)
        .env("GIT_ALLOW_PROTOCOL", "https:ssh:file")
        .output()
        .map_err(|error| Failure::Io(git.display().to_string(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Option<GitSource>, ()> {
        GitSource::parse(text).map_err(|_| ())
    }

    #[test]
    fn an_address_has_a_protocol_a_revision_and_a_path() {
        let source = |url: &str, revision: &str, file: &str| {
            let [url, revision, file] = [url, revision, file].map(str::to_owned);
            Ok(Some(GitSource { url, revision, file }))
        };
        assert_eq!(parse("git+https://x.org/a.git"), source("https://x.org/a.git", "HEAD", "inert.toml"));
        assert_eq!(
            parse("git+ssh://git@x.org/a?tag=v1#t/inert.toml"),
            source("ssh://git@x.org/a", "refs/tags/v1", "t/inert.toml")
        );
        for path in ["../other", "/a/inert.toml", "inert.toml", "C:\\a"] {
            assert_eq!(parse(path), Ok(None), "{path}");
        }
        for bad in [
            "https://x.org/a",
            "git+http://x.org/a",
            "git+ext::sh -c true",
            "git+-oProxyCommand=x",
            "git+https://x.org/a?rev=--upload-pack=x",
            "git+https://user:token@x.org/a",
            "git+https://x.org/a?rev=",
            "git+https://x.org/a?rev=a:b",
            "git+https://x.org/a?depth=1",
            "git+https://x.org/a#",
            "git+https://x.org/a#/etc/passwd",
            "git+https://x.org/a#a/../b",
        ] {
            assert_eq!(parse(bad), Err(()), "{bad}");
        }
    }

    #[test]
    fn two_addresses_have_two_names() {
        for (address, name) in [
            ("git+https://x.org/team/audits.git", "x.org/team/audits"),
            ("git+ssh://git@x.org/team/audits/", "x.org/team/audits"),
            ("git+https://y.org/team/audits.git?rev=v1", "y.org/team/audits"),
            ("git+https://x.org/team/audits#rust/inert.toml", "x.org/team/audits/rust/inert"),
        ] {
            assert_eq!(parse(address).ok().flatten().expect("an address").name(), name);
        }
    }
}
