//! Declarations for published crates that cannot be derived, as data.
//!
//! There is one file per crate in `entries/`, or per family of crates that share a script. An entry applies if the
//! files of the package that it was written from have the digests that it names. It names the versions that it was
//! compared for with their scripts; another version with the same script gets the same entry, unless the entry is
//! `exact`: then the entry holds facts that its script took from files that no digest pins, or from the version. An
//! entry that is `like` an earlier one of its file, named by version, has the content of that one with its own
//! changes; `without` lists the parts that it lacks. The declaration of an entry that is `baked` is what its script said
//! in WebAssembly, kept compressed in `baked/`; `scripts/bake-catalog` makes it.

mod entries;
mod suggestions;
mod verified;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

pub use entries::{BAKED, ENTRIES};
use inert_manifest_spec::Capability;
pub use suggestions::{Suggestion, suggestion};
pub use verified::{Verified, verified};

/// The catalog's entry for one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The declaration, as TOML text in root form.
    pub declaration: String,
}

/// Finds the entry for a package. `digest` returns the SHA-256 of a file of the package, in hexadecimal digits, or
/// `None` if the file cannot be read.
pub fn lookup(name: &str, version: &str, digest: impl Fn(&str) -> Option<String>) -> Option<Entry> {
    // The recipes of crates that carry C sources are in the package of the executor that builds them.
    let quoted = format!("\"{name}\"");
    let files = ENTRIES
        .iter()
        .chain(inert_vendored_fallbacks::RECIPES)
        .filter(|(known, text)| *known == name || (known.starts_with(FAMILY) && text.contains(&quoted)));
    let entries: Vec<Parsed> = files.flat_map(|(_, text)| entries_of(text)).collect();
    let has_its_files = |entry: &&Parsed| {
        (entry.crates.is_empty() || entry.crates.iter().any(|one| one == name))
            && !entry.files.is_empty()
            && entry
                .files
                .iter()
                .all(|(file, expected)| digest(file).is_some_and(|found| expected.contains(&found)))
    };
    let named = |entry: &&Parsed| entry.versions.iter().any(|known| known == "*" || known == version);
    let entry = entries
        .iter()
        .filter(named)
        .find(has_its_files)
        .or_else(|| entries.iter().filter(|entry| !entry.exact).find(has_its_files))?;
    Some(Entry { declaration: entry.declaration()? })
}

/// The import libraries that published packages ship: package, versions, file name and SHA-256 in each line.
const IMPORT_LIBRARIES: &str = include_str!("../import-libraries.tsv");

/// Returns whether a package is known to ship an import library with these contents. `name` is the package's name,
/// `file` the name of the file, `digest` its SHA-256 in hexadecimal digits. The version does not matter, since the
/// contents are the same.
#[must_use]
pub fn is_import_library(name: &str, file: &str, digest: &str) -> bool {
    IMPORT_LIBRARIES.lines().any(|line| {
        let mut parts = line.split('\t');
        parts.next() == Some(name)
            && parts.next().is_some()
            && parts.next() == Some(file)
            && parts.next() == Some(digest)
    })
}

/// Returns whether a package is known to ship a folder of exactly these import libraries, each by its name and SHA-256. Such a row has `*`
/// in the place of a file's name, and the digest of [`of_folder`].
#[must_use]
pub fn are_import_libraries(name: &str, files: &[(String, String)]) -> bool {
    is_import_library(name, "*", &inert_vendored_fallbacks::sha256::hex(of_folder(files).as_bytes()))
}

/// Returns the text whose digest stands for a folder: a line `name digest` for each file, sorted.
#[must_use]
pub fn of_folder(files: &[(String, String)]) -> String {
    let mut lines: Vec<String> = files.iter().map(|(file, digest)| format!("{file} {digest}\n")).collect();
    lines.sort_unstable();
    lines.concat()
}

