//! Finds libraries by folder: folders of the crate's own variables, frameworks, and the linker's own folders.

use std::path::Path;

use super::{Found, Link, Looked, Query, WINDOWS, drop_empty, is, pkg_config};
use crate::Outcome;
use crate::script::{Script, join, joined};
use crate::toml::Value;

/// Looks in the folders that the crate's own variables name.
pub(super) fn environment(query: &Query<'_>, script: &mut Script<'_>) -> Looked {
    let prefix = query.variable(script, "dir", "_DIR");
    let several = |found: Option<(String, String)>| {
        let mut folders = Vec::new();
        if let Some((_, value)) = &found {
            let by = if WINDOWS { ';' } else { ':' };
            for folder in value.split(by) {
                if !folder.is_empty() {
                    folders.push(folder.to_owned());
                }
            }
        }
        folders
    };
    let mut lib = several(query.variable(script, "lib-dir", "_LIB_DIR"));
    let mut include = several(query.variable(script, "include-dir", "_INCLUDE_DIR"));
    match &prefix {
        // Only a folder of headers is named, so another method has to find the libraries.
        None if lib.is_empty() => return Ok(None),
        None if include.is_empty() => include = beside(query, script, &lib)?,
        None => {}
        Some((_, prefix)) => {
            if lib.is_empty() {
                let wide = join(prefix, "lib64");
                lib.push(if script.is_dir(&wide) { wide } else { join(prefix, "lib") });
            }
            if include.is_empty() {
                include.push(join(prefix, "include"));
            }
        }
    }
    for folder in &lib {
        if !Path::new(folder).is_absolute() || !script.is_dir(folder) {
            return Err(format!(
                "a variable names `{}`, and there is no such folder, by its whole path",
                folder
            ));
        }
    }
    let named = query.variable(script, "libs", "_LIBS").map(|(_, value)| value);
    let mut libs: Vec<&str> = match &named {
        Some(value) => value.split(':').collect(),
        None => query.libs.clone(),
    };
    if libs.is_empty() {
        libs.push(query.modules.first().unwrap_or(&""));
    }
    let header = query.table.get("header").and_then(Value::text);
    if let Some(header) = header.filter(|_| !include.is_empty()) {
        if first(script, &include, &[header.to_owned()]).is_none() {
            return Err(format!(
                "a variable names its folder, but there is no {} in {}",
                header,
                joined(&include, ", ")
            ));
        }
    }
    let mut version = version_in(query, script, &include);
    if version.is_empty() {
        version = query.variable(script, "version", "").map_or(version, |(_, value)| value.trim().to_owned());
    }
    if version.is_empty() {
        if !query.version.is_empty() {
            let text = format!(
                "{} is needed, and the version of what is in {} cannot be told",
                query.version,
                joined(&lib, ", ")
            );
            script.say("warning", &text);
        }
    } else if let Some(why) = query.rejects(&version) {
        return Err(why);
    }
    let mut kind = query.wants(script, "").0;
    if kind.is_empty() {
        let (mut archives, mut shared) = (true, true);
        for one in &libs {
            let name = one.split_once('=').map_or(*one, |(_, name)| name);
            let form = |form: &str| form.replace("M", name);
            archives = archives && first(script, &lib, &[form("libM.a"), form("M.lib")]).is_some();
            let names = [form("libM.so"), form("libM.dylib"), form("M.dll"), form("libM.dll.a")];
            shared = shared && first(script, &lib, &names).is_some();
        }
        kind = if archives && !shared { "static" } else { "dylib" };
    }
    let mut found = Found { version, include, ..Found::default() };
    for folder in &lib {
        found.link.push(Link::search(folder, "native"));
    }
    for lib in libs {
        if lib.is_empty() {
            continue;
        }
        found.link.push(match lib.split_once('=') {
            Some(("static", name)) => Link::lib(name, "static"),
            Some(("dylib", name)) => Link::lib(name, "dylib"),
            Some(("framework", name)) => Link::lib(name, "framework"),
            _ => Link::lib(lib, kind),
        });
    }
    found.lib = lib;
    Ok(Some(found))
}

/// Returns the folder of the library's header, if only folders of libraries are named: that of the same installation. The
/// compiler's own folders may hold another version's.
fn beside(query: &Query<'_>, script: &mut Script<'_>, lib: &[String]) -> Outcome<Vec<String>> {
    let header = match query.table.get("header").and_then(Value::text) {
        Some(header) => header,
        None => return Ok(Vec::new()),
    };
    let mut places = Vec::new();
    for folder in lib {
        let folder = Path::new(folder);
        if !folder.is_absolute() {
            continue;
        }
        // `lib/x86_64-linux-gnu` is two levels below the prefix.
        let one = folder.parent();
        let two = one.filter(|one| one.ends_with("lib") || one.ends_with("lib64")).and_then(Path::parent);
        for prefix in one.into_iter().chain(two) {
            places.push(join(&prefix.to_string_lossy(), "include"));
        }
    }
    if let Some(found) = first(script, &places, &[header.to_owned()]) {
        return Ok(vec![found.clone()]);
    }
    // The message about the folder itself comes first.
    if places.is_empty() || lib.iter().any(|folder| !script.is_dir(folder)) {
        return Ok(Vec::new());
    }
    Err(format!(
        "a variable names a folder of libraries alone, and {} is in none of {}: set the variable for the folder of its headers",
        header,
        joined(&places, ", ")
    ))
}

