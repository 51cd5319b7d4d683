//! Questions to the C compiler that `cc` chooses for the target.
//!
//! Text that is not Inert's own (a header, a program of the package) is only preprocessed or compiled to an object:
//! an object may contain instructions for a linker. Whether it would link is tested with a text of Inert's own that
//! names the symbols that the object lacks.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use inert_manifest_spec::rules::names;
use inert_manifest_spec::{CompilerFamily, ProbeKind, RelativePath};
use inert_vendored_fallbacks::Compiler;

use super::{constant, symbols, watch};
use crate::directives::Directive;
use crate::engine::{Asked, Engine, Result, io};
use crate::failure::{FailureKind, Outcome};
use crate::outcomes::Answer;
use crate::outcomes::LibraryOutcome;
use crate::world::{Output, Run};

/// Tests whether the preprocessor finds a header.
pub(super) fn header(
    engine: &mut Engine<'_>,
    place: &str,
    header: &str,
    library: Option<&str>,
) -> Result<Answer> {
    let output = preprocess(engine, place, &include(Some(header)), library)?;
    Ok(Answer::yes_or_no(output.is_some()))
}

/// Returns a macro's value after its header: a constant expression as a decimal number, a string literal as its
/// text, anything else unchanged.
///
/// All macros that the declaration asks of one header are tested in one run of the preprocessor: declarations ask
/// for about forty macros of openssl's headers.
pub(super) fn macro_value(
    engine: &mut Engine<'_>,
    place: &str,
    name: &str,
    header: &str,
    library: Option<&str>,
) -> Result<Answer> {
    let key = |name: &str| (header.to_owned(), library.map(str::to_owned), name.to_owned());
    if let Some(known) = engine.macros.get(&key(name)) {
        return Ok(Answer::valued(known.clone()));
    }
    let mut names = vec![name];
    for probe in engine.declaration.probe.values() {
        if let ProbeKind::Macro { name: other, header: there, library: of } = &probe.kind
            && there == header
            && of.as_deref() == library
            && other != name
        {
            names.push(other);
        }
    }
    // The marks are strings, which no macro replaces.
    let mut source = include(Some(header));
    for (at, name) in names.iter().enumerate() {
        source
            .push_str(&format!("#ifdef {name}\n\"inert-probe-{at}\" {name}\n\"inert-probe-end\"\n#endif\n"));
    }
    let output = preprocess(engine, place, &source, library)?;
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    for (at, name) in names.iter().enumerate() {
        let value = text.rsplit_once(&format!("\"inert-probe-{at}\"")).and_then(|(_, rest)| {
            let (value, _) = rest.split_once("\"inert-probe-end\"")?;
            // Only line markers can come between; a value may extend over several lines.
            let lines: Vec<&str> =
                value.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect();
            Some(lines.join(" ").trim().to_owned())
        });
        let value = value.map(|value| constant::value(&value).unwrap_or(value));
        engine.macros.insert(key(name), value);
    }
    Ok(Answer::valued(engine.macros.get(&key(name)).cloned().flatten()))
}

/// Tests whether a program that takes a function's address links.
pub(super) fn function(
    engine: &mut Engine<'_>,
    place: &str,
    name: &str,
    header: Option<&str>,
    library: Option<&str>,
) -> Result<Answer> {
    let link = link_args(engine, library)?;
    let symbols = match header {
        None => Some(vec![name.to_owned()]),
        // The header may rename the function, or define it itself.
        Some(_) => {
            let source = format!(
                "{}static void (*volatile inert_asked)(void) = (void (*)(void)){name};\n\
                 int main(void) {{ return inert_asked == 0; }}\n",
                include(header)
            );
            let folder = scratch(engine)?;
            let path = write(engine, &folder, &source)?;
            lacking(engine, place, &folder, path, library)?
        }
    };
    let Some(symbols) = symbols else { return Ok(Answer::default()) };
    Ok(Answer::yes_or_no(links_with(engine, place, &symbols, link)?))
}

/// Tests whether a program of the package, or an empty one, links with a library.
pub(super) fn links(
    engine: &mut Engine<'_>,
    place: &str,
    lib: &str,
    source: Option<&RelativePath>,
) -> Result<Answer> {
    let mut link = folders_of(engine, lib);
    link.push(format!("-l{lib}").into());
    let Some(source) = source else {
        return Ok(Answer::yes_or_no(links_with(engine, place, &[], link)?));
    };
    let root = engine.request.package.manifest_dir.clone();
    let path = engine.inside(place, &root, source)?;
    // If a script's program is missing, the script sees the compiler fail.
    if engine.world.read(&path).is_err() {
        engine.attempt(place, "cc", &source.0, Outcome::Failed("the source is not there".into()));
        return Ok(Answer::default());
    }
    let folder = scratch(engine)?;
    let Some(symbols) = lacking(engine, place, &folder, path, None)? else { return Ok(Answer::default()) };
    Ok(Answer::yes_or_no(links_with(engine, place, &symbols, link)?))
}

