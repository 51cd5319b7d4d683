//! The names of libraries that belong to the system or the toolchain. Any package may link them, but none may
//! supply them: everything linked afterwards would read a `libc.so` in a search folder in place of the system's.

/// The exact names, as after `-l`, in lower case.
#[rustfmt::skip] // many short words: a line each is no easier to read
const RESERVED: &[&str] = &[
    // The C library and the libraries that it was formerly split into.
    "c", "m", "dl", "rt", "util", "pthread", "resolv", "nsl", "crypt", "anl", "c_nonshared",
    "pthread_nonshared", "mvec", "bsd-compat", "ieee", "system", "xnet", "socket", "posix4", "thread_db",
    "log", "android", "wasi-emulated-mman", "wasi-emulated-signal", "wasi-emulated-process-clocks",
    "wasi-emulated-getpid", "musl", "ld-linux",
    // The runtimes of compilers.
    "gcc", "gcc_s", "gcc_eh", "supc++", "stdc++", "stdc++fs", "stdc++exp", "c++", "c++abi",
    "c++experimental", "unwind", "compiler_rt", "compiler-rt", "atomic", "gomp", "omp", "ssp",
    "ssp_nonshared", "quadmath", "gfortran", "asan", "ubsan", "tsan", "lsan", "hwasan", "msan", "itm",
    "lto_plugin", "backtrace", "objc", "execinfo", "clang_rt", "builtins",
    // System libraries of Windows.
    "kernel32", "ntdll", "user32", "gdi32", "advapi32", "shell32", "ole32", "oleaut32", "ws2_32", "userenv",
    "bcrypt", "bcryptprimitives", "crypt32", "secur32", "ncrypt", "msvcrt", "msvcrtd", "ucrt", "ucrtd",
    "libucrt", "vcruntime", "vcruntimed", "libvcruntime", "libcmt", "libcmtd", "msvcprt", "libcpmt",
    "oldnames", "uuid", "synchronization", "iphlpapi", "dbghelp", "psapi", "shlwapi", "comdlg32",
    "comctl32", "winmm", "winspool", "version", "setupapi", "cfgmgr32", "propsys", "rpcrt4", "mswsock",
    "netapi32", "powrprof", "pdh", "credui", "mingw32", "mingwex", "mingwthrd", "moldname", "windowsapp",
    "onecore", "legacy_stdio_definitions", "api-ms-win-core-synch-l1-2-0", "chkstk",
    // Libraries of rustc itself.
    "std", "proc_macro", "rustc_driver", "compiler_builtins", "rustc_std_workspace_core",
    "profiler_builtins", "rsbegin", "rsend",
];

/// The beginnings of reserved names whose ends rustc and compilers vary.
const RESERVED_PREFIXES: &[&str] = &[
    "std-",
    "proc_macro-",
    "rustc-",
    "rustc_",
    "clang_rt.",
    "api-ms-win-",
    "ext-ms-win-",
    "ld-linux",
    "ld-musl",
    "vcruntime1",
    "msvcp1",
];

/// The files that a linker finds by their whole name: start files, and `-l:name`.
#[rustfmt::skip] // many short words: a line each is no easier to read
const RESERVED_FILES: &[&str] = &[
    "crt0.o", "crt1.o", "scrt1.o", "rcrt1.o", "gcrt1.o", "crti.o", "crtn.o", "crtbegin.o", "crtbegins.o",
    "crtbegint.o", "crtend.o", "crtends.o", "crt2.o", "dllcrt2.o", "rsbegin.o", "rsend.o",
];

/// The endings of files that a linker takes for libraries or objects, longer before shorter.
const ENDINGS: &[&str] =
    &[".dll.a", ".dll.lib", ".a", ".lib", ".so", ".dylib", ".tbd", ".dll", ".o", ".obj", ".sl", ".res"];

/// The endings of files that a search folder may hold: archives, objects and import libraries. Shared libraries are
/// excluded since they would be loaded at run time, `.so` and `.tbd` also since they may be text.
pub const SEARCH_ENDINGS: &[&str] = &[".a", ".lib", ".o", ".obj"];

/// Returns the reserved names, for the reference; `*` matches any characters.
pub(crate) fn reserved() -> impl Iterator<Item = &'static str> {
    RESERVED.iter().chain(RESERVED_FILES).copied()
}

/// The endings of files that rustc takes for crates, since it searches `-L` folders for crates too.
const CRATE_ENDINGS: &[&str] = &[".rlib", ".rmeta"];

/// Returns whether rustc would take a file for a compiled crate.
#[must_use]
pub fn is_crate(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    CRATE_ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// Returns whether packages are forbidden to supply a library of this name (as after `-l`).
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    RESERVED.contains(&name.as_str())
        || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || RESERVED_FILES.iter().any(|file| file.strip_suffix(".o") == Some(&name))
}

/// Returns the name (as after `-l`) under which a linker would find a file, if any: `z` for `lib/libz.so.1`.
#[must_use]
pub fn of_file(path: &str) -> Option<&str> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let lower = file.to_ascii_lowercase();
    let stem = match ENDINGS.iter().find(|ending| lower.ends_with(**ending)) {
        Some(ending) => &file[..file.len() - ending.len()],
        // The file is versioned, such as `libz.so.1.2.3`.
        None => &file[..lower.find(".so.")?],
    };
    let unprefixed = stem.get(..3).filter(|prefix| prefix.eq_ignore_ascii_case("lib")).map(|_| &stem[3..]);
    Some(match unprefixed {
        // The name of `libcmt.lib` is `libcmt`, that of `libz.a` is `z`.
        Some(rest) if !is_reserved(stem) => rest,
        _ => stem,
    })
}

#[cfg(test)]
mod tests {
    use super::{is_reserved, of_file};

    #[test]
    fn finds_the_name_a_linker_would() {
        for (file, name) in [
            ("libz.a", Some("z")),
            ("lib/x/libz.so.1.2", Some("z")),
            ("z.lib", Some("z")),
            ("windows.0.52.0.lib", Some("windows.0.52.0")),
            ("libwindows.0.52.0.a", Some("windows.0.52.0")),
            ("libc.so", Some("c")),
            ("LIBC.SO", Some("C")),
            ("libcmt.lib", Some("libcmt")),
            ("crt1.o", Some("crt1")),
            ("libfoo.dll.a", Some("foo")),
            ("private.rs", None),
            ("a.so", Some("a")),
        ] {
            assert_eq!(of_file(file), name, "{file}");
        }
        assert!(is_reserved("C") && is_reserved("std-1234") && is_reserved("crt1") && !is_reserved("z"));
    }
}
