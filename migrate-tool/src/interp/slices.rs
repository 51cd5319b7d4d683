//! Patterns of slices, and bytes as lists.

use std::rc::Rc;

use syn::Pat;

use super::Interp;
use super::pattern::{Bindings, sub_place};
use crate::logic::Guard;
use crate::value::{Cases, IntType, Items, SeqKind, Step, Text, TextType, Ty, Value};

impl Interp<'_> {
    /// Matches `[first, .., last]`.
    pub(super) fn matches_slice(
        &mut self,
        value: &Cases,
        inner: &[&Pat],
        under: Guard,
        bindings: &mut Bindings,
    ) -> Guard {
        let rest = inner.iter().position(|pattern| match pattern {
            Pat::Rest(_) => true,
            Pat::Ident(ident) => {
                matches!(ident.subpat.as_ref().map(|(_, inner)| &**inner), Some(Pat::Rest(_)))
            }
            _ => false,
        });
        // Items behind `&mut` are bound as places.
        let place = match value.single() {
            Some(Value::Ref(place)) if !matches!(self.read_place(place).single(), Some(Value::Ref(_))) => {
                Some(Rc::clone(place))
            }
            _ => None,
        };
        let value = self.deref_all(value);
        let mut matched = Guard::FALSE;
        for (guard, alternative) in value.0.iter() {
            let guard = self.inputs.and(*guard, under);
            if guard.is_false() {
                continue;
            }
            let items: Items = match alternative {
                Value::Seq(items) if !(super::has_tail(items) || items.unordered && items.len() > 1) => {
                    match &place {
                        Some(place) => {
                            let below =
                                |at| sub_place(Some(place), Step::Item(at)).unwrap_or_else(Cases::never);
                            let places = items.iter().enumerate().map(|(at, (guard, _))| (*guard, below(at)));
                            places.collect()
                        }
                        None => (**items).clone(),
                    }
                }
                Value::Text(text) if text.as_lit().is_some() => byte_items(text),
                _ => {
                    self.cannot_match(guard);
                    continue;
                }
            };
            let items_kind = items.kind;
            // The pattern is matched for each combination of items that may be present.
            for (there, items) in self.resolved_items(&items, guard) {
                let fits = match rest {
                    Some(_) => items.len() + 1 >= inner.len(),
                    None => items.len() == inner.len(),
                };
                if !fits {
                    continue;
                }
                let mut here = there;
                for (at, pattern) in inner.iter().enumerate() {
                    match rest {
                        Some(rest) if at == rest => {
                            if let Pat::Ident(_) = pattern
                                && place.is_some()
                            {
                                self.cannot_match(here);
                                here = Guard::FALSE;
                            } else if let Pat::Ident(ident) = pattern {
                                let end = items.len() + at + 1 - inner.len();
                                let middle: Items =
                                    items[at..end].iter().map(|item| (Guard::TRUE, item.clone())).collect();
                                // A part of an array is an array.
                                let kind = match items_kind {
                                    SeqKind::Array => SeqKind::Array,
                                    _ => SeqKind::Slice,
                                };
                                let middle = Cases::seq(middle.of_kind(kind));
                                Self::add(bindings, &ident.ident.to_string(), here, middle);
                            }
                        }
                        Some(rest) if at > rest => {
                            let index = items.len() + at - inner.len();
                            here = self.matches(pattern, &items[index].clone(), here, bindings);
                        }
                        _ => here = self.matches(pattern, &items[at].clone(), here, bindings),
                    }
                }
                matched = self.inputs.or(matched, here);
            }
        }
        matched
    }
}

/// Returns the bytes of a known text.
pub(crate) fn byte_items(text: &Text) -> Items {
    let kind = match text.1 {
        TextType::ByteVec => SeqKind::Vec,
        TextType::ByteArray => SeqKind::Array,
        _ => SeqKind::Slice,
    };
    byte_list(text.as_lit().unwrap_or_default().as_bytes()).of_kind(kind)
}

/// Returns the bytes as a list of numbers, if all are known.
pub(crate) fn byte_list_of(value: &Value) -> Option<Items> {
    match value {
        Value::Text(text) if text.as_lit().is_some() => Some(byte_items(text)),
        Value::Bytes(bytes) => Some(byte_list(bytes)),
        _ => None,
    }
}

/// Returns bytes as a list of numbers.
pub(crate) fn byte_list(bytes: &[u8]) -> Items {
    let number = |byte: &u8| (Guard::TRUE, Cases::of(Value::Int(i128::from(*byte), IntType::Unsigned(8))));
    let mut items: Items = bytes.iter().map(number).collect();
    items.kind = SeqKind::Slice;
    items.element = Some(Rc::new(Ty::named("u8")));
    items
}
