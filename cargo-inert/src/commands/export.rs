//! `cargo inert export <system>`: what is decided, in the form of another build system.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Parser;
use clap::builder::PossibleValuesParser;
use inert_build_output::{Instruction, Package as Output};
use inert_resolver::discovery::provider::{Choice, Discovery};
use inert_resolver::discovery::remedies::{System, package_of};
use inert_resolver::pkgconf::multiarch;

use super::Outcome;
use super::cargo_arguments::BuildArguments;
use super::explain;
use crate::cargo::package::PackageId;
use crate::driver::{self, Context, Failure, Prepared};
use crate::inventory::distribution::Distribution;
use crate::inventory::{self, Inventory, Provider};
use crate::plan::model::{Action, Decision};
use crate::report::export::{self, EXPORTERS, Exported, Library, Package, Told};
use crate::{exit, report};

/// Write what is decided in the form of another build system
///
/// Libraries of the system under that system's names (debian, nix, vcpkg, meson), and what the stand-ins tell Cargo as
/// flags and variables in place of scripts (bazel, nix, reindeer). What the stand-ins say is taken from the last `cargo
/// inert build` with the same arguments. A script whose stand-in writes files, compiles C or runs a program is left to
/// the other system, with the reason as a comment.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert export",
    bin_name = "cargo inert export",
    after_help = "Systems:
  bazel      annotations of rules_rust's crate_universe, for MODULE.bazel        (experimental)
  debian     Build-Depends for debian/control
  meson      dependency() lines for meson.build                                  (experimental)
  nix        crateOverrides for nixpkgs' buildRustCrate
  reindeer   fixups for Buck2                                                    (experimental)
  vcpkg      vcpkg.json                                                          (experimental)

Experimental: the system itself has never evaluated what is written.

Exit codes: 0 written, 1 the build is refused, 2 bad usage, 101 Cargo fails or a file cannot be read.

Examples:
  cargo inert export debian --release
  cargo inert build && cargo inert export bazel"
)]
pub struct Arguments {
    /// The system
    #[arg(value_parser = PossibleValuesParser::new(EXPORTERS.iter().map(|exporter| exporter.name)))]
    system: String,
    #[command(flatten)]
    cargo: BuildArguments,
}

/// Runs `cargo inert export`.
///
/// # Errors
/// See [`Failure`]. A refused build is not exported, since nothing decides what it needs.
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let invocation = arguments.cargo.invocation("build", context)?;
    let exporter = EXPORTERS.iter().find(|exporter| exporter.name == arguments.system);
    let exporter =
        exporter.ok_or_else(|| Failure::Arguments(format!("no exporter `{}`", arguments.system)))?;
    let prepared = driver::prepare(context, &invocation)?;
    if report::denied::any(&prepared.plan) {
        let file = prepared.workspace.workspace_root.join(crate::policy::FILE);
        return Err(Failure::Refused(format!(
            "{} not decided or denied; nothing was exported\n\n{}",
            report::denied::subject(&prepared.plan),
            report::denied::render(&prepared.plan, &prepared.policy, &file.display().to_string(), true)
        )));
    }
    let inventory = inventory::of(context, &prepared).map_err(Failure::Unexpected)?;
    let root = &prepared.workspace.workspace_root;
    let (name, version) = match inventory.root() {
        Some(part) => (part.id.name.clone(), part.id.version.clone()),
        None => (root.file_name().unwrap_or_default().to_string_lossy().into_owned(), "0".to_owned()),
    };
    let exported = Exported {
        name,
        version,
        libraries: libraries(context, &prepared, &inventory),
        packages: packages(&prepared, &inventory),
    };
    report::print(&export::text(exporter, &exported));
    Ok(exit::DONE)
}

