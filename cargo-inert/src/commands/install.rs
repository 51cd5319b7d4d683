//! `cargo inert install`: a binary from the registry or a folder, its package decided as a dependency is.
//!
//! `cargo install` prints no unit graph. So it is started once with a wrapper that compiles nothing, which makes it
//! choose, fetch and unpack the package; the graph is then that of `cargo build --release` on a copy of the source,
//! with the copy's folder named as the original's. What the second, real `cargo install` does otherwise is not in
//! the plan, and refused.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Outcome, build};
use crate::cargo::invocation::Invocation;
use crate::cargo::package::{PackageId, path_from};
use crate::driver::{self, Context, Failure};
use crate::exit;

/// Options of `cargo install` that `cargo build` knows too.
const SHARED: &[&str] = &[
    "--features",
    "-F",
    "--target",
    "--profile",
    "--bin",
    "--example",
    "--config",
    "-Z",
    "--jobs",
    "-j",
    "--color",
];
const SHARED_SWITCHES: &[&str] = &[
    "--all-features",
    "--no-default-features",
    "--bins",
    "--examples",
    "--locked",
    "--offline",
    "--frozen",
    "--ignore-rust-version",
];

/// Installs.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &[OsString]) -> Outcome {
    let invocation = Invocation::parse("install", arguments, &context.cwd)?;
    if invocation.has("--help") || invocation.has("-h") || invocation.has("--list") {
        let status = context.cargo("install").args(&invocation.arguments).status();
        let status = status.map_err(|error| Failure::Io("cargo install".to_owned(), error))?;
        return Ok(u8::try_from(status.code().unwrap_or(101)).unwrap_or(exit::CARGO));
    }
    if invocation.option("--git").is_some() {
        return Err(Failure::Refused(
            "`install --git` is not supported yet\n  help: clone the repository and run `cargo inert install --path <folder>`".to_owned(),
        ));
    }
    let scratch = Scratch::new(context)?;
    let source = match invocation.option("--path") {
        Some(path) => Source { root: path_from(&context.cwd, path), original: None },
        None => fetch(context, &invocation, &scratch)?,
    };
    let build_invocation = as_build(&invocation, &source);
    let mut inner = context.clone();
    if source.original.is_some() {
        // As `cargo install` does: the configuration of the folder it is called in counts for nothing.
        inner.cwd.clone_from(&source.root);
    }
    let target_dir = invocation.target_dir.clone().unwrap_or_else(|| scratch.folder.join("target"));
    let installing = driver::Installing {
        target_dir: target_dir.clone(),
        original: source.original.clone().map(|(id, root)| driver::Original {
            id,
            root,
            copy: source.root.clone(),
        }),
    };
    let prepared = driver::prepare_install(&inner, &build_invocation, &installing)?;
    build::refuse_undecided(&prepared)?;
    build::warn_of_libraries(&prepared, &invocation);
    let ready = prepared.seal()?;
    build::announce(&ready, &invocation);
    let mut real = invocation;
    if real.target_dir.is_none() {
        real.arguments.extend(["--target-dir".into(), target_dir.into_os_string()]);
    }
    let code = ready.build(context, &real)?;
    Ok(u8::try_from(code).unwrap_or(exit::CARGO))
}

struct Source {
    /// Where the unit graph is asked for.
    root: PathBuf,
    /// The package as `cargo install` knows it and where it compiles it, where `root` is a copy.
    original: Option<(PackageId, PathBuf)>,
}

