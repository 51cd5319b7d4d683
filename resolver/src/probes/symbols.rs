//! Reads the symbols of an object that matter to a link: ELF, Mach-O and COFF.
//!
//! A compiler wrote the object, but from a package's text, so no offset in it is trusted.

use std::collections::BTreeSet;

/// The global symbols, by their names in C.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Symbols {
    /// The symbols that the object defines.
    pub(super) defined: BTreeSet<String>,
    /// The symbols that the object needs from others.
    pub(super) undefined: BTreeSet<String>,
}

/// Reads the symbols of an object.
pub(super) fn read(bytes: &[u8]) -> Result<Symbols, &'static str> {
    let object = Object { bytes, big: false };
    match bytes {
        [0x7f, b'E', b'L', b'F', class, data, ..] => {
            elf(&Object { bytes, big: *data == 2 }, *class == 2).ok_or(CUT)
        }
        [0xcf, 0xfa, 0xed, 0xfe, ..] => mach(&object).ok_or(CUT),
        // The machines x86-64, AArch64, ARM and x86.
        [0x64, 0x86, ..] | [0x64, 0xaa, ..] | [0xc4, 0x01, ..] => coff(&object, "").ok_or(CUT),
        [0x4c, 0x01, ..] => coff(&object, "_").ok_or(CUT),
        _ => Err("the compiler wrote an object of a format that is not read"),
    }
}

const CUT: &str = "the object's table of symbols is cut off";

struct Object<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl Object<'_> {
    /// Reads a number of `size` bytes.
    fn number(&self, at: usize, size: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(size)?)?;
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.big { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
    }

    /// As `number`, for an offset or a count.
    fn at(&self, at: usize, size: usize) -> Option<usize> {
        usize::try_from(self.number(at, size)?).ok()
    }

    /// Reads a text that ends with a zero byte.
    fn text(&self, at: usize) -> Option<String> {
        let rest = self.bytes.get(at..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        Some(String::from_utf8_lossy(&rest[..end]).into_owned())
    }
}

/// The type of sections that hold symbols.
const ELF_SYMTAB: u64 = 2;
/// The bindings of global symbols. A weak one need not be defined.
const ELF_GLOBAL: u64 = 1;
const ELF_WEAK: u64 = 2;

fn elf(object: &Object<'_>, wide: bool) -> Option<Symbols> {
    // Offsets and sizes differ between the two classes.
    let pick = |narrow: usize, in_wide: usize| if wide { in_wide } else { narrow };
    let word = pick(4, 8);
    let sections = object.at(pick(0x20, 0x28), word)?;
    let (size, count) = (object.at(pick(0x2e, 0x3a), 2)?, object.at(pick(0x30, 0x3c), 2)?);
    let section = |index: usize| sections.checked_add(index.checked_mul(size)?);
    let field = |section: usize, at: usize, size: usize| object.at(section.checked_add(at)?, size);
    let mut symbols = Symbols::default();
    for index in 0..count {
        let here = section(index)?;
        if object.number(here.checked_add(4)?, 4)? != ELF_SYMTAB {
            continue;
        }
        let (start, length) = (field(here, pick(0x10, 0x18), word)?, field(here, pick(0x14, 0x20), word)?);
        let names = section(field(here, pick(0x18, 0x28), 4)?)?;
        let names = field(names, pick(0x10, 0x18), word)?;
        let each = pick(16, 24);
        // The first symbol is a placeholder.
        for number in 1..length / each {
            let symbol = start.checked_add(number * each)?;
            let name = object.text(names.checked_add(object.at(symbol, 4)?)?)?;
            let binding = object.number(symbol.checked_add(pick(12, 4))?, 1)? >> 4;
            let undefined = object.number(symbol.checked_add(pick(14, 6))?, 2)? == 0;
            match (binding, undefined) {
                (ELF_GLOBAL, true) => drop(symbols.undefined.insert(name)),
                (ELF_GLOBAL | ELF_WEAK, false) => drop(symbols.defined.insert(name)),
                _ => {}
            }
        }
    }
    Some(symbols)
}

/// The load command that locates the symbols.
const MACH_SYMTAB: u64 = 2;

