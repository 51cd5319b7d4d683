//! The configuration of a query: search path, sysroot, and the flags that belong to the system.

use std::path::PathBuf;

use super::personality::Personality;
use super::search::split_paths;
use super::variables::dequote;

/// Every setting that pkgconf takes from its environment and command line.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folders searched for `.pc` files, in order.
    pub search_paths: Vec<PathBuf>,
    /// `PKG_CONFIG_SYSROOT_DIR`: put before absolute paths in `.pc` files, unless they begin with it.
    pub sysroot: Option<String>,
    /// `PKG_CONFIG_FDO_SYSROOT_RULES`: variables do not get the sysroot.
    pub fdo_sysroot_rules: bool,
    /// `PKG_CONFIG_TOP_BUILD_DIR`: the value of `${pc_top_builddir}` in uninstalled modules.
    pub top_build_dir: Option<String>,
    /// `--define-variable`: definitions that have priority over those of the files.
    pub defines: Vec<(String, String)>,
    /// The folders that `-L` does not name unless `keep_system_libs`.
    pub system_library_paths: Vec<String>,
    /// The folders that `-I` does not name unless `keep_system_cflags`.
    pub system_include_paths: Vec<String>,
    /// `PKG_CONFIG_ALLOW_SYSTEM_LIBS`, which the `pkg-config` crate always sets.
    pub keep_system_libs: bool,
    /// `PKG_CONFIG_ALLOW_SYSTEM_CFLAGS`, which the `pkg-config` crate always sets.
    pub keep_system_cflags: bool,
    /// `--static`: private requirements and libraries are included.
    pub is_static: bool,
    /// `PKG_CONFIG_PURE_DEPGRAPH`: private requirements are included, but not private flags.
    pub pure: bool,
    /// `PKG_CONFIG_DISABLE_UNINSTALLED`: `name-uninstalled.pc` has no priority over `name.pc`.
    pub no_uninstalled: bool,
    /// `PKG_CONFIG_IGNORE_CONFLICTS`: the field `Conflicts` is ignored.
    pub ignore_conflicts: bool,
    /// `--define-prefix`: `prefix` follows from the file's folder; pkgconf's default on Windows.
    pub define_prefix: bool,
    /// `PKG_CONFIG_MAXIMUM_TRAVERSE_DEPTH`: the greatest depth of requirements.
    pub maximum_depth: usize,
    /// `PKG_CONFIG_DONT_RELOCATE_PATHS`: `//` in flags is kept.
    pub keep_slashes: bool,
    /// True if a flag in two tokens (`-L /dir`) is one, as from pkgconf 2.4 on, and flags in a region of the
    /// linker's line (`-Wl,--whole-archive`) stay there. If false, all is as in 1.8, which loses tokens of the
    /// former and libraries of the latter.
    pub keeps_pairs: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            search_paths: Vec::new(),
            sysroot: None,
            fdo_sysroot_rules: false,
            top_build_dir: None,
            defines: Vec::new(),
            system_library_paths: Vec::new(),
            system_include_paths: Vec::new(),
            keep_system_libs: false,
            keep_system_cflags: false,
            is_static: false,
            pure: false,
            no_uninstalled: false,
            ignore_conflicts: false,
            define_prefix: false,
            maximum_depth: 2000,
            keep_slashes: false,
            keeps_pairs: false,
        }
    }
}

