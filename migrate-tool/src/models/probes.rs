//! Questions that only the build can answer, each asked once under one name.

use inert_manifest_spec::Fact;
use inert_manifest_spec::types::Probe;

use crate::interp::Interp;
use crate::logic::Guard;

/// The questions asked so far, and libraries and archives asked for.
#[derive(Debug, Default)]
pub(crate) struct Probes {
    pub(crate) asked: Vec<(String, Probe)>,
    pub(crate) libraries: Vec<super::FoundLibrary>,
    pub(crate) archives: Vec<super::Archive>,
    /// Steps of which only success can be declared: without it the build fails.
    pub(crate) needed: Vec<Needed>,
}

/// A step of which only success can be declared.
#[derive(Debug, Clone)]
pub(crate) struct Needed {
    /// Where it is taken.
    pub(crate) guard: Guard,
    /// Where it succeeds.
    pub(crate) succeeds: Guard,
    /// What it is, for messages: `its libraries are not found`.
    pub(crate) failing: &'static str,
}

/// Flags of rustc that are told from others.
pub(crate) const SOME_FLAGS: &str = "may";
/// The variant of an error of something modelled.
pub(crate) const SOME_ERROR: &str = "error";
/// What stands in the folders that hold the package, or OUT_DIR.
pub(crate) const AROUND: &str = "above";

/// What a fact is about that no declaration can name, so that nothing may depend on it.
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

/// A name for a key of the schema: lower case, digits and `_`.
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

impl Interp<'_> {
    /// Where a step succeeds that cannot fail but with the whole build. The script may look at the failure; lowering
    /// sees to it that it makes nothing else of it than a failure of its own.
    pub(crate) fn need(&mut self, failing: &'static str) -> Guard {
        // No name of the schema begins so: what is left of it in a condition would be refused.
        let name = format!("!{}", self.probes.needed.len());
        let succeeds = self.inputs.fact(Fact::Probe { name, test: None });
        self.probes.needed.push(Needed { guard: self.pc, succeeds, failing });
        succeeds
    }

    /// Something that may hold or not, of which nothing in a declaration can say whether it does; [`unnamed_reason`]
    /// says by `kind` what it is.
    pub(crate) fn unnamed(&mut self, kind: &str) -> Guard {
        self.unnamed_facts += 1;
        let name = format!("!{kind}{}", self.unnamed_facts);
        self.inputs.fact(Fact::Probe { name, test: None })
    }

    /// Where a probe succeeds.
    pub(crate) fn ask_probe(&mut self, name: &str, probe: Probe) -> Guard {
        let known = self
            .probes
            .asked
            .iter()
            .find(|(_, known)| known.kind == probe.kind)
            .map(|(name, _)| name.clone());
        let name = match known {
            Some(name) => name,
            None => {
                let base: String = identifier(name).chars().take(40).collect();
                let mut unique = base.clone();
                let mut count = 1;
                while self.probes.asked.iter().any(|(known, _)| *known == unique) {
                    count += 1;
                    unique = format!("{base}_{count}");
                }
                self.probes.asked.push((unique.clone(), probe));
                unique
            }
        };
        self.inputs.fact(Fact::Probe { name, test: None })
    }
}
