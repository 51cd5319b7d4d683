//! Models the crate `cxxbridge-flags`, whose constant is the C++ standard for the sources of `cxx`.

use crate::interp::Interp;
use crate::value::{Cases, Text, TextType};

/// The features of `cxxbridge-flags`, the strongest first; each is the name of a standard.
const STANDARDS: &[&str] = &["c++20", "c++17", "c++14"];

/// The standard without any of the features.
const OLDEST: &str = "c++11";

pub(super) fn constant(interp: &mut Interp<'_>, path: &str) -> Option<Cases> {
    if path != "cxxbridge_flags::STD" {
        return None;
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
