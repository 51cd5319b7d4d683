//! Reads `library`: native libraries that are looked for.

use std::collections::BTreeMap;

use super::guard::Form;
use super::reader::{Fields, Reader, Use, Value};
use crate::condition::{Comparison, is_comparable, split_operator};
use crate::rules::{self, env, libraries, names};
use crate::{Item, Library, LinkKind, Prefer, VersionRange, codes, keys, suggest};

const MODULE: Form<String> = Form {
    what: "pkg-config",
    plain: |reader, value, _| {
        let help = "a module has letters, digits, `+`, `.`, `_` and `-`; versions go under `version`";
        reader.name(value, "a pkg-config module", names::is_pkg_config_module, help)
    },
    table: None,
};

const PORT: Form<String> = Form {
    what: "vcpkg",
    plain: |reader, value, _| {
        let help = "a port has lower-case letters, digits and `-`";
        reader.name(value, "a vcpkg port", names::is_vcpkg_port, help)
    },
    table: None,
};

const LIB: Form<String> =
    Form { what: "libs", plain: |reader, value, _| reader.link_name(value), table: None };

const MODIFIER: Form<String> = Form {
    what: "modifiers",
    plain: |reader, value, what| reader.choice(value, what, rules::MODIFIERS).map(str::to_owned),
    table: None,
};

const FRAMEWORK: Form<String> = Form {
    what: "frameworks",
    plain: |reader, value, _| {
        reader.name(value, "a framework", names::is_link_name, "write `Security`, without path or ending")
    },
    table: None,
};

const VERSION: Form<VersionRange> =
    Form { what: "version", plain: |reader, value, _| reader.version_range(value), table: None };

const KIND: Form<LinkKind> = Form {
    what: "kind",
    plain: |reader, value, what| {
        Some(match reader.choice(value, what, &["dylib", "static"])? {
            "static" => LinkKind::Static,
            _ => LinkKind::Dylib,
        })
    },
    table: None,
};

const PREFER: Form<Prefer> = Form {
    what: "prefer",
    plain: |reader, value, what| {
        Some(match reader.choice(value, what, &["system", "source"])? {
            "source" => Prefer::Source,
            _ => Prefer::System,
        })
    },
    table: None,
};

/// The help for a refused variable that names a library's folder.
const OWN_NAME: &str = "it begins with a name of the library (its key, or one under `pkg-config`, `vcpkg`, `libs`, `frameworks` or \
                        `fallback`) in upper case";

/// Returns the names of the library: its key and those that it lists.
fn names_of<'a>(key: &'a str, library: &'a Library, fallback: Option<&'a Value<'_>>) -> Vec<&'a str> {
    let lists = [&library.pkg_config, &library.vcpkg, &library.libs, &library.frameworks];
    let listed = lists.into_iter().flatten().map(|item| item.value.as_str());
    let fallback = fallback.and_then(|value| value.get_ref().as_str());
    std::iter::once(key).chain(listed).chain(fallback).collect()
}

