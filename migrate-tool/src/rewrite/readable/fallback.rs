//! Recognises a library that a script looks for, and that it builds where the library is not found or where a feature
//! demands it. The two `link` entries of the derived declaration become one `library` with `fallback` and `prefer`.

use inert_manifest_spec::types::{Declaration, Guarded, Item, Link, Prefer};
use inert_manifest_spec::{Condition, Fact, Truth};

use super::{all, conjuncts, not};

/// The number of facts above which two conditions are not compared: all their combinations are tried.
const FACTS: usize = 12;

pub(super) fn found(declaration: &mut Declaration) {
    let names: Vec<String> = declaration.library.keys().cloned().collect();
    for name in names {
        if let Some(found) = recognised(declaration, &name) {
            rewrite(declaration, &name, found);
        }
    }
}

/// The common meaning of a library's two link entries: one for the system's library, one for the archive.
struct Recognised {
    archive: String,
    /// The conditions, all of them required, under which either of the two is linked.
    wanted: Vec<Condition>,
    /// The conditions under which the library is built without looking for the system's; one of them suffices.
    built: Vec<Condition>,
    /// The condition of the archive's link entry.
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
    // A library that is not asked for is never found, so the conditions may differ in that case.
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

/// Returns whether two conditions agree for all values of their facts except where `never` holds; `None` if they have
/// too many facts to try.
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
        // A library without a link entry is linked anyway.
        1 => declaration.link.clear(),
        _ => {
            for item in &mut declaration.link {
                if matches!(&item.value, Link::Library(of) if of == name) {
                    item.when = when.clone();
                }
            }
        }
    }
    // A library that is built without looking for it is not found, so the other conditions need not repeat when that
    // is.
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
