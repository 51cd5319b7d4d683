//! Names probes after the language feature that they enable, or after the cfg that depends on them.

use std::collections::BTreeMap;

use inert_manifest_spec::types::{Bootstrap, Cfg, Declaration, ProbeKind, ProbeSource};
use inert_manifest_spec::{Condition, Fact};

/// Names that say nothing about the probe: common names of functions and files in scripts.
const NAMELESS: &[&str] = &[
    "build",
    "check",
    "compile",
    "compiles",
    "lib",
    "main",
    "nightly",
    "probe",
    "rustc",
    "test",
    "try_compile",
];

pub(super) fn named(declaration: Declaration) -> Declaration {
    let names = names(&declaration);
    let renamed = |name: &str| names.get(name).cloned();
    if names.is_empty() {
        return declaration;
    }
    let change = |condition: Condition| with_names(condition, &names);
    super::with_conditions(declaration, &change, &renamed)
}

/// Returns the new names by the old ones.
fn names(declaration: &Declaration) -> BTreeMap<String, String> {
    let mut wanted: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for (name, probe) in &declaration.probe {
        let base = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
        if base == name && !NAMELESS.contains(&base) {
            continue;
        }
        let ProbeKind::Compiles(compile) = &probe.kind else { continue };
        let feature = match &compile.source {
            ProbeSource::Text(text) => only_feature(text),
            ProbeSource::File(_) => None,
        };
        if let Some(new) = feature.or_else(|| only_cfg(declaration, name)) {
            wanted.entry(new).or_default().push(name);
        }
    }
    let mut names = BTreeMap::new();
    for (new, old) in wanted {
        let mut inheriting = 0;
        for name in &old {
            let bootstrap = match &declaration.probe[*name].kind {
                ProbeKind::Compiles(compile) => compile.bootstrap,
                _ => Bootstrap::Inherit,
            };
            inheriting += usize::from(bootstrap == Bootstrap::Inherit);
            // Probes that test one feature with different settings of `RUSTC_BOOTSTRAP` get the setting, or a number,
            // as a suffix.
            let unique = match (old.len(), bootstrap, inheriting) {
                (1, _, _) | (_, Bootstrap::Inherit, 1) => new.clone(),
                (_, Bootstrap::Unset, _) => format!("{new}_without_bootstrap"),
                (_, Bootstrap::Set, _) => format!("{new}_with_bootstrap"),
                (_, Bootstrap::Inherit, count) => format!("{new}_{count}"),
            };
            let taken = declaration.probe.contains_key(&unique) || names.values().any(|one| *one == unique);
            if !taken {
                names.insert((*name).clone(), unique);
            }
        }
    }
    names
}

/// Returns the feature of a text that only enables one feature.
fn only_feature(text: &str) -> Option<String> {
    let mut found = None;
    for line in text.lines().map(str::trim) {
        match line.strip_prefix("#![feature(").and_then(|rest| rest.strip_suffix(")]")) {
            Some(name) if found.is_none() && !name.contains(',') => found = Some(name.to_owned()),
            Some(_) => return None,
            None if line.is_empty() || line.starts_with("#![allow(") || line.starts_with("//") => {}
            None => return None,
        }
    }
    found
}

/// Returns the name of the one cfg whose condition uses the probe, with `not_` in front if the probe is negated there.
fn only_cfg(declaration: &Declaration, probe: &str) -> Option<String> {
    let asks = |condition: &Condition| {
        let mut asks = false;
        condition
            .for_each_fact(&mut |fact| asks |= matches!(fact, Fact::Probe { name, .. } if name == probe));
        asks
    };
    let mut found = declaration.cfg.iter().filter(|(_, cfg)| match cfg {
        Cfg::Option(condition) => asks(condition),
        Cfg::Values(values) => values.values().any(asks),
    });
    let (name, cfg) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let denied = match cfg {
        Cfg::Option(condition) => denies(condition, probe),
        Cfg::Values(values) => values.values().any(|condition| denies(condition, probe)),
    };
    Some(if denied { format!("not_{name}") } else { name.clone() })
}

/// Returns whether the condition contains the probe's negation, so that the cfg is set where the probe fails.
fn denies(condition: &Condition, probe: &str) -> bool {
    match condition {
        Condition::Not(inner) => {
            matches!(&**inner, Condition::Fact(Fact::Probe { name, .. }) if name == probe)
        }
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|part| denies(part, probe)),
        Condition::Constant(_) | Condition::Fact(_) => false,
    }
}

fn with_names(condition: Condition, names: &BTreeMap<String, String>) -> Condition {
    let each = |parts: Vec<Condition>| parts.into_iter().map(|part| with_names(part, names)).collect();
    match condition {
        Condition::Fact(Fact::Probe { name, test }) => {
            let name = names.get(&name).cloned().unwrap_or(name);
            Condition::Fact(Fact::Probe { name, test })
        }
        Condition::Not(inner) => Condition::Not(Box::new(with_names(*inner, names))),
        Condition::All(parts) => Condition::All(each(parts)),
        Condition::Any(parts) => Condition::Any(each(parts)),
        other => other,
    }
}
