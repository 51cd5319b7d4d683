//! The names that a condition may contain.
//!
//! A misspelt name must be an error rather than a fact that never holds, so cfgs that are not rustc's own are asked
//! for by `custom_cfg`. To add a fact, add a row here, a variant of [`super::Fact`], an arm in `parse.rs` and one
//! in `display.rs`; the compiler reports the rest.

/// Bare options of the target that rustc itself sets.
#[rustfmt::skip] // many short words: a line each is no easier to read
pub const TARGET_OPTIONS: &[&str] = &[
    "debug_assertions", "miri", "overflow_checks", "proc_macro", "target_feature", "target_has_atomic",
    "target_has_atomic_load_store", "target_has_reliable_f128", "target_has_reliable_f128_math",
    "target_has_reliable_f16", "target_has_reliable_f16_math", "target_thread_local", "ub_checks", "unix",
    "windows",
];

/// Keys of the target that rustc itself sets.
#[rustfmt::skip] // many short words: a line each is no easier to read
pub const TARGET_KEYS: &[&str] = &[
    "fmt_debug", "panic", "relocation_model", "sanitize", "target_abi", "target_arch", "target_endian",
    "target_env", "target_family", "target_feature", "target_has_atomic",
    "target_has_atomic_equal_alignment", "target_has_atomic_load_store",
    "target_has_atomic_primitive_alignment", "target_object_format", "target_os", "target_pointer_width",
    "target_vendor",
];

/// The values of keys that rustc 1.95 knows, for "did you mean"; a value that is not listed may be a newer one.
pub const KNOWN_VALUES: &[(&str, &[&str])] = &[
    (
        "target_os",
        &[
            "aix",
            "amdhsa",
            "android",
            "cuda",
            "cygwin",
            "dragonfly",
            "emscripten",
            "espidf",
            "freebsd",
            "fuchsia",
            "haiku",
            "helenos",
            "hermit",
            "horizon",
            "hurd",
            "illumos",
            "ios",
            "l4re",
            "linux",
            "lynxos178",
            "macos",
            "managarm",
            "motor",
            "netbsd",
            "none",
            "nto",
            "nuttx",
            "openbsd",
            "psp",
            "psx",
            "qurt",
            "redox",
            "rtems",
            "solaris",
            "solid_asp3",
            "teeos",
            "trusty",
            "tvos",
            "uefi",
            "unknown",
            "vexos",
            "visionos",
            "vita",
            "vxworks",
            "wasi",
            "watchos",
            "windows",
            "xous",
            "zkvm",
        ],
    ),
    (
        "target_arch",
        &[
            "aarch64",
            "amdgpu",
            "arm",
            "arm64ec",
            "avr",
            "bpf",
            "csky",
            "hexagon",
            "loongarch32",
            "loongarch64",
            "m68k",
            "mips",
            "mips32r6",
            "mips64",
            "mips64r6",
            "msp430",
            "nvptx64",
            "powerpc",
            "powerpc64",
            "riscv32",
            "riscv64",
            "s390x",
            "sparc",
            "sparc64",
            "wasm32",
            "wasm64",
            "x86",
            "x86_64",
            "xtensa",
            "asmjs",
            "nvptx",
        ],
    ),
    (
        "target_env",
        &[
            "",
            "gnu",
            "macabi",
            "mlibc",
            "msvc",
            "musl",
            "newlib",
            "nto70",
            "nto71",
            "nto71_iosock",
            "nto80",
            "ohos",
            "p1",
            "p2",
            "p3",
            "relibc",
            "sgx",
            "sim",
            "uclibc",
            "v5",
        ],
    ),
    ("target_family", &["unix", "wasm", "windows"]),
    ("target_endian", &["big", "little"]),
    ("target_pointer_width", &["16", "32", "64"]),
    ("panic", &["abort", "immediate-abort", "unwind"]),
    ("target_has_atomic", &["8", "16", "32", "64", "128", "ptr"]),
];

/// The cfgs that the compiler sets for single compilations, invisible to build scripts: one run of a script serves
/// all compilations.
pub const PER_COMPILATION: &[&str] = &["clippy", "doc", "doctest", "rustfmt", "test"];

/// Inert's own facts without a value, each with its meaning.
pub const BARE_FACTS: &[(&str, &str)] = &[
    ("cross", "host and target triples differ"),
    ("debug", "Cargo's `DEBUG` is `true`"),
    ("true", "always"),
    ("false", "never"),
];

/// Inert's own facts with a value, each with an example of the value and its meaning.
pub const VALUED_FACTS: &[(&str, &str, &str)] = &[
    ("feature", "std", "a feature of the package, as its manifest spells it"),
    ("rustc", ">=1.81", "the compiler's version; the operator must be written"),
    ("rustc_commit_date", ">=2024-01-31", "the date of the compiler's commit"),
    ("llvm", ">=15", "the compiler's LLVM version"),
    ("channel", "nightly", "`stable`, `beta`, `nightly` or `dev`"),
    ("target", "*-emscripten", "the target triple; `*` stands for any characters"),
    ("host", "x86_64-*", "the host triple; `*` stands for any characters"),
    ("profile", "release", "Cargo's `PROFILE`, `debug` or `release`"),
    ("opt_level", "3", "Cargo's `OPT_LEVEL`: `0`, `1`, `2`, `3`, `s` or `z`"),
    ("env", "NAME=value", "a variable of the caller's environment is set, or set to exactly that"),
    ("path_exists", "src/extra.rs", "a file or folder of the package"),
    ("program", "emcc", "a program of this name is on the caller's PATH; it is looked for, never started"),
    (
        "rustc_flag",
        "target-feature=",
        "one of the flags that Cargo gives rustc (`CARGO_ENCODED_RUSTFLAGS`) holds this text",
    ),
    ("probe", "name >= 3", "a probe succeeded, or how its value compares"),
    ("found", "zlib >= 1.2.11", "a library was found on the system, or how its version compares"),
    (
        "version_known",
        "zlib",
        "a library was found on the system, and its version is told; a comparison with one that is not neither holds nor fails",
    ),
    (
        "dep",
        "openssl.version_number >= 0x30000000",
        "metadata of a dependency is set, or how it compares; `\"links.key =\"` is empty",
    ),
    ("custom_cfg", "name=value", "a cfg that the user set by RUSTFLAGS"),
];

/// The operators that combine conditions.
pub const OPERATORS: &[&str] = &["all", "any", "not"];

/// Returns every name that may begin a condition, for "did you mean".
pub fn all() -> impl Iterator<Item = &'static str> {
    TARGET_OPTIONS
        .iter()
        .chain(TARGET_KEYS)
        .chain(OPERATORS)
        .copied()
        .chain(BARE_FACTS.iter().map(|(name, _)| *name))
        .chain(VALUED_FACTS.iter().map(|(name, _, _)| *name))
}
