//! `Build-Depends` for `debian/control` (Debian Policy, chapter 7).

use super::{Exported, comment};

pub(super) fn text(exported: &Exported) -> String {
    let mut packages = vec!["cargo".to_owned(), "rustc".to_owned()];
    let mut unknown = String::new();
    if exported.libraries.iter().any(|library| library.is_module) {
        packages.push("pkgconf".to_owned());
    }
    for library in &exported.libraries {
        match &library.debian {
            // A library that only the build itself uses is installed for the machine that builds.
            Some(names) => packages.extend(names.split(' ').map(|name| match library.is_for_host {
                true => format!("{name}:native"),
                false => name.to_owned(),
            })),
            None => {
                let module = comment(&library.module);
                unknown.push_str(&match library.is_module {
                    true => format!("# not known here: the package with {module}.pc (apt-file search {module}.pc)\n"),
                    false => format!("# not known here: the package of the library {module}, which has no pkg-config module\n"),
                });
            }
        }
    }
    packages[2..].sort();
    packages.dedup();
    let name: String = exported
        .name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c.to_ascii_lowercase() } else { '-' })
        .collect();
    // A source package's name has at least two characters and begins with a letter or a digit.
    let name = format!("rust-{name}");
    format!("{unknown}Source: {name}\nBuild-Depends: {}\n", packages.join(",\n               "))
}
