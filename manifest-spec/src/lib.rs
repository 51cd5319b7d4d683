//! The schema of `[package.metadata.inert]`: types, parser with spans, conditions, checks. The crate does no I/O
//! and knows no Cargo directive.
//!
//! Phases: TOML text → [`parse`] → [`Declaration`] and every [`Diagnostic`] at once → (elsewhere) resolution.
//! [`mod@write`] turns a declaration into TOML text.

pub mod capability;
mod check;
pub mod codes;
pub mod condition;
pub mod glob;
pub mod keys;
mod parse;
pub mod render;
pub mod rules;
pub mod schema;
mod sources;
pub mod suggest;
pub mod types;
pub mod write;

pub use capability::{Capability, Review, capabilities, needs_review, needs_review_of};
pub use check::{PackageShape, check_package};
pub use condition::{Condition, Fact, Truth};
pub use parse::{Parsed, parse_declaration, parse_manifest, parse_table};
pub use types::*;

/// A problem of a declaration: message, place, reason, and what to type next. The caller renders it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code, such as `inert::spec::unknown-key`.
    pub code: &'static str,
    /// The severity: error or warning.
    pub severity: Severity,
    /// The problem, in one sentence.
    pub message: String,
    /// The place in the text; `0..0` if the diagnostic is about the whole.
    pub span: Span,
    /// The label of the span, for the line with the caret.
    pub label: String,
    /// The next thing to type.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Makes an error without label or help.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        let (message, label) = (message.into(), String::new());
        Self { code, severity: Severity::Error, message, span, label, help: None }
    }

    /// Makes a warning without label or help.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, span) }
    }

    /// Sets the label of the span.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the help, the next thing to type; an empty `help` sets none.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into()).filter(|help| !help.is_empty());
        self
    }
}

/// The severity of a [`Diagnostic`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The declaration cannot be used.
    Error,
    /// The declaration can be used, but is likely wrong.
    Warning,
}

/// The names that `${…}` may hold, each with the meaning of its value.
pub const VARIABLES: &[(&str, &str)] = &[
    ("target", "the target triple"),
    ("host", "the host triple"),
    ("profile", "Cargo's PROFILE, `debug` or `release`"),
    ("opt-level", "Cargo's OPT_LEVEL"),
    ("out-dir", "the absolute path of OUT_DIR"),
    ("manifest-dir", "the absolute path of the package"),
    ("package.name", "the package's name"),
    ("package.version", "the package's version"),
    ("package.version.major", "its first number"),
    ("package.version.minor", "its second number"),
    ("package.version.patch", "its third number"),
    ("package.version.pre", "its pre-release part, possibly empty"),
    ("rustc.version", "rustc's version, `1.81.0`, with a channel suffix where it has one"),
    ("rustc.minor", "its second number"),
    ("rustc.patch", "its third number"),
    ("rustc.channel", "`stable`, `beta`, `nightly` or `dev`"),
    ("rustc.commit-date", "rustc's commit date, possibly empty"),
    ("rustc.commit-date.year", "its year, possibly empty"),
    ("rustc.commit-date.month", "its month, `4` for April, possibly empty"),
    ("rustc.commit-date.day", "its day, without a leading zero, possibly empty"),
    ("rustc.commit-hash", "rustc's commit hash, possibly empty"),
    ("features", "the package's enabled features, sorted, joined by `,`"),
    (
        "features-list",
        "the same as Rust's `Debug` writes a list of texts, in the order of CARGO_FEATURE_ variables",
    ),
    // Families: a name replaces the `*`.
    ("cfg.*", "a target cfg key's value, `${cfg.target_arch}`; several joined by `,`"),
    ("cfg-list.*", "its values as Rust's `Debug` writes a list of texts: `[\"fxsr\", \"sse\"]`"),
    ("env.*", "a variable of the caller's environment; absent is an error unless guarded by `env = \"…\"`"),
    ("library.*.version", "version of a discovered library"),
    ("library.*.include", "its include folders"),
    ("library.*.lib", "its library folders"),
    ("library.*.variable.*", "a variable of its .pc file"),
    ("probe.*", "the value of a valued probe"),
    ("probe.*.hex", "a probe's number in hexadecimal digits, without `0x`"),
    ("dep.*.*", "a dependency's metadata, `${dep.openssl.version_number}`"),
];
