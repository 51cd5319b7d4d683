//! Commands of the C compiler that a script composes itself, to test whether a program of the package links.

use inert_manifest_spec::RelativePath;
use inert_manifest_spec::rules::names;
use inert_manifest_spec::types::{Probe, ProbeKind};

use super::process::{Log, output};
use crate::interp::Interp;
use crate::value::{Cases, Sym, Text, Value};

/// Returns the result of running a command, a `Result` of `Output`, if it runs the C compiler.
pub(super) fn run(interp: &mut Interp<'_>, log: &Log) -> Option<Cases> {
    let first = log.iter().find(|(method, _)| &**method == "arg")?;
    let [Value::Text(program)] = first.1.as_slice() else { return None };
    if program.as_sym() != Some(&Sym::CCompiler) {
        return None;
    }
    let Some((source, lib)) = asks_for_library(log) else {
        return Some(interp.unknown("this command of the C compiler is not understood"));
    };
    // On Windows the null device has another name, so the compiler fails.
    let windows =
        interp.host_where(&|host| host.values("target_os").is_some_and(|values| values.contains(&"windows")));
    interp.unknown_where(windows, "what the C compiler does on Windows with `/dev/null` is not understood");
    if interp.dead() {
        return Some(Cases::never());
    }
    interp.reads.insert(source.clone());
    let kind = ProbeKind::Links { lib: lib.clone(), source: Some(RelativePath(source)) };
    let success = interp.ask_probe(&lib, Probe { kind, when: None, span: 0..0 });
    let success = interp.boolean(success);
    let printed = Cases::text(Text::sym(Sym::Opaque("what the C compiler prints".into())));
    Some(output(success, printed.clone(), printed))
}

/// Reads `x.c -o /dev/null -lz` as the source file and the library.
fn asks_for_library(log: &Log) -> Option<(String, String)> {
    let mut words = Vec::new();
    for (method, args) in log {
        match (&**method, args.as_slice()) {
            ("arg", [Value::Text(text)]) => words.push(text.as_lit()),
            ("stdin" | "stdout" | "stderr", _) => {}
            _ => return None,
        }
    }
    let (mut source, mut lib, mut output) = (None, None, false);
    // The first argument is the compiler itself.
    let mut words = words.into_iter().skip(1);
    while let Some(word) = words.next() {
        match word? {
            // The amount of debug information does not affect whether the program links.
            "-g0" => {}
            "-o" if !output && words.next()?? == "/dev/null" => output = true,
            word => match word.strip_prefix("-l") {
                // The library must follow the file that needs it.
                Some(name) if lib.is_none() && source.is_some() && names::is_link_name(name) => {
                    lib = Some(name.to_owned());
                }
                None if source.is_none() && is_program(word) => source = Some(word.to_owned()),
                _ => return None,
            },
        }
    }
    output.then_some((source?, lib?))
}

/// Returns whether an argument is a C source of the package.
fn is_program(word: &str) -> bool {
    word.ends_with(".c") && inert_manifest_spec::rules::path::check(word).is_ok()
}
