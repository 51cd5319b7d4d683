//! The order of versions: RPM's, as in pkg-config.

use std::cmp::Ordering;

/// Compares two versions: runs of digits as numbers, runs of letters as text; separators are ignored, and `~` sorts
/// before everything (`1.0~rc1` is older than `1.0`).
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    if a.eq_ignore_ascii_case(b) {
        return Ordering::Equal;
    }
    let (mut one, mut two) = (a.as_bytes(), b.as_bytes());
    while !one.is_empty() || !two.is_empty() {
        one = skip_separators(one);
        two = skip_separators(two);
        match (one.first() == Some(&b'~'), two.first() == Some(&b'~')) {
            (true, true) => {
                (one, two) = (&one[1..], &two[1..]);
                continue;
            }
            (false, true) => return Ordering::Greater,
            (true, false) => return Ordering::Less,
            (false, false) => {}
        }
        let Some(first) = one.first() else { break };
        if two.is_empty() {
            break;
        }
        let numeric = first.is_ascii_digit();
        let belongs = |c: &u8| if numeric { c.is_ascii_digit() } else { c.is_ascii_alphabetic() };
        let (run_one, rest_one) = split_run(one, belongs);
        let (run_two, rest_two) = split_run(two, belongs);
        if run_two.is_empty() {
            // A number is newer than letters in the same place.
            return if numeric { Ordering::Greater } else { Ordering::Less };
        }
        let order = if numeric {
            let (x, y) = (without_zeros(run_one), without_zeros(run_two));
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        } else {
            run_one.cmp(run_two)
        };
        if order.is_ne() {
            return order;
        }
        (one, two) = (rest_one, rest_two);
    }
    // The version with a remainder is newer.
    two.is_empty().cmp(&one.is_empty())
}

fn skip_separators(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|c| c.is_ascii_alphanumeric() || *c == b'~').unwrap_or(text.len());
    &text[start..]
}

fn split_run(text: &[u8], belongs: impl Fn(&u8) -> bool) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|c| !belongs(c)).unwrap_or(text.len()))
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().position(|c| *c != b'0').unwrap_or(digits.len())..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        for (a, b, expected) in [
            ("1.0", "1.0", Ordering::Equal),
            ("1.0", "1.0.0", Ordering::Less),
            ("1.10", "1.9", Ordering::Greater),
            ("1.0~rc1", "1.0", Ordering::Less),
            ("1.0.a", "1.0.1", Ordering::Less),
            ("1.01", "1.1", Ordering::Equal),
            ("1.0-", "1.0", Ordering::Equal),
            ("", "1", Ordering::Less),
            ("1a", "1b", Ordering::Less),
            ("99999999999999999999999", "99999999999999999999998", Ordering::Greater),
        ] {
            assert_eq!(compare(a, b), expected, "{a} {b}");
            assert_eq!(compare(b, a), expected.reverse(), "{b} {a}");
        }
    }
}
