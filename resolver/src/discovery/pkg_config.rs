//! The method `pkg-config`: reads `.pc` files in process, or runs the user's `PKG_CONFIG`.

mod command;
mod setting;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use inert_manifest_spec::rules::names;

use super::emit::{Reading, Word, emit};
use super::outcome::MissingModule;
use super::{EnvRole, Failed, Found, MethodOutcome, Query};
use crate::directives::Directive;
use crate::pkgconf::{Client, Dependency, Operator, PackageId, PcSource, Problem, Want, parse_dependencies};
use crate::world::World;
pub(super) use setting::Setting;

/// The greatest size of a `.pc` file, in bytes: the largest of a distribution have a few kilobytes.
const LARGEST: u64 = 1 << 20;

impl PcSource for World {
    fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_within(path, LARGEST)
    }

    fn is_dir(&mut self, path: &Path) -> bool {
        World::is_dir(self, path)
    }

    fn read_dir(&mut self, path: &Path) -> io::Result<Vec<String>> {
        self.list(path)
    }
}

/// Asks for each of the library's modules until one is found.
pub(super) fn find(query: &Query<'_>, world: &mut World) -> MethodOutcome {
    if query.modules.is_empty() {
        return MethodOutcome::Skipped("");
    }
    if query.variable(EnvRole::NoPkgConfig, world).is_some() {
        return MethodOutcome::Skipped("the crate's NO_PKG_CONFIG variable is set");
    }
    let mut failed = Vec::new();
    for module in &query.modules {
        match ask(query, module, Words::InRegions, world) {
            Ok(answered) => {
                let detail = command_line(query, module, &answered.setting);
                return match finish(answered, query, world) {
                    Ok(found) => MethodOutcome::Found(Box::new(found), detail, failed),
                    Err(unmet) => MethodOutcome::Unmet(unmet, failed),
                };
            }
            Err(why) => failed.push(why),
        }
    }
    MethodOutcome::Failed(failed)
}

/// The answer of pkg-config about a module.
pub(super) struct Answered {
    pub(super) words: Vec<Word>,
    pub(super) version: String,
    pub(super) variables: BTreeMap<String, String>,
    /// The module's file, if the files were read in process.
    pub(super) path: Option<PathBuf>,
    /// Warnings for the user.
    pub(super) warnings: Vec<String>,
    pub(super) setting: Setting,
}

/// The form in which the tokens of a `.pc` file are returned: as pkgconf 1.8 prints them, which a crate that starts
/// it reads; or with each flag and its value joined, and regions of the linker's line whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    AsPkgconf,
    InRegions,
}

/// Asks for one module.
pub(super) fn ask(
    query: &Query<'_>,
    module: &str,
    words: Words,
    world: &mut World,
) -> Result<Answered, Failed> {
    let refusal = format!("{}_NO_PKG_CONFIG", module.to_ascii_uppercase().replace('-', "_"));
    if world.env(&refusal).is_some() {
        return Err(Failed::new(module, format!("{refusal} is set")));
    }
    if !names::is_pkg_config_module(module) {
        return Err(Failed::new(module, "it is no pkg-config module's name"));
    }
    let setting = Setting::new(query, module, words, world).map_err(|why| Failed::new(module, why))?;
    let detail = command_line(query, module, &setting);
    let fail = |(why, missing)| Failed { detail, why, missing, has: None };
    match setting.program.clone() {
        Some(program) => {
            command::ask(&program, query, module, setting, world).map_err(|why| fail((why, Vec::new())))
        }
        None => read(query, module, setting, world).map_err(fail),
    }
}

/// Returns the command that a person would type to get the same answer.
fn command_line(query: &Query<'_>, module: &str, setting: &Setting) -> String {
    let program =
        setting.program.as_ref().map_or("pkg-config".to_owned(), |program| program.display().to_string());
    let mut line = format!("{program} --libs --cflags {module}");
    if setting.wants_static.is_some() {
        line = line.replacen(" --libs", " --static --libs", 1);
    }
    for test in &query.version.comparisons {
        line.push_str(&format!(" '{module} {} {}'", test.operator, test.value));
    }
    line
}

/// Returns the module and each bound on its version, as the `pkg-config` crate passes them to the program.
fn requests(query: &Query<'_>, module: &str) -> Vec<Dependency> {
    let plain =
        Dependency { module: module.to_owned(), operator: Operator::Any, version: None, internal: false };
    // The bounds are split like a command line, so that an unusual version is split in the same way as there.
    let bounds = query
        .version
        .comparisons
        .iter()
        .flat_map(|test| parse_dependencies(&format!("{module} {} {}", test.operator, test.value)));
    std::iter::once(plain).chain(bounds).collect()
}

