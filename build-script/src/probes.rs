//! Questions to rustc and the machine.

use std::ffi::OsStr;

use crate::Outcome;
use crate::script::Script;
use crate::toml::{Table, Value};

/// The answer of a probe: `None` is no; a yes may have a value.
pub(crate) type Answer = Option<Option<String>>;

/// Runs one probe of any kind.
pub(crate) fn ask<'d>(script: &mut Script<'d>, probe: &'d Table) -> Outcome<Answer> {
    let text = |key: &str| probe.get(key).and_then(Value::text);
    if let Some(path) = text("compiles") {
        let source = script.inside(path);
        return if script.is_file(&source) { compiles(script, probe, source) } else { Ok(None) };
    }
    if let Some(source) = text("compiles-text") {
        let path = script.scratch.clone() + "/probe.rs";
        script.write(&path, source.as_bytes())?;
        return compiles(script, probe, path);
    }
    if let Some(path) = text("path-exists") {
        script.uses(path);
        return Ok(yes(std::path::Path::new(path).exists()));
    }
    #[cfg(feature = "discovery")]
    if let Some(name) = text("variable") {
        let value = script.pc_variable(text("library").unwrap_or_default(), name)?;
        return Ok(match (value, text("word")) {
            (value, None) => value.map(Some),
            (Some(value), Some(word)) => yes(crate::condition::has(&value, ' ', word)),
            (None, Some(_)) => None,
        });
    }
    #[cfg(feature = "source-builds")]
    return crate::c::probe(script, probe);
    #[cfg(not(feature = "source-builds"))]
    Err(crate::script::lacking(if text("variable").is_some() { "discovery" } else { "source-builds" }))
}

/// Makes an answer without a value.
pub(crate) fn yes(answer: bool) -> Answer {
    answer.then_some(None)
}

fn compiles<'d>(script: &mut Script<'d>, probe: &'d Table, source: String) -> Outcome<Answer> {
    let text = |key: &str| probe.get(key).and_then(Value::text);
    let on = |key: &str| !matches!(probe.get(key), Some(Value::Boolean(false)));
    let folder = script.probe_folder()?;
    let rule = folder.clone() + "/probe.d";
    let mut args = Vec::new();
    if let Some(edition) = text("edition") {
        args.push("--edition=".to_owned() + edition);
    }
    args.push("--crate-name=inert_probe".to_owned());
    args.push("--crate-type=".to_owned() + text("crate-type").unwrap_or("lib"));
    if on("cap-lints") {
        args.push("--cap-lints=allow".to_owned());
    }
    if on("target") {
        args.push("--target".to_owned());
        args.push(script.cargo("TARGET").to_owned());
    }
    for cfg in script.texts(probe.get("cfgs"))? {
        args.push("--cfg".to_owned());
        args.push(cfg.to_owned());
    }
    args.push(format!("--emit={},dep-info={}", text("emit").unwrap_or("metadata"), rule));
    args.push("--out-dir".to_owned());
    args.push(folder);
    if on("rustflags") {
        for flag in script.cargo("CARGO_ENCODED_RUSTFLAGS").split('\x1f') {
            if !flag.is_empty() {
                args.push(flag.to_owned());
            }
        }
    }
    args.push(source);
    let set: &[(&str, Option<&str>)] = match text("rustc-bootstrap") {
        Some("set") => &[("RUSTC_BOOTSTRAP", Some("1"))],
        Some("unset") => &[("RUSTC_BOOTSTRAP", None)],
        _ => {
            script.env("RUSTC_BOOTSTRAP");
            &[]
        }
    };
    let output = script.run(OsStr::new(script.cargo("RUSTC")), &args, set)?;
    // An error about an unknown target does not answer the question.
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("could not find specification for target")
        || said.contains("error loading target specification")
    {
        return Err(said);
    }
    // Each file that was read has a rule of its own there.
    for line in std::fs::read_to_string(rule).unwrap_or_default().lines() {
        if let Some(path) = line.strip_suffix(':') {
            if !path.starts_with(&script.scratch) {
                script.uses(&path.replace("\\ ", " "));
            }
        }
    }
    Ok(yes(output.status.success()))
}
