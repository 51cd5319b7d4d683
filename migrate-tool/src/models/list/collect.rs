//! `collect`, by the type that is asked for.

use super::super::{Method, map, path};
use super::join::join;
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::Gv;

pub(super) fn collect(interp: &mut Interp<'_>, list: &Gv, method: &Method<'_>) -> Gv {
    let ty = method.generics.first().cloned().or_else(|| method.hint.cloned());
    let ty = ty.filter(|ty| ty.name != "_");
    let Some(ty) = ty else {
        let items = interp.items_and_tail(list);
        super::count(interp, items.len());
        return if interp.dead() { Gv::never() } else { Gv::seq(items) };
    };
    match ty.name.as_str() {
        "String" | "OsString" => {
            let items = interp.items_of(list);
            join(interp, &Gv::seq(items), &Gv::str(""))
        }
        "PathBuf" => {
            let items = interp.items_of(list);
            path::join_all(interp, items)
        }
        "HashSet" | "BTreeSet" | "HashMap" | "BTreeMap" => {
            let items = interp.items_of(list);
            map::from_items(interp, items, ty.name.starts_with('B'), ty.name.ends_with("Set"))
        }
        "Result" | "Option" => {
            // The first failure is the whole's.
            let mut items = Vec::new();
            let mut failed = Vec::new();
            let mut ended = Guard::FALSE;
            let start = interp.pc;
            interp.drive(list, &mut |interp, item| {
                let (some, inner) = interp.some_of(&item);
                if !some.is_false() {
                    items.push((if some == start { Guard::TRUE } else { some }, inner));
                }
                let fails = interp.inputs.minus(interp.pc, some);
                if !fails.is_false() {
                    failed.push((fails, item));
                    ended = interp.inputs.or(ended, fails);
                }
                interp.pc = interp.inputs.minus(interp.pc, fails);
            });
            let fine = interp.pc;
            let inner = match ty.args.first() {
                Some(inner) => {
                    let inner_method = Method {
                        value: method.value,
                        place: None,
                        name: "collect",
                        args: &[],
                        hint: Some(inner),
                        generics: &[],
                    };
                    collect(interp, &Gv::seq(items), &inner_method)
                }
                None => Gv::seq(items),
            };
            let whole = if ty.name == "Option" { Gv::some(inner) } else { Gv::ok(inner) };
            failed.push((fine, whole));
            interp.pc = interp.inputs.or(fine, ended);
            interp.inputs.join(failed)
        }
        _ => {
            let items = interp.items_and_tail(list);
            super::count(interp, items.len());
            if interp.dead() { Gv::never() } else { Gv::seq(items) }
        }
    }
}
