//! Iterators that the script implements itself, and its types that can be iterated over.

use std::rc::Rc;

use super::{Interp, Item};
use crate::value::{Cases, Iter, Place, Value};

impl Interp<'_> {
    /// Returns the iterator that a value of a type of the script is, or that its `into_iter` gives; `None` if the type
    /// implements neither, or if its `impl` is not understood. `place` is where a `&mut` reference leads to.
    pub(crate) fn own_iterator(&mut self, value: &Value, place: Option<&Rc<Place>>) -> Option<Iter> {
        if self.is_own_iterator(value) {
            let place = match place {
                Some(place) => Rc::clone(place),
                None => {
                    let cell = self.new_cell(Cases::of(value.clone()));
                    Rc::new(Place { cell, path: Vec::new() })
                }
            };
            return Some(Iter::Own { place, ended: crate::logic::Guard::FALSE });
        }
        let name = self.own_name(value)?;
        if self.is_own_trait("IntoIterator") {
            return None;
        }
        // Values are stored without `&`: of several `impl` blocks, only that for `&mut` is told apart.
        let mut found = self.candidates(&name, Some("IntoIterator"), "into_iter");
        found.retain(|one| self.is_for_mutable(one.item) == place.is_some());
        let [one] = found.as_slice() else { return None };
        if !one.guard.is_true() {
            return None;
        }
        let receiver = match place {
            Some(place) => Cases::of(Value::Ref(Rc::clone(place))),
            None => Cases::of(value.clone()),
        };
        let made = self.call_item(one.item, vec![receiver], None);
        Some(self.iterate(&made))
    }

    /// Returns whether a value is of a type of the script that implements `Iterator` by `next` alone. What else it
    /// writes (`nth`, `fold`, `size_hint`, …) std's adapters may call.
    pub(crate) fn is_own_iterator(&mut self, value: &Value) -> bool {
        let Some(name) = self.own_name(value) else { return false };
        if self.is_own_trait("Iterator") {
            return false;
        }
        let mut blocks = self.trait_impls.iter().filter(|one| *one.owner == *name && &*one.of == "Iterator");
        let (Some(block), None) = (blocks.next(), blocks.next()) else { return false };
        block.guard.is_true()
            && matches!(block.written.as_slice(), [(name, guard)] if &**name == "next" && guard.is_true())
    }

    /// Calls `Iterator::next`, or `DoubleEndedIterator::next_back`, of the script's iterator at a place.
    pub(crate) fn own_next(&mut self, place: &Rc<Place>, back: bool) -> Cases {
        let inside = self.read_place(place);
        let (of, name) = if back { ("DoubleEndedIterator", "next_back") } else { ("Iterator", "next") };
        self.each(&inside, |interp, value| {
            let owner = crate::semantics::types::type_name(value);
            match interp.candidates(&owner, Some(of), name).as_slice() {
                [one] if one.guard.is_true() && !one.by_reference => {
                    interp.call_item(one.item, vec![Cases::of(Value::Ref(Rc::clone(place)))], None)
                }
                _ => interp.unknown(&format!("`{name}` of this iterator is not understood")),
            }
        })
    }

    /// Returns whether a value is of a type of the script that is `Copy`.
    pub(crate) fn is_own_copy(&mut self, value: &Value) -> bool {
        let Some(name) = self.own_name(value) else { return false };
        let derives = |attributes: &[syn::Attribute]| {
            attributes.iter().any(|one| {
                // Inside of `cfg_attr`, too.
                let text = quote::ToTokens::to_token_stream(&one.meta).to_string();
                text.contains("derive")
                    && text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "Copy")
            })
        };
        self.trait_impls.iter().any(|one| *one.owner == *name && &*one.of == "Copy")
            || self.items.iter().any(|item| match item {
                Item::Struct(item) => item.ident == name && derives(&item.attrs),
                Item::Enum(item) => item.ident == name && derives(&item.attrs),
                _ => false,
            })
    }

    /// Returns the name of a value's type, if it is a type of the script.
    fn own_name(&mut self, value: &Value) -> Option<String> {
        if !matches!(value, Value::Struct(_) | Value::Enum(_)) {
            return None;
        }
        let name = crate::semantics::types::type_name(value);
        self.is_own_type(&name).then_some(name)
    }

    fn is_for_mutable(&self, item: usize) -> bool {
        matches!(self.items.get(item), Some(Item::Function(function)) if function.for_mutable)
    }
}
