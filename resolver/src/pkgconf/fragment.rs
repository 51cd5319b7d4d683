//! Flags, and the rules by which pkgconf merges lists of them.

use super::config::Globals;
use super::source::PackageId;
use super::variables::single_slashes;

/// A flag, or several tokens that belong together (`-framework Cocoa`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The letter after the dash (`l`, `L`, `I`, `D`, …); `None` for a flag that is kept as a whole.
    pub kind: Option<char>,
    /// The text after the letter, or the whole flag.
    pub text: String,
    /// True if the flag consists of several tokens, separated by blanks in the text.
    pub merged: bool,
    /// The module whose file holds the flag.
    pub origin: PackageId,
    /// True if the flag belongs to a region of the linker's line, and so keeps its place.
    pub pinned: bool,
}

impl Fragment {
    /// Returns the tokens of the flag.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        super::words::split_flags(&render([self]))
    }
}

/// Prints fragments as pkgconf does: each followed by a blank, with characters that a shell would interpret escaped
/// by backslashes.
#[must_use]
pub fn render<'a>(fragments: impl IntoIterator<Item = &'a Fragment>) -> Vec<u8> {
    let mut out = Vec::new();
    for fragment in fragments {
        if let Some(kind) = fragment.kind {
            out.push(b'-');
            out.extend(kind.encode_utf8(&mut [0; 4]).bytes());
        }
        for byte in fragment.text.bytes() {
            let plain = byte.is_ascii_alphanumeric()
                || b"$()+,-./:=@^_~".contains(&byte)
                || (byte == b' ' && fragment.merged);
            if !plain {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.push(b' ');
    }
    out
}

/// The beginnings of flags that are kept whole, in their place.
const UNMERGEABLE: &[&str] = &[
    "-framework",
    "-isystem",
    "-idirafter",
    "-pthread",
    "-Wa,",
    "-Wl,",
    "-Wp,",
    "-trigraphs",
    "-pedantic",
    "-ansi",
    "-std=",
    "-stdlib=",
    "-include",
    "-nostdinc",
    "-nostdlibinc",
    "-nobuiltininc",
];

fn is_unmergeable(text: &str) -> bool {
    !text.starts_with('-') || UNMERGEABLE.iter().any(|flag| text.starts_with(flag))
}

/// Adds a token of a field to the field's list. A special token is joined to a special token before it.
pub(super) fn add(list: &mut Vec<Fragment>, globals: &Globals, word: &str, origin: PackageId) {
    let pinned = globals.keeps_pairs && (is_region(word) || in_region(list));
    let special = word.len() == 1 || word.starts_with("-lib:") || is_unmergeable(word);
    if !special {
        let mut chars = word.chars();
        chars.next();
        let kind = chars.next();
        list.push(Fragment { kind, text: munge(globals, chars.as_str()), merged: false, origin, pinned });
        return;
    }
    match list.pop_if(|last| last.kind.is_none() && is_unmergeable(&last.text)) {
        Some(mut last) => {
            last.text.push(' ');
            last.text.push_str(&munge_special(globals, word));
            last.merged = true;
            last.pinned |= pinned;
            copy(list, &last, false);
        }
        None => list.push(Fragment { kind: None, text: word.to_owned(), merged: false, origin, pinned }),
    }
}

/// The options that open a region of the linker's line (true), or close one (false).
const REGIONS: &[(&str, bool)] = &[
    ("whole-archive", true),
    ("no-whole-archive", false),
    ("Bstatic", true),
    ("Bdynamic", false),
    ("static", true),
    ("dn", true),
    ("non_shared", true),
    ("dy", false),
    ("call_shared", false),
    ("start-group", true),
    ("(", true),
    ("end-group", false),
    (")", false),
    ("push-state", true),
    ("pop-state", false),
];

/// Returns, for each option in a flag's tokens that opens or closes a region, in order, whether it opens one.
fn regions(text: &str) -> impl Iterator<Item = bool> + '_ {
    let options =
        text.split(' ').filter_map(|word| word.strip_prefix("-Wl,")).flat_map(|list| list.split(','));
    options.filter_map(|token| {
        let name = token.trim_start_matches('-');
        REGIONS.iter().find(|(known, _)| *known == name).map(|(_, opens)| *opens)
    })
}

fn is_region(text: &str) -> bool {
    regions(text).next().is_some()
}

/// Returns whether a region is open at the end of a list.
fn in_region(list: &[Fragment]) -> bool {
    let said = list.iter().filter(|fragment| fragment.kind.is_none()).flat_map(|one| regions(&one.text));
    said.last().unwrap_or(false)
}

/// Puts the sysroot before an absolute path that does not begin with it.
fn munge(globals: &Globals, text: &str) -> String {
    let sysroot = globals.sysroot.as_deref().or_else(|| globals.get("pc_sysrootdir"));
    munge_with(globals, sysroot, text)
}

/// As `munge`, for a token that joins another: pkgconf passes no sysroot of its own here, and so uses the
/// variable.
fn munge_special(globals: &Globals, text: &str) -> String {
    munge_with(globals, globals.get("pc_sysrootdir"), text)
}

fn munge_with(globals: &Globals, sysroot: Option<&str>, text: &str) -> String {
    let munged = match sysroot {
        Some(sysroot) if text.starts_with('/') && !text.starts_with(sysroot) => format!("{sysroot}{text}"),
        _ => text.to_owned(),
    };
    if munged.starts_with('/') && !globals.keep_slashes { single_slashes(&munged) } else { munged }
}

/// Copies a fragment to the end of a list. A library or special flag that the list already has moves to the end; a
/// search path that it already has stays where it is. `private` flags are never merged.
pub(super) fn copy(list: &mut Vec<Fragment>, fragment: &Fragment, private: bool) {
    if !private && !fragment.pinned {
        let stays = matches!(fragment.kind, Some('F' | 'L' | 'I'));
        let earlier = (stays || is_unmergeable(&fragment.text))
            .then(|| {
                list.iter()
                    .rposition(|old| !old.pinned && old.kind == fragment.kind && old.text == fragment.text)
            })
            .flatten();
        match earlier {
            Some(_) if stays => return,
            Some(at) if may_be_moved(list, at) => {
                list.remove(at);
            }
            _ => {}
        }
    }
    list.push(fragment.clone());
}

/// Returns whether the flag before a fragment allows it to move.
fn may_be_moved(list: &[Fragment], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| &list[before]) else { return true };
    match before.kind {
        Some('l' | 'L' | 'I') => true,
        kind => list[at].kind.is_none() || kind == list[at].kind,
    }
}
