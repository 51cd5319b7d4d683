//! The targets that a list of flags applies to, as far as its key says: the same argument has another meaning to the
//! linkers of another system.

use std::path::Path;

use inert_manifest_spec::condition::{self, Fact};
use inert_manifest_spec::{Condition, Truth};

use super::getopts::Given;
use super::places::Places;
use super::programs::Programs;

/// Restrictions on the targets of a list that are certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Only {
    /// True if all targets are Apple's.
    pub apple: bool,
    /// True if no target has an operating system, so that no compiler ever loads what is built for it.
    pub bare: bool,
    /// True if the linkers of all targets are those of ELF systems.
    pub elf: bool,
}

/// The context in which a list of flags is judged.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The folders of the tree, of Cargo and of the user.
    pub places: &'a Places,
    /// The lookup of programs.
    pub programs: &'a Programs<'a>,
    /// The folder that relative paths of the file begin at.
    pub base: &'a Path,
    /// The restrictions on the targets of the list.
    pub only: Only,
    /// True if the list itself selects LLVM's linker.
    pub lld: bool,
    /// True if the file is a manifest; its profiles follow the same table.
    pub is_manifest: bool,
}

impl Scope<'_> {
    /// Returns the scope with the linker that the flags select.
    #[must_use]
    pub fn with_flags(&self, given: &[Given]) -> Self {
        let says = |given: &Given| {
            let (name, value) = given.value.split_once('=').unwrap_or_default();
            given.name == "codegen" && ["linker", "linker-flavor"].contains(&name) && value.ends_with("lld")
        };
        Self { lld: given.iter().any(says), ..*self }
    }
}

impl Only {
    /// Returns the restrictions that a target triple implies.
    #[must_use]
    pub fn of_triple(triple: &str) -> Self {
        let parts: Vec<&str> = triple.split('-').collect();
        // The second part is the vendor. The triple of a target without a system may name a vendor as well.
        let none = parts.iter().skip(1).any(|part| ["none", "elf", "eabi", "eabihf", "avr"].contains(part));
        Self {
            apple: parts.get(1) == Some(&"apple"),
            bare: none && !triple.contains("linux") && !triple.contains("windows"),
            elf: ["linux", "freebsd", "netbsd", "openbsd", "dragonfly", "illumos", "fuchsia", "redox"]
                .iter()
                .any(|system| parts.iter().skip(1).any(|part| part == system)),
        }
    }

    /// Returns the restrictions that a key `cfg(…)` implies: those for which the condition is false on every other
    /// target.
    #[must_use]
    pub fn of_cfg(text: &str) -> Self {
        let inner = text.strip_prefix("cfg(").and_then(|rest| rest.strip_suffix(')'));
        let Some(condition) = inner.and_then(|inner| condition::parse(inner, 0).ok()) else {
            return Self::default();
        };
        let apples = ["macos", "ios", "tvos", "watchos", "visionos"];
        let elsewhere = |is_it: &dyn Fn(&str, &str) -> bool| {
            never(&condition, &|fact| match fact {
                Fact::TargetKey { key, value } => is_it(key, value),
                _ => false,
            })
        };
        Self {
            apple: elsewhere(&|key, value| {
                key == "target_vendor" && value == "apple" || key == "target_os" && apples.contains(&value)
            }),
            bare: elsewhere(&|key, value| key == "target_os" && value == "none"),
            elf: elsewhere(&|key, value| {
                key == "target_os"
                    && ["linux", "freebsd", "netbsd", "openbsd", "dragonfly", "illumos"].contains(&value)
            }),
        }
    }

    /// Returns the restrictions that the key of a list implies, with the value of `build.target` from the same file.
    #[must_use]
    pub fn of_key(key: &[String], built_for: &[String]) -> Self {
        match key {
            [table, target, _] if table == "target" => {
                if target.starts_with("cfg(") {
                    Self::of_cfg(target)
                } else {
                    Self::of_triple(target)
                }
            }
            [table, _] if table == "build" && !built_for.is_empty() => {
                let all = built_for.iter().map(|triple| Self::of_triple(triple));
                all.reduce(|a, b| Self {
                    apple: a.apple && b.apple,
                    bare: a.bare && b.bare,
                    elf: a.elf && b.elf,
                })
                .unwrap_or_default()
            }
            _ => Self::default(),
        }
    }
}

/// Returns whether a condition is false if none of the facts that `are` accepts holds.
fn never(condition: &Condition, are: &dyn Fn(&Fact) -> bool) -> bool {
    condition.evaluate(&mut |fact| if are(fact) { Truth::No } else { Truth::Unknown }) == Truth::No
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_targets() {
        let apple = |text: &str| Only::of_cfg(text).apple;
        for text in [
            "cfg(target_os = \"macos\")",
            "cfg(target_vendor=\"apple\")",
            "cfg(all(unix, any(target_os = \"ios\", target_os = \"macos\")))",
        ] {
            assert!(apple(text), "{text}");
        }
        for text in [
            "cfg(unix)",
            "cfg(not(target_os = \"macos\"))",
            "cfg(any(unix, target_os = \"macos\"))",
            "cfg(all())",
        ] {
            assert!(!apple(text), "{text}");
        }
        assert!(Only::of_cfg("cfg(all(target_arch = \"arm\", target_os = \"none\"))").bare);
        assert!(Only::of_triple("thumbv7em-none-eabihf").bare);
        assert!(Only::of_triple("x86_64-apple-darwin").apple);
        assert!(Only::of_triple("xtensa-esp32s3-none-elf").bare);
        assert!(!Only::of_triple("arm-unknown-linux-gnueabihf").bare);
        assert!(!Only::of_triple("x86_64-unknown-linux-gnu").apple);
        assert!(Only::of_triple("x86_64-unknown-linux-gnu").elf);
        assert!(!Only::of_triple("x86_64-pc-windows-gnu").elf);
        assert!(Only::of_cfg("cfg(all(target_os = \"linux\", target_env = \"gnu\"))").elf);
        assert!(!Only::of_cfg("cfg(unix)").elf);
    }
}
