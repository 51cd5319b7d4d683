//! Indexing, and slices of texts and lists.

use std::rc::Rc;

use super::Interp;
use crate::value::{Cases, Items, SeqKind, Text, TextClass, TextType, Value};

impl Interp<'_> {
    /// Models `base[at]` for a position or a range; an index that is out of bounds panics.
    pub(crate) fn index(&mut self, base: &Cases, at: &Cases) -> Cases {
        let (base, at) = (self.deref_all(base), self.deref_all(at));
        self.each2(&base, &at, |interp, base, at| match (base, at) {
            (Value::Seq(items), Value::Int(index, _)) => {
                let found = interp.nth(items, *index);
                interp.each(&found, |interp, found| match found {
                    Value::Enum(found) if &*found.variant == "Some" => found.fields[0].1.clone(),
                    _ => interp.panic(Text::lit("index out of bounds")),
                })
            }
            (Value::Seq(items), Value::Range { start: None | Some(0), end: None, .. }) => {
                Cases::of(Value::Seq(Rc::clone(items)))
            }
            (Value::Seq(items), Value::Range { .. }) if interp.position_matters(items) => Cases::never(),
            (Value::Seq(items), Value::Range { start, end, .. }) => {
                if items.iter().any(|(guard, _)| !guard.is_true()) || super::has_tail(items) {
                    return interp.unknown("a slice of a list of unknown length is not understood");
                }
                let start = usize::try_from(start.unwrap_or(0)).unwrap_or(usize::MAX);
                let end = end.map_or(items.len(), |end| usize::try_from(end).unwrap_or(usize::MAX));
                match items.get(start..end) {
                    Some(part) => {
                        interp.count_items(part.len());
                        Cases::seq(Items::from(part.to_vec()).like(items).of_kind(SeqKind::Slice))
                    }
                    None => interp.panic(Text::lit("range out of bounds")),
                }
            }
            (Value::Text(text), at) if text.class() == Some(TextClass::Bytes) => {
                let at = Cases::of(at.clone());
                let ty = text.1;
                interp.ask_literal(text, "an index", &mut |interp, text| {
                    let bytes = super::byte_items(&Text::lit(text).typed(ty));
                    interp.index(&Cases::seq(bytes), &at)
                })
            }
            (Value::Bytes(bytes), at) => {
                let at = Cases::of(at.clone());
                interp.index(&Cases::seq(super::byte_list(bytes)), &at)
            }
            (Value::Text(text), Value::Range { start, end, .. }) => {
                let (start, end) = (start.unwrap_or(0), *end);
                let part = interp.text_slice(text, start, end);
                interp.text_as(&part, borrowed(text.1))
            }
            (Value::Map(map), key) => {
                let found = interp.map_get(map, key);
                interp.each(&found, |interp, found| match found {
                    Value::Enum(found) if &*found.variant == "Some" => found.fields[0].1.clone(),
                    _ => interp.panic(Text::lit("no such key")),
                })
            }
            _ => {
                let reason = format!("indexing {} is not understood", base.kind());
                interp.unknown(&reason)
            }
        })
    }

    pub(super) fn text_slice(&mut self, text: &Text, start: i128, end: Option<i128>) -> Cases {
        // A known prefix may be cut off a text whose rest is unknown.
        self.ask(text, "a part of a text", &mut |interp, flat| {
            let start = usize::try_from(start).ok()?;
            if let Some(end) = end
                && flat.len() > 1
            {
                let part = crate::semantics::texts::slice(flat, start, usize::try_from(end).ok()?)?;
                return Some(Cases::text(part));
            }
            match flat {
                [] | [crate::value::Piece::Lit(_)] => {
                    let whole = Text::from_flat(flat.iter().cloned());
                    let whole = whole.as_lit().unwrap_or_default().to_owned();
                    let end = end.map_or(Some(whole.len()), |end| usize::try_from(end).ok());
                    Some(match end.and_then(|end| whole.get(start..end)) {
                        Some(part) => Cases::str(part),
                        None => interp.panic(Text::lit("range out of bounds")),
                    })
                }
                [crate::value::Piece::Lit(first), rest @ ..] => {
                    if let Some(end) = end {
                        return first.get(start..usize::try_from(end).ok()?).map(Cases::str);
                    }
                    let first = first.get(start..)?;
                    let pieces = std::iter::once(crate::value::Piece::Lit(Rc::from(first)))
                        .chain(rest.iter().cloned());
                    Some(Cases::text(Text::from_flat(pieces)))
                }
                _ if start == 0 && end.is_none() => Some(Cases::text(Text::from_flat(flat.iter().cloned()))),
                _ if end.is_none() => (interp.models.flags_cut)(interp, flat, start).map(Cases::text),
                _ => None,
            }
        })
    }
}

/// Returns the type of a slice of a text.
fn borrowed(ty: TextType) -> TextType {
    match ty {
        TextType::String => TextType::Str,
        TextType::OsString => TextType::OsStr,
        ty => ty,
    }
}
