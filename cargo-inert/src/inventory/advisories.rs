//! Holds the parts of a build against advisories in the OSV format, which lie in a folder: nothing is fetched.
//!
//! A crate is known by its name in `crates.io`, a library of Debian or Ubuntu by the name of its source package. Bundled
//! source has no identity in any of the databases, so that it is compared by name; where the versions of an advisory do
//! not decide, that is the result, and nothing is taken for unaffected.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::{Inventory, Native, Provider, versions};

/// The size in bytes up to which a file is read.
const LARGEST: u64 = 16 << 20;

/// The number of files after which a folder is not read any further.
const FILES: usize = 1_000_000;

/// An advisory that concerns a part of the build.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The id of the advisory.
    pub id: String,
    /// Other ids of the same advisory, such as that of CVE.
    pub aliases: Vec<String>,
    /// The title of the advisory, its first line.
    pub summary: Option<String>,
    /// The name of the part.
    pub name: String,
    /// The version of the part, if it is known.
    pub version: Option<String>,
    /// The kind of the part: `crate`, `system` or `bundled`.
    pub kind: &'static str,
    /// The packages that use it, or that bundle it.
    pub used_by: BTreeSet<String>,
    /// True if its version is affected; false if the advisory is for a part of this name, and nothing says whether for
    /// this version.
    pub is_affected: bool,
}

/// The result of a comparison.
#[derive(Debug, Default, Serialize)]
pub struct Compared {
    /// The version of the format.
    pub schema: u32,
    /// The number of advisories that were read.
    pub advisories: usize,
    /// The number of parts that were compared.
    pub parts: usize,
    /// The packages and the native code that no advisory can be compared with, each with the reason.
    pub uncompared: Vec<String>,
    /// The advisories that concern the build, sorted.
    pub findings: Vec<Finding>,
}

/// A part of the build as databases may know it.
struct Subject<'a> {
    name: String,
    /// Its names in a database, in lower case.
    names: BTreeSet<String>,
    version: Option<&'a str>,
    kind: &'static str,
    used_by: BTreeSet<String>,
    /// The ecosystems whose advisories can be about it.
    ecosystem: Ecosystem,
}

enum Ecosystem {
    Crates,
    /// A distribution whose packages are Debian's kind, with its release: `Debian:12`, `Ubuntu:24.04`.
    Debian(String),
    /// Source of no ecosystem.
    Source,
}

/// Compares all parts with the advisories of a folder.
///
/// # Errors
/// The folder cannot be read, or a file of it is no advisory; the error is a message.
pub fn compare(inventory: &Inventory, folder: &Path) -> Result<Compared, String> {
    let mut uncompared = Vec::new();
    let subjects = subjects(inventory, &mut uncompared);
    let mut compared = Compared { schema: 1, parts: subjects.len(), uncompared, ..Compared::default() };
    let mut findings = BTreeSet::new();
    let files = files(folder)?;
    if files.is_empty() {
        return Err(format!(
            "{}: no advisories lie in this folder (`*.json`, in the OSV format); nothing was compared",
            folder.display()
        ));
    }
    for file in files {
        let text = crate::file::read_text(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let advisory: Value =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        let Some(id) = advisory["id"].as_str() else {
            return Err(format!("{}: no advisory in the OSV format: it has no `id`", file.display()));
        };
        compared.advisories += 1;
        if advisory["withdrawn"].is_string() {
            continue;
        }
        for affected in advisory["affected"].as_array().into_iter().flatten() {
            for subject in subjects.iter().filter(|subject| subject.is_meant(affected)) {
                let Some(is_affected) = subject.is_affected(affected) else { continue };
                let aliases = advisory["aliases"].as_array().into_iter().flatten();
                let _ = findings.insert(Finding {
                    id: id.to_owned(),
                    aliases: aliases.filter_map(|alias| alias.as_str().map(str::to_owned)).collect(),
                    summary: advisory["summary"].as_str().map(str::to_owned),
                    name: subject.name.clone(),
                    version: subject.version.map(str::to_owned),
                    kind: subject.kind,
                    used_by: subject.used_by.clone(),
                    is_affected,
                });
            }
        }
    }
    // Several entries of one advisory may be about the same part; one that affects it is enough.
    let all: Vec<Finding> = findings.into_iter().collect();
    let surer = |one: &Finding| {
        !one.is_affected
            && all.iter().any(|other| {
                other.is_affected
                    && (&other.id, &other.name, &other.version) == (&one.id, &one.name, &one.version)
            })
    };
    compared.findings = all.iter().filter(|one| !surer(one)).cloned().collect();
    Ok(compared)
}

fn subjects<'a>(inventory: &'a Inventory, uncompared: &mut Vec<String>) -> Vec<Subject<'a>> {
    let mut found = Vec::new();
    for part in inventory.parts.iter().filter(|part| !part.is_skipped) {
        if !part.is_from_crates_io() {
            // No database has advisories of the workspace's own packages.
            if !part.is_member {
                uncompared.push(format!("{}: it is not from crates.io", part.id));
            }
            continue;
        }
        found.push(Subject {
            name: part.id.name.clone(),
            names: [part.id.name.to_lowercase()].into(),
            version: Some(&part.id.version),
            kind: "crate",
            used_by: BTreeSet::new(),
            ecosystem: Ecosystem::Crates,
        });
    }
    for native in &inventory.natives {
        match of_native(native) {
            Ok(subject) => found.push(subject),
            Err(why) => uncompared.push(format!("{} ({}): {why}", native.name, native.target)),
        }
    }
    found
}

