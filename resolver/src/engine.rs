//! A resolution in progress: asks each question once, only when its answer matters, and keeps the answer.

mod guards;
pub(crate) mod paths;
mod text;

use std::collections::BTreeMap;

use inert_manifest_spec::condition::Fact;
use inert_manifest_spec::{Condition, Declaration, Truth};

use crate::directives::Directive;
use crate::facts;
use crate::failure::{Attempt, FailureKind, Outcome};
use crate::outcomes::{Answer, Built, LibraryOutcome};
use crate::request::Request;
use crate::world::World;

pub(crate) type Result<T> = std::result::Result<T, FailureKind>;

/// The state of one resolution.
pub(crate) struct Engine<'a> {
    pub(crate) declaration: &'a Declaration,
    pub(crate) request: &'a Request,
    pub(crate) world: &'a mut World,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) directives: Vec<Directive>,
    pub(crate) files: Vec<std::path::PathBuf>,
    pub(crate) probes: BTreeMap<String, Asked<Answer>>,
    /// Values of C macros by header, library and name, as far as the preprocessor was asked.
    pub(crate) macros: BTreeMap<(String, Option<String>, String), Option<String>>,
    pub(crate) libraries: BTreeMap<String, Asked<LibraryOutcome>>,
    pub(crate) archives: BTreeMap<String, Asked<Option<Built>>>,
    /// The archives that must not replace a library that was not found, each with the failure to report.
    pub(crate) withheld: BTreeMap<String, FailureKind>,
}

/// The state of a question that is asked once; finding `UnderWay` again reveals a cycle.
#[derive(Clone)]
pub(crate) enum Asked<T> {
    UnderWay,
    Done(T),
}

impl<'a> Engine<'a> {
    pub(crate) fn new(declaration: &'a Declaration, request: &'a Request, world: &'a mut World) -> Self {
        Self {
            declaration,
            request,
            world,
            attempts: Vec::new(),
            directives: Vec::new(),
            files: Vec::new(),
            probes: BTreeMap::new(),
            macros: BTreeMap::new(),
            libraries: BTreeMap::new(),
            archives: BTreeMap::new(),
            withheld: BTreeMap::new(),
        }
    }

    /// Returns whether a condition holds. Facts without cost come first: a probe runs only if nothing else decides.
    pub(crate) fn holds(&mut self, condition: &Condition) -> Result<bool> {
        match facts::evaluate(condition, self.request, self.world) {
            Truth::Yes => return Ok(true),
            Truth::No => return Ok(false),
            Truth::Unknown => {}
        }
        let (mut failure, mut untold) = (None, None);
        let truth = condition.evaluate(&mut |fact| {
            if failure.is_some() {
                return Truth::Unknown;
            }
            let truth = self.fact(fact).unwrap_or_else(|problem| {
                failure = Some(problem);
                Truth::Unknown
            });
            if let (Truth::Unknown, Fact::Found { library, .. }) = (truth, fact) {
                untold.get_or_insert_with(|| library.clone());
            }
            truth
        });
        match (failure, truth, untold) {
            (Some(problem), ..) => Err(problem),
            (None, Truth::Unknown, Some(library)) => Err(self.untold(condition, library)),
            (None, truth, _) => Ok(truth == Truth::Yes),
        }
    }

    /// As [`Self::holds`], where no condition means that it holds.
    pub(crate) fn stands(&mut self, when: Option<&Condition>) -> Result<bool> {
        when.map_or(Ok(true), |condition| self.holds(condition))
    }

    /// Returns the failure that a condition depends on a version that is not known.
    fn untold(&mut self, condition: &Condition, library: String) -> FailureKind {
        let how = match self.libraries.get(&library) {
            Some(Asked::Done(LibraryOutcome::System(found))) => {
                let by =
                    found.attempts.iter().rev().find(|attempt| matches!(attempt.outcome, Outcome::Chosen(_)));
                by.map_or_else(String::new, |attempt| format!(", found by {attempt}"))
            }
            _ => String::new(),
        };
        let version = self.declaration.library.get(&library).and_then(|library| {
            library.env.get("version")?.first().map(|name| format!("set {name} to its version, or "))
        });
        FailureKind::Library {
            library,
            problem: format!(
                "its version is not told{how}, and `{condition}` hangs on it\n  {}have a .pc file tell it: \
                 PKG_CONFIG_PATH=<the folder of the .pc file>",
                version.unwrap_or_default()
            ),
        }
    }

    fn fact(&mut self, fact: &Fact) -> Result<Truth> {
        Ok(Truth::from(match fact {
            Fact::Probe { name, test } => {
                let answer = self.probe(name)?;
                match test {
                    None => answer.succeeded,
                    Some(test) => answer.value.is_some_and(|value| facts::test_value(&value, test)),
                }
            }
            Fact::Found { library, test } => {
                let provided = self.library(library)?;
                match (&provided, test) {
                    (LibraryOutcome::System(_), None) => true,
                    (LibraryOutcome::System(found), Some(test)) => match &found.version {
                        Some(version) => facts::test_version(version, test),
                        None => return Ok(Truth::Unknown),
                    },
                    _ => false,
                }
            }
            Fact::VersionKnown(library) => {
                matches!(self.library(library)?, LibraryOutcome::System(found) if found.version.is_some())
            }
            Fact::Dep { links, key, test } => match (self.request.dep.get(links, key), test) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(value), Some(test)) => facts::test_metadata(value, test),
            },
            other => facts::truth(other, self.request, self.world) == Truth::Yes,
        }))
    }

    /// Records an attempt.
    pub(crate) fn attempt(&mut self, subject: &str, method: &str, detail: &str, outcome: Outcome) {
        self.attempts.push(Attempt {
            subject: subject.to_owned(),
            method: method.to_owned(),
            detail: detail.to_owned(),
            outcome,
        });
    }
}

/// Makes the failure that the declaration cannot be carried out here.
pub(crate) fn declared(place: impl Into<String>, problem: impl Into<String>) -> FailureKind {
    FailureKind::Declaration { place: place.into(), problem: problem.into() }
}

/// Makes the failure that a rule of the schema is violated.
pub(crate) fn refused(place: impl Into<String>, problem: impl Into<String>) -> FailureKind {
    FailureKind::Refused { place: place.into(), problem: problem.into() }
}

/// Makes the failure that the system refuses to read or write.
pub(crate) fn io(path: &std::path::Path, error: &std::io::Error) -> FailureKind {
    FailureKind::Io { path: path.to_path_buf(), problem: error.to_string() }
}

pub(crate) fn cycle(place: &str) -> FailureKind {
    declared(place, "it depends on itself")
}
