//! The notices of discovery for a build that goes on. Cargo hides the warnings of packages outside of the workspace and
//! does not repeat warnings; so the driver shows each once per build, with the package, the library, and the policy
//! line that changes the choice.

use std::collections::BTreeSet;

use inert_resolver::discovery::provider::{Ask, Choice, Chosen, Discovery, Selection};

/// Returns the notices about the libraries of a build, in order, without duplicates. `found` holds the warnings of
/// found libraries, with the index of the request.
pub(super) fn of(asks: &[Ask], found: &[(usize, String)], selection: &Selection) -> Vec<String> {
    let mut said = BTreeSet::new();
    let mut notices = Vec::new();
    let mut say = |notice: String| {
        if said.insert(notice.clone()) {
            notices.push(notice);
        }
    };
    for (at, warning) in found {
        let ask = &asks[*at];
        let linked = chosen(ask, selection).is_some_and(|chosen| {
            let asker = (ask.package.clone(), ask.key.clone());
            matches!(chosen.choice, Choice::System { .. })
                && !chosen.apart.contains(&asker)
                && !chosen.without.contains(&asker)
        });
        if linked {
            say(format!("{}, {}: {warning}", ask.package, title(ask)));
        }
    }
    for ask in asks {
        if chosen(ask, selection).is_some_and(|chosen| builds_instead(ask, asks, chosen)) {
            say(instead(ask));
        }
    }
    notices
}

fn chosen<'a>(ask: &Ask, selection: &'a Selection) -> Option<&'a Chosen> {
    let asker = (ask.package.clone(), ask.key.clone());
    selection.chosen.iter().find(|chosen| chosen.platform == ask.platform && chosen.asked_by.contains(&asker))
}

/// Returns whether a package builds its own source since the system's library is not suitable. Only its first such
/// request counts, so that there is one notice.
fn builds_instead(ask: &Ask, asks: &[Ask], chosen: &Chosen) -> bool {
    let of_package = |other: &&Ask| {
        other.package == ask.package
            && other.platform == ask.platform
            && chosen.asked_by.contains(&(other.package.clone(), other.key.clone()))
    };
    let sought = |ask: &Ask| matches!(ask.found, Discovery::NotFound { .. }) && ask.source.is_some();
    let first = asks.iter().filter(of_package).find(|other| sought(other));
    if !sought(ask) || first.map(|first| &first.key) != Some(&ask.key) {
        return false;
    }
    match &chosen.choice {
        Choice::Source { package, .. } => *package == ask.package,
        Choice::Absent => true,
        // The choice itself has a notice in this case.
        Choice::System { .. } => false,
    }
}

fn instead(ask: &Ask) -> String {
    let library = title(ask);
    let Discovery::NotFound { remedies, tried, has, .. } = &ask.found else { return String::new() };
    let why = match has {
        Some(version) => {
            // The attempt names the file.
            let mut said = tried.iter().filter_map(|tried| tried.split_once(" failed: ")).map(|(_, why)| why);
            said.find(|why| why.contains(version.as_str()))
                .map_or_else(|| format!("it is {version}"), str::to_owned)
        }
        None => format!("it was not found, for {}", ask.platform),
    };
    let remedy = remedies.first().map_or_else(String::new, |remedy| format!("\n  help: {remedy}"));
    format!(
        "{}, {library}: built from the package's own source, since the system's will not do: {why}{remedy}\n  help: \
         `{library} = \"source\"` under [libraries] in inert.toml says that this is meant, `{library} = \"system-only\"` that \
         it is not",
        ask.package
    )
}

fn title(ask: &Ask) -> &str {
    ask.modules.first().unwrap_or(&ask.key)
}
