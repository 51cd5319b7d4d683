//! The variables of a `.pc` file and `${…}` in values, with pkgconf's rule for the sysroot.

use super::config::Globals;
use super::problem::Problem;

/// The greatest length of a value, in bytes: pkgconf truncates longer ones with a warning, and a dozen nested
/// definitions of doubling length would otherwise fill the memory.
const LONGEST: usize = 64 * 1024;

/// The greatest depth of nested expansions; deeper nesting means that a definition refers to itself.
const DEEPEST: usize = 64;

/// Variables in the order of `--print-variables`: last defined first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Variables(Vec<(String, String)>);

impl Variables {
    /// Returns the value of `key`, if the file defines it.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Defines `key`, expanding variables that were defined before it.
    pub(super) fn define(&mut self, globals: &Globals, key: &str, value: &str) -> Result<(), Problem> {
        self.0.retain(|(name, _)| name != key);
        let value = self.expand(globals, &dequote(value))?;
        self.0.push((key.to_owned(), value));
        Ok(())
    }

    /// Defines `key` without expanding its value.
    pub(super) fn define_raw(&mut self, key: &str, value: &str) {
        self.0.retain(|(name, _)| name != key);
        self.0.push((key.to_owned(), dequote(value)));
    }

    /// Replaces `${name}`: by the text of a global definition, by the expansion of a definition in the file, or by
    /// nothing if the name is unknown. An absolute value outside the sysroot gets the sysroot in front.
    pub(super) fn expand(&self, globals: &Globals, value: &str) -> Result<String, Problem> {
        self.expand_at(globals, value, 0)
    }

    fn expand_at(&self, globals: &Globals, value: &str, depth: usize) -> Result<String, Problem> {
        if depth > DEEPEST {
            return Err(Problem::Expansion { value: shorten(value), why: "a variable stands for itself" });
        }
        let mut out = String::new();
        let sysroot = globals.sysroot.as_deref();
        if let Some(sysroot) = sysroot
            && !globals.fdo_sysroot_rules
            && value.starts_with('/')
            && !value.starts_with(sysroot)
        {
            out.push_str(sysroot);
        }
        let mut rest = value;
        while let Some(at) = rest.find("${") {
            out.push_str(&rest[..at]);
            let after = &rest[at + 2..];
            let (name, next) = after.split_once('}').unwrap_or((after, ""));
            if let Some(text) = globals.get(name) {
                out.push_str(text);
            } else if let Some(text) = self.get(name) {
                out.push_str(&self.expand_at(globals, text, depth + 1)?);
            }
            if out.len() > LONGEST {
                return Err(Problem::Expansion {
                    value: shorten(value),
                    why: "it expands to more than 64 KiB",
                });
            }
            rest = next;
        }
        out.push_str(rest);
        if out.len() > LONGEST {
            return Err(Problem::Expansion { value: shorten(value), why: "it is longer than 64 KiB" });
        }
        // A file that writes `${pc_sysrootdir}${prefix}` (freedesktop's rule) would get the sysroot twice.
        if let Some(sysroot) = sysroot
            && sysroot != "/"
            && out.starts_with('/')
            && out.len() > sysroot.len()
            && let Some(rest) = out.get(sysroot.len()..)
            && rest.contains(sysroot)
        {
            return Ok(single_slashes(rest));
        }
        Ok(out)
    }
}

fn shorten(value: &str) -> String {
    value.chars().take(80).collect()
}

/// Removes the quotes of a value that begins with one, everywhere in it; `\"` inside them becomes a quote.
pub(super) fn dequote(value: &str) -> String {
    let Some(quote) = value.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        return value.to_owned();
    };
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' && chars.next_if_eq(&quote).is_some() {
            out.push(quote);
        } else if c != quote {
            out.push(c);
        }
    }
    out
}

/// Replaces repeated slashes by one: `a//b` → `a/b`.
pub(super) fn single_slashes(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_stands_for_itself_is_an_error() {
        let mut variables = Variables::default();
        let globals = Globals::default();
        variables.define(&globals, "a", "$").unwrap();
        variables.define(&globals, "b", "${a}{b}").unwrap();
        assert!(matches!(variables.expand(&globals, "${b}"), Err(Problem::Expansion { .. })));
    }

    #[test]
    fn doubling_definitions_are_stopped() {
        let mut variables = Variables::default();
        let globals = Globals::default();
        variables.define(&globals, "a", "0123456789").unwrap();
        let mut result = Ok(());
        for _ in 0..40 {
            result = result.and_then(|()| {
                variables.define(&globals, "b", "${a}${a}")?;
                variables.define(&globals, "a", "${b}")
            });
        }
        assert!(result.is_err());
    }

    #[test]
    fn quotes() {
        assert_eq!(dequote(r#""a \" b'c" d"#), r#"a " b'c d"#);
        assert_eq!(dequote("a'b"), "a'b");
    }
}
