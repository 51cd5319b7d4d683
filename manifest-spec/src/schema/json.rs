//! The JSON Schema (draft 2020-12). It is for completion and for first errors in an editor: what only the parser
//! knows (names, cycles, the closed lists) it does not say.

use std::fmt::Write as _;

use crate::keys::{Shape, TABLES, Table};

/// The JSON Schema of a declaration.
#[must_use]
pub fn json_schema() -> String {
    let mut definitions: Vec<(String, Json)> =
        TABLES.iter().map(|table| (definition(table), table_schema(table))).collect();
    definitions.sort_by(|a, b| a.0.cmp(&b.0));
    let condition = Json::Object(vec![
        ("description".into(), text("A condition in cfg syntax, as in `all(unix, not(feature = \"std\"))`.")),
        ("type".into(), Json::Array(vec![text("string"), text("boolean")])),
    ]);
    definitions.insert(0, ("condition".into(), condition));
    let root = Json::Object(vec![
        ("$schema".into(), text("https://json-schema.org/draft/2020-12/schema")),
        ("title".into(), text("Inert declaration, schema 1")),
        ("$ref".into(), text("#/$defs/declaration")),
        ("$defs".into(), Json::Object(definitions)),
    ]);
    let mut out = String::new();
    root.write(&mut out, 0);
    out.push('\n');
    out
}

#[derive(Clone)]
enum Json {
    Bool(bool),
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
            let mut schema = shape(&key.shape);
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

fn shape(of: &Shape) -> Json {
    match of {
        Shape::Boolean => object(vec![("type", text("boolean"))]),
        Shape::Integer => object(vec![("type", text("integer"))]),
        Shape::String | Shape::Text | Shape::Path => object(vec![("type", text("string"))]),
        Shape::Condition => object(vec![("$ref", text("#/$defs/condition"))]),
        Shape::Choice(choices) => {
            object(vec![("enum", Json::Array(choices.iter().map(|choice| text(choice)).collect()))])
        }
        Shape::Strings => {
            any(vec![object(vec![("type", text("string"))]), array(object(vec![("type", text("string"))]))])
        }
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

/// `{ value = …, when = … }`.
fn wrapper(values: &[(&str, Json)], alternative: bool) -> Json {
    let mut properties: Vec<(&str, Json)> = values.iter().map(|(name, json)| (*name, json.clone())).collect();
    properties.push(("when", shape(&Shape::Condition)));
    if alternative {
        properties.push(("else", shape(&Shape::Boolean)));
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
            Self::String(text) => quote(out, text),
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
