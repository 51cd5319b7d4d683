//! Selects the alternative of a guarded value that applies, and the items of a list that do.

use inert_manifest_spec::{Guarded, Item};

use super::{Engine, Result, declared};

impl Engine<'_> {
    /// Returns the one alternative that applies; `else` applies if no other does, and there may be none.
    pub(crate) fn select<'g, T>(&mut self, place: &str, guarded: &'g Guarded<T>) -> Result<Option<&'g T>> {
        let mut standing = None;
        for (at, item) in guarded.alternatives.iter().enumerate() {
            if item.otherwise || !self.stands(item.when.as_ref())? {
                continue;
            }
            if let Some((before, _)) = standing {
                let problem = format!(
                    "two alternatives hold at once, number {} and number {}; exactly one may: exclude one from \
                     the other with `not(…)`, or close the list with `else = true`",
                    before + 1,
                    at + 1
                );
                return Err(declared(place, problem));
            }
            standing = Some((at, &item.value));
        }
        let otherwise = || guarded.alternatives.iter().find(|item| item.otherwise).map(|item| &item.value);
        Ok(standing.map(|(_, value)| value).or_else(otherwise))
    }

    /// As [`Self::select`], for a value that may be absent from the declaration.
    pub(crate) fn select_optional<'g, T>(
        &mut self,
        place: &str,
        guarded: Option<&'g Guarded<T>>,
    ) -> Result<Option<&'g T>> {
        guarded.map_or(Ok(None), |guarded| self.select(place, guarded))
    }

    /// Returns the items of a list that apply, in order; an `else` item applies if no other does.
    pub(crate) fn items<'g, T>(&mut self, items: &'g [Item<T>]) -> Result<Vec<&'g T>> {
        let mut standing = Vec::new();
        for item in items {
            if !item.otherwise && self.stands(item.when.as_ref())? {
                standing.push(&item.value);
            }
        }
        if standing.is_empty() {
            standing.extend(items.iter().filter(|item| item.otherwise).map(|item| &item.value));
        }
        Ok(standing)
    }
}
