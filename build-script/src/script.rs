//! The state of one run: facts of the build, answers to conditions, guards, `${…}`, and the directives for Cargo.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::Outcome;
use crate::condition;
use crate::probes::{self, Answer};
use crate::toml::{Table, Value, run};

/// The state of one run.
pub(crate) struct Script<'d> {
    pub(crate) environment: &'d [(OsString, OsString)],
    /// The table `[package.metadata.inert]`.
    pub(crate) inert: &'d Table,
    pub(crate) manifest: &'d Table,
    /// The folder of the package, absolute.
    pub(crate) package: String,
    pub(crate) out_dir: String,
    pub(crate) target: String,
    pub(crate) host: String,
    /// A folder for temporary files.
    pub(crate) scratch: String,
    pub(crate) rustc: Option<crate::facts::Rustc>,
    probes: Vec<(String, Answer)>,
    #[cfg(feature = "discovery")]
    pub(crate) libraries: Vec<(String, std::rc::Rc<crate::discovery::Provided>)>,
    #[cfg(feature = "source-builds")]
    pub(crate) archives: Vec<(String, Option<crate::c::Built>)>,
    /// The number of questions in progress.
    depth: usize,
    said: Vec<(String, String)>,
    variables: Vec<String>,
    files: Vec<String>,
    /// The attempts so far, for messages.
    pub(crate) tried: Vec<String>,
}

/// Returns the value of a variable, if it is text.
pub(crate) fn variable<'e>(environment: &'e [(OsString, OsString)], name: &str) -> Option<&'e str> {
    for (key, value) in environment {
        if key.as_os_str() == OsStr::new(name) {
            return value.to_str();
        }
    }
    None
}

