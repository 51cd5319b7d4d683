//! Options for the linker that objects and archives carry, and the libraries that a linked file loads.
//!
//! A linker obeys more than its arguments: Microsoft's and MinGW's read options from sections named `.drectve`, LLVM's
//! reads names of libraries from sections of the type `SHT_LLVM_DEPENDENT_LIBRARIES`, and Apple's reads
//! `LC_LINKER_OPTION` commands. All of these must be on a closed list. Bitcode may carry the same, in a form that only
//! LLVM reads, so it is not accepted.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

/// The most bytes that are read of one section or one table.
const MOST: u64 = 16 << 20;

/// The most members of an archive, and the most sections of an object.
const MOST_PARTS: u64 = 1 << 20;

/// Why a linker must not be given a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// The file, or an object in it, gives the linker an option that is not on the list; the text says which.
    Option(String),
    /// It holds bitcode, which may carry options, and which nothing here reads.
    Bitcode,
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(what) => f.write_str(what),
            Self::Bitcode => f.write_str(
                "it holds LLVM's bitcode (`-flto`), which may carry options for the linker that nothing here reads",
            ),
        }
    }
}

/// Returns why a linker must not be given a file, judged by the options in it; `None` if it has none, or only those on
/// the list. A file of another kind has no options.
///
/// # Errors
/// The file cannot be read, or contradicts its own format.
pub fn objection(file: &mut (impl Read + Seek)) -> io::Result<Option<Objection>> {
    let length = file.seek(SeekFrom::End(0))?;
    if !starts_with(file, 0, length, b"!<arch>\n")? {
        return object(file, 0, length);
    }
    let (mut at, mut members) = (8, 0);
    while at + 60 <= length {
        let header = bytes(file, at, 60)?;
        let size = std::str::from_utf8(&header[48..58]).ok().and_then(|text| text.trim().parse::<u64>().ok());
        let end = size.and_then(|size| (at + 60).checked_add(size)).filter(|end| *end <= length);
        let (Some(end), true) = (end, header[58..] == *b"`\n") else {
            return Err(damaged("a member of the archive has no length"));
        };
        // A name of BSD's precedes the contents.
        let name = std::str::from_utf8(&header[3..16]).ok().filter(|_| header.starts_with(b"#1/"));
        let name = name.and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0);
        let start = (at + 60 + name).min(end);
        if let Some(why) = object(file, start, end)? {
            return Ok(Some(why));
        }
        members += 1;
        if members > MOST_PARTS {
            return Err(damaged("the archive has too many members"));
        }
        at = end + (end - at) % 2;
    }
    Ok(None)
}

/// Returns the names of the shared libraries that a linked ELF file loads; none for a file of another kind.
///
/// # Errors
/// The file cannot be read, or contradicts its own format.
pub fn needed(file: &mut (impl Read + Seek)) -> io::Result<Vec<String>> {
    const DYNAMIC: u32 = 6;
    const NEEDED: u64 = 1;
    let length = file.seek(SeekFrom::End(0))?;
    let Some(elf) = Elf::of(file, 0, length)? else { return Ok(Vec::new()) };
    let sections = elf.sections(file)?;
    let mut found = Vec::new();
    for section in sections.iter().filter(|section| section.kind == DYNAMIC) {
        let names = usize::try_from(section.link).ok().and_then(|link| sections.get(link));
        let names = names.ok_or_else(|| damaged("a section has no names"))?;
        let (table, names) = (elf.contents(file, section)?, elf.contents(file, names)?);
        let word = if elf.wide { 8 } else { 4 };
        for entry in table.chunks_exact(2 * word).filter(|entry| elf.number(&entry[..word]) == NEEDED) {
            let at = usize::try_from(elf.number(&entry[word..])).unwrap_or(usize::MAX);
            let name = names.get(at..).ok_or_else(|| damaged("a name lies outside of its section"))?;
            found.push(text(name.split(|byte| *byte == 0).next().unwrap_or_default()));
        }
    }
    Ok(found)
}

