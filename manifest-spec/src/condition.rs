//! Conditions: cfg syntax and nothing else, over facts of the build.
//!
//! A condition is evaluated in three values ([`Truth`]): some facts (`probe`, `found`, `dep`) are known only while
//! the build runs, and what depends on them is [`Truth::Unknown`] before it.

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
    /// `all(a, b, …)`.
    All(Vec<Condition>),
    /// `any(a, b, …)`.
    Any(Vec<Condition>),
    /// `not(a)`.
    Not(Box<Condition>),
    /// A fact.
    Fact(Fact),
}

/// What can be asked about a build.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fact {
    /// A cfg option of the target: `unix`, `windows`, `debug_assertions`, … (rustc's own names only).
    TargetOption(String),
    /// A cfg key of the target: `target_os = "linux"`. Multi-valued keys (`target_feature`, `target_family`) hold
    /// where any value equals.
    TargetKey {
        /// rustc's name of the key.
        key: String,
        /// The value compared with.
        value: String,
    },
    /// `custom_cfg = "loom"` or `custom_cfg = "name=value"`: a cfg that the user set by RUSTFLAGS.
    CustomCfg {
        /// Name of the cfg.
        name: String,
        /// Value, if one is asked for.
        value: Option<String>,
    },
    /// `feature = "std"`: a feature of the package, as Cargo spells it.
    Feature(String),
    /// `rustc = ">=1.81"`: the compiler's version, pre-release and build metadata put aside.
    Rustc(Comparison<Version>),
    /// `rustc_commit_date = ">=2024-01-31"`.
    RustcCommitDate(Comparison<String>),
    /// `llvm = ">=15"`: the version that `rustc -vV` prints as `LLVM version`.
    Llvm(Comparison<Version>),
    /// `channel = "nightly"`.
    Channel(Channel),
    /// `target = "*-emscripten"`: the target triple (a JSON target's file stem), `*` stands for any characters.
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
    /// `env = "NAME"` (set, possibly empty), `env = "NAME=value"` (set to exactly that).
    Env {
        /// Name of the variable, as the caller's environment has it.
        name: String,
        /// Value compared with, if any.
        value: Option<String>,
    },
    /// `path_exists = "src/extra.rs"`: a file or folder of the package.
    PathExists(String),
    /// `program = "emcc"`: the caller's PATH has a program of this name, so that starting it would start something.
    Program(String),
    /// `rustc_flag = "target-feature="`: one of the flags that Cargo gives rustc (`CARGO_ENCODED_RUSTFLAGS`) holds this
    /// text.
    RustcFlag(String),
    /// `probe = "name"`, `probe = "name >= 3"`.
    Probe {
        /// Key in the `probe` table.
        name: String,
        /// Comparison with the probe's value; none asks whether it succeeded.
        test: Option<ValueTest>,
    },
    /// `found = "zlib"`, `found = "zlib >= 1.2.11"`: a library was found on the system (not built from source). With a
    /// version that no one tells a comparison neither holds nor fails: `version_known` says what then.
    Found {
        /// Key in the `library` table.
        library: String,
        /// Comparison with its version.
        test: Option<ValueTest>,
    },
    /// `version_known = "zlib"`: a library was found on the system, and its version is told.
    VersionKnown(String),
    /// `dep = "openssl.version_number >= 0x30000000"`: metadata of a dependency with `links`, `DEP_OPENSSL_…`;
    /// `dep = "openssl.conf ="`: it is set and empty.
    Dep {
        /// The `links` name, as the dependency declares it.
        links: String,
        /// The metadata key, lower case with `_`, as dependents read it.
        key: String,
        /// Comparison with its value; none asks whether it is set.
        test: Option<ValueTest>,
    },
}

/// An operator that a value is compared by. It must always be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operator {
    /// `=`
    Equal,
    /// `>=`
    GreaterEqual,
    /// `>`
    Greater,
    /// `<=`
    LessEqual,
    /// `<`
    Less,
    /// `contains`: one of the words that commas part in the left side is the right side. For metadata and probes only.
    Contains,
}

/// An operator and its right-hand side.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Comparison<T> {
    /// The operator.
    pub operator: Operator,
    /// What is compared with.
    pub value: T,
}

/// A comparison with a textual value: numbers (decimal, or hexadecimal after `0x`) compare as numbers, dotted
/// versions component by component; `=` compares text where either side is neither. Any other case does not hold.
pub type ValueTest = Comparison<String>;

/// A dotted version with one to three numbers, missing ones being zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    /// First number.
    pub major: u64,
    /// Second number.
    pub minor: u64,
    /// Third number.
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

/// A pattern in which `*` stands for any number of characters and everything else for itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Glob(pub String);

/// The value of a condition, so far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// It depends on what only the build will show.
    Unknown,
}

impl Condition {
    /// Evaluates by asking `fact` for every fact that matters; `Unknown` absorbs unless the rest decides.
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
    /// Whether the fact is known before Cargo starts, and so may stand in `unsupported`.
    #[must_use]
    pub fn known_before_build(&self) -> bool {
        !matches!(self, Self::Probe { .. } | Self::Found { .. } | Self::Dep { .. })
    }
}

impl Glob {
    /// Whether `text` matches the whole pattern.
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
    /// Whether `actual OPERATOR value` holds.
    pub fn holds(&self, actual: &T) -> bool {
        match self.operator {
            Operator::Equal => *actual == self.value,
            Operator::GreaterEqual => *actual >= self.value,
            Operator::Greater => *actual > self.value,
            Operator::LessEqual => *actual <= self.value,
            Operator::Less => *actual < self.value,
            // Asked of words only, by whoever has them.
            Operator::Contains => false,
        }
    }
}
