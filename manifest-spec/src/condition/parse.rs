//! Reads a [`Condition`] from text.

use super::{Channel, Comparison, Condition, Fact, Glob, Operator, ValueTest, Version, names};
use crate::{Diagnostic, Span, codes, rules, suggest};

/// The greatest nesting of conditions: the parser recurses, and its input is not trusted.
pub const MAX_DEPTH: usize = 64;

/// Reads one condition. `offset` is the position of `text` in the document, so that spans are positions in the
/// document.
///
/// # Errors
///
/// The first problem of the text.
pub fn parse(text: &str, offset: usize) -> Result<Condition, Diagnostic> {
    parse_with_facts(text, offset, &mut |_, _| {})
}

/// As [`parse`]; also calls `seen` with every fact and its place.
pub(crate) fn parse_with_facts(
    text: &str,
    offset: usize,
    seen: &mut dyn FnMut(&Fact, Span),
) -> Result<Condition, Diagnostic> {
    let mut parser = Parser { text, at: 0, offset, seen };
    parser.space();
    if parser.rest().is_empty() {
        return Err(Diagnostic::error(
            codes::CONDITION_SYNTAX,
            "the condition is empty",
            offset..offset + text.len(),
        )
        .label("a condition is expected here")
        .help("write `true` for always, or leave the key out"));
    }
    let condition = parser.condition(0)?;
    parser.space();
    if parser.rest().is_empty() {
        return Ok(condition);
    }
    let found = parser.rest().trim_end();
    let help = match found.chars().next() {
        Some('&') => "write `all(a, b)` for both",
        Some('|') => "write `any(a, b)` for either",
        Some(',') => "write `all(a, b)` for both, `any(a, b)` for either",
        _ => "conditions are combined by `all(…)`, `any(…)` and `not(…)`",
    };
    Err(parser
        .error(
            codes::CONDITION_SYNTAX,
            "the condition goes on after its end",
            parser.at..parser.at + found.len(),
        )
        .label("not expected here")
        .help(help))
}

struct Parser<'a, 's> {
    text: &'a str,
    at: usize,
    offset: usize,
    seen: &'s mut dyn FnMut(&Fact, Span),
}

/// A quoted string after `name =`.
struct Quoted {
    value: String,
    /// The place of the text between the quotes.
    inner: Span,
    /// True if `inner` is `value` byte for byte, so that positions in `value` are positions in the text.
    verbatim: bool,
}

