//! Under which configuration pkg-config is asked for a target: the `pkg-config` crate's variables with their target
//! scoping, and the target's own folders where nothing is said.

use std::path::{Path, PathBuf};

use crate::discovery::flags::is_absolute;
use crate::discovery::{KindReason, Query};
use crate::pkgconf::{
    Config, Personality, default_paths, multiarch, personality_files, scoped_variable_names,
};
use crate::world::{Run, World};

/// How one module is asked for.
pub(in crate::discovery) struct Setting {
    /// The user's `PKG_CONFIG`; none reads the files in process.
    pub(super) program: Option<PathBuf>,
    /// The configuration for reading in process.
    pub(super) config: Config,
    /// Who asks for static linking, if anyone.
    pub(in crate::discovery) wants_static: Option<KindReason>,
    /// Folders under which everything is the system's.
    pub(in crate::discovery) system_roots: Vec<PathBuf>,
    /// Where the search path comes from, for people.
    pub(super) how: String,
    /// Searched folders that are the host's, where the target is another.
    pub(super) hosts: Vec<PathBuf>,
    /// Folders that are not searched, since their paths are relative.
    pub(super) relative: Vec<PathBuf>,
}

/// Variables that the crate hands to the program with their target scoping resolved.
pub(super) const SCOPED: &[&str] = &["PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR"];

impl Setting {
    pub(super) fn new(
        query: &Query<'_>,
        module: &str,
        words: super::Words,
        world: &mut World,
    ) -> Result<Self, String> {
        let (target, host) = (query.request.target.triple.as_str(), query.request.host.as_str());
        let cross = target != host;
        let wants_static = query.wants_static(Some(module), world);

        let program = match scoped(query, "PKG_CONFIG", world) {
            // Under the folder that the user names files are read in process: no program says where it read them.
            _ if query.prefix.is_some() => None,
            None => None,
            Some((name, program)) => Some(world.find_program(&program).ok_or_else(|| {
                format!("{name} is {program:?}, which is no program on PATH and no absolute path of one")
            })?),
        };
        // A variable without the target's name may speak of the host: it counts for a foreign target only where the
        // user says that the environment is one for cross compilation.
        let allowed = match scoped(query, "PKG_CONFIG_ALLOW_CROSS", world) {
            Some((name, value)) if value == "0" && cross => {
                return Err(format!("{name}=0 forbids it for {target}"));
            }
            Some(_) => true,
            None => program.is_some() || scoped(query, "PKG_CONFIG_SYSROOT_DIR", world).is_some(),
        };
        if let Some((name, sysroot)) = scoped(query, "PKG_CONFIG_SYSROOT_DIR", world)
            && !sysroot.is_empty()
            && !is_absolute(&sysroot)
        {
            return Err(format!(
                "{name} is the relative path {sysroot}; a sysroot is named by its whole path"
            ));
        }
        let Defaults { personality, how, hosts } = personality(query, cross, allowed, world);
        let mut variable = |name: &str| match name {
            "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS" => Some("1".to_owned()),
            "PKG_CONFIG_ALLOW_SYSTEM_LIBS" if query.library.print_system_libs => Some("1".to_owned()),
            name if SCOPED.contains(&name) => {
                let names = scoped_variable_names(name, target, host);
                let counted = if cross && !allowed { 3 } else { 4 };
                names[..counted].iter().find_map(|name| world.env_text(name))
            }
            name => world.env_text(name),
        };
        let mut config = Config::from_environment(&mut variable, &personality, query.host_is_windows());
        if let Some(prefix) = &query.prefix {
            // What the library requires may still be the system's.
            config.search_paths.splice(0..0, folders_of(prefix, target));
        }
        // A relative folder is another one to everyone who reads it: the tree that is built to the driver, a package of it
        // to a stand-in.
        let is_relative = |path: &PathBuf| !is_absolute(&path.to_string_lossy());
        let relative: Vec<PathBuf> =
            config.search_paths.iter().filter(|path| is_relative(path)).cloned().collect();
        config.search_paths.retain(|path| !is_relative(path));
        config.is_static |= wants_static.is_some();
        config.keeps_pairs = words == super::Words::InRegions;
        // Where the variable is set, nothing else is searched but PKG_CONFIG_PATH.
        let how = match scoped(query, "PKG_CONFIG_LIBDIR", world) {
            Some((name, _)) => format!("PKG_CONFIG_PATH and {name}"),
            None => how,
        };
        let how = match relative.is_empty() {
            true => how,
            false => format!("{how}; {}", Self::said_of(&relative)),
        };
        let system_roots = system_roots(host, world);
        Ok(Self { program, config, wants_static, system_roots, how, hosts, relative })
    }

    /// Why folders are not searched, for people.
    pub(super) fn said_of(relative: &[PathBuf]) -> String {
        let folders: Vec<_> = relative.iter().map(|path| path.display().to_string()).collect();
        format!("passed over, since the path is relative: {}", folders.join(", "))
    }

    /// The folders searched, for people.
    pub(super) fn searched(&self) -> String {
        let folders: Vec<_> =
            self.config.search_paths.iter().map(|path| path.display().to_string()).collect();
        folders.join(", ")
    }
}

/// Folders of `.pc` files under a prefix.
fn folders_of(prefix: &Path, target: &str) -> Vec<PathBuf> {
    let multiarch = multiarch(target).map(|name| format!("lib/{name}"));
    let names = multiarch.into_iter().chain(["lib64", "lib", "share"].map(str::to_owned));
    names.map(|name| prefix.join(name).join("pkgconfig")).collect()
}

