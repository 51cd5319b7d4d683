//! The variables that a declaration may set for the package's compilation (`rustc-env`).
//!
//! rustc, and the linker and proc macros that it starts, get them in their environment: setting `LD_PRELOAD` or
//! `PATH` is code execution. So harmless forms are listed, names that a known program reads are forbidden, and the
//! rest is subject to the user's policy.

use super::{Refusal, names};

/// The treatment of a variable's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The name has a listed form that no tool reads.
    Harmless,
    /// The name has no listed form, and no tool is known to read it: policy decides.
    NeedsReview,
    /// A loader, compiler, linker or Cargo reads the variable.
    Forbidden(Refusal),
}

/// The harmless names: exact, with `*` for any characters at either end.
#[rustfmt::skip] // many short words: a line each is no easier to read
pub const HARMLESS: &[&str] = &[
    "TARGET", "HOST", "PROFILE", "TARGET_TRIPLE", "HOST_TRIPLE", "BUILD_TARGET", "BUILD_PROFILE",
    "OPT_LEVEL", "NUM_JOBS", "VERSION", "*_VERSION", "*_VERSION_*", "*_TARGET_*", "*_OPT_LEVEL", "*_GENERATED_*", "*_TARGET", "*_HOST",
    "*_TRIPLE", "*_PROFILE", "*_CHANNEL", "*_EDITION", "*_HASH", "*_SHA", "*_SHA256", "*_REVISION", "*_REV",
    "*_COMMIT", "*_COMMIT_HASH", "*_COMMIT_DATE", "*_BRANCH", "*_TAG", "*_DATE", "*_TIME", "*_TIMESTAMP",
    "*_YEAR", "*_FEATURES", "*_FEATURE_LIST", "*_NAME", "*_ID", "*_DESCRIBE", "*_COPYRIGHT", "*_OUT_DIR",
    "*_OUT_FILE", "*_GENERATED", "*_BITS", "*_ENABLED", "*_AVAILABLE", "BUILD_INFO", "BUILD_INFO_*",
    "VERGEN_*", "SHADOW_*", "BUILT_*",
];

