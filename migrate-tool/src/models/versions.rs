//! rustc's version through helper crates (`version_check`, `rustc_version`), and `semver`.

use std::rc::Rc;

use inert_manifest_spec::condition::Channel;

use super::{Call, Method};
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Cases, IntType, ObjectId, Piece, StructValue, Sym, Text, TextType, Ty, Value};

fn number(value: u64) -> Cases {
    Cases::of(Value::Int(i128::from(value), IntType::Unsigned(64)))
}

/// Reads a version as version_check does: up to three numbers of 16 bits before the first `-`.
fn checked_version(text: &str) -> Option<(u64, u64, u64)> {
    let mut numbers = [0u64; 3];
    for (at, part) in text.split('-').next()?.split('.').enumerate() {
        *numbers.get_mut(at)? = u64::from(part.parse::<u16>().ok()?);
    }
    let [major, minor, patch] = numbers;
    Some((major, minor, patch))
}

/// Reads a number of a semver version: digits without a leading zero; `None` for any other text.
fn semver_number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// Returns whether a text is a requirement; `None` if the versions of semver differ about it.
fn is_requirement(text: &str) -> Option<bool> {
    let comparator = |part: &str| {
        let part = part.trim();
        let operators = [">=", "<=", ">", "<", "=", "^", "~"];
        let rest =
            operators.iter().find_map(|operator| part.strip_prefix(operator)).unwrap_or(part).trim_start();
        let numbers: Vec<&str> = rest.split('.').collect();
        numbers.len() <= 3 && numbers.iter().all(|number| semver_number(number).is_some())
    };
    if text.trim() == "*" || text.split(',').all(comparator) {
        return Some(true);
    }
    let first = text.trim_start().chars().next()?;
    (first.is_ascii_alphabetic() && !"xXvV".contains(first)).then_some(false)
}

/// `1.41`, `1.41.0` as minor and patch; other majors as far out as they are.
fn parse_version(text: &str) -> Option<(u64, u64, u64)> {
    let text = text.split(['-', '+']).next()?.trim();
    let mut parts = text.split('.').map(|part| part.parse::<u64>().ok());
    let major = parts.next()??;
    let minor = parts.next().unwrap_or(Some(0))?;
    let patch = parts.next().unwrap_or(Some(0))?;
    Some((major, minor, patch))
}

fn at_least(interp: &mut Interp<'_>, (major, minor, patch): (u64, u64, u64)) -> Guard {
    match major {
        0 => Guard::TRUE,
        1 => interp.rustc_version_at_least(minor, patch),
        _ => Guard::FALSE,
    }
}

fn at_most(interp: &mut Interp<'_>, (major, minor, patch): (u64, u64, u64)) -> Guard {
    let above = at_least(interp, (major, minor, patch + 1));
    interp.inputs.not(above)
}

fn nightly_or_dev(interp: &mut Interp<'_>) -> Guard {
    let (nightly, dev) = (interp.channel(Channel::Nightly), interp.channel(Channel::Dev));
    interp.inputs.or(nightly, dev)
}

/// Returns where nightly features may be used: with a nightly or dev rustc.
fn supports_feature(interp: &mut Interp<'_>, flags_matter: bool) -> Cases {
    let guard = nightly_or_dev(interp);
    // `-Zallow-features` may forbid a feature. Flags come from several places, not just from one variable, so its
    // absence is an assumption.
    interp.assumes.no_allow_features |= flags_matter;
    interp.boolean(guard)
}

fn version_text() -> Text {
    super::rustc::release()
}

