//! Removes redundant parts of a declaration: the conditions of a library's `when` beside `found`, and a `link` list
//! that equals the default.

use std::collections::BTreeMap;

use inert_manifest_spec::types::{Declaration, Link};
use inert_manifest_spec::{Condition, Fact};

use super::conjuncts;

pub(super) fn dropped(mut declaration: Declaration) -> Declaration {
    let asked: BTreeMap<String, Vec<Condition>> = declaration
        .library
        .iter()
        .filter_map(|(name, library)| Some((name.clone(), conjuncts(Some(library.when.as_ref()?)))))
        .collect();
    if !asked.is_empty() {
        declaration = super::with_conditions(declaration, &|condition| implied(condition, &asked), &|_| None);
    }
    links(&mut declaration);
    declaration
}

/// `all(A, found = "x")` where `x` is asked for under `A`: `found = "x"`.
fn implied(condition: Condition, asked: &BTreeMap<String, Vec<Condition>>) -> Condition {
    let each = |parts: Vec<Condition>| parts.into_iter().map(|part| implied(part, asked)).collect::<Vec<_>>();
    match condition {
        Condition::All(parts) => {
            let mut parts = each(parts);
            let found: Vec<String> = parts
                .iter()
                .filter_map(|part| match part {
                    Condition::Fact(Fact::Found { library, .. }) => Some(library.clone()),
                    _ => None,
                })
                .collect();
            for needs in found.iter().filter_map(|library| asked.get(library)) {
                if needs.iter().all(|need| parts.contains(need)) {
                    parts.retain(|part| !needs.contains(part));
                }
            }
            match parts.len() {
                1 => parts.remove(0),
                _ => Condition::All(parts),
            }
        }
        Condition::Any(parts) => Condition::Any(each(parts)),
        Condition::Not(inner) => Condition::Not(Box::new(implied(*inner, asked))),
        other => other,
    }
}

/// Libraries that stand in no entry are linked after the list, by name, where they are asked for and found. A list of
/// nothing but those is none.
fn links(declaration: &mut Declaration) {
    let mut names = Vec::new();
    for item in &declaration.link {
        let Link::Library(name) = &item.value else { return };
        let Some(library) = declaration.library.get(name).filter(|library| library.link) else { return };
        let when = item.when.as_ref();
        let is_found = Condition::Fact(Fact::Found { library: name.clone(), test: None });
        let needless = match (library.optional, when) {
            (true, Some(when)) => *when == is_found,
            (false, when) => when == library.when.as_ref(),
            (true, None) => false,
        };
        if !needless {
            return;
        }
        names.push(name.clone());
    }
    // All of them, once each, in the order in which they come anyway.
    if names.iter().eq(declaration.library.iter().filter(|(_, library)| library.link).map(|(name, _)| name)) {
        declaration.link.clear();
    }
}
