//! Questions asked of tools while the build runs, one kind a file.

mod c;
mod constant;
mod rustc;
mod variable;
mod watch;

use inert_manifest_spec::ProbeKind;

use crate::engine::{Engine, Result};
use crate::failure::Outcome;

/// What a probe found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Whether it succeeded.
    pub(crate) succeeded: bool,
    /// Its value, for those that have one.
    pub(crate) value: Option<String>,
}

impl Answer {
    fn yes_or_no(succeeded: bool) -> Self {
        Self { succeeded, value: None }
    }

    fn valued(value: Option<String>) -> Self {
        Self { succeeded: value.is_some(), value }
    }
}

/// Asks one probe.
pub(crate) fn ask(engine: &mut Engine<'_>, name: &str, kind: &ProbeKind) -> Result<Answer> {
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
