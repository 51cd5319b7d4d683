//! Generates the JSON Schema and the reference of `inert.toml` from the table of keys.

use serde_json::{Value, json};

use super::keys::{Key, Shape, TABLES, TARGET, TARGET_DOC, Table};

/// Returns the JSON Schema, draft 2020-12.
#[must_use]
pub fn json_schema() -> Value {
    let mut top = properties(&TABLES[0]);
    for table in &TABLES[1..] {
        let object = object(table);
        let value = if table.repeated { json!({ "type": "array", "items": object }) } else { object };
        top.insert(table.key.to_owned(), value);
    }
    let for_one: serde_json::Map<String, Value> = TABLES
        .iter()
        .filter(|table| table.per_target)
        .map(|table| (table.key.to_owned(), object(table)))
        .collect();
    let for_one = json!({ "type": "object", "additionalProperties": false, "properties": for_one });
    top.insert(
        TARGET.to_owned(),
        json!({ "type": "object", "description": TARGET_DOC, "additionalProperties": for_one }),
    );
    // The keys of `[declare.declaration]` are those of `[package.metadata.inert]`.
    let declaration: Value =
        serde_json::from_str(&inert_manifest_spec::schema::json_schema()).unwrap_or_else(|_| json!({}));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "inert.toml",
        "description": TABLES[0].doc,
        "type": "object",
        "additionalProperties": false,
        "properties": top,
        "$defs": declaration["$defs"],
    })
}

fn object(table: &Table) -> Value {
    let required: Vec<&str> = table.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let additional = table.open.map_or(Value::Bool(false), shape);
    json!({
        "type": "object",
        "description": table.doc,
        "additionalProperties": additional,
        "required": required,
        "properties": properties(table),
    })
}

fn properties(table: &Table) -> serde_json::Map<String, Value> {
    table.keys.iter().map(|key| (key.name.to_owned(), shape(key))).collect()
}

fn shape(key: &Key) -> Value {
    let mut value = match key.shape {
        Shape::Text if key.name == "digest" => {
            json!({ "type": "string", "pattern": "^sha256:[0-9a-f]{64}(\\+x:[0-9a-f]{16})?$" })
        }
        Shape::Text => json!({ "type": "string", "minLength": 1 }),
        Shape::Texts => {
            json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
        }
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::Choices(words) => {
            json!({ "anyOf": [{ "enum": words }, { "type": "array", "items": { "enum": words } }] })
        }
        Shape::Integer => json!({ "type": "integer" }),
        Shape::Date => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Variables => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Shape::Declaration => json!({ "$ref": "#/$defs/declaration" }),
        Shape::Baked => {
            let file = json!({
                "type": "object",
                "properties": {
                    "file": { "type": "string", "minLength": 1 },
                    "digest": { "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" },
                    "when": { "type": "string", "minLength": 1 },
                },
                "required": ["file", "digest"],
                "additionalProperties": false,
            });
            json!({
                "type": "object",
                "additionalProperties": { "anyOf": [file, { "type": "array", "items": file }] },
            })
        }
    };
    if let Value::Object(map) = &mut value {
        map.insert("description".to_owned(), Value::String(key.doc.to_owned()));
    }
    value
}

/// Returns the reference as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut text = String::new();
    for table in TABLES {
        let name = if table.key.is_empty() { "At the top" } else { table.name };
        text.push_str(&format!(
            "\n## {}\n\n{}\n\n| key | value | meaning |\n|---|---|---|\n",
            code(name),
            table.doc
        ));
        for key in table.keys.iter().chain(table.open) {
            let needed = if key.required { " (required)" } else { "" };
            text.push_str(&format!("| `{}`{needed} | {} | {} |\n", key.name, words(key.shape), key.doc));
        }
    }
    let tables: Vec<String> =
        TABLES.iter().filter(|table| table.per_target).map(|table| format!("`{}`", table.key)).collect();
    text.push_str(&format!(
        "\n## `[target.…]`\n\n{TARGET_DOC}\n\nBelow it may stand {}.\n",
        tables.join(", ")
    ));
    text
}

fn code(name: &str) -> String {
    if name.starts_with('[') { format!("`{name}`") } else { name.to_owned() }
}

fn words(shape: Shape) -> String {
    let list = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    match shape {
        Shape::Text => "string".to_owned(),
        Shape::Texts => "string or list of strings".to_owned(),
        Shape::Choice(words) => list(words),
        Shape::Choices(words) => format!("list of {}", list(words)),
        Shape::Integer => "number".to_owned(),
        Shape::Date => "day, `2027-01-31`".to_owned(),
        Shape::Boolean => "`true`, `false`".to_owned(),
        Shape::Declaration => "declaration".to_owned(),
        Shape::Baked => "table of files".to_owned(),
        Shape::Variables => "table of strings".to_owned(),
    }
}
