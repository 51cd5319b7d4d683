//! The code depends on the features that the compiler accepts.

/// Returns the features that it accepted.
pub fn said() -> String {
    format!("{} {}", cfg!(const_in_array), cfg!(from_the_future))
}
