//! Evaluates the expansion of a macro: integer constant expressions (C11 6.6) and string literals.

/// Returns the value of an expression without identifiers, casts or `?:`; `None` for anything else.
pub(super) fn value(text: &str) -> Option<String> {
    if let Some(literal) = string(text) {
        return Some(literal);
    }
    let mut parser = Parser { rest: text.trim(), depth: 0 };
    let value = parser.binary(0)?;
    parser.rest.is_empty().then(|| value.to_string())
}

/// Reads string literals, of which adjacent ones are joined; literals with escapes are not read.
fn string(text: &str) -> Option<String> {
    let mut rest = text.trim();
    let mut out = String::new();
    while !rest.is_empty() {
        let (piece, after) = rest.strip_prefix('"')?.split_once('"')?;
        if piece.contains('\\') {
            return None;
        }
        out.push_str(piece);
        rest = after.trim_start();
    }
    (!text.trim().is_empty()).then_some(out)
}

struct Parser<'a> {
    rest: &'a str,
    /// The nesting depth of parentheses and signs; it is bounded, so that the stack is.
    depth: u32,
}

type Apply = fn(i128, i128) -> Option<i128>;

/// The operators by binding strength, weakest first; a longer token comes before its prefix.
const OPERATORS: &[&[(&str, Apply)]] = &[
    &[("|", |a, b| Some(a | b))],
    &[("^", |a, b| Some(a ^ b))],
    &[("&", |a, b| Some(a & b))],
    &[
        ("<<", |a, b| a.checked_shl(u32::try_from(b).ok()?)),
        (">>", |a, b| a.checked_shr(u32::try_from(b).ok()?)),
    ],
    &[("+", i128::checked_add), ("-", i128::checked_sub)],
    &[("*", i128::checked_mul), ("/", i128::checked_div), ("%", i128::checked_rem)],
];

impl Parser<'_> {
    fn binary(&mut self, level: usize) -> Option<i128> {
        let Some(operators) = OPERATORS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        'more: loop {
            for (symbol, apply) in *operators {
                // `||` and `&&` are not supported.
                if let Some(rest) = self.rest.strip_prefix(symbol)
                    && !(symbol.len() == 1 && rest.starts_with(symbol))
                {
                    self.rest = rest.trim_start();
                    left = apply(left, self.binary(level + 1)?)?;
                    continue 'more;
                }
            }
            return Some(left);
        }
    }

    fn unary(&mut self) -> Option<i128> {
        if self.depth > 64 {
            return None;
        }
        let first = self.rest.chars().next()?;
        if !first.is_ascii_digit() {
            self.rest = self.rest[first.len_utf8()..].trim_start();
        }
        self.depth += 1;
        let value = match first {
            '-' => self.unary()?.checked_neg(),
            '+' => self.unary(),
            '~' => Some(!self.unary()?),
            '(' => {
                let value = self.binary(0)?;
                self.rest = self.rest.strip_prefix(')')?.trim_start();
                Some(value)
            }
            '0'..='9' => self.number(),
            _ => None,
        };
        self.depth -= 1;
        value
    }

    fn number(&mut self) -> Option<i128> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        let digits = token.trim_end_matches(['u', 'U', 'l', 'L']);
        match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            Some(hex) => i128::from_str_radix(hex, 16).ok(),
            None if digits.len() > 1 && digits.starts_with('0') => i128::from_str_radix(&digits[1..], 8).ok(),
            None => digits.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn expressions() {
        let is = |text: &str, expected: &str| assert_eq!(value(text).as_deref(), Some(expected), "{text}");
        is("0x10101000L", "269488128");
        is("( (3<<28)|(0<<20)|(17<<4)|0x0L )", "805306640");
        is("1 + 2 * 3", "7");
        is("017", "15");
        is("-(1)", "-1");
        is("~0", "-1");
        is("\"1.2.\" \"11\"", "1.2.11");
        assert_eq!(value("sizeof(int)"), None);
        assert_eq!(value("1 && 1"), None);
        assert_eq!(value("1 / 0"), None);
        assert_eq!(value(""), None);
        assert_eq!(value(&"(".repeat(100_000)), None);
        assert_eq!(value(&"(1 + ".repeat(100_000)), None);
    }
}
