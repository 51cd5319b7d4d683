//! Which source build stands for a library, said or implied.

use crate::condition::Fact;
use crate::{Condition, Declaration, Link, Truth};

impl Declaration {
    /// The `cc-library` that is built where a library is not found: its `fallback`; or, as scripts put it, the one that
    /// stands, or is linked, only where the optional library is not `found`.
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
}

/// Whether a condition can hold where a library is not found, and finding it changes that.
fn where_not_found(when: &Condition, asked: &str) -> bool {
    let with = |found: Truth| {
        when.evaluate(&mut |fact| match fact {
            Fact::Found { library, test: None } if library == asked => found,
            _ => Truth::Unknown,
        })
    };
    with(Truth::No) != Truth::No && with(Truth::No) != with(Truth::Yes)
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
        let link = format!("{optional}[[link]]\ncc-library = \"own\"\n{when}");
        assert_eq!(source_of(&link), Some("own".into()));
        assert_eq!(source_of(&format!("{optional}when = 'found = \"z\"'\n")), None, "built beside it");
        assert_eq!(source_of(&format!("{optional}when = 'env = \"STATIC\"'\n")), None);
    }
}