impl<'a> Parser<'a, '_> {
    fn condition(&mut self, depth: usize) -> Result<Condition, Diagnostic> {
        self.space();
        let start = self.at;
        if depth > MAX_DEPTH {
            return Err(self
                .error(codes::CONDITION_DEPTH, "the condition is nested too deeply", start..self.text.len())
                .label(format!("deeper than {MAX_DEPTH} levels"))
                .help("name parts of it as a cfg or write it flat with `all(…)` and `any(…)`"));
        }
        let name = self.word();
        if name.is_empty() {
            let help = match self.rest().chars().next() {
                Some('!') => "write `not(…)`",
                Some('"') => "a string stands after `name =`, as in `feature = \"std\"`",
                Some('(') => "write `all(…)` or `any(…)` before the parenthesis",
                _ => "a condition is `name`, `name = \"value\"`, `all(…)`, `any(…)` or `not(…)`",
            };
            return Err(self
                .error(codes::CONDITION_SYNTAX, "a condition is expected", self.here())
                .label("here")
                .help(help));
        }
        let span = start..self.at;
        self.space();
        match self.rest().chars().next() {
            Some('(') => self.operator(name, span, depth),
            Some('=') => {
                if self.rest().starts_with("==") {
                    return Err(self
                        .error(codes::CONDITION_SYNTAX, "`==` is not cfg syntax", self.at..self.at + 2)
                        .label("one `=`")
                        .help(format!("write `{name} = \"…\"`")));
                }
                self.at += 1;
                let value = self.quoted(name)?;
                let fact = self.valued(name, &span, &value)?;
                (self.seen)(&fact, self.offset + span.start..self.offset + self.at);
                Ok(Condition::Fact(fact))
            }
            Some(operator @ ('<' | '>' | '!')) => Err(self
                .error(codes::CONDITION_SYNTAX, "an operator stands inside the string", self.here())
                .label("not cfg syntax")
                .help(if operator == '!' {
                    format!("write `not({name} = \"…\")`")
                } else {
                    format!("write `{name} = \"{operator}…\"`")
                })),
            _ => self.bare(name, span),
        }
    }

    fn operator(&mut self, name: &str, span: Span, depth: usize) -> Result<Condition, Diagnostic> {
        if name == "cfg" {
            return Err(self
                .error(codes::CONDITION_SYNTAX, "`cfg(…)` is not needed around a condition", span)
                .label("leave it out")
                .help("write what stands between its parentheses"));
        }
        if !names::OPERATORS.contains(&name) {
            return Err(self
                .error(codes::CONDITION_SYNTAX, format!("`{name}(…)` is not an operator"), span)
                .label("unknown operator")
                .help(suggest::help(name, names::OPERATORS.iter().copied()).unwrap_or_default()));
        }
        let open = self.at;
        self.at += 1;
        let mut parts = Vec::new();
        loop {
            self.space();
            match self.rest().chars().next() {
                None => {
                    return Err(self
                        .error(codes::CONDITION_SYNTAX, "a parenthesis is not closed", open..open + 1)
                        .label("opened here")
                        .help("add `)`"));
                }
                Some(')') => break,
                Some(',') => {
                    return Err(self
                        .error(codes::CONDITION_SYNTAX, "a condition is expected before `,`", self.here())
                        .label("here")
                        .help("take the comma away"));
                }
                Some(_) => {}
            }
            parts.push(self.condition(depth + 1)?);
            self.space();
            match self.rest().chars().next() {
                Some(',') => self.at += 1,
                Some(')') | None => {}
                Some(_) => {
                    return Err(self
                        .error(codes::CONDITION_SYNTAX, "`,` or `)` is expected", self.here())
                        .label("here")
                        .help("conditions in a list are parted by commas"));
                }
            }
        }
        self.at += 1;
        Ok(match name {
            "all" => Condition::All(parts),
            "any" => Condition::Any(parts),
            _ => {
                let count = parts.len();
                let mut parts = parts.into_iter();
                match (parts.next(), count) {
                    (Some(only), 1) => Condition::Not(Box::new(only)),
                    _ => {
                        return Err(self
                            .error(
                                codes::CONDITION_SYNTAX,
                                format!("`not` takes one condition, not {count}"),
                                span.start..self.at,
                            )
                            .label("here")
                            .help("write `not(any(…))` or `not(all(…))`"));
                    }
                }
            }
        })
    }

    fn bare(&mut self, name: &str, span: Span) -> Result<Condition, Diagnostic> {
        let fact = match name {
            "true" => return Ok(Condition::Constant(true)),
            "false" => return Ok(Condition::Constant(false)),
            "cross" => Fact::Cross,
            "debug" => Fact::Debug,
            _ if names::TARGET_OPTIONS.contains(&name) => Fact::TargetOption(name.to_owned()),
            _ => return Err(self.unknown(name, span, None)),
        };
        (self.seen)(&fact, self.offset + span.start..self.offset + span.end);
        Ok(Condition::Fact(fact))
    }

    fn valued(&self, name: &str, span: &Span, quoted: &Quoted) -> Result<Fact, Diagnostic> {
        let value = quoted.value.as_str();
        if names::TARGET_KEYS.contains(&name) {
            return Ok(Fact::TargetKey { key: name.to_owned(), value: value.to_owned() });
        }
        Ok(match name {
            "feature" => Fact::Feature(self.nonempty(quoted, "a feature's name")?),
            "rustc" => Fact::Rustc(self.version_test(name, quoted, "1.81")?),
            "llvm" => Fact::Llvm(self.version_test(name, quoted, "15")?),
            "rustc_commit_date" => {
                let test = self.operator_test(name, quoted, "2024-01-31")?;
                if !is_date(&test.value) {
                    return Err(self.bad_value(quoted, "not a date", "write it as `>=2024-01-31`"));
                }
                Fact::RustcCommitDate(test)
            }
            "channel" => Fact::Channel(
                Channel::ALL.into_iter().find(|channel| channel.name() == value).ok_or_else(|| {
                    let help = suggest::help(value, Channel::ALL.map(Channel::name));
                    self.bad_value(quoted, "not a release channel", &help.unwrap_or_default())
                })?,
            ),
            "target" => Fact::Target(self.glob(quoted)?),
            "host" => Fact::Host(self.glob(quoted)?),
            "profile" => match value {
                "debug" | "release" => Fact::Profile(value.to_owned()),
                _ => {
                    let help = "Cargo tells build scripts `debug` or `release`, whatever the profile's name";
                    return Err(self.bad_value(quoted, "neither `debug` nor `release`", help));
                }
            },
            "opt_level" => match value {
                "0" | "1" | "2" | "3" | "s" | "z" => Fact::OptLevel(value.to_owned()),
                _ => {
                    let help = "the levels are `0`, `1`, `2`, `3`, `s` and `z`";
                    return Err(self.bad_value(quoted, "not an optimisation level", help));
                }
            },
            "env" => {
                let (name, value) = split_value(value);
                if !rules::names::is_env_name(name) {
                    let help =
                        "write `env = \"NAME\"` (it is set) or `env = \"NAME=value\"` (to exactly that)";
                    return Err(self.bad_value(quoted, "not a variable's name", help));
                }
                Fact::Env { name: name.to_owned(), value: value.map(str::to_owned) }
            }
            "path_exists" => match rules::path::check(value) {
                Ok(()) => Fact::PathExists(value.to_owned()),
                Err(refusal) => {
                    return Err(self
                        .error(codes::PATH, refusal.message, quoted.inner.clone())
                        .label("not a path of the package")
                        .help(refusal.help));
                }
            },
            "program" => {
                if !rules::names::is_program(value) {
                    let help = "write the bare name that is looked for on PATH, as in `program = \"emcc\"`";
                    return Err(self.bad_value(quoted, "not a program's name", help));
                }
                Fact::Program(value.to_owned())
            }
            "rustc_flag" => {
                // Flags are separated by a control character: a text that holds one would match two flags at once.
                if value.is_empty() || value.contains(char::is_control) {
                    let help = "write a text that a flag may hold, as in `rustc_flag = \"target-feature=\"`";
                    return Err(self.bad_value(quoted, "in no flag", help));
                }
                Fact::RustcFlag(value.to_owned())
            }
            "probe" => {
                let (name, test) = self.name_test(quoted)?;
                Fact::Probe { name, test }
            }
            "found" => {
                let (library, test) = self.name_test(quoted)?;
                Fact::Found { library, test }
            }
            "version_known" => match self.name_test(quoted)? {
                (library, None) => Fact::VersionKnown(library),
                _ => {
                    let help = "write the key of the `library` table alone, as in `version_known = \"zlib\"`";
                    return Err(self.bad_value(quoted, "not a library's name", help));
                }
            },
            "dep" => {
                let (path, test) = match quoted.value.trim().strip_suffix('=') {
                    // The form `key =`: the metadata is set, and empty.
                    Some(path) if !path.trim().is_empty() && !path.trim().contains([' ', '<', '>', '=']) => {
                        let test = Comparison { operator: Operator::Equal, value: String::new() };
                        (path.trim().to_owned(), Some(test))
                    }
                    _ => self.name_test(quoted)?,
                };
                match path.rsplit_once('.') {
                    Some((links, key))
                        if rules::names::is_links(links) && rules::names::is_metadata_key(key) =>
                    {
                        Fact::Dep { links: links.to_owned(), key: key.to_owned(), test }
                    }
                    _ => {
                        let help = "write `dep = \"links.key\"`, as in `dep = \"openssl.version_number >= 0x30000000\"`";
                        return Err(self.bad_value(quoted, "not a dependency's metadata", help));
                    }
                }
            }
            "custom_cfg" => {
                let (name, value) = split_value(value);
                if !rules::names::is_identifier(name) {
                    let help = "write `custom_cfg = \"name\"` or `custom_cfg = \"name=value\"`";
                    return Err(self.bad_value(quoted, "not a cfg's name", help));
                }
                Fact::CustomCfg { name: name.to_owned(), value: value.map(str::to_owned) }
            }
            _ => return Err(self.unknown(name, span.clone(), Some(value))),
        })
    }

    /// Splits `name`, or `name OPERATOR value`.
    fn name_test(&self, quoted: &Quoted) -> Result<(String, Option<ValueTest>), Diagnostic> {
        let value = quoted.value.as_str();
        if let Some((name, word)) = value.split_once(" contains ") {
            let (name, word) = (name.trim(), word.trim());
            if name.is_empty()
                || word.is_empty()
                || !is_comparable(word)
                || name.contains([' ', '<', '>', '='])
            {
                return Err(self.bad_value(
                    quoted,
                    "a word is expected after `contains`",
                    "write `name contains word`",
                ));
            }
            let test = Comparison { operator: Operator::Contains, value: word.to_owned() };
            return Ok((name.to_owned(), Some(test)));
        }
        let at = value.find(['<', '>', '=']).unwrap_or(value.len());
        let (name, test) = (value[..at].trim(), &value[at..]);
        if name.is_empty() || name.contains(char::is_whitespace) {
            let help = "write `name`, or `name >= value` with one of `>=`, `>`, `<=`, `<`, `=`";
            return Err(self.bad_value(quoted, "a name is expected first", help));
        }
        if test.is_empty() {
            return Ok((name.to_owned(), None));
        }
        match split_operator(test) {
            Some((operator, value)) if is_comparable(value) => {
                Ok((name.to_owned(), Some(Comparison { operator, value: value.to_owned() })))
            }
            _ => {
                let help = format!("write `{name} >= 3`, `{name} = text` or the like");
                Err(self.bad_value(quoted, "a value is expected after the operator", &help))
            }
        }
    }

    /// Reads a comparison, `OPERATOR value`.
    fn operator_test(&self, name: &str, quoted: &Quoted, example: &str) -> Result<ValueTest, Diagnostic> {
        let value = quoted.value.trim();
        match split_operator(value) {
            Some((operator, value)) => Ok(Comparison { operator, value: value.to_owned() }),
            None => {
                let shown = if value.is_empty() { example } else { value };
                Err(self
                    .error(
                        codes::OPERATOR_MISSING,
                        format!("`{name}` needs an operator"),
                        quoted.inner.clone(),
                    )
                    .label("exactly this, or at least this?")
                    .help(format!("write `{name} = \">={shown}\"`, or one of `>`, `<=`, `<`, `=`")))
            }
        }
    }

    fn version_test(
        &self,
        name: &str,
        quoted: &Quoted,
        example: &str,
    ) -> Result<Comparison<Version>, Diagnostic> {
        let test = self.operator_test(name, quoted, example)?;
        match Version::parse(&test.value) {
            Some(value) => Ok(Comparison { operator: test.operator, value }),
            None => {
                let help = format!("write one to three numbers: `{name} = \">={example}\"`");
                Err(self.bad_value(quoted, "not a version", &help))
            }
        }
    }

    fn glob(&self, quoted: &Quoted) -> Result<Glob, Diagnostic> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '*');
        if quoted.value.is_empty() || !quoted.value.chars().all(fits) {
            let help = "a pattern has letters, digits, `-`, `_`, `.` and `*` for any characters";
            return Err(self.bad_value(quoted, "not a target triple or pattern", help));
        }
        Ok(Glob(quoted.value.clone()))
    }

    fn nonempty(&self, quoted: &Quoted, what: &str) -> Result<String, Diagnostic> {
        if quoted.value.is_empty() {
            return Err(self.bad_value(quoted, "nothing", &format!("write {what}")));
        }
        Ok(quoted.value.clone())
    }

    /// Reads `"…"`, with the escapes `\"` and `\\` of Rust.
    fn quoted(&mut self, name: &str) -> Result<Quoted, Diagnostic> {
        self.space();
        let open = self.at;
        if !self.rest().starts_with('"') {
            let word: String = self.rest().chars().take_while(|c| !matches!(c, ',' | ')' | ' ')).collect();
            return Err(self
                .error(codes::CONDITION_SYNTAX, "a string is expected after `=`", open..open + word.len())
                .label("not a string")
                .help(format!("write `{name} = \"{}\"`", word.trim_matches('\''))));
        }
        let mut value = String::new();
        let mut verbatim = true;
        let mut characters = self.rest()[1..].char_indices();
        while let Some((index, c)) = characters.next() {
            match c {
                '"' => {
                    self.at = open + 1 + index + 1;
                    let inner = open + 1..open + 1 + index;
                    return Ok(Quoted { value, inner, verbatim });
                }
                '\\' => {
                    verbatim = false;
                    match characters.next() {
                        Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                        _ => {
                            let at = open + 1 + index;
                            return Err(self
                                .error(codes::CONDITION_SYNTAX, "an unknown escape", at..at + 1)
                                .label("only `\\\"` and `\\\\` are read")
                                .help("write `\\\\` for a backslash"));
                        }
                    }
                }
                c if c.is_control() => {
                    let at = open + 1 + index;
                    return Err(self
                        .error(
                            codes::CONTROL_CHARACTER,
                            "a control character in a condition",
                            at..at + c.len_utf8(),
                        )
                        .label("here")
                        .help("take it away"));
                }
                c => value.push(c),
            }
        }
        Err(self
            .error(codes::CONDITION_SYNTAX, "a string is not closed", open..self.text.len())
            .label("opened here")
            .help("add `\"`"))
    }

    fn unknown(&self, name: &str, span: Span, value: Option<&str>) -> Diagnostic {
        let error = |message: String| self.error(codes::CONDITION_NAME, message, span.clone());
        let shown = crate::render::escaped(name);
        if names::PER_COMPILATION.contains(&name) {
            return error(format!("`{name}` is not known to a build script, nor to its stand-in"))
                .label("differs between compilations")
                .help("one stand-in serves them all; ask `cfg` in the package's code");
        }
        let needs_value = |example: &str| {
            error(format!("`{name}` is asked for with a value"))
                .label("needs a value")
                .help(format!("write `{name} = \"{example}\"` or the like"))
        };
        if value.is_none() {
            if let Some((_, example, _)) = names::VALUED_FACTS.iter().find(|(fact, ..)| *fact == name) {
                return needs_value(example);
            }
            if names::TARGET_KEYS.contains(&name) {
                return needs_value("…");
            }
            if names::OPERATORS.contains(&name) {
                return error(format!("`{name}` combines conditions"))
                    .label("an operator")
                    .help(format!("write `{name}(…)`"));
            }
        } else if names::TARGET_OPTIONS.contains(&name)
            || names::BARE_FACTS.iter().any(|(fact, _)| *fact == name)
        {
            return error(format!("`{name}` has no value"))
                .label("stands alone")
                .help(format!("write `{name}`"));
        }
        let custom = match value {
            _ if !rules::names::is_identifier(name) => String::new(),
            Some(value) => format!("`custom_cfg = \"{name}={}\"`", crate::render::escaped(value)),
            None => format!("`custom_cfg = \"{name}\"`"),
        };
        let near = suggest::nearest(name, names::all()).map(|near| format!("did you mean `{near}`?"));
        let help = match (near, custom.as_str()) {
            (Some(near), "") => near,
            (None, "") => String::new(),
            (Some(near), custom) => format!("{near} (a cfg that the user sets by RUSTFLAGS is {custom})"),
            (None, custom) => format!("a cfg that the user sets by RUSTFLAGS is asked for by {custom}"),
        };
        error(format!("there is no fact `{shown}`")).label("unknown").help(help)
    }

    fn bad_value(&self, quoted: &Quoted, label: &str, help: &str) -> Diagnostic {
        let what = if quoted.verbatim { &self.text[quoted.inner.clone()] } else { &quoted.value };
        let shown = crate::render::escaped(what);
        let message = if shown.is_empty() {
            "nothing is asked for".to_owned()
        } else {
            format!("`{shown}` cannot be asked for")
        };
        self.error(codes::CONDITION_VALUE, message, quoted.inner.start - 1..quoted.inner.end + 1)
            .label(label)
            .help(help)
    }

    fn error(&self, code: &'static str, message: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic::error(code, message, self.offset + span.start..self.offset + span.end)
    }

    fn here(&self) -> Span {
        self.at..self.at + self.rest().chars().next().map_or(0, char::len_utf8)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes the next name. Characters that no name has are taken too, and rejected when the name is looked up, so
    /// that the diagnostic marks all of `target-os` and not only its beginning.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let word = &rest[..rest.find(|c| !fits(c)).unwrap_or(rest.len())];
        self.at += word.len();
        word
    }
}

