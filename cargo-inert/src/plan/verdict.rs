//! The verdict on one script, by the policy, the flags and the declaration. Only this module decides whether a script
//! runs, is replaced or is refused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use inert_manifest_spec::{Capability, Declaration, Link, PathRef, RelativePath, Review, needs_review_of};

use super::closure::{closure_digests, is_listed, not_listed};
use super::model::{Action, Allowance, Decision, Declared, Origin, Refusal, Verdict};
use super::verified;
use super::wasm_first::Attempt;
use crate::cargo::invocation::DenyBuildScripts;
use crate::cargo::package::Package;
use crate::digest;
use crate::policy::{Date, Derived, Members, Policy, Runtime, Undecided, holds};

/// The facts about a script that is judged.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The package of the script.
    pub package: &'a Package,
    /// The source of the package, as pins name it.
    pub source: &'a str,
    /// True if the package is a member of the workspace.
    pub member: bool,
    /// True if the script belongs to the toolchain.
    pub is_std: bool,
    /// The declaration that applies.
    pub declared: Option<&'a Declared>,
}

/// Judges a script. `uncovered` returns why the declaration does not cover a run that is needed; it is called only if
/// that matters.
pub fn verdict(
    facts: &Facts<'_>,
    policy: &Policy,
    deny: DenyBuildScripts,
    uncovered: impl FnOnce(&Declared) -> Option<Refusal>,
) -> Verdict {
    if facts.is_std {
        return Verdict::run(Some(Allowance::Toolchain));
    }
    let id = &facts.package.id;
    if let Some(entry) = policy.denied(id, facts.source) {
        let refusal = Refusal::DenyEntry { place: entry.package.entry(), reason: entry.reason.clone() };
        return Verdict::refused(Origin::Policy, refusal);
    }
    let forbidden = match deny {
        DenyBuildScripts::No => false,
        DenyBuildScripts::Dependencies => !facts.member,
        DenyBuildScripts::All => true,
    };
    let today = Date::today();
    let mut entries = policy.allowed(id, facts.source, today).peekable();
    if !forbidden && entries.peek().is_some() {
        // The entry that pins this script is known only later. Its dependencies are skipped only if all entries allow
        // that.
        let wasm = entries.all(|entry| entry.runtime == Runtime::Wasm);
        let runtime = if wasm { Runtime::Wasm } else { Runtime::Native };
        return Verdict { runtime, ..Verdict::run(None) };
    }
    let mut why = None;
    let mut unreviewed = BTreeSet::new();
    if let Some(declared) = facts.declared {
        why = uncovered(declared)
            .or_else(|| untrusted(facts, declared, policy))
            .or_else(|| unverified(facts, declared, policy));
        if why.is_none() {
            match reviewed(facts, declared, policy, today) {
                Ok(passed) => {
                    let mut verdict = Verdict::new(Action::Replace, declared.origin);
                    if let Some((entry, wanting)) = passed {
                        verdict.pinned = Some(entry.digest.clone());
                        verdict.baseline = entry.baseline;
                        // `review --baseline` lists these capabilities.
                        verdict.unreviewed = if entry.baseline { wanting } else { BTreeSet::new() };
                    }
                    return verdict;
                }
                Err((missing, refusal)) => {
                    unreviewed = missing;
                    why = Some(refusal);
                }
            }
        }
    }
    if forbidden {
        return Verdict::refused(Origin::Policy, Refusal::DenyFlag { declaration: why.map(Box::new) });
    }
    if facts.member && policy.members != Members::Deny {
        return Verdict::run(Some(Allowance::Member));
    }
    // A script that waits for a review, or whose declaration is invalid, is not undecided.
    let open = matches!(
        why,
        None | Some(
            Refusal::NotCovered { .. }
                | Refusal::Assumption(_)
                | Refusal::UnknownCompiler(_)
                | Refusal::Unverified
        )
    );
    if open && policy.undecided != Undecided::Deny {
        return Verdict::run(Some(Allowance::Undecided));
    }
    if why.is_none() {
        let expired = policy.allow.iter().find(|entry| entry.package.matches(id, facts.source));
        why = expired.and_then(|entry| {
            Some(Refusal::Expired { last: Some(entry.expires?), place: entry.package.entry() })
        });
    }
    Verdict { unreviewed, ..Verdict::refused(Origin::None, why.unwrap_or(Refusal::Undecided)) }
}