/// Returns where a condition holds for a version.
type VersionTest<'f> = &'f dyn Fn(&mut Interp<'_>, (u64, u64, u64)) -> Guard;

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    if call.path.starts_with("version_check::") || call.path.starts_with("rustc_version::") {
        super::env::seen_by(interp, super::env::Tool::Rustc);
        if interp.dead() {
            return Some(Cases::never());
        }
        // Both crates parse rustc's output; its unusual forms are not modelled.
        interp.assumes.rustc_says.get_or_insert_default();
    }
    let with_text = |interp: &mut Interp<'_>, f: VersionTest<'_>| {
        let text = interp.deref_all(&call.arg(0));
        let text = text.literal()?;
        let Some(version) = checked_version(text) else { return Some(Cases::none()) };
        let guard = f(interp, version);
        let value = interp.boolean(guard);
        Some(Cases::some(value))
    };
    Some(match call.path {
        "version_check::is_min_version" => with_text(interp, &at_least)?,
        "version_check::is_max_version" => with_text(interp, &at_most)?,
        "version_check::is_exact_version" => with_text(interp, &|interp, version| {
            let (low, high) = (at_least(interp, version), at_most(interp, version));
            interp.inputs.and(low, high)
        })?,
        "version_check::supports_feature" => {
            let value = supports_feature(interp, true);
            Cases::some(value)
        }
        "version_check::is_feature_flaggable" => {
            let value = supports_feature(interp, false);
            Cases::some(value)
        }
        "version_check::Version::read" => {
            let version = interp.new_object("version_check version");
            Cases::some(version)
        }
        "version_check::Channel::read" => {
            let channel = interp.new_object("version_check channel");
            Cases::some(channel)
        }
        "version_check::triple" => {
            let version = interp.new_object("version_check version");
            let channel = interp.new_object("version_check channel");
            let date = interp.new_object("version_check date");
            // The date is one of the three values, and there is none without a commit.
            let commit = super::rustc::has_commit(interp);
            interp.option(commit, Cases::of(Value::Tuple(Rc::from([version, channel, date]))))
        }
        "version_check::Version::parse" => {
            let text = call.arg(0).literal()?.to_owned();
            match checked_version(&text) {
                Some(_) => interp.unknown("a version that rustc's is not is not understood"),
                None => Cases::none(),
            }
        }
        "rustc_version::version" => Cases::ok(rustc_semver(interp)),
        "rustc_version::version_meta" | "rustc_version::VersionMeta::for_command" => {
            let channel = channel_value(interp);
            let version = rustc_semver(interp);
            // Without a commit rustc prints `unknown`, which becomes `None`.
            let commit = super::rustc::has_commit(interp);
            let date = interp.option(commit, Cases::text(super::rustc::commit_date()));
            let hash = interp.option(commit, Cases::text(Text::sym(Sym::CommitHash)));
            let line = super::rustc::version_line(interp);
            let fields = vec![
                (Rc::from("semver"), version),
                (Rc::from("channel"), channel),
                (Rc::from("commit_date"), date),
                (Rc::from("commit_hash"), hash),
                (Rc::from("build_date"), Cases::none()),
                (Rc::from("short_version_string"), Cases::text(line)),
                (Rc::from("host"), interp.sym(Sym::Host)),
                (Rc::from("llvm_version"), Cases::of(Value::Opaque("an LLVM version".into()))),
            ];
            Cases::ok(Cases::of(Value::Struct(Rc::new(StructValue { name: "VersionMeta".into(), fields }))))
        }
        "rustc_version::Version::new" | "semver::Version::new" => {
            semver(call.arg(0), call.arg(1), call.arg(2))
        }
        "rustc_version::Version::parse"
        | "semver::Version::parse"
        | "semver::VersionReq::parse"
        | "rustc_version::VersionReq::parse" => {
            let text = interp.deref_all(&call.arg(0));
            let kind = if call.path.contains("Req") { "VersionReq" } else { "Version" };
            interp.each(&text, |interp, text| match text {
                Value::Text(text) => parse(interp, text, kind),
                _ => interp.unknown("what is parsed is not known"),
            })
        }
        _ => return None,
    })
}

