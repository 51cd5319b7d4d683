//! Lowers the builders of the `cc` crate: each archive that the script builds becomes a `cc-library`.

use inert_manifest_spec::Condition;
use inert_manifest_spec::types::{
    CcFlag, CcLibrary, CompilerFamily, Declaration, Define, Guarded, Item, PathRef,
};

use super::{Conditions, Refusals, directives::path_ref, item, text};
use crate::derivation::Residue;
use crate::logic::{Bit, Domain, Guard, targets};
use crate::semantics::{crates, symbols};
use crate::trace::Trace;
use crate::value::Calls;
use crate::value::{Cases, Piece, Sym, Value};

/// A setting of a builder, in the terms of the schema.
#[derive(Debug, Clone, PartialEq)]
enum Setting {
    Source(PathRef),
    Include(PathRef),
    Define(String, Define),
    Flag(CcFlag),
    Text(&'static str, String),
    Bool(&'static str, bool),
    Modifier(String),
    Folder(PathRef),
}

/// An archive and its settings, each with the guard under which it is made.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) name: String,
    guard: Guard,
    settings: Vec<(Guard, Setting)>,
    /// Where the script turned `cargo_metadata` off: the archive is built, and linked only if the script itself prints
    /// so.
    pub(super) silent: Guard,
}

/// Reads the calls on builders. A setting that the schema cannot express is refused under the guard of its call.
pub(super) fn lower(trace: &mut Trace<'_>, refused: &mut Refusals) -> Vec<Read> {
    let archives: Vec<(String, Guard, Calls)> = trace
        .probes
        .archives
        .iter()
        .map(|archive| (archive.name.clone(), archive.guard, archive.calls.clone()))
        .collect();
    let mut out: Vec<Read> = Vec::new();
    // Where the script is not understood anyway: nothing need be refused a second time there.
    let unknown = refused.iter().fold(Guard::FALSE, |all, (guard, _)| trace.inputs.or(all, *guard));
    let unknown = super::unsupported::before_build(trace, unknown);
    for (name, guard, calls) in archives {
        let guard = whatever_family(trace, guard, unknown, &name, refused);
        let mut settings = Vec::new();
        for (under, method, args) in calls {
            let both = trace.inputs.and(guard, under);
            if both.is_false() {
                continue;
            }
            let named = matches!(&*method, "define" | "flag" | "flag_if_supported" | "std");
            let alternatives = match ways(trace, both, &args, named) {
                Ok(alternatives) => alternatives,
                Err((under, reason)) => {
                    refused.push((under, residue(trace, &name, &reason)));
                    continue;
                }
            };
            for (way, values) in alternatives {
                let parts = match read(&method, &values) {
                    Ok(Some(Setting::Flag(flag))) => by_family(trace, way, unknown, flag),
                    Ok(Some(setting)) => {
                        vec![(whatever_family(trace, way, unknown, &name, refused), setting)]
                    }
                    Ok(None) => Vec::new(),
                    Err(reason) => {
                        refused.push((way, residue(trace, &name, &reason)));
                        continue;
                    }
                };
                for (way, setting) in parts {
                    match sayable(&setting) {
                        Ok(()) => settings.push((way, setting)),
                        Err(reason) => refused.push((way, residue(trace, &name, &reason))),
                    }
                }
            }
        }
        for (under, setting) in &settings {
            // The resolver refuses this, since cc finds the C++ library of WebAssembly through the sysroot of a WASI
            // SDK.
            if *setting == Setting::Bool("cpp", true) {
                if trace.source.build_dependencies.values().any(crates::links_cpp_otherwise) {
                    let reason = "C++ by `gcc` links another library than by `cc` on some targets";
                    refused.push((*under, residue(trace, &name, reason)));
                }
                let wasm = trace
                    .inputs
                    .domain(Domain::Target, &|index| targets::all()[index].triple.starts_with("wasm32"));
                let there = trace.inputs.and(*under, wasm);
                if there.is_false() {
                    continue;
                }
                let reason = format!("a build of `{name}`: C++ for WebAssembly is not supported");
                refused.push((there, Residue { reason, ..trace.end.clone() }));
            }
        }
        match out.iter_mut().find(|known| known.name == name) {
            Some(known) => {
                known.guard = trace.inputs.or(known.guard, guard);
                known.settings.append(&mut settings);
            }
            None => out.push(Read { name, guard, settings, silent: Guard::FALSE }),
        }
    }
    // A later call replaces the value of an earlier call of the same setting.
    for archive in &mut out {
        for at in 0..archive.settings.len() {
            let (guard, setting) = archive.settings[at].clone();
            for (before, other) in &mut archive.settings[..at] {
                let replaces = match (&setting, &*other) {
                    (Setting::Text(a, _), Setting::Text(b, _))
                    | (Setting::Bool(a, _), Setting::Bool(b, _)) => a == b,
                    (Setting::Define(a, _), Setting::Define(b, _)) => a == b,
                    _ => false,
                };
                if replaces {
                    *before = trace.inputs.minus(*before, guard);
                }
            }
        }
        for (guard, setting) in &archive.settings {
            if *setting == Setting::Bool("cargo_metadata", false) {
                archive.silent = trace.inputs.or(archive.silent, *guard);
            }
        }
        // The schema has one `link` value for an archive, so it cannot be linked automatically for some builds only.
        let spoken = trace.inputs.minus(archive.guard, archive.silent);
        if !archive.silent.is_false() && !trace.inputs.diagrams.implies(spoken, unknown) {
            let reason = "`cargo_metadata` is off for some builds only, which cannot be said";
            refused.push((archive.silent, residue(trace, &archive.name, reason)));
        }
    }
    out
}

fn residue(trace: &Trace<'_>, archive: &str, reason: &str) -> Residue {
    Residue { reason: format!("a build of `{archive}`: {reason}"), ..trace.end.clone() }
}

/// Returns the schema's objection to a setting, so that only the builds that make this setting are refused, not the
/// whole script.
fn sayable(setting: &Setting) -> Result<(), String> {
    let mut library = CcLibrary::default();
    if !matches!(setting, Setting::Source(_)) {
        let source = inert_manifest_spec::types::RelativePath("a.c".into());
        library.sources.push(Item::always(PathRef::Package(source)));
    }
    add(&mut library, setting.clone(), Condition::Constant(true));
    let mut alone = Declaration { schema: 1, ..Declaration::default() };
    alone.cc_library.insert("a".into(), library);
    super::sayable(&alone)
}

/// Returns the bits that encode the family of the C compiler, if the guard depends on them, else none. The returned
/// guard is simplified by where the script is not understood anyway, if only that made it depend on the family.
fn families(trace: &mut Trace<'_>, guard: Guard, unknown: Guard) -> (Vec<Bit>, Guard) {
    let (gnu, clang) = (
        symbols::compiler_family(&mut trace.inputs, CompilerFamily::Gnu),
        symbols::compiler_family(&mut trace.inputs, CompilerFamily::Clang),
    );
    let either = trace.inputs.or(gnu, clang);
    let bits = trace.inputs.diagrams.support(either);
    let depends = |trace: &mut Trace<'_>, guard| {
        trace.inputs.diagrams.support(guard).iter().any(|bit| bits.contains(bit))
    };
    if !depends(trace, guard) {
        return (Vec::new(), guard);
    }
    let known = trace.inputs.not(unknown);
    let guard = trace.inputs.diagrams.restrict(guard, known);
    if depends(trace, guard) { (bits, guard) } else { (Vec::new(), guard) }
}

