//! Runs a build script that was compiled to `wasm32-wasip1`.
//!
//! The script sees its package (to read), OUT_DIR (in memory, written by the caller afterwards), its given
//! variables, a clock that never advances and random numbers that are always the same. It starts no program, opens
//! no socket and sees no other file, on every operating system. So its output is a function of its inputs, and a
//! run can be cached.
//!
//! [`run`] is the one entry point: `files` holds the files that the script sees, `host` implements its calls (WASI
//! preview 1), `memory` reads and writes the module's memory.

mod errno;
mod files;
mod host;
mod memory;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use wasmi::{Config, Engine, Linker, Module, Store, StoreLimits, StoreLimitsBuilder};

/// The inputs of a script.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// The folder of the package, which is the script's working folder too. Nothing in it is written.
    pub package: PathBuf,
    /// Names at the root of that folder that the script does not see, such as `.git`.
    pub hidden: BTreeSet<String>,
    /// The path that the script sees as OUT_DIR. The folder itself is neither read nor written here.
    pub out_dir: PathBuf,
    /// The variables of the script's environment; all of them, OUT_DIR and CARGO_MANIFEST_DIR included.
    pub environment: BTreeMap<String, String>,
    /// The limits of the run.
    pub limits: Limits,
}

/// The limits of one run. Exceeding one ends the run with a [`Failure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Units of work, about one per executed instruction of the module.
    pub fuel: u64,
    /// The size of the module's memory, in bytes.
    pub memory: usize,
    /// The size of all files in OUT_DIR together, in bytes.
    pub out_dir_bytes: usize,
    /// The number of files and folders in OUT_DIR.
    pub out_dir_entries: usize,
    /// The size of standard output and of standard error, each, in bytes.
    pub printed: usize,
}

impl Default for Limits {
    /// About a minute of work on a slow machine, and several times the memory and output of the largest known pure
    /// script.
    fn default() -> Limits {
        Limits {
            fuel: 20_000_000_000,
            memory: 1 << 30,
            out_dir_bytes: 256 << 20,
            out_dir_entries: 20_000,
            printed: 16 << 20,
        }
    }
}

/// The outcome of a script that ended by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code; 0 if it returned from `main`, 101 after a panic.
    pub code: i32,
    /// The bytes of standard output, which holds the directives.
    pub stdout: Vec<u8>,
    /// The bytes of standard error.
    pub stderr: Vec<u8>,
    /// The files in OUT_DIR: path below it (`/`-separated) to contents.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The folders in OUT_DIR that hold no file.
    pub empty_folders: BTreeSet<String>,
    /// The paths below the package that the run asked for, whether they existed or not. The outcome depends on
    /// these and on [`Inputs::environment`].
    pub read: BTreeSet<String>,
    /// The paths that it asked for and could not see: outside its package and OUT_DIR, or behind a symlink,
    /// although they exist on this machine. A native run might have had another outcome.
    pub out_of_reach: BTreeSet<String>,
    /// True if it asked for the time, which never advances.
    pub asked_time: bool,
    /// The units of work that it used.
    pub fuel: u64,
}

/// The reason why a run has no outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The bytes are not a WebAssembly module that this runtime can read.
    Module(String),
    /// The module requires an import that is not one of WASI's: `module`, `name`.
    Import(String, String),
    /// The run used up [`Limits::fuel`].
    Fuel(u64),
    /// OUT_DIR or the output exceeded a limit, which the text names.
    Limit(String),
    /// The run ended by a trap other than an exit: an unreachable instruction, a memory access out of bounds, …
    Trap(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Module(why) => write!(f, "the compiled script is no module that can be run: {why}"),
            Failure::Import(module, name) => {
                write!(f, "the compiled script imports `{name}` of `{module}`, which WASI preview 1 has not")
            }
            Failure::Fuel(units) => {
                write!(f, "the script did not end within {units} units of work; it may loop for ever")
            }
            Failure::Limit(what) => write!(f, "the script exceeded a limit: {what}"),
            Failure::Trap(why) => write!(f, "the script was stopped: {why}"),
        }
    }
}

impl std::error::Error for Failure {}

/// The state of one run: the script's view, and the limits of its memory.
struct State {
    host: host::Host,
    limits: StoreLimits,
}

/// Runs the script in `module` to its end. A non-zero exit code is an outcome, not a [`Failure`].
///
/// # Errors
/// A [`Failure`] if the module cannot be run or exceeds a limit. Nothing was written anywhere.
pub fn run(module: &[u8], inputs: &Inputs) -> Result<Outcome, Failure> {
    let mut config = Config::default();
    config.consume_fuel(true);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, module).map_err(|e| Failure::Module(e.to_string()))?;
    let mut linker = Linker::<State>::new(&engine);
    host::define(&mut linker).map_err(|e| Failure::Module(e.to_string()))?;
    for import in module.imports() {
        if import.module() != host::MODULE || !host::NAMES.contains(&import.name()) {
            return Err(Failure::Import(import.module().to_owned(), import.name().to_owned()));
        }
    }
    let limits =
        StoreLimitsBuilder::new().memory_size(inputs.limits.memory).trap_on_grow_failure(false).build();
    let mut store = Store::new(&engine, State { host: host::Host::new(inputs), limits });
    store.limiter(|state| &mut state.limits);
    store.set_fuel(inputs.limits.fuel).map_err(|e| Failure::Module(e.to_string()))?;
    let ended = linker
        .instantiate_and_start(&mut store, &module)
        .and_then(|instance| instance.get_typed_func::<(), ()>(&store, "_start")?.call(&mut store, ()));
    let left = store.get_fuel().unwrap_or(0);
    let code = match ended {
        Ok(()) => 0,
        Err(error) => match error.i32_exit_status() {
            Some(code) => code,
            None if store.data().host.exceeded.is_some() => 0,
            None if matches!(error.as_trap_code(), Some(wasmi::TrapCode::OutOfFuel)) => {
                return Err(Failure::Fuel(inputs.limits.fuel));
            }
            // With `panic = "abort"`, as std for this target is compiled, Rust's panic ends in `unreachable` after
            // its message. A native script exits with 101 then.
            None if matches!(error.as_trap_code(), Some(wasmi::TrapCode::UnreachableCodeReached)) => 101,
            None => return Err(Failure::Trap(error.to_string())),
        },
    };
    let host = store.into_data().host;
    if let Some(what) = host.exceeded {
        return Err(Failure::Limit(what));
    }
    let (files, empty_folders) = host.files.out_dir.into_outcome();
    Ok(Outcome {
        out_of_reach: host.files.out_of_reach,
        asked_time: host.asked_time,
        code,
        stdout: host.stdout,
        stderr: host.stderr,
        files,
        empty_folders,
        read: host.files.read,
        fuel: inputs.limits.fuel - left,
    })
}