/// Returns the symbols that a program lacks once it is compiled; `None` if it cannot be compiled, or has no `main`.
fn lacking(
    engine: &mut Engine<'_>,
    place: &str,
    folder: &Path,
    source: PathBuf,
    library: Option<&str>,
) -> Result<Option<Vec<String>>> {
    let compiler = compiler(engine, place, false)?;
    let object = folder.join("probe.o");
    let mut args = output_args(&compiler, &object);
    if compiler.family != CompilerFamily::Msvc {
        // An object in a compiler's own format has no table of symbols.
        args.push("-fno-lto".into());
    }
    let output = run(engine, place, &compiler, folder, source, args, library, Vec::new())?;
    if !output.success {
        return Ok(None);
    }
    let bytes = engine.world.read(&object).map_err(|error| io(&object, &error))?;
    let unknown = |reason: &str| FailureKind::Tool {
        place: place.to_owned(),
        command: "reading what the compiled program lacks".into(),
        output: format!("{reason}; whether it links is not known"),
    };
    let symbols = symbols::read(&bytes).map_err(unknown)?;
    if !symbols.defined.contains("main") {
        engine.attempt(place, "cc", "the symbol table", Outcome::Failed("the program has no `main`".into()));
        return Ok(None);
    }
    let lacking: Vec<String> = symbols.undefined.into_iter().collect();
    match lacking.iter().find(|name| !names::is_identifier(name)) {
        Some(name) => Err(unknown(&format!("it needs `{}`", name.escape_debug()))),
        None => Ok(Some(lacking)),
    }
}

/// Returns the size of a type: it is written into an object's data, where it can be read for any target.
pub(super) fn size_of(
    engine: &mut Engine<'_>,
    place: &str,
    c_type: &str,
    header: Option<&str>,
) -> Result<Answer> {
    let digit = |place: u32| format!("'0' + (sizeof({c_type}) / {place}) % 10");
    let source = format!(
        "{}const char inert_size[] = {{ 'i','n','e','r','t','-','s','i','z','e',':', {}, {}, {}, {}, {}, ';', 0 }};\n",
        include(header),
        digit(10_000),
        digit(1_000),
        digit(100),
        digit(10),
        digit(1)
    );
    let folder = scratch(engine)?;
    let object = folder.join("probe.o");
    let compiler = compiler(engine, place, false)?;
    let path = write(engine, &folder, &source)?;
    let args = output_args(&compiler, &object);
    let output = run(engine, place, &compiler, &folder, path, args, None, Vec::new())?;
    if !output.success {
        return Ok(Answer::default());
    }
    let bytes = engine.world.read(&object).map_err(|error| io(&object, &error))?;
    let mark = b"inert-size:";
    let digits =
        bytes.windows(mark.len()).position(|window| window == mark).map(|at| &bytes[at + mark.len()..]);
    let size = digits.and_then(|digits| std::str::from_utf8(digits.get(..5)?).ok()?.parse::<u64>().ok());
    Ok(Answer::valued(size.map(|size| size.to_string())))
}

/// Tests whether the compiler accepts a flag, as cc's `is_flag_supported` does.
pub(super) fn flag(engine: &mut Engine<'_>, place: &str, flag: &str, cpp: bool) -> Result<Answer> {
    let toolchain = engine.toolchain()?;
    let supported = inert_vendored_fallbacks::flag_supported(&toolchain, flag, cpp).map_err(|error| {
        FailureKind::Tool {
            place: place.to_owned(),
            command: format!("cc {flag}"),
            output: error.to_string(),
        }
    })?;
    let outcome = if supported {
        Outcome::Chosen("accepted".into())
    } else {
        Outcome::Failed("the compiler rejects it".into())
    };
    engine.attempt(place, "c-flag", flag, outcome);
    Ok(Answer::yes_or_no(supported))
}

fn include(header: Option<&str>) -> String {
    header.map(|header| format!("#include <{header}>\n")).unwrap_or_default()
}

fn scratch(engine: &Engine<'_>) -> Result<PathBuf> {
    engine.world.scratch_folder("probe").map_err(|error| io(&engine.world.scratch, &error))
}

fn write(engine: &Engine<'_>, folder: &Path, source: &str) -> Result<PathBuf> {
    let path = folder.join("probe.c");
    engine.world.write(&path, source.as_bytes()).map_err(|error| io(&path, &error))?;
    Ok(path)
}

fn preprocess(
    engine: &mut Engine<'_>,
    place: &str,
    source: &str,
    library: Option<&str>,
) -> Result<Option<Output>> {
    let compiler = compiler(engine, place, false)?;
    let folder = scratch(engine)?;
    let path = write(engine, &folder, source)?;
    let output = run(engine, place, &compiler, &folder, path, vec!["-E".into()], library, Vec::new())?;
    Ok(output.success.then_some(output))
}

