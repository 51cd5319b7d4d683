//! Reads `probe`: questions by name.

use std::collections::BTreeMap;

use super::guard::Form;
use super::reader::{Fields, Reader, Use, Value};
use crate::rules::{flags, names};
use crate::{Bootstrap, CompileProbe, Probe, ProbeEmit, ProbeKind, ProbeSource, RelativePath, codes, keys};

/// The keys that choose the question, each with the keys that may accompany it.
const KINDS: &[(&str, &[&str])] = &[
    ("compiles", COMPILE),
    ("compiles-text", COMPILE),
    ("macro", &["header", "library"]),
    ("function", &["header", "library"]),
    ("sizeof", &["header"]),
    ("links", &["source"]),
    ("c-flag", &["cpp"]),
    ("variable", &["library", "word"]),
    ("path-exists", &[]),
];

const COMPILE: &[&str] =
    &["edition", "crate-type", "cfgs", "emit", "rustc-bootstrap", "cap-lints", "rustflags", "target"];

/// The keys that may accompany `header` where it is itself the question.
const HEADER: &[&str] = &["library"];

const CFG: Form<String> = Form {
    what: "cfg",
    plain: |reader, value, _| {
        let help = "write `name` or `name=\"value\"`, as after `--cfg`";
        reader.name(value, "a cfg", names::is_cfg_spec, help)
    },
    table: None,
};

