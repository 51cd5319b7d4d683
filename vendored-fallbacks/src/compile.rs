//! Compiles one object under a temporary name and renames it, so that it is never visible in part.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use crate::identity::Identity;
use crate::roots::Roots;
use crate::store::Store;
use crate::store::object::{Found, Made};
use crate::toolchain::{Toolchain, absolute};
use crate::{BuildError, depfile};

/// A source to compile.
pub(crate) struct Object {
    pub(crate) source: PathBuf,
    /// The place of the object in this build.
    pub(crate) output: PathBuf,
}

/// An object that exists.
pub(crate) struct Compiled {
    pub(crate) object: PathBuf,
    /// The files that the compiler read: the source and its headers.
    pub(crate) reads: Vec<PathBuf>,
    /// The digest of the object, if it is in the store.
    pub(crate) kept: Option<String>,
}

/// The store with the identity of the compiler, if objects may be kept.
pub(crate) struct Keeper<'a> {
    pub(crate) store: &'a Store,
    pub(crate) identity: Identity,
    /// The flags that write names in the place of paths; without them, paths are part of the keys.
    pub(crate) mapping: Option<Vec<OsString>>,
}

impl Keeper<'_> {
    /// Returns the object of the store for a source, if its inputs are unchanged.
    pub(crate) fn find(&self, source: &Path, roots: &Roots) -> Option<Found> {
        let of = |mapped| self.store.find(&self.identity.key(source, mapped, roots), &self.identity, roots);
        // A source that could not be compiled with names in the place of paths was kept by its path.
        self.mapping.as_ref().and_then(|_| of(true)).or_else(|| of(false))
    }
}

/// Compiles one source by `tool` (program, flags and environment), and keeps the object.
pub(crate) fn compile(
    toolchain: &Toolchain,
    tool: &cc::Tool,
    object: &Object,
    keeper: Option<&Keeper<'_>>,
) -> Result<Compiled, BuildError> {
    match keeper.and_then(|keeper| keeper.mapping.as_ref()) {
        None => compile_as(toolchain, tool, object, keeper, None),
        // A source that includes a file by `__FILE__` needs its real path.
        Some(mapping) => match compile_as(toolchain, tool, object, keeper, Some(mapping)) {
            Err(BuildError::Command { .. }) => compile_as(toolchain, tool, object, keeper, None),
            done => done,
        },
    }
}

fn compile_as(
    toolchain: &Toolchain,
    tool: &cc::Tool,
    object: &Object,
    keeper: Option<&Keeper<'_>>,
    mapping: Option<&[OsString]>,
) -> Result<Compiled, BuildError> {
    let folder = object.output.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| BuildError::io(folder, &error))?;
    let part = object.output.with_extension("o.part");
    let rule = object.output.with_extension("d.part");
    let assembled = object.output.with_extension("asm.part");
    let listing = keeper
        .filter(|keeper| keeper.identity.lists_assembled)
        .and_then(|_| crate::identity::listing(&assembled));
    let mut command = tool.to_command();
    command.args(mapping.unwrap_or_default()).args(&listing);
    command.args([OsStr::new("-o"), part.as_os_str(), OsStr::new("-c")]);
    command.args([OsStr::new("-MD"), OsStr::new("-MF"), rule.as_os_str()]).arg(&object.source);
    // gcc takes `a.h.gch` in the place of `a.h`, and lists neither of the two; only `-H` says so.
    command.args(keeper.map(|_| "-H"));
    let started = SystemTime::now();
    let compiled = run(toolchain, command);
    let took = started.elapsed().map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).ok();
        let _ = std::fs::remove_file(path);
        text.map(|text| depfile::parse(&text))
    };
    let (mut reads, assembled) = (read(&rule).unwrap_or_default(), read(&assembled));
    let said = match compiled {
        Ok(said) => said,
        Err(BuildError::Command { command, output }) => {
            let _ = std::fs::remove_file(&part);
            let output = if keeper.is_some() { without_headers(&output) } else { output };
            return Err(BuildError::Command { command, output });
        }
        Err(error) => {
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
    };
    if !reads.contains(&object.source) {
        reads.insert(0, object.source.clone());
    }
    let incorporated = match (&listing, assembled) {
        (None, _) => Some(Vec::new()),
        (Some(_), listed) => listed.and_then(incorporated),
    };
    let listed = incorporated.is_some();
    for path in incorporated.unwrap_or_default() {
        if !reads.contains(&path) {
            reads.push(path);
        }
    }
    std::fs::rename(&part, &object.output).map_err(|error| BuildError::io(&object.output, &error))?;
    let listed = listed && !takes_precompiled(&said) && reads.iter().all(|path| path.is_absolute());
    let kept = keeper.filter(|_| listed).and_then(|keeper| {
        let bytes = std::fs::read(&object.output).ok()?;
        let key = keeper.identity.key(&object.source, mapping.is_some(), &toolchain.roots);
        let made = Made { object: &bytes, reads: &reads, started, took };
        keeper.store.keep(&key, &made, &keeper.identity, &toolchain.roots)
    });
    Ok(Compiled { object: object.output.clone(), reads, kept })
}

