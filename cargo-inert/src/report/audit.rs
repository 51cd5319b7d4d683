//! The output of `cargo inert audit`: every script with its decision. The JSON is a stable interface.

use std::collections::BTreeMap;

use serde::Serialize;

use super::fence::OuterFence;
use super::refusal;
use crate::digest;
use crate::plan::incomplete::{Incomplete, Reviews};
use crate::plan::model::{Action, Decision, Origin, Plan, Refusal};
use crate::plan::stale::Stale;
use crate::plan::verified::{self, Known};
use crate::policy::Policy;
use crate::policy::may::May;

/// The version of the JSON.
pub const SCHEMA: u32 = 2;

/// The result of an audit.
#[derive(Debug, Serialize)]
pub struct Audit {
    /// The version of the format, [`SCHEMA`].
    pub schema: u32,
    /// Every package with a script in the graph of the audited command.
    pub packages: Vec<AuditedPackage>,
    /// The counts of scripts and macros.
    pub summary: Summary,
    /// The proc-macro packages, whose code runs in the compiler.
    pub proc_macros: Vec<AuditedMacro>,
    /// The confinement of rustc, in which those run.
    pub compiling: Compiling,
    /// The outer fence, if the policy demands one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outer: Option<OuterFence>,
    /// The policy entries that have no effect any more.
    pub stale: Vec<Stale>,
    /// The claims of the workspace's own policy that the user has not accepted.
    pub unaccepted: Vec<Unaccepted>,
}

/// The compilation of this build's units, and the macros that run in it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Compiling {
    /// True if rustc runs with the rights of its grants only.
    pub confined: bool,
    /// The reason why it does not.
    pub why_not: Option<String>,
    /// The rights of each compilation.
    pub may: May,
    /// The rights that `[[compile]]` entries add for single packages.
    pub packages: Vec<Compiled>,
}

/// The rights that a `[[compile]]` entry adds.
#[derive(Debug, Clone, Serialize)]
pub struct Compiled {
    /// The name of the package.
    pub name: String,
    /// The version, if the entry names one.
    pub version: Option<String>,
    /// The rights beyond those of each compilation.
    pub rights: Vec<String>,
    /// True if the entry does not count, since the user has not accepted it.
    pub unaccepted: bool,
}

/// A claim of the workspace's own policy, which counts only if the user accepts it.
#[derive(Debug, Serialize)]
pub struct Unaccepted {
    /// The text of the claim.
    pub text: String,
    /// The location as `file:line`; a rule has no line.
    pub place: String,
}

/// One proc-macro package.
#[derive(Debug, Serialize)]
pub struct AuditedMacro {
    /// The name of the package.
    pub name: String,
    /// The version of the package.
    pub version: String,
    /// The source of the package, as pins name it.
    pub source: String,
    /// True if the package is a member of the workspace.
    pub member: bool,
    /// The reason of the refusal, if the macro is refused.
    pub refused: Option<String>,
    /// The code of the refusal.
    pub refusal: Option<&'static str>,
    /// The reasons why the review of a pinned macro does not cover all that it may have read.
    pub incomplete: Vec<Reason>,
}

/// A reason why a review is incomplete.
#[derive(Debug, Clone, Serialize)]
pub struct Reason {
    /// The code of the reason: `unconfined`, `granted`, `macros-unconfined`, `macros-granted` or `macros-beside`.
    pub code: &'static str,
    /// The reason as text.
    pub text: String,
}

impl Reason {
    fn all(of: Option<&Vec<Incomplete>>) -> Vec<Self> {
        of.into_iter().flatten().map(|one| Self { code: one.code(), text: one.to_string() }).collect()
    }
}

