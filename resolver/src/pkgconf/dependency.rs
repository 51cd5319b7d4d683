//! Lists of modules with version requirements: `Requires: a >= 1.2, b`.

use std::cmp::Ordering;

use super::lines::is_space;

/// One entry of such a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Name of the module.
    pub module: String,
    /// How its version is compared.
    pub operator: Operator,
    /// What it is compared with; `None` with [`Operator::Any`].
    pub version: Option<String>,
    /// Stands in `Requires.internal`: its cflags are not for users.
    pub internal: bool,
}

/// A version operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// None given, or an unknown one.
    Any,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
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

    /// As written.
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

    /// Whether `found OPERATOR wanted` holds, in [`super::compare_versions`]' order.
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
    /// Whether a module of that version will do.
    #[must_use]
    pub fn accepts(&self, version: &str) -> bool {
        self.version.as_deref().is_none_or(|wanted| self.operator.holds(version, wanted))
    }
}

/// Reads a list: blanks and commas separate. An operator without a version drops its module, as in pkgconf.
#[must_use]
pub fn parse(text: &str) -> Vec<Dependency> {
    let mut list = Vec::new();
    parse_into(&mut list, text, false);
    list
}

/// Reads a list behind another. Of two entries for one module, of which one is internal, the public one stays.
pub(super) fn parse_into(list: &mut Vec<Dependency>, text: &str, internal: bool) {
    let mut rest = text.trim_start_matches(is_separator);
    while !rest.is_empty() {
        let end = rest.find(is_separator).unwrap_or(rest.len());
        let (module, after) = rest.split_at(end);
        // A comma ends the entry, so that an operator after it belongs to nothing.
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
        // The original looks for the version behind the first character that is no operator.
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
