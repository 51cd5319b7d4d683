//! The configuration with which pkg-config is asked for a target: the `pkg-config` crate's variables, scoped by
//! target, and the target's own folders if no variable is set.

use std::path::{Path, PathBuf};

use crate::discovery::flags::is_absolute;
use crate::discovery::{KindReason, Query};
use crate::pkgconf::{
    Config, Personality, default_paths, multiarch, personality_files, scoped_variable_names,
};
use crate::world::{Run, World};

/// The configuration for one module.
pub(in crate::discovery) struct Setting {
    /// The user's `PKG_CONFIG`; if absent, the files are read in process.
    pub(super) program: Option<PathBuf>,
    /// The configuration for reading in process.
    pub(super) config: Config,
    /// The reason for static linking, if it is requested.
    pub(in crate::discovery) wants_static: Option<KindReason>,
    /// The folders whose libraries all belong to the system.
    pub(in crate::discovery) system_roots: Vec<PathBuf>,
    /// The source of the search path, for messages.
    pub(super) how: String,
    /// The searched folders that belong to the host although the target is another.
    pub(super) hosts: Vec<PathBuf>,
    /// The folders that are not searched because their paths are relative.
    pub(super) relative: Vec<PathBuf>,
}

/// The variables that the crate passes to the program after resolving their target scope.
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
            // In the folder that the user names, files are read in process, since a program does not say where it
            // read them.
            _ if query.prefix.is_some() || !query.pc_folders.is_empty() => None,
            None => None,
            Some((name, program)) => Some(world.find_program(&program).ok_or_else(|| {
                format!("{name} is {program:?}, which is no program on PATH and no absolute path of one")
            })?),
        };
        // A variable without the target's name may be meant for the host: it counts for a foreign target only if
        // the user says that the environment is one for cross compilation.
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
            // The libraries that this one requires may still come from the system.
            config.search_paths.splice(0..0, folders_of(prefix, target));
        }
        config.search_paths.splice(0..0, query.pc_folders.iter().cloned());
        // A relative folder depends on the process that reads it: to the driver it is in the tree that is built, to
        // a stand-in in a package of that tree.
        let is_relative = |path: &PathBuf| !is_absolute(&path.to_string_lossy());
        let relative: Vec<PathBuf> =
            config.search_paths.iter().filter(|path| is_relative(path)).cloned().collect();
        config.search_paths.retain(|path| !is_relative(path));
        config.is_static |= wants_static.is_some();
        config.keeps_pairs = words == super::Words::InRegions;
        // If the variable is set, only its folders and those of PKG_CONFIG_PATH are searched.
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

    /// Returns the note about relative folders that are not searched.
    pub(super) fn said_of(relative: &[PathBuf]) -> String {
        let folders: Vec<_> = relative.iter().map(|path| path.display().to_string()).collect();
        format!("passed over, since the path is relative: {}", folders.join(", "))
    }

    /// Returns the searched folders, for messages.
    pub(super) fn searched(&self) -> String {
        let folders: Vec<_> =
            self.config.search_paths.iter().map(|path| path.display().to_string()).collect();
        folders.join(", ")
    }
}

/// Returns the folders of `.pc` files under a prefix.
fn folders_of(prefix: &Path, target: &str) -> Vec<PathBuf> {
    let multiarch = multiarch(target).map(|name| format!("lib/{name}"));
    let names = multiarch.into_iter().chain(["lib64", "lib", "share"].map(str::to_owned));
    names.map(|name| prefix.join(name).join("pkgconfig")).collect()
}

/// Returns the value of a scoped variable, with the name that it was found under.
pub(super) fn scoped(query: &Query<'_>, name: &str, world: &mut World) -> Option<(String, String)> {
    scoped_variable_names(name, &query.request.target.triple, &query.request.host)
        .into_iter()
        .find_map(|name| world.env_text(&name).map(|value| (name, value)))
}

/// Returns the target's defaults: a cross personality, the sysroot's folders, those of another pkg-config, or the
/// system's.
///
/// For a foreign target the host's folders come last, and only if the user's variables allow them as in the crate;
/// a warning names a library that is found there.
fn personality(query: &Query<'_>, cross: bool, allowed: bool, world: &mut World) -> Defaults {
    let (target, host) = (query.request.target.triple.as_str(), query.request.host.as_str());
    if !cross {
        let (personality, how) = native(target, world);
        return Defaults { personality, how, hosts: Vec::new() };
    }
    let sysroot = scoped(query, "PKG_CONFIG_SYSROOT_DIR", world).filter(|(_, sysroot)| !sysroot.is_empty());
    // The sysroot that the user sets has priority over this machine's files about the target, whose folders lie
    // outside it.
    let files = if sysroot.is_some() { Vec::new() } else { personality_files(target) };
    for file in files {
        if let Ok(bytes) = world.read(Path::new(&file)) {
            let how = format!("from {file}");
            return Defaults { personality: Personality::parse(&bytes), how, hosts: Vec::new() };
        }
    }
    let (mut personality, mut how) = match sysroot {
        Some((name, sysroot)) => {
            // Inside the sysroot, the folders are those of a native target.
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

/// Default folders, their source, and those among them that belong to the host although the target is another.
struct Defaults {
    personality: Personality,
    how: String,
    hosts: Vec<PathBuf>,
}

/// Returns the folders of the machine itself.
fn native(host: &str, world: &mut World) -> (Personality, String) {
    let mut personality = default_paths(host, host);
    if let Some((program, paths)) = foreign(world) {
        personality.search_paths = paths;
        return (personality, format!("as {} says", program.display()));
    }
    without_other_word_size(&mut personality.search_paths, world);
    (personality, "PKG_CONFIG_PATH, and the system's folders".to_owned())
}

/// Removes the folders of 32-bit libraries. If a distribution keeps 64-bit libraries in `lib64` (Fedora,
/// openSUSE), `lib` holds the 32-bit ones, and its own pkg-config does not search there. Elsewhere one is a link to
/// the other, or only `lib` exists.
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

/// Returns the first pkg-config on PATH and its folders, if it is not the system's (Nix, Homebrew, conda): such a
/// program has folders of its own built in, and the user builds in the environment that it belongs to.
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

/// Returns the folders under which a library belongs to the system, as the crate defines them.
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
