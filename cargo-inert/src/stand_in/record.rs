//! The record of a run, in one file, so that it is complete or absent. The module is compiled into the small executable
//! too, so it uses only std.
//!
//! Each field ends with a NUL, which no field contains.

use std::path::Path;

/// The name of the file for a run that succeeded; its existence marks the run as done.
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
pub const RECORD: &str = "record";

/// The name of the file for a run that failed, for `cargo inert explain`; its journal holds the reason.
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
pub const FAILURE: &str = "failure";

/// The record of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
pub struct Record {
    /// The run, and a digest of its plan.
    pub entry: String,
    /// The files and variables that were read; for a run that failed, the reason.
    pub journal: String,
    /// The attempts, one line each.
    pub attempts: String,
    /// The directives that were printed.
    pub directives: String,
}

impl Record {
    /// Formats the record for its file. A NUL, which only output of a tool can contain, becomes U+FFFD.
    #[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
    #[must_use]
    pub fn to_text(&self) -> String {
        let fields = [&self.journal, &self.attempts, &self.directives];
        let [journal, attempts, directives] = fields.map(|text| text.replace('\0', "\u{fffd}"));
        format!("{}\n{journal}\0{attempts}\0{directives}\0", self.entry)
    }

    /// Reads one of a run's two files; `None` if it does not exist or is incomplete.
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
        // The output of a compiler may contain a NUL.
        let failure = Record { journal: "a\0b".into(), ..Record::default() };
        std::fs::write(&path, failure.to_text()).unwrap();
        assert_eq!(Record::read(&path).map(|failure| failure.journal), Some("a\u{fffd}b".to_owned()));
    }
}
