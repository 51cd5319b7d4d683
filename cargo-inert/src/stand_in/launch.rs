//! The first half of a stand-in. It uses only std, since it is compiled into the small executable that each script has.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The first argument of `inert` if it was started by a stand-in.
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
pub const MARK: &str = "--inert-stand-in";

/// Names and values of environment variables.
pub(crate) type Variables = Vec<(OsString, OsString)>;

/// Returns the file that the wrapper wrote beside the stand-in: `build_script_build.inert` beside `build-script-build`,
/// or beside `build_script_build-1f2e…`, the name that Cargo gives the executable first.
pub(crate) fn sidecar_of(own: &Path) -> Result<PathBuf, String> {
    let stem = own.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let folder = own.parent().unwrap_or(Path::new("/"));
    let plain = stem.replace('-', "_");
    let hashed = stem.rsplit_once('-').map(|(name, _)| name.to_owned()).unwrap_or_default();
    [plain, hashed]
        .into_iter()
        .map(|name| folder.join(format!("{name}.inert")))
        .find(|path| path.is_file())
        .ok_or_else(|| {
            format!(
                "nothing beside {} says which script it stands for; run `cargo inert clean`",
                own.display()
            )
        })
}

/// Returns the environment of this process, which Cargo set.
#[expect(clippy::disallowed_methods, reason = "the one place of this executable")]
pub(crate) fn process_environment() -> Variables {
    std::env::vars_os().collect()
}

/// Returns the folder of the session that `INERT_SESSION` names; it need not exist.
pub(crate) fn session_folder(build_dir: &Path, cargos: &Variables) -> Result<PathBuf, String> {
    let session =
        cargos.iter().find(|(name, _)| name == "INERT_SESSION").map(|(_, value)| value.to_string_lossy());
    let session = session.unwrap_or_default();
    if session.len() != 32 || !session.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("this stand-in belongs to `cargo inert`; start it with that command".to_owned());
    }
    Ok(build_dir.join(".inert").join("sessions").join(&*session))
}

/// Returns the environment of the user who called `cargo inert`, from the folder of the running session.
pub(crate) fn callers_environment(build_dir: &Path, cargos: &Variables) -> Result<Variables, String> {
    let path = session_folder(build_dir, cargos)?.join("environment");
    let bytes = std::fs::read(&path).map_err(|_| {
        "INERT_SESSION names no running `cargo inert`; something forced the variable (`[env]` in .cargo/config.toml?)".to_owned()
    })?;
    let mut variables: Variables = bytes
        .split(|byte| *byte == 0)
        .filter_map(|pair| {
            // On Windows the name of a variable may begin with `=`.
            let at = pair.iter().skip(1).position(|byte| *byte == b'=')? + 1;
            Some((os(&pair[..at]), os(&pair[at + 1..])))
        })
        .collect();
    // Cargo's jobserver, which did not exist when the caller's environment was stored.
    for name in ["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"] {
        if let Some((name, value)) = cargos.iter().find(|(known, _)| known == name) {
            variables.retain(|(known, _)| known != name);
            variables.push((name.clone(), value.clone()));
        }
    }
    Ok(variables)
}

/// Removes entries that are not absolute from the search paths for programs and libraries: an empty or relative entry
/// means the working folder, which is the package's.
pub(crate) fn only_absolute(variables: &mut Variables) {
    for (name, value) in variables {
        if ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
        {
            let kept = std::env::split_paths(&value).filter(|entry| entry.is_absolute()).collect::<Vec<_>>();
            if let Ok(joined) = std::env::join_paths(kept) {
                *value = joined;
            }
        }
    }
}

#[cfg(unix)]
fn os(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStrExt as _;
    OsStr::from_bytes(bytes).to_owned()
}

#[cfg(not(unix))]
fn os(bytes: &[u8]) -> OsString {
    // Values that are not Unicode are changed: no tool that is started here reads one.
    OsStr::new(&*String::from_utf8_lossy(bytes)).to_owned()
}

/// Replaces this process by `inert`: with the caller's environment if there is one, and Cargo's variables as
/// `NAME=value` arguments (on Windows, whose command lines are short, on standard input).
#[expect(clippy::disallowed_methods, reason = "the one place of this executable")]
pub(crate) fn become_inert(
    inert: &Path,
    sidecar: &Path,
    cargos: Variables,
    callers: Option<Variables>,
) -> Result<ExitCode, String> {
    let mut command = Command::new(inert);
    command.arg(MARK).arg(sidecar);
    let mut callers = callers.unwrap_or_else(|| cargos.clone());
    only_absolute(&mut callers);
    command.env_clear().envs(callers);
    let pairs = cargos.into_iter().map(|(name, value)| {
        let mut pair = name;
        pair.push("=");
        pair.push(value);
        pair
    });
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        let error = command.args(pairs).exec();
        Err(format!("{}: {error}", inert.display()))
    }
    #[cfg(not(unix))]
    {
        use std::io::Write as _;
        let describe = |error: std::io::Error| format!("{}: {error}", inert.display());
        let mut child = command.stdin(std::process::Stdio::piped()).spawn().map_err(describe)?;
        let mut text = String::new();
        for pair in pairs {
            text.push_str(&pair.to_string_lossy());
            text.push('\0');
        }
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(text.as_bytes()).map_err(describe)?;
        }
        let status = child.wait().map_err(describe)?;
        Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
