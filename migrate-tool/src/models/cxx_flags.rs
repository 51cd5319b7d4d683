//! Models the crate `cxxbridge-flags`, whose constant is the C++ standard for the sources of `cxx`.

use crate::interp::Interp;
use crate::value::{Cases, Text, TextType};

/// The features of `cxxbridge-flags`, the strongest first; each is the name of a standard.
const STANDARDS: &[&str] = &["c++20", "c++17", "c++14"];

/// The patch number of the first known 1.0 release whose constant is the name of a standard (1.0.94's was a flag).
const FIRST: u32 = 128;

/// The standard without any of the features.
const OLDEST: &str = "c++11";

pub(super) fn constant(interp: &mut Interp<'_>, path: &str) -> Option<Cases> {
    if path != "cxxbridge_flags::STD" {
        return None;
    }
    // Before, the constant was a flag, `-std=c++11` or `/std:c++11` by the script's host.
    let new =
        interp.source.build_dependencies.values().filter(|one| one.package == "cxxbridge-flags").all(|one| {
            let exact =
                one.requirement.as_deref().and_then(|requirement| requirement.trim().strip_prefix("=1.0."));
            exact.and_then(|patch| patch.trim().parse::<u32>().ok()).is_some_and(|patch| patch >= FIRST)
        });
    if !new {
        return Some(interp.unknown("the constant of this version of cxxbridge-flags is not known"));
    }
    let text = |standard: &str| Cases::text(Text::lit(standard).typed(TextType::Str));
    // The features are the dependency's own; the package hands its own on under the same names.
    let handed_on = ("cxxbridge-flags".to_owned(), STANDARDS.iter().map(|one| (*one).to_owned()).collect());
    if !interp.assumes.features_handed_on.contains(&handed_on) {
        interp.assumes.features_handed_on.push(handed_on);
    }
    let (mut rest, mut parts) = (interp.pc, Vec::new());
    for standard in STANDARDS {
        let on = interp.feature(standard);
        parts.push((interp.inputs.and(rest, on), text(standard)));
        rest = interp.inputs.minus(rest, on);
    }
    parts.push((rest, text(OLDEST)));
    parts.retain(|(guard, _)| !guard.is_false());
    Some(interp.inputs.join(parts))
}
