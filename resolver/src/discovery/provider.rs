//! One provider per library and platform, from all that ask.
