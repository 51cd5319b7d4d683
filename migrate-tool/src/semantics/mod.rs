//! Definitions that the interpreter and the models share: names of types, kinds of facts, the meaning of paths. Nothing
//! is evaluated here.

pub(crate) mod crates;
pub(crate) mod facts;
pub(crate) mod library;
pub(crate) mod paths;
mod std_methods;
pub(crate) mod symbols;
pub(crate) mod texts;
pub(crate) mod types;

pub(crate) use std_methods::{is_std_function, is_std_macro, is_std_method};

/// rustc's sanitizers, as `cfg(sanitize = "…")` names them.
pub(crate) const SANITIZERS: &[&str] = &[
    "address",
    "cfi",
    "dataflow",
    "hwaddress",
    "kcfi",
    "kernel-address",
    "leak",
    "memory",
    "memtag",
    "realtime",
    "safestack",
    "shadow-call-stack",
    "thread",
];
