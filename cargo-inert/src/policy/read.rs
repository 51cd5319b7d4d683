//! Reading `inert.toml`, with all that is wrong with it at once.

use inert_manifest_spec::Diagnostic;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Allow, Declare, Matcher, Members, Policy, TreeConfiguration};
use crate::cargo::invocation::DenyBuildScripts;

/// Keys of each table, in the order of the reference.
const TOP: &[&str] = &["policy", "allow", "deny", "declare"];
const POLICY: &[&str] = &["deny-build-scripts", "members", "configuration"];
const ALLOW: &[&str] = &["package", "version", "source", "digest", "build-dependencies", "reason"];
const DENY: &[&str] = &["package", "version", "source", "reason"];
const DECLARE: &[&str] = &["package", "version", "source", "declaration"];

pub(super) fn policy(text: &str) -> (Policy, Vec<Diagnostic>) {
    let mut reader = Reader { diagnostics: Vec::new() };
    let mut policy = Policy::default();
    match DeTable::parse(text) {
        Ok(document) => reader.top(document.get_ref(), text, &mut policy),
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            reader.diagnostics.push(Diagnostic::error(
                "inert::policy::toml",
                error.message().to_owned(),
                span,
            ));
        }
    }
    (policy, reader.diagnostics)
}

struct Reader {
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    fn error(&mut self, message: impl Into<String>, span: std::ops::Range<usize>, help: &str) {
        let diagnostic = Diagnostic::error("inert::policy::invalid", message, span);
        self.diagnostics.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    fn known(&mut self, table: &DeTable<'_>, keys: &[&str], place: &str) {
        for key in table.keys() {
            if !keys.contains(&&**key.get_ref()) {
                let near = inert_manifest_spec::suggest::nearest(key.get_ref(), keys.iter().copied());
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("{place} knows {}", keys.join(", ")),
                };
                self.error(format!("unknown key `{}` in {place}", key.get_ref()), key.span(), &help);
            }
        }
    }

    fn top(&mut self, table: &DeTable<'_>, text: &str, policy: &mut Policy) {
        self.known(table, TOP, "inert.toml");
        if let Some(section) = self.table(table, "policy") {
            self.known(section, POLICY, "[policy]");
            if let Some((value, span)) = self.text(section, "deny-build-scripts") {
                match DenyBuildScripts::parse(&value).filter(|_| !value.is_empty()) {
                    Some(deny) => policy.deny = deny,
                    None => self.error("not an extent", span, "write \"dependencies\" or \"all\""),
                }
            }
            if let Some((value, span)) = self.text(section, "members") {
                match value.as_str() {
                    "allow" => policy.members = Members::Allow,
                    "deny" => policy.members = Members::Deny,
                    _ => self.error("not a rule for members", span, "write \"allow\" or \"deny\""),
                }
            }
            if let Some((value, span)) = self.text(section, "configuration") {
                match value.as_str() {
                    "allow" => policy.configuration = TreeConfiguration::Allow,
                    "deny" => policy.configuration = TreeConfiguration::Deny,
                    _ => self.error("not a rule for configuration", span, "write \"allow\" or \"deny\""),
                }
            }
        }
        for (entry, span) in self.entries(table, "allow") {
            self.known(entry, ALLOW, "[[allow]]");
            let matcher = self.matcher(entry, span.clone());
            let digest = self.required(entry, "digest", &span);
            let build_dependencies = self.texts(entry, "build-dependencies");
            let reason = self.required(entry, "reason", &span);
            if matcher.version.is_none() || matcher.source.is_none() {
                let help = "an allowed script is pinned: copy the stanza that the refusal printed";
                self.error("`version` and `source` are missing", span.clone(), help);
            }
            policy.allow.push(Allow { package: matcher, digest, build_dependencies, reason });
        }
        for (entry, span) in self.entries(table, "deny") {
            self.known(entry, DENY, "[[deny]]");
            let matcher = self.matcher(entry, span);
            policy.deny_packages.push(matcher);
        }
        for (entry, span) in self.entries(table, "declare") {
            self.known(entry, DECLARE, "[[declare]]");
            let package = self.matcher(entry, span.clone());
            match entry.get("declaration") {
                Some(value) => self.declaration(value, text, package, policy),
                None => self.error("`declaration` is missing", span, "add a [declare.declaration] table"),
            }
        }
    }

    fn declaration(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        text: &str,
        package: Matcher,
        policy: &mut Policy,
    ) {
        let parsed = inert_manifest_spec::parse_table(value, text);
        if let Some(declaration) = &parsed.declaration {
            let declaration = inert_manifest_spec::write::declaration(declaration);
            policy.declare.push(Declare { package, declaration });
        }
        self.diagnostics.extend(parsed.diagnostics);
    }

    fn matcher(&mut self, entry: &DeTable<'_>, span: std::ops::Range<usize>) -> Matcher {
        let name = self.required(entry, "package", &span);
        let version = self.text(entry, "version").map(|(text, _)| text);
        let source = self.text(entry, "source").map(|(text, _)| text);
        Matcher { name, version, source, span }
    }

    fn required(&mut self, entry: &DeTable<'_>, key: &str, span: &std::ops::Range<usize>) -> String {
        match self.text(entry, key) {
            Some((text, _)) if !text.trim().is_empty() => text,
            Some((_, span)) => {
                self.error(format!("`{key}` is empty"), span, "");
                String::new()
            }
            None => {
                self.error(format!("`{key}` is missing"), span.clone(), "");
                String::new()
            }
        }
    }

    fn table<'a>(&mut self, table: &'a DeTable<'a>, key: &str) -> Option<&'a DeTable<'a>> {
        let value = table.get(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => {
                self.error(format!("`{key}` is a table"), value.span(), "");
                None
            }
        }
    }

    fn entries<'a>(
        &mut self,
        table: &'a DeTable<'a>,
        key: &str,
    ) -> Vec<(&'a DeTable<'a>, std::ops::Range<usize>)> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let DeValue::Array(array) = value.get_ref() else {
            self.error(format!("`{key}` is a list of tables"), value.span(), &format!("write [[{key}]]"));
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in array.iter() {
            match item.get_ref() {
                DeValue::Table(table) => found.push((table, item.span())),
                _ => self.error(
                    format!("`{key}` is a list of tables"),
                    item.span(),
                    &format!("write [[{key}]]"),
                ),
            }
        }
        found
    }

    fn text(&mut self, table: &DeTable<'_>, key: &str) -> Option<(String, std::ops::Range<usize>)> {
        let value = table.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some((text.to_string(), value.span())),
            _ => {
                self.error(format!("`{key}` is a string"), value.span(), "");
                None
            }
        }
    }

    fn texts(&mut self, table: &DeTable<'_>, key: &str) -> Vec<String> {
        let Some(value) = table.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::String(text) => vec![text.to_string()],
            DeValue::Array(items) => {
                let mut all = Vec::new();
                for item in items.iter() {
                    match item.get_ref() {
                        DeValue::String(text) => all.push(text.to_string()),
                        _ => self.error(format!("`{key}` holds strings"), item.span(), ""),
                    }
                }
                all
            }
            _ => {
                self.error(format!("`{key}` is a string or a list of strings"), value.span(), "");
                Vec::new()
            }
        }
    }
}
