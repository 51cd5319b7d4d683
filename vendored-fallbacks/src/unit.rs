//! The input of a build: a `cc-library` with every guard answered and every path absolute.

use std::path::PathBuf;

use inert_manifest_spec::CompilerFamily;

/// The description of an archive to build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// The archive's name, `z` for `libz.a`.
    pub name: String,
    /// The source files, in order.
    pub sources: Vec<PathBuf>,
    /// The folders of `-I` options, in order.
    pub include_dirs: Vec<PathBuf>,
    /// The definitions `-DNAME` or `-DNAME=value`, in order.
    pub defines: Vec<(String, Option<String>)>,
    /// Further flags, in order.
    pub flags: Vec<Flag>,
    /// True if every source is compiled by the C++ compiler.
    pub cpp: bool,
    /// The language standard, the value of `-std`.
    pub std: Option<String>,
    /// cc's setting `warnings`; `None` keeps cc's default.
    pub warnings: Option<bool>,
    /// cc's setting `extra_warnings`; `None` keeps cc's default.
    pub extra_warnings: Option<bool>,
    /// The optimization level in place of Cargo's.
    pub opt_level: Option<String>,
    /// The debug setting in place of Cargo's.
    pub debug: Option<bool>,
    /// cc's setting `pic`; `None` keeps cc's default.
    pub pic: Option<bool>,
    /// cc's setting `static_crt`; `None` keeps cc's default.
    pub static_crt: Option<bool>,
}

/// A compiler flag with its conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The flag, one exact token.
    pub flag: String,
    /// True if the flag is dropped when the compiler rejects it.
    pub if_supported: bool,
    /// The family of compilers that the flag is for; `None` means all.
    pub compiler: Option<CompilerFamily>,
}
