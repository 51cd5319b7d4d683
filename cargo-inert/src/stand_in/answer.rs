//! A precomputed answer: the output and the record of a stand-in, and the conditions under which they are valid. The
//! module is compiled into the small executable too, which then need not become `inert`; so it uses only std and
//! SHA-256.
//!
//! The answers of a session are in one file of its folder, since creating a file costs more than computing an answer.
//! The file begins with one line for each script, with the position of its answers; then follow the answers, one for
//! each run. Each field ends with a NUL, which no field contains.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::launch::Variables;
use super::record::{FAILURE, RECORD, Record};

/// The answer for one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
pub struct Answer {
    /// Lines `NAME=value` for the variables of [`ASKED`] and the features.
    pub asked: String,
    /// The run and the digest of its plan, for freshness and `cargo inert explain`: see [`Record`].
    pub entry: String,
    /// The journal of the record.
    pub journal: String,
    /// The attempts of the record; empty if the script is not needed.
    pub attempts: String,
    /// The output before the stamp's path, and after it.
    pub printed: [String; 2],
}

/// The variables of Cargo that have to agree for an answer to be valid for a run.
const ASKED: &[&str] = &[
    "CARGO_MANIFEST_DIR",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION",
    "TARGET",
    "HOST",
    "PROFILE",
    "OPT_LEVEL",
    "DEBUG",
];

/// Returns the variables that Cargo set in the form of [`Answer::asked`]; `None` if one is missing or needs the closer
/// reading of `inert`.
fn asked(cargos: &Variables) -> Option<String> {
    let get = |name: &str| cargos.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let features = match get("CARGO_CFG_FEATURE") {
        Some(features) => features.to_str()?.split(',').filter(|name| !name.is_empty()).collect(),
        // Cargo before 1.85 sets only `CARGO_FEATURE_…`, in capitals.
        None if cargos.iter().any(|(name, _)| shouted(name)) => return None,
        None => BTreeSet::new(),
    };
    let values: Option<Vec<&str>> = ASKED.iter().map(|name| get(name)?.to_str()).collect();
    spell(&values?, &features)
}

fn shouted(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with("CARGO_FEATURE_")
}

/// Formats the values of [`ASKED`], in its order, as [`Answer::asked`]; `None` if a value has more than one line.
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
pub fn spell(values: &[&str], features: &BTreeSet<&str>) -> Option<String> {
    let features: Vec<&str> = features.iter().copied().collect();
    let features = features.join(",");
    let pairs = ASKED.iter().copied().zip(values.iter().copied()).chain([("features", features.as_str())]);
    let lines: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
    let plain = values.len() == ASKED.len() && !lines.iter().any(|line| line.contains(['\n', '\0']));
    plain.then(|| lines.join("\n"))
}

/// Returns the path of the file with a session's answers.
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
#[must_use]
pub fn place(session: &Path) -> PathBuf {
    session.join("answers")
}

/// Formats the contents of the file from the texts of [`to_text`] by script id; an id of the plan has no blanks.
#[allow(dead_code, reason = "only the library writes them")]
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
#[must_use]
pub fn pack(scripts: &[(&str, String)]) -> String {
    let mut index = String::new();
    let mut at = 0;
    for (id, text) in scripts {
        index.push_str(&format!("{id} {at} {}\n", text.len()));
        at += text.len();
    }
    index.push('\n');
    scripts.iter().fold(index, |packed, (_, text)| packed + text)
}

/// Returns the text of one script's answers; `None` if there are none.
fn unpack(session: &Path, id: &str) -> Option<String> {
    let mut file = io::BufReader::new(fs::File::open(place(session)).ok()?);
    let (mut found, mut line) = (None, String::new());
    while file.read_line(&mut line).ok()? > 1 {
        if let Some((known, span)) = line.trim_end().split_once(' ')
            && known == id
        {
            let (at, length) = span.split_once(' ')?;
            found = Some((at.parse::<i64>().ok()?, length.parse::<u64>().ok()?));
        }
        line.clear();
    }
    let (at, length) = found?;
    file.seek_relative(at).ok()?;
    let mut text = String::new();
    file.take(length).read_to_string(&mut text).ok()?;
    (text.len() as u64 == length).then_some(text)
}

