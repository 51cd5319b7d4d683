//! The keys of `library`.

use super::{Shape, Table, WHEN, key};

/// The roles of variables in `library.<name>.env`, each with its description.
pub const ENV_ROLES: &[(&str, &str)] = &[
    ("dir", "the prefix that holds `lib` and `include`"),
    ("lib-dir", "the folder of the libraries; several as in PATH"),
    (
        "pkg-config-dir",
        "the folder of the libraries, whose `pkgconfig` is asked for a `.pc` file before the files themselves",
    ),
    ("include-dir", "the folder of the headers; several as in PATH"),
    ("libs", "the names to link, parted by `:`"),
    ("static", "set, and not `0`: linked statically"),
    ("dynamic", "set, and not `0`: linked dynamically"),
    ("version", "the version that the folders hold"),
    ("no-pkg-config", "set: pkg-config is not asked"),
    ("no-vcpkg", "set: vcpkg is not asked"),
    ("use-system", "set, and not `0`: the system's is used, never the source build"),
    ("build-source", "set, and not `0`: built from source"),
];

/// The keys of a native library.
pub static LIBRARY: Table = Table {
    name: "library",
    doc: "A native library and the ways to find it, tried in the resolver's fixed order: the user's override, \
          variables, pkg-config, vcpkg, frameworks, plain search, source build.",
    keys: &[
        key("pkg-config", Shape::List(&Shape::String), "Module names, tried in order."),
        key("version", Shape::Guarded(&Shape::String), "The versions that will do: `>=1.2.11, <2`."),
        key("vcpkg", Shape::List(&Shape::String), "vcpkg's port names, tried in order."),
        key(
            "libs",
            Shape::List(&Shape::String),
            "Names as after `-l`, for overrides, vcpkg and plain search.",
        ),
        key("frameworks", Shape::List(&Shape::String), "Frameworks, on Apple systems."),
        key("header", Shape::String, "A header that plain search and overrides must find."),
        key("version-macro", Shape::String, "A macro in `header` that holds the version."),
        key(
            "env-prefix",
            Shape::String,
            "`Z` for `Z_LIB_DIR`, `Z_INCLUDE_DIR`, `Z_DIR`, `Z_STATIC`, `Z_NO_PKG_CONFIG`.",
        ),
        key(
            "env",
            Shape::Map { key: "a role", value: &Shape::OneOf(&[Shape::String, Shape::Strings]) },
            "Single variables that the crate honours, by role: `lib-dir = \"ZLIB_LIBRARY_PATH\"`.",
        ),
        key(
            "kind",
            Shape::Guarded(&Shape::Choice(&["dylib", "static"])),
            "How it is to be linked; unmet is an error or a warning, never silence.",
        ),
        key(
            "modifiers",
            Shape::List(&Shape::String),
            "Link modifiers of what `libs` names, whoever provides it: `+whole-archive`, `-whole-archive`, `+bundle`, \
             `-bundle` where it is linked as an archive, `+verbatim` where `libs` are names of files.",
        ),
        key(
            "print-system-libs",
            Shape::Boolean,
            "Whether the system's own folders are named to the linker where pkg-config names them; `true` by default.",
        ),
        key("search", Shape::Boolean, "Whether the linker's own folders are searched; `false` by default."),
        key("fallback", Shape::String, "The `cc-library` built where it is not found."),
        key(
            "prefer",
            Shape::Guarded(&Shape::Choice(&["system", "source"])),
            "The crate's own default; the user's `[libraries]` outranks it.",
        ),
        key("optional", Shape::Boolean, "`true`: not found is an answer (`found`), not an error."),
        key(
            "link",
            Shape::Boolean,
            "`false`: found, but linked only where a `link` entry says so; `true` by default.",
        ),
        WHEN,
    ],
};
