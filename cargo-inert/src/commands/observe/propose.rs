//! Proposes the rights of an `[[allow]]` entry for the actions that a script was denied, each with the program, file or
//! variable that needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use inert_sandbox::Denial;

use crate::confine::observed::Observation;
use crate::environment::Environment;
use crate::policy::Rights;
use crate::policy::rights::{Place as Granted, is_tool};
use crate::toml_text::quoted;

/// The folders and packages that the paths of a script's denials are compared with.
pub(super) struct Place<'a> {
    pub(super) package: &'a Path,
    pub(super) workspace: &'a Path,
    pub(super) linked: Vec<(&'a str, &'a Path)>,
    /// The folders that builds write to.
    pub(super) closed: [&'a Path; 2],
    pub(super) home: Option<&'a Path>,
    pub(super) member: bool,
    pub(super) environment: &'a Environment,
}

/// One right, or what no right is proposed for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Tool(String),
    Read(Granted),
    Write(Granted),
    Variable(String),
    /// A denial that is only named.
    Nothing(String),
}

/// A right with its reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Proposal {
    what: What,
    /// The program, file or variable that needs it.
    pub(super) why: String,
}

impl Proposal {
    pub(super) fn grantable(&self) -> bool {
        !matches!(self.what, What::Nothing(_))
    }

    /// Returns the line of the entry that grants it, or what was denied.
    pub(super) fn line(&self) -> String {
        match &self.what {
            What::Tool(name) => format!("tools = [{}]", quoted(name)),
            What::Read(place) => format!("read = [{}]", quoted(&place.to_string())),
            What::Write(place) => format!("write = [{}]", quoted(&place.to_string())),
            What::Variable(name) => format!("env = [{}]", quoted(name)),
            What::Nothing(what) => format!("(denied {what})"),
        }
    }

    pub(super) fn add_to(&self, rights: &mut Rights) {
        let mut own = Rights::default();
        match &self.what {
            What::Tool(name) => own.tools.push(name.clone()),
            What::Read(place) => own.read.push(place.clone()),
            What::Write(place) => own.write.push(place.clone()),
            What::Variable(name) => own.env.push(name.clone()),
            What::Nothing(_) => {}
        }
        rights.add(&own);
    }
}

/// Returns the lines of an entry that grant all of these.
pub(super) fn lines(accepted: &[Proposal]) -> Vec<String> {
    let mut rights = Rights::default();
    accepted.iter().for_each(|proposal| proposal.add_to(&mut rights));
    let texts =
        |places: &[Granted]| places.iter().map(|place| quoted(&place.to_string())).collect::<Vec<_>>();
    let names = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>();
    [
        ("tools", names(&rights.tools)),
        ("read", texts(&rights.read)),
        ("write", texts(&rights.write)),
        ("env", names(&rights.env)),
    ]
    .into_iter()
    .filter(|(_, values)| !values.is_empty())
    .map(|(key, values)| format!("{key} = [{}]", values.join(", ")))
    .collect()
}

/// The number of denied files of one folder from which the folder is proposed.
const MANY: usize = 3;

