//! Conditions over facts of the build, in the syntax of Rust's `cfg`.
//!
//! A condition is evaluated in three values ([`Truth`]): some facts (`probe`, `found`, `dep`) are known only while
//! the build runs, and a condition that depends on them is [`Truth::Unknown`] before it.

mod display;
pub mod names;
mod parse;

pub use parse::{MAX_DEPTH, parse};
pub(crate) use parse::{is_comparable, parse_with_facts, split_operator};

/// One condition, as written in `when = "…"`, `unsupported = "…"` and the `cfg` table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// `true` / `all()`, `false` / `any()`.
    Constant(bool),
    /// `all(a, b, …)`: every part holds.
    All(Vec<Condition>),
    /// `any(a, b, …)`: at least one part holds.
    Any(Vec<Condition>),
    /// `not(a)`: the part does not hold.
    Not(Box<Condition>),
    /// A fact, asked by itself.
    Fact(Fact),
}

/// A question about a build.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fact {
    /// A cfg option of the target: `unix`, `windows`, `debug_assertions`, … (rustc's own names only).
    TargetOption(String),
    /// A cfg key of the target: `target_os = "linux"`. A key with several values (`target_feature`,
    /// `target_family`) holds if any of them is equal.
    TargetKey {
        /// rustc's name of the key.
        key: String,
        /// The value that the key is compared with.
        value: String,
    },
    /// `custom_cfg = "loom"` or `custom_cfg = "name=value"`: a cfg that the user set by RUSTFLAGS.
    CustomCfg {
        /// Name of the cfg.
        name: String,
        /// The value, if the condition compares one.
        value: Option<String>,
    },
    /// `feature = "std"`: a feature of the package, as Cargo spells it.
    Feature(String),
    /// `rustc = ">=1.81"`: the compiler's version, without pre-release and build metadata.
    Rustc(Comparison<Version>),
    /// `rustc_commit_date = ">=2024-01-31"`: the `commit-date` that `rustc -vV` prints.
    RustcCommitDate(Comparison<String>),
    /// `llvm = ">=15"`: the version that `rustc -vV` prints as `LLVM version`.
    Llvm(Comparison<Version>),
    /// `channel = "nightly"`: the compiler's release channel.
    Channel(Channel),
    /// `target = "*-emscripten"`: the target triple (the file stem of a JSON target); `*` matches any characters.
    Target(Glob),
    /// `host = "x86_64-*"`: the host triple.
    Host(Glob),
    /// `cross`: host and target triples differ.
    Cross,
    /// `profile = "release"`: Cargo's `PROFILE`, `debug` or `release`.
    Profile(String),
    /// `opt_level = "3"`: Cargo's `OPT_LEVEL`.
    OptLevel(String),
    /// `debug`: Cargo's `DEBUG` is `true`.
    Debug,
    /// `env = "NAME"` (set, possibly empty), `env = "NAME=value"` (set to exactly that value).
    Env {
        /// Name of the variable, as the caller's environment has it.
        name: String,
        /// The value compared with, if any.
        value: Option<String>,
    },
    /// `path_exists = "src/extra.rs"`: a file or folder of the package.
    PathExists(String),
    /// `program = "emcc"`: the caller's PATH has a program of this name.
    Program(String),
    /// `rustc_flag = "target-feature="`: one of the flags that Cargo gives rustc (`CARGO_ENCODED_RUSTFLAGS`)
    /// contains this text.
    RustcFlag(String),
    /// `probe = "name"`, `probe = "name >= 3"`: a probe's answer.
    Probe {
        /// The key in the `probe` table.
        name: String,
        /// The comparison with the probe's value; without one, the fact is whether the probe succeeded.
        test: Option<ValueTest>,
    },
    /// `found = "zlib"`, `found = "zlib >= 1.2.11"`: a library was found on the system (not built from source). If
    /// its version is not known, a comparison neither holds nor fails; `version_known` asks for that case.
    Found {
        /// The key in the `library` table.
        library: String,
        /// The comparison with the library's version.
        test: Option<ValueTest>,
    },
    /// `version_known = "zlib"`: a library was found on the system, and its version is known.
    VersionKnown(String),
    /// `dep = "openssl.version_number >= 0x30000000"`: metadata of a dependency with `links`, `DEP_OPENSSL_…`;
    /// `dep = "openssl.conf ="`: it is set and empty.
    Dep {
        /// The `links` name, as the dependency declares it.
        links: String,
        /// The metadata key, lower case with `_`, as dependents read it.
        key: String,
        /// The comparison with its value; without one, the fact is whether it is set.
        test: Option<ValueTest>,
    },
}

