//! Reads a case from its `case.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

/// A case with its steps.
#[derive(Debug, Default)]
pub(crate) struct Case {
    /// The folder of the case.
    pub(crate) folder: PathBuf,
    /// The folder below `base/` whose files it starts from.
    pub(crate) base: Option<String>,
    /// The names in the canary folder at the end.
    pub(crate) canary: Vec<String>,
    /// The files that the case's commands may write besides the build's own.
    pub(crate) writes: Vec<String>,
    /// True if rustc is not confined, as on a machine that cannot: the policy of the tree says so before each step.
    pub(crate) unfenced: bool,
    /// The steps, in order.
    pub(crate) steps: Vec<Step>,
}

/// A step: files are changed, then a command is run.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// The arguments after `cargo inert`.
    pub(crate) run: Option<String>,
    /// The arguments after `cargo inert` of a second command, started at the same time; both exit with `exit`.
    pub(crate) beside: Option<String>,
    /// The arguments after `cargo`, for a command without Inert.
    pub(crate) cargo: Option<String>,
    /// The folder that the command is run in.
    pub(crate) folder: String,
    /// The variables of the command; an empty value is set, too.
    pub(crate) env: BTreeMap<String, String>,
    /// The text on standard input.
    pub(crate) stdin: String,
    /// The expected exit code, 1 by default.
    pub(crate) exit: i32,
    /// The texts that stdout and stderr must contain.
    pub(crate) says: Vec<String>,
    /// The texts that they must not contain.
    pub(crate) silent: Vec<String>,
    /// True if the stanzas that the command printed are added to `inert.toml`.
    pub(crate) accept: bool,
    /// Files to write before the command: path → text.
    pub(crate) write: BTreeMap<String, String>,
    /// Files to append to before the command: path → text.
    pub(crate) append: BTreeMap<String, String>,
    /// Symlinks to make before the command: path → target.
    pub(crate) link: BTreeMap<String, String>,
    /// Files to move before the command: from → to.
    pub(crate) rename: BTreeMap<String, String>,
    /// Files to remove before the command.
    pub(crate) remove: Vec<String>,
    /// Shell commands, run after the other changes and before the command; `PATH` and `HOME` are the command's.
    pub(crate) sh: String,
    /// The time limit of the command in seconds; it is killed then.
    pub(crate) within: Option<u32>,
    /// The limit in MiB on the address space of the command and the programs it starts.
    pub(crate) memory: Option<u32>,
    /// Replacements before the command: path → old text and new text (`with`), for every occurrence.
    pub(crate) replace: BTreeMap<String, (String, String)>,
}

/// Returns the folders with a `case.toml`, by name.
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

/// Reads the case of a folder.
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
            "unfenced" => case.unfenced = matches!(value.get_ref(), DeValue::Boolean(true)),
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
