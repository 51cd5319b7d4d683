//! `cargo inert verify`: the oracle. Original scripts are compiled apart and run with synthesised environments; their
//! stand-ins are given the same; what comes of both is compared.
//!
//! Phases: [`bench::Subject`] (a package and its declaration) → [`compile`] (the script alone, once) → [`variations`]
//! (cases, from what script and declaration [`mentions`] name) → for each [`case`], [`simulate`]'s environment with
//! [`shim`]s for tools → [`observe`] both sides → [`compare`] → [`report`].

pub mod bench;
pub mod bounded;
pub mod case;
pub mod compare;
pub mod compile;
pub mod corpus;
pub mod manifest;
pub mod mentions;
pub mod observe;
mod path;
pub mod report;
mod run;
pub mod shim;
pub mod simulate;
pub mod targets;
pub mod variations;

pub use bench::{Bench, Subject, Verdict};