/// The names that some program reads: exact, or by the prefix before `*`, or the suffix after it. They are in upper
/// case, since Windows ignores case and some programs read both spellings.
const FORBIDDEN: &[(&str, &str)] = &[
    ("LD_*", "the loader of ELF systems"),
    ("DYLD_*", "the loader of Apple systems"),
    ("LIBPATH", "the loader of AIX and MSVC"),
    ("SHLIB_PATH", "the loader of HP-UX"),
    ("GCONV_PATH", "the C library"),
    ("GLIBC_*", "the C library"),
    ("GETCONF_DIR", "the C library"),
    ("HOSTALIASES", "the C library"),
    ("LOCALDOMAIN", "the C library"),
    ("LOCPATH", "the C library"),
    ("MALLOC_*", "the C library"),
    ("NLSPATH", "the C library"),
    ("RES_OPTIONS", "the C library"),
    ("RESOLV_*", "the C library"),
    ("TZDIR", "the C library"),
    ("LC_*", "the C library"),
    ("LANG", "the C library"),
    ("LANGUAGE", "the C library"),
    ("PATH", "everything that starts a program"),
    ("PATHEXT", "everything that starts a program on Windows"),
    ("COMSPEC", "everything that starts a shell on Windows"),
    ("SYSTEMROOT", "Windows"),
    ("WINDIR", "Windows"),
    ("PROGRAMFILES*", "Windows"),
    ("PROGRAMDATA", "Windows"),
    ("APPDATA", "Windows"),
    ("LOCALAPPDATA", "Windows"),
    ("USERPROFILE", "Windows"),
    ("__COMPAT_LAYER", "Windows"),
    ("COR_*", "the .NET runtime"),
    ("CORECLR_*", "the .NET runtime"),
    ("DOTNET_*", "the .NET runtime"),
    ("COMPLUS_*", "the .NET runtime"),
    ("HOME", "most programs"),
    ("PWD", "most programs"),
    ("OLDPWD", "shells"),
    ("SHELL", "most programs"),
    ("USER", "most programs"),
    ("LOGNAME", "most programs"),
    ("TERM", "most programs"),
    ("EDITOR", "most programs"),
    ("PAGER", "most programs"),
    ("IFS", "shells"),
    ("ENV", "shells"),
    ("CDPATH", "shells"),
    ("PS4", "shells"),
    ("SHELLOPTS", "shells"),
    ("BASH*", "shells"),
    ("ZDOTDIR", "shells"),
    ("TMP", "most programs"),
    ("TEMP", "most programs"),
    ("TMPDIR", "most programs"),
    ("TEMPDIR", "most programs"),
    ("XDG_*", "most programs"),
    ("PYTHON*", "Python"),
    ("PERL*", "Perl"),
    ("RUBY*", "Ruby"),
    ("NODE_*", "Node"),
    ("JAVA_*", "Java"),
    ("_JAVA_*", "Java"),
    ("JDK_*", "Java"),
    ("CLASSPATH", "Java"),
    ("GO*", "Go"),
    ("LUA_*", "Lua"),
    ("GIT_DIR", "git"),
    ("GIT_WORK_TREE", "git"),
    ("GIT_INDEX_FILE", "git"),
    ("GIT_OBJECT_DIRECTORY", "git"),
    ("GIT_ALTERNATE_*", "git"),
    ("GIT_CONFIG*", "git"),
    ("GIT_EXEC_PATH", "git"),
    ("GIT_SSH*", "git"),
    ("GIT_ASKPASS", "git"),
    ("GIT_EDITOR", "git"),
    ("GIT_SEQUENCE_EDITOR", "git"),
    ("GIT_PAGER", "git"),
    ("GIT_PROXY_*", "git"),
    ("GIT_EXTERNAL_*", "git"),
    ("GIT_TEMPLATE_DIR", "git"),
    ("GIT_TRACE*", "git"),
    ("GIT_CEILING_*", "git"),
    ("GIT_DISCOVERY_*", "git"),
    ("GIT_COMMON_DIR", "git"),
    ("GIT_NAMESPACE", "git"),
    ("GIT_ATTR_*", "git"),
    ("GIT_SSL_*", "git"),
    ("GIT_HTTP_*", "git"),
    ("GIT_TERMINAL_*", "git"),
    ("GIT_ALLOW_*", "git"),
    ("GIT_PROTOCOL*", "git"),
    ("GIT_REDIRECT_*", "git"),
    ("SSH_*", "ssh"),
    ("*_PROXY", "network clients"),
    ("SSL_*", "TLS libraries"),
    ("OPENSSL_CONF", "TLS libraries"),
    ("OPENSSL_ENGINES", "TLS libraries"),
    ("OPENSSL_MODULES", "TLS libraries"),
    ("CURL_*", "network clients"),
    ("REQUESTS_*", "network clients"),
    ("RUST*", "rustc, rustup, the standard library and proc macros"),
    ("CARGO", "Cargo"),
    ("CARGO_*", "Cargo"),
    ("__CARGO_*", "Cargo"),
    ("CLIPPY_*", "clippy"),
    ("MIRI*", "miri"),
    ("OUT_DIR", "rustc, where Cargo sets it"),
    ("DEP_*", "build scripts"),
    ("SCCACHE_*", "compiler caches"),
    ("CCACHE_*", "compiler caches"),
    ("DISTCC_*", "compiler caches"),
    ("MAKE*", "make"),
    ("MFLAGS", "make"),
    ("GNUMAKEFLAGS", "make"),
    ("CMAKE*", "CMake"),
    ("NINJA*", "ninja"),
    ("CTEST_*", "CMake"),
    ("PKG_CONFIG*", "pkg-config"),
    ("*_PKG_CONFIG*", "pkg-config"),
    ("VCPKG*", "vcpkg"),
    ("CC", "compilers"),
    ("CC_*", "compilers"),
    ("*_CC", "compilers"),
    ("CXX", "compilers"),
    ("CXX_*", "compilers"),
    ("*_CXX", "compilers"),
    ("CPP", "compilers"),
    ("FC", "compilers"),
    ("AR", "archivers"),
    ("AR_*", "archivers"),
    ("*_AR", "archivers"),
    ("RANLIB*", "archivers"),
    ("*_RANLIB", "archivers"),
    ("AS", "assemblers"),
    ("LD", "linkers"),
    ("*_LD", "linkers"),
    ("*_LINKER", "linkers"),
    ("NM", "linkers"),
    ("STRIP", "linkers"),
    ("OBJCOPY", "linkers"),
    ("LINK", "MSVC's linker"),
    ("_LINK_", "MSVC's linker"),
    ("CL", "MSVC"),
    ("_CL_", "MSVC"),
    ("LIB", "MSVC's linker"),
    ("INCLUDE", "MSVC"),
    ("EXTERNAL_INCLUDE", "MSVC"),
    ("UCRT*", "MSVC"),
    ("VS*COMNTOOLS", "MSVC"),
    ("VSINSTALLDIR", "MSVC"),
    ("VCINSTALLDIR", "MSVC"),
    ("VCTOOLS*", "MSVC"),
    ("WINDOWSSDK*", "MSVC"),
    ("*FLAGS", "compilers and linkers"),
    ("*FLAGS_*", "compilers and linkers"),
    ("*_OPTIONS", "tools by that habit (`ASAN_OPTIONS`, `JAVA_TOOL_OPTIONS`)"),
    ("*_WRAPPER", "tools by that habit"),
    ("*_PRELOAD", "loaders by that habit"),
    ("COMPILER_PATH", "GCC"),
    ("LIBRARY_PATH", "compilers"),
    ("*_LIBRARY_PATH", "loaders by that habit"),
    ("CPATH", "compilers"),
    ("C_INCLUDE_PATH", "compilers"),
    ("CPLUS_INCLUDE_PATH", "compilers"),
    ("OBJC_INCLUDE_PATH", "compilers"),
    ("OBJCPLUS_INCLUDE_PATH", "compilers"),
    ("GCC_*", "GCC"),
    ("CCC_*", "clang"),
    ("COLLECT_*", "GCC"),
    ("DEPENDENCIES_OUTPUT", "GCC, which writes that file"),
    ("SUNPRO_DEPENDENCIES", "GCC, which writes that file"),
    ("GNUTARGET", "binutils"),
    ("LDEMULATION", "binutils"),
    ("*_PLUGIN*", "tools by that habit"),
    ("LLVM_*", "LLVM"),
    ("LLD_*", "LLVM's linker"),
    ("MOLD_*", "the linker mold"),
    ("WILD_*", "the linker wild"),
    ("ZIG_*", "zig"),
    ("AFL_*", "AFL's compilers"),
    ("GCOV_*", "programs that were compiled to count"),
    ("ICECC_*", "compiler caches"),
    ("NIX_CC*", "Nix's compilers"),
    ("NIX_BINTOOLS*", "Nix's compilers"),
    ("NIX_DYNAMIC_LINKER*", "Nix's compilers"),
    ("NIX_LD*", "Nix's compilers"),
    ("GUIX_LD_*", "Guix's linker"),
    ("CLANG_*", "clang"),
    ("LIBCLANG_*", "bindgen"),
    ("BINDGEN_*", "bindgen"),
    ("PROTOC*", "protoc"),
    ("SDKROOT", "Apple's tools"),
    ("DEVELOPER_DIR", "Apple's tools"),
    ("TOOLCHAINS", "Apple's tools"),
    ("*_DEPLOYMENT_TARGET", "Apple's tools"),
    ("ZERO_AR_DATE", "Apple's tools"),
    ("XCODE*", "Apple's tools"),
    ("EM_*", "Emscripten"),
    ("EMCC_*", "Emscripten"),
    ("EMSDK*", "Emscripten"),
    ("ANDROID_*", "Android's tools"),
    ("NDK_*", "Android's tools"),
    ("QEMU_*", "emulators"),
    ("WINE*", "emulators"),
    ("SOURCE_DATE_EPOCH", "compilers"),
    ("DISPLAY", "window systems"),
    ("WAYLAND_*", "window systems"),
    ("DBUS_*", "message buses"),
    ("INERT*", "Inert"),
];

