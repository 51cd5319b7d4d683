//! `std::process`: exits, and programs that are recognised by their arguments.

use std::rc::Rc;

use inert_manifest_spec::Fact;
use inert_manifest_spec::rules::names::is_program;
use inert_manifest_spec::types::Bootstrap;

use super::rustc::{self, Outcome, Start};
use super::{Call, Method};
use crate::interp::Interp;
use crate::logic::Guard;
use crate::semantics::paths::{Location, locate};
use crate::value::{Cases, ObjectId, Piece, StructValue, Sym, Text, Value};

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    Some(match call.path.strip_prefix("std::process::")? {
        "exit" => {
            let code = interp.deref_all(&call.arg(0));
            interp.each(&code, |interp, code| match code {
                Value::Int(0, _) => {
                    let held = interp.held_back(None);
                    interp.unknown_where(held, "a buffer that ends with the process is not written");
                    interp.exits = interp.inputs.or(interp.exits, interp.pc);
                    interp.pc = Guard::FALSE;
                    Cases::never()
                }
                // A system takes the lowest byte, or all of them.
                Value::Int(code, _) if code % 256 != 0 => {
                    interp.panic(Text::lit("the build script exits with an error"))
                }
                _ => interp.unknown("with which status the script exits is not known"),
            })
        }
        "abort" => interp.panic(Text::lit("the build script aborts")),
        "Command::new" => {
            let command = interp.new_object("command");
            let program = interp.deref_all(&call.arg(0));
            if let Some(Value::Object(object)) = command.single() {
                interp.note_call(*object, "arg", vec![program]);
            }
            command
        }
        "Stdio::null" | "Stdio::piped" | "Stdio::inherit" | "Stdio::from" => {
            Cases::of(Value::External(call.path.into()))
        }
        _ => return None,
    })
}

/// The possible logs of calls, each with its guard and with plain arguments.
pub(super) type Ways = Vec<(Guard, Vec<(Rc<str>, Vec<Value>)>)>;

/// Returns the calls in an object's log, once for each combination of values on this path.
pub(super) fn resolve_log(interp: &mut Interp<'_>, object: ObjectId) -> Option<Ways> {
    let calls = interp.objects[object].calls.clone();
    let mut ways: Ways = vec![(interp.pc, Vec::new())];
    for (guard, method, args) in calls {
        let mut next = Vec::new();
        for (path, log) in ways {
            let there = interp.inputs.and(path, guard);
            let absent = interp.inputs.minus(path, guard);
            if !absent.is_false() {
                next.push((absent, log.clone()));
            }
            if there.is_false() {
                continue;
            }
            // Every combination of the arguments' alternatives.
            let mut combinations: Vec<(Guard, Vec<Value>)> = vec![(there, Vec::new())];
            for arg in &args {
                let mut more = Vec::new();
                for (path, values) in combinations {
                    for (guard, value) in arg.0.iter() {
                        let both = interp.inputs.and(path, *guard);
                        if !both.is_false() {
                            let mut values = values.clone();
                            values.push(value.clone());
                            more.push((both, values));
                        }
                    }
                }
                combinations = more;
            }
            for (path, values) in combinations {
                let mut log = log.clone();
                log.push((Rc::clone(&method), values));
                next.push((path, log));
            }
        }
        ways = next;
        if ways.len() > 512 {
            interp.unknown("it may be called in too many ways");
            return None;
        }
    }
    Some(ways)
}

/// A log of calls with plain arguments: each method and its arguments.
pub(super) type Log = [(Rc<str>, Vec<Value>)];

