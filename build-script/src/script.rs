//! One run: what is known of the build, the facts that conditions ask for, guards, `${…}`, and what is told to Cargo.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::Outcome;
use crate::condition;
use crate::probes::{self, Answer};
use crate::toml::{Table, Value, run};

/// The state of a run.
pub(crate) struct Script<'d> {
    pub(crate) environment: &'d [(OsString, OsString)],
    /// `[package.metadata.inert]`.
    pub(crate) inert: &'d Table,
    pub(crate) manifest: &'d Table,
    /// The package's folder.
    pub(crate) package: String,
    pub(crate) out_dir: String,
    pub(crate) target: String,
    pub(crate) host: String,
    /// A folder for whatever is written on the way.
    pub(crate) scratch: String,
    pub(crate) rustc: Option<crate::facts::Rustc>,
    probes: Vec<(String, Answer)>,
    #[cfg(feature = "discovery")]
    pub(crate) libraries: Vec<(String, std::rc::Rc<crate::discovery::Provided>)>,
    #[cfg(feature = "source-builds")]
    pub(crate) archives: Vec<(String, Option<crate::c::Built>)>,
    /// Questions under way.
    depth: usize,
    said: Vec<(String, String)>,
    variables: Vec<String>,
    files: Vec<String>,
    /// What was tried, for a message.
    pub(crate) tried: Vec<String>,
}

/// The value of a variable, where it is text.
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
            // A target described by a file is known by its stem.
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

    /// Tells Cargo something.
    pub(crate) fn say(&mut self, key: &str, value: &str) {
        self.said.push((key.to_owned(), value.to_owned()));
    }

    /// The lines for Cargo: `cargo:` unless the package's `rust-version` lets Cargo take `cargo::`.
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

    /// A variable that Cargo sets.
    pub(crate) fn cargo(&self, name: &str) -> &'d str {
        variable(self.environment, name).unwrap_or_default()
    }

    /// A variable of the user's: Cargo runs the script again when it changes.
    pub(crate) fn env(&mut self, name: &str) -> Option<&'d str> {
        if !name.starts_with("CARGO_CFG_") && !name.starts_with("DEP_") {
            note(&mut self.variables, name);
        }
        variable(self.environment, name)
    }

    /// That a file was read, or asked for.
    pub(crate) fn uses(&mut self, path: &str) {
        if Path::new(path).exists() {
            note(&mut self.files, path);
        }
    }

    /// Whether a path is a file's.
    pub(crate) fn is_file(&mut self, path: &str) -> bool {
        self.uses(path);
        Path::new(path).is_file()
    }

    #[cfg(feature = "discovery")]
    pub(crate) fn is_dir(&mut self, path: &str) -> bool {
        Path::new(path).is_dir()
    }

    /// A file's bytes.
    pub(crate) fn read(&mut self, path: &str) -> Outcome<Vec<u8>> {
        self.uses(path);
        std::fs::read(path).map_err(|error| format!("{}: {}", path, error))
    }

    /// Writes a file, with the folders that lead to it.
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

    /// As [`Self::run`], of a command that has its arguments.
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

    /// Whether a condition holds. A probe is asked only where nothing else decides.
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

    /// The answer to a probe, asked once: none is no, and of a yes some have a value.
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

    /// Whether the `when` of a table holds, if it has one.
    pub(crate) fn stands(&mut self, table: &'d Table) -> Outcome<bool> {
        match table.get("when") {
            Some(condition) => self.holds(condition),
            None => Ok(true),
        }
    }

    /// The items of a list that stand.
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

    /// The texts of a list that stand.
    pub(crate) fn texts(&mut self, list: Option<&'d Value>) -> Outcome<Vec<&'d str>> {
        let mut texts = Vec::new();
        for item in self.list(list)? {
            if let Some(text) = item.text() {
                texts.push(text);
            }
        }
        Ok(texts)
    }

    /// The one alternative that stands, `else` where no other does; none may.
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

    /// A path of the package.
    pub(crate) fn inside(&self, path: &str) -> String {
        join(&self.package, path)
    }

    /// An empty folder for a probe.
    pub(crate) fn probe_folder(&mut self) -> Outcome<String> {
        let folder = self.scratch.clone() + "/probe";
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {}", folder, error))?;
        Ok(folder)
    }
}

/// What a declaration needs that the package's build-dependency has not.
#[allow(dead_code)] // With all features on there is nothing left to lack.
pub(crate) fn lacking(feature: &str) -> String {
    format!(
        "the declaration needs more of its build script; write `inert-build = {{ version = \"…\", features = [\"{}\"] }}` \
         under [build-dependencies]",
        feature
    )
}

/// With `_` in place of `-`, as names of variables have it.
pub(crate) fn underscored(text: &str) -> String {
    text.replace("-", "_")
}

/// Texts with another between each two. The standard library's is made for speed, and compiled at length.
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

/// Puts a text into a sorted list that has it once.
pub(crate) fn note(list: &mut Vec<String>, text: &str) {
    let mut at = list.len();
    while at > 0 && list[at - 1].as_str() > text {
        at -= 1;
    }
    if at == 0 || list[at - 1] != text {
        list.insert(at, text.to_owned());
    }
}

/// A folder and a path in it, `.` for itself.
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
