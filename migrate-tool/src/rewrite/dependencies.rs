//! Build-dependencies: what only the script needed goes, with the features that named it.

use std::collections::BTreeSet;

use inert_manifest_spec::Declaration;
use toml_edit::{Array, DocumentMut, Item, RawString, TableLike, Value};

use super::{Needs, RewriteError};

const KEYS: [&str; 2] = ["build-dependencies", "build_dependencies"];

/// The name of the package that the script needs, and the requirement on it: from TOML text, with its features.
pub(super) fn requirement(text: &str, needs: &Needs) -> Result<(&'static str, Value), RewriteError> {
    let mut requirement: Value =
        text.parse().map_err(|_| RewriteError(format!("`{text}` is no requirement on a package")))?;
    if !needs.features.is_empty() {
        if let Value::String(version) = &requirement {
            let mut table = toml_edit::InlineTable::new();
            table.insert("version", version.value().as_str().into());
            requirement = Value::InlineTable(table);
        }
        if let Value::InlineTable(table) = &mut requirement {
            table.insert("features", Value::Array(needs.features.iter().copied().collect()));
        }
    }
    Ok((needs.shim.package(), requirement))
}

/// Returns whether the manifest has a table of build-dependencies.
pub(super) fn has_table(document: &DocumentMut) -> bool {
    KEYS.into_iter().any(|key| document.contains_key(key))
}

/// Returns whether a package is among the build-dependencies, of all targets or of one.
pub(super) fn has(document: &DocumentMut, package: &str) -> bool {
    let named = |holder: &dyn TableLike| {
        KEYS.into_iter().any(|key| {
            holder.get(key).and_then(Item::as_table_like).is_some_and(|table| table.contains_key(package))
        })
    };
    let targets = document.get("target").and_then(Item::as_table_like);
    named(document.as_table())
        || targets
            .is_some_and(|targets| targets.iter().any(|(_, item)| item.as_table_like().is_some_and(named)))
}

/// Takes out what the declaration does not name, and puts what the script needs in.
pub(super) fn replace(
    document: &mut DocumentMut,
    declaration: &Declaration,
    resolver: Option<&(&str, Value)>,
    notes: &mut Vec<String>,
) {
    let kept = named_by(declaration);
    let mut removed = BTreeSet::new();
    let mut optional = BTreeSet::new();
    let mut take = |holder: &mut dyn TableLike| {
        for key in KEYS {
            let Some(table) = holder.get_mut(key).and_then(Item::as_table_like_mut) else { continue };
            let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
            for name in names.into_iter().filter(|name| !kept.contains(name)) {
                if table.get(&name).is_some_and(is_optional) {
                    optional.insert(name.clone());
                }
                table.remove(&name);
                removed.insert(name);
            }
        }
    };
    take(document.as_table_mut());
    let mut empty_targets = Vec::new();
    if let Some(targets) = document.get_mut("target").and_then(Item::as_table_like_mut) {
        for (target, item) in targets.iter_mut() {
            let Some(table) = item.as_table_like_mut() else { continue };
            take(table);
            drop_empty(table);
            if table.is_empty() {
                empty_targets.push(target.to_string());
            }
        }
        for target in &empty_targets {
            targets.remove(target);
        }
    }
    if document.get("target").and_then(Item::as_table_like).is_some_and(TableLike::is_empty)
        && !empty_targets.is_empty()
    {
        document.remove("target");
    }
    match resolver {
        None => drop_empty(document.as_table_mut()),
        Some(requirement) => add(document, requirement),
    }
    // Another table of the package may still hold a dependency of that name.
    let elsewhere = dependencies_elsewhere(document);
    let gone: BTreeSet<String> = removed.difference(&elsewhere).cloned().collect();
    let optional: BTreeSet<String> = optional.difference(&elsewhere).cloned().collect();
    features(document, &gone, &optional, notes);
}

/// Puts a build-dependency into the manifest's table. A manifest without the table gets one as text, which is where an
/// author would have put it.
pub(super) fn add(document: &mut DocumentMut, (name, requirement): &(&str, Value)) {
    let key = KEYS.into_iter().find(|key| document.contains_key(key));
    if let Some(table) = key.and_then(|key| document.get_mut(key)).and_then(Item::as_table_like_mut) {
        table.insert(name, Item::Value(requirement.clone()));
    }
}

