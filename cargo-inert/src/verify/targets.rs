//! The compiler's facts about its targets; each question is asked once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The targets that every script is tried for, besides the host.
pub const USUAL: &[&str] = &[
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "x86_64-pc-windows-gnu",
    "aarch64-linux-android",
    "wasm32-unknown-unknown",
];

/// A target and its RUSTFLAGS.
type Asked = (String, Vec<String>);

/// The real compiler and its facts.
#[derive(Debug)]
pub struct Rustc {
    /// The absolute path of rustc itself, not of a rustup proxy.
    pub path: PathBuf,
    /// The output of `-vV`.
    pub verbose: String,
    /// The output of `--version`.
    pub short: String,
    /// The host's triple, from the `host:` line.
    pub host: String,
    /// The targets that it knows.
    pub targets: Vec<String>,
    cfgs: Mutex<BTreeMap<Asked, Vec<String>>>,
}

impl Rustc {
    /// Finds the compiler that `rustc` starts in a folder, and asks for its facts.
    ///
    /// # Errors
    /// The compiler is not found or cannot be started.
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

    /// Returns the output of `rustc --print cfg` for a target, under RUSTFLAGS.
    ///
    /// # Errors
    /// The compiler does not know the target.
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
