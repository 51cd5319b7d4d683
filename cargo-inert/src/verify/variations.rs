//! The cases that a script is tried in: each input varied alone, inputs that scripts combine varied together, and some
//! cases at random. The literals in the script and its declaration determine which values matter.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{CTools, Case, Libraries, Profile, Programs, Release};
use super::manifest::Manifest;
use super::mentions::Mentions;
use super::shim::Probes;
use super::supply::Metadata;
use super::targets::{Rustc, USUAL};

/// The versions that simulated libraries have in all scripts' cases: one that only an upper bound rejects, and one that
/// every lower bound rejects.
pub(super) const NEW: &str = "99.0.0";
pub(super) const OLD: &str = "0.1";

/// The data that cases are made from.
#[derive(Debug)]
pub struct Inputs<'a> {
    /// The manifest of the package.
    pub manifest: &'a Manifest,
    /// The literals in the script.
    pub script: &'a Mentions,
    /// The literals in its declaration.
    pub declared: &'a Mentions,
    /// Further variables that the script reads.
    pub variables: &'a BTreeSet<String>,
    /// The versions of libraries that the script or its declaration names.
    pub versions: &'a [String],
    /// The values that the declarations of its dependencies give `DEP_…` variables.
    pub metadata: &'a Metadata,
    /// The real compiler and its facts.
    pub rustc: &'a Rustc,
    /// The feature sets of the package in the current build.
    pub builds: &'a [BTreeSet<String>],
    /// True if the script or the declaration compiles C.
    pub compiles_c: bool,
    /// True if the script or the declaration looks for libraries.
    pub finds_libraries: bool,
    /// True if the script reads rustc's version when it is compiled.
    pub built_in_version: bool,
    /// True if the script or the declaration starts rustc to compile.
    pub probes: bool,
    /// True if the declaration looks for programs.
    pub programs: bool,
    /// True if the script or the declaration reads rustc's flags.
    pub flags: bool,
    /// An existing folder, for variables that name one.
    pub folder: &'a str,
    /// A program that starts its arguments, for variables that name a wrapper of rustc.
    pub wrapper: &'a str,
    /// The number of random cases.
    pub random: usize,
}

/// Bounds that limit a script with hundreds of features to seconds.
const MAX_ALONE: usize = 48;
const MAX_TARGETS: usize = 28;
const MAX_RELEASES: usize = 24;
const MAX_VARIABLES: usize = 40;
const MAX_ALTERNATIVES: usize = 4;

