//! The API of pkg-config: libraries of the system.

use inert_manifest_spec::Fact;
use inert_manifest_spec::condition::Operator;

use super::process::{Log, each_way};
use super::{Call, Method};
use crate::interp::Interp;
use crate::semantics::library::{FoundLibrary, Way};
use crate::semantics::texts::TEXT_RANGE;
use crate::value::{Cases, Sym, Value};

const ERROR: &str = "an error of pkg-config";

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    Some(match call.path.strip_prefix("pkg_config::")? {
        "Config::new" | "Config::default" => interp.new_object("pkg-config"),
        "probe_library" | "find_library" => {
            let config = interp.new_object("pkg-config");
            interp.call_method(&config, "probe", &[call.arg(0)], None, &[])
        }
        "target_supported" => target_supported(interp),
        "get_variable" => {
            let (module, variable) = (interp.deref_all(&call.arg(0)), interp.deref_all(&call.arg(1)));
            let (module, variable) = (module.literal()?.to_owned(), variable.literal()?.to_owned());
            variable_of(interp, &module, &variable)
        }
        _ => return None,
    })
}

/// Models the question whether pkg-config serves the target. For a foreign one that depends on variables which count
/// for it, as `PKG_CONFIG_ALLOW_CROSS`, and these are not followed here.
fn target_supported(interp: &mut Interp<'_>) -> Cases {
    let cross = interp.inputs.fact(Fact::Cross);
    interp.unknown_where(cross, "whether pkg-config serves another target is not known");
    if interp.dead() { Cases::never() } else { Cases::bool(true) }
}

/// Models `pkg-config --variable=… module`. Unlike a library, a variable is read in cross builds too.
fn variable_of(interp: &mut Interp<'_>, module: &str, variable: &str) -> Cases {
    let cross = interp.inputs.fact(Fact::Cross);
    interp.unknown_where(cross, "a variable of the host's pkg-config for another target cannot be said");
    if interp.dead() {
        return Cases::never();
    }
    let library = FoundLibrary { link: false, ..FoundLibrary::new(Way::PkgConfig, module) };
    let found = interp.ask_library(library, ERROR);
    interp.each(&found, |interp, found| match found {
        Value::Enum(result) if &*result.variant == "Ok" => {
            let name = match result.fields[0].1.single() {
                Some(Value::Object(object)) => {
                    interp.objects[*object].calls.first().and_then(|(_, _, args)| args[0].literal())
                }
                _ => None,
            };
            let Some(name) = name.map(str::to_owned) else {
                return interp.unknown("this library is not known");
            };
            let what = format!("variable.{variable}");
            Cases::ok(interp.sym(Sym::Library(name.as_str().into(), what.as_str().into())))
        }
        other => Cases::of(other.clone()),
    })
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Object(object) = method.value else { return None };
    let object = *object;
    if interp.objects[object].kind != "pkg-config" {
        return None;
    }
    let same = || Cases::of(method.value.clone());
    match method.name {
        "atleast_version" | "exactly_version" | "statik" | "cargo_metadata" | "range_version"
        | "print_system_libs" => {
            let args: Vec<Cases> = method.args.iter().map(|arg| interp.deref_all(arg)).collect();
            interp.note_call(object, method.name, args);
            Some(same())
        }
        // These affect only when Cargo reruns the script, and whether include folders of the system are listed.
        "env_metadata" | "print_system_cflags" => Some(same()),
        "target_supported" => Some(target_supported(interp)),
        "probe" | "find" => {
            let module = interp.deref_all(&method.arg(0));
            Some(interp.each(&module, |interp, module| match module {
                Value::Text(module) => {
                    interp.ask_literal(module, "a library's name", &mut |interp, module| {
                        each_way(interp, object, &mut |interp, log| probe(interp, module, log))
                    })
                }
                _ => interp.unknown("a library's name is not known"),
            }))
        }
        _ => None,
    }
}

fn probe(interp: &mut Interp<'_>, asked: &str, log: &Log) -> Cases {
    let (module, comparison) = with_version(asked);
    let mut library = FoundLibrary::new(Way::PkgConfig, module);
    for (name, args) in log {
        match (&**name, args.as_slice()) {
            ("atleast_version", [Value::Text(text)]) if text.as_lit().is_some() => {
                library.version =
                    vec![(Operator::GreaterEqual, text.as_lit().unwrap_or_default().to_owned())];
            }
            ("exactly_version", [Value::Text(text)]) if text.as_lit().is_some() => {
                library.version = vec![(Operator::Equal, text.as_lit().unwrap_or_default().to_owned())];
            }
            ("range_version", [range]) => match bounds(range) {
                Some(version) => library.version = version,
                None => return interp.unknown("the range of a library's version is not known"),
            },
            ("statik", [Value::Bool(value)]) => library.statik = Some(*value),
            ("cargo_metadata", [Value::Bool(value)]) => library.link = *value,
            ("print_system_libs", [Value::Bool(value)]) => library.print_system_libs = *value,
            _ => return interp.unknown(&format!("`{name}` of a pkg-config probe is not understood here")),
        }
    }
    if comparison.is_some() && !library.version.is_empty() {
        return interp.unknown("a module's own version beside another is not what pkg-config reads");
    }
    library.version.extend(comparison);
    interp.ask_library(library, ERROR)
}

/// Splits `gtk+-3.0 >= 3.10`, which pkg-config itself reads as a module with a version.
fn with_version(asked: &str) -> (&str, Option<(Operator, String)>) {
    let words: Vec<&str> = asked.split_ascii_whitespace().collect();
    let &[module, operator, version] = words.as_slice() else { return (asked, None) };
    let operator = match operator {
        ">=" => Operator::GreaterEqual,
        ">" => Operator::Greater,
        "=" => Operator::Equal,
        "<=" => Operator::LessEqual,
        "<" => Operator::Less,
        _ => return (asked, None),
    };
    (module, Some((operator, version.to_owned())))
}

/// Returns a range such as `"1.2".."2"` as comparisons.
fn bounds(range: &Value) -> Option<Vec<(Operator, String)>> {
    if let Value::Tuple(ends) = range {
        let mut out = Vec::new();
        let [low, high] = &**ends else { return None };
        for (end, included, excluded) in
            [(low, Operator::GreaterEqual, Operator::Greater), (high, Operator::LessEqual, Operator::Less)]
        {
            let Value::Enum(bound) = end.single()? else { return None };
            let operator = match &*bound.variant {
                "Unbounded" => continue,
                "Included" => included,
                _ => excluded,
            };
            out.push((operator, bound.fields.first()?.1.literal()?.to_owned()));
        }
        return Some(out);
    }
    let range = match range {
        Value::Range { start: None, end: None, .. } => return Some(Vec::new()),
        Value::Struct(range) if &*range.name == TEXT_RANGE => range,
        _ => return None,
    };
    let closed = matches!(range.fields[2].1.single(), Some(Value::Bool(true)));
    let mut out = Vec::new();
    for (at, operator) in
        [(0, Operator::GreaterEqual), (1, if closed { Operator::LessEqual } else { Operator::Less })]
    {
        match range.fields[at].1.single()? {
            Value::Enum(bound) if &*bound.variant == "Some" => {
                out.push((operator, bound.fields[0].1.literal()?.to_owned()));
            }
            _ => {}
        }
    }
    Some(out)
}
