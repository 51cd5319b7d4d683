//! Source builds of C libraries as data: the executor over cc, and recipes for libraries whose source a crate ships.
//!
//! A [`Unit`] is what is compiled, a [`Toolchain`] what with; [`build`] makes the archive of it. Flags come from `cc`,
//! so that they are a build script's; commands are started here, so that objects are whole or not there, are kept when
//! nothing changed ([`store`]), and take Cargo's job tokens ([`jobs`]).
//!
//! Nothing here reads the process environment: `cc` is given the [`Environment`] of the toolchain as its snapshot
//! (`Build::set_envs_snapshot`, cc 1.11), and that is all that a compiler or an archiver is started with. So a
//! repository's `[env]`, which Cargo puts into the process environment, has no say in what is compiled with what.

mod archive;
mod compile;
pub mod depfile;
pub mod environment;
mod error;
pub mod jobs;
mod nasm;
pub mod recipes;
pub mod sha256;
pub mod store;
mod toolchain;
mod unit;

pub use archive::{Archive, build};
pub use environment::Environment;
pub use error::BuildError;
pub use recipes::RECIPES;
pub use toolchain::{Compiler, Toolchain, compiler, cpp_stdlib, flag_supported};
pub use unit::{Flag, Unit};
