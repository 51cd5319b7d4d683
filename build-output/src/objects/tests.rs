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

/// Gives the only section a name that stands among the strings, where the header says so by this number.
fn with_long_name(mut file: Vec<u8>, number: &str) -> Vec<u8> {
    file[20..28].fill(0);
    file[20..20 + number.len()].copy_from_slice(number.as_bytes());
    let strings = u32::try_from(file.len()).unwrap();
    file[8..12].copy_from_slice(&strings.to_le_bytes());
    file.extend(*b"\x0d\0\0\0.drectve\0");
    file
}

fn for_all_machines(mut file: Vec<u8>) -> Vec<u8> {
    file[..2].fill(0);
    file
}

fn universal(part: &[u8]) -> Vec<u8> {
    let mut file = b"\xca\xfe\xba\xbe\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x1c".to_vec();
    file.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
    file.extend([0; 4]);
    file.extend(part);
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

/// An object with one section of this name; the names are in the second one.
fn elf_named(name: &str, contents: &str) -> Vec<u8> {
    let mut file = elf_with(1, &[]);
    file[60] = 2;
    file[62] = 1; // the section of names
    let number = |number: usize| u64::try_from(number).unwrap().to_le_bytes();
    let mut names = vec![0; 64];
    names[4] = 3;
    names[24..32].copy_from_slice(&number(192));
    names[32..40].copy_from_slice(&number(name.len() + 2));
    file[64] = 1;
    file[64 + 24..64 + 32].copy_from_slice(&number(194 + name.len()));
    file[64 + 32..64 + 40].copy_from_slice(&number(contents.len()));
    file.extend(names);
    file.extend([b"\0", name.as_bytes(), b"\0", contents.as_bytes()].concat());
    file
}

/// As [`coff_with`], for a section of another name.
fn coff_named(name: &str, contents: &str) -> Vec<u8> {
    let mut file = with_long_name(coff_with(contents), "/4");
    file.truncate(file.len() - 13);
    file.extend(u32::try_from(name.len() + 5).unwrap().to_le_bytes());
    file.extend([name.as_bytes(), b"\0"].concat());
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
        elf_with(0x6fff_4c03, b"x"),
        elf_with(0x6fff_4d00, b"x"),
        mach_with(&["-framework", "Security"]),
        mach_with(&["-lc++"]),
        b"text".to_vec(),
        Vec::new(),
        b"\x00\x00\xff\xff\x00\x00".to_vec(),
        with_long_name(coff_with("/out:x"), "/5"),
        with_long_name(coff_with("/export:f"), "//AAAAAE"),
        for_all_machines(coff_with("/export:f")),
        // Tables of symbols.
        b"\0\0\0\x02\0\0\0\x98\0\0\0\x98f\0g\0".to_vec(),
        [b"\0\0\x01\0".as_slice(), &[0; 64]].concat(),
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
        coff_with("/DEFAULTLIB:a\u{a0}/include:b"),
        coff_with("/DEFAULTLIB:a\u{c}/include:b"),
        with_long_name(coff_with("/out:x"), "/4"),
        with_long_name(coff_with("/out:x"), "//AAAAAE"),
        for_all_machines(coff_with("/out:x")),
        for_all_machines(with_long_name(coff_with("/out:x"), "/4")),
        // As `cl /GL` makes.
        [b"\0\0\xff\xff\x01\0\x64\x86".as_slice(), &[0; 48]].concat(),
        mach_with(&[&format!("-l{}/../evil", "a".repeat(250))]),
        mach_with(&["-framework", &format!("{}/evil", "a".repeat(250))]),
        elf_with(0x6fff_4c04, b"z\0"),
        elf_with(0x6fff_4c01, b"lib\0z\0"),
        elf_with(0x6fff_4c0c, b"x"),
        coff_named(".drectve$x", "/out:x"),
        mach_with(&["-l../evil"]),
        mach_with(&["-framework"]),
        mach_with(&["-force_load", "/elsewhere/x.a"]),
        b"BC\xc0\xde\0\0\0\0".to_vec(),
    ] {
        assert!(of(&bad).unwrap().is_some(), "{}", text(&bad));
        assert!(of(&archive(&[b"odd", &bad])).unwrap().is_some(), "{}", text(&bad));
        // As in a library of rustc's, and in a universal file.
        let inner = archive(&[&bad]);
        assert!(of(&archive(&[b"odd", &inner])).unwrap().is_some(), "{}", text(&bad));
        assert!(of(&universal(&inner)).unwrap().is_some(), "{}", text(&bad));
    }
}

