//! The scripts that a build on this host refuses, for the commands that show the lock: a lock is the same on every
//! host, and says `replaced` of a script whose declaration holds on some hosts only.

use std::collections::BTreeMap;
use std::ffi::OsString;

use serde::Serialize;

use crate::cargo::invocation::Invocation;
use crate::driver::{self, Context};
use crate::plan::model::Refusal;
use crate::policy::change::{Change, Subject};
use crate::report::refusal;

/// The refused scripts of the build of the whole workspace on this host, with the features of the command line.
#[derive(Debug, Default)]
pub struct Here {
    host: String,
    refused: BTreeMap<(String, String), Refused>,
}

/// A script that is refused on this host.
#[derive(Debug, Clone, Serialize)]
pub struct Refused {
    /// The name of the package.
    pub name: String,
    /// The version of the package.
    pub version: String,
    /// The code of the refusal.
    pub refusal: Option<&'static str>,
    /// The reason as text.
    pub reason: String,
}

impl Here {
    /// Plans the build. Where no plan can be made (another Cargo, no network, a bad declaration), nothing is known of
    /// this host; the caller's own work does not depend on it.
    #[must_use]
    pub fn of(context: &Context, invocation: &Invocation) -> Option<Self> {
        let mut build = Invocation { command: "build".to_owned(), ..invocation.clone() };
        if !build.has("--workspace") && build.option("--package").is_none() && build.option("-p").is_none() {
            build.arguments.push(OsString::from("--workspace"));
        }
        let prepared = driver::prepare(context, &build).ok()?;
        let refused = prepared.plan.denied().map(|decision| {
            let id = &decision.package.id;
            let one = Refused {
                name: id.name.clone(),
                version: id.version.clone(),
                refusal: decision.refusal.as_ref().map(Refusal::code),
                reason: refusal::reason(decision).unwrap_or_default(),
            };
            ((id.name.clone(), id.version.clone()), one)
        });
        Some(Self { host: prepared.recording.rustc.host.clone(), refused: refused.collect() })
    }

    /// Returns the refused scripts.
    #[must_use]
    pub fn refused(&self) -> Vec<Refused> {
        self.refused.values().cloned().collect()
    }

    /// Returns what is refused on this host as one line; `None` if nothing is.
    #[must_use]
    pub fn line(&self) -> Option<String> {
        let names: Vec<String> =
            self.refused.values().map(|one| format!("{} {}", one.name, one.version)).collect();
        let last = (!names.is_empty()).then(|| names.join(", "))?;
        let noun = if names.len() == 1 { "script is" } else { "scripts are" };
        Some(format!("{} build {noun} refused by a build on this host ({}): {last}", names.len(), self.host))
    }

    /// Puts this host's state in front of the text of a change of a script that is refused here.
    #[must_use]
    pub fn shown(&self, change: Change) -> Change {
        if change.subject != Subject::Script {
            return change;
        }
        // `name version` or `name version → version`.
        let mut words = change.what.split(' ');
        let (name, version) = (words.next().unwrap_or_default(), words.next_back().unwrap_or_default());
        match self.refused.get(&(name.to_owned(), version.to_owned())) {
            // Where it is refused everywhere, the change says so itself.
            Some(one) if one.refusal != Some("inert::refused::undecided") => {
                let text =
                    format!("is refused on {} ({}); in the lock: {}", self.host, one.reason, change.text);
                Change { text, ..change }
            }
            _ => change,
        }
    }
}
