//! How a method receives `self`.

use super::items::Function;

impl Function {
    /// Returns whether `self` is written without a reference: in an `impl` for `&mut Type`, it is a reference all the same.
    pub(crate) fn is_self_by_value(&self) -> bool {
        matches!(self.signature.inputs.first(), Some(syn::FnArg::Receiver(receiver))
            if !matches!(&*receiver.ty, syn::Type::Reference(_)))
    }

    /// Returns how the function receives `self`; `None` if it does not.
    pub(crate) fn receives(&self) -> Option<Receives> {
        let Some(syn::FnArg::Receiver(receiver)) = self.signature.inputs.first() else { return None };
        Some(match &*receiver.ty {
            syn::Type::Reference(reference) if reference.mutability.is_some() => Receives::Mutably,
            syn::Type::Reference(_) => Receives::Shared,
            syn::Type::Path(path) if is_self_or_box(&path.path) => {
                if self.for_mutable {
                    Receives::Mutably
                } else {
                    Receives::Owned
                }
            }
            _ => Receives::Otherwise,
        })
    }
}

/// How a function receives `self`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receives {
    Owned,
    Shared,
    /// The method receives a `&mut` reference.
    Mutably,
    /// The type of `self` is another one, such as `Pin<&mut Self>`.
    Otherwise,
}

/// Returns whether a type of `self` is `Self`, or a box or a counted reference around it.
fn is_self_or_box(path: &syn::Path) -> bool {
    let Some(last) = path.segments.last() else { return false };
    match &last.arguments {
        syn::PathArguments::None => true,
        syn::PathArguments::AngleBracketed(arguments) => {
            matches!(last.ident.to_string().as_str(), "Box" | "Rc" | "Arc")
                && matches!(arguments.args.first(), Some(syn::GenericArgument::Type(syn::Type::Path(inner)))
                    if is_self_or_box(&inner.path))
        }
        syn::PathArguments::Parenthesized(_) => false,
    }
}