/// Returns the forbidden forms, for the reference.
pub(crate) fn forbidden() -> impl Iterator<Item = &'static str> {
    FORBIDDEN.iter().map(|(form, _)| *form)
}

/// The variables that do not express the user's choice of a library's folder: Cargo or the system sets them, and
/// some point into the package.
#[rustfmt::skip] // many short words: a line each is no easier to read
const NOT_ON_LIBRARIES: &[&str] = &[
    "CARGO", "CARGO_*", "RUST*", "OUT_DIR", "DEP_*", "TARGET", "HOST", "PROFILE", "DEBUG", "OPT_LEVEL",
    "NUM_JOBS", "PWD", "OLDPWD", "HOME", "PATH", "TMP", "TEMP", "TMPDIR", "TEMPDIR", "USERPROFILE",
    "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "XDG_*", "LD_*", "DYLD_*", "INERT*",
    // CI services set these, and some of them lead into the tree that is built.
    "CI_*", "GITHUB_*", "GITLAB_*", "RUNNER_*", "BUILD_*", "BUILDKITE*", "TRAVIS_*", "CIRCLE_*", "APPVEYOR_*", "AGENT_*",
    "SYSTEM_*", "PIPELINE_*", "BITBUCKET_*", "DRONE_*", "JENKINS_*", "TEAMCITY_*", "CIRRUS_*",
];

