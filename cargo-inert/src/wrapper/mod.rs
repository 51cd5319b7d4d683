//! The rustc wrapper, which Cargo starts in the place of rustc.
//!
//! It decides nothing. In Inert's build dir it obeys the session's plan; elsewhere ([`plain_cargo`]) it keeps the
//! smaller promise that no undecided script starts.

pub mod arguments;
mod attributes;
mod dep_info;
mod failure;
mod link_inputs;
pub mod outputs;
mod pinned;
pub mod plain_cargo;
mod run;
mod rustc;
pub mod rustdoc;
pub mod wasm;

pub use failure::Failure;
pub use run::main;
