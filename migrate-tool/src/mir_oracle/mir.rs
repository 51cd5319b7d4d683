//! Reads the MIR that rustc writes with `-Zmir-include-spans=on`: the types of variables and the functions of calls, by
//! where they stand.

use std::collections::HashMap;

use super::types::{read, split};
use crate::interp::Ty;

/// A line and a column, both from 1.
pub(super) type At = (usize, usize);

/// A call in MIR.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// The function's path, as rustc writes it.
    pub(super) callee: String,
    /// The type of the first argument, where that is a variable.
    pub(super) receiver: Option<Ty>,
    /// The type of the result.
    pub(super) result: Option<Ty>,
}

/// The types and the calls of a program, by file and place. Several entries of one place come of macros and of code
/// that is compiled more than once.
#[derive(Debug, Default)]
pub(super) struct Mir {
    pub(super) variables: HashMap<(String, At), Vec<Ty>>,
    pub(super) calls: HashMap<(String, At), Vec<Call>>,
}

/// Reads `FILE:LINE:COLUMN: LINE:COLUMN` and returns the file and the first position; `None` for any other form.
fn place(text: &str) -> Option<(String, At)> {
    let (from, _) = text.rsplit_once(": ")?;
    let mut parts = from.rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    Some((parts.next()?.to_owned(), (line, column)))
}

/// Splits `function(arguments)` at the bracket that the last one closes.
fn callee(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_suffix(')')?;
    let mut depth = 1;
    // Texts among the arguments may hold brackets; a callee holds no quotes.
    let quoted = inner.find(['"', '\'']).filter(|at| inner[*at..].starts_with('"'));
    if let Some(quote) = quoted {
        let open = inner[..quote]
            .rfind("(const ")
            .or_else(|| inner[..quote].find("(move "))
            .or_else(|| inner[..quote].find("(copy "))?;
        return Some((&inner[..open], &inner[open + 1..]));
    }
    for (at, character) in inner.char_indices().rev() {
        match character {
            ')' => depth += 1,
            '(' => {
                depth -= 1;
                if depth == 0 {
                    return Some((&inner[..at], &inner[at + 1..]));
                }
            }
            _ => {}
        }
    }
    None
}

impl Mir {
    pub(super) fn read(text: &str) -> Self {
        let mut out = Self::default();
        let mut function: Vec<&str> = Vec::new();
        for line in text.lines() {
            if !line.is_empty() && !line.starts_with([' ', '}', '/']) {
                function.clear();
            }
            function.push(line);
            if line == "}" {
                out.function(&function);
                function.clear();
            }
        }
        out
    }

    fn function(&mut self, lines: &[&str]) {
        let mut locals: HashMap<&str, Ty> = HashMap::new();
        // `fn name(_1: Type, _2: Type) -> Type {`
        if let Some(head) = lines.first().and_then(|head| head.strip_suffix(" {"))
            && let Some(open) = head.find("(_1: ")
        {
            // The bracket that closes the list closes nothing that was opened after it.
            let list = &head[open + 1..];
            let mut depth = 0_usize;
            let end = list.char_indices().find(|(_, character)| match character {
                '(' => {
                    depth += 1;
                    false
                }
                ')' if depth == 0 => true,
                ')' => {
                    depth -= 1;
                    false
                }
                _ => false,
            });
            for part in split(&list[..end.map_or(list.len(), |(at, _)| at)]) {
                if let Some((name, ty)) = part.split_once(": ")
                    && name.starts_with('_')
                {
                    locals.insert(name, read(ty));
                }
            }
        }
        let declaration = |line: &'_ str| -> Option<(String, String)> {
            let rest = line.trim_start().strip_prefix("let ")?;
            let declared = rest.split_once(" //")?.0.trim_end().strip_suffix(';')?;
            let declared = declared.strip_prefix("mut ").unwrap_or(declared);
            let (name, ty) = declared.split_once(": ")?;
            Some((name.to_owned(), ty.to_owned()))
        };
        let declared: Vec<(String, String)> = lines.iter().filter_map(|line| declaration(line)).collect();
        for (name, ty) in &declared {
            locals.insert(name, read(ty));
        }
        for (at, line) in lines.iter().enumerate() {
            let line = line.trim_start();
            if let Some(rest) = line.strip_prefix("debug ") {
                let Some((bound, comment)) = rest.split_once(" //") else { continue };
                let bound = bound.trim_end().trim_end_matches(';');
                let Some((_, local)) = bound.split_once(" => ") else { continue };
                let Some(place) = comment.rsplit_once(" at ").and_then(|(_, at)| place(at)) else { continue };
                if let Some(ty) = locals.get(local) {
                    self.variables.entry(place).or_default().push(ty.clone());
                }
            } else if let Some((target, rest)) = line.split_once(" = ")
                && let Some((call, _)) = rest.split_once(") -> [")
                && let Some((callee, arguments)) = callee(&format!("{call})"))
            {
                // The first constant is the function.
                let span = lines[at + 1..]
                    .iter()
                    .take(3)
                    .find_map(|line| line.trim_start().strip_prefix("// + span: "));
                let Some(place) = span.and_then(place) else { continue };
                let first = split(arguments).first().copied().unwrap_or_default();
                let local = first.strip_prefix("move ").or_else(|| first.strip_prefix("copy "));
                self.calls.entry(place).or_default().push(Call {
                    callee: callee.to_owned(),
                    receiver: local.and_then(|local| locals.get(local)).cloned(),
                    result: locals.get(target).cloned(),
                });
            }
        }
    }
}
