//! `library`: determines the provider by the crate's own variables, pkg-config, vcpkg, frameworks, and the linker's
//! folders, in this order. Each method is a function that finds the library, does not find it, or fails if it is
//! not as requested.

mod advice;
mod folders;
mod pkg_config;
mod query;
mod vcpkg;

use std::rc::Rc;

use crate::Outcome;
use crate::condition;
use crate::effects::{self, link_lib, link_search};
use crate::script::{Script, joined};
use crate::toml::{Table, Value};

/// The provider of a library.
pub(crate) enum Provided {
    System(Found),
    /// A `cc-library` of the package itself.
    Source(String),
    /// No provider; the text is advice for installing it, `None` if the library was not requested.
    Missing(Option<String>),
}

/// A library of the system.
#[derive(Default)]
pub(crate) struct Found {
    version: String,
    link: Vec<Link>,
    include: Vec<String>,
    lib: Vec<String>,
    /// The pkg-config module that was found.
    module: String,
}

/// An item that is linked.
pub(crate) struct Link {
    what: What,
    name: String,
    kind: &'static str,
    modifiers: Vec<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum What {
    Lib,
    Search,
    Arg,
}

/// A library to look for, with its conditions answered.
struct Query<'d> {
    name: String,
    table: &'d Table,
    modules: Vec<&'d str>,
    ports: Vec<&'d str>,
    libs: Vec<&'d str>,
    frameworks: Vec<&'d str>,
    modifiers: Vec<&'d str>,
    version: &'d str,
    kind: &'d str,
    /// The number of attempts before those for this library.
    tried_before: usize,
}

/// The result of a method: found, not found, or an error because the library is not as requested.
type Looked = Outcome<Option<Found>>;

const WINDOWS: bool = cfg!(windows);

impl<'d> Script<'d> {
    /// Answers `found = "name"`, `found = "name >= version"`, `version_known = "name"`; `None` if the version is
    /// not known.
    pub(crate) fn found(&mut self, fact: &str, asked: &str) -> Outcome<Option<bool>> {
        let (name, test) = condition::test(asked);
        Ok(Some(match (&*provided(self, name)?, test) {
            (Provided::System(found), None) => fact == "found" || !found.version.is_empty(),
            (Provided::System(found), Some(_)) if found.version.is_empty() => {
                return Ok(None);
            }
            (Provided::System(found), Some((operator, wanted))) => {
                // Versions other than numbers and dots compare as in pkg-config.
                let plain =
                    |text: &str| condition::number(text).is_some() || condition::dotted(text, "0").is_some();
                if plain(&found.version) && plain(wanted) {
                    condition::compare(&found.version, operator, wanted)
                } else {
                    condition::holds(pkg_config::compare(&found.version, wanted), operator)
                }
            }
            _ => false,
        }))
    }

    /// Returns a variable of a found library's `.pc` file.
    pub(crate) fn pc_variable(&mut self, library: &str, name: &str) -> Outcome<Option<String>> {
        match &*provided(self, library)? {
            Provided::System(found) if !found.module.is_empty() => {
                pkg_config::variable(self, &found.module, name)
            }
            _ => Ok(None),
        }
    }

    /// Returns the value of `${library.<rest>}`.
    pub(crate) fn library_variable(&mut self, rest: &str) -> Outcome<Option<String>> {
        let (name, what) = rest.split_once('.').unwrap_or_default();
        if let Some(variable) = what.strip_prefix("variable.") {
            return self.pc_variable(name, variable);
        }
        if what != "version" {
            return Ok(Some(joined(&self.library_folders(rest)?, if WINDOWS { ";" } else { ":" })));
        }
        Ok(match &*provided(self, name)? {
            Provided::System(found) if !found.version.is_empty() => Some(found.version.clone()),
            _ => None,
        })
    }

    /// Returns the folders of `${library.<rest>}`.
    pub(crate) fn library_folders(&mut self, rest: &str) -> Outcome<Vec<String>> {
        let (name, what) = rest.rsplit_once('.').unwrap_or_default();
        let mut folders = match &*provided(self, name)? {
            Provided::System(found) if what == "lib" => found.lib.clone(),
            Provided::System(found) => found.include.clone(),
            Provided::Source(archive) => self.archive_folders(archive, what)?,
            Provided::Missing(Some(message)) => return Err(message.clone()),
            Provided::Missing(None) => Vec::new(),
        };
        if what == "include[-1]" && folders.len() > 1 {
            folders.drain(..folders.len() - 1);
        }
        Ok(folders)
    }