/// The value of a scoped variable, with the name it was found under.
pub(super) fn scoped(query: &Query<'_>, name: &str, world: &mut World) -> Option<(String, String)> {
    scoped_variable_names(name, &query.request.target.triple, &query.request.host)
        .into_iter()
        .find_map(|name| world.env_text(&name).map(|value| (name, value)))
}

/// The target's defaults: a cross personality, the sysroot's folders, another pkg-config's, or the system's.
///
/// For a foreign target the host's folders come last, and only where the user's variables allow them as the crate does:
/// what is found there is named in a warning.
fn personality(query: &Query<'_>, cross: bool, allowed: bool, world: &mut World) -> Defaults {
    let (target, host) = (query.request.target.triple.as_str(), query.request.host.as_str());
    if !cross {
        let (personality, how) = native(target, world);
        return Defaults { personality, how, hosts: Vec::new() };
    }
    let sysroot = scoped(query, "PKG_CONFIG_SYSROOT_DIR", world).filter(|(_, sysroot)| !sysroot.is_empty());
    // The user's word for a sysroot is nearer than what this machine says of the target, which are folders outside of it.
    let files = if sysroot.is_some() { Vec::new() } else { personality_files(target) };
    for file in files {
        if let Ok(bytes) = world.read(Path::new(&file)) {
            let how = format!("from {file}");
            return Defaults { personality: Personality::parse(&bytes), how, hosts: Vec::new() };
        }
    }
    let (mut personality, mut how) = match sysroot {
        Some((name, sysroot)) => {
            // Inside the sysroot the target is at home.
            let mut inside = default_paths(target, target);
            for path in &mut inside.search_paths {
                *path = format!("{}{path}", sysroot.trim_end_matches('/'));
            }
            without_other_word_size(&mut inside.search_paths, world);
            (inside, format!("the folders of {name}"))
        }
        None => (
            default_paths(target, host),
            format!(
                "the folders of {target} on this machine; PKG_CONFIG_SYSROOT_DIR and PKG_CONFIG_LIBDIR would name others"
            ),
        ),
    };
    let mut hosts = Vec::new();
    if allowed {
        hosts = native(host, world).0.search_paths;
        hosts.retain(|path| !personality.search_paths.contains(path));
        personality.search_paths.extend(hosts.iter().cloned());
        how.push_str(", then the host's, which PKG_CONFIG_ALLOW_CROSS or PKG_CONFIG_SYSROOT_DIR allows");
    }
    Defaults { personality, how, hosts: hosts.into_iter().map(PathBuf::from).collect() }
}

/// Defaults, where they come from, and which of the folders are the host's though the target is another.
struct Defaults {
    personality: Personality,
    how: String,
    hosts: Vec<PathBuf>,
}

/// The folders of the machine itself.
fn native(host: &str, world: &mut World) -> (Personality, String) {
    let mut personality = default_paths(host, host);
    if let Some((program, paths)) = foreign(world) {
        personality.search_paths = paths;
        return (personality, format!("as {} says", program.display()));
    }
    without_other_word_size(&mut personality.search_paths, world);
    (personality, "PKG_CONFIG_PATH, and the system's folders".to_owned())
}

/// Where a distribution keeps 64-bit libraries in `lib64`, `lib` is the folder of the 32-bit ones (Fedora, openSUSE), and its
/// own pkg-config does not look there. Others have one for the other's link, or `lib` alone.
fn without_other_word_size(paths: &mut Vec<String>, world: &mut World) {
    let of_the_other: Vec<String> = paths
        .iter()
        .filter_map(|path| path.strip_suffix("/usr/lib64/pkgconfig"))
        .map(|root| (format!("{root}/usr/lib64/pkgconfig"), format!("{root}/usr/lib/pkgconfig")))
        .filter(|(own, other)| {
            let (own, other) = (Path::new(own), Path::new(other));
            world.is_dir(own)
                && world.is_dir(other)
                && match (world.real_path(own), world.real_path(other)) {
                    (Ok(own), Ok(other)) => own != other,
                    _ => false,
                }
        })
        .map(|(_, other)| other)
        .collect();
    paths.retain(|path| !of_the_other.contains(path));
}

/// A pkg-config first on PATH that is not the system's (Nix, Homebrew, conda) has its own folders built in: asked once
/// where they are, since the environment that it belongs to is the one the user builds in.
fn foreign(world: &mut World) -> Option<(PathBuf, Vec<String>)> {
    let program = world.find_program("pkg-config").or_else(|| world.find_program("pkgconf"))?;
    if ["/usr/bin", "/bin"].iter().any(|folder| program.parent() == Some(Path::new(folder))) {
        return None;
    }
    let run = Run {
        program: program.clone(),
        args: ["--variable=pc_path", "pkg-config"].map(Into::into).into(),
        ..Run::default()
    };
    let output = world.run(&run).ok().filter(|output| output.success)?;
    let text = String::from_utf8(output.stdout).ok()?;
    let separator = if cfg!(windows) { ';' } else { ':' };
    let paths: Vec<String> =
        text.trim().split(separator).filter(|path| !path.is_empty()).map(str::to_owned).collect();
    (!paths.is_empty()).then_some((program, paths))
}

/// Folders under which a library is the system's, as the crate has them.
fn system_roots(host: &str, world: &mut World) -> Vec<PathBuf> {
    if host.contains("apple") {
        return vec!["/Library".into(), "/System".into()];
    }
    let sysroot = world.env("PKG_CONFIG_SYSROOT_DIR").or_else(|| world.env("SYSROOT")).map(PathBuf::from);
    if host.contains("windows") {
        return sysroot.into_iter().collect();
    }
    vec![sysroot.unwrap_or_else(|| "/usr".into())]
}
