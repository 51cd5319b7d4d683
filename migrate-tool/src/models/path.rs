//! `Path` and `PathBuf`: text, with the package's folder and OUT_DIR as symbols.

use std::rc::Rc;

use super::exists::exists;
use super::path_parts as parts;
use super::text::store;
use super::{Call, Method};
use crate::interp::{Interp, plain_path};
use crate::logic::Guard;
use crate::semantics::facts::AROUND;
use crate::semantics::paths::{ABOVE, Location, locate, package_path};
use crate::semantics::types::{DIR_ENTRY, FILE_TYPE, METADATA};
use crate::value::{Cases, Items, Piece, SeqKind, StructValue, Sym, Text, TextType, Value};

/// Models functions that make paths: `Path::new`, `PathBuf::from`, …
pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    Some(match call.path {
        "std::path::PathBuf::new" => Cases::str(""),
        "std::path::Path::new" | "std::path::Path::from" => {
            super::text::retyped(interp, &call.arg(0), TextType::Path)
        }
        "std::path::PathBuf::from" => super::text::retyped(interp, &call.arg(0), TextType::PathBuf),
        "std::path::absolute" => {
            let path = super::text::retyped(interp, &call.arg(0), TextType::Path);
            let path = interp.call_method(&path, "is_absolute", &[], None, &[]);
            let absolute = interp.truth(&path);
            let relative = interp.inputs.minus(interp.pc, absolute);
            interp.unknown_where(relative, "a relative path made absolute is not understood");
            if interp.dead() { Cases::never() } else { Cases::ok(call.arg(0)) }
        }
        "std::path::is_separator" => return None,
        _ => return None,
    })
}

pub(super) fn constant(_: &mut Interp<'_>, path: &str) -> Option<Cases> {
    match path {
        "std::path::MAIN_SEPARATOR" => Some(Cases::of(Value::Char('/'))),
        "std::path::MAIN_SEPARATOR_STR" => Some(Cases::str("/")),
        _ => None,
    }
}

/// Models `base.join(rest)`; an absolute `rest` replaces the base.
pub(super) fn join(interp: &mut Interp<'_>, base: &Cases, rest: &Cases) -> Cases {
    let rest = interp.deref_all(rest);
    interp.each2(base, &rest, |interp, base, rest| {
        let (Value::Text(base), Value::Text(rest)) = (base, rest) else {
            return interp.unknown("a part of this path is not known");
        };
        if base.0.is_empty() {
            return Cases::text(rest.clone());
        }
        let empty = whether_empty(interp, base);
        let joined = join_texts(interp, base, rest);
        if empty.is_false() { joined } else { interp.choose(empty, Cases::text(rest.clone()), joined) }
    })
}

/// Where a base is empty: what is joined to it then stands alone. Paths of libraries and of dependencies never are.
fn whether_empty(interp: &mut Interp<'_>, base: &Text) -> Guard {
    let full = |piece: &Piece| !matches!(piece, Piece::Sym(Sym::Env(_) | Sym::Cfg(_)));
    if !base.is_flat() || base.pieces().any(full) {
        return Guard::FALSE;
    }
    let flat: Vec<Piece> = base.pieces().cloned().collect();
    interp.flat_equals(&flat, "").unwrap_or(Guard::FALSE)
}

fn join_texts(interp: &mut Interp<'_>, base: &Text, rest: &Text) -> Cases {
    match rest.pieces().next() {
        None => {
            if ends_with_slash(base) {
                Cases::text(base.clone())
            } else {
                Cases::text(base.concat(&Text::lit("/")))
            }
        }
        Some(Piece::Lit(first)) if first.starts_with('/') => Cases::text(rest.clone()),
        Some(Piece::Sym(Sym::OutDir | Sym::ManifestDir)) => Cases::text(rest.clone()),
        Some(Piece::Lit(_)) => {
            let separator = if ends_with_slash(base) { "" } else { "/" };
            interp.make_text(base.concat(&Text::lit(separator)).concat(rest))
        }
        Some(Piece::Sym(sym)) if !sym.may_hold('/') => {
            let separator = if ends_with_slash(base) { "" } else { "/" };
            interp.make_text(base.concat(&Text::lit(separator)).concat(rest))
        }
        Some(Piece::Sym(sym)) => {
            let reason = format!("whether {} is an absolute path is not known", sym.describe());
            interp.unknown(&reason)
        }
    }
}

