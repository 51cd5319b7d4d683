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
                let file = library.files.first().map(|file| format!("lib{}.so", comment(file)));
                let native = if library.is_for_host { ":native" } else { "" };
                packages.extend(library.without_module.iter().map(|name| format!("{name}{native}")));
                unknown.push_str(&match (&library.without_module, library.is_module, file) {
                    (Some(name), true, Some(file)) => format!(
                        "# {module}: {name} has {file} and no {module}.pc; `{module} = \"/usr\"` under [library-prefix] of the policy takes it\n"
                    ),
                    (Some(name), ..) => format!("# {module}: by its file, of {name}\n"),
                    (None, true, Some(file)) => format!(
                        "# not known here: the package with {module}.pc, or with {file} (apt-file search {module}.pc; apt-file search {file})\n"
                    ),
                    (None, true, None) => format!("# not known here: the package with {module}.pc (apt-file search {module}.pc)\n"),
                    (None, false, Some(file)) => format!("# not known here: the package with {file} (apt-file search {file})\n"),
                    (None, false, None) => format!("# not known here: the package of the library {module}, which has no pkg-config module\n"),
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
