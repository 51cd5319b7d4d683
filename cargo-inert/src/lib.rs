//! `cargo inert`: the command, the rustc wrapper and the stand-in.
//!
//! Phases of a build: [`commands::build`] reads the command line → [`driver::prepare`] asks Cargo for the unit graph,
//! decides every script ([`plan::make`]) → refuses, or seals the plan ([`plan::seal`]) and starts Cargo → [`wrapper`]
//! writes stand-ins → [`stand_in`] does what the declarations say.

pub mod artifacts;
pub mod bake;
pub mod cargo;
pub mod commands;
pub mod confine;
pub mod console;
pub mod digest;
pub mod driver;
pub mod environment;
pub mod exit;
pub mod file;
pub mod freshness;
pub mod inventory;
pub mod lock;
pub mod plan;
pub mod policy;
pub mod random;
pub mod report;
pub mod stand_in;
pub mod store;
pub mod toml_text;
pub mod verify;
pub mod wrapper;
