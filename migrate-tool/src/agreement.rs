//! Tests a property: for any assignment of the inputs that a script mentions, a run in which the inputs are fixed has
//! the effects that the declaration's conditions give.

use inert_manifest_spec::condition::{Channel, Fact, Truth};
use inert_manifest_spec::types::{Cfg, Declaration};

use crate::logic::inputs::{OPT_LEVELS, PROFILES};
use crate::logic::{Domain, Inputs, targets};
#[cfg(test)]
use crate::{PackageSource, interp::Interp, logic::Guard, lower};

/// A small pseudo-random number generator (xorshift).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap_or(0)
    }
}

/// A concrete build: one answer for each input.
#[derive(Debug)]
pub(crate) struct Assignment {
    domains: Vec<(Domain, usize)>,
    envs: Vec<(String, Option<String>)>,
    facts: Vec<(Fact, bool)>,
}

impl Assignment {
    pub(crate) fn random(inputs: &Inputs, random: &mut Random) -> Self {
        let mut answer = |domain: Domain| loop {
            let at = random.below(domain.size());
            if domain != Domain::Host || targets::all()[at].may_be_host() {
                return (domain, at);
            }
        };
        let mut domains: Vec<(Domain, usize)> = Domain::ALL.into_iter().map(&mut answer).collect();
        let at = |wanted: Domain| Domain::ALL.iter().position(|domain| *domain == wanted).unwrap_or_default();
        let (target, host) = (at(Domain::Target), at(Domain::Host));
        if random.below(2) == 0 && targets::all()[domains[target].1].may_be_host() {
            domains[host].1 = domains[target].1;
        }
        let cross = domains[host].1 != domains[target].1;
        let envs = inputs
            .env_names()
            .into_iter()
            .map(|name| {
                let values = inputs.env_values(&name);
                let value = match random.below(values.len() + 2) {
                    // Cargo sets these variables itself, so they are never absent.
                    0 if name.starts_with("CARGO_") => Some(String::new()),
                    0 => None,
                    1 => Some("something else".to_owned()),
                    at => Some(values[at - 2].clone()),
                };
                (name, value)
            })
            .collect();
        let mut facts: Vec<(Fact, bool)> =
            inputs.facts().map(|fact| (fact.clone(), random.below(2) == 1)).collect();
        // Some facts follow from others.
        let dated = facts.iter().any(|(fact, holds)| *holds && matches!(fact, Fact::RustcCommitDate(_)));
        let featured = facts.iter().any(|(fact, holds)| {
            *holds && matches!(fact, Fact::TargetKey { key, .. } if key == "target_feature")
        });
        for (fact, holds) in &mut facts {
            if *fact == Fact::Cross {
                *holds = cross;
            }
            *holds |= dated && *fact == Inputs::has_commit();
            *holds |= featured && matches!(fact, Fact::TargetOption(name) if name == "target_feature");
        }
        Self { domains, envs, facts }
    }

    fn index(&self, wanted: Domain) -> usize {
        self.domains.iter().find(|(domain, _)| *domain == wanted).map_or(0, |(_, index)| *index)
    }