fn mach(object: &Object<'_>) -> Option<Symbols> {
    let mut symbols = Symbols::default();
    let mut command = 32_usize;
    for _ in 0..object.number(16, 4)? {
        if object.number(command, 4)? == MACH_SYMTAB {
            let (start, count) = (object.at(command + 8, 4)?, object.at(command + 12, 4)?);
            let names = object.at(command + 16, 4)?;
            for number in 0..count {
                let symbol = start.checked_add(number.checked_mul(16)?)?;
                let name = object.text(names.checked_add(object.at(symbol, 4)?)?)?;
                let Some(name) = name.strip_prefix('_') else { continue };
                let kind = object.number(symbol + 4, 1)?;
                let weak = object.number(symbol + 6, 2)? & 0x40 != 0;
                let (external, defined) = (kind & 1 != 0, kind & 0x0e != 0);
                match (external, defined) {
                    (true, true) => drop(symbols.defined.insert(name.to_owned())),
                    (true, false) if !weak => drop(symbols.undefined.insert(name.to_owned())),
                    _ => {}
                }
            }
        }
        command = command.checked_add(object.at(command + 4, 4)?.max(8))?;
    }
    Some(symbols)
}

/// The storage class of a global symbol.
const COFF_EXTERNAL: u64 = 2;

/// Reads a COFF object; `prefix` comes before the names of C.
fn coff(object: &Object<'_>, prefix: &str) -> Option<Symbols> {
    let mut symbols = Symbols::default();
    let (start, count) = (object.at(8, 4)?, object.at(12, 4)?);
    let names = start.checked_add(count.checked_mul(18)?)?;
    let mut number = 0;
    while number < count {
        let symbol = start.checked_add(number * 18)?;
        let name = if object.number(symbol, 4)? == 0 {
            object.text(names.checked_add(object.at(symbol + 4, 4)?)?)?
        } else {
            let short = object.bytes.get(symbol..symbol + 8)?;
            let end = short.iter().position(|byte| *byte == 0).unwrap_or(8);
            String::from_utf8_lossy(&short[..end]).into_owned()
        };
        let (value, section) = (object.number(symbol + 8, 4)?, object.number(symbol + 12, 2)?);
        if object.number(symbol + 16, 1)? == COFF_EXTERNAL
            && let Some(name) = name.strip_prefix(prefix)
        {
            // With section number 0 and a size, it is a common symbol, for which the linker allocates space.
            let undefined = section == 0 && value == 0;
            let list = if undefined { &mut symbols.undefined } else { &mut symbols.defined };
            list.insert(name.to_owned());
        }
        number += 1 + object.at(symbol + 17, 1)?;
    }
    // mingw's `main` calls it first; mingw's runtime defines it.
    symbols.undefined.remove("__main");
    Some(symbols)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// Returns an object of that compiler; `None` if it is not installed.
    #[expect(clippy::disallowed_methods, reason = "the compilers whose objects are read")]
    fn object(compiler: &str, flags: &[&str]) -> Option<Vec<u8>> {
        let folder = std::env::temp_dir().join(format!("inert-symbols-{}-{compiler}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (source, object) = (folder.join("a.c"), folder.join("a.o"));
        let text = "extern int needed_elsewhere(void); extern int weak(void) __attribute__((weak));\n\
                    static int own(void) { return 1; } int here = 1; int room;\n\
                    int main(void) { return needed_elsewhere() + own() + here + room + (weak ? weak() : 0); }\n";
        std::fs::write(&source, text).unwrap();
        let status =
            Command::new(compiler).args(flags).arg("-c").arg(&source).arg("-o").arg(&object).status();
        let bytes = status.is_ok_and(|status| status.success()).then(|| std::fs::read(&object).unwrap());
        let _ = std::fs::remove_dir_all(Path::new(&folder));
        bytes
    }

    #[test]
    fn objects_of_compilers_are_read() {
        let mut read_one = false;
        for (compiler, flags) in [
            ("cc", &[][..]),
            ("gcc", &["-O2", "-g", "-fPIC"]),
            ("aarch64-linux-gnu-gcc", &[]),
            ("x86_64-w64-mingw32-gcc", &[]),
        ] {
            let Some(bytes) = object(compiler, flags) else { continue };
            let symbols = read(&bytes).unwrap();
            for name in ["main", "here"] {
                assert!(symbols.defined.contains(name), "{compiler}: {symbols:?}");
            }
            assert!(symbols.undefined.contains("needed_elsewhere"), "{compiler}: {symbols:?}");
            assert!(!symbols.undefined.contains("own"), "{compiler}: {symbols:?}");
            read_one |= compiler == "cc";
            // A truncated or changed object must not cause a panic.
            for end in (0..bytes.len()).step_by(7) {
                let _ = read(&bytes[..end]);
                let mut other = bytes.clone();
                other[end] ^= 0xff;
                let _ = read(&other);
            }
        }
        assert!(read_one || cfg!(windows), "there is no C compiler");
    }
}
