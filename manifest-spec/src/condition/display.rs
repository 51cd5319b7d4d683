//! Prints conditions as text, which [`super::parse`] reads back.

use std::fmt;

use super::{Channel, Comparison, Condition, Fact, Glob, Operator, ValueTest, Version};

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => write!(f, "{value}"),
            Self::All(parts) => list(f, "all", parts),
            Self::Any(parts) => list(f, "any", parts),
            Self::Not(inner) => write!(f, "not({inner})"),
            Self::Fact(fact) => write!(f, "{fact}"),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, operator: &str, parts: &[Condition]) -> fmt::Result {
    write!(f, "{operator}(")?;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{part}")?;
    }
    f.write_str(")")
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TargetOption(name) => f.write_str(name),
            Self::TargetKey { key, value } => pair(f, key, value),
            Self::CustomCfg { name, value } => pair(f, "custom_cfg", &with_value(name, value.as_deref())),
            Self::Feature(name) => pair(f, "feature", name),
            Self::Rustc(test) => pair(f, "rustc", &test.to_string()),
            Self::RustcCommitDate(test) => pair(f, "rustc_commit_date", &test.to_string()),
            Self::Llvm(test) => pair(f, "llvm", &test.to_string()),
            Self::Channel(channel) => pair(f, "channel", channel.name()),
            Self::Target(glob) => pair(f, "target", &glob.0),
            Self::Host(glob) => pair(f, "host", &glob.0),
            Self::Cross => f.write_str("cross"),
            Self::Profile(name) => pair(f, "profile", name),
            Self::OptLevel(level) => pair(f, "opt_level", level),
            Self::Debug => f.write_str("debug"),
            Self::Env { name, value } => pair(f, "env", &with_value(name, value.as_deref())),
            Self::PathExists(path) => pair(f, "path_exists", path),
            Self::Program(name) => pair(f, "program", name),
            Self::RustcFlag(text) => pair(f, "rustc_flag", text),
            Self::Probe { name, test } => pair(f, "probe", &with_test(name, test.as_ref())),
            Self::Found { library, test } => pair(f, "found", &with_test(library, test.as_ref())),
            Self::VersionKnown(library) => pair(f, "version_known", library),
            Self::Dep { links, key, test } => {
                pair(f, "dep", &with_test(&format!("{links}.{key}"), test.as_ref()))
            }
        }
    }
}

/// Prints `key = "value"`, quoted as in Rust; the parser reads `\"` and `\\` back.
fn pair(f: &mut fmt::Formatter<'_>, key: &str, value: &str) -> fmt::Result {
    write!(f, "{key} = \"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

fn with_value(name: &str, value: Option<&str>) -> String {
    value.map_or_else(|| name.to_owned(), |value| format!("{name}={value}"))
}

fn with_test(name: &str, test: Option<&ValueTest>) -> String {
    let with = |test: &ValueTest| format!("{name} {} {}", test.operator, test.value).trim_end().to_owned();
    test.map_or_else(|| name.to_owned(), with)
}

impl<T: fmt::Display> fmt::Display for Comparison<T> {
    /// Prints `>=1.81`, as a version requirement is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.operator, self.value)
    }
}

impl fmt::Display for Version {
    /// Prints two numbers if the third is zero, as `1.81` is commonly written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch != 0 {
            write!(f, ".{}", self.patch)?;
        }
        Ok(())
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

impl Operator {
    /// Every operator; a longer symbol comes before those that it begins with.
    pub const ALL: [Self; 5] = [Self::GreaterEqual, Self::LessEqual, Self::Greater, Self::Less, Self::Equal];

    /// Returns the operator's symbol.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::GreaterEqual => ">=",
            Self::Greater => ">",
            Self::LessEqual => "<=",
            Self::Less => "<",
            Self::Contains => "contains",
        }
    }
}

impl Channel {
    /// Every release channel of rustc.
    pub const ALL: [Self; 4] = [Self::Stable, Self::Beta, Self::Nightly, Self::Dev];

    /// Returns the channel's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Beta => "beta",
            Self::Nightly => "nightly",
            Self::Dev => "dev",
        }
    }
}
