//! Flags of a compiler that make an object a function of what is known: [`read`].

use std::ffi::OsString;
use std::path::PathBuf;

/// The flags of a compilation.
#[derive(Debug, Default)]
pub(super) struct Flags {
    /// The folders of flags that name one, in order.
    pub(super) folders: Vec<PathBuf>,
    /// The flags by which the folders are named.
    pub(super) folder_flags: Vec<&'static str>,
    /// All other flags, as they are.
    pub(super) others: Vec<OsString>,
    /// True if a flag means this machine's processor.
    pub(super) native: bool,
}

/// The flags that name a folder to search, which stands in the same or in the next argument.
const FOLDERS: &[&str] = &["-isystem", "-iquote", "-idirafter", "-I"];

/// The beginnings of flags that read no file but those that the compiler lists, and write none but the object.
const HARMLESS: &[&str] =
    &["-D", "-U", "-O", "-W", "-m", "-std=", "--std=", "--target=", "-pedantic", "-stdlib=", "--sysroot="];

/// Flags of their own.
const EXACT: &[&str] = &[
    "-c",
    "-w",
    "-g",
    "-g0",
    "-g1",
    "-g2",
    "-g3",
    "-ggdb",
    "-ggdb0",
    "-ggdb1",
    "-ggdb2",
    "-ggdb3",
    "-gdwarf",
    "-gdwarf-2",
    "-gdwarf-3",
    "-gdwarf-4",
    "-gdwarf-5",
    "-gno-column-info",
    "-gno-record-gcc-switches",
    "-ansi",
    "-pipe",
    "-pthread",
    "-nostdinc",
    "-nostdinc++",
    "-undef",
];

/// The flags that begin with `-f` and have a value that is a name or a number, no file.
const WITH_WORD: &[&str] = &[
    "-fvisibility=",
    "-ftls-model=",
    "-fcf-protection=",
    "-ffp-contract=",
    "-fexcess-precision=",
    "-fmax-errors=",
    "-fdiagnostics-color=",
    "-fstack-clash-protection=",
    "-fsanitize=",
    "-fno-sanitize=",
    "-fno-sanitize-recover=",
    "-fabi-version=",
    "-fdebug-prefix-map=",
    "-ffile-prefix-map=",
    "-fmacro-prefix-map=",
    "-finline-limit=",
    "-fzero-call-used-regs=",
    "-ftrivial-auto-var-init=",
    "-fstrict-flex-arrays=",
    "-flto=",
    "-fvect-cost-model=",
    "-ffp-model=",
    "-fmacro-backtrace-limit=",
    "-fpatchable-function-entry=",
    "-fconstexpr-depth=",
    "-ftemplate-depth=",
    "-fconstexpr-ops-limit=",
    "-fmessage-length=",
];

/// The beginnings of flags without a value that write further files, read a profile, or write the whole command with its
/// paths into the object.
const FURTHER_FILES: &[&str] = &[
    "-fprofile",
    "-ftest-coverage",
    "-fauto-profile",
    "-fbranch-probabilities",
    "-fdump",
    "-fsave",
    "-fcallgraph",
    "-fstack-usage",
    "-fopt-info",
    "-fplugin",
    "-fmodule",
    "-fcoverage",
    "-fcs-profile",
    "-fpch",
    "-frandom-seed",
    "-fmemory-profile",
    "-fcrash",
    "-fproc-stat",
    "-ftime-trace",
    "-fsplit-dwarf",
    "-fthinlto",
    "-fembed",
    "-fdirectives",
    "-fworking-directory",
    "-fcompare-debug",
    "-frecord",
    "-fada",
];

/// Reads the flags of a compilation; `None` if one is not known to be harmless, or names a file.
pub(super) fn read(arguments: &[OsString]) -> Option<Flags> {
    let mut flags = Flags::default();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let text = argument.to_str()?;
        if let Some(flag) = FOLDERS.iter().find(|flag| text.starts_with(**flag)) {
            let folder = match &text[flag.len()..] {
                "" => arguments.next()?.to_str()?,
                joined => joined,
            };
            // A relative folder means the working folder; `-I=` means the sysroot.
            let folder = PathBuf::from(folder);
            if !folder.is_absolute() {
                return None;
            }
            flags.folders.push(folder);
            flags.folder_flags.push(flag);
            continue;
        }
        if !is_harmless(text) {
            return None;
        }
        flags.native |= text.contains("=native");
        flags.others.push(argument.clone());
    }
    Some(flags)
}

fn is_harmless(text: &str) -> bool {
    // `-Wa,`, `-Wp,` and `-Wl,` pass through to other programs; `-Wsuggest…=` and `-Werror=` are words.
    if ["-Wa,", "-Wp,", "-Wl,"].iter().any(|through| text.starts_with(through)) {
        return false;
    }
    if EXACT.contains(&text) || HARMLESS.iter().any(|start| text.starts_with(start)) {
        // A define alone, `-D`, takes the next argument, and `-mllvm` does.
        return !matches!(text, "-D" | "-U" | "-mllvm" | "-march" | "-mthread-model");
    }
    if !text.starts_with("-f") || FURTHER_FILES.iter().any(|start| text.starts_with(start)) {
        return false;
    }
    !text.contains('=') || WITH_WORD.iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(text: &str) -> Option<Flags> {
        read(&text.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn those_of_a_source_build() {
        let found = flags("-O2 -ffunction-sections -fdata-sections -fPIC -gdwarf-4 -fno-omit-frame-pointer -m64 -I /a -isystem /b -DX=1 -Wall -Wextra -std=c99 -fvisibility=hidden").unwrap();
        assert_eq!(found.folders, ["/a", "/b"].map(PathBuf::from));
        assert_eq!(found.folder_flags, ["-I", "-isystem"]);
        assert!(!found.native && found.others.len() == 12);
        assert!(flags("-march=native").unwrap().native && flags("-mcpu=native+crypto").unwrap().native);
    }

    #[test]
    fn those_that_read_or_write_further_files() {
        for bad in [
            "-Wa,-al=/x",
            "-Wp,-MD,/x",
            "-fplugin=x.so",
            "-specs=x",
            "@file",
            "-include /x",
            "-fprofile-use",
            "-fprofile-use=/x",
            "--coverage",
            "-ftest-coverage",
            "-save-temps",
            "-gsplit-dwarf",
            "-B/x",
            "-Irelative",
            "-I=/usr",
            "-I",
            "-D",
            "-Xclang",
            "-fsanitize-ignorelist=/x",
            "-imacros /x",
            "/a/file.o",
            "-frandom-seed=1",
            "-frecord-gcc-switches",
        ] {
            assert!(flags(bad).is_none(), "{bad}");
        }
    }
}
