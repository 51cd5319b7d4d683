//! `[env]`: variables that Cargo's configuration sets for rustc and for build scripts. Variables from the user's own
//! files and from the command line count as if the user had set them; those from files of the built tree do not.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Configuration;
use super::files::{Entry, Files, Origin, Said};
use crate::cargo::package::path_from;
use crate::environment::Environment;

/// One variable (the Cargo book, "`[env]`").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// The name of the variable.
    pub name: String,
    /// The value; an absolute path if the configuration has `relative = true`.
    pub value: String,
    /// True if it overrides the value that the process was started with (`force = true`).
    pub force: bool,
    /// The configuration file that sets it; `None` for the command line.
    pub file: Option<PathBuf>,
}

/// Variables that locate the files of Inert, Cargo and rustup, or control Inert. They are read from the environment of
/// the process before any configuration is read, so `[env]` cannot set them.
const OF_THE_PROCESS: &[&str] =
    &["INERT_*", "XDG_*", "CARGO_HOME", "RUSTUP_*", "HOME", "USERPROFILE", "LOCALAPPDATA"];

impl Configuration {
    /// Returns the variables of `[env]`, in Cargo's order. `cwd` is the folder that Cargo is called in.
    #[must_use]
    pub fn variables(&self, cwd: &Path) -> Vec<Variable> {
        let mut found: Vec<Variable> = Vec::new();
        let of =
            |name: &str, part: &str| self.get(&["env", name, part]).map(|setting| setting.value.as_str());
        for setting in self.settings.iter().filter(|setting| setting.key[0] == "env") {
            let name = match &setting.key[..] {
                [_, name] => name,
                [_, name, part] if part == "value" => name,
                _ => continue,
            };
            let mut value = setting.value.clone();
            if of(name, "relative") == Some("true") {
                let base = setting.file.as_deref().and_then(|file| file.parent()?.parent()).unwrap_or(cwd);
                value = path_from(base, &value).to_string_lossy().into_owned();
            }
            found.push(Variable {
                name: name.clone(),
                value,
                force: of(name, "force") == Some("true"),
                file: setting.file.clone(),
            });
        }
        found
    }
}

/// Splits the variables into those of the user's files and those of the tree's files.
#[must_use]
pub fn part(
    variables: Vec<Variable>,
    is_the_users: &dyn Fn(&Path) -> bool,
) -> (Vec<Variable>, Vec<Variable>) {
    let of_user = |variable: &Variable| variable.file.as_deref().is_none_or(is_the_users);
    variables.into_iter().partition(of_user)
}

/// Returns the user's own values of variables that a file of the tree sets as well. Cargo's merged configuration has
/// only the tree's value, since that file is nearer.
#[must_use]
pub fn behind(of_tree: &[Variable], files: &Files) -> Vec<Variable> {
    let users = || files.all.iter().filter(|file| file.origin == Origin::User);
    let of = |variable: &Variable| {
        users().find_map(|file| {
            let said = |part: &[&str]| {
                let is_it = |entry: &&Entry| {
                    entry
                        .key
                        .iter()
                        .map(String::as_str)
                        .eq(["env", &variable.name].into_iter().chain(part.iter().copied()))
                };
                match &file.entries.iter().find(is_it)?.value {
                    Said::Text(value) | Said::Plain(value) => Some(value.clone()),
                    Said::List(_) | Said::Table(_) => None,
                }
            };
            let is_on = |part: &str| said(&[part]).as_deref() == Some("true");
            let mut value = said(&[]).or_else(|| said(&["value"]))?;
            if is_on("relative") {
                let base = file.path.parent().and_then(Path::parent)?;
                value = path_from(base, &value).to_string_lossy().into_owned();
            }
            let (name, force) = (variable.name.clone(), is_on("force"));
            Some(Variable { name, value, force, file: Some(file.path.clone()) })
        })
    };
    of_tree.iter().filter_map(of).collect()
}

