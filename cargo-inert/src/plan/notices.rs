//! What discovery wants the user to know though the build goes on. Cargo hides the warnings of packages that are not of the
//! workspace, and repeats nobody's: so the driver says them, once per build, each with the package, the library, and the
//! line that changes it.

use std::collections::BTreeSet;

use inert_resolver::discovery::provider::{Ask, Choice, Chosen, Discovery, Selection};

/// What there is to say of the libraries of a build, in order, each once. `found` are the warnings of what was found: of
/// the ask with this number.
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
        if let Some(chosen) = chosen(ask, selection).filter(|chosen| builds_instead(ask, asks, chosen)) {
            say(instead(ask, chosen));
        }
    }
    notices
}

fn chosen<'a>(ask: &Ask, selection: &'a Selection) -> Option<&'a Chosen> {
    let asker = (ask.package.clone(), ask.key.clone());
    selection.chosen.iter().find(|chosen| chosen.platform == ask.platform && chosen.asked_by.contains(&asker))
}

/// Whether a package builds its own source since the system's was looked for and will not do. The first of its questions
/// says so for all of them.
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
        // Said where the choice is made.
        Choice::System { .. } => false,
    }
}

fn instead(ask: &Ask, chosen: &Chosen) -> String {
    let library = title(ask);
    let Discovery::NotFound { remedies, tried, .. } = &ask.found else { return String::new() };
    let version =
        tried.iter().find(|tried| tried.contains("has version") || tried.contains("its version is"));
    let why = match (version.and_then(|tried| tried.split_once(" failed: ")), &chosen.choice) {
        (Some((_, why)), _) => why.to_owned(),
        (None, _) => format!("it was not found, for {}", ask.platform),
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
