//! Reads `cc-library`: source builds.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::guard::Form;
use super::reader::{Fields, Reader, Value};
use super::text::Place;
use crate::rules::{self, libraries, names};
use crate::write as inline;
use crate::{CcFlag, CcLibrary, CompilerFamily, Define, Guarded, PathRef, Text, codes, keys};

const SOURCE: Form<PathRef> =
    Form { what: "sources", plain: |reader, value, what| reader.source(value, what), table: None };
const EXCLUDE: Form<PathRef> =
    Form { what: "exclude", plain: |reader, value, what| reader.glob(value, what), table: None };
const INCLUDE: Form<PathRef> =
    Form { what: "include-dirs", plain: |reader, value, what| reader.path(value, what), table: None };
const HEADER: Form<PathRef> =
    Form { what: "install-headers", plain: |reader, value, what| reader.glob(value, what), table: None };
const DEFINE: Form<Define> =
    Form { what: "defines", plain: |reader, value, _| reader.define(value), table: None };
/// Form of a boolean; messages call it by its key.
const BOOLEAN: Form<bool> =
    Form { what: "", plain: |reader, value, what| reader.boolean(value, what), table: None };

const FLAG: Form<CcFlag> = Form {
    what: "flags",
    plain: |reader, value, _| {
        Some(CcFlag { flag: reader.compiler_flag(value)?, if_supported: false, compiler: None })
    },
    table: Some((&keys::FLAG, |reader, fields| reader.flags(fields))),
};

const STANDARD: Form<String> = Form {
    what: "std",
    plain: |reader, value, what| Some(reader.choice(value, what, keys::STANDARDS)?.to_owned()),
    table: None,
};

const OPT_LEVEL: Form<String> = Form {
    what: "opt-level",
    plain: |reader, value, what| {
        Some(reader.choice(value, what, &["0", "1", "2", "3", "s", "z"])?.to_owned())
    },
    table: None,
};

const CPP_STDLIB: Form<String> =
    Form { what: "cpp-link-stdlib", plain: |reader, value, _| reader.link_name(value), table: None };

