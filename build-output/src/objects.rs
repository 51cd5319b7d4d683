//! Options for the linker that objects and archives carry, and the libraries that a linked file loads.
//!
//! A linker obeys more than its arguments: Microsoft's and MinGW's read options from sections named `.drectve`, LLVM's
//! reads names of libraries from sections of the type `SHT_LLVM_DEPENDENT_LIBRARIES`, and Apple's reads
//! `LC_LINKER_OPTION` commands. What stands there must be on a closed list. Bitcode may carry the same, in a form that only
//! LLVM reads, so it is not accepted; nor is GCC's (`-flto`), whose options for compilers and the assembler are read.

mod coff;
mod gcc;

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

/// The most bytes that are read of one section or one table.
const MOST: u64 = 256 << 20;

/// The most members of an archive, and the most sections of an object.
const MOST_PARTS: u64 = 1 << 20;

/// The most archives and universal files around an object. rustc puts archives into its libraries (`+whole-archive`), and
/// a universal file may be an archive, and hold some.
const DEEPEST: usize = 3;

/// Why a linker must not be given a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// The file, or an object in it, gives the linker an option that is not on the list; the text says which.
    Option(String),
    /// It holds code that only the compiler that made it can read, and that may carry options: LLVM's bitcode, that of
    /// Microsoft's compiler, or GCC's, whose options are harmless. Nothing else in the file is objected to.
    Bitcode,
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(what) => f.write_str(what),
            Self::Bitcode => f.write_str(
                "it holds LLVM's bitcode or GCC's (`-flto`), or Microsoft's (`/GL`), which may carry options for the linker \
                 that nothing here reads",
            ),
        }
    }
}

/// Returns why a linker must not be given a file, judged by the options in it; `None` if it has none, or only those on the
/// list. A file of another kind has no options.
///
/// # Errors
/// The file cannot be read, or contradicts its own format.
pub fn objection(file: &mut (impl Read + Seek)) -> io::Result<Option<Objection>> {
    let length = file.seek(SeekFrom::End(0))?;
    judge(file, 0, length, &mut Vec::new())
}

/// The kinds of file that hold others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    Archive,
    Universal,
}

/// Judges what lies between two places of the file, inside of files of these kinds.
fn judge(
    file: &mut (impl Read + Seek),
    start: u64,
    end: u64,
    around: &mut Vec<Holder>,
) -> io::Result<Option<Objection>> {
    let holder = if starts_with(file, start, end, b"!<arch>\n")? {
        Holder::Archive
    } else if starts_with(file, start, end, b"\xca\xfe\xba\xbe")? {
        Holder::Universal
    } else {
        return object(file, start, end);
    };
    if around.len() == DEEPEST || (holder == Holder::Universal && around.contains(&holder)) {
        return Err(damaged("archives or universal files in it hold others too deep"));
    }
    let parts = match holder {
        Holder::Archive => members(file, start, end)?,
        Holder::Universal => universal(file, start, end)?,
    };
    around.push(holder);
    let mut found = None;
    for (start, end) in parts {
        match judge(file, start, end, around)? {
            None => {}
            // An option behind it is worse: callers may accept bitcode.
            Some(Objection::Bitcode) => found = Some(Objection::Bitcode),
            option => return Ok(option),
        }
    }
    around.pop();
    Ok(found)
}

/// Returns the places of an archive's members.
fn members(file: &mut (impl Read + Seek), start: u64, end: u64) -> io::Result<Vec<(u64, u64)>> {
    let mut found = Vec::new();
    let mut at = start + 8;
    while at + 60 <= end {
        let header = bytes(file, at, 60)?;
        let size = std::str::from_utf8(&header[48..58]).ok().and_then(|text| text.trim().parse::<u64>().ok());
        let last = size.and_then(|size| (at + 60).checked_add(size)).filter(|last| *last <= end);
        let (Some(last), true) = (last, header[58..] == *b"`\n") else {
            return Err(damaged("a member of the archive has no length"));
        };
        // A name of BSD's precedes the contents.
        let name = std::str::from_utf8(&header[3..16]).ok().filter(|_| header.starts_with(b"#1/"));
        let name = name.and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0);
        found.push(((at + 60).saturating_add(name).min(last), last));
        if found.len() as u64 > MOST_PARTS {
            return Err(damaged("the archive has too many members"));
        }
        at = last + (last - at) % 2;
    }
    Ok(found)
}

