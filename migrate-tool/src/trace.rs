//! The result of a run of the interpreter, from which `lower` makes the declaration.

use std::collections::{BTreeMap, BTreeSet};

use crate::assumptions::Assumptions;
use crate::derivation::Residue;
use crate::logic::{Guard, Inputs};
use crate::semantics::facts::Probes;
use crate::semantics::symbols::{self, Flat};
use crate::source::PackageSource;
use crate::value::{Cases, Text};

/// Something that the script does, besides files in OUT_DIR.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// A line of stdout.
    Line(Text),
    /// A library of `libraries` was found and printed what it says.
    Library(usize),
    /// An archive of `archives` was built and printed itself.
    Archive(usize),
    /// The package's `system-deps` table was carried out.
    SystemDeps,
}

/// An entry of the log: an effect, where the script has it, and the place in the source.
#[derive(Debug, Clone)]
pub(crate) struct Logged {
    pub(crate) guard: Guard,
    pub(crate) effect: Effect,
    pub(crate) at: Residue,
}

/// The effects of a script over all inputs, and where it is not understood.
#[derive(Debug)]
pub(crate) struct Trace<'s> {
    pub(crate) source: &'s PackageSource,
    /// The inputs that the guards are over.
    pub(crate) inputs: Inputs,
    /// Where the run begins: everywhere, or where inputs are fixed.
    pub(crate) start: Guard,
    /// The effects, in order.
    pub(crate) log: Vec<Logged>,
    /// The files of OUT_DIR, by path.
    pub(crate) out_files: BTreeMap<String, Cases>,
    /// Where the script fails, with its message.
    pub(crate) panics: Vec<(Guard, Text)>,
    /// Where the script is not understood, with the place and the reason.
    pub(crate) residue: Vec<(Guard, Residue)>,
    pub(crate) probes: Probes,
    /// The files of the package that the script reads, as paths in it.
    pub(crate) reads: BTreeSet<String>,
    /// The variables that the script asks for.
    pub(crate) env: BTreeSet<String>,
    /// The globs that the script expands.
    pub(crate) globs: BTreeSet<String>,
    pub(crate) assumes: Assumptions,
    /// The place where the run ended, without a reason.
    pub(crate) end: Residue,
    /// A budget was exhausted: only `residue` counts.
    pub(crate) gave_up: bool,
}

impl Trace<'_> {
    /// Returns the residue for something that has no place of its own in the source.
    pub(crate) fn residue_at_end(&self, reason: &str) -> Residue {
        Residue { reason: reason.to_owned(), ..self.end.clone() }
    }

    /// Returns the flat texts that a text may be on a path; too many are an error, which is the reason of residue.
    pub(crate) fn flatten(&mut self, path: Guard, text: &Text) -> Result<Vec<(Guard, Flat)>, String> {
        symbols::flatten(&mut self.inputs, path, text).ok_or_else(|| symbols::TOO_MANY.to_owned())
    }
}
