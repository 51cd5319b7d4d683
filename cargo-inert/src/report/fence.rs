//! The outer fence of a build, for the audit.

use serde::Serialize;

use super::audit::Audit;
use crate::policy::may::May;

/// The outer fence that the policy demands.
#[derive(Debug, Clone, Serialize)]
pub struct OuterFence {
    /// True if Cargo and all that it starts are behind it.
    pub available: bool,
    /// The reason why there is none; the build is refused then, unless the user's own policy lets it run without.
    pub why_not: Option<String>,
}

impl OuterFence {
    /// Returns the fence of a build; `None` if the policy demands none.
    #[must_use]
    pub fn of<T>(fenced: Result<Option<T>, impl ToString>) -> Option<Self> {
        match fenced {
            Ok(None) => None,
            Ok(Some(_)) => Some(Self { available: true, why_not: None }),
            Err(why) => Some(Self { available: false, why_not: Some(why.to_string()) }),
        }
    }

    /// Returns what a program may behind this fence.
    #[must_use]
    pub fn narrowed(outer: Option<&Self>, may: May) -> May {
        if outer.is_some_and(|outer| outer.available) { may.fenced() } else { may }
    }
}

/// Notes the outer fence in an audit, and narrows what is said of what runs behind it.
pub fn note(audit: &mut Audit, outer: Option<OuterFence>) {
    let narrow = |may: &mut May| *may = OuterFence::narrowed(outer.as_ref(), std::mem::take(may));
    audit.packages.iter_mut().filter_map(|package| package.may.as_mut()).for_each(narrow);
    narrow(&mut audit.compiling.may);
    audit.outer = outer;
}

/// Says what the fence does.
pub(super) fn human(text: &mut String, outer: Option<&OuterFence>) {
    match outer {
        None => {}
        Some(OuterFence { available: true, .. }) => text.push_str(
            "Cargo and all that it starts are behind the outer fence: they open no socket and change no other files; what `run`, \
             `test` and `bench` start of what was built is outside\n",
        ),
        Some(OuterFence { why_not, .. }) => {
            let why = crate::file::one_line(why_not.as_deref().unwrap_or_default());
            text.push_str(&format!("the outer fence is demanded, and there can be none: {why}\n"));
        }
    }
}