    pub(crate) fn target(&self) -> &'static str {
        targets::all()[self.index(Domain::Target)].triple
    }

    #[cfg(test)]
    pub(crate) fn host(&self) -> &'static str {
        targets::all()[self.index(Domain::Host)].triple
    }

    #[cfg(test)]
    pub(crate) fn profile(&self) -> &'static str {
        PROFILES[self.index(Domain::Profile)]
    }

    #[cfg(test)]
    pub(crate) fn opt_level(&self) -> &'static str {
        OPT_LEVELS[self.index(Domain::OptLevel)]
    }

    #[cfg(test)]
    pub(crate) fn patch(&self) -> usize {
        self.index(Domain::Patch)
    }

    /// Returns the values of a cfg key of the target.
    #[cfg(test)]
    pub(crate) fn values(&self, key: &str) -> Option<Vec<&'static str>> {
        targets::all()[self.index(Domain::Target)].values(key)
    }

    /// Returns the value of a variable of the caller's environment.
    #[cfg(test)]
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.envs.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_deref())
    }

    pub(crate) fn minor(&self) -> u64 {
        self.index(Domain::Minor) as u64
    }

    pub(crate) fn channel(&self) -> &'static str {
        ["stable", "beta", "nightly", "dev"][self.index(Domain::Channel)]
    }

    /// Returns whether rustc knows the commit that it was built from.
    pub(crate) fn dated(&self) -> bool {
        self.truth(&Inputs::has_commit()) == Truth::Yes
    }

    /// Returns the guard that holds for this build only, over the inputs of a run.
    #[cfg(test)]
    fn cube(&self, inputs: &mut Inputs) -> Guard {
        let mut cube = Guard::TRUE;
        for (domain, index) in &self.domains {
            let here = inputs.domain(*domain, &|at| at == *index);
            cube = inputs.and(cube, here);
        }
        for (fact, holds) in &self.facts {
            let here = inputs.fact(fact.clone());
            let here = if *holds { here } else { inputs.not(here) };
            cube = inputs.and(cube, here);
        }
        for (name, value) in &self.envs {
            let set = inputs.env_set(name);
            let here = match value {
                None => inputs.not(set),
                Some(value) => inputs.env_is(name, value),
            };
            cube = inputs.and(cube, here);
        }
        cube
    }

    pub(crate) fn truth(&self, fact: &Fact) -> Truth {
        let target = &targets::all()[self.index(Domain::Target)];
        let host = &targets::all()[self.index(Domain::Host)];
        let minor = self.index(Domain::Minor) as u64;
        Truth::from(match fact {
            Fact::TargetOption(name) if name == "unix" || name == "windows" => {
                target.families.contains(&name.as_str())
            }
            Fact::TargetKey { key, value } if target.values(key).is_some() => {
                target.values(key).is_some_and(|values| values.contains(&value.as_str()))
            }
            Fact::Target(glob) => glob.matches(target.triple),
            Fact::Host(glob) => glob.matches(host.triple),
            Fact::Rustc(comparison) => comparison.holds(&inert_manifest_spec::condition::Version {
                major: 1,
                minor,
                patch: self.index(Domain::Patch) as u64,
            }),
            Fact::Channel(channel) => {
                let channels = [Channel::Stable, Channel::Beta, Channel::Nightly, Channel::Dev];
                channels[self.index(Domain::Channel)] == *channel
            }
            Fact::Profile(profile) => PROFILES[self.index(Domain::Profile)] == profile,
            Fact::OptLevel(level) => OPT_LEVELS[self.index(Domain::OptLevel)] == level,
            Fact::Env { name, value } => {
                let actual =
                    self.envs.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_ref());
                match value {
                    None => actual.is_some(),
                    Some(value) => actual == Some(value),
                }
            }
            other => self.facts.iter().find(|(known, _)| known == other).is_some_and(|(_, holds)| *holds),
        })
    }
}

/// Returns the effects that a declaration has for this build, one a line.
pub(crate) fn declared(declaration: &Declaration, here: &Assignment) -> Vec<String> {
    let mut fact = |fact: &Fact| here.truth(fact);
    let mut out = Vec::new();
    for (name, cfg) in &declaration.cfg {
        match cfg {
            Cfg::Option(when) => {
                if when.evaluate(&mut fact) == Truth::Yes {
                    out.push(format!("cfg {name}"));
                }
            }
            Cfg::Values(values) => {
                for (value, when) in values {
                    if when.evaluate(&mut fact) == Truth::Yes {
                        out.push(format!("cfg {name}={value}"));
                    }
                }
            }
        }
    }
    for item in &declaration.link {
        if item.when.as_ref().is_none_or(|when| when.evaluate(&mut fact) == Truth::Yes) {
            out.push(format!("link {:?}", item.value));
        }
    }
    for (path, file) in &declaration.out_dir {
        for item in &file.alternatives {
            if item.when.as_ref().is_none_or(|when| when.evaluate(&mut fact) == Truth::Yes) {
                out.push(format!("file {}", path.0));
            }
        }
    }
    for (name, text) in &declaration.rustc_env {
        for item in &text.alternatives {
            if item.when.as_ref().is_none_or(|when| when.evaluate(&mut fact) == Truth::Yes) {
                out.push(format!("env {name}={:?}", item.value));
            }
        }
    }
    out
}

