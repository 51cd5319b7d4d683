//! The derivations that were compared with their scripts before a release, by `scripts/verify-catalog`.

/// A derivation that `cargo inert verify` found equal to its script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The number of cases in which both were equal.
    pub cases: u64,
    /// The triple of the host on which they were compared.
    pub host: &'static str,
}

const TABLE: &str = include_str!("../verified.tsv");

/// Returns the result for the derivation with this digest, `sha256:…`, of a package.
#[must_use]
pub fn verified(name: &str, version: &str, derivation: &str) -> Option<Verified> {
    rows(TABLE).find(|row| row[..3] == [name, version, derivation]).and_then(|[_, _, _, cases, host]| {
        Some(Verified { cases: cases.parse().ok().filter(|cases| *cases > 0)?, host })
    })
}

/// Returns the rows of a table: name, version, digest, cases, host. A line of another form is no row.
fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 5]> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_row_in_order() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        let rows: Vec<_> = rows(TABLE).collect();
        assert_eq!(rows.len(), lines.len());
        assert!(lines.is_sorted(), "scripts/verify-catalog writes the table in order");
        for [name, version, digest, cases, host] in rows {
            assert!(
                verified(name, version, digest).is_some_and(|row| row.host == host),
                "{name} {version} {cases}"
            );
            assert_eq!(verified(name, version, "sha256:0"), None);
            assert_eq!(digest.len(), "sha256:".len() + 64, "{name} {version}");
        }
    }
}