/// Returns the name of a run's folder, which is made from its OUT_DIR.
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
pub fn run_name(out_dir: &Path) -> String {
    let digest = Sha256::digest(out_dir.to_string_lossy().as_bytes());
    digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// Formats answers for the file; `None` if a field contains a NUL.
#[allow(dead_code, reason = "only the library writes them")]
#[allow(unreachable_pub, reason = "public in the library, not in the small executable")]
pub fn to_text(answers: &[Answer]) -> Option<String> {
    let mut text = String::new();
    for answer in answers {
        let Answer { asked, entry, journal, attempts, printed } = answer;
        for field in [asked, entry, journal, attempts, &printed[0], &printed[1]] {
            if field.contains('\0') {
                return None;
            }
            text.push_str(field);
            text.push('\0');
        }
    }
    Some(text)
}

fn parse(text: &str) -> Vec<Answer> {
    let fields: Vec<&str> = text.split_terminator('\0').collect();
    let answer = |fields: &[&str]| Answer {
        asked: fields[0].to_owned(),
        entry: fields[1].to_owned(),
        journal: fields[2].to_owned(),
        attempts: fields[3].to_owned(),
        printed: [fields[4].to_owned(), fields[5].to_owned()],
    };
    fields.chunks_exact(6).map(answer).collect()
}

/// Returns the output for the run that Cargo started, if it was precomputed, and writes its record. `None` leaves the
/// run to `inert`, which also reports errors.
#[allow(dead_code, reason = "only the small executable says it")]
pub(crate) fn deliver(build_dir: &Path, session: &Path, id: &str, cargos: &Variables) -> Option<String> {
    let text = unpack(session, id)?;
    let asked = asked(cargos)?;
    let answer = parse(&text).into_iter().find(|answer| answer.asked == asked)?;
    let (_, out_dir) = cargos.iter().find(|(name, _)| name == "OUT_DIR")?;
    let out_dir = Path::new(out_dir);
    // `inert` empties a folder with files of an earlier run, with more care than is taken here.
    let a_folder = out_dir.is_absolute() && fs::symlink_metadata(out_dir).ok()?.is_dir();
    if !a_folder || fs::read_dir(out_dir).ok()?.next().is_some() {
        return None;
    }
    let folder = build_dir.join(".inert").join("runs").join(run_name(out_dir));
    let Answer { entry, journal, attempts, printed, .. } = answer;
    let directives = format!("{}{}{}", printed[0], folder.join("stamp").to_str()?, printed[1]);
    let record = Record { entry, journal, attempts, directives };
    write_down(&record, &folder).ok()?;
    Some(record.directives)
}

#[allow(dead_code, reason = "only the small executable does")]
fn write_down(record: &Record, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let stamp = folder.join("stamp");
    if !stamp.exists() {
        first_stamp(&stamp)?;
    }
    let _ = fs::remove_file(folder.join(FAILURE));
    replace(&folder.join(RECORD), &record.to_text())
}

/// Creates a stamp that is older than this run: Cargo compares it with the start of the stand-in.
pub(crate) fn first_stamp(stamp: &Path) -> io::Result<()> {
    let yesterday = std::time::SystemTime::now() - std::time::Duration::from_secs(24 * 3600);
    let file = fs::OpenOptions::new().write(true).create_new(true).open(stamp)?;
    file.set_modified(yesterday)
}

/// Writes a file under a temporary name and renames it, so that it is complete or absent. The folder is Inert's.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&part)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&part, path)
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_script_finds_its_own() {
        let session = tempfile::tempdir().unwrap();
        let answer = |name: &str| Answer { asked: name.to_owned(), ..Answer::default() };
        let [one, two] = [&["a", "b"][..], &["é\n\n"]]
            .map(|names| to_text(&names.iter().map(|name| answer(name)).collect::<Vec<_>>()).unwrap());
        let packed = pack(&[("one-1", one.clone()), ("one-11", two.clone())]);
        fs::write(place(session.path()), &packed).unwrap();
        assert_eq!(unpack(session.path(), "one-1"), Some(one));
        assert_eq!(unpack(session.path(), "one-11").as_ref(), Some(&two));
        assert_eq!(parse(&two), [answer("é\n\n")]);
        assert_eq!(unpack(session.path(), "one"), None);
        // A truncated file contains no answers.
        fs::write(place(session.path()), &packed[..packed.len() - 1]).unwrap();
        assert_eq!(unpack(session.path(), "one-11"), None);
    }
}
