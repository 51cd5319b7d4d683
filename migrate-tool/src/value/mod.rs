//! Values that depend on unknown inputs.
//!
//! A [`Cases`] lists the possible values of an expression, each with its [`Guard`]. The guards are disjoint and cover the
//! path on which the expression was evaluated. The parts of aggregates are `Cases`s in turn. Where branches join, two
//! aggregates of one shape are merged field by field, so that independent inputs stay independent.

mod items;
mod iter;
mod join;
pub(crate) mod text;
mod ty;

use std::rc::Rc;

pub(crate) use items::{Items, SeqKind};
pub(crate) use iter::{Iter, Step as IterStep, While};
pub(crate) use text::{Piece, Sym, Text, TextClass, TextType};
pub(crate) use ty::{Ty, type_of};

use crate::logic::Guard;

/// The cases of a value: the values that an expression may have, each with the guard under which it has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Cases(pub(crate) Rc<[(Guard, Value)]>);

/// The index of a variable, or of another thing with an identity.
pub(crate) type CellId = usize;
/// Calls on a modelled object, in order: the path under which each is made, its name and its arguments.
pub(crate) type Calls = Vec<(Guard, Rc<str>, Vec<Cases>)>;

/// The index of a modelled object in the state of the run (`interp::state`).
pub(crate) type ObjectId = usize;

/// A value that does not depend on inputs by itself; its parts may.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    Unit,
    Bool(bool),
    Int(i128, IntType),
    Char(char),
    /// `str`, `String`, `OsStr`, `Path`, or bytes that are UTF-8; [`TextType`] tells them apart.
    Text(Text),
    /// Bytes that are not UTF-8.
    Bytes(Rc<[u8]>),
    Tuple(Rc<[Cases]>),
    Struct(Rc<StructValue>),
    Enum(Rc<EnumValue>),
    /// A vector, an array or a slice.
    Seq(Rc<Items>),
    /// A list whose members are known in part: those that the script looks for by name.
    OpenList(Rc<OpenList>),
    Iter(Rc<Iter>),
    Map(Rc<MapValue>),
    Range {
        start: Option<i128>,
        end: Option<i128>,
        /// The integer type of the bounds and of the items.
        kind: IntType,
    },
    /// A value with an identity that can be shared and changed.
    Cell(CellId, CellKind),
    /// A `&mut` reference, as the place that it refers to.
    Ref(Rc<Place>),
    Closure(Rc<ClosureValue>),
    /// A function of the script, by its item number.
    Function(usize),
    /// A tuple struct or a tuple variant used as a function: the type's name and the variant's.
    Constructor(Rc<str>, Rc<str>),
    /// `Type::name`, `Trait::name` or `<Type as Trait>::name` of the script: type, trait and name. The function is
    /// chosen at the call, when the types of the arguments are known.
    Associated(Option<Rc<str>>, Option<Rc<str>>, Rc<str>),
    /// A path outside the script, such as `std::fs::read`, that may be called. Only unit variants
    /// ([`crate::semantics::types::unit_variant`]) have a meaning as values.
    External(Rc<str>),
    /// A value whose model records the calls on it.
    Object(ObjectId),
    /// A number that is known only as text in a radix.
    SymbolicInt(Sym, u32),
    /// A value that can be moved and stored; any question about it is residue. The text describes it in messages.
    Opaque(Rc<str>),
}

/// The integer types; `Unknown` is the type of a literal before another type determines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum IntType {
    Unknown,
    Signed(u8),
    Unsigned(u8),
    Isize,
    Usize,
}

/// The type of a [`Value::Cell`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CellKind {
    Cell,
    RefCell,
    Mutex,
    RwLock,
    Atomic,
    /// `OnceCell` and `OnceLock`, whose content is an `Option`.
    Once,
    /// `LazyCell` and `LazyLock`, whose content is the closure until the first access.
    Lazy,
}

/// A value of a struct of the script.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct StructValue {
    pub(crate) name: Rc<str>,
    pub(crate) fields: Vec<(Rc<str>, Cases)>,
}

/// A value of an enum, including `Option` and `Result`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct EnumValue {
    pub(crate) name: Rc<str>,
    pub(crate) variant: Rc<str>,
    /// The fields by name; those of tuple variants are named `0`, `1`, ….
    pub(crate) fields: Vec<(Rc<str>, Cases)>,
}

/// A list whose members are known in part: the named members in order of their names, each with its guard; the guard
/// under which there may be others; and the value that represents each of those.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct OpenList {
    pub(crate) named: Items,
    pub(crate) others: Guard,
    pub(crate) other: Cases,
}

/// A map or a set. `sorted` is true for `BTreeMap` and `BTreeSet`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct MapValue {
    pub(crate) sorted: bool,
    pub(crate) set: bool,
    /// The guard under which an entry is present, its key and its value; keys differ.
    pub(crate) entries: Vec<(Guard, Value, Cases)>,
    /// The full type, where the script states it.
    pub(crate) ty: Option<Rc<Ty>>,
}

