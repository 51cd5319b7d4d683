//! The API of pkg-config: libraries of the system.

use inert_manifest_spec::Fact;

use super::probes::identifier;
use super::{Call, Method};
use crate::interp::{Effect, Interp};
use crate::logic::Guard;
use crate::value::{Gv, ObjectId, Sym, Value};

/// A library that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FoundLibrary {
    /// Its key in the declaration.
    pub(crate) name: String,
    /// Its name in pkg-config.
    pub(crate) module: String,
    /// Comparisons with its version, as written.
    pub(crate) version: Vec<(inert_manifest_spec::condition::Operator, String)>,
    /// Whether it is to be static, where the script says.
    pub(crate) statik: Option<bool>,
    /// Whether finding it links it.
    pub(crate) link: bool,
    /// Whether the system's own folders are printed.
    pub(crate) print_system_libs: bool,
}

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
    Some(match call.path.strip_prefix("pkg_config::")? {
        "Config::new" => interp.new_object("pkg-config"),
        "probe_library" | "find_library" => {
            let config = interp.new_object("pkg-config");
            interp.call_method(&config, "probe", &[call.arg(0)], None, &[])
        }
        _ => return None,
    })
}

/// What a found library says of itself.
pub(super) fn field(interp: &mut Interp<'_>, object: ObjectId, name: &str) -> Option<Gv> {
    let library = interp.objects[object].calls.first()?.2[0].literal()?.to_owned();
    let symbol =
        |interp: &mut Interp<'_>, what: &str| interp.sym(Sym::Library(library.as_str().into(), what.into()));
    match name {
        "version" => Some(symbol(interp, "version")),
        "include_paths" | "link_paths" => {
            let list = interp.new_object("unknown list");
            let element = symbol(interp, if name == "include_paths" { "include" } else { "lib" });
            if let Value::Object(id) = list.single()? {
                interp.objects[*id].calls.push((Guard::TRUE, "element".into(), vec![element]));
            }
            Some(list)
        }
        _ => None,
    }
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Gv> {
    let Value::Object(object) = method.value else { return None };
    let object = *object;
    if interp.objects[object].kind != "pkg-config" {
        return None;
    }
    let same = || Gv::of(method.value.clone());
    match method.name {
        "atleast_version" | "exactly_version" | "statik" | "cargo_metadata" | "range_version"
        | "print_system_libs" => {
            let args: Vec<Gv> = method.args.iter().map(|arg| interp.deref_all(arg)).collect();
            interp.note_call(object, method.name, args);
            Some(same())
        }
        // Which variables make Cargo run the script again, and whether the system's own folders are printed.
        "env_metadata" | "print_system_cflags" => Some(same()),
        "probe" | "find" => {
            let module = interp.deref_all(&method.arg(0)).literal()?.to_owned();
            let ways = super::process::resolve_log(interp, object)?;
            let path = interp.pc;
            let mut parts = Vec::new();
            let mut after = Guard::FALSE;
            for (guard, log) in ways {
                interp.pc = interp.inputs.and(path, guard);
                if interp.dead() {
                    continue;
                }
                let result = probe(interp, &module, &log);
                parts.push((interp.pc, result));
                after = interp.inputs.or(after, interp.pc);
            }
            interp.pc = after;
            Some(interp.inputs.join(parts))
        }
        _ => None,
    }
}

fn probe(interp: &mut Interp<'_>, module: &str, log: &[(std::rc::Rc<str>, Vec<Value>)]) -> Gv {
    use inert_manifest_spec::condition::Operator;
    let mut library = FoundLibrary {
        name: String::new(),
        module: module.to_owned(),
        version: Vec::new(),
        statik: None,
        link: true,
        print_system_libs: true,
    };
    for (name, args) in log {
        match (&**name, args.as_slice()) {
            ("atleast_version", [Value::Text(text)]) if text.as_lit().is_some() => {
                library.version =
                    vec![(Operator::GreaterEqual, text.as_lit().unwrap_or_default().to_owned())];
            }
            ("exactly_version", [Value::Text(text)]) if text.as_lit().is_some() => {
                library.version = vec![(Operator::Equal, text.as_lit().unwrap_or_default().to_owned())];
            }
            ("statik", [Value::Bool(value)]) => library.statik = Some(*value),
            ("cargo_metadata", [Value::Bool(value)]) => library.link = *value,
            ("print_system_libs", [Value::Bool(value)]) => library.print_system_libs = *value,
            _ => return interp.unknown(&format!("`{name}` of a pkg-config probe is not understood here")),
        }
    }
    let name = match interp
        .probes
        .libraries
        .iter()
        .find(|known| FoundLibrary { name: String::new(), ..(*known).clone() } == library)
    {
        Some(known) => known.name.clone(),
        None => {
            let base = identifier(module);
            let mut name = base.clone();
            let mut count = 1;
            while interp.probes.libraries.iter().any(|known| known.name == name) {
                count += 1;
                name = format!("{base}_{count}");
            }
            interp.probes.libraries.push(FoundLibrary { name: name.clone(), ..library.clone() });
            name
        }
    };
    let index = interp.probes.libraries.iter().position(|known| known.name == name).unwrap_or(0);
    let found = interp.inputs.fact(Fact::Found { library: name.clone(), test: None });
    let here = interp.inputs.and(interp.pc, found);
    if library.link {
        interp.note(here, Effect::Library(index));
    }
    let object = interp.new_object("library");
    if let Some(Value::Object(id)) = object.single() {
        interp.objects[*id].calls.push((Guard::TRUE, "name".into(), vec![Gv::str(&name)]));
    }
    interp.choose(found, Gv::ok(object), Gv::err(Gv::of(Value::Opaque("an error of pkg-config".into()))))
}
