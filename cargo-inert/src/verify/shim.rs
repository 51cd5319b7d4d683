//! Shims for tools, so that a script sees a different rustc or C compiler than this machine has. A shim is a link to
//! this executable under the tool's name, with a file beside it that holds the answers.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

/// The answers of a shim, stored beside it as `<shim>.answers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answers {
    /// The answers of a rustc.
    Rustc {
        /// The compiler that answers all other questions.
        real: PathBuf,
        /// The output of `-vV`.
        verbose: String,
        /// The output of `--version`.
        short: String,
        /// The result of compilations.
        probes: Probes,
    },
    /// The answers of a C compiler.
    Cc {
        /// The compiler that identifies itself, and that compiles if `dry` is off.
        real: PathBuf,
        /// The file that each call is appended to, as a JSON list on one line.
        log: PathBuf,
        /// True if nothing is compiled and each output file is created empty.
        dry: bool,
        /// True if the flags that a script asks about are supported.
        flags: bool,
    },
    /// A wrapper of rustc that starts the command that it is given.
    Wrapper,
    /// The answers of an archiver.
    Ar {
        /// The archiver that is started if `dry` is off.
        real: PathBuf,
        /// The file that each call is appended to.
        log: PathBuf,
        /// True if only an empty archive is created.
        dry: bool,
    },
}

/// The result of compilations with a rustc shim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Probes {
    /// The real compiler decides.
    Real,
    /// Every compilation is reported as successful.
    Pass,
    /// Every compilation is reported as failed.
    Fail,
}

/// Installs a shim at `path`.
///
/// # Errors
/// The folder cannot be written.
pub fn install(path: &Path, answers: &Answers) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let own = crate::environment::current_exe()?;
    let _ = fs::remove_file(path);
    #[cfg(unix)]
    std::os::unix::fs::symlink(&own, path)?;
    #[cfg(not(unix))]
    fs::copy(&own, path).map(drop)?;
    fs::write(answers_of(path), serde_json::to_vec(answers).map_err(io::Error::other)?)
}

fn answers_of(shim: &Path) -> PathBuf {
    let mut name = shim.as_os_str().to_owned();
    name.push(".answers");
    PathBuf::from(name)
}

/// Answers if this process was started as a shim, which has another name than this executable.
#[must_use]
pub fn answer(arguments: &[OsString]) -> Option<ExitCode> {
    let named = Path::new(arguments.first()?);
    if named.file_stem().is_some_and(|stem| stem == "cargo-inert" || stem == "cargo") {
        return None;
    }
    // A shim that was found on PATH has only a name as its first argument.
    let found = named.to_str().filter(|name| !name.contains(['/', '\\']));
    let found = found.and_then(|name| crate::environment::Environment::capture().find_program(name));
    let own = found.as_deref().unwrap_or(named);
    if !own.is_absolute() {
        return None;
    }
    let answers: Answers = serde_json::from_slice(&fs::read(answers_of(own)).ok()?).ok()?;
    let rest = &arguments[1..];
    let done = match &answers {
        Answers::Rustc { real, verbose, short, probes } => rustc(rest, real, verbose, short, *probes),
        Answers::Wrapper => match rest.split_first() {
            Some((program, rest)) => pass_on(Path::new(program), rest),
            None => Ok(ExitCode::FAILURE),
        },
        Answers::Cc { real, log, dry, flags } => cc(rest, real, log, *dry, *flags),
        Answers::Ar { real, log, dry } => ar(rest, real, log, *dry),
    };
    Some(done.unwrap_or_else(|error| {
        crate::report::wrapper_error(&format!("{}: {error}", own.display()));
        ExitCode::FAILURE
    }))
}

