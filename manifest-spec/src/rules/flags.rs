//! The rules for flags of compilers and linkers: exact tokens, or typed values after a listed beginning. No listed
//! flag takes a path, writes a file, or passes its rest through to another tool.

mod compiler;
mod linker;
mod value;

pub use compiler::{compiler_flag, compiler_flag_samples};
pub use linker::{
    LinkArgument, Reader, library_argument, link_argument, link_argument_reader, link_argument_samples,
    link_argument_text,
};

pub(crate) use compiler::reference as compiler_reference;
pub(crate) use linker::reference as linker_reference;

use super::Refusal;

/// Returns the refusal of a flag that is on no list.
fn unlisted(flag: &str, help: impl Into<String>) -> Refusal {
    let shown = crate::render::escaped(flag);
    Refusal::new(format!("`{shown}` is not on the list of flags"), help)
}
