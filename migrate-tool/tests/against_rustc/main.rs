//! Compares derivations with rustc. Each check is a small build script, which is compiled and run, and is also derived.
//! The effects of the declaration must be those of the run, or the script must be refused.
//!
//! The expected result is always rustc's, never ours. A check whose result differs between two runs or two profiles has
//! no right result and must be refused. Known failures are listed in `known-wrong/`, which may only shrink.
//!
//! - [`cases`]: `cases/*.txt`, written by hand, one kind of difficulty a file.
//!
//! - [`matrix`]: every method that the models name, on every receiver that has it, with arguments from a pool.
//!
//! `INERT_CHECKS=all` runs all combinations instead of a fixed selection; `INERT_UPDATE=1` removes known failures that
//! are fixed. Each test writes a report to `target/tmp/against-rustc/`.

mod cases;
mod check;
mod derived;
mod discover;
mod matrix;
mod methods;
mod pool;
mod program;
mod ratchet;
mod said;