/// Returns what could be granted, and what could not; programs first, since they ask for files in turn.
pub(super) fn of(seen: &Observation, place: &Place<'_>, mentions: &BTreeSet<String>) -> Vec<Proposal> {
    let mut found = BTreeSet::new();
    let mut add = |what, why: String| {
        found.insert(Proposal { what, why });
    };
    for name in &seen.missed_tools {
        add(What::Tool(name.clone()), format!("it starts the program {name}"));
    }
    let mut files: BTreeMap<&Path, usize> = BTreeMap::new();
    let denials: Vec<Denial> = seen.denials().collect();
    for denial in &denials {
        if let Denial::Read(path) = denial {
            *files.entry(path.parent().unwrap_or(path)).or_default() += 1;
        }
    }
    for denial in &denials {
        match denial {
            Denial::Execute(path) => match tool(path, place) {
                Some(name) => add(What::Tool(name), format!("it starts {}", path.display())),
                None => match readable(path, false, place) {
                    Ok(granted) => add(What::Read(granted), format!("it starts {}", path.display())),
                    Err(why) => add(What::Nothing(denial.to_string()), why),
                },
            },
            Denial::Read(path) | Denial::List(path) if of_libraries(path) => {}
            Denial::Read(path) | Denial::List(path) => {
                let many =
                    path.parent().is_some_and(|folder| files.get(folder).is_some_and(|count| *count >= MANY));
                match readable(path, many, place) {
                    Ok(granted) => {
                        let what = if path.is_dir() { "lists" } else { "reads" };
                        add(What::Read(granted), format!("it {what} {}", path.display()));
                    }
                    Err(why) => add(What::Nothing(denial.to_string()), why),
                }
            }
            Denial::Write(path) | Denial::Attributes(path) | Denial::Truncate(path) => {
                match own(path, place).filter(|_| place.member) {
                    Some(granted) => add(What::Write(granted), format!("it writes {}", path.display())),
                    None => add(
                        What::Nothing(denial.to_string()),
                        "only a member's script may write, and in its workspace alone".to_owned(),
                    ),
                }
            }
            Denial::Network => add(
                What::Nothing(denial.to_string()),
                "`network = true` with `network-reason` grants it, if it cannot do without".to_owned(),
            ),
            Denial::Signal | Denial::Process => {
                add(What::Nothing(denial.to_string()), "no entry grants it".to_owned());
            }
        }
    }
    for name in &seen.missed_variables {
        add(What::Variable(name.clone()), format!("it says that it goes by {name}, which is set"));
    }
    let named = seen.hidden.iter().filter(|name| mentions.contains(*name) && is_own_variable(name));
    for name in named.filter(|name| !seen.missed_variables.contains(*name)) {
        add(What::Variable(name.clone()), format!("its source names {name}, which is set"));
    }
    found.into_iter().collect()
}

/// Returns whether the C library and std look for a file by themselves, and do without it.
fn of_libraries(path: &Path) -> bool {
    ["/proc", "/sys", "/dev", "/etc/locale.alias"].iter().any(|known| path.starts_with(known))
}

/// Returns whether a variable is one that a script may have set for it: others have a value of Inert's.
fn is_own_variable(name: &str) -> bool {
    !["HOME", "PATH", "TMPDIR", "TMP", "TEMP", "USERPROFILE", "LD_LIBRARY_PATH"].contains(&name)
        && !["CARGO", "RUST", "INERT"].iter().any(|prefix| name.starts_with(prefix))
}

/// Returns the name of a program that PATH leads to.
fn tool(path: &Path, place: &Place<'_>) -> Option<String> {
    let name = path.file_name()?.to_str().filter(|name| is_tool(name))?;
    // A program that PATH does not name is one by its path.
    let on_path = place.environment.find_program(name)?;
    (on_path.canonicalize().ok()? == path.canonicalize().ok()?).then(|| name.to_owned())
}

/// Returns a place in the package or the workspace.
fn own(path: &Path, place: &Place<'_>) -> Option<Granted> {
    let below = |root: &Path| {
        let root = root.canonicalize().ok()?;
        path.strip_prefix(&root)
            .ok()
            .map(|rest| rest.to_string_lossy().into_owned())
            .filter(|rest| !rest.is_empty())
    };
    let closed =
        place.closed.iter().any(|closed| closed.canonicalize().is_ok_and(|closed| path.starts_with(closed)));
    let text = match (below(place.package), below(place.workspace)) {
        _ if closed => return None,
        (Some(rest), _) => format!("package:{rest}"),
        (None, Some(rest)) => format!("workspace:{rest}"),
        (None, None) => return None,
    };
    Granted::parse(&text).ok()
}