/// Calls `f` with each log that a builder may have on this path.
pub(super) fn each_way(
    interp: &mut Interp<'_>,
    object: ObjectId,
    f: &mut dyn FnMut(&mut Interp<'_>, &Log) -> Cases,
) -> Cases {
    let Some(ways) = resolve_log(interp, object) else { return Cases::never() };
    let path = interp.pc;
    let mut parts = Vec::new();
    let mut after = Guard::FALSE;
    for (guard, log) in ways {
        interp.pc = interp.inputs.and(path, guard);
        if interp.dead() {
            continue;
        }
        let result = f(interp, &log);
        parts.push((interp.pc, result));
        after = interp.inputs.or(after, interp.pc);
    }
    interp.pc = after;
    interp.inputs.join(parts)
}

fn exit_status(success: Cases) -> Cases {
    Cases::of(Value::Struct(Rc::new(StructValue {
        name: "ExitStatus".into(),
        fields: vec![("success".into(), success)],
    })))
}

/// Returns `Ok` of an `Output`.
pub(super) fn output(success: Cases, stdout: Cases, stderr: Cases) -> Cases {
    Cases::ok(Cases::of(Value::Struct(Rc::new(StructValue {
        name: "Output".into(),
        fields: vec![
            ("status".into(), exit_status(success)),
            ("stdout".into(), stdout),
            ("stderr".into(), stderr),
        ],
    }))))
}

/// Returns the status in a `Result` of `Output`.
fn status_of(interp: &mut Interp<'_>, result: &Cases) -> Cases {
    interp.each(result, |interp, result| match result {
        Value::Enum(result) if &*result.variant == "Ok" => {
            let status = interp.field(&result.fields[0].1, "status");
            if status.is_never() { status } else { Cases::ok(status) }
        }
        other => Cases::of(other.clone()),
    })
}

/// Returns the result of running a command to its end, a `Result` of `Output`.
fn run(interp: &mut Interp<'_>, object: ObjectId, stdin: Option<ObjectId>) -> Cases {
    if interp.open_loops > 0 {
        return interp.unknown("starting a program in a loop over an unknown list is not understood");
    }
    each_way(interp, object, &mut |interp, log| run_one(interp, log, stdin))
}

/// Returns the program that a command names, unless it is rustc: a bare name that is searched for in the caller's PATH.
fn other_program(log: &Log) -> Option<&str> {
    let first = log.iter().find(|(method, _)| &**method == "arg");
    let Some((_, [Value::Text(program)])) = first.map(|(method, args)| (method, args.as_slice())) else {
        return None;
    };
    // A command with a PATH of its own may find another program.
    let own_path = log.iter().any(|(method, args)| match (&**method, args.as_slice()) {
        ("env_clear", _) => true,
        ("env" | "env_remove", [Value::Text(name), ..]) => name.as_lit().is_none_or(|name| name == "PATH"),
        ("env" | "env_remove", _) => true,
        _ => false,
    });
    program.as_lit().filter(|name| is_program(name) && *name != "rustc" && !own_path)
}

/// Models the start of an unknown program: an error where the program is missing, and residue elsewhere.
fn start_other(interp: &mut Interp<'_>, name: &str) -> Cases {
    let there = interp.inputs.fact(Fact::Program(name.to_owned()));
    interp.unknown_where(there, &format!("it starts the program `{name}`"));
    if interp.dead() { Cases::never() } else { super::fs::io_error() }
}

/// Returns whether a command begins with these arguments.
fn begins(log: &Log, words: &[&str]) -> bool {
    let mut given =
        log.iter().filter(|(method, _)| &**method == "arg").map(|(_, args)| match args.as_slice() {
            [Value::Text(text)] => text.as_lit(),
            _ => None,
        });
    words.iter().all(|word| given.next() == Some(Some(word)))
}

/// Returns whether a stand-in omits a command because it concerns only those who develop the package: `git submodule
/// update …`, since Cargo fetches the sources that the script reads, and the configuration of git's hooks.
fn is_left_out(interp: &mut Interp<'_>, log: &Log) -> bool {
    if begins(log, &["git", "config", "core.hooksPath"]) {
        return true;
    }
    if !begins(log, &["git", "submodule", "update"]) {
        return false;
    }
    // Whether the package is a checkout matters, so a cached derivation must check `.git` again.
    interp.reads.insert(".git".to_owned());
    matches!(interp.source.kind(".git"), Ok(None))
}

/// Models a command of git that a stand-in omits: its result is not known, and a script that uses it gets residue.
fn leave_out(interp: &mut Interp<'_>) -> Cases {
    let there = interp.inputs.fact(Fact::Program("git".to_owned()));
    let path = interp.pc;
    let started = interp.inputs.and(path, there);
    let absent = interp.inputs.minus(path, there);
    let opaque = |what: &str| Cases::of(Value::Opaque(what.into()));
    let output = output(opaque("what became of git"), opaque("what git prints"), opaque("what git prints"));
    interp.inputs.join(vec![(started, output), (absent, super::fs::io_error())])
}

/// Returns whether a path is a folder of OUT_DIR that the script has made on this path, or OUT_DIR itself.
fn is_made_folder(interp: &mut Interp<'_>, folder: &Text) -> bool {
    let pieces: Vec<Piece> = folder.pieces().cloned().collect();
    let Some(Location::OutDir(path)) = locate(&pieces) else { return false };
    let there = interp.out_state(&path).0;
    interp.inputs.diagrams.implies(interp.pc, there)
}

fn run_one(interp: &mut Interp<'_>, log: &Log, stdin: Option<ObjectId>) -> Cases {
    if let Some(name) = other_program(log) {
        if name == "git" && is_left_out(interp, log) {
            return leave_out(interp);
        }
        return start_other(interp, name);
    }
    if let Some(result) = super::c_command::run(interp, log) {
        return result;
    }
    let mut tokens: Vec<Text> = Vec::new();
    let mut start = Start::default();
    // Other variables do not matter for a command that only prints rustc's version.
    let mut odd_variable: Option<String> = None;
    for (method, args) in log {
        match (&**method, args.as_slice()) {
            ("arg", [Value::Text(text)]) => tokens.push(text.clone()),
            ("env", [Value::Text(name), Value::Text(value)]) => match (name.as_lit(), value.as_lit()) {
                (Some("RUSTC_BOOTSTRAP"), Some("1")) => start.bootstrap = Bootstrap::Set,
                (Some("LC_ALL" | "LANG"), _) => {}
                (Some(name), _) => {
                    odd_variable = Some(format!("the variable `{name}` for a program is not understood"))
                }
                (None, _) => odd_variable = Some("a variable for a program is not known".to_owned()),
            },
            ("env_remove", [Value::Text(name)]) => match name.as_lit() {
                Some("RUSTC_BOOTSTRAP") => start.bootstrap = Bootstrap::Unset,
                _ => return interp.unknown("a variable taken from a program is not understood"),
            },
            ("stdin" | "stdout" | "stderr", _) => {}
            ("current_dir", [Value::Text(folder)]) => {
                // A program does not start in a folder that is not there.
                if !is_made_folder(interp, folder) {
                    return interp
                        .unknown("the folder that a command is started in is none that the script made");
                }
                start.folder = Some(folder.clone());
            }
            _ => return interp.unknown(&format!("`{method}` of a command is not understood here")),
        }
    }
    while tokens.len() > 1 && tokens[0].as_sym() == Some(&Sym::RustcWrapper) {
        tokens.remove(0);
    }
    let Some(program) = tokens.first().cloned() else { return interp.unknown("the program is not known") };
    let asks_version =
        tokens.len() > 1 && matches!(tokens[1].as_lit(), Some("--version" | "-V" | "-vV" | "-Vv"));
    if asks_version {
        odd_variable = None;
    }
    if let Some(reason) = odd_variable {
        return interp.unknown(&reason);
    }
    // An empty wrapper variable: there is no program with an empty name.
    if program.as_lit() == Some("") {
        return super::fs::io_error();
    }
    super::env::seen_by(interp, super::env::Tool::Rustc);
    if interp.dead() {
        return Cases::never();
    }
    let found = program.as_lit() == Some("rustc");
    interp.assumes.rustc_on_path |= found;
    if !found && program.as_sym() != Some(&Sym::Rustc) {
        return interp.unknown(&format!("it starts the program `{}`", program.describe()));
    }
    start.args = tokens.split_off(1);
    if let Some(stdin) = stdin {
        let mut text = Text::lit("");
        for (guard, method, args) in interp.objects[stdin].calls.clone() {
            if &*method != "write" {
                continue;
            }
            match (interp.inputs.diagrams.implies(interp.pc, guard), args[0].single()) {
                (true, Some(Value::Text(more))) => text = text.concat(more),
                _ => return interp.unknown("what a program is fed is not known"),
            }
        }
        start.stdin = Some(text);
    }
    // Without flags there are none to pass on, so the probe equals the one with flags.
    if !asks_version && !start.args.iter().any(|arg| matches!(arg.as_sym(), Some(Sym::Each(_)))) {
        let empty = super::flags::none(interp);
        if interp.inputs.diagrams.implies(interp.pc, empty) {
            start.args.push(Text::sym(Sym::Each("CARGO_ENCODED_RUSTFLAGS".into())));
        }
    }
    match rustc::run(interp, &start) {
        Ok(Outcome::Printed(text)) => output(Cases::bool(true), Cases::text(text), Cases::str("")),
        Ok(Outcome::Compiled(success)) => {
            let opaque = || Cases::text(Text::sym(Sym::Opaque("what rustc prints".into())));
            output(success, opaque(), opaque())
        }
        Err(reason) => interp.unknown(&reason),
    }
}

pub(super) fn field(_: &mut Interp<'_>, _: ObjectId, _: &str) -> Option<Cases> {
    None
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    match method.value {
        Value::Struct(value) if &*value.name == "ExitStatus" => Some(match method.name {
            "success" => value.fields[0].1.clone(),
            "code" => {
                let success = interp.truth(&value.fields[0].1);
                let zero = Cases::some(Cases::of(Value::Int(0, crate::value::IntType::Signed(32))));
                let one = Cases::some(Cases::of(Value::Opaque("an exit code".into())));
                interp.choose(success, zero, one)
            }
            _ => return None,
        }),
        Value::Struct(value) if &*value.name == "Child" => {
            let get = |name: &str| {
                value.fields.iter().find(|(known, _)| &**known == name).map(|(_, value)| value.clone())
            };
            let (command, pipe) = (get("command")?, get("pipe")?);
            if !matches!(method.name, "wait" | "wait_with_output") {
                return None;
            }
            let result = interp.each2(&command, &pipe, |interp, command, pipe| match (command, pipe) {
                (Value::Object(command), Value::Object(pipe)) => run(interp, *command, Some(*pipe)),
                _ => interp.unknown("this program is not known"),
            });
            Some(if method.name == "wait" { status_of(interp, &result) } else { result })
        }
        Value::Object(object) => match interp.objects[*object].kind {
            "child stdin" => Some(match method.name {
                "write_all" | "write_fmt" | "write" => {
                    let text = interp.deref_all(&method.arg(0));
                    interp.note_call(*object, "write", vec![text]);
                    Cases::ok(Cases::unit())
                }
                "flush" => Cases::ok(Cases::unit()),
                _ => return None,
            }),
            "command" => command_method(interp, method, *object),
            _ => None,
        },
        _ => None,
    }
}

fn command_method(interp: &mut Interp<'_>, method: &Method<'_>, object: ObjectId) -> Option<Cases> {
    let same = || Cases::of(method.value.clone());
    Some(match method.name {
        "arg" | "env" | "env_remove" | "stdin" | "stdout" | "stderr" | "current_dir" | "env_clear" => {
            let args: Vec<Cases> = method.args.iter().map(|arg| interp.deref_all(arg)).collect();
            if interp.open_loops > 0 && !args.iter().any(mentions_each) {
                return Some(
                    interp.unknown("a loop over an unknown list does more than pass its elements on"),
                );
            }
            interp.note_call(object, method.name, args);
            same()
        }
        "args" => {
            let list = interp.deref_all(&method.arg(0));
            interp.drive(&list, &mut |interp, item| {
                let item = interp.deref_all(&item);
                interp.note_call(object, "arg", vec![item]);
            });
            same()
        }
        "output" => run(interp, object, None),
        "status" => {
            let result = run(interp, object, None);
            status_of(interp, &result)
        }
        "spawn" => {
            // Starting the program shows whether it exists; waiting for it shows its result.
            let ways = resolve_log(interp, object)?;
            if ways.iter().any(|(_, log)| other_program(log).is_some()) {
                return Some(run(interp, object, None));
            }
            let stdin = interp.new_object("child stdin");
            let child = Value::Struct(Rc::new(StructValue {
                name: "Child".into(),
                fields: vec![
                    ("stdin".into(), Cases::some(stdin.clone())),
                    ("pipe".into(), stdin),
                    ("command".into(), same()),
                ],
            }));
            Cases::ok(Cases::of(child))
        }
        _ => return None,
    })
}

/// Returns whether a value is the element of an unknown list.
fn mentions_each(value: &Cases) -> bool {
    value.0.iter().any(|(_, value)| match value {
        Value::Text(text) => text.pieces().any(|piece| matches!(piece, Piece::Sym(Sym::Each(_)))),
        _ => false,
    })
}
