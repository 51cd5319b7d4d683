//! The effects of a declaration, one kind per file, carried out in the order of [`all`].

pub(crate) mod archives;
mod cfgs;
pub(crate) mod files;
pub(crate) mod globs;
pub(crate) mod libraries;
mod link;
mod magic;
mod messages;
mod metadata;
mod rustc_env;
mod system_deps;

use crate::engine::{Engine, Result};

/// Every effect, in order: first those that decide whether the build goes on, then the directives in the order of a
/// script.
const EFFECTS: &[fn(&mut Engine<'_>) -> Result<()>] = &[
    messages::errors,
    cfgs::cfgs,
    rustc_env::rustc_env,
    files::files,
    system_deps::system_deps,
    link::link,
    metadata::metadata,
    messages::warnings,
];

/// Carries out every effect.
pub(crate) fn all(engine: &mut Engine<'_>) -> Result<()> {
    EFFECTS.iter().try_for_each(|effect| effect(engine))
}
