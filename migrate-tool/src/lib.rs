//! Reads a build script, without running it, and writes the declaration that says the same.

pub mod rewrite;