/// Returns where the guard holds for every family of the C compiler; where the family makes a difference, the archive
/// is refused.
fn whatever_family(
    trace: &mut Trace<'_>,
    guard: Guard,
    unknown: Guard,
    archive: &str,
    refused: &mut Refusals,
) -> Guard {
    // In the evaluation of a concrete build, the family is known.
    if !trace.start.is_true() {
        return guard;
    }
    let (bits, guard) = families(trace, guard, unknown);
    if bits.is_empty() {
        return guard;
    }
    let not = trace.inputs.not(guard);
    let for_some = trace.inputs.diagrams.exists(guard, &bits);
    let not_for_some = trace.inputs.diagrams.exists(not, &bits);
    let differs = trace.inputs.and(for_some, not_for_some);
    let reason = "it depends on the family of the C compiler, which is not known before the build";
    refused.push((differs, residue(trace, archive, reason)));
    trace.inputs.not(not_for_some)
}

/// Splits a flag by the family of the compiler that it is for. Only flags can depend on the family.
fn by_family(trace: &mut Trace<'_>, way: Guard, unknown: Guard, flag: CcFlag) -> Vec<(Guard, Setting)> {
    let (bits, way) = families(trace, way, unknown);
    if bits.is_empty() {
        return vec![(way, Setting::Flag(flag))];
    }
    let (gnu, clang) = (
        symbols::compiler_family(&mut trace.inputs, CompilerFamily::Gnu),
        symbols::compiler_family(&mut trace.inputs, CompilerFamily::Clang),
    );
    let mut out: Vec<(Guard, Setting)> = Vec::new();
    for (is, family) in [(gnu, CompilerFamily::Gnu), (clang, CompilerFamily::Clang)] {
        let here = trace.inputs.and(way, is);
        let here = trace.inputs.diagrams.exists(here, &bits);
        if !here.is_false() {
            out.push((here, Setting::Flag(CcFlag { compiler: Some(family), ..flag.clone() })));
        }
    }
    // A compiler of neither family is MSVC, which the target alone determines.
    let neither: Vec<(Bit, bool)> = bits.iter().map(|bit| (*bit, false)).collect();
    let neither = trace.inputs.diagrams.cofactor(way, &neither);
    let msvc = symbols::target_key(&mut trace.inputs, "target_env", "msvc");
    let neither = trace.inputs.and(neither, msvc);
    if !neither.is_false() {
        out.push((neither, Setting::Flag(flag)));
    }
    out
}

