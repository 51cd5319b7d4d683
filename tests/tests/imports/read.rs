//! Reads which files of a package a file names: in its `use` items, and in paths that begin with `crate`, `super`,
//! `self` or the name of a child module. Tests do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The modules of a package that are files, `plan::model` for `plan/model/mod.rs`; the root has the empty name.
pub(crate) struct Package {
    /// For each module, the modules whose files it names.
    pub(crate) imports: BTreeMap<String, BTreeSet<String>>,
}

/// The content of one file.
#[derive(Default)]
struct File {
    /// The absolute paths that it names, from the crate's root.
    paths: BTreeSet<Vec<String>>,
    /// The names that it re-exports or imports, with their full paths.
    names: BTreeMap<String, Vec<String>>,
    /// The modules that it declares and that have a file.
    children: BTreeSet<String>,
}

impl Package {
    /// Reads every file below a `src` folder.
    pub(crate) fn read(src: &Path) -> Self {
        let mut files = BTreeMap::new();
        collect(src, src, &mut files);
        let mut imports = BTreeMap::new();
        for (module, file) in &files {
            let own: &mut BTreeSet<String> = imports.entry(module.clone()).or_default();
            for path in &file.paths {
                if let Some(target) = resolve(path, &files, 0).filter(|target| target != module) {
                    own.insert(target);
                }
            }
        }
        Self { imports }
    }

    /// Returns every set of files that import one another, directly or not.
    pub(crate) fn circles(&self) -> Vec<Vec<&str>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.imports.keys().map(|module| (module.as_str(), self.reach(module))).collect();
        let mut circles = BTreeSet::new();
        for (module, seen) in &reached {
            let circle: Vec<&str> =
                seen.iter().copied().filter(|other| reached[other].contains(module)).collect();
            if circle.len() > 1 {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    fn reach(&self, module: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut pending: Vec<&str> = self.imports[module].iter().map(String::as_str).collect();
        while let Some(next) = pending.pop() {
            if seen.insert(next) {
                pending.extend(self.imports[next].iter().map(String::as_str));
            }
        }
        seen
    }
}

fn collect(src: &Path, folder: &Path, files: &mut BTreeMap<String, File>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(src, &path, files);
            continue;
        }
        if path.extension().is_none_or(|kind| kind != "rs") {
            continue;
        }
        let module = module_of(path.strip_prefix(src).unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut file = File::default();
        let own: Vec<String> =
            module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        if !text.contains("#![cfg(test)]") && module.rsplit("::").next() != Some("tests") {
            scan(&tokens.into_iter().collect::<Vec<_>>(), &own, &mut file);
        }
        files.insert(module, file);
    }
}

/// Returns the module of a file: `plan::model` for `plan/model/mod.rs` and `plan/model.rs`, `bin::<name>` for a
/// binary.
fn module_of(path: &Path) -> String {
    let mut parts: Vec<String> =
        path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    match parts.last().map(String::as_str) {
        Some("mod") => drop(parts.pop()),
        Some("lib") if parts.len() == 1 => parts.clear(),
        Some("main") if parts.len() == 1 => parts = vec!["bin".to_owned(), "main".to_owned()],
        _ => {}
    }
    parts.join("::")
}

/// Returns the file that holds the item of a path; re-exported names are followed to their origin.
fn resolve(path: &[String], files: &BTreeMap<String, File>, depth: usize) -> Option<String> {
    let at = (0..=path.len()).rev().find(|at| files.contains_key(&path[..*at].join("::")))?;
    let module = path[..at].join("::");
    if let Some(name) = path.get(at)
        && let Some(stands_for) = files[&module].names.get(name).filter(|_| depth < 8)
        && let Some(found) = resolve(stands_for, files, depth + 1)
    {
        return Some(found);
    }
    Some(module)
}

fn scan(tokens: &[TokenTree], own: &[String], file: &mut File) {
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Punct(punct) if punct.as_char() == '#' && is_for_tests(tokens.get(at + 1)) => {
                // The next item is skipped to its end.
                at += 2;
                while at < tokens.len() && !ends_item(&tokens[at]) {
                    at += 1;
                }
            }
            TokenTree::Ident(word)
                if word == "pub" && is_group(tokens.get(at + 1), Delimiter::Parenthesis) =>
            {
                at += 1
            }
            TokenTree::Ident(word) if word == "mod" => {
                if let (Some(TokenTree::Ident(name)), Some(next)) = (tokens.get(at + 1), tokens.get(at + 2)) {
                    match next {
                        TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                            let inside: Vec<String> = own.iter().cloned().chain([name.to_string()]).collect();
                            // The names of an inline module are its own.
                            let mut nested = File::default();
                            scan(&body.stream().into_iter().collect::<Vec<_>>(), &inside, &mut nested);
                            file.paths.append(&mut nested.paths);
                        }
                        _ => drop(file.children.insert(name.to_string())),
                    }
                    at += 2;
                }
            }
            TokenTree::Ident(word) if word == "use" => {
                let end = (at..tokens.len()).find(|at| is_punct(&tokens[*at], ';')).unwrap_or(tokens.len());
                for (path, name) in tree(&tokens[at + 1..end], &[]) {
                    let known = matches!(path[0].as_str(), "crate" | "super" | "self")
                        || file.children.contains(&path[0]);
                    if known {
                        let path = absolute(&path, own);
                        file.names.insert(name, path.clone());
                        file.paths.insert(path);
                    }
                }
                at = end;
            }
            TokenTree::Ident(word) => {
                let word = word.to_string();
                let follows = at > 0 && is_punct(&tokens[at - 1], ':');
                let known =
                    matches!(word.as_str(), "crate" | "super" | "self") || file.children.contains(&word);
                let mut path = vec![word];
                while let (Some(a), Some(b), Some(TokenTree::Ident(next))) =
                    (tokens.get(at + 1), tokens.get(at + 2), tokens.get(at + 3))
                {
                    if !is_punct(a, ':') || !is_punct(b, ':') {
                        break;
                    }
                    path.push(next.to_string());
                    at += 3;
                }
                if known && !follows && path.len() > 1 {
                    file.paths.insert(absolute(&path, own));
                }
            }
            TokenTree::Group(group) => scan(&group.stream().into_iter().collect::<Vec<_>>(), own, file),
            _ => {}
        }
        at += 1;
    }
}

