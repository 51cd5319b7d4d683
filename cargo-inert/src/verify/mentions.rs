//! The literals in a script's source, which tell which inputs are worth varying. They are only hints, so the source is
//! read without a parser.

use std::collections::BTreeSet;
use std::path::Path;

/// The literals of a script's source.
#[derive(Debug, Clone, Default)]
pub struct Mentions {
    /// The contents of string literals.
    pub texts: BTreeSet<String>,
    /// Small numbers, which may be minor versions.
    pub numbers: BTreeSet<u64>,
    /// The features in `#[cfg]`, which are evaluated when the script is compiled.
    pub cfg_features: BTreeSet<String>,
    /// The variables in `option_env!`, which are read when the script is compiled.
    pub built_in: BTreeSet<String>,
    /// True if the source depends on debug assertions, which are set when the script is compiled.
    pub debug_assertions: bool,
}

impl Mentions {
    /// Returns the literals of a script and of the modules beside and below it.
    #[must_use]
    pub fn of_script(root: &Path, script: &str) -> Self {
        let path = root.join(script);
        let mut mentions = Self::default();
        mentions.file(&path);
        // A script in the package's root: of the other files there only its modules are read.
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for line in text.lines() {
            let module = line.trim().trim_start_matches("pub ").strip_prefix("mod ");
            if let Some(name) = module.and_then(|rest| rest.trim().strip_suffix(';')) {
                mentions.file(&path.with_file_name(format!("{name}.rs")));
            }
        }
        let stem = path.with_extension("");
        let beside = path.parent().filter(|folder| *folder != root);
        for folder in [Some(stem.as_path()), beside].into_iter().flatten() {
            mentions.folder(folder, 0);
        }
        mentions
    }

    /// Adds the literals of a text.
    pub fn add(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'/' if bytes.get(at + 1) == Some(&b'/') => {
                    while at < bytes.len() && bytes[at] != b'\n' {
                        at += 1;
                    }
                }
                b'\'' => {
                    // Skip a character literal; a lifetime has no closing quote.
                    let end = bytes[at + 1..].iter().take(12).position(|byte| *byte == b'\'');
                    let escaped = bytes.get(at + 1) == Some(&b'\\');
                    at += match end {
                        Some(end) if end <= 1 || escaped => end.max(1) + 2,
                        _ => 1,
                    };
                }
                b'r' if raw_start(&bytes[at..]).is_some() => {
                    let (open, hashes) = raw_start(&bytes[at..]).unwrap_or_default();
                    let start = at + open;
                    let close = format!("\"{}", "#".repeat(hashes));
                    let end = text
                        .get(start..)
                        .and_then(|rest| rest.find(&close))
                        .map_or(bytes.len(), |end| start + end);
                    self.texts.extend(text.get(start..end).map(str::to_owned));
                    at = end + close.len();
                }
                b'"' => {
                    let mut literal = String::new();
                    at += 1;
                    while at < bytes.len() && bytes[at] != b'"' {
                        if bytes[at] == b'\\' {
                            at += 1;
                        }
                        if let Some(c) = bytes.get(at) {
                            literal.push(char::from(*c));
                        }
                        at += 1;
                    }
                    at += 1;
                    self.texts.insert(literal);
                }
                byte if byte.is_ascii_digit() && (at == 0 || !is_word(bytes[at - 1])) => {
                    let start = at;
                    while at < bytes.len() && is_word(bytes[at]) {
                        at += 1;
                    }
                    self.numbers.extend(text.get(start..at).and_then(|number| number.parse::<u64>().ok()));
                }
                _ => at += 1,
            }
        }
        for (at, word) in text.match_indices("feature") {
            let rest = text[at + word.len()..].trim_start();
            let value = rest.strip_prefix('=').map(str::trim_start).unwrap_or_default();
            let name = value.strip_prefix('"').and_then(|rest| rest.split('"').next());
            self.cfg_features.extend(name.map(str::to_owned));
            // A macro parameter in the place of the feature: any string literal of the source may be the argument.
            if value.starts_with('$') {
                self.cfg_features.extend(self.texts.iter().cloned());
            }
        }
        self.debug_assertions |= text.contains("debug_assert");
        for (at, word) in text.match_indices("option_env!") {
            let rest = text[at + word.len()..].trim_start_matches(|c: char| c.is_whitespace() || c == '(');
            let name = rest.strip_prefix('"').and_then(|rest| rest.split('"').next());
            self.built_in.extend(name.map(str::to_owned));
        }
        let versions: Vec<u64> = self.texts.iter().flat_map(|text| minors(text)).collect();
        self.numbers.extend(versions);
    }

    /// Returns the string literals that look like variables of the caller, without those that Cargo sets.
    #[must_use]
    pub fn variables(&self) -> BTreeSet<String> {
        let shouted = |text: &&String| {
            text.len() > 2
                && text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
                && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        };
        self.texts.iter().filter(shouted).filter(|name| !is_cargos(name)).cloned().collect()
    }

    /// Returns the rest of each string literal that begins with `start`.
    pub fn starting_with(&self, start: &'static str) -> impl Iterator<Item = &str> {
        self.texts.iter().filter_map(move |text| text.strip_prefix(start)).filter(|rest| !rest.is_empty())
    }

    fn file(&mut self, path: &Path) {
        if std::fs::metadata(path).is_ok_and(|found| found.len() < 1 << 20)
            && let Ok(text) = std::fs::read_to_string(path)
        {
            self.add(&text);
        }
    }

    fn folder(&mut self, folder: &Path, depth: usize) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten().take(200) {
            let path = entry.path();
            if path.is_dir() && depth < 3 {
                self.folder(&path, depth + 1);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                self.file(&path);
            }
        }
    }
}

/// Returns whether Cargo sets the variable, or a change of it would affect the tools as well.
fn is_cargos(name: &str) -> bool {
    const OWN: &[&str] = &[
        "OUT_DIR",
        "TARGET",
        "HOST",
        "PROFILE",
        "OPT_LEVEL",
        "DEBUG",
        "NUM_JOBS",
        "RUSTC",
        "RUSTDOC",
        "RUSTC_LINKER",
        "CARGO",
        "PATH",
        "HOME",
        "TMPDIR",
        "LD_LIBRARY_PATH",
        "RUSTUP_TOOLCHAIN",
        "RUSTUP_HOME",
    ];
    OWN.contains(&name) || ["CARGO_", "DEP_"].iter().any(|start| name.starts_with(start))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.'
}

/// Returns the length of `r##"` and its number of hashes.
fn raw_start(bytes: &[u8]) -> Option<(usize, usize)> {
    let hashes = bytes[1..].iter().take_while(|byte| **byte == b'#').count();
    (bytes.get(1 + hashes) == Some(&b'"')).then_some((hashes + 2, hashes))
}

/// Returns the minor versions in a text such as `>=1.64`.
fn minors(text: &str) -> Vec<u64> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("1.") {
        let digits: String = text[at + 2..].chars().take_while(char::is_ascii_digit).collect();
        found.extend(digits.parse::<u64>().ok());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_found() {
        let mut mentions = Mentions::default();
        mentions.add("// \"no\"\nfn f<'a>(x: &'a str) { env(\"ZLIB_DIR\"); let c = '\"'; if minor < 64 && v(r#\"1.32\"#) {} }");
        assert!(mentions.variables().contains("ZLIB_DIR"));
        assert!(!mentions.texts.contains("no"));
        mentions.add("option_env!(\"DEMO\").is_some()");
        assert!(mentions.built_in.contains("DEMO"));
        assert!(mentions.numbers.contains(&64) && mentions.numbers.contains(&32));
    }
}
