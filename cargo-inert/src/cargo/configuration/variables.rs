//! Judges `[env]` of the tree's configuration by a closed list of names, each with the forms that its value may have.
//!
//! Cargo sets these variables for rustc, for the linkers and wrappers that rustc starts, for scripts and for programs
//! that it runs. A name that is on no list is refused, since some program may read it: the loader, a linker that is a
//! shell script, a compiler cache. Variables that declarations may set ([`inert_manifest_spec::rules::env`]) are
//! allowed as well.

use inert_manifest_spec::condition::Glob;
use inert_manifest_spec::rules::env::{Verdict, rustc_env};
use inert_manifest_spec::rules::flags::compiler_flag;

use super::flags::is_word;
use super::places::Places;
use super::programs::{ARCHIVERS, COMPILERS, Named, Programs};

/// The form of a value.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// Any text: only programs of the tree itself read the variable.
    Text,
    /// An empty value, a number, or a boolean such as `yes`.
    Switch,
    Number,
    Version,
    /// A number of bytes, with a unit: `10G`.
    Size,
    /// Letters, digits and `+ - _ . , : = ~`.
    Word,
    /// A folder or file of the tree, with `relative = true`.
    OfTheTree,
    /// A folder of the system.
    OfTheSystem,
    /// A compiler by its bare name.
    Compiler,
    /// An archiver by its bare name.
    Archiver,
    /// Flags that a declaration may give to a C compiler.
    CompilerFlags,
    /// The address of a database server, or a database file of the tree.
    Database,
}

