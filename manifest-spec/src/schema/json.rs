//! The JSON Schema (draft 2020-12) of a Cargo.toml; it describes `[package.metadata.inert]` only. It serves
//! completion and early errors in an editor; it does not express what only the parser checks (names of the
//! declaration, cycles, closed lists).

use std::fmt::Write as _;

use crate::condition::names::{BARE_FACTS, OPERATORS, TARGET_KEYS, TARGET_OPTIONS, VALUED_FACTS};
use crate::keys::{Shape, TABLES, Table};

/// The address of the committed copy.
const ID: &str = "https://raw.githubusercontent.com/inert-rs/inert/main/docs/reference/inert.schema.json";

/// The patterns of texts, by table and key. The patterns of paths follow from their shape.
const PATTERNS: &[(&str, &str, &str)] = &[
    ("library", "version", "^\\s*(?:>=|<=|>|<|=)\\s*[0-9]"),
    ("cc-library", "flags", "^[-/]\\S"),
    ("cc-library", "modifiers", "^[+-][a-z-]+$"),
    ("flag", "flag", "^[-/]\\S"),
    ("flag", "flags", "^[-/]\\S"),
    ("library", "modifiers", "^[+-][a-z-]+$"),
    ("library", "env-prefix", "^[A-Z][A-Z0-9_]*$"),
    ("link", "modifiers", "^[+-][a-z-]+$"),
    ("link", "files", "\\.(?:a|lib|o|obj)$"),
    ("probe", "c-flag", "^[-/]\\S"),
];

/// The pattern of a path: relative, without `..`, separated by `/`.
const PATH: &str = "^(?!/)(?!.*(?:^|/)\\.\\.(?:/|$))[^\\\\]+$";

/// Returns the JSON Schema of a Cargo.toml with a declaration.
#[must_use]
pub fn json_schema() -> String {
    let mut definitions: Vec<(String, Json)> =
        TABLES.iter().map(|table| (definition(table), table_schema(table))).collect();
    definitions.sort_by(|a, b| a.0.cmp(&b.0));
    let condition = object(vec![
        ("description", text("A condition in cfg syntax, as in `all(unix, not(feature = \"std\"))`.")),
        (
            "anyOf",
            Json::Array(vec![
                object(vec![("type", text("boolean"))]),
                object(vec![("type", text("string")), ("pattern", text(&condition_pattern()))]),
            ]),
        ),
    ]);
    definitions.insert(0, ("condition".into(), condition));
    let below = |key: &str, what: Json| {
        object(vec![("type", text("object")), ("properties", object(vec![(key, what)]))])
    };
    let declaration = object(vec![("$ref", text("#/$defs/declaration"))]);
    let nobody = object(vec![
        ("description", text("Read by nobody: a declaration is of one package, `[package.metadata.inert]`.")),
        ("not", object(Vec::new())),
    ]);
    let root = object(vec![
        ("$schema", text("https://json-schema.org/draft/2020-12/schema")),
        ("$id", text(ID)),
        ("title", text("Cargo.toml with an Inert declaration, schema 1")),
        ("type", text("object")),
        (
            "properties",
            object(vec![
                ("package", below("metadata", below("inert", declaration))),
                ("workspace", below("metadata", below("inert", nobody))),
            ]),
        ),
        ("$defs", Json::Object(definitions)),
    ]);
    let mut out = String::new();
    root.write(&mut out, 0);
    out.push('\n');
    out
}

