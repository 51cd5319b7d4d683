//! `cargo inert bake`: runs a script once, without rights, and keeps what it said as a declaration with its files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Parser;

use super::Outcome;
use super::cargo_arguments::BuildArguments;
use crate::bake::module::Compiler;
use crate::bake::{self, Baked, Job};
use crate::driver::{self, Context, Failure, Prepared};
use crate::file::symlink_on;
use crate::plan::model::Decision;
use crate::policy::{FILE, edit};
use crate::toml_text::quoted;
use crate::verify::corpus::{self, Named};
use crate::verify::targets::Rustc;
use crate::{digest, environment, exit, report};

/// The folder for the files of baked declarations, beside inert.toml.
const FOLDER: &str = "inert/baked";

/// Run a build script once, without rights, and keep what it said as a declaration
///
/// Compiles the script to WebAssembly, under the same policy, and runs it there for the features and targets of this
/// build: it reads its package, and has no other file, no program, no network and no clock. What it says becomes a
/// `[[declare]]` entry of inert.toml, what it writes files in inert/baked/NAME-VERSION, to be reviewed and committed. From then
/// on nothing runs. Refused where what it says depends on anything but its package, its features and its target.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert bake",
    bin_name = "cargo inert bake",
    after_help = "`cargo inert verify NAME` compares a baked declaration with its script, and `cargo inert bake NAME` after an update of \
                  the package replaces it. rustc needs `rustup target add wasm32-wasip1`.

Exit codes: 0 baked, 1 a script cannot be baked (nothing is written for it), 2 bad usage, 101 Cargo fails or a file cannot be read or written.

Examples:
  cargo inert bake crunchy mime_guess
  cargo inert bake terminfo --target x86_64-unknown-linux-gnu --target aarch64-apple-darwin
  cargo inert bake --crate crunchy@0.2.4    a published crate, for all of its features, on standard output"
)]
pub struct Arguments {
    /// Packages of this build: `name` or `name@version`
    #[arg(required_unless_present = "named")]
    packages: Vec<String>,
    /// A published crate, `name@version`, for every set of features that its script names; the declaration with its files is
    /// printed, and nothing is written
    #[arg(long = "crate", value_name = "NAME@VERSION", conflicts_with = "packages", id = "named")]
    named: Option<String>,
    /// With --crate: one set of features, joined by commas, in place of all sets
    #[arg(long = "set", value_name = "FEATURES", requires = "named")]
    sets: Vec<String>,
    #[command(flatten)]
    cargo: BuildArguments,
}

/// Runs `cargo inert bake`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let rustc = Rustc::find(&context.environment, &context.cwd).map_err(Failure::Unexpected)?;
    if let Some(named) = &arguments.named {
        return published(context, named, &arguments.sets, &rustc);
    }
    let invocation = arguments.cargo.invocation("build", context)?;
    let prepared = driver::prepare(context, &invocation)?;
    let mut refused = false;
    for name in &arguments.packages {
        let found: Vec<&Decision> =
            prepared.plan.decisions.iter().filter(|decision| is_named(decision, name)).collect();
        if found.is_empty() {
            return Err(Failure::Arguments(format!(
                "no package `{name}` with a build script is part of this build; `cargo inert audit` lists them"
            )));
        }
        for decision in found {
            // The place is looked at before anything is compiled, and again before it is written.
            place(&prepared, decision)?;
            report::say("Baking", &report::escaped(&decision.package.id.to_string()));
            match one(context, &prepared, decision, &rustc) {
                Ok(baked) => write(&prepared, decision, &baked)?,
                Err(why) => {
                    refused = true;
                    report::error(&report::escaped(&format!(
                        "the build script of `{}` cannot be baked: {why}\n  help: `cargo inert review` shows what else decides it",
                        decision.package.id
                    )));
                }
            }
        }
    }
    Ok(if refused { exit::DENIED } else { exit::DONE })
}

fn is_named(decision: &Decision, name: &str) -> bool {
    let id = &decision.package.id;
    *name == id.name || *name == format!("{}@{}", id.name, id.version)
}