fn ends_with_slash(text: &Text) -> bool {
    matches!(text.pieces().last(), Some(Piece::Lit(last)) if last.ends_with('/'))
}

/// Returns the path that results from joining all components.
pub(super) fn join_all(interp: &mut Interp<'_>, items: Items) -> Cases {
    let mut path = Cases::str("");
    for (guard, item) in items {
        if !guard.is_true() {
            return interp.unknown("this path is not known");
        }
        path = join(interp, &path, &item);
    }
    path
}

/// Models `path.strip_prefix(base)`, whose result is a `Result`.
pub(super) fn strip_prefix(interp: &mut Interp<'_>, text: &Text, base: &Value) -> Cases {
    let Value::Text(base) = base else { return interp.unknown("this path is not known") };
    let error = || Cases::err(Cases::of(Value::Opaque("a path error".into())));
    let located = |text: &Text| {
        let pieces: Vec<Piece> = text.pieces().cloned().collect();
        text.is_flat().then(|| locate(&pieces)).flatten()
    };
    // Below OUT_DIR or the package by their names, without `..`.
    let symbol =
        |text: &Text| matches!(text.pieces().next(), Some(Piece::Sym(Sym::OutDir | Sym::ManifestDir)));
    if symbol(text) && symbol(base) && plain_path(text) && plain_path(base) {
        return match (located(text), located(base)) {
            (Some(Location::OutDir(path)), Some(Location::OutDir(base)))
            | (Some(Location::Package(path)), Some(Location::Package(base))) => {
                match parts::strip_prefix(&path, &base) {
                    Some(rest) => Cases::ok(Cases::str(rest)),
                    None => error(),
                }
            }
            _ => interp.unknown("whether one path lies in the other is not known"),
        };
    }
    let base = base.clone();
    interp.ask(text, "whether one path lies in the other", &mut |interp, path| {
        let path = literal_of(path)?;
        Some(interp.ask(&base, "whether one path lies in the other", &mut |_, base| {
            Some(match parts::strip_prefix(&path, &literal_of(base)?) {
                Some(rest) => Cases::ok(Cases::str(rest)),
                None => error(),
            })
        }))
    })
}

/// Models `path.ends_with(end)`, which compares whole components.
fn ends_with(interp: &mut Interp<'_>, text: &Text, end: &Text) -> Cases {
    let end = end.clone();
    interp.ask(text, "how a path ends", &mut |interp, path| {
        // The text before the last separator does not matter if `end` is a single component.
        let known = match path.last() {
            None => Some(String::new()),
            Some(Piece::Lit(last)) => Some(last.to_string()),
            Some(Piece::Sym(_)) => None,
        }?;
        let whole = path.len() <= 1;
        Some(interp.ask(&end, "how a path ends", &mut |_, end| {
            let end = literal_of(end)?;
            let (own, wanted) = (crate::interp::components(&known), crate::interp::components(&end));
            // The first known component may be a part of one, and a slash there is no root.
            let usable = if whole { own.len() } else { known.matches('/').count().min(own.len()) };
            let fits = own.ends_with(&wanted);
            if !whole && (wanted.len() >= usable || known.contains("//") || wanted.first() == Some(&"/")) {
                return None;
            }
            Some(Cases::bool(fits))
        }))
    })
}

/// Returns the text of unguarded pieces, if all are known.
fn literal_of(flat: &[Piece]) -> Option<String> {
    Some(text_of(flat.to_vec()).as_lit()?.to_owned())
}

/// Returns the symbol for the folder above a folder that is or holds the package; `None` for other symbols.
fn above(sym: &Sym) -> Option<Sym> {
    let count = match sym {
        Sym::ManifestDir => 0,
        Sym::Opaque(what) => what.strip_suffix(ABOVE)?.trim_end().parse().ok()?,
        _ => return None,
    };
    (count < 20).then(|| Sym::Opaque(format!("{} {ABOVE}", count + 1).into()))
}