/// A closure with the variables that it captures.
#[derive(Debug, Clone)]
pub(crate) struct ClosureValue {
    pub(crate) code: Rc<syn::ExprClosure>,
    pub(crate) captured: Vec<(Rc<str>, CellId)>,
    pub(crate) module: usize,
    pub(crate) self_type: Option<Rc<str>>,
    pub(crate) file: usize,
    pub(crate) local_items: Vec<usize>,
    /// The types that inference found for the literals of the function around the closure.
    pub(crate) literals: Rc<std::collections::HashMap<(usize, usize), IntType>>,
}

impl PartialEq for ClosureValue {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.code, &other.code) && self.captured == other.captured
    }
}
impl Eq for ClosureValue {}
impl std::hash::Hash for ClosureValue {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.captured.hash(state);
    }
}

/// A variable, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) cell: CellId,
    pub(crate) path: Vec<Step>,
}

/// A step from a value to one of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Field(Rc<str>),
    /// The position among the items of a sequence; absent items count.
    Item(usize),
    /// The position among the entries of a map.
    Entry(usize),
    /// A part of a sequence, from the first position up to, but not including, the second.
    Slice(usize, usize),
}

impl Cases {
    /// Returns the value without cases: the expression does not finish on any path.
    pub(crate) fn never() -> Self {
        Self(Rc::from([]))
    }

    /// Returns the value that is always `value`.
    pub(crate) fn of(value: Value) -> Self {
        Self(Rc::from([(Guard::TRUE, value)]))
    }

    pub(crate) fn unit() -> Self {
        Self::of(Value::Unit)
    }

    pub(crate) fn bool(value: bool) -> Self {
        Self::of(Value::Bool(value))
    }

    pub(crate) fn str(text: &str) -> Self {
        Self::of(Value::Text(Text::lit(text)))
    }

    /// Returns a `String` of known text.
    pub(crate) fn string(text: &str) -> Self {
        Self::of(Value::Text(Text::lit(text).typed(TextType::String)))
    }

    pub(crate) fn text(text: Text) -> Self {
        Self::of(Value::Text(text))
    }

    pub(crate) fn usize(value: usize) -> Self {
        Self::of(Value::Int(value as i128, IntType::Usize))
    }

    pub(crate) fn some(value: Self) -> Self {
        Self::of(Value::variant("Option", "Some", vec![value]))
    }

    pub(crate) fn none() -> Self {
        Self::of(Value::variant("Option", "None", vec![]))
    }

    pub(crate) fn ok(value: Self) -> Self {
        Self::of(Value::variant("Result", "Ok", vec![value]))
    }

    pub(crate) fn err(value: Self) -> Self {
        Self::of(Value::variant("Result", "Err", vec![value]))
    }

    pub(crate) fn seq(items: impl Into<Items>) -> Self {
        Self::of(Value::Seq(Rc::new(items.into())))
    }

    /// Returns a sequence of items that are all present.
    pub(crate) fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::seq(items.into_iter().map(|item| (Guard::TRUE, item)).collect::<Items>())
    }

    /// Returns an iterator over items.
    pub(crate) fn iter(items: impl Into<Items>) -> Self {
        Self::of(Value::Iter(Rc::new(Iter::of(items.into()))))
    }

    pub(crate) fn is_never(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the value if there is only one alternative.
    pub(crate) fn single(&self) -> Option<&Value> {
        match &*self.0 {
            [(_, value)] => Some(value),
            _ => None,
        }
    }

    /// Returns the literal text, if that is the only alternative.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.single()? {
            Value::Text(text) => text.as_lit(),
            _ => None,
        }
    }
}

impl Value {
    /// Returns a tuple variant of an enum.
    pub(crate) fn variant(name: &str, variant: &str, fields: Vec<Cases>) -> Self {
        let fields = fields
            .into_iter()
            .enumerate()
            .map(|(index, field)| (Rc::from(index.to_string()), field))
            .collect();
        Self::Enum(Rc::new(EnumValue { name: Rc::from(name), variant: Rc::from(variant), fields }))
    }

    /// Returns the kind of value, for messages.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Unit => "()".into(),
            Self::Bool(_) => "bool".into(),
            Self::Int(..) | Self::SymbolicInt(..) => "integer".into(),
            Self::Char(_) => "char".into(),
            Self::Text(_) => "text".into(),
            Self::Bytes(_) => "bytes".into(),
            Self::Tuple(_) => "tuple".into(),
            Self::Struct(value) => value.name.to_string(),
            Self::Enum(value) => value.name.to_string(),
            Self::Seq(_) => "sequence".into(),
            Self::OpenList(_) => "list of which not all members are known".into(),
            Self::Iter(_) => "iterator".into(),
            Self::Map(_) => "map".into(),
            Self::Range { .. } => "range".into(),
            Self::Cell(..) => "cell".into(),
            Self::Ref(_) => "&mut".into(),
            Self::Closure(_) | Self::Function(_) | Self::Constructor(..) | Self::Associated(..) => {
                "function".into()
            }
            Self::External(path) => format!("`{path}`"),
            Self::Object(_) => "object".into(),
            Self::Opaque(what) => what.to_string(),
        }
    }
}
