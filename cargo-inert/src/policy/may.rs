//! The rights of what runs in a build, in words: what it may read, write, start and reach. The audit shows them for
//! each script and for the compiler with its macros; [`confine`](crate::confine) computes the grants themselves.

use serde::Serialize;

use super::rights::Rights;

/// The rights of a program that runs in a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct May {
    /// The files that it may read.
    pub read: Vec<String>,
    /// The files that it may write.
    pub write: Vec<String>,
    /// The programs that it may start.
    pub start: Vec<String>,
    /// The networks and other processes that it may reach; empty for none.
    pub reach: Vec<String>,
    /// The caller's variables that it sees.
    pub variables: Vec<String>,
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

/// The files that a program may change which nothing confines.
const EVERY_FILE: &str = "every file of the user";

/// The files that may be changed behind the outer fence.
const FENCED: &[&str] = &["the target dir", "the build dir", "Cargo.lock", "a temporary folder of the build"];

impl May {
    /// Returns these rights behind the outer fence.
    #[must_use]
    pub fn fenced(mut self) -> Self {
        if self.write.iter().any(|files| files == EVERY_FILE) {
            self.write = words(FENCED);
        }
        self.reach.clear();
        self
    }

    /// Returns the rights of a program that nothing confines: those of the user.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            read: words(&[EVERY_FILE]),
            write: words(&[EVERY_FILE]),
            start: words(&["every program"]),
            reach: words(&["every network", "every process of the user"]),
            variables: words(&["all"]),
        }
    }

    /// Returns the rights of a script in WebAssembly.
    #[must_use]
    pub fn wasm() -> Self {
        Self {
            read: words(&["its package"]),
            write: words(&["OUT_DIR"]),
            variables: words(&["Cargo's own"]),
            ..Self::default()
        }
    }

    /// Returns the rights of the profile `script`, with those that an entry adds.
    #[must_use]
    pub fn script(rights: &Rights) -> Self {
        let mut may = Self {
            read: words(&[
                "its package",
                "the packages linked into it",
                "the toolchain",
                "the system's folders",
                "OUT_DIRs and libraries that metadata of its dependencies names",
            ]),
            write: words(&["OUT_DIR", "a temporary folder of its own"]),
            start: words(&["programs of the system's folders, the toolchain, its package and OUT_DIR"]),
            reach: Vec::new(),
            variables: words(&["Cargo's own", "the locale's", "compilers'"]),
        };
        may.add(rights);
        may
    }

    /// Returns the rights of the profile `rustc`.
    #[must_use]
    pub fn rustc() -> Self {
        Self {
            read: words(&[
                "the toolchain",
                "the system's folders",
                "its package (a member its workspace, without hidden names)",
                "OUT_DIR",
                "libraries and folders that Cargo names",
            ]),
            write: words(&["a folder of its own, of which its outputs are taken", "its incremental data"]),
            start: words(&["nothing; where it links, the linker and programs of the system's folders"]),
            reach: Vec::new(),
            variables: words(&["those that Cargo sets", "the locale's", "compilers'"]),
        }
    }

    fn add(&mut self, rights: &Rights) {
        self.read.extend(rights.read.iter().map(ToString::to_string));
        self.write.extend(rights.write.iter().map(ToString::to_string));
        self.start.extend(rights.tools.iter().map(|name| format!("tool {name}")));
        self.variables.extend(rights.env.iter().cloned());
        self.variables.extend(rights.set.iter().map(|(name, value)| format!("{name}={value}")));
        if rights.network.is_some() {
            self.reach.extend(words(&["the internet", "services of this machine by their ports"]));
        }
    }

    /// Returns one sentence about all but the variables.
    #[must_use]
    pub fn sentence(&self) -> String {
        let list = |what: &str, list: &[String]| {
            let list = if list.is_empty() { "nothing".to_owned() } else { list.join(", ") };
            format!("{what} {list}")
        };
        [
            list("read", &self.read),
            list("write", &self.write),
            list("start", &self.start),
            list("reach", &self.reach),
        ]
        .join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::rights::Place;

    #[test]
    fn each_right_of_an_entry_is_said() {
        let rights = Rights {
            tools: vec!["cmake".to_owned()],
            read: vec![Place::Workspace(".git".to_owned())],
            write: vec![Place::Package("include".to_owned())],
            env: vec!["BUILD".to_owned()],
            network: Some("fetches".to_owned()),
            ..Rights::default()
        };
        let may = May::script(&rights);
        let said = may.sentence();
        for word in ["workspace:.git", "package:include", "tool cmake", "the internet"] {
            assert!(said.contains(word), "{word}: {said}");
        }
        assert!(may.variables.contains(&"BUILD".to_owned()));
        let fenced = May::everything().fenced().sentence();
        assert!(fenced.contains("write the target dir") && fenced.ends_with("reach nothing"), "{fenced}");
        assert_eq!(May::rustc().fenced(), May::rustc());
        assert!(May::script(&Rights::default()).sentence().ends_with("reach nothing"));
        assert!(May::rustc().sentence().ends_with("reach nothing"));
    }
}
