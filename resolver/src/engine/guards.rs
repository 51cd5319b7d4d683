//! Which alternative of a guarded value stands, and which items of a list.

use inert_manifest_spec::{Guarded, Item};

use super::{Engine, Result, declared};

impl Engine<'_> {
    /// The one alternative that stands, `else` where none other does; none may stand.
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

    /// As [`Self::select`], for what may not be written at all.
    pub(crate) fn select_optional<'g, T>(
        &mut self,
        place: &str,
        guarded: Option<&'g Guarded<T>>,
    ) -> Result<Option<&'g T>> {
        guarded.map_or(Ok(None), |guarded| self.select(place, guarded))
    }

    /// The items of a list that stand, in order; an `else` item where no other does.
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
