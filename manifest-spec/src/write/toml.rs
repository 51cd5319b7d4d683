//! Lays out TOML: chooses between one line, several lines, and a header.

use std::fmt::Write as _;

use crate::Condition;

/// The width that lines are kept within if possible, in bytes.
const WIDTH: usize = 110;

/// The width that a value within braces may have before it is broken there, which reads worse than a line that is
/// somewhat long.
const WIDEST: usize = 119;

/// How a document is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// An item of a list and a guarded value stand on one line each. Digests are made of this text, so it never changes.
    Fixed,
    /// These too are broken where they are too wide, as TOML 1.0 allows within braces: in lists, and in conditions over
    /// several lines.
    Narrow,
}

/// A value, or a table with a header.
#[derive(Debug, Clone)]
pub(super) enum Node {
    String(String),
    Condition(Condition),
    /// A boolean or number, as it is written.
    Plain(String),
    Array(Vec<Node>),
    Inline(Entries),
    /// A table with the header `[a.b]`.
    Section(Entries),
    /// Tables with the header `[[a.b]]` each.
    Sections(Vec<Entries>),
}

pub(super) type Entries = Vec<(String, Node)>;

impl Node {
    /// Makes a table on one line if it fits beside a key of `name`'s length, otherwise one with a header.
    pub(super) fn table(name: &str, entries: Entries) -> Self {
        let inline = Self::Inline(entries.clone());
        let mut line = String::new();
        inline.write_inline(&mut line);
        let sections = entries.iter().any(|(_, node)| matches!(node, Self::Section(_) | Self::Sections(_)));
        if !sections && !line.contains('\n') && key(name).len() + 3 + line.len() <= WIDTH {
            inline
        } else {
            Self::Section(entries)
        }
    }

    fn is_section(&self) -> bool {
        matches!(self, Self::Section(_) | Self::Sections(_))
    }

    fn write_inline(&self, out: &mut String) {
        match self {
            Self::String(text) => out.push_str(&string(text)),
            Self::Condition(condition) => out.push_str(&flat(condition)),
            Self::Plain(text) => out.push_str(text),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    item.write_inline(out);
                }
                out.push(']');
            }
            Self::Inline(entries) | Self::Section(entries) => {
                if entries.is_empty() {
                    out.push_str("{}");
                    return;
                }
                out.push_str("{ ");
                for (index, (name, node)) in entries.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    let _ = write!(out, "{} = ", key(name));
                    node.write_inline(out);
                }
                out.push_str(" }");
            }
            Self::Sections(tables) => {
                Self::Array(tables.iter().cloned().map(Self::Inline).collect()).write_inline(out);
            }
        }
    }
}

/// Lays out a whole document below the table of that (dotted) name.
pub(super) fn document(root: &Entries, table: &str, layout: Layout) -> String {
    let mut out = String::new();
    section(&mut out, table, root, "[", "]", layout);
    out
}

fn section(out: &mut String, path: &str, entries: &Entries, open: &str, close: &str, layout: Layout) {
    let values = || entries.iter().filter(|(_, node)| !node.is_section());
    // A table that only holds other tables needs no header of its own, unless it is an element of a list.
    if !path.is_empty() && (values().next().is_some() || entries.is_empty() || open == "[[") {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{open}{path}{close}");
    }
    for (name, node) in values() {
        let _ = write!(out, "{} = ", key(name));
        match layout {
            Layout::Fixed => line(out, node, key(name).len() + 3),
            Layout::Narrow => narrow(out, node, 0, 0),
        }
        out.push('\n');
    }
    for (name, node) in entries {
        let below = if path.is_empty() { key(name) } else { format!("{path}.{}", key(name)) };
        match node {
            Node::Section(entries) => section(out, &below, entries, "[", "]", layout),
            Node::Sections(tables) => {
                tables.iter().for_each(|entries| section(out, &below, entries, "[[", "]]", layout))
            }
            _ => {}
        }
    }
}

/// Writes a value after `key = `, over several lines where that reads better.
fn line(out: &mut String, node: &Node, column: usize) {
    match node {
        Node::String(text) if text.contains('\n') => out.push_str(&multiline(text)),
        Node::Condition(condition) => {
            let flat = flat(condition);
            if column + flat.len() <= WIDTH {
                out.push_str(&flat);
            } else {
                let mut broken = String::new();
                broken_condition(&mut broken, condition, 0);
                out.push_str(&multiline(&broken));
            }
        }
        Node::Array(items) => {
            let mut flat = String::new();
            node.write_inline(&mut flat);
            if column + flat.len() <= WIDTH || items.is_empty() {
                out.push_str(&flat);
                return;
            }
            out.push_str("[\n");
            for item in items {
                out.push_str("    ");
                item.write_inline(out);
                out.push_str(",\n");
            }
            out.push(']');
        }
        _ => node.write_inline(out),
    }
}