/// One package with a script.
#[derive(Debug, Serialize)]
pub struct AuditedPackage {
    /// The package's id, as `cargo metadata` prints it.
    pub id: String,
    /// The name of the package.
    pub name: String,
    /// The version of the package.
    pub version: String,
    /// The source of the package, as pins name it.
    pub source: String,
    /// The script's root file, relative to the package.
    pub script: String,
    /// The verdict on the script.
    #[serde(serialize_with = "four_actions")]
    pub action: Action,
    /// The origin of the verdict.
    pub origin: Origin,
    /// The verification of a derivation, by the catalog or the policy; `None` if none is known, or it is not derived.
    pub verified: Option<Known>,
    /// The capabilities of the declaration; empty if there is none.
    pub capabilities: Vec<String>,
    /// The digests of the data that the verdict depends on.
    pub digests: Digests,
    /// The condition under which the declaration does not apply.
    pub unsupported_when: Option<String>,
    /// The packages on the path from a root of the graph to the package, which is the last.
    pub via: Vec<String>,
    /// The reason of the verdict as text.
    pub reason: Option<String>,
    /// The code of the refusal, if the script is refused, as in the index of diagnostics.
    pub refusal: Option<&'static str>,
    /// The way in which the script's effects come about; `None` if there are none.
    pub means: Option<Means>,
    /// The greatest of the rights that the script has while it runs; `None` if there are no effects.
    pub most: Option<Most>,
    /// The rights of a script that runs confined.
    pub rights: Vec<String>,
    /// All that the script may do while it runs; `None` if it does not run.
    pub may: Option<May>,
    /// The conditions that the decision depended on, each with its state in this build.
    pub conditions: Vec<ConditionState>,
    /// True if it is allowed by `init --baseline` and not reviewed.
    pub baseline: bool,
    /// The reasons why the review of an allowed script does not cover all that it, or a macro in its compilation, may have
    /// read.
    pub incomplete: Vec<Reason>,
}

/// The way in which the effects of a script come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Means {
    /// A stand-in carries out the declaration.
    Declared,
    /// The script runs in WebAssembly.
    Wasm,
    /// The script runs with the rights of its grants only.
    Confined,
    /// The script runs with all rights of the user.
    Unconfined,
    /// A `[target.<triple>.<links>]` of Cargo's configuration replaces it; it does not run.
    Overridden,
}

/// The greatest right that something has. Each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Most {
    /// No program of strangers runs, or it reads its own package only.
    None,
    /// It may read the system's folders, and start the programs there, below the same confinement.
    Tools,
    /// It may reach the network.
    Network,
    /// It has all rights of the user.
    All,
}

fn most(decision: &Decision) -> Option<Most> {
    match decision.action {
        Action::Replace | Action::Overridden => Some(Most::None),
        Action::Deny | Action::Unneeded => None,
        Action::Run => Some(match (&decision.wasm, &decision.confined) {
            (Some(_), None) => Most::None,
            (_, Some((rights, _))) if rights.unconfined.is_some() => Most::All,
            (_, Some((rights, _))) if rights.network.is_some() => Most::Network,
            (_, Some(_)) => Most::Tools,
            (None, None) => Most::All,
        }),
    }
}

/// A condition of a declaration in this build.
#[derive(Debug, Serialize)]
pub struct ConditionState {
    /// The condition as it is written.
    pub condition: String,
    /// The target of the run.
    pub target: String,
    /// The state: `holds`, `does-not-hold` or `unknown`.
    pub state: &'static str,
}

/// Digests in the form `sha256:…`.
#[derive(Debug, Serialize)]
pub struct Digests {
    /// The digest of the script's root file.
    pub script: Option<String>,
    /// The digest of every file of the package.
    pub package: Option<String>,
    /// The digest of the other inputs of the decision: the declaration's text and its files, or the packages that are
    /// linked into an allowed script.
    pub inputs: Option<String>,
}

/// The number of scripts by action and by origin.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The number of scripts by action.
    #[serde(flatten)]
    pub actions: BTreeMap<Action, usize>,
    /// The number of scripts by origin.
    #[serde(flatten)]
    pub origins: BTreeMap<Origin, usize>,
    /// The number of scripts by means, and of refused ones; scripts that are not needed are not counted.
    pub means: BTreeMap<&'static str, usize>,
    /// The number of proc-macro packages, whose code runs in the compiler.
    pub proc_macros: usize,
    /// The number of scripts that run, or whose declarations are accepted, by `init --baseline` and without review.
    pub baseline: usize,
    /// The number of entries of `init --baseline` that are left, including those for other hosts and features.
    pub baseline_entries: usize,
}