/// Returns the declarations in a file of the catalog, each with the versions that it applies to: text in root form.
#[must_use]
pub fn declarations(text: &str) -> Vec<(Vec<String>, String)> {
    entries_of(text)
        .into_iter()
        .filter_map(|entry| Some((entry.versions.clone(), entry.declaration()?)))
        .collect()
}

/// Returns the texts of the files that may hold entries for a crate: its own, and its recipe.
#[must_use]
pub fn texts(name: &str) -> Vec<&'static str> {
    let files = ENTRIES.iter().chain(inert_vendored_fallbacks::RECIPES);
    files.filter(|(known, _)| *known == name).map(|(_, text)| *text).collect()
}

/// The beginning of the names of files that apply to the crates that each entry lists in `crates`.
pub const FAMILY: &str = "family-";

/// An entry as it is in a file.
struct Parsed {
    /// The versions that it was compared for.
    versions: Vec<String>,
    /// The pinned files, each with the accepted digests.
    files: Vec<(String, Vec<String>)>,
    /// The declaration, as TOML text in root form.
    declaration: String,
    /// The crates of a family; empty if the file is for one crate.
    crates: Vec<String>,
    /// True if it applies to its versions alone.
    exact: bool,
    /// The name of the baked outcome that is its declaration, instead of `declaration`.
    baked: Option<String>,
}

impl Parsed {
    /// Returns the declaration, as TOML text in root form. A baked one is unpacked only when it is asked for.
    fn declaration(&self) -> Option<String> {
        match &self.baked {
            None => Some(self.declaration.clone()),
            Some(name) => {
                let (_, bytes) = BAKED.iter().find(|(known, _)| known == name)?;
                let text = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(bytes, MOST_BAKED).ok()?;
                String::from_utf8(text).ok()
            }
        }
    }
}

/// The size of the largest declaration that is unpacked, in bytes.
const MOST_BAKED: usize = 16 << 20;

/// Returns `base` with an entry's changes: tables are changed key by key, any other value is replaced; the parts
/// that `without` lists (`cfg.ossl410`) are removed. Returns `None` if such a part does not exist.
fn amended<'a>(base: &DeTable<'a>, other: &DeTable<'a>, without: &[String]) -> Option<DeTable<'a>> {
    let mut declaration = base.clone();
    for path in without {
        let (table, rest) = path.split_once('.')?;
        let table = declaration.iter_mut().find(|(name, _)| name.get_ref() == table)?.1;
        take_out(table.get_mut(), rest)?;
    }
    for (key, value) in other.iter() {
        let known = declaration.iter_mut().find(|(name, _)| name.get_ref() == key.get_ref());
        match (known.map(|(_, known)| known.get_mut()), value.get_ref()) {
            (Some(DeValue::Table(known)), DeValue::Table(said)) => {
                for (key, value) in said.iter() {
                    known.insert(key.clone(), value.clone());
                }
            }
            (Some(known), said) => *known = said.clone(),
            (None, _) => {
                declaration.insert(key.clone(), value.clone());
            }
        }
    }
    Some(declaration)
}

/// Removes the value of a dotted path, or the items of a list by their `value`. Returns `None` if it does not
/// exist.
fn take_out(from: &mut DeValue<'_>, path: &str) -> Option<()> {
    match from {
        DeValue::Table(table) => match path.split_once('.') {
            Some((first, rest)) => {
                take_out(table.iter_mut().find(|(name, _)| name.get_ref() == first)?.1.get_mut(), rest)
            }
            None => table.remove(path).map(drop),
        },
        DeValue::Array(list) => {
            let known = list.len();
            let value = |item: &DeValue<'_>| match item {
                DeValue::Table(table) => {
                    table.get("value").and_then(|value| value.get_ref().as_str().map(str::to_owned))
                }
                item => item.as_str().map(str::to_owned),
            };
            let mut kept = DeArray::new();
            for item in list.iter().filter(|item| value(item.get_ref()).as_deref() != Some(path)) {
                kept.push(item.clone());
            }
            *list = kept;
            (list.len() < known).then_some(())
        }
        _ => None,
    }
}

