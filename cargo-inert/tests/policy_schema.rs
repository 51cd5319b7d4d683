//! The JSON Schema of inert.toml against the reader: what the reader takes is valid, and each mistake that is one of form is
//! one to both. The files are those of the test cases, and the template of the reference.

use std::path::{Path, PathBuf};

use cargo_inert::policy::{layers, schema};
use serde_json::{Value, json};
use toml::de::{DeTable, DeValue};

/// The part of JSON Schema that ours is written in; anything else is a mistake in it.
fn problems(schema: &Value, value: &Value, root: &Value, at: &str, found: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else {
        if *schema == json!(false) {
            found.push(format!("{at}: nothing may stand here"));
        }
        return;
    };
    for (keyword, rule) in schema {
        match keyword.as_str() {
            "$ref" => {
                let name = rule.as_str().and_then(|name| name.strip_prefix("#/$defs/")).expect("a reference");
                let referred = root["$defs"].get(name).unwrap_or_else(|| panic!("no $defs/{name}"));
                problems(referred, value, root, at, found);
            }
            "type" => {
                let one = |kind: &Value| match kind.as_str().expect("a type") {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64(),
                    "number" => value.is_number(),
                    other => panic!("type {other}"),
                };
                if !rule.as_array().map_or_else(|| one(rule), |kinds| kinds.iter().any(one)) {
                    found.push(format!("{at}: not {rule}"));
                }
            }
            "enum" if !rule.as_array().expect("a list").contains(value) => {
                found.push(format!("{at}: none of {rule}"));
            }
            "anyOf" => {
                let fits = |one: &Value| {
                    let mut of_one = Vec::new();
                    problems(one, value, root, at, &mut of_one);
                    of_one.is_empty()
                };
                if !rule.as_array().expect("a list").iter().any(fits) {
                    found.push(format!("{at}: fits nothing of anyOf"));
                }
            }
            "minLength" if value.as_str() == Some("") => found.push(format!("{at}: empty")),
            "pattern" => {
                let text = value.as_str().unwrap_or_default();
                let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
                let fits = match rule.as_str().expect("a pattern") {
                    "^sha256:[0-9a-f]{64}(\\+x:[0-9a-f]{16})?$" => {
                        let (contents, modes) = text.split_once("+x:").unwrap_or((text, "0000000000000000"));
                        let contents = contents.strip_prefix("sha256:").unwrap_or_default();
                        contents.len() == 64 && digits(contents) && modes.len() == 16 && digits(modes)
                    }
                    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" => {
                        text.len() == 10 && text.split('-').count() == 3 && digits(&text.replace('-', ""))
                    }
                    // Those of declarations are held against their reader in manifest-spec.
                    _ => true,
                };
                if value.is_string() && !fits {
                    found.push(format!("{at}: not {rule}"));
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    problems(rule, item, root, &format!("{at}[{index}]"), found);
                }
            }
            "required" => {
                for key in rule.as_array().expect("a list").iter().filter(|_| value.is_object()) {
                    if value.get(key.as_str().expect("a key")).is_none() {
                        found.push(format!("{at}: no {key}"));
                    }
                }
            }
            "properties" => {
                for (key, of_key) in rule.as_object().expect("an object") {
                    if let Some(inner) = value.get(key) {
                        problems(of_key, inner, root, &format!("{at}.{key}"), found);
                    }
                }
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                for (key, inner) in value.as_object().into_iter().flatten() {
                    if known.is_none_or(|known| !known.contains_key(key)) {
                        problems(rule, inner, root, &format!("{at}.{key}"), found);
                    }
                }
            }
            "propertyNames" | "minItems" | "minProperties" | "minimum" | "maximum" | "format" | "default"
            | "enum" | "minLength" | "description" | "title" | "$schema" | "$defs" | "examples" | "const" => {
            }
            other => panic!("the schema uses `{other}`, which this test does not know"),
        }
    }
}

fn json_of(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(text),
        DeValue::Integer(number) => number.as_str().parse::<i64>().map_or(Value::Null, Value::from),
        DeValue::Float(number) => json!(number.as_str().parse::<f64>().unwrap_or_default()),
        DeValue::Boolean(value) => json!(value),
        // As editors that know TOML hand a date to a schema.
        DeValue::Datetime(date) => json!(date.to_string()),
        DeValue::Array(list) => list.iter().map(|item| json_of(item.get_ref())).collect(),
        DeValue::Table(table) => of_table(table),
    }
}