/// Collects the data of an audit; `loose` is the reason why rustc is not confined.
#[must_use]
pub fn audit(
    plan: &Plan,
    policy: &Policy,
    stale: Vec<Stale>,
    reviews: &Reviews,
    loose: Option<String>,
) -> Audit {
    let mut actions: BTreeMap<Action, usize> = [Action::Replace, Action::Run, Action::Deny, Action::Unneeded]
        .into_iter()
        .map(|action| (action, 0))
        .collect();
    let mut origins: BTreeMap<Origin, usize> =
        [Origin::Policy, Origin::Package, Origin::Catalog, Origin::Derived, Origin::None]
            .into_iter()
            .map(|origin| (origin, 0))
            .collect();
    let packages: Vec<AuditedPackage> =
        plan.decisions.iter().map(|decision| package(decision, policy, reviews)).collect();
    for package in &packages {
        let action = if package.action == Action::Overridden { Action::Unneeded } else { package.action };
        *actions.entry(action).or_default() += 1;
        *origins.entry(package.origin).or_default() += 1;
    }
    let proc_macros: Vec<AuditedMacro> = plan
        .proc_macros
        .iter()
        .map(|(id, one)| {
            let refused = plan.refused_macros.iter().find(|refused| refused.id == *id);
            AuditedMacro {
                name: id.name.clone(),
                version: id.version.clone(),
                source: one.source.clone(),
                member: one.member,
                refused: refused.map(|refused| refusal::sentence(&refused.refusal)),
                refusal: refused.map(|refused| refused.refusal.code()),
                incomplete: Reason::all(reviews.macros.get(id)),
            }
        })
        .collect();
    let baseline = packages.iter().filter(|package| package.baseline).count();
    let left = policy.allow.iter().map(|entry| entry.baseline);
    let baseline_entries =
        left.chain(policy.review.iter().map(|entry| entry.baseline)).filter(|left| *left).count();
    let proc_macro_count = proc_macros.len();
    let summary = Summary {
        actions,
        origins,
        means: means(&packages),
        proc_macros: proc_macro_count,
        baseline,
        baseline_entries,
    };
    let unaccepted = policy.unaccepted.iter().map(|claim| Unaccepted {
        text: claim.text.clone(),
        place: match claim.line {
            0 => claim.file.display().to_string(),
            line => format!("{}:{line}", claim.file.display()),
        },
    });
    let compiling = compiling(policy, loose);
    Audit {
        schema: SCHEMA,
        packages,
        summary,
        proc_macros,
        compiling,
        outer: None,
        stale,
        unaccepted: unaccepted.collect(),
    }
}

/// Counts by means; every name is there.
fn means(packages: &[AuditedPackage]) -> BTreeMap<&'static str, usize> {
    let name = |package: &AuditedPackage| match (package.means, package.action) {
        (Some(Means::Declared), _) => Some("declared"),
        (Some(Means::Wasm), _) => Some("wasm"),
        (Some(Means::Confined), _) => Some("confined"),
        (Some(Means::Unconfined), _) => Some("unconfined"),
        (None, Action::Deny) => Some("refused"),
        (Some(Means::Overridden) | None, _) => None,
    };
    let mut found: BTreeMap<&'static str, usize> =
        ["declared", "wasm", "confined", "unconfined", "refused"].into_iter().map(|name| (name, 0)).collect();
    for name in packages.iter().filter_map(name) {
        *found.entry(name).or_default() += 1;
    }
    found
}

fn compiling(policy: &Policy, loose: Option<String>) -> Compiling {
    let packages = policy.compile.iter().map(|entry| {
        let mut rights = entry.rights.words();
        // The first says only that it is confined.
        rights.retain(|word| word != "confined");
        Compiled {
            name: entry.package.name.clone(),
            version: entry.package.version.clone(),
            rights,
            unaccepted: entry.untrusted.is_some(),
        }
    });
    Compiling {
        confined: loose.is_none(),
        may: if loose.is_none() { May::rustc() } else { May::everything() },
        packages: packages.collect(),
        why_not: loose,
    }
}

