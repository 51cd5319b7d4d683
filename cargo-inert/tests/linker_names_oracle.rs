//! Which files a `-l` opens, asked of the linkers that are installed: each has to be among those whose content is looked at
//! in a folder that a script has the linker search.
//!
//! All names that could be one lie in a folder, with a text in each that no linker takes; a linker complains of the first that
//! it opens, which is taken away, until it finds none.

#![expect(clippy::disallowed_methods, reason = "the linkers are what is tested against")]

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_inert::policy::outputs::folder::may_be_opened;

const PREFIXES: &[&str] = &["", "lib", "cyg", "msys-", "Lib", "lib64"];

#[rustfmt::skip] // many short words: a line each is no easier to read
const ENDINGS: &[&str] = &[
    "", ".a", ".so", ".so.1", ".so.1.0", ".so1", ".sl", ".lib", ".dll", ".dll.a", ".dll.lib", ".lib.a", ".a.1", ".dylib", ".tbd",
    ".imp", ".def", ".rlib", ".rmeta", ".o", ".obj", ".bc", ".ll", ".la", ".ld", ".lds", ".x", ".t", ".txt", ".script", ".res",
    ".exe", ".wasm", ".dSYM", ".ver", ".map", ".framework", ".pc", ".s", ".S", ".c", ".bundle", ".lo", ".lto.o", "_g.a", "-1.dll",
];

/// How a linker is called: its name, the program, and what stands before and behind the folder and the name.
struct Linker {
    name: &'static str,
    program: PathBuf,
    before: &'static [&'static str],
    /// With `DIR` in the folder's place.
    ask: &'static [&'static str],
}

#[test]
fn what_a_name_opens_is_looked_at() {
    let mut asked = Vec::new();
    for linker in linkers() {
        let mut opened = Vec::new();
        // Names that end as a file's do may be taken for one: Apple's linkers open `zz.o` for `-l zz.o`.
        let dotted =
            [".o", ".obj", ".a", ".so", ".lib", ".dll", ".ld", ".x", ".txt"].map(|end| (&[][..], end));
        let modes = [(&[][..], ""), (&["-Bstatic"][..], ""), (&["-Bdynamic"][..], "")];
        for (mode, end) in modes.into_iter().chain(dotted) {
            if (!mode.is_empty() || !end.is_empty()) && !linker.ask.contains(&"-lzz") {
                continue;
            }
            let scratch = tempfile::tempdir().unwrap();
            let folder = scratch.path().join("searched");
            std::fs::create_dir(&folder).unwrap();
            for name in
                PREFIXES.iter().flat_map(|prefix| ENDINGS.iter().map(move |end| format!("{prefix}zz{end}")))
            {
                std::fs::write(folder.join(name), "no ( code\n").unwrap();
            }
            std::fs::write(scratch.path().join("x.rs"), "#![feature(no_core)]\n#![no_core]\n").unwrap();
            loop {
                let found = complained_of(&linker, mode, end, &folder);
                for name in &found {
                    assert!(may_be_opened(name), "{} opens {name} for -l zz{end}", linker.name);
                    std::fs::remove_file(folder.join(name)).unwrap();
                }
                opened.extend(found.iter().cloned());
                if found.is_empty() {
                    break;
                }
            }
        }
        opened.sort();
        opened.dedup();
        assert!(!opened.is_empty(), "{} was asked and complained of nothing", linker.name);
        asked.push(format!("{}: {}", linker.name, opened.join(" ")));
    }
    // With the compiler alone there is one for each of its flavours.
    assert!(asked.len() >= 6, "{asked:#?}");
}

/// The files of the folder that a linker's words name.
fn complained_of(linker: &Linker, mode: &[&str], end: &str, folder: &Path) -> Vec<String> {
    let folder_text = folder.to_str().unwrap();
    let words = linker.ask.iter().map(|word| match *word {
        "-lzz" => format!("-lzz{end}"),
        word => word.replace("DIR", folder_text),
    });
    let output = Command::new(&linker.program)
        .args(linker.before)
        .args(mode)
        .args(words)
        .current_dir(folder.parent().unwrap())
        .env("RUSTC_BOOTSTRAP", "1")
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", linker.program.display()));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let mut found = Vec::new();
    for (at, _) in said.match_indices(folder_text) {
        let rest = said[at + folder_text.len()..].trim_start_matches(['/', '\\']);
        let names = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        let longest = names.filter(|name| rest.starts_with(name.as_str())).max_by_key(String::len);
        found.extend(longest.filter(|name| !found.contains(name)));
    }
    found
}

