//! The API of autocfg: comparisons of rustc's version, and probes whether small programs compile.

use inert_manifest_spec::types::{Bootstrap, CompileProbe, Probe, ProbeEmit, ProbeKind, ProbeSource};

use super::{Call, Method};
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Cases, Piece, Value};

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    let name = call.path.strip_prefix("autocfg::")?;
    if name.ends_with("new") {
        super::env::seen_by(interp, super::env::Tool::Rustc);
        if interp.dead() {
            return Some(Cases::never());
        }
    }
    Some(match name {
        "new" => interp.new_object("autocfg"),
        "AutoCfg::new" => {
            let object = interp.new_object("autocfg");
            Cases::ok(object)
        }
        "emit" => {
            let cfg = call.arg(0);
            emit(interp, &cfg, Guard::TRUE)
        }
        "rerun_path" | "rerun_env" | "emit_possibility" => Cases::unit(),
        _ => return None,
    })
}

/// Prints `cargo:rustc-cfg=…` where the guard holds.
fn emit(interp: &mut Interp<'_>, cfg: &Cases, guard: Guard) -> Cases {
    let cfg = interp.deref_all(cfg);
    let line = crate::interp::concat(interp, &Cases::str("cargo:rustc-cfg="), &cfg);
    let line = crate::interp::concat(interp, &line, &Cases::str("\n"));
    interp.branch(guard, |interp| interp.print(&line), |_| Cases::unit())
}

/// Returns the name that autocfg makes from a path, without `has_`: each character other than letters and digits
/// becomes `_`.
fn mangle(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect()
}

fn ask(interp: &mut Interp<'_>, name: &str, source: String) -> Guard {
    let probe = CompileProbe {
        source: ProbeSource::Text(source),
        edition: None,
        crate_type: Some("lib".into()),
        cfgs: Vec::new(),
        bootstrap: Bootstrap::Inherit,
        emit: ProbeEmit::LlvmIr,
        cap_lints: false,
        rustflags: true,
        target: true,
    };
    interp.ask_probe(name, Probe { kind: ProbeKind::Compiles(probe), when: None, span: 0..0 })
}

/// Returns where autocfg finds that a program compiles: with std, or with `#![no_std]` where std is missing.
fn compiles(interp: &mut Interp<'_>, name: &str, code: &str) -> Guard {
    let std = ask(interp, "std", String::new());
    let with_std = ask(interp, name, code.to_owned());
    let without = ask(interp, &format!("{name}_no_std"), format!("#![no_std]\n{code}"));
    let with = interp.inputs.and(std, with_std);
    let no_std = interp.inputs.minus(without, std);
    interp.inputs.or(with, no_std)
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Object(object) = method.value else { return None };
    if interp.objects[*object].kind != "autocfg" {
        return None;
    }
    let name = method.name;
    if matches!(name, "set_no_std" | "no_std" | "edition" | "set_edition") {
        return None;
    }
    if name == "probe_rustc_version" || name == "emit_rustc_version" {
        let major = super::text::int(&method.arg(0))?;
        let minor = u64::try_from(super::text::int(&method.arg(1))?).ok()?;
        if major != 1 {
            return None;
        }
        let guard = interp.rustc_at_least(minor);
        if name == "probe_rustc_version" {
            return Some(interp.boolean(guard));
        }
        return Some(emit(interp, &Cases::str(&format!("rustc_{major}_{minor}")), guard));
    }
    let text = interp.deref_all(&method.arg(0));
    Some(interp.each(&text, |interp, text| match text {
        Value::Text(text) => interp.ask(text, "a question of autocfg's", &mut |interp, flat| match flat {
            [Piece::Lit(text)] => probe(interp, method, text),
            _ => None,
        }),
        _ => interp.unknown("what autocfg is asked is not understood"),
    }))
}

/// Evaluates a probe of `text`: returns its result, or prints the cfg that it sets.
fn probe(interp: &mut Interp<'_>, method: &Method<'_>, text: &str) -> Option<Cases> {
    let name = method.name;
    let mangled = mangle(text);
    // The program to compile, and the cfg that an `emit_…` method sets.
    let (code, cfg) = match name.split_once('_')?.1 {
        "path" | "has_path" => (format!("pub use {text};"), format!("has_{mangled}")),
        "sysroot_crate" => (format!("extern crate {text} as probe;"), format!("has_{mangled}")),
        "trait" | "has_trait" => (format!("pub trait Probe: {text} + Sized {{}}"), format!("has_{mangled}")),
        "type" | "has_type" => (format!("pub type Probe = {text};"), format!("has_{mangled}")),
        "expression" => (format!("pub fn probe() {{ let _ = {text}; }}"), String::new()),
        "constant" => (format!("pub const PROBE: () = ((), {text}).0;"), String::new()),
        "raw" => {
            // `probe_raw` compiles the text as it is, whether or not std is there.
            let guard = ask(interp, "compiles", text.to_owned());
            let fine = Cases::ok(Cases::unit());
            return Some(interp.choose(
                guard,
                fine,
                Cases::err(Cases::of(Value::Opaque("an error of autocfg".into()))),
            ));
        }
        "path_cfg" => (format!("pub use {text};"), literal_arg(method, 1)?),
        "trait_cfg" => (format!("pub trait Probe: {text} + Sized {{}}"), literal_arg(method, 1)?),
        "type_cfg" => (format!("pub type Probe = {text};"), literal_arg(method, 1)?),
        "expression_cfg" => (format!("pub fn probe() {{ let _ = {text}; }}"), literal_arg(method, 1)?),
        "constant_cfg" => (format!("pub const PROBE: () = ((), {text}).0;"), literal_arg(method, 1)?),
        _ => return None,
    };
    let guard = compiles(interp, if cfg.is_empty() { &mangled } else { &cfg }, &code);
    if name.starts_with("probe") {
        return Some(interp.boolean(guard));
    }
    Some(emit(interp, &Cases::str(&cfg), guard))
}

fn literal_arg(method: &Method<'_>, at: usize) -> Option<String> {
    method.arg(at).literal().map(str::to_owned)
}
