//! Reads the entries and settings of `inert.toml`.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use inert_manifest_spec::Capability;
use inert_resolver::request::LibraryPolicy;

use toml::de::DeValue;

use super::Reader;
use super::values::Values;
use crate::cargo::invocation::DenyBuildScripts;
use crate::policy::Baked;
use crate::policy::choice::Dependencies;
use crate::policy::layers::{Import, Layer};
use crate::policy::model::{
    AcceptedConfiguration, Allow, Compile, Declare, Deny, Matcher, Reviewed, ReviewedMacro, Verified,
};
use crate::policy::outputs::Outputs;

impl Reader<'_> {
    pub(super) fn policy(&mut self, values: &Values<'_>, layer: &mut Layer) {
        layer.deny = self.choice(values, "deny-build-scripts");
        if self.choice(values, "dependencies") == Some(Dependencies::Declared) {
            layer.deny = layer.deny.max(Some(DenyBuildScripts::Dependencies));
        }
        layer.members = self.choice(values, "members");
        layer.configuration = self.choice(values, "configuration");
        layer.undecided = self.choice(values, "undecided");
        layer.derived = self.choice(values, "derived");
        layer.capabilities = self.choices(values, "capabilities").map(capabilities);
        layer.proc_macros = self.choice(values, "proc-macros");
        layer.entries = self.choice(values, "entries");
    }

    pub(super) fn allow(&mut self, values: &Values<'_>, layer: &mut Layer) {
        let mut outputs = Outputs::default();
        for (item, span) in self.spanned_texts(values, "outputs") {
            if let Err(message) = outputs.add(&item) {
                self.error(message, span, "");
            }
        }
        let build_dependencies = self.linked(values, "build-dependencies");
        let rights = self.rights(values);
        let entry = Allow {
            package: self.matcher(values),
            digest: self.digest(values),
            build_dependencies,
            reason: self.text(values, "reason").unwrap_or_default(),
            reviewer: self.text(values, "reviewer"),
            expires: self.date(values, "expires"),
            rights,
            outputs,
            runtime: self.choice(values, "run").unwrap_or_default(),
            baseline: self.boolean(values, "baseline"),
            untrusted: None,
        };
        layer.allow.push(entry);
    }

    pub(super) fn compile(&mut self, values: &Values<'_>, layer: &mut Layer) {
        let _ = self.text(values, "reason");
        let entry =
            Compile { package: self.matcher(values), rights: self.rights_of_macros(values), untrusted: None };
        layer.compile.push(entry);
    }

    pub(super) fn deny(&mut self, values: &Values<'_>, layer: &mut Layer) {
        let entry = Deny { package: self.matcher(values), reason: self.text(values, "reason") };
        layer.deny_packages.push(entry);
    }

    pub(super) fn declare(&mut self, values: &Values<'_>, layer: &mut Layer) {
        let package = self.matcher(values);
        for key in ["reason", "reviewer"] {
            let _ = self.text(values, key);
        }
        let baked = self.baked(values);
        let digest = values.table.contains_key("digest").then(|| self.digest(values));
        let Some(value) = values.table.get("declaration") else { return };
        let parsed = inert_manifest_spec::parse_table(value, self.text);
        if let Some(declaration) = &parsed.declaration {
            let declaration = inert_manifest_spec::write::declaration(declaration);
            layer.declare.push(Declare { package, declaration, baked, digest, untrusted: None });
        }
        let errors =
            parsed.diagnostics.into_iter().filter(|one| one.severity == inert_manifest_spec::Severity::Error);
        self.diagnostics.extend(errors);
    }

    pub(super) fn review(&mut self, values: &Values<'_>, layer: &mut Layer) {
        let entry = Reviewed {
            package: self.matcher(values),
            digest: self.digest(values),
            capabilities: self.choices(values, "capabilities").map(capabilities).unwrap_or_default(),
            reason: self.text(values, "reason").unwrap_or_default(),
            reviewer: self.text(values, "reviewer"),
            expires: self.date(values, "expires"),
            baseline: self.boolean(values, "baseline"),
        };
        layer.review.push(entry);
    }

    pub(super) fn verified(&mut self, values: &Values<'_>, layer: &mut Layer) {
        let cases = self.integer(values, "cases").map(u64::try_from);
        if let (Some(Err(_) | Ok(0)), Some(value)) = (cases, values.table.get("cases")) {
            self.error(
                "`cases` is at least 1",
                value.span(),
                "where no case was equal, nothing was verified",
            );
        }
        let entry = Verified {
            package: self.matcher(values),
            digest: self.digest(values),
            cases: cases.and_then(Result::ok).unwrap_or_default(),
            host: self.text(values, "host").unwrap_or_default(),
            untrusted: None,
        };
        layer.verified.push(entry);
    }

    pub(super) fn proc_macro(&mut self, values: &Values<'_>, layer: &mut Layer) {
        let _ = self.text(values, "reviewer");
        let entry = ReviewedMacro {
            package: self.matcher(values),
            digest: self.digest(values),
            dependencies: self.linked(values, "dependencies"),
            reason: self.text(values, "reason").unwrap_or_default(),
            expires: self.date(values, "expires"),
        };
        layer.macros.push(entry);
    }

    pub(super) fn configuration(&mut self, values: &Values<'_>, layer: &mut Layer) {
        let _ = self.text(values, "reviewer");
        let folder = self.path.parent().unwrap_or(std::path::Path::new("."));
        let entry = AcceptedConfiguration {
            path: folder.join(self.text(values, "path").unwrap_or_default()),
            digest: self.digest(values),
            reason: self.text(values, "reason").unwrap_or_default(),
            expires: self.date(values, "expires"),
            line: self.line(values),
        };
        layer.accepted.push(entry);
    }

    pub(super) fn import(&mut self, values: &Values<'_>, layer: &mut Layer) {
        let _ = self.text(values, "revision");
        let folder = self.path.parent().unwrap_or(std::path::Path::new("."));
        let entry = Import {
            file: folder.join(self.text(values, "file").unwrap_or_default()),
            digest: self.digest(values),
            from: self.text(values, "from"),
            kinds: self.choices(values, "kinds").unwrap_or_default(),
            span: values.span.clone(),
            line: self.line(values),
        };
        layer.imports.push(entry);
    }

    pub(super) fn libraries(&mut self, values: &Values<'_>, policy: &mut LibraryPolicy) {
        for key in values.table.keys() {
            let name = key.get_ref().to_string();
            let Some(source) = self.choice(values, &name) else { continue };
            if name == "default" {
                policy.default = Some(source);
            } else {
                policy.by_name.insert(name, source);
            }
        }
    }

    pub(super) fn library_kind(&mut self, values: &Values<'_>, policy: &mut LibraryPolicy) {
        for key in values.table.keys() {
            let name = key.get_ref().to_string();
            if let Some(kind) = self.choice(values, &name) {
                policy.kind.insert(name, kind);
            }
        }
    }

    pub(super) fn library_prefix(&mut self, values: &Values<'_>, policy: &mut LibraryPolicy) {
        let folder = self.path.parent().unwrap_or(Path::new(".")).to_path_buf();
        for key in values.table.keys() {
            let name = key.get_ref().to_string();
            if let Some(prefix) = self.text(values, &name) {
                policy.prefix.insert(name, folder.join(prefix));
            }
        }
    }

    /// Reads the files of a baked declaration.
    fn baked(&mut self, values: &Values<'_>) -> Vec<Baked> {
        const HELP: &str = "write `\"lib.rs\" = { file = \"inert/baked/…\", digest = \"sha256:…\" }`, as `cargo inert bake` does";
        let mut found = Vec::new();
        let Some(value) = values.table.get("baked") else { return found };
        let Some(table) = value.get_ref().as_table().filter(|table| !table.is_empty()) else {
            self.error("`baked` is a table of files", value.span(), HELP);
            return found;
        };
        let folder = self.path.parent().unwrap_or(Path::new("."));
        for (path, value) in table {
            let items: Vec<_> = match value.get_ref() {
                DeValue::Array(list) => list.iter().map(|item| (item.get_ref(), item.span())).collect(),
                one => vec![(one, value.span())],
            };
            for (item, span) in items {
                let known = ["file", "digest", "when"];
                let text = |key: &str| Some(item.as_table()?.get(key)?.get_ref().as_str()?.to_owned());
                let only = item.as_table().is_some_and(|table| {
                    table.iter().all(|(key, value)| {
                        known.contains(&&**key.get_ref()) && value.get_ref().as_str().is_some()
                    })
                });
                let (Some(file), Some(digest), true) = (text("file"), text("digest"), only) else {
                    self.error(format!("`{}` of `baked` is no file", path.get_ref()), span, HELP);
                    continue;
                };
                if !digest.strip_prefix("sha256:").is_some_and(is_digest) {
                    self.error("not a digest", span, HELP);
                    continue;
                }
                let is_below = Path::new(&file).components().all(|part| matches!(part, Component::Normal(_)));
                if !is_below {
                    self.error("`file` leads out of this file's folder", span, HELP);
                    continue;
                }
                let path = path.get_ref().to_string();
                found.push(Baked { path, file: folder.join(file), digest, when: text("when"), span });
            }
        }
        found
    }

    /// Reads the digests of linked packages.
    fn linked(&mut self, values: &Values<'_>, key: &str) -> Vec<String> {
        for (item, span) in self.spanned_texts(values, key) {
            let words: Vec<&str> = item.split(' ').collect();
            if !matches!(words.len(), 1 | 3) || !words.last().is_some_and(|word| is_package_digest(word)) {
                let help = "write `sha256:…` for a whole set, or `name version sha256:…` for a package, with `+x:…` behind it as \
                            it was printed";
                self.error("neither a set nor a package", span, help);
            }
        }
        self.texts(values, key)
    }

    fn matcher(&mut self, values: &Values<'_>) -> Matcher {
        Matcher {
            name: self.text(values, "package").unwrap_or_default(),
            version: self.text(values, "version"),
            source: self.text(values, "source"),
            span: values.span.clone(),
            line: self.line(values),
            file: self.path.to_path_buf(),
        }
    }

    fn line(&self, values: &Values<'_>) -> usize {
        self.line_at(values.span.start)
    }

    pub(super) fn line_at(&self, offset: usize) -> usize {
        self.text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1)
    }

    fn digest(&mut self, values: &Values<'_>) -> String {
        let text = self.text(values, "digest").unwrap_or_default();
        let valid = is_package_digest(&text);
        if let Some(value) = values.table.get("digest").filter(|_| !valid && !text.is_empty()) {
            self.error(
                "not a digest",
                value.span(),
                "write `sha256:` and 64 digits in lower case, as the refusal printed it",
            );
        }
        text
    }
}

/// Returns whether a text has the form of a package's digest, which a digest of the executable files may follow.
fn is_package_digest(text: &str) -> bool {
    let (content, executable) = crate::digest::split(text);
    content.strip_prefix("sha256:").is_some_and(is_digest)
        && executable.is_none_or(|digits| digits.len() == 16 && is_hexadecimal(digits))
}

fn is_digest(digits: &str) -> bool {
    digits.len() == 64 && is_hexadecimal(digits)
}

fn is_hexadecimal(digits: &str) -> bool {
    digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn capabilities(names: Vec<String>) -> BTreeSet<Capability> {
    names.iter().filter_map(|name| name.parse().ok()).collect()
}
