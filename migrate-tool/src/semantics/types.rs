//! The types of values by the names that `impl` blocks and paths use, and their properties.

use crate::value::{IntType, SeqKind, TextType, Value};

/// The name of the type of a text whose type is not known.
pub(crate) const UNKNOWN_TEXT: &str = "a text";

/// The name of the type of an integer whose type is not known.
pub(crate) const UNKNOWN_INTEGER: &str = "a number";

/// The path of `Reverse`, which is also the name of its values' type.
pub(crate) const REVERSE: &str = "std::cmp::Reverse";

/// Types of std and of walkdir that are known by the path that they are about; each is the name of its values' type.
pub(crate) const METADATA: &str = "std::fs::Metadata";
pub(crate) const FILE_TYPE: &str = "std::fs::FileType";
pub(crate) const DIR_ENTRY: &str = "std::fs::DirEntry";
pub(crate) const WALK_ENTRY: &str = "walkdir::DirEntry";

/// Returns whether values of the type of this name say nothing of what Rust compares them by.
pub(crate) fn is_incomparable(name: &str) -> bool {
    matches!(name, METADATA | FILE_TYPE | DIR_ENTRY | WALK_ENTRY)
}

/// Returns whether the type that a call of this method should have is also the type that its receiver should have or
/// wrap.
pub(crate) fn passes_hint(name: &str) -> bool {
    matches!(
        name,
        "unwrap"
            | "expect"
            | "unwrap_or"
            | "unwrap_or_default"
            | "unwrap_or_else"
            | "ok"
            | "or_else"
            | "or"
            | "map_err"
            | "ok_or"
            | "ok_or_else"
            | "clone"
            | "context"
            | "with_context"
            | "parse"
    )
}

/// Returns the name that a value's type has in `impl` blocks; the first of [`type_names`], or empty if there is none.
pub(crate) fn type_name(value: &Value) -> String {
    type_names(value).into_iter().next().unwrap_or_default()
}

/// Returns the names that a value's type may have in `impl` blocks; the name of a type from outside is its path.
pub(crate) fn type_names(value: &Value) -> Vec<String> {
    let names: &[&str] = match value {
        Value::Struct(value) => return vec![value.name.to_string()],
        Value::Enum(value) => match &*value.name {
            "Option" => &["std::option::Option"],
            "Result" => &["std::result::Result"],
            name => return vec![name.to_owned()],
        },
        Value::Text(text) if text.1 != TextType::Unknown => match text.1 {
            TextType::String => &["std::string::String", "str"],
            TextType::OsStr => &["std::ffi::OsStr"],
            TextType::OsString => &["std::ffi::OsString", "std::ffi::OsStr"],
            TextType::Path => &["std::path::Path"],
            TextType::PathBuf => &["std::path::PathBuf", "std::path::Path"],
            TextType::ByteVec => &["std::vec::Vec", "[T]"],
            TextType::Bytes | TextType::ByteArray => &["[T]"],
            TextType::Str | TextType::Arguments | TextType::Unknown => &["str"],
        },
        Value::Text(_) => &[
            "str",
            "std::string::String",
            "std::ffi::OsStr",
            "std::ffi::OsString",
            "std::path::Path",
            "std::path::PathBuf",
            "std::vec::Vec",
            "[T]",
        ],
        Value::Bool(_) => &["bool"],
        Value::Char(_) => &["char"],
        Value::Int(_, kind) => match kind {
            IntType::Unsigned(8) => &["u8"],
            IntType::Unsigned(16) => &["u16"],
            IntType::Unsigned(32) => &["u32"],
            IntType::Unsigned(64) => &["u64"],
            IntType::Unsigned(_) => &["u128"],
            IntType::Signed(8) => &["i8"],
            IntType::Signed(16) => &["i16"],
            IntType::Signed(32) => &["i32"],
            IntType::Signed(64) => &["i64"],
            IntType::Signed(_) => &["i128"],
            IntType::Usize => &["usize"],
            IntType::Isize => &["isize"],
            IntType::Unknown => INTEGERS,
        },
        Value::SymbolicInt(..) => INTEGERS,
        Value::Seq(items) => match items.kind {
            SeqKind::Vec => &["std::vec::Vec", "[T]"],
            SeqKind::Array | SeqKind::Slice => &["[T]"],
            SeqKind::Deque => &["std::collections::VecDeque"],
            SeqKind::Unknown | SeqKind::Collected | SeqKind::Ancestors => {
                &["std::vec::Vec", "[T]", "std::collections::VecDeque"]
            }
        },
        Value::Bytes(_) => &["std::vec::Vec", "[T]"],
        Value::Map(map) => match (map.sorted, map.set) {
            (true, true) => &["std::collections::BTreeSet"],
            (true, false) => &["std::collections::BTreeMap"],
            (false, true) => &["std::collections::HashSet"],
            (false, false) => &["std::collections::HashMap"],
        },
        Value::Object(_) => &[
            "cc::Build",
            "std::process::Command",
            "pkg_config::Config",
            "pkg_config::Library",
            "vcpkg::Config",
            "vcpkg::Library",
            "autocfg::AutoCfg",
            "std::fs::File",
        ],
        _ => &[],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Returns whether [`type_names`] are the value's type and the type that it dereferences to, in that order, and not
/// several possible types.
pub(crate) fn type_is_certain(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.1 != TextType::Unknown,
        Value::Seq(items) => !matches!(items.kind, SeqKind::Unknown | SeqKind::Collected),
        Value::Int(_, kind) => *kind != IntType::Unknown,
        Value::Bytes(_) | Value::SymbolicInt(..) | Value::Object(_) => false,
        _ => true,
    }
}

/// Returns whether a name is that of a primitive type with associated functions.
pub(crate) fn is_primitive(name: &str) -> bool {
    INTEGERS.contains(&name) || matches!(name, "bool" | "char" | "str" | "f32" | "f64")
}

const INTEGERS: &[&str] =
    &["i32", "u32", "usize", "u64", "i64", "u8", "i8", "u16", "i16", "isize", "u128", "i128"];

/// Returns whether a name is that of a type of std by which values are distinguished here; a type of the script with
/// the same name would be confused with it.
pub(crate) fn is_std_type(name: &str) -> bool {
    const NAMES: [&str; 28] = [
        "Option",
        "Result",
        "Bound",
        "ExitStatus",
        "Output",
        "Child",
        "JoinHandle",
        "VarError",
        "VersionMeta",
        "String",
        "Vec",
        "VecDeque",
        "Path",
        "PathBuf",
        "OsStr",
        "OsString",
        "Box",
        "Rc",
        "Arc",
        "Cow",
        "HashMap",
        "HashSet",
        "BTreeMap",
        "BTreeSet",
        "BinaryHeap",
        "Component",
        "Some",
        "None",
    ];
    NAMES.contains(&name)
}

/// Returns the enumeration and the variant if a path outside the script names a variant without fields. Such a value
/// equals itself and no other variant of its enumeration.
pub(crate) fn unit_variant(path: &str) -> Option<(&str, &str)> {
    const ENUMS: [&str; 4] =
        ["std::cmp::Ordering", "std::io::ErrorKind", "rustc_version::Channel", "std::path::Component"];
    let (owner, name) = path.rsplit_once("::")?;
    ENUMS.contains(&owner).then_some((owner, name))
}