    #[cfg(not(feature = "source-builds"))]
    fn archive_folders(&mut self, _: &str, _: &str) -> Outcome<Vec<String>> {
        Err(crate::script::lacking("source-builds"))
    }
}

/// Links a library with all directives of its provider.
pub(crate) fn link(script: &mut Script<'_>, name: &str) -> Outcome<()> {
    let table = table(script, name)?;
    match &*provided(script, name)? {
        Provided::System(found) => {
            for link in &found.link {
                match link.what {
                    What::Arg => script.say("rustc-link-arg", &link.name),
                    What::Search => link_search(script, some(link.kind), &link.name),
                    What::Lib => {
                        link_lib(script, &link.name, some(link.kind), &link.modifiers, None);
                    }
                }
            }
        }
        Provided::Source(archive) => effects::cc_library(script, archive)?,
        Provided::Missing(Some(message)) if !is(table, "optional") => return Err(message.clone()),
        Provided::Missing(_) => {}
    }
    Ok(())
}

/// Returns a library's include folders for a probe; empty if it is not found, or none is named.
#[cfg(feature = "source-builds")]
pub(crate) fn include(script: &mut Script<'_>, name: &str) -> Outcome<Vec<String>> {
    if name.is_empty() {
        return Ok(Vec::new());
    }
    match &*provided(script, name)? {
        Provided::System(found) => Ok(found.include.clone()),
        Provided::Source(archive) => script.archive_folders(archive, "include"),
        Provided::Missing(_) => Ok(Vec::new()),
    }
}

/// Returns the arguments that link a program with a library, for a probe.
#[cfg(feature = "source-builds")]
pub(crate) fn arguments(script: &mut Script<'_>, name: &str) -> Outcome<Vec<String>> {
    let mut arguments = Vec::new();
    if !name.is_empty() {
        if let Provided::System(found) = &*provided(script, name)? {
            for link in &found.link {
                match link.what {
                    What::Search => arguments.push("-L".to_owned() + &link.name),
                    What::Lib => arguments.push("-l".to_owned() + &link.name),
                    What::Arg => {}
                }
            }
        }
    }
    Ok(arguments)
}

