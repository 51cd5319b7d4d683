//! Detects the package manager of this machine.

use std::path::Path;

use crate::world::World;

/// A family of systems, by its package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "their own names")]
pub enum System {
    Debian,
    Fedora,
    Suse,
    Alpine,
    Arch,
    Homebrew,
    Nix,
    Vcpkg,
}

/// `ID` and `ID_LIKE` of os-release (os-release(5)), in the order in which they are looked for.
const BY_ID: &[(&str, System)] = &[
    ("debian", System::Debian),
    ("ubuntu", System::Debian),
    ("fedora", System::Fedora),
    ("rhel", System::Fedora),
    ("centos", System::Fedora),
    ("amzn", System::Fedora),
    ("azurelinux", System::Fedora),
    ("mariner", System::Fedora),
    ("mageia", System::Fedora),
    ("suse", System::Suse),
    ("opensuse", System::Suse),
    ("sles", System::Suse),
    ("alpine", System::Alpine),
    ("wolfi", System::Alpine),
    ("chainguard", System::Alpine),
    ("arch", System::Arch),
    ("manjaro", System::Arch),
    ("nixos", System::Nix),
];

impl System {
    /// All families, each with its name in messages and formats.
    pub const ALL: &[(&str, Self)] = &[
        ("debian", Self::Debian),
        ("fedora", Self::Fedora),
        ("suse", Self::Suse),
        ("alpine", Self::Alpine),
        ("arch", Self::Arch),
        ("homebrew", Self::Homebrew),
        ("nix", Self::Nix),
        ("vcpkg", Self::Vcpkg),
    ];

    /// Returns the system that the build runs on, if it can be detected.
    pub fn detect(host: &str, world: &mut World) -> Option<Self> {
        // In a shell of Nix the surrounding system is not visible, whichever it is.
        if world.env("IN_NIX_SHELL").is_some() {
            return Some(Self::Nix);
        }
        if host.contains("apple") {
            return Some(Self::Homebrew);
        }
        if host.contains("windows") {
            return Some(Self::Vcpkg);
        }
        let text = ["/etc/os-release", "/usr/lib/os-release"]
            .iter()
            .find_map(|path| world.read(Path::new(path)).ok())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())?;
        Self::of_os_release(&text)
    }

    /// Returns the system that the text of os-release names.
    #[must_use]
    pub fn of_os_release(text: &str) -> Option<Self> {
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
            Some(line.trim().trim_matches(['"', '\'']).to_ascii_lowercase())
        };
        let ids = [value("ID"), value("ID_LIKE")].into_iter().flatten().collect::<Vec<_>>().join(" ");
        ids.split_whitespace().find_map(|id| {
            BY_ID
                .iter()
                .find(|(known, _)| {
                    id == *known || id.strip_prefix(known).is_some_and(|rest| rest.starts_with('-'))
                })
                .map(|(_, system)| *system)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::System;

    #[test]
    fn by_os_release() {
        for (text, expected) in [
            ("ID=debian\n", Some(System::Debian)),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", Some(System::Debian)),
            ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", Some(System::Fedora)),
            ("ID=\"opensuse-tumbleweed\"\n", Some(System::Suse)),
            ("ID=plan9\n", None),
            ("", None),
            ("ID=\n", None),
            ("ID=debianish\n", None),
            ("NAME=\"debian\"\nVERSION_ID=1\n", None),
            ("ID='ubuntu'\r\n", Some(System::Debian)),
        ] {
            assert_eq!(System::of_os_release(text), expected, "{text}");
        }
    }
}
