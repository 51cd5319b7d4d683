//! Facts that are known only during the build: probes, libraries and archives, and facts that no declaration can name.

use inert_manifest_spec::types::Probe;

use super::library::{Archive, FoundLibrary};
use crate::logic::Guard;

/// The probes, libraries and archives that the script has asked for so far.
#[derive(Debug, Default)]
pub(crate) struct Probes {
    pub(crate) asked: Vec<(String, Probe)>,
    pub(crate) libraries: Vec<FoundLibrary>,
    pub(crate) archives: Vec<Archive>,
    /// The steps of which only success can be declared: without success the build fails.
    pub(crate) needed: Vec<Needed>,
}

/// A step of which only success can be declared.
#[derive(Debug, Clone)]
pub(crate) struct Needed {
    /// Where the step is taken.
    pub(crate) guard: Guard,
    /// Where the step succeeds.
    pub(crate) succeeds: Guard,
    /// The failure, for messages: `its libraries are not found`.
    pub(crate) failing: &'static str,
}

/// The kind of a fact that tells one flag of rustc from others.
pub(crate) const SOME_FLAGS: &str = "may";

/// The kind of a fact that tells the variant of a modelled error.
pub(crate) const SOME_ERROR: &str = "error";

/// The kind of a fact about folders above the package or above OUT_DIR.
pub(crate) const AROUND: &str = "above";

/// Returns the subject of a fact that no declaration can name, so that no effect may depend on it; else `None`.
pub(crate) fn unnamed_reason(name: &str) -> Option<String> {
    match name.strip_prefix('!')? {
        "no flags" => Some("whether rustc gets flags".to_owned()),
        name if name.starts_with(SOME_FLAGS) => Some("which flags rustc gets".to_owned()),
        name if name.starts_with(SOME_ERROR) => Some("which error it is".to_owned()),
        name if name.starts_with(AROUND) => Some("what lies around the package".to_owned()),
        name if name.starts_with("no include ") => {
            Some("whether a library has folders of headers".to_owned())
        }
        name if name.starts_with("RUSTC_") || name.starts_with("CARGO_") => {
            Some(format!("whether {name} is set"))
        }
        _ => None,
    }
}

/// Returns a text as a key of the schema: lower-case letters, digits and `_`.
pub(crate) fn identifier(text: &str) -> String {
    let mut out: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    while out.contains("__") {
        out = out.replace("__", "_");
    }
    let out = out.trim_matches('_').to_owned();
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        format!("probe_{out}").trim_end_matches('_').to_owned()
    } else {
        out
    }
}
