//! A library of the system, whichever tool looks for it, and its properties once it is found.

use inert_manifest_spec::Fact;

use super::Method;
use crate::interp::Interp;
use crate::logic::Guard;
use crate::semantics::facts::identifier;
use crate::semantics::library::{ELEMENT, FoundLibrary, JOINED, Way, no_headers};
use crate::trace::Effect;
use crate::value::{Cases, ObjectId, Sym, Value};

impl Interp<'_> {
    /// Looks for a library: returns `Ok` where it is found, and `Err` elsewhere.
    pub(super) fn ask_library(&mut self, library: FoundLibrary, error: &str) -> Cases {
        if self.open_loops > 0 {
            return self.unknown("looking for a library in a loop over an unknown list is not understood");
        }
        super::env::seen_by(self, super::env::Tool::Native);
        if self.dead() {
            return Cases::never();
        }
        let known = self.probes.libraries.iter().position(|known| known.same_question(&library));
        let index = known.unwrap_or_else(|| {
            let base = identifier(&library.module);
            let mut name = base.clone();
            let mut count = 1;
            while self.probes.libraries.iter().any(|known| known.name == name) {
                count += 1;
                name = format!("{base}_{count}");
            }
            self.probes.libraries.push(FoundLibrary { name, ..library });
            self.probes.libraries.len() - 1
        });
        let asked = self.inputs.or(self.probes.libraries[index].asked, self.pc);
        self.probes.libraries[index].asked = asked;
        let (name, link) = (self.probes.libraries[index].name.clone(), self.probes.libraries[index].link);
        let found = self.inputs.fact(Fact::Found { library: name.clone(), test: None });
        let here = self.inputs.and(self.pc, found);
        if link {
            self.note(here, Effect::Library(index));
        }
        let object = self.new_object("library");
        if let Some(Value::Object(id)) = object.single() {
            self.objects[*id].calls.push((Guard::TRUE, "name".into(), vec![Cases::str(&name)]));
        }
        self.choose(found, Cases::ok(object), Cases::err(Cases::of(Value::Opaque(error.into()))))
    }
}

/// Returns whether a value is a single folder of such a list.
pub(super) fn is_element(value: &Cases) -> bool {
    let Some(Value::Text(text)) = value.single() else { return false };
    matches!(text.as_sym(), Some(Sym::Library(_, what)) if &**what == ELEMENT)
}

/// Methods of a library's list of folders of headers.
pub(super) fn list_method(interp: &mut Interp<'_>, method: &Method<'_>, object: ObjectId) -> Option<Cases> {
    let element = interp.objects[object].calls.first()?.2[0].clone();
    let Value::Text(text) = element.single()? else { return None };
    let Some(Sym::Library(library, what)) = text.as_sym().cloned() else { return None };
    if &*what != ELEMENT {
        return None;
    }
    let whole = || Cases::of(method.value.clone());
    Some(match method.name {
        "is_empty" => {
            let none = interp.inputs.fact(no_headers(&library));
            interp.boolean(none)
        }
        // Only a closure that returns each folder's text unchanged is allowed.
        "map" => {
            let function = method.arg(0);
            let mapped = crate::models::open_list::pure(interp, &mut |interp| {
                interp.call_value(&function, vec![element.clone()])
            });
            if mapped != element {
                return Some(interp.unknown("what is made of each folder of a library cannot be said"));
            }
            whole()
        }
        "collect" => {
            let ty = method.generics.first().or(method.hint);
            return ty.is_none_or(|ty| ["Vec", "_"].contains(&ty.name.as_str())).then(whole);
        }
        "join" if method.arg(0).literal() == Some(",") => interp.sym(Sym::Library(library, JOINED.into())),
        "clone" | "to_vec" | "as_slice" | "as_ref" | "to_owned" => whole(),
        _ => return None,
    })
}

/// Returns a field of a found library.
pub(crate) fn field(interp: &mut Interp<'_>, object: ObjectId, name: &str) -> Option<Cases> {
    let library = interp.objects[object].calls.first()?.2[0].literal()?.to_owned();
    let way = interp.probes.libraries.iter().find(|known| known.name == library)?.way;
    let symbol =
        |interp: &mut Interp<'_>, what: &str| interp.sym(Sym::Library(library.as_str().into(), what.into()));
    match (way, name) {
        (Way::PkgConfig, "version") => Some(symbol(interp, "version")),
        (_, "include_paths" | "link_paths") => {
            let list = interp.new_object("unknown list");
            let element = symbol(interp, if name == "include_paths" { "include" } else { "lib" });
            let element = interp.text_as(&element, crate::value::TextType::PathBuf);
            if let Value::Object(id) = list.single()? {
                interp.objects[*id].calls.push((Guard::TRUE, "element".into(), vec![element]));
            }
            Some(list)
        }
        _ => None,
    }
}

/// Methods of a found library.
pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Object(object) = method.value else { return None };
    if interp.objects[*object].kind != "library" {
        return None;
    }
    matches!(method.name, "clone" | "as_ref" | "to_owned" | "borrow").then(|| Cases::of(method.value.clone()))
}
