//! Commands of rustc, recognised by their arguments: its version, or whether it compiles a program.

use inert_manifest_spec::types::{
    Bootstrap, CompileProbe, Item, Probe, ProbeEmit, ProbeKind, ProbeSource, RelativePath,
};

use crate::interp::Interp;
use crate::logic::{Guard, Inputs};
use crate::semantics::paths::{Location, locate};
use crate::value::{Cases, Piece, Sym, Text, Value};

/// Returns the release as `rustc --version` prints it: `1.81.0-nightly`.
pub(super) fn release() -> Text {
    Text::from_flat([
        Piece::Lit("1.".into()),
        Piece::Sym(Sym::Minor),
        Piece::Lit(".".into()),
        Piece::Sym(Sym::Patch),
        Piece::Sym(Sym::ChannelSuffix),
    ])
}

/// Returns the date of rustc's commit, in the form `2026-04-14`.
pub(super) fn commit_date() -> Text {
    let dash = || Piece::Lit("-".into());
    Text::from_flat([Piece::Sym(Sym::Year), dash(), Piece::Sym(Sym::Month), dash(), Piece::Sym(Sym::Day)])
}

fn llvm_version() -> Text {
    let dot = || Piece::Lit(".".into());
    Text::from_flat([
        Piece::Sym(Sym::LlvmMajor),
        dot(),
        Piece::Sym(Sym::LlvmMinor),
        dot(),
        Piece::Sym(Sym::LlvmPatch),
    ])
}

/// Returns where rustc knows the commit that it was built from. A distributor's build may not, and prints `unknown`.
pub(super) fn has_commit(interp: &mut Interp<'_>) -> Guard {
    interp.inputs.fact(Inputs::has_commit())
}

/// Returns the line `rustc 1.81.0 (eeb90cda1 2024-09-04)`, with the parenthesis where there is a commit, and with a
/// distributor's addition after it. Other forms violate [`crate::Assumptions::rustc_says`].
pub(super) fn version_line(interp: &mut Interp<'_>) -> Text {
    interp.assumes.rustc_says.get_or_insert_default();
    let commit = has_commit(interp);
    let about = Text::lit(" (")
        .concat(&Text::sym(Sym::ShortHash))
        .concat(&Text::lit(" "))
        .concat(&commit_date())
        .concat(&Text::sym(Sym::Vendor))
        .concat(&Text::lit(")"));
    Text::lit("rustc ").concat(&release()).concat(&under(commit, &about))
}

fn under(guard: Guard, text: &Text) -> Text {
    Text::from_pieces(text.pieces().cloned().map(|piece| (guard, piece)))
}

fn verbose_version(interp: &mut Interp<'_>) -> Text {
    let commit = has_commit(interp);
    let none = interp.inputs.not(commit);
    let or_unknown = |text: &Text| under(commit, text).concat(&under(none, &Text::lit("unknown")));
    version_line(interp)
        .concat(&Text::lit("\nbinary: rustc\ncommit-hash: "))
        .concat(&or_unknown(&Text::sym(Sym::CommitHash)))
        .concat(&Text::lit("\ncommit-date: "))
        .concat(&or_unknown(&commit_date()))
        .concat(&Text::lit("\nhost: "))
        .concat(&Text::sym(Sym::Host))
        .concat(&Text::lit("\nrelease: "))
        .concat(&release())
        .concat(&Text::lit("\nLLVM version: "))
        .concat(&llvm_version())
        .concat(&Text::lit("\n"))
}

/// The result of a command of rustc.
pub(super) enum Outcome {
    /// It succeeds and prints this text.
    Printed(Text),
    /// It succeeds where the value is true, and its output does not matter.
    Compiled(Cases),
}

/// The output that a command of rustc produces.
#[derive(Debug, Clone, Copy)]
enum Emit {
    Short(ProbeEmit),
    /// The default: rustc links.
    Link,
}

/// A command of rustc.
#[derive(Debug, Default)]
pub(super) struct Start {
    pub(super) args: Vec<Text>,
    pub(super) stdin: Option<Text>,
    /// The folder that it is started in, if the script says so.
    pub(super) folder: Option<Text>,
    pub(super) bootstrap: Bootstrap,
}

