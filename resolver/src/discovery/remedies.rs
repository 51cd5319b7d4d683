//! The things to type if a library is missing: the command of the system that the build runs on, with the package's
//! name there, then advice for every system.

mod system;

use std::path::{Path, PathBuf};

use inert_manifest_spec::rules::names;

use super::outcome::MissingModule;
use super::prefix::folder_of_all;
use super::{EnvRole, Query};
use crate::pkgconf::{default_paths, multiarch, scoped_variable_names};
use crate::world::World;

pub use system::System;

/// The pkg-config modules by Debian package, from the distribution's index (`remedies/generate-debian.sh`).
const DEBIAN: &str = include_str!("remedies/debian.tsv");

/// The names of packages on systems whose package managers do not know modules, as far as an index confirms them
/// (`remedies/generate-others.py`).
const OTHERS: &str = include_str!("remedies/others.tsv");

/// Returns commands that would install the library, one a line, best first. `missing` are the modules that were not
/// found, or not as requested, if they are not the library's own (but required by it).
pub(crate) fn remedies(query: &Query<'_>, missing: &[MissingModule], world: &mut World) -> Vec<String> {
    let mut lines = Vec::new();
    let has = missing.iter().find_map(|lacking| lacking.has.clone()).filter(|version| !version.is_empty());
    let broken = missing.iter().find_map(|lacking| lacking.broken.clone());
    // A requirement in a `.pc` file may be any text, but the user types these names into a shell.
    let typeable = |module: &&String| names::is_pkg_config_module(module);
    let missing: Vec<String> =
        missing.iter().map(|lacking| &lacking.module).filter(typeable).cloned().collect();
    let system = System::detect(&query.request.host, world);
    let own: Vec<String> = query.modules.iter().take(1).filter(typeable).cloned().collect();
    let modules = if missing.is_empty() { &own } else { &missing };
    let cross = query.request.target.triple != query.request.host;
    // The library exists, and a variable hides it: nothing has to be installed.
    if has.is_none() && broken.is_none() {
        let lines = hidden(query, modules, world);
        if !lines.is_empty() {
            return lines;
        }
    }
    if has.is_none() && broken.is_none() {
        lines.extend(without_a_file(query, world));
    }
    let told = lines.len();
    if cross {
        lines.extend(cross_install(system, modules, &query.request.target.triple));
    } else if told == 0 || system != Some(System::Debian) || debian(modules).is_some() {
        // A search for a `.pc` file finds nothing where the distribution ships the library without one.
        lines.extend(install(system, modules));
    }
    if system == Some(System::Vcpkg) {
        lines.truncate(told);
        lines.extend(vcpkg(query, modules, world));
    }
    if modules.is_empty() && query.ports.is_empty() && !cross {
        lines.extend(file_of(query).and_then(|file| find_file(system, &file)));
    }
    if lines.len() == told && cross {
        lines.extend(elsewhere(query, world));
    }
    if lines.len() == told && told == 0 && !modules.is_empty() && !cross {
        lines.push(format!("install the package that holds {}.pc", modules[0]));
    }
    if let Some(has) = has {
        for line in lines.iter_mut().skip(told) {
            line.push_str(&format!(", if it brings another version than {has}"));
        }
    } else if let Some(path) = broken {
        for line in lines.iter_mut().skip(told) {
            line.push_str(&format!(", anew: {} cannot be used", path.display()));
        }
    }
    lines.extend(beside(query, system, modules, world));
    if let Some(module) = query.modules.first() {
        let variable = if cross {
            format!("PKG_CONFIG_PATH_{}", query.request.target.triple.replace('-', "_"))
        } else {
            "PKG_CONFIG_PATH".to_owned()
        };
        lines.push(format!("if it is installed elsewhere: {variable}=<the folder of {module}.pc>"));
    }
    if modules.is_empty() {
        let name = key(query.name);
        lines.push(format!(
            "if it is installed elsewhere: `{name} = \"<folder>\"` under [library-prefix] in inert.toml"
        ));
    }
    if let Some(variable) = query.variables(EnvRole::Dir).last().or(query.variables(EnvRole::LibDir).last()) {
        lines.push(format!("or name its folder: {variable}=<folder>"));
    }
    if query.library.fallback.is_some() {
        lines.push(from_source(query.name));
    }
    lines
}