/// Returns whether a file that begins with `MZ` is a program of Windows. A linker script may begin so, and hold
/// anything in a comment; a zero so early can only be a program's.
#[must_use]
pub fn is_dos(head: &[u8]) -> bool {
    head.starts_with(b"MZ") && head.get(3) == Some(&0)
}

/// Judges one object, which lies between two places of the file.
fn object(file: &mut (impl Read + Seek), start: u64, end: u64) -> io::Result<Option<Objection>> {
    let head = bytes(file, start, 8.min(end - start))?;
    if head.starts_with(b"BC\xc0\xde") || head.starts_with(b"\xde\xc0\x17\x0b") {
        return Ok(Some(Objection::Bitcode));
    }
    if let Some(elf) = Elf::of(file, start, end)? {
        return elf.objection(file);
    }
    match head.get(..4) {
        Some(b"\xcf\xfa\xed\xfe") => mach(file, start, end, 32),
        Some(b"\xce\xfa\xed\xfe") => mach(file, start, end, 28),
        Some(b"\xca\xfe\xba\xbe") => universal(file, start, end),
        _ => coff(file, start, end),
    }
}

/// An ELF file: where it lies, and how its numbers are written.
struct Elf {
    start: u64,
    end: u64,
    wide: bool,
    big: bool,
}

struct Section {
    kind: u32,
    at: u64,
    size: u64,
    link: u64,
}

impl Elf {
    fn of(file: &mut (impl Read + Seek), start: u64, end: u64) -> io::Result<Option<Self>> {
        if !starts_with(file, start, end, b"\x7fELF")? || end - start < 52 {
            return Ok(None);
        }
        let head = bytes(file, start, 6)?;
        Ok(Some(Self { start, end, wide: head[4] == 2, big: head[5] == 2 }))
    }

    fn number(&self, bytes: &[u8]) -> u64 {
        let fold = |number: u64, byte: &u8| (number << 8) | u64::from(*byte);
        if self.big { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) }
    }

    fn sections(&self, file: &mut (impl Read + Seek)) -> io::Result<Vec<Section>> {
        let header = self.part(file, 0, if self.wide { 64 } else { 52 })?;
        let of = |at: usize, size: usize| self.number(&header[at..at + size]);
        let (table, size, mut count) =
            if self.wide { (of(40, 8), of(58, 2), of(60, 2)) } else { (of(32, 4), of(46, 2), of(48, 2)) };
        let least = if self.wide { 64 } else { 40 };
        if table == 0 {
            return Ok(Vec::new());
        }
        if size < least {
            return Err(damaged("its table of sections is too narrow"));
        }
        if count == 0 {
            // The first section has the number where it does not fit.
            let first = self.part(file, table, least)?;
            count = if self.wide { self.number(&first[32..40]) } else { self.number(&first[20..24]) };
        }
        if count > MOST_PARTS {
            return Err(damaged("it has too many sections"));
        }
        let all = self.part(file, table, count.saturating_mul(size))?;
        let step = usize::try_from(size).map_err(|_| damaged("its table of sections is too wide"))?;
        let read = |entry: &[u8]| {
            let of = |at: usize, size: usize| self.number(&entry[at..at + size]);
            let kind = u32::try_from(of(4, 4)).unwrap_or_default();
            match self.wide {
                true => Section { kind, at: of(24, 8), size: of(32, 8), link: of(40, 4) },
                false => Section { kind, at: of(16, 4), size: of(20, 4), link: of(24, 4) },
            }
        };
        Ok(all.chunks_exact(step).map(read).collect())
    }

    fn contents(&self, file: &mut (impl Read + Seek), section: &Section) -> io::Result<Vec<u8>> {
        self.part(file, section.at, section.size)
    }

    fn part(&self, file: &mut (impl Read + Seek), at: u64, size: u64) -> io::Result<Vec<u8>> {
        let start =
            self.start.checked_add(at).filter(|at| at.checked_add(size).is_some_and(|end| end <= self.end));
        bytes(file, start.ok_or_else(|| damaged("a part of it lies outside of it"))?, size)
    }

    fn objection(&self, file: &mut (impl Read + Seek)) -> io::Result<Option<Objection>> {
        // `SHT_LLVM_LINKER_OPTIONS` and `SHT_LLVM_DEPENDENT_LIBRARIES`; nothing that a package ships needs them.
        const OF_LLVM: [u32; 2] = [0x6fff_4c01, 0x6fff_4c04];
        for section in self.sections(file)?.iter().filter(|section| OF_LLVM.contains(&section.kind)) {
            let said = self.contents(file, section)?;
            if said.iter().any(|byte| *byte != 0) {
                let what = format!("a section of LLVM's in it gives the linker `{}`", text(&said));
                return Ok(Some(Objection::Option(what)));
            }
        }
        Ok(None)
    }
}

