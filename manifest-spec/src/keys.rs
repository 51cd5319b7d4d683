//! The keys of every table of the schema. The parser, "did you mean", the JSON Schema and the reference all use
//! them.
//!
//! To add a key, add a row to its table here, a field in [`crate::types`], a line in `parse/<table>.rs` that reads
//! it, one in `write/` that writes it, and a case folder in `tests/cases`. Reading a key without a row fails every
//! test; a row without a reader fails `every_key_is_read`; then `INERT_UPDATE=1 cargo test -p inert-manifest-spec`
//! renews the reference.

mod cc;
mod library;
mod link;
mod probe;
mod root;

pub use cc::{CC_LIBRARY, FLAG, STANDARDS};
pub use library::{ENV_ROLES, LIBRARY};
pub use link::{LINK, LINK_FOR};
pub use probe::{EDITIONS, PROBE, PROBE_CRATE_TYPES, PROBE_EMITS};
pub use root::{ALTERNATIVE, ITEM, METADATA_VALUE, OUT_FILE, ROOT};

/// A table of the schema.
#[derive(Debug)]
pub struct Table {
    /// The table's name in messages and the reference.
    pub name: &'static str,
    /// The table's description, in Markdown.
    pub doc: &'static str,
    /// The table's keys, in the order in which they are written.
    pub keys: &'static [Key],
}

/// A key of a [`Table`].
#[derive(Debug)]
pub struct Key {
    /// The key, as it is written.
    pub name: &'static str,
    /// The form of its value.
    pub shape: Shape,
    /// The key's description, in Markdown, one line.
    pub doc: &'static str,
}

/// The form that a value must have.
#[derive(Debug)]
pub enum Shape {
    /// A boolean, `true` or `false`.
    Boolean,
    /// A whole number of TOML.
    Integer,
    /// A string without variables.
    String,
    /// A string with `${…}` variables.
    Text,
    /// A path inside the package, or one that begins with a folder that the resolver knows.
    Path,
    /// A condition in cfg syntax.
    Condition,
    /// One of these strings.
    Choice(&'static [&'static str]),
    /// A list of strings, without guards.
    Strings,
    /// The value; `{ value = …, when = "…" }`; or a list of alternatives of which at most one holds.
    Guarded(&'static Shape),
    /// One item or a list of items, each of which may be `{ value = …, when = "…" }` or `{ values = […], when = "…" }`.
    List(&'static Shape),
    /// A table whose keys the declaration chooses.
    Map {
        /// The description of a key.
        key: &'static str,
        /// The form of each value.
        value: &'static Shape,
    },
    /// A table of the schema.
    Table(&'static Table),
    /// Any of these forms.
    OneOf(&'static [Shape]),
}

/// All tables of the schema, for the reference.
pub static TABLES: &[&Table] = &[
    &ROOT,
    &PROBE,
    &OUT_FILE,
    &LIBRARY,
    &CC_LIBRARY,
    &FLAG,
    &LINK,
    &LINK_FOR,
    &METADATA_VALUE,
    &ALTERNATIVE,
    &ITEM,
];

impl Table {
    /// Returns the row of a key.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// Makes a row of a table.
const fn key(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, doc }
}

const WHEN: Key = key("when", Shape::Condition, "The condition under which it stands; without it, always.");
const ELSE: Key = key("else", Shape::Boolean, "`true`: stands where no other alternative does.");