/// The allowed forms by name, `*` for any characters. The first row that matches counts.
const NAMES: &[(&str, &[Form])] = &[
    // Variables that the built programs and tests read, or the standard library in them.
    ("RUST_LOG", &[Form::Text]),
    ("RUST_BACKTRACE", &[Form::Word]),
    ("RUST_LIB_BACKTRACE", &[Form::Word]),
    ("RUST_TEST_THREADS", &[Form::Number]),
    ("RUST_TEST_NOCAPTURE", &[Form::Switch]),
    ("RUST_TEST_TIME_UNIT", &[Form::Word]),
    ("RUST_TEST_TIME_INTEGRATION", &[Form::Word]),
    ("RUST_MIN_STACK", &[Form::Number]),
    ("DEFMT_LOG", &[Form::Text]),
    ("ESP_LOG", &[Form::Text]),
    ("INSTA_*", &[Form::Word]),
    ("PROPTEST_CASES", &[Form::Number]),
    ("PROPTEST_MAX_SHRINK_ITERS", &[Form::Number]),
    ("QUICKCHECK_TESTS", &[Form::Number]),
    ("NEXTEST_*", &[Form::Word]),
    ("TRYBUILD", &[Form::Word]),
    ("SNAPSHOTS", &[Form::Word]),
    ("UPDATE_EXPECT", &[Form::Switch]),
    // The root of the workspace, for which Cargo sets no variable.
    ("CARGO_WORKSPACE_DIR", &[Form::OfTheTree]),
    ("CARGO_WORKSPACE_ROOT", &[Form::OfTheTree]),
    ("CARGO_RUSTC_CURRENT_DIR", &[Form::OfTheTree]),
    ("WORKSPACE_DIR", &[Form::OfTheTree]),
    ("WORKSPACE_ROOT", &[Form::OfTheTree]),
    ("PROJECT_DIR", &[Form::OfTheTree]),
    ("PROJECT_ROOT", &[Form::OfTheTree]),
    ("REPO_ROOT", &[Form::OfTheTree]),
    ("*_WORKSPACE_DIR", &[Form::OfTheTree]),
    ("*_WORKSPACE_ROOT", &[Form::OfTheTree]),
    ("*_PROJECT_ROOT", &[Form::OfTheTree]),
    ("*_REPO_ROOT", &[Form::OfTheTree]),
    ("BEVY_ASSET_ROOT", &[Form::OfTheTree]),
    ("TS_RS_EXPORT_DIR", &[Form::OfTheTree]),
    ("__TAURI_WORKSPACE__", &[Form::Switch]),
    ("IS_IN_*", &[Form::Switch]),
    // Variables that macros read.
    ("SQLX_OFFLINE", &[Form::Switch]),
    ("SQLX_OFFLINE_DIR", &[Form::OfTheTree]),
    ("DATABASE_URL", &[Form::Database]),
    // Variables that scripts read to build native code.
    ("CC", &[Form::Compiler]),
    ("CC_*", &[Form::Compiler]),
    ("*_CC", &[Form::Compiler]),
    ("CXX", &[Form::Compiler]),
    ("CXX_*", &[Form::Compiler]),
    ("*_CXX", &[Form::Compiler]),
    ("AR", &[Form::Archiver]),
    ("AR_*", &[Form::Archiver]),
    ("*_AR", &[Form::Archiver]),
    ("CFLAGS", &[Form::CompilerFlags]),
    ("CFLAGS_*", &[Form::CompilerFlags]),
    ("*_CFLAGS", &[Form::CompilerFlags]),
    ("CXXFLAGS", &[Form::CompilerFlags]),
    ("CXXFLAGS_*", &[Form::CompilerFlags]),
    ("*_CXXFLAGS", &[Form::CompilerFlags]),
    ("CXXSTDLIB", &[Form::Word]),
    ("CXXSTDLIB_*", &[Form::Word]),
    ("MACOSX_DEPLOYMENT_TARGET", &[Form::Version]),
    ("IPHONEOS_DEPLOYMENT_TARGET", &[Form::Version]),
    ("PKG_CONFIG_ALLOW_CROSS", &[Form::Switch]),
    ("PKG_CONFIG_ALL_STATIC", &[Form::Switch]),
    ("PKG_CONFIG_ALL_DYNAMIC", &[Form::Switch]),
    ("PKG_CONFIG_SYSROOT_DIR", &[Form::OfTheSystem]),
    ("JEMALLOC_SYS_WITH_*", &[Form::Word]),
    ("JEMALLOC_OVERRIDE", &[Form::OfTheSystem]),
    ("AWS_LC_SYS_*", &[Form::Switch, Form::Word]),
    ("AWS_LC_FIPS_SYS_*", &[Form::Switch, Form::Word]),
    // How much a compiler cache keeps.
    ("SCCACHE_CACHE_SIZE", &[Form::Size]),
    ("CCACHE_MAXSIZE", &[Form::Size]),
    ("LIBSQLITE3_FLAGS", &[Form::CompilerFlags]),
    ("LIBCLANG_PATH", &[Form::OfTheSystem]),
    ("LLVM_SYS_*_PREFIX", &[Form::OfTheSystem]),
    ("VCPKGRS_DYNAMIC", &[Form::Switch]),
    ("VCPKGRS_TRIPLET", &[Form::Word]),
    ("SYSTEM_DEPS_*", &[Form::Word]),
    ("OPENSSL_STATIC", &[Form::Switch]),
    ("OPENSSL_NO_VENDOR", &[Form::Switch]),
    ("*_OPENSSL_STATIC", &[Form::Switch]),
    ("*_OPENSSL_NO_VENDOR", &[Form::Switch]),
    ("*_OPENSSL_DIR", &[Form::OfTheSystem]),
    ("*_STATIC", &[Form::Switch]),
    ("*_DYNAMIC", &[Form::Switch]),
    ("*_NO_VENDOR", &[Form::Switch]),
    ("*_USE_PKG_CONFIG", &[Form::Switch]),
    // Variables of embedded toolchains.
    ("MCU", &[Form::Word]),
    ("ESP_IDF_VERSION", &[Form::Word]),
    ("ESP_IDF_TOOLS_INSTALL_DIR", &[Form::Word]),
    ("ESP_IDF_SDKCONFIG_DEFAULTS", &[Form::OfTheTree]),
    ("ESP_IDF_PATH_ISSUES", &[Form::Word]),
    ("WASM_BINDGEN_*", &[Form::Word]),
    ("WASM_INTERFACE_TYPES", &[Form::Switch]),
    // System folders that contain a library.
    ("*_DIR", &[Form::OfTheSystem]),
    ("*_ROOT", &[Form::OfTheSystem]),
    ("*_PREFIX", &[Form::OfTheSystem]),
];

/// The rows, for the reference.
pub(super) fn rows() -> impl Iterator<Item = (&'static str, String)> {
    NAMES.iter().map(|(name, forms)| {
        (*name, forms.iter().map(|form| form.describe()).collect::<Vec<_>>().join(" or "))
    })
}

/// Returns whether a tool reads the variable although its name matches a row above. The rules for declarations take
/// precedence over a row that begins with `*`.
fn is_read_by_a_tool(name: &str) -> bool {
    matches!(rustc_env(name), Verdict::Forbidden(_))
}

/// A variable of `[env]`.
#[derive(Debug, Clone, Copy)]
pub struct Variable<'a> {
    /// The name as it is written.
    pub name: &'a str,
    /// The value as it is written.
    pub value: &'a str,
    /// True if the configuration says `relative = true`.
    pub relative: bool,
}

