//! The reasons why a script or a proc macro may not run, and why a script may run: data with stable codes.
//! `report/refusal` makes the sentences.

use std::path::PathBuf;

use crate::cargo::configuration::Place;
use crate::policy::{Date, EntryPlace};

/// The reason why a script or a proc macro may not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// `--deny-build-scripts`, its variable or the policy setting: no such script runs, even with an `[[allow]]` entry.
    DenyFlag {
        /// The reason why the declaration, if there is one, does not apply.
        declaration: Option<Box<Refusal>>,
    },
    /// A `[[deny]]` entry.
    DenyEntry {
        /// The location of the entry.
        place: EntryPlace,
        /// The reason that the entry gives.
        reason: Option<String>,
    },
    /// Files that an entry pins cannot be read.
    Unreadable(
        /// The error of the system.
        String,
    ),
    /// The script is a file outside of its package, and an entry can pin only files of the package.
    OutsidePackage,
    /// The declaration is derived, and makes an assumption that does not hold in this build.
    Assumption(
        /// The assumption that does not hold.
        String,
    ),
    /// The version of rustc is not understood, and the declaration may depend on it.
    UnknownCompiler(
        /// The version as rustc prints it.
        String,
    ),
    /// The declaration does not cover a run that is needed.
    NotCovered {
        /// The line of the script that could not be derived, for a derived declaration.
        line: Option<String>,
        /// The policy settings that replace variables in the conditions.
        advice: Option<String>,
        /// The conditions of `unsupported` that hold.
        conditions: Vec<String>,
        /// The target of the run.
        target: String,
    },
    /// The declaration is derived, and the policy wants derivations that were compared with their scripts.
    Unverified,
    /// The declaration has capabilities that require a `[[review]]` entry.
    Unreviewed(
        /// The capabilities, each with its use if that is known.
        Vec<String>,
    ),
    /// The entry that decides belongs to the tree, and makes a claim that counts only if the user accepts it.
    Untrusted {
        /// The claim of the entry.
        claim: String,
        /// The location of the entry.
        place: EntryPlace,
        /// The digest of all claims of the tree, by which the user accepts them.
        digest: String,
    },
    /// A `[[review]]` entry is for other files.
    ReviewedOtherFiles {
        /// The digest of the present files.
        found: String,
    },
    /// An `[[allow]]` entry has expired.
    Expired {
        /// The last day on which the entry was valid, if it has one.
        last: Option<Date>,
        /// The location of the entry.
        place: EntryPlace,
    },
    /// An `[[allow]]` entry is for other files.
    AllowedOtherFiles {
        /// The digest of the files that were reviewed.
        allowed: String,
        /// The digest of the present files.
        found: String,
    },
    /// The packages that are linked into the script are not those that an `[[allow]]` entry lists.
    LinkedOther {
        /// The digest of the packages that are linked into it.
        found: String,
        /// Those that may differ, as name and version.
        packages: Vec<String>,
    },
    /// The build writes into a package that would have to be pinned.
    BuildOutputInside {
        /// The folder that the build writes to.
        output: PathBuf,
        /// The folder of the package.
        package: PathBuf,
    },
    /// Nothing decides the script. The decision's residue says why no declaration was derived.
    Undecided,
    /// Nothing decides the script, and it cannot run in WebAssembly, as the policy lets it: the reason.
    NotInWasm(String),
    /// There is no `[[proc-macro]]` entry, and the policy requires one.
    MacroWithoutEntry,
    /// A `[[proc-macro]]` entry is for other files.
    MacroReviewedOtherFiles {
        /// The digest of the files that were reviewed.
        reviewed: String,
        /// The digest of the present files.
        found: String,
    },
    /// The packages that are linked into the proc macro are not those that its entry lists.
    MacroLinkedOther {
        /// The digest of the packages that are linked into it.
        found: String,
        /// Those that may differ, as name and version.
        packages: Vec<String>,
    },
    /// A `[[proc-macro]]` entry has expired.
    MacroExpired {
        /// The location of the entry.
        place: EntryPlace,
    },
}

