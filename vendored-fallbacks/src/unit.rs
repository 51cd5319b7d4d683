//! What is compiled: a `cc-library` with every guard decided and every path absolute.

use std::path::PathBuf;

use inert_manifest_spec::CompilerFamily;

/// An archive to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// The archive's name, `z` for `libz.a`.
    pub name: String,
    /// Source files, in order.
    pub sources: Vec<PathBuf>,
    /// `-I`, in order.
    pub include_dirs: Vec<PathBuf>,
    /// `-DNAME` or `-DNAME=value`, in order.
    pub defines: Vec<(String, Option<String>)>,
    /// Flags, in order.
    pub flags: Vec<Flag>,
    /// C++: every source is compiled by the C++ compiler.
    pub cpp: bool,
    /// `-std`.
    pub std: Option<String>,
    /// cc's `warnings`; none leaves it to cc.
    pub warnings: Option<bool>,
    /// cc's `extra_warnings`.
    pub extra_warnings: Option<bool>,
    /// Instead of Cargo's.
    pub opt_level: Option<String>,
    /// Instead of Cargo's.
    pub debug: Option<bool>,
    /// cc's `pic`.
    pub pic: Option<bool>,
    /// cc's `static_crt`.
    pub static_crt: Option<bool>,
}

/// A compiler flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The token.
    pub flag: String,
    /// Dropped where the compiler rejects it.
    pub if_supported: bool,
    /// Only for compilers of this family.
    pub compiler: Option<CompilerFamily>,
}