/// Combinations of arguments, each with its guard.
type Ways = Vec<(Guard, Vec<Value>)>;

/// Returns every combination of the arguments' possible values, each with its guard. An error says where the values are
/// too many, and the reason.
fn ways(trace: &mut Trace<'_>, guard: Guard, args: &[Cases], named: bool) -> Result<Ways, (Guard, String)> {
    let mut out: Ways = vec![(guard, Vec::new())];
    for (at, arg) in args.iter().enumerate() {
        let mut next = Vec::new();
        for (path, values) in out {
            for (under, value) in arg.0.iter() {
                let both = trace.inputs.and(path, *under);
                if both.is_false() {
                    continue;
                }
                // A text with guarded pieces is split into one text for each case.
                let texts = match value {
                    Value::Text(text) if !text.is_flat() => {
                        let flats = trace.flatten(both, text).map_err(|reason| (both, reason))?;
                        flats
                            .into_iter()
                            .map(|(guard, flat)| (guard, Value::Text(crate::value::Text::from_flat(flat))))
                            .collect()
                    }
                    value => vec![(both, value.clone())],
                };
                // The name of a define, and a flag, must be literal text: their known symbols are expanded into each
                // value.
                let texts = if named && at == 0 {
                    texts.into_iter().flat_map(|(guard, text)| spelt(trace, guard, text)).collect()
                } else {
                    texts
                };
                for (guard, value) in texts {
                    let mut values = values.clone();
                    values.push(value);
                    next.push((guard, values));
                }
            }
        }
        out = next;
    }
    Ok(out)
}

/// Returns the text with each symbol whose values are known replaced by those values, with a guard for each
/// combination.
fn spelt(trace: &mut Trace<'_>, guard: Guard, value: Value) -> Vec<(Guard, Value)> {
    let Value::Text(text) = value.clone() else { return vec![(guard, value)] };
    let mut out: Vec<(Guard, crate::value::Text)> = vec![(guard, crate::value::Text::lit(""))];
    for piece in text.pieces() {
        let parts = match piece {
            Piece::Sym(sym) if !matches!(sym, Sym::Package(..)) => {
                symbols::expansions(&mut trace.inputs, &mut trace.assumes, sym)
            }
            _ => None,
        };
        let parts =
            parts.unwrap_or_else(|| vec![(Guard::TRUE, crate::value::Text::from_flat([piece.clone()]))]);
        let mut next = Vec::new();
        for (way, before) in &out {
            for (under, part) in &parts {
                let both = trace.inputs.and(*way, *under);
                if !both.is_false() {
                    next.push((both, before.concat(part)));
                }
            }
        }
        out = next;
        if out.len() > 200 {
            return vec![(guard, value)];
        }
    }
    out.into_iter().map(|(guard, text)| (guard, Value::Text(text))).collect()
}

fn pieces(value: &Value) -> Option<Vec<Piece>> {
    match value {
        Value::Text(text) => Some(text.pieces().cloned().collect()),
        _ => None,
    }
}

fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => text.as_lit().map(str::to_owned),
        _ => None,
    }
}

/// Returns the value in an `Option`, or the value itself if it is no `Option`; `None` for `None`.
fn inner(value: &Value) -> Option<Value> {
    match value {
        Value::Enum(option) if &*option.name == "Option" => {
            option.fields.first().and_then(|(_, inner)| inner.single().cloned())
        }
        Value::External(path) if path.ends_with("::None") => None,
        value => Some(value.clone()),
    }
}