/// An operator of a comparison. It must always be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operator {
    /// `=`: equal to the right-hand side.
    Equal,
    /// `>=`: greater than or equal to the right-hand side.
    GreaterEqual,
    /// `>`: greater than the right-hand side.
    Greater,
    /// `<=`: less than or equal to the right-hand side.
    LessEqual,
    /// `<`: less than the right-hand side.
    Less,
    /// `contains`: the right-hand side is one of the comma-separated items of the left-hand side. For metadata and
    /// probes only.
    Contains,
}

/// An operator and its right-hand side.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Comparison<T> {
    /// The operator of the comparison.
    pub operator: Operator,
    /// The right-hand side.
    pub value: T,
}

/// A comparison with a textual value: numbers (decimal, or hexadecimal after `0x`) compare as numbers, dotted
/// versions component by component; `=` compares text if either side is neither. In any other case the comparison
/// fails.
pub type ValueTest = Comparison<String>;

/// A dotted version with one to three numbers, missing ones being zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number, zero if missing.
    pub minor: u64,
    /// The third number, zero if missing.
    pub patch: u64,
}

/// A release channel of rustc, by the suffix of its version (`-nightly`, `-beta`, `-dev`, none).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "rustc's own names")]
pub enum Channel {
    Stable,
    Beta,
    Nightly,
    Dev,
}

/// A pattern in which `*` matches any number of characters and every other character matches itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Glob(pub String);

/// The value of a condition, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// The condition holds.
    Yes,
    /// The condition does not hold.
    No,
    /// The condition depends on facts that are known only during the build.
    Unknown,
}

impl Condition {
    /// Evaluates the condition, asking `fact` for each fact that matters; the result is `Unknown` unless the known
    /// facts decide.
    pub fn evaluate(&self, fact: &mut dyn FnMut(&Fact) -> Truth) -> Truth {
        match self {
            Self::Constant(value) => Truth::from(*value),
            Self::Fact(asked) => fact(asked),
            Self::Not(inner) => match inner.evaluate(fact) {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                Truth::Unknown => Truth::Unknown,
            },
            Self::All(parts) => fold(parts, Truth::No, Truth::Yes, fact),
            Self::Any(parts) => fold(parts, Truth::Yes, Truth::No, fact),
        }
    }

    /// Calls `visit` with every fact that the condition mentions.
    pub fn for_each_fact<'a>(&'a self, visit: &mut dyn FnMut(&'a Fact)) {
        match self {
            Self::Constant(_) => {}
            Self::Fact(fact) => visit(fact),
            Self::Not(inner) => inner.for_each_fact(visit),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.for_each_fact(visit)),
        }
    }
}

fn fold(parts: &[Condition], decides: Truth, empty: Truth, fact: &mut dyn FnMut(&Fact) -> Truth) -> Truth {
    let mut result = empty;
    for part in parts {
        match part.evaluate(fact) {
            value if value == decides => return decides,
            Truth::Unknown => result = Truth::Unknown,
            _ => {}
        }
    }
    result
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

impl Fact {
    /// Returns whether the fact is known before Cargo starts, and so may occur in `unsupported`.
    #[must_use]
    pub fn known_before_build(&self) -> bool {
        !matches!(self, Self::Probe { .. } | Self::Found { .. } | Self::Dep { .. })
    }
}

impl Glob {
    /// Returns whether `text` matches the whole pattern.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else { return false };
        let Some(mut pending) = parts.next() else { return rest.is_empty() };
        for part in parts {
            let Some(at) = rest.find(pending) else { return false };
            rest = &rest[at + pending.len()..];
            pending = part;
        }
        rest.len() >= pending.len() && rest.ends_with(pending)
    }
}

impl<T: PartialOrd> Comparison<T> {
    /// Returns whether `actual OPERATOR value` holds.
    pub fn holds(&self, actual: &T) -> bool {
        match self.operator {
            Operator::Equal => *actual == self.value,
            Operator::GreaterEqual => *actual >= self.value,
            Operator::Greater => *actual > self.value,
            Operator::LessEqual => *actual <= self.value,
            Operator::Less => *actual < self.value,
            // Only the caller can split its left-hand side into items.
            Operator::Contains => false,
        }
    }
}