impl Reader<'_> {
    pub(super) fn libraries(&mut self, value: &Value<'_>) -> BTreeMap<String, Library> {
        self.map(value, "library", |reader, name, span, value| {
            reader.key_name(name, span, "a library's name");
            Some((name.to_owned(), reader.library(name, value)?))
        })
    }

    fn library(&mut self, name: &str, value: &Value<'_>) -> Option<Library> {
        let fields = self.fields(value, &keys::LIBRARY)?;
        let mut library = Library { span: value.span(), ..Library::default() };
        for (key, form, list) in [
            ("pkg-config", &MODULE, &mut library.pkg_config),
            ("vcpkg", &PORT, &mut library.vcpkg),
            ("libs", &LIB, &mut library.libs),
            ("frameworks", &FRAMEWORK, &mut library.frameworks),
            ("modifiers", &MODIFIER, &mut library.modifiers),
        ] {
            if let Some(value) = fields.get(key) {
                *list = self.list(value, form);
            }
        }
        for (key, flag) in [
            ("optional", &mut library.optional),
            ("search", &mut library.search),
            ("print-system-libs", &mut library.print_system_libs),
            ("link", &mut library.link),
        ] {
            if let Some(value) = fields.get(key).and_then(|value| self.boolean(value, key)) {
                *flag = value;
            }
        }
        self.check_modifiers(&fields, &library);
        library.when = fields.get("when").and_then(|when| self.condition(when, "when"));
        library.version = fields.get("version").and_then(|value| self.guarded(value, &VERSION));
        library.kind = fields.get("kind").and_then(|value| self.guarded(value, &KIND));
        library.prefer = fields.get("prefer").and_then(|value| self.guarded(value, &PREFER));
        library.header = fields.get("header").and_then(|value| self.header(value));
        if let Some(value) = fields.get("env-prefix") {
            library.env_prefix = self.identifier(value, "a prefix of variables");
            if let Some(prefix) = library.env_prefix.clone()
                && self.library_variable(&format!("{prefix}_DIR"), value)
                && !env::is_of_library(&prefix, &names_of(name, &library, fields.get("fallback")), &[""])
            {
                let message = format!("`{prefix}` is no name of this library's");
                self.error(codes::RESERVED, message, value.span(), "this prefix", OWN_NAME);
            }
        }
        if let Some(value) = fields.get("version-macro") {
            library.version_macro = self.identifier(value, "a macro's name");
            if fields.get("header").is_none() {
                self.missing(
                    fields.span.clone(),
                    "library",
                    "header",
                    "write the header that holds the macro",
                );
            }
        }
        if let Some(value) = fields.get("env") {
            let names = names_of(name, &library, fields.get("fallback"));
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            library.env = self.env_roles(value, &names);
        }
        if let Some(value) = fields.get("fallback")
            && let Some(name) = self.string(value, "fallback")
        {
            self.uses.push((Use::CcLibrary(name.to_owned()), value.span()));
            library.fallback = Some(name.to_owned());
        }
        if fields
            .present(&[
                "pkg-config",
                "vcpkg",
                "libs",
                "frameworks",
                "header",
                "env-prefix",
                "env",
                "fallback",
            ])
            .is_empty()
        {
            let help = "write `pkg-config`, `vcpkg`, `libs`, `frameworks` or `fallback`";
            self.error(
                codes::MISSING_KEY,
                "the library says no way to find it",
                fields.span.clone(),
                "in this table",
                help,
            );
        }
        Some(library)
    }

    /// Checks that modifiers come with `libs`: of everything that a library's `.pc` file links, they apply only to
    /// its own files.
    fn check_modifiers(&mut self, fields: &Fields<'_, '_>, library: &Library) {
        let Some(value) = fields.get("modifiers") else { return };
        if library.libs.is_empty() {
            let help =
                "write `libs = [\"name\"]`, as after `-l`; what the library needs besides is linked without";
            self.missing(value.span(), "library", "libs", help);
        }
        for (at, item) in library.modifiers.iter().enumerate() {
            let same = |other: &Item<String>| other.value[1..] == item.value[1..];
            // Items with different conditions may never hold together; if they do, resolution reports it.
            let always = |item: &Item<String>| item.when.is_none() && !item.otherwise;
            if always(item) && library.modifiers[..at].iter().any(|other| same(other) && always(other)) {
                let message = format!("`{}` is said twice", &item.value[1..]);
                self.error(
                    codes::DUPLICATE,
                    message,
                    item.span.clone(),
                    "the second one",
                    "keep one of them",
                );
            }
        }
        let verbatim = library.modifiers.iter().any(|item| item.value == "+verbatim");
        for lib in library.libs.iter().filter(|_| verbatim) {
            let lower = lib.value.to_ascii_lowercase();
            if !libraries::SEARCH_ENDINGS.iter().any(|ending| lower.ends_with(ending)) {
                let message = "a verbatim name is a file's, and this is no archive, object or import library";
                let help = "write the file's whole name, `libz.a`, or leave `+verbatim` out";
                self.error(codes::NAME, message, lib.span.clone(), "this file", help);
            }
        }
    }

    fn env_roles(&mut self, value: &Value<'_>, own: &[String]) -> BTreeMap<String, Vec<String>> {
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        self.map(value, "env", |reader, role, span, value| {
            if !keys::ENV_ROLES.iter().any(|(known, _)| *known == role) {
                let help =
                    suggest::help(role, keys::ENV_ROLES.iter().map(|(role, _)| *role)).unwrap_or_default();
                let shown = crate::render::escaped(role);
                reader.error(
                    codes::UNKNOWN_KEY,
                    format!("a variable has no role `{shown}`"),
                    span,
                    "unknown role",
                    help,
                );
            }
            let names = reader.strings(value, |reader, value| {
                let name = reader.name(
                    value,
                    "a variable's name",
                    names::is_env_name,
                    "write the variable's name alone",
                )?;
                let endings =
                    env::ENDINGS.iter().find(|(known, _)| *known == role).map(|(_, endings)| *endings);
                if reader.library_variable(&name, value)
                    && let Some(endings) = endings
                    && !env::is_of_library(&name, &own, endings)
                {
                    let message = format!("`{name}` is no variable of this library's that says its `{role}`");
                    let help = format!(
                        "{OWN_NAME}, and ends with one of {}",
                        endings.iter().map(|ending| format!("`{ending}`")).collect::<Vec<_>>().join(", ")
                    );
                    reader.error(codes::RESERVED, message, value.span(), "this variable", help);
                }
                Some(name)
            });
            Some((role.to_owned(), names))
        })
    }

    fn library_variable(&mut self, name: &str, value: &Value<'_>) -> bool {
        match env::library(name) {
            Ok(()) => true,
            Err(refusal) => {
                self.error(codes::RESERVED, refusal.message, value.span(), "this variable", refusal.help);
                false
            }
        }
    }

    /// Reads a version range, such as `>=1.2.11, <2`.
    fn version_range(&mut self, value: &Value<'_>) -> Option<VersionRange> {
        let text = self.string(value, "version")?;
        let inner = self.inner(value, text);
        let mut comparisons = Vec::new();
        let mut at = 0;
        for part in text.split(',') {
            let span = inner.map_or(value.span(), |inner| inner + at..inner + at + part.len());
            at += part.len() + 1;
            let part = part.trim();
            match split_operator(part) {
                Some((operator, version))
                    if is_comparable(version)
                        && version.starts_with(|c: char| c.is_ascii_digit())
                        && version.chars().all(|c| c.is_ascii_alphanumeric() || "._+-~^:".contains(c)) =>
                {
                    comparisons.push(Comparison { operator, value: version.to_owned() });
                }
                None if part.starts_with(|c: char| c.is_ascii_digit()) => {
                    let help = format!("write `>={part}`, or one of `>`, `<=`, `<`, `=`");
                    self.error(
                        codes::OPERATOR_MISSING,
                        "a version needs an operator",
                        span,
                        "exactly this, or at least this?",
                        help,
                    );
                    return None;
                }
                _ => {
                    let help = "write `>=1.2.11`, or `>=1.2.11, <2`";
                    self.error(codes::BAD_VALUE, "not a version range", span, "this part", help);
                    return None;
                }
            }
        }
        Some(VersionRange { comparisons })
    }
}
