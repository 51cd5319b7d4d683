//! Reads the values of `-l` and `-L` as rustc does.

/// The value of a `-L`: `[KIND=]PATH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Search<'a> {
    /// The kind; `None` if none is written, which rustc reads as `all`.
    pub kind: Option<SearchKind>,
    /// The folder. If it begins with `@RUSTC_BUILTIN`, it is one of rustc's own.
    pub path: &'a str,
}

/// The kind of files that a folder is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchKind {
    /// Native libraries only.
    Native,
    /// Crates that the source names.
    Crate,
    /// Crates that other crates depend on.
    Dependency,
    /// Frameworks of Apple's systems.
    Framework,
    /// Files of every kind.
    All,
}

/// The kinds of `-L` as they are spelt.
pub const SEARCH_KINDS: &[(&str, SearchKind)] = &[
    ("native", SearchKind::Native),
    ("crate", SearchKind::Crate),
    ("dependency", SearchKind::Dependency),
    ("framework", SearchKind::Framework),
    ("all", SearchKind::All),
];

/// Reads the value of a `-L`. Text before a `=` that is not a kind belongs to the path.
#[must_use]
pub fn search(value: &str) -> Search<'_> {
    let found = SEARCH_KINDS.iter().find_map(|(name, kind)| {
        Some(Search { kind: Some(*kind), path: value.strip_prefix(name)?.strip_prefix('=')? })
    });
    found.unwrap_or(Search { kind: None, path: value })
}

/// The value of a `-l`: `[KIND[:MODIFIERS]=]NAME[:RENAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library<'a> {
    /// The kind; `None` if none is written: then that of the `#[link]` attribute, or a shared library.
    pub kind: Option<LibraryKind>,
    /// The modifiers, each with whether it is switched on.
    pub modifiers: Vec<(&'a str, bool)>,
    /// The name for the linker or, with a `rename`, the name in the `#[link]` attribute.
    pub name: &'a str,
    /// The name that replaces that of the attribute.
    pub rename: Option<&'a str>,
}

/// The kind of a linked library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "rustc's own names")]
pub enum LibraryKind {
    Static,
    Dylib,
    Framework,
    /// `link-arg`, unstable: the name is an argument for the linker.
    LinkArg,
}

/// The kinds of `-l` as they are spelt. `raw-dylib` occurs only in the `#[link]` attribute.
pub const LIBRARY_KINDS: &[(&str, LibraryKind)] = &[
    ("static", LibraryKind::Static),
    ("dylib", LibraryKind::Dylib),
    ("framework", LibraryKind::Framework),
    ("link-arg", LibraryKind::LinkArg),
];

/// The modifiers of a `-l`.
pub const MODIFIERS: &[&str] = &["bundle", "verbatim", "whole-archive", "as-needed", "export-symbols"];

/// Reads the value of a `-l`.
///
/// # Errors
///
/// The part that rustc does not know.
pub fn library(value: &str) -> Result<Library<'_>, String> {
    let (kind, rest) = match value.split_once('=') {
        Some((kind, rest)) => (Some(kind), rest),
        None => (None, value),
    };
    let (kind, modifiers) = match kind {
        None => (None, Vec::new()),
        Some(written) => {
            let (kind, modifiers) = match written.split_once(':') {
                Some((kind, modifiers)) => (kind, Some(modifiers)),
                None => (written, None),
            };
            let known = LIBRARY_KINDS.iter().find(|(name, _)| *name == kind);
            let kind = known.ok_or_else(|| format!("rustc knows no kind `{}`", kind.escape_debug()))?.1;
            let modifiers = modifiers.into_iter().flat_map(|list| list.split(','));
            (Some(kind), modifiers.map(modifier).collect::<Result<Vec<_>, _>>()?)
        }
    };
    let (name, rename) = match rest.split_once(':') {
        Some((name, rename)) => (name, Some(rename)),
        None => (rest, None),
    };
    if name.is_empty() {
        return Err("the name is empty".to_owned());
    }
    Ok(Library { kind, modifiers, name, rename })
}

fn modifier(written: &str) -> Result<(&str, bool), String> {
    let unknown = || format!("rustc knows no modifier `{}`", written.escape_debug());
    let on = match written.get(..1) {
        Some("+") => true,
        Some("-") => false,
        _ => return Err(unknown()),
    };
    let name = &written[1..];
    MODIFIERS.contains(&name).then_some((name, on)).ok_or_else(unknown)
}