/// The endings of a variable that gives a library's folder or name, by its role in `library.<name>.env`; the
/// library's own name comes before the ending. The other roles are switches, and have no such list.
#[rustfmt::skip] // many short words: a line each is no easier to read
pub const ENDINGS: &[(&str, &[&str])] = &[
    ("dir", &["_DIR", "_ROOT", "_ROOT_DIR", "_PREFIX", "_PATH", "_HOME", "_SDK", "_INSTALL_DIR", "_DIRECTORY"]),
    ("lib-dir", &[
        "_LIB_DIR", "_LIBDIR", "_LIB_DIRS", "_LIB_PATH", "_LIBRARY_DIR", "_LIBRARY_DIRS", "_LIBRARY_PATH", "_LIBS_DIR",
        "_LIBS_PATH", "_LIB",
    ]),
    ("include-dir", &[
        "_INCLUDE_DIR", "_INCLUDEDIR", "_INCLUDE_DIRS", "_INCLUDE_PATH", "_INCLUDE", "_INC_DIR", "_HEADER_DIR",
        "_HEADERS_DIR",
    ]),
    ("libs", &["_LIBS", "_LIB", "_LIB_NAME", "_LIBNAME", "_LIBRARY", "_LIBRARIES", "_LIBRARY_NAME"]),
];

/// Returns whether a variable belongs to a library: it is one of the library's names, in upper case, with or
/// without `LIB`, `_SYS` and numbers, followed by one of these endings.
#[must_use]
pub fn is_of_library(variable: &str, names: &[&str], endings: &[&str]) -> bool {
    let shout = |name: &str| -> String {
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
    };
    let variable = variable.to_ascii_uppercase();
    let number = |c: char| c.is_ascii_digit() || c == '_';
    let mut stems = Vec::new();
    for name in names {
        let whole = shout(name);
        let plain = whole.strip_prefix("LIB").unwrap_or(&whole).trim_start_matches('_').to_owned();
        stems.extend([format!("LIB{plain}"), format!("LIB_{plain}"), plain, whole]);
    }
    let cut: Vec<String> = stems.iter().map(|stem| stem.trim_end_matches(number).to_owned()).collect();
    stems.extend(cut);
    stems.retain(|stem| !stem.is_empty() && !matches!(stem.as_str(), "LIB" | "LIB_"));
    stems.iter().any(|stem| {
        let Some(rest) = variable.strip_prefix(stem.as_str()) else { return false };
        let rest = rest.strip_prefix("_SYS").unwrap_or(rest);
        let unnumbered = rest.strip_prefix('_').map_or("", |rest| rest.trim_start_matches(number));
        endings
            .iter()
            .any(|ending| rest == *ending || ending.strip_prefix('_').is_some_and(|end| end == unnumbered))
    })
}

