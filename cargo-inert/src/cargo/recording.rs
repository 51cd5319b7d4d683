//! Records the questions that Cargo asks rustc before it plans: the cfgs of each target under this build's RUSTFLAGS.
//! The wrapper records them while Cargo prints the unit graph, so the rustflags are Cargo's own, wherever they are
//! configured.
//!
//! The name by which the wrapper was started tells it to record. Cargo has that name from its own environment; nothing
//! that `[env]` can force has an effect on it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::facts::{RustcFacts, TargetFacts};

/// The file name that makes the wrapper record.
const NAME: &str = "inert-record";

/// The recorded answers of rustc.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// The compiler that Cargo asked.
    pub rustc: RustcFacts,
    /// The facts about each target by the value of `--target`; `None` is the host.
    pub targets: BTreeMap<Option<String>, TargetFacts>,
}

/// Creates a folder for the records inside `recordings`; returns it and the path of the wrapper for Cargo.
///
/// # Errors
/// The folder cannot be written, or Inert's installation is incomplete.
pub fn prepare(recordings: &Path) -> io::Result<(PathBuf, PathBuf)> {
    let folder = recordings.join(crate::random::nonce()?);
    fs::create_dir_all(&folder)?;
    let wrapper = link_wrapper(&folder)?;
    Ok((folder, wrapper))
}

/// Links the wrapper into a folder under the name that makes it record there.
///
/// # Errors
/// The folder cannot be written, or Inert's installation is incomplete.
pub fn link_wrapper(folder: &Path) -> io::Result<PathBuf> {
    let wrapper = folder.join(format!("{NAME}{}", std::env::consts::EXE_SUFFIX));
    let inert = crate::environment::sibling("inert")?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(&inert, &wrapper)?;
    #[cfg(not(unix))]
    fs::copy(&inert, &wrapper).map(drop)?;
    Ok(wrapper)
}

/// Returns the folder for the records if this process was started under the recording name.
#[must_use]
pub fn folder_of_this_process() -> Option<PathBuf> {
    let name = PathBuf::from(std::env::args_os().next()?);
    (name.file_stem()? == NAME && name.is_absolute()).then(|| name.parent().map(Path::to_path_buf))?
}

/// Asks rustc and records question and answer. `RUSTC_BOOTSTRAP` changes the answer and was set only for Cargo's
/// unstable flag; the file `bootstrap` in the folder says whether the caller had set it, so that it is passed on.
///
/// # Errors
/// The arguments ask rustc to compile, rustc cannot be started, or the answer cannot be written.
pub fn record(folder: &Path, raw: &[OsString]) -> Result<ExitCode, String> {
    use std::io::Write as _;
    let describe = |error: io::Error| format!("{}: {error}", raw[0].to_string_lossy());
    let question =
        raw.iter().any(|argument| argument == "-vV" || argument.to_string_lossy().starts_with("--print"));
    if !question {
        return Err("nothing is compiled while the build is planned".to_owned());
    }
    super::argument_files::refuse(raw)?;
    let mut command = crate::cargo::command(&raw[0]);
    command.args(&raw[1..]);
    if !folder.join("bootstrap").exists() {
        command.env_remove("RUSTC_BOOTSTRAP");
    }
    let output = command.output().map_err(describe)?;
    std::io::stderr().write_all(&output.stderr).map_err(describe)?;
    std::io::stdout().write_all(&output.stdout).map_err(describe)?;
    if output.status.success() {
        let arguments: Vec<String> =
            raw.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
        let entry = (arguments, String::from_utf8_lossy(&output.stdout).into_owned());
        let text = serde_json::to_string(&entry).map_err(|error| error.to_string())?;
        let name = format!("{}.json", &crate::digest::text(&text)[..16]);
        crate::file::write_atomic(&folder.join(name), text.as_bytes()).map_err(describe)?;
    }
    Ok(crate::exit::of_child(output.status))
}

/// Reads the records and removes the folder.
///
/// # Errors
/// Cargo did not call the wrapper, so that the facts for the plan are missing; or a record cannot be read.
pub fn take(folder: &Path) -> Result<Recording, String> {
    let mut recording = Recording::default();
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let (arguments, answer): (Vec<String>, String) =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        recording.add(&arguments, &answer);
    }
    let _ = fs::remove_dir_all(folder);
    if recording.rustc.verbose_version.is_empty() || !recording.targets.contains_key(&None) {
        return Err(
            "Cargo did not ask rustc through Inert's wrapper; is `RUSTC_WRAPPER` replaced on the way?"
                .to_owned(),
        );
    }
    Ok(recording)
}

impl Recording {
    fn add(&mut self, arguments: &[String], answer: &str) {
        if arguments.iter().any(|argument| argument == "-vV") {
            let host =
                answer.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_owned();
            self.rustc = RustcFacts {
                path: PathBuf::from(arguments.first().cloned().unwrap_or_default()),
                verbose_version: answer.to_owned(),
                host,
                sysroot: std::mem::take(&mut self.rustc.sysroot),
            };
            return;
        }
        if !arguments.iter().any(|argument| argument == "--print=cfg") {
            return;
        }
        // The sysroot is the only line of the answer that is an absolute path.
        if let Some(sysroot) = answer.lines().map(Path::new).find(|line| line.is_absolute()) {
            self.rustc.sysroot = sysroot.to_path_buf();
        }
        let mut target = None;
        let mut rustflags = Vec::new();
        let mut rest =
            arguments.iter().skip_while(|argument| !argument.starts_with("--print=file-names")).skip(1);
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--target" => target = rest.next().cloned(),
                "--crate-type" => drop(rest.next()),
                // Cargo's own arguments, which are not among the rustflags.
                text if text.starts_with("--print=") || text == "-Wwarnings" => {}
                text => rustflags.push(text.to_owned()),
            }
        }
        // The `cfg` lines follow the file names, the sysroot and the crate name: each is an identifier, with or without
        // a quoted value.
        let cfg = answer.lines().filter(|line| is_cfg(line)).map(str::to_owned).collect();
        self.targets.insert(target, TargetFacts { cfg, rustflags });
    }
}

fn is_cfg(line: &str) -> bool {
    let name = line.split_once('=').map_or(line, |(name, _)| name);
    let valued = line.split_once('=').is_none_or(|(_, value)| value.starts_with('"') && value.ends_with('"'));
    let identifier =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    // `--print=file-names`, `split-debuginfo` and `crate-name` print these identifiers, which are not cfgs.
    identifier && valued && !matches!(name, "off" | "packed" | "unpacked" | "___")
}