/// Returns all cases, without duplicates.
#[must_use]
pub fn cases(inputs: &Inputs<'_>) -> Vec<Case> {
    let axes = Axes::of(inputs);
    let mut all = Vec::new();
    let base = axes.base();
    for features in &axes.features {
        all.push(Case { features: features.clone(), ..base.clone() });
    }
    // These cases supply everything that a script asks of others, so that it succeeds if it can at all.
    let dependencies = supplied(inputs, 0);
    // A range with an upper bound rejects the newest version, and alternatives of metadata exclude each other.
    if inputs.finds_libraries {
        for version in inputs.versions {
            for features in axes.few_features() {
                for target in [base.target.clone(), axes.other_target()] {
                    all.push(Case {
                        features: features.clone(),
                        libraries: Libraries::Version(version.clone()),
                        target,
                        dep: dependencies.clone(),
                        ..base.clone()
                    });
                }
            }
        }
    }
    for at in 1..inputs.metadata.values().map(Vec::len).max().unwrap_or_default().min(MAX_ALTERNATIVES) {
        for libraries in [Libraries::System, Libraries::Version(NEW.to_owned())] {
            all.push(Case { libraries, dep: supplied(inputs, at), ..base.clone() });
        }
    }
    if inputs.finds_libraries || !dependencies.is_empty() {
        for features in &axes.features {
            for libraries in [Libraries::System, Libraries::Version(NEW.to_owned())] {
                for target in [base.target.clone(), axes.other_target()] {
                    all.push(Case {
                        features: features.clone(),
                        libraries: libraries.clone(),
                        target,
                        dep: dependencies.clone(),
                        ..base.clone()
                    });
                }
            }
        }
    }
    for target in &axes.targets {
        for features in axes.few_features() {
            let case = Case { target: target.clone(), features: features.clone(), ..base.clone() };
            for probes in
                axes.probes.iter().filter(|probes| **probes != Probes::Real || *target == base.target)
            {
                all.push(Case { probes: *probes, ..case.clone() });
            }
        }
        all.push(Case { target: target.clone(), profile: Profile::Release, ..base.clone() });
    }
    for release in &axes.releases {
        for probes in &axes.probes {
            for features in axes.few_features() {
                all.push(Case {
                    rustc: release.clone(),
                    probes: *probes,
                    features: features.clone(),
                    ..base.clone()
                });
            }
            all.push(Case {
                rustc: release.clone(),
                probes: *probes,
                target: axes.other_target(),
                ..base.clone()
            });
        }
    }
    for setting in &axes.settings {
        for features in axes.few_features() {
            all.push(setting.on(&Case { features: features.clone(), ..base.clone() }));
        }
        for target in axes.targets.iter().take(4) {
            all.push(setting.on(&Case { target: target.clone(), ..base.clone() }));
        }
        if inputs.finds_libraries {
            all.push(setting.on(&Case { libraries: Libraries::Version(NEW.to_owned()), ..base.clone() }));
            all.push(setting.on(&Case { libraries: Libraries::None, ..base.clone() }));
        }
    }
    for profile in [Profile::Release, Profile::Size] {
        all.push(Case { profile, ..base.clone() });
    }
    if inputs.programs {
        for programs in [Programs::Absent, Programs::Present] {
            for features in &axes.features {
                all.push(Case { programs, features: features.clone(), ..base.clone() });
            }
            for target in &axes.targets {
                all.push(Case { programs, target: target.clone(), ..base.clone() });
            }
            for setting in &axes.settings {
                all.push(setting.on(&Case { programs, ..base.clone() }));
            }
        }
    }
    if inputs.finds_libraries {
        for libraries in &axes.libraries {
            for features in &axes.features {
                all.push(Case { libraries: libraries.clone(), features: features.clone(), ..base.clone() });
            }
            for target in &axes.targets {
                let case = Case { libraries: libraries.clone(), target: target.clone(), ..base.clone() };
                all.push(Setting::Env("PKG_CONFIG_ALLOW_CROSS".to_owned(), "1".to_owned()).on(&case));
                all.push(case);
            }
        }
    }
    if inputs.compiles_c {
        for c in [CTools::Frugal, CTools::Real] {
            for features in axes.few_features() {
                all.push(Case { c, features: features.clone(), ..base.clone() });
            }
        }
    }
    let mut random = Random::new(&inputs.manifest.name);
    for _ in 0..inputs.random {
        all.push(axes.at_random(&mut random));
    }
    let mut seen = BTreeSet::new();
    all.retain(|case| seen.insert(case.clone()));
    // Real compilations take longest. All but the first few go last, so that a time limit cuts off little.
    let mut at = 0;
    all.sort_by_key(|case| {
        at += 1;
        inputs.probes && case.probes == Probes::Real && at > 4
    });
    all
}

/// The values that each input takes.
struct Axes {
    host: String,
    features: Vec<BTreeSet<String>>,
    targets: Vec<String>,
    releases: Vec<Release>,
    probes: Vec<Probes>,
    settings: Vec<Setting>,
    libraries: Vec<Libraries>,
    programs: Vec<Programs>,
    /// True if many features are evaluated at compile time, so that each set of features needs a compilation.
    compiled_by_features: bool,
}

