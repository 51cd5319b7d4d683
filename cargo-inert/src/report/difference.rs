//! The line difference of two texts, for the review of a package of which another version was decided before.

use similar::{ChangeTag, TextDiff};

/// Returns the changed lines with two lines around each, marked `-` (removed), `+` (added) or with a blank (common);
/// `…` represents omitted lines. Line ends are compared apart from the lines: where they differ, one line says so.
#[must_use]
pub fn changed(old: &str, new: &str) -> String {
    let (old_ends, new_ends) = (ends(old), ends(new));
    let (old, new) = (old.replace("\r\n", "\n"), new.replace("\r\n", "\n"));
    let diff = TextDiff::from_lines(&old, &new);
    let mut text = String::new();
    if old_ends != new_ends && !old.is_empty() && !new.is_empty() {
        text.push_str(&format!("  (lines ended with {old_ends}, and end with {new_ends})\n"));
    }
    for (at, group) in diff.grouped_ops(2).iter().enumerate() {
        if at > 0 || group.first().is_some_and(|first| first.new_range().start > 0) {
            text.push_str("  …\n");
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let mark = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            text.push_str(&format!("{mark} {}\n", change.value().trim_end_matches('\n')));
        }
    }
    text
}

/// Returns the name of the ends of a text's lines.
fn ends(text: &str) -> &'static str {
    let windows = text.matches("\r\n").count();
    match (windows, text.matches('\n').count()) {
        (0, _) => "LF",
        (windows, all) if windows == all => "CRLF",
        _ => "LF and CRLF",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_is_common() {
        assert_eq!(changed("a\nb\nc\n", "a\nx\nc\nd\n"), "  a\n- b\n+ x\n  c\n+ d\n");
        assert_eq!(changed("a\nb\n", "a\nb\n"), "");
        // Ends of lines are no change of each line.
        assert_eq!(changed("a\r\nb\r\n", "a\nb\n"), "  (lines ended with CRLF, and end with LF)\n");
        assert_eq!(
            changed("a\nb\n", "a\r\nc\n"),
            "  (lines ended with LF, and end with LF and CRLF)\n  a\n- b\n+ c\n"
        );
        let long: String = (0..20).map(|line| format!("{line}\n")).collect();
        assert_eq!(changed(&long, &long.replace("10\n", "x\n")), "  …\n  8\n  9\n- 10\n+ x\n  11\n  12\n");
    }
}