/// Completes the verdict on a script that nothing decides and that the policy lets run: in WebAssembly or natively.
/// `confines` is true if this machine can confine a script.
pub(super) fn of_undecided(verdict: Verdict, policy: &Policy, confines: bool, attempt: &Attempt) -> Verdict {
    match (policy.undecided, attempt) {
        (Undecided::Wasm, Attempt::Impossible(why)) => {
            Verdict::refused(Origin::None, Refusal::NotInWasm(why.clone()))
        }
        (Undecided::Wasm, Attempt::Possible(_) | Attempt::Failed(..)) => {
            Verdict { runtime: Runtime::Wasm, ..verdict }
        }
        // A script in WebAssembly needs no confinement by the system.
        (Undecided::Confine, Attempt::Possible(_)) if !confines => {
            Verdict { runtime: Runtime::Wasm, ..verdict }
        }
        _ => verdict,
    }
}

/// Returns why a declaration of the policy does not count: it belongs to the tree, has capabilities that require a
/// review, and the user has not accepted it.
fn untrusted(facts: &Facts<'_>, declared: &Declared, policy: &Policy) -> Option<Refusal> {
    let of_policy = declared.origin == Origin::Policy;
    let mut entries = policy.declare.iter().filter(|_| of_policy);
    let entry = entries.find(|entry| entry.package.matches(&facts.package.id, facts.source))?;
    let claim = entry.untrusted.clone()?;
    Some(Refusal::Untrusted { claim, place: entry.package.entry(), digest: policy.claims.clone() })
}

/// Returns why a derived declaration does not count: the policy wants it compared with the script, and nothing says that it
/// was.
fn unverified(facts: &Facts<'_>, declared: &Declared, policy: &Policy) -> Option<Refusal> {
    if policy.derived != Derived::Verified {
        return None;
    }
    match verified::digest_of(facts.package, declared) {
        Err(error) => Some(Refusal::Unreadable(error.to_string())),
        Ok(None) => None,
        Ok(Some(digest)) => match verified::known(facts.package, facts.source, &digest, policy) {
            Some(_) => None,
            None => Some(verified::refusal(facts.package, facts.source, &digest, policy)),
        },
    }
}

/// Checks that all capabilities of a declaration are accepted: by the policy's list, or by a `[[review]]` entry, which
/// is returned with the capabilities that it covers. The user's own declarations, and those of the user's own packages,
/// need no review.
///
/// # Errors
/// The capabilities without a review, and the refusal.
fn reviewed<'a>(
    facts: &Facts<'_>,
    declared: &Declared,
    policy: &'a Policy,
    today: Date,
) -> Result<Option<Passed<'a>>, (BTreeSet<Capability>, Refusal)> {
    // The catalog's declarations are reviewed with Inert. A member may declare what its script could do as well.
    let own = matches!(declared.origin, Origin::Policy | Origin::Catalog)
        || (facts.member && policy.members < Members::Confined);
    if own {
        return Ok(None);
    }
    let known = ships_import_libraries(facts.package, &declared.declaration);
    let wanting: Vec<Review> = needs_review_of(&declared.declaration, &facts.package.id.name)
        .into_iter()
        // A capability on the list is accepted as a whole, except `env`: its place on the list accepts harmless names
        // only.
        .filter(|review| {
            review.capability == Capability::Env || !policy.capabilities.contains(&review.capability)
        })
        .filter(|review| review.capability != Capability::Prebuilt || !known)
        .collect();
    let mut missing: BTreeSet<Capability> = inert_manifest_spec::capabilities(&declared.declaration)
        .into_iter()
        .filter(|capability| !policy.capabilities.contains(capability))
        .filter(|capability| *capability != Capability::Prebuilt || !known)
        .collect();
    missing.extend(wanting.iter().map(|review| review.capability));
    if missing.is_empty() {
        return Ok(None);
    }
    let id = &facts.package.id;
    let mut entries = policy
        .review
        .iter()
        .filter(|entry| entry.package.matches(id, facts.source) && holds(entry.expires, today))
        .filter(|entry| missing.is_subset(&entry.capabilities))
        .peekable();
    let what: Vec<String> =
        wanting.iter().map(|review| format!("{} ({})", review.capability, review.what)).collect();
    let what = if what.is_empty() { missing.iter().map(ToString::to_string).collect() } else { what };
    let mut refusal = Refusal::Unreviewed(what);
    if entries.peek().is_some() {
        match digest::package(&facts.package.root) {
            Ok(found) => match entries.find(|entry| digest::is_pinned(&entry.digest, &found)) {
                Some(entry) => return Ok(Some((entry, missing))),
                None => refusal = Refusal::ReviewedOtherFiles { found },
            },
            Err(error) => refusal = Refusal::Unreadable(error.to_string()),
        }
    }
    Err((missing, refusal))
}