/// Returns an environment with the user's variables added. As in Cargo, a variable that is already set keeps its value
/// unless `force` is true.
#[must_use]
pub fn applied(variables: &[Variable], environment: &Environment) -> Environment {
    let mut all = environment.clone();
    for variable in variables {
        let name = OsString::from(&variable.name);
        let of_process = OF_THE_PROCESS.iter().any(|known| match known.strip_suffix('*') {
            Some(prefix) => variable.name.starts_with(prefix),
            None => variable.name == *known,
        });
        if !of_process && (variable.force || !all.variables.contains_key(&name)) {
            all.variables.insert(name, OsString::from(&variable.value));
        }
    }
    all
}

/// Returns a notice for each variable of the tree that a package reads and that would have an effect if the user set
/// it.
#[must_use]
pub fn notices(of_tree: &[Variable], asked: &BTreeSet<String>, environment: &Environment) -> Vec<String> {
    let counts = |variable: &&Variable| {
        let set = environment.variables.get(OsStr::new(&variable.name));
        asked.contains(&variable.name)
            && set.is_none_or(|set| variable.force && set != OsStr::new(&variable.value))
    };
    let sentence = |variable: &Variable| {
        let Variable { name, value, file, .. } = variable;
        let file = file.as_ref().map_or_else(String::new, |file| file.display().to_string());
        format!(
            "a package of this build asks for {name}, which [env] in {file} sets: what the tree that is built says of variables \
             counts for nothing here\n  help: set it yourself, in the environment, in ~/.cargo/config.toml, or by `--config \
             'env.{name}=\"{value}\"'`"
        )
    };
    of_tree.iter().filter(counts).map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::configuration::files::file_of;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        let pair = |(name, value): &(&str, &str)| (OsString::from(name), OsString::from(value));
        Environment { variables: pairs.iter().map(pair).collect() }
    }

    #[test]
    fn as_cargo_has_them() {
        let text = "env.A = \"1\" # /home/me/.cargo/config.toml\n\
                    env.B.value = \"lib\" # /home/me/.cargo/config.toml\n\
                    env.B.relative = true # /home/me/.cargo/config.toml\n\
                    env.C.value = \"3\" # --config cli option\n\
                    env.C.force = true # --config cli option\n\
                    env.D = \"4\" # /work/tree/.cargo/config.toml\n\
                    env.HOME = \"/elsewhere\" # /home/me/.cargo/config.toml\n";
        let all = Configuration::parse(text).unwrap().variables(Path::new("/work/tree"));
        let (user, tree) = part(all, &|file| !file.starts_with("/work/tree"));
        assert_eq!(tree.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["D"]);
        let seen = applied(&user, &environment(&[("A", "0"), ("C", "0"), ("HOME", "/home/me")]));
        assert_eq!(seen, environment(&[("A", "0"), ("B", "/home/me/lib"), ("C", "3"), ("HOME", "/home/me")]));
        let asked = BTreeSet::from(["D".to_owned()]);
        assert_eq!(notices(&tree, &asked, &seen).len(), 1);
        assert_eq!(notices(&tree, &BTreeSet::new(), &seen).len(), 0);
        assert_eq!(
            notices(&tree, &asked, &environment(&[("D", "0")])).len(),
            0,
            "the caller's is taken anyway"
        );
    }

    #[test]
    fn the_users_value_counts_where_the_tree_sets_another() {
        let text =
            "env.D = \"4\" # /work/tree/.cargo/config.toml\nenv.E = \"5\" # /work/tree/.cargo/config.toml\n";
        let all = Configuration::parse(text).unwrap().variables(Path::new("/work/tree"));
        let (_, tree) = part(all, &|file| !file.starts_with("/work/tree"));
        let file = |path: &str, text: &str, origin| file_of(Path::new(path), text, origin).unwrap();
        let files = Files {
            all: vec![
                file("/work/tree/.cargo/config.toml", "env.D = '4'\nenv.E = '5'", Origin::Tree),
                file(
                    "/home/me/.cargo/config.toml",
                    "env.D = { value = 'own', relative = true, force = true }",
                    Origin::User,
                ),
            ],
            ..Files::default()
        };
        let users = behind(&tree, &files);
        let seen = applied(&users, &environment(&[("D", "0")]));
        assert_eq!(seen, environment(&[("D", "/home/me/own")]));
        let asked = BTreeSet::from(["D".to_owned(), "E".to_owned()]);
        assert_eq!(notices(&tree, &asked, &seen).len(), 1, "of E alone");
    }
}
