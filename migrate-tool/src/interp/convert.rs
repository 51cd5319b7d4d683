//! Conversions that the script implements: `From`, `Into`, `TryFrom`, and the conversion of errors by `?`.

use std::rc::Rc;

use super::{Choice, Interp, Ty};
use crate::value::{Cases, TextType, Value};

impl Interp<'_> {
    /// Models `value.into()` and `value.try_into()` where an `impl` of the script may be meant; `None` leaves the call
    /// to the models.
    pub(crate) fn user_conversion(&mut self, value: &Value, name: &str, hint: Option<&Ty>) -> Option<Cases> {
        let (of, function) = match name {
            "into" => ("From", "from"),
            "try_into" => ("TryFrom", "try_from"),
            _ => return None,
        };
        let wanted = match hint {
            Some(ty) if ty.name == "Result" && name == "try_into" => ty.args.first(),
            hint => hint,
        };
        let args = [Cases::of(value.clone())];
        let owners: Vec<Rc<str>> = match wanted {
            Some(ty) if ty.name != "_" => {
                let last = format!("::{}", ty.name);
                self.owners_with(of, function)
                    .into_iter()
                    .filter(|owner| **owner == *ty.name || owner.ends_with(&last))
                    .collect()
            }
            _ => self.owners_with(of, function),
        };
        let own = wanted.is_some_and(|ty| self.is_own_type(&ty.name));
        if own
            && wanted.is_some_and(|ty| crate::semantics::types::type_name(value) == ty.name)
            && name == "into"
        {
            return Some(Cases::of(value.clone()));
        }
        let mut fitting = Vec::new();
        for owner in owners {
            match self.choose_associated(&owner, Some(of), function, &args) {
                Choice::Nothing => {}
                choice => fitting.push(choice),
            }
        }
        match fitting.as_slice() {
            // There is no other conversion to a type of the script.
            [] if own => Some(self.unknown("this conversion is not understood")),
            [] => None,
            // If the target type is not known, this conversion or another may be meant.
            [Choice::These(found)] if wanted.is_some_and(|ty| ty.name != "_") => {
                let found = found.clone();
                Some(self.call_one_of(&found, &args))
            }
            _ => Some(self.unknown(&format!("what `{name}` is to make is not clear without types"))),
        }
    }

    fn owners_with(&self, of: &str, function: &str) -> Vec<Rc<str>> {
        let mut owners: Vec<Rc<str>> = self
            .impls
            .iter()
            .filter(|((_, name), found)| {
                **name == *function && found.iter().any(|one| one.of.as_deref() == Some(of))
            })
            .map(|((owner, _), _)| Rc::clone(owner))
            .collect();
        owners.sort();
        owners
    }

    /// Converts an error with `From` of the function's error type, if the script implements it.
    pub(crate) fn convert_error(&mut self, error: Cases) -> Cases {
        let result = self.frames.last().and_then(|frame| frame.result.clone());
        let result = result.map(|ty| self.canonical(&ty));
        let text = error.0.iter().any(|(_, value)| matches!(value, Value::Text(_)));
        let Some(ty) = result.as_ref().and_then(|ty| ty.args.get(1)).map(|ty| self.canonical(ty)) else {
            // A `From` of the script may convert the error of a closure, whose result type is not written, and of an
            // alias that has the name of its target: `type Result<T> = std::result::Result<T, MyError>`.
            let hidden = result.as_ref().is_none_or(|ty| self.is_alias(&ty.name));
            if hidden && !self.owners_with("From", "from").is_empty() {
                return self.unknown("what `?` makes of an error is not clear without types");
            }
            return if text { self.text_as(&error, TextType::Unknown) } else { error };
        };
        // The caller of a generic function chooses the type. A closure has the parameters of the function around it.
        if self.frames.iter().any(|frame| frame.parameters.contains(&ty.name)) {
            return self.unknown("what `?` makes of an error of a type parameter is not known");
        }
        if text && (ty.text().is_some() || !ty.says_something()) {
            return self.text_as(&error, ty.text().unwrap_or_default());
        }
        match error.single() {
            Some(Value::Struct(value)) if *value.name == *ty.name => return error,
            Some(Value::Enum(value)) if *value.name == *ty.name => return error,
            _ => {}
        }
        // `Self::Err` is a type that the `impl` block names.
        let in_impl = self.frames.last().is_some_and(|frame| frame.self_type.is_some());
        let named_there = in_impl && ty.says_something() && !self.is_own_type(&ty.name);
        if named_there && !self.owners_with("From", "from").is_empty() {
            return self.unknown("what `?` makes of an error of an associated type is not known");
        }
        // So may an associated type that a trait names.
        let named_elsewhere = ty.name != "Error"
            && !self.is_own_type(&ty.name)
            && !crate::semantics::types::is_std_type(&ty.name)
            && ty.name.starts_with(|first: char| first.is_uppercase());
        let plain = |value: &Value| {
            matches!(value, Value::Text(_) | Value::Int(..) | Value::Char(_) | Value::Bool(_) | Value::Seq(_))
        };
        if named_elsewhere && error.0.iter().any(|(_, value)| plain(value)) {
            return self.unknown("what `?` makes of an error of a type from elsewhere is not known");
        }
        let args = [error];
        match self.choose_associated(&ty.name, Some("From"), "from", &args) {
            Choice::Nothing if self.is_converted(&args[0], &ty) => {
                self.unknown("what std makes of an error of another type is not understood")
            }
            Choice::Nothing => args[0].clone(),
            Choice::These(found) => self.call_one_of(&found, &args),
            Choice::Unclear => Cases::of(Value::Opaque("an error".into())),
        }
    }

    /// Returns whether std may have a `From` that makes a value of the type of this one, which is of another type.
    fn is_converted(&self, value: &Cases, ty: &Ty) -> bool {
        let plain = ty.integer().is_some()
            || matches!(ty.name.as_str(), "f32" | "f64" | "char" | "bool" | "Option" | "Vec" | Ty::SLICE);
        plain
            && value.0.iter().any(|(_, value)| match value {
                Value::Int(_, kind) => ty.integer() != Some(*kind),
                value => crate::semantics::types::type_name(value) != ty.name,
            })
    }
}
