//! Parses a command line of rustc or rustdoc as the `getopts` library does, which both use: long names in full, short
//! names in clusters, a value in the same argument or in the next one. rustc reads an argument that begins with `@` as
//! a file with more arguments, in every position.

use std::ops::Range;

/// An option that the program knows.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The short name, such as `C`; empty if there is none.
    pub short: &'static str,
    /// The long name, such as `codegen`; empty if there is none.
    pub long: &'static str,
    /// True if the option takes a value.
    pub valued: bool,
}

/// One option as it was given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The long name of the option; its short name if it has no long one.
    pub name: &'static str,
    /// The value; empty if the option takes none.
    pub value: String,
    /// The indices of the arguments that hold the option.
    pub words: Range<usize>,
}

/// An argument that cannot be read as an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// The index of the argument.
    pub word: usize,
    /// The reason, as the end of a sentence about the argument.
    pub why: &'static str,
}

/// Parses the arguments into options.
///
/// # Errors
/// The program would refuse an argument, or would read it as something other than an option: a file to compile, or a
/// file with more arguments.
pub fn parse(words: &[String], known: &'static [Known]) -> Result<Vec<Given>, Misread> {
    let mut given = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let word = words[at].as_str();
        if word.starts_with('@') {
            return Err(Misread { word: at, why: "reads more flags from a file; write them here" });
        }
        if word == "--" || word == "-" || !word.starts_with('-') {
            return Err(Misread { word: at, why: "is no option: the compiler takes it for a file" });
        }
        let start = at;
        let misread = |why| Misread { word: start, why };
        at += 1;
        // Find the option, and its value if the same argument holds one.
        let (option, mut value) = if let Some(long) = word.strip_prefix("--") {
            let (name, value) =
                long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            // getopts reads `--x` with a single letter as the short option `x`.
            let found = known.iter().find(|known| {
                !name.is_empty()
                    && if name.chars().count() == 1 { known.short == name } else { known.long == name }
            });
            let option = found.ok_or_else(|| misread("is no option that the compiler is known to have"))?;
            if value.is_some() && !option.valued {
                return Err(misread("has a value, which the option does not take"));
            }
            (option, value.map(str::to_owned))
        } else {
            let mut letters = word[1..].char_indices().peekable();
            loop {
                let (offset, letter) = letters.next().ok_or_else(|| misread("is no option"))?;
                let found = known.iter().find(|known| known.short.starts_with(letter));
                let option =
                    found.ok_or_else(|| misread("holds a letter that is no option of the compiler"))?;
                let rest = &word[1 + offset + letter.len_utf8()..];
                if option.valued {
                    break (option, Some(rest.to_owned()).filter(|rest| !rest.is_empty()));
                }
                if rest.is_empty() {
                    break (option, None);
                }
                given.push(Given { name: name_of(option), value: String::new(), words: start..at });
            }
        };
        if option.valued && value.is_none() {
            let next = words
                .get(at)
                .ok_or_else(|| misread("lacks its value, and would take the next flag for it"))?;
            if next.starts_with('@') {
                return Err(Misread { word: at, why: "reads more flags from a file; write them here" });
            }
            value = Some(next.clone());
            at += 1;
        }
        given.push(Given { name: name_of(option), value: value.unwrap_or_default(), words: start..at });
    }
    Ok(given)
}

fn name_of(option: &Known) -> &'static str {
    if option.long.is_empty() { option.short } else { option.long }
}

const fn flag(short: &'static str, long: &'static str) -> Known {
    Known { short, long, valued: false }
}

const fn valued(short: &'static str, long: &'static str) -> Known {
    Known { short, long, valued: true }
}

/// The options of rustc (`rustc --help -v`, and those that it does not list).
pub const RUSTC: &[Known] = &[
    flag("h", "help"),
    valued("", "cfg"),
    valued("", "check-cfg"),
    valued("L", ""),
    valued("l", ""),
    valued("", "crate-type"),
    valued("", "crate-name"),
    valued("", "edition"),
    valued("", "emit"),
    valued("", "print"),
    flag("g", ""),
    flag("O", ""),
    valued("o", ""),
    valued("", "out-dir"),
    valued("", "explain"),
    flag("", "test"),
    valued("", "target"),
    valued("A", "allow"),
    valued("W", "warn"),
    valued("", "force-warn"),
    valued("D", "deny"),
    valued("F", "forbid"),
    valued("", "cap-lints"),
    valued("C", "codegen"),
    flag("V", "version"),
    flag("v", "verbose"),
    valued("", "extern"),
    valued("", "sysroot"),
    valued("Z", ""),
    valued("", "error-format"),
    valued("", "json"),
    valued("", "color"),
    valued("", "diagnostic-width"),
    valued("", "remap-path-prefix"),
    valued("", "remap-path-scope"),
    valued("", "env-set"),
];

