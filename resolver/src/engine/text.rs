//! Replaces `${…}` variables: [`Engine::text`]. Their meanings are in `inert_manifest_spec::VARIABLES`.

use std::path::PathBuf;

use inert_manifest_spec::condition::Channel;
use inert_manifest_spec::{Text, TextPart};

use super::{Engine, Result, declared};
use crate::facts;

impl Engine<'_> {
    /// Returns a text with its variables replaced.
    pub(crate) fn text(&mut self, place: &str, text: &Text) -> Result<String> {
        let mut out = String::new();
        for part in &text.parts {
            match part {
                TextPart::Literal(literal) => out.push_str(literal),
                TextPart::Variable(name) => out.push_str(&self.variable(place, name)?),
            }
        }
        Ok(out)
    }

    fn variable(&mut self, place: &str, name: &str) -> Result<String> {
        let request = self.request;
        let rustc = &request.rustc;
        Ok(match name {
            "target" => request.target.triple.clone(),
            "host" => request.host.clone(),
            "profile" => request.profile.clone(),
            "opt-level" => request.opt_level.clone(),
            "out-dir" => utf8(place, name, request.out_dir.clone())?,
            "manifest-dir" => utf8(place, name, request.package.manifest_dir.clone())?,
            "package.name" => request.package.name.clone(),
            "package.version" => request.package.version.clone(),
            "package.version.major" => version_part(&request.package.version, 0),
            "package.version.minor" => version_part(&request.package.version, 1),
            "package.version.patch" => version_part(&request.package.version, 2),
            "package.version.pre" => pre_release(&request.package.version),
            "rustc.version" => rustc.version_text.clone(),
            "rustc.minor" => rustc.version.minor.to_string(),
            "rustc.patch" => rustc.version.patch.to_string(),
            "rustc.channel" => channel(rustc.channel).to_owned(),
            "rustc.commit-date" => rustc.commit_date.clone().unwrap_or_default(),
            "rustc.commit-date.year" => date_part(rustc.commit_date.as_deref(), 0),
            "rustc.commit-date.month" => date_part(rustc.commit_date.as_deref(), 1),
            "rustc.commit-date.day" => date_part(rustc.commit_date.as_deref(), 2),
            "rustc.commit-hash" => rustc.commit_hash.clone().unwrap_or_default(),
            "features" => request.features.iter().map(String::as_str).collect::<Vec<_>>().join(","),
            "features-list" => {
                let mut features: Vec<&str> = request.features.iter().map(String::as_str).collect();
                features.sort_by_key(|feature| feature.to_uppercase().replace('-', "_"));
                format!("{features:?}")
            }
            _ => return self.family(place, name),
        })
    }

    fn family(&mut self, place: &str, name: &str) -> Result<String> {
        let unknown = || declared(place, format!("there is no variable `${{{name}}}`"));
        let (family, rest) = name.split_once('.').ok_or_else(unknown)?;
        match family {
            "cfg" => Ok(facts::values(self.request, rest).join(",")),
            "cfg-list" => Ok(format!("{:?}", facts::values(self.request, rest))),
            "env" => {
                let value = self.world.env(rest).ok_or_else(|| {
                    declared(place, format!("the environment variable `{rest}` is not set; set it, or guard this with `when = 'env = \"{rest}\"'`"))
                })?;
                value.into_string().map_err(|_| declared(place, format!("`{rest}` is not Unicode text")))
            }
            "probe" => {
                if let Some(name) = rest.strip_suffix(".hex") {
                    let value = self.probe(name)?.value.and_then(|value| facts::number(&value));
                    let value = value
                        .ok_or_else(|| declared(place, format!("the probe `{name}` has no number here")))?;
                    return Ok(format!("{value:x}"));
                }
                let value = self.probe(rest)?.value;
                value.ok_or_else(|| declared(place, format!("the probe `{rest}` has no value here")))
            }
            "dep" => {
                let (links, key) = rest.split_once('.').ok_or_else(unknown)?;
                let value = self.request.dep.get(links, key);
                value.map(str::to_owned).ok_or_else(|| {
                    declared(place, format!("no dependency with `links = \"{links}\"` says `{key}` here"))
                })
            }
            "library" => self.library_variable(place, rest)?.ok_or_else(unknown),
            _ => Err(unknown()),
        }
    }

    fn library_variable(&mut self, place: &str, name: &str) -> Result<Option<String>> {
        let Some((library, what)) = name.split_once('.') else { return Ok(None) };
        if let Some(variable) = what.strip_prefix("variable.") {
            let value = match self.library(library)? {
                crate::outcomes::LibraryOutcome::System(found) => found.variables.get(variable).cloned(),
                _ => None,
            };
            let missing =
                || declared(place, format!("the library `{library}` has no variable `{variable}` here"));
            return value.ok_or_else(missing).map(Some);
        }
        Ok(match what {
            "version" => {
                let version = self.library(library)?.version();
                Some(version.ok_or_else(|| {
                    declared(place, format!("the version of the library `{library}` is not known here"))
                })?)
            }
            "include" => Some(joined(place, name, self.library_include(library)?)?),
            "lib" => Some(joined(place, name, self.library_lib(library)?)?),
            _ => None,
        })
    }
}

fn joined(place: &str, name: &str, folders: Vec<PathBuf>) -> Result<String> {
    let joined = std::env::join_paths(folders).map_err(|error| declared(place, error.to_string()))?;
    utf8(place, name, joined.into())
}

fn utf8(place: &str, name: &str, path: PathBuf) -> Result<String> {
    let not_unicode =
        |path| declared(place, format!("`${{{name}}}` is a path that is not Unicode text: {path:?}"));
    path.into_os_string().into_string().map_err(not_unicode)
}

/// Returns a part of a date, such as `2026-04-14`, as a number without leading zeros; empty if there is no date.
fn date_part(date: Option<&str>, at: usize) -> String {
    let part = date.and_then(|date| date.split('-').nth(at)).and_then(|part| part.parse::<u32>().ok());
    part.map_or_else(String::new, |part| part.to_string())
}

fn version_part(version: &str, at: usize) -> String {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.').nth(at).unwrap_or_default().to_owned()
}

fn pre_release(version: &str) -> String {
    let without_build = version.split('+').next().unwrap_or_default();
    without_build.split_once('-').map_or_else(String::new, |(_, pre)| pre.to_owned())
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Stable => "stable",
        Channel::Beta => "beta",
        Channel::Nightly => "nightly",
        Channel::Dev => "dev",
    }
}