/// Writes a value behind what the last line holds, over several lines where it is too wide; `depth` is the indentation
/// of that line, `behind` the number of bytes that follow it.
fn narrow(out: &mut String, node: &Node, depth: usize, behind: usize) {
    let mut flat = String::new();
    node.write_inline(&mut flat);
    let column = out.len() - out.rfind('\n').map_or(0, |end| end + 1);
    // A comma may follow.
    let within_braces = behind > 0 || matches!(node, Node::Inline(_));
    let width = if within_braces { WIDEST } else { WIDTH };
    let fits = column + flat.len() + behind < width;
    let indentation = "    ".repeat(depth);
    match node {
        Node::String(text) if text.contains('\n') => out.push_str(&multiline(text)),
        _ if fits => out.push_str(&flat),
        Node::Condition(condition) => {
            let mut broken = indentation;
            broken_condition(&mut broken, condition, depth);
            out.push_str(&multiline(&broken));
        }
        Node::Array(items) if !items.is_empty() => {
            out.push_str("[\n");
            for item in items {
                out.push_str(&indentation);
                out.push_str("    ");
                narrow(out, item, depth + 1, 0);
                out.push_str(",\n");
            }
            out.push_str(&indentation);
            out.push(']');
        }
        Node::Inline(entries) => {
            out.push_str("{ ");
            for (index, (name, node)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                let _ = write!(out, "{} = ", key(name));
                // What follows can be broken at its first quote or bracket.
                let least = |(name, node): &(String, Node)| match node {
                    Node::Plain(text) => name.len() + text.len() + 5,
                    _ => name.len() + 8,
                };
                let rest = entries.get(index + 1).map_or(2, least);
                narrow(out, node, depth, rest);
            }
            out.push_str(" }");
        }
        _ => out.push_str(&flat),
    }
}

/// Returns a condition on one line; a constant is a boolean.
fn flat(condition: &Condition) -> String {
    match condition {
        Condition::Constant(value) => value.to_string(),
        other => string(&other.to_string()),
    }
}

/// Writes a condition over several lines, as rustfmt would break a call.
fn broken_condition(out: &mut String, condition: &Condition, depth: usize) {
    let flat = condition.to_string();
    let (operator, parts) = match condition {
        Condition::All(parts) => ("all", parts),
        Condition::Any(parts) => ("any", parts),
        Condition::Not(inner) => {
            out.push_str("not(");
            broken_condition(out, inner, depth);
            out.push(')');
            return;
        }
        Condition::Constant(_) | Condition::Fact(_) => return out.push_str(&flat),
    };
    if parts.is_empty() || (depth > 0 && depth * 4 + flat.len() < WIDTH) {
        out.push_str(&flat);
        return;
    }
    let _ = writeln!(out, "{operator}(");
    for part in parts {
        out.push_str(&"    ".repeat(depth + 1));
        broken_condition(out, part, depth + 1);
        out.push_str(",\n");
    }
    let _ = write!(out, "{})", "    ".repeat(depth));
}

/// Returns a key, without quotes if possible.
#[must_use]
pub fn key(name: &str) -> String {
    // A number is a valid bare key, but could be mistaken for a value.
    let bare = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { name.to_owned() } else { basic(name) }
}

/// Returns a string on one line, in the quotes that need the fewest escapes.
#[must_use]
pub fn string(text: &str) -> String {
    let plain = !text.chars().any(is_escaped);
    if plain && text.contains(['"', '\\']) && !text.contains('\'') {
        format!("'{text}'")
    } else {
        basic(text)
    }
}

fn multiline(text: &str) -> String {
    let plain = !text.chars().any(|c| is_escaped(c) && c != '\n');
    if plain && !text.contains("'''") && !text.ends_with('\'') {
        return format!("'''\n{text}'''");
    }
    let lines: Vec<String> = text.split('\n').map(|line| basic(line)[1..].to_owned()).collect();
    let lines: Vec<&str> = lines.iter().map(|line| &line[..line.len() - 1]).collect();
    format!("\"\"\"\n{}\"\"\"", lines.join("\n"))
}

/// Returns whether TOML allows a character only as an escape.
fn is_escaped(c: char) -> bool {
    c.is_control() && c != '\t'
}

fn basic(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_escaped(c) => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
