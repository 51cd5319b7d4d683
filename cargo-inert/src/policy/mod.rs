//! The policy: `inert.toml` of the invoking workspace, or the user's own; and a minimum from outside the tree
//! (`--policy`, `INERT_POLICY`) that the tree cannot weaken. A file inside a package is never used.
//!
//! Phases: text → [`keys`] define the valid keys → [`read`] converts one file to a [`Layer`](layers::Layer) →
//! [`layers`] follows `extends`, adds what [`baked`] files hold, and combines files to the [`Policy`] of a build; [`trust`] determines which claims of
//! the tree's file count only if the user accepts them.

mod baked;
pub mod change;
pub mod choice;
pub mod compare;
pub mod date;
pub mod edit;
mod find;
pub mod keys;
pub mod layers;
pub mod libraries;
pub mod may;
mod model;
pub mod outputs;
mod read;
pub mod rights;
pub mod rules;
pub mod schema;
pub mod trust;

pub use date::Date;
pub use find::named_minimum;
pub use libraries::{Caller, Libraries};
pub use model::{
    AcceptedConfiguration, Allow, BadPolicy, Baked, Claim, Compile, ConfineRustc, Declare, Deny, Derived,
    EntryPlace, FILE, Matcher, Members, Outer, Policy, ProcMacros, Reviewed, ReviewedMacro, Runtime,
    TreeConfiguration, UNREVIEWED, Unavailable, Undecided, VARIABLE, Verified, holds,
};
pub use outputs::Outputs;
pub use rights::Rights;
pub use trust::Trust;
