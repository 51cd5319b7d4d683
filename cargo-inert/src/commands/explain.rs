//! `cargo inert explain`: for a package or a library, what was tried, what was chosen, what Cargo was told, and who
//! asked.

use std::path::PathBuf;

use clap::Parser;
use inert_build_output::{Instruction, Line};
use inert_manifest_spec::Library;
use inert_resolver::discovery::provider::{Choice, Chosen, Discovery};
use inert_resolver::discovery::remedies;
use inert_resolver::{World, discovery};

use super::Outcome;
use super::cargo_arguments::BuildArguments;
use super::format::HumanOrJson;
use crate::driver::{self, Context, Failure, Prepared};
use crate::plan::model::{Action, Decision, Origin, Run};
use crate::plan::{providers, run_facts};
use crate::report::explain::{Attempted, Built, Explained, HELP, OfLibrary, OfPackage, Search};
use crate::stand_in::record::{FAILURE, RECORD, Record};
use crate::{exit, report};

/// Say what was tried for a package or a library, what was chosen, and who asked
///
/// A package is named as in Cargo.lock; a library by its name in a declaration, its pkg-config module, its link name
/// (`z`), or a package's `links`. Libraries are looked for now, as the next build would; what Cargo was told is what
/// the last build told it.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert explain",
    bin_name = "cargo inert explain",
    after_help = "Examples:
  cargo inert explain openssl-sys           how its script was decided, what it asks for, what it told Cargo
  cargo inert explain zlib                  who asks for zlib, every place looked at, which one is taken
  cargo inert explain zlib --target aarch64-unknown-linux-gnu

Exit codes: 0 explained, 1 nothing of that name in this build, 2 bad usage."
)]
pub struct Arguments {
    /// A package (`name` or `name@version`) or a library
    name: String,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: HumanOrJson,
    #[command(flatten)]
    cargo: BuildArguments,
}

/// Runs `cargo inert explain`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let invocation = arguments.cargo.invocation("build", context)?;
    let prepared = driver::prepare(context, &invocation)?;
    let explained = explain(&prepared, &arguments.name);
    if explained.packages.is_empty() && explained.libraries.is_empty() {
        return Err(unknown(&prepared, &arguments.name));
    }
    if arguments.format == HumanOrJson::Json {
        report::print_json(&explained);
    } else {
        report::print(&report::escaped(&report::explain::human(&explained)));
    }
    Ok(exit::DONE)
}

fn explain(prepared: &Prepared, asked: &str) -> Explained {
    let mut explained = Explained { schema: 1, ..Explained::default() };
    for decision in &prepared.plan.decisions {
        let id = &decision.package.id;
        let by_links = decision.package.links.as_deref() == Some(asked);
        if id.name == asked || format!("{}@{}", id.name, id.version) == asked || by_links {
            explained.packages.push(package(prepared, decision));
        }
    }
    // A package and a library may have the same name, such as `alsa`.
    let libraries = libraries(prepared, &|key, library| names(key, library).iter().any(|name| name == asked));
    explained.libraries = libraries;
    explained
}

/// Returns the names of a library: its key in the declaration, its modules and its link names.
fn names(key: &str, library: &Library) -> Vec<String> {
    let texts = [&library.pkg_config, &library.libs, &library.vcpkg, &library.frameworks];
    let texts = texts.into_iter().flatten().map(|item| item.value.clone());
    std::iter::once(key.to_owned()).chain(texts).collect()
}

fn package(prepared: &Prepared, decision: &Decision) -> OfPackage {
    // A package that configuration speaks for follows no declaration.
    let overridden = decision.action == Action::Overridden;
    let declared = decision.declared.as_ref().filter(|_| !overridden);
    let own = decision.package.id.to_string();
    let libraries = libraries(prepared, &|_, _| true);
    OfPackage {
        package: own.clone(),
        source: decision.source.clone(),
        script: decision.script.clone(),
        action: decision.action,
        origin: if overridden { Origin::None } else { decision.origin },
        declared_in: declared.map(|declared| declared.place.clone()),
        unsupported: declared
            .and_then(|declared| declared.declaration.unsupported.as_ref())
            .map(ToString::to_string),
        reason: report::refusal::reason(decision),
        residue: if overridden { Vec::new() } else { decision.residue.clone() },
        via: decision.via.iter().map(ToString::to_string).collect(),
        runs: decision.runs.iter().map(|run| built(prepared, decision, run)).collect(),
        searches: libraries
            .into_iter()
            .flat_map(|library| library.searches)
            .filter(|search| search.package == own)
            .collect(),
    }
}

