//! The table as system-deps 9.0.1 reads it: it accepts the same keys, and rejects every other.

use std::fmt;

use inert_manifest_spec::Condition;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// The content of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The dependencies, in the order in which system-deps processes them.
    pub dependencies: Vec<Dependency>,
}

/// A dependency of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependency {
    /// The dependency's key, which names its variables and cfgs.
    pub key: String,
    /// `version`; needed unless an override is active.
    pub version: Option<String>,
    /// `name`: pkg-config's module; the key by default.
    pub name: Option<String>,
    /// `fallback-names`: modules that are tried after `name`.
    pub fallback_names: Option<Vec<String>>,
    /// `feature`: the dependency is requested only if this feature is on.
    pub feature: Option<String>,
    /// `optional`: the dependency may be missing.
    pub optional: bool,
    /// The condition of the `cfg(…)` section that contains it.
    pub cfg: Option<Condition>,
    /// The tables whose keys begin with `v`.
    pub overrides: Vec<VersionOverride>,
}

/// Replacements that apply if the feature of the same name is on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionOverride {
    /// The name of the feature, such as `v1_2`.
    pub feature: String,
    /// `version`: replaces the dependency's version.
    pub version: String,
    /// `name`: replaces the dependency's module.
    pub name: Option<String>,
    /// `fallback-names`: replaces the dependency's other modules.
    pub fallback_names: Option<Vec<String>>,
    /// `optional`: replaces the dependency's setting.
    pub optional: Option<bool>,
}

/// An error in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataError {
    /// The error, in one sentence.
    pub message: String,
    /// The place in the text; `0..0` if the error is about the whole.
    pub span: std::ops::Range<usize>,
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

type Result<T> = std::result::Result<T, MetadataError>;

fn error<T>(message: impl Into<String>, span: std::ops::Range<usize>) -> Result<T> {
    Err(MetadataError { message: message.into(), span })
}

/// Reads the table from a `Cargo.toml`; returns `None` if it has none.
///
/// # Errors
///
/// The first error that system-deps would report.
pub fn parse(manifest: &str) -> Result<Option<Metadata>> {
    let document = DeTable::parse(manifest).map_err(|wrong| MetadataError {
        message: wrong.message().to_owned(),
        span: wrong.span().unwrap_or(0..0),
    })?;
    let table = document
        .get_ref()
        .get("package")
        .and_then(|package| package.get_ref().get("metadata"))
        .and_then(|metadata| metadata.get_ref().get("system-deps"));
    let Some(table) = table else { return Ok(None) };
    Ok(Some(Metadata { dependencies: dependencies(table, true)? }))
}

fn dependencies(table: &Spanned<DeValue<'_>>, sections: bool) -> Result<Vec<Dependency>> {
    let Some(entries) = table.get_ref().as_table() else {
        return error("`system-deps` must be a table", table.span());
    };
    let mut list = Vec::new();
    for (key, value) in entries {
        let name: &str = key.get_ref();
        if !name.starts_with("cfg(") {
            list.push(dependency(name, value)?);
            continue;
        }
        if !sections {
            return error(format!("`{name}`: one cfg() cannot stand in another"), key.span());
        }
        let condition = condition(name).or_else(|why| error(format!("`{name}`: {why}"), key.span()))?;
        for mut dependency in dependencies(value, false)? {
            // A dependency without a version serves only the download of prebuilt bundles.
            if dependency.version.is_none() && dependency.overrides.is_empty() {
                continue;
            }
            dependency.cfg = Some(condition.clone());
            list.push(dependency);
        }
    }
    Ok(list)
}

fn condition(name: &str) -> std::result::Result<Condition, String> {
    let inner = name.strip_prefix("cfg(").and_then(|rest| rest.trim_end().strip_suffix(')'));
    let inner = inner.ok_or("its parenthesis is not closed")?;
    inert_manifest_spec::condition::parse(inner, 0).map_err(|diagnostic| diagnostic.message)
}

fn dependency(key: &str, value: &Spanned<DeValue<'_>>) -> Result<Dependency> {
    let mut dependency = Dependency { key: key.to_owned(), ..Dependency::default() };
    match value.get_ref() {
        DeValue::String(_) => dependency.version = Some(version(value)?),
        DeValue::Table(table) => entries(&mut dependency, table)?,
        _ => return error(format!("`{key}` must be a version or a table"), value.span()),
    }
    Ok(dependency)
}

fn entries(dependency: &mut Dependency, table: &DeTable<'_>) -> Result<()> {
    for (key, value) in table {
        match (&**key.get_ref(), value.get_ref()) {
            ("feature", DeValue::String(text)) => dependency.feature = Some(text.to_string()),
            ("version", DeValue::String(_)) => dependency.version = Some(version(value)?),
            ("name", DeValue::String(text)) => dependency.name = Some(text.to_string()),
            ("fallback-names", DeValue::Array(list)) => dependency.fallback_names = Some(names(list)?),
            ("optional", DeValue::Boolean(optional)) => dependency.optional = *optional,
            (feature, DeValue::Table(table)) if feature.starts_with('v') => {
                dependency.overrides.push(version_override(feature, table, value.span())?);
            }
            // These keys are for prebuilt bundles, which neither Inert nor system-deps without its `binary` feature
            // downloads.
            ("url" | "checksum" | "follows", DeValue::String(_))
            | ("paths" | "provides", DeValue::Array(_)) => {}
            (section, DeValue::Table(_)) if section.starts_with("cfg(") => {}
            (other, _) => {
                return error(
                    format!(
                        "`{}`: system-deps knows no key `{other}` with a value of this kind; what is Inert's stands in \
                         [package.metadata.inert]",
                        dependency.key
                    ),
                    key.span(),
                );
            }
        }
    }
    Ok(())
}

fn version_override(
    feature: &str,
    table: &DeTable<'_>,
    span: std::ops::Range<usize>,
) -> Result<VersionOverride> {
    let mut found = VersionOverride { feature: feature.to_owned(), ..VersionOverride::default() };
    let mut has_version = false;
    for (key, value) in table {
        match (&**key.get_ref(), value.get_ref()) {
            ("version", DeValue::String(_)) => {
                found.version = version(value)?;
                has_version = true;
            }
            ("name", DeValue::String(text)) => found.name = Some(text.to_string()),
            ("fallback-names", DeValue::Array(list)) => found.fallback_names = Some(names(list)?),
            ("optional", DeValue::Boolean(optional)) => found.optional = Some(*optional),
            (other, _) => {
                return error(format!("`{feature}`: system-deps knows no key `{other}` here"), key.span());
            }
        }
    }
    if has_version { Ok(found) } else { error(format!("`{feature}` must have a version"), span) }
}

fn names(list: &DeArray<'_>) -> Result<Vec<String>> {
    list.iter()
        .map(|value| match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            _ => error("a name must be a string", value.span()),
        })
        .collect()
}

/// Reads a version: `X`, `>=X`, or `>=X, <Y`.
fn version(value: &Spanned<DeValue<'_>>) -> Result<String> {
    let text = value.get_ref().as_str().unwrap_or_default();
    if let Some((low, high)) = text.split_once(',')
        && !(low.trim_start().starts_with(">=") && high.trim_start().starts_with('<'))
    {
        return error("a range of versions is written `>=1.2, <3`", value.span());
    }
    Ok(text.to_owned())
}
