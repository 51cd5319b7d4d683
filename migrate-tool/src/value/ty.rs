//! Rust's types, as far as they are known: of values, and of what `parse`, `collect`, `into` and `default` are to make.

use syn::{GenericArgument, PathArguments, ReturnType, Type};

use super::{Cases, IntType, SeqKind, TextType, Value};

/// A type by its last name and arguments; references and boxes put aside. `_` is a type that is not known, `(tuple)` a
/// tuple, `[T]` a slice and `[T; N]` an array.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Ty {
    pub(crate) name: String,
    pub(crate) args: Vec<Ty>,
}

impl Ty {
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), args: Vec::new() }
    }

    /// The name of a slice.
    pub(crate) const SLICE: &'static str = "[T]";
    /// The name of an array, whatever its length.
    pub(crate) const ARRAY: &'static str = "[T; N]";

    /// The name of any iterator, whose argument is what it yields.
    pub(crate) const ITERATOR: &'static str = "Iterator";

    /// Makes a generic type from its name and arguments.
    pub(crate) fn of(name: &str, args: impl IntoIterator<Item = Self>) -> Self {
        Self { name: name.to_owned(), args: args.into_iter().collect() }
    }

    /// Returns the placeholder for the type parameter of an alias at this position, from 0.
    pub(crate) fn parameter(at: usize) -> Self {
        Self::named(&format!("parameter {at}"))
    }

    /// Returns the type with each of `from` replaced by the type at the same position in `to`.
    pub(crate) fn substituted(&self, from: &[Self], to: &[Self]) -> Self {
        match from.iter().position(|one| one == self) {
            Some(at) => to.get(at).cloned().unwrap_or_else(Self::unknown),
            None => Self {
                name: self.name.clone(),
                args: self.args.iter().map(|arg| arg.substituted(from, to)).collect(),
            },
        }
    }

    /// Returns the type that is not known, `_`.
    pub(crate) fn unknown() -> Self {
        Self::named("_")
    }

    /// Returns whether the type's outermost name is known.
    pub(crate) fn says_something(&self) -> bool {
        self.name != "_"
    }

    fn or_unknown(ty: &Type) -> Self {
        Self::from_syn(ty).unwrap_or_else(Self::unknown)
    }

    /// Reads the type of a field from syntax. The parameters of the type that has the field are not known here.
    pub(crate) fn of_field(field: &syn::Field, generics: &syn::Generics) -> Option<Self> {
        let parameters: Vec<Self> =
            generics.type_params().map(|one| Self::named(&one.ident.to_string())).collect();
        Self::from_syn(&field.ty).map(|ty| ty.substituted(&parameters, &[]))
    }

    /// Reads a type from syntax; `None` for `_` and for types without a name.
    pub(crate) fn from_syn(ty: &Type) -> Option<Self> {
        match ty {
            Type::Reference(reference) => Self::from_syn(&reference.elem),
            Type::Paren(inner) => Self::from_syn(&inner.elem),
            Type::Group(inner) => Self::from_syn(&inner.elem),
            Type::Slice(slice) => Some(Self::of(Self::SLICE, [Self::or_unknown(&slice.elem)])),
            Type::Array(array) => Some(Self::of(Self::ARRAY, [Self::or_unknown(&array.elem)])),
            Type::Tuple(tuple) => Some(Self {
                name: "(tuple)".into(),
                args: tuple.elems.iter().map(Self::or_unknown).collect(),
            }),
            Type::Path(path) => Self::from_path(&path.path),
            _ => None,
        }
    }

    /// Reads a type from a path's last segment.
    pub(crate) fn from_path(path: &syn::Path) -> Option<Self> {
        let last = path.segments.last()?;
        let args = match &last.arguments {
            PathArguments::AngleBracketed(args) => Self::arguments(args),
            _ => Vec::new(),
        };
        let name = last.ident.to_string();
        if matches!(name.as_str(), "Box" | "Rc" | "Arc" | "Cow") && args.len() == 1 {
            return args.into_iter().next();
        }
        Some(Self { name, args })
    }

    /// Returns the types among generic arguments.
    pub(crate) fn arguments(args: &syn::AngleBracketedGenericArguments) -> Vec<Self> {
        args.args
            .iter()
            .filter_map(|arg| match arg {
                GenericArgument::Type(ty) => Some(Self::or_unknown(ty)),
                _ => None,
            })
            .collect()
    }

    /// Reads the type of a function's result; `None` if it is not written or has no name.
    pub(crate) fn from_return(output: &ReturnType) -> Option<Self> {
        match output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Self::from_syn(ty),
        }
    }

    /// Returns the type inside all outer `Option`s and `Result`s (the first argument of each); the type itself if there
    /// are none.
    pub(crate) fn innermost(&self) -> &Self {
        match (self.name.as_str(), self.args.first()) {
            ("Option" | "Result", Some(inner)) => inner.innermost(),
            _ => self,
        }
    }

    /// Returns the element type of a collection; `None` for all other types.
    pub(crate) fn element(&self) -> Option<&Self> {
        match self.name.as_str() {
            "Vec" | "HashSet" | "BTreeSet" | "VecDeque" | "Option" | "Result" | Self::SLICE | Self::ARRAY => {
                self.args.first()
            }
            _ => None,
        }
    }

    /// Returns the integer type of this name; `None` if it is no integer type.
    pub(crate) fn integer(&self) -> Option<IntType> {
        use IntType::{Isize, Signed, Unsigned, Usize};
        Some(match self.name.as_str() {
            "u8" => Unsigned(8),
            "u16" => Unsigned(16),
            "u32" => Unsigned(32),
            "u64" => Unsigned(64),
            "u128" => Unsigned(128),
            "usize" => Usize,
            "i8" => Signed(8),
            "i16" => Signed(16),
            "i32" => Signed(32),
            "i64" => Signed(64),
            "i128" => Signed(128),
            "isize" => Isize,
            _ => return None,
        })
    }
}

