//! The plan: what is decided about every build script of one build, before Cargo starts.
//!
//! [`make`] computes it from the unit graph, policies and declarations; [`seal`] writes it where
//! only Inert finds it; the wrapper and the stand-ins read it and decide nothing themselves.

mod bundled;
pub mod closure;
mod coverage;
pub mod declaration;
pub mod derivation;
mod granted_libraries;
mod graph_paths;
pub mod incomplete;
pub mod input;
mod library_names;
pub mod located;
pub mod macros;
pub mod make;
pub mod model;
mod notices;
pub mod providers;
pub mod run_facts;
mod scripts;
pub mod seal;
pub mod skip;
pub mod stale;
mod system_only;
mod variable_advice;
pub mod verdict;
pub mod verified;
pub mod wasm;
pub mod wasm_first;
pub mod wasm_fitness;
