//! The settings of the command line: `--libraries` for all native libraries, `--library` for one.
//!
//! They mean what the same lines of `[libraries]` mean, for every target, and take precedence over every policy file
//! except for a minimum. `--libraries` leaves no line of `[libraries]` in effect, also none that names a library.

use std::collections::BTreeMap;

use inert_manifest_spec::suggest;
use inert_resolver::request::{LibraryPolicy, LibrarySource};

use crate::policy::choice::Choice as _;

/// The settings of one command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The value of `--libraries`.
    pub default: Option<LibrarySource>,
    /// The values of `--library`, by the library's name.
    pub by_name: BTreeMap<String, LibrarySource>,
}

impl Caller {
    /// Parses the values of `--libraries`, each a source, and of `--library`, each `<name>=<source>`, where the name
    /// `default` is for all.
    ///
    /// # Errors
    /// A value has another form or an unknown source, or two values contradict each other.
    pub fn parse(all: &[String], one: &[String]) -> Result<Self, String> {
        let mut this = Self::default();
        for word in all {
            if word.contains('=') {
                return Err(format!("--libraries {word}: for one library, write `--library {word}`"));
            }
            this.all(source("--libraries", word, word)?, &format!("--libraries {word}"))?;
        }
        for text in one {
            let Some((name, word)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
                return Err(format!(
                    "--library {text}: write a name and where it comes from, `--library zlib=system-only`"
                ));
            };
            let source = source("--library", text, word)?;
            if name == "default" {
                this.all(source, &format!("--library {text}"))?;
                continue;
            }
            if this.by_name.insert(name.to_owned(), source).is_some_and(|known| known != source) {
                return Err(format!("--library {text}: another --library says otherwise of `{name}`"));
            }
        }
        Ok(this)
    }

    /// Sets the source of all libraries.
    fn all(&mut self, source: LibrarySource, written: &str) -> Result<(), String> {
        if self.default.replace(source).is_some_and(|known| known != source) {
            return Err(format!("{written}: another option says otherwise of all libraries"));
        }
        Ok(())
    }

    /// Puts the settings into those of the policy files.
    pub(super) fn apply(&self, policy: &mut LibraryPolicy) {
        if self.default.is_some() {
            policy.by_name.clear();
            policy.default = self.default;
            policy.default_by_caller = true;
        }
        policy.by_name.extend(self.by_name.clone());
        policy.by_caller = self.by_name.keys().cloned().collect();
    }

    /// Checks that every setting is in effect beside a minimum policy. `minimum` returns the lines of that policy for
    /// a library.
    ///
    /// # Errors
    /// The minimum leaves a setting without effect.
    pub(super) fn is_in(
        &self,
        merged: &LibraryPolicy,
        minimum: &dyn Fn(&str) -> Vec<String>,
    ) -> Result<(), String> {
        let refused = |written: &str, name: &str| {
            let lines = minimum(name);
            let lines =
                if lines.is_empty() { String::new() } else { format!("\n  it says: {}", lines.join("; ")) };
            Err(format!(
                "`{written}` would count for nothing: the minimum policy (--policy, INERT_POLICY) has the last word on \
                 it{lines}\n  help: leave it out, or change the minimum"
            ))
        };
        if let Some(default) = self.default.filter(|default| merged.default != Some(*default)) {
            return refused(&format!("--libraries {}", default.word()), "default");
        }
        for (name, source) in &self.by_name {
            if merged.by_name.get(name) != Some(source) {
                return refused(&format!("--library {name}={}", source.word()), name);
            }
        }
        Ok(())
    }

    /// Returns the setting for a library with any of these names as it is written.
    pub(super) fn said(&self, names: &[&str]) -> Option<String> {
        let own = names.iter().find_map(|name| Some((name, self.by_name.get(*name)?)));
        own.map(|(name, source)| format!("--library {name}={}, on the command line", source.word()))
            .or_else(|| Some(format!("--libraries {}, on the command line", self.default?.word())))
    }
}

