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
//! - [`crates`]: `crates/checks/*.txt`, modelled crates against the crates.
//!
//! `INERT_CHECKS=all` runs all of the products instead of a fixed part; `INERT_UPDATE=1` takes away what is wrong no more. Each test leaves what it saw in `target/tmp/against-rustc/`.

mod cases;
mod check;
mod crates;
mod derived;
mod discover;
mod matrix;
mod methods;
mod pool;
mod program;
mod ratchet;
mod said;
