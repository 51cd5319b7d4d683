//! Types as hints: what `parse`, `collect`, `into` and `default` are to make.

use syn::{GenericArgument, PathArguments, ReturnType, Type};

/// A type by its last name and arguments; references and boxes put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ty {
    pub(crate) name: String,
    pub(crate) args: Vec<Ty>,
}

impl Ty {
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), args: Vec::new() }
    }

    /// From syntax; `None` for `_` and what has no name.
    pub(crate) fn from_syn(ty: &Type) -> Option<Self> {
        match ty {
            Type::Reference(reference) => Self::from_syn(&reference.elem),
            Type::Paren(inner) => Self::from_syn(&inner.elem),
            Type::Group(inner) => Self::from_syn(&inner.elem),
            Type::Slice(slice) => {
                Some(Self { name: "Vec".into(), args: Self::from_syn(&slice.elem).into_iter().collect() })
            }
            Type::Array(array) => {
                Some(Self { name: "Vec".into(), args: Self::from_syn(&array.elem).into_iter().collect() })
            }
            Type::Tuple(tuple) => Some(Self {
                name: "(tuple)".into(),
                args: tuple
                    .elems
                    .iter()
                    .map(|elem| Self::from_syn(elem).unwrap_or_else(|| Self::named("_")))
                    .collect(),
            }),
            Type::Path(path) => Self::from_path(&path.path),
            _ => None,
        }
    }

    /// From a path's last segment.
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

    /// The types among generic arguments.
    pub(crate) fn arguments(args: &syn::AngleBracketedGenericArguments) -> Vec<Self> {
        args.args
            .iter()
            .filter_map(|arg| match arg {
                GenericArgument::Type(ty) => Some(Self::from_syn(ty).unwrap_or_else(|| Self::named("_"))),
                _ => None,
            })
            .collect()
    }

    /// Of a function's result.
    pub(crate) fn from_return(output: &ReturnType) -> Option<Self> {
        match output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Self::from_syn(ty),
        }
    }

    /// What an `Option` or `Result` holds, however deep; itself otherwise.
    pub(crate) fn innermost(&self) -> &Self {
        match (self.name.as_str(), self.args.first()) {
            ("Option" | "Result", Some(inner)) => inner.innermost(),
            _ => self,
        }
    }

    /// The element type of a collection.
    pub(crate) fn element(&self) -> Option<&Self> {
        match self.name.as_str() {
            "Vec" | "HashSet" | "BTreeSet" | "VecDeque" | "Option" | "Result" => self.args.first(),
            _ => None,
        }
    }

    /// The integer type of this name.
    pub(crate) fn integer(&self) -> Option<crate::value::IntType> {
        use crate::value::IntType::{Isize, Signed, Unsigned, Usize};
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
