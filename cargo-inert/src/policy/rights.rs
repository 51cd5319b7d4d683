//! What an `[[allow]]` entry adds to the rights that every script has which may run: data, from which
//! [`confine`](crate::confine) works out grants.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Rights beyond the profile `script`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// Names of programs, and of sets of them, that it may start though they lie outside of the system's folders.
    pub tools: Vec<String>,
    /// What it may read besides.
    pub read: Vec<Place>,
    /// What it may write besides.
    pub write: Vec<Place>,
    /// Variables of the caller's that it sees.
    pub env: Vec<String>,
    /// Variables that are set for it.
    pub set: BTreeMap<String, String>,
    /// It reaches the network, and why.
    pub network: Option<String>,
    /// It is not confined at all, and why.
    pub unconfined: Option<String>,
}

/// A place that a right is on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Place {
    /// `dep:NAME`: the folder of a package that is linked into the script.
    Dependency(String),
    /// `workspace:PATH`.
    Workspace(String),
    /// `package:PATH`.
    Package(String),
    /// `system:/PATH`.
    System(String),
    /// `library:NAME`: the folders of a native library, as it is found for declarations.
    Library(String),
}

impl Place {
    /// Reads one.
    ///
    /// # Errors
    /// It is in none of the forms, or its path leaves the folder that it starts from.
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

/// What a place is written as.
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
    /// Adds another's.
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

    /// Each right in a word or two, for the lock and the audit: what is there when something is added is what a reviewer sees.
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

/// Whether text is a variable's name.
#[must_use]
pub fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c == '=' || c.is_control() || c.is_whitespace())
}

/// Whether text is a program's name: found on PATH, never by a path.
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
        for good in
            ["dep:openssl-src", "workspace:.git", "package:include/a", "system:/opt/x", "library:openssl"]
        {
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
