//! The user's word: `inert.toml` of the invoking workspace, or the user's own; and a minimum from outside the tree
//! (`--policy`, `INERT_POLICY`) that the tree cannot weaken. Never one found inside a package.
//!
//! Phases: text → [`keys`] say what may stand → [`read`] lowers one file to a [`Layer`](layers::Layer) → [`layers`]
//! follows `extends` and combines files to the [`Policy`] that a build goes by; [`trust`] says what of the tree's file counts only
//! where the user accepts it.

pub mod change;
pub mod choice;
pub mod compare;
pub mod date;
pub mod edit;
mod find;
pub mod keys;
pub mod layers;
pub mod libraries;
mod model;
pub mod outputs;
mod read;
pub mod rights;
pub mod rules;
pub mod schema;
pub mod trust;

pub use date::Date;
pub use libraries::Libraries;
pub use model::{
    AcceptedConfiguration, Allow, BadPolicy, Claim, Compile, ConfineRustc, Declare, Deny, EntryPlace, FILE,
    Matcher, Members, Policy, ProcMacros, Reviewed, ReviewedMacro, Runtime, TreeConfiguration, UNREVIEWED,
    Unavailable, Undecided, VARIABLE, holds,
};
pub use outputs::Outputs;
pub use rights::Rights;
pub use trust::Trust;