/// Reads a file of the catalog: versions, pinned files, declaration.
fn entries_of(text: &str) -> Vec<Parsed> {
    let Ok(document) = DeTable::parse(text) else { return Vec::new() };
    let Some(DeValue::Array(list)) = document.get_ref().get("entry").map(|value| value.get_ref()) else {
        return Vec::new();
    };
    let string = |value: &DeValue<'_>| match value {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
    };
    let mut found: Vec<Parsed> = Vec::new();
    let mut tables: Vec<DeTable<'_>> = Vec::new();
    for item in list.iter() {
        let DeValue::Table(table) = item.get_ref() else { continue };
        let strings = |key: &str| match table.get(key).map(|value| value.get_ref()) {
            Some(DeValue::Array(list)) => list.iter().filter_map(|value| string(value.get_ref())).collect(),
            _ => Vec::new(),
        };
        let (versions, crates) = (strings("versions"), strings("crates"));
        let files = match table.get("files").map(|value| value.get_ref()) {
            Some(DeValue::Table(files)) => files
                .iter()
                .map(|(name, value)| {
                    let digests = match value.get_ref() {
                        DeValue::Array(list) => list.iter().filter_map(|one| string(one.get_ref())).collect(),
                        one => string(one).into_iter().collect(),
                    };
                    (name.get_ref().to_string(), digests)
                })
                .collect(),
            _ => Vec::new(),
        };
        let exact = matches!(table.get("exact").map(|value| value.get_ref()), Some(DeValue::Boolean(true)));
        if let Some(baked) = table.get("baked").and_then(|value| string(value.get_ref())) {
            let declaration = String::new();
            found.push(Parsed { versions, files, declaration, crates, exact, baked: Some(baked) });
            tables.push(DeTable::new());
            continue;
        }
        let Some(value) = table.get("declaration") else { continue };
        let DeValue::Table(said) = value.get_ref() else { continue };
        let like = table.get("like").and_then(|value| string(value.get_ref()));
        let whole = match like {
            None => Some(said.clone()),
            Some(like) => found
                .iter()
                .position(|entry| entry.versions.contains(&like))
                .and_then(|at| amended(&tables[at], said, &strings("without"))),
        };
        let Some(whole) = whole else { continue };
        let spanned = Spanned::new(value.span(), DeValue::Table(whole.clone()));
        if let Some(declaration) = inert_manifest_spec::parse_table(&spanned, text).declaration {
            let declaration = inert_manifest_spec::write::declaration(&declaration);
            found.push(Parsed { versions, files, declaration, crates, exact, baked: None });
            tables.push(whole);
        }
    }
    found
}

/// Returns the problems of a file of the catalog, for its tests: entries that could never be found, or whose
/// declarations have diagnostics.
#[must_use]
pub fn problems(text: &str) -> Vec<String> {
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => return vec![error.to_string()],
    };
    let mut problems = Vec::new();
    let Some(DeValue::Array(list)) = document.get_ref().get("entry").map(|value| value.get_ref()) else {
        return vec!["no [[entry]]".to_owned()];
    };
    for item in list.iter() {
        let declaration = item.get_ref().as_table().and_then(|table| table.get("declaration"));
        let baked = item.get_ref().as_table().is_some_and(|table| table.contains_key("baked"));
        match declaration {
            // A baked outcome is checked below. Its script may read what no digest pins, such as the version.
            None if baked => {}
            None => problems.push("an entry without `declaration`".to_owned()),
            // An entry with `like` is checked together with the content that it takes over.
            Some(_) if item.get_ref().as_table().is_some_and(|table| table.contains_key("like")) => {}
            Some(value) => {
                let parsed = inert_manifest_spec::parse_table(value, text);
                problems.extend(parsed.diagnostics.into_iter().map(|one| {
                    let line = text[..one.span.start.min(text.len())].lines().count();
                    format!(
                        "line {line}: {}{}",
                        one.message,
                        one.help.map(|help| format!(" ({help})")).unwrap_or_default()
                    )
                }));
            }
        }
    }
    let usable = entries_of(text);
    if usable.len() != list.len()
        || usable.iter().any(|entry| entry.versions.is_empty() || entry.files.is_empty())
    {
        problems.push("an entry names no version or no file, or is like none before it".to_owned());
    }
    for entry @ Parsed { versions, files, .. } in &usable {
        let Some(declaration) = entry.declaration() else {
            problems.push(format!("{}: its baked outcome cannot be unpacked", versions.join(", ")));
            continue;
        };
        if entry.baked.is_some() && !entry.exact {
            problems
                .push(format!("{}: a baked outcome is for its version alone (`exact`)", versions.join(", ")));
        }
        let parsed = inert_manifest_spec::parse_declaration(&declaration);
        let own = parsed.declaration.iter().flat_map(|declaration| unpinned(declaration, files));
        let own = own.map(|file| format!("`{file}` passes unreviewed and no digest pins it"));
        let messages = parsed.diagnostics.into_iter().map(|one| one.message).chain(own);
        problems.extend(messages.map(|message| format!("{}: {message}", versions.join(", "))));
    }
    problems
}