/// Returns the result of a run, as the last build recorded it.
pub(super) fn built(prepared: &Prepared, decision: &Decision, run: &Run) -> Built {
    let features: Vec<&str> = run.features.iter().map(String::as_str).collect();
    let key = format!("{}\t{}\t{}\t", decision.id(), run.target, features.join(","));
    let mut built = Built {
        target: run.target.clone(),
        features: run.features.iter().cloned().collect(),
        needed: run.needed,
        ..Built::default()
    };
    let Ok(folders) = std::fs::read_dir(prepared.build_dir.inner().join("runs")) else { return built };
    let mut newest = None;
    for folder in folders.flatten().map(|entry| entry.path()) {
        let [record, failure] = [RECORD, FAILURE]
            .map(|name| Record::read(&folder.join(name)).filter(|record| record.entry.starts_with(&key)));
        let Some(last) = failure.as_ref().or(record.as_ref()) else { continue };
        let when = [RECORD, FAILURE]
            .iter()
            .filter_map(|name| folder.join(name).metadata().ok()?.modified().ok())
            .max();
        if when < newest {
            continue;
        }
        newest = when;
        built.attempts = last.attempts.lines().map(str::to_owned).collect();
        let record = record.unwrap_or_default();
        let package = inert_build_output::Package { bootstrap: true, ..Default::default() };
        let is_rerun = |line: &Line<'_>| {
            matches!(line.says, Ok(Instruction::RerunIfChanged(_) | Instruction::RerunIfEnvChanged(_)))
        };
        let lines = inert_build_output::read(record.directives.as_bytes(), &package).into_iter();
        built.directives = lines.filter(|line| !is_rerun(line)).map(|line| line.text.to_owned()).collect();
        built.looked_at = looked_at(&record.journal);
        built.failure = failure.map(|failure| failure.journal);
        built.recorded = true;
    }
    built
}

fn looked_at(journal: &str) -> Vec<(PathBuf, String)> {
    let journal = inert_resolver::Journal::parse(journal).unwrap_or_default();
    report::explain::paths(&journal)
}

/// Searches for the libraries that `wanted` accepts, and groups the searches by the provider that the plan fixed.
fn libraries(prepared: &Prepared, wanted: &dyn Fn(&str, &Library) -> bool) -> Vec<OfLibrary> {
    let mut found: Vec<OfLibrary> = Vec::new();
    let providers = &prepared.plan.providers;
    for decision in &prepared.plan.decisions {
        let Some(declared) = &decision.declared else { continue };
        let mut seen = Vec::new();
        for run in decision.runs.iter().filter(|run| run.needed) {
            let facts = run_facts::facts_of(&prepared.recording, &run.target);
            let Ok(mut request) =
                run_facts::request(&decision.package, run, &facts, &prepared.recording.rustc)
            else {
                continue;
            };
            // The plan has already reported sections that contradict each other.
            let policy = prepared.policy.libraries.of(&run.target, &facts).unwrap_or_default();
            let environment = || prepared.environment.variables.clone().into_iter().collect();
            let mut world = World::new(environment(), PathBuf::new());
            for (key, library) in providers::asked(&declared.declaration, &request, &mut world) {
                if !wanted(&key, &library) || seen.contains(&(run.target.clone(), key.clone())) {
                    continue;
                }
                seen.push((run.target.clone(), key.clone()));
                let package = decision.package.id.to_string();
                let asker = (package.clone(), run.target.clone(), key.clone());
                request.libraries = providers.words.get(&asker).unwrap_or(&policy).clone();
                // A separate world, whose journal holds the files of this search only.
                let mut world = World::new(environment(), PathBuf::new());
                let not_asked = providers.asks.iter().any(|ask| {
                    ask.package == package
                        && ask.key == key
                        && ask.platform == run.target
                        && ask.found == Discovery::NotAsked
                });
                let mut named = library.clone();
                declared.declaration.name_source(&key, &mut named);
                let (outcome, attempts) = match not_asked {
                    true => (Vec::new(), Vec::new()),
                    false => match discovery::find(&named, &key, &request, &mut world) {
                        Ok(found) => (report::explain::found(&found), found.attempts),
                        Err(mut missing) => {
                            // It is, where the source is implied: `provided by` says so.
                            let source = remedies::from_source(&key);
                            missing.remedies.retain(|line| library.fallback.is_some() || *line != source);
                            (report::explain::missing(&missing), missing.attempts)
                        }
                    },
                };
                let search = Search {
                    package,
                    key: key.clone(),
                    target: run.target.clone(),
                    fallback: declared.declaration.source_of(&key).map(str::to_owned),
                    via: decision.via.iter().map(ToString::to_string).collect(),
                    attempts: attempts.iter().map(Attempted::of).collect(),
                    looked_at: report::explain::paths(&world.journal),
                    rules: Vec::new(),
                    outcome,
                };
                let said = |names: &[&str]| prepared.policy.libraries.said(&run.target, &facts, names);
                add(&mut found, prepared, search, &names(&key, &library), &said);
            }
        }
    }
    found
}