impl IntType {
    /// Returns the type's name; `None` if it is not known.
    pub(crate) fn name(self) -> Option<String> {
        Some(match self {
            Self::Unknown => return None,
            Self::Signed(bits) => format!("i{bits}"),
            Self::Unsigned(bits) => format!("u{bits}"),
            Self::Isize => "isize".to_owned(),
            Self::Usize => "usize".to_owned(),
        })
    }
}

impl Value {
    /// Returns the value's type as far as it is known, with `_` for unknown parts.
    pub(crate) fn ty(&self) -> Ty {
        match self {
            Self::Unit => Ty::of("(tuple)", []),
            Self::Bool(_) => Ty::named("bool"),
            Self::Char(_) => Ty::named("char"),
            Self::Int(_, kind) => kind.name().map_or_else(Ty::unknown, |name| Ty::named(&name)),
            Self::Text(text) => text.1.name().map_or_else(Ty::unknown, Ty::named_or_bytes),
            Self::Bytes(_) => Ty::of(Ty::SLICE, [Ty::named("u8")]),
            Self::Tuple(parts) => Ty::of("(tuple)", parts.iter().map(type_of)),
            Self::Struct(value) => Ty::named(value.name.rsplit("::").next().unwrap_or_default()),
            Self::Enum(value) => match (&*value.name, &*value.variant) {
                ("Option", "Some") => Ty::of("Option", [type_of(&value.fields[0].1)]),
                ("Option", _) => Ty::of("Option", [Ty::unknown()]),
                ("Result", "Ok") => Ty::of("Result", [type_of(&value.fields[0].1), Ty::unknown()]),
                ("Result", _) => Ty::of("Result", [Ty::unknown(), type_of(&value.fields[0].1)]),
                (name, _) => Ty::named(name),
            },
            Self::Seq(items) => {
                let element = items.element.as_deref().cloned();
                let element = element.or_else(|| items.first().map(|(_, item)| type_of(item)));
                let element = element.unwrap_or_else(Ty::unknown);
                match items.kind.name() {
                    Some(name) => Ty::of(name, [element]),
                    None => Ty::unknown(),
                }
            }
            Self::Map(map) => {
                let name = match (map.sorted, map.set) {
                    (true, true) => "BTreeSet",
                    (true, false) => "BTreeMap",
                    (false, true) => "HashSet",
                    (false, false) => "HashMap",
                };
                let known = map.ty.as_deref().cloned();
                known.unwrap_or_else(|| match map.entries.first() {
                    Some((_, key, _)) if map.set => Ty::of(name, [key.ty()]),
                    Some((_, key, value)) => Ty::of(name, [key.ty(), type_of(value)]),
                    None => Ty::named(name),
                })
            }
            Self::Range { kind, .. } => {
                Ty::of("Range", [kind.name().map_or_else(Ty::unknown, |name| Ty::named(&name))])
            }
            _ => Ty::unknown(),
        }
    }
}

/// Returns the type that all alternatives have, as far as it is known.
pub(crate) fn type_of(value: &Cases) -> Ty {
    let mut known = value.0.iter().map(|(_, value)| value.ty()).filter(Ty::says_something);
    let Some(first) = known.next() else { return Ty::unknown() };
    if known.all(|other| other == first) { first } else { Ty::unknown() }
}

impl SeqKind {
    /// Returns the name of the type; `None` if it is not known.
    pub(crate) fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Unknown | Self::Collected | Self::Ancestors => return None,
            Self::Vec => "Vec",
            Self::Array => Ty::ARRAY,
            Self::Slice => Ty::SLICE,
            Self::Deque => "VecDeque",
        })
    }
}

impl Ty {
    fn named_or_bytes(name: &str) -> Self {
        match name {
            Self::SLICE | Self::ARRAY | "Vec" => Self::of(name, [Self::named("u8")]),
            name => Self::named(name),
        }
    }

    /// Returns the text type of this name; bytes are texts, too.
    pub(crate) fn text(&self) -> Option<TextType> {
        let bytes = self.args.first().is_some_and(|arg| arg.name == "u8");
        Some(match self.name.as_str() {
            "str" => TextType::Str,
            "String" => TextType::String,
            "OsStr" => TextType::OsStr,
            "OsString" => TextType::OsString,
            "Path" => TextType::Path,
            "PathBuf" => TextType::PathBuf,
            Self::SLICE if bytes => TextType::Bytes,
            "Vec" if bytes => TextType::ByteVec,
            Self::ARRAY if bytes => TextType::ByteArray,
            _ => return None,
        })
    }
}