/// Returns the files of the package that a declaration links unchanged, or has the linker read, and that an entry
/// does not pin. Entries of the catalog pass without review, so their digests must cover such files one by one; a
/// pattern cannot name them.
fn unpinned(declaration: &inert_manifest_spec::Declaration, files: &[(String, Vec<String>)]) -> Vec<String> {
    let pinned = |path: &str| files.iter().any(|(known, _)| known == path);
    let reviews = inert_manifest_spec::needs_review(declaration).into_iter();
    reviews
        .filter(|review| match review.capability {
            Capability::Prebuilt => !pinned(&review.what),
            Capability::LinkArg => {
                let mut named = review.what.split("${manifest-dir}/").skip(1);
                named.any(|rest| !pinned(rest)) || review.what.ends_with("${manifest-dir}")
            }
            _ => false,
        })
        .map(|review| review.what)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry is written from the script's files: the version that has them does not matter, unless the entry
    /// holds facts that the script took from elsewhere.
    #[test]
    fn what_is_linked_as_it_is_is_pinned() {
        let entry = |files: &str, source: &str| {
            format!(
                "[[entry]]\nversions = [\"1\"]\nfiles = {{ \"build.rs\" = \"0\"{files} }}\n[entry.declaration]\nschema = 1\n\
                 [entry.declaration.cc-library.x]\nsources = [\"{source}\"]\n"
            )
        };
        assert_eq!(problems(&entry(", \"a.o\" = \"0\"", "a.o")), Vec::<String>::new());
        assert_eq!(problems(&entry("", "a.o")).len(), 1);
        assert_eq!(problems(&entry(", \"a.o\" = \"0\"", "*.o")).len(), 1);
        assert_eq!(problems(&entry("", "*.c")), Vec::<String>::new());
    }

    #[test]
    fn entries_are_found_by_the_digests_of_their_files() {
        let (mut by_digest, mut exact) = (0, 0);
        for (name, text) in ENTRIES.iter().chain(inert_vendored_fallbacks::RECIPES) {
            for entry in entries_of(text) {
                let name = entry.crates.first().map_or(*name, String::as_str);
                let digest = |file: &str| {
                    entry.files.iter().find(|(known, _)| known == file).map(|(_, digests)| digests[0].clone())
                };
                let version = &entry.versions[0];
                assert!(lookup(name, version, digest).is_some(), "{name} {version}");
                let other = lookup(name, "99.0.0", digest);
                if entry.exact {
                    exact += 1;
                    assert_eq!(other, None, "{name} {version}");
                } else {
                    by_digest += 1;
                    assert!(other.is_some(), "{name} {version}");
                }
                assert_eq!(lookup(name, version, |_| Some("0".to_owned())), None, "{name} {version}");
            }
        }
        assert!(by_digest > 20 && exact > 5, "{by_digest} {exact}");
    }
}