/// Splits a path into the part before its last component, and that component.
fn split_last(flat: &[Piece]) -> Option<(Vec<Piece>, Vec<Piece>)> {
    let mut tail: Vec<Piece> = Vec::new();
    for (at, piece) in flat.iter().enumerate().rev() {
        match piece {
            Piece::Lit(text) => {
                let text =
                    if tail.is_empty() && at + 1 == flat.len() { text.trim_end_matches('/') } else { text };
                if let Some(slash) = text.rfind('/') {
                    let mut head = flat[..at].to_vec();
                    let before = if slash == 0 && head.is_empty() { "/" } else { &text[..slash] };
                    head.push(Piece::Lit(Rc::from(before)));
                    tail.insert(0, Piece::Lit(Rc::from(&text[slash + 1..])));
                    return Some((head, tail));
                }
                tail.insert(0, Piece::Lit(Rc::from(text)));
            }
            Piece::Sym(sym) if !sym.may_hold('/') => tail.insert(0, piece.clone()),
            Piece::Sym(_) => return None,
        }
    }
    Some((Vec::new(), tail))
}

fn text_of(pieces: Vec<Piece>) -> Text {
    Text::from_flat(pieces)
}

/// Models the methods of paths; `None` if the method is not one of them.
pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Text(text) = method.value else {
        return entry_method(interp, method);
    };
    let same = || Cases::text(text.clone());
    Some(match method.name {
        "join" => join(interp, &same(), &method.arg(0)),
        "push" => {
            let whole = join(interp, &same(), &method.arg(0));
            let whole = interp.text_as(&whole, text.1);
            store(interp, method, whole)
        }
        "pop" => {
            let parent = interp.call_method(&same(), "parent", &[], None, &[]);
            let (some, inner) = interp.some_of(&parent);
            if interp.dead() {
                return Some(Cases::never());
            }
            let inner = interp.text_as(&inner, text.1);
            let left = interp.choose(some, inner, same());
            store(interp, method, left);
            interp.boolean(some)
        }
        "to_str" => Cases::some(same()),
        "to_string_lossy" | "as_os_str" | "to_path_buf" | "into_path_buf" | "as_path" | "into_boxed_path"
        | "into_os_string" => same(),
        // To be padded as `Display` of a path is, which is not modelled.
        "display" => interp.text_as(&same(), TextType::Unknown),
        "clear" => store(interp, method, Cases::text(Text::lit("").typed(text.1))),
        "ancestors" => interp.ask_literal(text, "its ancestors", &mut |_, path| {
            let path_of = |path: &str| Cases::text(Text::lit(path).typed(TextType::Path));
            let parts: Items =
                parts::ancestors(path).into_iter().map(|part| (Guard::TRUE, path_of(part))).collect();
            Cases::seq(parts.of_kind(SeqKind::Ancestors))
        }),
        "starts_with" => {
            let base = interp.deref_all(&method.arg(0));
            interp.each(&base, |interp, base| {
                let stripped = strip_prefix(interp, text, base);
                let (some, _) = interp.some_of(&stripped);
                interp.boolean(some)
            })
        }
        "ends_with" => {
            let end = interp.deref_all(&method.arg(0));
            interp.each(&end, |interp, end| {
                let Value::Text(end) = end else { return interp.unknown("this path is not known") };
                ends_with(interp, text, end)
            })
        }
        "parent" => interp.ask(text, "its parent", &mut |interp, flat| {
            if let [] | [Piece::Lit(_)] = flat {
                let text = text_of(flat.to_vec());
                let parent = parts::parent(text.as_lit()?);
                return Some(parent.map_or_else(Cases::none, |parent| Cases::some(Cases::str(parent))));
            }
            if let [Piece::Sym(sym)] = flat
                && let Some(above) = above(sym)
            {
                // A package may lie in the root folder, or in one of its folders.
                let there = interp.unnamed(AROUND);
                return Some(interp.option(there, Cases::text(Text::sym(above))));
            }
            let (head, _) = split_last(flat)?;
            Some(Cases::some(Cases::text(text_of(head))))
        }),
        "file_name" => interp.ask(text, "its name", &mut |_, flat| {
            if let [] | [Piece::Lit(_)] = flat {
                let text = text_of(flat.to_vec());
                let name = parts::file_name(text.as_lit()?);
                return Some(name.map_or_else(Cases::none, |name| Cases::some(Cases::str(name))));
            }
            let (_, tail) = split_last(flat)?;
            Some(match text_of(tail) {
                tail if tail.0.is_empty() || tail.as_lit() == Some("..") => Cases::none(),
                tail => Cases::some(Cases::text(tail)),
            })
        }),
        "file_stem" | "extension" => {
            let stem = method.name == "file_stem";
            interp.ask(text, "its extension", &mut |_, flat| {
                let (_, tail) = split_last(flat)?;
                let tail = text_of(tail);
                let found = parts::stem_and_extension(tail.as_lit()?);
                let part = found.and_then(|(name, extension)| if stem { Some(name) } else { extension });
                Some(part.map_or_else(Cases::none, |part| Cases::some(Cases::str(part))))
            })
        }
        "with_extension" | "with_file_name" | "set_extension" | "set_file_name" => {
            let extension = method.name.ends_with("extension");
            let arg = method.arg(0);
            let changed = interp.each(&arg, |interp, arg| {
                let Value::Text(arg) = arg else { return interp.unknown("a part of this path is not known") };
                let arg = arg.clone();
                interp.ask(text, "its name", &mut |_, flat| {
                    if let ([] | [Piece::Lit(_)], Some(arg)) = (flat, arg.as_lit()) {
                        let whole = text_of(flat.to_vec());
                        let path = whole.as_lit()?;
                        let changed = if method.name == "set_extension" {
                            parts::set_extension(path, arg)?
                        } else if extension {
                            parts::with_extension(path, arg)?
                        } else {
                            parts::with_file_name(path, arg)
                        };
                        return Some(Cases::str(&changed));
                    }
                    // The other alternatives of the path or of the new part are not known.
                    if arg.pieces().any(|piece| match piece {
                        Piece::Lit(text) => text.contains('/'),
                        Piece::Sym(sym) => sym.may_hold('/'),
                    }) {
                        return None;
                    }
                    let (head, tail) = split_last(flat)?;
                    let mut whole = text_of(head);
                    if !whole.0.is_empty() && !ends_with_slash(&whole) {
                        whole = whole.concat(&Text::lit("/"));
                    }
                    if extension {
                        let tail = text_of(tail);
                        let name = tail.as_lit()?;
                        let stem = name.rfind('.').filter(|dot| *dot > 0).map_or(name, |dot| &name[..dot]);
                        whole = whole.concat(&Text::lit(stem));
                        if !arg.0.is_empty() {
                            whole = whole.concat(&Text::lit(".")).concat(&arg);
                        }
                    } else {
                        whole = whole.concat(&arg);
                    }
                    Some(Cases::text(whole))
                })
            });
            if method.name.starts_with("set") {
                let name = interp.call_method(&same(), "file_name", &[], None, &[]);
                let (named, _) = interp.some_of(&name);
                let changed = interp.text_as(&changed, text.1);
                let stored = store(interp, method, changed);
                // `set_extension` says whether there was a name.
                return Some(if stored.is_never() || !extension { stored } else { interp.boolean(named) });
            }
            changed
        }
        "is_absolute" | "is_relative" | "has_root" => {
            let wanted = method.name != "is_relative";
            interp.ask(text, "whether it is absolute", &mut |_, flat| {
                let absolute = match flat.first() {
                    None => false,
                    Some(Piece::Lit(first)) => first.starts_with('/'),
                    Some(Piece::Sym(Sym::OutDir | Sym::ManifestDir)) => true,
                    Some(Piece::Sym(_)) => return None,
                };
                Some(Cases::bool(absolute == wanted))
            })
        }
        "exists" | "is_file" | "is_dir" | "try_exists" | "is_symlink" | "metadata" => {
            let found = exists(interp, text, method.name);
            match method.name {
                "try_exists" => interp.each(&found, |_, found| Cases::ok(Cases::of(found.clone()))),
                "is_symlink" => return None,
                "metadata" => {
                    let truth = interp.truth(&found);
                    let ok = Cases::ok(about(METADATA, same()));
                    interp.choose(truth, ok, Cases::err(Cases::of(Value::Opaque("an i/o error".into()))))
                }
                _ => found,
            }
        }
        "read_link" => return None,
        "canonicalize" => {
            let found = exists(interp, text, "exists");
            let truth = interp.truth(&found);
            let absolute = interp.ask(text, "the real path", &mut |_, flat| {
                Some(match locate(flat)? {
                    Location::Package(path) => {
                        let rest = if path.is_empty() { String::new() } else { format!("/{path}") };
                        Cases::text(Text::sym(Sym::ManifestDir).concat(&Text::lit(&rest)))
                    }
                    _ => Cases::text(Text::from_flat(flat.iter().cloned())),
                })
            });
            interp.choose(
                truth,
                Cases::ok(absolute),
                Cases::err(Cases::of(Value::Opaque("an i/o error".into()))),
            )
        }
        "read_dir" => super::fs::read_dir(interp, &same()),
        "components" => interp.ask(text, "its components", &mut |_, flat| {
            let text = text_of(flat.to_vec());
            let text = text.as_lit()?;
            let component = |part: &&str| {
                let variant = |name: &str, fields| Cases::of(Value::variant("Component", name, fields));
                match *part {
                    "/" => variant("RootDir", vec![]),
                    "." => variant("CurDir", vec![]),
                    ".." => variant("ParentDir", vec![]),
                    part => {
                        let part = Cases::text(Text::lit(part).typed(TextType::OsStr));
                        variant("Normal", vec![part])
                    }
                }
            };
            let parts = crate::interp::components(text);
            Some(Cases::list(parts.iter().map(component).collect::<Vec<_>>()))
        }),
        "iter" => interp.ask_literal(text, "its components", &mut |_, path| {
            let part = |part: &&str| Cases::text(Text::lit(part).typed(TextType::OsStr));
            Cases::list(crate::interp::components(path).iter().map(part).collect::<Vec<_>>())
        }),
        _ => return None,
    })
}

