//! Loggers, which write where nobody reads: to stderr.

use super::Call;
use crate::interp::Interp;
use crate::value::Gv;

/// Macros that log, by their paths.
const MACROS: &[&str] = &["error", "warn", "info", "debug", "trace"];

/// Crates of which the macros are.
const CRATES: &[&str] = &["log", "tracing"];

/// Whether a macro only logs what it is given.
pub(crate) fn is_log_macro(path: &str) -> bool {
    path.split_once("::").is_some_and(|(home, name)| CRATES.contains(&home) && MACROS.contains(&name))
}

/// Loggers are set up; whether one is there already makes no difference but to `try_init`, which is called once.
pub(super) fn call(_: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
    match call.path {
        "env_logger::init" | "pretty_env_logger::init" | "tracing_subscriber::fmt::init" => Some(Gv::unit()),
        "env_logger::try_init" | "pretty_env_logger::try_init" => Some(Gv::ok(Gv::unit())),
        _ => None,
    }
}
