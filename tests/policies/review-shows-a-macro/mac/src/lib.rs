//! A macro crate without a macro.