/// Returns whether all that a declaration links as it is shipped is import libraries that the catalog knows by their
/// contents; like its declarations they need no review of the user's.
pub(super) fn ships_import_libraries(package: &Package, declaration: &Declaration) -> bool {
    let shipped: Vec<Review> = needs_review_of(declaration, &package.id.name)
        .into_iter()
        .filter(|review| review.capability == Capability::Prebuilt)
        .collect();
    // Each of these reviews stands for one folder; anything else that is shipped is not known.
    let folders: Vec<_> = declaration
        .link
        .iter()
        .filter_map(|item| match &item.value {
            Link::Search { path: PathRef::Package(path), files, .. } => Some((path, files)),
            _ => None,
        })
        .collect();
    let name = &package.id.name;
    let are_known = |folder: &RelativePath, files: &[String]| {
        let digest_of = |file: &String| {
            let bytes = crate::file::read(&package.root.join(&folder.0).join(file)).ok()?;
            Some((file.clone(), digest::bytes(&bytes)))
        };
        let files: Option<Vec<_>> = files.iter().map(digest_of).collect();
        files.is_some_and(|files| {
            files.iter().all(|(file, digest)| inert_catalog::is_import_library(name, file, digest))
                || inert_catalog::are_import_libraries(name, &files)
        })
    };
    !shipped.is_empty()
        && shipped.len() == folders.len()
        && folders.iter().all(|(folder, files)| are_known(folder, files))
}

/// The entry that accepts a declaration, and the capabilities that require it.
type Passed<'a> = (&'a crate::policy::Reviewed, BTreeSet<Capability>);

/// Returns the refusal if the build writes into one of the packages, so that no digest covers all of it.
pub(super) fn written_by_the_build<'a>(
    mut roots: impl Iterator<Item = &'a PathBuf>,
    workspace: &Path,
) -> Option<Refusal> {
    roots.find_map(|root| {
        let output = digest::output_inside(root, workspace)?;
        Some(Refusal::BuildOutputInside { output, package: root.clone() })
    })
}

/// Checks an allowed script: it runs only if its package and all packages that are linked into it are the reviewed
/// ones.
pub(super) fn check_pins(decision: &mut Decision, policy: &Policy, workspace: &Path) {
    let id = decision.package.id.clone();
    let source = decision.source.clone();
    let entries: Vec<_> = policy.allowed(&id, &source, Date::today()).collect();
    if entries.is_empty() {
        return;
    }
    if decision.is_outside() {
        decision.action = Action::Deny;
        decision.refusal = Some(Refusal::OutsidePackage);
        return;
    }
    let roots = std::iter::once(&decision.package.root).chain(decision.build_closure.values());
    if let Some(refusal) = written_by_the_build(roots, workspace) {
        decision.action = Action::Deny;
        decision.refusal = Some(refusal);
        return;
    }
    let found = digest::package(&decision.package.root)
        .and_then(|own| Ok((own, closure_digests(&decision.build_closure)?)));
    let problem = match found {
        Err(error) => Refusal::Unreadable(error.to_string()),
        Ok((own, (closure, each))) => {
            let pinned =
                entries.iter().filter(|entry| digest::is_pinned(&entry.digest, &own)).collect::<Vec<_>>();
            let whole = |entry: &&&&crate::policy::Allow| {
                is_listed(&entry.build_dependencies, &closure, &decision.build_closure, &each)
            };
            if pinned.is_empty() {
                Refusal::AllowedOtherFiles { allowed: entries[0].digest.clone(), found: own }
            } else if let Some(entry) =
                pinned.iter().filter(whole).min_by_key(|entry| entry.untrusted.is_some())
            {
                if let Some(claim) = entry.untrusted.clone() {
                    decision.action = Action::Deny;
                    decision.refusal = Some(Refusal::Untrusted {
                        claim,
                        place: entry.package.entry(),
                        digest: policy.claims.clone(),
                    });
                    return;
                }
                decision.allowance = Some(Allowance::Entry { reason: entry.reason.clone() });
                decision.outputs = entry.outputs.clone();
                let native = entry.runtime == crate::policy::Runtime::Native;
                let confined = native && entry.rights.unconfined.is_none();
                decision.confined = confined.then(|| (entry.rights.clone(), entry.package.place()));
                decision.baseline = entry.baseline;
                decision.pinned = Some(own);
                decision.pinned_closure = each;
                return;
            } else {
                let listed: Vec<String> =
                    pinned.iter().flat_map(|entry| entry.build_dependencies.iter().cloned()).collect();
                let packages = not_listed(&listed, &decision.build_closure, &each);
                Refusal::LinkedOther { found: closure, packages }
            }
        }
    };
    decision.action = Action::Deny;
    decision.refusal = Some(problem);
}
