//! Tests whether rustc accepts a source for the target. It checks the source, or writes an object; it never starts
//! a linker.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use inert_manifest_spec::{Bootstrap, CompileProbe, ProbeEmit, ProbeSource};

use crate::engine::{Engine, Result, io};
use crate::failure::{FailureKind, Outcome};
use crate::outcomes::Answer;
use crate::world::Run;

/// Compiles the source in a folder of Inert's own and returns whether rustc accepted it.
pub(super) fn compiles(engine: &mut Engine<'_>, place: &str, probe: &CompileProbe) -> Result<Answer> {
    let folder = engine.world.scratch_folder("probe").map_err(|error| io(&engine.world.scratch, &error))?;
    let mut text = String::new();
    let source = match &probe.source {
        ProbeSource::File(path) => {
            let root = engine.request.package.manifest_dir.clone();
            let source = engine.inside(place, &root, path)?;
            // If a script's probe is missing, the script sees rustc fail.
            let Ok(bytes) = engine.world.read(&source) else {
                engine.attempt(place, "rustc", &path.0, Outcome::Failed("the source is not there".into()));
                return Ok(Answer::default());
            };
            text.push_str(&String::from_utf8_lossy(&bytes));
            source
        }
        ProbeSource::Text(written) => {
            let source = folder.join("probe.rs");
            engine.world.write(&source, written.as_bytes()).map_err(|error| io(&source, &error))?;
            text.push_str(written);
            source
        }
    };
    let rule = folder.join("probe.d");
    let run = command(engine, place, probe, (source, &text), &folder, &rule)?;
    let output = engine.world.run(&run).map_err(|error| FailureKind::Tool {
        place: place.to_owned(),
        command: run.command_line(),
        output: error.to_string(),
    })?;
    // An error about an unknown target does not answer the question.
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("could not find specification for target")
        || said.contains("error loading target specification")
    {
        return Err(FailureKind::Tool {
            place: place.to_owned(),
            command: run.command_line(),
            output: output.text(),
        });
    }
    // Modules and included files are read too, and matter as much as the source.
    if let Ok(text) = engine.world.read_text(&rule) {
        for path in inert_vendored_fallbacks::depfile::parse(&text) {
            if path.is_absolute() && !path.starts_with(&folder) {
                engine.world.uses(&path);
            }
        }
    }
    let outcome = if output.success {
        Outcome::Chosen("rustc accepts it".into())
    } else {
        let text = output.text();
        let first = text.lines().find(|line| line.starts_with("error")).unwrap_or("rustc rejects it");
        Outcome::Failed(first.to_owned())
    };
    engine.attempt(place, "rustc", &run.command_line(), outcome);
    Ok(Answer::yes_or_no(output.success))
}

fn command(
    engine: &mut Engine<'_>,
    place: &str,
    probe: &CompileProbe,
    (source, text): (PathBuf, &str),
    folder: &std::path::Path,
    rule: &std::path::Path,
) -> Result<Run> {
    let mut args: Vec<OsString> = Vec::new();
    let mut word = |word: &str| args.push(word.into());
    if let Some(edition) = &probe.edition {
        word(&format!("--edition={edition}"));
    }
    word("--crate-name=inert_probe");
    word(&format!("--crate-type={}", probe.crate_type.as_deref().unwrap_or("lib")));
    if probe.cap_lints {
        word("--cap-lints=allow");
    }
    if probe.target {
        word("--target");
        word(&engine.request.target.triple);
    }
    for cfg in engine.items(&probe.cfgs)? {
        args.extend(["--cfg".into(), OsString::from(cfg)]);
    }
    let emit = match probe.emit {
        ProbeEmit::Metadata => "metadata",
        ProbeEmit::Object => "obj",
        ProbeEmit::LlvmIr => "llvm-ir",
    };
    let mut dep_info = OsString::from(format!("--emit={emit},dep-info="));
    dep_info.push(rule);
    args.extend([dep_info, "--out-dir".into(), folder.into()]);
    if probe.bootstrap == Bootstrap::Set {
        args.push(allowed_features(text).into());
    }
    if probe.rustflags {
        let flags = &engine.request.rustflags;
        if let Some(flag) = flags.iter().find(|flag| emits(flag)) {
            return Err(FailureKind::Tool {
                place: place.to_owned(),
                command: format!("rustc {flag}"),
                output: "a flag of RUSTFLAGS says what is emitted, or where; with it no probe is asked"
                    .into(),
            });
        }
        args.extend(flags.iter().map(OsString::from));
    }
    args.push(source.into());
    let bootstrap = match probe.bootstrap {
        Bootstrap::Inherit => {
            // The variable is read only for the journal; the probe inherits it from the environment.
            engine.world.env("RUSTC_BOOTSTRAP");
            None
        }
        Bootstrap::Unset => Some(("RUSTC_BOOTSTRAP".into(), None)),
        Bootstrap::Set => Some(("RUSTC_BOOTSTRAP".into(), Some("1".into()))),
    };
    Ok(Run {
        program: engine.request.rustc.path.clone(),
        args,
        env: bootstrap.into_iter().collect(),
        stdin: None,
    })
}

/// Returns whether a flag of RUSTFLAGS may make rustc emit more than the probe requests, or elsewhere.
fn emits(flag: &str) -> bool {
    let long = ["--emit", "--out-dir", "--print", "--crate-type", "--test"];
    long.iter().any(|name| flag == *name || flag.starts_with(&format!("{name}=")))
        || flag.strip_prefix('-').is_some_and(|rest| !rest.starts_with('-') && rest.starts_with('o'))
}

/// Returns the flag that limits the features of a source. With RUSTC_BOOTSTRAP a source may use any feature that it
/// names, except those of rustc's own tests, one of whose attributes writes files to given paths.
fn allowed_features(text: &str) -> String {
    let words: BTreeSet<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()) && !word.starts_with("rustc"))
        .collect();
    format!("-Zallow-features={}", Vec::from_iter(words).join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_that_emit() {
        for flag in ["--emit=link", "--emit", "-o", "-ox", "--out-dir=/x", "--test", "--print=cfg"] {
            assert!(emits(flag), "{flag}");
        }
        for flag in ["-Copt-level=3", "-C", "--cfg=o", "--cfg", "opt-level=2", "-Zx", "-O"] {
            assert!(!emits(flag), "{flag}");
        }
    }

    #[test]
    fn features_are_those_that_the_source_names() {
        let text = "#![feature(proc_macro_span, rustc_attrs)]";
        assert_eq!(allowed_features(text), "-Zallow-features=feature,proc_macro_span");
    }
}
