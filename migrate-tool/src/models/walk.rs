//! Helper crates that list the package's files: walkdir and glob.

use std::rc::Rc;

use inert_manifest_spec::glob::name_matches;

use super::{Call, Method};
use crate::interp::Interp;
use crate::semantics::paths::{Location, locate};
use crate::semantics::types::{FILE_TYPE, METADATA, WALK_ENTRY};
use crate::value::{Cases, Items, ObjectId, Piece, StructValue, Text, TextType, Value};

/// The maximum number of entries of one walk.
const MAX_ENTRIES: usize = 50_000;

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    Some(match call.path {
        "walkdir::WalkDir::new" => {
            let walk = interp.new_object("walkdir");
            let root = interp.deref_all(&call.arg(0));
            if let Some(Value::Object(object)) = walk.single() {
                interp.note_call(*object, "root", vec![root]);
            }
            walk
        }
        "glob::glob" => {
            let pattern = interp.deref_all(&call.arg(0));
            interp.each(&pattern, |interp, pattern| {
                let Value::Text(pattern) = pattern else { return interp.unknown("a pattern is not known") };
                interp.ask(pattern, "a pattern of paths", &mut |interp, flat| glob(interp, flat))
            })
        }
        // As `fs::canonicalize`; on Windows only the spelling of the path differs.
        "dunce::canonicalize" | "dunce::realpath" => {
            let path = super::text::retyped(interp, &call.arg(0), TextType::Path);
            interp.call_method(&path, "canonicalize", &[], None, &[])
        }
        "dunce::simplified" => super::text::retyped(interp, &call.arg(0), TextType::Path),
        _ => return None,
    })
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    match method.value {
        Value::Object(object) if interp.objects[*object].kind == "walkdir" => {
            Some(match method.name {
                "min_depth" | "max_depth" | "contents_first" | "filter_entry" | "sort_by" | "sort_by_key"
                | "sort_by_file_name" => {
                    interp.note_call(*object, method.name, method.args.to_vec());
                    Cases::of(method.value.clone())
                }
                // A package has no links, and the limits of a walk are not reached.
                "into_iter" | "follow_links" | "follow_root_links" | "max_open" | "same_file_system"
                | "by_ref" => Cases::of(method.value.clone()),
                name => {
                    let items = items(interp, *object);
                    if interp.dead() {
                        return Some(Cases::never());
                    }
                    let list = Cases::iter(items);
                    return Some(interp.call_method(&list, name, method.args, method.hint, method.generics));
                }
            })
        }
        Value::Struct(entry) if *entry.name == *WALK_ENTRY => {
            let (path, depth) = (&entry.fields[0].1, &entry.fields[1].1);
            Some(match method.name {
                "path" => interp.text_as(path, TextType::Path),
                "into_path" => interp.text_as(path, TextType::PathBuf),
                "depth" => depth.clone(),
                "file_name" => {
                    let path = interp.text_as(path, TextType::Path);
                    let name = interp.call_method(&path, "file_name", &[], None, &[]);
                    interp.call_method(&name, "unwrap", &[], None, &[])
                }
                "path_is_symlink" => Cases::bool(false),
                "file_type" => super::path::about(FILE_TYPE, path.clone()),
                "metadata" => Cases::ok(super::path::about(METADATA, path.clone())),
                "clone" => Cases::of(method.value.clone()),
                _ => return None,
            })
        }
        _ => None,
    }
}

/// Returns the entries that a walk yields, each an `Ok`; if its root does not exist, one `Err`.
pub(crate) fn items(interp: &mut Interp<'_>, object: ObjectId) -> Items {
    let mut walk = Walk { min: 0, max: usize::MAX, only: None, by_name: false };
    let mut root = Cases::never();
    for (guard, name, args) in interp.objects[object].calls.clone() {
        if !interp.inputs.diagrams.implies(interp.pc, guard) {
            interp.unknown("a walk that differs by what is not known is not understood");
            return Items::new();
        }
        let number = || super::text::int(args.first()?).and_then(|number| usize::try_from(number).ok());
        match (&*name, number()) {
            ("root", _) => root = args[0].clone(),
            ("min_depth", Some(depth)) => walk.min = depth,
            ("max_depth", Some(depth)) => walk.max = depth,
            ("sort_by_file_name", _) => walk.by_name = true,
            ("contents_first", _) if matches!(args[0].single(), Some(Value::Bool(false))) => {}
            ("filter_entry", _) if walk.only.is_none() => walk.only = Some(args[0].clone()),
            _ => {
                interp.unknown(&format!("`{name}` of a walk is not understood"));
                return Items::new();
            }
        }
    }
    let mut out = Items::new();
    let start = interp.pc;
    let whole = root.clone();
    interp.each(&root, |interp, root| {
        let Value::Text(text) = root else { return interp.unknown("a path is not known") };
        interp.ask(text, "a path", &mut |interp, flat| {
            let Location::Package(folder) = locate(flat)? else { return None };
            let root = Cases::text(Text::from_flat(flat.iter().cloned()));
            walk.visit(interp, &root, &folder, 0, &mut out);
            Some(Cases::unit())
        })
    });
    let _ = whole;
    for (guard, _) in out.iter_mut() {
        if *guard == start {
            *guard = crate::logic::Guard::TRUE;
        }
    }
    out.unordered = !walk.by_name && out.len() > 1;
    out
}

/// The settings of a walk.
struct Walk {
    min: usize,
    max: usize,
    /// The closure of `filter_entry`. A folder that it rejects is not entered.
    only: Option<Cases>,
    /// True if the entries of each folder are sorted.
    by_name: bool,
}