impl Start {
    /// Returns a path among the arguments as it is seen from the package's folder.
    fn at(&self, path: &Text) -> Text {
        let absolute = |path: &Text| match path.pieces().next() {
            Some(Piece::Lit(text)) => text.starts_with('/'),
            _ => true,
        };
        match &self.folder {
            Some(folder) if !absolute(path) => folder.concat(&Text::lit("/")).concat(path),
            _ => path.clone(),
        }
    }
}

/// Returns the result of a command of rustc; the error describes what is not understood.
pub(super) fn run(interp: &mut Interp<'_>, start: &Start) -> Result<Outcome, String> {
    let literal: Vec<Option<&str>> = start.args.iter().map(Text::as_lit).collect();
    match literal.as_slice() {
        [Some("--version" | "-V")] => {
            return Ok(Outcome::Printed(version_line(interp).concat(&Text::lit("\n"))));
        }
        [Some("-vV" | "-Vv")]
        | [Some("--version"), Some("--verbose" | "-v")]
        | [Some("--verbose" | "-v"), Some("--version" | "-V")] => {
            return Ok(Outcome::Printed(verbose_version(interp)));
        }
        _ => {}
    }
    compile(interp, start).map(Outcome::Compiled)
}

fn compile(interp: &mut Interp<'_>, start: &Start) -> Result<Cases, String> {
    let mut probe = CompileProbe {
        source: ProbeSource::Text(String::new()),
        edition: None,
        crate_type: None,
        cfgs: Vec::new(),
        bootstrap: start.bootstrap,
        emit: ProbeEmit::Object,
        cap_lints: false,
        rustflags: false,
        target: false,
    };
    let mut emit = Emit::Link;
    let mut source: Option<ProbeSource> = None;
    let mut name = String::new();
    let mut args = start.args.iter();
    while let Some(arg) = args.next() {
        if arg.as_sym() == Some(&Sym::Each("CARGO_ENCODED_RUSTFLAGS".into())) {
            probe.rustflags = true;
            continue;
        }
        let Some(text) = arg.as_lit() else {
            // The argument contains a symbol: `--target=<TARGET>`, `--out-dir=<OUT_DIR>`, or the path of the source.
            let pieces: Vec<Piece> = arg.pieces().cloned().collect();
            match &*pieces {
                [Piece::Lit(flag), Piece::Sym(Sym::Target)] if &**flag == "--target=" => probe.target = true,
                [Piece::Lit(flag), ..] if flag.starts_with("--out-dir=") || flag.starts_with("-o") => {}
                _ => {
                    let (found, stem) = source_of(interp, &start.at(arg))?;
                    source = Some(found);
                    name = stem;
                }
            }
            continue;
        };
        let (flag, inline) = match text.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
            _ => (text, None),
        };
        let mut value = || -> Result<Text, String> {
            match &inline {
                Some(value) => Ok(Text::lit(value)),
                None => args.next().cloned().ok_or_else(|| format!("`{flag}` lacks a value")),
            }
        };
        let known = |text: Text| {
            text.as_lit().map(str::to_owned).ok_or_else(|| format!("the value of `{flag}` is not known"))
        };
        match flag {
            "--edition" => probe.edition = Some(known(value()?)?),
            "--crate-type" => probe.crate_type = Some(known(value()?)?),
            "--crate-name" => name = known(value()?)?,
            "--cfg" => {
                let cfg = known(value()?)?;
                probe.cfgs.push(Item::always(cfg));
            }
            "--emit" => {
                let written = known(value()?)?;
                let kinds: Vec<&str> =
                    written.split(',').map(|kind| kind.split('=').next().unwrap_or(kind)).collect();
                emit = if kinds.contains(&"link") {
                    Emit::Link
                } else if kinds.contains(&"obj") {
                    Emit::Short(ProbeEmit::Object)
                } else if kinds.contains(&"llvm-ir") {
                    Emit::Short(ProbeEmit::LlvmIr)
                } else if kinds.iter().all(|kind| matches!(*kind, "metadata" | "dep-info"))
                    && kinds.contains(&"metadata")
                {
                    Emit::Short(ProbeEmit::Metadata)
                } else {
                    return Err(format!("`--emit={written}` is not understood"));
                };
            }
            "--cap-lints" => {
                value()?;
                probe.cap_lints = true;
            }
            "--out-dir" | "-o" => {
                value()?;
            }
            "--target" => {
                let target = value()?;
                if target.as_sym() == Some(&Sym::Target) {
                    probe.target = true;
                } else {
                    return Err("a probe for another target is not understood".into());
                }
            }
            "-" => {
                let text = start.stdin.as_ref().ok_or("what the probe's stdin holds is not known")?;
                let text = text.as_lit().ok_or("what the probe's stdin holds is not known")?;
                source = Some(ProbeSource::Text(text.to_owned()));
            }
            flag if flag.starts_with('-') => {
                return Err(format!("rustc's `{flag}` in a probe is not understood"));
            }
            _ => {
                let (found, stem) = source_of(interp, &start.at(arg))?;
                source = Some(found);
                if name.is_empty() {
                    name = stem;
                }
            }
        }
    }
    probe.source = source.ok_or("what rustc is asked to compile is not known")?;
    settle(interp, &mut probe, emit)?;
    let name = match &probe.source {
        ProbeSource::File(path) => {
            path.0.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned()
        }
        ProbeSource::Text(_) if name.is_empty() => "compiles".to_owned(),
        ProbeSource::Text(_) => name,
    };
    let guard = interp.ask_probe(&name, Probe { kind: ProbeKind::Compiles(probe), when: None, span: 0..0 });
    Ok(interp.boolean(guard))
}

