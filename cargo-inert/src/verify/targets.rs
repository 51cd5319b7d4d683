//! Targets as rustc describes them, asked once each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Targets that every script is tried for, the host besides.
pub const USUAL: &[&str] = &[
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "x86_64-pc-windows-gnu",
    "aarch64-linux-android",
    "wasm32-unknown-unknown",
];

/// A target and RUSTFLAGS.
type Asked = (String, Vec<String>);

/// The real compiler.
#[derive(Debug)]
pub struct Rustc {
    /// Absolute path, no rustup proxy.
    pub path: PathBuf,
    /// What `-vV` says.
    pub verbose: String,
    /// What `--version` says.
    pub short: String,
    /// The `host:` line.
    pub host: String,
    /// Every target that it knows.
    pub targets: Vec<String>,
    cfgs: Mutex<BTreeMap<Asked, Vec<String>>>,
}

impl Rustc {
    /// Asks the compiler that `rustc` is in a folder.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn find(environment: &crate::environment::Environment, cwd: &Path) -> Result<Self, String> {
        let named = environment.get("RUSTC").map(PathBuf::from).or_else(|| environment.find_program("rustc"));
        let named = named.ok_or("`rustc` was not found on PATH")?;
        let sysroot = ask(&named, &["--print", "sysroot"], cwd)?;
        let path =
            Path::new(sysroot.trim()).join("bin").join(format!("rustc{}", std::env::consts::EXE_SUFFIX));
        let path = if path.is_file() { path } else { named };
        let verbose = ask(&path, &["-vV"], cwd)?;
        let host =
            verbose.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_owned();
        let targets = ask(&path, &["--print", "target-list"], cwd)?.lines().map(str::to_owned).collect();
        Ok(Self {
            short: ask(&path, &["--version"], cwd)?,
            path,
            verbose,
            host,
            targets,
            cfgs: Mutex::default(),
        })
    }

    /// `rustc --print cfg` for a target, under RUSTFLAGS.
    ///
    /// # Errors
    /// It knows no such target.
    pub fn cfgs(&self, target: &str, flags: &[String]) -> Result<Vec<String>, String> {
        let key = (target.to_owned(), flags.to_vec());
        let mut known = self.cfgs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(cfgs) = known.get(&key) {
            return Ok(cfgs.clone());
        }
        let mut arguments = vec!["--print", "cfg", "--target", target];
        arguments.extend(flags.iter().map(String::as_str));
        let cfgs: Vec<String> =
            ask(&self.path, &arguments, Path::new("/"))?.lines().map(str::to_owned).collect();
        known.insert(key, cfgs.clone());
        Ok(cfgs)
    }
}

fn ask(program: &Path, arguments: &[&str], cwd: &Path) -> Result<String, String> {
    let output = crate::cargo::command(program)
        .args(arguments)
        .current_dir(cwd)
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    if !output.status.success() {
        return Err(format!(
            "{} {}: {}",
            program.display(),
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
