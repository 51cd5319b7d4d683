//! The API of cc: builds of C and C++, recorded as data.

use inert_manifest_spec::types::{CompilerFamily, Probe, ProbeKind};

use super::{Call, Method};
use crate::interp::Interp;
use crate::logic::Guard;
use crate::semantics::library::Archive;
use crate::semantics::symbols;
use crate::trace::Effect;
use crate::value::{Cases, ObjectId, Sym, TextType, Value};

/// Methods of the builder that a declaration can express.
const SETTINGS: &[&str] = &[
    "file",
    "include",
    "define",
    "flag",
    "flag_if_supported",
    "warnings",
    "extra_warnings",
    "cpp",
    "std",
    "opt_level",
    "opt_level_str",
    "debug",
    "pic",
    "static_crt",
    "cpp_link_stdlib",
    "cargo_metadata",
    "out_dir",
    "link_lib_modifier",
    "warnings_into_errors",
];

/// Methods that do not affect a declaration: they are about messages, parallelism and `rerun-if` lines.
const IGNORED: &[&str] =
    &["cargo_warnings", "cargo_output", "cargo_debug", "emit_rerun_if_env_changed", "inherit_rustflags"];

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    Some(match call.path.strip_prefix("cc::")? {
        "Build::new" | "Build::default" | "Config::new" => interp.new_object("cc"),
        "compile_library" => {
            let build = interp.new_object("cc");
            let build = interp.call_method(&build, "files", &[call.arg(1)], None, &[]);
            interp.call_method(&build, "compile", &[call.arg(0)], None, &[])
        }
        _ => return None,
    })
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Object(object) = method.value else { return None };
    let object = *object;
    match interp.objects[object].kind {
        "cc" => {}
        "compiler" => return compiler(interp, method),
        _ => return None,
    }
    let same = || Cases::of(method.value.clone());
    let name = method.name;
    if SETTINGS.contains(&name) {
        // The script passes one folder of a library; the build gets every folder, in their order.
        let each = name == "include" && method.args.first().is_some_and(super::library::is_element);
        if interp.open_loops > 0 && !each {
            return Some(
                interp.unknown("a build that is changed in a loop over an unknown list is not understood"),
            );
        }
        let args: Vec<Cases> = method.args.iter().map(|arg| interp.deref_all(arg)).collect();
        interp.note_call(object, name, args);
        return Some(same());
    }
    if IGNORED.contains(&name) {
        return Some(same());
    }
    // Of these two, what is said is `-static` or nothing; `static_flag(false)` takes away one that the target asks for.
    if let ("static_flag" | "shared_flag", Some(Value::Bool(on))) =
        (name, interp.deref_all(&method.arg(0)).single())
    {
        return match (name, *on) {
            ("shared_flag", false) => Some(same()),
            ("static_flag", true) => {
                interp.note_call(object, "flag", vec![Cases::str("-static")]);
                Some(same())
            }
            _ => None,
        };
    }
    Some(match name {
        "files" | "includes" | "flags" => {
            let single = &name[..name.len() - 1];
            let list = interp.deref_all(&method.arg(0));
            let mut each = |interp: &mut Interp<'_>, item: Cases| {
                let item = interp.deref_all(&item);
                interp.note_call(object, single, vec![item]);
            };
            // The order in which sources are compiled does not matter.
            if name == "files" {
                interp.in_any_order(|interp| interp.drive(&list, &mut each));
            } else {
                interp.drive(&list, &mut each);
            }
            if interp.dead() { Cases::never() } else { same() }
        }
        "compile" => {
            let wanted = interp.deref_all(&method.arg(0));
            interp.each(&wanted, |interp, wanted| match wanted {
                Value::Text(wanted) => {
                    interp.ask_literal(wanted, "an archive's name", &mut |interp, wanted| {
                        let name =
                            wanted.strip_prefix("lib").filter(|_| wanted.ends_with(".a")).unwrap_or(wanted);
                        build(interp, object, name.trim_end_matches(".a"));
                        Cases::unit()
                    })
                }
                _ => interp.unknown("an archive's name is not known"),
            })
        }
        "is_flag_supported" => {
            let flag = interp.deref_all(&method.arg(0));
            super::env::seen_by(interp, super::env::Tool::Native);
            let cpp = interp.objects[object].calls.iter().any(|(_, name, _)| &**name == "cpp");
            // A probe has one flag: each text that the flag may be is a question of its own.
            interp.each(&flag, |interp, flag| match flag {
                Value::Text(flag) => interp.ask_literal(flag, "the answer to a flag", &mut |interp, flag| {
                    let kind = ProbeKind::CFlag { flag: flag.to_owned(), cpp };
                    let guard = interp.ask_probe(flag, Probe { kind, when: None, span: 0..0 });
                    let supported = interp.boolean(guard);
                    Cases::ok(supported)
                }),
                _ => interp.unknown("the flag is not known"),
            })
        }
        "try_compile" => {
            let done = interp.need("a build fails");
            let path = interp.pc;
            interp.pc = interp.inputs.and(path, done);
            interp.call_method(&Cases::of(method.value.clone()), "compile", method.args, None, &[]);
            let fine = interp.pc;
            let failed = interp.inputs.minus(path, done);
            interp.pc = interp.inputs.or(fine, failed);
            let error = Cases::err(Cases::of(Value::Opaque("an error of the C compiler".into())));
            interp.inputs.join(vec![(fine, Cases::ok(Cases::unit())), (failed, error)])
        }
        "try_flags_from_environment" => {
            let variable = interp.deref_all(&method.arg(0)).literal()?.to_owned();
            interp.env.insert(variable.clone());
            let set = interp.inputs.env_set(&variable);
            interp.unknown_where(set, &format!("the flags in ${variable} are known only during the build"));
            if interp.dead() {
                Cases::never()
            } else {
                Cases::err(Cases::of(Value::Opaque("an error of the C compiler".into())))
            }
        }
        "get_compiler" | "try_get_compiler" => {
            super::env::seen_by(interp, super::env::Tool::Native);
            let compiler = interp.new_object("compiler");
            // C++ may have another compiler; the other settings matter only for commands.
            if let Some(Value::Object(id)) = compiler.single() {
                let calls = interp.objects[object].calls.clone();
                interp.objects[*id].calls = calls;
            }
            if name == "get_compiler" { compiler } else { Cases::ok(compiler) }
        }
        _ => return None,
    })
}

