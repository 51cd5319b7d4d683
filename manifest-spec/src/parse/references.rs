//! Checks that need the whole declaration: undefined names, and questions that wait for each other.

use std::collections::{BTreeMap, BTreeSet};

use super::reader::{Reader, Use};
use crate::check::walk::{self, Node};
use crate::rules::names;
use crate::{Declaration, codes, suggest};

impl Reader<'_> {
    /// Reports undefined names and cycles.
    pub(super) fn references(&mut self, declaration: &Declaration) {
        let mark = self.mark();
        for (used, span) in self.uses.clone() {
            match &used {
                Use::Probe(name) => self.defined(name, &declaration.probe, "probe", span),
                Use::Library(name) => self.defined(name, &declaration.library, "library", span),
                Use::CcLibrary(name) => self.defined(name, &declaration.cc_library, "cc-library", span),
                Use::Feature(_) | Use::BuildDependency(_) => {}
            }
        }
        if self.mark() == mark {
            self.cycles(declaration);
        }
    }

    fn defined<T>(&mut self, name: &str, table: &BTreeMap<String, T>, what: &str, span: crate::Span) {
        // Beyond the limit no diagnostic is shown, and the declaration is rejected already.
        if table.contains_key(name) || self.mark() > super::MAX_DIAGNOSTICS {
            return;
        }
        let shown = crate::render::escaped(name);
        let near =
            suggest::help(name, table.keys().map(String::as_str).filter(|name| names::is_link_name(name)));
        let help = match near {
            Some(help) => format!("{help} (or add `[{what}.{shown}]`)"),
            None => format!("add `[{what}.{shown}]`"),
        };
        self.error(codes::UNDEFINED, format!("there is no {what} `{shown}`"), span, "not defined", help);
    }

    fn cycles(&mut self, declaration: &Declaration) {
        let edges = walk::edges(declaration);
        let mut done: BTreeSet<&Node> = BTreeSet::new();
        let mut told = BTreeSet::new();
        for start in edges.keys() {
            // The search keeps its own stack instead of recursing, since a declaration may chain thousands of
            // questions.
            let mut path: Vec<(&Node, usize)> = vec![(start, 0)];
            let mut on_path: BTreeMap<&Node, usize> = BTreeMap::from([(start, 0)]);
            while let Some((node, next)) = path.last().copied() {
                let target =
                    if done.contains(node) { None } else { edges.get(node).and_then(|to| to.get(next)) };
                let Some(target) = target else {
                    done.insert(node);
                    on_path.remove(node);
                    path.pop();
                    continue;
                };
                if let Some(last) = path.last_mut() {
                    last.1 += 1;
                }
                if let Some(at) = on_path.get(target).copied() {
                    let mut names: Vec<String> =
                        path[at..].iter().map(|(node, _)| node.to_string()).collect();
                    names.push(target.to_string());
                    if told.insert(target) {
                        let span = target.span(declaration);
                        let message = format!("these wait for each other: {}", names.join(" → "));
                        self.error(
                            codes::CYCLE,
                            message,
                            span,
                            "waits for itself",
                            "take one of the conditions away",
                        );
                    }
                } else if !done.contains(target) {
                    on_path.insert(target, path.len());
                    path.push((target, 0));
                }
            }
        }
    }
}
