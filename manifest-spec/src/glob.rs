//! Patterns of names: the one matcher of the workspace. What a pattern may contain is checked by [`crate::rules`].

/// Returns whether `name`, one component of a path, matches `pattern`: `*` matches any characters, `?` matches one,
/// everything else matches itself. The time is at most the product of the two lengths.
///
/// Names that begin with a dot are ordinary names here; a caller for which they are hidden leaves them out itself.
#[must_use]
pub fn name_matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    // After a star, a failed match is tried again one character further; earlier stars need no second try.
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, n) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::name_matches;

    #[test]
    fn names() {
        for (pattern, name, expected) in [
            ("*.c", "adler32.c", true),
            ("*.c", "adler32.cc", false),
            ("*.c", ".hidden.c", true),
            ("lz?h*.[c", "lz4hx.[c", true),
            ("*a*b*", "xxaybz", true),
            ("*ab", "aab", true),
            ("a*a", "a", false),
            ("?", "ß", true),
            ("a", "", false),
            ("", "", true),
            ("*", "", true),
            ("**", "x", true),
        ] {
            assert_eq!(name_matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_take_no_more_time_than_few() {
        assert!(!name_matches(&"*a".repeat(60), &"a".repeat(59)));
    }
}
