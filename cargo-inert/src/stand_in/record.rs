//! What is kept of a run, in one file, so that it is all there or not at all. Compiled into the small executable too:
//! std only.
//!
//! Fields end with a NUL, which none of them holds.

use std::path::Path;

/// Name of the file of a run that succeeded; with it the run counts as done.
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
pub const RECORD: &str = "record";

/// Name of the file of a run that failed, for `cargo inert explain`: its journal is why.
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
pub const FAILURE: &str = "failure";

/// What is kept of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
pub struct Record {
    /// Which run, and a digest of all that the plan said of it.
    pub entry: String,
    /// What was read; of a run that failed, what is wrong.
    pub journal: String,
    /// What was tried, a line each.
    pub attempts: String,
    /// What was printed.
    pub directives: String,
}

impl Record {
    /// As it is written. A NUL, which only what a tool said can hold, becomes U+FFFD.
    #[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
    #[must_use]
    pub fn to_text(&self) -> String {
        let fields = [&self.journal, &self.attempts, &self.directives];
        let [journal, attempts, directives] = fields.map(|text| text.replace('\0', "\u{fffd}"));
        format!("{}\n{journal}\0{attempts}\0{directives}\0", self.entry)
    }

    /// Reads one of a run's two files. None where it is not there, or not whole.
    #[allow(dead_code, reason = "the small executable only writes")]
    #[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(path).ok()?;
        let mut fields = text.strip_suffix('\0')?.split('\0').map(str::to_owned);
        let (entry, journal) = fields.next()?.split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned()))?;
        let record = Self { entry, journal, attempts: fields.next()?, directives: fields.next()? };
        fields.next().is_none().then_some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_whole_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(RECORD);
        let record = Record {
            entry: "id\ttarget\t\t0\tdigest".into(),
            journal: "a\nb".into(),
            attempts: "tried\nthis".into(),
            directives: "cargo:x=y\n".into(),
        };
        let text = record.to_text();
        std::fs::write(&path, &text).unwrap();
        assert_eq!(Record::read(&path), Some(record));
        for end in 0..text.len() {
            std::fs::write(&path, &text[..end]).unwrap();
            assert_eq!(Record::read(&path), None, "cut at {end}");
        }
        // What a compiler said may hold anything.
        let failure = Record { journal: "a\0b".into(), ..Record::default() };
        std::fs::write(&path, failure.to_text()).unwrap();
        assert_eq!(Record::read(&path).map(|failure| failure.journal), Some("a\u{fffd}b".to_owned()));
    }
}
