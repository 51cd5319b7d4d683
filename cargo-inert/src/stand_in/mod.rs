//! The second half of a stand-in: `inert`, with the caller's environment, carries out the declaration.

mod allowed_script;
#[allow(dead_code, reason = "only the small executable delivers what the driver wrote")]
pub mod answer;
mod dependency_metadata;
pub mod guard;
#[allow(dead_code, reason = "only the small executable starts anything")]
pub mod launch;
pub mod precomputed;
pub mod record;
mod refresh;
mod request;
mod run;
pub mod script_integrity;
mod shared;
mod wasm_script;

pub use refresh::refresh;
pub use request::callers_environment;
pub use run::main;
pub use wasm_script::{hidden, is_cargos};
