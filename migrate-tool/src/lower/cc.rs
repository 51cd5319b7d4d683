//! Archives built by cc.

use inert_manifest_spec::Condition;
use inert_manifest_spec::types::Declaration;

use super::Refusals;
use crate::interp::Interp;
use crate::logic::Guard;

/// Archives that were asked for.
pub(super) fn lower(interp: &mut Interp<'_>, _: &mut Refusals) -> Vec<()> {
    let _ = interp;
    Vec::new()
}

/// Writes them into the declaration.
pub(super) fn declare(_: &mut Declaration, _: Vec<()>, _: &mut dyn FnMut(Guard, &str) -> Option<Condition>) {}