/// Adds a search to its library: the one with the same provider, or with the same reason for having none.
fn add(
    found: &mut Vec<OfLibrary>,
    prepared: &Prepared,
    mut search: Search,
    names: &[String],
    said: &dyn Fn(&[&str]) -> Vec<String>,
) {
    let asker = (search.package.clone(), search.key.clone());
    let selection = &prepared.plan.providers.selection;
    let is_it = |platform: &str, asked_by: &[(String, String)]| {
        platform == search.target && asked_by.contains(&asker)
    };
    let chosen = selection.chosen.iter().find(|chosen| is_it(&chosen.platform, &chosen.asked_by));
    let refused = selection.unprovided.iter().position(|one| is_it(&one.platform, &one.asked_by));
    // The names that the choice was made by; without a choice, those of the declaration.
    let known: Vec<&str> = match (chosen, refused) {
        (Some(chosen), _) => chosen.names.iter().map(String::as_str).collect(),
        (None, Some(at)) => selection.unprovided[at].names.iter().map(String::as_str).collect(),
        (None, None) => names.iter().map(String::as_str).collect(),
    };
    search.rules = said(&known);
    let shown = if chosen.is_some() || refused.is_some() { known.join(", ") } else { search.key.clone() };
    let id = (search.target.clone(), shown);
    let (provider, why) = match (chosen, refused) {
        (Some(chosen), _) if chosen.choice == Choice::Absent && !builders(prepared, chosen).is_empty() => {
            let builders = builders(prepared, chosen).join(" and ");
            (Some(format!("its own source, which {builders} builds")), Some(chosen.why.clone()))
        }
        (Some(chosen), _) => (Some(choice(prepared, &chosen.choice)), Some(chosen.why.clone())),
        (None, Some(at)) => {
            let why = selection.problems.get(at).map(|problem| problem.headline());
            (Some("nobody; the build is refused".to_owned()), why)
        }
        (None, None) => (None, None),
    };
    if let Some(chosen) = chosen {
        let builds = builders(prepared, chosen).contains(&asker.0);
        from_source(&mut search, chosen, &asker, &choice(prepared, &chosen.choice), builds);
    }
    let same = |library: &&mut OfLibrary| (library.target.clone(), library.names.clone()) == id;
    if let Some(library) = found.iter_mut().find(same) {
        library.searches.push(search);
        return;
    }
    found.push(OfLibrary { target: id.0, names: id.1, provider, why, searches: vec![search] });
}

/// Returns the packages that asked for a library and build its source if it is not found.
fn builders(prepared: &Prepared, chosen: &Chosen) -> Vec<String> {
    let asks = prepared.plan.providers.asks.iter().filter(|ask| {
        ask.platform == chosen.platform
            && ask.source.is_some()
            && chosen.asked_by.iter().any(|(package, key)| *package == ask.package && *key == ask.key)
    });
    asks.map(|ask| ask.package.clone()).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Describes a provider.
fn choice(prepared: &Prepared, choice: &Choice) -> String {
    if let Choice::Source { package, key } = choice {
        let builder =
            prepared.plan.decisions.iter().find(|decision| decision.package.id.to_string() == *package);
        let archive = builder
            .and_then(|decision| decision.declared.as_ref())
            .and_then(|declared| declared.declaration.source_of(key));
        return report::explain::built(package, archive);
    }
    report::explain::choice(choice)
}

/// Replaces the result of a search where the plan does not use it: the library is built from source, or the package
/// does without it.
fn from_source(search: &mut Search, chosen: &Chosen, asker: &(String, String), built: &str, builds: bool) {
    let own = chosen.apart.contains(asker);
    let without = chosen.without.contains(asker);
    let builder = match &chosen.choice {
        Choice::Source { package, .. } => Some(package),
        Choice::System { .. } if own || without => None,
        Choice::Absent if builds => None,
        _ => return,
    };
    for attempt in &mut search.attempts {
        if attempt.outcome == "chosen" {
            attempt.outcome = "passed over";
        }
    }
    if without {
        search.outcome = vec!["nothing: what this build links will not do for it".to_owned()];
        return;
    }
    let detail = match builder {
        None if chosen.choice == Choice::Absent => "built from its own source".to_owned(),
        None => "built from its own source; others of this build link the system's".to_owned(),
        Some(builder) if *builder == asker.0 => built.to_owned(),
        Some(builder) if own => format!("built from its own source, apart from what {builder} builds"),
        Some(_) => format!("{built}; this package links the same archive"),
    };
    search.attempts.push(Attempted {
        method: "source".to_owned(),
        detail: String::new(),
        outcome: "chosen",
        why: chosen.why.clone(),
    });
    // The advice holds for those who want the system's.
    let advice: Vec<String> = search.outcome.iter().filter(|line| line.starts_with(HELP)).cloned().collect();
    search.outcome = vec![detail];
    search.outcome.extend(advice);
}

/// Returns the error for a name that is unknown, with similar names.
fn unknown(prepared: &Prepared, asked: &str) -> Failure {
    let mut packages: Vec<&str> =
        prepared.plan.decisions.iter().map(|decision| decision.package.id.name.as_str()).collect();
    packages.dedup();
    let mut near: Vec<&str> =
        packages.iter().copied().filter(|name| name.contains(asked) || asked.contains(*name)).collect();
    near.truncate(6);
    let near = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) };
    Failure::Refused(format!(
        "no package with a build script and no library is called `{asked}` in this build{near}\n  help: `cargo inert audit` \
         lists the packages"
    ))
}
