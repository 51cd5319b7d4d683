//! `cargo inert install`: installs a binary from a registry, a git repository or a folder. Its package is decided as a
//! dependency is.
//!
//! `cargo install` prints no unit graph. So it is started once with a wrapper that compiles nothing, which makes it
//! choose, fetch and unpack the package. The graph is then that of `cargo build --release` on a copy of the source,
//! with the copy's folder named as the original's, or on Cargo's own checkout of a repository. If the second, real
//! `cargo install` compiles something else, it is not in the plan, and is refused.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Outcome, build};
use crate::cargo::invocation::Invocation;
use crate::cargo::package::{PackageId, path_from};
use crate::cargo::unit_graph;
use crate::driver::{self, Context, Failure};
use crate::exit;

/// Options of `cargo install` that `cargo build` accepts as well.
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

/// Runs `cargo inert install`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &[OsString]) -> Outcome {
    let invocation = Invocation::parse("install", arguments, &context.cwd)?;
    crate::console::show(super::cargo_arguments::shown_of(&invocation));
    if invocation.has("--help") || invocation.has("-h") {
        return build::help(context, &invocation);
    }
    if invocation.has("--list") {
        let status = context.cargo("install").args(&invocation.arguments).status();
        let status = status.map_err(|error| Failure::Io("cargo install".to_owned(), error))?;
        return Ok(exit::of_printer(status));
    }
    if invocation.positionals().len() > 1 {
        return Err(Failure::Arguments(
            "`cargo inert install` takes one package at a time: each is planned by itself".to_owned(),
        ));
    }
    let scratch = Scratch::new(context)?;
    let source = match (invocation.option("--path"), invocation.option("--git")) {
        (Some(path), _) => Source { root: path_from(&context.cwd, path), renamed: None },
        (None, Some(url)) => checkout(context, &invocation, &scratch, &url)?,
        (None, None) => fetch(context, &invocation, &scratch)?,
    };
    let mut build_invocation = as_build(&invocation, &source);
    let mut inner = context.clone();
    // As in `cargo install`, the configuration is that of the installed folder, or the user's own for a package from
    // elsewhere; never that of the working folder, nor one that the package contains.
    inner.cwd = match &source.renamed {
        None => source.root.clone(),
        Some(_) => cargo_home(context)?,
    };
    let target_dir = invocation.target_dir.clone().unwrap_or_else(|| scratch.folder.join("target"));
    build_invocation.target_dir = Some(target_dir.clone());
    build_invocation.arguments.extend(["--target-dir".into(), target_dir.clone().into_os_string()]);
    let copied = matches!(source.renamed, Some(driver::Renamed::Copy(_)));
    let installing = driver::Installing {
        target_dir: target_dir.clone(),
        renamed: source.renamed.clone(),
        lockfile: (!copied && !invocation.locked).then(|| scratch.folder.join("lock/Cargo.lock")),
    };
    let prepared = driver::prepare_install(&inner, &build_invocation, &installing)?;
    let user = context.environment.config_dir().map(|folder| folder.join(crate::policy::FILE));
    build::refuse_undecided_for(&prepared, user.as_deref())?;
    let ready = prepared.seal()?;
    build::announce(&ready, &invocation);
    let mut real = invocation;
    // If a branch has moved in the meantime, the checkout is in another folder, and none of its units is in the plan.
    if real.target_dir.is_none() {
        real.arguments.extend(["--target-dir".into(), target_dir.into_os_string()]);
    }
    let code = ready.build(context, &real)?;
    Ok(u8::try_from(code).unwrap_or(exit::CARGO))
}

struct Source {
    /// The folder for which the unit graph is asked.
    root: PathBuf,
    /// The package's identity for `cargo install`; `None` for a folder of the caller.
    renamed: Option<driver::Renamed>,
}

/// A folder for one installation, which is removed at its end.
struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn new(context: &Context) -> Result<Self, Failure> {
        let base = context.environment.cache_dir().unwrap_or_else(std::env::temp_dir).join("install");
        let make = || -> std::io::Result<PathBuf> {
            let folder = base.join(crate::random::nonce()?);
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

/// The package that Cargo chose: its name, its version, and the source that Cargo prints in parentheses.
type Chosen = (String, String, Option<String>);

/// Makes Cargo choose, fetch and unpack the package.
fn choose(context: &Context, invocation: &Invocation, scratch: &Scratch) -> Result<Chosen, Failure> {
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
            let (version, source) = rest.split_once(' ').unwrap_or((rest, ""));
            let source = source.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
            Some((name.to_owned(), version.to_owned(), source.map(str::to_owned)))
        });
    chosen.ok_or(Failure::Cargo(said))
}

