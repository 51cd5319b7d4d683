//! Reads paths, which may begin in a folder that the resolver knows.

use super::reader::{Reader, Use, Value};
use crate::rules::{self, names};
use crate::{PathRef, RelativePath, codes};

/// The beginnings of a path, for help texts.
const BASES: &str = "a path begins in the package, or with `${out-dir}`, `${library.NAME.include}`, \
                     `${library.NAME.lib}`, `${dep.LINKS.KEY}` or `${build-dependency.PACKAGE.root}`";

impl Reader<'_> {
    /// Reads the path of a file or folder.
    pub(super) fn path(&mut self, value: &Value<'_>, what: &str) -> Option<PathRef> {
        self.path_with(value, what, rules::path::check)
    }

    /// Reads the path of a file or folder, or a pattern.
    pub(super) fn glob(&mut self, value: &Value<'_>, what: &str) -> Option<PathRef> {
        self.path_with(value, what, rules::path::check_glob)
    }

    /// Reads a path inside the key's own folder.
    pub(super) fn relative(&mut self, value: &Value<'_>, what: &str) -> Option<RelativePath> {
        let text = self.string(value, what)?;
        self.checked(text, value.span(), rules::path::check)
    }

    /// As [`Reader::relative`], for a path that is already text, such as a key.
    pub(super) fn checked(
        &mut self,
        text: &str,
        span: crate::Span,
        check: fn(&str) -> Result<(), rules::Refusal>,
    ) -> Option<RelativePath> {
        match check(text) {
            Ok(()) => Some(RelativePath(text.to_owned())),
            Err(refusal) => {
                self.error(codes::PATH, refusal.message, span, "this path", refusal.help);
                None
            }
        }
    }

    fn path_with(
        &mut self,
        value: &Value<'_>,
        what: &str,
        check: fn(&str) -> Result<(), rules::Refusal>,
    ) -> Option<PathRef> {
        let text = self.string(value, what)?;
        let Some(open) = text.strip_prefix("${") else {
            return self.checked(text, value.span(), check).map(PathRef::Package);
        };
        let Some((base, rest)) = open.split_once('}') else {
            self.error(codes::VARIABLE, "`${` is not closed", value.span(), "here", "add `}`");
            return None;
        };
        let rest = match rest.strip_prefix('/') {
            Some(rest) => rest,
            None if rest.is_empty() => ".",
            None => {
                let help = format!("write `${{{base}}}/…`");
                self.error(codes::PATH, "a `/` follows the folder", value.span(), "no `/`", help);
                return None;
            }
        };
        let path = self.checked(rest, value.span(), check)?;
        if base == "out-dir" {
            return Some(PathRef::OutDir(path));
        }
        if base == "manifest-dir" {
            let help = format!("write `{rest}`");
            self.error(
                codes::PATH,
                "a path begins in the package by itself",
                value.span(),
                "not needed",
                help,
            );
            return None;
        }
        if let Some(package) =
            base.strip_prefix("build-dependency.").and_then(|rest| rest.strip_suffix(".root"))
            && names::is_package(package)
        {
            self.uses.push((Use::BuildDependency(package.to_owned()), value.span()));
            return Some(PathRef::BuildDependency { package: package.to_owned(), path });
        }
        if let Some((links, key)) = base.strip_prefix("dep.").and_then(|rest| rest.rsplit_once('.')) {
            let (key, first) = key.strip_suffix("[0]").map_or((key, false), |key| (key, true));
            if names::is_links(links) && names::is_metadata_key(key) {
                return Some(PathRef::Dep { links: links.to_owned(), key: key.to_owned(), first, path });
            }
        }
        if let Some((library, key @ ("include" | "include[-1]" | "lib"))) =
            base.strip_prefix("library.").and_then(|rest| rest.rsplit_once('.'))
            && names::is_name(library)
        {
            if path.0 != "." {
                self.error(
                    codes::PATH,
                    "a discovered library may have several folders",
                    value.span(),
                    "goes on after them",
                    "end the path there",
                );
                return None;
            }
            self.uses.push((Use::Library(library.to_owned()), value.span()));
            let library = library.to_owned();
            return Some(match key {
                "include" => PathRef::LibraryInclude(library),
                "lib" => PathRef::LibraryLib(library),
                _ => PathRef::LibraryIncludeLast(library),
            });
        }
        let shown = crate::render::escaped(base);
        self.error(
            codes::VARIABLE,
            format!("no path begins with `${{{shown}}}`"),
            value.span(),
            "unknown folder",
            BASES,
        );
        None
    }
}