fn read(
    query: &Query<'_>,
    module: &str,
    setting: Setting,
    world: &mut World,
) -> Result<Answered, (String, Vec<MissingModule>)> {
    let mut client = Client::new(world, setting.config.clone());
    let answer = match client.query(&requests(query, module), Want { cflags: true, libs: true }) {
        Ok(answer) => answer,
        Err(problems) => return Err(explain(module, &problems, client.passed_over(), &setting)),
    };
    let origin = |id: PackageId| client.package(id).path.display().to_string();
    let words: Vec<Word> = answer
        .cflags
        .iter()
        .chain(&answer.libs)
        .flat_map(|fragment| {
            let origin = origin(fragment.origin);
            fragment.words().into_iter().map(move |text| Word { text, origin: origin.clone() })
        })
        .collect();
    let Some(package) = answer.modules.first().map(|id| client.package(*id)) else {
        return Err((format!("{module} is no module"), Vec::new()));
    };
    let variables = package.variables().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    // Peculiarities of a file, and reasons why a file was ignored in favour of another folder's.
    let mut odd: Vec<String> = Vec::new();
    if !setting.relative.is_empty() {
        odd.push(format!("of the folders of .pc files, {}", Setting::said_of(&setting.relative)));
    }
    for problem in client.passed_over() {
        let problem = problem.to_string();
        if !odd.contains(&problem) {
            odd.push(problem);
        }
    }
    let mut warnings = if setting.hosts.iter().any(|folder| package.path.parent() == Some(folder)) {
        let (target, host) = (&query.request.target.triple, &query.request.host);
        vec![format!("{} is {host}'s, and is used for {target}", package.path.display())]
    } else {
        Vec::new()
    };
    warnings.append(&mut odd);
    let (version, path) = (package.version.clone(), Some(package.path.clone()));
    Ok(Answered { words, version, variables, path, warnings, setting })
}

/// Turns tokens into directives, and determines the folders in which metadata paths may lie.
///
/// # Errors
/// A request of the user that cannot be met.
pub(super) fn finish(answered: Answered, query: &Query<'_>, world: &mut World) -> Result<Found, String> {
    let Answered { words, version, variables, path: answered_path, mut warnings, setting } = answered;
    let reading = Reading {
        target: &query.request.target.triple,
        host: &query.request.host,
        title: query.modules.first().map_or(query.name, String::as_str),
        wants_static: setting.wants_static,
        system_roots: setting.system_roots,
    };
    let emitted = emit(&words, &reading, world);
    if let Some(unmet) = emitted.unmet {
        return Err(unmet);
    }
    warnings.extend(emitted.warnings);
    let says_none = !emitted
        .link
        .iter()
        .any(|directive| matches!(directive, Directive::LinkLib { .. } | Directive::LinkArg { .. }));
    if let Some(path) = answered_path.filter(|_| says_none && !query.libs.is_empty()) {
        warnings.push(format!(
            "{}: it names no library to link, where {} is looked for",
            path.display(),
            query.libs.join(", ")
        ));
    }
    let mut prefixes = emitted.include_dirs.clone();
    prefixes.extend(emitted.lib_dirs.iter().cloned());
    let prefix = variables.get("prefix").filter(|prefix| prefix.starts_with('/') && *prefix != "/");
    prefixes.extend(prefix.map(PathBuf::from));
    Ok(Found {
        // A program may answer with nothing.
        version: Some(version).filter(|version| !version.is_empty()),
        variables,
        link: emitted.link,
        include_dirs: emitted.include_dirs,
        lib_dirs: emitted.lib_dirs,
        defines: emitted.defines,
        warnings,
        prefixes,
        ..Found::default()
    })
}

/// Returns the reason why there is no answer: the problems, and for missing modules the folders that were searched.
fn explain(
    module: &str,
    problems: &[Problem],
    passed_over: &[Problem],
    setting: &Setting,
) -> (String, Vec<MissingModule>) {
    let missing: Vec<&str> = problems
        .iter()
        .filter_map(|problem| match problem {
            Problem::NotFound { module, .. } => Some(module.as_str()),
            _ => None,
        })
        .collect();
    // A file that exists but cannot be used is the better explanation; each file is read once for all questions.
    let broken = |module: &str| {
        passed_over.iter().find_map(|problem| match problem {
            Problem::Invalid { path, .. } if path.file_stem().is_some_and(|stem| stem == module) => {
                Some((path.clone(), problem.to_string()))
            }
            _ => None,
        })
    };
    let mut lines: Vec<String> = Vec::new();
    for problem in problems {
        let line = match problem {
            Problem::NotFound { module, required_by } => match (broken(module), required_by) {
                (Some((_, why)), Some(by)) => format!("{why} (required by {by}.pc)"),
                (Some((_, why)), None) => why,
                (None, _) => problem.to_string(),
            },
            other => other.to_string(),
        };
        lines.push(line);
    }
    if !missing.is_empty() {
        lines.push(match setting.searched().as_str() {
            "" => format!("no folder is searched for {module}.pc: {}", setting.how),
            searched => format!("searched {searched} ({})", setting.how),
        });
    }
    let lacking = problems.iter().filter_map(|problem| match problem {
        Problem::NotFound { module, .. } => Some(MissingModule {
            module: module.clone(),
            has: None,
            broken: broken(module).map(|(path, _)| path),
        }),
        Problem::Version(version) => Some(MissingModule {
            module: version.module.clone(),
            has: Some(version.found.clone()),
            broken: None,
        }),
        _ => None,
    });
    (lines.join("; "), lacking.collect())
}
