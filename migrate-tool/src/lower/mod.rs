//! Lowers the guarded log of a run to a declaration.
//!
//! Phases: lines are read as directives ([`directives`]) and gathered ([`plan`]); an effect that the schema cannot
//! express becomes residue; residue becomes `unsupported`, or prevents a declaration; guards become conditions
//! ([`conditions`], [`target_sets`]); and the schema's own parser checks the result.

mod cc;
mod conditions;
mod directives;
mod files;
mod library;
mod plan;
mod target_sets;
mod text;
mod unsupported;

use std::collections::BTreeMap;

use inert_manifest_spec::condition::Fact;
use inert_manifest_spec::types::{Cfg, Declaration, Guarded, Item, Link};
use inert_manifest_spec::{Condition, parse_declaration, write};

use self::conditions::Writer;
use self::plan::{Plan, Somewhere};
use crate::derivation::{Derivation, Residue};
use crate::logic::Guard;
use crate::trace::Trace;

/// Effects that cannot be declared: where, and why.
type Refusals = Vec<(Guard, Residue)>;

/// The description of a message in errors. It also marks messages, which are shown where the script fails too.
const A_MESSAGE: &str = "a message is shown";

/// Writes a condition that equals the first guard wherever the second holds; the text describes its effect, for the
/// error.
type Conditions<'c> = dyn FnMut(Guard, Guard, &str) -> Option<Condition> + 'c;

/// The time limit for all conditions of a script on a slow machine; the limits on counts usually apply long before.
const MAX_TIME: std::time::Duration = std::time::Duration::from_secs(300);

/// The maximum number of reasons that are listed for one place in the source.
const MAX_TOLD: usize = 4;

/// The maximum size of a condition; longer ones are not readable.
const MAX_CONDITION: usize = 1200;

/// Lowers the effects of a run to a declaration, with the residue.
pub(crate) fn lower(mut trace: Trace<'_>) -> Derivation {
    let trace = &mut trace;
    if trace.gave_up || trace.inputs.diagrams.exhausted {
        return given_up(trace);
    }
    trace.inputs.diagrams.deadline = std::time::Instant::now() + MAX_TIME;
    let mut plan = Plan::default();
    let unknown =
        trace.residue.clone().iter().fold(Guard::FALSE, |all, (guard, _)| trace.inputs.or(all, *guard));
    plan.unknown = Somewhere(unsupported::before_build(trace, unknown));
    let panics = std::mem::take(&mut trace.panics);
    let fails = panics.iter().fold(Guard::FALSE, |all, (guard, _)| trace.inputs.or(all, *guard));
    let at = trace.end.clone();
    let fails = plan.settled(trace, fails, &at);
    // The script certainly fails here, though the message may not be known: the first possible one is used.
    let mut rest = fails;
    for (guard, message) in panics {
        let may = unsupported::whatever_is_unsaid(trace, guard);
        let guard = trace.inputs.and(may, rest);
        rest = trace.inputs.minus(rest, may);
        trace.panics.push((guard, message));
    }
    plan.collect(trace, fails);
    finish(trace, plan)
}

/// Returns only residue: once a limit is reached, no result is valid.
fn given_up(trace: &mut Trace<'_>) -> Derivation {
    let mut residue: Vec<Residue> = std::mem::take(&mut trace.residue)
        .into_iter()
        .filter(|(guard, _)| guard.is_true())
        .map(|(_, place)| place)
        .take(1)
        .collect();
    if residue.is_empty() {
        residue.push(whole(trace, "what it depends on is too complex to be followed"));
    }
    Derivation {
        residue,
        out_of_time: std::time::Instant::now() > trace.inputs.diagrams.deadline,
        reads: trace.reads.iter().map(std::path::PathBuf::from).collect(),
        env: trace.env.iter().cloned().collect(),
        ..Derivation::default()
    }
}