/// The codes with their meanings, for the index of diagnostics.
pub const CODES: &[(&str, &str)] = &[
    (
        "inert::refused::deny-flag",
        "`--deny-build-scripts`, `INERT_DENY_BUILD_SCRIPTS` or the policy's own rule lets no such script run, allowed or not",
    ),
    ("inert::refused::deny-entry", "a `[[deny]]` entry names the package"),
    (
        "inert::refused::unreadable",
        "files that an entry pins cannot be read, so nothing says that they are the reviewed ones",
    ),
    (
        "inert::refused::build-output-inside",
        "the build writes into a package that an entry would have to pin (`target-dir`, `build-dir`), so that no digest could \
         cover all of it",
    ),
    (
        "inert::refused::outside-package",
        "the script is a file outside of its package, whose files are all that an entry could pin",
    ),
    (
        "inert::refused::assumption",
        "the declaration is derived, and takes for granted what this build does not have",
    ),
    (
        "inert::refused::unknown-compiler",
        "rustc's version is not understood, on which the declaration may depend",
    ),
    (
        "inert::refused::not-covered",
        "a condition of the declaration's `unsupported` holds for a run that is needed",
    ),
    (
        "inert::refused::unverified",
        "the declaration is derived, `[policy] derived = \"verified\"`, and neither the catalog nor a `[[verified]]` entry says that it \
         was compared with the script",
    ),
    (
        "inert::refused::unreviewed",
        "the declaration may do what the policy wants reviewed: a `[[review]]` entry is missing",
    ),
    (
        "inert::refused::untrusted",
        "the entry that decides came with the tree, and says what counts only where the user accepts it: `cargo inert trust`",
    ),
    ("inert::refused::reviewed-other-files", "the package's files are not those of the `[[review]]` entry"),
    ("inert::refused::expired", "the `[[allow]]` entry has expired"),
    ("inert::refused::allowed-other-files", "the package's files are not those of the `[[allow]]` entry"),
    (
        "inert::refused::linked-other",
        "what is linked into the script is not what the `[[allow]]` entry lists",
    ),
    (
        "inert::refused::undecided",
        "nothing decides the script: no declaration, no entry, and none could be derived",
    ),
    (
        "inert::refused::not-in-wasm",
        "nothing decides the script, the policy lets such a script run in WebAssembly only, and it cannot run there",
    ),
    (
        "inert::refused::macro-without-entry",
        "the policy wants proc macros reviewed, and no `[[proc-macro]]` entry names this one",
    ),
    (
        "inert::refused::macro-reviewed-other-files",
        "the package's files are not those of the `[[proc-macro]]` entry",
    ),
    ("inert::refused::macro-linked-other", "what is linked into the proc macro is not what its entry lists"),
    ("inert::refused::macro-expired", "the `[[proc-macro]]` entry has expired"),
];

impl Refusal {
    /// Returns the stable code of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::DenyFlag { .. } => "inert::refused::deny-flag",
            Self::DenyEntry { .. } => "inert::refused::deny-entry",
            Self::Unreadable(_) => "inert::refused::unreadable",
            Self::OutsidePackage => "inert::refused::outside-package",
            Self::Assumption(_) => "inert::refused::assumption",
            Self::UnknownCompiler(_) => "inert::refused::unknown-compiler",
            Self::NotCovered { .. } => "inert::refused::not-covered",
            Self::Unverified => "inert::refused::unverified",
            Self::Unreviewed(_) => "inert::refused::unreviewed",
            Self::Untrusted { .. } => "inert::refused::untrusted",
            Self::ReviewedOtherFiles { .. } => "inert::refused::reviewed-other-files",
            Self::Expired { .. } => "inert::refused::expired",
            Self::AllowedOtherFiles { .. } => "inert::refused::allowed-other-files",
            Self::LinkedOther { .. } => "inert::refused::linked-other",
            Self::BuildOutputInside { .. } => "inert::refused::build-output-inside",
            Self::Undecided => "inert::refused::undecided",
            Self::NotInWasm(_) => "inert::refused::not-in-wasm",
            Self::MacroWithoutEntry => "inert::refused::macro-without-entry",
            Self::MacroReviewedOtherFiles { .. } => "inert::refused::macro-reviewed-other-files",
            Self::MacroLinkedOther { .. } => "inert::refused::macro-linked-other",
            Self::MacroExpired { .. } => "inert::refused::macro-expired",
        }
    }

    /// Returns whether no entry of the policy could allow the script: a rule with precedence over entries refuses it,
    /// or its files cannot be pinned.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::DenyFlag { .. }
            | Self::DenyEntry { .. }
            | Self::Unreadable(_)
            | Self::OutsidePackage
            | Self::BuildOutputInside { .. }
            | Self::Untrusted { .. } => true,
            Self::Assumption(_)
            | Self::UnknownCompiler(_)
            | Self::NotCovered { .. }
            | Self::Unverified
            | Self::Unreviewed(_)
            | Self::ReviewedOtherFiles { .. }
            | Self::Expired { .. }
            | Self::AllowedOtherFiles { .. }
            | Self::LinkedOther { .. }
            | Self::Undecided
            | Self::NotInWasm(_)
            | Self::MacroWithoutEntry
            | Self::MacroReviewedOtherFiles { .. }
            | Self::MacroLinkedOther { .. }
            | Self::MacroExpired { .. } => false,
        }
    }
}

/// The reason why a script may run, or need not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowance {
    /// The script belongs to the toolchain (`-Zbuild-std`).
    Toolchain,
    /// The package is a member of the workspace.
    Member,
    /// Nothing decides the script, and the policy permits such scripts to run in WebAssembly, or confined.
    Undecided,
    /// A table of Cargo's configuration replaces it.
    Overridden {
        /// The name of the table.
        table: String,
        /// The file and line of the table.
        place: Place,
    },
    /// An `[[allow]]` entry pins it.
    Entry {
        /// The reason that the entry gives.
        reason: String,
    },
}
