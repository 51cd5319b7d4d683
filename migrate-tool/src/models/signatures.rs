//! Which type has which methods, and what they give: a method that is not here for a type is not understood on it.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::value::{TextType, Ty};

/// Methods of a type: the type, what they give (Rust's syntax; empty where the model says it itself), their names.
type Row = (&'static str, &'static str, &'static str);

/// The name of any type that holds text: its methods mean the same on each such type.
pub(crate) const ANY_TEXT: &str = "any text";
/// Methods that several types have and that mean the same on each.
const SAME_ON_EACH: &[&str] = &[
    "to_str",
    "to_string_lossy",
    "is_empty",
    "len",
    "is_ascii",
    "as_bytes",
    "eq_ignore_ascii_case",
    "display",
];
/// The owned type of a borrowed one: `String` of `str`.
const OWNED: &str = "owned";
/// The type that the method is called on.
const SAME: &str = "same";

/// The methods of texts, paths and bytes.
pub(crate) const TEXTS: &[Row] = &[
    (
        "str",
        "str",
        "as_str trim trim_start trim_end trim_left trim_right trim_ascii trim_ascii_start trim_ascii_end",
    ),
    ("str", "str", "trim_matches trim_start_matches trim_end_matches trim_left_matches trim_right_matches"),
    ("str", "Option<str>", "strip_prefix strip_suffix get"),
    ("str", "Option<(str, str)>", "split_once rsplit_once"),
    ("str", "(str, str)", "split_at"),
    ("str", "bool", "is_empty starts_with ends_with contains eq_ignore_ascii_case is_ascii is_char_boundary"),
    ("str", "usize", "len"),
    (
        "str",
        "String",
        "to_uppercase to_lowercase to_ascii_uppercase to_ascii_lowercase replace replacen repeat",
    ),
    ("str", "", "escape_default escape_debug parse make_ascii_uppercase make_ascii_lowercase"),
    ("str", "[u8]", "as_bytes"),
    (
        "str",
        "Iterator<str>",
        "split rsplit split_terminator rsplit_terminator splitn rsplitn split_inclusive",
    ),
    ("str", "Iterator<str>", "split_whitespace split_ascii_whitespace lines matches rmatches"),
    ("str", "Iterator<(usize, str)>", "match_indices rmatch_indices"),
    ("str", "Iterator<char>", "chars"),
    ("str", "Iterator<(usize, char)>", "char_indices"),
    ("str", "Iterator<u8>", "bytes"),
    ("str", "Option<usize>", "find rfind"),
    ("str", "String", "into_string"),
    ("String", "", "push push_str insert insert_str clear truncate reserve shrink_to_fit extend retain"),
    ("String", "Option<char>", "pop"),
    ("String", "char", "remove"),
    ("String", "Iterator<char>", "drain"),
    ("String", "", "write_str write_char write_fmt"),
    ("String", "Vec<u8>", "into_bytes"),
    ("String", "str", "as_mut_str into_boxed_str"),
    ("String", "String", "split_off"),
    // A `fmt` of the script receives its formatter as a `String`.
    ("String", "", "alternate debug_struct debug_tuple debug_list debug_set debug_map"),
    ("OsStr", "Option<str>", "to_str"),
    ("OsStr", "str", "to_string_lossy"),
    ("OsStr", "OsString", "to_os_string to_ascii_uppercase to_ascii_lowercase into_os_string"),
    ("OsStr", "bool", "is_empty eq_ignore_ascii_case is_ascii"),
    ("OsStr", "usize", "len"),
    ("OsStr", "[u8]", "as_bytes as_encoded_bytes"),
    ("OsStr", "", "display"),
    ("OsString", "", "push clear"),
    ("OsString", "Result<String, OsString>", "into_string"),
    ("OsString", "OsStr", "as_os_str into_boxed_os_str"),
    ("OsString", "Vec<u8>", "into_vec into_encoded_bytes"),
    ("Path", "PathBuf", "join with_extension with_file_name to_path_buf into_path_buf"),
    ("Path", "Option<Path>", "parent"),
    ("Path", "Option<OsStr>", "file_name file_stem extension"),
    (
        "Path",
        "bool",
        "starts_with ends_with is_absolute is_relative has_root exists is_file is_dir is_symlink",
    ),
    ("Path", "Result<Path, _>", "strip_prefix"),
    ("Path", "Iterator<Component>", "components"),
    ("Path", "Iterator<OsStr>", "iter"),
    ("Path", "Iterator<Path>", "ancestors"),
    ("Path", "", "display metadata symlink_metadata try_exists read_dir"),
    ("Path", "Option<str>", "to_str"),
    ("Path", "str", "to_string_lossy"),
    ("Path", "OsStr", "as_os_str"),
    ("Path", "Result<PathBuf, _>", "canonicalize"),
    ("PathBuf", "", "push pop set_extension set_file_name clear"),
    ("PathBuf", "Path", "as_path into_boxed_path"),
    ("PathBuf", "OsString", "into_os_string as_mut_os_string"),
    (ANY_TEXT, SAME, "clone"),
    (ANY_TEXT, OWNED, "to_owned into_owned"),
    (ANY_TEXT, "String", "to_string"),
    (
        ANY_TEXT,
        "",
        "as_ref as_mut borrow into try_into eq ne lt le gt ge cmp partial_cmp hash as_deref deref by_ref",
    ),
    (ANY_TEXT, "", "max min"),
];

/// The result types of functions of the standard library, by the beginning of their path.
const FUNCTIONS: &[(&str, &str)] = &[
    ("std::env::var", "Result<String, _>"),
    ("std::env::var_os", "Option<OsString>"),
    ("std::env::current_dir", "Result<PathBuf, _>"),
    ("std::env::current_exe", "Result<PathBuf, _>"),
    ("std::env::temp_dir", "PathBuf"),
    ("std::env::args", "Iterator<String>"),
    ("std::env::args_os", "Iterator<OsString>"),
    ("std::env::vars", "Iterator<(String, String)>"),
    ("std::env::vars_os", "Iterator<(OsString, OsString)>"),
    ("std::env::split_paths", "Iterator<PathBuf>"),
    ("std::env::join_paths", "Result<OsString, _>"),
    ("std::fs::read_to_string", "Result<String, _>"),
    ("std::io::read_to_string", "Result<String, _>"),
    ("std::fs::read", "Result<Vec<u8>, _>"),
    ("std::fs::canonicalize", "Result<PathBuf, _>"),
    ("std::path::absolute", "Result<PathBuf, _>"),
    ("std::string::String::from_utf8", "Result<String, _>"),
    ("std::string::String::from_utf8_lossy", "str"),
    ("std::string::String::from_utf8_unchecked", "String"),
    ("std::string::String::new", "String"),
    ("std::string::String::default", "String"),
    ("std::string::String::with_capacity", "String"),
    ("std::string::String::from", "String"),
    ("std::string::ToString::to_string", "String"),
    ("std::str::from_utf8", "Result<str, _>"),
    ("str::from_utf8", "Result<str, _>"),
    ("std::str::from_utf8_unchecked", "str"),
    ("std::path::PathBuf::new", "PathBuf"),
    ("std::path::PathBuf::from", "PathBuf"),
    ("std::path::Path::new", "Path"),
    ("std::ffi::OsString::new", "OsString"),
    ("std::ffi::OsString::default", "OsString"),
    ("std::ffi::OsString::from", "OsString"),
    ("std::ffi::OsStr::new", "OsStr"),
    ("std::path::MAIN_SEPARATOR_STR", "str"),
];

/// The types of the fields of modelled objects: the kind of object, the field, its type.
const FIELDS: &[(&str, &str, &str)] = &[
    ("library", "version", "String"),
    ("library", "libs", "Vec<String>"),
    ("output", "stdout", "Vec<u8>"),
    ("output", "stderr", "Vec<u8>"),
];

/// The signature of a method of a text.
pub(crate) struct TextMethod {
    /// The type that has it.
    pub(crate) owner: &'static str,
    /// The type of its result, if the table has one.
    pub(crate) gives: Option<Ty>,
}

fn parsed(text: &str) -> Option<Ty> {
    syn::parse_str::<syn::Type>(text).ok().as_ref().and_then(Ty::from_syn)
}

static BY_NAME: LazyLock<HashMap<&'static str, Vec<(&'static str, &'static str)>>> = LazyLock::new(|| {
    let mut out: HashMap<_, Vec<_>> = HashMap::new();
    for (owner, gives, names) in TEXTS {
        for name in names.split(' ') {
            out.entry(name).or_default().push((*owner, *gives));
        }
    }
    out
});

