//! One simulated run: all inputs that a build script can read from Cargo, its tools and its caller.

use std::collections::{BTreeMap, BTreeSet};

use super::shim::Probes;

/// The inputs of one run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    /// The enabled features, with those that they enable.
    pub features: BTreeSet<String>,
    /// The triple of the target.
    pub target: String,
    /// The version of rustc.
    pub rustc: Release,
    /// The result of test compilations with rustc.
    pub probes: Probes,
    /// Variables of the caller's environment.
    pub env: BTreeMap<String, String>,
    /// `DEP_…` variables, as Cargo sets them.
    pub dep: BTreeMap<String, String>,
    /// Further `CARGO_CFG_…` variables, such as RUSTFLAGS add; they replace those of the target.
    pub cfgs: BTreeMap<String, String>,
    /// The profile, which sets the optimization level and debug information.
    pub profile: Profile,
    /// The libraries that pkg-config finds.
    pub libraries: Libraries,
    /// The tools that compile C.
    pub c: CTools,
    /// The programs on PATH, among those that the declaration looks for.
    pub programs: Programs,
}

/// The programs on PATH in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Programs {
    /// The programs that this machine has.
    AsFound,
    /// None of the programs that the declaration looks for.
    Absent,
    /// Each of those programs; one that this machine lacks fails when it is started.
    Present,
}

/// A simulated version of rustc.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// The version of this machine.
    Real,
    /// Another version: `1.60.0`, `1.97.0-nightly`.
    Other(String),
    /// Another version without a commit, as a distributor builds it.
    Bare(String),
    /// Another version with a commit and text of a distributor after it.
    Vendor(String),
}

/// Cargo's `PROFILE`, `OPT_LEVEL` and `DEBUG`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// Cargo's profile `dev`, without changes.
    Dev,
    /// Cargo's profile `release`, without changes.
    Release,
    /// The profile `release`, optimized for size, with debug information.
    Size,
}

/// The libraries that pkg-config finds in a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Libraries {
    /// The libraries of this machine.
    System,
    /// No library at all.
    None,
    /// Every module that the script or the declaration names, in this version.
    Version(String),
}

/// The tools that compile C in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CTools {
    /// A compiler that only records its calls and accepts every flag.
    Noted,
    /// A compiler that only records its calls and accepts no flag that is asked about.
    Frugal,
    /// The real compiler; its calls are recorded as well.
    Real,
}

impl Profile {
    /// Returns `PROFILE`, `OPT_LEVEL`, `DEBUG`, and whether debug assertions are on.
    #[must_use]
    pub fn variables(self) -> (&'static str, &'static str, &'static str, bool) {
        match self {
            Self::Dev => ("debug", "0", "true", true),
            Self::Release => ("release", "3", "false", false),
            Self::Size => ("release", "s", "true", false),
        }
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let features: Vec<&str> = self.features.iter().map(String::as_str).collect();
        write!(f, "target {}, features [{}]", self.target, features.join(", "))?;
        match &self.rustc {
            Release::Real => {}
            Release::Other(version) => write!(f, ", rustc {version}")?,
            Release::Bare(version) => write!(f, ", rustc {version} without a commit")?,
            Release::Vendor(version) => write!(f, ", rustc {version} of a distributor")?,
        }
        match self.probes {
            Probes::Real => {}
            Probes::Pass => f.write_str(", probes pass")?,
            Probes::Fail => f.write_str(", probes fail")?,
        }
        for (name, value) in self.env.iter().chain(&self.dep).chain(&self.cfgs) {
            write!(f, ", {name}={value:?}")?;
        }
        match self.profile {
            Profile::Dev => {}
            Profile::Release => f.write_str(", profile release")?,
            Profile::Size => f.write_str(", profile release (opt-level s, debug)")?,
        }
        match &self.libraries {
            Libraries::System => {}
            Libraries::None => f.write_str(", no libraries")?,
            Libraries::Version(version) => write!(f, ", libraries of version {version}")?,
        }
        match self.programs {
            Programs::AsFound => {}
            Programs::Absent => f.write_str(", programs not on PATH")?,
            Programs::Present => f.write_str(", programs on PATH")?,
        }
        match self.c {
            CTools::Noted => Ok(()),
            CTools::Frugal => f.write_str(", no C flag supported"),
            CTools::Real => f.write_str(", C compiled"),
        }
    }
}