fn semver(major: Cases, minor: Cases, patch: Cases) -> Cases {
    let fields = vec![
        (Rc::from("major"), major),
        (Rc::from("minor"), minor),
        (Rc::from("patch"), patch),
        (Rc::from("pre"), Cases::str("")),
    ];
    Cases::of(Value::Struct(Rc::new(StructValue { name: "semver Version".into(), fields })))
}

fn rustc_semver(interp: &mut Interp<'_>) -> Cases {
    let (minor, patch) =
        (Cases::of(Value::SymbolicInt(Sym::Minor, 10)), Cases::of(Value::SymbolicInt(Sym::Patch, 10)));
    let suffix = Text::sym(Sym::ChannelSuffix);
    let pre = interp.ask(&suffix, "a version", &mut |_, flat| match flat {
        [] => Some(Cases::str("")),
        [Piece::Lit(first), rest @ ..] => {
            let first = Piece::Lit(Rc::from(first.trim_start_matches('-')));
            Some(Cases::text(Text::from_flat(std::iter::once(first).chain(rest.iter().cloned()))))
        }
        _ => None,
    });
    let fields = vec![
        (Rc::from("major"), number(1)),
        (Rc::from("minor"), minor),
        (Rc::from("patch"), patch),
        (Rc::from("pre"), pre),
    ];
    Cases::of(Value::Struct(Rc::new(StructValue { name: "semver Version".into(), fields })))
}

fn channel_value(interp: &mut Interp<'_>) -> Cases {
    let names = [
        (Channel::Stable, "Stable"),
        (Channel::Beta, "Beta"),
        (Channel::Nightly, "Nightly"),
        (Channel::Dev, "Dev"),
    ];
    let parts: Vec<(Guard, Value)> = names
        .into_iter()
        .map(|(channel, name)| {
            let guard = interp.channel(channel);
            (guard, Value::External(format!("rustc_version::Channel::{name}").into()))
        })
        .collect();
    Cases(Rc::from(parts))
}

/// Parses a version or a requirement.
pub(super) fn parse(interp: &mut Interp<'_>, text: &Text, kind: &str) -> Cases {
    if kind == "VersionReq" {
        let Some(text) = text.as_lit() else { return interp.unknown("a version requirement is not known") };
        match is_requirement(text) {
            Some(true) => {}
            Some(false) => return Cases::err(Cases::of(Value::Opaque("a version error".into()))),
            None => return interp.unknown("whether this is a version requirement is not known"),
        }
        let fields = vec![(Rc::from("text"), Cases::str(text))];
        return Cases::ok(Cases::of(Value::Struct(Rc::new(StructValue {
            name: "semver VersionReq".into(),
            fields,
        }))));
    }
    interp.ask(text, "a version", &mut |_, flat| match flat {
        [Piece::Lit(text)] if !text.contains(['-', '+']) => {
            let numbers: Option<Vec<u64>> = text.split('.').map(semver_number).collect();
            Some(match numbers.as_deref() {
                Some([major, minor, patch]) => {
                    Cases::ok(semver(number(*major), number(*minor), number(*patch)))
                }
                // Which of them older versions took is another matter.
                _ if text.trim() != &**text || text.starts_with('v') => return None,
                _ => Cases::err(Cases::of(Value::Opaque("a version error".into()))),
            })
        }
        _ => None,
    })
}

