//! What a check's declaration says on this host.

use std::collections::BTreeMap;
use std::path::Path;

use inert_manifest_spec::condition::{Channel, Condition, Fact, Truth, Version};
use inert_manifest_spec::types::{
    ArgScope, Cfg, CompileProbe, Declaration, Guarded, Item, Link, LinkKind, OutFile, PathRef, ProbeKind,
    ProbeSource, Text, TextPart,
};
use inert_migrate_tool::PackageSource;

use crate::said::{Answer, Said, Told, key};

/// Where a check runs and what its declaration's conditions are about.
#[derive(Clone)]
pub(crate) struct Here {
    /// The package that it lies in; files of a check that asks for none.
    pub(crate) package: Option<std::path::PathBuf>,
    pub(crate) environment: BTreeMap<String, String>,
    /// `rustc --print cfg`.
    pub(crate) cfgs: Vec<String>,
    pub(crate) host: String,
    /// rustc's.
    pub(crate) version: Version,
    /// The date of rustc's commit; empty where it has none.
    pub(crate) commit_date: String,
    /// Answers to the declaration's own probes.
    pub(crate) probes: BTreeMap<String, bool>,
}

pub(crate) const PACKAGE_VERSION: &str = "1.2.3";

impl Here {
    /// Derives a script and says what its declaration says.
    pub(crate) fn answer(&self, script: &str) -> Answer {
        let source = PackageSource {
            root: self.package.clone().unwrap_or_default(),
            script: Some("build.rs".into()),
            name: "checked".into(),
            version: PACKAGE_VERSION.into(),
            edition: "2021".into(),
            in_memory: BTreeMap::from([("build.rs".to_owned(), script.as_bytes().to_vec())]),
            ..PackageSource::default()
        };
        self.answer_of(&source)
    }

    /// Derives a package's script and says what its declaration says.
    pub(crate) fn answer_of(&self, source: &PackageSource) -> Answer {
        let derivation = inert_migrate_tool::derive(source);
        match &derivation.declaration {
            None => Answer::Refused,
            Some(declaration) => {
                let answer = |kind: &ProbeKind| match kind {
                    ProbeKind::PathExists { path } => Path::new(path).exists(),
                    ProbeKind::Compiles(CompileProbe { source: ProbeSource::Text(text), .. }) => {
                        crate::program::compiles(text)
                    }
                    _ => false,
                };
                let probes =
                    declaration.probe.iter().map(|(name, probe)| (name.clone(), answer(&probe.kind)));
                Self { probes: probes.collect(), ..self.clone() }.says(declaration)
            }
        }
    }

    fn says(&self, declaration: &Declaration) -> Answer {
        if declaration.unsupported.as_ref().is_some_and(|when| self.holds(Some(when))) {
            return Answer::Refused;
        }
        if declaration.error.iter().any(|item| self.holds(item.when.as_ref())) {
            return Answer::Says(Said::Failed);
        }
        let mut told = Told::default();
        for (name, cfg) in &declaration.cfg {
            match cfg {
                Cfg::Option(when) if self.holds(Some(when)) => {
                    told.cfgs.insert(name.clone());
                }
                Cfg::Option(_) => {}
                Cfg::Values(values) => {
                    let values = values.iter().filter(|(_, when)| self.holds(Some(when)));
                    told.cfgs.extend(values.map(|(value, _)| format!("{name}=\"{value}\"")));
                }
            }
        }
        for (name, value) in &declaration.rustc_env {
            if let Some(value) = self.chosen(value) {
                told.envs.insert(name.clone(), self.text(value));
            }
        }
        for Item { value, when, .. } in &declaration.link {
            if !self.holds(when.as_ref()) {
                continue;
            }
            match value {
                Link::Lib { name, kind, modifiers, rename } => {
                    let kind = match kind {
                        None => "",
                        Some(LinkKind::Dylib) => "dylib",
                        Some(LinkKind::Static) => "static",
                        Some(LinkKind::Framework) => "framework",
                        Some(LinkKind::RawDylib) => "raw-dylib",
                    };
                    let modifiers = match modifiers.is_empty() {
                        true => String::new(),
                        false => format!(":{}", modifiers.join(",")),
                    };
                    let before = format!("{kind}{modifiers}");
                    let equals = if before.is_empty() { "" } else { "=" };
                    let rename = rename.as_ref().map(|name| format!(":{name}")).unwrap_or_default();
                    told.links.push(format!("{before}{equals}{}{rename}", self.text(name)));
                }
                Link::Arg { arg, scope } => {
                    let scope = match scope {
                        ArgScope::All => String::new(),
                        other => format!("-{other:?}").to_lowercase(),
                    };
                    told.others.push(format!("rustc-link-arg{scope}={}", self.text(arg)));
                }
                Link::Search { path, kind, .. } => {
                    let kind = kind.map(|kind| format!("{kind:?}=").to_lowercase()).unwrap_or_default();
                    told.others.push(format!("rustc-link-search={kind}{path:?}"));
                }
                other => told.links.push(format!("{other:?}")),
            }
        }
        for Item { value, when, .. } in &declaration.warning {
            if self.holds(when.as_ref()) {
                told.others.push(format!("warning={}", self.text(value)));
            }
        }
        told.others.sort_by(|a, b| key(a).cmp(key(b)));
        for (path, file) in &declaration.out_dir {
            if let Some(file) = self.chosen(file) {
                told.files.insert(path.0.clone(), self.file(file));
            }
        }
        Answer::Says(Said::Told(Box::new(told)))
    }