impl Reader<'_> {
    pub(super) fn cc_libraries(&mut self, value: &Value<'_>) -> BTreeMap<String, CcLibrary> {
        self.map(value, "cc-library", |reader, name, span, value| {
            if !names::is_link_name(name) {
                let shown = crate::render::escaped(name);
                let help = "write it as after `-l`: `z` for `libz.a`";
                reader.error(
                    codes::NAME,
                    format!("`{shown}` cannot be an archive's name"),
                    span,
                    "this name",
                    help,
                );
            } else if libraries::is_reserved(name) {
                let message = format!("`{name}` is a library of the system or the toolchain");
                reader.error(
                    codes::RESERVED,
                    message,
                    span,
                    "a package cannot supply it",
                    "choose another name",
                );
            }
            Some((name.to_owned(), reader.cc_library(value)?))
        })
    }

    fn cc_library(&mut self, value: &Value<'_>) -> Option<CcLibrary> {
        let fields = self.fields(value, &keys::CC_LIBRARY)?;
        let mut library = CcLibrary { span: value.span(), ..CcLibrary::default() };
        library.when = fields.get("when").and_then(|when| self.condition(when, "when"));
        for (key, form, list) in [
            ("sources", &SOURCE, &mut library.sources),
            ("exclude", &EXCLUDE, &mut library.exclude),
            ("include-dirs", &INCLUDE, &mut library.include_dirs),
        ] {
            if let Some(value) = fields.get(key) {
                *list = self.list(value, form);
            }
        }
        for (key, flag) in [
            ("cpp", &mut library.cpp),
            ("warnings", &mut library.warnings),
            ("extra-warnings", &mut library.extra_warnings),
            ("debug", &mut library.debug),
            ("pic", &mut library.pic),
            ("static-crt", &mut library.static_crt),
        ] {
            *flag = fields.get(key).and_then(|value| self.guarded(value, &Form { what: key, ..BOOLEAN }));
        }
        library.std = fields.get("std").and_then(|value| self.guarded(value, &STANDARD));
        library.opt_level = fields.get("opt-level").and_then(|value| self.guarded(value, &OPT_LEVEL));
        library.cpp_link_stdlib =
            fields.get("cpp-link-stdlib").and_then(|value| self.guarded(value, &CPP_STDLIB));
        if let Some(value) = fields.get("flags") {
            library.flags = self.list(value, &FLAG);
        }
        if let Some(value) = fields.get("defines") {
            library.defines = self.map(value, "defines", |reader, name, span, value| {
                if !names::is_identifier(name.strip_suffix("(...)").unwrap_or(name)) {
                    let shown = crate::render::escaped(name);
                    let help = "an identifier has letters, digits and `_`; the value goes after `=`";
                    reader.error(
                        codes::NAME,
                        format!("`{shown}` cannot be a macro's name"),
                        span,
                        "this name",
                        help,
                    );
                }
                Some((name.to_owned(), reader.guarded(value, &DEFINE)?))
            });
        }
        if let Some(value) = fields.get("install-headers") {
            library.install_headers = self.map(value, "install-headers", |reader, path, span, value| {
                if libraries::is_crate(path) || libraries::of_file(path).is_some() {
                    let message = "a linker or rustc would take this file for a library";
                    reader.error(
                        codes::RESERVED,
                        message,
                        span.clone(),
                        "not a header",
                        "choose another name",
                    );
                }
                let path = reader.checked(path, span, rules::path::check);
                let header: Option<Guarded<PathRef>> = reader.guarded(value, &HEADER);
                Some((path?, header?))
            });
        }
        library.folder = fields.get("folder").and_then(|value| self.relative(value, "folder"));
        if let Some(value) = fields.get("link").and_then(|value| self.boolean(value, "link")) {
            library.link = value;
        }
        if let Some(value) = fields.get("modifiers") {
            library.modifiers = self.modifiers(value);
        }
        if fields.get("sources").is_none() {
            self.missing(fields.span.clone(), "cc-library", "sources", "write `sources = [\"src/*.c\"]`");
        }
        Some(library)
    }

    /// Reads a source file. Its ending must name a language: GCC passes files with other endings to the linker.
    fn source(&mut self, value: &Value<'_>, what: &str) -> Option<PathRef> {
        let path = self.glob(value, what)?;
        let file = match &path {
            PathRef::Package(path)
            | PathRef::OutDir(path)
            | PathRef::Dep { path, .. }
            | PathRef::BuildDependency { path, .. } => path.0.as_str(),
            PathRef::LibraryInclude(_) | PathRef::LibraryIncludeLast(_) | PathRef::LibraryLib(_) => "",
        };
        if !rules::SOURCE_ENDINGS.iter().any(|ending| file.ends_with(ending)) {
            let message =
                format!("`{}` is not the name of a source", crate::render::escaped(&inline::path(&path)));
            let help =
                format!("a source ends in {}", crate::suggest::listed(rules::SOURCE_ENDINGS.iter().copied()));
            self.error(codes::SOURCE, message, value.span(), "its ending is no language's", help);
            return None;
        }
        Some(path)
    }

    fn define(&mut self, value: &Value<'_>) -> Option<Define> {
        match value.get_ref() {
            DeValue::Boolean(true) => Some(Define::Flag),
            DeValue::Boolean(false) => {
                let help = "leave it out, or write `\"0\"` for the value 0";
                self.error(
                    codes::BAD_VALUE,
                    "a macro that is `false` is not defined at all",
                    value.span(),
                    "says nothing",
                    help,
                );
                None
            }
            DeValue::Integer(number) => Some(Define::Value(Text::literal(number.to_string()))),
            DeValue::String(_) => Some(Define::Value(self.text(value, "defines", Place::Line)?)),
            _ => {
                self.wrong_type(value, "defines", "`true`, a string or a number");
                None
            }
        }
    }

    fn flags(&mut self, fields: &Fields<'_, '_>) -> Option<Vec<CcFlag>> {
        let flags = match self.one_of(fields, &["flag", "flags"])? {
            ("flag", value) => vec![self.compiler_flag(value)?],
            (_, value) => self.strings(value, Self::compiler_flag),
        };
        let if_supported =
            fields.get("if-supported").and_then(|value| self.boolean(value, "if-supported")).unwrap_or(false);
        let compiler = fields.get("compiler").and_then(|value| {
            Some(match self.choice(value, "compiler", &["gnu", "clang", "msvc"])? {
                "gnu" => CompilerFamily::Gnu,
                "clang" => CompilerFamily::Clang,
                _ => CompilerFamily::Msvc,
            })
        });
        Some(flags.into_iter().map(|flag| CcFlag { flag, if_supported, compiler }).collect())
    }

    pub(super) fn modifiers(&mut self, value: &Value<'_>) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        self.strings(value, |reader, value| {
            let modifier = reader.choice(value, "modifiers", rules::MODIFIERS)?.to_owned();
            let name = modifier[1..].to_owned();
            if seen.contains(&name) {
                let message = format!("`{name}` is said twice");
                reader.error(codes::DUPLICATE, message, value.span(), "the second one", "keep one of them");
            }
            seen.push(name);
            Some(modifier)
        })
    }
}