/// Returns the place that grants reading a path; `many` grants its folder.
///
/// # Errors
/// Nothing is proposed for it; the text says why.
fn readable(path: &Path, many: bool, place: &Place<'_>) -> Result<Granted, String> {
    let closed = || place.closed.iter().filter_map(|closed| closed.canonicalize().ok());
    if closed().any(|closed| closed.starts_with(path)) {
        if place.workspace.canonicalize().is_ok_and(|workspace| workspace == path) {
            return Granted::parse("workspace:.");
        }
        return Err("no entry grants a folder that holds what builds write to".to_owned());
    }
    if place.closed.iter().any(|closed| closed.canonicalize().is_ok_and(|closed| path.starts_with(closed))) {
        return Err("no entry grants a folder that builds write to".to_owned());
    }
    if let Some(granted) = own(path, place) {
        return Ok(granted);
    }
    for (name, root) in &place.linked {
        let inside = root.canonicalize().is_ok_and(|root| path == root);
        if inside && let Ok(granted) = Granted::parse(&format!("dep:{name}")) {
            return Ok(granted);
        }
    }
    let home = place.home.and_then(|home| home.canonicalize().ok());
    if let Some(inner) = home.as_deref().and_then(|home| path.strip_prefix(home).ok().map(Path::to_path_buf))
    {
        let hidden = inner
            .components()
            .next()
            .is_none_or(|first| first.as_os_str().to_string_lossy().starts_with('.'));
        // Packages that Cargo has downloaded are public.
        let public = ["registry/src", "git/checkouts"]
            .iter()
            .any(|known| path.to_string_lossy().contains(&format!("/.cargo/{known}/")));
        if hidden && !public {
            return Err("nothing is proposed for what the home hides: name it in the entry, if that must be"
                .to_owned());
        }
    }
    // A folder in the place of its files, unless it holds the home, or what builds write.
    let holds_more = |folder: &Path| {
        let closed = place.closed.iter().filter_map(|closed| closed.canonicalize().ok());
        folder.parent().is_none() || home.iter().cloned().chain(closed).any(|inner| inner.starts_with(folder))
    };
    let path = match path.parent() {
        Some(folder) if many && !holds_more(folder) => folder,
        _ => path,
    };
    Granted::parse(&format!("system:{}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_secrets_is_only_named() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().canonicalize().unwrap();
        for folder in [".ssh", "work/member", "work/target", "data", ".cargo/registry/src/i/other-1.0.0"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        let (work, member, target) = (root.join("work"), root.join("work/member"), root.join("work/target"));
        let environment = Environment::default();
        let place = Place {
            package: &member,
            workspace: &work,
            linked: Vec::new(),
            closed: [&target, &target],
            home: Some(&root),
            member: true,
            environment: &environment,
        };
        let said = |path: &str| readable(&root.join(path), false, &place).map(|place| place.to_string());
        // The workspace is around the target dir, and is granted by its entries; the home around both is not.
        assert_eq!(said("work").as_deref(), Ok("workspace:."));
        assert_eq!(said("work/member/.git/HEAD").as_deref(), Ok("package:.git/HEAD"));
        assert_eq!(said("work/other/a.h").as_deref(), Ok("workspace:other/a.h"));
        assert_eq!(said("data/a.h"), Ok(format!("system:{}/data/a.h", root.display())));
        // Several files of a folder are granted as the folder, but never the home or what is around it.
        let many = |path: &str| readable(&root.join(path), true, &place).map(|place| place.to_string());
        assert_eq!(many("data/a.h"), Ok(format!("system:{}/data", root.display())));
        assert_eq!(many("a.conf"), Ok(format!("system:{}/a.conf", root.display())));
        let public = ".cargo/registry/src/i/other-1.0.0/a.h";
        assert_eq!(said(public), Ok(format!("system:{}/{public}", root.display())));
        for hidden in [".ssh/id_rsa", ".cargo/credentials.toml", "work/target/debug/x", ""] {
            assert!(said(hidden).is_err(), "{hidden}: {:?}", said(hidden));
        }
        assert!(
            is_own_variable("WIDGET_DIR")
                && !is_own_variable("CARGO_REGISTRY_TOKEN")
                && !is_own_variable("HOME")
        );
    }
}
