//! Tests whether this machine can confine programs, before anything is compiled.

use std::path::Path;

use inert_sandbox::{Access, Ended, Grants, Machine, Processes, Program, Stream, Unavailable};

/// The first argument of `inert` that starts the supervising half of the test.
pub const PROBE: &str = "--inert-confinement-probe";
/// The first argument of `inert` that starts the confined half of the test.
pub const PROBED: &str = "--inert-confinement-probed";

/// Returns the machine's abilities after a test: a confined program wrote to a folder and changed a mode, and was
/// denied access to other files.
///
/// # Errors
/// This machine cannot confine programs; the error says why.
pub fn proved(folder: &Path) -> Result<Machine, Unavailable> {
    let machine = inert_sandbox::machine()?;
    let unknown = |reason: String| {
        Unavailable {
        reason,
        needs: "a place where a process may confine itself: no other sandbox around it, no container that forbids it".to_owned(),
    }
    };
    let inert = crate::environment::sibling("inert").map_err(|error| unknown(error.to_string()))?;
    // In a separate process, since a supervisor ends all of its children.
    let output = crate::cargo::command(&inert)
        .arg(PROBE)
        .arg(folder)
        .output()
        .map_err(|error| unknown(format!("{}: {error}", inert.display())))?;
    if output.status.success() {
        return Ok(machine);
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(unknown(text.trim().trim_start_matches("error: inert: ").to_owned()))
}

/// Runs the supervising half of the test, in a separate process.
///
/// # Errors
/// The test cannot be carried out, or has failed.
pub fn probe(folder: &Path) -> Result<(), String> {
    let machine = inert_sandbox::machine().map_err(|error| error.to_string())?;
    let own = crate::environment::current_exe().map_err(|error| error.to_string())?;
    let work = folder.join(format!("confinement-{}", std::process::id()));
    std::fs::create_dir_all(work.join("granted")).map_err(|error| format!("{}: {error}", work.display()))?;
    let result = try_in(&work, &own, &machine);
    let _ = std::fs::remove_dir_all(&work);
    result
}

fn try_in(work: &Path, own: &Path, machine: &Machine) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", work.display());
    std::fs::write(work.join("secret"), "").map_err(fail)?;
    let mut grants = Grants { processes: Processes::Any, ..Grants::default() };
    for path in super::grants::SYSTEM_FOLDERS {
        grants.add_if_there(path, Access::Execute);
    }
    grants.add_if_there("/etc/ld.so.cache", Access::Read);
    grants.add(own, Access::Execute);
    grants.add(work.join("granted"), Access::WriteExecute);
    let program = Program {
        path: own.to_path_buf(),
        arguments: vec![PROBED.into(), work.into()],
        ..Program::default()
    };
    let outcome = inert_sandbox::run(&program, &grants, machine, Stream::Keep(4096), Stream::Keep(4096))
        .map_err(|error| error.to_string())?;
    match outcome.ended {
        Ended::Code(0) => Ok(()),
        _ => Err(format!(
            "a confined program could do too little or too much in {}: {}",
            work.display(),
            String::from_utf8_lossy(&outcome.stderr).trim()
        )),
    }
}

/// Runs the confined half of the test.
///
/// # Errors
/// A granted action failed, or a denied one succeeded.
pub fn probed(work: &Path) -> Result<(), String> {
    let own = work.join("granted").join("own");
    let may = |error: std::io::Error| format!("what is granted cannot be done: {error}");
    std::fs::write(&own, "x").map_err(may)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&own, std::fs::Permissions::from_mode(0o700)).map_err(may)?;
    }
    std::fs::rename(&own, own.with_extension("renamed")).map_err(may)?;
    if std::fs::read(work.join("secret")).is_ok() {
        return Err("a file that is not granted could be read".to_owned());
    }
    if std::fs::write(work.join("other"), "").is_ok() {
        return Err("a file that is not granted could be written".to_owned());
    }
    if std::net::TcpListener::bind("127.0.0.1:0").is_ok() {
        return Err("a socket could be opened".to_owned());
    }
    Ok(())
}