/// Tests whether a program that names these symbols links; its text is entirely Inert's own. Each symbol is
/// declared as in autoconf, since the linker accepts any declaration.
fn links_with(engine: &mut Engine<'_>, place: &str, symbols: &[String], link: Vec<OsString>) -> Result<bool> {
    let mut source: String = symbols.iter().map(|name| format!("char {name}(void);\n")).collect();
    source.push_str("static void (*volatile inert_asked[])(void) = {\n");
    source.extend(symbols.iter().map(|name| format!("(void (*)(void)){name},\n")));
    source.push_str("0 };\nint main(void) { return inert_asked[0] == 0; }\n");
    let compiler = compiler(engine, place, false)?;
    let folder = scratch(engine)?;
    let path = write(engine, &folder, &source)?;
    let program = folder.join("probe.exe");
    let args = if compiler.family == CompilerFamily::Msvc {
        let mut out = OsString::from("-Fe");
        out.push(program);
        vec![out]
    } else {
        vec!["-o".into(), program.into()]
    };
    Ok(run(engine, place, &compiler, &folder, path, args, None, link)?.success)
}

fn compiler(engine: &mut Engine<'_>, place: &str, cpp: bool) -> Result<Compiler> {
    let toolchain = engine.toolchain()?;
    inert_vendored_fallbacks::compiler(&toolchain, cpp).map_err(|error| FailureKind::Tool {
        place: place.to_owned(),
        command: "finding the C compiler".into(),
        output: error.to_string(),
    })
}

/// Returns the arguments that name the output of a compilation to an object.
fn output_args(compiler: &Compiler, object: &Path) -> Vec<OsString> {
    if compiler.family == CompilerFamily::Msvc {
        let mut out = OsString::from("-Fo");
        out.push(object);
        return vec!["-c".into(), out];
    }
    vec!["-c".into(), "-o".into(), object.into()]
}

/// Runs the compiler. `-I` of the library comes first, as a script would pass it; arguments for linking come last.
#[expect(clippy::too_many_arguments, reason = "the parts of one command")]
fn run(
    engine: &mut Engine<'_>,
    place: &str,
    compiler: &Compiler,
    folder: &Path,
    source: PathBuf,
    extra: Vec<OsString>,
    library: Option<&str>,
    link: Vec<OsString>,
) -> Result<Output> {
    let mut args = compiler.args.clone();
    for include in library.map_or(Ok(Vec::new()), |library| includes(engine, library))? {
        args.extend(["-I".into(), include.into_os_string()]);
    }
    args.extend(extra);
    let rule = folder.join("probe.d");
    if compiler.family != CompilerFamily::Msvc {
        args.extend(["-MD".into(), "-MF".into(), rule.clone().into_os_string()]);
    }
    args.push(source.clone().into());
    args.extend(link);
    let env: Vec<_> = compiler.env.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
    let run = Run { program: compiler.program.clone(), args, env, stdin: None };
    let failed =
        |output: String| FailureKind::Tool { place: place.to_owned(), command: run.command_line(), output };
    let output = engine.world.run(&run).map_err(|error| failed(error.to_string()))?;
    let outcome = if output.success {
        Outcome::Chosen("the compiler accepts it".into())
    } else {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        Outcome::Failed(
            text.lines().find(|line| line.contains("error")).unwrap_or("the compiler fails").to_owned(),
        )
    };
    engine.attempt(place, "cc", &run.command_line(), outcome);
    if compiler.family != CompilerFamily::Msvc {
        watch::headers(engine, &run, &source, &rule);
    }
    watch::libraries(engine, &run);
    Ok(output)
}

fn includes(engine: &mut Engine<'_>, library: &str) -> Result<Vec<PathBuf>> {
    Ok(match engine.library(library)? {
        LibraryOutcome::Missing(_) => Vec::new(),
        _ => engine.library_include(library)?,
    })
}

/// Returns the folders in which discovery found a library of this name, so that the linker does not look elsewhere.
fn folders_of(engine: &Engine<'_>, lib: &str) -> Vec<OsString> {
    let mut folders = Vec::new();
    for library in engine.libraries.values() {
        let Asked::Done(LibraryOutcome::System(found)) = library else { continue };
        let links =
            |directive: &Directive| matches!(directive, Directive::LinkLib { name, .. } if name == lib);
        if found.link.iter().any(links) {
            folders.extend(found.lib_dirs.iter().map(|folder| {
                let mut arg = OsString::from("-L");
                arg.push(folder);
                arg
            }));
        }
    }
    folders
}

fn link_args(engine: &mut Engine<'_>, library: Option<&str>) -> Result<Vec<OsString>> {
    let Some(library) = library else { return Ok(Vec::new()) };
    let LibraryOutcome::System(found) = engine.library(library)? else { return Ok(Vec::new()) };
    Ok(found
        .link
        .iter()
        .filter_map(|directive| match directive {
            Directive::LinkSearch { path, .. } => {
                let mut arg = OsString::from("-L");
                arg.push(path);
                Some(arg)
            }
            Directive::LinkLib { name, .. } => Some(format!("-l{name}").into()),
            _ => None,
        })
        .collect())
}
