//! Writes a random script from the grammar.
#![cfg(test)]

use std::fmt::Write as _;

use super::grammar::GRAMMAR;
use crate::agreement::Random;

/// The literal texts: parts of triples, texts to compare with, and the empty text.
const WORDS: [&str; 9] = ["linux", "windows", "x86", "a", "red", "gnu", "", "64", "1"];

/// A variable of the script.
struct Variable {
    name: String,
    sort: char,
    in_scope: bool,
    assignable: bool,
}

pub(super) struct Writer<'r> {
    random: &'r mut Random,
    variables: Vec<Variable>,
    /// The sort of value that a statement here may return, or `u` for none; `None` where it must not return.
    returns: Option<char>,
    names: usize,
    /// The number of constructs that may still be written.
    budget: usize,
}

/// Returns a whole script. Every script has the same functions that ask about the build.
pub(super) fn script(random: &mut Random) -> String {
    let mut writer = Writer { random, variables: Vec::new(), returns: Some('u'), names: 0, budget: 24 };
    let mut body = String::new();
    for _ in 0..3 {
        writer.block(3, &mut body);
        body.push('\n');
    }
    format!("{PRELUDE}\npub fn main() {{\n{body}}}\n")
}

const PRELUDE: &str = r#"
use std::env;
use std::process::Command;

fn version() -> String {
    let output = Command::new(env::var_os("RUSTC").unwrap()).arg("--version").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn minor() -> u32 {
    version().split('.').nth(1).unwrap().parse().unwrap()
}

fn cfg_is(key: &str, value: &str) -> bool {
    env::var(format!("CARGO_CFG_{key}")).map_or(false, |found| found == value)
}
"#;

impl Writer<'_> {
    /// Writes one to three statements; their variables go out of scope at the end.
    fn block(&mut self, depth: usize, out: &mut String) {
        let outside = self.variables.len();
        for _ in 0..1 + self.random.below(3) {
            self.any('T', depth, out);
            out.push('\n');
        }
        self.variables.truncate(outside);
    }

    /// Writes an expression of a sort, or a statement.
    fn any(&mut self, sort: char, depth: usize, out: &mut String) {
        let variables: Vec<&Variable> =
            self.variables.iter().filter(|one| one.in_scope && one.sort == sort).collect();
        if !variables.is_empty() && self.random.below(if depth == 0 { 2 } else { 3 }) == 0 {
            let chosen = variables[self.random.below(variables.len())];
            out.push_str(&chosen.name);
            out.push_str(match sort {
                'S' => ".to_string()",
                'B' | 'N' => "",
                _ => ".clone()",
            });
            return;
        }
        let of_sort = GRAMMAR.iter().filter(|(of, template)| {
            *of == sort && self.possible(template) && (depth > 0 && self.budget > 0 || !recursive(template))
        });
        let templates: Vec<&str> = of_sort.map(|(_, template)| *template).collect();
        let template = templates[self.random.below(templates.len())];
        self.budget = self.budget.saturating_sub(1);
        let mut text = String::new();
        self.fill(template, depth.saturating_sub(1), &mut text);
        let wrapped = sort != 'T'
            && (sort == 'B'
                || text.starts_with(['{', '\'', '(', '!', '['])
                || text.ends_with(" as u32")
                || text.starts_with("if ")
                || text.starts_with("match "));
        let _ = if wrapped { write!(out, "({text})") } else { write!(out, "{text}") };
    }

    /// Returns whether a template can be used here: its assignable variables exist, and it may return if it does.
    fn possible(&self, template: &str) -> bool {
        let assignable = template.split("{=").skip(1).all(|rest| {
            let sort = rest.chars().next();
            self.variables.iter().any(|one| one.in_scope && one.assignable && Some(one.sort) == sort)
        });
        assignable && (self.returns.is_some() || !template.contains("{?}"))
    }

    fn fill(&mut self, template: &str, depth: usize, out: &mut String) {
        let mut names: Vec<(char, usize)> = Vec::new();
        let mut functions = Vec::new();
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(&rest[..at]);
            let doubled = rest[at..].starts_with("{{") || rest[at..].starts_with("}}");
            if doubled {
                out.push_str(&rest[at..=at]);
                rest = &rest[at + 2..];
                continue;
            }
            let end = at + rest[at..].find('}').expect("a hole ends");
            let hole = &rest[at + 1..end];
            rest = &rest[end + 1..];
            let letter = |text: &str| text.chars().next().expect("a letter");
            let index = |names: &[(char, usize)], name: char| {
                names.iter().rev().find(|(known, _)| *known == name).expect("a name of the template").1
            };
            match hole {
                "w" => {
                    let _ = write!(out, "{:?}", WORDS[self.random.below(WORDS.len())]);
                }
                "k" => out.push_str(&self.random.below(3).to_string()),
                "n" => out.push_str(&self.random.below(12).to_string()),
                "m" => out.push_str(&(50 + self.random.below(45)).to_string()),
                "u" => {
                    self.names += 1;
                    out.push_str(&self.names.to_string());
                }
                "?" => {
                    if let Some(sort @ ('S' | 'P' | 'R')) = self.returns {
                        self.any(sort, depth.min(1), out);
                    }
                }
                "]" => {
                    let (outside, hidden, returns): (usize, Vec<bool>, Option<char>) =
                        functions.pop().expect("a function began");
                    self.variables.truncate(outside);
                    for (variable, in_scope) in self.variables.iter_mut().zip(hidden) {
                        variable.in_scope = in_scope;
                    }
                    self.returns = returns;
                }
                "T" => self.block(depth, out),
                _ if hole.starts_with('[') => {
                    let hidden = self.variables.iter().map(|one| one.in_scope).collect();
                    functions.push((self.variables.len(), hidden, self.returns));
                    self.variables.iter_mut().for_each(|one| one.in_scope = false);
                    self.returns = Some(letter(&hole[1..]));
                }
                _ if hole.starts_with('-') => {
                    let at = index(&names, letter(&hole[1..]));
                    self.variables[at].in_scope = false;
                }
                _ if hole.starts_with("!*") || hole.starts_with('!') => {
                    let at = index(&names, hole.chars().last().expect("a letter"));
                    self.variables[at].in_scope = true;
                    self.variables[at].assignable = hole.starts_with("!*");
                }
                _ if hole.starts_with('=') => {
                    let sort = letter(&hole[1..]);
                    let may = |one: &&Variable| one.in_scope && one.assignable && one.sort == sort;
                    let among: Vec<&Variable> = self.variables.iter().filter(may).collect();
                    let chosen = among[self.random.below(among.len())];
                    out.push_str(&chosen.name);
                }
                _ if hole.contains(':') => {
                    let at_once = hole.starts_with('+');
                    let hole = hole.trim_start_matches('+');
                    self.names += 1;
                    let name = format!("v{}", self.names);
                    out.push_str(&name);
                    names.push((letter(hole), self.variables.len()));
                    let sort = hole.chars().last().expect("a sort");
                    self.variables.push(Variable { name, sort, in_scope: at_once, assignable: false });
                }
                _ if hole.chars().all(char::is_lowercase) => {
                    out.push_str(&self.variables[index(&names, letter(hole))].name);
                }
                sort => {
                    // The expression may be inside a closure, whose `return` is not the function's.
                    let returns = self.returns.take();
                    self.any(letter(sort), depth, out);
                    self.returns = returns;
                }
            }
        }
        out.push_str(rest);
    }
}

fn recursive(template: &str) -> bool {
    "BSNOPRLT".chars().any(|sort| template.contains(&format!("{{{sort}}}")))
}