    fn chosen<'d, T>(&self, value: &'d Guarded<T>) -> Option<&'d T> {
        let held = value.alternatives.iter().find(|item| !item.otherwise && self.holds(item.when.as_ref()));
        held.or_else(|| value.alternatives.iter().find(|item| item.otherwise)).map(|item| &item.value)
    }

    fn file(&self, file: &OutFile) -> Option<String> {
        Some(match file {
            OutFile::Text(text) => self.text(text),
            OutFile::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            OutFile::Copy(PathRef::Package(path)) => {
                let package = self.package.as_deref().unwrap_or(Path::new(""));
                let bytes = std::fs::read(package.join(&path.0)).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            OutFile::Concat(parts) => {
                let held = parts.iter().filter(|part| self.holds(part.when.as_ref()));
                held.filter_map(|part| self.file(&part.value)).collect()
            }
            OutFile::Directory => return None,
            other => format!("{other:?}"),
        })
    }

    fn text(&self, text: &Text) -> String {
        let part = |part: &TextPart| match part {
            TextPart::Literal(literal) => literal.clone(),
            TextPart::Variable(name) => match name.as_str() {
                "target" | "host" => self.host.clone(),
                "profile" => "debug".to_owned(),
                "opt-level" => "0".to_owned(),
                "package.version" => PACKAGE_VERSION.to_owned(),
                "package.version.major" => "1".to_owned(),
                "package.version.minor" => "2".to_owned(),
                "package.version.patch" => "3".to_owned(),
                "package.name" => "checked".to_owned(),
                "rustc.minor" => self.version.minor.to_string(),
                name => match name.split_once('.') {
                    Some(("env", name)) => self.environment.get(name).cloned().unwrap_or_default(),
                    Some(("cfg", key)) => self.values(key).join(","),
                    _ => format!("${{{name}}}"),
                },
            },
        };
        text.parts.iter().map(part).collect()
    }

    fn values(&self, key: &str) -> Vec<&str> {
        let pairs = self.cfgs.iter().filter_map(|line| line.split_once('='));
        pairs.filter(|(name, _)| *name == key).map(|(_, value)| value.trim_matches('"')).collect()
    }

    fn holds(&self, when: Option<&Condition>) -> bool {
        when.is_none_or(|when| when.evaluate(&mut |fact: &Fact| Truth::from(self.fact(fact))) == Truth::Yes)
    }

    fn fact(&self, fact: &Fact) -> bool {
        match fact {
            Fact::TargetOption(name) if name == "target_feature" => !self.values(name).is_empty(),
            Fact::TargetOption(name) => self.cfgs.iter().any(|line| line == name),
            Fact::TargetKey { key, value } => self.values(key).contains(&value.as_str()),
            Fact::Target(glob) | Fact::Host(glob) => glob.matches(&self.host),
            Fact::Rustc(test) => test.holds(&self.version),
            Fact::RustcCommitDate(test) => !self.commit_date.is_empty() && test.holds(&self.commit_date),
            Fact::Channel(channel) => *channel == Channel::Stable,
            Fact::Profile(profile) => profile == "debug",
            Fact::OptLevel(level) => level == "0",
            Fact::Debug => true,
            // Where `command` has its programs.
            Fact::Program(name) => {
                ["/usr/bin", "/bin"].iter().any(|folder| Path::new(folder).join(name).exists())
            }
            Fact::Env { name, value } => match value {
                None => self.environment.contains_key(name),
                Some(value) => self.environment.get(name) == Some(value),
            },
            Fact::Probe { name, .. } => self.probes.get(name).copied().unwrap_or(false),
            Fact::PathExists(path) => {
                self.package.as_ref().is_some_and(|package| package.join(path).exists())
            }
            _ => false,
        }
    }
}