/// Returns a value of a type that is known by the path that it is about.
pub(super) fn about(name: &str, path: Cases) -> Cases {
    let fields = vec![(Rc::from("path"), path)];
    Cases::of(Value::Struct(Rc::new(StructValue { name: Rc::from(name), fields })))
}

/// Models the methods of `fs::Metadata` and of directory entries.
fn entry_method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    if let Value::Enum(component) = method.value
        && &*component.name == "Component"
    {
        let text = match &*component.variant {
            "RootDir" => "/",
            "CurDir" => ".",
            "ParentDir" => "..",
            _ => component.fields[0].1.literal()?,
        };
        return match method.name {
            "as_os_str" => Some(Cases::text(Text::lit(text).typed(TextType::OsStr))),
            "as_ref" => Some(Cases::str(text)),
            _ => None,
        };
    }
    let Value::Struct(value) = method.value else { return None };
    if !matches!(&*value.name, METADATA | FILE_TYPE | DIR_ENTRY) {
        return None;
    }
    let path = interp.text_as(&value.fields[0].1, TextType::PathBuf);
    Some(match method.name {
        "path" => path,
        "file_name" => {
            let name = interp.call_method(&path, "file_name", &[], None, &[]);
            let name = interp.call_method(&name, "unwrap", &[], None, &[]);
            interp.text_as(&name, TextType::OsString)
        }
        "is_dir" | "is_file" => interp.call_method(&path, method.name, &[], None, &[]),
        "metadata" => Cases::ok(about(METADATA, path)),
        "file_type" if *value.name == *METADATA => about(FILE_TYPE, path),
        "file_type" => Cases::ok(about(FILE_TYPE, path)),
        "len" => {
            let text = match path.single()? {
                Value::Text(text) => text.clone(),
                _ => return None,
            };
            let path = package_path(&text, "")?;
            let bytes = interp.source.read(&path).ok()??;
            Cases::usize(bytes.len())
        }
        "is_symlink" => Cases::bool(false),
        _ => return None,
    })
}
