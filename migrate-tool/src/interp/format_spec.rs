//! The syntax of format strings: the arguments in braces, and padding to a width.

/// The format of an argument.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spec {
    pub(crate) debug: bool,
    pub(super) kind: Option<char>,
    pub(super) zero: bool,
    /// True if positive numbers get a sign, too (`{:+}`).
    pub(super) plus: bool,
    pub(crate) alternate: bool,
    pub(super) width: usize,
    pub(super) precision: Option<usize>,
    pub(super) fill: Option<char>,
    pub(super) align: Option<char>,
}

impl Spec {
    /// Returns whether nothing is padded, cut or signed.
    pub(crate) fn is_plain(&self) -> bool {
        self.width == 0 && self.precision.is_none() && !self.zero && !self.plus
    }
}

pub(super) enum Segment {
    Lit(String),
    Argument(Argument, Spec),
}

pub(super) enum Argument {
    Next,
    Position(usize),
    Name(String),
}

/// Cuts and pads a text; the flag `0` has no effect on texts.
pub(super) fn pad_text(text: &str, spec: &Spec) -> String {
    let cut: String = match spec.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text.to_owned(),
    };
    pad(&cut, &Spec { zero: false, ..spec.clone() }, '<')
}

/// Pads the text of a number to the width.
pub(super) fn pad(text: &str, spec: &Spec, default: char) -> String {
    let missing = spec.width.saturating_sub(text.chars().count());
    if missing == 0 {
        return text.to_owned();
    }
    if spec.zero {
        let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
        return format!("{sign}{}{digits}", "0".repeat(missing));
    }
    let fill = spec.fill.unwrap_or(' ').to_string();
    match spec.align.unwrap_or(default) {
        '>' => format!("{}{text}", fill.repeat(missing)),
        '^' => format!("{}{text}{}", fill.repeat(missing / 2), fill.repeat(missing - missing / 2)),
        _ => format!("{text}{}", fill.repeat(missing)),
    }
}

pub(super) fn parse(pattern: &str) -> Option<Vec<Segment>> {
    let mut out = Vec::new();
    let mut literal = String::new();
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '{' if characters.peek() == Some(&'{') => {
                characters.next();
                literal.push('{');
            }
            '}' if characters.peek() == Some(&'}') => {
                characters.next();
                literal.push('}');
            }
            '{' => {
                let mut inside = String::new();
                loop {
                    match characters.next()? {
                        '}' => break,
                        other => inside.push(other),
                    }
                }
                if !literal.is_empty() {
                    out.push(Segment::Lit(std::mem::take(&mut literal)));
                }
                let (name, spec) = inside.split_once(':').unwrap_or((&inside, ""));
                let name = name.trim();
                let argument = if name.is_empty() {
                    Argument::Next
                } else if let Ok(at) = name.parse() {
                    Argument::Position(at)
                } else {
                    Argument::Name(name.to_owned())
                };
                out.push(Segment::Argument(argument, parse_spec(spec)?));
            }
            '}' => return None,
            other => literal.push(other),
        }
    }
    if !literal.is_empty() {
        out.push(Segment::Lit(literal));
    }
    Some(out)
}

pub(super) fn parse_spec(text: &str) -> Option<Spec> {
    let mut spec = Spec::default();
    let characters: Vec<char> = text.trim_end().chars().collect();
    let mut at = 0;
    if characters.len() >= 2 && "<^>".contains(characters[1]) {
        spec.fill = Some(characters[0]);
        spec.align = Some(characters[1]);
        at = 2;
    } else if characters.first().is_some_and(|first| "<^>".contains(*first)) {
        spec.align = Some(characters[0]);
        at = 1;
    }
    if characters.get(at) == Some(&'+') {
        spec.plus = true;
        at += 1;
    }
    if characters.get(at) == Some(&'#') {
        spec.alternate = true;
        at += 1;
    }
    if characters.get(at) == Some(&'0') {
        spec.zero = true;
        at += 1;
    }
    while let Some(digit) = characters.get(at).and_then(|character| character.to_digit(10)) {
        spec.width = spec.width * 10 + digit as usize;
        at += 1;
    }
    if characters.get(at) == Some(&'.') {
        at += 1;
        let mut precision = 0;
        while let Some(digit) = characters.get(at).and_then(|character| character.to_digit(10)) {
            precision = precision * 10 + digit as usize;
            at += 1;
        }
        spec.precision = Some(precision);
    }
    match &characters[at..] {
        [] => {}
        ['?'] => spec.debug = true,
        ['#', '?'] => {
            spec.debug = true;
            spec.alternate = true;
        }
        [kind] if "xXbo".contains(*kind) => spec.kind = Some(*kind),
        _ => return None,
    }
    Some(spec)
}
