//! The APIs that scripts call: one modelled API per file, registered in [`APIS`] (functions) and [`METHODS`].
//!
//! A model answers `None` for what it does not know; that is residue. No package's name decides anything here: a
//! helper crate is an API like std's.

mod autocfg;
mod bytes;
mod c_command;
mod cc;
mod cell;
mod cfg_aliases;
mod convert;
mod cxx_flags;
mod defaults;
mod env;
mod exists;
mod flags;
mod format;
mod fs;
mod hash;
mod io;
mod library;
mod list;
mod logger;
mod map;
mod numbers;
mod open_list;
mod opened;
mod option;
mod path;
mod path_list;
mod path_parts;
mod pkg_config;
mod probes;
mod process;
mod range;
mod reverse;
mod rustc;
mod scalar;
mod signatures;
mod system_deps;
mod text;
mod thread;
mod vcpkg;
mod versions;
mod walk;

use crate::interp::{Call, Interp, Method, Models, Ty};
use crate::value::{Cases, ObjectId, SeqKind, Text, TextClass, TextType, Value};

/// The models, as a run takes them.
pub(crate) const MODELS: &Models = &Models {
    call,
    method,
    constant,
    knows,
    field,
    library_field: library::field,
    default_of: defaults::default_of,
    collect_as: list::collect_as,
    forced: cell::forced,
    cfg_aliases: cfg_aliases::cfg_aliases,
    compile_time_env: env::compile_time_env,
    is_feature_list: env::is_feature_list,
    open_list_debug: open_list::debug_text,
    open_list_drive: open_list::drive,
    display_version: versions::display,
    compare_versions: versions::compare,
    combine_sets: map::operator,
    walk_items: walk::items,
    flags_cut: flags::cut,
    flags_equals: flags::equals,
};

/// A group of functions outside the script.
struct Api {
    /// Paths that it answers for begin so.
    prefix: &'static str,
    call: fn(&mut Interp<'_>, &Call<'_>) -> Option<Cases>,
}

const APIS: &[Api] = &[
    Api { prefix: "std::", call: open_list::call },
    Api { prefix: "std::env::", call: env::call },
    Api { prefix: "std::fmt::", call: format::call },
    Api { prefix: "std::fs::", call: fs::call },
    Api { prefix: "std::io::", call: io::call },
    Api { prefix: "std::path::", call: path::call },
    Api { prefix: "std::ffi::", call: text::call },
    Api { prefix: "std::str::", call: text::call },
    Api { prefix: "str::", call: text::call },
    Api { prefix: "std::string::", call: text::call },
    Api { prefix: "std::process::", call: process::call },
    Api { prefix: "std::vec::", call: list::call },
    Api { prefix: "std::iter::", call: list::call },
    Api { prefix: "std::array::", call: list::call },
    Api { prefix: "std::collections::", call: hash::call },
    Api { prefix: "std::hash::", call: hash::call },
    Api { prefix: "std::collections::VecDeque", call: list::call },
    Api { prefix: "std::collections::", call: map::call },
    Api { prefix: "std::option::", call: option::call },
    Api { prefix: "std::result::", call: option::call },
    Api { prefix: "std::", call: cell::call },
    Api { prefix: "std::", call: thread::call },
    Api { prefix: "", call: scalar::call },
    Api { prefix: "std::ops::Bound::", call: range::call },
    Api { prefix: "std::cmp::Reverse", call: reverse::call },
    Api { prefix: "", call: logger::call },
    Api { prefix: "walkdir::", call: walk::call },
    Api { prefix: "glob::", call: walk::call },
    Api { prefix: "dunce::", call: walk::call },
    Api { prefix: "cc::", call: cc::call },
    Api { prefix: "pkg_config::", call: pkg_config::call },
    Api { prefix: "vcpkg::", call: vcpkg::call },
    Api { prefix: "system_deps::", call: system_deps::call },
    Api { prefix: "autocfg::", call: autocfg::call },
    Api { prefix: "version_check::", call: versions::call },
    Api { prefix: "rustc_version::", call: versions::call },
    Api { prefix: "semver::", call: versions::call },
];

