//! The keys of `link`.

use super::{Shape, Table, WHEN, key};

/// The keys of an entry of the link list.
pub static LINK: Table = Table {
    name: "link",
    doc: "One thing to link: one of `library`, `cc-library`, `lib`, `search`, `arg`.",
    keys: &[
        key(
            "library",
            Shape::String,
            "A `library` of this declaration: all that its discovery or fallback says.",
        ),
        key("cc-library", Shape::String, "A `cc-library` of this declaration."),
        key("lib", Shape::Text, "A library by its name as after `-l`."),
        key(
            "kind",
            Shape::Choice(&["dylib", "static", "framework", "raw-dylib", "native", "all"]),
            "Of `lib`: `dylib`, `static`, `framework`, `raw-dylib`. Of `search`: `native`, `framework`, `all`.",
        ),
        key("modifiers", Shape::Strings, "Modifiers of `lib`: `+whole-archive`."),
        key("rename", Shape::String, "The name in `#[link]` that `lib` takes the place of."),
        key("search", Shape::Path, "A folder in which libraries are searched."),
        key(
            "files",
            Shape::Strings,
            "Of `search`: the libraries in the folder. Required, unless it is a discovered library's.",
        ),
        key("arg", Shape::Text, "An argument for the linker, from the list of link arguments."),
        key(
            "for",
            Shape::OneOf(&[
                Shape::Choice(&["all", "bins", "cdylib", "tests", "examples", "benches"]),
                Shape::Table(&LINK_FOR),
            ]),
            "Of `arg`: which targets of the package it is for; `all` by default.",
        ),
        WHEN,
    ],
};

/// The keys of `for`, a single target that a link argument is for.
pub static LINK_FOR: Table =
    Table { name: "for", doc: "A single target.", keys: &[key("bin", Shape::String, "The binary's name.")] };
