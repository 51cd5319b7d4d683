//! Gathers the effects of a run by their guards: the step between the log and the declaration.

use std::collections::BTreeMap;

use inert_manifest_spec::types::{Declaration, Guarded, Item, Link, MetadataValue, PathRef};

use super::directives::{Directive, read, says_nothing};
use super::{Refusals, files, sayable, text, unsupported};
use crate::derivation::Residue;
use crate::logic::Guard;
use crate::semantics::library::{ELEMENT, JOINED, no_headers};
use crate::trace::{Effect, Logged, Trace};
use crate::value::{Cases, Piece, Sym, Value};

/// The effects that are to be declared, still with guards instead of conditions.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) cfgs: BTreeMap<String, Guard>,
    pub(super) cfg_values: BTreeMap<String, BTreeMap<String, Guard>>,
    pub(super) checked: Vec<(String, Option<Vec<String>>)>,
    pub(super) env: BTreeMap<String, Vec<(Guard, inert_manifest_spec::types::Text)>>,
    pub(super) links: Vec<(Guard, Link)>,
    pub(super) metadata: BTreeMap<String, Vec<(Guard, MetadataValue)>>,
    pub(super) errors: Vec<(Guard, inert_manifest_spec::types::Text)>,
    pub(super) warnings: Vec<(Guard, inert_manifest_spec::types::Text)>,
    pub(super) files: files::Files,
    pub(super) system_deps: Somewhere,
    pub(super) refused: Refusals,
    pub(super) fails: Somewhere,
    /// Where the script is not understood for another reason already.
    pub(super) unknown: Somewhere,
}

/// A guard whose default is nowhere, `Guard::FALSE`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Somewhere(pub(super) Guard);

impl Default for Somewhere {
    fn default() -> Self {
        Self(Guard::FALSE)
    }
}

impl Plan {
    pub(super) fn collect(&mut self, trace: &mut Trace<'_>, fails: Guard) {
        self.fails = Somewhere(fails);
        for Logged { guard, effect, at } in std::mem::take(&mut trace.log) {
            // Where the script fails, its earlier output does not count.
            let guard = trace.inputs.minus(guard, fails);
            if let Effect::Line(line) = &effect
                && says_nothing(line.pieces())
            {
                continue;
            }
            let guard = self.told_of_some(trace, guard, &effect, &at);
            let guard = self.settled(trace, guard, &at);
            if guard.is_false() {
                continue;
            }
            match effect {
                Effect::Library(index) => {
                    let name = trace.probes.libraries[index].name.clone();
                    self.links.push((guard, Link::Library(name)));
                }
                Effect::SystemDeps => self.system_deps.0 = trace.inputs.or(self.system_deps.0, guard),
                Effect::Archive(index) => {
                    let name = trace.probes.archives[index].name.clone();
                    self.links.push((guard, Link::CcLibrary(name)));
                }
                Effect::Line(line) => {
                    let pieces: Vec<Piece> = line.pieces().cloned().collect();
                    if let Err(reason) = self.line(trace, guard, &pieces) {
                        self.refused.push((guard, Residue { reason, ..at }));
                    }
                }
            }
        }
        for (guard, message) in trace.panics.clone() {
            for (under, message) in text::messages(trace, guard, &message) {
                self.errors.push((under, message));
            }
        }
        let out_files: Vec<(String, Cases)> =
            trace.out_files.iter().map(|(path, value)| (path.clone(), value.clone())).collect();
        for (path, content) in out_files {
            self.file(trace, &path, &content);
        }
    }

    /// Removes the facts that no declaration can name from a guard; where the guard depends on them, residue is
    /// recorded.
    pub(super) fn settled(&mut self, trace: &mut Trace<'_>, guard: Guard, at: &Residue) -> Guard {
        // In the evaluation of a concrete build, these facts are known.
        if !trace.start.is_true() {
            return guard;
        }
        let (settled, undecided) = unsupported::settled(&mut trace.inputs, guard);
        if let Some((undecided, reason)) = undecided
            && !trace.inputs.diagrams.implies(undecided, self.unknown.0)
        {
            let reason = format!("what it does depends on {reason}, which is not known before the build");
            self.refused.push((undecided, Residue { reason, ..at.clone() }));
        }
        settled
    }