/// Returns a name as a key of TOML: with quotation marks unless all its characters may stand bare.
pub(super) fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.chars().all(bare) { name.to_owned() } else { format!("\"{name}\"") }
}

/// Returns the line of inert.toml for a library that exists without a `.pc` file, as bzip2's on Debian.
fn without_a_file(query: &Query<'_>, world: &mut World) -> Option<String> {
    let asks_version = !query.version.comparisons.is_empty() && query.library.version_macro.is_none();
    let native = query.request.target.triple == query.request.host && !query.host_is_windows();
    if query.modules.is_empty() || query.prefix.is_some() || asks_version || !native {
        return None;
    }
    let (prefix, folder) = ["/usr/local", "/usr"]
        .iter()
        .find_map(|prefix| folder_of_all(query, Path::new(prefix), world).map(|folder| (*prefix, folder)))?;
    Some(format!(
        "`{} = \"{prefix}\"` under [library-prefix] in inert.toml takes {} of {}, which is there without a {}.pc",
        key(query.name),
        query.files.join(" and "),
        folder.display(),
        query.modules[0]
    ))
}

/// Returns the modules that are in the target's own folders, and the variables that hide them; empty if a module is
/// not there, or no such variable is set.
fn hidden(query: &Query<'_>, modules: &[String], world: &mut World) -> Vec<String> {
    let (target, host) = (query.request.target.triple.as_str(), query.request.host.as_str());
    let folders: Vec<PathBuf> =
        default_paths(target, host).search_paths.into_iter().map(PathBuf::from).collect();
    let mut there = Vec::new();
    for module in modules {
        let mut files = folders.iter().map(|folder| folder.join(format!("{module}.pc")));
        match files.find(|path| world.is_file(path)) {
            Some(path) => there.push(path.display().to_string()),
            None => return Vec::new(),
        }
    }
    if there.is_empty() {
        return Vec::new();
    }
    let mut names = query.variables(EnvRole::NoPkgConfig);
    for module in query.modules.iter().chain(modules) {
        names.push(format!("{}_NO_PKG_CONFIG", module.to_ascii_uppercase().replace('-', "_")));
    }
    for name in ["PKG_CONFIG", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR"] {
        names.extend(scoped_variable_names(name, target, host));
    }
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        let line = format!("unset {name}: {} is on this system, and not seen for it", there.join(", "));
        if world.env(&name).is_some() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// Returns advice for a target whose libraries this system's package manager lacks, or has under an unknown name:
/// vcpkg if the library has a port, and a sysroot.
fn elsewhere(query: &Query<'_>, world: &mut World) -> Vec<String> {
    let target = &query.request.target.triple;
    let mut lines = Vec::new();
    if let (Some(port), Some(triplet)) = (query.ports.first(), super::vcpkg::triplet(query.request, world)) {
        lines.push(format!("vcpkg install {port}:{triplet}"));
        if !["VCPKG_ROOT", "VCPKG_INSTALLED_ROOT"].iter().any(|name| world.env(name).is_some()) {
            lines.push("and VCPKG_ROOT=<the folder of vcpkg>, so that its tree is found".to_owned());
        }
    }
    lines.push(format!(
        "install it into a sysroot of {target}, and name that: PKG_CONFIG_SYSROOT_DIR_{}=<its folder>",
        target.replace('-', "_")
    ));
    lines
}

/// Returns further advice for a package manager, besides its command.
fn beside(query: &Query<'_>, system: Option<System>, modules: &[String], world: &mut World) -> Vec<String> {
    let mut lines = Vec::new();
    if query.request.target.triple != query.request.host {
        return lines;
    }
    if system == Some(System::Homebrew) {
        let known = ["/opt/homebrew/bin/brew", "/usr/local/bin/brew"];
        if world.find_program("brew").is_none() && !known.iter().any(|path| world.is_file(Path::new(path))) {
            lines.push("brew is not on this machine: Homebrew itself has to be installed first".to_owned());
        }
        // Homebrew does not link a formula into its folders if macOS has the library itself.
        if let Some(formula) = modules.first().and_then(|module| other(module, 2)) {
            lines.push(format!(
                "where brew keeps it apart (keg-only): PKG_CONFIG_PATH=\"$(brew --prefix {formula})/lib/pkgconfig\""
            ));
        }
    }
    if query.request.host.contains("windows-gnu")
        && world.env("MSYSTEM").is_some()
        && let Some(module) = modules.first()
    {
        lines.push(format!("or, of MSYS2: pacman -F {module}.pc, and pacman -S the package that it names"));
    }
    lines
}

/// Returns a file that every package of the library has, by its name on Linux: its header, else the file that is
/// linked.
fn file_of(query: &Query<'_>) -> Option<String> {
    let lib = || query.libs.first().map(|lib| format!("lib{lib}.so"));
    query.library.header.clone().or_else(lib)
}

/// Returns how to find the package that holds a file, if no module gives its name.
#[must_use]
pub fn find_file(system: Option<System>, file: &str) -> Option<String> {
    // Text of a declaration must not change the meaning of a command line.
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/+-".contains(c);
    if file.starts_with('-') || !file.chars().all(plain) {
        return None;
    }
    let then = |search: String, install: &str| format!("{search}, and {install} the package that it names");
    Some(match system? {
        System::Debian => then(format!("apt-file search {file}"), "apt install"),
        System::Fedora => then(format!("dnf provides '*/{file}'"), "dnf install"),
        System::Suse => then(format!("zypper search --provides --file-list '*/{file}'"), "zypper install"),
        System::Arch => then(format!("pacman -F {file}"), "pacman -S"),
        System::Nix => format!("nix-locate {file}, and add the package that it names to buildInputs"),
        // These do not list the files of packages that are not installed.
        System::Alpine | System::Homebrew | System::Vcpkg => return None,
    })
}

/// Returns the line with which the user lets a library be built from source.
#[must_use]
pub fn from_source(name: &str) -> String {
    format!("or let it be built from source: `{name} = \"source-first\"` under [libraries] in inert.toml")
}

/// Returns vcpkg's command with the triplet that is searched: by default vcpkg installs another, which would not be
/// found.
fn vcpkg(query: &Query<'_>, modules: &[String], world: &mut World) -> Vec<String> {
    let known = modules.iter().map(|module| other(module, 4)).collect::<Option<Vec<_>>>();
    let ports = match (query.ports.first(), known) {
        (Some(port), _) => vec![port.as_str()],
        (None, Some(ports)) if !ports.is_empty() => ports,
        _ => return install(Some(System::Vcpkg), modules).into_iter().collect(),
    };
    let triplet = super::vcpkg::triplet(query.request, world).map(|name| format!(":{name}"));
    let ports: Vec<String> =
        ports.iter().map(|port| format!("{port}{}", triplet.as_deref().unwrap_or_default())).collect();
    let mut lines = vec![format!("vcpkg install {}", ports.join(" "))];
    if !query.ports.is_empty()
        && !["VCPKG_ROOT", "VCPKG_INSTALLED_ROOT"].iter().any(|name| world.env(name).is_some())
    {
        lines.push("and VCPKG_ROOT=<the folder of vcpkg>, so that its tree is found".to_owned());
    }
    lines
}

/// Returns the command that installs the packages of the modules.
#[must_use]
pub fn install(system: Option<System>, modules: &[String]) -> Option<String> {
    if modules.is_empty() {
        return None;
    }
    let system = system?;
    let quoted = |form: &dyn Fn(&str) -> String| {
        modules.iter().map(|module| form(module)).collect::<Vec<_>>().join(" ")
    };
    let known = |column: usize| -> Option<String> {
        let mut names: Vec<&str> =
            modules.iter().map(|module| other(module, column)).collect::<Option<_>>()?;
        names.sort_unstable();
        names.dedup();
        Some(names.join(" "))
    };
    Some(match system {
        System::Debian => match debian(modules) {
            Some(packages) => format!("apt install {packages}"),
            None => format!("apt-file search {}.pc, and apt install the package that it names", modules[0]),
        },
        System::Fedora => format!("dnf install {}", quoted(&|module| format!("'pkgconfig({module})'"))),
        System::Suse => format!("zypper install {}", quoted(&|module| format!("'pkgconfig({module})'"))),
        System::Alpine => format!("apk add {}", quoted(&|module| format!("pc:{module}"))),
        System::Arch => match known(1) {
            Some(packages) => format!("pacman -S {packages}"),
            None => format!("pacman -F {}.pc, and pacman -S the package that it names", modules[0]),
        },
        System::Homebrew => match known(2) {
            Some(packages) => format!("brew install {packages}"),
            None => format!("brew search {}", modules[0]),
        },
        System::Nix => match known(3) {
            Some(packages) => format!("nix-shell -p pkg-config {packages}"),
            None => format!("nix-locate {}.pc, and add the package that it names to buildInputs", modules[0]),
        },
        System::Vcpkg => match known(4) {
            Some(ports) => format!("vcpkg install {ports}"),
            None => format!("vcpkg search {}", modules[0]),
        },
    })
}

/// Returns the command that installs the packages of the modules for a target other than the host. Debian's packages name
/// their architecture, and can be installed beside the host's; the packages of other systems are those of a machine, or a
/// sysroot, of the target.
#[must_use]
pub fn install_foreign(system: System, modules: &[String], target: &str) -> Option<String> {
    match (system, debian(modules), debian_architecture(target)) {
        (System::Debian, Some(packages), Some(arch)) => {
            let packages: Vec<_> = packages.split(' ').map(|package| format!("{package}:{arch}")).collect();
            Some(format!("apt install {}", packages.join(" ")))
        }
        _ => install(Some(system), modules),
    }
}

/// Returns the package of a system that holds a pkg-config module, as far as an index confirms it; on systems whose
/// package managers know modules, there is no such index.
#[must_use]
pub fn package_of(system: System, module: &str) -> Option<String> {
    let column = match system {
        System::Debian => return debian(&[module.to_owned()]),
        System::Arch => 1,
        System::Homebrew => 2,
        System::Nix => 3,
        System::Vcpkg => 4,
        System::Fedora | System::Suse | System::Alpine => return None,
    };
    other(module, column).map(str::to_owned)
}

/// Joins the commands that install something into one for each installer. Other commands are left out.
#[must_use]
pub fn together<'a>(commands: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut joined: Vec<(&str, Vec<&str>)> = Vec::new();
    for command in commands {
        // A command that is followed by others, or by advice, is not joined.
        let Some(installer) = INSTALLERS.iter().copied().find(|installer| command.starts_with(installer))
        else {
            continue;
        };
        if command.contains([',', '&']) {
            continue;
        }
        let at = joined.iter().position(|(known, _)| *known == installer).unwrap_or_else(|| {
            joined.push((installer, Vec::new()));
            joined.len() - 1
        });
        for package in command[installer.len()..].split(' ') {
            if !joined[at].1.contains(&package) {
                joined[at].1.push(package);
            }
        }
    }
    joined.into_iter().map(|(installer, packages)| format!("{installer}{}", packages.join(" "))).collect()
}