#[derive(Clone)]
enum Json {
    Bool(bool),
    Number(u32),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

fn text(text: &str) -> Json {
    Json::String(text.to_owned())
}

fn object(entries: Vec<(&str, Json)>) -> Json {
    Json::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn definition(table: &Table) -> String {
    table.name.to_owned()
}

fn table_schema(table: &Table) -> Json {
    let properties = table
        .keys
        .iter()
        .map(|key| {
            let pattern = PATTERNS.iter().find(|(of, name, _)| *of == table.name && *name == key.name);
            let mut schema = shape_of(&key.shape, pattern.map(|(_, _, pattern)| *pattern));
            if (table.name, key.name) == ("declaration", "schema") {
                schema = object(vec![("const", Json::Number(1))]);
            }
            if let Json::Object(entries) = &mut schema {
                entries.insert(0, ("description".into(), text(key.doc)));
            }
            (key.name.to_owned(), schema)
        })
        .collect();
    let mut entries = vec![
        ("description", text(table.doc)),
        ("type", text("object")),
        ("properties", Json::Object(properties)),
        ("additionalProperties", Json::Bool(false)),
    ];
    let required: Vec<Json> =
        table.keys.iter().filter(|key| key.doc.ends_with("Required.")).map(|key| text(key.name)).collect();
    if !required.is_empty() {
        entries.push(("required", Json::Array(required)));
    }
    object(entries)
}

/// Returns a pattern that every token of a condition matches: an operator, a name with the value that it takes, or
/// punctuation. It does not check that brackets are closed.
fn condition_pattern() -> String {
    const TEXT: &str = r#""(?:[^"\\]|\\.)*""#;
    let comparison = |name: &str| matches!(name, "rustc" | "rustc_commit_date" | "llvm");
    let bare: Vec<&str> =
        TARGET_OPTIONS.iter().copied().chain(BARE_FACTS.iter().map(|(name, _)| *name)).collect();
    let valued: Vec<&str> = TARGET_KEYS
        .iter()
        .copied()
        .chain(VALUED_FACTS.iter().map(|(name, ..)| *name).filter(|name| !comparison(name)))
        .collect();
    let compared: Vec<&str> =
        VALUED_FACTS.iter().map(|(name, ..)| *name).filter(|name| comparison(name)).collect();
    format!(
        "^(?:[\\s,)]|\\b(?:{})\\s*\\(|\\b(?:{})\\b\\s*=\\s*\"\\s*(?:>=|<=|>|<|=)[^\"]*\"|\\b(?:{})\\b\\s*=\\s*{TEXT}|\\b(?:{})\\b(?!\\s*=))*$",
        OPERATORS.join("|"),
        compared.join("|"),
        valued.join("|"),
        bare.join("|"),
    )
}

fn shape(of: &Shape) -> Json {
    shape_of(of, None)
}

/// Returns the schema of a string, with its pattern if one is known.
fn string(pattern: Option<&str>) -> Json {
    let mut entries = vec![("type", text("string"))];
    entries.extend(pattern.map(|pattern| ("pattern", text(pattern))));
    object(entries)
}

fn shape_of(of: &Shape, pattern: Option<&str>) -> Json {
    let shape = |inner: &Shape| shape_of(inner, pattern);
    match of {
        Shape::Boolean => object(vec![("type", text("boolean"))]),
        Shape::Integer => object(vec![("type", text("integer"))]),
        Shape::String | Shape::Text => string(pattern),
        Shape::Path => string(Some(PATH)),
        Shape::Condition => object(vec![("$ref", text("#/$defs/condition"))]),
        Shape::Choice(choices) => {
            object(vec![("enum", Json::Array(choices.iter().map(|choice| text(choice)).collect()))])
        }
        Shape::Strings => any(vec![string(pattern), array(string(pattern))]),
        Shape::Table(table) => object(vec![("$ref", Json::String(format!("#/$defs/{}", definition(table))))]),
        Shape::Map { value, .. } => {
            object(vec![("type", text("object")), ("additionalProperties", shape(value))])
        }
        Shape::OneOf(shapes) => any(shapes.iter().map(shape).collect()),
        Shape::Guarded(inner) => {
            let one = |inner: &Shape| match inner {
                Shape::Table(_) => shape(inner),
                inner => any(vec![shape(inner), wrapper(&[("value", shape(inner))], true)]),
            };
            any(vec![one(inner), array(one(inner))])
        }
        Shape::List(inner) => {
            let item = match inner {
                Shape::Table(_) => shape(inner),
                inner => any(vec![
                    shape(inner),
                    wrapper(&[("value", shape(inner)), ("values", array(shape(inner)))], false),
                ]),
            };
            any(vec![item.clone(), array(item)])
        }
    }
}

/// Returns the schema of `{ value = …, when = … }`.
fn wrapper(values: &[(&str, Json)], alternative: bool) -> Json {
    let table = if alternative { &crate::keys::ALTERNATIVE } else { &crate::keys::ITEM };
    let described = |name: &str, json: Json| {
        let doc = table.key(name).map_or("", |key| key.doc);
        let Json::Object(mut entries) = json else { return json };
        entries.insert(0, ("description".into(), text(doc)));
        Json::Object(entries)
    };
    let mut properties: Vec<(&str, Json)> =
        values.iter().map(|(name, json)| (*name, described(name, json.clone()))).collect();
    properties.push(("when", described("when", shape(&Shape::Condition))));
    if alternative {
        properties.push(("else", described("else", shape(&Shape::Boolean))));
    }
    object(vec![
        ("type", text("object")),
        ("properties", object(properties)),
        ("additionalProperties", Json::Bool(false)),
    ])
}

fn array(items: Json) -> Json {
    object(vec![("type", text("array")), ("items", items)])
}

fn any(shapes: Vec<Json>) -> Json {
    object(vec![("anyOf", Json::Array(shapes))])
}

impl Json {
    fn write(&self, out: &mut String, depth: usize) {
        let line = |out: &mut String, depth: usize| {
            out.push('\n');
            out.push_str(&"  ".repeat(depth));
        };
        match self {
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(value) => {
                let _ = write!(out, "{value}");
            }
            Self::String(text) => quote(out, text),
            Self::Array(items) if items.is_empty() => out.push_str("[]"),
            Self::Object(entries) if entries.is_empty() => out.push_str("{}"),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    line(out, depth + 1);
                    item.write(out, depth + 1);
                }
                line(out, depth);
                out.push(']');
            }
            Self::Object(entries) => {
                out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    line(out, depth + 1);
                    quote(out, key);
                    out.push_str(": ");
                    value.write(out, depth + 1);
                }
                line(out, depth);
                out.push('}');
            }
        }
    }
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
