//! cfgs that are never set, and of which the script only told rustc: Cargo does that by itself, from
//! `[lints.rust.unexpected_cfgs]`.

use inert_manifest_spec::types::Cfg;
use inert_manifest_spec::{Condition, Declaration};
use toml_edit::{Array, DocumentMut, Item, Table, Value};

/// Returns the declaration without cfgs that are never set, which the manifest's lints name from now on, with those
/// that the script tells rustc of and that no declaration can name (`cfg(target_os, values("multics"))`). Where the
/// lints are the workspace's, or say otherwise of `unexpected_cfgs`, all stays in the declaration, and `notes` says
/// what is lost.
pub(super) fn without_unset_cfgs(
    document: &mut DocumentMut,
    declaration: &Declaration,
    script: &str,
    notes: &mut Vec<String>,
) -> Declaration {
    let mut rest = declaration.clone();
    let mut names = Vec::new();
    let never = Condition::Constant(false);
    for (name, cfg) in &declaration.cfg {
        match cfg {
            Cfg::Option(condition) if *condition == never => {
                names.push(format!("cfg({name})"));
                rest.cfg.remove(name);
            }
            Cfg::Values(values) if values.values().all(|condition| *condition == never) => {
                let values: Vec<String> = values.keys().map(|value| format!("{value:?}")).collect();
                names.push(format!("cfg({name}, values({}))", values.join(", ")));
                rest.cfg.remove(name);
            }
            Cfg::Option(_) | Cfg::Values(_) => {}
        }
    }
    let beyond: Vec<String> = told(script)
        .filter(|(name, _)| !declaration.cfg.contains_key(name))
        .map(|(_, whole)| whole)
        .collect();
    names.extend(beyond.iter().cloned());
    if names.is_empty() {
        return rest;
    }
    match list(document) {
        Some(list) => {
            for name in names {
                if !list.iter().any(|known| known.as_str() == Some(&name)) {
                    list.push(name);
                }
            }
            on_lines(list);
            rest
        }
        None => {
            if !beyond.is_empty() {
                let beyond = beyond.join("`, `");
                notes.push(format!(
                    "rustc is no longer told of `{beyond}`: add it to `check-cfg` of the lint `unexpected_cfgs`"
                ));
            }
            declaration.clone()
        }
    }
}

/// Finds what a script tells rustc of its cfgs, by name, where it is written out.
fn told(script: &str) -> impl Iterator<Item = (String, String)> {
    script.split("rustc-check-cfg=").skip(1).filter_map(|rest| {
        // As it stands between quotes; behind `{` it is made by a program.
        let mut depth = 0;
        let end = rest.char_indices().find(|(_, c)| {
            depth += i32::from(*c == '(') - i32::from(*c == ')');
            (*c == ')' && depth == 0) || matches!(c, '{' | '\n')
        })?;
        let whole = rest.get(..=end.0).filter(|text| text.ends_with(')'))?.replace("\\\"", "\"");
        let name = whole.strip_prefix("cfg(")?.split([',', ')']).next()?.trim().to_owned();
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        is_name.then_some((name, whole))
    })
}

/// A list that is too long for a line has a line for each of its items, unless comments would move.
fn on_lines(list: &mut Array) {
    let text = list.to_string();
    if text.len() < 90 || text.contains(['\n', '#']) {
        return;
    }
    list.iter_mut().for_each(|item| item.decor_mut().set_prefix("\n    "));
    list.set_trailing("\n");
    list.set_trailing_comma(true);
}

/// `lints.rust.unexpected_cfgs.check-cfg`, made where nothing is against it.
fn list(document: &mut DocumentMut) -> Option<&mut Array> {
    let implicit = || {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    };
    let lints = document.entry("lints").or_insert_with(implicit).as_table_like_mut()?;
    if lints.contains_key("workspace") {
        return None;
    }
    let rust = lints.entry("rust").or_insert_with(implicit).as_table_like_mut()?;
    let made = || {
        let mut table = Table::new();
        table.insert("level", toml_edit::value("warn"));
        Item::Table(table)
    };
    let unexpected = rust.entry("unexpected_cfgs").or_insert_with(made).as_table_like_mut()?;
    let list = unexpected.entry("check-cfg").or_insert_with(|| Item::Value(Value::Array(Array::new())));
    list.as_array_mut()
}
