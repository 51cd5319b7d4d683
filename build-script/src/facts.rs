//! The facts of the build that conditions may contain.

use std::ffi::OsStr;
use std::path::Path;

use crate::Outcome;
use crate::condition;
use crate::script::{Script, note, underscored, variable};
use crate::toml::Value;

/// The facts that `rustc -vV` prints.
pub(crate) struct Rustc {
    pub(crate) release: String,
    pub(crate) channel: &'static str,
    fields: Vec<(String, String)>,
}

impl<'d> Script<'d> {
    pub(crate) fn rustc(&mut self) -> Outcome<&Rustc> {
        if self.rustc.is_none() {
            let output = self.run(OsStr::new(self.cargo("RUSTC")), &["-vV".to_owned()], &[])?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let mut fields = Vec::new();
            let mut release = String::new();
            for line in text.lines() {
                if let Some((name, value)) = line.split_once(": ") {
                    if name == "release" {
                        release = value.to_owned();
                    }
                    if value != "unknown" {
                        fields.push((name.to_owned(), value.to_owned()));
                    }
                }
            }
            let channel = match release.split_once('-') {
                None => "stable",
                Some((_, "dev")) => "dev",
                Some((_, suffix)) if suffix.starts_with("beta") => "beta",
                Some(_) => "nightly",
            };
            if release.is_empty() {
                return Err("`rustc -vV` printed no `release:` line".to_owned());
            }
            self.rustc = Some(Rustc { release, channel, fields });
        }
        self.rustc.as_ref().ok_or_else(String::new)
    }

    pub(crate) fn rustc_field(&mut self, name: &str) -> Outcome<String> {
        for (key, value) in &self.rustc()?.fields {
            if key == name {
                return Ok(value.clone());
            }
        }
        Ok(String::new())
    }

    /// Returns rustc's version without its channel's suffix, `1.81.0`.
    pub(crate) fn rustc_version(&mut self) -> Outcome<String> {
        let release = &self.rustc()?.release;
        Ok(release.split('-').next().unwrap_or_default().to_owned())
    }