pub(super) fn field(_: &mut Interp<'_>, _: ObjectId, _: &str) -> Option<Cases> {
    None
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    if let Value::Struct(value) = method.value
        && &*value.name == "semver VersionReq"
        && method.name == "matches"
    {
        let text = value.fields[0].1.literal()?.to_owned();
        return matches_requirement(interp, &text, &method.arg(0));
    }
    let Value::Object(object) = method.value else { return None };
    let text = || method.arg(0).literal().map(str::to_owned);
    Some(match interp.objects[*object].kind {
        "version_check version" => match method.name {
            "at_least" | "at_most" | "exactly" => {
                let Some(version) = checked_version(&text()?) else { return Some(Cases::bool(false)) };
                let (low, high) = (at_least(interp, version), at_most(interp, version));
                let guard = match method.name {
                    "at_least" => low,
                    "at_most" => high,
                    _ => interp.inputs.and(low, high),
                };
                interp.boolean(guard)
            }
            "to_mmp" => {
                let version = rustc_semver(interp);
                let parts = ["major", "minor", "patch"].map(|name| interp.field(&version, name));
                let u16s = Ty::of("(tuple)", [Ty::named("u16"), Ty::named("u16"), Ty::named("u16")]);
                let parts = Cases::of(Value::Tuple(Rc::from(parts)));
                interp.stamped(&parts, Some(&u16s))
            }
            // The channel is no part of it.
            "to_string" => {
                let pieces = [
                    Piece::Lit("1.".into()),
                    Piece::Sym(Sym::Minor),
                    Piece::Lit(".".into()),
                    Piece::Sym(Sym::Patch),
                ];
                Cases::text(Text::from_flat(pieces).typed(TextType::String))
            }
            _ => return None,
        },
        "version_check channel" => {
            let guard = match method.name {
                "is_nightly" => interp.channel(Channel::Nightly),
                "is_dev" => interp.channel(Channel::Dev),
                "is_beta" => interp.channel(Channel::Beta),
                "is_stable" => interp.channel(Channel::Stable),
                "supports_features" => nightly_or_dev(interp),
                _ => return None,
            };
            interp.boolean(guard)
        }
        _ => return None,
    })
}

fn major_of(version: &Cases) -> Cases {
    match version.single() {
        Some(Value::Struct(version)) => part(version, "major"),
        _ => Cases::never(),
    }
}

/// Returns the value of a version's field.
fn part(version: &StructValue, name: &str) -> Cases {
    let found = version.fields.iter().find(|(known, _)| &**known == name);
    found.map_or_else(Cases::unit, |(_, value)| value.clone())
}

/// Compares two versions as `semver` does: returns -1, 0 or 1. A pre-release comes before its release.
pub(crate) fn compare(interp: &mut Interp<'_>, a: &StructValue, b: &StructValue) -> Cases {
    let numbers = |version: &StructValue| {
        Value::Tuple(Rc::from(["major", "minor", "patch"].map(|name| part(version, name))))
    };
    let order = interp.compare_values(&numbers(a), &numbers(b));
    let (a, b) = (part(a, "pre"), part(b, "pre"));
    interp.each(&order, |interp, order| match order {
        Value::Int(0, _) => interp.each2(&a, &b, |interp, a, b| match (a, b) {
            (Value::Text(a), Value::Text(b)) => compare_pre(interp, a, b),
            _ => interp.unknown("a pre-release is not known"),
        }),
        order => Cases::of(order.clone()),
    })
}

fn compare_pre(interp: &mut Interp<'_>, a: &Text, b: &Text) -> Cases {
    let order = |order: i128| Cases::of(Value::Int(order, IntType::Unknown));
    let certain = |text: &Text| text.pieces().any(|piece| matches!(piece, Piece::Lit(_)));
    match (a.as_lit(), b.as_lit()) {
        (Some(""), Some("")) => order(0),
        (Some(""), _) if certain(b) => order(1),
        (_, Some("")) if certain(a) => order(-1),
        (Some(a), Some(b)) if a == b => order(0),
        // Purely alphabetic identifiers compare as text; numeric ones would not.
        (Some(a), Some(b)) if a.chars().chain(b.chars()).all(char::is_alphabetic) => order(a.cmp(b) as i128),
        _ => interp.unknown("how these pre-releases compare is not known"),
    }
}

