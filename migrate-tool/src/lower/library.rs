//! Libraries of the system.

use inert_manifest_spec::Condition;
use inert_manifest_spec::types::Declaration;

use crate::interp::Interp;
use crate::logic::Guard;

/// Libraries that were asked for.
pub(super) fn lower(interp: &mut Interp<'_>) -> Vec<()> {
    let _ = interp;
    Vec::new()
}

/// Writes them into the declaration.
pub(super) fn declare(_: &mut Declaration, _: Vec<()>, _: &mut dyn FnMut(Guard, &str) -> Option<Condition>) {}