fn one(context: &Context, prepared: &Prepared, decision: &Decision, rustc: &Rustc) -> Result<Baked, String> {
    if decision.is_outside() {
        return Err("it is a file outside of its package".to_owned());
    }
    let inner = prepared.build_dir.inner().join("bake");
    let lock = prepared.workspace.lock_file();
    let compiler = Compiler {
        cargo: environment::sibling("cargo-inert").map_err(|error| format!("Inert's own files: {error}"))?,
        environment: context.environment.clone(),
        target_dir: inner.join("target"),
        policy: prepared.policy.path.clone(),
        lock: lock.is_file().then_some(lock),
    };
    let mut foreign = folders(context, rustc);
    foreign.push(prepared.workspace.workspace_root.to_string_lossy().into_owned());
    bake::bake(&Job {
        root: &decision.package.root,
        features: Some(decision.runs.iter().map(|run| run.features.clone()).collect()),
        linked: Some(crate::plan::wasm::linked_into(&decision.script, &prepared.graph)?),
        targets: decision.runs.iter().map(|run| run.target.clone()).collect(),
        compiler: &compiler,
        rustc,
        folder: &inner.join(format!("{}-{}", decision.package.id.name, decision.package.id.version)),
        foreign,
    })
}

/// Returns the folders of this machine whose names no output may hold.
fn folders(context: &Context, rustc: &Rustc) -> Vec<String> {
    let variables = ["HOME", "USERPROFILE", "CARGO_HOME", "RUSTUP_HOME", "CARGO_TARGET_DIR"];
    let mut found: Vec<String> = variables
        .iter()
        .filter_map(|name| context.environment.text(name))
        .map(str::to_owned)
        .chain([context.cwd.to_string_lossy().into_owned(), rustc.path.to_string_lossy().into_owned()])
        .collect();
    found.push("inert-baked-".to_owned());
    // `/` as a home would be in every text.
    found.retain(|folder| folder.len() > 3);
    found
}

/// Returns the folder for the files of a package's declaration, relative to the workspace's root.
fn place(prepared: &Prepared, decision: &Decision) -> Result<String, Failure> {
    let place = format!("{FOLDER}/{}-{}", decision.package.id.name, decision.package.id.version);
    match symlink_on(&prepared.workspace.workspace_root, &place) {
        None => Ok(place),
        Some(link) => Err(Failure::Unexpected(format!(
            "{} is a symlink, by which files outside of the workspace would be replaced; nothing was written: put a folder in \
             its place",
            link.display()
        ))),
    }
}

fn write(prepared: &Prepared, decision: &Decision, baked: &Baked) -> Result<(), Failure> {
    let id = &decision.package.id;
    let root = &prepared.workspace.workspace_root;
    let policy = root.join(FILE);
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |error| Failure::Io(path, error)
    };
    let place = place(prepared, decision)?;
    let folder = root.join(&place);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(io(&folder))?;
    }
    let made_from = digest::content(&decision.package.root).map_err(io(&decision.package.root))?;
    let entry = entry(decision, baked, &place, &made_from);
    for (name, file) in kept(&baked.files) {
        let path = folder.join(name);
        path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(io(&path))?;
        crate::file::write_atomic(&path, file.text.as_bytes()).map_err(io(&path))?;
    }
    // An entry of an earlier bake of the same version is replaced.
    let earlier: Vec<usize> = prepared
        .policy
        .declare
        .iter()
        .filter(|entry| entry.digest.is_some() && entry.package.matches(id, &decision.source))
        .filter(|entry| entry.package.file == policy)
        .map(|entry| entry.package.line)
        .collect();
    edit::replace(&policy, &earlier, &[entry]).map_err(|error| super::init::failure(&policy, error))?;
    let files = report::counted(baked.files.len(), "file", "files");
    report::say("Baked", &format!("{} into {FILE}, with {files} in {place}; review and commit them", id));
    Ok(())
}

/// Returns the files with the names that they are kept under: several contents of one path are numbered.
fn kept(files: &[bake::declare::File]) -> Vec<(PathBuf, &bake::declare::File)> {
    let named = |at: usize, file: &bake::declare::File| {
        let number = files[..at].iter().filter(|other| other.path == file.path).count();
        if number == 0 { PathBuf::from(&file.path) } else { Path::new(&format!("{number}")).join(&file.path) }
    };
    files.iter().enumerate().map(|(at, file)| (named(at, file), file)).collect()
}

