//! Why a script or a proc macro may not run, and why a script may: data, with stable codes. `report/refusal` makes the sentences.

use std::path::PathBuf;

use crate::policy::{Date, EntryPlace};

/// Why something may not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// `--deny-build-scripts`, its variable or the policy's own rule: no such script runs, allowed or not.
    DenyFlag {
        /// Why the declaration, where there is one, does not stand in.
        declaration: Option<Box<Refusal>>,
    },
    /// A `[[deny]]` entry.
    DenyEntry {
        /// Where it is written.
        place: EntryPlace,
        /// The reason that it gives.
        reason: Option<String>,
    },
    /// Files that an entry pins cannot be read.
    Unreadable(
        /// What the system said.
        String,
    ),
    /// The script is a file outside of its package, whose files are all that an entry could pin.
    OutsidePackage,
    /// The declaration is derived, and takes for granted what this build does not have.
    Assumption(
        /// What that is.
        String,
    ),
    /// rustc's version is not understood, on which the declaration may depend.
    UnknownCompiler(
        /// What it says.
        String,
    ),
    /// The declaration does not cover a run that is needed.
    NotCovered {
        /// Of a derived one, the line of the script that could not be derived.
        line: Option<String>,
        /// What to write in the place of variables that the conditions ask for.
        advice: Option<String>,
        /// The conditions of `unsupported` that hold.
        conditions: Vec<String>,
        /// The run's target.
        target: String,
    },
    /// The declaration may do what needs a `[[review]]` entry.
    Unreviewed(
        /// Each capability, with what it is for where that is known.
        Vec<String>,
    ),
    /// The entry that decides came with the tree, and claims what counts only where the user accepts it.
    Untrusted {
        /// What it claims.
        claim: String,
        /// Where it is written.
        place: EntryPlace,
        /// Of all that the tree claims, by which it is accepted.
        digest: String,
    },
    /// A `[[review]]` entry is for other files.
    ReviewedOtherFiles {
        /// Digest of the files that are there.
        found: String,
    },
    /// An `[[allow]]` entry has expired.
    Expired {
        /// The last day on which it held, where the entry gives one.
        last: Option<Date>,
        /// Where it is written.
        place: EntryPlace,
    },
    /// An `[[allow]]` entry is for other files.
    AllowedOtherFiles {
        /// Digest of the files that were reviewed.
        allowed: String,
        /// Digest of the files that are there.
        found: String,
    },
    /// What is linked into the script is not what an `[[allow]]` entry lists.
    LinkedOther {
        /// Digest of what is linked into it.
        found: String,
    },
    /// Nothing decides the script; why no declaration was derived is the decision's residue.
    Undecided,
    /// No `[[proc-macro]]` entry, where the policy asks for one.
    MacroWithoutEntry,
    /// A `[[proc-macro]]` entry is for other files.
    MacroReviewedOtherFiles {
        /// Digest of the files that were reviewed.
        reviewed: String,
        /// Digest of the files that are there.
        found: String,
    },
    /// What is linked into the proc macro is not what its entry lists.
    MacroLinkedOther {
        /// Digest of what is linked into it.
        found: String,
    },
    /// A `[[proc-macro]]` entry has expired.
    MacroExpired {
        /// Where it is written.
        place: EntryPlace,
    },
}

/// Codes with what they mean, as the index of diagnostics lists them.
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
    /// Its stable code.
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
            Self::Unreviewed(_) => "inert::refused::unreviewed",
            Self::Untrusted { .. } => "inert::refused::untrusted",
            Self::ReviewedOtherFiles { .. } => "inert::refused::reviewed-other-files",
            Self::Expired { .. } => "inert::refused::expired",
            Self::AllowedOtherFiles { .. } => "inert::refused::allowed-other-files",
            Self::LinkedOther { .. } => "inert::refused::linked-other",
            Self::Undecided => "inert::refused::undecided",
            Self::MacroWithoutEntry => "inert::refused::macro-without-entry",
            Self::MacroReviewedOtherFiles { .. } => "inert::refused::macro-reviewed-other-files",
            Self::MacroLinkedOther { .. } => "inert::refused::macro-linked-other",
            Self::MacroExpired { .. } => "inert::refused::macro-expired",
        }
    }

    /// Whether no entry of the policy would let the script through: something that outranks entries refuses it, or what an entry
    /// would pin cannot be pinned.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::DenyFlag { .. }
            | Self::DenyEntry { .. }
            | Self::Unreadable(_)
            | Self::OutsidePackage
            | Self::Untrusted { .. } => true,
            Self::Assumption(_)
            | Self::UnknownCompiler(_)
            | Self::NotCovered { .. }
            | Self::Unreviewed(_)
            | Self::ReviewedOtherFiles { .. }
            | Self::Expired { .. }
            | Self::AllowedOtherFiles { .. }
            | Self::LinkedOther { .. }
            | Self::Undecided
            | Self::MacroWithoutEntry
            | Self::MacroReviewedOtherFiles { .. }
            | Self::MacroLinkedOther { .. }
            | Self::MacroExpired { .. } => false,
        }
    }
}

/// Why a script may run, or need not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowance {
    /// It is the toolchain's own (`-Zbuild-std`).
    Toolchain,
    /// The package is one of the workspace's own.
    Member,
    /// Nothing decides it, and the policy lets such a script run confined.
    Undecided,
    /// A table of Cargo's configuration speaks for it.
    Overridden {
        /// The table.
        table: String,
        /// The file; none for the command line.
        file: Option<PathBuf>,
    },
    /// An `[[allow]]` entry pins it.
    Entry {
        /// The reason that the entry gives.
        reason: String,
    },
}