/// Checks that a variable may give a library's folder or name (`library.<name>.env`).
///
/// # Errors
///
/// The variable is set by Cargo or the system.
pub fn library(name: &str) -> Result<(), Refusal> {
    let upper = name.to_ascii_uppercase();
    if NOT_ON_LIBRARIES.iter().any(|form| matches(form, &upper)) {
        let message = format!("`{}` is not set by users to say where a library is", name.escape_debug());
        return Err(Refusal::new(message, "name a variable of the library's own"));
    }
    Ok(())
}

/// Returns the treatment of `name` as a key of `rustc-env`.
#[must_use]
pub fn rustc_env(name: &str) -> Verdict {
    if !names::is_identifier(name) {
        return Verdict::Forbidden(Refusal::new(
            format!("`{}` cannot be a variable's name", name.escape_debug()),
            "a name has letters, digits and `_`, and begins with no digit",
        ));
    }
    let upper = name.to_ascii_uppercase();
    if let Some((_, reader)) = FORBIDDEN.iter().find(|(form, _)| matches(form, &upper)) {
        return Verdict::Forbidden(Refusal::new(
            format!("`{name}` is read by {reader}"),
            "choose a name that begins with the package's own",
        ));
    }
    if HARMLESS.iter().any(|form| matches(form, name)) { Verdict::Harmless } else { Verdict::NeedsReview }
}

/// Where a path of the system begins: an administrator alone writes there.
const OF_SYSTEM: &[&str] = &["/usr/", "/etc/", "/var/", "/opt/", "/lib/", "/run/", "/srv/", "/nix/store/"];

/// Returns whether the value of a variable leads out of the package: it is a path, or holds one in a list, that is absolute or
/// has `..`, and is of none of the system's folders. A package chooses its name, and so the beginning of its own variables; no
/// list of what tools read is complete. `own` accepts the paths that are the package's all the same.
#[must_use]
pub fn leads_elsewhere(value: &str, own: &dyn Fn(&str) -> bool) -> bool {
    let up = |path: &str| path.split(['/', '\\']).any(|part| part == "..");
    let absolute = |path: &str| {
        let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
        path.starts_with(['/', '\\', '~']) || drive && path[2..].starts_with(['/', '\\'])
    };
    let elsewhere = |path: &str| {
        let system =
            OF_SYSTEM.iter().any(|folder| path.starts_with(folder) || path == &folder[..folder.len() - 1]);
        !own(path) && (up(path) || absolute(path) && !system)
    };
    // Two slashes behind a colon are an address. A path of the package's own may have blanks.
    let divides = |c: char| ";,=\n".contains(c) || c == ' ' && !own(value);
    let listed = value.split(divides).flat_map(|part| part.split(':').filter(|path| !path.starts_with("//")));
    elsewhere(value) || listed.into_iter().any(elsewhere)
}

/// As [`rustc_env`], where `package` is the package's name: names of the form `<PACKAGE>_*` are its own.
#[must_use]
pub fn rustc_env_of(name: &str, package: &str) -> Verdict {
    let own = package.to_ascii_uppercase().replace('-', "_");
    match rustc_env(name) {
        Verdict::NeedsReview
            if !own.is_empty() && name.strip_prefix(&own).is_some_and(|rest| rest.starts_with('_')) =>
        {
            Verdict::Harmless
        }
        verdict => verdict,
    }
}

fn matches(form: &str, name: &str) -> bool {
    crate::condition::Glob(form.to_owned()).matches(name)
}

