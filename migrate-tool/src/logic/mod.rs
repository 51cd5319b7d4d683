//! The inputs that a script may ask about, and Boolean functions of them as decision diagrams.

pub(crate) mod bdd;
pub(crate) mod inputs;
pub(crate) mod supports;
pub(crate) mod table;
pub(crate) mod targets;

pub(crate) use bdd::{Bit, Guard};
pub(crate) use inputs::{Domain, Inputs};
