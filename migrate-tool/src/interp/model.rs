//! The interface to the functions, types and macros that scripts use: a table that the caller gives to a run. The
//! interpreter itself refers to no model.

use std::rc::Rc;

use super::Interp;
use crate::logic::Guard;
use crate::value::{Cases, Items, ObjectId, OpenList, Piece, Place, StructValue, Text, Ty, Value};

/// A call of a function outside the script.
pub(crate) struct Call<'c> {
    pub(crate) path: &'c str,
    pub(crate) args: &'c [Cases],
    pub(crate) hint: Option<&'c Ty>,
    pub(crate) generics: &'c [Ty],
}

/// A method call on a value outside the script.
pub(crate) struct Method<'c> {
    pub(crate) value: &'c Value,
    /// The place that holds the value, if the value can be changed there.
    pub(crate) place: Option<&'c Rc<Place>>,
    pub(crate) name: &'c str,
    pub(crate) args: &'c [Cases],
    pub(crate) hint: Option<&'c Ty>,
    pub(crate) generics: &'c [Ty],
}

impl Call<'_> {
    /// Returns the argument at a position; `()` if there are fewer arguments.
    pub(crate) fn arg(&self, at: usize) -> Cases {
        self.args.get(at).cloned().unwrap_or_else(Cases::unit)
    }
}

impl Method<'_> {
    /// Returns the argument at a position; `()` if there are fewer arguments.
    pub(crate) fn arg(&self, at: usize) -> Cases {
        self.args.get(at).cloned().unwrap_or_else(Cases::unit)
    }
}

/// The functions by which the models answer. Each takes the run, and adds residue to it for a question that it cannot
/// answer.
pub(crate) struct Models {
    /// Calls a function outside the script.
    pub(crate) call: fn(&mut Interp<'_>, &Call<'_>) -> Cases,
    /// Calls a method of a value outside the script; `None` if no model knows it.
    pub(crate) method: fn(&mut Interp<'_>, &Method<'_>) -> Option<Cases>,
    /// Returns the value of a constant outside the script; `None` if no model knows it.
    pub(crate) constant: fn(&mut Interp<'_>, &str) -> Option<Cases>,
    /// Returns whether a glob import of the path's module may import the path's last name.
    pub(crate) knows: fn(&str) -> bool,
    /// Returns a field of a modelled object.
    pub(crate) field: fn(&mut Interp<'_>, ObjectId, &str) -> Cases,
    /// Returns a field of a library that was found; `None` if it has no such field.
    pub(crate) library_field: fn(&mut Interp<'_>, ObjectId, &str) -> Option<Cases>,
    /// Returns the default of a type; without a type it is residue.
    pub(crate) default_of: fn(&mut Interp<'_>, Option<&Ty>) -> Cases,
    /// Collects items into a collection of the given type.
    pub(crate) collect_as: fn(&mut Interp<'_>, &Items, &Ty) -> Cases,
    /// Returns the value inside a `LazyLock` or `LazyCell`, for which its closure is run if necessary; returns all
    /// other values unchanged.
    pub(crate) forced: fn(&mut Interp<'_>, &Cases) -> Cases,
    /// Evaluates the macro of the crate `cfg_aliases`.
    pub(crate) cfg_aliases: fn(&mut Interp<'_>, &syn::Macro) -> Cases,
    /// Evaluates `env!` (`false`) or `option_env!` (`true`) for a variable.
    pub(crate) compile_time_env: fn(&mut Interp<'_>, &str, bool) -> Cases,
    /// Returns whether a list is the list of the enabled features.
    pub(crate) is_feature_list: fn(&mut Interp<'_>, &Items) -> bool,
    /// Returns the text that `{:?}` writes for a list whose items are known only during the build.
    pub(crate) open_list_debug: fn(&mut Interp<'_>, &OpenList) -> Cases,
    /// Visits the items of a list that is known only during the build.
    pub(crate) open_list_drive: DriveOpenList,
    /// Returns the text of a version.
    pub(crate) display_version: fn(&mut Interp<'_>, &StructValue) -> Cases,
    /// Compares two versions; the result is an `Ordering`.
    pub(crate) compare_versions: fn(&mut Interp<'_>, &StructValue, &StructValue) -> Cases,
    /// Returns the set that an operator (`|`, `&`, `-`, `^`) makes of two sets; `None` if it is not known.
    pub(crate) combine_sets: fn(&mut Interp<'_>, &str, &Value, &Value) -> Option<Cases>,
    /// Returns the entries of a walk through folders.
    pub(crate) walk_items: fn(&mut Interp<'_>, ObjectId) -> Items,
    /// Returns the rest of a flag of rustc after the given number of bytes; `None` if it is not certain.
    pub(crate) flags_cut: fn(&mut Interp<'_>, &[Piece], usize) -> Option<Text>,
    /// Returns the guard under which a flag of rustc equals the text; `None` if the pieces are no flag or the guard is
    /// not known.
    pub(crate) flags_equals: fn(&mut Interp<'_>, &[Piece], &str) -> Option<Guard>,
}

/// A function that visits the items of a list, each on its own path.
type DriveOpenList = for<'s> fn(&mut Interp<'s>, &OpenList, &mut dyn FnMut(&mut Interp<'s>, Cases));
