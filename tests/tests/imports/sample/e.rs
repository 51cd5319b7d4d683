//! The file names no module: `crate::c` in a comment, "crate::c" in a text.

pub const ONE: u8 = 1;
pub const TEXT: &str = "crate::c";
