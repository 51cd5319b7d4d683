//! Takes in what processes that cannot write to the store have left in a folder beside it.

use std::fs;
use std::path::Path;

use super::{LONGEST_BLOB, LONGEST_NOTE, Store, Tally, is_digest, only_newest, read_plain};
use crate::sha256;

/// The greatest length of the log of one build, in bytes.
const LONGEST_LOG: u64 = 1 << 20;

impl Store {
    /// Takes in the entries of a folder of the same layout: regular files under names of entries, a content only if it has the
    /// digest that it is named by. A note is looked at when it is used, by its seal. What cannot be taken in is left out.
    pub fn take_in(&self, from: &Path) {
        for (name, path) in below(&from.join("blobs")).iter().flat_map(|(_, folder)| below(folder)) {
            let Some(place) = Self::blob_path(&name) else { continue };
            if let Some(bytes) = read_plain(&path, LONGEST_BLOB)
                && sha256::hex(&bytes) == name
            {
                let _ = self.write(&place, &bytes);
            }
        }
        for (key, notes) in below(&from.join("notes")).iter().flat_map(|(_, folder)| below(folder)) {
            let Some(place) = Self::note_folder(&key) else { continue };
            for (name, path) in below(&notes) {
                // As `keep_note` names them.
                if !is_digest(&format!("{name}{name}")) {
                    continue;
                }
                if let Some(bytes) = read_plain(&path, LONGEST_NOTE) {
                    let _ = self.write(&place.join(name), &bytes);
                }
            }
            let _ = only_newest(&self.folder.join(place));
        }
        let log = read_plain(&from.join("log"), LONGEST_LOG).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        self.tally(log.lines().filter_map(Tally::parse).fold(Tally::default(), Tally::plus));
        self.write_tally();
    }
}

/// Returns the entries of a folder, with their names.
fn below(folder: &Path) -> Vec<(String, std::path::PathBuf)> {
    // A symlink to a folder elsewhere is none.
    if !fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir()) {
        return Vec::new();
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path()))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::StorePlace;
    use super::*;

    #[test]
    fn what_a_fenced_process_kept_is_taken_in() {
        let folder = std::env::temp_dir().join(format!("inert-staged-{}", std::process::id()));
        let at = |name: &str| folder.join(name);
        let place = StorePlace {
            folder: at("store"),
            secret: "s".to_owned(),
            shared: true,
            staged: Some(at("staged")),
        };
        let within = Store::new(place.clone());
        let digest = within.keep_blob(b"content").unwrap();
        let key = "ab".repeat(32);
        within.keep_note("object", &key, "name", "body").unwrap();
        within.tally(Tally { misses: 1, ..Tally::default() });
        assert!(!at("store").exists(), "nothing is written to the store itself");
        assert_eq!(
            (within.blob(&digest).unwrap(), within.notes("object", &key)),
            (b"content".to_vec(), vec!["body".to_owned()])
        );
        // What is no entry: another content, a name that leads elsewhere, a symlink.
        let blobs = at("staged").join("blobs").join(&digest[..2]);
        fs::write(blobs.join("cd".repeat(32)), "another").unwrap();
        fs::write(blobs.join("plain"), "x").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/passwd", blobs.join("ef".repeat(32))).unwrap();
        let outside = Store::new(StorePlace { staged: None, ..place });
        fs::create_dir_all(at("store")).unwrap();
        outside.take_in(&at("staged"));
        assert_eq!(
            (outside.blob(&digest).unwrap(), outside.notes("object", &key)),
            (b"content".to_vec(), vec!["body".to_owned()])
        );
        let kept: Vec<_> =
            below(&at("store").join("blobs")).iter().flat_map(|(_, folder)| below(folder)).collect();
        assert_eq!(kept.len(), 1, "{kept:?}");
        fs::remove_dir_all(folder).unwrap();
    }
}