fn finish(trace: &mut Trace<'_>, mut plan: Plan) -> Derivation {
    let mut derivation = Derivation {
        reads: trace.reads.iter().map(std::path::PathBuf::from).collect(),
        env: trace.env.iter().cloned().collect(),
        ..Derivation::default()
    };
    fold_messages(trace, &mut plan.warnings);
    fold_messages(trace, &mut plan.errors);
    let mut residue = std::mem::take(&mut trace.residue);
    residue.append(&mut plan.refused);
    let failures = needed(trace, plan.fails.0, &mut residue);
    let archives = cc::lower(trace, &mut residue);
    // The last step that assumes something is the lowering of archives.
    derivation.assumes = trace.assumes.clone();
    for (guard, link) in &mut plan.links {
        if let Link::CcLibrary(name) = link
            && let Some(archive) = archives.iter().find(|archive| archive.name == *name)
        {
            *guard = trace.inputs.minus(*guard, archive.silent);
        }
    }
    let residue = fold_residue(trace, residue);

    // The guard under which the script is not understood, widened to facts that are known before the build.
    let mut unknown = residue.iter().fold(Guard::FALSE, |all, (guard, _)| trace.inputs.or(all, *guard));
    unknown = unsupported::before_build(trace, unknown);
    unknown = unsupported::widened(&mut trace.inputs, unknown);
    if trace.inputs.diagrams.exhausted {
        trace.residue.clear();
        return given_up(trace);
    }
    let start = trace.start;
    let consistent = trace.inputs.consistent();
    let mut care = trace.inputs.minus(start, unknown);
    care = trace.inputs.and(care, consistent);
    let (mut libraries, given, found) = library::lower(trace, plan.fails.0);
    care = trace.inputs.and(care, given);
    care = trace.inputs.minus(care, failures);
    let globs: Vec<String> = trace.globs.iter().cloned().collect();
    let exhausted = trace.inputs.diagrams.exhausted;
    let probes = trace.probes.asked.clone();
    let links = trace.source.links.clone();
    let script = trace.source.script.clone().unwrap_or_default();
    let mut writer = Writer::new(&mut trace.inputs, globs);
    let mut told: BTreeMap<(std::path::PathBuf, usize, usize), usize> = BTreeMap::new();
    for (guard, mut place) in residue {
        // One place may be reached with many values; a few reasons suffice.
        let count = told.entry((place.file.clone(), place.line, place.column)).or_default();
        *count += 1;
        if *count > MAX_TOLD {
            continue;
        }
        if !exhausted && !writer.inputs.diagrams.implies(Guard::TRUE, guard) {
            let guard = unsupported::without_unnamed(writer.inputs, guard);
            place.guard = writer.condition(guard, consistent);
            // The guard holds for no build that a script can run in.
            if place.guard == Some(Condition::Constant(false)) {
                continue;
            }
        }
        if !derivation.residue.contains(&place) {
            derivation.residue.push(place);
        }
    }
    if care.is_false() {
        return derivation;
    }
    let mut failed = None;
    // Where the script fails, none of its other effects count.
    let fails = plan.fails.0;
    let succeeds = writer.inputs.minus(care, fails);
    // This condition must be exact, so every build counts except impossible ones. The failures of required libraries
    // and steps are declared on their own.
    let unsupported = if unknown.is_false() { None } else { writer.condition(unknown, consistent) };
    if unsupported.as_ref().is_some_and(|condition| conditions::size(condition) > MAX_CONDITION)
        || unsupported.is_none() && !unknown.is_false()
    {
        derivation.residue.push(Residue {
            file: script,
            line: 1,
            column: 1,
            reason: "where the script is not understood is too complex to be said".into(),
            guard: None,
        });
        return derivation;
    }
    for library in &mut libraries {
        library.say_where(&mut writer, succeeds);
    }
    let mut condition = |guard: Guard, within: Guard, what: &str| -> Option<Condition> {
        // A missing required library is an error in itself, so no other condition asks whether it was found.
        let guard = writer.inputs.diagrams.cofactor(guard, &found);
        let within = writer.inputs.diagrams.cofactor(within, &found);
        let care = writer.inputs.and(if what == A_MESSAGE { care } else { succeeds }, within);
        let condition =
            writer.condition(guard, care).filter(|condition| conditions::size(condition) <= MAX_CONDITION);
        if condition.is_none() && failed.is_none() {
            failed = Some(format!("when {what} is too complex to be said"));
        }
        condition
    };
    let mut declaration = Declaration { schema: 1, unsupported, ..Declaration::default() };
    for (name, guard) in &plan.cfgs {
        if let Some(when) = condition(*guard, Guard::TRUE, &format!("cfg `{name}` is set"))
            && (when != Condition::Constant(false))
        {
            declaration.cfg.insert(name.clone(), Cfg::Option(when));
        }
    }
    // The schema has one kind of cfg to a name.
    let mut both = None;
    for (name, values) in &plan.cfg_values {
        if declaration.cfg.contains_key(name) {
            both.get_or_insert_with(|| format!("cfg `{name}` is set both with a value and without"));
            continue;
        }
        let mut out = BTreeMap::new();
        for (value, guard) in values {
            if let Some(when) = condition(*guard, Guard::TRUE, &format!("cfg `{name}` is set"))
                && when != Condition::Constant(false)
            {
                out.insert(value.clone(), when);
            }
        }
        if !out.is_empty() {
            declaration.cfg.insert(name.clone(), Cfg::Values(out));
        }
    }
    check_cfgs(&mut declaration, &plan.checked);
    for (name, alternatives) in plan.env {
        let guarded = guarded(&mut condition, alternatives, &format!("`{name}` is set"));
        if !guarded.alternatives.is_empty() {
            declaration.rustc_env.insert(name, guarded);
        }
    }
    for (key, alternatives) in plan.metadata {
        if links.is_none() {
            continue;
        }
        let guarded = guarded(&mut condition, alternatives, &format!("metadata `{key}` is given"));
        if !guarded.alternatives.is_empty() {
            declaration.links_metadata.insert(key, guarded);
        }
    }
    for (guard, link) in plan.links {
        if let Some(when) = condition(guard, Guard::TRUE, "something is linked")
            && when != Condition::Constant(false)
        {
            let item = item(link, when);
            if declaration.link.last() != Some(&item) {
                declaration.link.push(item);
            }
        }
    }
    for (list, items) in [(&mut declaration.error, plan.errors), (&mut declaration.warning, plan.warnings)] {
        for (guard, text) in items {
            if let Some(when) = condition(guard, Guard::TRUE, A_MESSAGE)
                && when != Condition::Constant(false)
            {
                let item = item(text, when);
                if !list.contains(&item) {
                    list.push(item);
                }
            }
        }
    }
    plan.files.declare(&mut declaration, &mut condition);
    library::declare(&mut declaration, libraries, &mut condition);
    if let Some(when) = condition(plan.system_deps.0, Guard::TRUE, "system-deps is carried out")
        && when != Condition::Constant(false)
    {
        declaration.system_deps = Some(when);
    }
    cc::declare(&mut declaration, archives, &mut condition);
    for (name, mut probe) in probes {
        probe.when = None;
        declaration.probe.insert(name, probe);
    }
    drop_unused_probes(&mut declaration);
    library::drop_unused(&mut declaration);
    if trace.inputs.diagrams.exhausted {
        trace.residue.clear();
        return given_up(trace);
    }
    derivation.out_of_time = std::time::Instant::now() > trace.inputs.diagrams.deadline;
    if let Some(reason) = failed.or(both) {
        derivation.residue.push(whole(trace, &reason));
        return derivation;
    }
    // The schema's parser checks the result: a declaration that it refuses is not returned.
    let text = write::declaration(&declaration);
    let parsed = parse_declaration(&text);
    let problems: Vec<String> = parsed
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == inert_manifest_spec::Severity::Error)
        .map(|diagnostic| diagnostic.message.clone())
        .collect();
    if problems.is_empty() {
        derivation.declaration = Some(declaration);
    } else {
        let reason = format!("the schema cannot say it: {}", problems.join("; "));
        derivation.residue.push(whole(trace, &reason));
    }
    derivation
}

