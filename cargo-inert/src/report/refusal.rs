//! The sentences for the reasons why a script or a proc macro may not run, and why a script may.

use crate::environment::Environment;
use crate::plan::model::{Allowance, Decision, Refusal};
use crate::policy::EntryPlace;
use crate::wrapper::Failure;

/// Returns the reason of a refusal, as the rest of a sentence.
#[must_use]
pub fn sentence(refusal: &Refusal) -> String {
    if codes_only() {
        return refusal.code().to_owned();
    }
    match refusal {
        Refusal::DenyFlag { declaration: Some(why) } => format!(
            "--deny-build-scripts: it may not run, allowed or not, and its declaration does not stand in: {}",
            sentence(why)
        ),
        Refusal::DenyFlag { declaration: None } => {
            "--deny-build-scripts: it may not run, allowed or not, and no declaration says what it does".to_owned()
        }
        Refusal::DenyEntry { place, reason: Some(reason) } => format!("denied by {}: {reason}", short(place)),
        Refusal::DenyEntry { place, reason: None } => format!("denied by {}", short(place)),
        Refusal::Unreadable(error) => format!("its files cannot be read: {error}"),
        Refusal::OutsidePackage => {
            "its script lies outside of its package, whose files are all that an entry could pin: declare what it does, or \
             move it"
                .to_owned()
        }
        Refusal::Assumption(what) | Refusal::UnknownCompiler(what) => what.clone(),
        Refusal::NotCovered { line, advice, conditions, target } => {
            let advice = advice.as_ref().map_or_else(String::new, |advice| format!(": {advice}"));
            let condition = crate::plan::derivation::shortened(&conditions.join("` and `"));
            let verb = if conditions.len() == 1 { "holds" } else { "hold" };
            match line {
                Some(line) => format!("{line} (it is derived but for `{condition}`, which {verb} for {target}){advice}"),
                None => format!("its declaration does not cover `{condition}`, which {verb} for {target}{advice}"),
            }
        }
        Refusal::Unverified => "what is derived from it was not compared with it, as `[policy] derived = \"verified\"` wants; `cargo \
             inert verify --record` does that (it runs the script, confined where the machine can), and writes the [[verified]] entry"
            .to_owned(),
        Refusal::Unreviewed(what) => {
            format!("its declaration may do what nobody has reviewed: {}", what.join(", "))
        }
        Refusal::Untrusted { claim, place, .. } => format!(
            "what {} says came with the tree, and counts once you have accepted it: {claim}",
            short(place)
        ),
        Refusal::ReviewedOtherFiles { found } => {
            format!("its declaration was reviewed with other files; they are now {found}")
        }
        Refusal::Expired { last: Some(last), place } => {
            format!("it was allowed until {last}, which has passed ({})", long(place))
        }
        Refusal::Expired { last: None, place } => format!("its entry has expired ({})", long(place)),
        Refusal::AllowedOtherFiles { allowed, found } => {
            format!("allowed as {allowed}, but its files are now {found}")
        }
        Refusal::LinkedOther { found, packages } => format!(
            "what is linked into its script is not what was allowed: build-dependencies are now {found}{}",
            among(packages)
        ),
        Refusal::BuildOutputInside { output, package } => format!(
            "the build writes to {}, which lies in {}: no digest could cover all of that package; take another `target-dir` \
             or `build-dir` (`[build]` of .cargo/config.toml, `--target-dir`)",
            output.display(),
            package.display()
        ),
        Refusal::Undecided => "no declaration says what it does".to_owned(),
        Refusal::NotInWasm(why) => {
            format!("no declaration says what it does, and it cannot run in WebAssembly: {}", crate::file::one_line(why))
        }
        Refusal::MacroWithoutEntry => "no [[proc-macro]] entry".to_owned(),
        Refusal::MacroReviewedOtherFiles { reviewed, found } => {
            format!("reviewed as {reviewed}, but its files are now {found}")
        }
        Refusal::MacroLinkedOther { found, packages } => format!(
            "what is linked into it is not what was reviewed: dependencies are now {found}{}",
            among(packages)
        ),
        Refusal::MacroExpired { place } => format!("its entry has expired ({})", long(place)),
    }
}

/// Names the packages that an entry does not list as they are now; the first of many.
fn among(packages: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown = packages.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = match packages.len().saturating_sub(SHOWN) {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    if packages.is_empty() { String::new() } else { format!(" (not listed as now: {shown}{more})") }
}

/// Returns the reason why a script may run.
#[must_use]
pub fn allowance(allowance: &Allowance) -> String {
    match allowance {
        Allowance::Toolchain => "part of the toolchain".to_owned(),
        Allowance::Undecided => "nothing decides it: it runs reviewed by nobody".to_owned(),
        Allowance::Member => "the workspace's own member".to_owned(),
        Allowance::Overridden { table, place } => {
            let place = match place {
                Some((file, line)) => format!("in {}:{line}", file.display()),
                None => "on the command line".to_owned(),
            };
            format!("`[{}]` {place} speaks for it", crate::file::one_line(table))
        }
        Allowance::Entry { reason } => reason.clone(),
    }
}

/// Returns the reason of a decision, unless the action implies it.
#[must_use]
pub fn reason(decision: &Decision) -> Option<String> {
    match (&decision.refusal, &decision.allowance) {
        // The residue is shown instead.
        (Some(Refusal::Undecided), _) => None,
        (Some(refusal), _) => Some(sentence(refusal)),
        (None, Some(Allowance::Undecided)) => Some(undecided(decision)),
        (None, Some(why)) => Some(allowance(why)),
        (None, None) => None,
    }
}

/// Returns how a script runs that nothing decides.
fn undecided(decision: &Decision) -> String {
    let how = match (&decision.wasm, &decision.confined, &decision.not_in_wasm) {
        (Some(_), None, _) => "it runs in WebAssembly".to_owned(),
        (Some(_), Some(_), _) => "it runs in WebAssembly, and confined where that fails".to_owned(),
        (None, _, Some(not)) => {
            let why = crate::file::one_line(not.why.lines().next().unwrap_or_default());
            format!("it runs confined (not in WebAssembly: {why})")
        }
        (None, _, None) => "it runs confined".to_owned(),
    };
    format!("nothing decides it: {how}, reviewed by nobody")
}

/// Returns the message for a failed call of the rustc wrapper.
#[must_use]
pub fn of_wrapper(failure: &Failure) -> String {
    match failure {
        Failure::Message(message) => message.clone(),
        Failure::Refused { package, refusal, residue } => {
            let why = match (&**refusal, residue) {
                (Refusal::Undecided, Some(line)) => format!("\n  {line}"),
                (Refusal::Undecided, None) => String::new(),
                (refusal, _) => format!("\n  {}", sentence(refusal)),
            };
            format!(
                "the build script of `{package}` is undecided or denied and was not compiled ({}){why}\n  \
                 help: `cargo inert audit` shows all such scripts and the stanzas for inert.toml that decide them",
                refusal.code()
            )
        }
    }
}

/// Formats a location with only the name of the file, which is the same on every host.
fn short(place: &EntryPlace) -> String {
    format!("{}:{}", place.file.file_name().unwrap_or_default().to_string_lossy(), place.line)
}

fn long(place: &EntryPlace) -> String {
    format!("{}:{}", place.file.display(), place.line)
}

/// Returns whether sentences are replaced by their codes. A test does that and compares the decisions, which must not
/// depend on sentences.
fn codes_only() -> bool {
    cfg!(debug_assertions) && Environment::capture().text("INERT_TEST_CODES_ONLY").is_some()
}
