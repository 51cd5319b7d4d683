//! The rights that an `[[allow]]` entry adds to those of every script that may run: data, from which
//! [`confine`](crate::confine) computes grants.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The rights beyond the profile `script`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// Names of programs, and of sets of programs, that it may start although they are outside of the system's folders.
    pub tools: Vec<String>,
    /// Further locations that it may read.
    pub read: Vec<Place>,
    /// Further locations that it may write.
    pub write: Vec<Place>,
    /// The variables of the caller that it gets.
    pub env: Vec<String>,
    /// The variables that are set for it.
    pub set: BTreeMap<String, String>,
    /// The reason why it may use the network; `None` if it may not.
    pub network: Option<String>,
    /// The reason why it is not confined; `None` if it is.
    pub unconfined: Option<String>,
}

/// A location that a right applies to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Place {
    /// `dep:NAME`: the folder of a package that is linked into the script.
    Dependency(String),
    /// `workspace:PATH`: a path below the workspace's root, or `.`, its entries without those that no right may contain.
    Workspace(String),
    /// `package:PATH`: a path below the package's folder.
    Package(String),
    /// `system:/PATH`: an absolute path outside of the tree.
    System(String),
    /// `library:NAME`: the folders of a native library, as it is found for declarations.
    Library(String),
}

impl Place {
    /// Parses a location.
    ///
    /// # Errors
    /// It has none of the forms, or its path leaves the folder that it starts from.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = text.split_once(':').unwrap_or_default();
        let name = || {
            let known = |c: char| c.is_ascii_alphanumeric() || "-_+.".contains(c);
            if !rest.is_empty() && rest.chars().all(known) && !rest.starts_with('.') {
                return Ok(rest.to_owned());
            }
            Err(format!("`{rest}` is no name"))
        };
        let below = || {
            let parts = rest.split('/').collect::<Vec<_>>();
            let odd = |part: &&str| part.is_empty() || *part == ".." || *part == "." || part.contains('\\');
            if rest.chars().any(char::is_control) || parts.iter().any(odd) {
                return Err(format!("`{rest}` is no path below a folder, its parts divided by `/`"));
            }
            Ok(rest.to_owned())
        };
        match kind {
            "dep" => Ok(Self::Dependency(name()?)),
            "library" => Ok(Self::Library(name()?)),
            // The root itself, of which the folders that builds write to and names with a leading dot are left out.
            "workspace" if rest == "." => Ok(Self::Workspace(rest.to_owned())),
            "workspace" => Ok(Self::Workspace(below()?)),
            "package" => Ok(Self::Package(below()?)),
            "system" => {
                let path = std::path::Path::new(rest);
                let plain = path.components().all(|part| {
                    matches!(
                        part,
                        std::path::Component::RootDir
                            | std::path::Component::Prefix(_)
                            | std::path::Component::Normal(_)
                    )
                });
                if !rest.starts_with('/') && !path.is_absolute()
                    || !plain
                    || rest.chars().any(char::is_control)
                {
                    return Err(format!("`{rest}` is no absolute path"));
                }
                if path.parent().is_none() {
                    return Err("`/` is everything: name the folder that is needed".to_owned());
                }
                Ok(Self::System(rest.to_owned()))
            }
            _ => Err(format!("`{text}` names no place")),
        }
    }
}

/// The forms of a location, for messages.
pub const PLACES: &str = "`dep:NAME`, `workspace:PATH`, `package:PATH`, `system:/PATH`, `library:NAME`";

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dependency(name) => write!(f, "dep:{name}"),
            Self::Workspace(path) => write!(f, "workspace:{path}"),
            Self::Package(path) => write!(f, "package:{path}"),
            Self::System(path) => write!(f, "system:{path}"),
            Self::Library(name) => write!(f, "library:{name}"),
        }
    }
}

impl Rights {
    /// Adds the rights of another entry.
    pub fn add(&mut self, other: &Self) {
        fn merge<T: Clone + PartialEq>(into: &mut Vec<T>, from: &[T]) {
            for one in from {
                if !into.contains(one) {
                    into.push(one.clone());
                }
            }
        }
        merge(&mut self.tools, &other.tools);
        merge(&mut self.read, &other.read);
        merge(&mut self.write, &other.write);
        merge(&mut self.env, &other.env);
        self.set.extend(other.set.clone());
        self.network = self.network.take().or_else(|| other.network.clone());
        self.unconfined = self.unconfined.take().or_else(|| other.unconfined.clone());
    }

    /// Returns each right as a short text, for the lock and the audit: a reviewer sees each addition as a new text.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        if self.unconfined.is_some() {
            return vec!["unconfined".to_owned()];
        }
        let mut words = vec!["confined".to_owned()];
        if self.network.is_some() {
            words.push("network".to_owned());
        }
        words.extend(self.tools.iter().map(|name| format!("tool {name}")));
        words.extend(self.read.iter().map(|place| format!("read {place}")));
        words.extend(self.write.iter().map(|place| format!("write {place}")));
        words.extend(self.env.iter().map(|name| format!("env {name}")));
        words.extend(self.set.iter().map(|(name, value)| format!("set {name}={value}")));
        words[1..].sort();
        words
    }
}

/// Returns whether text is the name of a variable.
#[must_use]
pub fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c == '=' || c.is_control() || c.is_whitespace())
}

/// Returns whether text is the name of a program, which is found on PATH, and not a path.
#[must_use]
pub fn is_tool(name: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "-_+.".contains(c);
    !name.is_empty() && name.chars().all(known) && !name.starts_with(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_below_where_they_start() {
        for good in [
            "dep:openssl-src",
            "workspace:.git",
            "workspace:.",
            "package:include/a",
            "system:/opt/x",
            "library:openssl",
        ] {
            assert_eq!(Place::parse(good).map(|place| place.to_string()).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "openssl",
            "dep:",
            "dep:../x",
            "dep:.",
            "workspace:",
            "workspace:..",
            "workspace:a/../b",
            "workspace:./a",
            "workspace:/etc",
            "package:a\\..\\b",
            "package:a//b",
            "package:.",
            "system:opt",
            "system:/",
            "system:/a/../b",
            "system:/a\n",
            "library:a/b",
            "home:.ssh",
        ] {
            assert!(Place::parse(bad).is_err(), "{bad}");
        }
    }
}
