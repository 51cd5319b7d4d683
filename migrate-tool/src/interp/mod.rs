//! The interpreter: evaluates a script once, over guarded values.
//!
//! There is one state. The *path* ([`Interp::pc`]) is the guard under which the current expression is evaluated; a
//! branch narrows it, a join widens it again, and an assignment changes a variable under the path only. Leaving
//! (`return`, `?`, `break`, a panic, `process::exit`, residue) empties the path; where it is empty nothing is
//! evaluated.

mod arms;
mod borrows;
pub(crate) mod buffers;
mod call;
mod captures;
mod cfg;
mod compare;
mod concat;
mod conditional;
mod control;
mod convert;
mod dispatch;
mod ending;
mod expr;
mod fixpoint;
mod format;
mod format_spec;
mod grow;
mod hygiene;
mod index;
mod infer;
mod items;
mod iter;
mod iterate;
mod journal;
mod lengths;
mod lists;
mod macro_rules;
mod macros;
mod method;
mod model;
mod nesting;
mod opaque;
mod operators;
mod order;
mod own_iterators;
mod pattern;
mod place;
mod pull;
mod receives;
mod resolve;
mod slices;
mod state;
mod texts;
mod typed;

pub(crate) use crate::value::Ty;
pub(crate) use cfg::split_commas;
pub(crate) use compare::{components, plain_path, text_order};
pub(crate) use concat::concat;
pub(crate) use dispatch::Choice;
pub(crate) use format::Shape;
pub(crate) use format_spec::Spec;
pub(crate) use items::{Definition, Item};
pub(crate) use iter::{has_tail, may_be_tail, path_order, same_key, sort_key};
#[cfg(test)]
pub(crate) use journal::Note;
pub(crate) use model::{Call, Method, Models};
pub(crate) use operators::{bits as type_bits, fits as fits_type, surely_fits, wrap as wrap_type};
pub(crate) use place::WHICH_REFERENCE;
pub(crate) use slices::{byte_items, byte_list, byte_list_of};
use state::MAX_DEPTH;
pub(crate) use state::{Frame, Interp, Loop};