/// Returns the schema's objection to a part of a declaration, so that only the builds with this part are refused.
fn sayable(alone: &Declaration) -> Result<(), String> {
    // The part may refer to a library that is defined elsewhere in the declaration.
    let missing = [inert_manifest_spec::codes::UNDEFINED];
    let parsed = parse_declaration(&write::declaration(alone));
    let problem = parsed.diagnostics.iter().find(|diagnostic| {
        diagnostic.severity == inert_manifest_spec::Severity::Error && !missing.contains(&diagnostic.code)
    });
    problem.map_or(Ok(()), |problem| Err(format!("the schema cannot say it: {}", problem.message)))
}

fn whole(trace: &Trace<'_>, reason: &str) -> Residue {
    let file = trace.source.script.clone().unwrap_or_default();
    Residue { file, line: 1, column: 1, reason: reason.to_owned(), guard: None }
}

fn item<T>(value: T, when: Condition) -> Item<T> {
    if when == Condition::Constant(true) { Item::always(value) } else { Item::when(value, when) }
}

fn guarded<T: PartialEq>(
    condition: &mut Conditions<'_>,
    alternatives: Vec<(Guard, T)>,
    what: &str,
) -> Guarded<T> {
    let mut out = Vec::new();
    for (guard, value) in alternatives {
        if let Some(when) = condition(guard, Guard::TRUE, what)
            && when != Condition::Constant(false)
        {
            out.push(item(value, when));
        }
    }
    Guarded { alternatives: out }
}

