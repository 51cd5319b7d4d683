//! Groups the requests for the same library.

use std::collections::{BTreeMap, BTreeSet};

use super::Ask;

/// Returns the positions of requests, in groups that share a platform and a name (a module, or a `-l` name if no
/// module is known). The groups are in the order of their first members.
pub(super) fn groups(asks: &[Ask]) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..asks.len()).collect();
    let mut seen: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (at, ask) in asks.iter().enumerate() {
        for name in identities(ask) {
            match seen.get(&(ask.platform.as_str(), name.clone())) {
                Some(other) => {
                    let (a, b) = (find(&mut leader, at), find(&mut leader, *other));
                    leader[a.max(b)] = a.min(b);
                }
                None => {
                    seen.insert((&ask.platform, name), at);
                }
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..asks.len() {
        groups.entry(find(&mut leader, at)).or_default().push(at);
    }
    groups.into_values().collect()
}

/// Returns every name that the requests use for the library.
pub(super) fn names(asks: &[&Ask]) -> BTreeSet<String> {
    let each = |ask: &&Ask| {
        let mut names = vec![ask.key.clone()];
        names.extend(ask.modules.iter().cloned());
        names.extend(ask.libs.iter().cloned());
        names
    };
    asks.iter().flat_map(each).collect()
}

/// Returns the names by which two requests are for the same library: modules and `-l` names. Keys are chosen by the
/// packages, and count only if there is no other name.
fn identities(ask: &Ask) -> Vec<String> {
    let modules = ask.modules.iter().map(|module| format!("module {module}"));
    let libs = ask.libs.iter().map(|lib| format!("lib {lib}"));
    let mut all: Vec<String> = modules.chain(libs).collect();
    if all.is_empty() {
        all.push(format!("key {}", ask.key));
    }
    all
}

fn find(leader: &mut [usize], mut at: usize) -> usize {
    while leader[at] != at {
        leader[at] = leader[leader[at]];
        at = leader[at];
    }
    at
}
