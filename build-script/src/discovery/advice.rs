//! What to type where a library is missing: the command of the system's package manager, as `cargo inert` says it.
//! `inert-resolver` knows every module of Debian's index; here is a small table of the modules that crates ask for.

/// Module, then the package that holds it on Debian, Arch, Homebrew, nixpkgs and vcpkg; `-` where no index confirms one.
/// The other package managers know modules themselves.
pub(crate) const PACKAGES: &str = include_str!("packages.tsv");

/// The systems that `os-release` names by `ID` or `ID_LIKE`, by their families' names.
const BY_ID: &[(&str, &str)] = &[
    ("debian", "debian"),
    ("ubuntu", "debian"),
    ("fedora", "fedora"),
    ("rhel", "fedora"),
    ("centos", "fedora"),
    ("amzn", "fedora"),
    ("azurelinux", "fedora"),
    ("mariner", "fedora"),
    ("mageia", "fedora"),
    ("suse", "suse"),
    ("opensuse", "suse"),
    ("sles", "suse"),
    ("alpine", "alpine"),
    ("wolfi", "alpine"),
    ("chainguard", "alpine"),
    ("arch", "arch"),
    ("manjaro", "arch"),
    ("nixos", "nix"),
];

/// Returns the family of systems that the text of `os-release` names; empty if it is unknown.
pub(crate) fn of_os_release(text: &str) -> &'static str {
    for key in &["ID=", "ID_LIKE="] {
        for line in text.lines() {
            if let Some(value) = line.strip_prefix(*key) {
                let value = value.trim().to_ascii_lowercase();
                for id in value.split(|c: char| c.is_whitespace() || c == '"' || c == '\'') {
                    for (known, family) in BY_ID {
                        match id.strip_prefix(known) {
                            Some(rest) if rest.is_empty() || rest.starts_with('-') => return family,
                            _ => {}
                        }
                    }
                }
                break;
            }
        }
    }
    ""
}

/// Returns the package of a column of the table.
fn package(module: &str, column: usize) -> Option<&'static str> {
    for line in PACKAGES.lines() {
        if let Some(rest) = line.strip_prefix(module).and_then(|rest| rest.strip_prefix('\t')) {
            return rest.split('\t').nth(column).filter(|name| *name != "-");
        }
    }
    None
}

/// Returns Homebrew's name of a module's package.
pub(crate) fn formula(module: &str) -> Option<&'static str> {
    package(module, 2)
}

/// Returns the command that installs what holds a module, or finds it; `None` for an unknown system.
pub(crate) fn install(family: &str, module: &str) -> Option<String> {
    let known = |column: usize, command: &str, search: &str| match package(module, column) {
        Some(name) => command.to_owned() + name,
        None => search.replace("M", module),
    };
    Some(match family {
        "debian" => {
            known(0, "apt install ", "apt-file search M.pc, and apt install the package that it names")
        }
        "fedora" => format!("dnf install 'pkgconfig({})'", module),
        "suse" => format!("zypper install 'pkgconfig({})'", module),
        "alpine" => format!("apk add pc:{}", module),
        "arch" => known(1, "pacman -S ", "pacman -F M.pc, and pacman -S the package that it names"),
        "homebrew" => known(2, "brew install ", "brew search M"),
        "nix" => known(
            3,
            "nix-shell -p pkg-config ",
            "nix-locate M.pc, and add the package that it names to buildInputs",
        ),
        "vcpkg" => known(4, "vcpkg install ", "vcpkg search M"),
        _ => return None,
    })
}

/// Returns the command that installs what holds a module for another target, where the system has such packages.
pub(crate) fn cross_install(family: &str, module: &str, target: &str) -> Option<String> {
    if family == "fedora" && target.contains("windows-gnu") {
        let bits = if target.starts_with("x86_64") { "64" } else { "32" };
        return Some(format!("dnf install 'mingw{}({})'", bits, module));
    }
    if family != "debian" || !target.contains("-linux-gnu") {
        return None;
    }
    let arch = match (target.split('-').next().unwrap_or_default(), target.ends_with("hf")) {
        ("x86_64", _) => "amd64",
        ("i586", _) | ("i686", _) => "i386",
        ("aarch64", _) => "arm64",
        ("powerpc64le", _) => "ppc64el",
        ("riscv64gc", _) => "riscv64",
        ("s390x", _) => "s390x",
        ("armv7", true) | ("arm", true) | ("thumbv7neon", true) => "armhf",
        _ => return None,
    };
    let name = package(module, 0)?;
    Some(format!("dpkg --add-architecture {} && apt update && apt install {}:{}", arch, name, arch))
}

/// Returns how to find the package that holds a file.
pub(crate) fn find_file(family: &str, file: &str) -> Option<String> {
    let (search, install) = match family {
        "debian" => ("apt-file search F", "apt install"),
        "fedora" => ("dnf provides '*/F'", "dnf install"),
        "suse" => ("zypper search --provides --file-list '*/F'", "zypper install"),
        "arch" => ("pacman -F F", "pacman -S"),
        "nix" => {
            return Some(format!("nix-locate {}, and add the package that it names to buildInputs", file));
        }
        _ => return None,
    };
    let search = match search.rsplit_once('F') {
        Some((before, after)) => before.to_owned() + file + after,
        None => search.to_owned(),
    };
    Some(format!("{}, and {} the package that it names", search, install))
}

/// Returns the command that installs `pkg-config` itself.
pub(crate) fn install_pkg_config(family: &str) -> &'static str {
    match family {
        "debian" => "apt install pkg-config",
        "fedora" => "dnf install pkgconf-pkg-config",
        "suse" => "zypper install pkg-config",
        "alpine" => "apk add pkgconf",
        "arch" => "pacman -S pkgconf",
        "homebrew" => "brew install pkgconf",
        "nix" => "nix-shell -p pkg-config",
        "vcpkg" => "vcpkg install pkgconf",
        _ => "install the package pkg-config or pkgconf",
    }
}

/// Returns whether a name can be typed into a shell as it is. A `.pc` file may require any text.
pub(crate) fn is_typeable(module: &str) -> bool {
    !module.starts_with('-') && module.chars().all(|c| c.is_ascii_alphanumeric() || "._+-/".contains(c))
}

/// Returns the module that a found one requires and lacks, as `pkg-config` says it.
pub(crate) fn required(said: &str) -> Option<&str> {
    for line in said.lines() {
        // `virtual:world` is what was asked for itself.
        match line.split_once("', required by '") {
            Some((before, by)) if !by.starts_with("virtual:") => {
                return before.rsplit('\'').next().filter(|module| !module.is_empty());
            }
            _ => {}
        }
    }
    None
}

/// Returns the version of a module that is there and not as requested, as `pkg-config` and `pkgconf` say it.
pub(crate) fn has(said: &str) -> Option<&str> {
    for line in said.lines() {
        if let Some((_, rest)) = line.split_once(" has version '") {
            return rest.split('\'').next();
        }
        if let Some((_, rest)) = line.split_once(" but version of ") {
            return rest.split_once(" is ").map(|(_, version)| version.trim());
        }
    }
    None
}
