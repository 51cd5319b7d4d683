//! Writes values on one line.

use crate::{PathRef, RelativePath, Text, TextPart};

/// Returns a text with its `${…}` variables, as it is written between quotes.
#[must_use]
pub fn text(text: &Text) -> String {
    let mut written = String::new();
    for (index, part) in text.parts.iter().enumerate() {
        match part {
            TextPart::Variable(name) => {
                written.push_str("${");
                written.push_str(name);
                written.push('}');
            }
            TextPart::Literal(literal) => {
                let mut characters = literal.chars().peekable();
                while let Some(c) = characters.next() {
                    written.push(c);
                    // A dollar sign is doubled only if it would otherwise be read as an escape or a variable.
                    let ambiguous = match characters.peek() {
                        Some(next) => matches!(next, '$' | '{'),
                        None => index + 1 < text.parts.len(),
                    };
                    if c == '$' && ambiguous {
                        written.push('$');
                    }
                }
            }
        }
    }
    written
}

/// Returns a path with the folder that it begins in.
#[must_use]
pub fn path(path: &PathRef) -> String {
    let inside = |base: String, RelativePath(rest): &RelativePath| match rest.as_str() {
        "." => base,
        rest => format!("{base}/{rest}"),
    };
    match path {
        PathRef::Package(RelativePath(path)) => path.clone(),
        PathRef::OutDir(path) => inside("${out-dir}".to_owned(), path),
        PathRef::LibraryInclude(library) => format!("${{library.{library}.include}}"),
        PathRef::LibraryIncludeLast(library) => format!("${{library.{library}.include[-1]}}"),
        PathRef::LibraryLib(library) => format!("${{library.{library}.lib}}"),
        PathRef::Dep { links, key, first, path } => {
            let at = if *first { "[0]" } else { "" };
            inside(format!("${{dep.{links}.{key}{at}}}"), path)
        }
        PathRef::BuildDependency { package, path } => {
            inside(format!("${{build-dependency.{package}.root}}"), path)
        }
    }
}
