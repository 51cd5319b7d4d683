//! The flags that Cargo passes to rustc, as `CARGO_ENCODED_RUSTFLAGS` contains them. The flags themselves are known
//! only during the build, but whether any flag contains a given text is known before (`rustc_flag = "…"`).
//!
//! A script usually goes through the flags and tests the beginning of each. If no flag contains a text, none begins
//! with it, and neither does a part of one. If some flag contains it, each single flag may or may not; no condition can
//! name that, so any effect of it is residue.

use std::rc::Rc;

use inert_manifest_spec::Fact;

use crate::interp::Interp;
use crate::logic::Guard;
use crate::semantics::facts::SOME_FLAGS;
use crate::value::{Cases, Piece, Sym, Text};

/// The variable with all flags, which is also the name of a single unknown flag.
const ALL: &str = "CARGO_ENCODED_RUSTFLAGS";
/// The beginning of the name of a part of a flag. A number follows, so that no two parts are the same.
const PART: &str = "part of a flag of rustc, ";
/// Texts that most flags begin with. They say nothing about a flag, so no fact is made of them.
const OPENERS: &[&str] = &["-", "--", "-C", "-Z", "--codegen", "-A", "-W", "-D", "-F", "-L", "-l"];

/// Returns the name of the flag, or part of a flag, that a text is.
fn one_of_them(flat: &[Piece]) -> Option<&Rc<str>> {
    match flat {
        [Piece::Sym(Sym::Each(name))] if &**name == ALL || name.starts_with(PART) => Some(name),
        _ => None,
    }
}

/// Returns where there are no flags at all. A declaration cannot express this.
pub(super) fn none(interp: &mut Interp<'_>) -> Guard {
    interp.inputs.fact(Fact::Probe { name: "!no flags".to_owned(), test: None })
}

/// Returns where some flag contains the text. A text with a control character could span two flags, so it is refused.
fn some_holds(interp: &mut Interp<'_>, text: &str) -> Option<Guard> {
    let fits = !text.is_empty() && !text.contains(char::is_control);
    fits.then(|| interp.inputs.fact(Fact::RustcFlag(text.to_owned())))
}

/// Returns where this flag, or this part of one, begins with the text, ends with it, contains it or equals it. This
/// implies that some flag contains the text.
fn this_one(interp: &mut Interp<'_>, text: &str) -> Option<Guard> {
    let some = if OPENERS.contains(&text) { Guard::TRUE } else { some_holds(interp, text)? };
    let this = interp.unnamed(SOME_FLAGS);
    Some(interp.inputs.and(some, this))
}

/// Models `flag.contains("target-feature=")`, of a flag or of all flags at once.
pub(super) fn contains(interp: &mut Interp<'_>, flat: &[Piece], text: &str) -> Option<Guard> {
    match flat {
        [Piece::Sym(Sym::Env(name))] if &**name == ALL => some_holds(interp, text),
        flat if one_of_them(flat).is_some() => this_one(interp, text),
        _ => None,
    }
}

/// Models `flag == "-Zfoo"`, of a flag or of all flags at once.
pub(crate) fn equals(interp: &mut Interp<'_>, flat: &[Piece], text: &str) -> Option<Guard> {
    if let [Piece::Sym(Sym::Env(name))] = flat
        && &**name == ALL
    {
        if text.is_empty() {
            return Some(none(interp));
        }
        // Equality implies that each of the joined flags is present.
        let mut all = interp.unnamed(SOME_FLAGS);
        for flag in text.split('\x1f') {
            let some = some_holds(interp, flag)?;
            all = interp.inputs.and(all, some);
        }
        return Some(all);
    }
    one_of_them(flat)?;
    this_one(interp, text)
}

/// Models `flag.starts_with("-C")` and `flag.strip_prefix("-C")`; the rest of the flag is a new part.
pub(super) fn affix(
    interp: &mut Interp<'_>,
    flat: &[Piece],
    needle: &str,
    f: &mut dyn FnMut(&mut Interp<'_>, Option<Text>) -> Cases,
) -> Option<Cases> {
    let flag = Rc::clone(one_of_them(flat)?);
    let holds = this_one(interp, needle)?;
    let path = interp.pc;
    let fails = interp.inputs.minus(path, holds);
    let mut parts = Vec::new();
    interp.pc = interp.inputs.and(path, holds);
    if !interp.dead() {
        interp.flag_lengths.push((interp.pc, flag, needle.len()));
        let part = part(interp);
        let found = f(interp, Some(part));
        parts.push((interp.pc, found));
    }
    let found = interp.pc;
    interp.pc = fails;
    let mut not_found = Guard::FALSE;
    if !interp.dead() {
        let other = f(interp, None);
        parts.push((interp.pc, other));
        not_found = interp.pc;
    }
    interp.pc = interp.inputs.or(found, not_found);
    Some(interp.inputs.join(parts))
}

/// Models `&flag[2..]`, where the flag is known to begin with a prefix of that length.
pub(crate) fn cut(interp: &mut Interp<'_>, flat: &[Piece], start: usize) -> Option<Text> {
    let flag = Rc::clone(one_of_them(flat)?);
    let mut long_enough = Guard::FALSE;
    for (guard, known, length) in interp.flag_lengths.clone() {
        if known == flag && length == start {
            long_enough = interp.inputs.or(long_enough, guard);
        }
    }
    interp.inputs.minus(interp.pc, long_enough).is_false().then(|| part(interp))
}

fn part(interp: &mut Interp<'_>) -> Text {
    interp.unnamed_facts += 1;
    Text::sym(Sym::Each(format!("{PART}{}", interp.unnamed_facts).into()))
}
