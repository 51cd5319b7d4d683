//! Advice for variables that a script reads and its declaration does not: the equivalent line of inert.toml.

use std::collections::BTreeSet;

use inert_manifest_spec::{Condition, Declaration, Fact};

/// Returns the settings that replace the variables in conditions; `None` if they contain no variable that is set.
pub(super) fn advice(
    holding: &[&Condition],
    declaration: &Declaration,
    is_set: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let mut names = BTreeSet::new();
    for condition in holding {
        condition.for_each_fact(&mut |fact| match fact {
            Fact::Env { name, .. } if is_set(name) => drop(names.insert(name.clone())),
            _ => {}
        });
    }
    let title = declaration.library.iter().next().map(|(key, library)| {
        library.pkg_config.first().map_or(key.as_str(), |module| module.value.as_str())
    });
    let lines: Vec<String> = names
        .iter()
        .map(|name| match title {
            Some(title) => format!("unset {name}, and write {}", line(name, title)),
            // A line about a library would have no effect, or have the build refused.
            None => format!(
                "unset {name}: no line of inert.toml says the same, since the declaration asks for no library of the system's"
            ),
        })
        .collect();
    if lines.is_empty() { None } else { Some(lines.join("; ")) }
}

/// The settings by parts of the variables' names; the first match counts.
const FORMS: &[(&[&str], &str)] = &[
    (&["NO_VENDOR", "NO_BUNDLE", "SYSTEM", "USE_PKG_CONFIG", "PREFER_DYNAMIC"], "libraries = system"),
    (&["VENDOR", "BUNDLE", "BUILD", "SOURCE"], "libraries = source"),
    (&["STATIC"], "library-kind = static"),
    (&["DYNAMIC", "SHARED"], "library-kind = shared"),
    (&["LIB_DIR", "LIBDIR", "LIB_PATH", "LIBRARY_PATH"], "library-prefix = <the folder whose lib has it>"),
    (&["DIR", "PREFIX", "ROOT", "PATH", "CONFIG"], "library-prefix = <folder>"),
];

fn line(variable: &str, title: &str) -> String {
    let known = FORMS.iter().find(|(forms, _)| forms.iter().any(|form| variable.contains(form)));
    match known.and_then(|(_, said)| said.split_once(" = ")) {
        Some((table, value)) => format!("`{title} = \"{value}\"` under [{table}] in inert.toml"),
        None => format!(
            "what it says in inert.toml: `{title} = \"system\"` or `\"source\"` under [libraries], `\"static\"` or \
             `\"shared\"` under [library-kind], its folder under [library-prefix]"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_set() {
        let condition = |text: &str| inert_manifest_spec::condition::parse(text, 0).unwrap();
        let (asked, not_asked) = (condition("env = \"Z_SYSTEM\""), condition("not(env = \"DOCS_RS\")"));
        let of =
            |condition| advice(&[condition], &Declaration::default(), &|name| name == "Z_SYSTEM").is_some();
        assert!(of(&asked) && !of(&not_asked));
        let said = advice(&[&asked], &Declaration::default(), &|name| name == "Z_SYSTEM").unwrap();
        assert!(said.starts_with("unset Z_SYSTEM: no line"), "{said}");
    }

    #[test]
    fn by_name() {
        for (variable, said) in [
            ("LIBGIT2_NO_VENDOR", "`x = \"system\"` under [libraries]"),
            ("RUSTONIG_SYSTEM_LIBONIG", "`x = \"system\"` under [libraries]"),
            ("RUSTONIG_STATIC_LIBONIG", "`x = \"static\"` under [library-kind]"),
            ("RUSTONIG_DYNAMIC_LIBONIG", "`x = \"shared\"` under [library-kind]"),
            ("PQ_LIB_DIR", "`x = \"<the folder whose lib has it>\"` under [library-prefix]"),
            ("PQ_DIR", "`x = \"<folder>\"` under [library-prefix]"),
            ("ZSTD_SYS_USE_PKG_CONFIG", "`x = \"system\"` under [libraries]"),
            ("OPENSSL_LIBS", "its folder under [library-prefix]"),
        ] {
            assert!(line(variable, "x").contains(said), "{variable}: {}", line(variable, "x"));
        }
    }
}
