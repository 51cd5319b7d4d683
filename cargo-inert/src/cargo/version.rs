//! The version of Cargo, and the range of versions that Inert was tested with.

use std::path::Path;

/// The minor version of the oldest Cargo that the whole test suite ran with.
pub const OLDEST_TESTED: u32 = 95;

/// The minor version of the newest Cargo that was tested.
pub const NEWEST_TESTED: u32 = 101;

/// The version of a cargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The version as Cargo prints it: `1.95.0`, `1.97.0-nightly`.
    pub text: String,
    /// The minor version: 95 for Cargo 1.95; `None` if it is not known.
    pub minor: Option<u32>,
}

/// The relation of a version to the range that was tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The version lies in the range.
    Tested,
    /// The version is older than the range.
    Older,
    /// The version is newer than the range.
    Newer,
}

impl Version {
    /// Asks a cargo for its version. `None` if it does not start, or its answer has another form.
    #[must_use]
    pub fn of(cargo: &Path, cwd: &Path) -> Option<Self> {
        let mut command = super::command(cargo);
        let answer = super::ask(command.arg("-V"), cwd).ok()?.ok()?;
        Self::parse(&String::from_utf8_lossy(&answer))
    }

    /// Parses the answer of `cargo -V`.
    fn parse(answer: &str) -> Option<Self> {
        let text = answer.split(' ').nth(1)?.trim().to_owned();
        let mut parts = text.split('.');
        let major = parts.next()?;
        let minor = parts.next().and_then(|minor| minor.parse().ok()).filter(|_| major == "1");
        Some(Self { text, minor })
    }

    /// Returns whether Cargo obeys `[unstable]` and `-Z`.
    #[must_use]
    pub fn is_nightly(&self) -> bool {
        self.text.ends_with("-nightly") || self.text.ends_with("-dev")
    }

    /// Returns the relation to the range that was tested. An unknown version counts as newer.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.minor {
            Some(minor) if minor < OLDEST_TESTED => Standing::Older,
            Some(minor) if minor <= NEWEST_TESTED => Standing::Tested,
            _ => Standing::Newer,
        }
    }

    /// Returns a notice if the version lies outside of the range that was tested.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        let text = &self.text;
        match self.standing() {
            Standing::Tested => None,
            Standing::Older => Some(format!(
                "Cargo {text} is older than the oldest that Inert was tested with, 1.{OLDEST_TESTED}: this is experimental"
            )),
            Standing::Newer => Some(format!(
                "Cargo {text} is newer than the newest that Inert was tested with, 1.{NEWEST_TESTED}: this is experimental"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_range() {
        let of = |answer: &str| Version::parse(answer).map(|version| version.standing());
        let cargo = |minor: u32| format!("cargo 1.{minor}.0 (f2d3ce0bd 2026-03-21)\n");
        assert_eq!(of(&cargo(OLDEST_TESTED - 1)), Some(Standing::Older));
        assert_eq!(of(&cargo(OLDEST_TESTED)), Some(Standing::Tested));
        assert_eq!(of(&cargo(NEWEST_TESTED)), Some(Standing::Tested));
        assert_eq!(of(&cargo(NEWEST_TESTED + 1)), Some(Standing::Newer));
        assert_eq!(of("cargo 2.0.0\n"), Some(Standing::Newer));
        assert_eq!(of("cargo 1.x\n"), Some(Standing::Newer));
        assert_eq!(of("cargo\n"), None);
        let nightly = Version::parse("cargo 1.97.0-nightly (4d1f98451 2026-05-15)").unwrap();
        assert!(nightly.is_nightly() && nightly.minor == Some(97));
        assert!(!Version::parse("cargo 1.95.0").unwrap().is_nightly());
    }
}
