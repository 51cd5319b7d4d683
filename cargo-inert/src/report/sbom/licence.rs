//! Licence expressions of manifests as SPDX expressions. What is not understood whole is no expression.

/// The licence identifiers of the SPDX list that packages of crates.io commonly have. One that is missing here is shown
/// as text, never as an identifier.
const LICENCES: &[&str] = &[
    "0BSD",
    "AFL-2.1",
    "AFL-3.0",
    "AGPL-3.0",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Apache-1.1",
    "Apache-2.0",
    "Artistic-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-2-Clause-Patent",
    "BSD-3-Clause",
    "BSD-3-Clause-Clear",
    "BSD-4-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CDDL-1.0",
    "CDDL-1.1",
    "CDLA-Permissive-2.0",
    "CECILL-2.1",
    "EPL-1.0",
    "EPL-2.0",
    "EUPL-1.2",
    "FTL",
    "GPL-2.0",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "HPND",
    "ICU",
    "IJG",
    "ISC",
    "LGPL-2.0",
    "LGPL-2.0-only",
    "LGPL-2.0-or-later",
    "LGPL-2.1",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "Libpng",
    "MIT",
    "MIT-0",
    "MPL-1.1",
    "MPL-2.0",
    "MS-PL",
    "MulanPSL-2.0",
    "NCSA",
    "OFL-1.1",
    "OpenSSL",
    "PostgreSQL",
    "Python-2.0",
    "Ruby",
    "SSPL-1.0",
    "TCL",
    "UPL-1.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Vim",
    "W3C",
    "WTFPL",
    "X11",
    "Zlib",
    "bzip2-1.0.6",
    "curl",
    "libpng-2.0",
    "libtiff",
    "zlib-acknowledgement",
];

/// The exceptions of the SPDX list that packages commonly have.
const EXCEPTIONS: &[&str] = &[
    "Classpath-exception-2.0",
    "GCC-exception-3.1",
    "LLVM-exception",
    "OpenSSL-exception",
    "Linux-syscall-note",
];

/// Returns the SPDX expression that a manifest's `license` is. A `/` between two licences is Cargo's older way to
/// write `OR`.
pub(super) fn expression(text: &str) -> Option<String> {
    let spaced = text.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    either(&words, &mut at).filter(|()| at == words.len())?;
    let mut out = String::new();
    for word in words {
        let joined = out.is_empty() || out.ends_with('(') || word == ")";
        out.push_str(if joined { "" } else { " " });
        out.push_str(word);
    }
    Some(out)
}

/// `a OR b AND c`: operators of both kinds, since only the form matters here.
fn either(words: &[&str], at: &mut usize) -> Option<()> {
    one(words, at)?;
    while words.get(*at).is_some_and(|word| ["OR", "AND"].contains(word)) {
        *at += 1;
        one(words, at)?;
    }
    Some(())
}

fn one(words: &[&str], at: &mut usize) -> Option<()> {
    let word = words.get(*at)?;
    *at += 1;
    if *word == "(" {
        // A manifest is not trusted to be shallow.
        (*at < 64).then_some(())?;
        either(words, at)?;
        (*words.get(*at)? == ")").then_some(())?;
        *at += 1;
        return Some(());
    }
    let name = word.strip_suffix('+').unwrap_or(word);
    LICENCES.contains(&name).then_some(())?;
    if words.get(*at) == Some(&"WITH") {
        EXCEPTIONS.contains(words.get(*at + 1)?).then_some(())?;
        *at += 2;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_expressions() {
        for (text, expected) in [
            ("MIT", Some("MIT")),
            ("MIT/Apache-2.0", Some("MIT OR Apache-2.0")),
            ("MIT OR Apache-2.0 WITH LLVM-exception", Some("MIT OR Apache-2.0 WITH LLVM-exception")),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", Some("(MIT OR Apache-2.0) AND Unicode-3.0")),
            ("GPL-2.0+", Some("GPL-2.0+")),
            ("MIT OR", None),
            ("MIT Apache-2.0", None),
            ("Proprietary", None),
            ("(MIT", None),
            ("MIT)", None),
            ("", None),
            ("MIT WITH x", None),
            ("<script>", None),
        ] {
            assert_eq!(expression(text).as_deref(), expected, "{text}");
        }
        assert_eq!(expression(&"( ".repeat(10_000)), None);
    }
}
