//! `Provides`: compares the entries that modules offer with requirements.

use super::dependency::{Dependency, Operator};

/// Returns whether an entry of a `Provides` list satisfies a requirement, by pkgconf's own table of cases, in which
/// an entry without a version satisfies nothing.
pub(super) fn satisfies(wanted: &Dependency, offered: &Dependency) -> bool {
    use Operator::{Any, Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    let (want, offer) = (wanted.version.as_deref().unwrap_or(""), offered.version.as_deref().unwrap_or(""));
    if offered.operator == Any {
        return false;
    }
    match (wanted.operator, offered.operator) {
        (Any, _) => true,
        // Both are bounds on the same side, or the same point: the requirement must lie within the offer.
        (Equal, operator) => operator.holds(want, offer),
        (NotEqual, Less) => GreaterEqual.holds(want, offer),
        (NotEqual, Greater) => LessEqual.holds(want, offer),
        (NotEqual, LessEqual) => Greater.holds(want, offer),
        (NotEqual, GreaterEqual) => Less.holds(want, offer),
        (NotEqual, Equal) => NotEqual.holds(want, offer),
        (NotEqual, NotEqual) => Equal.holds(want, offer),
        (bound, Equal) => bound.holds(offer, want),
        (bound, NotEqual) => !bound.holds(offer, want),
        (bound, operator) => {
            let opposite = matches!(
                (bound, operator),
                (Less | LessEqual, Greater | GreaterEqual) | (Greater | GreaterEqual, Less | LessEqual)
            );
            operator.holds(want, offer) && (!opposite || bound.holds(offer, want))
        }
    }
}
