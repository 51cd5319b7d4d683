//! "Closed": what values may say. Each rule is a module with its tables; what is not on a table is refused.

pub mod base64;
pub mod env;
pub mod flags;
pub mod libraries;
pub mod names;
pub mod path;

/// Why a value is refused, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to type next; empty where there is nothing to say.
    pub help: String,
}

impl Refusal {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// A document larger than this is not read.
pub const MAX_DOCUMENT: usize = 4 << 20;
/// Inline text or bytes of one value.
pub const MAX_TEXT: usize = 1 << 20;
/// Any name, path, flag or other single word.
pub const MAX_WORD: usize = 1024;
/// Items of one list, keys of one table.
pub const MAX_ITEMS: usize = 20_000;
/// Modifiers of a linked library (the rustc book, "Linking modifiers").
pub const MODIFIERS: &[&str] =
    &["+whole-archive", "-whole-archive", "+bundle", "-bundle", "+verbatim", "-verbatim"];

/// Endings of what a `cc-library` is made from: C, C++, Objective-C, assembly, and objects and archives that are added
/// as they are (the capability `prebuilt`).
#[rustfmt::skip] // many short words: a line each is no easier to read
pub const SOURCE_ENDINGS: &[&str] = &[
    ".c", ".C", ".cc", ".cp", ".cpp", ".cxx", ".c++", ".CPP", ".m", ".mm", ".s", ".S", ".sx", ".asm", ".o",
    ".obj", ".a", ".lib",
];
