//! Answers the one question to Cargo that macros ask to find the name of a crate (`proc-macro-crate`): where the manifest of
//! the workspace is.
//!
//! A confined rustc may not start Cargo, which reads configuration and starts other programs. For packages whose macros
//! ask, `CARGO` names `inert` under the name `cargo`, which knows the answer from its environment and reads no file. It
//! runs in rustc's own confinement, so a macro that starts it with other words or another environment gains nothing, and
//! deceives itself alone.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::environment::Environment;

/// The name under which `inert` answers.
pub const NAME: &str = "cargo";

/// The variable with the answer.
pub(super) const ANSWER: &str = "INERT_WORKSPACE_MANIFEST";

/// The file in TMPDIR with the questions that were not answered, one a line.
pub(super) const UNANSWERED: &str = "inert-cargo-unanswered";

/// The number of bytes of a question that are kept.
const LONGEST: usize = 200;

/// Answers, and returns Cargo's exit code: 101 for a question that is not answered.
#[must_use]
pub fn main(arguments: &[OsString], environment: &Environment) -> ExitCode {
    let own = environment.get("CARGO_MANIFEST_DIR").map(|folder| Path::new(folder).join("Cargo.toml"));
    let answer = environment.get(ANSWER).map(PathBuf::from);
    let said = own.zip(answer).and_then(|(own, answer)| answered(arguments, &own, &answer));
    match said {
        Some(said) if std::io::stdout().write_all(&said).is_ok() => ExitCode::SUCCESS,
        _ => {
            let words: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
            let asked: String = crate::file::one_line(&words.join(" ")).chars().take(LONGEST).collect();
            crate::console::wrapper_error(&format!(
                "a macro may ask Cargo for the manifest of its workspace alone, and not `cargo {asked}`"
            ));
            note(environment, &asked);
            ExitCode::from(crate::exit::CARGO)
        }
    }
}

/// Returns Cargo's answer to `locate-project` about the package's own manifest; `None` for any other question.
fn answered(arguments: &[OsString], own: &Path, answer: &Path) -> Option<Vec<u8>> {
    let mut words = arguments.iter().map(OsString::as_os_str);
    if words.next()? != "locate-project" {
        return None;
    }
    let (mut manifest, mut workspace, mut plain) = (None, false, false);
    while let Some(word) = words.next() {
        let text = word.to_str()?;
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(OsStr::new(value))),
            None => (text, None),
        };
        match name {
            "--workspace" if value.is_none() => workspace = true,
            "--manifest-path" => manifest = Some(value.or_else(|| words.next())?),
            "--message-format" => match value.or_else(|| words.next())?.to_str()? {
                "plain" => plain = true,
                "json" => plain = false,
                _ => return None,
            },
            _ => return None,
        }
    }
    if Path::new(manifest?) != own {
        return None;
    }
    let found = (if workspace { answer } else { own }).to_str()?;
    let text = if plain { found.to_owned() } else { serde_json::json!({ "root": found }).to_string() };
    Some(format!("{text}\n").into_bytes())
}

/// Notes an unanswered question where the wrapper finds it. Nothing depends on the note: a macro can write it, too.
fn note(environment: &Environment, asked: &str) {
    let Some(folder) = environment.get("TMPDIR").map(PathBuf::from) else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(folder.join(UNANSWERED));
    let _ = file.and_then(|mut file| writeln!(file, "{asked}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &str) -> Option<String> {
        let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
        let answer = answered(&words, Path::new("/w/member/Cargo.toml"), Path::new("/w/Cargo.toml"));
        answer.map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn one_question_is_answered() {
        for (words, answer) in [
            ("--workspace --message-format=plain --manifest-path=/w/member/Cargo.toml", "/w/Cargo.toml\n"),
            ("--manifest-path /w/member/Cargo.toml --message-format plain --workspace", "/w/Cargo.toml\n"),
            ("--manifest-path=/w/member/Cargo.toml --message-format=plain", "/w/member/Cargo.toml\n"),
            ("--workspace --manifest-path=/w/member/Cargo.toml", "{\"root\":\"/w/Cargo.toml\"}\n"),
        ] {
            assert_eq!(said(&format!("locate-project {words}")).as_deref(), Some(answer), "{words}");
        }
        for words in [
            "build",
            "metadata --manifest-path=/w/member/Cargo.toml",
            "locate-project",
            "locate-project --workspace --message-format=plain",
            "locate-project --workspace --manifest-path=/other/Cargo.toml",
            "locate-project --workspace=x --manifest-path=/w/member/Cargo.toml",
            "locate-project --manifest-path=/w/member/Cargo.toml --message-format=short",
            "locate-project --manifest-path=/w/member/Cargo.toml --config x",
            "locate-project --manifest-path",
            "--manifest-path=/w/member/Cargo.toml locate-project",
            "",
        ] {
            assert_eq!(said(words), None, "{words}");
        }
    }
}
