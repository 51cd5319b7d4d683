//! Values that depend on unknown inputs.
//!
//! A [`Gv`] lists what an expression may be, each with the [`Guard`] under which it is that; guards are disjoint and
//! cover the path on which it was computed. Aggregates hold `Gv`s in turn, and two of one shape are merged field by
//! field where branches join, so that independent inputs stay apart.

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

/// A value under guards.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Gv(pub(crate) Rc<[(Guard, Value)]>);

/// Index of a variable or of anything with an identity.
pub(crate) type CellId = usize;
/// Index of an [`crate::interp::Object`].
pub(crate) type ObjectId = usize;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    Unit,
    Bool(bool),
    Int(i128, IntType),
    Char(char),
    /// `str`, `String`, `OsStr`, `Path`, and bytes that are text; [`TextType`] says which.
    Text(Text),
    /// Bytes that are not UTF-8.
    Bytes(Rc<[u8]>),
    Tuple(Rc<[Gv]>),
    Struct(Rc<StructValue>),
    Enum(Rc<EnumValue>),
    /// Vectors, arrays, slices.
    Seq(Rc<Items>),
    /// A list of which some members are asked for by name and the others are not known.
    OpenList(Rc<OpenList>),
    Iter(Rc<Iter>),
    Map(Rc<MapValue>),
    Range {
        start: Option<i128>,
        end: Option<i128>,
        /// The type of its bounds, and of what it goes over.
        kind: IntType,
    },
    /// Something shared that can change.
    Cell(CellId, CellKind),
    /// `&mut place`.
    Ref(Rc<Place>),
    Closure(Rc<ClosureValue>),
    /// A function by its item number.
    Function(usize),
    /// A tuple constructor: type, variant.
    Constructor(Rc<str>, Rc<str>),
    /// `Type::name`, `Trait::name` or `<Type as Trait>::name` of the script, chosen when it is called and its arguments are
    /// known: type, trait, name.
    Associated(Option<Rc<str>>, Option<Rc<str>>, Rc<str>),
    /// A path outside the script, `std::fs::read`. It may be called. What it is as a value is known of variants alone
    /// ([`crate::models::unit_variant`]).
    External(Rc<str>),
    /// Something modelled by the log of calls on it.
    Object(ObjectId),
    /// A number known only as text in some radix.
    SymbolicInt(Sym, u32),
    /// May be carried about, never asked.
    Opaque(Rc<str>),
}

/// Integer types; `Unknown` is a literal's before it meets another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum IntType {
    Unknown,
    Signed(u8),
    Unsigned(u8),
    Isize,
    Usize,
}

/// Which type a [`Value::Cell`] is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CellKind {
    Cell,
    RefCell,
    Mutex,
    RwLock,
    Atomic,
    /// `OnceCell` and `OnceLock`; holds an `Option`.
    Once,
    /// `LazyCell` and `LazyLock`; holds the closure until somebody asks.
    Lazy,
}

/// A struct.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct StructValue {
    pub(crate) name: Rc<str>,
    pub(crate) fields: Vec<(Rc<str>, Gv)>,
}

/// An enum, `Option` and `Result` included.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct EnumValue {
    pub(crate) name: Rc<str>,
    pub(crate) variant: Rc<str>,
    /// Names are `0`, `1`, … in tuple variants.
    pub(crate) fields: Vec<(Rc<str>, Gv)>,
}

/// Members in order of their names, each there or not; the guard under which there may be others, and what stands for
/// each of those.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct OpenList {
    pub(crate) named: Items,
    pub(crate) others: Guard,
    pub(crate) other: Gv,
}

/// A map or set; `sorted` is for the BTree ones.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct MapValue {
    pub(crate) sorted: bool,
    pub(crate) set: bool,
    /// Present under the guard; keys differ.
    pub(crate) entries: Vec<(Guard, Value, Gv)>,
    /// The whole type, where it was said.
    pub(crate) ty: Option<Rc<Ty>>,
}

/// A closure with the variables it sees.
#[derive(Debug, Clone)]
pub(crate) struct ClosureValue {
    pub(crate) code: Rc<syn::ExprClosure>,
    pub(crate) captured: Vec<(Rc<str>, CellId)>,
    pub(crate) module: usize,
    pub(crate) self_type: Option<Rc<str>>,
    pub(crate) file: usize,
    pub(crate) local_items: Vec<usize>,
    /// What inference says of the literals of the function around it.
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

/// A part of a variable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) cell: CellId,
    pub(crate) path: Vec<Step>,
}

/// A step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Field(Rc<str>),
    /// Position in a sequence's items (absent ones counted).
    Item(usize),
    /// Position in a map's entries.
    Entry(usize),
    /// A part of a sequence, from one position to before another.
    Slice(usize, usize),
}

impl Gv {
    /// Nothing: the expression did not finish on any path.
    pub(crate) fn never() -> Self {
        Self(Rc::from([]))
    }

    /// Always the value.
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

    /// A `String` that is known.
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

    /// A sequence of items that are all there.
    pub(crate) fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::seq(items.into_iter().map(|item| (Guard::TRUE, item)).collect::<Items>())
    }

    /// An iterator over items.
    pub(crate) fn iter(items: impl Into<Items>) -> Self {
        Self::of(Value::Iter(Rc::new(Iter::of(items.into()))))
    }

    pub(crate) fn is_never(&self) -> bool {
        self.0.is_empty()
    }

    /// The one value there is, if there is one.
    pub(crate) fn single(&self) -> Option<&Value> {
        match &*self.0 {
            [(_, value)] => Some(value),
            _ => None,
        }
    }

    /// The literal text that it is on every path.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.single()? {
            Value::Text(text) => text.as_lit(),
            _ => None,
        }
    }
}

impl Value {
    /// A tuple variant.
    pub(crate) fn variant(name: &str, variant: &str, fields: Vec<Gv>) -> Self {
        let fields = fields
            .into_iter()
            .enumerate()
            .map(|(index, field)| (Rc::from(index.to_string()), field))
            .collect();
        Self::Enum(Rc::new(EnumValue { name: Rc::from(name), variant: Rc::from(variant), fields }))
    }

    /// What kind of value it is, for messages.
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
