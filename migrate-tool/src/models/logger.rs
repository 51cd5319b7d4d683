//! Loggers. They write to stderr, which has no effect.

use super::Call;
use crate::interp::Interp;
use crate::value::Gv;

/// The names of logging macros.
const MACROS: &[&str] = &["error", "warn", "info", "debug", "trace"];

/// The crates of the logging macros.
const CRATES: &[&str] = &["log", "tracing"];

/// Returns whether a macro only logs its arguments.
pub(crate) fn is_log_macro(path: &str) -> bool {
    path.split_once("::").is_some_and(|(home, name)| CRATES.contains(&home) && MACROS.contains(&name))
}

/// Models the set-up of loggers. An existing logger matters only to `try_init`, which scripts call once.
pub(super) fn call(_: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
    match call.path {
        "env_logger::init" | "pretty_env_logger::init" | "tracing_subscriber::fmt::init" => Some(Gv::unit()),
        "env_logger::try_init" | "pretty_env_logger::try_init" => Some(Gv::ok(Gv::unit())),
        _ => None,
    }
}
