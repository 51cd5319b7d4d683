//! Advice for variables that a script reads and its declaration does not: the equivalent line of inert.toml.

use std::collections::BTreeSet;

use inert_manifest_spec::{Condition, Declaration, Fact};

/// Returns the settings that replace the variables in conditions; `None` if they contain no variable that is set, or
/// the library is unknown. `links` is the package's.
pub(super) fn advice(
    holding: &[&Condition],
    declaration: &Declaration,
    links: Option<&str>,
    is_set: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let mut names = BTreeSet::new();
    for condition in holding {
        condition.for_each_fact(&mut |fact| match fact {
            Fact::Env { name, .. } if is_set(name) => drop(names.insert(name.clone())),
            _ => {}
        });
    }
    let (key, library) = declaration
        .library
        .iter()
        .next()
        .map_or((links?, None), |(key, library)| (key.as_str(), Some(library)));
    let module = library.and_then(|library| library.pkg_config.first());
    let title = module.map_or(key, |module| module.value.as_str());
    let lines: Vec<String> =
        names.iter().map(|name| format!("unset {name}, and write {}", line(name, title))).collect();
    if lines.is_empty() { None } else { Some(lines.join("; ")) }
}

/// The settings by parts of the variables' names; the first match counts.
const FORMS: &[(&[&str], &str)] = &[
    (&["NO_VENDOR", "NO_BUNDLE", "SYSTEM", "USE_PKG_CONFIG", "PREFER_DYNAMIC"], "libraries = system"),
    (&["VENDOR", "BUNDLE", "BUILD", "SOURCE"], "libraries = source"),
    (&["STATIC"], "library-kind = static"),
    (&["DYNAMIC", "SHARED"], "library-kind = shared"),
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
        let of = |condition| {
            advice(&[condition], &Declaration::default(), Some("z"), &|name| name == "Z_SYSTEM").is_some()
        };
        assert!(of(&asked) && !of(&not_asked));
    }

    #[test]
    fn by_name() {
        for (variable, said) in [
            ("LIBGIT2_NO_VENDOR", "`x = \"system\"` under [libraries]"),
            ("RUSTONIG_SYSTEM_LIBONIG", "`x = \"system\"` under [libraries]"),
            ("RUSTONIG_STATIC_LIBONIG", "`x = \"static\"` under [library-kind]"),
            ("RUSTONIG_DYNAMIC_LIBONIG", "`x = \"shared\"` under [library-kind]"),
            ("PQ_LIB_DIR", "`x = \"<folder>\"` under [library-prefix]"),
            ("ZSTD_SYS_USE_PKG_CONFIG", "`x = \"system\"` under [libraries]"),
            ("OPENSSL_LIBS", "its folder under [library-prefix]"),
        ] {
            assert!(line(variable, "x").contains(said), "{variable}: {}", line(variable, "x"));
        }
    }
}
