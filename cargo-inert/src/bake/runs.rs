//! Runs a compiled script in WebAssembly, for one set of features and one target and with everything else varied, and
//! takes down what it says as texts of the schema.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use inert_build_output::Instruction;
use inert_manifest_spec::{Text, TextPart};
use inert_wasi::{Inputs, Limits};

use crate::verify::case::{CTools, Case, Libraries, Profile, Programs, Release};
use crate::verify::manifest::Manifest;
use crate::verify::shim::Probes;
use crate::verify::simulate::{self, Place, Variables};
use crate::verify::targets::Rustc;

/// The output of a run of a script, as texts of the schema: `${out-dir}`, `${manifest-dir}` and `${target}` replace
/// their values.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// The values of `rustc-cfg`.
    pub cfgs: BTreeSet<String>,
    /// The names of `rustc-check-cfg` without values.
    pub known_cfgs: BTreeSet<String>,
    /// The variables of `rustc-env`.
    pub env: BTreeMap<String, String>,
    /// The metadata for dependents.
    pub metadata: BTreeMap<String, String>,
    /// The values of `rustc-link-lib`, in order.
    pub libs: Vec<String>,
    /// The warnings, in order.
    pub warnings: Vec<String>,
    /// The files in OUT_DIR.
    pub files: BTreeMap<String, String>,
    /// The paths below the package that it asked for.
    pub read: BTreeSet<String>,
}

/// The script that is run.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    /// The content of the compiled module, in WebAssembly's binary format.
    pub module: &'a [u8],
    /// The copy of its package that it was compiled from.
    pub package: &'a Path,
    /// The manifest of the package.
    pub manifest: &'a Manifest,
    /// The compiler's facts about targets.
    pub rustc: &'a Rustc,
    /// Texts that no output may hold, such as the user's home.
    pub foreign: &'a [String],
}

/// Parts of names of variables that tell a script about its target.
const ABOUT_TARGETS: &[&str] = &["TARGET", "HOST", "CARGO_CFG_"];

/// Returns whether a module may ask about its target: the name of a variable that it reads is among its constants.
#[must_use]
pub fn asks_for_target(module: &[u8]) -> bool {
    let has = |word: &&&str| module.windows(word.len()).any(|part| part == word.as_bytes());
    ABOUT_TARGETS.iter().any(|word| has(&word))
}

/// Runs the script for features and a target, and again with each other input changed, and returns what it says.
///
/// # Errors
/// A run fails, says something that no baked declaration may say, or differs from the others.
pub fn said(
    script: &Script<'_>,
    features: &BTreeSet<String>,
    others: &BTreeSet<String>,
    target: &str,
) -> Result<Said, String> {
    let case = Case {
        features: features.clone(),
        target: target.to_owned(),
        rustc: Release::Real,
        probes: Probes::Real,
        env: BTreeMap::new(),
        dep: BTreeMap::new(),
        cfgs: BTreeMap::new(),
        profile: Profile::Dev,
        libraries: Libraries::System,
        c: CTools::Noted,
        programs: Programs::AsFound,
    };
    let out_dir = script.package.with_file_name("inert-baked-out");
    let first = run(script, &case, &out_dir, &BTreeMap::new())?;
    let again = |what: &str, case: &Case, out_dir: &Path, set: &[(&str, &str)]| {
        let set = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let other = run(script, case, out_dir, &set)?;
        if other == first {
            return Ok(());
        }
        Err(format!("two runs differ: what it says depends on {what}"))
    };
    again("OUT_DIR", &case, &out_dir.with_file_name("inert-baked-out-elsewhere/x"), &[])?;
    for profile in [Profile::Release, Profile::Size] {
        again("the profile", &Case { profile, ..case.clone() }, &out_dir, &[])?;
    }
    again("NUM_JOBS", &case, &out_dir, &[("NUM_JOBS", "17")])?;
    let host = if script.rustc.host == "aarch64-apple-darwin" {
        "x86_64-unknown-linux-gnu"
    } else {
        "aarch64-apple-darwin"
    };
    again("HOST", &case, &out_dir, &[("HOST", host)])?;
    again(
        "RUSTFLAGS",
        &case,
        &out_dir,
        &[
            ("CARGO_ENCODED_RUSTFLAGS", "-Ctarget-feature=+inert\u{1f}--cfg=inert"),
            ("CARGO_CFG_TARGET_FEATURE", "inert,crt-static,sse2,avx,avx2,neon"),
            ("CARGO_CFG_PANIC", "abort"),
            ("CARGO_CFG_INERT", ""),
        ],
    )?;
    if !others.is_empty() {
        let flipped = features.symmetric_difference(others).cloned().collect();
        again(
            "features that its source does not name",
            &Case { features: flipped, ..case.clone() },
            &out_dir,
            &[],
        )?;
    }
    Ok(first)
}

