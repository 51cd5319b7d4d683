//! Objects of Windows, and the options for the linker in their sections `.drectve`.

use std::io::{self, Read, Seek};

use super::{MOST_PARTS, Objection, bytes, damaged, gcc, part, shown};

/// The class of large objects, which Microsoft's and other compilers make by `/bigobj`.
const BIG: &[u8] = b"\xc7\xa1\xba\xd1\xee\xba\xa9\x4b\xaf\x20\xfa\xf6\x6a\xa4\xdc\xb8";

/// Judges an object: each section `.drectve` holds options.
pub(super) fn objection(
    file: &mut (impl Read + Seek),
    start: u64,
    end: u64,
) -> io::Result<Option<Objection>> {
    let head = bytes(file, start, 56.min(end - start))?;
    let short =
        |at: usize| head.get(at..at + 2).map_or(0, |two| u64::from(u16::from_le_bytes([two[0], two[1]])));
    let long = |at: usize| short(at) | (short(at + 2) << 16);
    // The number of sections, the place of their table, and that of the strings, which follow the symbols.
    let (count, table, strings) = match (short(0), short(2)) {
        // An import, which has no sections.
        (0, 0xffff) if short(4) == 0 => return Ok(None),
        (0, 0xffff) if short(4) >= 2 && head.get(12..28) == Some(BIG) && head.len() == 56 => {
            (long(44), 56, long(48) + 20 * long(52))
        }
        // Others of these headers announce code that only Microsoft's compiler reads.
        (0, 0xffff) => return Ok(Some(Objection::Bitcode)),
        // Zero stands for all machines. Much else begins with zeros, such as an archive's table of symbols: a linker takes
        // it for an object if it has room for the sections.
        (0, count) if head.len() >= 20 && 20 + short(16) + 40 * count > end - start => return Ok(None),
        (0 | 0x8664 | 0x14c | 0xaa64 | 0x1c4 | 0xa641 | 0xa64e, count) if head.len() >= 20 => {
            (count, 20 + short(16), long(8) + 18 * long(12))
        }
        _ => return Ok(None),
    };
    if count > MOST_PARTS {
        return Err(damaged("it has too many sections"));
    }
    if count == 0 {
        return Ok(None);
    }
    let mut found = None;
    for header in part(file, (start, end), table, 40 * count)?.chunks_exact(40) {
        let name = name(file, (start, end), header, strings)?;
        let of = |at: usize| {
            u64::from(u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]))
        };
        let mut said = || part(file, (start, end), of(20), of(16));
        if is_drectve(&name) {
            if let Some(option) = directives(&said()?).into_iter().find(|option| !is_harmless(option)) {
                let what = format!("its section `.drectve` gives the linker `{}`", shown(option.as_bytes()));
                return Ok(Some(Objection::Option(what)));
            }
        } else if gcc::is_of_lto(&name) {
            found = Some(Objection::Bitcode);
            if gcc::holds_options(&name)
                && let Some(why) = gcc::objection(&said()?)
            {
                return Ok(Some(why));
            }
        }
    }
    Ok(found)
}

/// Returns whether a section of this name holds options. Microsoft's linker sorts what follows a `$` into the section
/// before it.
fn is_drectve(name: &[u8]) -> bool {
    name.strip_prefix(b".drectve").is_some_and(|rest| rest.is_empty() || rest.starts_with(b"$"))
}

/// Returns the beginning of a section's name. It may stand among the strings, and the header says where: by `/` and a
/// number, or `//` and a number in Base64. A number that cannot be read, or that leads out of the file, names nothing.
fn name(
    file: &mut (impl Read + Seek),
    (start, end): (u64, u64),
    header: &[u8],
    strings: u64,
) -> io::Result<Vec<u8>> {
    /// Longer than all names that are looked for.
    const LONGEST: u64 = 32;
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let until_zero = |name: &[u8]| name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    let name = until_zero(&header[..8]);
    let Some(number) = name.strip_prefix(b"/") else { return Ok(name) };
    let number = match number.strip_prefix(b"/") {
        Some(number) => number.iter().try_fold(0, |sum: u64, byte| {
            let digit = DIGITS.iter().position(|digit| digit == byte)?;
            Some(sum * 64 + digit as u64)
        }),
        None => std::str::from_utf8(number).ok().and_then(|number| number.trim().parse().ok()),
    };
    let at = number.and_then(|number| strings.checked_add(number)).and_then(|at| start.checked_add(at));
    let Some(at) = at.filter(|at| *at < end) else { return Ok(Vec::new()) };
    Ok(until_zero(&bytes(file, at, LONGEST.min(end - at))?))
}

/// The options that a section `.drectve` may hold, in lower case. They are about symbols and sections of the object, or name
/// a library. Linkers accept more there (`/ENTRY`, `/MANIFESTDEPENDENCY`, `/STACK`), which no compiler writes by itself.
const HARMLESS: &[&str] = &[
    "aligncomm",
    "alternatename",
    "arm64xsameaddress",
    "defaultlib",
    "disallowlib",
    "editandcontinue",
    "exclude-all-symbols",
    "exclude-symbols",
    "export",
    "failifmismatch",
    "guardsym",
    "include",
    "inferasanlibs",
    "merge",
    "section",
    "throwingnew",
];

fn is_harmless(option: &str) -> bool {
    let Some(rest) = option.strip_prefix(['/', '-']) else { return false };
    let (name, value) = rest.split_once(':').unwrap_or((rest, ""));
    let path = |c: char| matches!(c, '/' | '\\') || c.is_control();
    if !HARMLESS.contains(&name.to_ascii_lowercase().as_str()) || value.contains(path) {
        return false;
    }
    let library = value.trim_matches('"');
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
    let names_a_library = name.eq_ignore_ascii_case("defaultlib") || name.eq_ignore_ascii_case("disallowlib");
    !names_a_library || !library.is_empty() && library.chars().all(plain) && !library.starts_with(['.', '-'])
}

/// Divides the text of a section `.drectve` at blanks outside of quotes, and at zeros. Other blanks divide nothing for a
/// linker.
fn directives(said: &[u8]) -> Vec<String> {
    let said = String::from_utf8_lossy(said.strip_prefix(b"\xef\xbb\xbf").unwrap_or(said)).into_owned();
    let (mut found, mut current, mut quoted) = (Vec::new(), String::new(), false);
    for c in said.chars() {
        quoted ^= c == '"';
        if c == '\0' || (!quoted && matches!(c, ' ' | '\t' | '\r' | '\n')) {
            found.push(std::mem::take(&mut current));
        } else {
            current.push(c);
        }
    }
    found.push(current);
    found.retain(|option| !option.is_empty());
    found
}
