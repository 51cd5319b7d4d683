//! The targets that rustc knows, as a table that `scripts/freeze-targets.py` writes.

use std::sync::OnceLock;

/// A target, with the cfg values that follow from the target alone.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) triple: &'static str,
    pub(crate) os: &'static str,
    pub(crate) arch: &'static str,
    pub(crate) env: &'static str,
    pub(crate) vendor: &'static str,
    pub(crate) abi: &'static str,
    pub(crate) families: Vec<&'static str>,
    pub(crate) endian: &'static str,
    pub(crate) pointer_width: &'static str,
    pub(crate) has_atomic: Vec<&'static str>,
}

/// Returns all targets, in rustc's order.
pub(crate) fn all() -> &'static [Target] {
    static TARGETS: OnceLock<Vec<Target>> = OnceLock::new();
    TARGETS.get_or_init(|| include_str!("../../data/targets.tsv").lines().filter_map(parse).collect())
}

fn parse(line: &'static str) -> Option<Target> {
    if line.starts_with('#') {
        return None;
    }
    let mut columns = line.split('\t');
    let mut next = || columns.next().unwrap_or_default();
    let many = |text: &'static str| text.split(',').filter(|part| !part.is_empty()).collect();
    Some(Target {
        triple: next(),
        os: next(),
        arch: next(),
        env: next(),
        vendor: next(),
        abi: next(),
        families: many(next()),
        endian: next(),
        pointer_width: next(),
        has_atomic: many(next()),
    })
}

impl Target {
    /// Returns whether scripts may run on the target. Only Unix and Windows run a compiler.
    pub(crate) fn may_be_host(&self) -> bool {
        self.families.contains(&"unix") || self.families.contains(&"windows")
    }

    /// Returns the values of a cfg key; `None` if the key does not follow from the target alone.
    pub(crate) fn values(&self, key: &str) -> Option<Vec<&'static str>> {
        Some(match key {
            "target_os" => vec![self.os],
            "target_arch" => vec![self.arch],
            "target_env" => vec![self.env],
            "target_vendor" => vec![self.vendor],
            "target_abi" => vec![self.abi],
            "target_family" => self.families.clone(),
            "target_endian" => vec![self.endian],
            "target_pointer_width" => vec![self.pointer_width],
            "target_has_atomic" => self.has_atomic.clone(),
            _ => return None,
        })
    }
}

/// The cfg keys that [`Target::values`] knows.
pub(crate) const KEYS: &[&str] = &[
    "target_os",
    "target_arch",
    "target_env",
    "target_vendor",
    "target_abi",
    "target_family",
    "target_endian",
    "target_pointer_width",
    "target_has_atomic",
];

/// Returns whether a target is in the list that derivations are made with; see [`crate::Assumptions::known_targets`].
#[must_use]
pub fn is_known_target(triple: &str) -> bool {
    all().iter().any(|target| target.triple == triple)
}