/// Returns the libraries that come from the system, and those that are missing on this machine.
fn libraries(context: &Context, prepared: &Prepared, inventory: &Inventory) -> Vec<Library> {
    let providers = &prepared.plan.providers;
    let distribution = Distribution::of(&context.environment);
    let host = &inventory.host;
    let is_cross = !inventory.targets.contains(host);
    let mut found: BTreeMap<(String, bool), Library> = BTreeMap::new();
    for ask in &providers.asks {
        let is_it = |platform: &str, asked_by: &[(String, String)]| {
            platform == ask.platform
                && asked_by.iter().any(|(package, key)| *package == ask.package && *key == ask.key)
        };
        let chosen = providers.selection.chosen.iter().find(|one| is_it(&one.platform, &one.asked_by));
        let asker = (ask.package.clone(), ask.key.clone());
        let from_system = match chosen {
            Some(chosen) => {
                matches!(chosen.choice, Choice::System { .. })
                    && !chosen.apart.contains(&asker)
                    && !chosen.without.contains(&asker)
            }
            // Another machine may have it. What is optional to the package is needed all the same where the build is refused
            // without it, as under `system-only`.
            None => {
                let mut missing = providers.selection.unprovided.iter();
                matches!(ask.found, Discovery::NotFound { .. })
                    && (!ask.optional || missing.any(|one| is_it(&one.platform, &one.asked_by)))
            }
        };
        if !from_system {
            continue;
        }
        let module = ask.modules.first().unwrap_or(&ask.key);
        let is_for_host = is_cross && ask.platform == *host;
        let library = found.entry((module.clone(), is_for_host)).or_insert_with(|| {
            let named = |system| ask.modules.first().and_then(|module| package_of(system, module));
            let files = inventory::native::files(prepared, std::slice::from_ref(&asker));
            let by_file = || {
                let known = owner(inventory, module, &ask.platform).or_else(|| named(System::Debian));
                known.is_none().then(|| without_module(&files, &ask.platform, &distribution)).flatten()
            };
            Library {
                without_module: by_file(),
                files: files.clone(),
                module: module.clone(),
                is_module: !ask.modules.is_empty(),
                is_for_host,
                // The package that owns the file on this machine, or the one of the distribution's index.
                debian: owner(inventory, module, &ask.platform).or_else(|| named(System::Debian)),
                nix: named(System::Nix),
                vcpkg: ask.ports.first().cloned().or_else(|| named(System::Vcpkg)),
                ..Library::default()
            }
        });
        let _ = library.versions.insert(ask.package.clone(), ask.version.clone());
    }
    found.into_values().collect()
}

/// Returns the package that owns the library's file in Debian's own folder, for a library that no package has a `.pc` file of.
fn without_module(files: &[String], platform: &str, distribution: &Distribution) -> Option<String> {
    let folder = Path::new("/usr/lib").join(multiarch(platform)?);
    let file = folder.join(format!("lib{}.so", files.first()?));
    let owner = distribution.owner(&file)?;
    (owner.distribution == "debian").then_some(owner.name)
}

/// Returns the package that owns a library's `.pc` file on a Debian system.
fn owner(inventory: &Inventory, module: &str, platform: &str) -> Option<String> {
    inventory.natives.iter().find_map(|native| match &native.provider {
        Provider::System { development: Some(owner), .. }
            if native.name == module && native.target == platform && owner.distribution == "debian" =>
        {
            Some(owner.name.clone())
        }
        _ => None,
    })
}

fn packages(prepared: &Prepared, inventory: &Inventory) -> Vec<Package> {
    let decisions = prepared.plan.decisions.iter();
    let decisions: Vec<&Decision> =
        decisions.filter(|decision| decision.action != Action::Unneeded).collect();
    let mut all: Vec<Result<Told, String>> =
        decisions.iter().map(|decision| told(prepared, decision)).collect();
    // A script that stays is told by the scripts of its dependencies, so these stay, too; and so on.
    loop {
        // Some systems have one rule for all versions of a package, which leaves the scripts of all of them.
        let stay = |id: &PackageId| {
            let of_name =
                decisions.iter().zip(&all).filter(|(decision, _)| decision.package.id.name == id.name);
            let told: Vec<_> = of_name.map(|(_, told)| told).collect();
            told.len() > 1 || told.iter().any(|told| told.is_err())
        };
        let needed = |id: &PackageId| {
            inventory.parts.iter().any(|part| part.dependencies.contains(id) && stay(&part.id))
        };
        let is_lost = |at: &usize| {
            all[*at].as_ref().is_ok_and(|told| told.has_metadata) && needed(&decisions[*at].package.id)
        };
        let lost: Vec<usize> = (0..all.len()).filter(is_lost).collect();
        if lost.is_empty() {
            break;
        }
        for at in lost {
            let why = "the script of a package that depends on it stays, and asks what this one found";
            all[at] = Err(why.to_owned());
        }
    }
    decisions
        .iter()
        .zip(all)
        .map(|(decision, told)| Package {
            name: decision.package.id.name.clone(),
            version: decision.package.id.version.clone(),
            told,
        })
        .collect()
}