/// Determines the crate type and the output of a probe. A probe never links, since its source could have the linker run
/// programs. The probe of a library may stop at the object file, unless its source links or includes other files.
fn settle(interp: &Interp<'_>, probe: &mut CompileProbe, emit: Emit) -> Result<(), String> {
    let text = match &probe.source {
        ProbeSource::Text(text) => text.clone(),
        ProbeSource::File(path) => match interp.source.read(&path.0) {
            Ok(Some(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
            // The probe fails, whatever output it asks for.
            _ => String::new(),
        },
    };
    if probe.crate_type.is_none() {
        if text.contains("crate_type") {
            return Err("what a probe is compiled as is not known: its source says so itself".into());
        }
        probe.crate_type = Some("bin".into());
    }
    probe.emit = match emit {
        Emit::Short(emit) => emit,
        Emit::Link => {
            let library = matches!(probe.crate_type.as_deref(), Some("lib" | "rlib" | "staticlib"));
            let elsewhere = ["link", "include", "mod "].iter().any(|word| text.contains(word));
            if !library || elsewhere {
                return Err(
                    "a probe that links what it compiles is not asked: its source could have the linker \
                            start programs"
                        .into(),
                );
            }
            ProbeEmit::Object
        }
    };
    Ok(())
}

fn source_of(interp: &mut Interp<'_>, text: &Text) -> Result<(ProbeSource, String), String> {
    let pieces: Vec<Piece> = text.pieces().cloned().collect();
    let stem = |path: &str| path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs").to_owned();
    match locate(&pieces) {
        Some(Location::Package(path)) if path.ends_with(".rs") => {
            interp.reads.insert(path.clone());
            let stem = stem(&path);
            Ok((ProbeSource::File(RelativePath(path)), stem))
        }
        Some(Location::OutDir(path)) => {
            let content = interp
                .out_files
                .get(&path)
                .cloned()
                .ok_or("what the probe compiles is not a file that the script made")?;
            let content = interp.narrow(content);
            match content.single() {
                Some(Value::Text(text)) if text.as_lit().is_some() => {
                    Ok((ProbeSource::Text(text.as_lit().unwrap_or_default().to_owned()), stem(&path)))
                }
                _ => Err("what the probe compiles is not known".into()),
            }
        }
        _ => Err(format!("the argument `{}` of rustc is not understood", text.describe())),
    }
}
