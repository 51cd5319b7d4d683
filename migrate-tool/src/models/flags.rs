//! The flags that Cargo gives rustc, as `CARGO_ENCODED_RUSTFLAGS` holds them: only the build knows them, but which texts
//! they hold is known before it (`rustc_flag = "…"`).
//!
//! A script goes over them one by one and asks how each begins. Where no flag holds a text, none begins with it, and no
//! part of one does; where some flag does, each one still may or may not, which nothing can name: what a script makes
//! of that is not understood there.

use std::rc::Rc;

use inert_manifest_spec::Fact;

use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Gv, Piece, Sym, Text};

/// The variable that holds them, and what any one of them is called.
const ALL: &str = "CARGO_ENCODED_RUSTFLAGS";
/// How a part of one is called; no two parts are taken for the same.
const PART: &str = "part of a flag of rustc, ";
/// What opens most flags says nothing about them: it may be there or not.
const OPENERS: &[&str] = &["-", "--", "-C", "-Z", "--codegen", "-A", "-W", "-D", "-F", "-L", "-l"];

/// The flag, or part of one, that a text is.
fn one_of_them(flat: &[Piece]) -> Option<&Rc<str>> {
    match flat {
        [Piece::Sym(Sym::Each(name))] if &**name == ALL || name.starts_with(PART) => Some(name),
        _ => None,
    }
}

/// Where there are no flags at all, which nothing in a declaration says.
pub(super) fn none(interp: &mut Interp<'_>) -> Guard {
    interp.inputs.fact(Fact::Probe { name: "!no flags".to_owned(), test: None })
}

/// Where some flag holds the text. One with a control character would reach from one flag into the next.
fn some_holds(interp: &mut Interp<'_>, text: &str) -> Option<Guard> {
    let fits = !text.is_empty() && !text.contains(char::is_control);
    fits.then(|| interp.inputs.fact(Fact::RustcFlag(text.to_owned())))
}

/// Where this one, or this part, begins with the text, ends with it, holds it or is it: at most where some flag
/// holds it.
fn this_one(interp: &mut Interp<'_>, text: &str) -> Option<Guard> {
    let some = if OPENERS.contains(&text) { Guard::TRUE } else { some_holds(interp, text)? };
    let this = interp.unnamed(super::probes::SOME_FLAGS);
    Some(interp.inputs.and(some, this))
}

/// `flag.contains("target-feature=")`, or of all of them at once.
pub(super) fn contains(interp: &mut Interp<'_>, flat: &[Piece], text: &str) -> Option<Guard> {
    match flat {
        [Piece::Sym(Sym::Env(name))] if &**name == ALL => some_holds(interp, text),
        flat if one_of_them(flat).is_some() => this_one(interp, text),
        _ => None,
    }
}

/// `flag == "-Zfoo"`, or all of them at once.
pub(crate) fn equals(interp: &mut Interp<'_>, flat: &[Piece], text: &str) -> Option<Guard> {
    if let [Piece::Sym(Sym::Env(name))] = flat
        && &**name == ALL
    {
        if text.is_empty() {
            return Some(none(interp));
        }
        // At most where the flags that it joins are there.
        let mut all = interp.unnamed(super::probes::SOME_FLAGS);
        for flag in text.split('\x1f') {
            let some = some_holds(interp, flag)?;
            all = interp.inputs.and(all, some);
        }
        return Some(all);
    }
    one_of_them(flat)?;
    this_one(interp, text)
}

/// `flag.starts_with("-C")`, `flag.strip_prefix("-C")`: what is left of it is another part.
pub(super) fn affix(
    interp: &mut Interp<'_>,
    flat: &[Piece],
    needle: &str,
    f: &mut dyn FnMut(&mut Interp<'_>, Option<Text>) -> Gv,
) -> Option<Gv> {
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

/// `&flag[2..]`, where it is known to begin with so much.
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