/// Returns the first folder that has one of the files.
fn first<'f>(script: &mut Script<'_>, folders: &'f [String], names: &[String]) -> Option<&'f String> {
    for folder in folders {
        for name in names {
            if script.is_file(&join(folder, name)) {
                return Some(folder);
            }
        }
    }
    None
}

/// Returns the value of `version-macro` in the library's header, a string or a number.
fn version_in(query: &Query<'_>, script: &mut Script<'_>, include: &[String]) -> String {
    let text = |key: &str| query.table.get(key).and_then(Value::text).unwrap_or_default();
    let (header, name) = (text("header"), text("version-macro"));
    for folder in include {
        if name.is_empty() {
            break;
        }
        if let Ok(bytes) = script.read(&join(folder, header)) {
            for line in String::from_utf8_lossy(&bytes).lines() {
                let mut words = line.trim_start().trim_start_matches('#').split_whitespace();
                if line.trim_start().starts_with('#')
                    && words.next() == Some("define")
                    && words.next() == Some(name)
                {
                    if let Some(value) = words.next() {
                        return value
                            .trim_start_matches('"')
                            .split('"')
                            .next()
                            .unwrap_or_default()
                            .to_owned();
                    }
                }
            }
            break;
        }
    }
    String::new()
}

pub(super) fn frameworks(query: &Query<'_>, script: &mut Script<'_>) -> Looked {
    if query.frameworks.is_empty() || !script.target.contains("apple") {
        return Ok(None);
    }
    let mut found = Found::default();
    for name in &query.frameworks {
        found.link.push(Link::lib(name, "framework"));
    }
    Ok(Some(found))
}

/// Looks in the linker's own folders.
pub(super) fn search(query: &Query<'_>, script: &mut Script<'_>) -> Looked {
    if !is(query.table, "search") || query.libs.is_empty() {
        return Ok(None);
    }
    let (native, target) = (script.target == script.host, script.target.clone());
    let mut folders = pkg_config::folders(&target, native);
    for folder in &mut folders {
        if folder.ends_with("/share") {
            *folder = String::new();
        }
    }
    drop_empty(&mut folders);
    if native && !target.contains("windows") {
        folders.push("/lib".to_owned());
        folders.push("/lib64".to_owned());
    }
    let wanted = query.wants(script, "").0;
    let mut found = Found::default();
    for lib in &query.libs {
        let mut names = Vec::new();
        let archives = target.contains("msvc") || wanted == "static" || query.is_verbatim();
        if !archives && target.contains("apple") {
            names.push(format!("lib{}.dylib", lib));
            names.push(format!("lib{}.tbd", lib));
        } else if !archives && target.contains("windows") {
            names.push(format!("lib{}.dll.a", lib));
            names.push(format!("{}.dll", lib));
        } else if !archives {
            names.push(format!("lib{}.so", lib));
        }
        if archives || wanted != "dylib" {
            names.push(query.archives(script, lib));
        }
        match first(script, &folders, &names) {
            Some(folder) if found.lib.contains(folder) => {}
            Some(folder) => found.lib.push(folder.clone()),
            None => {
                script.tried.push(format!("{}: not in {}", joined(&names, ", "), joined(&folders, ", ")));
                return Ok(None);
            }
        }
    }
    if let Some(header) = query.table.get("header").and_then(Value::text) {
        let mut places = Vec::new();
        if native && target.contains("apple") {
            places.push("/opt/homebrew/include".to_owned());
        }
        if native {
            places.push("/usr/local/include".to_owned());
        }
        if let Some(multiarch) = pkg_config::multiarch(&target) {
            places.push("/usr/include/".to_owned() + &multiarch);
        }
        if native {
            places.push("/usr/include".to_owned());
        }
        match first(script, &places, &[header.to_owned()]) {
            Some(folder) => found.include.push(folder.clone()),
            None => {
                script.tried.push(format!("{}: not in {}", header, joined(&places, ", ")));
                return Ok(None);
            }
        }
    }
    found.version = version_in(query, script, &found.include);
    let unknown = found.version.is_empty();
    if unknown && !query.version.is_empty() || !unknown && query.rejects(&found.version).is_some() {
        script.tried.push(format!("its version is `{}`, and {} is needed", found.version, query.version));
        return Ok(None);
    }
    for folder in &found.lib {
        found.link.push(Link::search(folder, "native"));
    }
    for lib in &query.libs {
        found.link.push(Link::lib(lib, if wanted == "static" { "static" } else { "" }));
    }
    Ok(Some(found))
}
