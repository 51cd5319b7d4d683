//! Distributes a choice among the requests: the one provider, the package's own source, or nothing.

use super::{Ask, Choice, Discovery, accepts, group, is_found, kinds, problem};
use crate::request::LibraryPolicy;

/// The requests that do not get the chosen provider, as package and key.
#[derive(Debug, Default)]
pub(super) struct Sharing {
    /// The requests whose package builds its own source.
    pub(super) apart: Vec<(String, String)>,
    /// The requests that get no library.
    pub(super) without: Vec<(String, String)>,
    /// Warnings for the user.
    pub(super) warnings: Vec<String>,
}

/// Returns whether any of a package's alternatives was found.
pub(super) fn has_found(asks: &[&Ask], package: &str) -> bool {
    asks.iter().any(|ask| ask.package == package && is_found(ask))
}

/// Returns the requests whose package found no alternative, and has a source to build instead.
pub(super) fn would_build<'a>(asks: &[&'a Ask]) -> Vec<&'a Ask> {
    let unserved = |ask: &&Ask| {
        ask.source.is_some()
            && ask.optional
            && matches!(ask.found, Discovery::NotFound { .. })
            && !has_found(asks, &ask.package)
    };
    asks.iter().copied().filter(unserved).collect()
}

/// Determines which requests do not get the chosen provider.
pub(super) fn of(asks: &[&Ask], choice: &Choice, policy: &LibraryPolicy) -> Sharing {
    let mut sharing = Sharing::default();
    match choice {
        Choice::Absent => {}
        Choice::System { version } => system(asks, version.as_deref(), policy, &mut sharing),
        Choice::Source { package, key } => {
            if let Some(builder) = asks.iter().find(|ask| ask.package == *package && ask.key == *key) {
                source(asks, builder, &mut sharing);
            }
        }
    }
    sharing
}

fn system(asks: &[&Ask], version: Option<&str>, policy: &LibraryPolicy, sharing: &mut Sharing) {
    for ask in would_build(asks) {
        sharing.apart.push(id(ask));
        let (package, library) = (&ask.package, problem::title(ask));
        let known = version.map_or(String::new(), |version| format!(", {version},"));
        let warning = format!(
            "{package} builds its own {library}, since the system's{known} will not do for it ({}{}), while others of this \
             build link the system's: `{library} = \"source\"` under [libraries] in inert.toml has one for all, where \
             its source will do for them",
            library,
            problem::spaced(&problem::range(ask)),
        );
        if !sharing.warnings.contains(&warning) {
            sharing.warnings.push(warning);
        }
    }
    let names = group::names(asks);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if policy.kind(&names).is_none() {
        for (ask, other) in kinds::outvoted(asks) {
            sharing.without.push(id(ask));
            let (package, library) = (&ask.package, problem::title(ask));
            sharing.warnings.push(format!(
                "{package} would link {library} {}, and goes without it, since {} links it {}: say which under \
                 [library-kind] in inert.toml, `{library} = \"static\"` or `\"shared\"`",
                kinds::adverb(ask.kind),
                other.package,
                kinds::adverb(other.kind),
            ));
        }
    }
}

fn source(asks: &[&Ask], builder: &Ask, sharing: &mut Sharing) {
    let source = builder.source.clone().unwrap_or_default();
    let package = &builder.package;
    for ask in asks.iter().filter(|ask| (&ask.package, &ask.key) != (package, &builder.key)) {
        if ask.package == *package {
            // These are alternatives of the builder's own package, all of which the source build replaces.
            match (ask.source.is_some(), ask.optional) {
                (true, _) => sharing.apart.push(id(ask)),
                (false, true) => sharing.without.push(id(ask)),
                (false, false) => {}
            }
            continue;
        }
        let needs = || problem::range(ask);
        let why = match &source.version {
            _ if !source.shareable => {
                format!("{package}'s is made with what only its own script is told")
            }
            None if !ask.version.comparisons.is_empty() => {
                format!("the version of {package}'s is not known, and {} needs {}", ask.package, needs())
            }
            Some(version) if !accepts(ask, version) => {
                format!("{package}'s is {version}, and {} needs {}", ask.package, needs())
            }
            _ => continue,
        };
        let library = problem::title(builder);
        if ask.source.is_some() {
            sharing.apart.push(id(ask));
            sharing
                .warnings
                .push(format!("{package} and {} each build their own {library}: {why}", ask.package));
        } else if ask.optional {
            sharing.without.push(id(ask));
            if is_found(ask) {
                sharing
                    .warnings
                    .push(format!("{} goes without {library}, which {package} builds: {why}", ask.package));
            }
        }
    }
}

fn id(ask: &Ask) -> (String, String) {
    (ask.package.clone(), ask.key.clone())
}
