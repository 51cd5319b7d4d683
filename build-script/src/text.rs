//! Replaces `${…}` in texts and paths.

use crate::Outcome;
use crate::condition;
use crate::script::{Script, join, joined, note, underscored};
use crate::toml::run;

impl<'d> Script<'d> {
    /// Returns a text with its variables replaced.
    pub(crate) fn text(&mut self, text: &str) -> Outcome<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out += &rest[..at];
            let after = &rest[at + 1..];
            if let Some(open) = after.strip_prefix('{') {
                let (name, behind) = open.split_once('}').ok_or("`${` is not closed")?;
                out += &self.variable(name)?;
                rest = behind;
            } else {
                out.push('$');
                rest = after.strip_prefix('$').unwrap_or(after);
            }
        }
        out += rest;
        Ok(out)
    }

    fn variable(&mut self, name: &str) -> Outcome<String> {
        let part = |text: &str, by: char, at: usize| text.split(by).nth(at).unwrap_or_default().to_owned();
        let version = self.cargo("CARGO_PKG_VERSION");
        Ok(match name {
            "target" => self.target.clone(),
            "host" => self.host.clone(),
            "profile" => self.cargo("PROFILE").to_owned(),
            "opt-level" => self.cargo("OPT_LEVEL").to_owned(),
            "out-dir" => self.out_dir.clone(),
            "manifest-dir" => self.package.clone(),
            "package.name" => self.cargo("CARGO_PKG_NAME").to_owned(),
            "package.version" => version.to_owned(),
            "package.version.major" => self.cargo("CARGO_PKG_VERSION_MAJOR").to_owned(),
            "package.version.minor" => self.cargo("CARGO_PKG_VERSION_MINOR").to_owned(),
            "package.version.patch" => self.cargo("CARGO_PKG_VERSION_PATCH").to_owned(),
            "package.version.pre" => self.cargo("CARGO_PKG_VERSION_PRE").to_owned(),
            "rustc.version" => self.rustc()?.release.clone(),
            "rustc.minor" => part(&self.rustc_version()?, '.', 1),
            "rustc.patch" => part(&self.rustc_version()?, '.', 2),
            "rustc.channel" => self.rustc()?.channel.to_owned(),
            "rustc.commit-date" => self.rustc_field("commit-date")?,
            "rustc.commit-date.year" => part(&self.rustc_field("commit-date")?, '-', 0),
            "rustc.commit-date.month" => plain(&part(&self.rustc_field("commit-date")?, '-', 1)),
            "rustc.commit-date.day" => plain(&part(&self.rustc_field("commit-date")?, '-', 2)),
            "rustc.commit-hash" => self.rustc_field("commit-hash")?,
            "features" => joined(&self.features(), ","),
            "features-list" => {
                // The order is that of the variables CARGO_FEATURE_….
                let mut shouted = Vec::new();
                for name in self.features() {
                    note(&mut shouted, &(underscored(&name.to_uppercase()) + "\n" + &name));
                }
                for name in &mut shouted {
                    *name = part(name, '\n', 1);
                }
                format!("{:?}", shouted)
            }
            _ => {
                let (family, rest) = name.split_once('.').unwrap_or_default();
                self.family(family, rest)?
                    .ok_or_else(|| format!("`${{{}}}` stands for nothing here", name))?
            }
        })
    }

    fn family(&mut self, family: &str, rest: &str) -> Outcome<Option<String>> {
        Ok(match family {
            "cfg" => Some(self.cfg(rest).unwrap_or_default().to_owned()),
            "cfg-list" => {
                let mut values = Vec::new();
                for value in self.cfg(rest).unwrap_or_default().split(',') {
                    if !value.is_empty() {
                        values.push(value.to_owned());
                    }
                }
                Some(format!("{:?}", values))
            }
            "env" => match self.env(rest) {
                Some(value) => Some(value.to_owned()),
                None => return Err(format!("the environment variable `{}` is not set", rest)),
            },
            "probe" => match rest.strip_suffix(".hex") {
                Some(name) => {
                    let number = condition::number(&self.probe(name)?.flatten().unwrap_or_default());
                    number.map(|number| format!("{:x}", number))
                }
                None => self.probe(rest)?.flatten(),
            },
            "dep" => {
                let (links, key) = rest.split_once('.').unwrap_or_default();
                self.metadata(links, key).map(str::to_owned)
            }
            _ => self.library_variable(rest)?,
        })
    }

    #[cfg(not(feature = "discovery"))]
    fn library_variable(&mut self, _: &str) -> Outcome<Option<String>> {
        Err(crate::script::lacking("discovery"))
    }

    /// Returns the folders or files that a path of the declaration denotes.
    pub(crate) fn paths(&mut self, path: &str) -> Outcome<Vec<String>> {
        let open = match path.strip_prefix("${") {
            None => return Ok(vec![self.inside(path)]),
            Some(open) => open,
        };
        let (base, below) = open.split_once('}').ok_or("`${` is not closed")?;
        let below = below.strip_prefix('/').unwrap_or(below);
        if base == "out-dir" {
            return Ok(vec![join(&self.out_dir, below)]);
        }
        let (family, rest) = base.split_once('.').unwrap_or_default();
        match family {
            "dep" => {
                let (links, key) = rest.rsplit_once('.').unwrap_or_default();
                let first = key.strip_suffix("[0]");
                let value = self.metadata(links, first.unwrap_or(key)).ok_or_else(|| {
                    format!("no dependency with `links = \"{}\"` says `{}` here", links, first.unwrap_or(key))
                })?;
                let mut paths = Vec::new();
                for folder in std::env::split_paths(value) {
                    if first.is_none() || paths.is_empty() {
                        paths.push(join(&folder.to_string_lossy(), below));
                    }
                }
                Ok(paths)
            }
            "library" => self.library_folders(rest),
            _ => Err(format!("where the build-dependency of `{}` lies is not known to a build script", path)),
        }
    }

    #[cfg(not(feature = "discovery"))]
    fn library_folders(&mut self, _: &str) -> Outcome<Vec<String>> {
        Err(crate::script::lacking("discovery"))
    }
}

/// Returns a number without leading zeros.
fn plain(number: &str) -> String {
    number[run(number, |c| c == '0')..].to_owned()
}
