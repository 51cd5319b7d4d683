//! Declarations for published crates that cannot be derived, as data.