fn package(decision: &Decision, policy: &Policy, reviews: &Reviews) -> AuditedPackage {
    let id = &decision.package.id;
    // A package that configuration speaks for follows no declaration.
    let overridden = decision.action == Action::Overridden;
    let declared = decision.declared.as_ref().filter(|_| !overridden);
    let inputs = match decision.action {
        Action::Run | Action::Deny => crate::plan::closure::closure_digest(&decision.build_closure).ok(),
        Action::Replace | Action::Unneeded | Action::Overridden => {
            declared.map(|declared| format!("sha256:{}", digest::text(&declared.text)))
        }
    };
    AuditedPackage {
        id: format!("{}#{}@{}", id.source, id.name, id.version),
        name: id.name.clone(),
        version: id.version.clone(),
        source: decision.source.clone(),
        script: decision
            .script
            .strip_prefix(&decision.package.root)
            .unwrap_or(&decision.script)
            .display()
            .to_string(),
        action: decision.action,
        origin: if overridden { Origin::None } else { decision.origin },
        verified: declared.and_then(|declared| {
            let digest = verified::digest_of(&decision.package, declared).ok()??;
            verified::known(&decision.package, &decision.source, &digest, policy)
        }),
        capabilities: declared
            .map(|declared| {
                inert_manifest_spec::capabilities(&declared.declaration)
                    .iter()
                    .map(ToString::to_string)
                    .collect()
            })
            .unwrap_or_default(),
        digests: Digests {
            script: digest::file(&decision.script).ok(),
            package: digest::package(&decision.package.root).ok(),
            inputs,
        },
        unsupported_when: declared
            .and_then(|declared| declared.declaration.unsupported.as_ref().map(ToString::to_string)),
        via: decision.via.iter().map(|id| format!("{}@{}", id.name, id.version)).collect(),
        reason: refusal::reason(decision).or_else(|| decision.residue.first().cloned()),
        refusal: decision.refusal.as_ref().map(Refusal::code),
        means: match decision.action {
            Action::Replace => Some(Means::Declared),
            Action::Run if decision.wasm.is_some() => Some(Means::Wasm),
            Action::Run if rights(decision).is_some() => Some(Means::Confined),
            Action::Run => Some(Means::Unconfined),
            Action::Overridden => Some(Means::Overridden),
            Action::Deny | Action::Unneeded => None,
        },
        most: most(decision),
        rights: rights(decision).unwrap_or_default(),
        may: match decision.action {
            // A script that may have to run confined is shown with the rights that it has then.
            Action::Run if decision.wasm.is_some() && decision.confined.is_none() => Some(May::wasm()),
            Action::Run => Some(match decision.confined.as_ref().filter(|_| rights(decision).is_some()) {
                Some((rights, _)) => May::script(rights),
                None => May::everything(),
            }),
            Action::Replace | Action::Overridden | Action::Deny | Action::Unneeded => None,
        },
        conditions: conditions(decision),
        baseline: decision.baseline,
        incomplete: Reason::all(reviews.scripts.get(&decision.script)),
    }
}

/// Returns the rights of a confined script beyond those of every script; `None` if it is not confined.
fn rights(decision: &Decision) -> Option<Vec<String>> {
    let (rights, _) = decision.confined.as_ref()?;
    let mut words = rights.words();
    // The first item says whether the script is confined.
    let first = if words.is_empty() { String::new() } else { words.remove(0) };
    (first == "confined").then_some(words)
}

/// Serializes an action. The interface has four actions; an override by Cargo's configuration is shown by `means`.
fn four_actions<S: serde::Serializer>(action: &Action, serializer: S) -> Result<S::Ok, S::Error> {
    let action = if *action == Action::Overridden { Action::Unneeded } else { *action };
    action.serialize(serializer)
}

/// Returns the conditions because of which a needed run is refused.
fn conditions(decision: &Decision) -> Vec<ConditionState> {
    let Some(Refusal::NotCovered { conditions, target, .. }) = &decision.refusal else { return Vec::new() };
    let holds = |condition: &String| ConditionState {
        condition: condition.clone(),
        target: target.clone(),
        state: "holds",
    };
    conditions.iter().map(holds).collect()
}

fn incomplete(text: &mut String, reasons: &[Reason]) {
    for reason in reasons {
        text.push_str(&format!("      incomplete: {}\n", crate::file::one_line(&reason.text)));
    }
}

/// Says once of each way of running what it permits; what an entry adds stands with its package.
fn may(text: &mut String, audit: &Audit) {
    let has = |means| audit.packages.iter().any(|package| package.means == Some(means));
    for (means, name, may) in [
        (Means::Confined, "confined", May::script(&crate::policy::Rights::default())),
        (Means::Wasm, "in WebAssembly", May::wasm()),
        (Means::Unconfined, "unconfined", May::everything()),
    ] {
        if has(means) {
            let may = OuterFence::narrowed(audit.outer.as_ref(), may);
            text.push_str(&format!("what runs {name} may {}\n", may.sentence()));
        }
    }
}

/// Says what rustc, and so each macro, may do.
fn compiler(text: &mut String, compiling: &Compiling) {
    let why = match &compiling.why_not {
        Some(why) => format!(", which is not confined: {}", crate::file::one_line(why)),
        None => ", confined".to_owned(),
    };
    text.push_str(&format!("rustc, and the macros that run in it{why}: may {}\n", compiling.may.sentence()));
    for one in &compiling.packages {
        let version = one.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let open = if one.unaccepted { " (counts once you accept it)" } else { "" };
        text.push_str(&format!("  [[compile]] {}{version}: {}{open}\n", one.name, one.rights.join(", ")));
    }
}