/// Returns the files that the assembler read besides its input, from its list. `None` if one of them is gone, or has a
/// relative name that leads out of the working folder.
///
/// The list has the input last: the source, or the compiler's temporary file. Another relative name is none of a file,
/// since the working folder is empty: it comes from a `.file` directive.
fn incorporated(list: Vec<PathBuf>) -> Option<Vec<PathBuf>> {
    let last = list.len().saturating_sub(1);
    let mut found = Vec::new();
    if list
        .iter()
        .any(|path| path.is_relative() && path.components().any(|part| part == Component::ParentDir))
    {
        return None;
    }
    for (at, path) in list.into_iter().enumerate().filter(|(_, path)| path.is_absolute()) {
        match path.is_file() {
            true => found.push(path),
            false if at == last => {}
            false => return None,
        }
    }
    Some(found)
}

/// Returns whether a compiler says by `-H` that it took a precompiled header: in a line with `!` behind its dots.
fn takes_precompiled(said: &str) -> bool {
    said.lines().any(|line| line.trim_start_matches('.').starts_with('!'))
}

/// Returns a compiler's messages without the names of headers that `-H` adds.
fn without_headers(said: &str) -> String {
    let mut guards = false;
    let mut kept = String::new();
    for line in said.lines() {
        guards |= line == "Multiple include guards may be useful for:";
        let name = line.trim_start_matches('.');
        let header = name.len() < line.len() && name.starts_with([' ', '!', 'x']);
        if !header && !line.starts_with("! ") && !line.starts_with("x ") && !guards {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Starts a command in an empty folder, with its own environment only, and returns its messages; if it fails, they are the
/// error.
///
/// The program is looked up here: if `Command` had to search the PATH of the child, it would fork, which copies our
/// page tables for each object; otherwise it spawns without a fork.
pub(crate) fn run(toolchain: &Toolchain, command: Command) -> Result<String, BuildError> {
    let line = command_line(&command);
    let output = output(toolchain, &command, command.get_args())?;
    let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stdout));
    if output.status.success() {
        return Ok(said);
    }
    if said.trim().is_empty() {
        said = format!("{} (it said nothing)", output.status);
    }
    Err(BuildError::Command { command: line, output: said })
}

/// Starts a command with other arguments as [`run`] does, and returns what it says and how it ends.
pub(crate) fn output<'a>(
    toolchain: &Toolchain,
    command: &Command,
    arguments: impl Iterator<Item = &'a OsStr>,
) -> Result<Output, BuildError> {
    let folder = toolchain.scratch.join("cwd");
    std::fs::create_dir_all(&folder).map_err(|error| BuildError::io(&folder, &error))?;
    #[expect(clippy::disallowed_methods, reason = "cc's own command, with its program's whole path")]
    let mut found = Command::new(absolute(toolchain, command.get_program()));
    let program = PathBuf::from(found.get_program());
    let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    found.args(arguments).env_clear().envs(set).current_dir(&folder).stdin(Stdio::null());
    let done = toolchain.fence.run(&program, || found.output()).and_then(|done| done);
    let mut output = done.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            BuildError::NoCompiler { problem: format!("`{}` was not found", program.display()) }
        }
        _ => BuildError::Command { command: command_line(command), output: error.to_string() },
    })?;
    if let Some(hint) = toolchain.fence.hint(output.status.success(), &output.stderr) {
        output.stderr.extend(format!("\n{hint}\n").into_bytes());
    }
    Ok(output)
}

/// Returns the command as a person would type it.
pub(crate) fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=+,:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