/// A further input with its value.
#[derive(Clone)]
enum Setting {
    Env(String, String),
    Dep(String, String),
    Cfg(String, String),
}

impl Setting {
    fn on(&self, case: &Case) -> Case {
        let mut case = case.clone();
        match self.clone() {
            Self::Env(name, value) => drop(case.env.insert(name, value)),
            Self::Dep(name, value) => drop(case.dep.insert(name, value)),
            Self::Cfg(name, value) => drop(case.cfgs.insert(name, value)),
        }
        case
    }
}

impl Axes {
    fn of(inputs: &Inputs<'_>) -> Self {
        Self {
            host: inputs.rustc.host.clone(),
            features: features(inputs),
            compiled_by_features: inputs.script.cfg_features.len() > 3,
            targets: targets(inputs),
            releases: releases(inputs),
            probes: if inputs.probes {
                vec![Probes::Real, Probes::Pass, Probes::Fail]
            } else {
                vec![Probes::Fail]
            },
            settings: settings(inputs),
            libraries: [
                Libraries::System,
                Libraries::None,
                Libraries::Version(NEW.to_owned()),
                Libraries::Version(OLD.to_owned()),
            ]
            .into(),
            programs: if inputs.programs {
                vec![Programs::AsFound, Programs::Absent, Programs::Present]
            } else {
                vec![Programs::AsFound]
            },
        }
    }

    fn base(&self) -> Case {
        Case {
            features: self.features.first().cloned().unwrap_or_default(),
            target: self.host.clone(),
            rustc: Release::Real,
            probes: self.probes[0],
            env: BTreeMap::new(),
            dep: BTreeMap::new(),
            cfgs: BTreeMap::new(),
            profile: Profile::Dev,
            libraries: Libraries::System,
            c: CTools::Noted,
            programs: Programs::AsFound,
        }
    }

    /// Returns the first three sets of features: the default, none, and all.
    fn few_features(&self) -> impl Iterator<Item = &BTreeSet<String>> {
        self.features.iter().take(3)
    }

    fn other_target(&self) -> String {
        self.targets.iter().find(|target| **target != self.host).unwrap_or(&self.host).clone()
    }

    fn at_random(&self, random: &mut Random) -> Case {
        let mut case = Case {
            target: random.pick(&self.targets).clone(),
            rustc: random.pick(&self.releases).clone(),
            probes: *random.pick(&self.probes),
            profile: *random.pick(&[Profile::Dev, Profile::Dev, Profile::Release, Profile::Size]),
            libraries: random.pick(&self.libraries).clone(),
            programs: *random.pick(&self.programs),
            ..self.base()
        };
        if case.target != self.host && case.probes == Probes::Real {
            case.probes = Probes::Fail;
        }
        if random.below(3) == 0 {
            case.features = random.pick(&self.features).clone();
        } else if !self.compiled_by_features {
            for _ in 0..1 + random.below(4) {
                case.features.extend(random.pick(&self.features).clone());
            }
        }
        if !self.settings.is_empty() {
            for _ in 0..random.below(4) {
                case = random.pick(&self.settings).on(&case);
            }
        }
        case
    }
}

