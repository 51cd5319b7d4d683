//! Recognizes the files that a link-search folder may hold, archives, objects and import libraries, by their first
//! bytes. A text file with the name of a library is a linker script, which can load what it names.

use std::path::Path;

/// Returns the format of these bytes; `None` if they may be a script, or refer to other files.
pub(super) fn kind(bytes: &[u8]) -> Option<&'static str> {
    let (_, kind) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic))?;
    (*kind != "PE" || inert_build_output::objects::is_dos(bytes)).then_some(*kind)
}

/// Returns whether a linker may open a file of this name for `-l…`.
pub(super) fn found_by_linker(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return true };
    let name = name.to_ascii_lowercase();
    const SUFFIXES: &[&str] =
        &[".a", ".lib", ".so", ".dylib", ".tbd", ".dll", ".o", ".obj", ".rlib", ".rmeta", ".ld"];
    SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) || name.contains(".so.")
}

/// The magic numbers, from the formats' specifications. A thin archive (`!<thin>`) is not listed since it names
/// files elsewhere, and a `.tbd` since it is text.
const MAGIC: &[(&[u8], &str)] = &[
    (b"!<arch>\n", "archive"),
    (b"\x7fELF", "ELF"),
    (b"\xcf\xfa\xed\xfe", "Mach-O"),
    (b"\xce\xfa\xed\xfe", "Mach-O"),
    (b"\xca\xfe\xba\xbe", "Mach-O, universal"),
    (b"MZ", "PE"),
    (b"\x64\x86", "COFF, x86_64"),
    (b"\x4c\x01", "COFF, x86"),
    (b"\x64\xaa", "COFF, aarch64"),
    (b"\xc4\x01", "COFF, arm"),
    (b"\x00\x00\xff\xff", "COFF, import"),
    (b"\0asm", "WebAssembly"),
    (b"BC\xc0\xde", "LLVM bitcode"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_nothing() {
        assert_eq!(kind(b"INPUT(/tmp/evil.o)"), None);
        assert_eq!(kind(b"/* GNU ld script */"), None);
        assert_eq!(kind(b"!<thin>\n/tmp/evil.o"), None);
        assert_eq!(kind(b""), None);
        assert_eq!(kind(b"MZ = 1; INPUT(/tmp/evil.o)"), None);
        assert_eq!(kind(b"MZ=1;/*\0\0*/INPUT(/tmp/evil.o)"), None);
        assert_eq!(kind(b"MZ\x90\0\x03\0"), Some("PE"));
        assert_eq!(kind(b"!<arch>\n/               "), Some("archive"));
    }
}
