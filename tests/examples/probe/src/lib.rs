//! What the compiler accepts decides.

/// What it accepted.
pub fn said() -> String {
    format!("{} {}", cfg!(const_in_array), cfg!(from_the_future))
}
