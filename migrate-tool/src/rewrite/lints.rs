//! cfgs that are never set, and of which the script only told rustc: Cargo does that by itself, from
//! `[lints.rust.unexpected_cfgs]`.

use inert_manifest_spec::types::Cfg;
use inert_manifest_spec::{Condition, Declaration};
use toml_edit::{Array, DocumentMut, Item, Table, Value};

/// The declaration without cfgs that are never set, which the manifest's lints name from now on. Where its lints are the
/// workspace's, or say otherwise of `unexpected_cfgs`, all stays in the declaration.
pub(super) fn without_unset_cfgs(document: &mut DocumentMut, declaration: &Declaration) -> Declaration {
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
        None => declaration.clone(),
    }
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
