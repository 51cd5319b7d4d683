//! Guards: the one rule by which values and list items carry conditions.

use std::collections::HashSet;

use toml::de::DeValue;

use super::reader::{Fields, Reader, Value};
use crate::keys::{self, Table};
use crate::{Condition, Guarded, Item, Span, codes};

/// The way to read a value without its guard.
pub(super) struct Form<T> {
    /// The value's name in messages.
    pub(super) what: &'static str,
    /// Reads the value if it is not written as a table.
    pub(super) plain: fn(&mut Reader<'_>, &Value<'_>, &str) -> Option<T>,
    /// The value's own table, which holds `when` too; without one, `{ value = …, when = … }` carries the guard.
    pub(super) table: Option<(&'static Table, Lower<T>)>,
}

/// Reads the other keys of a table; returns several values if the table represents several list items.
pub(super) type Lower<T> = fn(&mut Reader<'_>, &Fields<'_, '_>) -> Option<Vec<T>>;

impl Reader<'_> {
    /// Reads a single value: plain, guarded, or a list of alternatives.
    pub(super) fn guarded<T>(&mut self, value: &Value<'_>, form: &Form<T>) -> Option<Guarded<T>> {
        let mark = self.mark();
        let mut alternatives = Vec::new();
        for alternative in self.array(value)? {
            if let Some((item, guard)) = self.guarded_value(alternative, form, &keys::ALTERNATIVE, true)
                && let [single] = <[T; 1]>::try_from(item).ok()?
            {
                alternatives.push(guard.item(single, alternative.span()));
            }
        }
        if self.mark() > mark {
            return None;
        }
        if alternatives.is_empty() {
            let message = format!("`{}` has no alternatives", form.what);
            self.error(
                codes::BAD_VALUE,
                message,
                value.span(),
                "an empty list",
                "write a value, or leave the key out",
            );
            return None;
        }
        self.overlaps(&alternatives, form.what);
        Some(Guarded { alternatives })
    }

    /// Reads a list whose items may be guarded; a single item may replace the list.
    pub(super) fn list<T: Clone>(&mut self, value: &Value<'_>, form: &Form<T>) -> Vec<Item<T>> {
        let mut items = Vec::new();
        for item in self.array(value).unwrap_or_default() {
            if let Some((values, guard)) = self.guarded_value(item, form, &keys::ITEM, false) {
                items.extend(values.into_iter().map(|value| guard.clone().item(value, item.span())));
            }
        }
        items
    }

    fn guarded_value<T>(
        &mut self,
        value: &Value<'_>,
        form: &Form<T>,
        wrapper: &'static Table,
        alternative: bool,
    ) -> Option<(Vec<T>, Guard)> {
        match value.get_ref() {
            DeValue::Array(_) => {
                self.error(
                    codes::WRONG_TYPE,
                    format!("a list within a list says nothing for `{}`", form.what),
                    value.span(),
                    "a list is not expected here",
                    if alternative {
                        ""
                    } else {
                        "write `{ values = […], when = \"…\" }` for several items under one condition"
                    },
                );
                None
            }
            DeValue::Table(_) => match form.table {
                Some((spec, lower)) => {
                    let fields = self.fields(value, spec)?;
                    let guard = self.guard(&fields, spec.key("else").is_some(), alternative);
                    Some((lower(self, &fields)?, guard?))
                }
                None => {
                    let fields = self.fields_of(value, wrapper, form.what)?;
                    let guard = self.guard(&fields, alternative, alternative);
                    let several = if alternative { None } else { fields.get("values") };
                    let values = match (fields.get("value"), several) {
                        (Some(_), Some(_)) => {
                            let span = fields.key_span("values");
                            self.error(
                                codes::KEYS_CONFLICT,
                                "`value` and `values` exclude each other",
                                span,
                                "the second of both",
                                "write all of them under `values`",
                            );
                            return None;
                        }
                        (Some(value), None) => vec![(form.plain)(self, value, form.what)?],
                        (None, Some(values)) => {
                            let values = self.array(values)?;
                            values.iter().filter_map(|value| (form.plain)(self, value, form.what)).collect()
                        }
                        (None, None) => {
                            let help = "write `{ value = …, when = \"…\" }`";
                            self.missing(fields.span.clone(), form.what, "value", help);
                            return None;
                        }
                    };
                    Some((values, guard?))
                }
            },
            _ => Some((vec![(form.plain)(self, value, form.what)?], Guard::default())),
        }
    }

    fn guard(&mut self, fields: &Fields<'_, '_>, has_else: bool, alternative: bool) -> Option<Guard> {
        let mark = self.mark();
        let when = fields.get("when").and_then(|when| self.condition(when, "when"));
        let mut otherwise = false;
        if let Some(value) = has_else.then(|| fields.get("else")).flatten() {
            match self.boolean(value, "else") {
                Some(true) if !alternative => self.error(
                    codes::ELSE,
                    "`else` has no meaning in a list, where every item stands by itself",
                    fields.key_span("else"),
                    "not in a list",
                    "write `when = \"not(…)\"`",
                ),
                Some(true) if fields.get("when").is_some() => self.error(
                    codes::ELSE,
                    "`else` and `when` exclude each other",
                    fields.key_span("else"),
                    "stands beside a condition",
                    "leave one of them out",
                ),
                Some(true) => otherwise = true,
                Some(false) => self.error(
                    codes::ELSE,
                    "`else = false` says nothing",
                    fields.key_span("else"),
                    "says nothing",
                    "leave it out",
                ),
                None => {}
            }
        }
        (self.mark() == mark).then_some(Guard { when, otherwise })
    }

    /// Reports alternatives that overlap whatever the facts are. Other overlaps are found at resolution.
    fn overlaps<T>(&mut self, alternatives: &[Item<T>], what: &str) {
        if let [only] = alternatives {
            if only.otherwise {
                let message = format!("`else` is the only alternative of `{what}`");
                self.error(
                    codes::ELSE,
                    message,
                    only.span.clone(),
                    "nothing else to part from",
                    "leave `else` out",
                );
            }
            return;
        }
        let mut otherwise = false;
        let mut seen = HashSet::new();
        for item in alternatives {
            if item.otherwise {
                if otherwise {
                    self.error(
                        codes::ELSE,
                        "only one alternative can be the `else`",
                        item.span.clone(),
                        "the second one",
                        "give it a `when`",
                    );
                }
                otherwise = true;
                continue;
            }
            let always = matches!(item.when, None | Some(Condition::Constant(true)));
            if always {
                let help = "give it a `when`, or write `else = true` where it is what remains";
                self.error(
                    codes::OVERLAP,
                    format!("an alternative of `{what}` always holds beside others"),
                    item.span.clone(),
                    "no condition",
                    help,
                );
            } else if !seen.insert(&item.when) {
                let help = "of the alternatives at most one may hold; join them or change one condition";
                self.error(
                    codes::OVERLAP,
                    format!("two alternatives of `{what}` hold under the same condition"),
                    item.span.clone(),
                    "the same condition again",
                    help,
                );
            }
        }
    }
}

#[derive(Clone, Default)]
struct Guard {
    when: Option<Condition>,
    otherwise: bool,
}

impl Guard {
    fn item<T>(self, value: T, span: Span) -> Item<T> {
        Item { value, when: self.when, otherwise: self.otherwise, span }
    }
}
