//! What to type where a library is missing.

use super::Query;
use crate::world::World;

/// Commands that would bring the library here, one a line.
pub fn remedies(query: &Query<'_>, _world: &mut World) -> Vec<String> {
    let _ = query;
    Vec::new()
}
