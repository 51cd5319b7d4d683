//! Native code that a package brings along without a `library` of the system's in front of it: C that it compiles, and
//! files that it ships compiled. Each has names by which the user may speak of it, as of a library.

use inert_manifest_spec::{Declaration, Library, Link, PathRef};
use inert_resolver::discovery::provider::Bundle;

use super::model::Decision;
use super::verdict;
use crate::cargo::package::{Package, upstream_version};

/// Names of features by which packages are known to link the system's library instead of their own source.
const FEATURES: &[&str] =
    &["pkg-config", "pkgconfig", "use-pkg-config", "system", "use-system", "system-lib", "use-system-lib"];

/// Native code of one package with its names.
pub(super) struct Bundled {
    /// All names; the first is for messages.
    pub(super) names: Vec<String>,
    /// The archive, sources or objects that the package links.
    pub(super) what: Bundle,
}

/// Returns the native code of a decision's declaration that no library of the system's stands for.
pub(super) fn of(decision: &Decision) -> Vec<Bundled> {
    let Some(declared) = &decision.declared else { return Vec::new() };
    let declaration = &declared.declaration;
    let links = decision.package.links.as_deref();
    let archives = declaration.cc_library.keys().filter(|archive| {
        !is_fallback(declaration, archive) && stands_for(declaration, archive, links).is_none()
    });
    let archives = archives.map(|archive| Bundled {
        names: names(&decision.package, declaration, Some(archive)),
        what: Bundle::Compiled(archive.clone()),
    });
    archives.chain(shipped(decision, declaration)).collect()
}

/// Returns the files that a package ships compiled. Import libraries that the catalog knows hold no code: they name
/// what the system has.
fn shipped(decision: &Decision, declaration: &Declaration) -> Option<Bundled> {
    let mut all = Vec::new();
    for item in &declaration.link {
        if let Link::Search { path: PathRef::Package(folder), files, .. } = &item.value {
            all.extend(files.iter().map(|file| format!("{}/{file}", folder.0)));
        }
    }
    if all.is_empty() || verdict::ships_import_libraries(&decision.package, declaration) {
        return None;
    }
    Some(Bundled { names: names(&decision.package, declaration, None), what: Bundle::Shipped(all) })
}

/// Returns the names of native code: the package's `links`, its own name without `-sys`, the archive, each with and
/// without `lib`. In a package that asks for a library, `links` and the package's name mean that library, and the
/// archive's own name is the only one.
fn names(package: &Package, declaration: &Declaration, archive: Option<&str>) -> Vec<String> {
    let own = &package.id.name;
    let stem = ["-sys", "_sys"].iter().find_map(|end| own.strip_suffix(end));
    let of_package = || [package.links.as_deref(), stem].into_iter().flatten();
    let mut plain: Vec<&str> = match archive {
        Some(archive) if declaration.library.is_empty() => of_package().chain([archive]).collect(),
        Some(archive) => vec![archive],
        None => of_package().collect(),
    };
    if plain.is_empty() || archive.is_none() {
        plain.push(own);
    }
    let mut names: Vec<String> = Vec::new();
    let other = |name: &str| name.strip_prefix("lib").map_or_else(|| format!("lib{name}"), str::to_owned);
    for name in plain.iter().map(|name| (*name).to_owned()).chain(plain.iter().map(|name| other(name))) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Returns the version of what a package bundles, from its own version's build metadata.
pub(super) fn version(package: &Package) -> Option<String> {
    package.id.version.split_once('+').and_then(|(_, build)| upstream_version(build))
}

/// Returns the features of a package that by their names have it link the system's library, and are not active.
pub(super) fn features<'a>(package: &'a Package, names: &[String]) -> impl Iterator<Item = String> + 'a {
    let of_names = names.iter().flat_map(|name| [format!("system-{name}"), format!("use-system-{name}")]);
    let known: Vec<String> = FEATURES.iter().map(|name| (*name).to_owned()).chain(of_names).collect();
    package.features().into_iter().filter(move |feature| known.contains(&feature.replace('_', "-")))
}

/// Returns whether an archive is the `fallback` of a library, which is built only in its place.
pub(super) fn is_fallback(declaration: &Declaration, archive: &str) -> bool {
    declaration.library.values().any(|library| library.fallback.as_deref() == Some(archive))
}

/// Returns the library that an archive is the source of: the one that refers to it, one with the archive's name, or the
/// only library of a package whose `links` is that name.
pub(super) fn stands_for<'a>(
    declaration: &'a Declaration,
    archive: &str,
    links: Option<&str>,
) -> Option<(&'a String, &'a Library)> {
    let only = || declaration.library.iter().next().filter(|_| declaration.library.len() == 1);
    let named = declaration.library.iter().find(|(key, library)| {
        let name = |name: &str| name == archive || name.strip_prefix("lib") == Some(archive);
        declaration.source_of(key) == Some(archive)
            || name(key)
            || library.pkg_config.iter().chain(&library.libs).any(|item| name(&item.value))
    });
    named.or_else(|| only().filter(|_| links == Some(archive)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::package::PackageId;

    fn package(name: &str, version: &str, links: Option<&str>, manifest: &str) -> Package {
        Package {
            id: PackageId { name: name.to_owned(), version: version.to_owned(), source: String::new() },
            root: std::path::PathBuf::new(),
            manifest: manifest.to_owned(),
            links: links.map(str::to_owned),
            rust_version: None,
        }
    }

    #[test]
    fn names_are_those_that_people_use() {
        let none = Declaration::default();
        let of = |name: &str, links: Option<&str>, archive: Option<&str>| {
            names(&package(name, "1.0.0", links, ""), &none, archive)
        };
        assert_eq!(of("zstd-sys", Some("zstd"), Some("zstd")), ["zstd", "libzstd"]);
        assert_eq!(of("libmimalloc-sys", None, Some("mimalloc")), ["libmimalloc", "mimalloc"]);
        assert_eq!(of("blake3", None, Some("blake3_asm")), ["blake3_asm", "libblake3_asm"]);
        assert_eq!(of("shipped", None, None), ["shipped", "libshipped"]);
        assert_eq!(of("a-sys", Some("x"), None), ["x", "a", "a-sys", "libx", "liba", "liba-sys"]);
    }

    #[test]
    fn features_for_the_systems_library() {
        let manifest = "[package]\nname = \"z-sys\"\n[features]\npkg-config = []\nsystem_z = []\nsystem-other = []\n\
                        bundled = []\n";
        let found: Vec<String> =
            features(&package("z-sys", "1.0.0", None, manifest), &["z".to_owned()]).collect();
        assert_eq!(found, ["pkg-config", "system_z"]);
    }
}
