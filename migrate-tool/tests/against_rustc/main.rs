//! Derivations held against rustc: each check is a small build script, compiled and run as it is, and derived by itself.
//! What the declaration says must be what the script said, or the script is refused.
//!
//! Nothing here says what is right; rustc does. A check on which two runs or two profiles differ has no right answer, and must be
//! refused. What is known to be wrong stands in `known-wrong/`, which may only shrink.
//!
//! - [`cases`]: `cases/*.txt`, written by hand, one kind of difficulty a file.
//!
//! - [`matrix`]: every method that the models name, on every receiver that has it, with arguments of a pool.
//!
//! `INERT_CHECKS=all` runs all of the products instead of a fixed part; `INERT_UPDATE=1` takes away what is wrong no more. Each test leaves what it saw in `target/tmp/against-rustc/`.

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