/// Returns the paths of a use tree, each with the name that it introduces.
fn tree(tokens: &[TokenTree], before: &[String]) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    for item in tokens.split(|token| is_punct(token, ',')) {
        let mut path = before.to_vec();
        let mut name = None;
        let mut at = 0;
        while at < item.len() {
            match &item[at] {
                TokenTree::Ident(word) if word == "as" => {
                    name = item.get(at + 1).map(ToString::to_string);
                    break;
                }
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(group) => {
                    found.extend(tree(&group.stream().into_iter().collect::<Vec<_>>(), &path));
                    path.clear();
                }
                _ => {}
            }
            at += 1;
        }
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if let Some(last) =
            path.last().cloned().filter(|_| path.len() > before.len() || name.is_some() || !before.is_empty())
        {
            found.push((path, name.unwrap_or(last)));
        }
    }
    found
}

fn absolute(path: &[String], own: &[String]) -> Vec<String> {
    let supers = path.iter().take_while(|part| *part == "super").count();
    let (base, rest) = match path[0].as_str() {
        "crate" => (&own[..0], &path[1..]),
        "super" => (&own[..own.len().saturating_sub(supers)], &path[supers..]),
        "self" => (own, &path[1..]),
        _ => (own, path),
    };
    base.iter().chain(rest).cloned().collect()
}

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}

fn ends_item(token: &TokenTree) -> bool {
    is_punct(token, ';') || is_group(Some(token), Delimiter::Brace)
}

/// Returns whether an attribute is `[cfg(test)]` or `[test]`.
fn is_for_tests(attribute: Option<&TokenTree>) -> bool {
    let text = attribute.map(ToString::to_string).unwrap_or_default().replace(' ', "");
    text == "[cfg(test)]" || text == "[test]"
}