/// Adds the modifiers of a library that an archive built here replaces.
#[cfg(feature = "source-builds")]
pub(crate) fn modifiers_for(script: &mut Script<'_>, archive: &str, own: &mut Vec<String>) -> Outcome<()> {
    for (_, library) in
        script.inert.get("library").and_then(Value::table).map(Table::sorted).unwrap_or_default()
    {
        if let Some(library) = library.table() {
            if library.get("fallback").and_then(Value::text) == Some(archive) {
                for modifier in script.texts(library.get("modifiers"))? {
                    if !modifier.ends_with("verbatim") {
                        modify(own, modifier);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Adds a modifier; it replaces a contrary one.
fn modify(modifiers: &mut Vec<String>, modifier: &str) {
    for known in modifiers.iter_mut() {
        if known[1..] == modifier[1..] {
            *known = String::new();
        }
    }
    drop_empty(modifiers);
    modifiers.push(modifier.to_owned());
}

fn some(text: &str) -> Option<&str> {
    if text.is_empty() { None } else { Some(text) }
}

fn is(table: &Table, key: &str) -> bool {
    matches!(table.get(key), Some(Value::Boolean(true)))
}

fn table<'d>(script: &Script<'d>, name: &str) -> Outcome<&'d Table> {
    let library = script.inert.get("library").and_then(Value::table).and_then(|table| table.get(name));
    library.and_then(Value::table).ok_or_else(|| format!("there is no library `{}`", name))
}

/// Returns the provider of a library, determined once.
fn provided(script: &mut Script<'_>, name: &str) -> Outcome<Rc<Provided>> {
    for (known, provided) in &script.libraries {
        if known == name {
            return Ok(provided.clone());
        }
    }
    let table = table(script, name)?;
    let provided =
        if script.stands(table)? { provide(script, name, table)? } else { Provided::Missing(None) };
    let provided = Rc::new(provided);
    script.libraries.push((name.to_owned(), provided.clone()));
    Ok(provided)
}

fn provide<'d>(script: &mut Script<'d>, name: &str, table: &'d Table) -> Outcome<Provided> {
    let text = |value: Option<&'d Value>| value.and_then(Value::text).unwrap_or_default();
    let query = Query {
        name: name.to_owned(),
        table,
        modules: script.texts(table.get("pkg-config"))?,
        ports: script.texts(table.get("vcpkg"))?,
        libs: script.texts(table.get("libs"))?,
        frameworks: script.texts(table.get("frameworks"))?,
        modifiers: script.texts(table.get("modifiers"))?,
        version: text(script.one("version", table.get("version"))?),
        kind: text(script.one("kind", table.get("kind"))?),
        tried_before: script.tried.len(),
    };
    let on = |value: Option<(String, String)>| value.filter(|(_, value)| value != "0").map(|(name, _)| name);
    let build = on(query.variable(script, "build-source", ""));
    let system = on(query.variable(script, "use-system", ""));
    let mut fallback = None;
    if let Some(archive) = table.get("fallback").and_then(Value::text) {
        let archives = script.inert.get("cc-library").and_then(Value::table);
        let stands = match archives.and_then(|archives| archives.get(archive)).and_then(Value::table) {
            Some(archive) => script.stands(archive)?,
            None => false,
        };
        fallback = if stands { Some(archive.to_owned()) } else { None };
    }
    let prefers = text(script.one("prefer", table.get("prefer"))?) == "source";
    // If an archive is built only when the optional library is not found, a source build means that it counts as
    // not found.
    let implied = is(table, "optional") && table.get("fallback").is_none() && stands_in(script, name);
    match (build, &system) {
        (Some(build), Some(system)) => {
            return Err(format!(
                "the library `{}`: {} asks for a build from source, and {} for the system's",
                name, build, system
            ));
        }
        (Some(_), None) if implied => return Ok(Provided::Missing(Some(String::new()))),
        (Some(build), None) => {
            return match fallback {
                Some(archive) => Ok(Provided::Source(archive)),
                None => Err(format!(
                    "the library `{}`: {} asks for a build from source, and there is none",
                    name, build
                )),
            };
        }
        (None, None) if prefers && implied => return Ok(Provided::Missing(Some(String::new()))),
        (None, None) if prefers && fallback.is_some() => {
            return Ok(Provided::Source(fallback.unwrap_or_default()));
        }
        _ => {}
    }
    let methods: [fn(&Query<'_>, &mut Script<'_>) -> Looked; 5] =
        [folders::environment, pkg_config::find, vcpkg::find, folders::frameworks, folders::search];
    for find in &methods {
        if let Some(mut found) =
            find(&query, script).map_err(|why| format!("the library `{}`: {}", name, why))?
        {
            query.apply_modifiers(&mut found);
            return Ok(Provided::System(found));
        }
    }
    match fallback {
        Some(archive) if system.is_none() => Ok(Provided::Source(archive)),
        _ if implied && system.is_some() => Err(query.not_found(script)),
        _ => Ok(Provided::Missing(Some(query.not_found(script)))),
    }
}

/// Returns whether an archive is built or linked only if a library is not found.
fn stands_in(script: &Script<'_>, library: &str) -> bool {
    let mentions = |value: &Value| {
        let when =
            value.table().and_then(|table| table.get("when")).and_then(Value::text).unwrap_or_default();
        when.contains("not(") && when.contains(&format!("found = \"{}\"", library))
    };
    let archives = script.inert.get("cc-library").and_then(Value::table);
    let own = archives.map_or(false, |archives| archives.0.iter().any(|(_, archive)| mentions(archive)));
    own || script.inert.get("link").map_or(false, |link| {
        link.items().iter().any(|entry| {
            entry.table().map_or(false, |table| table.get("cc-library").is_some()) && mentions(entry)
        })
    })
}

impl Link {
    fn lib(name: &str, kind: &'static str) -> Link {
        Link { what: What::Lib, name: name.to_owned(), kind, modifiers: Vec::new() }
    }

    fn search(folder: &str, kind: &'static str) -> Link {
        Link { what: What::Search, name: folder.to_owned(), kind, modifiers: Vec::new() }
    }

    fn arg(arg: String) -> Link {
        Link { what: What::Arg, name: arg, kind: "", modifiers: Vec::new() }
    }
}

/// Removes the empty texts of a list.
fn drop_empty(list: &mut Vec<String>) {
    list.retain(|text| !text.is_empty());
}
