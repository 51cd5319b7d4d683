//! The keys of the declaration itself, and of the small tables that occur in many places.

use super::{CC_LIBRARY, ELSE, LIBRARY, LINK, PROBE, Shape, Table, WHEN, key};

/// The keys of the declaration.
pub static ROOT: Table = Table {
    name: "declaration",
    doc: "What the package's build script would have done: `[package.metadata.inert]` in `Cargo.toml`, and the same \
          keys in `inert.toml` and the catalog.",
    keys: &[
        key("schema", Shape::Integer, "The version of this schema: `1`. Required."),
        key(
            "unsupported",
            Shape::Condition,
            "Where the declaration does not say what the script does; there the script is undecided. Only facts \
             known before the build: no `probe`, `found`, `dep`.",
        ),
        key(
            "system-deps",
            Shape::Condition,
            "When the package's own `[package.metadata.system-deps]` table is carried out, as system-deps 9 does: `true`, \
             or a condition.",
        ),
        key(
            "error",
            Shape::List(&Shape::Text),
            "The build fails with this text, as by a script's deliberate panic.",
        ),
        key("warning", Shape::List(&Shape::Text), "Shown by Cargo as a warning of the package."),
        key(
            "cfg",
            Shape::Map {
                key: "the cfg's name",
                value: &Shape::OneOf(&[
                    Shape::Condition,
                    Shape::Map { key: "a value of the cfg", value: &Shape::Condition },
                ]),
            },
            "When each cfg is set: `name = 'condition'`, or `name = { \"value\" = 'condition' }`. rustc is told of \
             every name and value (check-cfg), set or not.",
        ),
        key(
            "probe",
            Shape::Map { key: "a name for `probe = \"…\"`", value: &Shape::Table(&PROBE) },
            "Named questions to the compiler and the machine.",
        ),
        key(
            "rustc-env",
            Shape::Map { key: "the variable's name", value: &Shape::Guarded(&Shape::Text) },
            "Variables for the package's own compilation, as `env!(\"…\")` reads them.",
        ),
        key(
            "out-dir",
            Shape::Map {
                key: "the file's path in OUT_DIR",
                value: &Shape::Guarded(&Shape::Table(&OUT_FILE)),
            },
            "Files in OUT_DIR, which begins empty.",
        ),
        key(
            "library",
            Shape::Map { key: "a name for `found = \"…\"` and `link`", value: &Shape::Table(&LIBRARY) },
            "Native libraries to be found.",
        ),
        key(
            "cc-library",
            Shape::Map { key: "the archive's name, `z` for `libz.a`", value: &Shape::Table(&CC_LIBRARY) },
            "Archives built from C, C++ or assembly that the package ships.",
        ),
        key("link", Shape::List(&Shape::Table(&LINK)), "What is linked, in order: `[[link]]` entries."),
        key(
            "links-metadata",
            Shape::Map {
                key: "the key",
                value: &Shape::Guarded(&Shape::OneOf(&[Shape::Text, Shape::Table(&METADATA_VALUE)])),
            },
            "What dependents' scripts read as `DEP_<LINKS>_<KEY>`; needs `links` in `[package]`.",
        ),
    ],
};

/// The keys of a file in OUT_DIR.
pub static OUT_FILE: Table = Table {
    name: "out-dir",
    doc: "A file in OUT_DIR: one of `text`, `copy`, `concat`, `template`, `base64`, `directory`.",
    keys: &[
        key("text", Shape::Text, "Its text."),
        key("copy", Shape::Path, "A file whose bytes it gets."),
        key(
            "concat",
            Shape::List(&Shape::Table(&OUT_FILE)),
            "Pieces one after another, each `text`, `copy` or `base64`.",
        ),
        key("template", Shape::Path, "A text file that it is made of by `replace` and `without-lines`."),
        key(
            "replace",
            Shape::Map { key: "text of the template", value: &Shape::Text },
            "What stands in place of the template's text; of several that fit, the longest.",
        ),
        key(
            "without-lines",
            Shape::Strings,
            "The template's lines that hold one of these are left out; the others are joined by line feeds, none at the end.",
        ),
        key("base64", Shape::String, "Its bytes, where they are not text."),
        key("directory", Shape::Boolean, "`true`: an empty folder."),
        WHEN,
        ELSE,
    ],
};

/// The keys of a value of `links-metadata`.
pub static METADATA_VALUE: Table = Table {
    name: "links-metadata",
    doc: "A value for dependents: one of `text`, `path`, `paths`, `path-list`, `list`; a plain string is `text`.",
    keys: &[
        key("text", Shape::Text, "Text as it stands."),
        key("path", Shape::Path, "A path; absolute when dependents read it."),
        key("paths", Shape::List(&Shape::Path), "Paths, joined as the host joins search paths."),
        key("path-list", Shape::List(&Shape::Path), "Paths, joined by `,`."),
        key("list", Shape::List(&Shape::Text), "Texts, joined by `,`; those whose conditions hold."),
        WHEN,
        ELSE,
    ],
};

/// The keys of one alternative of a single value.
pub static ALTERNATIVE: Table = Table {
    name: "alternative",
    doc: "Wherever a single value stands, `{ value = …, when = \"…\" }` may stand, or a list of alternatives of which \
          at most one holds. Two that hold are an error; none leaves the value out.",
    keys: &[
        key("value", Shape::OneOf(&[Shape::String, Shape::Boolean, Shape::Integer]), "The value. Required."),
        WHEN,
        ELSE,
    ],
};

/// The keys of one item of a list.
pub static ITEM: Table = Table {
    name: "item",
    doc: "Wherever a list's item stands, `{ value = …, when = \"…\" }` may stand, or `{ values = […], when = \"…\" }` \
          for several under one condition.",
    keys: &[key("value", Shape::String, "The item."), key("values", Shape::Strings, "Several items."), WHEN],
};