static TYPES: LazyLock<HashMap<&'static str, Ty>> = LazyLock::new(|| {
    let methods = TEXTS.iter().map(|(_, gives, _)| *gives);
    let methods = methods.chain(FIELDS.iter().map(|(_, _, gives)| *gives));
    let all = methods.chain(FUNCTIONS.iter().map(|(_, gives)| *gives));
    all.filter_map(|gives| Some((gives, parsed(gives)?))).collect()
});

/// Returns the types whose methods a text of this type has, its own type first.
fn owners(ty: TextType) -> &'static [&'static str] {
    match ty {
        TextType::Str => &["str"],
        TextType::String => &["String", "str"],
        TextType::OsStr => &["OsStr"],
        TextType::OsString => &["OsString", "OsStr"],
        TextType::Path => &["Path"],
        TextType::PathBuf => &["PathBuf", "Path"],
        TextType::Unknown
        | TextType::Arguments
        | TextType::Bytes
        | TextType::ByteVec
        | TextType::ByteArray => &[],
    }
}

/// Returns the class of a type of [`TEXTS`].
fn class(owner: &str) -> &str {
    match owner {
        "String" => "str",
        "OsString" => "OsStr",
        "PathBuf" => "Path",
        owner => owner,
    }
}

/// Why a method cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unclear {
    /// No type that the text may be of has it.
    NoSuchMethod,
    /// Several have, and it means another thing on each.
    Several,
}