fn rustc(
    arguments: &[OsString],
    real: &Path,
    verbose: &str,
    short: &str,
    probes: Probes,
) -> io::Result<ExitCode> {
    let has = |names: &[&str]| arguments.iter().any(|one| names.iter().any(|name| one == *name));
    if has(&["-vV", "-Vv"]) || (has(&["-V", "--version"]) && has(&["-v", "--verbose"])) {
        io::stdout().write_all(verbose.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    if has(&["-V", "--version"]) {
        io::stdout().write_all(short.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let asks = arguments.iter().any(|one| one.to_string_lossy().starts_with("--print"));
    match probes {
        _ if asks => pass_on(real, arguments),
        Probes::Real => pass_on(real, arguments),
        Probes::Pass | Probes::Fail => {
            drain(arguments)?;
            if probes == Probes::Pass {
                return Ok(ExitCode::SUCCESS);
            }
            io::stderr().write_all(b"error: refused by the shim\n")?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Reads a source from standard input; otherwise its writer would meet a closed pipe.
fn drain(arguments: &[OsString]) -> io::Result<()> {
    if arguments.iter().any(|one| one == "-") {
        io::stdin().read_to_end(&mut Vec::new())?;
    }
    Ok(())
}

fn cc(arguments: &[OsString], real: &Path, log: &Path, dry: bool, flags: bool) -> io::Result<ExitCode> {
    let texts: Vec<String> = arguments.iter().map(|one| one.to_string_lossy().into_owned()).collect();
    // The `cc` crate tests a flag by compiling an empty file of this name.
    let about_a_flag = texts.iter().any(|text| text.contains("flag_check"));
    let compiles =
        texts.iter().any(|text| text == "-c" || text == "/c" || text == "-o" || text.starts_with("/Fo"));
    // A linked program is a probe, not part of an archive.
    let for_an_archive = texts.iter().any(|text| text == "-c" || text == "/c");
    if for_an_archive && !about_a_flag {
        append(log, &texts)?;
    }
    // Linking is a question, such as whether a library exists. The real linker of this machine answers it for this
    // machine; for other targets it fails.
    let links = compiles && !for_an_archive && !about_a_flag;
    if !dry || !compiles || links {
        // The real compiler identifies itself with `-E` only without flags for a target that it does not know.
        let plain = dry && texts.iter().any(|text| text == "-E");
        let asked: Vec<OsString> = if plain {
            let keep = |text: &&String| *text == "-E" || !text.starts_with('-');
            texts.iter().filter(keep).map(OsString::from).collect()
        } else {
            arguments.to_vec()
        };
        return pass_on(real, &asked);
    }
    if about_a_flag && !flags {
        io::stderr().write_all(b"error: unrecognized command-line option\n")?;
        return Ok(ExitCode::FAILURE);
    }
    drain(arguments)?;
    let mut words = texts.iter();
    while let Some(word) = words.next() {
        let output = match word.as_str() {
            "-o" | "-MF" => words.next().cloned(),
            word => word.strip_prefix("/Fo").or_else(|| word.strip_prefix("-Fo")).map(str::to_owned),
        };
        if let Some(output) = output {
            fs::write(output, b"")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn ar(arguments: &[OsString], real: &Path, log: &Path, dry: bool) -> io::Result<ExitCode> {
    let texts: Vec<String> = arguments.iter().map(|one| one.to_string_lossy().into_owned()).collect();
    append(log, &[vec!["<ar>".to_owned()], texts.clone()].concat())?;
    if !dry {
        return pass_on(real, arguments);
    }
    let out = texts.iter().find_map(|text| text.strip_prefix("-out:").or_else(|| text.strip_prefix("/OUT:")));
    let named = out
        .map(str::to_owned)
        .or_else(|| texts.iter().find(|text| text.ends_with(".a") || text.ends_with(".lib")).cloned());
    if let Some(path) = named {
        fs::write(path, b"!<arch>\n")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn append(log: &Path, texts: &[String]) -> io::Result<()> {
    let mut line = serde_json::to_vec(texts).map_err(io::Error::other)?;
    line.push(b'\n');
    // A single write, so that parallel calls do not mix their lines.
    fs::OpenOptions::new().create(true).append(true).open(log)?.write_all(&line)
}

fn pass_on(real: &Path, arguments: &[OsString]) -> io::Result<ExitCode> {
    let mut command = crate::cargo::command(real);
    command.args(arguments);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        Err(command.exec())
    }
    #[cfg(not(unix))]
    Ok(crate::exit::of_child(command.status()?))
}
