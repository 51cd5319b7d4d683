//! The defaults for a target: pkgconf's cross personality files, and replacements for pkgconf's compile-time
//! defaults.

use super::lines;
use super::search::split_paths;

/// The folders of a target's files, and the paths that its toolchain searches by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Personality {
    /// `DefaultSearchPaths`: the folders of `.pc` files.
    pub search_paths: Vec<String>,
    /// `SystemLibraryPaths`: folders that `-L` need not name.
    pub library_paths: Vec<String>,
    /// `SystemIncludePaths`: folders that `-I` need not name.
    pub include_paths: Vec<String>,
    /// `SysrootDir`: the sysroot of the target.
    pub sysroot: Option<String>,
    /// `WantDefaultStatic`: queries are as with `--static`.
    pub default_static: bool,
    /// `WantDefaultPure`: queries are as with `PKG_CONFIG_PURE_DEPGRAPH`.
    pub default_pure: bool,
}

impl Personality {
    /// Reads a `.personality` file.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut personality = Self::default();
        for line in lines::logical(bytes) {
            let Some((key, ':', value)) = lines::key_value(&line) else { continue };
            let truth = || ["true", "yes", "1"].iter().any(|word| value.eq_ignore_ascii_case(word));
            match key.to_ascii_lowercase().as_str() {
                "defaultsearchpaths" => personality.search_paths.extend(split_paths(value, false)),
                "systemlibrarypaths" => personality.library_paths.extend(split_paths(value, false)),
                "systemincludepaths" => personality.include_paths.extend(split_paths(value, false)),
                "sysrootdir" => {
                    personality.sysroot = Some(value.to_owned()).filter(|value| !value.is_empty())
                }
                "wantdefaultstatic" => personality.default_static = truth(),
                "wantdefaultpure" => personality.default_pure = truth(),
                _ => {}
            }
        }
        personality
    }
}
