//! What a declaration is able to do, for policy and the lock.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::rules::env::{Verdict, rustc_env_of};
use crate::rules::flags::{LinkArgument, link_argument_text};
use crate::rules::libraries;
use crate::{Declaration, Link, OutFile, PathRef, RelativePath, Span};

/// Something that a declaration is able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capability {
    /// Sets cfgs.
    Cfg,
    /// Sets variables for the package's compilation.
    Env,
    /// Writes files into OUT_DIR.
    File,
    /// Asks the compiler or the machine.
    Probe,
    /// Looks for, or links, a library of the system.
    Library,
    /// Compiles C, C++ or assembly.
    Cc,
    /// Links code that was compiled elsewhere and is shipped in the package.
    Prebuilt,
    /// Gives the linker arguments off the common list.
    LinkArg,
    /// Runs a tool other than compilers. Nothing in schema 1 does.
    Tool,
}

/// Each capability by its name, with what it means and what wants review.
const NAMES: &[(Capability, &str, &str, &str)] = &[
    (Capability::Cfg, "cfg", "Sets cfgs.", "passes"),
    (Capability::Env, "env", "Sets variables for the package's compilation.", "harmless forms pass"),
    (Capability::File, "file", "Writes files into OUT_DIR.", "passes"),
    (Capability::Probe, "probe", "Asks the compiler or the machine.", "passes"),
    (Capability::Library, "library", "Looks for, or links, a library of the system.", "passes"),
    (Capability::Cc, "cc", "Compiles C, C++ or assembly.", "passes"),
    (
        Capability::Prebuilt,
        "prebuilt",
        "Links code that was compiled elsewhere and is shipped in the package.",
        "review",
    ),
    (Capability::LinkArg, "link-arg", "Gives the linker arguments off the common list.", "review"),
    (Capability::Tool, "tool", "Runs a tool other than compilers; nothing in schema 1 does.", "review"),
];

/// Name, meaning and default of each, for the reference.
pub(crate) fn reference() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    NAMES.iter().map(|(_, name, what, review)| (*name, *what, *review))
}

/// Something that wants a person's eye before it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The capability that it belongs to.
    pub capability: Capability,
    /// What it is, as written.
    pub what: String,
    /// Where it was written; `0..0` if it was not read from text.
    pub span: Span,
}

/// All that a declaration is able to do.
#[must_use]
pub fn capabilities(declaration: &Declaration) -> BTreeSet<Capability> {
    let mut able: BTreeSet<Capability> =
        needs_review(declaration).into_iter().map(|review| review.capability).collect();
    let mut add = |capability, is: bool| {
        if is {
            able.insert(capability);
        }
    };
    let links = |is: fn(&Link) -> bool| declaration.link.iter().any(|item| is(&item.value));
    add(Capability::Cfg, !declaration.cfg.is_empty());
    add(Capability::Env, !declaration.rustc_env.is_empty());
    add(
        Capability::File,
        !declaration.out_dir.is_empty()
            || declaration.cc_library.values().any(|library| !library.install_headers.is_empty()),
    );
    add(Capability::Probe, !declaration.probe.is_empty());
    add(
        Capability::Library,
        !declaration.library.is_empty()
            || declaration.system_deps.is_some()
            || links(|link| matches!(link, Link::Library(_) | Link::Lib { .. })),
    );
    add(Capability::Cc, !declaration.cc_library.is_empty());
    able
}

/// As [`needs_review_of`], for who does not know the package: it has no variables of its own then.
#[must_use]
pub fn needs_review(declaration: &Declaration) -> Vec<Review> {
    needs_review_of(declaration, "")
}

/// What in a declaration passes only with the user's word, by default: shipped binaries, link arguments off the common
/// list, variables of no harmless form (those that begin with the package's name are its own).
#[must_use]
pub fn needs_review_of(declaration: &Declaration, package: &str) -> Vec<Review> {
    let mut found = Vec::new();
    let mut add =
        |capability, what: String, span: &Span| found.push(Review { capability, what, span: span.clone() });
    for (name, value) in &declaration.rustc_env {
        if rustc_env_of(name, package) != Verdict::Harmless {
            let span = value.alternatives.first().map(|item| item.span.clone()).unwrap_or_default();
            add(Capability::Env, name.clone(), &span);
        }
    }
    for item in &declaration.link {
        match &item.value {
            Link::Arg { arg, .. } if link_argument_text(arg) != Ok(LinkArgument::Common) => {
                add(Capability::LinkArg, crate::write::text(arg), &item.span);
            }
            Link::Search { path: PathRef::LibraryLib(_), .. } => {}
            Link::Search { path: PathRef::OutDir(folder), files, .. }
                if built(declaration, folder, files) => {}
            Link::Search { path, .. } => add(Capability::Prebuilt, crate::write::path(path), &item.span),
            _ => {}
        }
    }
    for (path, file) in &declaration.out_dir {
        for item in &file.alternatives {
            if matches!(item.value, OutFile::Copy(_)) && libraries::of_file(&path.0).is_some() {
                add(Capability::Prebuilt, path.0.clone(), &item.span);
            }
        }
    }
    for library in declaration.cc_library.values() {
        for item in &library.sources {
            if let PathRef::Package(path) | PathRef::BuildDependency { path, .. } = &item.value
                && libraries::of_file(&path.0).is_some()
            {
                add(Capability::Prebuilt, path.0.clone(), &item.span);
            }
        }
    }
    found
}

impl Capability {
    /// Every capability, in the order in which they are listed.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(capability, ..)| *capability)
    }

    /// Its name in policies, locks and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(capability, ..)| *capability == self).map_or("", |(_, name, ..)| name)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Capability {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        NAMES.iter().find(|(_, name, ..)| *name == text).map(|(capability, ..)| *capability).ok_or_else(
            || {
                let help =
                    crate::suggest::help(text, NAMES.iter().map(|(_, name, ..)| *name)).unwrap_or_default();
                format!("there is no capability `{}`; {help}", text.escape_debug())
            },
        )
    }
}

/// Whether all that a folder of OUT_DIR may hold for the linker is what the declaration's own C libraries are built as,
/// and nothing that it writes there itself.
fn built(declaration: &Declaration, folder: &RelativePath, files: &[String]) -> bool {
    let inside =
        |folder: &RelativePath| if folder.0 == "." { String::new() } else { format!("{}/", folder.0) };
    let searched = inside(folder);
    let writes = |path: &RelativePath| {
        let name = path.0.strip_prefix(&searched);
        name.is_some_and(|name| !name.contains('/') && libraries::of_file(name).is_some())
    };
    !declaration.out_dir.keys().any(writes)
        && files.iter().all(|file| {
            declaration.cc_library.iter().any(|(name, library)| {
                let there = library.folder.as_ref().map(inside).unwrap_or_default();
                *file == format!("lib{name}.a") && there == searched
            })
        })
}
