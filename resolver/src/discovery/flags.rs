//! The flags of a `.pc` file (or of a variable) that have an effect: a closed list, since a flag can start programs
//! and write files. Flags that rustc has no use for (`-pthread`, `-mfpmath=…`) are ignored without a message, as
//! the `pkg-config` crate does; arguments for the linker must be on the schema's list.

use inert_manifest_spec::rules::flags as rules;

/// Returns the reason why a flag is refused, as an error.
pub(super) fn check(word: &str) -> Result<(), &'static str> {
    if word.chars().any(|c| c.is_control() || c == '\u{fffd}') {
        return Err("it holds a character that is no part of any flag");
    }
    if word.starts_with("-Wl,") {
        let refused = "it is not on the list of linker options that a library may ask for";
        return rules::library_argument(word).map_err(|_| refused);
    }
    match word.split_at_checked(2) {
        // The folder would be relative to where the linker runs, which is the tree that is built.
        Some(("-L" | "-F", folder)) if !folder.is_empty() && !is_absolute(folder) => {
            Err("it names a folder by a relative path")
        }
        Some(("-l", name)) if !name.is_empty() => {
            if is_library(name.strip_prefix(':').unwrap_or(name)) {
                Ok(())
            } else {
                Err("it is no library's name")
            }
        }
        Some(("-D", define)) if !define.is_empty() => {
            if is_symbol(define.split('=').next().unwrap_or_default()) {
                Ok(())
            } else {
                Err("it defines no identifier")
            }
        }
        Some(("-u", symbol)) if !symbol.is_empty() && !is_symbol(symbol) => Err("it names no symbol"),
        // These would start a program or read arguments from a file, if they were passed on.
        _ if word.starts_with('@') => Err("it reads arguments from a file"),
        _ if ["-fplugin", "-wrapper", "-specs", "--specs", "-B", "-Xlinker", "-Xclang", "-fuse-ld", "-T"]
            .iter()
            .any(|flag| word.starts_with(flag)) =>
        {
            Err("it makes a compiler or linker load something else")
        }
        _ => Ok(()),
    }
}

/// Returns whether a path is absolute, on whichever system the files are.
pub(super) fn is_absolute(path: &str) -> bool {
    let drive = matches!(path.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    drive || path.starts_with(['/', '\\'])
}

/// Returns whether a text is a name as after `-l`: rustc does not split it, and a linker does not take it for an
/// option.
pub(super) fn is_library(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.chars().all(|c| c.is_alphanumeric() || "._+-".contains(c))
}

/// Returns whether a text is a C identifier, or an assembler's symbol.
pub(super) fn is_symbol(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_$.@?".contains(c))
}

/// Returns whether a text may be the name of a framework.
pub(super) fn is_framework(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-+".contains(c))
}

/// Returns whether a library is part of the C library or the compiler's runtime, which have no archive beside a
/// library's own.
pub(super) fn is_toolchain_library(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "c", "m", "dl", "rt", "pthread", "util", "resolv", "stdc++", "c++", "gcc_s", "gcc", "atomic", "nsl",
        "crypt",
    ];
    NAMES.contains(&name)
}

/// Returns the name that tells rustc to link a library file, if there is one.
pub(super) fn library_of_file<'a>(target: &str, file: &'a str) -> Option<&'a str> {
    let endings: &[&str] = if target.contains("windows") {
        &[".dll.a", ".dll", ".lib", ".a"]
    } else if target.contains("apple") {
        &[".a", ".so", ".dylib"]
    } else {
        &[".a", ".so"]
    };
    let stem = if target.contains("windows") {
        // Only GNU's linker puts `lib` before a name.
        if target.contains("gnu") { file.strip_prefix("lib").unwrap_or(file) } else { file }
    } else {
        file.strip_prefix("lib")?
    };
    endings.iter().find_map(|ending| stem.strip_suffix(ending)).filter(|name| is_library(name))
}

/// Returns whether rustc can link a file by its whole name (`+verbatim`): an archive, or a shared library with or
/// without a version at its end.
pub(super) fn is_library_file(file: &str) -> bool {
    let endings = [".a", ".so", ".dylib", ".tbd", ".lib"];
    let versioned = || {
        file.split_once(".so.").is_some_and(|(_, version)| {
            version.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
        })
    };
    is_library(file) && (endings.iter().any(|ending| file.ends_with(ending)) || versioned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_flags_are_refused() {
        for flag in [
            "@/tmp/args",
            "-fplugin=/tmp/x.so",
            "-wrapper",
            "-specs=/tmp/x",
            "-Wl,-plugin,/tmp/x.so",
            "-Wl,-T,/tmp/script",
            "-Wl,-T/tmp/script",
            "-Wl,@/tmp/args",
            "-Wl,--dynamic-linker=/tmp/ld",
            "-Wl,-Map=/etc/x",
            "-Wl,-o,/etc/x",
            "-Wl,-rpath",
            "-lstatic=foo:bar",
            "-l-plugin",
            "-l../x",
            "-DA B",
            "-lfoo\nx",
            "-l\u{fffd}",
            "-L.",
            "-Llib",
            "-L../x",
            "-Fframeworks",
        ] {
            assert!(check(flag).is_err(), "{flag:?}");
        }
    }

    #[test]
    fn usual_flags_pass() {
        for flag in [
            "-lz",
            "-lstdc++",
            "-l:libq.a",
            "-L/usr/lib",
            "-LC:/msys64/lib",
            "-L\\\\server\\share",
            "-pthread",
            "-DX=\"1 2\"",
            "-Wl,--export-dynamic",
            "-Wl,-z,nodelete",
            "-Wl,-rpath,/opt/x/lib",
            "-Wl,-framework,Cocoa",
            "-mfpmath=sse",
        ] {
            assert_eq!(check(flag), Ok(()), "{flag:?}");
        }
    }
}
