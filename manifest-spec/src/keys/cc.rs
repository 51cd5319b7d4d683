//! The keys of `cc-library`.

use super::{Shape, Table, WHEN, key};

/// The language standards, without `-std=`.
#[rustfmt::skip] // many short words: a line each is no easier to read
pub const STANDARDS: &[&str] = &[
    "c89", "c90", "c99", "c11", "c1x", "c17", "c18", "c23", "c2x", "gnu89", "gnu90", "gnu99", "gnu11", "gnu1x", "gnu17",
    "gnu18", "gnu23", "gnu2x", "c++98", "c++03", "c++11", "c++14", "c++17", "c++20", "c++23", "c++2a",
    "c++2b", "c++latest", "gnu++98", "gnu++03", "gnu++11", "gnu++14", "gnu++17", "gnu++20", "gnu++23",
    "gnu++2a", "gnu++2b", "clatest", "c++0x", "c++1y", "c++1z", "gnu++0x", "gnu++1y", "gnu++1z",
    "iso9899:1990", "iso9899:1999", "iso9899:2011",
];

const BOOLEAN: Shape = Shape::Guarded(&Shape::Boolean);

/// The keys of a source build.
pub static CC_LIBRARY: Table = Table {
    name: "cc-library",
    doc: "An archive built by the C compiler from sources that the package ships.",
    keys: &[
        key(
            "sources",
            Shape::List(&Shape::Path),
            "Files and globs, in order; a glob's matches are sorted. Objects (`.o`, `.obj`) go into the archive as they are, and are `prebuilt`. Required.",
        ),
        key("exclude", Shape::List(&Shape::Path), "Files and globs taken out again."),
        key("include-dirs", Shape::List(&Shape::Path), "Folders for `#include`, in order."),
        key(
            "defines",
            Shape::Map {
                key: "the macro",
                value: &Shape::Guarded(&Shape::OneOf(&[Shape::Boolean, Shape::Text, Shape::Integer])),
            },
            "Preprocessor definitions: `NAME = true` is `-DNAME`, `NAME = \"value\"` is `-DNAME=value`.",
        ),
        key(
            "flags",
            Shape::List(&Shape::OneOf(&[Shape::String, Shape::Table(&FLAG)])),
            "Compiler flags, exact tokens of the flag list.",
        ),
        key("cpp", BOOLEAN, "`true`: C++."),
        key(
            "cpp-link-stdlib",
            Shape::Guarded(&Shape::String),
            "The C++ library that is linked; `none` for none; the platform's by default.",
        ),
        key("std", Shape::Guarded(&Shape::Choice(STANDARDS)), "The language's standard."),
        key("warnings", BOOLEAN, "The compiler's usual warnings; `true` by default."),
        key("extra-warnings", BOOLEAN, "More warnings; as `warnings` by default."),
        key(
            "opt-level",
            Shape::Guarded(&Shape::Choice(&["0", "1", "2", "3", "s", "z"])),
            "In place of Cargo's.",
        ),
        key("debug", BOOLEAN, "Debug information, in place of Cargo's choice."),
        key("pic", BOOLEAN, "Position-independent code, in place of the target's choice."),
        key(
            "static-crt",
            BOOLEAN,
            "The static C runtime of MSVC, in place of `target_feature = \"crt-static\"`.",
        ),
        key(
            "install-headers",
            Shape::Map { key: "the path in OUT_DIR", value: &Shape::Guarded(&Shape::Path) },
            "Headers copied into OUT_DIR, for dependents: a file under that name, a folder's tree or a glob's matches below it.",
        ),
        key("folder", Shape::Path, "Where in OUT_DIR the archive is put; OUT_DIR itself by default."),
        key(
            "link",
            Shape::Boolean,
            "`false`: built, but linked only where a `link` entry says so; `true` by default.",
        ),
        key("modifiers", Shape::Strings, "Modifiers of the link: `+whole-archive`."),
        WHEN,
    ],
};

/// The keys of a compiler flag that is written as a table.
pub static FLAG: Table = Table {
    name: "flag",
    doc: "A compiler flag with more to say than its text.",
    keys: &[
        key("flag", Shape::String, "The flag."),
        key("flags", Shape::Strings, "Several flags of which the rest is true."),
        key("if-supported", Shape::Boolean, "`true`: left out where the compiler rejects it."),
        key("compiler", Shape::Choice(&["gnu", "clang", "msvc"]), "Only for this family of compilers."),
        WHEN,
    ],
};
