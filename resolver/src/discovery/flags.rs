//! Which flags of a `.pc` file (or of a variable) are heeded: a closed list, since a flag can start programs and write
//! files. What pkg-config's users pass on and rustc has no use for (`-pthread`, `-mfpmath=…`) is passed over in
//! silence, as the `pkg-config` crate does; what would become an argument of the linker must be on the list.

/// Options of the linker that change neither what is loaded nor what is written. `=` and `,` values are checked apart.
const LINKER_OPTIONS: &[&str] = &[
    "--as-needed",
    "--no-as-needed",
    "--push-state",
    "--pop-state",
    "--whole-archive",
    "--no-whole-archive",
    "--start-group",
    "--end-group",
    "--export-dynamic",
    "-export_dynamic",
    "-E",
    "--no-undefined",
    "--allow-shlib-undefined",
    "--copy-dt-needed-entries",
    "--no-copy-dt-needed-entries",
    "--enable-new-dtags",
    "--disable-new-dtags",
    "--gc-sections",
    "--no-gc-sections",
    "--large-address-aware",
    "--allow-multiple-definition",
    "--exclude-libs=ALL",
    "-O1",
    "-O2",
    "-s",
    "-S",
    "-Bstatic",
    "-Bdynamic",
    "-Bsymbolic",
    "-Bsymbolic-functions",
    "-ObjC",
    "-search_paths_first",
    "-headerpad_max_install_names",
    "-dead_strip",
    "-dead_strip_dylibs",
    "-no_warn_duplicate_libraries",
    "-bind_at_load",
];

/// Whether a value will do.
type Allowed = fn(&str) -> bool;

/// Options of the linker that take the next part as a value, and what it must be.
const WITH_VALUE: &[(&str, Allowed)] = &[
    ("-z", is_keyword),
    ("-u", is_symbol),
    ("--undefined", is_symbol),
    ("-undefined", is_symbol),
    ("-wrap", is_symbol),
    ("--wrap", is_symbol),
    ("--defsym", is_definition),
    ("-framework", is_framework),
    ("-weak_framework", is_framework),
    ("-rpath", is_folder),
    ("--rpath", is_folder),
    ("-R", is_folder),
    ("-rpath-link", is_folder),
    ("--rpath-link", is_folder),
    ("--subsystem", is_keyword),
    ("--exclude-libs", is_keyword),
    ("-needed_library", |_| false),
];

/// Why a flag is refused.
pub(super) fn check(word: &str) -> Result<(), &'static str> {
    if word.chars().any(|c| c.is_control() || c == '\u{fffd}') {
        return Err("it holds a character that is no part of any flag");
    }
    if let Some(options) = word.strip_prefix("-Wl,") {
        return linker(options);
    }
    match word.split_at_checked(2) {
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
        // These would start a program or read arguments from a file, if anyone passed them on.
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

fn linker(options: &str) -> Result<(), &'static str> {
    const REFUSED: &str = "it is not on the list of linker options that a library may ask for";
    let mut parts = options.split(',');
    while let Some(part) = parts.next() {
        if LINKER_OPTIONS.contains(&part) || part.is_empty() {
            continue;
        }
        let (name, joined) = part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value)));
        let Some((_, allowed)) = WITH_VALUE.iter().find(|(known, _)| *known == name) else {
            return Err(REFUSED);
        };
        match joined.or_else(|| parts.next()) {
            Some(value) if allowed(value) => {}
            _ => return Err(REFUSED),
        }
    }
    Ok(())
}

/// A name as after `-l`, that rustc does not take apart and a linker does not take for an option.
pub(super) fn is_library(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.chars().all(|c| c.is_alphanumeric() || "._+-".contains(c))
}

/// A C identifier, or an assembler's symbol.
pub(super) fn is_symbol(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_$.@?".contains(c))
}

/// A framework's name.
pub(super) fn is_framework(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-+".contains(c))
}

fn is_keyword(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_=.:".contains(c))
}

fn is_definition(value: &str) -> bool {
    value.split_once('=').is_some_and(|(name, value)| is_symbol(name) && is_keyword(value))
}

fn is_folder(value: &str) -> bool {
    value.starts_with(['/', '$', '@']) || value.as_bytes().get(1) == Some(&b':')
}

/// Parts of the C library and the compiler's runtime, of which there is no archive beside a library's own.
pub(super) fn is_toolchain_library(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "c", "m", "dl", "rt", "pthread", "util", "resolv", "stdc++", "c++", "gcc_s", "gcc", "atomic", "nsl",
        "crypt",
    ];
    NAMES.contains(&name)
}

/// The name under which rustc is told of a library file; none where it cannot be.
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
