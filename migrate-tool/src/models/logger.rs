//! Loggers. They write to stderr, which has no effect.

use super::Call;
use crate::interp::Interp;
use crate::value::Cases;

/// Models the set-up of loggers. An existing logger matters only to `try_init`, which scripts call once.
pub(super) fn call(_: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    match call.path {
        "env_logger::init" | "pretty_env_logger::init" | "tracing_subscriber::fmt::init" => {
            Some(Cases::unit())
        }
        "env_logger::try_init" | "pretty_env_logger::try_init" => Some(Cases::ok(Cases::unit())),
        _ => None,
    }
}