/// Returns the method of this name that a text of this type has.
pub(crate) fn text_method(ty: TextType, name: &str) -> Result<TextMethod, Unclear> {
    let rows = BY_NAME.get(name).map_or(&[][..], Vec::as_slice);
    let found = if ty == TextType::Unknown {
        let mut classes: Vec<&str> = rows.iter().map(|(owner, _)| class(owner)).collect();
        classes.dedup();
        match classes.as_slice() {
            [] => None,
            [_] => rows.first(),
            _ if SAME_ON_EACH.contains(&name) => rows.first(),
            _ => return Err(Unclear::Several),
        }
    } else {
        let own = owners(ty).iter().find_map(|owner| rows.iter().find(|(known, _)| known == owner));
        own.or_else(|| rows.iter().find(|(known, _)| *known == ANY_TEXT))
    };
    let (owner, gives) = found.ok_or(Unclear::NoSuchMethod)?;
    let gives = match *gives {
        SAME => ty.name().and_then(parsed),
        OWNED => match ty {
            TextType::Str | TextType::String => parsed("String"),
            TextType::OsStr | TextType::OsString => parsed("OsString"),
            TextType::Path | TextType::PathBuf => parsed("PathBuf"),
            _ => None,
        },
        gives => TYPES.get(gives).cloned(),
    };
    Ok(TextMethod { owner: class(owner), gives })
}

/// Returns the type of a field of a modelled object, if the table has it.
pub(crate) fn field(kind: &str, name: &str) -> Option<&'static Ty> {
    let (_, _, gives) = FIELDS.iter().find(|(known, field, _)| *known == kind && *field == name)?;
    TYPES.get(gives)
}

/// Returns the result type of a function of the standard library, if the table has it.
pub(crate) fn function(path: &str) -> Option<&'static Ty> {
    let (_, gives) = FUNCTIONS.iter().find(|(known, _)| *known == path)?;
    TYPES.get(gives)
}