/// The options are those that GCC 12 writes.
#[test]
fn gccs_own_code_may_have_harmless_options_only() {
    const LTO: &str = ".gnu.lto_.opts";
    for harmless in [
        "'-fno-openmp' '-fPIC' '-fcf-protection=none' '-mtune=generic' '-march=x86-64' '-O2' '-flto' '-pthread'\0",
        "'-ffile-prefix-map=/a b=/c' '-g' '-Wall'\0'-O2'\0",
        "",
    ] {
        for file in
            [elf_named(LTO, harmless), coff_named(LTO, harmless), elf_named(".gnu.lto_.symtab.1f", harmless)]
        {
            assert_eq!(of(&file).unwrap(), Some(Objection::Bitcode), "{harmless}");
            assert_eq!(of(&archive(&[&file])).unwrap(), Some(Objection::Bitcode), "{harmless}");
        }
    }
    for bad in [
        "'-O2' '-Xassembler' '-al=/x'\0",
        "'-O2'\0'-al=/x'\0",
        "'-fplugin=x'\0",
        "'-Wa,-al=x'\0",
        "'-B/x'\0",
        "'-O2' '-Xassembler",
        "-Xassembler",
        "'-O2'\t'-Xassembler'",
        "'-ffile-prefix-map=/a=/b'\\'' -Xassembler'",
        "'-m/x'\0",
    ] {
        for file in [elf_named(LTO, bad), coff_named(LTO, bad), elf_named(".gnu.offload_lto_.opts", bad)] {
            assert!(matches!(of(&file).unwrap(), Some(Objection::Option(_))), "{bad}");
        }
    }
    assert_eq!(of(&elf_named(".text", "'-Xassembler'")).unwrap(), None);
    let mut mach = mach_with(&["__GNU_LTO"]);
    mach[32] = 0x19;
    assert_eq!(of(&mach).unwrap(), Some(Objection::Bitcode));
}

#[test]
fn bitcode_hides_nothing() {
    let bitcode = b"BC\xc0\xde\0\0\0\0";
    let whole = |file: &[u8]| of(&archive(&[bitcode, file, bitcode])).unwrap();
    assert!(matches!(whole(&coff_with("/out:x")), Some(Objection::Option(_))));
    assert_eq!(whole(b"text"), Some(Objection::Bitcode));
}

#[test]
fn files_in_files_end() {
    let mut file = coff_with("/export:f");
    for _ in 0..DEEPEST {
        file = archive(&[&file]);
        assert_eq!(of(&file).unwrap(), None);
    }
    assert!(of(&archive(&[&file])).is_err());
    assert!(of(&universal(&universal(b"text"))).is_err());
    assert!(of(b"\xca\xfe\xba\xbf\0\0\0\0").is_err());
}

#[test]
fn a_long_name_is_read_whole() {
    let name = format!("{}/evil.so", "a".repeat(250));
    let mut file = elf_with(6, &[]);
    // The section of names is the second one.
    file[60] = 2;
    file[64 + 24] = 192;
    file[64 + 32] = 16;
    file[64 + 40] = 1;
    let mut names = vec![0; 64];
    names[24] = 208;
    names[32..34].copy_from_slice(&u16::try_from(name.len() + 1).unwrap().to_le_bytes());
    file.extend(names);
    file.extend(1u64.to_le_bytes());
    file.extend(0u64.to_le_bytes());
    file.extend(name.bytes().chain([0]));
    assert_eq!(loads(&mut Cursor::new(file)).unwrap().libraries, [name]);
}

#[test]
fn mz_is_no_program_yet() {
    assert!(is_dos(b"MZ\x90\0\x03\0") && !is_dos(b"MZ=1;/*\0\0") && !is_dos(b"MZ/*\0\0") && !is_dos(b"MZ"));
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