/// Returns the sets of features: default, none, all, those of the current build, then each feature alone, beginning
/// with those that the script names.
fn features(inputs: &Inputs<'_>) -> Vec<BTreeSet<String>> {
    let manifest = inputs.manifest;
    let mut sets = vec![
        manifest.closure(["default"]),
        BTreeSet::new(),
        manifest.closure(manifest.features.keys().map(String::as_str)),
    ];
    sets.extend(inputs.builds.iter().cloned());
    let shout = |name: &str| name.to_uppercase().replace('-', "_");
    let named: BTreeSet<String> = [inputs.script, inputs.declared]
        .iter()
        .flat_map(|mentions| mentions.texts.iter())
        .map(|text| shout(text.strip_prefix("CARGO_FEATURE_").unwrap_or(text)))
        .collect();
    let mut names: Vec<String> =
        manifest.features.keys().filter(|name| *name != "default").cloned().collect();
    names.sort_by_key(|name| !named.contains(&shout(name)));
    let alone: Vec<String> = if names.len() > MAX_ALONE {
        let (first, rest) = names.split_at(MAX_ALONE / 2);
        let step = (rest.len() / (MAX_ALONE / 2)).max(1);
        first.iter().chain(rest.iter().step_by(step).take(MAX_ALONE / 2)).cloned().collect()
    } else {
        names
    };
    sets.extend(alone.iter().map(|name| manifest.closure([name.as_str()])));
    // In some packages features exclude each other. If there are few, each is also left out of the full set.
    if alone.len() > 2 && alone.len() <= 8 {
        for without in &alone {
            sets.push(manifest.closure(alone.iter().filter(|name| *name != without).map(String::as_str)));
        }
    }
    sets
}

fn targets(inputs: &Inputs<'_>) -> Vec<String> {
    let known = &inputs.rustc.targets;
    let mut found = vec![inputs.rustc.host.clone()];
    found.extend(USUAL.iter().map(|target| (*target).to_owned()));
    let texts = inputs.script.texts.iter().chain(&inputs.declared.texts);
    let mut named = Vec::new();
    for text in texts {
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_') {
            if word.len() >= 3 && word.len() < 50 {
                // One target with this name, one with this part, one with a part that begins with it.
                named.extend(known.iter().find(|target| *target == word));
                named.extend(known.iter().find(|target| target.split('-').any(|part| part == word)));
                named.extend(
                    known.iter().rev().find(|target| target.split('-').any(|part| part.starts_with(word))),
                );
            }
        }
    }
    found.extend(named.into_iter().cloned());
    // Some targets of other kinds, for scripts that test more than one part of the name.
    for target in [
        "i686-unknown-linux-gnu",
        "armv7-unknown-linux-gnueabihf",
        "x86_64-unknown-linux-musl",
        "x86_64-unknown-freebsd",
        "wasm32-wasip1",
        "aarch64-apple-ios",
    ] {
        found.extend(known.iter().find(|known| *known == target).cloned());
    }
    let mut seen = BTreeSet::new();
    found.retain(|target| known.contains(target) && seen.insert(target.clone()));
    found.truncate(MAX_TARGETS);
    found
}

fn releases(inputs: &Inputs<'_>) -> Vec<Release> {
    let real = inputs.rustc.short.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let newest = real.split('.').nth(1).and_then(|minor| minor.parse::<u64>().ok()).unwrap_or(95);
    let mut minors = BTreeSet::new();
    for number in inputs.script.numbers.iter().chain(&inputs.declared.numbers) {
        if (10..=newest + 3).contains(number) {
            minors.extend([number - 1, *number]);
        }
    }
    let mut releases = vec![Release::Real];
    if inputs.built_in_version {
        // Each release requires a compilation of the script, so few are tried.
        let (old, new) = (releases.len(), newest);
        releases.push(Release::Other("1.70.0".to_owned()));
        releases.push(Release::Other(format!("1.{}.0-nightly", new + 1)));
        releases.push(Release::Bare(format!("1.{}.1", new - 3)));
        let minors: Vec<u64> = minors.into_iter().filter(|minor| *minor >= 56).collect();
        let step = minors.len().div_ceil(4).max(1);
        releases.extend(minors.iter().step_by(step).map(|minor| Release::Other(format!("1.{minor}.0"))));
        debug_assert!(releases.len() > old, "some are always tried");
        return releases;
    }
    for version in ["1.31.0", "1.63.0", "1.78.0"] {
        releases.push(Release::Other(version.to_owned()));
    }
    releases.push(Release::Other(format!("1.{}.0-nightly", newest + 2)));
    releases.push(Release::Other(format!("1.{}.0-beta.3", newest + 1)));
    releases.push(Release::Other("1.70.0-nightly".to_owned()));
    releases.push(Release::Other(format!("1.{newest}.0-dev")));
    releases.push(Release::Bare(format!("1.{}.1", newest - 3)));
    releases.push(Release::Bare(format!("1.{newest}.0-dev")));
    releases.push(Release::Bare(format!("1.{}.0-nightly", newest + 1)));
    releases.push(Release::Vendor(format!("1.{}.0", newest - 2)));
    releases.push(Release::Vendor(format!("1.{newest}.0-nightly")));
    let minors: Vec<u64> = minors.into_iter().collect();
    let step = minors.len().div_ceil(MAX_RELEASES).max(1);
    releases.extend(minors.iter().step_by(step).map(|minor| Release::Other(format!("1.{minor}.0"))));
    releases
}

