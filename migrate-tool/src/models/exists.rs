//! Tests whether a file or folder exists at a path, resolved one component at a time as the system does.

use inert_manifest_spec::types::{Probe, ProbeKind};

use crate::interp::Interp;
use crate::logic::Guard;
use crate::semantics::facts::AROUND;
use crate::semantics::paths::{Location, locate, normalize};
use crate::value::{Cases, Piece, Text, Value};

/// Returns whether the system can resolve a path as its text reads: each component before a `..` or a final `/` must be
/// a folder. `None` if that is not known.
pub(super) fn is_walked(interp: &mut Interp<'_>, pieces: &[Piece], location: &Location) -> Option<bool> {
    let (text, rooted) = match pieces {
        [] => ("", false),
        [Piece::Lit(text)] => (&**text, false),
        [Piece::Sym(_), Piece::Lit(rest)] => (&**rest, true),
        _ => return Some(true),
    };
    if text.is_empty() {
        // The empty path does not exist, but `join("")` of a folder is the folder.
        return Some(rooted);
    }
    let ends = text.ends_with('/') || text.ends_with("/.");
    if !ends && !text.split('/').any(|part| part == "..") {
        return Some(true);
    }
    match location {
        Location::Package(_) => {}
        // A folder in OUT_DIR may be named with a final `/`, but a file may not.
        Location::OutDir(path) => {
            let parents = text.split('/').any(|part| part == "..");
            let (folder, file) = interp.out_state(path);
            let here = interp.pc;
            let (folder, file) = (interp.inputs.and(folder, here), interp.inputs.and(file, here));
            return (!parents && (file.is_false() || folder == here)).then_some(true);
        }
        _ => return Some(true),
    }
    let mut walked = String::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                let before = normalize(&walked)?;
                if !before.is_empty() && !matches!(interp.source.kind(&before), Ok(Some(true))) {
                    interp.reads.insert(before);
                    return Some(false);
                }
                walked.push_str("/..");
            }
            part => {
                walked.push('/');
                walked.push_str(part);
            }
        }
    }
    let last = normalize(&walked)?;
    Some(!ends || !matches!(interp.source.kind(&last), Ok(Some(false))))
}

/// Returns whether a file or folder exists at a path.
pub(super) fn exists(interp: &mut Interp<'_>, text: &Text, what: &str) -> Cases {
    let what = what.to_owned();
    interp.ask(text, "whether a file exists", &mut |interp, flat| {
        let location = locate(flat)?;
        match is_walked(interp, flat, &location) {
            Some(true) => exists_at(interp, location, &what),
            Some(false) => Some(Cases::bool(false)),
            None => None,
        }
    })
}

fn exists_at(interp: &mut Interp<'_>, location: Location, what: &str) -> Option<Cases> {
    match Some(location) {
        Some(Location::Package(path)) => {
            interp.reads.insert(path.clone());
            Some(match interp.source.kind(&path) {
                Ok(kind) => Cases::bool(match what {
                    "is_file" => kind == Some(false),
                    "is_dir" => kind == Some(true),
                    _ => kind.is_some(),
                }),
                Err(reason) => interp.unknown(&reason),
            })
        }
        Some(Location::OutDir(path)) => {
            if path.is_empty() {
                return Some(Cases::bool(what != "is_file"));
            }
            let prefix = format!("{path}/");
            let mut guard = Guard::FALSE;
            let files: Vec<(String, Cases)> =
                interp.out_files.iter().map(|(path, value)| (path.clone(), value.clone())).collect();
            for (known, value) in files {
                if known != path && !known.starts_with(&prefix) {
                    continue;
                }
                for (under, value) in value.0.iter() {
                    let there = !matches!(value, Value::External(path) if &**path == "absent");
                    let fits = match what {
                        "is_file" => known == path && !matches!(value, Value::Unit),
                        "is_dir" => known != path || matches!(value, Value::Unit),
                        _ => true,
                    };
                    if there && fits {
                        guard = interp.inputs.or(guard, *under);
                    }
                }
            }
            Some(interp.boolean(guard))
        }
        Some(Location::Around) => {
            let there = interp.unnamed(AROUND);
            Some(interp.boolean(there))
        }
        Some(Location::Absolute(path)) if what == "exists" || what == "try_exists" => {
            let probe = Probe { kind: ProbeKind::PathExists { path: path.clone() }, when: None, span: 0..0 };
            let guard = interp.ask_probe(&path, probe);
            Some(interp.boolean(guard))
        }
        _ => None,
    }
}
