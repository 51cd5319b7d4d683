//! `cargo inert verify`: compares original scripts with their stand-ins. The scripts are compiled separately and run
//! with synthesised environments; the stand-ins get the same; the outcomes are compared.
//!
//! Phases: [`bench::Subject`] (a package and its declaration) → [`compile`] (the script alone, once) → [`variations`]
//! (cases, from the literals that [`mentions`] finds in script and declaration, and what others [`supply`]) → for each [`case`], [`simulate`]'s
//! environment with [`shim`]s for tools → [`observe`] both sides → [`compare`] → [`report`].

pub mod bench;
pub mod bounded;
pub mod case;
pub mod compare;
pub mod compile;
mod confined;
pub mod corpus;
pub mod in_wasm;
pub mod manifest;
pub mod mentions;
pub mod observe;
mod path;
pub mod report;
mod run;
pub mod shim;
pub mod simulate;
pub mod supply;
pub mod targets;
pub mod variations;

pub use bench::{Bench, Subject, Verdict};
pub use confined::Confined;
