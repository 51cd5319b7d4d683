//! A library that a script looks for, and builds where it is not found or where a feature says so, is one `library` with
//! `fallback` and `prefer`; the two `link` entries that the script comes to are one.

use inert_manifest_spec::types::{Declaration, Guarded, Item, Link, Prefer};
use inert_manifest_spec::{Condition, Fact, Truth};

use super::{all, conjuncts, not};

/// Facts above which the conditions are not compared.
const FACTS: usize = 12;

pub(super) fn found(declaration: &mut Declaration) {
    let names: Vec<String> = declaration.library.keys().cloned().collect();
    for name in names {
        if let Some(found) = recognised(declaration, &name) {
            rewrite(declaration, &name, found);
        }
    }
}

/// What a library's two link entries say together.
struct Recognised {
    archive: String,
    /// Where either is wanted at all.
    wanted: Vec<Condition>,
    /// Where it is built without being looked for.
    built: Vec<Condition>,
    /// The condition of the archive's entry.
    instead: Condition,
}

fn recognised(declaration: &Declaration, name: &str) -> Option<Recognised> {
    let library = &declaration.library[name];
    if !library.optional || library.fallback.is_some() || library.prefer.is_some() {
        return None;
    }
    let own: Vec<&Item<Link>> = declaration
        .link
        .iter()
        .filter(|item| matches!(&item.value, Link::Library(of) if of == name))
        .collect();
    let archives: Vec<&Item<Link>> =
        declaration.link.iter().filter(|item| matches!(item.value, Link::CcLibrary(_))).collect();
    let ([own], [archive]) = (own.as_slice(), archives.as_slice()) else { return None };
    let Link::CcLibrary(archive_name) = &archive.value else { return None };
    if declaration.cc_library.len() != 1 || declaration.library.len() != 1 {
        return None;
    }
    let instead = archive.when.clone()?;
    let (asked, built_there) = (conjuncts(library.when.as_ref()), conjuncts(Some(&instead)));
    let (wanted, rest): (Vec<Condition>, Vec<Condition>) =
        asked.into_iter().partition(|part| built_there.contains(part));
    let is_found = Condition::Fact(Fact::Found { library: name.to_owned(), test: None });
    // Where it is not asked for it is not found; there the two may differ.
    let asked = library.when.clone().unwrap_or(Condition::Constant(true));
    let never = Condition::All(vec![is_found.clone(), not(asked.clone())]);
    let mut from_system = wanted.clone();
    from_system.extend([asked, is_found.clone()]);
    let from_system = Condition::All(from_system);
    let mut from_source = wanted.clone();
    from_source
        .push(not(Condition::All(conjuncts(library.when.as_ref()).into_iter().chain([is_found]).collect())));
    let agree = equal(&own.when.clone().unwrap_or(Condition::Constant(true)), &from_system, &never)?
        && equal(&instead, &Condition::All(from_source), &never)?;
    let built = rest.into_iter().map(not).collect();
    agree.then_some(Recognised { archive: archive_name.clone(), wanted, built, instead })
}

/// Whether two conditions agree whatever their facts are, where a third does not hold; none where that is too much to try.
fn equal(a: &Condition, b: &Condition, never: &Condition) -> Option<bool> {
    let mut facts: Vec<Fact> = Vec::new();
    for condition in [a, b, never] {
        condition.for_each_fact(&mut |fact| {
            if !facts.contains(fact) {
                facts.push(fact.clone());
            }
        });
    }
    if facts.len() > FACTS {
        return None;
    }
    let all_equal = (0..1_usize << facts.len()).all(|bits| {
        let mut value = |fact: &Fact| {
            let at = facts.iter().position(|known| known == fact).unwrap_or_default();
            Truth::from(bits >> at & 1 == 1)
        };
        never.evaluate(&mut value) == Truth::Yes || a.evaluate(&mut value) == b.evaluate(&mut value)
    });
    Some(all_equal)
}

fn rewrite(declaration: &mut Declaration, name: &str, found: Recognised) {
    let Recognised { archive, wanted, built, instead } = found;
    let Some(library) = declaration.library.get_mut(name) else { return };
    library.optional = false;
    library.fallback = Some(archive.clone());
    library.when = all(wanted.clone());
    let built = match built.len() {
        0 => None,
        1 => built.into_iter().next(),
        _ => Some(Condition::Any(built)),
    };
    library.prefer =
        built.map(|condition| Guarded { alternatives: vec![Item::when(Prefer::Source, condition)] });
    let is_archive = |item: &Item<Link>| matches!(&item.value, Link::CcLibrary(of) if *of == archive);
    declaration.link.retain(|item| !is_archive(item));
    let when = all(wanted.clone());
    match declaration.link.len() {
        // What stands in no entry is linked anyway.
        1 => declaration.link.clear(),
        _ => {
            for item in &mut declaration.link {
                if matches!(&item.value, Link::Library(of) if of == name) {
                    item.when = when.clone();
                }
            }
        }
    }
    // Where it is built without being looked for it is not found: the others need not say that again.
    let mut parts = wanted;
    parts.push(not(Condition::Fact(Fact::Found { library: name.to_owned(), test: None })));
    let shorter = all(parts);
    let change = |condition: Condition| match &shorter {
        Some(shorter) if condition == instead => shorter.clone(),
        _ => condition,
    };
    let changed = super::with_conditions(declaration.clone(), &change, &|_| None);
    *declaration = changed;
}