/// A folder for one installation, removed at its end.
struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn new(context: &Context) -> Result<Self, Failure> {
        let base = context.environment.cache_dir().unwrap_or_else(std::env::temp_dir).join("install");
        let make = || -> std::io::Result<PathBuf> {
            let folder = base.join(crate::build_dir::nonce()?);
            std::fs::create_dir_all(&folder)?;
            folder.canonicalize()
        };
        make().map(|folder| Self { folder }).map_err(|error| Failure::Io(base.display().to_string(), error))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Has Cargo choose, fetch and unpack the package, and copies it.
fn fetch(context: &Context, invocation: &Invocation, scratch: &Scratch) -> Result<Source, Failure> {
    let io = |error: std::io::Error| Failure::Io(scratch.folder.display().to_string(), error);
    let recording = scratch.folder.join("fetch");
    std::fs::create_dir_all(&recording).map_err(io)?;
    let wrapper = crate::cargo::recording::link_wrapper(&recording).map_err(io)?;
    let mut command = context.cargo("install");
    command
        .args(invocation.select(|name| !matches!(name, "--root" | "--target-dir" | "--force" | "-f")))
        .args(["--root".into(), scratch.folder.join("root").into_os_string(), "--force".into()])
        .args(["--target-dir".into(), scratch.folder.join("nothing").into_os_string()])
        .env("RUSTC_WRAPPER", wrapper);
    let asked = crate::cargo::ask(&mut command, &scratch.folder).map_err(io)?;
    let said = match asked {
        Ok(_) => return Err(Failure::Unexpected("cargo install had nothing to compile".to_owned())),
        Err(failure) => failure,
    };
    let chosen =
        said.stderr.lines().find_map(|line| line.trim_start().strip_prefix("Installing ")).and_then(|text| {
            let (name, rest) = text.split_once(" v")?;
            Some((name.to_owned(), rest.split(' ').next().unwrap_or(rest).to_owned()))
        });
    let Some((name, version)) = chosen else { return Err(Failure::Cargo(said)) };
    let original = unpacked(context, &name, &version)?;
    let copy = scratch.folder.join("source");
    copy_tree(&original, &copy).map_err(io)?;
    let manifest = copy.join("Cargo.toml");
    let mut text = std::fs::read_to_string(&manifest).map_err(io)?;
    if !text.lines().any(|line| line.trim() == "[workspace]") {
        text.push_str("\n[workspace]\n");
        std::fs::write(&manifest, text).map_err(io)?;
    }
    if !invocation.locked {
        // `cargo install` leaves a package's Cargo.lock aside unless told otherwise.
        let _ = std::fs::remove_file(copy.join("Cargo.lock"));
    }
    let id = PackageId { name, version, source: String::new() };
    Ok(Source { root: copy, original: Some((id, original)) })
}

/// Where Cargo unpacked a package.
fn unpacked(context: &Context, name: &str, version: &str) -> Result<PathBuf, Failure> {
    let home = context.environment.get("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = context.environment.get(if cfg!(windows) { "USERPROFILE" } else { "HOME" })?;
        Some(PathBuf::from(home).join(".cargo"))
    });
    let sources = home.unwrap_or_default().join("registry/src");
    let found: Vec<PathBuf> = std::fs::read_dir(&sources)
        .map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.path().join(format!("{name}-{version}")))
                .filter(|path| path.is_dir())
                .collect()
        })
        .unwrap_or_default();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => {
            Err(Failure::Unexpected(format!("cargo unpacked no {name}-{version} in {}", sources.display())))
        }
        _ => Err(Failure::Refused(format!(
            "{name} {version} is unpacked from more than one registry in {}; which one `cargo install` takes cannot be told\n  \
             help: remove the one that is not meant",
            sources.display()
        ))),
    }
}

fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The `cargo build` whose units are those of this installation.
fn as_build(invocation: &Invocation, source: &Source) -> Invocation {
    let mut arguments = invocation.select(|name| SHARED.contains(&name) || SHARED_SWITCHES.contains(&name));
    if !invocation.has("--debug") && invocation.option("--profile").is_none() {
        arguments.push("--release".into());
    }
    arguments.extend(["--manifest-path".into(), source.root.join("Cargo.toml").into_os_string()]);
    let chosen = ["--bin", "--bins", "--example", "--examples"]
        .iter()
        .any(|name| invocation.has(name) || invocation.option(name).is_some());
    if !chosen {
        arguments.push("--bins".into());
    }
    Invocation {
        command: "build".to_owned(),
        arguments,
        trailing: None,
        manifest_path: Some(source.root.join("Cargo.toml")),
        ..invocation.clone()
    }
}
