//! Reads `link`: the one ordered list of everything that is linked.

use super::guard::Form;
use super::reader::{Fields, Reader, Use, Value};
use super::text::Place;
use crate::rules::{flags, libraries, names};
use crate::{ArgScope, Item, Link, LinkKind, PathRef, SearchKind, Text, TextPart, codes, keys};

/// The kinds of entries, each with the keys that may accompany it.
const KINDS: &[(&str, &[&str])] = &[
    ("library", &[]),
    ("cc-library", &[]),
    ("lib", &["kind", "modifiers", "rename"]),
    ("search", &["kind", "files"]),
    ("arg", &["for"]),
];

const ENTRY: Form<Link> = Form {
    what: "link",
    plain: |reader, value, _| {
        reader.error(
            codes::WRONG_TYPE,
            "an entry of `link` is a table",
            value.span(),
            "not a table",
            "write `[[link]]` and below it `lib = \"…\"`",
        );
        None
    },
    table: Some((&keys::LINK, |reader, fields| Some(vec![reader.entry(fields)?]))),
};

impl Reader<'_> {
    pub(super) fn link(&mut self, value: &Value<'_>) -> Vec<Item<Link>> {
        self.list(value, &ENTRY)
    }

    fn entry(&mut self, fields: &Fields<'_, '_>) -> Option<Link> {
        let kinds: Vec<&'static str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        let (kind, value) = self.one_of(fields, &kinds)?;
        let beside = KINDS.iter().find(|(row, _)| *row == kind).map_or(&[][..], |(_, beside)| *beside);
        for (key, span) in fields.keys() {
            if key != kind && key != "when" && !beside.contains(&key) && keys::LINK.key(key).is_some() {
                let message = format!("`{key}` says nothing beside `{kind}`");
                self.error(codes::KEYS_CONFLICT, message, span, "not for this entry", "leave it out");
            }
        }
        Some(match kind {
            "library" => {
                let name = self.string(value, kind)?.to_owned();
                self.uses.push((Use::Library(name.clone()), value.span()));
                Link::Library(name)
            }
            "cc-library" => {
                let name = self.string(value, kind)?.to_owned();
                self.uses.push((Use::CcLibrary(name.clone()), value.span()));
                Link::CcLibrary(name)
            }
            "lib" => self.lib(fields, value)?,
            "search" => self.search(fields, value)?,
            _ => self.arg(fields, value)?,
        })
    }

    fn lib(&mut self, fields: &Fields<'_, '_>, value: &Value<'_>) -> Option<Link> {
        let name = self.text(value, "lib", Place::Linker)?;
        // The value of a variable is checked again once it is known; until then a digit represents it.
        let sample = sample(&name);
        if !names::is_link_name(&sample) {
            let shown = crate::render::escaped(&sample);
            let help = "write it as after `-l`: `z` for `libz.so`";
            self.error(
                codes::NAME,
                format!("`{shown}` is not a library's name"),
                value.span(),
                "this name",
                help,
            );
        }
        let kind = fields.get("kind").and_then(|value| {
            Some(match self.choice(value, "kind", &["dylib", "static", "framework", "raw-dylib"])? {
                "static" => LinkKind::Static,
                "framework" => LinkKind::Framework,
                "raw-dylib" => LinkKind::RawDylib,
                _ => LinkKind::Dylib,
            })
        });
        let modifiers = fields.get("modifiers").map(|value| self.modifiers(value)).unwrap_or_default();
        if modifiers.iter().any(|modifier| modifier == "+verbatim")
            && !libraries::SEARCH_ENDINGS.iter().any(|ending| sample.to_ascii_lowercase().ends_with(ending))
        {
            let message = "a verbatim name is a file's, and this is no archive, object or import library";
            let help = "write the file's whole name, `libz.a`, or leave `+verbatim` out";
            self.error(codes::NAME, message, value.span(), "this file", help);
        }
        let rename = fields.get("rename").and_then(|value| self.link_name(value));
        Some(Link::Lib { name, kind, modifiers, rename })
    }

    fn search(&mut self, fields: &Fields<'_, '_>, value: &Value<'_>) -> Option<Link> {
        let path = self.path(value, "search");
        let kind = fields.get("kind").and_then(|value| {
            let text = self.string(value, "kind")?;
            if matches!(text, "dependency" | "crate") {
                let message =
                    format!("a search folder of kind `{text}` is where rustc looks for Rust crates");
                self.error(
                    codes::BAD_VALUE,
                    message,
                    value.span(),
                    "not for native libraries",
                    "write `native`",
                );
                return None;
            }
            Some(match self.choice(value, "kind", &["native", "framework", "all"])? {
                "framework" => SearchKind::Framework,
                "all" => SearchKind::All,
                _ => SearchKind::Native,
            })
        });
        let files =
            fields.get("files").map(|value| self.strings(value, Self::search_file)).unwrap_or_default();
        let path = path?;
        let named = fields.get("files").is_some();
        // A dependency's folder may lie in its package, and nobody but the package vouches for the files there.
        let discovered = matches!(path, PathRef::LibraryLib(_));
        if !discovered
            && (!named
                || fields
                    .get("files")
                    .is_some_and(|value| value.get_ref().as_array().is_some_and(|files| files.is_empty())))
        {
            let help = "write `files = [\"libx.a\"]`: nothing else in the folder is found by a linker";
            self.error(
                codes::SEARCH_FILES,
                "a search folder names its files",
                fields.span.clone(),
                "`files` is needed",
                help,
            );
        } else if discovered && named {
            let message = "the files of a discovered library's folder are not the package's to name";
            self.error(
                codes::KEYS_CONFLICT,
                message,
                fields.key_span("files"),
                "not for this folder",
                "leave it out",
            );
        } else if matches!(path, PathRef::LibraryInclude(_) | PathRef::LibraryIncludeLast(_)) {
            self.error(
                codes::PATH,
                "include folders hold no libraries",
                value.span(),
                "this folder",
                "write `${library.NAME.lib}`",
            );
        }
        Some(Link::Search { path, kind, files })
    }

    /// Reads the name of a file in a search folder.
    fn search_file(&mut self, value: &Value<'_>) -> Option<String> {
        let file = self.relative(value, "files")?.0;
        if file.contains('/') {
            self.error(
                codes::SEARCH_FILES,
                "a search folder's files lie in it directly",
                value.span(),
                "in a folder below",
                "name that folder under `search`",
            );
            return None;
        }
        let lower = file.to_ascii_lowercase();
        if !libraries::SEARCH_ENDINGS.iter().any(|ending| lower.ends_with(ending)) {
            let message =
                format!("`{}` is no archive, object or import library", crate::render::escaped(&file));
            let help = "a file ends in `.a`, `.lib`, `.o` or `.obj`; shared libraries are found, not shipped";
            self.error(codes::SEARCH_FILES, message, value.span(), "this file", help);
            return None;
        }
        if let Some(library) = libraries::of_file(&file)
            && libraries::is_reserved(library)
        {
            let message = format!("`{library}` is a library of the system or the toolchain");
            self.error(
                codes::RESERVED,
                message,
                value.span(),
                "a package cannot supply it",
                "choose another name",
            );
            return None;
        }
        Some(file)
    }

    fn arg(&mut self, fields: &Fields<'_, '_>, value: &Value<'_>) -> Option<Link> {
        let arg = self.text(value, "arg", Place::Linker)?;
        if let Err(refusal) = flags::link_argument_text(&arg) {
            self.error(codes::LINK_ARGUMENT, refusal.message, value.span(), "this argument", refusal.help);
        }
        let scope = match fields.get("for") {
            None => ArgScope::All,
            Some(value) if value.get_ref().is_table() => {
                let fields = self.fields(value, &keys::LINK_FOR)?;
                let Some(bin) = fields.get("bin") else {
                    self.missing(fields.span.clone(), "for", "bin", "write `for = { bin = \"name\" }`");
                    return None;
                };
                ArgScope::Bin(self.name(
                    bin,
                    "a binary's name",
                    names::is_package,
                    "write it as in `[[bin]]`",
                )?)
            }
            Some(value) => {
                match self.choice(value, "for", &["all", "bins", "cdylib", "tests", "examples", "benches"])? {
                    "bins" => ArgScope::Bins,
                    "cdylib" => ArgScope::Cdylib,
                    "tests" => ArgScope::Tests,
                    "examples" => ArgScope::Examples,
                    "benches" => ArgScope::Benches,
                    _ => ArgScope::All,
                }
            }
        };
        Some(Link::Arg { arg, scope })
    }
}

/// Returns the text with a `0` in place of each variable.
fn sample(text: &Text) -> String {
    text.parts
        .iter()
        .map(|part| match part {
            TextPart::Literal(literal) => literal.as_str(),
            TextPart::Variable(_) => "0",
        })
        .collect()
}
