//! What changed between two texts, line by line, for a person who reviews a script that was decided in another version.

/// Lines of a diff: `-` gone, `+` new, a space for what stands on both sides.
#[must_use]
pub fn lines(old: &str, new: &str) -> Vec<(char, String)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    // Scripts have hundreds of lines; a table of millions of cells is not worth it.
    if old.len().saturating_mul(new.len()) > 4_000_000 {
        let gone = old.iter().map(|line| ('-', (*line).to_owned()));
        return gone.chain(new.iter().map(|line| ('+', (*line).to_owned()))).collect();
    }
    let width = new.len() + 1;
    let mut longest = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = if old[i] == new[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let mut found = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            found.push((' ', old[i].to_owned()));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len()
            || (i < old.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1])
        {
            found.push(('-', old[i].to_owned()));
            i += 1;
        } else {
            found.push(('+', new[j].to_owned()));
            j += 1;
        }
    }
    found
}

/// The changed lines with two lines around each, as text.
#[must_use]
pub fn changed(old: &str, new: &str) -> String {
    let all = lines(old, new);
    let near =
        |at: usize| all[at.saturating_sub(2)..(at + 3).min(all.len())].iter().any(|(mark, _)| *mark != ' ');
    let mut text = String::new();
    let mut skipped = false;
    for (at, (mark, line)) in all.iter().enumerate() {
        if near(at) {
            if skipped {
                text.push_str("  …\n");
            }
            text.push_str(&format!("{mark} {line}\n"));
            skipped = false;
        } else {
            skipped = true;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_is_common() {
        let marks: String = lines("a\nb\nc\n", "a\nx\nc\nd\n").into_iter().map(|(mark, _)| mark).collect();
        assert_eq!(marks, " -+ +");
        assert_eq!(changed("a\nb\n", "a\nb\n"), "");
    }
}