/// The options of rustdoc (`rustdoc --help`).
pub const RUSTDOC: &[Known] = &[
    flag("h", "help"),
    flag("V", "version"),
    flag("v", "verbose"),
    valued("w", "output-format"),
    valued("", "output"),
    valued("o", "out-dir"),
    valued("", "crate-name"),
    valued("", "crate-type"),
    valued("L", "library-path"),
    valued("", "cfg"),
    valued("", "check-cfg"),
    valued("", "extern"),
    valued("", "extern-html-root-url"),
    flag("", "extern-html-root-takes-precedence"),
    valued("C", "codegen"),
    flag("", "document-private-items"),
    flag("", "document-hidden-items"),
    flag("", "test"),
    valued("", "test-args"),
    valued("", "test-run-directory"),
    valued("", "target"),
    valued("", "markdown-css"),
    valued("", "html-in-header"),
    valued("", "html-before-content"),
    valued("", "html-after-content"),
    valued("", "markdown-before-content"),
    valued("", "markdown-after-content"),
    valued("", "markdown-playground-url"),
    flag("", "markdown-no-toc"),
    valued("e", "extend-css"),
    valued("Z", ""),
    valued("", "sysroot"),
    valued("", "playground-url"),
    flag("", "display-doctest-warnings"),
    valued("", "crate-version"),
    flag("", "sort-modules-by-appearance"),
    valued("", "default-theme"),
    valued("", "default-setting"),
    valued("", "theme"),
    valued("", "check-theme"),
    valued("", "resource-suffix"),
    valued("", "edition"),
    valued("", "color"),
    valued("", "error-format"),
    valued("", "diagnostic-width"),
    valued("", "json"),
    valued("A", "allow"),
    valued("W", "warn"),
    valued("", "force-warn"),
    valued("D", "deny"),
    valued("F", "forbid"),
    valued("", "cap-lints"),
    valued("", "index-page"),
    flag("", "enable-index-page"),
    valued("", "static-root-path"),
    valued("", "persist-doctests"),
    flag("", "show-coverage"),
    valued("", "test-runtool"),
    valued("", "test-runtool-arg"),
    valued("", "test-builder"),
    valued("", "test-builder-wrapper"),
    flag("", "check"),
    flag("", "generate-redirect-map"),
    valued("", "emit"),
    flag("", "no-run"),
    valued("", "merge-doctests"),
    valued("", "remap-path-prefix"),
    valued("", "remap-path-scope"),
    flag("", "show-type-layout"),
    flag("", "no-capture"),
    flag("", "nocapture"),
    flag("", "generate-link-to-definition"),
    flag("", "generate-macro-expansion"),
    valued("", "scrape-examples-output-path"),
    valued("", "scrape-examples-target-crate"),
    flag("", "scrape-tests"),
    valued("", "with-examples"),
    valued("", "merge"),
    valued("", "parts-out-dir"),
    valued("", "include-parts-dir"),
    flag("", "html-no-source"),
    valued("", "doctest-build-arg"),
    flag("", "disable-minification"),
    valued("", "plugin-path"),
    valued("", "passes"),
    valued("", "plugins"),
    flag("", "no-defaults"),
    valued("r", "input-format"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<(&'static str, String)>, &'static str> {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let parsed = parse(&words, RUSTC).map_err(|misread| misread.why)?;
        Ok(parsed.into_iter().map(|given| (given.name, given.value)).collect())
    }

    #[test]
    fn reads_as_rustc_does() {
        let codegen = |value: &str| Ok(vec![("codegen", value.to_owned())]);
        for text in ["-C x=1", "-Cx=1", "--codegen x=1", "--codegen=x=1", "--C=x=1"] {
            assert_eq!(of(text), codegen("x=1"), "{text}");
        }
        assert_eq!(of("-C=x"), codegen("=x"));
        assert_eq!(of("-C -Z"), codegen("-Z"));
        assert_eq!(
            of("-gOClinker=x"),
            Ok(vec![("g", String::new()), ("O", String::new()), ("codegen", "linker=x".to_owned())])
        );
        for text in
            ["-C", "--codege=x", "-gx", "--test=x", "x.rs", "--", "-", "@x", "-C @x", "--=x", "-\u{e9}"]
        {
            assert!(of(text).is_err(), "{text}");
        }
    }
}
