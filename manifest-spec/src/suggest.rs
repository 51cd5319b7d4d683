//! Suggestions of similar names ("did you mean").

/// The greatest number of candidates: one distance for each of more candidates, for every mistake in a document,
/// would take minutes.
const MAX_CANDIDATES: usize = 1000;

/// Returns the candidate that `typed` was most likely meant to be, if one is close enough.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Long input is not a typing error, and computing the distance costs the product of the lengths.
    if typed.len() > 64 {
        return None;
    }
    let fold = |text: &str| text.to_ascii_lowercase().replace('_', "-");
    let wanted = fold(typed);
    let limit = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .take(MAX_CANDIDATES)
        .map(|candidate| (distance(&wanted, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns "did you mean `x`?", or all candidates if none is close and they are few.
pub(crate) fn help<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(near) = nearest(typed, candidates.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let all: Vec<_> = candidates.into_iter().collect();
    match all.as_slice() {
        [] => None,
        [only] => Some(format!("there is only `{only}`")),
        _ => (all.len() <= 24).then(|| format!("there are {}", listed(all))),
    }
}

/// Returns the names as a list, "`a`, `b` and `c`".
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "none".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Returns the number of edits (insertions, deletions, substitutions, swaps of neighbours) between two texts.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut current = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substitution = previous[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            current[j] = substitution.min(previous[j] + 1).min(current[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                current[j] = current[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_what_is_near_and_nothing_else() {
        let names = ["pkg-config", "version", "libs"];
        assert_eq!(nearest("pkgconfig", names), Some("pkg-config"));
        assert_eq!(nearest("pkg_config", names), Some("pkg-config"));
        assert_eq!(nearest("lbis", names), Some("libs"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(nearest("", names), None);
    }
}
