//! Files: those of the package are constants, and those of OUT_DIR are what the script writes.

use std::rc::Rc;

use super::{Call, Method};
use crate::interp::buffers::{BUFFERED, FILE};
use crate::interp::{Interp, sort_key};
use crate::logic::Guard;
use crate::semantics::paths::{Location, locate};
use crate::semantics::types::DIR_ENTRY;
use crate::value::{Cases, IntType, Text, TextType, Value};

pub(super) fn io_error() -> Cases {
    Cases::err(Cases::of(Value::Opaque("an i/o error".into())))
}

/// Models `fs::write`, `File::create` and the other functions of `std::fs`.
pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    let _ = sort_key;
    let path = interp.deref_all(&call.arg(0));
    Some(match call.path.strip_prefix("std::fs::")? {
        "read_to_string" => read(interp, &path, true),
        "read" => read(interp, &path, false),
        "write" => {
            let content = interp.deref_all(&call.arg(1));
            let content = interp.display_bytes(&content);
            with_out_path(interp, &path, &mut |interp, path| {
                let fits = interp.takes_file(path);
                interp.where_it_succeeds(fits, |interp| {
                    interp.out_write(path, content.clone());
                    Cases::unit()
                })
            })
        }
        "create_dir" => with_out_path(interp, &path, &mut |interp, path| {
            let (folder, file) = interp.out_state(path);
            let parent = interp.out_state(parent(path)).0;
            let there = interp.inputs.or(folder, file);
            let fits = interp.inputs.minus(parent, there);
            interp.where_it_succeeds(fits, |interp| {
                interp.out_make_dir(path);
                Cases::unit()
            })
        }),
        "create_dir_all" => with_out_path(interp, &path, &mut |interp, path| {
            let mut fits = Guard::TRUE;
            let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
            for end in ends {
                let file = interp.out_state(&path[..end]).1;
                fits = interp.inputs.minus(fits, file);
            }
            interp.where_it_succeeds(fits, |interp| {
                interp.out_make_dir(path);
                Cases::unit()
            })
        }),
        "copy" => {
            let to = interp.deref_all(&call.arg(1));
            let from = path;
            with_location(interp, &from, &mut |interp, from| match from {
                Location::Package(from) => {
                    let from = from.clone();
                    match interp.source.kind(&from) {
                        Ok(Some(false)) => {
                            interp.reads.insert(from.clone());
                            let length =
                                interp.source.read(&from).ok().flatten().map_or(0, |bytes| bytes.len());
                            with_out_path(interp, &to, &mut |interp, path| {
                                let fits = interp.takes_file(path);
                                interp.where_it_succeeds(fits, |interp| {
                                    interp.out_write(
                                        path,
                                        Cases::of(Value::External(format!("copy of {from}").into())),
                                    );
                                    Cases::of(Value::Int(length as i128, IntType::Unsigned(64)))
                                })
                            })
                        }
                        Ok(_) => io_error(),
                        Err(reason) => interp.unknown(&reason),
                    }
                }
                Location::OutDir(from) => {
                    let content = interp.out_files.get(from).cloned();
                    let held = interp.held_back(Some(from));
                    interp.unknown_where(held, "what a buffer still holds is not in the file");
                    match content {
                        Some(content) => with_out_path(interp, &to, &mut |interp, path| {
                            let fits = interp.takes_file(path);
                            interp.where_it_succeeds(fits, |interp| {
                                interp.out_write(path, content.clone());
                                Cases::of(Value::Opaque("a file's length".into()))
                            })
                        }),
                        None => interp.unknown("what is copied is not a file that the script made"),
                    }
                }
                _ => interp.unknown("copying a file from outside the package is not understood"),
            })
        }
        name @ ("File::create" | "File::create_new") => with_out_path(interp, &path, &mut |interp, path| {
            let mut fits = interp.takes_file(path);
            if name == "File::create_new" {
                let file = interp.out_state(path).1;
                fits = interp.inputs.minus(fits, file);
            }
            interp.where_it_succeeds(fits, |interp| {
                interp.out_write(path, Cases::str(""));
                let file = interp.new_object(FILE);
                if let Some(Value::Object(object)) = file.single() {
                    interp.note_call(*object, "path", vec![Cases::str(path)]);
                    interp.note_opened(path, *object);
                }
                file
            })
        }),
        "File::open" => {
            let path = path.clone();
            with_location(interp, &path.clone(), &mut |interp, location| match location {
                Location::Package(name) => match interp.source.kind(name) {
                    Ok(Some(false)) => {
                        let file = interp.new_object("read file");
                        if let Some(Value::Object(object)) = file.single() {
                            interp.note_call(*object, "path", vec![path.clone()]);
                        }
                        Cases::ok(file)
                    }
                    Ok(_) => {
                        interp.reads.insert(name.clone());
                        io_error()
                    }
                    Err(reason) => interp.unknown(&reason),
                },
                _ => interp.unknown("reading a file from outside the package is not understood"),
            })
        }
        "read_dir" => read_dir(interp, &path),
        "metadata" | "canonicalize" | "exists" | "symlink_metadata" => {
            let name = call.path.rsplit("::").next()?;
            let name = if name == "symlink_metadata" { "metadata" } else { name };
            let name = if name == "exists" { "try_exists" } else { name };
            let path = interp.text_as(&path, TextType::Path);
            interp.call_method(&path, name, &[], None, &[])
        }
        name @ ("remove_file" | "remove_dir_all" | "remove_dir") => {
            with_out_path(interp, &path, &mut |interp, path| {
                if path.is_empty() {
                    return interp.unknown("removing OUT_DIR itself is not understood");
                }
                let (folder, file) = interp.out_state(path);
                let prefix = format!("{path}/");
                if name == "remove_dir" && interp.out_files.keys().any(|known| known.starts_with(&prefix)) {
                    return interp.unknown("whether a folder is empty is not known");
                }
                let fits = if name == "remove_file" { file } else { folder };
                interp.where_it_succeeds(fits, |interp| {
                    interp.out_remove(path);
                    Cases::unit()
                })
            })
        }
        "rename" => {
            let to = interp.deref_all(&call.arg(1));
            with_out_path(interp, &path, &mut |interp, from| {
                let Some(content) = interp.out_files.get(from).cloned() else {
                    return interp.unknown("what is renamed is not a file that the script made");
                };
                let file = interp.out_state(from).1;
                if !interp.inputs.minus(interp.pc, file).is_false() {
                    return interp.unknown("what is renamed is not a file that the script made");
                }
                let from = from.to_owned();
                with_out_path(interp, &to, &mut |interp, path| {
                    let fits = interp.takes_file(path);
                    interp.where_it_succeeds(fits, |interp| {
                        interp.out_remove(&from);
                        interp.out_write(path, content.clone());
                        Cases::unit()
                    })
                })
            })
        }
        "OpenOptions::new" | "File::options" => interp.new_object("open options"),
        _ => return None,
    })
}