type Model = fn(&mut Interp<'_>, &Method<'_>) -> Option<Cases>;

const METHODS: &[Model] = &[
    format::method,
    text::method,
    path::method,
    path_list::method,
    option::method,
    list::method,
    open_list::method,
    map::method,
    scalar::method,
    cell::method,
    io::method,
    fs::method,
    opened::method,
    process::method,
    cc::method,
    pkg_config::method,
    vcpkg::method,
    system_deps::method,
    library::method,
    autocfg::method,
    versions::method,
    hash::method,
    walk::method,
    thread::method,
    defaults::method,
];

const CONSTANTS: &[fn(&mut Interp<'_>, &str) -> Option<Cases>] = &[
    scalar::constant,
    option::constant,
    path::constant,
    env::constant,
    range::constant,
    cxx_flags::constant,
];

/// Calls a function outside the script.
pub(crate) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Cases {
    if call.path.starts_with("std::")
        && COPYING.iter().any(|end| call.path.ends_with(end))
        && interp.clones_by_itself(&Value::Unit, call.args)
    {
        return interp.unknown(OWN_CLONE);
    }
    for api in APIS.iter().filter(|api| call.path.starts_with(api.prefix)) {
        if let Some(result) = (api.call)(interp, call) {
            return interp.stamped(&result, signatures::function(call.path));
        }
    }
    if interp.dead() {
        return Cases::never();
    }
    // `Type::method(receiver, …)` of std's types; what another crate calls so may do anything.
    if !call.path.ends_with("::new")
        && let Some((_, name)) = call.path.rsplit_once("::")
        && let Some((receiver, rest)) = call.args.split_first()
        && is_type_path(call.path)
    {
        let owner = call.path.rsplit("::").nth(1).map(Ty::named);
        let receiver = interp.typed(receiver, owner.filter(|owner| owner.text().is_some()).as_ref());
        return interp.call_method(&receiver, name, rest, call.hint, call.generics);
    }
    interp.unknown(&format!("`{}` is not understood", call.path))
}

/// Traits that are in scope everywhere.
const PRELUDE_TRAITS: [&str; 14] = [
    "ToOwned",
    "Into",
    "AsRef",
    "AsMut",
    "Iterator",
    "IntoIterator",
    "Clone",
    "PartialEq",
    "PartialOrd",
    "Ord",
    "DoubleEndedIterator",
    "ExactSizeIterator",
    "Extend",
    "TryInto",
];

/// Returns whether a path names an associated function of a type or trait of std: `std::string::String::len`,
/// `str::trim`. A single capitalised name may be a type parameter, which may be any type.
fn is_type_path(path: &str) -> bool {
    let Some((owner, _)) = path.rsplit_once("::") else { return false };
    match owner.strip_prefix("std::") {
        Some(_) => {
            owner.rsplit("::").next().is_some_and(|last| last.starts_with(|first: char| first.is_uppercase()))
        }
        None => {
            Ty::named(owner).integer().is_some()
                || matches!(owner, "str" | "char" | "bool" | "f32" | "f64")
                || PRELUDE_TRAITS.contains(&owner)
        }
    }
}

/// Methods that clone parts of their receiver or of their arguments.
const COPIES: [&str; 16] = [
    "clone",
    "clone_from",
    "clone_from_slice",
    "cloned",
    "concat",
    "cycle",
    "extend_from_slice",
    "extend_from_within",
    "fill",
    "into_owned",
    "join",
    "repeat",
    "resize",
    "to_mut",
    "to_owned",
    "to_vec",
];

/// The ends of the paths of functions of std that may clone parts of their arguments: `Vec::from` clones the items of a
/// slice, which cannot be told from a vector here.
const COPYING: [&str; 3] = ["::from", "iter::repeat", "iter::repeat_n"];

/// The reason of the residue where a clone would be made by the script.
const OWN_CLONE: &str = "a copy that the script's own `clone` makes is not understood";

/// Calls a method of a value outside the script; `None` if no model knows it.
pub(crate) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    // A slice that becomes a vector is cloned.
    if method.name == "into"
        && matches!(method.value, Value::Seq(_) | Value::OpenList(_))
        && interp.clones_by_itself(method.value, &[])
    {
        return Some(interp.unknown(OWN_CLONE));
    }
    if let Some(result) = convert::method(interp, method) {
        return Some(result);
    }
    if COPIES.contains(&method.name) && interp.clones_by_itself(method.value, method.args) {
        return Some(interp.unknown(OWN_CLONE));
    }
    if matches!(method.name, "clone" | "to_vec" | "to_owned") && !matches!(method.value, Value::Object(_)) {
        let whole = Cases::of(method.value.clone());
        let copy = interp.cloned(&whole);
        if copy != whole {
            return Some(copy);
        }
    }
    match method.value {
        Value::Text(text) if text.class() != Some(TextClass::Bytes) => {
            return text_method(interp, method, text);
        }
        Value::Text(_) | Value::Bytes(_) => {
            return bytes::method(interp, method).or_else(|| defaults::method(interp, method));
        }
        // It is not known whether the value is a list at all.
        Value::Seq(items) if items.kind == SeqKind::Collected => {
            return Some(interp.unknown("what this is collected into is not known"));
        }
        _ => {}
    }
    METHODS.iter().find_map(|model| model(interp, method))
}