fn build(interp: &mut Interp<'_>, object: ObjectId, name: &str) {
    if interp.open_loops > 0 {
        interp.unknown("a build in a loop over an unknown list is not understood");
        return;
    }
    super::env::seen_by(interp, super::env::Tool::Native);
    if interp.dead() {
        return;
    }
    let calls = interp.objects[object].calls.clone();
    let guard = interp.pc;
    interp.probes.archives.push(Archive { name: name.to_owned(), calls, guard });
    let index = interp.probes.archives.len() - 1;
    interp.note(guard, Effect::Archive(index));
}

/// Returns the compiler as a command, whose further arguments the model of `Command` records.
fn command(interp: &mut Interp<'_>, method: &Method<'_>) -> Cases {
    let Value::Object(compiler) = method.value else { return interp.unknown("this compiler is not known") };
    let calls = interp.objects[*compiler].calls.clone();
    if calls.iter().any(|(guard, ..)| !interp.inputs.and(interp.pc, *guard).is_false()) {
        return interp.unknown("a command of the C compiler with settings of the build's is not understood");
    }
    // The command line of MSVC's compiler has another syntax.
    let msvc = interp.target_key("target_env", "msvc");
    interp.unknown_where(msvc, "a command of MSVC's compiler is not understood");
    if interp.dead() {
        return Cases::never();
    }
    let command = interp.new_object("command");
    if let Some(Value::Object(object)) = command.single() {
        let program = interp.sym(Sym::CCompiler);
        interp.note_call(*object, "arg", vec![program]);
    }
    command
}

/// Methods about the compiler's family. Targets with MSVC's ABI have MSVC's compiler, unless the caller sets another
/// one. For other targets the family is known only during the build, and only flags may depend on it.
fn compiler(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    match method.name {
        "to_command" => return Some(command(interp, method)),
        // A command of this path alone has none of the build's settings, unlike that of `to_command`.
        "path" => {
            let path = interp.sym(Sym::Opaque("the C compiler's path".into()));
            return Some(interp.text_as(&path, TextType::Path));
        }
        _ => {}
    }
    if !matches!(method.name, "is_like_msvc" | "is_like_clang_cl" | "is_like_gnu" | "is_like_clang") {
        return None;
    }
    let msvc = interp.target_key("target_env", "msvc");
    let mut named = Guard::FALSE;
    let Value::Object(object) = method.value else { return None };
    let cpp = interp.objects[*object].calls.iter().any(|(_, name, _)| &**name == "cpp");
    for variable in ["CC", "CXX"].into_iter().take(1 + usize::from(cpp)) {
        interp.env.insert(variable.into());
        let set = interp.inputs.env_set(variable);
        named = interp.inputs.or(named, set);
    }
    let both = interp.inputs.and(msvc, named);
    interp.unknown_where(both, "what compiler CC names is not known");
    if interp.dead() {
        return Some(Cases::never());
    }
    let guard = match method.name {
        "is_like_msvc" => msvc,
        "is_like_clang_cl" => Guard::FALSE,
        name => {
            let family = if name == "is_like_gnu" { CompilerFamily::Gnu } else { CompilerFamily::Clang };
            let is = symbols::compiler_family(&mut interp.inputs, family);
            interp.inputs.minus(is, msvc)
        }
    };
    Some(interp.boolean(guard))
}
