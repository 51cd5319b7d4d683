//! Types as rustc writes them in MIR, and the comparison with ours.

use crate::interp::Ty;

/// A type whose name says nothing here: a parameter, a closure, a projection, an opaque type.
const ANY: &str = "?";

/// Types that values are stored without.
const WRAPPERS: [&str; 12] = [
    "Box",
    "Rc",
    "Arc",
    "Cow",
    "Pin",
    "Ref",
    "RefMut",
    "MutexGuard",
    "RwLockReadGuard",
    "RwLockWriteGuard",
    "ManuallyDrop",
    "PeekMut",
];

/// Splits a text at commas outside of all brackets.
pub(super) fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut from, mut out) = (0_usize, 0, Vec::new());
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            // `->` closes nothing.
            b'>' if at > 0 && bytes[at - 1] == b'-' => {}
            b'>' | b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                out.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    out.push(text[from..].trim());
    out.retain(|part| !part.is_empty());
    out
}

/// Splits at the ` as ` outside of all brackets.
pub(super) fn split_as(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            b'>' if text[..at].ends_with('-') => {}
            b'>' | b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b' ' if depth == 0 && text[at..].starts_with(" as ") => {
                return Some((&text[..at], &text[at + " as ".len()..]));
            }
            _ => {}
        }
    }
    None
}

/// Reads a type; references and [`WRAPPERS`] are put aside, as values are stored without them.
pub(super) fn read(text: &str) -> Ty {
    let text = text.trim();
    if let Some(mut inner) = text.strip_prefix('&') {
        if inner.starts_with('\'') {
            inner = inner.split_once(' ').map_or("", |(_, inner)| inner);
        }
        return read(inner.strip_prefix("mut ").unwrap_or(inner));
    }
    if let Some(inner) = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        return Ty::of("(tuple)", split(inner).into_iter().map(read));
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        return match inner.rsplit_once("; ") {
            Some((element, length)) if !length.contains(']') => Ty::of(Ty::ARRAY, [read(element)]),
            _ => Ty::of(Ty::SLICE, [read(inner)]),
        };
    }
    let odd = ['{', '<', '*', '!', '?'];
    let words = ["fn(", "for<", "dyn ", "impl ", "unsafe ", "extern "];
    if text.starts_with(odd) || words.iter().any(|word| text.starts_with(word)) {
        return Ty::named(ANY);
    }
    let (path, arguments) = match text.split_once('<') {
        Some((path, rest)) => (path, rest.strip_suffix('>').unwrap_or(rest)),
        None => (text, ""),
    };
    let name = path.trim_end_matches("::").rsplit("::").next().unwrap_or_default();
    let parameter = name.len() <= 2 && name.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_type =
        |part: &&str| !part.starts_with('\'') && !part.starts_with(|first: char| first.is_numeric());
    let args: Vec<Ty> = split(arguments).into_iter().filter(is_type).map(read).collect();
    if WRAPPERS.contains(&name) {
        return args.into_iter().next().unwrap_or_else(|| Ty::named(ANY));
    }
    // A parameter may be any type, and a type of the script may have a name like one.
    Ty {
        name: if (parameter || name == "Self") && args.is_empty() {
            format!("{ANY}{name}")
        } else {
            name.to_owned()
        },
        args,
    }
}

/// Returns whether a type dereferences to another without a call in the source.
fn dereferences(from: &str, to: &str) -> bool {
    matches!(
        (from, to),
        ("String", "str")
            | ("PathBuf", "Path")
            | ("OsString", "OsStr")
            | ("Vec", Ty::SLICE)
            | (Ty::ARRAY, Ty::SLICE)
    )
}

/// Returns whether a value of our type may be what rustc says it is.
pub(super) fn agree(ours: &Ty, theirs: &Ty) -> bool {
    if !ours.says_something() || theirs.name.starts_with(ANY) || theirs.name == "_" {
        return true;
    }
    if ours.name.starts_with("Range") {
        return theirs.name.starts_with("Range") && arguments_agree(ours, theirs);
    }
    if ours.name == Ty::ITERATOR {
        return true;
    }
    if ours.name == theirs.name || dereferences(&ours.name, &theirs.name) {
        return arguments_agree(ours, theirs);
    }
    match (ours.name.as_str(), theirs.name.as_str()) {
        // An entry of a map is a tuple here.
        ("(tuple)", "Entry" | "OccupiedEntry" | "VacantEntry") => true,
        ("JoinHandle", "ScopedJoinHandle") => true,
        // Bytes that are no text do not know which list they are.
        (Ty::SLICE, "Vec" | Ty::ARRAY) => ours.args.first().is_some_and(|arg| arg.name == "u8"),
        _ => false,
    }
}

fn arguments_agree(ours: &Ty, theirs: &Ty) -> bool {
    ours.args.iter().zip(&theirs.args).all(|(ours, theirs)| agree(ours, theirs))
}