/// The beginnings of commands that install packages.
const INSTALLERS: &[&str] = &[
    "apt install ",
    "dnf install ",
    "zypper install ",
    "apk add ",
    "pacman -S ",
    "brew install ",
    "nix-shell -p pkg-config ",
    "vcpkg install ",
];

/// As `install`, for the libraries of another target, if the system has them.
fn cross_install(system: Option<System>, modules: &[String], target: &str) -> Option<String> {
    match system? {
        System::Debian => {
            let arch = debian_architecture(target)?;
            let _ = debian(modules)?;
            let command = install_foreign(System::Debian, modules, target)?;
            Some(format!("dpkg --add-architecture {arch} && apt update && {command}"))
        }
        System::Fedora if target.contains("windows-gnu") => {
            let bits = if target.starts_with("x86_64") { "64" } else { "32" };
            let names: Vec<_> = modules.iter().map(|module| format!("'mingw{bits}({module})'")).collect();
            Some(format!("dnf install {}", names.join(" ")))
        }
        _ => None,
    }
}

/// Returns Debian's packages for the modules, if all are known.
#[must_use]
pub fn debian(modules: &[String]) -> Option<String> {
    let mut packages: Vec<&str> = modules
        .iter()
        .map(|wanted| {
            rows(DEBIAN)
                .find(|columns| columns[1].split(' ').any(|module| module == wanted))
                .map(|columns| columns[0])
        })
        .collect::<Option<_>>()?;
    packages.sort_unstable();
    packages.dedup();
    Some(packages.join(" "))
}