/// An archive passes by its beginning: what lies in it is no text that a linker obeys.
#[test]
fn a_text_in_an_archive_is_not_obeyed() {
    let text = "PROVIDE(injected_by_text = 0x1234);\nEXTERN(injected_by_text)\n";
    let mut archive = b"!<arch>\n".to_vec();
    archive.extend(format!("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", "x.o/", 0, 0, 0, 644, text.len()).bytes());
    archive.extend(text.bytes());
    if archive.len() % 2 == 1 {
        archive.push(b'\n');
    }
    let mut asked = 0;
    for linker in linkers().into_iter().filter(|linker| linker.ask.contains(&"-lzz")) {
        for name in ["libzz.a", "libzz.so", "zz.lib"] {
            let scratch = tempfile::tempdir().unwrap();
            let folder = scratch.path().join("searched");
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join(name), &archive).unwrap();
            let words = linker.ask.iter().map(|word| word.replace("DIR", folder.to_str().unwrap()));
            let _ = Command::new(&linker.program)
                .args(linker.before)
                .arg("--whole-archive")
                .args(words)
                .current_dir(scratch.path())
                .output();
            let made = std::fs::read(scratch.path().join("out")).unwrap_or_default();
            let holds = made.windows(16).any(|bytes| bytes == b"injected_by_text");
            assert!(!holds, "{} obeys a text in {name}", linker.name);
            asked += 1;
        }
    }
    assert!(asked > 0);
}

fn linkers() -> Vec<Linker> {
    const GNU: &[&str] = &["-LDIR", "-lzz", "-o", "out"];
    let mut all: Vec<Linker> = Vec::new();
    let mut add = |name: &'static str,
                   program: PathBuf,
                   before: &'static [&'static str],
                   ask: &'static [&'static str]| {
        all.push(Linker { name, program, before, ask });
    };
    for name in
        ["ld.bfd", "ld.gold", "ld.mold", "x86_64-w64-mingw32-ld", "aarch64-linux-gnu-ld", "arm-none-eabi-ld"]
    {
        if let Some(program) = on_path(name) {
            add(name, program, &[], GNU);
        }
    }
    if let Some(lld) = rust_lld() {
        add("lld for ELF", lld.clone(), &["-flavor", "gnu"], GNU);
        add("lld for MinGW", lld.clone(), &["-flavor", "gnu", "-m", "i386pep"], GNU);
        add("lld for WebAssembly", lld.clone(), &["-flavor", "wasm"], GNU);
        add(
            "lld for Apple",
            lld.clone(),
            &["-flavor", "darwin", "-arch", "x86_64", "-platform_version", "macos", "11.0", "11.0"],
            &["-LDIR", "-lzz", "-o", "out"],
        );
        // rustc adds the ending itself, whatever the name is.
        add("lld for MSVC", lld, &["-flavor", "link"], &["/LIBPATH:DIR", "zz.lib", "/OUT:out"]);
    }
    for target in [
        "x86_64-unknown-linux-gnu",
        "x86_64-pc-windows-gnu",
        "x86_64-pc-windows-msvc",
        "aarch64-apple-darwin",
    ] {
        // Leaked: a few words for the length of the test.
        let target: &'static str = format!("--target={target}").leak();
        let ask: &'static [&'static str] =
            vec!["x.rs", "--crate-type=rlib", target, "-L", "native=DIR", "-l", "static=zz"].leak();
        add(target, PathBuf::from("rustc"), &[], ask);
    }
    all
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

fn rust_lld() -> Option<PathBuf> {
    let ask = |what: &[&str]| {
        let output = Command::new("rustc").args(what).output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    let sysroot = ask(&["--print", "sysroot"])?;
    let version = ask(&["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "))?;
    let path = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("bin/rust-lld");
    path.is_file().then_some(path)
}