/// Methods of a text, as its type has them.
fn text_method(interp: &mut Interp<'_>, method: &Method<'_>, text: &Text) -> Option<Cases> {
    let found = match signatures::text_method(text.1, method.name) {
        Ok(found) => found,
        Err(signatures::Unclear::NoSuchMethod) => return bytes_of_unknown(interp, method, text),
        Err(signatures::Unclear::Several) => {
            let reason = format!("which type of text `{}` is asked of is not known", method.name);
            return Some(interp.unknown(&reason));
        }
    };
    let models: &[Model] = match found.owner {
        "Path" => &[path::method],
        signatures::ANY_TEXT => &[hash::method, text::method, defaults::method],
        _ => &[format::method, text::method],
    };
    let result = models.iter().find_map(|model| model(interp, method))?;
    Some(interp.stamped(&result, found.gives.as_ref()))
}

/// Models a method that only bytes have, on a text of unknown type; `None` for other methods.
fn bytes_of_unknown(interp: &mut Interp<'_>, method: &Method<'_>, text: &Text) -> Option<Cases> {
    let bytes = ["to_vec", "as_slice", "write_all", "write_fmt", "flush", "extend_from_slice"];
    if text.1 != TextType::Unknown || !bytes.contains(&method.name) {
        return None;
    }
    let value = Value::Text(text.clone().typed(TextType::ByteVec));
    bytes::method(interp, &Method { value: &value, ..*method })
}

/// Returns the value of a constant outside the script; `None` if no model knows it.
pub(crate) fn constant(interp: &mut Interp<'_>, path: &str) -> Option<Cases> {
    CONSTANTS.iter().find_map(|model| model(interp, path))
}

/// Returns whether a glob import of the path's module may import the path's last name.
pub(crate) fn knows(path: &str) -> bool {
    path.starts_with("std::") || APIS.iter().any(|api| !api.prefix.is_empty() && path.starts_with(api.prefix))
}

/// Returns a field of a modelled object.
pub(crate) fn field(interp: &mut Interp<'_>, object: ObjectId, name: &str) -> Cases {
    let kind = interp.objects[object].kind;
    let gives = signatures::field(kind, name);
    let result = match kind {
        "library" => library::field(interp, object, name),
        "output" => process::field(interp, object, name),
        "semver" | "rustc version" => versions::field(interp, object, name),
        "child" => process::field(interp, object, name),
        _ => None,
    };
    match result {
        Some(result) => interp.stamped(&result, gives),
        None => interp.unknown(&format!("the field `{name}` of a {kind} is not understood")),
    }
}
