//! `cargo inert audit`: every script and its decision. The JSON is a stable interface.

use std::collections::BTreeMap;

use serde::Serialize;

use super::refusal;
use crate::digest;
use crate::plan::model::{Action, Decision, Origin, Plan, Refusal};
use crate::plan::stale::Stale;
use crate::policy::Policy;

/// Version of the JSON.
pub const SCHEMA: u32 = 2;

/// The whole answer.
#[derive(Debug, Serialize)]
pub struct Audit {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Every package with a script in the graph of the command that was asked about.
    pub packages: Vec<AuditedPackage>,
    /// Counts.
    pub summary: Summary,
    /// Proc-macro packages: code that still runs, in the compiler.
    pub proc_macros: Vec<AuditedMacro>,
    /// Entries of the policy that decide nothing any more.
    pub stale: Vec<Stale>,
    /// What the workspace's own policy says that does not count, since the user has not accepted it.
    pub unaccepted: Vec<Unaccepted>,
}

/// Something that the workspace's own policy says, and that counts only where the user accepts it.
#[derive(Debug, Serialize)]
pub struct Unaccepted {
    /// What it says.
    pub text: String,
    /// `file:line`; a rule has no line.
    pub place: String,
}

/// One proc-macro package.
#[derive(Debug, Serialize)]
pub struct AuditedMacro {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// As pins name it.
    pub source: String,
    /// Whether it is one of the workspace's own.
    pub member: bool,
    /// Why it is refused, if it is.
    pub refused: Option<String>,
    /// The code of the refusal.
    pub refusal: Option<&'static str>,
}

/// One package with a script.
#[derive(Debug, Serialize)]
pub struct AuditedPackage {
    /// The package's id, as `cargo metadata` prints it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// As pins name it.
    pub source: String,
    /// The script's root file, relative to the package.
    pub script: String,
    /// What happens.
    #[serde(serialize_with = "four_actions")]
    pub action: Action,
    /// By whose word.
    pub origin: Origin,
    /// Of the declaration; empty where none applies.
    pub capabilities: Vec<String>,
    /// Of what decides.
    pub digests: Digests,
    /// Where the declaration does not hold.
    pub unsupported_when: Option<String>,
    /// From a root of the graph, the package last.
    pub via: Vec<String>,
    /// In words.
    pub reason: Option<String>,
    /// Of a refused script: the code of the refusal, as the index of diagnostics lists it.
    pub refusal: Option<&'static str>,
    /// By what means what the script does comes about; nothing where it does not.
    pub means: Option<Means>,
    /// The rights that it runs with, for one that runs confined.
    pub rights: Vec<String>,
    /// The conditions that the decision hung on, each with its state in this build.
    pub conditions: Vec<ConditionState>,
    /// Allowed by `init --baseline`, reviewed by nobody.
    pub baseline: bool,
}

/// By what means what a script does comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Means {
    /// A stand-in does what its declaration says.
    Declared,
    /// It runs in WebAssembly.
    Wasm,
    /// It runs with the rights that its grants name.
    Confined,
    /// It runs as any program does.
    Unconfined,
    /// `[target.<triple>.<links>]` of Cargo's configuration speaks for it; it does not run.
    Overridden,
}

/// A condition of a declaration in this build.
#[derive(Debug, Serialize)]
pub struct ConditionState {
    /// As it is written.
    pub condition: String,
    /// The run's target.
    pub target: String,
    /// `holds`, `does-not-hold`, `unknown`.
    pub state: &'static str,
}

/// Digests, as `sha256:…`.
#[derive(Debug, Serialize)]
pub struct Digests {
    /// Of the script's root file.
    pub script: Option<String>,
    /// Of every file of the package.
    pub package: Option<String>,
    /// Of what the decision rests on besides: the declaration's text and the files it names, or the packages linked
    /// into an allowed script.
    pub inputs: Option<String>,
}

/// How many scripts there are of each kind: a count for each action and each origin, by name.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// By action.
    #[serde(flatten)]
    pub actions: BTreeMap<Action, usize>,
    /// By origin.
    #[serde(flatten)]
    pub origins: BTreeMap<Origin, usize>,
    /// Proc-macro packages: code that still runs, in the compiler.
    pub proc_macros: usize,
    /// Scripts that run, or whose declarations pass, since `init --baseline`, reviewed by nobody.
    pub baseline: usize,
    /// Entries of `init --baseline` that are left, those for other hosts and features included.
    pub baseline_entries: usize,
}

