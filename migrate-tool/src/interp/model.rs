//! The interface to the functions, types and macros that scripts use: a table, which whoever starts a run hands over. The
//! interpreter knows no model.

use std::rc::Rc;

use super::Interp;
use crate::logic::Guard;
use crate::value::{Gv, Items, ObjectId, OpenList, Piece, Place, StructValue, Text, Ty, Value};

/// A call of a function outside the script.
pub(crate) struct Call<'c> {
    pub(crate) path: &'c str,
    pub(crate) args: &'c [Gv],
    pub(crate) hint: Option<&'c Ty>,
    pub(crate) generics: &'c [Ty],
}

/// A method call on a value outside the script.
pub(crate) struct Method<'c> {
    pub(crate) value: &'c Value,
    /// Where the value stands, if it can be changed there.
    pub(crate) place: Option<&'c Rc<Place>>,
    pub(crate) name: &'c str,
    pub(crate) args: &'c [Gv],
    pub(crate) hint: Option<&'c Ty>,
    pub(crate) generics: &'c [Ty],
}

impl Call<'_> {
    /// An argument; nothing where there is none.
    pub(crate) fn arg(&self, at: usize) -> Gv {
        self.args.get(at).cloned().unwrap_or_else(Gv::unit)
    }
}

impl Method<'_> {
    /// An argument; nothing where there is none.
    pub(crate) fn arg(&self, at: usize) -> Gv {
        self.args.get(at).cloned().unwrap_or_else(Gv::unit)
    }
}

/// What the models answer. Each function takes the run, and leaves residue there for what it does not know.
pub(crate) struct Models {
    /// Calls a function outside the script.
    pub(crate) call: fn(&mut Interp<'_>, &Call<'_>) -> Gv,
    /// Calls a method of a value outside the script; `None` if no model knows it.
    pub(crate) method: fn(&mut Interp<'_>, &Method<'_>) -> Option<Gv>,
    /// The value of a constant outside the script.
    pub(crate) constant: fn(&mut Interp<'_>, &str) -> Option<Gv>,
    /// Whether a glob import of this path's module may mean this name.
    pub(crate) knows: fn(&str) -> bool,
    /// A field of something modelled.
    pub(crate) field: fn(&mut Interp<'_>, ObjectId, &str) -> Gv,
    /// A field of a library that was found; `None` if it has no such field.
    pub(crate) library_field: fn(&mut Interp<'_>, ObjectId, &str) -> Option<Gv>,
    /// The default of a type.
    pub(crate) default_of: fn(&mut Interp<'_>, Option<&Ty>) -> Gv,
    /// Items, collected into a type.
    pub(crate) collect_as: fn(&mut Interp<'_>, &Items, &Ty) -> Gv,
    /// The value of a `LazyLock` or `OnceCell` in place of the cell.
    pub(crate) forced: fn(&mut Interp<'_>, &Gv) -> Gv,
    /// The macro of the crate `cfg_aliases`.
    pub(crate) cfg_aliases: fn(&mut Interp<'_>, &syn::Macro) -> Gv,
    /// `env!` (`false`) or `option_env!` (`true`) of a variable.
    pub(crate) compile_time_env: fn(&mut Interp<'_>, &str, bool) -> Gv,
    /// Whether a list is that of the features that are on.
    pub(crate) is_feature_list: fn(&mut Interp<'_>, &Items) -> bool,
    /// The debug text of a list that is known only during the build.
    pub(crate) open_list_debug: fn(&mut Interp<'_>, &OpenList) -> Gv,
    /// Visits the members of a list that is known only during the build.
    pub(crate) open_list_drive: DriveOpenList,
    /// The text of a version.
    pub(crate) display_version: fn(&mut Interp<'_>, &StructValue) -> Gv,
    /// The order of two versions.
    pub(crate) compare_versions: fn(&mut Interp<'_>, &StructValue, &StructValue) -> Gv,
    /// The entries of a walk through folders.
    pub(crate) walk_items: fn(&mut Interp<'_>, ObjectId) -> Items,
    /// The rest of a flag of rustc after so many bytes.
    pub(crate) flags_cut: fn(&mut Interp<'_>, &[Piece], usize) -> Option<Text>,
    /// Where a flag of rustc is this text.
    pub(crate) flags_equals: fn(&mut Interp<'_>, &[Piece], &str) -> Option<Guard>,
}

/// Visits the members of a list, each on its path.
type DriveOpenList = for<'s> fn(&mut Interp<'s>, &OpenList, &mut dyn FnMut(&mut Interp<'s>, Gv));