    /// Returns the guard of a line about the folders of a library. Metadata prints nothing for a library without
    /// folders, and neither does a loop over them, so that case is removed. A line that joins the folders would print
    /// an empty text there, which cannot be declared and becomes residue.
    fn told_of_some(&mut self, trace: &mut Trace<'_>, guard: Guard, effect: &Effect, at: &Residue) -> Guard {
        let Effect::Line(line) = effect else { return guard };
        let library = line.pieces().find_map(|piece| match piece {
            Piece::Sym(Sym::Library(library, what)) if [ELEMENT, JOINED].contains(&&**what) => {
                Some((library.to_string(), &**what == JOINED))
            }
            _ => None,
        });
        let Some((library, joined)) = library else { return guard };
        let none = trace.inputs.fact(no_headers(&library));
        let empty = trace.inputs.and(guard, none);
        if joined && !empty.is_false() {
            let reason = "what it says of a library without folders of headers cannot be said".to_owned();
            self.refused.push((empty, Residue { reason, ..at.clone() }));
        }
        let bit = trace.inputs.diagrams.top(none);
        trace.inputs.diagrams.cofactor(guard, &[(bit, false)])
    }

    fn file(&mut self, trace: &mut Trace<'_>, path: &str, content: &Cases) {
        let fails = self.fails.0;
        for (guard, value) in content.0.iter() {
            let guard = trace.inputs.minus(*guard, fails);
            let at = trace.end.clone();
            let guard = self.settled(trace, guard, &at);
            if guard.is_false() || matches!(value, Value::External(what) if &**what == "absent") {
                continue;
            }
            if let Err(reason) = self.files.add(trace, path, guard, value) {
                let at = trace.end.clone();
                self.refused
                    .push((guard, Residue { reason: format!("`{path}` in OUT_DIR: {reason}"), ..at }));
            }
        }
    }

    fn link(&mut self, guard: Guard, links: impl IntoIterator<Item = Link>) -> Result<(), String> {
        for link in links {
            let mut alone = Declaration { schema: 1, ..Declaration::default() };
            alone.link.push(Item::always(link.clone()));
            sayable(&alone)?;
            self.links.push((guard, link));
        }
        Ok(())
    }

    fn line(&mut self, trace: &mut Trace<'_>, guard: Guard, pieces: &[Piece]) -> Result<(), String> {
        match read(trace, pieces)? {
            Directive::Nothing => {}
            Directive::Cfg { name, value: None } => {
                let old = self.cfgs.get(&name).copied().unwrap_or(Guard::FALSE);
                let joined = trace.inputs.or(old, guard);
                self.cfgs.insert(name, joined);
            }
            Directive::Cfg { name, value: Some(value) } => {
                let values = self.cfg_values.entry(name).or_default();
                let old = values.get(&value).copied().unwrap_or(Guard::FALSE);
                let joined = trace.inputs.or(old, guard);
                values.insert(value, joined);
            }
            Directive::CfgEach { name, values } => {
                // The cfg has one value for each case, such as each target.
                for (under, value) in values {
                    let both = trace.inputs.and(guard, under);
                    if both.is_false() {
                        continue;
                    }
                    match &name {
                        Some(name) => {
                            let known = self.cfg_values.entry(name.clone()).or_default();
                            let old = known.get(&value).copied().unwrap_or(Guard::FALSE);
                            let joined = trace.inputs.or(old, both);
                            known.insert(value, joined);
                        }
                        None => {
                            let old = self.cfgs.get(&value).copied().unwrap_or(Guard::FALSE);
                            let joined = trace.inputs.or(old, both);
                            self.cfgs.insert(value, joined);
                        }
                    }
                }
            }
            Directive::Check(checks) => self.checked.extend(checks),
            Directive::Env { name, value } => {
                let mut alone = Declaration { schema: 1, ..Declaration::default() };
                alone.rustc_env.insert(name.clone(), Guarded::always(value.clone()));
                sayable(&alone)?;
                // The last value of a variable counts.
                let known = self.env.entry(name).or_default();
                for (old, _) in known.iter_mut() {
                    *old = trace.inputs.minus(*old, guard);
                }
                known.push((guard, value));
            }
            Directive::Link(link) => self.link(guard, [link])?,
            Directive::Links(links) => self.link(guard, links)?,
            Directive::Metadata { key, value } => {
                let known = self.metadata.entry(key).or_default();
                if matches!(
                    value,
                    MetadataValue::Path(PathRef::LibraryIncludeLast(_)) | MetadataValue::PathList(_)
                ) && known.iter().any(|(old, _)| !trace.inputs.and(*old, guard).is_false())
                {
                    return Err(
                        "a library's folders after another value of the same key cannot be said".into()
                    );
                }
                for (old, _) in known.iter_mut() {
                    *old = trace.inputs.minus(*old, guard);
                }
                known.push((guard, value));
            }
            Directive::Warning(text) => self.warnings.push((guard, text)),
            Directive::Error(text) => {
                self.errors.push((guard, text));
                self.fails.0 = trace.inputs.or(self.fails.0, guard);
            }
        }
        Ok(())
    }
}