/// Formats the audit as text.
#[must_use]
pub fn human(audit: &Audit) -> String {
    let mut text = String::new();
    for (action, heading) in [
        (Action::Deny, "refused"),
        (Action::Run, "run"),
        (Action::Replace, "replaced"),
        (Action::Overridden, "overridden"),
        (Action::Unneeded, "not needed"),
    ] {
        let of: Vec<&AuditedPackage> =
            audit.packages.iter().filter(|package| package.action == action).collect();
        if of.is_empty() {
            continue;
        }
        text.push_str(&format!("{heading}: {}\n", of.len()));
        for package in of {
            let origin = serde_json::to_value(package.origin)
                .ok()
                .and_then(|value| value.as_str().map(str::to_owned))
                .unwrap_or_default();
            let mut line = format!("  {} {}", package.name, package.version);
            if package.origin != Origin::None {
                line.push_str(&format!("  {origin}"));
            }
            if let Some(known) = &package.verified {
                line.push_str(&format!(
                    ", verified in {}",
                    super::counted(usize::try_from(known.cases).unwrap_or(usize::MAX), "case", "cases")
                ));
            }
            if !package.capabilities.is_empty() {
                line.push_str(&format!("  [{}]", package.capabilities.join(" ")));
            }
            match package.means {
                Some(Means::Unconfined) => line.push_str("  unconfined"),
                Some(Means::Confined) => {
                    let words = std::iter::once("confined").chain(package.rights.iter().map(String::as_str));
                    line.push_str(&format!("  {}", words.collect::<Vec<_>>().join(", ")));
                }
                Some(Means::Wasm) => line.push_str("  in WebAssembly"),
                Some(Means::Declared | Means::Overridden) | None => {}
            }
            if let Some(reason) = &package.reason {
                line.push_str(&format!("  {}", crate::file::one_line(reason)));
            }
            text.push_str(&line);
            text.push('\n');
            if action == Action::Deny {
                text.push_str(&format!("      via {}\n", package.via.join(" → ")));
            }
            incomplete(&mut text, &package.incomplete);
        }
    }
    may(&mut text, audit);
    let (refused, others): (Vec<_>, Vec<_>) = audit.proc_macros.iter().partition(|one| one.refused.is_some());
    if !refused.is_empty() {
        text.push_str(&format!("proc macros that are refused: {}\n", refused.len()));
        for one in refused {
            let why = one.refused.as_deref().unwrap_or_default();
            text.push_str(&format!("  {} {}  {}\n", one.name, one.version, crate::file::one_line(why)));
        }
    }
    if !others.is_empty() {
        let names: Vec<String> = others.iter().map(|one| format!("{} {}", one.name, one.version)).collect();
        text.push_str(&format!(
            "proc macros, which run in the compiler: {}\n  {}\n",
            names.len(),
            names.join(", ")
        ));
    }
    if !audit.proc_macros.is_empty() || !audit.compiling.packages.is_empty() {
        compiler(&mut text, &audit.compiling);
    }
    for one in audit.proc_macros.iter().filter(|one| !one.incomplete.is_empty()) {
        text.push_str(&format!("the review of {} {}:\n", one.name, one.version));
        incomplete(&mut text, &one.incomplete);
    }
    super::fence::human(&mut text, audit.outer.as_ref());
    if audit.summary.baseline_entries > 0 {
        // Most baseline entries are usually for other systems.
        let how = match audit.summary.baseline {
            0 => "`cargo inert review --baseline --target <TRIPLE>` walks through another target's",
            _ => "`cargo inert review --baseline` walks through those",
        };
        text.push_str(&format!(
            "baseline: {} that nobody has reviewed, {} of them for this build; {how}\n",
            super::counted(audit.summary.baseline_entries, "entry", "entries"),
            audit.summary.baseline
        ));
    }
    for one in &audit.unaccepted {
        text.push_str(&format!(
            "not accepted: {} ({}); `cargo inert trust`\n",
            crate::file::one_line(&one.text),
            crate::file::one_line(&one.place)
        ));
    }
    for stale in &audit.stale {
        text.push_str(&format!(
            "stale: [[{}]] {} ({}): {}\n",
            stale.kind, stale.package, stale.place, stale.why
        ));
    }
    let counts = ["declared", "wasm", "confined", "unconfined", "refused"];
    let counts: Vec<String> = counts
        .iter()
        .filter_map(|name| Some((*name, *audit.summary.means.get(name).filter(|count| **count > 0)?)))
        .map(|(name, count)| format!("{count} {}", if name == "wasm" { "in WebAssembly" } else { name }))
        .collect();
    if !counts.is_empty() {
        text.push_str(&format!("scripts by means: {}\n", counts.join(", ")));
    }
    let scripts = super::counted(audit.packages.len(), "build script", "build scripts");
    let macros = super::counted(
        audit.proc_macros.iter().filter(|one| one.refused.is_none()).count(),
        "proc-macro package still runs",
        "proc-macro packages still run",
    );
    text.push_str(&format!("{scripts}; {macros} in the compiler\n"));
    super::escaped(&text)
}