#[cfg(test)]
#[test]
fn declarations_agree_with_fixed_runs() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    for entry in std::fs::read_dir(folder).expect("the folder of cases") {
        let case = entry.expect("a case").path();
        let source = PackageSource::from_manifest(&case.join("Cargo.toml")).expect("a manifest");
        let check = move || check(&source, &case.display().to_string());
        std::thread::Builder::new()
            .stack_size(512 << 20)
            .spawn(check)
            .expect("a thread")
            .join()
            .expect("agreement");
    }
}

/// Returns whether the build fails here without a declared error: a required library or a required step is missing.
#[cfg(test)]
fn lacks(declaration: &Declaration, here: &Assignment) -> bool {
    let mut fact = |fact: &Fact| here.truth(fact);
    let library = declaration.library.iter().any(|(name, library)| {
        let found = Fact::Found { library: name.clone(), test: None };
        !library.optional
            && library.when.as_ref().is_none_or(|when| when.evaluate(&mut fact) == Truth::Yes)
            && here.truth(&found) == Truth::No
    });
    let stands = |when: &Option<inert_manifest_spec::Condition>| {
        when.as_ref().is_some_and(|when| when.evaluate(&mut |fact| here.truth(fact)) == Truth::Yes)
    };
    // In the test cases, every declaration with a required step has one of these.
    let needs = stands(&declaration.system_deps)
        || declaration.link.iter().any(|item| {
            matches!(item.value, inert_manifest_spec::types::Link::CcLibrary(_))
                && (item.when.is_none() || stands(&item.when))
        });
    let fails = here.facts.iter().any(|(fact, holds)| {
        matches!(fact, Fact::Probe { name, .. } if name.strip_prefix('!').is_some_and(|rest| rest.parse::<u8>().is_ok()))
            && !holds
    });
    library || needs && fails
}

#[cfg(test)]
fn check(source: &PackageSource, name: &str) {
    let general = Interp::new(source, crate::models::MODELS).run();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let assignments: Vec<Assignment> =
        (0..24).map(|_| Assignment::random(&general.inputs, &mut random)).collect();
    let Some(declaration) = lower::lower(general).declaration else { return };
    for here in assignments {
        let mut fixed = Interp::new(source, crate::models::MODELS);
        fixed.pc = here.cube(&mut fixed.inputs);
        let cube = fixed.pc;
        let fixed = fixed.run();
        let unsupported = declaration
            .unsupported
            .as_ref()
            .is_some_and(|when| when.evaluate(&mut |fact| here.truth(fact)) == Truth::Yes);
        if unsupported {
            continue;
        }
        // If the option is `None` in this build, its type is not known.
        if fixed.residue.iter().any(|(_, place)| place.reason == "whose default it is is not known") {
            continue;
        }
        assert!(
            fixed.residue.is_empty(),
            "{name}: residue where the declaration is said to hold: {:?}",
            fixed.residue
        );
        let fails = !fixed.panics.is_empty();
        let error = declaration.error.iter().any(|item| {
            item.when.as_ref().is_none_or(|when| when.evaluate(&mut |fact| here.truth(fact)) == Truth::Yes)
        });
        let error = error || lacks(&declaration, &here);
        assert_eq!(fails, error, "{name}: failing");
        if fails {
            continue;
        }
        let again = lower::lower(fixed);
        let lowered = again.declaration.unwrap_or_default();
        // In the fixed run every guard is the cube, so the declaration of that run is the effects of this build.
        let (mut actual, mut expected) = (declared(&lowered, &here), declared(&declaration, &here));
        actual.sort();
        expected.sort();
        assert_eq!(actual, expected, "{name}: {:?}", (cube, &here.domains, &here.envs, &here.facts));
    }
}