/// Fetches a package from a registry. The graph is asked for a copy, since Cargo would write beside the original.
fn fetch(context: &Context, invocation: &Invocation, scratch: &Scratch) -> Result<Source, Failure> {
    let io = |error: std::io::Error| Failure::Io(scratch.folder.display().to_string(), error);
    let (name, version, _) = choose(context, invocation, scratch)?;
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
        // `cargo install` ignores the package's Cargo.lock without `--locked`.
        let _ = std::fs::remove_file(copy.join("Cargo.lock"));
    }
    let id = PackageId { name, version, source: String::new() };
    let original = unit_graph::Original { id, root: original, copy: copy.clone() };
    Ok(Source { root: copy, renamed: Some(driver::Renamed::Copy(original)) })
}

/// Returns the folder in which Cargo checked out a git repository.
fn checkout(
    context: &Context,
    invocation: &Invocation,
    scratch: &Scratch,
    url: &str,
) -> Result<Source, Failure> {
    let (name, _, source) = choose(context, invocation, scratch)?;
    let revision = source.as_deref().and_then(|source| source.rsplit_once('#')).map(|(_, revision)| revision);
    let revision = revision.ok_or_else(|| {
        Failure::Unexpected(format!("cargo did not say which commit of {url} it has checked out"))
    })?;
    let checkouts = cargo_home(context)?.join("git/checkouts");
    // The folder is named `<last part of the URL>-<hash>/<commit>`.
    let last = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    let last = last.strip_suffix(".git").unwrap_or(last);
    let of_repository = |folder: &PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.rsplit_once('-').is_some_and(|(name, _)| name.eq_ignore_ascii_case(last))
    };
    let entries = std::fs::read_dir(&checkouts).into_iter().flatten().flatten().map(|entry| entry.path());
    // Cargo prints eight digits, and names the folder by as many digits as git needs to be unique.
    let of_commit = |folder: &PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.len() >= 7 && (revision.starts_with(&name) || name.starts_with(revision))
    };
    let inside = |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let found = entries.filter(of_repository).flat_map(inside).map(|entry| entry.path()).filter(of_commit);
    let found: Vec<PathBuf> = found.filter(|folder| folder.join(".cargo-ok").is_file()).collect();
    let [folder] = found.as_slice() else {
        return Err(Failure::Refused(format!(
            "where `cargo install` has checked {url} out cannot be told: {} folders of {} are {revision} of such a \
             repository\n  help: clone it, and run `cargo inert install --path <folder>`",
            found.len(),
            checkouts.display()
        )));
    };
    let folder = folder.canonicalize().map_err(|error| Failure::Io(folder.display().to_string(), error))?;
    let mut roots = Vec::new();
    packages_named(&folder, &name, 0, &mut roots);
    let [root] = roots.as_slice() else {
        return Err(Failure::Refused(format!(
            "{} packages in {} are named `{name}`\n  help: clone the repository, and run `cargo inert install --path <folder>`",
            roots.len(),
            folder.display()
        )));
    };
    let head = std::fs::read_to_string(folder.join(".git/HEAD")).unwrap_or_default();
    let whole = Some(head.trim()).filter(|head| head.starts_with(revision)).unwrap_or(revision);
    let source = format!("git+{}?rev={whole}", url.split('#').next().unwrap_or(url));
    Ok(Source { root: root.clone(), renamed: Some(driver::Renamed::Checkout { folder, source }) })
}

/// Finds the folders of a checkout that hold a package with this name.
fn packages_named(folder: &Path, name: &str, depth: usize, found: &mut Vec<PathBuf>) {
    let text = crate::file::read_text(&folder.join("Cargo.toml")).unwrap_or_default();
    if crate::cargo::package::name_in(&text).as_deref() == Some(name) {
        found.push(folder.to_path_buf());
    }
    if depth == 16 {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !hidden && entry.file_name() != "target" {
            packages_named(&entry.path(), name, depth + 1, found);
        }
    }
}

/// Returns Cargo's home, which is created if it does not exist.
fn cargo_home(context: &Context) -> Result<PathBuf, Failure> {
    let home =
        context.environment.get("CARGO_HOME").map(|home| path_from(&context.cwd, home)).or_else(|| {
            let home = context.environment.get(if cfg!(windows) { "USERPROFILE" } else { "HOME" })?;
            Some(PathBuf::from(home).join(".cargo"))
        });
    let home = home.ok_or_else(|| Failure::Unexpected("neither CARGO_HOME nor HOME is set".to_owned()))?;
    std::fs::create_dir_all(&home).map_err(|error| Failure::Io(home.display().to_string(), error))?;
    Ok(home)
}

/// Returns the folder into which Cargo unpacked a package.
fn unpacked(context: &Context, name: &str, version: &str) -> Result<PathBuf, Failure> {
    let sources = cargo_home(context)?.join("registry/src");
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

/// Returns the `cargo build` that has the units of this installation.
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