fn read(method: &str, args: &[Value]) -> Result<Option<Setting>, String> {
    let first = args.first().ok_or("a setting lacks its value")?;
    let unknown = || format!("the value of `{method}` is not known");
    let path = || path_ref(&pieces(first).ok_or_else(unknown)?);
    let flag = |if_supported: bool| {
        let flag = literal(first).ok_or_else(unknown)?;
        Ok::<_, String>(Some(Setting::Flag(CcFlag { flag, if_supported, compiler: None })))
    };
    Ok(Some(match method {
        "file" => Setting::Source(path()?),
        "include" => Setting::Include(match path()? {
            // The script passes one folder of a list; the builder gets each of them in turn.
            PathRef::LibraryIncludeLast(library) => PathRef::LibraryInclude(library),
            path => path,
        }),
        "define" => {
            let name = literal(first).ok_or_else(unknown)?;
            let value = match args.get(1).and_then(inner) {
                None => Define::Flag,
                Some(value) => Define::Value(text::text(&pieces(&value).ok_or_else(unknown)?)?),
            };
            Setting::Define(name, value)
        }
        "flag" => return flag(false),
        "flag_if_supported" => return flag(true),
        "std" => Setting::Text("std", literal(first).ok_or_else(unknown)?),
        "opt_level_str" => Setting::Text("opt-level", literal(first).ok_or_else(unknown)?),
        "opt_level" => match first {
            Value::Int(level, _) => Setting::Text("opt-level", level.to_string()),
            _ => return Err(unknown()),
        },
        "cpp_link_stdlib" => match inner(first) {
            None => Setting::Text("cpp-link-stdlib", "none".into()),
            Some(value) => Setting::Text("cpp-link-stdlib", literal(&value).ok_or_else(unknown)?),
        },
        "link_lib_modifier" => Setting::Modifier(literal(first).ok_or_else(unknown)?),
        "out_dir" => Setting::Folder(path()?),
        "warnings_into_errors" => match first {
            Value::Bool(false) => return Ok(None),
            _ => return Err("warnings made errors cannot be said".into()),
        },
        name => {
            let known = ["warnings", "extra_warnings", "cpp", "debug", "pic", "static_crt", "cargo_metadata"];
            let name = known
                .into_iter()
                .find(|known| *known == name)
                .ok_or_else(|| format!("`{name}` cannot be said"))?;
            match first {
                Value::Bool(value) => Setting::Bool(name, *value),
                _ => return Err(unknown()),
            }
        }
    }))
}

/// Writes the archives into the declaration.
pub(super) fn declare(declaration: &mut Declaration, archives: Vec<Read>, condition: &mut Conditions<'_>) {
    for archive in archives {
        let what = format!("`{}` is built", archive.name);
        let Some(when) = condition(archive.guard, Guard::TRUE, &what) else { continue };
        if when == Condition::Constant(false) {
            continue;
        }
        // The condition is in the `link` entry; a condition of the library would only repeat it.
        let mut library = CcLibrary { link: true, ..CcLibrary::default() };
        for (guard, setting) in archive.settings {
            let Some(when) = condition(guard, archive.guard, &what) else { continue };
            if when == Condition::Constant(false) {
                continue;
            }
            add(&mut library, setting, when);
        }
        if !library.link && when != Condition::Constant(true) {
            library.when = Some(when);
        }
        declaration.cc_library.insert(archive.name, library);
    }
}

fn add(library: &mut CcLibrary, setting: Setting, when: Condition) {
    fn set<T>(slot: &mut Option<Guarded<T>>, value: Item<T>) {
        slot.get_or_insert_with(|| Guarded { alternatives: Vec::new() }).alternatives.push(value);
    }
    match setting {
        Setting::Source(path) => push(&mut library.sources, path, when),
        Setting::Include(path) => push(&mut library.include_dirs, path, when),
        Setting::Define(name, value) => {
            library
                .defines
                .entry(name)
                .or_insert_with(|| Guarded { alternatives: Vec::new() })
                .alternatives
                .push(item(value, when));
        }
        Setting::Flag(flag) => library.flags.push(item(flag, when)),
        Setting::Modifier(modifier) => library.modifiers.push(modifier),
        Setting::Folder(PathRef::OutDir(path)) => library.folder = Some(path).filter(|path| path.0 != "."),
        Setting::Folder(_) => {}
        Setting::Text("std", value) => set(&mut library.std, item(value, when)),
        Setting::Text("opt-level", value) => set(&mut library.opt_level, item(value, when)),
        Setting::Text(_, value) => set(&mut library.cpp_link_stdlib, item(value, when)),
        Setting::Bool("cargo_metadata", value) => library.link = value,
        Setting::Bool("warnings", value) => set(&mut library.warnings, item(value, when)),
        Setting::Bool("extra_warnings", value) => set(&mut library.extra_warnings, item(value, when)),
        Setting::Bool("cpp", value) => set(&mut library.cpp, item(value, when)),
        Setting::Bool("debug", value) => set(&mut library.debug, item(value, when)),
        Setting::Bool("pic", value) => set(&mut library.pic, item(value, when)),
        Setting::Bool(_, value) => set(&mut library.static_crt, item(value, when)),
    }
}

/// Adds a file or folder. One that is named twice is listed once.
fn push(list: &mut Vec<Item<PathRef>>, path: PathRef, when: Condition) {
    let new = item(path, when);
    if !list.contains(&new) {
        list.push(new);
    }
}
