//! One simulated run: everything that a build script may learn from Cargo, its tools and its caller.

use std::collections::{BTreeMap, BTreeSet};

use super::shim::Probes;

/// The inputs of one run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    /// Enabled features, with those that they enable.
    pub features: BTreeSet<String>,
    /// The target triple.
    pub target: String,
    /// The compiler's version.
    pub rustc: Release,
    /// What compiling comes to.
    pub probes: Probes,
    /// Variables of the caller.
    pub env: BTreeMap<String, String>,
    /// `DEP_…` variables, as Cargo sets them.
    pub dep: BTreeMap<String, String>,
    /// Further `CARGO_CFG_…` variables, as RUSTFLAGS bring them, replacing the target's.
    pub cfgs: BTreeMap<String, String>,
    /// Profile, level and debug information.
    pub profile: Profile,
    /// What pkg-config finds.
    pub libraries: Libraries,
    /// What C is compiled with.
    pub c: CTools,
    /// Which programs PATH has of those that the declaration looks for.
    pub programs: Programs,
}

/// Programs on PATH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Programs {
    /// Those that this machine has.
    AsFound,
    /// None of those that the declaration looks for.
    Absent,
    /// Each of those; what is not there otherwise fails when it is started.
    Present,
}

/// A version of rustc to be simulated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// This machine's own.
    Real,
    /// Another: `1.60.0`, `1.97.0-nightly`.
    Other(String),
    /// Another, as a distributor builds it: without a commit.
    Bare(String),
    /// Another, with a commit and a distributor's words behind it.
    Vendor(String),
}

/// Cargo's `PROFILE`, `OPT_LEVEL` and `DEBUG`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// `dev`.
    Dev,
    /// `release`.
    Release,
    /// `release` for size, with debug information.
    Size,
}

/// What pkg-config finds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Libraries {
    /// What this machine has.
    System,
    /// Nothing.
    None,
    /// Every module that the script or the declaration names, in this version.
    Version(&'static str),
}

/// What C is compiled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CTools {
    /// A compiler that only takes note; it supports every flag.
    Noted,
    /// The same; it supports no flag.
    Frugal,
    /// The real one; what it was told is noted too.
    Real,
}

impl Profile {
    /// `PROFILE`, `OPT_LEVEL`, `DEBUG`, and whether debug assertions are on.
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
        match self.libraries {
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
