//! Evaluates conditions while reading them: cfg syntax over the facts that `Script` answers.

use crate::Outcome;
use crate::toml::run;

/// Answers one fact, given its name and the value in the condition. `None` means "not known yet".
pub(crate) type Ask<'a> = dyn FnMut(&str, Option<&str>) -> Outcome<Option<bool>> + 'a;

/// Returns the value of a condition, as far as `ask` knows its facts. Facts that do not decide it are not asked.
pub(crate) fn evaluate(text: &str, ask: &mut Ask<'_>) -> Outcome<Option<bool>> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    match reader.condition(true, ask)? {
        Some(value) if reader.peek().is_none() => Ok(value),
        _ => Err(format!("the condition `{text}` is not understood")),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

/// The value of a part of a condition; the outer `None` is an error in the text.
type Read = Outcome<Option<Option<bool>>>;

impl<'t> Reader<'t> {
    /// Reads a condition; `live` is whether its value still matters.
    fn condition(&mut self, live: bool, ask: &mut Ask<'_>) -> Read {
        self.peek();
        let rest = &self.text[self.at..];
        let end = run(rest, |c| c.is_alphanumeric() || c == '_');
        let name = &rest[..end];
        self.at += end;
        self.depth += 1;
        if name.is_empty() || self.depth > 100 {
            return Ok(None);
        }
        let value = match self.peek() {
            Some('(') => self.list(name, live, ask)?,
            Some('=') => {
                self.at += 1;
                match self.quoted() {
                    Some(value) if live => Some(ask(name, Some(&value))?),
                    Some(_) => Some(None),
                    None => None,
                }
            }
            _ => Some(match name {
                "true" => Some(true),
                "false" => Some(false),
                _ if live => ask(name, None)?,
                _ => None,
            }),
        };
        self.depth -= 1;
        Ok(value)
    }

    fn list(&mut self, name: &str, live: bool, ask: &mut Ask<'_>) -> Read {
        let decides = name == "any";
        let mut value = Some(name == "all");
        self.at += 1;
        while self.peek() != Some(')') {
            let more = live && (value.is_none() || value != Some(decides) || name == "not");
            let part = match self.condition(more, ask)? {
                Some(part) => part,
                None => return Ok(None),
            };
            match name {
                "not" => value = part.map(|part| !part),
                _ if !more => {}
                _ if part == Some(decides) => value = part,
                _ if part.is_none() => value = None,
                _ => {}
            }
            match self.peek() {
                Some(',') => self.at += 1,
                Some(')') => {}
                _ => return Ok(None),
            }
        }
        self.at += 1;
        Ok(Some(value))
    }

    /// Reads `"…"`, with the escapes `\"` and `\\`.
    fn quoted(&mut self) -> Option<String> {
        if self.peek() != Some('"') {
            return None;
        }
        let mut value = String::new();
        let mut escaped = false;
        for (at, c) in self.text[self.at + 1..].char_indices() {
            if escaped || (c != '\\' && c != '"') {
                value.push(c);
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else {
                self.at += at + 2;
                return Some(value);
            }
        }
        None
    }

    /// Returns the next character that is not white space.
    fn peek(&mut self) -> Option<char> {
        self.at += run(&self.text[self.at..], char::is_whitespace);
        self.text[self.at..].chars().next()
    }
}

/// Compares by the schema's rules: numbers (hexadecimal after `0x`) as numbers, dotted versions part by part, `=`
/// any text.
pub(crate) fn compare(actual: &str, operator: &str, wanted: &str) -> bool {
    if operator == "contains" {
        return has(actual, ',', wanted);
    }
    let order = match (number(actual), number(wanted)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => match dotted(actual, wanted) {
            Some(order) => order,
            None => return operator == "=" && actual == wanted,
        },
    };
    holds(order, operator)
}

/// Returns whether a text, split at a character, has the wanted item.
pub(crate) fn has(text: &str, by: char, wanted: &str) -> bool {
    for word in text.split(by) {
        if word == wanted {
            return true;
        }
    }
    false
}

/// Returns whether an order satisfies an operator.
pub(crate) fn holds(order: std::cmp::Ordering, operator: &str) -> bool {
    match operator {
        ">=" => order.is_ge(),
        ">" => order.is_gt(),
        "<=" => order.is_le(),
        "<" => order.is_lt(),
        _ => order.is_eq(),
    }
}

/// Reads a number: decimal, or hexadecimal after `0x`.
pub(crate) fn number(text: &str) -> Option<u128> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    if digits.starts_with('+') {
        return None;
    }
    u128::from_str_radix(digits, radix).ok()
}

/// Returns the order of two dotted versions, with missing parts as zero; `None` if either is not a dotted version.
pub(crate) fn dotted(left: &str, right: &str) -> Option<std::cmp::Ordering> {
    let (mut one, mut two) = (left.split('.'), right.split('.'));
    let mut order = std::cmp::Ordering::Equal;
    loop {
        let (x, y) = match (one.next(), two.next()) {
            (None, None) => return Some(order),
            (x, y) => (x.unwrap_or("0"), y.unwrap_or("0")),
        };
        // The remaining parts must be numbers too.
        if order.is_eq() {
            order = part(x)?.cmp(&part(y)?);
        } else {
            part(x)?;
            part(y)?;
        }
    }
}

fn part(text: &str) -> Option<u64> {
    if text.starts_with('+') { None } else { text.parse().ok() }
}

/// Splits `name`, or `name OPERATOR value`.
pub(crate) fn test(text: &str) -> (&str, Option<(&str, &str)>) {
    if let Some((name, word)) = text.split_once(" contains ") {
        return (name.trim(), Some(("contains", word.trim())));
    }
    let at = run(text, |c| !is_operator(c));
    (text[..at].trim(), if at < text.len() { Some(operator(&text[at..])) } else { None })
}

/// Splits a text into the operator that it begins with and the rest.
pub(crate) fn operator(text: &str) -> (&str, &str) {
    let end = run(text, is_operator);
    (&text[..end], text[end..].trim())
}

fn is_operator(c: char) -> bool {
    c == '<' || c == '>' || c == '='
}
