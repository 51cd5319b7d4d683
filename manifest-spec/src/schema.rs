//! The schema as documents, generated from [`crate::keys`] and the closed lists: a JSON Schema for editors, and the
//! reference for people. `tests/reference.rs` compares the committed copies with them.

mod json;
mod reference;

pub use json::json_schema;
pub(crate) use reference::listed;
pub use reference::{EXAMPLES, reference};
