//! What runs in a build all the same runs with the rights that its grants name and no others.
//!
//! Phases: an entry of the policy says what a script may beyond the profile `script` ([`policy::rights`](crate::policy::rights)) →
//! the plan seals that ([`Confined`](crate::plan::model::Confined)) → the stand-in works out [`grants`], [`variables`] and
//! [`programs`] and starts the script below [`inert_sandbox`] → what it was denied is said with the line that would grant it
//! ([`denied`]). [`available`] finds out, before anything is compiled, whether this machine can confine at all.

pub mod available;
pub mod denied;
mod grants;
mod programs;
pub mod rustc;
pub mod script;
mod tools;
mod variables;