/// Judges an object of Windows: each section `.drectve` holds options.
fn coff(file: &mut (impl Read + Seek), start: u64, end: u64) -> io::Result<Option<Objection>> {
    let head = bytes(file, start, 56.min(end - start))?;
    let short =
        |at: usize| head.get(at..at + 2).map_or(0, |two| u64::from(u16::from_le_bytes([two[0], two[1]])));
    let long = |at: usize| short(at) | (short(at + 2) << 16);
    let (count, table) = match (short(0), short(2)) {
        // A large object; a lower version is an import, which has no sections.
        (0, 0xffff) if short(4) >= 2 && head.len() == 56 => (long(44), 56),
        (0x8664 | 0x14c | 0xaa64 | 0x1c4 | 0xa641 | 0xa64e, count) if head.len() >= 20 => {
            (count, 20 + short(16))
        }
        _ => return Ok(None),
    };
    if count > MOST_PARTS {
        return Err(damaged("it has too many sections"));
    }
    for section in 0..count {
        let header = part(file, (start, end), table + 40 * section, 40)?;
        if header[..8] != *b".drectve" {
            continue;
        }
        let of = |at: usize| {
            u64::from(u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]))
        };
        let said = part(file, (start, end), of(20), of(16))?;
        if let Some(option) = directives(&said).into_iter().find(|option| !is_harmless(option)) {
            let what = format!("its section `.drectve` gives the linker `{}`", text(option.as_bytes()));
            return Ok(Some(Objection::Option(what)));
        }
    }
    Ok(None)
}

/// The options that a section `.drectve` may hold, in lower case. They are about symbols and sections of the object, or
/// name a library. Linkers accept more there (`/ENTRY`, `/MANIFESTDEPENDENCY`, `/STACK`), which no compiler writes by
/// itself.
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

/// Divides the text of a section `.drectve` at blanks outside of quotes.
fn directives(said: &[u8]) -> Vec<String> {
    let said = String::from_utf8_lossy(said.strip_prefix(b"\xef\xbb\xbf").unwrap_or(said)).into_owned();
    let (mut found, mut current, mut quoted) = (Vec::new(), String::new(), false);
    for c in said.chars() {
        quoted ^= c == '"';
        if c == '\0' || (!quoted && c.is_whitespace()) {
            found.push(std::mem::take(&mut current));
        } else {
            current.push(c);
        }
    }
    found.push(current);
    found.retain(|option| !option.is_empty());
    found
}

