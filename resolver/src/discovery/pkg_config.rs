//! The `pkg-config` method: `.pc` files read in process, or the user's `PKG_CONFIG` run.

mod command;
mod setting;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use inert_manifest_spec::rules::names;

use super::emit::{Reading, Word, emit};
use super::{EnvRole, Failed, Found, Lacking, Looked, Query};
use crate::directives::Directive;
use crate::pkgconf::{Client, Dependency, Operator, PackageId, PcSource, Problem, Want, parse_dependencies};
use crate::world::World;
pub(super) use setting::Setting;

/// A `.pc` file is a page of text: the largest of a distribution's have a few kilobytes.
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

/// Asks for each of the library's modules until one answers.
pub(super) fn find(query: &Query<'_>, world: &mut World) -> Looked {
    if query.modules.is_empty() {
        return Looked::Skipped("");
    }
    if query.variable(EnvRole::NoPkgConfig, world).is_some() {
        return Looked::Skipped("the crate's NO_PKG_CONFIG variable is set");
    }
    let mut failed = Vec::new();
    for module in &query.modules {
        match ask(query, module, Words::InRegions, world) {
            Ok(answered) => {
                let detail = command_line(query, module, &answered.setting);
                return match finish(answered, query, world) {
                    Ok(found) => Looked::Found(Box::new(found), detail, failed),
                    Err(unmet) => Looked::Unmet(unmet, failed),
                };
            }
            Err(why) => failed.push(why),
        }
    }
    Looked::Failed(failed)
}

/// What pkg-config says of a module.
pub(super) struct Answered {
    pub(super) words: Vec<Word>,
    pub(super) version: String,
    pub(super) variables: BTreeMap<String, String>,
    /// The module's file, where one was read.
    pub(super) path: Option<PathBuf>,
    /// What the user should know.
    pub(super) warnings: Vec<String>,
    pub(super) setting: Setting,
}

/// How the words of a `.pc` file come: as pkgconf 1.8 says them, which is what a crate that starts it reads; or with flags
/// in two words joined, and regions of the linker's line whole.
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
    let fail = |(why, missing)| Failed { detail, why, missing };
    match setting.program.clone() {
        Some(program) => {
            command::ask(&program, query, module, setting, world).map_err(|why| fail((why, Vec::new())))
        }
        None => read(query, module, setting, world).map_err(fail),
    }
}

/// As one would type it to see for oneself.
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

/// The module and each bound on its version, as the `pkg-config` crate gives them to the program.
fn requests(query: &Query<'_>, module: &str) -> Vec<Dependency> {
    let plain =
        Dependency { module: module.to_owned(), operator: Operator::Any, version: None, internal: false };
    // As words of a command line, which a strange version takes apart as it would there.
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
) -> Result<Answered, (String, Vec<Lacking>)> {
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
    // What was odd about a file, or why one was passed over for another folder's.
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

/// Turns words into directives, and says where metadata paths may lie.
///
/// # Errors
/// What the user insists on and cannot be had.
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
        version: Some(version),
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

/// Why there is no answer: the problems, and for what is not there, where it was looked for.
fn explain(
    module: &str,
    problems: &[Problem],
    passed_over: &[Problem],
    setting: &Setting,
) -> (String, Vec<Lacking>) {
    let missing: Vec<&str> = problems
        .iter()
        .filter_map(|problem| match problem {
            Problem::NotFound { module, .. } => Some(module.as_str()),
            _ => None,
        })
        .collect();
    // A file that is there and of no use explains better than its absence; each is read once for every question.
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
        Problem::NotFound { module, .. } => {
            Some(Lacking { module: module.clone(), has: None, broken: broken(module).map(|(path, _)| path) })
        }
        Problem::Version(version) => {
            Some(Lacking { module: version.module.clone(), has: Some(version.found.clone()), broken: None })
        }
        _ => None,
    });
    (lines.join("; "), lacking.collect())
}