/// Returns what the stand-in of a script told Cargo in the last build.
///
/// # Errors
/// It cannot be said without the script; the error is the reason.
fn told(prepared: &Prepared, decision: &Decision) -> Result<Told, String> {
    match decision.action {
        Action::Replace => {}
        Action::Overridden => return Err("Cargo's configuration stands for it on this machine".to_owned()),
        Action::Run | Action::Deny | Action::Unneeded => return Err("it runs".to_owned()),
    }
    let mut all: Vec<Told> = Vec::new();
    for run in decision.runs.iter().filter(|run| run.needed) {
        let built = explain::built(prepared, decision, run);
        if !built.recorded || built.failure.is_some() {
            return Err(
                "no build with these arguments has recorded what it says (`cargo inert build`)".to_owned()
            );
        }
        let one = of_directives(&built.directives.join("\n"), prepared, decision)?;
        if !all.contains(&one) {
            all.push(one);
        }
    }
    match all.as_slice() {
        [one] => declares_no_more(decision).map(|()| one.clone()),
        _ => Err("it says different things for different targets or features".to_owned()),
    }
}

/// Checks that a declaration has no effect but what it tells Cargo.
fn declares_no_more(decision: &Decision) -> Result<(), String> {
    let Some(declared) = &decision.declared else { return Err("nothing declares it".to_owned()) };
    let declaration = &declared.declaration;
    match () {
        () if !declaration.out_dir.is_empty() => Err("it writes files into OUT_DIR".to_owned()),
        () if !declaration.cc_library.is_empty() => Err("it may compile C".to_owned()),
        () => Ok(()),
    }
}

fn of_directives(text: &str, prepared: &Prepared, decision: &Decision) -> Result<Told, String> {
    let package = Output { rust_version: decision.package.rust_version.clone(), ..Output::default() };
    let mut told = Told::default();
    for line in inert_build_output::read(text.as_bytes(), &package) {
        match line.says {
            Ok(Instruction::Cfg(cfg)) => told.cfgs.push(cfg.to_owned()),
            Ok(Instruction::Env { name, value }) => {
                let _ = told.env.insert(name.to_owned(), value.to_owned());
            }
            Ok(Instruction::LinkLib(lib)) => told.libs.push(lib.to_owned()),
            Ok(Instruction::Metadata { .. }) => told.has_metadata = true,
            // Lints and people read these; no compilation depends on them.
            Ok(Instruction::CheckCfg(_) | Instruction::Warning(_)) => {}
            Ok(Instruction::RerunIfChanged(_) | Instruction::RerunIfEnvChanged(_)) => {}
            _ => return Err(format!("it says `{}`", crate::file::one_line(line.text))),
        }
    }
    // A path of this machine means nothing on another.
    let inner = prepared.build_dir.inner();
    let folders = [
        decision.package.root.as_path(),
        prepared.workspace.workspace_root.as_path(),
        prepared.target_dir.as_path(),
        inner.parent().unwrap_or(&inner),
    ];
    let folders = folders.map(|folder| folder.display().to_string());
    let is_path = |text: &String| {
        Path::new(text).is_absolute() || folders.iter().any(|folder| text.contains(folder.as_str()))
    };
    if told.env.values().chain(&told.cfgs).chain(&told.libs).any(is_path) {
        return Err("it says a path of this machine".to_owned());
    }
    Ok(told)
}