fn other(module: &str, column: usize) -> Option<&'static str> {
    let row = rows(OTHERS).find(|columns| columns[0] == module)?;
    row.get(column).copied().filter(|name| *name != "-")
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// Returns Debian's name of a target's architecture.
fn debian_architecture(target: &str) -> Option<&'static str> {
    Some(match multiarch(target)?.as_str() {
        "x86_64-linux-gnu" => "amd64",
        "i386-linux-gnu" => "i386",
        "aarch64-linux-gnu" => "arm64",
        "arm-linux-gnueabihf" => "armhf",
        "arm-linux-gnueabi" => "armel",
        "powerpc64le-linux-gnu" => "ppc64el",
        "riscv64-linux-gnu" => "riscv64",
        "s390x-linux-gnu" => "s390x",
        "mips64el-linux-gnuabi64" => "mips64el",
        "loongarch64-linux-gnu" => "loong64",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands() {
        let modules = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let zlib = modules(&["zlib"]);
        for (system, expected) in [
            (System::Debian, "apt install zlib1g-dev"),
            (System::Fedora, "dnf install 'pkgconfig(zlib)'"),
            (System::Suse, "zypper install 'pkgconfig(zlib)'"),
            (System::Alpine, "apk add pc:zlib"),
            (System::Arch, "pacman -S zlib"),
            (System::Homebrew, "brew install zlib"),
            (System::Nix, "nix-shell -p pkg-config zlib"),
            (System::Vcpkg, "vcpkg install zlib"),
        ] {
            assert_eq!(install(Some(system), &zlib).as_deref(), Some(expected));
        }
        let gtk = modules(&["gtk4", "pango", "gdk-pixbuf-2.0"]);
        assert_eq!(debian(&gtk).as_deref(), Some("libgdk-pixbuf-2.0-dev libgtk-4-dev libpango1.0-dev"));
        assert!(install(Some(System::Debian), &modules(&["no-such"])).unwrap().contains("apt-file"));
        assert_eq!(
            cross_install(Some(System::Debian), &zlib, "aarch64-unknown-linux-gnu").unwrap(),
            "dpkg --add-architecture arm64 && apt update && apt install zlib1g-dev:arm64"
        );
    }

    /// Tests, for the os-release of each distribution, the command that installs zlib.
    #[test]
    fn systems() {
        for row in include_str!("remedies/systems.tsv").lines().filter(|line| !line.starts_with('#')) {
            let [name, id, like, command] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
            let like = if like == "-" { String::new() } else { format!("ID_LIKE=\"{like}\"\n") };
            let text = format!("NAME=\"{name}\"\nID={id}\n{like}");
            let told = install(System::of_os_release(&text), &["zlib".to_owned()]);
            assert_eq!(told.as_deref().unwrap_or("-"), command, "{name}");
        }
    }

    #[test]
    fn files() {
        for (system, expected) in [
            (System::Debian, "apt-file search x/y.h, and apt install the package that it names"),
            (System::Fedora, "dnf provides '*/x/y.h', and dnf install the package that it names"),
            (System::Arch, "pacman -F x/y.h, and pacman -S the package that it names"),
        ] {
            assert_eq!(find_file(Some(system), "x/y.h").as_deref(), Some(expected));
        }
        for odd in ["x'; y", "-o", "a b", "$(x)", "\u{1b}[2J"] {
            assert_eq!(find_file(Some(System::Debian), odd), None, "{odd}");
        }
    }

    #[test]
    fn many_at_once() {
        let commands = [
            "apt install a b",
            "or name its folder: X=<folder>",
            "apt install b c",
            "pacman -F x.pc, and pacman -S it",
        ];
        assert_eq!(together(commands), ["apt install a b c"]);
    }

    #[test]
    fn tables_are_well_formed() {
        assert!(rows(DEBIAN).all(|columns| columns.len() == 2));
        assert!(rows(OTHERS).all(|columns| columns.len() == 5));
    }
}
