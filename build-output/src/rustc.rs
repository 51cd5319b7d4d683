//! What rustc makes of the values of `-l` and `-L`.

/// A `-L`: `[KIND=]PATH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Search<'a> {
    /// None where no kind is written: rustc takes it for `all`.
    pub kind: Option<SearchKind>,
    /// The folder. One that begins with `@RUSTC_BUILTIN` is a folder of rustc's own.
    pub path: &'a str,
}

/// What a folder is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchKind {
    /// Native libraries.
    Native,
    /// Crates named by the source.
    Crate,
    /// Crates of crates.
    Dependency,
    /// Frameworks of Apple's.
    Framework,
    /// All of these.
    All,
}

/// Kinds of `-L` as they are spelt.
pub const SEARCH_KINDS: &[(&str, SearchKind)] = &[
    ("native", SearchKind::Native),
    ("crate", SearchKind::Crate),
    ("dependency", SearchKind::Dependency),
    ("framework", SearchKind::Framework),
    ("all", SearchKind::All),
];

/// Reads the value of a `-L`. What stands before a `=` and is no kind belongs to the path.
#[must_use]
pub fn search(value: &str) -> Search<'_> {
    let found = SEARCH_KINDS.iter().find_map(|(name, kind)| {
        Some(Search { kind: Some(*kind), path: value.strip_prefix(name)?.strip_prefix('=')? })
    });
    found.unwrap_or(Search { kind: None, path: value })
}

/// A `-l`: `[KIND[:MODIFIERS]=]NAME[:RENAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library<'a> {
    /// None where no kind is written: the `#[link]` attribute's, or a shared library.
    pub kind: Option<LibraryKind>,
    /// Each with whether it is switched on.
    pub modifiers: Vec<(&'a str, bool)>,
    /// As the linker is told it, or as the `#[link]` attribute has it where there is a `rename`.
    pub name: &'a str,
    /// The name that takes the attribute's place.
    pub rename: Option<&'a str>,
}

/// What a library is linked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "rustc's own names")]
pub enum LibraryKind {
    Static,
    Dylib,
    Framework,
    /// Unstable: the name is an argument for the linker.
    LinkArg,
}

/// Kinds of `-l` as they are spelt. `raw-dylib` is one of the `#[link]` attribute alone.
pub const LIBRARY_KINDS: &[(&str, LibraryKind)] = &[
    ("static", LibraryKind::Static),
    ("dylib", LibraryKind::Dylib),
    ("framework", LibraryKind::Framework),
    ("link-arg", LibraryKind::LinkArg),
];

/// Modifiers of a `-l`.
pub const MODIFIERS: &[&str] = &["bundle", "verbatim", "whole-archive", "as-needed", "export-symbols"];

/// Reads the value of a `-l`.
///
/// # Errors
///
/// What rustc does not know in it.
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
