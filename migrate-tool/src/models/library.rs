//! A library of the system, whichever tool looks for it, and its properties once it is found.

use inert_manifest_spec::Fact;
use inert_manifest_spec::condition::Operator;

use super::Method;
use super::probes::identifier;
use crate::interp::{Effect, Interp};
use crate::logic::Guard;
use crate::value::{Gv, ObjectId, Piece, Sym, Value};

/// The tool that looks for a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    PkgConfig,
    Vcpkg,
}

/// A library that the script looks for.
#[derive(Debug, Clone)]
pub(crate) struct FoundLibrary {
    /// The library's key in the declaration.
    pub(crate) name: String,
    /// The tool that looks for it.
    pub(crate) way: Way,
    /// The name that the tool knows it by.
    pub(crate) module: String,
    /// The names of the files to link, where the script gives them.
    pub(crate) libs: Vec<String>,
    /// Comparisons with its version, as written in the script.
    pub(crate) version: Vec<(Operator, String)>,
    /// Whether it is to be linked statically, where the script says so.
    pub(crate) statik: Option<bool>,
    /// Whether finding it links it.
    pub(crate) link: bool,
    /// Whether the system's own folders are printed as search paths.
    pub(crate) print_system_libs: bool,
    /// Where the script looks for it.
    pub(crate) asked: Guard,
}

impl FoundLibrary {
    /// Returns a request without further settings.
    pub(super) fn new(way: Way, module: &str) -> Self {
        Self {
            name: String::new(),
            way,
            module: module.to_owned(),
            libs: Vec::new(),
            version: Vec::new(),
            statik: None,
            link: true,
            print_system_libs: true,
            asked: Guard::FALSE,
        }
    }

    fn same_question(&self, other: &Self) -> bool {
        (self.way, &self.module, &self.libs, &self.version)
            == (other.way, &other.module, &other.libs, &other.version)
            && (self.statik, self.link, self.print_system_libs)
                == (other.statik, other.link, other.print_system_libs)
    }
}

impl Interp<'_> {
    /// Looks for a library: returns `Ok` where it is found, and `Err` elsewhere.
    pub(super) fn ask_library(&mut self, library: FoundLibrary, error: &str) -> Gv {
        if self.open_loops > 0 {
            return self.unknown("looking for a library in a loop over an unknown list is not understood");
        }
        super::env::seen_by(self, super::env::Tool::Native);
        if self.dead() {
            return Gv::never();
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
            self.objects[*id].calls.push((Guard::TRUE, "name".into(), vec![Gv::str(&name)]));
        }
        self.choose(found, Gv::ok(object), Gv::err(Gv::of(Value::Opaque(error.into()))))
    }
}

/// The name of a single folder of headers of a found library, while a script iterates over them.
pub(crate) const ELEMENT: &str = "include";
/// The name of all folders of headers, joined by `,`.
pub(crate) const JOINED: &str = "include folders, joined by commas";

/// Returns whether a line is metadata of one folder of a list. Of several such lines with one key, the last counts.
pub(crate) fn is_metadata_of_element(text: &crate::value::Text) -> bool {
    let pieces: Vec<&Piece> = text.pieces().collect();
    let [Piece::Lit(before), Piece::Sym(Sym::Library(_, what)), Piece::Lit(end)] = pieces.as_slice() else {
        return false;
    };
    let key = before
        .strip_prefix("cargo::metadata=")
        .or_else(|| before.strip_prefix("cargo:").filter(|rest| !rest.starts_with([':'])))
        .and_then(|rest| rest.strip_suffix('='));
    &**what == ELEMENT
        && &**end == "\n"
        && text.is_flat()
        && key.is_some_and(|key| {
            !["rustc-", "rerun-", "warning", "error", "metadata"].iter().any(|own| key.starts_with(own))
                && !key.contains(['=', '\n'])
        })
}

/// Returns whether a value is a single folder of such a list.
pub(super) fn is_element(value: &Gv) -> bool {
    let Some(Value::Text(text)) = value.single() else { return false };
    matches!(text.as_sym(), Some(Sym::Library(_, what)) if &**what == ELEMENT)
}

/// Returns where a library has no folder of headers, which is known only during the build.
pub(crate) fn none_of(interp: &mut Interp<'_>, library: &str) -> Guard {
    interp.inputs.fact(Fact::Probe { name: format!("!no include {library}"), test: None })
}

/// Methods of a library's list of folders of headers.
pub(super) fn list_method(interp: &mut Interp<'_>, method: &Method<'_>, object: ObjectId) -> Option<Gv> {
    let element = interp.objects[object].calls.first()?.2[0].clone();
    let Value::Text(text) = element.single()? else { return None };
    let Some(Sym::Library(library, what)) = text.as_sym().cloned() else { return None };
    if &*what != ELEMENT {
        return None;
    }
    let whole = || Gv::of(method.value.clone());
    Some(match method.name {
        "is_empty" => {
            let none = none_of(interp, &library);
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
pub(crate) fn field(interp: &mut Interp<'_>, object: ObjectId, name: &str) -> Option<Gv> {
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
pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Gv> {
    let Value::Object(object) = method.value else { return None };
    if interp.objects[*object].kind != "library" {
        return None;
    }
    matches!(method.name, "clone" | "as_ref" | "to_owned" | "borrow").then(|| Gv::of(method.value.clone()))
}