impl Reader<'_> {
    pub(super) fn probes(&mut self, value: &Value<'_>) -> BTreeMap<String, Probe> {
        self.map(value, "probe", |reader, name, span, value| {
            reader.key_name(name, span, "a probe's name");
            let fields = reader.fields(value, &keys::PROBE)?;
            let when = fields.get("when").and_then(|when| reader.condition(when, "when"));
            let kind = reader.probe_kind(&fields)?;
            Some((name.to_owned(), Probe { kind, when, span: value.span() }))
        })
    }

    fn probe_kind(&mut self, fields: &Fields<'_, '_>) -> Option<ProbeKind> {
        let kinds: Vec<&'static str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        let (kind, beside) = if fields.present(&kinds).is_empty() && fields.get("header").is_some() {
            ("header", HEADER)
        } else {
            let (kind, _) = self.one_of(fields, &kinds)?;
            (kind, KINDS.iter().find(|(row, _)| *row == kind).map_or(HEADER, |(_, beside)| *beside))
        };
        for (key, span) in fields.keys() {
            if key != kind && key != "when" && !beside.contains(&key) && keys::PROBE.key(key).is_some() {
                let message = format!("`{key}` says nothing beside `{kind}`");
                self.error(codes::KEYS_CONFLICT, message, span, "not for this probe", "leave it out");
            }
        }
        let value = fields.get(kind)?;
        Some(match kind {
            "compiles" => {
                let source = ProbeSource::File(self.relative(value, kind)?);
                ProbeKind::Compiles(self.compile_probe(fields, source))
            }
            "compiles-text" => {
                let source = ProbeSource::Text(self.string(value, kind)?.to_owned());
                ProbeKind::Compiles(self.compile_probe(fields, source))
            }
            "macro" => {
                let name = self.identifier(value, "a macro's name");
                let Some(header) = fields.get("header") else {
                    let help = "write `header = \"x.h\"`, which is included first";
                    self.missing(fields.span.clone(), "probe", "header", help);
                    return None;
                };
                let header = self.header(header);
                ProbeKind::Macro { name: name?, header: header?, library: self.probe_library(fields) }
            }
            "header" => {
                ProbeKind::Header { header: self.header(value)?, library: self.probe_library(fields) }
            }
            "function" => ProbeKind::Function {
                name: self.identifier(value, "a function's name")?,
                header: fields.get("header").and_then(|value| self.header(value)),
                library: self.probe_library(fields),
            },
            "sizeof" => ProbeKind::SizeOf {
                c_type: self.name(
                    value,
                    "a C type",
                    names::is_c_type,
                    "write `long`, `struct stat`, `void *`",
                )?,
                header: fields.get("header").and_then(|value| self.header(value)),
            },
            "links" => {
                let source = match fields.get("source") {
                    Some(value) => Some(self.c_program(value)?),
                    None => None,
                };
                ProbeKind::Links { lib: self.link_name(value)?, source }
            }
            "c-flag" => ProbeKind::CFlag {
                flag: self.compiler_flag(value)?,
                cpp: fields.get("cpp").and_then(|value| self.boolean(value, "cpp")).unwrap_or(false),
            },
            "variable" => {
                let help = "write the name as the .pc file defines it: `prefix`";
                let name = self.name(value, "a variable of a .pc file", names::is_pkg_config_module, help);
                let word = fields.get("word").map(|value| {
                    let help = "one word of the variable's value, without blanks";
                    self.name(value, "a word", |text| !text.contains(char::is_whitespace), help)
                });
                let Some(library) = self.probe_library(fields) else {
                    let help = "write `library = \"…\"`, whose `.pc` file is read";
                    self.missing(fields.span.clone(), "probe", "library", help);
                    return None;
                };
                let word = match word {
                    Some(None) => return None,
                    Some(word) => word,
                    None => None,
                };
                ProbeKind::Variable { name: name?, library, word }
            }
            _ => ProbeKind::PathExists { path: self.absolute(value)? },
        })
    }

    /// Reads the path of a C file in the package. Its ending must be `.c`: a compiler passes files with unknown
    /// endings to the linker.
    fn c_program(&mut self, value: &Value<'_>) -> Option<RelativePath> {
        let path = self.relative(value, "source")?;
        if path.0.ends_with(".c") {
            return Some(path);
        }
        let message = format!("`{}` is not the name of a C source", crate::render::escaped(&path.0));
        self.error(codes::PATH, message, value.span(), "ends otherwise", "name a file that ends in `.c`");
        None
    }

    fn compile_probe(&mut self, fields: &Fields<'_, '_>, source: ProbeSource) -> CompileProbe {
        let mut boolean = |key| fields.get(key).and_then(|value| self.boolean(value, key)).unwrap_or(true);
        let (cap_lints, rustflags, target) = (boolean("cap-lints"), boolean("rustflags"), boolean("target"));
        let mut choice = |key, choices| fields.get(key).and_then(|value| self.choice(value, key, choices));
        let edition = choice("edition", keys::EDITIONS).map(str::to_owned);
        let crate_type = choice("crate-type", keys::PROBE_CRATE_TYPES).map(str::to_owned);
        let emit = match choice("emit", keys::PROBE_EMITS) {
            Some("obj") => ProbeEmit::Object,
            Some("llvm-ir") => ProbeEmit::LlvmIr,
            _ => ProbeEmit::Metadata,
        };
        let bootstrap = match choice("rustc-bootstrap", &["inherit", "unset", "set"]) {
            Some("unset") => Bootstrap::Unset,
            Some("set") => Bootstrap::Set,
            _ => Bootstrap::Inherit,
        };
        let cfgs = fields.get("cfgs").map(|value| self.list(value, &CFG)).unwrap_or_default();
        CompileProbe { source, edition, crate_type, cfgs, bootstrap, emit, cap_lints, rustflags, target }
    }

    fn probe_library(&mut self, fields: &Fields<'_, '_>) -> Option<String> {
        let value = fields.get("library")?;
        let name = self.string(value, "library")?.to_owned();
        self.uses.push((Use::Library(name.clone()), value.span()));
        Some(name)
    }

    /// Checks a name that the declaration itself chooses.
    pub(super) fn key_name(&mut self, name: &str, span: crate::Span, what: &str) {
        if !names::is_name(name) {
            let shown = crate::render::escaped(name);
            let help = "it has letters, digits, `_`, `-` and `+`, and begins with no sign";
            self.error(codes::NAME, format!("`{shown}` cannot be {what}"), span, what, help);
        }
    }

    pub(super) fn identifier(&mut self, value: &Value<'_>, what: &str) -> Option<String> {
        self.name(
            value,
            what,
            names::is_identifier,
            "an identifier has letters, digits and `_`, and begins with no digit",
        )
    }

    pub(super) fn header(&mut self, value: &Value<'_>) -> Option<String> {
        self.name(
            value,
            "a header",
            names::is_header,
            "write it as between `<` and `>`: `openssl/opensslv.h`",
        )
    }

    /// Reads a library's name as after `-l`.
    pub(super) fn link_name(&mut self, value: &Value<'_>) -> Option<String> {
        self.name(value, "a library's name", names::is_link_name, "write it as after `-l`: `z` for `libz.so`")
    }

    pub(super) fn compiler_flag(&mut self, value: &Value<'_>) -> Option<String> {
        let flag = self.string(value, "flag")?;
        match flags::compiler_flag(flag) {
            Ok(()) => Some(flag.to_owned()),
            Err(refusal) => {
                self.error(codes::COMPILER_FLAG, refusal.message, value.span(), "this flag", refusal.help);
                None
            }
        }
    }

    /// Reads an absolute path of the machine that builds.
    fn absolute(&mut self, value: &Value<'_>) -> Option<String> {
        let path = self.string(value, "path-exists")?;
        let after_drive = match path.as_bytes() {
            [drive, b':', b'/', ..] if drive.is_ascii_alphabetic() => &path[2..],
            _ => path,
        };
        let plain =
            |part: &str| part != ".." && part != "." && !part.contains(|c: char| c.is_control() || c == '\\');
        if !after_drive.starts_with('/') || !after_drive.split('/').all(plain) {
            let help = "write `/usr/include/x.h` or `C:/x`; a file of the package is asked for by `path_exists` in a condition";
            self.error(codes::PATH, "an absolute path is expected", value.span(), "this path", help);
            return None;
        }
        Some(path.to_owned())
    }
}