/// Returns the source that a word names.
fn source(option: &str, text: &str, word: &str) -> Result<LibrarySource, String> {
    LibrarySource::named(word).ok_or_else(|| {
        let known = || LibrarySource::VALUES.iter().map(|(known, _)| *known);
        let near = suggest::nearest(word, known())
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        let known: Vec<String> = known().map(|known| format!("`{known}`")).collect();
        format!("{option} {text}: `{word}` is none of {}{near}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Libraries;
    use super::*;
    use crate::cargo::facts::TargetFacts;
    use crate::policy::layers;

    fn caller(all: &[&str], one: &[&str]) -> Result<Caller, String> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        Caller::parse(&owned(all), &owned(one))
    }

    fn policy(tree: &str, minimum: Option<&str>, said: Caller) -> Result<LibraryPolicy, String> {
        let layer = |text: &str| layers::parse(text, Path::new("/w/inert.toml")).expect("a policy");
        let layer = match minimum {
            None => layer(tree),
            Some(minimum) => layers::at_least(layer(minimum), layer(tree)),
        };
        let mut libraries: Libraries = layer.lower().libraries;
        libraries.caller = said;
        let facts = TargetFacts::default();
        let policy = libraries.of("x86_64-unknown-linux-gnu", &facts)?;
        libraries.is_heeded(&policy, "x86_64-unknown-linux-gnu", &facts)?;
        Ok(policy)
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for (all, one, says) in [
            (vec!["sytem-only"], vec![], "did you mean `system-only`?"),
            (vec!["zlib=source"], vec![], "write `--library zlib=source`"),
            (vec!["system", "source"], vec![], "says otherwise"),
            (vec![], vec!["zlib"], "--library zlib=system-only"),
            (vec![], vec!["=source"], "--library zlib=system-only"),
            (vec!["system"], vec!["default=source"], "says otherwise"),
            (vec![], vec!["zlib=sorce"], "did you mean `source`?"),
            (vec![], vec!["zlib=source", "zlib=system"], "says otherwise of `zlib`"),
        ] {
            let error = caller(&all, &one).unwrap_err();
            assert!(error.contains(says), "{all:?} {one:?}: {error}");
        }
        assert!(caller(&["system", "system-only"], &["z=source", "z=source-only"]).is_ok(), "one meaning");
    }

    #[test]
    fn the_command_line_outranks_files() {
        use LibrarySource::{SourceOnly, SystemFirst, SystemOnly};
        let tree = "[libraries]\ndefault = \"system-first\"\nzlib = \"source\"\n[library-prefix]\npq = \"/opt/pq\"\n\
                    [target.x86_64-unknown-linux-gnu.libraries]\nz = \"source\"\n";
        let one = policy(tree, None, caller(&[], &["z=system"]).unwrap()).unwrap();
        // Both names are the library's; of the file's lines for it, none counts.
        assert_eq!(one.source(&["zlib", "z"]), Some(SystemOnly));
        assert_eq!(one.for_key("zlib", &["zlib", "z"]).source(&["zlib"]), Some(SystemOnly));
        assert_eq!(one.contradiction(&["zlib", "z"]), None);
        assert_eq!(one.source(&["other"]), Some(SystemFirst));
        let all = policy(tree, None, caller(&["source"], &["a=system"]).unwrap()).unwrap();
        assert_eq!(all.source(&["pq"]), Some(SourceOnly), "the folder of a file has no precedence");
        assert_eq!(all.source(&["a"]), Some(SystemOnly));
        let all = policy(tree, None, caller(&["system-only"], &[]).unwrap()).unwrap();
        assert_eq!(all.source(&["zlib", "z"]), Some(SystemOnly), "no line of a file is left");
    }

    #[test]
    fn a_minimum_has_the_last_word_and_says_so() {
        use LibrarySource::{SourceOnly, SystemOnly};
        let of_all = "[libraries]\ndefault = \"system-only\"\n";
        let of_one = "[libraries]\nzlib = \"system-only\"\n";
        let folder = "[library-prefix]\nzlib = \"/opt/z\"\n";
        for (minimum, all, one) in [
            (of_all, vec!["source"], vec![]),
            (of_all, vec![], vec!["zlib=source"]),
            (of_one, vec![], vec!["zlib=source"]),
            (folder, vec![], vec!["zlib=source"]),
        ] {
            let error = policy("", Some(minimum), caller(&all, &one).unwrap()).unwrap_err();
            assert!(error.contains("the minimum policy") && error.contains("/w/inert.toml:2"), "{error}");
        }
        for minimum in [of_one, folder] {
            let merged = policy("", Some(minimum), caller(&["source"], &[]).unwrap()).unwrap();
            assert_eq!(merged.source(&["zlib"]), Some(SystemOnly), "what a minimum names is as it says");
            assert_eq!(merged.source(&["other"]), Some(SourceOnly));
            // The other name of a guarded library is a contradiction.
            let merged = policy("", Some(minimum), caller(&[], &["z=source"]).unwrap()).unwrap();
            assert!(merged.contradiction(&["zlib", "z"]).is_some());
        }
        assert!(policy("", Some(of_all), caller(&["system"], &[]).unwrap()).is_ok(), "what it says itself");
    }
}