/// Returns the text of a version; for rustc's own version, the release that rustc prints.
pub(crate) fn display(interp: &mut Interp<'_>, version: &StructValue) -> Cases {
    let (minor, patch, pre) = (part(version, "minor"), part(version, "patch"), part(version, "pre"));
    let is = |value: &Cases, sym: &Sym| matches!(value.single(), Some(Value::SymbolicInt(known, _)) if known == sym);
    if is(&minor, &Sym::Minor) && is(&patch, &Sym::Patch) {
        let pre = interp.narrow(pre);
        // Checks that the pre-release is that of the channel, not one that the script set.
        let mut own = true;
        for (guard, value) in pre.0.iter() {
            let text = match value {
                Value::Text(text) => text.describe(),
                _ => String::new(),
            };
            let channel = match text.as_str() {
                "" => Channel::Stable,
                "nightly" => Channel::Nightly,
                "dev" => Channel::Dev,
                text if text.starts_with("beta.<") => Channel::Beta,
                _ => return interp.unknown("the text of this version is not known"),
            };
            let here = interp.inputs.and(interp.pc, *guard);
            let channel = interp.channel(channel);
            own &= interp.inputs.diagrams.implies(here, channel);
        }
        return if own {
            Cases::text(version_text())
        } else {
            interp.unknown("the text of this version is not known")
        };
    }
    let mut text = Cases::str("");
    for (at, number) in ["major", "minor", "patch"].into_iter().enumerate() {
        let number = interp.display(&part(version, number), None);
        if at > 0 {
            text = crate::interp::concat(interp, &text, &Cases::str("."));
        }
        text = crate::interp::concat(interp, &text, &number);
    }
    let pre = interp.each(&pre, |interp, pre| match pre {
        Value::Text(pre) => match pre.as_lit() {
            Some("") => Cases::str(""),
            Some(pre) => Cases::str(&format!("-{pre}")),
            None => interp.unknown("a pre-release is not known"),
        },
        _ => interp.unknown("a pre-release is not known"),
    });
    crate::interp::concat(interp, &text, &pre)
}

/// Evaluates a requirement such as `>=1.60, <2` by the rules of the crate `semver`.
fn matches_requirement(interp: &mut Interp<'_>, requirement: &str, version: &Cases) -> Option<Cases> {
    // A pre-release matches only a requirement that names one.
    let pre = interp.field(version, "pre");
    let mut whole = interp.equal(&pre, &Cases::str(""));
    for part in requirement.split(',') {
        let part = part.trim();
        if part == "*" {
            continue;
        }
        let known = [">=", "<=", ">", "<", "="]
            .iter()
            .find_map(|op| part.strip_prefix(op).map(|rest| (*op, rest.trim())));
        let (operator, text) = match known {
            Some(known) => known,
            // `1.60` and `^1.60` allow versions up to the next major.
            None => {
                let text = part.strip_prefix('^').unwrap_or(part).trim();
                let (major, _, _) = parse_version(text).filter(|(major, _, _)| *major > 0)?;
                let next = interp.ordered(&major_of(version), &number(major + 1), "<");
                let below = interp.truth(&next);
                whole = interp.branch(below, |_| whole.clone(), |_| Cases::bool(false));
                (">=", text)
            }
        };
        // Missing numbers are zero for these two operators; for others they match any number.
        let whole_version = text.split('.').count() == 3;
        if text.contains(['-', '+', '*', 'x']) || !whole_version && !matches!(operator, ">=" | "<") {
            return None;
        }
        let (major, minor, patch) = parse_version(text)?;
        let wanted = semver(number(major), number(minor), number(patch));
        let numbers = |interp: &mut Interp<'_>, value: &Cases| {
            let parts = ["major", "minor", "patch"].map(|name| interp.field(value, name));
            Cases::of(Value::Tuple(Rc::from(parts)))
        };
        let (a, b) = (numbers(interp, version), numbers(interp, &wanted));
        let holds = if operator == "=" { interp.equal(&a, &b) } else { interp.ordered(&a, &b, operator) };
        let truth = interp.truth(&holds);
        whole = interp.branch(truth, |_| whole.clone(), |_| Cases::bool(false));
    }
    Some(whole)
}
