//! Settings with a fixed set of values: each type lists its values by name in one table, which the reader, the list of
//! keys and comparisons use.

use inert_manifest_spec::LinkKind;
use inert_resolver::request::LibrarySource;

use super::model::{
    ConfineRustc, Derived, Entries, Members, Outer, ProcMacros, Runtime, TreeConfiguration, Unavailable,
    Undecided,
};
use crate::cargo::invocation::DenyBuildScripts;

/// A setting with a fixed set of values.
pub trait Choice: Copy + PartialEq + 'static {
    /// The names with their values. Two names may have one value; the first is printed.
    const VALUES: &'static [(&'static str, Self)];

    /// Returns the value with a name.
    #[must_use]
    fn named(word: &str) -> Option<Self> {
        Self::VALUES.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }

    /// Returns the name of a value; empty for a value that no name sets.
    #[must_use]
    fn word(self) -> &'static str {
        Self::VALUES.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| *word)
    }
}

/// The values of `[policy] dependencies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dependencies {
    /// A script is refused unless a declaration or an entry decides it.
    Deny,
    /// In addition, `[[allow]]` entries have no effect.
    Declared,
}

macro_rules! choice {
    ($type:ty, $words:ident, $($word:literal => $value:path),+ $(,)?) => {
        pub(super) const $words: &[&str] = &[$($word),+];

        impl Choice for $type {
            const VALUES: &'static [(&'static str, Self)] = &[$(($word, $value)),+];
        }
    };
}

choice!(DenyBuildScripts, DENY, "dependencies" => DenyBuildScripts::Dependencies, "all" => DenyBuildScripts::All);
choice!(Dependencies, DEPENDENCIES, "deny" => Dependencies::Deny, "declared" => Dependencies::Declared);
choice!(
    Members, MEMBERS,
    "allow" => Members::Allow, "checked" => Members::Checked, "confined" => Members::Confined, "deny" => Members::Deny,
);
choice!(
    TreeConfiguration, CONFIGURATION,
    "deny" => TreeConfiguration::Deny, "allow" => TreeConfiguration::Allow,
);
choice!(
    Undecided, UNDECIDED,
    "deny" => Undecided::Deny, "wasm" => Undecided::Wasm, "confine" => Undecided::Confine,
);
choice!(Derived, DERIVED, "accept" => Derived::Accept, "verified" => Derived::Verified);
choice!(ProcMacros, PROC_MACROS, "allow" => ProcMacros::Allow, "review" => ProcMacros::Review);
choice!(Entries, ENTRIES, "any" => Entries::Any, "own" => Entries::Own);
choice!(Runtime, RUNTIMES, "native" => Runtime::Native, "wasm" => Runtime::Wasm);
choice!(
    ConfineRustc, RUSTC,
    "off" => ConfineRustc::Off, "available" => ConfineRustc::Available, "confine" => ConfineRustc::Confine,
);
choice!(Unavailable, UNAVAILABLE, "deny" => Unavailable::Deny, "run" => Unavailable::Run);
/// The lock's word of a key that is true or false.
impl Choice for Outer {
    const VALUES: &'static [(&'static str, Self)] = &[("true", Self::On)];
}

choice!(
    LibrarySource, SOURCES,
    "system" => LibrarySource::SystemOnly, "source" => LibrarySource::SourceOnly,
    "system-first" => LibrarySource::SystemFirst, "source-first" => LibrarySource::SourceFirst,
    "source-only" => LibrarySource::SourceOnly, "system-only" => LibrarySource::SystemOnly,
);
choice!(LinkKind, LINKED, "static" => LinkKind::Static, "shared" => LinkKind::Dylib);
