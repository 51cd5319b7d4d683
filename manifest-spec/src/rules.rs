//! The rules for values, as closed lists. Each rule is a module with its tables; a value that is not on a table is
//! refused.

pub mod base64;
pub mod env;
pub mod flags;
pub mod libraries;
pub mod names;
pub mod path;

/// The reason why a value is refused, and the help for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The problem, in one sentence.
    pub message: String,
    /// The next thing to type; empty if there is no advice.
    pub help: String,
}

impl Refusal {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// The greatest size of a document, in bytes.
pub const MAX_DOCUMENT: usize = 4 << 20;
/// The greatest size of the inline text or bytes of one value, in bytes.
pub const MAX_TEXT: usize = 1 << 20;
/// The greatest length of a name, path, flag or other single token, in bytes.
pub const MAX_WORD: usize = 1024;
/// The greatest number of items of one list and of keys of one table.
pub const MAX_ITEMS: usize = 20_000;
/// The modifiers of a linked library (the rustc book, "Linking modifiers").
pub const MODIFIERS: &[&str] =
    &["+whole-archive", "-whole-archive", "+bundle", "-bundle", "+verbatim", "-verbatim"];

/// The endings of the sources of a `cc-library`: C, C++, Objective-C, assembly, and objects and archives, which are
/// added as they are (the capability `prebuilt`).
#[rustfmt::skip] // many short words: a line each is no easier to read
pub const SOURCE_ENDINGS: &[&str] = &[
    ".c", ".C", ".cc", ".cp", ".cpp", ".cxx", ".c++", ".CPP", ".m", ".mm", ".s", ".S", ".sx", ".asm", ".o",
    ".obj", ".a", ".lib",
];
