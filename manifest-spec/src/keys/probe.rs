//! The keys of `probe`.

use super::{Shape, Table, WHEN, key};

/// The editions that rustc knows.
pub const EDITIONS: &[&str] = &["2015", "2018", "2021", "2024"];
/// The crate types of a compile probe. A proc macro is not among them: the compiler would load its code.
pub const PROBE_CRATE_TYPES: &[&str] = &["lib", "rlib", "bin", "dylib", "cdylib", "staticlib"];

/// The outputs of a compile probe. None involves the linker, which a source can make start programs: whether a
/// library has a symbol is asked by `function` or `links`.
pub const PROBE_EMITS: &[&str] = &["metadata", "obj", "llvm-ir"];

/// The keys of a probe.
pub static PROBE: Table = Table {
    name: "probe",
    doc: "A question, asked as `probe = \"name\"`. One of `compiles`, `compiles-text`, `macro`, `function`, `sizeof`, \
          `links`, `c-flag`, `variable`, `path-exists`, or `header` alone.",
    keys: &[
        key("compiles", Shape::Path, "Whether rustc compiles this file of the package."),
        key("compiles-text", Shape::String, "Whether rustc compiles this text."),
        key("edition", Shape::Choice(EDITIONS), "The edition of a compile probe; rustc's default is `2015`."),
        key(
            "crate-type",
            Shape::Choice(PROBE_CRATE_TYPES),
            "What a compile probe is compiled as; `lib` by default.",
        ),
        key("cfgs", Shape::List(&Shape::String), "cfgs for a compile probe: `name` or `name=\"value\"`."),
        key(
            "emit",
            Shape::Choice(PROBE_EMITS),
            "How far a compile probe goes; `metadata` by default. Nothing is linked: whether a library has a symbol is asked by \
             `function` or `links`.",
        ),
        key(
            "rustc-bootstrap",
            Shape::Choice(&["inherit", "unset", "set"]),
            "`RUSTC_BOOTSTRAP` of a compile probe: as the caller has it (default), absent, or `1`.",
        ),
        key("cap-lints", Shape::Boolean, "Whether lints are silenced in a compile probe; `true` by default."),
        key(
            "rustflags",
            Shape::Boolean,
            "Whether a compile probe gets the package's RUSTFLAGS; `true` by default.",
        ),
        key(
            "target",
            Shape::Boolean,
            "Whether a compile probe is for the target (`true`, default) or for rustc's own default.",
        ),
        key("macro", Shape::String, "The value of this C macro once `header` is included."),
        key("header", Shape::String, "A header to be included; alone, whether the preprocessor finds it."),
        key("function", Shape::String, "Whether a C program that calls this function links."),
        key("sizeof", Shape::String, "The size of this C type in bytes, on the target."),
        key("links", Shape::String, "Whether an empty C program links with this library."),
        key(
            "source",
            Shape::String,
            "For `links`: the package's C program. It is compiled, and linked is a program of Inert's own that needs the same symbols.",
        ),
        key("c-flag", Shape::String, "Whether the C compiler takes this flag, one of the flag list."),
        key("cpp", Shape::Boolean, "`c-flag` asks the C++ compiler; `false` by default."),
        key("variable", Shape::String, "The value of this variable of the `library`'s `.pc` file."),
        key("word", Shape::String, "For `variable`: whether this is among the words of its value."),
        key("path-exists", Shape::String, "Whether this absolute path exists on the machine that builds."),
        key("library", Shape::String, "The `library` whose include and library folders are searched first."),
        WHEN,
    ],
};