/// The libraries that the system's loader loads with a linked file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loads {
    /// The libraries, by name or path, in the file's order.
    pub libraries: Vec<String>,
    /// The folders in which those are looked for before the system's (`RUNPATH`, `RPATH`), each as it is written: absolute, or
    /// with `$ORIGIN`.
    pub folders: Vec<String>,
}

/// Returns what a program or library has the loader load, as ELF files say it; nothing for a file of another kind.
///
/// # Errors
/// The file cannot be read, or contradicts its own format.
pub fn loads(file: &mut (impl Read + Seek)) -> io::Result<Loads> {
    const DYNAMIC: u32 = 6;
    // NEEDED, DEPAUDIT, AUDIT, AUXILIARY, FILTER; RPATH and RUNPATH.
    const LIBRARIES: &[u64] = &[1, 0x6fff_fefb, 0x6fff_fefc, 0x7fff_fffd, 0x7fff_ffff];
    const FOLDERS: &[u64] = &[15, 29];
    let length = file.seek(SeekFrom::End(0))?;
    let mut found = Loads::default();
    let Some(elf) = Elf::of(file, 0, length)? else { return Ok(found) };
    let sections = elf.sections(file)?;
    for section in sections.iter().filter(|section| section.kind == DYNAMIC) {
        let names = usize::try_from(section.link).ok().and_then(|link| sections.get(link));
        let names = names.ok_or_else(|| damaged("a section has no names"))?;
        let (table, names) = (elf.contents(file, section)?, elf.contents(file, names)?);
        let word = if elf.wide { 8 } else { 4 };
        for entry in table.chunks_exact(2 * word) {
            let kind = elf.number(&entry[..word]);
            let (library, folder) = (LIBRARIES.contains(&kind), FOLDERS.contains(&kind));
            if !library && !folder {
                continue;
            }
            let at = usize::try_from(elf.number(&entry[word..])).unwrap_or(usize::MAX);
            let name = names.get(at..).ok_or_else(|| damaged("a name lies outside of its section"))?;
            let name = text(name.split(|byte| *byte == 0).next().unwrap_or_default());
            if library {
                found.libraries.push(name);
            } else {
                found.folders.extend(name.split(':').map(str::to_owned));
            }
        }
    }
    Ok(found)
}

/// Returns whether a file is one that a linker takes in by its first bytes: an object, library, archive or bitcode. A linker script
/// is a text like any other.
#[must_use]
pub fn is_linked(head: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"\x7fELF",
        b"!<arch>\n",
        b"!<thin>\n",
        b"BC\xc0\xde",
        b"\xde\xc0\x17\x0b",
        b"\xcf\xfa\xed\xfe",
        b"\xce\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"\xca\xfe\xba\xbf",
        // COFF: imports, and objects for the machines that Windows runs on.
        b"\0\0\xff\xff",
        b"\x64\x86",
        b"\x4c\x01",
        b"\x64\xaa",
        b"\xc4\x01",
        b"\x41\xa6",
        b"\x4e\xa6",
    ];
    is_dos(head) || STARTS.iter().any(|start| head.starts_with(start))
}