/// Judges an object of Apple's systems, whose commands follow a header of this length.
fn mach(file: &mut (impl Read + Seek), start: u64, end: u64, header: u64) -> io::Result<Option<Objection>> {
    const LINKER_OPTION: u32 = 0x2d;
    let head = part(file, (start, end), 0, header)?;
    let of = |bytes: &[u8], at: usize| {
        u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
    };
    let commands = part(file, (start, end), header, u64::from(of(&head, 20)))?;
    let mut rest = commands.as_slice();
    for _ in 0..of(&head, 16) {
        let size = if rest.len() < 8 { 0 } else { usize::try_from(of(rest, 4)).unwrap_or(0) };
        let Some((command, more)) = rest.split_at_checked(size).filter(|_| size >= 8) else {
            return Err(damaged("its commands are cut off"));
        };
        rest = more;
        if of(command, 0) != LINKER_OPTION {
            continue;
        }
        let words =
            command.get(12..).unwrap_or_default().split(|byte| *byte == 0).filter(|word| !word.is_empty());
        let words: Vec<String> = words.map(text).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let name = match words.as_slice() {
            ["-framework" | "-weak_framework", name] => name,
            [word] => word.strip_prefix("-l").unwrap_or_default(),
            _ => "",
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
        if name.is_empty() || name.starts_with(['.', '-']) || !name.chars().all(plain) {
            let what = format!("a command in it gives the linker `{}`", words.join(" "));
            return Ok(Some(Objection::Option(what)));
        }
    }
    Ok(None)
}

/// Judges each object of a universal file.
fn universal(file: &mut (impl Read + Seek), start: u64, end: u64) -> io::Result<Option<Objection>> {
    let of = |bytes: &[u8]| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let count = of(&part(file, (start, end), 4, 4)?);
    if count > 64 {
        return Err(damaged("it has too many parts"));
    }
    for at in 0..u64::from(count) {
        let entry = part(file, (start, end), 8 + 20 * at, 20)?;
        let (at, size) = (u64::from(of(&entry[8..])), u64::from(of(&entry[12..])));
        if at < 8 || start + at + size > end {
            return Err(damaged("a part of it lies outside of it"));
        }
        let mut inner = io::Cursor::new(part(file, (start, end), at, size)?);
        // A part may be an archive, and is no universal file again.
        if inner.get_ref().starts_with(b"\xca\xfe\xba\xbe") {
            return Err(damaged("it holds another universal file"));
        }
        if let Some(why) = objection(&mut inner)? {
            return Ok(Some(why));
        }
    }
    Ok(None)
}

fn starts_with(file: &mut (impl Read + Seek), start: u64, end: u64, magic: &[u8]) -> io::Result<bool> {
    let length = magic.len() as u64;
    Ok(end - start >= length && bytes(file, start, length)? == magic)
}

fn part(file: &mut (impl Read + Seek), (start, end): (u64, u64), at: u64, size: u64) -> io::Result<Vec<u8>> {
    let from = start.checked_add(at).filter(|from| from.checked_add(size).is_some_and(|to| to <= end));
    bytes(file, from.ok_or_else(|| damaged("a part of it lies outside of it"))?, size)
}

fn bytes(file: &mut (impl Read + Seek), at: u64, size: u64) -> io::Result<Vec<u8>> {
    if size > MOST * 16 {
        return Err(damaged("a part of it is too large to be looked at"));
    }
    file.seek(SeekFrom::Start(at))?;
    let mut found = Vec::new();
    file.by_ref().take(size).read_to_end(&mut found)?;
    if found.len() as u64 != size {
        return Err(damaged("it is cut off"));
    }
    Ok(found)
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Returns bytes as a text for messages and comparisons, with escapes.
fn text(bytes: &[u8]) -> String {
    let shown = String::from_utf8_lossy(bytes);
    shown.trim_matches('\0').chars().take(200).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn of(bytes: &[u8]) -> io::Result<Option<Objection>> {
        objection(&mut Cursor::new(bytes))
    }

    fn coff_with(directives: &str) -> Vec<u8> {
        let mut file = vec![0; 60];
        file[..2].copy_from_slice(&0x8664_u16.to_le_bytes());
        file[2] = 1;
        file[20..28].copy_from_slice(b".drectve");
        file[36..40].copy_from_slice(&u32::try_from(directives.len()).unwrap().to_le_bytes());
        file[40..44].copy_from_slice(&60_u32.to_le_bytes());
        file.extend(directives.bytes());
        file
    }

    fn elf_with(kind: u32, contents: &[u8]) -> Vec<u8> {
        let mut file = vec![0; 64];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[40] = 64; // the table of sections
        file[58] = 64;
        file[60] = 1;
        let mut section = vec![0; 64];
        section[4..8].copy_from_slice(&kind.to_le_bytes());
        section[24] = 128;
        section[32] = u8::try_from(contents.len()).unwrap();
        file.extend(section);
        file.extend(contents);
        file
    }

    fn mach_with(words: &[&str]) -> Vec<u8> {
        let mut text: Vec<u8> = words.iter().flat_map(|word| word.bytes().chain([0])).collect();
        text.resize(text.len().next_multiple_of(8), 0);
        let size = u32::try_from(12 + text.len()).unwrap();
        let mut file = vec![0; 32];
        file[..4].copy_from_slice(b"\xcf\xfa\xed\xfe");
        file[16] = 1;
        file[20..24].copy_from_slice(&size.to_le_bytes());
        for number in [0x2d, size, u32::try_from(words.len()).unwrap()] {
            file.extend(number.to_le_bytes());
        }
        file.extend(text);
        file
    }

    fn archive(members: &[&[u8]]) -> Vec<u8> {
        let mut file = b"!<arch>\n".to_vec();
        for member in members {
            file.extend(format!("{:<48}{:<10}`\n", "x.o/", member.len()).bytes());
            file.extend(*member);
            if member.len() % 2 == 1 {
                file.push(b'\n');
            }
        }
        file
    }

    #[test]
    fn options_on_the_list() {
        for fine in [
            coff_with(
                "   /DEFAULTLIB:\"MSVCRT\" /DEFAULTLIB:OLDNAMES /FAILIFMISMATCH:\"_MSC_VER=1900\" /EXPORT:f,DATA ",
            ),
            coff_with(" -export:\"a b\" -aligncomm:\"x\",5 -exclude-symbols:f\0\0"),
            coff_with("/alternatename:?f@@YAXXZ=g /merge:.a=.b /include:f"),
            coff_with(""),
            elf_with(1, b"/elsewhere/x.so\0"),
            elf_with(0x6fff_4c04, b""),
            mach_with(&["-framework", "Security"]),
            mach_with(&["-lc++"]),
            b"text".to_vec(),
            Vec::new(),
            b"\x00\x00\xff\xff\x00\x00".to_vec(),
        ] {
            assert_eq!(of(&fine).unwrap(), None, "{}", text(&fine));
            assert_eq!(of(&archive(&[&fine, b"odd", &fine])).unwrap(), None, "{}", text(&fine));
        }
    }

    #[test]
    fn others_are_refused() {
        for bad in [
            coff_with("/DEFAULTLIB:c:\\x\\evil.lib"),
            coff_with("/DEFAULTLIB:\"../evil\""),
            coff_with("/DEFAULTLIB:"),
            coff_with("/EXPORT:f /MANIFESTDEPENDENCY:\"x\""),
            coff_with("-entry:f"),
            coff_with("\u{feff}/out:x.dll"),
            coff_with("payload.obj"),
            coff_with("/EXPORT:\"a\0/OUT:x\""),
            elf_with(0x6fff_4c04, b"z\0"),
            elf_with(0x6fff_4c01, b"lib\0z\0"),
            mach_with(&["-l../evil"]),
            mach_with(&["-framework"]),
            mach_with(&["-force_load", "/elsewhere/x.a"]),
            b"BC\xc0\xde\0\0\0\0".to_vec(),
        ] {
            assert!(of(&bad).unwrap().is_some(), "{}", text(&bad));
            assert!(of(&archive(&[b"odd", &bad])).unwrap().is_some(), "{}", text(&bad));
        }
    }

    #[test]
    fn mz_is_no_program_yet() {
        assert!(
            is_dos(b"MZ\x90\0\x03\0") && !is_dos(b"MZ=1;/*\0\0") && !is_dos(b"MZ/*\0\0") && !is_dos(b"MZ")
        );
    }

    #[test]
    fn damaged_files_are_errors() {
        let whole = [
            coff_with("/EXPORT:f"),
            elf_with(0x6fff_4c04, b"z\0"),
            mach_with(&["-lz"]),
            archive(&[&coff_with("x")]),
        ];
        for file in &whole {
            for end in 0..file.len() {
                // Whatever is cut off, nothing panics, and no option of a kind that is refused passes as read whole.
                let _ = of(&file[..end]);
            }
        }
        for (at, byte) in [(40, 0xff), (60, 0xff), (58, 1)] {
            let mut file = elf_with(0x6fff_4c04, b"z\0");
            file[at] = byte;
            assert!(of(&file).is_err(), "{at}");
        }
    }
}