fn of_table(table: &DeTable<'_>) -> Value {
    table.iter().map(|(key, value)| (key.get_ref().to_string(), json_of(value.get_ref()))).collect()
}

fn invalid(text: &str) -> Vec<String> {
    let document = DeTable::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let schema = schema::json_schema();
    let mut found = Vec::new();
    problems(&schema, &of_table(document.get_ref()), &schema, "", &mut found);
    found
}

/// Every policy file of the cases.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("tests").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.file_name().is_some_and(|name| name == "inert.toml" || name == "minimum.toml") {
            found.push(path);
        }
    }
}

#[test]
fn what_the_reader_takes_is_valid_and_what_is_not_it_refuses() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut found = Vec::new();
    for folder in ["tests/attacks", "tests/policies"] {
        files(&root.join(folder), &mut found);
    }
    assert!(found.len() > 30, "{}", found.len());
    for path in found {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if DeTable::parse(&text).is_err() {
            continue;
        }
        let read = layers::parse(&text, &path);
        let problems = invalid(&text);
        // What only the reader knows (a later schema, digests that are named) is no mistake of form.
        assert!(read.is_err() || problems.is_empty(), "{}: {problems:#?}", path.display());
    }
}

#[test]
fn the_example_of_the_reference_is_valid() {
    let template = include_str!("../src/policy/template.md");
    let (_, rest) = template.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    // Its digests are cut short.
    let digest = |text: &str| text.replace("0c2b…", &"0c2b".repeat(16)).replace("77aa…", &"77aa".repeat(16));
    let example = digest(example);
    assert_eq!(invalid(&example), Vec::<String>::new());
    assert!(layers::parse(&example, Path::new("/w/inert.toml")).is_ok());
}

#[test]
fn a_mistake_of_form_is_one_to_both() {
    let pinned = format!(
        "package = \"a\"\nversion = \"1\"\nsource = \"x\"\ndigest = \"sha256:{}\"\nreason = \"r\"\n",
        "0".repeat(64)
    );
    let good = [
        format!("[[allow]]\n{pinned}expires = 2027-01-31\noutputs = \"any\"\n"),
        "[policy]\ncapabilities = \"cfg\"\n".to_owned(),
        "[target.'cfg(windows)'.libraries]\nz = \"system\"\n".to_owned(),
        "[[declare]]\npackage = \"a\"\n[declare.declaration]\nschema = 1\n[declare.declaration.cfg]\nx = 'unix'\n"
            .to_owned(),
    ];
    for text in good {
        assert_eq!(invalid(&text), Vec::<String>::new(), "{text}");
        assert!(layers::parse(&text, Path::new("/w/inert.toml")).is_ok(), "{text}");
    }
    let bad = [
        "extend = \"x\"\n".to_owned(),
        "[policy]\nmember = \"deny\"\n".to_owned(),
        "[policy]\nmembers = \"alow\"\n".to_owned(),
        "[policy]\nproc-macros = true\n".to_owned(),
        "[allow]\npackage = \"a\"\n".to_owned(),
        "[[allow]]\npackage = \"a\"\n".to_owned(),
        format!("[[allow]]\n{pinned}expires = \"soon\"\n"),
        format!("[[allow]]\n{}", pinned.replace("sha256:0", "sha256:x")),
        format!("[[allow]]\n{}", pinned.replace("\"r\"", "\"\"")),
        "[libraries]\nz = \"sytem\"\n".to_owned(),
        "[target.x]\nlibrary = { z = \"system\" }\n".to_owned(),
        "[[declare]]\npackage = \"a\"\n[declare.declaration]\nschema = 1\nconfig = { x = 'unix' }\n"
            .to_owned(),
    ];
    for text in bad {
        assert!(!invalid(&text).is_empty(), "valid by the schema: {text}");
        assert!(layers::parse(&text, Path::new("/w/inert.toml")).is_err(), "read: {text}");
    }
}
