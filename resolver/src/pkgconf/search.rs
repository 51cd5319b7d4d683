//! The folders where `.pc` files are looked for, and the variables that set them.

use super::personality::Personality;

/// Splits a list of paths by the host's separator; empty ones are dropped.
pub(super) fn split_paths(value: &str, windows: bool) -> Vec<String> {
    value
        .split(if windows { ';' } else { ':' })
        .filter(|path| !path.is_empty())
        .map(super::variables::single_slashes)
        .collect()
}

/// Returns the names under which a variable is looked up for a target, most specific first, as in the `pkg-config`
/// crate.
#[must_use]
pub fn scoped_variable_names(name: &str, target: &str, host: &str) -> [String; 4] {
    let kind = if host == target { "HOST" } else { "TARGET" };
    [
        format!("{name}_{target}"),
        format!("{name}_{}", target.replace('-', "_")),
        format!("{kind}_{name}"),
        name.to_owned(),
    ]
}

/// Returns the value of a variable for a target, with the name that it was found under.
pub fn scoped_variable(
    variable: &mut dyn FnMut(&str) -> Option<String>,
    name: &str,
    target: &str,
    host: &str,
) -> Option<(String, String)> {
    scoped_variable_names(name, target, host)
        .into_iter()
        .find_map(|name| variable(&name).map(|value| (name, value)))
}

/// Returns Debian's name for a target's folders: `x86_64-linux-gnu`.
#[must_use]
pub fn multiarch(target: &str) -> Option<String> {
    let (arch, rest) = target.split_once('-')?;
    let (_, abi) = rest.split_once("linux-")?;
    let arch = match arch {
        "i586" | "i686" => "i386",
        "riscv64gc" | "riscv64a23" => "riscv64",
        arm if arm.starts_with("arm") || arm.starts_with("thumb") => "arm",
        other => other,
    };
    Some(format!("{arch}-linux-{abi}"))
}

/// Returns the paths of `target` on a system without other settings: the folders that the distributions build into
/// their pkg-config. A folder that does not exist is harmless.
///
/// If host and target differ, no folder is included that may hold the host's libraries.
#[must_use]
pub fn default_paths(target: &str, host: &str) -> Personality {
    Personality {
        search_paths: folders(target, host).into_iter().map(|folder| format!("{folder}/pkgconfig")).collect(),
        library_paths: filtered(target, host),
        include_paths: vec!["/usr/include".to_owned()],
        ..Personality::default()
    }
}

/// Returns the folders that a linker searches by default, so that `-L` need not name them: those of the target and,
/// if they differ, those of the host, which must never be used for the target.
fn filtered(target: &str, host: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for triple in [target, host] {
        let multiarch = multiarch(triple);
        for root in ["/lib", "/usr/lib"] {
            paths.extend(["", "64", "32", "x32"].map(|suffix| format!("{root}{suffix}")));
            paths.extend(multiarch.iter().map(|multiarch| format!("{root}/{multiarch}")));
            // Debian's compilers for one x86 architecture search the folders of the other ones.
            if multiarch
                .as_deref()
                .is_some_and(|multiarch| multiarch.starts_with("x86_64") || multiarch.starts_with("i386"))
            {
                paths.extend(
                    ["i386-linux-gnu", "x86_64-linux-gnu", "x86_64-linux-gnux32"]
                        .map(|other| format!("{root}/{other}")),
                );
            }
        }
    }
    paths.dedup();
    paths
}

/// Returns the folders of the target's libraries, for plain search.
#[must_use]
pub fn system_library_paths(target: &str, host: &str) -> Vec<String> {
    let mut paths: Vec<String> =
        folders(target, host).into_iter().filter(|path| !path.ends_with("/share")).collect();
    if target == host && !target.contains("windows") {
        paths.extend(["/lib".to_owned(), "/lib64".to_owned()]);
    }
    paths
}

