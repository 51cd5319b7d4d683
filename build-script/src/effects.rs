//! The effects of a declaration, in the order of their directives.

use crate::Outcome;
use crate::script::{Script, join, joined};
use crate::toml::{Table, Value};

type Effect = for<'a, 'd> fn(&'a mut Script<'d>) -> Outcome<()>;

/// Carries out every effect; returns false, with nothing done, where the declaration's `unsupported` holds.
pub(crate) fn all(script: &mut Script<'_>) -> Outcome<bool> {
    if let Some(condition) = script.inert.get("unsupported") {
        if script.holds(condition)? {
            return Ok(false);
        }
    }
    empty(&script.out_dir)?;
    for effect in &[errors as Effect, cfgs, rustc_env, files, system_deps, link, metadata, warnings] {
        effect(script)?;
    }
    Ok(true)
}

/// Empties OUT_DIR before anything is written there.
fn empty(out_dir: &str) -> Outcome<()> {
    let failed = |error: std::io::Error| format!("{}: {}", out_dir, error);
    std::fs::create_dir_all(out_dir).map_err(failed)?;
    for entry in std::fs::read_dir(out_dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        removed.map_err(failed)?;
    }
    Ok(())
}

/// Returns the keys and values of a table of the declaration, sorted.
fn rows<'d>(script: &Script<'d>, table: &str) -> Vec<(&'d str, &'d Value)> {
    script.inert.get(table).and_then(Value::table).map(Table::sorted).unwrap_or_default()
}

fn errors(script: &mut Script<'_>) -> Outcome<()> {
    match script.texts(script.inert.get("error"))?.first() {
        Some(text) => Err(script.text(text)?),
        None => Ok(()),
    }
}

fn warnings(script: &mut Script<'_>) -> Outcome<()> {
    for text in script.texts(script.inert.get("warning"))? {
        for line in script.text(text)?.lines() {
            script.say("warning", &line.replace("\t", "    "));
        }
    }
    Ok(())
}

fn cfgs(script: &mut Script<'_>) -> Outcome<()> {
    let quoted = |text: &str| format!("\"{}\"", text.replace("\\", "\\\\").replace("\"", "\\\""));
    let rows = rows(script, "cfg");
    for (name, value) in &rows {
        let mut known = (*name).to_owned();
        if let Some(values) = value.table() {
            let mut all = Vec::new();
            for (value, _) in values.sorted() {
                all.push(quoted(value));
            }
            known = if all.is_empty() { known } else { format!("{}, values({})", known, joined(&all, ", ")) };
        }
        script.say("rustc-check-cfg", &format!("cfg({})", known));
    }
    for (name, value) in rows {
        match value.table() {
            None => {
                if script.holds(value)? {
                    script.say("rustc-cfg", name);
                }
            }
            Some(values) => {
                for (value, condition) in values.sorted() {
                    if script.holds(condition)? {
                        script.say("rustc-cfg", &format!("{}={}", name, quoted(value)));
                    }
                }
            }
        }
    }
    Ok(())
}

fn rustc_env(script: &mut Script<'_>) -> Outcome<()> {
    for (name, value) in rows(script, "rustc-env") {
        if let Some(text) = script.one(name, Some(value))?.and_then(Value::text) {
            let text = script.text(text)?;
            script.say("rustc-env", &format!("{}={}", name, text));
        }
    }
    Ok(())
}

fn files(script: &mut Script<'_>) -> Outcome<()> {
    for (path, value) in rows(script, "out-dir") {
        if let Some(file) = script.one(path, Some(value))?.and_then(Value::table) {
            let whole = join(&script.out_dir, path);
            if file.get("directory").is_some() {
                std::fs::create_dir_all(&whole).map_err(|error| format!("{}: {}", whole, error))?;
            } else {
                let bytes = content(script, file)?;
                script.write(&whole, &bytes)?;
            }
        }
    }
    Ok(())
}

fn content<'d>(script: &mut Script<'d>, file: &'d Table) -> Outcome<Vec<u8>> {
    let text = |key: &str| file.get(key).and_then(Value::text);
    if let Some(text) = text("text") {
        return Ok(script.text(text)?.into_bytes());
    }
    if let Some(path) = text("copy") {
        let path = script.path(path)?;
        return script.read(&path);
    }
    if let Some(path) = text("template") {
        let path = script.path(path)?;
        let template = String::from_utf8_lossy(&script.read(&path)?).into_owned();
        return filled(script, &template, file);
    }
    if let Some(text) = text("base64") {
        return Ok(bytes(text));
    }
    let mut whole = Vec::new();
    for piece in script.list(file.get("concat"))? {
        if let Some(piece) = piece.table() {
            whole.extend(content(script, piece)?);
        }
    }
    Ok(whole)
}