    /// Returns the values of a cfg key of the target; `None` if it is not set.
    pub(crate) fn cfg(&self, key: &str) -> Option<&'d str> {
        let name = format!("CARGO_CFG_{}", underscored(&key.to_uppercase()));
        variable(self.environment, &name)
    }

    pub(crate) fn has_feature(&self, name: &str) -> bool {
        // Cargo sets the spelled names since 1.85, and only upper-case names before.
        match variable(self.environment, "CARGO_CFG_FEATURE") {
            Some(spelled) => condition::has(spelled, ',', name),
            None => {
                let shouted = format!("CARGO_FEATURE_{}", underscored(&name.to_uppercase()));
                variable(self.environment, &shouted).is_some()
            }
        }
    }

    /// Returns the enabled features, sorted.
    pub(crate) fn features(&self) -> Vec<String> {
        let mut names = Vec::new();
        for table in &["features", "dependencies", "build-dependencies"] {
            if let Some(table) = self.manifest.get(table).and_then(Value::table) {
                for (name, _) in &table.0 {
                    if self.has_feature(name) {
                        note(&mut names, name);
                    }
                }
            }
        }
        // An optional dependency for some targets only is a feature too.
        for name in self.cargo("CARGO_CFG_FEATURE").split(',') {
            if !name.is_empty() {
                note(&mut names, name);
            }
        }
        names
    }

    /// Returns a dependency's metadata.
    pub(crate) fn metadata(&self, links: &str, key: &str) -> Option<&'d str> {
        let name = underscored(&format!("DEP_{}_{}", links, key).to_uppercase());
        variable(self.environment, &name)
    }

    pub(crate) fn fact(&mut self, name: &str, wanted: Option<&str>) -> Outcome<bool> {
        let value = wanted.unwrap_or_default();
        Ok(match name {
            "cross" => self.host != self.target,
            "debug" if wanted.is_none() => !matches!(self.cargo("DEBUG"), "false" | "0" | "none"),
            "feature" => self.has_feature(value),
            "rustc" => self.compare_version("rustc", value)?,
            "llvm" => self.compare_version("llvm", value)?,
            "rustc_commit_date" => {
                let date = self.rustc_field("commit-date")?;
                let (operator, wanted) = condition::operator(value.trim());
                !date.is_empty() && condition::holds(date.as_str().cmp(wanted), operator)
            }
            "channel" => self.rustc()?.channel == value,
            "target" => glob(value, &self.target),
            "host" => glob(value, &self.host),
            "profile" => self.cargo("PROFILE") == value,
            "opt_level" => self.cargo("OPT_LEVEL") == value,
            "env" => match value.split_once('=') {
                Some((name, value)) => self.env(name) == Some(value),
                None => self.env(value).is_some(),
            },
            "path_exists" => {
                let path = self.inside(value);
                self.uses(&path);
                Path::new(&path).exists()
            }
            "program" => self.find_program(value),
            // The separator of the flags never occurs in the value.
            "rustc_flag" => self.cargo("CARGO_ENCODED_RUSTFLAGS").contains(value),
            "custom_cfg" => match value.split_once('=') {
                Some((name, value)) => {
                    self.cfg(name).map_or(false, |values| condition::has(values, ',', value))
                }
                None => self.cfg(value).is_some(),
            },
            "probe" => {
                let (name, test) = condition::test(value);
                let answer = self.probe(name)?;
                match (test, answer) {
                    (None, answer) => answer.is_some(),
                    (Some((operator, wanted)), Some(Some(actual))) => {
                        condition::compare(&actual, operator, wanted)
                    }
                    _ => false,
                }
            }
            "dep" => {
                let (path, test) = condition::test(value);
                let (links, key) = path.rsplit_once('.').unwrap_or_default();
                match (self.metadata(links, key), test) {
                    (None, _) => false,
                    (Some(_), None) => true,
                    (Some(actual), Some((operator, wanted))) => {
                        // OpenSSL writes its version numbers as hexadecimal numbers without `0x`.
                        let prefixed = |text: &str| text.starts_with("0x") || text.starts_with("0X");
                        let digits = prefixed(wanted) && !prefixed(actual) && operator != "contains";
                        let actual = if digits { format!("0x{}", actual) } else { actual.to_owned() };
                        condition::compare(&actual, operator, wanted)
                    }
                }
            }
            key if wanted.is_some() => {
                self.cfg(key).map_or(false, |values| condition::has(values, ',', value))
            }
            option => self.cfg(option).is_some(),
        })
    }

    pub(crate) fn compare_version(&mut self, what: &str, value: &str) -> Outcome<bool> {
        let actual = if what == "llvm" { self.rustc_field("LLVM version")? } else { self.rustc_version()? };
        let (operator, wanted) = condition::operator(value.trim());
        Ok(condition::dotted(&actual, wanted).map_or(false, |order| condition::holds(order, operator)))
    }

    #[cfg(not(feature = "discovery"))]
    pub(crate) fn found(&mut self, _: &str, _: &str) -> Outcome<Option<bool>> {
        Err(crate::script::lacking("discovery"))
    }

    /// Returns whether PATH has a program that could be started.
    fn find_program(&mut self, name: &str) -> bool {
        for folder in std::env::split_paths(self.env("PATH").unwrap_or_default()) {
            let path = folder.join(name);
            let path = if cfg!(windows) { path.with_extension("exe") } else { path };
            if folder.is_absolute() && is_executable(&path) {
                return true;
            }
        }
        false
    }
}

/// Returns whether a text matches a pattern, in which `*` matches any characters.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => match text.strip_prefix(before) {
            None => false,
            Some(mut rest) => loop {
                if glob(after, rest) {
                    return true;
                }
                let next = rest.chars().next().map_or(0, char::len_utf8);
                if next == 0 {
                    return false;
                }
                rest = &rest[next..];
            },
        },
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().map_or(false, |file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}