fn of_native(native: &Native) -> Result<Subject<'_>, &'static str> {
    let subject = |names, version, kind, ecosystem| Subject {
        name: native.name.clone(),
        names,
        version,
        kind,
        used_by: native.used_by.clone(),
        ecosystem,
    };
    match &native.provider {
        Provider::System { development, runtime, .. } => {
            let owner = runtime.as_ref().or(development.as_ref());
            let owner = owner.ok_or("no package of a distribution owns it, as far as is known here")?;
            let name = match owner.distribution.as_str() {
                "debian" => "Debian",
                "ubuntu" => "Ubuntu",
                _ => return Err("no advisories are known of its distribution"),
            };
            let release = owner.release.as_ref().ok_or("the release of its distribution is not known")?;
            let names = [owner.source.to_lowercase()].into();
            let ecosystem = Ecosystem::Debian(format!("{name}:{release}"));
            Ok(subject(names, Some(&owner.source_version), "system", ecosystem))
        }
        Provider::Bundled { version, .. } => {
            let mut names: BTreeSet<String> = BTreeSet::new();
            for name in native.aliases.iter().chain([&native.name]) {
                let name = name.to_lowercase();
                names.extend([format!("lib{name}"), name.trim_start_matches("lib").to_owned(), name]);
            }
            // A name of one letter (`z`) names many things.
            names.retain(|name| name.len() > 1);
            Ok(subject(names, version.as_deref(), "bundled", Ecosystem::Source))
        }
        Provider::Prebuilt { .. } => Err("it is shipped compiled"),
        Provider::Missing => Err("it is missing on this machine"),
        Provider::Script { .. } => Err("a script links it"),
    }
}

