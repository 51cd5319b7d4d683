//! Orders of versions: Cargo's and Debian's.

use std::cmp::Ordering;

/// Compares two versions as Semantic Versioning 2 orders them; `None` if one of them is no such version. A version with
/// fewer than three numbers has zeros for the others.
#[must_use]
pub fn semver(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (Semver::parse(a)?, Semver::parse(b)?);
    let by_release = match (a.before.is_empty(), b.before.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => a.before.cmp(&b.before),
    };
    Some(a.numbers.cmp(&b.numbers).then(by_release))
}

struct Semver<'a> {
    numbers: [u64; 3],
    before: Vec<Part<'a>>,
}

/// A part of a pre-release; numbers are below texts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Number(u64),
    Text(&'a str),
}

impl<'a> Semver<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let (release, before) =
            text.split_once('-').map_or((text, None), |(release, pre)| (release, Some(pre)));
        let mut numbers = [0; 3];
        for (at, part) in release.split('.').enumerate() {
            *numbers.get_mut(at)? = number(part)?;
        }
        let part = |text: &'a str| {
            let plain =
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            plain.then(|| number(text).map_or(Part::Text(text), Part::Number))
        };
        let before = match before {
            Some(before) => before.split('.').map(part).collect::<Option<_>>()?,
            None => Vec::new(),
        };
        Some(Self { numbers, before })
    }
}

fn number(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Compares two versions as dpkg does (Debian Policy, 5.6.12).
#[must_use]
pub fn debian(a: &str, b: &str) -> Ordering {
    let (epoch_a, a) = epoch(a);
    let (epoch_b, b) = epoch(b);
    let (upstream_a, revision_a) = a.rsplit_once('-').unwrap_or((a, ""));
    let (upstream_b, revision_b) = b.rsplit_once('-').unwrap_or((b, ""));
    epoch_a
        .cmp(&epoch_b)
        .then_with(|| part(upstream_a, upstream_b))
        .then_with(|| part(revision_a, revision_b))
}

fn epoch(text: &str) -> (u64, &str) {
    match text.split_once(':') {
        Some((epoch, rest)) => (number(epoch).unwrap_or_default(), rest),
        None => (0, text),
    }
}

fn part(a: &str, b: &str) -> Ordering {
    // The end of a part is below every character but `~`; letters are below all others.
    let weight = |byte: Option<&u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    };
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while !a.is_empty() || !b.is_empty() {
        let is_text = |bytes: &[u8]| bytes.first().is_some_and(|byte| !byte.is_ascii_digit());
        while is_text(a) || is_text(b) {
            match weight(a.first()).cmp(&weight(b.first())) {
                Ordering::Equal => (a, b) = (a.get(1..).unwrap_or_default(), b.get(1..).unwrap_or_default()),
                other => return other,
            }
        }
        let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (ends_a, ends_b) = (digits(a), digits(b));
        let trimmed = |bytes: &[u8]| {
            let zeros = bytes.iter().take_while(|byte| **byte == b'0').count();
            bytes[zeros..].to_vec()
        };
        let (one, other) = (trimmed(&a[..ends_a]), trimmed(&b[..ends_b]));
        match one.len().cmp(&other.len()).then_with(|| one.cmp(&other)) {
            Ordering::Equal => (a, b) = (&a[ends_a..], &b[ends_b..]),
            unequal => return unequal,
        }
    }
    Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_cargo_orders() {
        let all = [
            "0.9.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-2",
            "1.0.0",
            "1.0.1",
            "1.2",
            "1.10.0",
        ];
        // `2` is a number, and below every text.
        let order = [0, 4, 1, 2, 3, 5, 6, 7, 8];
        for pair in order.windows(2) {
            assert_eq!(
                semver(all[pair[0]], all[pair[1]]),
                Some(Ordering::Less),
                "{} {}",
                all[pair[0]],
                all[pair[1]]
            );
        }
        assert_eq!(semver("1.0.0+a", "1.0.0+b"), Some(Ordering::Equal));
        for odd in ["", "1.x", "v1", "1.2.3.4", "1.0.0-", "1..2"] {
            assert_eq!(semver(odd, "1.0.0"), None, "{odd}");
        }
    }

    #[test]
    fn as_dpkg_orders() {
        let all = [
            "1.0~rc1-1",
            "1.0~rc1-2",
            "1.0",
            "1.0-1",
            "1.0-1+b1",
            "1.0a-1",
            "1.0+x-1",
            "1.2-1",
            "1.10-1",
            "1.10.0-1",
            "1:0.1-1",
            "2:0.1",
        ];
        for pair in all.windows(2) {
            assert_eq!(debian(pair[0], pair[1]), Ordering::Less, "{} {}", pair[0], pair[1]);
            assert_eq!(debian(pair[1], pair[0]), Ordering::Greater, "{} {}", pair[0], pair[1]);
        }
        assert_eq!(debian("1.00-1", "1.0-1"), Ordering::Equal);
    }
}
