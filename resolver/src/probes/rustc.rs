//! Whether rustc accepts a source for the target.

use std::ffi::OsString;
use std::path::PathBuf;

use inert_manifest_spec::{Bootstrap, CompileProbe, ProbeEmit, ProbeSource};

use crate::engine::{Engine, Result, io};
use crate::failure::{FailureKind, Outcome};
use crate::outcomes::Answer;
use crate::world::Run;

/// Compiles the source in a folder of Inert's own and tells whether rustc was content.
pub(super) fn compiles(engine: &mut Engine<'_>, place: &str, probe: &CompileProbe) -> Result<Answer> {
    let folder = engine.world.scratch_folder("probe").map_err(|error| io(&engine.world.scratch, &error))?;
    let source = match &probe.source {
        ProbeSource::File(path) => {
            let root = engine.request.package.manifest_dir.clone();
            let source = engine.inside(place, &root, path)?;
            // A script that finds its probe missing sees rustc fail.
            if engine.world.read(&source).is_err() {
                engine.attempt(place, "rustc", &path.0, Outcome::Failed("the source is not there".into()));
                return Ok(Answer::default());
            }
            source
        }
        ProbeSource::Text(text) => {
            let source = folder.join("probe.rs");
            engine.world.write(&source, text.as_bytes()).map_err(|error| io(&source, &error))?;
            source
        }
    };
    let rule = folder.join("probe.d");
    let run = command(engine, probe, source, &folder, &rule)?;
    let output = engine.world.run(&run).map_err(|error| FailureKind::Tool {
        place: place.to_owned(),
        command: run.command_line(),
        output: error.to_string(),
    })?;
    // That the target is unknown to this rustc is no answer to the question.
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
    // Modules and included files are read too, and count as much as the source.
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
    probe: &CompileProbe,
    source: PathBuf,
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
        ProbeEmit::Link => "link",
    };
    let mut dep_info = OsString::from(format!("--emit={emit},dep-info="));
    dep_info.push(rule);
    args.extend([dep_info, "--out-dir".into(), folder.into()]);
    if probe.rustflags {
        args.extend(engine.request.rustflags.iter().map(OsString::from));
    }
    args.push(source.into());
    let bootstrap = match probe.bootstrap {
        Bootstrap::Inherit => {
            // Read, so that the journal knows that it mattered; it is in the environment as it is.
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