#[cfg(test)]
mod tests {
    use super::{
        ENDINGS, FORBIDDEN, HARMLESS, Verdict, is_of_library, leads_elsewhere, rustc_env, rustc_env_of,
    };

    #[test]
    fn no_form_is_on_both_lists() {
        for form in HARMLESS {
            let name = form.replace('*', "X");
            assert_eq!(rustc_env(&name), Verdict::Harmless, "{form}");
        }
        assert!(FORBIDDEN.iter().all(|(form, _)| *form == form.to_ascii_uppercase()));
    }

    #[test]
    fn variables_of_a_library() {
        let dir = |variable: &str, names: &[&str]| is_of_library(variable, names, ENDINGS[0].1);
        for (variable, name) in [
            ("OPENSSL_DIR", "openssl"),
            ("LIBSODIUM_DIR", "sodium"),
            ("SODIUM_DIR", "libsodium"),
            ("GLIB_DIR", "glib-2.0"),
            ("SQLITE3_DIR", "sqlite3"),
            ("SQLITE_DIR", "sqlite3"),
            ("LLVM_SYS_170_PREFIX", "llvm"),
            ("ZSTD_SYS_ROOT", "zstd"),
            ("Z_DIR", "z"),
        ] {
            assert!(dir(variable, &["other", name]), "{variable} {name}");
        }
        for (variable, name) in [
            ("GITHUB_WORKSPACE", "github"),
            ("TMPDIR", "tmp"),
            ("SSH_AUTH_SOCK", "ssh"),
            ("OPENSSL_DIR", "zz"),
            ("DIR", "d"),
            ("ZDIR", "z"),
            ("_DIR", "lib"),
            ("OPENSSLX_DIR", "openssl"),
            ("OPENSSL_X_DIR", "openssl"),
            ("OPENSSL", "openssl"),
        ] {
            assert!(!dir(variable, &[name]), "{variable} {name}");
        }
        assert!(is_of_library("ZLIB", &["zlib"], &[""]) && !is_of_library("ZLIB_X", &["zlib"], &[""]));
    }

    #[test]
    fn values_that_lead_out_of_the_package() {
        let leads =
            |value: &str| leads_elsewhere(value, &|path| path.starts_with("/p/") && !path.contains(".."));
        for value in [
            "/tmp/x.tar",
            "/home/u/x",
            "../x",
            "x/../../y",
            "~/x",
            "x:/tmp/y",
            "a=/t/x",
            "//t/x",
            "\\\\host\\x",
            "C:\\x",
            "x;/t/y",
            "/p/../t/x",
            "/usr/../t/x",
        ] {
            assert!(leads(value), "{value}");
        }
        for value in [
            "",
            "1.2.3",
            "feature/x",
            "https://example.org/x",
            "/usr/share/x",
            "/usr",
            "/etc/x.conf",
            "/p/src/x.rs",
            "/p/a b /x",
            "a b",
            "x...y",
            "2026-01-01T10:00:00Z",
            "application/json",
            "src/x.rs:12",
        ] {
            assert!(!leads(value), "{value}");
        }
    }

    #[test]
    fn what_tools_read_is_forbidden_in_any_case() {
        for name in [
            "PATH",
            "Path",
            "LD_PRELOAD",
            "ld_audit",
            "RUSTC_WRAPPER",
            "CFLAGS_x86_64",
            "http_proxy",
            "CARGO_PKG_VERSION",
            "LLD_REPRODUCE",
            "WILD_SAVE_DIR",
            "A=B",
            "",
            "X\nY",
        ] {
            assert!(matches!(rustc_env(name), Verdict::Forbidden(_)), "{name}");
        }
        assert_eq!(rustc_env("FOO"), Verdict::NeedsReview);
        assert_eq!(rustc_env_of("FOO_BAR", "foo"), Verdict::Harmless);
        assert_eq!(rustc_env_of("FOOBAR", "foo"), Verdict::NeedsReview);
        assert!(matches!(rustc_env_of("RUST_X", "rust"), Verdict::Forbidden(_)));
    }
}
