//! The capabilities of a declaration, for policy and the lock.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::rules::env::{Verdict, leads_elsewhere, rustc_env, rustc_env_of};
use crate::rules::flags::{LinkArgument, link_argument_text};
use crate::rules::libraries;
use crate::{Declaration, Link, OutFile, PathRef, RelativePath, Span, Text, TextPart};

/// A kind of effect that a declaration may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capability {
    /// Sets cfgs of the package's compilation.
    Cfg,
    /// Sets variables for the package's compilation.
    Env,
    /// Writes files into OUT_DIR.
    File,
    /// Asks the compiler or the machine a question.
    Probe,
    /// Looks for, or links, a library of the system.
    Library,
    /// Compiles C, C++ or assembly.
    Cc,
    /// Links code that was compiled elsewhere and is shipped in the package.
    Prebuilt,
    /// Gives the linker arguments that are not on the common list.
    LinkArg,
    /// Runs a tool other than compilers. No key of schema 1 does.
    Tool,
}

/// Each capability with its name, its meaning and its default treatment.
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

/// Returns name, meaning and default of each capability, for the reference.
pub(crate) fn reference() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    NAMES.iter().map(|(_, name, what, review)| (*name, *what, *review))
}

/// A part of a declaration that a person should review before it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The capability that the part belongs to.
    pub capability: Capability,
    /// The part itself, as written.
    pub what: String,
    /// The place where it was written; `0..0` if it was not read from text.
    pub span: Span,
}

/// Returns every capability that a declaration uses.
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

/// As [`needs_review_of`], for callers that do not know the package's name: no variable then counts as the
/// package's own.
#[must_use]
pub fn needs_review(declaration: &Declaration) -> Vec<Review> {
    needs_review_of(declaration, "")
}

/// Returns the parts of a declaration that by default pass only if the user's policy lets them: shipped binaries,
/// link arguments off the common list, and variables of no harmless form (those that begin with the package's name
/// are its own).
#[must_use]
pub fn needs_review_of(declaration: &Declaration, package: &str) -> Vec<Review> {
    let mut found = Vec::new();
    let mut add =
        |capability, what: String, span: &Span| found.push(Review { capability, what, span: span.clone() });
    for (name, value) in &declaration.rustc_env {
        if rustc_env_of(name, package) != Verdict::Harmless {
            let span = value.alternatives.first().map(|item| item.span.clone()).unwrap_or_default();
            add(Capability::Env, name.clone(), &span);
        } else if rustc_env(name) != Verdict::Harmless {
            // The name is harmless as far as it is the package's own: what it is about stays in the package.
            for item in value.alternatives.iter().filter(|item| leads_out(&item.value)) {
                add(Capability::Env, format!("{name}={}", crate::write::text(&item.value)), &item.span);
            }
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

/// Returns whether the text of a variable leads out of the package. What a declaration's own variables stand for lies in it, or is
/// a word.
fn leads_out(text: &Text) -> bool {
    let part = |part: &TextPart| match part {
        TextPart::Literal(text) => text.clone(),
        TextPart::Variable(_) => "x".to_owned(),
    };
    leads_elsewhere(&text.parts.iter().map(part).collect::<String>(), &|_| false)
}

impl Capability {
    /// Returns every capability, in the order in which they are listed.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(capability, ..)| *capability)
    }

    /// Returns its name in policies, locks and reports.
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

/// Returns whether everything that a folder of OUT_DIR may hold for the linker is an archive that the declaration
/// builds, and no file that it writes there itself.
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
