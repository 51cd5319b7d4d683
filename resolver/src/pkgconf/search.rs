//! Where `.pc` files are looked for, and which variables say so.

use super::personality::Personality;

/// Splits a list of paths as its host separates them; empty ones are dropped.
pub(super) fn split_paths(value: &str, windows: bool) -> Vec<String> {
    value
        .split(if windows { ';' } else { ':' })
        .filter(|path| !path.is_empty())
        .map(super::variables::single_slashes)
        .collect()
}

/// The names under which a variable is looked up for a target, most specific first, as the `pkg-config` crate does.
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

/// The value of a variable for a target, with the name that it was found under.
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

/// Debian's name for a target's folders: `x86_64-linux-gnu`.
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

/// Where `target`'s files are on a system that says nothing else: the folders that the distributions build into
/// their pkg-config. A folder that does not exist does no harm.
///
/// Where host and target differ, no folder is among them that may hold the host's libraries.
#[must_use]
pub fn default_paths(target: &str, host: &str) -> Personality {
    let mut search_paths = Vec::new();
    let mut library_paths = Vec::new();
    let mut pair = |lib: String| {
        search_paths.push(format!("{lib}/pkgconfig"));
        library_paths.push(lib);
    };
    let native = target == host;
    let wide = target.starts_with("x86_64") || target.contains("64");
    if target.contains("linux") || target.contains("hurd") {
        let multiarch = multiarch(target);
        for prefix in ["/usr/local", "/usr"] {
            if let Some(multiarch) = &multiarch {
                pair(format!("{prefix}/lib/{multiarch}"));
            }
            if native {
                if wide {
                    pair(format!("{prefix}/lib64"));
                }
                pair(format!("{prefix}/lib"));
            } else if let (Some(multiarch), "/usr") = (&multiarch, prefix) {
                // Cross toolchains of Debian, Fedora and Gentoo.
                pair(format!("{prefix}/{multiarch}/lib"));
                pair(format!("{prefix}/{multiarch}/usr/lib"));
            }
            // What has no code in it is for every target.
            search_paths_share(&mut pair, prefix);
        }
    } else if target.contains("apple") {
        if native {
            for prefix in ["/opt/homebrew", "/usr/local", "/opt/local", "/usr"] {
                pair(format!("{prefix}/lib"));
                search_paths_share(&mut pair, prefix);
            }
        }
    } else if target.contains("windows-gnu") {
        let arch = target.split('-').next().unwrap_or_default();
        pair(format!("/usr/{arch}-w64-mingw32/sys-root/mingw/lib"));
        pair(format!("/usr/{arch}-w64-mingw32/lib"));
        if native {
            for environment in ["ucrt64", "mingw64", "clang64"] {
                pair(format!("C:/msys64/{environment}/lib"));
            }
        }
    } else if native && !target.contains("windows") {
        // The BSDs, illumos, Haiku and others.
        for folder in [
            "/usr/local/libdata",
            "/usr/libdata",
            "/usr/local/lib",
            "/usr/X11R6/lib",
            "/usr/pkg/lib",
            "/usr/lib",
        ] {
            pair(folder.to_owned());
        }
        search_paths_share(&mut pair, "/usr/local");
        search_paths_share(&mut pair, "/usr");
    }
    library_paths.retain(|path| !path.ends_with("/share"));
    library_paths.extend(["/lib".to_owned(), "/lib64".to_owned()]);
    Personality {
        search_paths,
        library_paths,
        include_paths: vec!["/usr/include".to_owned()],
        ..Personality::default()
    }
}

fn search_paths_share(pair: &mut dyn FnMut(String), prefix: &str) {
    pair(format!("{prefix}/share"));
}

/// Folders where pkgconf keeps personality files, and the names that a target's may have there.
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

/// The folders of the target's own libraries, for plain search.
#[must_use]
pub fn system_library_paths(target: &str, host: &str) -> Vec<String> {
    default_paths(target, host).library_paths
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