fn run(script: &Script<'_>, case: &Case, out_dir: &Path, set: &Variables) -> Result<Said, String> {
    let outcome = outcome(script, case, out_dir, set)?;
    let places = [
        (out_dir.to_string_lossy().into_owned(), "out-dir"),
        (script.package.to_string_lossy().into_owned(), "manifest-dir"),
        (case.target.clone(), "target"),
    ];
    let text = |what: &str, text: &str| {
        let text = with_variables(text, &places);
        let literal = |part: &TextPart| match part {
            TextPart::Literal(literal) => {
                script.foreign.iter().find(|foreign| literal.contains(foreign.as_str())).cloned()
            }
            TextPart::Variable(_) => None,
        };
        match text.parts.iter().find_map(literal) {
            Some(foreign) => Err(format!("{what} holds a path of this machine, {foreign}")),
            None => Ok(inert_manifest_spec::write::text(&text)),
        }
    };
    let mut said = Said { read: outcome.read, ..Said::default() };
    let package = inert_build_output::Package { bootstrap: true, ..inert_build_output::Package::default() };
    for line in inert_build_output::read(&outcome.stdout, &package) {
        let shown = || format!("the line `{}`", line.text);
        match line.says {
            Err(why) => return Err(format!("Cargo rejects {}: {why}", shown())),
            Ok(Instruction::Cfg(value)) => drop(said.cfgs.insert(value.to_owned())),
            Ok(Instruction::CheckCfg(value)) => {
                let name =
                    value.strip_prefix("cfg(").and_then(|rest| rest.strip_suffix(')')).unwrap_or_default();
                if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                    said.known_cfgs.insert(name.to_owned());
                }
            }
            Ok(Instruction::Env { name, value }) => {
                drop(said.env.insert(name.to_owned(), text(&shown(), value)?))
            }
            Ok(Instruction::Metadata { key, value }) if script.manifest.links.is_some() => {
                said.metadata.insert(key.to_owned(), text(&shown(), value)?);
            }
            Ok(Instruction::LinkLib(value)) => said.libs.push(value.to_owned()),
            Ok(Instruction::Warning(value)) => said.warnings.push(text(&shown(), value)?),
            Ok(
                Instruction::Metadata { .. }
                | Instruction::RerunIfChanged(_)
                | Instruction::RerunIfEnvChanged(_),
            ) => {}
            Ok(
                Instruction::Error(_)
                | Instruction::LinkSearch(_)
                | Instruction::Flags { .. }
                | Instruction::LinkArg { .. },
            ) => {
                return Err(format!(
                    "{} is for the linker or an error: a baked declaration holds texts alone",
                    shown()
                ));
            }
        }
    }
    for (path, bytes) in &outcome.files {
        let content = std::str::from_utf8(bytes).map_err(|_| format!("`{path}` in OUT_DIR is no text"))?;
        said.files.insert(path.clone(), text(&format!("`{path}` in OUT_DIR"), content)?);
    }
    if let Some(folder) = outcome.empty_folders.first() {
        return Err(format!("`{folder}` in OUT_DIR is an empty folder"));
    }
    Ok(said)
}

/// Runs the module once, in WebAssembly.
///
/// # Errors
/// It fails, or asks for something that exists natively but not there.
pub fn outcome(
    script: &Script<'_>,
    case: &Case,
    out_dir: &Path,
    set: &Variables,
) -> Result<inert_wasi::Outcome, String> {
    let nowhere = PathBuf::from("inert-nowhere");
    let place = Place {
        package: script.package,
        out_dir,
        rustc: &nowhere,
        home: &nowhere,
        tools: &nowhere,
        pkg_config: None,
        path: "",
        cargo: &nowhere,
    };
    let mut variables = simulate::scripts(case, &place, script.manifest, script.rustc)?;
    variables.extend(set.clone());
    variables.retain(|name, _| crate::stand_in::is_cargos(name));
    let inputs = Inputs {
        package: script.package.to_path_buf(),
        hidden: crate::stand_in::hidden(script.package),
        out_dir: out_dir.to_path_buf(),
        environment: variables,
        limits: Limits::default(),
    };
    let outcome = inert_wasi::run(script.module, &inputs).map_err(|failure| failure.to_string())?;
    if outcome.code != 0 {
        let said = String::from_utf8_lossy(&outcome.stderr);
        return Err(format!("it failed with exit code {}: {}", outcome.code, said.trim()));
    }
    if outcome.asked_time {
        return Err("it asked for the time".to_owned());
    }
    if let Some(path) = outcome.out_of_reach.first() {
        return Err(format!("it asked for {path}, which is outside of its package"));
    }
    Ok(outcome)
}

/// Returns a text in which variables replace the given values. The earliest value counts, and at one position the first
/// of the list.
fn with_variables(text: &str, values: &[(String, &str)]) -> Text {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut found = Text::default();
    let mut literal = String::new();
    let mut rest = text;
    'next: while let Some(c) = rest.chars().next() {
        for (value, name) in values.iter().filter(|(value, _)| !value.is_empty()) {
            let Some(after) = rest.strip_prefix(value.as_str()) else { continue };
            // A triple, or a folder's name, may be a part of a longer one.
            let ends = !after.starts_with(is_word);
            let begins = *name != "target" || !literal.ends_with(is_word);
            if ends && begins {
                if !literal.is_empty() {
                    found.parts.push(TextPart::Literal(std::mem::take(&mut literal)));
                }
                found.parts.push(TextPart::Variable((*name).to_owned()));
                rest = after;
                continue 'next;
            }
        }
        literal.push(c);
        rest = &rest[c.len_utf8()..];
    }
    if !literal.is_empty() {
        found.parts.push(TextPart::Literal(literal));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_replaced_where_they_are_whole() {
        let values = [
            ("/o/out".to_owned(), "out-dir"),
            ("/o".to_owned(), "manifest-dir"),
            ("a-b".to_owned(), "target"),
        ];
        let written = |text: &str| inert_manifest_spec::write::text(&with_variables(text, &values));
        assert_eq!(written("/o/out/x /o/outer /o/y"), "${out-dir}/x ${manifest-dir}/outer ${manifest-dir}/y");
        assert_eq!(written("a-b xa-b a-b-c (a-b)"), "${target} xa-b a-b-c (${target})");
        assert_eq!(written("${x} $y $$"), "$${x} $y $$$");
    }
}
