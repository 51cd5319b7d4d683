//! Lowers the libraries of the system that a script looks for.

use inert_manifest_spec::Condition;
use inert_manifest_spec::condition::{Comparison, Fact};
use inert_manifest_spec::types::{Declaration, Guarded, Item, Library, Link, LinkKind, VersionRange};

use super::Conditions;
use super::conditions::{self, Writer};
use crate::logic::{Bit, Guard};
use crate::semantics::library::{FoundLibrary, Way};
use crate::trace::Trace;

/// A library that the script looks for, and whether the script fails without it.
#[derive(Debug)]
pub(super) struct Asked {
    library: FoundLibrary,
    required: bool,
    /// The condition under which the script looks for an optional library, if it is short and known before the build.
    /// The plan looks for the library only under it.
    asked: Option<Condition>,
}

impl Asked {
    pub(super) fn say_where(&mut self, writer: &mut Writer<'_>, care: Guard) {
        let asked = self.library.asked;
        let facts = writer.inputs.diagrams.support(asked);
        let late = |bit: Bit| writer.inputs.fact_of(bit).is_some_and(|fact| !fact.known_before_build());
        if !self.required && !facts.into_iter().any(late) {
            let short = |condition: &Condition| conditions::size(condition) <= MAX_WHERE_ASKED;
            self.asked = writer.condition(asked, care).filter(short);
        }
    }
}

/// The maximum size of the condition of an optional library; a longer one is left out.
const MAX_WHERE_ASKED: usize = 300;

/// Lowers the libraries that were asked for. A library without which the script fails is required, so the case without
/// it need not be considered any more. Also returns where each required library is found, as a guard and as the bits of
/// those facts.
pub(super) fn lower(trace: &mut Trace<'_>, fails: Guard) -> (Vec<Asked>, Guard, Vec<(Bit, bool)>) {
    let mut given = Guard::TRUE;
    let libraries = trace.probes.libraries.clone();
    let mut out = Vec::new();
    // The facts that the required libraries are found, which hold wherever a later library is asked for.
    let mut there: Vec<(Bit, bool)> = Vec::new();
    for mut library in libraries {
        let found = trace.inputs.fact(Fact::Found { library: library.name.clone(), test: None });
        there.sort_unstable();
        library.asked = trace.inputs.diagrams.cofactor(library.asked, &there);
        let fails = trace.inputs.diagrams.cofactor(fails, &there);
        let without = trace.inputs.minus(library.asked, found);
        // The condition under which a required library is asked for must be known before the build.
        let late = trace
            .inputs
            .diagrams
            .support(library.asked)
            .into_iter()
            .any(|bit| trace.inputs.fact_of(bit).is_some_and(|fact| !fact.known_before_build()));
        let required = !late && !without.is_false() && trace.inputs.diagrams.implies(without, fails);
        if required {
            given = trace.inputs.minus(given, without);
            there.push((trace.inputs.diagrams.top(found), true));
        }
        out.push(Asked { library, required, asked: None });
    }
    there.sort_unstable();
    (out, given, there)
}

/// Writes the libraries into the declaration.
pub(super) fn declare(declaration: &mut Declaration, libraries: Vec<Asked>, condition: &mut Conditions<'_>) {
    for Asked { library: found, required, asked } in libraries {
        let what = format!("library `{}` is asked for", found.name);
        let when = if required { condition(found.asked, Guard::TRUE, &what) } else { asked };
        if when == Some(Condition::Constant(false)) {
            continue;
        }
        let comparisons: Vec<_> =
            found.version.into_iter().map(|(operator, value)| Comparison { operator, value }).collect();
        let (modules, ports) = match found.way {
            Way::PkgConfig => (vec![Item::always(found.module)], Vec::new()),
            Way::Vcpkg => (Vec::new(), vec![Item::always(found.module)]),
        };
        let library = Library {
            optional: !required,
            when: when.filter(|when| *when != Condition::Constant(true)),
            pkg_config: modules,
            vcpkg: ports,
            libs: found.libs.into_iter().map(Item::always).collect(),
            version: (!comparisons.is_empty()).then(|| Guarded::always(VersionRange { comparisons })),
            kind: found.statik.filter(|statik| *statik).map(|_| Guarded::always(LinkKind::Static)),
            link: found.link,
            print_system_libs: found.print_system_libs,
            ..Library::default()
        };
        declaration.library.insert(found.name, library);
    }
}

/// Removes optional libraries that nothing in the declaration uses, as where a library is found only where the script
/// is not understood. A library that no `link` entry names gets `link = false`, so that its table alone does not link
/// it.
pub(super) fn drop_unused(declaration: &mut Declaration) {
    let linked: Vec<String> = declaration
        .link
        .iter()
        .filter_map(|item| match &item.value {
            Link::Library(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    for (name, library) in &mut declaration.library {
        library.link &= linked.contains(name);
    }
    let text = inert_manifest_spec::write::declaration(declaration);
    declaration.library.retain(|name, library| {
        let asked = [format!("found = \"{name}\""), format!("found = \"{name} "), format!("library.{name}.")];
        let asked_escaped = asked.iter().any(|form| text.contains(&form.replace('"', "\\\"")));
        !library.optional
            || linked.contains(name)
            || asked_escaped
            || asked.iter().any(|form| text.contains(form))
    });
}