impl Subject<'_> {
    /// Returns whether an entry of an advisory is about a part of this name.
    fn is_meant(&self, affected: &Value) -> bool {
        let package = &affected["package"];
        let ecosystem = package["ecosystem"].as_str().unwrap_or_default();
        let name = package["name"].as_str().unwrap_or_default().to_lowercase();
        match &self.ecosystem {
            Ecosystem::Crates => ecosystem == "crates.io" && self.names.contains(&name),
            Ecosystem::Debian(own) => {
                // `Debian` without a release is for all of them; `Ubuntu:24.04:LTS` has a word behind its release.
                let of_all = own.split_once(':').map_or(own.as_str(), |(name, _)| name);
                let of_release = ecosystem.strip_prefix(own.as_str());
                let is_own = of_release.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
                (is_own || ecosystem == of_all) && self.names.contains(&name)
            }
            Ecosystem::Source => {
                let of_source = ["", "OSS-Fuzz", "GIT"].contains(&ecosystem);
                of_source
                    && (self.names.contains(&name)
                        || repositories(affected).any(|name| self.names.contains(&name)))
            }
        }
    }

    /// Returns whether the version is affected: `None` if it is not, `Some(false)` if nothing decides.
    fn is_affected(&self, affected: &Value) -> Option<bool> {
        let Some(version) = self.version else { return Some(false) };
        let listed: Vec<&str> =
            affected["versions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let same = |listed: &&str| match self.ecosystem {
            Ecosystem::Source => tag(listed).as_deref() == Some(version),
            _ => *listed == version,
        };
        if listed.iter().any(same) {
            return Some(true);
        }
        let mut undecided = false;
        let mut ranges = 0;
        for range in affected["ranges"].as_array().into_iter().flatten() {
            ranges += 1;
            match self.is_within(range, version) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => undecided = true,
            }
        }
        // A list of tags is complete for what the ranges of commits hold, if this version is a tag's.
        if undecided && listed.iter().any(|one| tag(one).is_some()) && is_release(version) {
            undecided = false;
        }
        // An entry without versions and ranges is for all versions.
        match (undecided, ranges == 0 && listed.is_empty()) {
            (true, _) | (_, true) => Some(false),
            _ => None,
        }
    }

    /// Returns whether a version is in a range; `None` if the versions cannot be compared.
    fn is_within(&self, range: &Value, version: &str) -> Option<bool> {
        let is_debian = match (&self.ecosystem, range["type"].as_str()) {
            (Ecosystem::Crates, Some("SEMVER" | "ECOSYSTEM")) | (Ecosystem::Source, Some("SEMVER")) => false,
            (Ecosystem::Debian(_), Some("ECOSYSTEM")) => true,
            // Commits have no order that is known here.
            _ => return None,
        };
        let order = |one: &str, other: &str| match is_debian {
            true => Some(versions::debian(one, other)),
            false => versions::semver(one, other),
        };
        let mut within = false;
        let mut highest: Option<&str> = None;
        let events = range["events"].as_array().filter(|events| !events.is_empty())?;
        for event in events {
            // An event of several keys has no order, and decides nothing.
            let event = event.as_object().filter(|event| event.len() == 1)?;
            let (name, at) = event.iter().next()?;
            let at = at.as_str()?;
            let beyond = if at == "0" { Ordering::Greater } else { order(version, at)? };
            // The events are in the order of their versions (the format says so); in another order nothing is known.
            if let Some(before) = highest.filter(|before| *before != "0")
                && order(before, at)? == Ordering::Greater
            {
                return None;
            }
            highest = Some(at);
            match name.as_str() {
                "introduced" if beyond != Ordering::Less => within = true,
                "fixed" if beyond != Ordering::Less => within = false,
                "last_affected" if beyond == Ordering::Greater => within = false,
                "introduced" | "fixed" | "last_affected" | "limit" => {}
                _ => return None,
            }
        }
        Some(within)
    }
}

/// Returns the names of the repositories of an entry, in lower case.
fn repositories(affected: &Value) -> impl Iterator<Item = String> {
    let ranges = affected["ranges"].as_array().into_iter().flatten();
    ranges.filter_map(|range| {
        let address = range["repo"].as_str()?.trim_end_matches('/');
        let last = address.rsplit('/').next()?;
        Some(last.trim_end_matches(".git").to_lowercase())
    })
}

/// Returns the version that a tag is named for: `v1.2.13`, `zlib-1.2.13`, `curl-7_88_0`.
fn tag(text: &str) -> Option<String> {
    let version = text.trim_start_matches(|c: char| !c.is_ascii_digit()).replace('_', ".");
    is_release(&version).then_some(version)
}

