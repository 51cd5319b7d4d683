//! Questions that can be answered only during the build. Each has one name, however often it is asked.

use inert_manifest_spec::Fact;
use inert_manifest_spec::types::Probe;

use crate::interp::Interp;
use crate::logic::Guard;
use crate::semantics::facts::{Needed, identifier};

impl Interp<'_> {
    /// Returns where a step succeeds whose failure fails the whole build. The script may test for the failure; lowering
    /// checks that its only reaction is to fail too.
    pub(crate) fn need(&mut self, failing: &'static str) -> Guard {
        // No name in the schema begins with `!`, so the parser would refuse a condition that still contains the fact.
        let name = format!("!{}", self.probes.needed.len());
        let succeeds = self.inputs.fact(Fact::Probe { name, test: None });
        self.probes.needed.push(Needed { guard: self.pc, succeeds, failing });
        succeeds
    }

    /// Returns a new fact that may hold or not, and that no declaration can name. [`unnamed_reason`] describes it by
    /// `kind`.
    pub(crate) fn unnamed(&mut self, kind: &str) -> Guard {
        self.unnamed_facts += 1;
        let name = format!("!{kind}{}", self.unnamed_facts);
        self.inputs.fact(Fact::Probe { name, test: None })
    }

    /// Returns where a probe succeeds.
    pub(crate) fn ask_probe(&mut self, name: &str, probe: Probe) -> Guard {
        let known = self
            .probes
            .asked
            .iter()
            .find(|(_, known)| known.kind == probe.kind)
            .map(|(name, _)| name.clone());
        let name = match known {
            Some(name) => name,
            None => {
                let base: String = identifier(name).chars().take(40).collect();
                let mut unique = base.clone();
                let mut count = 1;
                while self.probes.asked.iter().any(|(known, _)| *known == unique) {
                    count += 1;
                    unique = format!("{base}_{count}");
                }
                self.probes.asked.push((unique.clone(), probe));
                unique
            }
        };
        self.inputs.fact(Fact::Probe { name, test: None })
    }
}
