//! Lists of modules with version requirements: `Requires: a >= 1.2, b`.

use std::cmp::Ordering;

use super::lines::is_space;

/// An entry of such a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The name of the module.
    pub module: String,
    /// The operator of the version requirement.
    pub operator: Operator,
    /// The version that it compares with; `None` with [`Operator::Any`].
    pub version: Option<String>,
    /// True if the entry is in `Requires.internal`: its cflags are not for users.
    pub internal: bool,
}

/// An operator of a version requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Any version: no operator, or an unknown one.
    Any,
    /// `<`: older than the given version.
    Less,
    /// `<=`: the given version or older.
    LessEqual,
    /// `=`: exactly the given version.
    Equal,
    /// `!=`: any other version.
    NotEqual,
    /// `>`: newer than the given version.
    Greater,
    /// `>=`: the given version or newer.
    GreaterEqual,
}

impl Operator {
    /// Reads an operator; an unknown one counts as none, as in pkgconf.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "<" => Self::Less,
            "<=" => Self::LessEqual,
            "=" => Self::Equal,
            "!=" => Self::NotEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterEqual,
            _ => Self::Any,
        }
    }

    /// Returns the operator as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "(any)",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }

    /// Returns whether `found OPERATOR wanted` holds, in the order of [`super::compare_versions`].
    #[must_use]
    pub fn holds(self, found: &str, wanted: &str) -> bool {
        let order = super::version::compare(found, wanted);
        match self {
            Self::Any => true,
            Self::Less => order == Ordering::Less,
            Self::LessEqual => order != Ordering::Greater,
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterEqual => order != Ordering::Less,
        }
    }
}

impl Dependency {
    /// Returns whether a module of that version meets the requirement.
    #[must_use]
    pub fn accepts(&self, version: &str) -> bool {
        self.version.as_deref().is_none_or(|wanted| self.operator.holds(version, wanted))
    }
}

/// Reads a list, separated by blanks and commas. An operator without a version drops its module, as in pkgconf.
#[must_use]
pub fn parse(text: &str) -> Vec<Dependency> {
    let mut list = Vec::new();
    parse_into(&mut list, text, false);
    list
}

/// Reads a list and appends it to another. If a module has two entries and one is internal, the public one is kept.
pub(super) fn parse_into(list: &mut Vec<Dependency>, text: &str, internal: bool) {
    let mut rest = text.trim_start_matches(is_separator);
    while !rest.is_empty() {
        let end = rest.find(is_separator).unwrap_or(rest.len());
        let (module, after) = rest.split_at(end);
        // A comma ends the entry, so an operator after it is ignored.
        let next = after.trim_start_matches(is_space);
        if !next.starts_with(is_operator) {
            add(
                list,
                Dependency { module: module.to_owned(), operator: Operator::Any, version: None, internal },
            );
            rest = after.trim_start_matches(is_separator);
            continue;
        }
        let end = next.find(|c| !is_operator(c)).unwrap_or(next.len());
        let (operator, after) = next.split_at(end);
        // pkgconf looks for the version after the first character that is not part of an operator.
        let mut skipped = after.chars();
        skipped.next();
        let after = skipped.as_str().trim_start_matches(is_space);
        if after.is_empty() {
            return;
        }
        let end = after
            .char_indices()
            .find(|(at, c)| *at > 0 && is_separator(*c))
            .map_or(after.len(), |(at, _)| at);
        let (version, after) = after.split_at(end);
        add(
            list,
            Dependency {
                module: module.to_owned(),
                operator: Operator::parse(operator),
                version: Some(version.to_owned()),
                internal,
            },
        );
        rest = after.trim_start_matches(is_separator);
    }
}

fn add(list: &mut Vec<Dependency>, new: Dependency) {
    if new.internal && list.iter().any(|old| old.module == new.module && !old.internal) {
        return;
    }
    if !new.internal
        && let Some(at) = list.iter().position(|old| old.module == new.module && old.internal)
    {
        list.remove(at);
    }
    list.push(new);
}

fn is_separator(c: char) -> bool {
    c == ',' || is_space(c)
}

fn is_operator(c: char) -> bool {
    matches!(c, '<' | '>' | '!' | '=')
}