fn entry(decision: &Decision, baked: &Baked, place: &str, made_from: &str) -> String {
    let id = &decision.package.id;
    let mut text = format!(
        "[[declare]]\npackage = {}\nversion = {}\nsource = {}\nreason = \"baked by `cargo inert bake`: what its script says in \
         WebAssembly, without rights\"\ndigest = {}\n",
        quoted(&id.name),
        quoted(&id.version),
        quoted(&decision.source),
        quoted(made_from)
    );
    let kept = kept(&baked.files);
    let paths: BTreeSet<&String> = baked.files.iter().map(|file| &file.path).collect();
    if !paths.is_empty() {
        text.push_str("\n[declare.baked]\n");
    }
    for path in paths {
        let item = |(name, file): &(PathBuf, &bake::declare::File)| {
            let name = name.to_string_lossy().replace('\\', "/");
            let when =
                file.when.as_ref().map(|when| format!(", when = {}", quoted(when))).unwrap_or_default();
            format!(
                "{{ file = {}, digest = \"sha256:{}\"{when} }}",
                quoted(&format!("{place}/{name}")),
                digest::text(&file.text)
            )
        };
        let items: Vec<String> = kept.iter().filter(|(_, file)| file.path == *path).map(item).collect();
        let value =
            if items.len() == 1 { items[0].clone() } else { format!("[\n    {},\n]", items.join(",\n    ")) };
        text.push_str(&format!("{} = {value}\n", quoted(path)));
    }
    let declaration =
        inert_manifest_spec::parse_declaration(&baked.declaration).declaration.unwrap_or_default();
    text.push('\n');
    text.push_str(&inert_manifest_spec::write::declaration_at(&declaration, "declare.declaration"));
    text
}

/// Bakes a published crate for all sets of the features that its script names, and prints the declaration.
fn published(context: &Context, named: &str, sets: &[String], rustc: &Rustc) -> Outcome {
    let bad =
        || Failure::Arguments("--crate wants `name@version`, such as `--crate crunchy@0.2.4`".to_owned());
    let named: Named = corpus::read_list(named).into_iter().next().ok_or_else(bad)?;
    let base = context.environment.cache_dir().unwrap_or_else(std::env::temp_dir).join("bake");
    let bench = crate::verify::Bench::new(&base, &context.environment, &context.cargo, &context.cwd)
        .map_err(Failure::Unexpected)?;
    let root = corpus::source(&bench, &named).map_err(Failure::Unexpected)?;
    let compiler = Compiler {
        cargo: environment::sibling("cargo-inert")
            .map_err(|error| Failure::Io("Inert's own files".to_owned(), error))?,
        environment: context.environment.clone(),
        target_dir: base.join("target"),
        policy: None,
        lock: None,
    };
    let manifest = crate::verify::manifest::Manifest::read(&root).map_err(Failure::Unexpected)?;
    let set = |words: &String| manifest.closure(words.split(',').filter(|word| !word.is_empty()));
    let baked = bake::bake(&Job {
        root: &root,
        features: (!sets.is_empty()).then(|| sets.iter().map(set).collect()),
        linked: None,
        targets: BTreeSet::new(),
        compiler: &compiler,
        rustc,
        folder: &base.join(format!("{}-{}", named.name, named.version)),
        foreign: folders(context, rustc),
    });
    let baked = match baked {
        Ok(baked) if baked.links_others => {
            Err("other crates are linked into it, whose versions a build chooses".to_owned())
        }
        other => other,
    };
    let baked = match baked {
        Ok(baked) => baked,
        Err(why) => {
            report::error(&report::escaped(&format!("the build script of `{named}` cannot be baked: {why}")));
            return Ok(exit::DENIED);
        }
    };
    let declaration = bake::whole(&baked).map_err(Failure::Unexpected)?;
    report::say("Baked", &format!("{named}, for {} sets of features", baked.combinations));
    // The first lines say what it was made from; the catalog pins these files.
    let mut text = String::new();
    for file in &baked.made_from {
        let digest = digest::file(&root.join(file)).map_err(|error| Failure::Io(file.clone(), error))?;
        text.push_str(&format!("# made from {} {digest}\n", crate::file::one_line(file)));
    }
    text.push_str(&inert_manifest_spec::write::declaration(&declaration));
    report::print(&text);
    Ok(exit::DONE)
}