/// Returns a template with lines left out and texts replaced in one pass; the longest match at a position wins.
fn filled<'d>(script: &mut Script<'d>, template: &str, file: &'d Table) -> Outcome<Vec<u8>> {
    let mut kept = template.to_owned();
    let drop = script.texts(file.get("without-lines"))?;
    if !drop.is_empty() {
        let mut lines = Vec::new();
        for line in template.lines() {
            let mut kept = true;
            for part in &drop {
                kept = kept && !line.contains(part);
            }
            if kept {
                lines.push(line);
            }
        }
        kept = joined(&lines, "\n");
    }
    let mut replace = Vec::new();
    for (piece, text) in file.get("replace").and_then(Value::table).map(Table::sorted).unwrap_or_default() {
        replace.push((piece, script.text(text.text().unwrap_or_default())?));
    }
    let mut out = String::new();
    let mut rest = kept.as_str();
    while let Some(c) = rest.chars().next() {
        let mut longest: Option<&(&str, String)> = None;
        for fitting in &replace {
            if rest.starts_with(fitting.0)
                && longest.map_or(true, |longest| fitting.0.len() > longest.0.len())
            {
                longest = Some(fitting);
            }
        }
        if let Some((piece, text)) = longest {
            out += text;
            rest = &rest[piece.len()..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    Ok(out.into_bytes())
}

/// Decodes base64; characters that are not digits of it are skipped.
fn bytes(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for c in text.chars() {
        if let Some(digit) = DIGITS.find(c) {
            bits = bits << 6 | digit as u32;
            held += 6;
            if held >= 8 {
                held -= 8;
                bytes.push((bits >> held) as u8);
            }
        }
    }
    bytes
}

fn metadata(script: &mut Script<'_>) -> Outcome<()> {
    for (key, value) in rows(script, "links-metadata") {
        let value = match script.one(key, Some(value))? {
            None => continue,
            Some(Value::Text(text)) => script.text(text)?,
            Some(value) => match value.table() {
                Some(table) => match several(script, table)? {
                    Some(value) => value,
                    None => continue,
                },
                None => continue,
            },
        };
        script.say(&("metadata=".to_owned() + key), &value);
    }
    Ok(())
}

/// Returns a value of `links-metadata` that is a table; `None` for an empty list of paths.
fn several<'d>(script: &mut Script<'d>, table: &'d Table) -> Outcome<Option<String>> {
    if let Some(text) = table.get("text").and_then(Value::text) {
        return script.text(text).map(Some);
    }
    let mut all = Vec::new();
    for key in &["path", "paths", "path-list", "list"] {
        for text in script.texts(table.get(key))? {
            if *key == "list" {
                all.push(script.text(text)?);
            } else {
                for path in script.paths(text)? {
                    all.push(path);
                }
            }
        }
    }
    Ok(if table.get("list").is_some() {
        Some(joined(&all, ","))
    } else if all.is_empty() {
        None
    } else if table.get("path-list").is_some() {
        Some(joined(&all, ","))
    } else {
        Some(joined(&all, if cfg!(windows) { ";" } else { ":" }))
    })
}

fn system_deps(script: &mut Script<'_>) -> Outcome<()> {
    match script.inert.get("system-deps") {
        Some(condition) if script.holds(condition)? => {
            Err("`[package.metadata.system-deps]` is carried out by \
             `inert-resolver`, whose `inert_resolver::build_script()` takes the place of this one's"
                .to_owned())
        }
        _ => Ok(()),
    }
}

fn link(script: &mut Script<'_>) -> Outcome<()> {
    for entry in script.list(script.inert.get("link"))? {
        let entry = entry.table().ok_or("an entry of `link` is a table")?;
        let text = |key: &str| entry.get(key).and_then(Value::text);
        if let Some(name) = text("library") {
            library(script, name)?;
        } else if let Some(name) = text("cc-library") {
            cc_library(script, name)?;
        } else if let Some(name) = text("lib") {
            let name = script.text(name)?;
            let mut modifiers = Vec::new();
            for modifier in script.texts(entry.get("modifiers"))? {
                modifiers.push(modifier.to_owned());
            }
            link_lib(script, &name, text("kind"), &modifiers, text("rename"));
        } else if let Some(path) = text("search") {
            for folder in script.paths(path)? {
                link_search(script, text("kind"), &folder);
            }
        } else if let Some(arg) = text("arg") {
            let arg = script.text(arg)?;
            match entry.get("for") {
                Some(Value::Text(scope)) if scope != "all" => {
                    script.say(&("rustc-link-arg-".to_owned() + scope), &arg)
                }
                Some(Value::Table(one)) => {
                    let bin = one.get("bin").and_then(Value::text).unwrap_or_default();
                    script.say("rustc-link-arg-bin", &format!("{}={}", bin, arg));
                }
                _ => script.say("rustc-link-arg", &arg),
            }
        }
    }
    rest(script, "library", library)?;
    rest(script, "cc-library", cc_library)
}

/// Links the libraries or archives that no entry of `link` names, after the list.
fn rest(script: &mut Script<'_>, table: &str, link: fn(&mut Script<'_>, &str) -> Outcome<()>) -> Outcome<()> {
    for (name, value) in rows(script, table) {
        let value = match value.table() {
            Some(value) => value,
            None => continue,
        };
        let mut listed = false;
        for entry in script.inert.get("link").map_or(&[][..], Value::items) {
            let entry = entry.table().and_then(|entry| entry.get(table)).and_then(Value::text);
            listed = listed || entry == Some(name);
        }
        let linked = !matches!(value.get("link"), Some(Value::Boolean(false)));
        if table == "library" {
            if linked && !listed {
                link(script, name)?;
            }
            continue;
        }
        for (_, library) in rows(script, "library") {
            let fallback = library.table().and_then(|library| library.get("fallback")).and_then(Value::text);
            listed = listed || fallback == Some(name);
        }
        if !listed && linked {
            link(script, name)?;
        } else if !listed {
            archive(script, name)?;
        }
    }
    Ok(())
}

