//! Finds the source build that replaces a library, explicit or implied.

use crate::condition::Fact;
use crate::{Condition, Declaration, Library, Link, Truth};

impl Declaration {
    /// Returns the `cc-library` that is built if a library is not found: its `fallback` or, as scripts are often
    /// written, the one that is built or linked only if the optional library is not `found`.
    #[must_use]
    pub fn source_of(&self, library: &str) -> Option<&str> {
        let asked = self.library.get(library)?;
        if let Some(fallback) = &asked.fallback {
            return Some(fallback);
        }
        let alternative = |name: &&String| {
            let own = self.cc_library.get(*name).and_then(|archive| archive.when.as_ref());
            let links = self.link.iter().filter(|item| item.value == Link::CcLibrary((*name).clone()));
            own.into_iter()
                .chain(links.filter_map(|item| item.when.as_ref()))
                .any(|when| where_not_found(when, library))
        };
        self.cc_library.keys().filter(|_| asked.optional).find(alternative).map(String::as_str)
    }

    /// Names the source that is implied for an entry as its `fallback`, for discovery: it advises to build it, and looks for
    /// its name where the user names a folder.
    pub fn name_source(&self, library: &str, entry: &mut Library) {
        if entry.fallback.is_none() {
            entry.fallback = self.source_of(library).map(str::to_owned);
        }
    }
}

/// The number of evaluations after which a condition is taken not to depend on the library.
const MAX_EVALUATIONS: usize = 10_000;

/// Returns whether, for some answers to its other facts, a condition holds if a library is not found and does not
/// hold if it is found.
fn where_not_found(when: &Condition, asked: &str) -> bool {
    let mut left = MAX_EVALUATIONS;
    for_some_answers(when, asked, &mut Vec::new(), &mut left)
}

fn for_some_answers(
    when: &Condition,
    asked: &str,
    answers: &mut Vec<(Fact, Truth)>,
    left: &mut usize,
) -> bool {
    let Some(rest) = left.checked_sub(1) else { return false };
    *left = rest;
    let mut open = None;
    let mut with = |found: Truth| {
        when.evaluate(&mut |fact| match fact {
            Fact::Found { library, test: None } if library == asked => found,
            Fact::Found { library, .. } | Fact::VersionKnown(library)
                if library == asked && found == Truth::No =>
            {
                Truth::No
            }
            _ => match answers.iter().find(|(known, _)| known == fact) {
                Some((_, answer)) => *answer,
                None => {
                    open.get_or_insert_with(|| fact.clone());
                    Truth::Unknown
                }
            },
        })
    };
    let (without, found) = (with(Truth::No), with(Truth::Yes));
    match (without, found, open) {
        (Truth::Yes, Truth::No, _) => true,
        (Truth::No, _, _) | (_, Truth::Yes, _) | (_, _, None) => false,
        (_, _, Some(fact)) => [Truth::No, Truth::Yes].into_iter().any(|answer| {
            answers.push((fact.clone(), answer));
            let holds = for_some_answers(when, asked, answers, left);
            answers.pop();
            holds
        }),
    }
}

#[cfg(test)]
mod tests {
    fn source_of(text: &str) -> Option<String> {
        let parsed = crate::parse_declaration(&format!("schema = 1\n{text}"));
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        parsed.declaration.and_then(|declaration| declaration.source_of("z").map(str::to_owned))
    }

    #[test]
    fn said_and_implied() {
        let library = "[library.z]\npkg-config = \"zlib\"\n";
        let archive = "[cc-library.own]\nsources = [\"z.c\"]\n";
        assert_eq!(source_of(&format!("{library}fallback = \"own\"\n{archive}")), Some("own".into()));
        assert_eq!(source_of(&format!("{library}{archive}")), None);
        let when = "when = 'any(env = \"STATIC\", not(found = \"z\"))'\n";
        let optional = format!("{library}optional = true\n{archive}");
        assert_eq!(source_of(&format!("{optional}{when}")), Some("own".into()));
        assert_eq!(
            source_of(&format!("{library}{archive}{when}")),
            None,
            "one that is needed is never absent"
        );
        let among_others = "when = 'any(env = \"STATIC\", all(feature = \"old\", not(found = \"z\")))'\n";
        assert_eq!(source_of(&format!("{optional}{among_others}")), Some("own".into()));
        let link = format!("{optional}[[link]]\ncc-library = \"own\"\n{when}");
        assert_eq!(source_of(&link), Some("own".into()));
        assert_eq!(source_of(&format!("{optional}when = 'found = \"z\"'\n")), None, "built beside it");
        assert_eq!(source_of(&format!("{optional}when = 'env = \"STATIC\"'\n")), None);
    }
}