fn with_location(
    interp: &mut Interp<'_>,
    path: &Cases,
    f: &mut dyn FnMut(&mut Interp<'_>, &Location) -> Cases,
) -> Cases {
    interp.each(&path.clone(), |interp, path| {
        let Value::Text(path) = path else { return interp.unknown("a path is not known") };
        interp.ask(path, "a path", &mut |interp, flat| {
            let location = locate(flat)?;
            Some(match super::exists::is_walked(interp, flat, &location) {
                Some(true) => f(interp, &location),
                Some(false) => io_error(),
                None => interp.unknown("where a path with `..` or a `/` at its end leads is not understood"),
            })
        })
    })
}

/// Calls `f` with a path in OUT_DIR; writing anywhere else is residue.
fn with_out_path(
    interp: &mut Interp<'_>,
    path: &Cases,
    f: &mut dyn FnMut(&mut Interp<'_>, &str) -> Cases,
) -> Cases {
    with_location(interp, path, &mut |interp, location| match location {
        Location::OutDir(path) => f(interp, path),
        Location::Package(path) => {
            let reason = format!("it writes to `{path}` in the package itself");
            interp.unknown(&reason)
        }
        _ => interp.unknown("it writes outside OUT_DIR"),
    })
}

fn read(interp: &mut Interp<'_>, path: &Cases, text_only: bool) -> Cases {
    with_location(interp, path, &mut |interp, location| match location {
        Location::Package(path) => {
            interp.reads.insert(path.clone());
            match interp.source.read(path) {
                Ok(Some(bytes)) => match String::from_utf8(bytes) {
                    Ok(text) => Cases::ok(Cases::str(&text)),
                    Err(_) if text_only => io_error(),
                    Err(error) => Cases::ok(Cases::of(Value::Bytes(Rc::from(error.into_bytes())))),
                },
                Ok(None) => io_error(),
                Err(reason) => interp.unknown(&reason),
            }
        }
        Location::OutDir(path) => {
            let Some(content) = interp.out_files.get(path).cloned() else { return io_error() };
            let held = interp.held_back(Some(path));
            interp.unknown_where(held, "what a buffer still holds is not in the file");
            let content = interp.narrow(content);
            let path = path.clone();
            interp.each(&content, |interp, content| match content {
                Value::Text(text) => Cases::ok(Cases::text(text.clone())),
                Value::External(what) if &**what == "absent" => io_error(),
                Value::External(what) if what.starts_with("copy of ") => {
                    let from = what.trim_start_matches("copy of ").to_owned();
                    read(interp, &Cases::str(&from), text_only)
                }
                _ => interp.unknown(&format!("what `{path}` in OUT_DIR holds is not known")),
            })
        }
        _ => interp.unknown("reading a file from outside the package is not understood"),
    })
}

/// Models `fs::read_dir(path)`: the entries in the order of their names, marked as unordered.
pub(super) fn read_dir(interp: &mut Interp<'_>, path: &Cases) -> Cases {
    let whole = path.clone();
    with_location(interp, path, &mut |interp, location| match location {
        Location::Package(path) => {
            interp.reads.insert(path.clone());
            match interp.source.list(path) {
                Ok(Some(names)) => {
                    let mut entries = Vec::new();
                    for name in names {
                        let path = super::path::join(interp, &whole, &Cases::str(&name));
                        entries.push(Cases::ok(super::path::about(DIR_ENTRY, path)));
                    }
                    let unordered = entries.len() > 1;
                    let entries: crate::value::Items =
                        entries.into_iter().map(|entry| (Guard::TRUE, entry)).collect();
                    Cases::ok(Cases::iter(crate::value::Items { unordered, ..entries }))
                }
                Ok(None) => io_error(),
                Err(reason) => interp.unknown(&reason),
            }
        }
        _ => interp.unknown("listing a folder outside the package is not understood"),
    })
}

/// Appends content to a variable that is read into; the result is the number of bytes.
fn append(interp: &mut Interp<'_>, place: &Rc<crate::value::Place>, content: &Cases) -> Cases {
    let before = interp.read_place(place);
    let before = interp.deref_all(&before);
    let whole = interp.each2(&before, content, |interp, before, content| match (before, content) {
        (Value::Text(before), Value::Text(content)) => interp.make_text(before.concat(content)),
        (Value::Text(before), content) if before.0.is_empty() => Cases::of(content.clone()),
        (Value::Seq(before), content) if before.is_empty() => Cases::of(content.clone()),
        _ => interp.unknown("what is read to here holds something already"),
    });
    interp.write_place(place, whole);
    how_much(interp, content)
}

/// Returns the result of what reads or writes: how many bytes it was.
pub(super) fn how_much(interp: &mut Interp<'_>, content: &Cases) -> Cases {
    let length = interp.each(content, |_, content| match content {
        Value::Text(text) if text.as_lit().is_some() => Cases::usize(text.as_lit().unwrap_or_default().len()),
        Value::Bytes(bytes) => Cases::usize(bytes.len()),
        _ => Cases::of(Value::Opaque("how much was read or written".into())),
    });
    if interp.dead() { Cases::never() } else { Cases::ok(length) }
}

/// Returns the folder that contains a path of OUT_DIR.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Methods of open files.
pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Object(object) = method.value else { return None };
    let kind = interp.objects[*object].kind;
    let path =
        |interp: &Interp<'_>| interp.objects[*object].calls.first().map(|(_, _, args)| args[0].clone());
    match kind {
        FILE | BUFFERED => Some(match method.name {
            "write_all" | "write_fmt" | "write" | "write_str" => {
                let path = path(interp)?.literal()?.to_owned();
                // Each handle has its own place in the file.
                if interp.writers.get(&path) != Some(object) {
                    return Some(interp.unknown("a file that was opened again in between is not understood"));
                }
                let text = interp.deref_all(&method.arg(0));
                let text = interp.display_bytes(&text);
                if interp.refuses_call(*object, method.name) {
                    return Some(Cases::never());
                }
                interp.out_append(&path, &text);
                interp.note_written(*object);
                if method.name == "write" {
                    return Some(how_much(interp, &text));
                }
                if interp.dead() { Cases::never() } else { Cases::ok(Cases::unit()) }
            }
            "flush" => {
                interp.note_flushed(&Cases::of(method.value.clone()));
                Cases::ok(Cases::unit())
            }
            "sync_all" | "sync_data" => Cases::ok(Cases::unit()),
            "get_mut" | "get_ref" if kind == BUFFERED => return None,
            "by_ref" | "get_mut" | "get_ref" => Cases::of(method.value.clone()),
            "into_inner" => {
                interp.note_flushed(&Cases::of(method.value.clone()));
                Cases::ok(Cases::of(method.value.clone()))
            }
            _ => return None,
        }),
        "read file" => {
            let path = path(interp)?;
            Some(match method.name {
                "read_to_string" | "read_to_end" => {
                    // A file that has been read is at its end.
                    let path_here = interp.pc;
                    let mut read_before = Guard::FALSE;
                    for (guard, name, _) in interp.objects[*object].calls.clone() {
                        if &*name == "read" {
                            read_before = interp.inputs.or(read_before, guard);
                        }
                    }
                    let again = interp.inputs.and(path_here, read_before);
                    if !again.is_false() && again != path_here {
                        return Some(interp.unknown("whether a file is at its end is not known"));
                    }
                    let content = if again.is_false() {
                        read(interp, &path, method.name == "read_to_string")
                    } else {
                        Cases::ok(Cases::str(""))
                    };
                    interp.note_call(*object, "read", Vec::new());
                    let target = method.arg(0);
                    interp.each(&content, |interp, content| match content {
                        Value::Enum(result) if &*result.variant == "Ok" => {
                            let content = result.fields[0].1.clone();
                            interp.each(&target, |interp, target| match target {
                                Value::Ref(place) => append(interp, place, &content),
                                _ => interp.unknown("where this is read to is not known"),
                            })
                        }
                        other => Cases::of(other.clone()),
                    })
                }
                "lines" => {
                    let content = read(interp, &path, true);
                    let (_, text) = interp.some_of(&content);
                    let lines = interp.call_method(&text, "lines", &[], None, &[]);
                    let items = interp.items_of(&lines);
                    Cases::seq(
                        items
                            .into_iter()
                            .map(|(guard, line)| (guard, Cases::ok(line)))
                            .collect::<crate::value::Items>(),
                    )
                }
                "metadata" => return None,
                _ => return None,
            })
        }
        _ => None,
    }
}

impl Interp<'_> {
    /// Returns the text or bytes of a value that is written.
    pub(crate) fn display_bytes(&mut self, value: &Cases) -> Cases {
        self.each(&value.clone(), |interp, value| match value {
            Value::Bytes(_) | Value::Text(_) => Cases::of(value.clone()),
            Value::Seq(items) => {
                let bytes: Option<Vec<u8>> = items
                    .iter()
                    .map(|(guard, item)| match item.single() {
                        Some(Value::Int(byte, _)) if guard.is_true() => u8::try_from(*byte).ok(),
                        _ => None,
                    })
                    .collect();
                match bytes.map(String::from_utf8) {
                    Some(Ok(text)) => Cases::str(&text),
                    Some(Err(error)) => Cases::of(Value::Bytes(Rc::from(error.into_bytes()))),
                    None => interp.unknown("what is written is not known"),
                }
            }
            _ => interp.unknown("what is written is not known"),
        })
    }

    /// Returns where a path of OUT_DIR is a folder, and where it is a file.
    pub(crate) fn out_state(&mut self, path: &str) -> (Guard, Guard) {
        if path.is_empty() {
            return (Guard::TRUE, Guard::FALSE);
        }
        let prefix = format!("{path}/");
        let known: Vec<(bool, Cases)> = self
            .out_files
            .iter()
            .filter(|(known, _)| *known == path || known.starts_with(&prefix))
            .map(|(known, value)| (known == path, value.clone()))
            .collect();
        let (mut folder, mut file) = (Guard::FALSE, Guard::FALSE);
        for (itself, value) in known {
            for (guard, value) in value.0.iter() {
                match value {
                    Value::External(what) if &**what == "absent" => {}
                    Value::Unit => folder = self.inputs.or(folder, *guard),
                    _ if itself => file = self.inputs.or(file, *guard),
                    _ => folder = self.inputs.or(folder, *guard),
                }
            }
        }
        (folder, file)
    }

    /// Returns where a file can be written to a path of OUT_DIR: its folder exists, and the path is not a folder
    /// itself.
    fn takes_file(&mut self, path: &str) -> Guard {
        let parent = self.out_state(parent(path)).0;
        let folder = self.out_state(path).0;
        self.inputs.minus(parent, folder)
    }

    /// Returns `Ok` of the result of `f` where the guard holds, and an error elsewhere.
    fn where_it_succeeds(&mut self, fits: Guard, f: impl FnOnce(&mut Self) -> Cases) -> Cases {
        self.branch(
            fits,
            |interp| {
                let value = f(interp);
                if interp.dead() { Cases::never() } else { Cases::ok(value) }
            },
            |_| io_error(),
        )
    }

    fn out_old(&self, path: &str) -> Cases {
        self.out_files.get(path).cloned().unwrap_or_else(|| Cases::of(Value::External("absent".into())))
    }

    /// Sets the content of a file of OUT_DIR, on this path.
    pub(crate) fn out_write(&mut self, path: &str, content: Cases) {
        // A handle that has the file open stands at a position of the old content.
        self.writers.remove(path);
        self.out_store(path, content);
    }

    fn out_store(&mut self, path: &str, content: Cases) {
        if self.dead() {
            return;
        }
        if self.open_loops > 0 {
            self.unknown("writing in a loop over an unknown list is not understood");
            return;
        }
        if self.refuses_write(path) {
            return;
        }
        let old = self.out_old(path);
        let elsewhere = self.inputs.not(self.pc);
        let joined = self.inputs.join(vec![(elsewhere, old), (self.pc, content)]);
        self.out_files.insert(path.to_owned(), joined);
    }

    /// Appends to a file of OUT_DIR, on this path.
    pub(crate) fn out_append(&mut self, path: &str, more: &Cases) {
        if self.dead() {
            return;
        }
        let old = self.out_old(path);
        // If one text grows by another under a guard, the result is still one text.
        if let (Some(Value::Text(old)), Some(Value::Text(more))) = (old.single(), more.single())
            && self.open_loops == 0
        {
            let mut pieces = old.0.to_vec();
            for (guard, piece) in more.0.iter() {
                let both = self.inputs.and(*guard, self.pc);
                pieces.push((both, piece.clone()));
            }
            self.out_files.insert(path.to_owned(), Cases::text(Text::from_pieces(pieces)));
            return;
        }
        let old = self.narrow(old);
        let whole = self.each2(&old, more, |interp, old, more| match (old, more) {
            (Value::Text(old), Value::Text(more)) => {
                let mut pieces = old.0.to_vec();
                pieces.extend(more.0.iter().cloned());
                interp.make_text(Text::from_pieces(pieces))
            }
            (Value::Text(old), more) if old.0.is_empty() => Cases::of(more.clone()),
            _ => interp.unknown("what is written to this file is not known"),
        });
        self.out_store(path, whole);
    }

    /// Creates a folder of OUT_DIR.
    pub(crate) fn out_make_dir(&mut self, path: &str) {
        if path.is_empty() || self.dead() {
            return;
        }
        let old = self.out_old(path);
        let old = self.narrow(old);
        let absent =
            matches!(old.single(), Some(Value::External(what)) if &**what == "absent") || old.0.len() > 1;
        if absent {
            self.out_write(path, Cases::unit());
        }
    }

    /// Removes a file or a folder of OUT_DIR.
    pub(crate) fn out_remove(&mut self, path: &str) {
        let prefix = format!("{path}/");
        let gone: Vec<String> = self
            .out_files
            .keys()
            .filter(|known| *known == path || known.starts_with(&prefix))
            .cloned()
            .collect();
        for file in gone {
            self.out_write(&file, Cases::of(Value::External("absent".into())));
        }
        let _ = Guard::TRUE;
    }
}
