//! Carries out Inert declarations: native discovery, compiler probes, files, linking, Cargo directives.
//!
//! Phases: a [`Declaration`](inert_manifest_spec::Declaration) and a [`Request`] → [`resolve::resolve`], which
//! reads from the [`World`] as needed → [`Resolution`]: directives, files written, attempts →
//! [`directives::print`].

pub mod build_script;
pub mod directives;
pub mod discovery;
mod effects;
mod engine;
pub mod facts;
pub mod failure;
pub mod journal;
mod outcomes;
pub mod pkgconf;
mod probes;
pub mod request;
pub mod resolve;
pub mod shared;
pub mod world;

pub use build_script::build_script;
pub use directives::{Dialect, Directive};
pub use failure::{Attempt, Failure, FailureKind, Outcome};
pub use inert_vendored_fallbacks::store;
pub use journal::{Changed, Journal};
pub use request::Request;
pub use resolve::{Resolution, resolve, sources, uncovered, unsupported};
pub use world::{Environment, Fence, Fenced, World};
