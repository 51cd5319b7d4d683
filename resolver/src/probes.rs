//! Questions to tools while the build runs, one kind per file.

mod c;
mod constant;
mod rustc;
mod symbols;
mod variable;
mod watch;

use inert_manifest_spec::ProbeKind;

use crate::engine::{Asked, Engine, Result, cycle, declared};
use crate::failure::Outcome;
use crate::outcomes::Answer;

impl Engine<'_> {
    /// Returns the answer to a named probe, which is asked once.
    pub(crate) fn probe(&mut self, name: &str) -> Result<Answer> {
        let place = || format!("probe.{name}");
        match self.probes.get(name) {
            Some(Asked::Done(answer)) => return Ok(answer.clone()),
            Some(Asked::UnderWay) => return Err(cycle(&place())),
            None => {}
        }
        let declaration = self.declaration;
        let Some(probe) = declaration.probe.get(name) else {
            return Err(declared(place(), "no probe has this name"));
        };
        self.probes.insert(name.to_owned(), Asked::UnderWay);
        let answer = if self.stands(probe.when.as_ref())? {
            ask(self, name, &probe.kind)?
        } else {
            self.attempt(&place(), "when", "", Outcome::Skipped("its condition does not hold".into()));
            Answer::default()
        };
        self.probes.insert(name.to_owned(), Asked::Done(answer.clone()));
        Ok(answer)
    }
}

/// Runs one probe.
fn ask(engine: &mut Engine<'_>, name: &str, kind: &ProbeKind) -> Result<Answer> {
    let place = format!("probe.{name}");
    match kind {
        ProbeKind::Compiles(probe) => rustc::compiles(engine, &place, probe),
        ProbeKind::Macro { name, header, library } => {
            c::macro_value(engine, &place, name, header, library.as_deref())
        }
        ProbeKind::Header { header, library } => c::header(engine, &place, header, library.as_deref()),
        ProbeKind::Function { name, header, library } => {
            c::function(engine, &place, name, header.as_deref(), library.as_deref())
        }
        ProbeKind::SizeOf { c_type, header } => c::size_of(engine, &place, c_type, header.as_deref()),
        ProbeKind::Links { lib, source } => c::links(engine, &place, lib, source.as_ref()),
        ProbeKind::CFlag { flag, cpp } => c::flag(engine, &place, flag, *cpp),
        ProbeKind::Variable { name, library, word } => {
            variable::value(engine, &place, name, library, word.as_deref())
        }
        ProbeKind::PathExists { path } => Ok(path_exists(engine, &place, path)),
    }
}

fn path_exists(engine: &mut Engine<'_>, place: &str, path: &str) -> Answer {
    let exists = engine.world.kind(std::path::Path::new(path)).is_some();
    let outcome = if exists {
        Outcome::Chosen("it exists".into())
    } else {
        Outcome::Failed("it does not exist".into())
    };
    engine.attempt(place, "path-exists", path, outcome);
    Answer::yes_or_no(exists)
}