impl<'d> Script<'d> {
    pub(crate) fn new(
        environment: &'d [(OsString, OsString)],
        inert: &'d Table,
        manifest: &'d Table,
    ) -> Script<'d> {
        let text = |name: &str| variable(environment, name).unwrap_or_default().to_owned();
        let out_dir = text("OUT_DIR");
        let above = Path::new(&out_dir).parent().and_then(Path::to_str).unwrap_or_default();
        let target = text("TARGET");
        Script {
            environment,
            inert,
            manifest,
            package: text("CARGO_MANIFEST_DIR"),
            // A target that is described by a file is named by the file's stem.
            target: match target.strip_suffix(".json") {
                Some(stem) => Path::new(stem).file_name().and_then(OsStr::to_str).unwrap_or(stem).to_owned(),
                None => target,
            },
            host: text("HOST"),
            scratch: above.to_owned() + "/inert-scratch",
            out_dir,
            rustc: None,
            probes: Vec::new(),
            #[cfg(feature = "discovery")]
            libraries: Vec::new(),
            #[cfg(feature = "source-builds")]
            archives: Vec::new(),
            depth: 0,
            said: Vec::new(),
            variables: Vec::new(),
            files: Vec::new(),
            tried: Vec::new(),
        }
    }

    /// Adds a directive for Cargo.
    pub(crate) fn say(&mut self, key: &str, value: &str) {
        self.said.push((key.to_owned(), value.to_owned()));
    }

    /// Returns the lines for Cargo: with `cargo:` unless the package's `rust-version` allows `cargo::`.
    pub(crate) fn lines(mut self, manifest: &str) -> Outcome<String> {
        let age = self.cargo("CARGO_PKG_RUST_VERSION").to_owned();
        let double = condition::dotted(&age, "1.77").map_or(false, |order| order.is_ge());
        self.say("rerun-if-changed", manifest);
        for path in std::mem::take(&mut self.files) {
            self.say("rerun-if-changed", &path);
        }
        for name in std::mem::take(&mut self.variables) {
            self.say("rerun-if-env-changed", &name);
        }
        let mut lines = String::new();
        for (key, value) in &self.said {
            if run(value, |c| !c.is_control()) < value.len() {
                return Err(format!(
                    "`{}` of `{}` holds a control character, and Cargo is told by lines",
                    key, value
                ));
            }
            let (key, between) = match key.strip_prefix("metadata=") {
                Some(_) if double => (key.as_str(), "="),
                Some(key) => (key, "="),
                None => (key.as_str(), "="),
            };
            lines = lines + if double { "cargo::" } else { "cargo:" } + key + between + value + "\n";
        }
        Ok(lines)
    }

    /// Returns a variable that Cargo sets.
    pub(crate) fn cargo(&self, name: &str) -> &'d str {
        variable(self.environment, name).unwrap_or_default()
    }

    /// Returns a variable of the user; Cargo runs the script again when it changes.
    pub(crate) fn env(&mut self, name: &str) -> Option<&'d str> {
        if !name.starts_with("CARGO_CFG_") && !name.starts_with("DEP_") {
            note(&mut self.variables, name);
        }
        variable(self.environment, name)
    }

    /// Records that a file was read, or looked for.
    pub(crate) fn uses(&mut self, path: &str) {
        if Path::new(path).exists() {
            note(&mut self.files, path);
        }
    }

    /// Returns whether a path is a file.
    pub(crate) fn is_file(&mut self, path: &str) -> bool {
        self.uses(path);
        Path::new(path).is_file()
    }

    #[cfg(feature = "discovery")]
    pub(crate) fn is_dir(&mut self, path: &str) -> bool {
        Path::new(path).is_dir()
    }

    /// Returns a file's bytes.
    pub(crate) fn read(&mut self, path: &str) -> Outcome<Vec<u8>> {
        self.uses(path);
        std::fs::read(path).map_err(|error| format!("{}: {}", path, error))
    }

    /// Writes a file and creates its parent folders.
    pub(crate) fn write(&mut self, path: &str, bytes: &[u8]) -> Outcome<()> {
        let folder = Path::new(path).parent().unwrap_or_else(|| Path::new(""));
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(path, bytes))
            .map_err(|error| format!("{}: {}", path, error))
    }

    /// Runs a command in a folder of its own, with `set` on top of the environment.
    pub(crate) fn run(
        &mut self,
        program: &OsStr,
        args: &[String],
        set: &[(&str, Option<&str>)],
    ) -> Outcome<Output> {
        #[allow(clippy::disallowed_methods)] // This package's one place that starts programs.
        let mut command = Command::new(program);
        command.args(args);
        self.start(&mut command, set)
    }

    /// As [`Self::run`], for a command that already has its arguments.
    pub(crate) fn start(&mut self, command: &mut Command, set: &[(&str, Option<&str>)]) -> Outcome<Output> {
        let folder = self.scratch.clone() + "/cwd";
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {}", folder, error))?;
        command.current_dir(folder).stdin(Stdio::null());
        for (name, value) in set {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let output =
            command.output().map_err(|error| format!("{:?} cannot be started: {}", command, error))?;
        self.tried.push(format!(
            "{:?} {}",
            command,
            if output.status.success() { "succeeded" } else { "failed" }
        ));
        Ok(output)
    }

    /// Returns whether a condition holds. A probe is asked only if nothing else decides.
    pub(crate) fn holds(&mut self, condition: &Value) -> Outcome<bool> {
        let text = match condition {
            Value::Boolean(value) => return Ok(*value),
            other => other.text().ok_or("a condition is a text")?,
        };
        self.depth += 1;
        if self.depth > 50 {
            return Err(format!("the condition `{}` depends on itself", text));
        }
        let mut value = condition::evaluate(text, &mut |name, wanted| match name {
            "probe" | "found" | "version_known" | "dep" => Ok(None),
            _ => self.fact(name, wanted).map(Some),
        })?;
        if value.is_none() {
            value = condition::evaluate(text, &mut |name, wanted| match name {
                "found" | "version_known" => self.found(name, wanted.unwrap_or_default()),
                _ => self.fact(name, wanted).map(Some),
            })?;
            if value.is_none() {
                return Err(format!("whether `{}` holds hangs on a version that nothing tells", text));
            }
        }
        self.depth -= 1;
        Ok(value == Some(true))
    }

    /// Returns the answer to a probe, which is asked once: `None` is no, and a yes may have a value.
    pub(crate) fn probe(&mut self, name: &str) -> Outcome<Answer> {
        for (known, answer) in &self.probes {
            if known == name {
                return Ok(answer.clone());
            }
        }
        let probe = self.inert.get("probe").and_then(Value::table).and_then(|table| table.get(name));
        let probe = probe.and_then(Value::table).ok_or_else(|| format!("there is no probe `{}`", name))?;
        let answer = if self.stands(probe)? { probes::ask(self, probe)? } else { None };
        self.probes.push((name.to_owned(), answer.clone()));
        Ok(answer)
    }

    /// Returns whether the `when` of a table holds, if it has one.
    pub(crate) fn stands(&mut self, table: &'d Table) -> Outcome<bool> {
        match table.get("when") {
            Some(condition) => self.holds(condition),
            None => Ok(true),
        }
    }

    /// Returns the items of a list that apply.
    pub(crate) fn list(&mut self, list: Option<&'d Value>) -> Outcome<Vec<&'d Value>> {
        let mut standing = Vec::new();
        for item in list.map_or(&[][..], Value::items) {
            let table = match item.table() {
                Some(table) => table,
                None => {
                    standing.push(item);
                    continue;
                }
            };
            if table.get("else").is_none() && self.stands(table)? {
                match (table.get("value"), table.get("values")) {
                    (Some(value), _) => standing.push(value),
                    (None, Some(values)) => {
                        for value in values.items() {
                            standing.push(value);
                        }
                    }
                    (None, None) => standing.push(item),
                }
            }
        }
        Ok(standing)
    }

    /// Returns the texts of a list that apply.
    pub(crate) fn texts(&mut self, list: Option<&'d Value>) -> Outcome<Vec<&'d str>> {
        let mut texts = Vec::new();
        for item in self.list(list)? {
            if let Some(text) = item.text() {
                texts.push(text);
            }
        }
        Ok(texts)
    }

    /// Returns the one alternative that applies; `else` applies if no other does, and there may be none.
    pub(crate) fn one(&mut self, place: &str, value: Option<&'d Value>) -> Outcome<Option<&'d Value>> {
        let mut standing = self.list(value)?;
        if standing.len() > 1 {
            return Err(format!("`{}` in the declaration: two alternatives hold at once", place));
        }
        for item in value.map_or(&[][..], Value::items) {
            if let (0, Some(table)) = (standing.len(), item.table()) {
                if table.get("else").is_some() {
                    standing.push(table.get("value").unwrap_or(item));
                }
            }
        }
        Ok(standing.pop())
    }

    /// Returns a path inside the package.
    pub(crate) fn inside(&self, path: &str) -> String {
        join(&self.package, path)
    }

    /// Returns an empty folder for a probe.
    pub(crate) fn probe_folder(&mut self) -> Outcome<String> {
        let folder = self.scratch.clone() + "/probe";
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {}", folder, error))?;
        Ok(folder)
    }
}

/// Returns the message that a declaration needs a feature that the package's build-dependency lacks.
#[allow(dead_code)] // With all features on there is nothing left to lack.
pub(crate) fn lacking(feature: &str) -> String {
    format!(
        "the declaration needs more of its build script; write `inert-build = {{ version = \"…\", features = [\"{}\"] }}` \
         under [build-dependencies]",
        feature
    )
}

/// Returns a text with `_` in place of `-`, as in the names of variables.
pub(crate) fn underscored(text: &str) -> String {
    text.replace("-", "_")
}

/// Joins texts with a separator. The standard library's function is optimized for speed, and takes long to compile.
pub(crate) fn joined<T: AsRef<str>>(parts: &[T], by: &str) -> String {
    let mut whole = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            whole += by;
        }
        whole += part.as_ref();
    }
    whole
}

/// Adds a text to a sorted list, unless the list has it.
pub(crate) fn note(list: &mut Vec<String>, text: &str) {
    let mut at = list.len();
    while at > 0 && list[at - 1].as_str() > text {
        at -= 1;
    }
    if at == 0 || list[at - 1] != text {
        list.insert(at, text.to_owned());
    }
}

/// Joins a folder and a path in it; `.` is the folder itself.
pub(crate) fn join(folder: &str, path: &str) -> String {
    let mut whole = folder.to_owned();
    for part in path.split('/') {
        if !part.is_empty() && part != "." {
            whole.push(std::path::MAIN_SEPARATOR);
            whole += part;
        }
    }
    whole
}