/// Returns the folders that may hold a `pkgconfig` folder, in order.
fn folders(target: &str, host: &str) -> Vec<String> {
    let mut folders = Vec::new();
    let native = target == host;
    if target.contains("linux") || target.contains("hurd") {
        let multiarch = multiarch(target);
        for prefix in ["/usr/local", "/usr"] {
            folders.extend(multiarch.iter().map(|multiarch| format!("{prefix}/lib/{multiarch}")));
            if native {
                if target.contains("64") || target.starts_with("s390x") {
                    folders.push(format!("{prefix}/lib64"));
                }
                folders.push(format!("{prefix}/lib"));
            } else if let (Some(multiarch), "/usr") = (&multiarch, prefix) {
                // These are the cross toolchains of Debian, Fedora and Gentoo.
                folders.push(format!("{prefix}/{multiarch}/lib"));
                folders.push(format!("{prefix}/{multiarch}/usr/lib"));
            }
            // Modules without code are for every target.
            folders.push(format!("{prefix}/share"));
        }
    } else if target.contains("apple") {
        if native {
            for prefix in ["/opt/homebrew", "/usr/local", "/opt/local", "/usr"] {
                folders.extend([format!("{prefix}/lib"), format!("{prefix}/share")]);
            }
        }
    } else if target.contains("windows-gnu") {
        let arch = target.split('-').next().unwrap_or_default();
        folders.push(format!("/usr/{arch}-w64-mingw32/sys-root/mingw/lib"));
        folders.push(format!("/usr/{arch}-w64-mingw32/lib"));
        if native {
            folders.extend(["ucrt64", "mingw64", "clang64"].map(|name| format!("C:/msys64/{name}/lib")));
        }
    } else if native && !target.contains("windows") {
        // The BSDs, illumos, Haiku and others.
        let known = [
            "/usr/local/libdata",
            "/usr/libdata",
            "/usr/local/lib",
            "/usr/X11R6/lib",
            "/usr/pkg/lib",
            "/usr/lib",
        ];
        folders.extend(known.map(str::to_owned));
        folders.extend(["/usr/local/share".to_owned(), "/usr/share".to_owned()]);
    }
    folders
}

/// Returns the paths where pkgconf looks for a target's personality file.
#[must_use]
pub fn personality_files(target: &str) -> Vec<String> {
    let names: Vec<String> = multiarch(target).into_iter().chain([target.to_owned()]).collect();
    [
        "/usr/local/share/pkgconfig/personality.d",
        "/usr/share/pkgconfig/personality.d",
        "/etc/pkgconfig/personality.d",
    ]
    .iter()
    .flat_map(|folder| names.iter().map(move |name| format!("{folder}/{name}.personality")))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiarch_names() {
        for (target, expected) in [
            ("x86_64-unknown-linux-gnu", Some("x86_64-linux-gnu")),
            ("i686-unknown-linux-gnu", Some("i386-linux-gnu")),
            ("armv7-unknown-linux-gnueabihf", Some("arm-linux-gnueabihf")),
            ("riscv64gc-unknown-linux-gnu", Some("riscv64-linux-gnu")),
            ("powerpc64le-unknown-linux-gnu", Some("powerpc64le-linux-gnu")),
            ("x86_64-unknown-linux-musl", Some("x86_64-linux-musl")),
            ("x86_64-pc-windows-msvc", None),
            ("aarch64-apple-darwin", None),
        ] {
            assert_eq!(multiarch(target).as_deref(), expected, "{target}");
        }
    }

    #[test]
    fn a_foreign_target_sees_no_folder_of_the_host() {
        let cross = default_paths("aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu").search_paths;
        assert!(cross.contains(&"/usr/lib/aarch64-linux-gnu/pkgconfig".to_owned()));
        assert!(!cross.contains(&"/usr/lib/pkgconfig".to_owned()));
        assert!(!cross.iter().any(|path| path.contains("x86_64")));
    }
}