fn settings(inputs: &Inputs<'_>) -> Vec<Setting> {
    let mut settings = Vec::new();
    let mut variables: BTreeSet<String> = inputs.script.variables();
    variables.extend(inputs.declared.variables());
    variables.extend(inputs.variables.iter().cloned());
    // `NAME=value` in a condition of the declaration.
    let pairs: Vec<(String, String)> = inputs
        .declared
        .texts
        .iter()
        .filter_map(|text| text.split_once('='))
        .filter(|(name, _)| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        })
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    variables.extend(pairs.iter().map(|(name, _)| name.clone()));
    for name in variables
        .iter()
        .filter(|name| inputs.compiles_c || !matches!(name.as_str(), "CC" | "CXX" | "AR"))
        .take(MAX_VARIABLES)
    {
        // With a wrapper that does not start its arguments Cargo could not have compiled the script, so no run exists
        // to compare.
        let wrapper = name.starts_with("RUSTC_") && name.ends_with("WRAPPER");
        let values: &[&str] = if wrapper { &["", inputs.wrapper] } else { &["", "0", "1", inputs.folder] };
        for value in values {
            settings.push(Setting::Env(name.clone(), (*value).to_owned()));
        }
    }
    settings.extend(pairs.into_iter().map(|(name, value)| Setting::Env(name, value)));
    settings.push(Setting::Env("RUSTC_BOOTSTRAP".to_owned(), "1".to_owned()));
    if inputs.flags {
        // One flag, one flag in two parts, several flags, and flags that scripts look for.
        for flags in [
            "-Copt-level=2",
            "-C\x1flink-arg=-s",
            "-Ctarget-cpu=native",
            "-Ctarget-feature=+crt-static",
            "--cfg\x1fdemo\x1f-C\x1ftarget-feature=+lse,-sse3\x1f-Cdebuginfo=1",
        ] {
            settings.push(Setting::Cfg("CARGO_ENCODED_RUSTFLAGS".to_owned(), flags.to_owned()));
        }
    }
    for name in asked_of_dependencies(inputs).iter().take(16) {
        // A variable named as a number gets numbers, in hexadecimal as C headers print their version. A script fails on
        // other values, where the condition of its declaration is false: a documented difference.
        let number = name.ends_with("VERSION_NUMBER");
        for value in inputs.metadata.get(name).into_iter().flatten() {
            settings.push(Setting::Dep(name.clone(), value.clone()));
        }
        // A variable that conditions search for list items gets lists of those items; other values would only be passed
        // on.
        let words = words_of(inputs.declared, name);
        if let Some(first) = words.first() {
            for list in [String::new(), first.clone(), words.join(",")] {
                settings.push(Setting::Dep(name.clone(), list));
            }
            continue;
        }
        let values: &[&str] = if number {
            &["1", "10100000", "1010108f", "30000000", "3050000f"]
        } else {
            &["", "1", "0", "10100000", "0x30000000", inputs.folder]
        };
        for value in values {
            settings.push(Setting::Dep(name.clone(), (*value).to_owned()));
        }
    }
    let target: BTreeSet<&str> = inputs.script.starting_with("CARGO_CFG_").collect();
    for name in target {
        let values: &[&str] = match name {
            "TARGET_FEATURE" => &[
                "",
                "sse2",
                "fxsr,sse,sse2,avx,avx2,bmi2,fma",
                "crt-static,fxsr,sse,sse2",
                "neon,crc,aes,sha2",
            ],
            "SANITIZE" => &["address", "memory", "thread"],
            "PANIC" => &["abort", "unwind"],
            name if name.starts_with("TARGET_")
                || matches!(name, "UNIX" | "WINDOWS" | "FEATURE" | "DEBUG_ASSERTIONS") =>
            {
                &[]
            }
            _ => &["", "1"],
        };
        settings.extend(
            values.iter().map(|value| Setting::Cfg(format!("CARGO_CFG_{name}"), (*value).to_owned())),
        );
    }
    settings
}