/// Returns why a variable is refused, as the end of a sentence about its name; `None` if it is allowed.
#[must_use]
pub fn objection(
    variable: &Variable<'_>,
    places: &Places,
    programs: &Programs<'_>,
    base: &std::path::Path,
) -> Option<String> {
    let Variable { name, value, relative } = *variable;
    // A process gets `NAME=value` in one text, so a name with `=` would set another variable.
    if !is_name(name) {
        return Some(
            "is no variable's name: that has letters, digits, `_`, `-` and `.`, and begins with no digit"
                .to_owned(),
        );
    }
    // Windows ignores case in names. The rows are in capitals, except for a target's name as in
    // `CC_x86_64_unknown_linux_gnu`.
    let fits = |form: &str| Glob(form.to_owned()).matches(name);
    let row =
        NAMES.iter().find(|(form, _)| fits(form) && !(form.starts_with('*') && is_foreign_kind(form, name)));
    if let Some((_, forms)) = row {
        if forms.iter().any(|form| form.accepts(value, relative, places, programs, base)) {
            return None;
        }
        let forms: Vec<&str> = forms.iter().map(|form| form.describe()).collect();
        return Some(format!("has the value `{value}`; this variable may be {}", forms.join(" or ")));
    }
    match rustc_env(name) {
        Verdict::Harmless
            if Form::Text.accepts(value, relative, places, programs, base)
                && !value.contains(['/', '\\']) =>
        {
            None
        }
        Verdict::Harmless => Some("has a value with a path, which this variable may not have".to_owned()),
        Verdict::Forbidden(refusal) => {
            // The message begins with the name: "`PATH` is read by …".
            Some(refusal.message.trim_start_matches(&format!("`{name}` ")).to_owned())
        }
        Verdict::NeedsReview => Some(
            "is on no list of variables that the compiler, linkers and wrappers are known not to obey"
                .to_owned(),
        ),
    }
}

/// Returns whether a text can be the name of a variable and of nothing else; a target in it may have `-` and `.`, as in
/// `CC_x86_64-unknown-linux-gnu`.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

/// Returns whether a row that begins with `*` does not apply to a name, since a tool reads the variable in another
/// sense.
fn is_foreign_kind(form: &str, name: &str) -> bool {
    let of_native_code = ["*_CC", "*_CXX", "*_AR", "*_CFLAGS", "*_CXXFLAGS"].contains(&form);
    !of_native_code && is_read_by_a_tool(name)
}

impl Form {
    fn accepts(
        self,
        value: &str,
        relative: bool,
        places: &Places,
        programs: &Programs<'_>,
        base: &std::path::Path,
    ) -> bool {
        if value.contains(|c: char| c.is_control()) {
            return false;
        }
        if relative && !matches!(self, Self::OfTheTree) {
            return false;
        }
        match self {
            Self::Text => true,
            Self::Switch => {
                value.is_empty()
                    || value.bytes().all(|byte| byte.is_ascii_digit())
                    || ["true", "false", "yes", "no", "on", "off"].contains(&value)
            }
            Self::Number => !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()),
            Self::Version => {
                value.starts_with(|c: char| c.is_ascii_digit())
                    && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            }
            Self::Size => {
                let unit = value.trim_start_matches(|c: char| c.is_ascii_digit());
                unit.len() < value.len() && ["", "K", "M", "G", "T", "KB", "MB", "GB", "TB"].contains(&unit)
            }
            Self::Word => value.is_empty() || is_word(value),
            // Cargo makes a relative path absolute; without `relative` each program would resolve it from its own
            // working folder.
            Self::OfTheTree => {
                relative
                    && (value.is_empty() || places.is_of_the_tree(value))
                    && places.in_tree(&base.join(value))
            }
            Self::OfTheSystem => places.is_of_the_system(value),
            Self::Compiler => programs.named(value, &Named::Any(COMPILERS)).is_ok(),
            Self::Archiver => programs.named(value, &Named::Any(ARCHIVERS)).is_ok(),
            Self::CompilerFlags => {
                value.split_whitespace().all(|flag| compiler_flag(flag).is_ok() || is_define(flag))
            }
            Self::Database => {
                let plain = |rest: &str| rest.chars().all(|c| c.is_ascii_graphic()) && !rest.contains("..");
                ["postgres://", "postgresql://", "mysql://", "mariadb://"]
                    .iter()
                    .any(|scheme| value.starts_with(scheme))
                    && plain(value)
                    || value.strip_prefix("sqlite:").is_some_and(|rest| {
                        let path = rest.strip_prefix("//").unwrap_or(rest);
                        plain(path) && places.is_of_the_tree(path) && !path.contains(['?', '%', ':'])
                    })
            }
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Text => "any text",
            Self::Switch => "a number, `true` or `false`",
            Self::Number => "a number",
            Self::Version => "a version",
            Self::Size => "a number of bytes, with a unit",
            Self::Word => "a word without a path",
            Self::OfTheTree => "a folder of the tree with `relative = true`",
            Self::OfTheSystem => "a folder of the system's",
            Self::Compiler => "the bare name of a compiler, found outside of the tree",
            Self::Archiver => "the bare name of an archiver, found outside of the tree",
            Self::CompilerFlags => "flags that a declaration may give a compiler",
            Self::Database => "the address of a database server, or `sqlite:` and a file of the tree",
        }
    }
}