/// Gathers the answer.
#[must_use]
pub fn audit(plan: &Plan, policy: &Policy, stale: Vec<Stale>) -> Audit {
    let mut actions: BTreeMap<Action, usize> = [Action::Replace, Action::Run, Action::Deny, Action::Unneeded]
        .into_iter()
        .map(|action| (action, 0))
        .collect();
    let mut origins: BTreeMap<Origin, usize> =
        [Origin::Policy, Origin::Package, Origin::Catalog, Origin::Derived, Origin::None]
            .into_iter()
            .map(|origin| (origin, 0))
            .collect();
    let packages: Vec<AuditedPackage> = plan.decisions.iter().map(package).collect();
    for package in &packages {
        let action = if package.action == Action::Overridden { Action::Unneeded } else { package.action };
        *actions.entry(action).or_default() += 1;
        *origins.entry(package.origin).or_default() += 1;
    }
    let proc_macros: Vec<AuditedMacro> = plan
        .proc_macros
        .iter()
        .map(|(id, (source, member))| {
            let refused = plan.refused_macros.iter().find(|refused| refused.id == *id);
            AuditedMacro {
                name: id.name.clone(),
                version: id.version.clone(),
                source: source.clone(),
                member: *member,
                refused: refused.map(|refused| refusal::sentence(&refused.refusal)),
                refusal: refused.map(|refused| refused.refusal.code()),
            }
        })
        .collect();
    let baseline = packages.iter().filter(|package| package.baseline).count();
    let left = policy.allow.iter().map(|entry| entry.baseline);
    let baseline_entries =
        left.chain(policy.review.iter().map(|entry| entry.baseline)).filter(|left| *left).count();
    let proc_macro_count = proc_macros.len();
    let summary = Summary { actions, origins, proc_macros: proc_macro_count, baseline, baseline_entries };
    let unaccepted = policy.unaccepted.iter().map(|claim| Unaccepted {
        text: claim.text.clone(),
        place: match claim.line {
            0 => claim.file.display().to_string(),
            line => format!("{}:{line}", claim.file.display()),
        },
    });
    Audit { schema: SCHEMA, packages, summary, proc_macros, stale, unaccepted: unaccepted.collect() }
}

fn package(decision: &Decision) -> AuditedPackage {
    let id = &decision.package.id;
    let declared = decision.declared.as_ref();
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
        origin: decision.origin,
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
        rights: rights(decision).unwrap_or_default(),
        conditions: conditions(decision),
        baseline: decision.baseline,
    }
}

/// The rights of a script that runs confined, beyond those that each has; none where it is not confined.
fn rights(decision: &Decision) -> Option<Vec<String>> {
    let (rights, _) = decision.confined.as_ref()?;
    let mut words = rights.words();
    // The first says whether it is confined.
    let first = if words.is_empty() { String::new() } else { words.remove(0) };
    (first == "confined").then_some(words)
}

/// The interface has four actions; that Cargo's configuration speaks for a script is its means.
fn four_actions<S: serde::Serializer>(action: &Action, serializer: S) -> Result<S::Ok, S::Error> {
    let action = if *action == Action::Overridden { Action::Unneeded } else { *action };
    action.serialize(serializer)
}

/// The conditions that refuse a run which is needed.
fn conditions(decision: &Decision) -> Vec<ConditionState> {
    let Some(Refusal::NotCovered { conditions, target, .. }) = &decision.refusal else { return Vec::new() };
    let holds = |condition: &String| ConditionState {
        condition: condition.clone(),
        target: target.clone(),
        state: "holds",
    };
    conditions.iter().map(holds).collect()
}

/// The answer for a person.
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
        }
    }
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
    if audit.summary.baseline_entries > 0 {
        // Most are for other systems, as a rule.
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
    let scripts = super::counted(audit.packages.len(), "build script", "build scripts");
    let macros = super::counted(
        audit.proc_macros.iter().filter(|one| one.refused.is_none()).count(),
        "proc-macro package still runs",
        "proc-macro packages still run",
    );
    text.push_str(&format!("{scripts}; {macros} in the compiler\n"));
    super::escaped(&text)
}
