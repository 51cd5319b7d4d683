//! A snapshot of an environment: the only one that is read, and the one that tools are started with.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// Environment variables at the time when the snapshot was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// The values by name. On Windows names are looked up without regard to case, as the system does.
    pub variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// Returns a variable's value, unchanged.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let exact = self.variables.get(OsStr::new(name));
        if exact.is_some() || !cfg!(windows) {
            return exact.map(OsString::as_os_str);
        }
        self.variables
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_os_str())
    }

    /// Returns a variable's value, if it is Unicode.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str()
    }

    /// Sets a variable.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.variables.insert(name.into(), value.into());
    }

    /// Removes a variable from the snapshot.
    pub fn remove(&mut self, name: &str) {
        self.variables.retain(|key, _| !same_name(key, name));
    }
}

fn same_name(key: &OsStr, name: &str) -> bool {
    if cfg!(windows) { key.eq_ignore_ascii_case(name) } else { key == name }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self { variables: variables.into_iter().map(|(key, value)| (key.into(), value.into())).collect() }
    }
}