impl Walk {
    fn visit(&self, interp: &mut Interp<'_>, path: &Cases, inside: &str, depth: usize, out: &mut Items) {
        if interp.dead() {
            return;
        }
        if out.len() >= MAX_ENTRIES {
            interp.unknown("there are too many files to walk");
            return;
        }
        interp.reads.insert(inside.to_owned());
        let kind = match interp.source.kind(inside) {
            Ok(Some(kind)) => kind,
            Ok(None) => {
                let error = Cases::err(Cases::of(Value::Opaque("an error of walkdir".into())));
                out.push((interp.pc, error));
                return;
            }
            Err(reason) => {
                interp.unknown(&reason);
                return;
            }
        };
        let fields = vec![(Rc::from("path"), path.clone()), (Rc::from("depth"), Cases::usize(depth))];
        let entry = Cases::of(Value::Struct(Rc::new(StructValue { name: Rc::from(WALK_ENTRY), fields })));
        let around = interp.pc;
        if let Some(only) = &self.only
            && depth >= self.min
        {
            let kept = interp.call_value(only, vec![entry.clone()]);
            let kept = interp.truth(&kept);
            interp.pc = interp.inputs.and(interp.pc, kept);
        }
        let here = interp.pc;
        if !interp.dead() {
            if depth >= self.min {
                out.push((here, Cases::ok(entry)));
            }
            if kind && depth < self.max {
                let source = interp.source;
                let names = if self.by_name { source.list_by_name(inside) } else { source.list(inside) };
                match names {
                    Ok(names) => {
                        for name in names.unwrap_or_default() {
                            let path = super::path::join(interp, path, &Cases::str(&name));
                            let inside = if inside.is_empty() { name } else { format!("{inside}/{name}") };
                            self.visit(interp, &path, &inside, depth + 1, out);
                        }
                    }
                    Err(reason) => {
                        interp.unknown(&reason);
                    }
                }
            }
        }
        if self.only.is_some() && depth >= self.min {
            let dropped = interp.inputs.minus(around, here);
            interp.pc = interp.inputs.or(interp.pc, dropped);
        }
    }
}

/// Returns the paths that a pattern of `glob` matches, in its order: each entry, then its content, by name. `None` if
/// the form of the pattern is not modelled.
fn glob(interp: &mut Interp<'_>, flat: &[Piece]) -> Option<Cases> {
    let Location::Package(_) = locate(&flat[..flat.len().min(1)])? else { return None };
    let (base, pattern) = match flat {
        [Piece::Lit(pattern)] => (Cases::str(""), &**pattern),
        [folder @ Piece::Sym(_), Piece::Lit(pattern)] => {
            (Cases::text(Text::from_flat([folder.clone()])), pattern.strip_prefix('/')?)
        }
        _ => return None,
    };
    let parts: Vec<&str> = pattern.split('/').filter(|part| *part != ".").collect();
    let odd = |part: &str| {
        part.is_empty()
            || part == ".."
            || part.contains(['[', ']'])
            || part != "**" && part.contains("**")
            || part.starts_with('.') && is_pattern(part)
    };
    // A final `**` has other rules.
    if parts.is_empty() || parts.iter().any(|part| odd(part)) || parts.last() == Some(&"**") {
        return None;
    }
    let mut found = Vec::new();
    let result = Glob { parts, base }.walk(interp, "", 0, &mut found);
    if let Err(reason) = result {
        return Some(interp.unknown(&reason));
    }
    Some(Cases::ok(Cases::list(found.into_iter().map(Cases::ok))))
}

fn is_pattern(part: &str) -> bool {
    part.contains(['*', '?'])
}

/// A pattern as its components, and the folder that it begins in.
struct Glob<'p> {
    parts: Vec<&'p str>,
    base: Cases,
}

impl Glob<'_> {
    /// Finds the content of a folder that matches the pattern from a component on.
    fn walk(
        &self,
        interp: &mut Interp<'_>,
        folder: &str,
        at: usize,
        out: &mut Vec<Cases>,
    ) -> Result<(), String> {
        if out.len() >= MAX_ENTRIES {
            return Err("there are too many files to list".into());
        }
        let inside =
            |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        if !is_pattern(self.parts[at]) {
            let path = inside(self.parts[at]);
            interp.reads.insert(path.clone());
            if interp.source.kind(&path)?.is_none() {
                return Ok(());
            }
            if at + 1 < self.parts.len() {
                return self.walk(interp, &path, at + 1, out);
            }
            self.found(interp, &path, out);
            return Ok(());
        }
        interp.reads.insert(folder.to_owned());
        for name in interp.source.list_by_name(folder)?.unwrap_or_default() {
            self.visit(interp, &inside(&name), &name, at, out)?;
        }
        Ok(())
    }

    /// Matches an entry against a component and those after it.
    fn visit(
        &self,
        interp: &mut Interp<'_>,
        path: &str,
        name: &str,
        at: usize,
        out: &mut Vec<Cases>,
    ) -> Result<(), String> {
        let own = (at..self.parts.len()).find(|at| self.parts[*at] != "**").unwrap_or(at);
        if name_matches(self.parts[own], name) {
            if own + 1 == self.parts.len() {
                self.found(interp, path, out);
            } else {
                self.walk(interp, path, own + 1, out)?;
            }
        }
        if own > at && interp.source.kind(path)? == Some(true) {
            self.walk(interp, path, own - 1, out)?;
        }
        Ok(())
    }

    fn found(&self, interp: &mut Interp<'_>, path: &str, out: &mut Vec<Cases>) {
        let path = super::path::join(interp, &self.base, &Cases::str(path));
        out.push(interp.text_as(&path, TextType::PathBuf));
    }
}
