//! Sources by glob: `*` and `?` within a name, `**` for any folders. Names that begin with a dot are skipped unless
//! the pattern begins with the dot.

use std::path::Path;

use crate::Outcome;
use crate::script::{Script, join, note};

/// Returns the files that a path of the declaration denotes, with its pattern expanded, sorted.
pub(crate) fn expand(script: &mut Script<'_>, path: &str) -> Outcome<Vec<String>> {
    let inside = path.rfind('}').map_or(0, |end| end + 1);
    let (base, pattern) = path.split_at(inside);
    if !is_glob(pattern) {
        return script.paths(path);
    }
    let mut found = Vec::new();
    let base = if base.is_empty() { script.inside("") } else { script.path(base)? };
    let parts: Vec<&str> = pattern.trim_start_matches('/').split('/').collect();
    walk(&base, &parts, 0, &mut found);
    Ok(found)
}

pub(crate) fn is_glob(path: &str) -> bool {
    path.contains('*') || path.contains('?')
}

/// Returns every file below a folder.
pub(crate) fn tree(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(folder, &["**", "*"], 0, &mut found);
    found
}

fn walk(folder: &str, parts: &[&str], depth: usize, found: &mut Vec<String>) {
    let (part, rest) = match parts.split_first() {
        Some((part, rest)) if depth < 100 => (*part, rest),
        _ => return,
    };
    if part == "**" {
        walk(folder, rest, depth, found);
    } else if !is_glob(part) {
        return step(&join(folder, part), rest, depth, found);
    }
    let mut names = Vec::new();
    if let Ok(entries) = std::fs::read_dir(folder) {
        for entry in entries.flatten() {
            note(&mut names, &entry.file_name().to_string_lossy());
        }
    }
    for name in names {
        let path = join(folder, &name);
        if part == "**" {
            // Symlinks to folders are skipped, since they may form cycles.
            if !name.starts_with('.')
                && Path::new(&path).symlink_metadata().map_or(false, |entry| entry.is_dir())
            {
                walk(&path, parts, depth + 1, found);
            }
        } else if (!name.starts_with('.') || part.starts_with('.')) && matches(part, &name) {
            step(&path, rest, depth, found);
        }
    }
}

fn step(path: &str, rest: &[&str], depth: usize, found: &mut Vec<String>) {
    if !rest.is_empty() {
        walk(path, rest, depth + 1, found);
    } else if Path::new(path).is_file() {
        note(found, path);
    }
}

/// Returns whether a name matches a pattern with `*` and `?`, as `inert_manifest_spec::glob` matches it.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, n));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == name[n]) {
            p += 1;
            n += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            n = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}
