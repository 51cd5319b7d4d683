//! Confinement: a program that runs in a build has the rights of its grants and no others.
//!
//! Phases: a policy entry grants rights beyond the profile `script` ([`policy::rights`](crate::policy::rights)) → the
//! plan seals them ([`Confined`](crate::plan::model::Confined)) → the stand-in computes [`grants`], [`variables`] and
//! [`programs`] and starts the script below [`inert_sandbox`] → each denied access is reported with the policy line
//! that would grant it ([`denied`]). The tools of stand-ins (compilers, pkg-config) have a profile of their own
//! ([`stand_in_tools`]). [`available`] tests, before anything is compiled, whether this machine can confine
//! at all.

pub mod apart;
pub mod available;
pub mod denied;
mod grants;
pub mod locate;
pub mod observed;
pub mod orphans;
pub mod outer;
mod programs;
pub mod rustc;
pub mod script;
pub mod stand_in_tools;
mod tools;
mod variables;

pub use grants::grant_visible;
pub use variables::harmless;