/// Splits `NAME` or `NAME=value` at the `=`.
fn split_value(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    }
}

/// Splits a text into the operator that it begins with and the right-hand side.
pub(crate) fn split_operator(text: &str) -> Option<(Operator, &str)> {
    let operator = Operator::ALL.into_iter().find(|operator| text.starts_with(operator.symbol()))?;
    let value = text[operator.symbol().len()..].trim();
    (!value.is_empty() && !value.starts_with(['<', '>', '='])).then_some((operator, value))
}

/// Returns whether a comparison's right-hand side is a single token: a number, a version or a plain text.
pub(crate) fn is_comparable(value: &str) -> bool {
    !value.contains(['<', '>', '=', ',']) && !value.contains(char::is_whitespace)
}

fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| text[range].bytes().all(|b| b.is_ascii_digit());
    text.len() == 10
        && text.is_ascii()
        && digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && text.as_bytes()[4] == b'-'
        && text.as_bytes()[7] == b'-'
}

impl Version {
    /// Reads one to three numbers separated by dots; missing ones are zero.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = [0; 3];
        for (index, part) in text.split('.').enumerate() {
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            *numbers.get_mut(index)? = part.parse().ok()?;
        }
        let [major, minor, patch] = numbers;
        Some(Self { major, minor, patch })
    }
}
