//! What a list of flags applies to, so far as its key says: arguments of one system's linkers mean another thing to
//! another system's.

use std::path::Path;

use inert_manifest_spec::condition::{self, Fact};
use inert_manifest_spec::{Condition, Truth};

use super::getopts::Given;
use super::places::Places;
use super::programs::Programs;

/// Which targets a list is certain to be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Only {
    /// Apple's alone.
    pub apple: bool,
    /// None that has a system: what is built for it is never loaded by a compiler.
    pub bare: bool,
}

/// The surroundings of a list.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Folders.
    pub places: &'a Places,
    /// Programs.
    pub programs: &'a Programs<'a>,
    /// The folder that relative paths of the file begin at.
    pub base: &'a Path,
    /// Targets.
    pub only: Only,
    /// Whether the list itself says that LLVM's linker links.
    pub lld: bool,
    /// Whether the file is a manifest, whose profiles are held to the same table.
    pub is_manifest: bool,
}

impl Scope<'_> {
    /// The same, with what the list says of its linker.
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
    /// Of a triple.
    #[must_use]
    pub fn of_triple(triple: &str) -> Self {
        let parts: Vec<&str> = triple.split('-').collect();
        // A vendor is in the second place; what is none's may be named after one.
        let none = parts.iter().skip(1).any(|part| ["none", "elf", "eabi", "eabihf", "avr"].contains(part));
        Self {
            apple: parts.get(1) == Some(&"apple"),
            bare: none && !triple.contains("linux") && !triple.contains("windows"),
        }
    }

    /// Of `cfg(…)`, as it stands in a key: what makes it false for every other target.
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
        }
    }

    /// Of the key that a list stands at, with what `build.target` of its own file says.
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
                all.reduce(|a, b| Self { apple: a.apple && b.apple, bare: a.bare && b.bare })
                    .unwrap_or_default()
            }
            _ => Self::default(),
        }
    }
}

/// Whether a condition does not hold wherever none of these facts does.
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
    }
}
