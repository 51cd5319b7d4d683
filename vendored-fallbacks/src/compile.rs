//! Compiles one object under a temporary name and renames it, so that it is never visible in part.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use crate::sha256::Digest;
use crate::store::Store;
use crate::toolchain::{Toolchain, absolute};
use crate::{BuildError, depfile};

/// A source to compile.
pub(crate) struct Object {
    pub(crate) source: PathBuf,
    /// The place of the object if there is no store.
    pub(crate) output: PathBuf,
}

/// An object that exists.
pub(crate) struct Compiled {
    pub(crate) object: PathBuf,
    /// The files that the compiler read: the source and its headers.
    pub(crate) reads: Vec<PathBuf>,
}

/// Compiles one source by `tool` (program, flags and environment), or takes the object from the store; `made_with`
/// is the digest of the tool by [`made_with`].
pub(crate) fn compile(
    toolchain: &Toolchain,
    tool: &cc::Tool,
    made_with: &Digest,
    object: &Object,
    store: Option<&Store>,
) -> Result<Compiled, BuildError> {
    let folder = object.output.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| BuildError::io(folder, &error))?;
    let key = store.map(|_| {
        let mut digest = made_with.clone();
        digest.field(object.source.as_os_str().as_encoded_bytes());
        digest.finish()
    });
    if let (Some(store), Some(key)) = (store, &key)
        && let Some(reads) = store.object(key, &object.output)
    {
        return Ok(Compiled { object: object.output.clone(), reads });
    }
    let part = object.output.with_extension("o.part");
    let rule = object.output.with_extension("d.part");
    let mut command = tool.to_command();
    command.args([OsStr::new("-o"), part.as_os_str(), OsStr::new("-c")]);
    command.args([OsStr::new("-MD"), OsStr::new("-MF"), rule.as_os_str()]).arg(&object.source);
    let started = SystemTime::now();
    let compiled = run(toolchain, command);
    let reads = std::fs::read_to_string(&rule).map(|text| depfile::parse(&text)).unwrap_or_default();
    let _ = std::fs::remove_file(&rule);
    if let Err(error) = compiled {
        let _ = std::fs::remove_file(&part);
        return Err(error);
    }
    let mut reads = reads;
    if !reads.contains(&object.source) {
        reads.insert(0, object.source.clone());
    }
    match (store, &key) {
        (Some(store), Some(key)) => store.keep_object(key, &part, &object.output, &reads, started)?,
        _ => {
            std::fs::rename(&part, &object.output).map_err(|error| BuildError::io(&object.output, &error))?
        }
    }
    Ok(Compiled { object: object.output.clone(), reads })
}

/// Starts a command in an empty folder, with its own environment only; if it fails, its message is the error.
///
/// The program is looked up here: if `Command` had to search the PATH of the child, it would fork, which copies our
/// page tables for each object; otherwise it spawns without a fork.
pub(crate) fn run(toolchain: &Toolchain, command: Command) -> Result<(), BuildError> {
    let folder = toolchain.scratch.join("cwd");
    std::fs::create_dir_all(&folder).map_err(|error| BuildError::io(&folder, &error))?;
    let line = command_line(&command);
    #[expect(clippy::disallowed_methods, reason = "cc's own command, with its program's whole path")]
    let mut found = Command::new(absolute(toolchain, command.get_program()));
    let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    found.args(command.get_args()).env_clear().envs(set).current_dir(&folder).stdin(Stdio::null());
    let command = &mut found;
    let output = command.output().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            BuildError::NoCompiler { problem: format!("`{}` was not found", command.get_program().display()) }
        }
        _ => BuildError::Command { command: line.clone(), output: error.to_string() },
    })?;
    if output.status.success() {
        return Ok(());
    }
    let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stdout));
    if said.trim().is_empty() {
        said = format!("{} (it said nothing)", output.status);
    }
    Err(BuildError::Command { command: line, output: said })
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

/// Returns a digest of everything an object depends on besides its source's path and the content of the files read:
/// the compiler, the assembler that it finds on PATH, its flags, and the variables that compilers read.
pub(crate) fn made_with(toolchain: &Toolchain, tool: &cc::Tool) -> Digest {
    let command = tool.to_command();
    let mut digest = Digest::default();
    for program in [command.get_program(), tool.path().as_os_str(), OsStr::new("as")] {
        let path = absolute(toolchain, program);
        digest.field(path.as_os_str().as_encoded_bytes());
        digest.field(crate::store::stamp(&path).unwrap_or_default().as_bytes());
    }
    for argument in command.get_args() {
        digest.field(argument.as_encoded_bytes());
    }
    for (name, value) in command.get_envs() {
        if compiler_reads(name) {
            digest.field(name.as_encoded_bytes());
            digest.field(value.map(OsString::from).unwrap_or_default().as_encoded_bytes());
        }
    }
    digest
}

/// Returns whether a variable changes what gcc, clang, cl or Apple's tools find or make (their manuals' lists of
/// environment variables).
fn compiler_reads(name: &OsStr) -> bool {
    const NAMES: &[&str] = &[
        "CPATH",
        "C_INCLUDE_PATH",
        "CPLUS_INCLUDE_PATH",
        "OBJC_INCLUDE_PATH",
        "LIBRARY_PATH",
        "COMPILER_PATH",
        "GCC_EXEC_PREFIX",
        "SDKROOT",
        "INCLUDE",
        "LIB",
        "LIBPATH",
        "CL",
        "_CL_",
        "SOURCE_DATE_EPOCH",
        "CCC_OVERRIDE_OPTIONS",
        "CLANG_CONFIG_FILE_SYSTEM_DIR",
    ];
    name.to_str().is_some_and(|name| NAMES.contains(&name) || name.ends_with("_DEPLOYMENT_TARGET"))
}