/// Returns the metadata variables of dependencies that the script or the declaration reads.
fn asked_of_dependencies(inputs: &Inputs<'_>) -> BTreeSet<String> {
    [inputs.script, inputs.declared]
        .iter()
        .flat_map(|mentions| mentions.starting_with("DEP_"))
        .map(|rest| format!("DEP_{rest}"))
        .chain(deps_of_conditions(inputs.declared))
        .collect()
}

/// Returns a value for each metadata variable: of those that the dependencies' declarations have the one at this
/// position, else a plausible one, chosen by its name: a folder, a version, a number, or the list items that conditions
/// look for.
fn supplied(inputs: &Inputs<'_>, at: usize) -> BTreeMap<String, String> {
    let value = |name: &String| {
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        if let Some(values) = inputs.metadata.get(name).filter(|values| !values.is_empty()) {
            return (name.clone(), values[at % values.len()].clone());
        }
        let words = words_of(inputs.declared, name);
        let value = match words.first() {
            Some(_) => words.join(","),
            None if ends(&["VERSION_NUMBER"]) => "30000000".to_owned(),
            None if ends(&["VERSION"]) => "99.0.0".to_owned(),
            None if ends(&[
                "INCLUDE", "INCLUDES", "ROOT", "DIR", "LIB", "PATH", "PREFIX", "OUT", "LIBDIR",
            ]) =>
            {
                inputs.folder.to_owned()
            }
            None => "1".to_owned(),
        };
        (name.clone(), value)
    };
    asked_of_dependencies(inputs).iter().map(value).collect()
}

/// Returns the items that conditions of the form `dep = "links.key contains item"` look for in a variable.
fn words_of(declared: &Mentions, variable: &str) -> Vec<String> {
    let shout = |text: &str| text.to_uppercase().replace(['-', '.'], "_");
    let tests = declared.texts.iter().filter_map(|text| text.split_once(" contains "));
    tests
        .filter(|(name, _)| format!("DEP_{}", shout(name)) == *variable)
        .map(|(_, word)| word.trim().to_owned())
        .collect()
}

/// Returns the variables for `links.key` in conditions such as `dep = "links.key >= 1"`.
fn deps_of_conditions(declared: &Mentions) -> Vec<String> {
    let shout = |text: &str| text.to_uppercase().replace('-', "_");
    let word = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    let is_file = |text: &&String| text.ends_with(".rs");
    let names = declared.texts.iter().filter(|text| !is_file(text));
    names
        .filter_map(|text| text.split_whitespace().next()?.split_once('.'))
        .filter(|(links, key)| word(links) && word(key))
        .map(|(links, key)| format!("DEP_{}_{}", shout(links), shout(key)))
        .collect()
}

/// A deterministic generator of numbers, so that a failure is reproducible.
struct Random(u64);

impl Random {
    fn new(seed: &str) -> Self {
        Self(
            seed.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            }) | 1,
        )
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % bound.max(1) as u64).unwrap_or_default()
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}