/// What follows the comma behind a member on its line is written before the next one, and would go with it.
fn keep_comments(members: &mut Array, stays: &dyn Fn(&Value) -> bool) {
    let mut carried = String::new();
    for member in members.iter_mut() {
        let prefix = member.decor().prefix().and_then(RawString::as_str).unwrap_or_default().to_owned();
        if stays(member) {
            if !carried.is_empty() {
                member.decor_mut().set_prefix(std::mem::take(&mut carried) + &prefix);
            }
        } else if let Some(comment) = prefix.lines().next().filter(|line| line.contains('#')) {
            carried.push_str(comment);
        }
    }
    if !carried.is_empty() {
        let trailing = members.trailing().as_str().unwrap_or_default().to_owned();
        members.set_trailing(carried + &trailing);
    }
}

/// Names of build-dependencies whose files the declaration uses.
pub(super) fn named_by(declaration: &Declaration) -> BTreeSet<String> {
    let text = inert_manifest_spec::write::declaration(declaration);
    let mut names = BTreeSet::new();
    for (at, mark) in text.match_indices("${build-dependency.") {
        let rest = &text[at + mark.len()..];
        names.extend(rest.split('}').next().and_then(|inner| inner.split('.').next()).map(str::to_owned));
    }
    names
}

fn is_optional(item: &Item) -> bool {
    item.as_table_like().and_then(|table| table.get("optional")?.as_bool()).unwrap_or(false)
}

fn drop_empty(holder: &mut dyn TableLike) {
    for key in KEYS {
        if holder.get(key).and_then(Item::as_table_like).is_some_and(TableLike::is_empty) {
            holder.remove(key);
        }
    }
}

fn dependencies_elsewhere(document: &DocumentMut) -> BTreeSet<String> {
    let mut holders: Vec<&dyn TableLike> = vec![document.as_table()];
    if let Some(targets) = document.get("target").and_then(Item::as_table_like) {
        holders.extend(targets.iter().filter_map(|(_, item)| item.as_table_like()));
    }
    let mut names = BTreeSet::new();
    for holder in holders {
        for key in ["dependencies", "build-dependencies", "build_dependencies"] {
            let table = holder.get(key).and_then(Item::as_table_like);
            names.extend(table.into_iter().flat_map(TableLike::iter).map(|(name, _)| name.to_owned()));
        }
    }
    names
}

/// Takes what is gone out of the features. An optional build-dependency was a feature by its name: that stays, empty,
/// since others may ask for it.
fn features(
    document: &mut DocumentMut,
    gone: &BTreeSet<String>,
    optional: &BTreeSet<String>,
    notes: &mut Vec<String>,
) {
    let mut named_with_dep = BTreeSet::new();
    if let Some(features) = document.get_mut("features").and_then(Item::as_table_like_mut) {
        for (feature, item) in features.iter_mut() {
            let Some(members) = item.as_array_mut() else { continue };
            let before = members.len();
            let dependency_of = |member: &str| {
                let bare = member.strip_prefix("dep:").unwrap_or(member);
                bare.split(['/', '?']).next().unwrap_or_default().to_owned()
            };
            for member in members.iter().filter_map(Value::as_str).filter(|member| member.starts_with("dep:"))
            {
                named_with_dep.insert(dependency_of(member));
            }
            // `cc/parallel` switches the feature `cc` on, too.
            let switched: Vec<String> = members
                .iter()
                .filter_map(Value::as_str)
                .filter(|member| member.contains('/') && !member.contains('?'))
                .map(dependency_of)
                .filter(|name| optional.contains(name))
                .collect();
            let first = members.get(0).map(|first| first.decor().clone());
            let stays = |member: &Value| {
                let Some(member) = member.as_str() else { return true };
                let refers = member.starts_with("dep:") || member.contains('/');
                !(refers && gone.contains(&dependency_of(member)))
            };
            keep_comments(members, &stays);
            members.retain(stays);
            for name in switched {
                if !members.iter().any(|member| member.as_str() == Some(&name)) {
                    members.push(name);
                }
            }
            if let (Some(decor), Some(first)) = (first, members.get_mut(0)) {
                *first.decor_mut() = decor;
            }
            if members.len() != before {
                notes
                    .push(format!("feature `{}` no longer names what only the script needed", feature.get()));
            }
        }
    }
    let implied: Vec<&String> = optional.iter().filter(|name| !named_with_dep.contains(*name)).collect();
    if implied.is_empty() {
        return;
    }
    let features = document.entry("features").or_insert_with(|| Item::Table(toml_edit::Table::new()));
    if let Some(features) = features.as_table_like_mut() {
        for name in implied {
            if features.get(name).is_none() {
                features.insert(name, toml_edit::value(toml_edit::Array::new()));
                notes.push(format!("feature `{name}`, which was an optional build-dependency, stays as a feature that enables nothing else"));
            }
        }
    }
}