/// Prints `rustc-link-lib` for a library.
pub(crate) fn link_lib(
    script: &mut Script<'_>,
    name: &str,
    kind: Option<&str>,
    modifiers: &[String],
    rename: Option<&str>,
) {
    let mut value = String::new();
    // Modifiers can only follow a kind.
    if let Some(kind) = kind.or(if modifiers.is_empty() { None } else { Some("dylib") }) {
        value += kind;
        if !modifiers.is_empty() {
            value = value + ":" + &joined(modifiers, ",");
        }
        value.push('=');
    }
    value += name;
    if let Some(rename) = rename {
        value = value + ":" + rename;
    }
    script.say("rustc-link-lib", &value);
}

/// Prints `rustc-link-search` for a folder.
pub(crate) fn link_search(script: &mut Script<'_>, kind: Option<&str>, folder: &str) {
    match kind {
        Some(kind) => script.say("rustc-link-search", &format!("{}={}", kind, folder)),
        None => script.say("rustc-link-search", folder),
    }
}

impl Script<'_> {
    /// Returns the one path that a path of the declaration denotes.
    pub(crate) fn path(&mut self, path: &str) -> Outcome<String> {
        let mut paths = self.paths(path)?;
        match (paths.pop(), paths.is_empty()) {
            (Some(only), true) => Ok(only),
            _ => Err(format!("`{}` stands for no path here, or for several", path)),
        }
    }
}

#[cfg(feature = "discovery")]
use crate::discovery::link as library;

#[cfg(not(feature = "discovery"))]
fn library(_: &mut Script<'_>, _: &str) -> Outcome<()> {
    Err(crate::script::lacking("discovery"))
}

#[cfg(feature = "source-builds")]
use crate::c::archive;
#[cfg(feature = "source-builds")]
pub(crate) use crate::c::link as cc_library;

#[cfg(not(feature = "source-builds"))]
pub(crate) fn cc_library(_: &mut Script<'_>, _: &str) -> Outcome<()> {
    Err(crate::script::lacking("source-builds"))
}

#[cfg(not(feature = "source-builds"))]
fn archive(_: &mut Script<'_>, _: &str) -> Outcome<()> {
    Err(crate::script::lacking("source-builds"))
}