/// Returns whether a file that begins with `MZ` is a program of Windows. A linker script may begin so, and hold anything in
/// a comment; a zero so early can only be a program's.
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
        // Apple's newer linkers read universal files whose places have 64 bits; no tool makes them by itself.
        Some(b"\xca\xfe\xba\xbf") => Err(damaged("it is a universal file with places of 64 bits")),
        _ => coff::objection(file, start, end),
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
    name: u64,
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
                true => Section { name: of(0, 4), kind, at: of(24, 8), size: of(32, 8), link: of(40, 4) },
                false => Section { name: of(0, 4), kind, at: of(16, 4), size: of(20, 4), link: of(24, 4) },
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
        let sections = self.sections(file)?;
        for section in sections.iter().filter(|section| OF_LLVM.contains(&section.kind)) {
            if HARMLESS_OF_LLVM.contains(&section.kind) {
                continue;
            }
            let said = self.contents(file, section)?;
            if said.iter().any(|byte| *byte != 0) {
                let what = format!("a section of LLVM's in it gives the linker `{}`", shown(&said));
                return Ok(Some(Objection::Option(what)));
            }
        }
        let mut found = None;
        let names = self.names(file, &sections)?;
        for section in &sections {
            let name = usize::try_from(section.name).ok().and_then(|at| names.get(at..)).unwrap_or_default();
            let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
            if !gcc::is_of_lto(name) {
                continue;
            }
            found = Some(Objection::Bitcode);
            if gcc::holds_options(name)
                && let Some(why) = gcc::objection(&self.contents(file, section)?)
            {
                return Ok(Some(why));
            }
        }
        Ok(found)
    }

    /// Returns the contents of the section with the names of sections; nothing if there is none.
    fn names(&self, file: &mut (impl Read + Seek), sections: &[Section]) -> io::Result<Vec<u8>> {
        let at = if self.wide { 62 } else { 50 };
        let number = match self.number(&self.part(file, at, 2)?) {
            // The first section has the number where it does not fit.
            0xffff => sections.first().map_or(0, |first| first.link),
            number => number,
        };
        match usize::try_from(number).ok().and_then(|number| sections.get(number)) {
            // Zero is none.
            Some(section) if number != 0 || section.kind != 0 => self.contents(file, section),
            _ => Ok(Vec::new()),
        }
    }
}

/// The types of sections that are LLVM's own.
const OF_LLVM: std::ops::RangeInclusive<u32> = 0x6fff_4c00..=0x6fff_4cff;

/// Those of them that are about the object's own symbols and addresses, and give the linker no option and no file:
/// `ODRTAB`, both forms of `CALL_GRAPH_PROFILE`, `ADDRSIG`, `SYMPART`, `PART_EHDR`, `PART_PHDR`, both forms of
/// `BB_ADDR_MAP` and `JT_SIZES`. Others, such as `LINKER_OPTIONS`, `DEPENDENT_LIBRARIES`, `OFFLOADING` and `LTO`, are
/// refused, since nothing that a package ships needs them.
const HARMLESS_OF_LLVM: [u32; 10] = [
    0x6fff_4c00,
    0x6fff_4c02,
    0x6fff_4c03,
    0x6fff_4c05,
    0x6fff_4c06,
    0x6fff_4c07,
    0x6fff_4c08,
    0x6fff_4c09,
    0x6fff_4c0a,
    0x6fff_4c0d,
];

/// Judges an object of Apple's systems, whose commands follow a header of this length.
fn mach(file: &mut (impl Read + Seek), start: u64, end: u64, header: u64) -> io::Result<Option<Objection>> {
    const LINKER_OPTION: u32 = 0x2d;
    const SEGMENT: u32 = 0x1;
    const SEGMENT_64: u32 = 0x19;
    let mut bitcode = None;
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
        if [SEGMENT, SEGMENT_64].contains(&of(command, 0))
            && command.windows(9).any(|name| name == gcc::SEGMENT)
        {
            bitcode = Some(Objection::Bitcode);
        }
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
            let said: String = words.join(" ").chars().take(200).collect();
            let what = format!("a command in it gives the linker `{said}`");
            return Ok(Some(Objection::Option(what)));
        }
    }
    Ok(bitcode)
}

/// Returns the places of a universal file's parts.
fn universal(file: &mut (impl Read + Seek), start: u64, end: u64) -> io::Result<Vec<(u64, u64)>> {
    let of = |bytes: &[u8]| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let count = of(&part(file, (start, end), 4, 4)?);
    if count > 64 {
        return Err(damaged("it has too many parts"));
    }
    let mut found = Vec::new();
    for at in 0..u64::from(count) {
        let entry = part(file, (start, end), 8 + 20 * at, 20)?;
        let (at, size) = (u64::from(of(&entry[8..])), u64::from(of(&entry[12..])));
        if at < 8 || start + at + size > end {
            return Err(damaged("a part of it lies outside of it"));
        }
        found.push((start + at, start + at + size));
    }
    Ok(found)
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
    if size > MOST {
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

/// Returns bytes as a text for comparisons, whole and with escapes.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_matches('\0').escape_debug().collect()
}

/// Returns the beginning of bytes as a text for messages.
fn shown(bytes: &[u8]) -> String {
    text(bytes).chars().take(200).collect()
}

#[cfg(test)]
mod tests;
