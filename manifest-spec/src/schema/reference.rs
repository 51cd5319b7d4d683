//! Generates the reference, `docs/reference/schema.md`: prose from `template.md`, everything else from the tables.

use std::fmt::Write as _;

use crate::condition::{MAX_DEPTH, names as facts};
use crate::keys::{ENV_ROLES, Shape, TABLES};
use crate::rules::{env, flags, libraries, names};
use crate::{VARIABLES, capability, codes};

/// Returns the reference as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut text = include_str!("template.md").to_owned();
    for (mark, fill) in [
        ("max-depth", MAX_DEPTH.to_string()),
        ("facts", self::facts()),
        (
            "target",
            format!("{}; with a value {}.", listed(facts::TARGET_OPTIONS), listed(facts::TARGET_KEYS)),
        ),
        ("per-compilation", listed(facts::PER_COMPILATION)),
        (
            "variables",
            table(
                ["variable", "what it stands for"],
                VARIABLES.iter().map(|(name, what)| [format!("`${{{name}}}`"), (*what).to_owned()]),
            ),
        ),
        ("keys", keys()),
        ("compiler-flags", flags::compiler_reference()),
        ("link-arguments", flags::linker_reference()),
        ("env-forbidden", listed(&env::forbidden().collect::<Vec<_>>())),
        ("env-harmless", listed(env::HARMLESS)),
        ("reserved", listed(&libraries::reserved().collect::<Vec<_>>())),
        ("search-endings", listed(libraries::SEARCH_ENDINGS)),
        ("directives", listed(names::DIRECTIVES)),
        (
            "capabilities",
            table(
                ["capability", "meaning", "by default"],
                capability::reference()
                    .map(|(name, what, review)| [format!("`{name}`"), what.to_owned(), review.to_owned()]),
            ),
        ),
        (
            "codes",
            table(
                ["code", "what it is about"],
                codes::ALL.iter().map(|(code, what)| [format!("`{code}`"), (*what).to_owned()]),
            ),
        ),
    ] {
        text = text.replace(&format!("<!-- {mark} -->"), fill.trim_end());
    }
    text
}

/// Examples of each table, as excerpts of a Cargo.toml; together they show every key.
pub const EXAMPLES: &[(&str, &str)] = &[
    ("declaration", include_str!("examples/declaration.toml")),
    ("probe", include_str!("examples/probe.toml")),
    ("out-dir", include_str!("examples/out-dir.toml")),
    ("library", include_str!("examples/library.toml")),
    ("cc-library", include_str!("examples/cc-library.toml")),
    ("flag", include_str!("examples/flag.toml")),
    ("link", include_str!("examples/link.toml")),
    ("for", include_str!("examples/for.toml")),
    ("links-metadata", include_str!("examples/links-metadata.toml")),
    ("alternative", include_str!("examples/alternative.toml")),
    ("item", include_str!("examples/item.toml")),
];

fn facts() -> String {
    let valued = facts::VALUED_FACTS
        .iter()
        .map(|(name, example, what)| [format!("`{name} = \"{example}\"`"), (*what).to_owned()]);
    let bare = facts::BARE_FACTS.iter().map(|(name, what)| [format!("`{name}`"), (*what).to_owned()]);
    table(["fact", "what it asks"], valued.chain(bare))
}

fn keys() -> String {
    let mut out = String::new();
    for of in TABLES {
        let _ = writeln!(out, "### {}\n\n{}\n", heading(of.name), of.doc);
        out += &table(
            ["key", "value", "meaning"],
            of.keys.iter().map(|key| [format!("`{}`", key.name), shape(&key.shape), key.doc.to_owned()]),
        );
        out.push('\n');
        for (_, example) in EXAMPLES.iter().filter(|(name, _)| *name == of.name) {
            let _ = writeln!(out, "```toml\n{}\n```\n", example.trim_end());
        }
        if of.name == "library" {
            out += "Roles of `env`:\n\n";
            out += &table(
                ["role", "what the variable is for"],
                ENV_ROLES.iter().map(|(role, what)| [format!("`{role}`"), (*what).to_owned()]),
            );
            out += "\nA variable that says where the library is, or what it is called, begins with one of the library's names in upper case \
                    (its key, or one under `pkg-config`, `vcpkg`, `libs`, `frameworks` or `fallback`; with or without `LIB` before it, `_SYS` and \
                    numbers behind it), and so does `env-prefix`. It ends as its role does:\n\n";
            let endings =
                |list: &[&str]| list.iter().map(|end| format!("`{end}`")).collect::<Vec<_>>().join(", ");
            out += &table(
                ["role", "endings"],
                crate::rules::env::ENDINGS.iter().map(|(role, list)| [format!("`{role}`"), endings(list)]),
            );
            out.push('\n');
        }
    }
    out
}

fn heading(name: &str) -> String {
    match name {
        "declaration" => "The declaration".to_owned(),
        "alternative" | "item" => format!("{}{} with a guard", name[..1].to_uppercase(), &name[1..]),
        name => format!("`{name}`"),
    }
}

fn shape(of: &Shape) -> String {
    match of {
        Shape::Boolean => "boolean".to_owned(),
        Shape::Integer => "number".to_owned(),
        Shape::String => "string".to_owned(),
        Shape::Text => "text".to_owned(),
        Shape::Path => "path".to_owned(),
        Shape::Condition => "condition".to_owned(),
        Shape::Strings => "list of strings".to_owned(),
        Shape::Choice(choices) if choices.len() > 8 => "one of the list below".to_owned(),
        Shape::Choice(choices) => {
            choices.iter().map(|choice| format!("`\"{choice}\"`")).collect::<Vec<_>>().join(", ")
        }
        Shape::Guarded(inner) => format!("{}, guarded", shape(inner)),
        Shape::List(inner) => format!("list of {}, guarded", plural(inner)),
        Shape::Map { key, value } => format!("table: {key} → {}", shape(value)),
        Shape::Table(table) => format!("table [{0}](#{0})", table.name),
        Shape::OneOf(shapes) => shapes.iter().map(shape).collect::<Vec<_>>().join(" or "),
    }
}

fn plural(of: &Shape) -> String {
    match of {
        Shape::Path => "paths".to_owned(),
        Shape::Text => "texts".to_owned(),
        Shape::String => "strings".to_owned(),
        of => shape(of),
    }
}

/// Returns a Markdown table with a row for each item.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut out = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(N));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out
}

/// Returns the names as a list of code, "`a`, `b`, `c`".
pub(crate) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
