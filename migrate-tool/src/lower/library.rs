//! Libraries of the system.

use inert_manifest_spec::Condition;
use inert_manifest_spec::condition::{Comparison, Fact};
use inert_manifest_spec::types::{Declaration, Guarded, Item, Library, Link, LinkKind, VersionRange};

use super::Conditions;
use super::conditions::{self, Writer};
use crate::interp::Interp;
use crate::logic::{Bit, Guard};
use crate::models::{FoundLibrary, Way};

/// A library, and whether the script fails without it.
#[derive(Debug)]
pub(super) struct Asked {
    library: FoundLibrary,
    required: bool,
    /// Of one that is not required: where it is asked for, if that is known before the build and shortly said. The plan
    /// looks for it nowhere else.
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

/// Conditions longer than this are not said of a library that may be missing.
const MAX_WHERE_ASKED: usize = 300;

/// Libraries that were asked for. Where the script fails without one, it is required, and there is no case without
/// it any more: what is left is where each required one is found, by the facts that say so.
pub(super) fn lower(interp: &mut Interp<'_>, fails: Guard) -> (Vec<Asked>, Guard, Vec<(Bit, bool)>) {
    let mut given = Guard::TRUE;
    let libraries = interp.probes.libraries.clone();
    let mut out = Vec::new();
    // Those that are required are found, wherever a later one is asked for.
    let mut there: Vec<(Bit, bool)> = Vec::new();
    for mut library in libraries {
        let found = interp.inputs.fact(Fact::Found { library: library.name.clone(), test: None });
        there.sort_unstable();
        library.asked = interp.inputs.diagrams.cofactor(library.asked, &there);
        let fails = interp.inputs.diagrams.cofactor(fails, &there);
        let without = interp.inputs.minus(library.asked, found);
        // Whether it is asked for must be known by then.
        let late = interp
            .inputs
            .diagrams
            .support(library.asked)
            .into_iter()
            .any(|bit| interp.inputs.fact_of(bit).is_some_and(|fact| !fact.known_before_build()));
        let required = !late && !without.is_false() && interp.inputs.diagrams.implies(without, fails);
        if required {
            given = interp.inputs.minus(given, without);
            there.push((interp.inputs.diagrams.top(found), true));
        }
        out.push(Asked { library, required, asked: None });
    }
    there.sort_unstable();
    (out, given, there)
}

/// Writes them into the declaration.
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

/// Where a library is found only where the script is not understood, nothing of it is left to be declared; and what is
/// never linked must not be linked for standing in the table.
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