impl Config {
    /// Returns the configuration that pkgconf would derive from an environment, whose values `variable` returns.
    ///
    /// `windows` is whether the host is Windows: paths are separated by `;` there, and prefixes follow their files.
    pub fn from_environment(
        variable: &mut dyn FnMut(&str) -> Option<String>,
        personality: &Personality,
        windows: bool,
    ) -> Self {
        let mut set = |name: &str| variable(name);
        let mut paths = |name: &str| set(name).map(|value| split_paths(&value, windows));

        let mut search_paths = paths("PKG_CONFIG_PATH").unwrap_or_default();
        search_paths.extend(paths("PKG_CONFIG_LIBDIR").unwrap_or_else(|| personality.search_paths.clone()));
        let mut system_library_paths =
            paths("PKG_CONFIG_SYSTEM_LIBRARY_PATH").unwrap_or_else(|| personality.library_paths.clone());
        let mut system_include_paths =
            paths("PKG_CONFIG_SYSTEM_INCLUDE_PATH").unwrap_or_else(|| personality.include_paths.clone());
        // GCC searches these folders by default.
        system_library_paths.extend(paths("LIBRARY_PATH").unwrap_or_default());
        for name in ["CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "OBJC_INCLUDE_PATH"] {
            system_include_paths.extend(paths(name).unwrap_or_default());
        }
        if windows {
            system_include_paths.extend(paths("INCLUDE").unwrap_or_default());
        }

        let sysroot = set("PKG_CONFIG_SYSROOT_DIR").or_else(|| personality.sysroot.clone());
        Self {
            search_paths: search_paths.into_iter().map(PathBuf::from).collect(),
            fdo_sysroot_rules: set("PKG_CONFIG_FDO_SYSROOT_RULES").is_some()
                || (sysroot.is_some() && set("DESTDIR") == sysroot),
            sysroot,
            top_build_dir: set("PKG_CONFIG_TOP_BUILD_DIR"),
            defines: Vec::new(),
            system_library_paths,
            system_include_paths,
            keep_system_libs: set("PKG_CONFIG_ALLOW_SYSTEM_LIBS").is_some(),
            keep_system_cflags: set("PKG_CONFIG_ALLOW_SYSTEM_CFLAGS").is_some(),
            is_static: personality.default_static,
            pure: personality.default_pure || set("PKG_CONFIG_PURE_DEPGRAPH").is_some(),
            no_uninstalled: set("PKG_CONFIG_DISABLE_UNINSTALLED").is_some(),
            ignore_conflicts: set("PKG_CONFIG_IGNORE_CONFLICTS").is_some(),
            define_prefix: windows && set("PKG_CONFIG_DONT_DEFINE_PREFIX").is_none(),
            maximum_depth: set("PKG_CONFIG_MAXIMUM_TRAVERSE_DEPTH")
                .map(|depth| leading_number(&depth))
                .filter(|depth| *depth > 0)
                .unwrap_or(2000),
            keep_slashes: set("PKG_CONFIG_DONT_RELOCATE_PATHS").is_some(),
            keeps_pairs: false,
        }
    }
}

/// Reads a number like C's `atoi`; a text without a number, and a negative number, give 0.
fn leading_number(text: &str) -> usize {
    let text = text.trim_start_matches(super::lines::is_space);
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().unwrap_or(0)
}

/// Variables that apply to all files, and the state that changes with them while files are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Globals {
    variables: Vec<(String, String)>,
    pub(super) sysroot: Option<String>,
    pub(super) fdo_sysroot_rules: bool,
    pub(super) define_prefix: bool,
    pub(super) keep_slashes: bool,
    pub(super) keeps_pairs: bool,
}

impl Globals {
    pub(super) fn new(config: &Config) -> Self {
        let mut globals = Self {
            variables: Vec::new(),
            sysroot: None,
            fdo_sysroot_rules: config.fdo_sysroot_rules,
            define_prefix: config.define_prefix,
            keep_slashes: config.keep_slashes,
            keeps_pairs: config.keeps_pairs,
        };
        for (name, value) in &config.defines {
            globals.set(name, value);
        }
        globals.set_sysroot(config.sysroot.clone());
        globals.set("pc_top_builddir", config.top_build_dir.as_deref().unwrap_or("$(top_builddir)"));
        globals
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(key, _)| key != name);
        self.variables.push((name.to_owned(), dequote(value)));
    }

    pub(super) fn set_sysroot(&mut self, sysroot: Option<String>) {
        self.set("pc_sysrootdir", sysroot.as_deref().unwrap_or("/"));
        self.sysroot = sysroot;
    }
}
