//! Source builds of C libraries as data: the executor over cc, and recipes for libraries whose source a crate ships.
//!
//! A [`Unit`] is the input of a build, a [`Toolchain`] its tools; [`build`] makes the archive. Flags come from
//! `cc`, so that they are those of a build script; commands are started here, so that objects are never partial,
//! are kept for other builds ([`store`]), and use Cargo's job tokens ([`jobs`]).
//!
//! Nothing here reads the process environment: `cc` is given the [`Environment`] of the toolchain as its snapshot
//! (`Build::set_envs_snapshot`, cc 1.11), and compilers and archivers are started with it alone. So a repository's
//! `[env]`, which Cargo puts into the process environment, cannot change the compilation.

mod archive;
mod compile;
pub mod depfile;
pub mod environment;
mod error;
mod fence;
mod identity;
pub mod jobs;
mod nasm;
pub mod recipes;
mod roots;
pub mod sha256;
pub mod store;
mod toolchain;
mod unit;

pub use archive::{Archive, build};
pub use environment::Environment;
pub use error::BuildError;
pub use fence::{Fence, Fenced};
pub use recipes::RECIPES;
pub use roots::Roots;
pub use toolchain::{Compiler, Toolchain, compiler, cpp_stdlib, flag_supported};
pub use unit::{Flag, Unit};