/// Adds the cfgs that are checked for and never set, as cfgs that never hold, so that their check-cfg remains.
fn check_cfgs(declaration: &mut Declaration, checked: &[(String, Option<Vec<String>>)]) {
    for (name, values) in checked {
        // The compiler's own cfgs cannot be declared, and rustc checks for them anyway.
        let own = inert_manifest_spec::condition::names::TARGET_KEYS.contains(&name.as_str())
            || inert_manifest_spec::condition::names::TARGET_OPTIONS.contains(&name.as_str())
            || inert_manifest_spec::condition::names::PER_COMPILATION.contains(&name.as_str());
        if own && !declaration.cfg.contains_key(name) {
            continue;
        }
        match values {
            None => {
                declaration.cfg.entry(name.clone()).or_insert(Cfg::Option(Condition::Constant(false)));
            }
            Some(values) => {
                let entry =
                    declaration.cfg.entry(name.clone()).or_insert_with(|| Cfg::Values(BTreeMap::new()));
                if let Cfg::Values(known) = entry {
                    for value in values {
                        known.entry(value.clone()).or_insert(Condition::Constant(false));
                    }
                }
            }
        }
    }
}

/// Returns where a required step fails, for steps of which only the success can be declared. The script must fail there
/// too; any other reaction becomes residue.
fn needed(trace: &mut Trace<'_>, fails: Guard, residue: &mut Refusals) -> Guard {
    let mut failures = Guard::FALSE;
    for needed in trace.probes.needed.clone() {
        let failing = trace.inputs.minus(needed.guard, needed.succeeds);
        let goes_on = trace.inputs.minus(failing, fails);
        let mut odd = goes_on;
        for (guard, _) in residue.iter() {
            odd = trace.inputs.minus(odd, *guard);
        }
        if !odd.is_false() {
            let reason = format!("what it does where {} cannot be said", needed.failing);
            residue.push((goes_on, whole(trace, &reason)));
        }
        failures = trace.inputs.or(failures, failing);
    }
    failures
}

/// Merges the residues at one place from the eighth on: they differ in a name only.
fn fold_residue(trace: &mut Trace<'_>, residue: Refusals) -> Refusals {
    const MANY: usize = 8;
    let mut out: Refusals = Vec::new();
    let mut counts: BTreeMap<(std::path::PathBuf, usize, usize), (usize, usize)> = BTreeMap::new();
    for (guard, place) in residue {
        let (count, last) =
            counts.entry((place.file.clone(), place.line, place.column)).or_insert((0, out.len()));
        *count += 1;
        if *count <= MANY {
            *last = out.len();
            out.push((guard, place));
            continue;
        }
        let (known, folded) = &mut out[*last];
        *known = trace.inputs.or(*known, guard);
        if !folded.reason.ends_with(", and the like") {
            folded.reason.push_str(", and the like");
        }
    }
    out
}

/// Replaces many messages that differ only in details by one that omits them, since messages are only for people.
fn fold_messages(trace: &mut Trace<'_>, messages: &mut Vec<(Guard, inert_manifest_spec::types::Text)>) {
    use inert_manifest_spec::types::{Text, TextPart};
    let begin = |text: &Text| match text.parts.first() {
        Some(TextPart::Literal(text)) => text.split_whitespace().take(3).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    };
    let mut out: Vec<(Guard, Text)> = Vec::new();
    for (guard, text) in messages.iter() {
        let begins = begin(text);
        let alike = messages.iter().filter(|(_, other)| begin(other) == begins).count();
        if alike <= 4 || begins.is_empty() {
            out.push((*guard, text.clone()));
            continue;
        }
        let short = Text::literal(format!("{begins} …"));
        match out.iter_mut().find(|(_, known)| *known == short) {
            Some((known, _)) => *known = trace.inputs.or(*known, *guard),
            None => out.push((*guard, short)),
        }
    }
    *messages = out;
}

/// Removes the probes that no condition asks about.
fn drop_unused_probes(declaration: &mut Declaration) {
    let text = write::declaration(declaration);
    let names: Vec<String> = declaration.probe.keys().cloned().collect();
    for name in names {
        let asked = format!("probe = \"{name}");
        let escaped = format!("probe = \\\"{name}");
        if !text.contains(&asked) && !text.contains(&escaped) {
            declaration.probe.remove(&name);
        }
    }
    let _ = Fact::Debug;
}