/// Returns whether a flag is `-DNAME` or `-DNAME=value` with a plain value.
fn is_define(flag: &str) -> bool {
    flag.strip_prefix("-D").is_some_and(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;
    use std::path::Path;

    fn refused(name: &str, value: &str, relative: bool) -> Option<String> {
        let mut environment = Environment::default();
        environment.variables.insert("PATH".into(), "/usr/bin".into());
        let places = Places { tree: vec!["/t".into()], ..Places::default() };
        let programs = Programs { environment: &environment, places: &places };
        objection(&Variable { name, value, relative }, &places, &programs, Path::new("/t"))
    }

    #[test]
    fn as_in_real_repositories() {
        for (name, value, relative) in [
            ("CARGO_WORKSPACE_DIR", "", true),
            ("WORKSPACE_DIR", "", true),
            ("JEMALLOC_SYS_WITH_MALLOC_CONF", "abort_conf:true,narenas:16", false),
            ("JEMALLOC_SYS_WITH_LG_PAGE", "16", false),
            ("AWS_LC_SYS_NO_JITTER_ENTROPY", "1", false),
            ("AWS_LC_SYS_CFLAGS", "-DMY_ASSEMBLER_IS_TOO_OLD_FOR_512AVX", false),
            ("POLKADOT_NODE_VERSION", "1.1.0", false),
            ("CC_x86_64_unknown_linux_gnu", "clang", false),
            ("CC_thumbv8m.main-none-eabi", "clang", false),
            ("CFLAGS_x86_64_unknown_linux_gnu", "-march=x86-64-v3", false),
            ("CXXFLAGS_x86_64_unknown_linux_gnu", "-march=x86-64-v3 -mpclmul", false),
            ("CXX", "clang++", false),
            ("AR_i686_unknown_linux_gnu", "i686-linux-gnu-ar", false),
            ("MACOSX_DEPLOYMENT_TARGET", "10.10", false),
            ("SLANG_DIR", "/opt/slang", false),
            ("__TAURI_WORKSPACE__", "true", false),
            ("IS_IN_RERUN_WORKSPACE", "yes", false),
            ("X86_64_UNKNOWN_LINUX_MUSL_OPENSSL_NO_VENDOR", "1", false),
            ("DATABASE_URL", "postgres://u:p@localhost/x", false),
            ("RUST_LOG", "info,x=debug", false),
            ("RUST_BACKTRACE", "1", false),
            ("DEFMT_LOG", "trace", false),
            ("SCCACHE_CACHE_SIZE", "10G", false),
            ("LIBSTDBUF_DIR", "/usr/local/libexec/coreutils", false),
        ] {
            assert_eq!(refused(name, value, relative), None, "{name}");
        }
    }

    #[test]
    fn what_tools_obey() {
        for (name, value, relative) in [
            ("LLD_REPRODUCE", "/x.tar", false),
            ("WILD_SAVE_DIR", "/usr/share/x", false),
            ("SCCACHE_CACHE_SIZE", "10G/x", false),
            ("SCCACHE_CONF", "1", false),
            ("LLVM_PROFILE_FILE", "/x", false),
            ("CLIPPY_ARGS", "-Clinker=x__CLIPPY_HACKERY__", false),
            ("RUSTC_BOOTSTRAP", "1", false),
            ("BASH_ENV", "evil.sh", true),
            ("ENV", "1", false),
            ("PYTHONPATH", "x", true),
            ("LD_PRELOAD", "x.so", true),
            ("INERT_SESSION", "1", false),
            ("RUSTC_LOG_COLOR", "always", false),
            ("CC", "./cc", false),
            ("CC", "/t/cc", false),
            ("CC", "cc -B.", false),
            ("CFLAGS", "-B. -O2", false),
            ("CFLAGS", "-fplugin=x", false),
            ("CARGO_WORKSPACE_DIR", "/home/u", false),
            ("CARGO_WORKSPACE_DIR", "../..", true),
            ("LIBCLANG_PATH", "lib", true),
            ("SLANG_DIR", "slang", true),
            ("JAVA_ROOT", "/opt/x", false),
            ("GCC_EXEC_PREFIX", "/opt/x/", false),
            ("MYTOOL_CONFIG", "x", false),
            ("DATABASE_URL", "sqlite:///etc/x?mode=rwc", false),
            ("RUST_MIN_STACK", "x", false),
            ("COMPILER_PATH=/t/tools:X_CC", "gcc", false),
            ("CC_x=/t/evil", "gcc", false),
            ("INSTA_X\nPATH", "a", false),
            ("", "1", false),
        ] {
            assert!(refused(name, value, relative).is_some(), "{name}");
        }
    }
}