fn is_release(version: &str) -> bool {
    version.contains('.')
        && version.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns all `.json` files of a folder and of those in it, sorted. Symlinks are not followed.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(folder) = pending.pop() {
        let describe = |error: std::io::Error| format!("{}: {error}", folder.display());
        for entry in std::fs::read_dir(&folder).map_err(describe)? {
            let entry = entry.map_err(describe)?;
            let meta = entry.metadata().map_err(describe)?;
            let path = entry.path();
            if meta.is_dir() {
                pending.push(path);
            } else if meta.is_file() && path.extension().is_some_and(|kind| kind == "json") {
                if meta.len() > LARGEST {
                    return Err(format!("{}: it is larger than any advisory", path.display()));
                }
                found.push(path);
            }
        }
        if found.len() > FILES {
            return Err(format!("{}: it holds too many files", folder.display()));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn subject(version: Option<&'static str>, ecosystem: Ecosystem) -> Subject<'static> {
        Subject {
            name: "zlib".to_owned(),
            names: ["zlib".to_owned()].into(),
            version,
            kind: "bundled",
            used_by: BTreeSet::new(),
            ecosystem,
        }
    }

    #[test]
    fn ranges_and_lists() {
        let range = |kind: &str, events: Value| json!({ "ranges": [{ "type": kind, "events": events }] });
        let crates = |version| subject(Some(version), Ecosystem::Crates);
        let fixed = range(
            "SEMVER",
            json!([{ "introduced": "1.0.0" }, { "fixed": "1.2.0" }, { "introduced": "2.0.0-0" }]),
        );
        for (version, expected) in [
            ("0.9.0", None),
            ("1.0.0", Some(true)),
            ("1.1.9", Some(true)),
            ("1.2.0", None),
            ("2.0.0", Some(true)),
        ] {
            assert_eq!(crates(version).is_affected(&fixed), expected, "{version}");
        }
        let last = range("SEMVER", json!([{ "introduced": "0" }, { "last_affected": "1.2.0" }]));
        assert_eq!(crates("1.2.0").is_affected(&last), Some(true));
        assert_eq!(crates("1.2.1").is_affected(&last), None);
        // What is in no order, or of no known kind, decides nothing.
        let odd = range("SEMVER", json!([{ "fixed": "2.0.0" }, { "introduced": "1.0.0" }]));
        assert_eq!(crates("1.5.0").is_affected(&odd), Some(false));
        assert_eq!(crates("1.5.0").is_affected(&range("OTHER", json!([{ "introduced": "1" }]))), Some(false));
        assert_eq!(crates("1.5.0").is_affected(&json!({})), Some(false), "all versions are meant");
        let joined = range("SEMVER", json!([{ "introduced": "1.0.0", "fixed": "2.0.0" }]));
        assert_eq!(crates("1.5.0").is_affected(&joined), Some(false));
        assert_eq!(crates("1.5.0").is_affected(&range("SEMVER", json!([]))), Some(false));
        let debian = |version| subject(Some(version), Ecosystem::Debian("Debian:12".to_owned()));
        let of_debian = range("ECOSYSTEM", json!([{ "introduced": "0" }, { "fixed": "1:1.2.13.dfsg-1" }]));
        assert_eq!(debian("1:1.2.11.dfsg-4").is_affected(&of_debian), Some(true));
        assert_eq!(debian("1:1.2.13.dfsg-1").is_affected(&of_debian), None);
        let ubuntu = subject(None, Ecosystem::Debian("Ubuntu:24.04".to_owned()));
        for (ecosystem, expected) in [
            ("Ubuntu:24.04:LTS", true),
            ("Ubuntu:24.04", true),
            ("Ubuntu", true),
            ("Ubuntu:24.10", false),
            ("Debian:12", false),
        ] {
            let entry = json!({ "package": { "ecosystem": ecosystem, "name": "zlib" } });
            assert_eq!(ubuntu.is_meant(&entry), expected, "{ecosystem}");
        }
    }

    #[test]
    fn bundled_source_is_compared_by_tags() {
        let entry = json!({
            "ranges": [{ "type": "GIT", "repo": "https://github.com/madler/zlib.git", "events": [{ "introduced": "0" }, { "fixed": "eff308af" }] }],
            "versions": ["v1.2.11", "v1.2.12", "old"],
        });
        let source = |version| subject(version, Ecosystem::Source);
        assert!(source(None).is_meant(&entry));
        assert_eq!(source(Some("1.2.12")).is_affected(&entry), Some(true));
        assert_eq!(source(Some("1.3.1")).is_affected(&entry), None);
        assert_eq!(source(Some("1.2.12-4-gabcdef")).is_affected(&entry), Some(false));
        assert_eq!(source(None).is_affected(&entry), Some(false));
        for events in [json!([{ "introduced": "0" }]), entry["ranges"][0]["events"].clone()] {
            let commits = json!({ "ranges": [{ "type": "GIT", "events": events }] });
            assert_eq!(source(Some("1.3.1")).is_affected(&commits), Some(false));
        }
        assert_eq!(tag("curl-7_88_0").as_deref(), Some("7.88.0"));
        assert!(!source(None).is_meant(&json!({ "package": { "ecosystem": "npm", "name": "zlib" } })));
    }
}
