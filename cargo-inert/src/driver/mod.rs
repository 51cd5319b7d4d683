//! Leads from a command line to a sealed plan and a running Cargo.

mod build;
mod configuration;
mod context;
pub mod judged;
mod located;
pub mod lock_check;
pub mod lock_collect;
pub mod outer;
pub mod plan_cache;
mod prepare;
mod questions;
mod unstable;

pub use build::Ready;
pub use configuration::alias;
pub use context::{Context, Failure};
pub use judged::{root_of_workspace, trust};
pub use prepare::{
    Installing, Prepared, Renamed, build_dirs_in, prepare, prepare_install, prepare_observing,
};
pub use questions::workspace;
