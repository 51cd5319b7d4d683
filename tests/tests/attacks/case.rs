//! A case as its `case.toml` says it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

/// A case.
#[derive(Debug, Default)]
pub(crate) struct Case {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// Folder below `base/` whose files it starts from.
    pub(crate) base: Option<String>,
    /// Names in the canary folder at the end.
    pub(crate) canary: Vec<String>,
    /// Files that the case's commands may write besides the build's own.
    pub(crate) writes: Vec<String>,
    /// What is done, in order.
    pub(crate) steps: Vec<Step>,
}

/// A step: files are changed, then a command is called.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// Words after `cargo inert`.
    pub(crate) run: Option<String>,
    /// Words after `cargo inert` of a second command, started at the same time; both exit with `exit`.
    pub(crate) beside: Option<String>,
    /// Words after `cargo`.
    pub(crate) cargo: Option<String>,
    /// Folder that it is called in.
    pub(crate) folder: String,
    /// Variables; an empty value is set, too.
    pub(crate) env: BTreeMap<String, String>,
    /// What is typed.
    pub(crate) stdin: String,
    /// Exit code, 1 where nothing is said.
    pub(crate) exit: i32,
    /// Texts that stdout and stderr must hold.
    pub(crate) says: Vec<String>,
    /// Texts that they must not hold.
    pub(crate) silent: Vec<String>,
    /// Adds the stanzas that the command printed to `inert.toml`.
    pub(crate) accept: bool,
    /// Path → text, written before.
    pub(crate) write: BTreeMap<String, String>,
    /// Path → text, added before.
    pub(crate) append: BTreeMap<String, String>,
    /// Path → where a symlink points, made before.
    pub(crate) link: BTreeMap<String, String>,
    /// From → to, moved before.
    pub(crate) rename: BTreeMap<String, String>,
    /// Removed before.
    pub(crate) remove: Vec<String>,
    /// Shell commands, done after the other changes and before the command; `PATH` and `HOME` are the command's.
    pub(crate) sh: String,
    /// Seconds that the command may take; it is killed then.
    pub(crate) within: Option<u32>,
    /// MiB of address space that the command, and what it starts, may have.
    pub(crate) memory: Option<u32>,
    /// Path → old text; `with` → new: every place of the old text is replaced before.
    pub(crate) replace: BTreeMap<String, (String, String)>,
}

/// Folders with a `case.toml`, by name.
pub(crate) fn all(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("tests/attacks").flatten() {
        if entry.path().join("case.toml").is_file() {
            found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
        }
    }
    found.sort();
    found
}

/// Reads one.
pub(crate) fn read(folder: &Path) -> Result<Case, String> {
    let text = std::fs::read_to_string(folder.join("case.toml")).map_err(|error| error.to_string())?;
    let document = DeTable::parse(&text).map_err(|error| format!("case.toml: {error}"))?;
    let mut case = Case { folder: folder.to_path_buf(), ..Case::default() };
    let mut tries = String::new();
    for (key, value) in document.get_ref() {
        match &**key.get_ref() {
            "tries" => tries = string(value.get_ref())?,
            "base" => case.base = Some(string(value.get_ref())?),
            "canary" => case.canary = strings(value.get_ref())?,
            "writes" => case.writes = strings(value.get_ref())?,
            "step" => {
                let DeValue::Array(list) = value.get_ref() else { return Err("`step` is a list".to_owned()) };
                case.steps = list.iter().map(|item| step(item.get_ref())).collect::<Result<_, _>>()?;
            }
            other => return Err(format!("case.toml: unknown key `{other}`")),
        }
    }
    if tries.trim().is_empty() || case.steps.is_empty() {
        return Err("case.toml says what it `tries` and has a [[step]]".to_owned());
    }
    Ok(case)
}

fn step(value: &DeValue<'_>) -> Result<Step, String> {
    let DeValue::Table(table) = value else { return Err("a step is a table".to_owned()) };
    let mut step = Step { exit: 1, ..Step::default() };
    for (key, value) in table {
        let value = value.get_ref();
        match &**key.get_ref() {
            "run" => step.run = Some(string(value)?),
            "beside" => step.beside = Some(string(value)?),
            "cargo" => step.cargo = Some(string(value)?),
            "in" => step.folder = string(value)?,
            "env" => step.env = texts(value)?,
            "stdin" => step.stdin = string(value)?,
            "exit" => {
                let DeValue::Integer(number) = value else { return Err("`exit` is a number".to_owned()) };
                step.exit = number.as_str().parse().map_err(|_| "`exit` is a number".to_owned())?;
            }
            "sh" => step.sh = string(value)?,
            "within" => step.within = Some(number(value)?),
            "memory" => step.memory = Some(number(value)?),
            "says" => step.says = strings(value)?,
            "silent" => step.silent = strings(value)?,
            "accept" => step.accept = matches!(value, DeValue::Boolean(true)),
            "write" => step.write = texts(value)?,
            "append" => step.append = texts(value)?,
            "link" => step.link = texts(value)?,
            "rename" => step.rename = texts(value)?,
            "remove" => step.remove = strings(value)?,
            "replace" => step.replace = replacements(value)?,
            other => return Err(format!("case.toml: unknown key `{other}` of a step")),
        }
    }
    Ok(step)
}

fn number(value: &DeValue<'_>) -> Result<u32, String> {
    match value {
        DeValue::Integer(number) => number.as_str().parse().map_err(|_| "case.toml: a number".to_owned()),
        _ => Err("case.toml: a number is expected".to_owned()),
    }
}

fn string(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        _ => Err("case.toml: a string is expected".to_owned()),
    }
}

fn strings(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    match value {
        DeValue::Array(list) => list.iter().map(|item| string(item.get_ref())).collect(),
        other => string(other).map(|text| vec![text]),
    }
}

fn texts(value: &DeValue<'_>) -> Result<BTreeMap<String, String>, String> {
    let DeValue::Table(table) = value else { return Err("case.toml: a table is expected".to_owned()) };
    table.iter().map(|(key, value)| Ok((key.get_ref().to_string(), string(value.get_ref())?))).collect()
}

fn replacements(value: &DeValue<'_>) -> Result<BTreeMap<String, (String, String)>, String> {
    let DeValue::Table(table) = value else { return Err("case.toml: a table is expected".to_owned()) };
    let mut found = BTreeMap::new();
    for (key, value) in table {
        let pair = strings(value.get_ref())?;
        let [old, new] =
            <[String; 2]>::try_from(pair).map_err(|_| "`replace` holds [old, new]".to_owned())?;
        found.insert(key.get_ref().to_string(), (old, new));
    }
    Ok(found)
}
