//! Equality and order of values that may depend on inputs.

use std::rc::Rc;

use inert_manifest_spec::Fact;
use inert_manifest_spec::condition::{Comparison, Operator};

use super::Interp;
use super::operators::number_domain;
use crate::logic::Guard;
use crate::value::{Cases, CellKind, IntType, Piece, Sym, Text, TextClass, Value};

impl Interp<'_> {
    /// Models `left == right`.
    pub(crate) fn equal(&mut self, left: &Cases, right: &Cases) -> Cases {
        let (left, right) = (self.deref_all(left), self.deref_all(right));
        // Aggregates are compared field by field; scalars are compared alternative by alternative.
        self.each2(&left, &right, |interp, a, b| interp.equal_values(a, b))
    }

    pub(crate) fn equal_values(&mut self, a: &Value, b: &Value) -> Cases {
        match (a, b) {
            (Value::Int(x, _), Value::Int(y, _)) => Cases::bool(x == y),
            (Value::Bool(x), Value::Bool(y)) => Cases::bool(x == y),
            (Value::Char(x), Value::Char(y)) => Cases::bool(x == y),
            (Value::Unit, Value::Unit) => Cases::bool(true),
            (Value::Text(x), Value::Text(y)) => self.texts_equal(x, y),
            (Value::External(x), Value::External(y)) => {
                match (crate::semantics::types::unit_variant(x), crate::semantics::types::unit_variant(y)) {
                    (Some((owner, x)), Some((other, y))) if owner == other => Cases::bool(x == y),
                    _ => self.unknown(&format!("whether `{x}` equals `{y}` is not known")),
                }
            }
            (Value::Cell(x, CellKind::Cell | CellKind::RefCell | CellKind::Once), Value::Cell(y, _)) => {
                let (x, y) = (self.read_cell(*x), self.read_cell(*y));
                self.equal(&x, &y)
            }
            (Value::Tuple(x), Value::Tuple(y)) if x.len() == y.len() => {
                let pairs: Vec<_> = x.iter().cloned().zip(y.iter().cloned()).collect();
                self.all_equal(pairs)
            }
            (Value::Struct(x), Value::Struct(_)) if crate::semantics::types::is_incomparable(&x.name) => {
                self.unknown("whether two files are of one kind is not understood")
            }
            (Value::Struct(x), Value::Struct(y)) if x.name == y.name => {
                if let Some(result) = self.user_operator(&x.name, "PartialEq", "eq", a, b) {
                    return result;
                }
                let pairs =
                    x.fields.iter().zip(&y.fields).map(|((_, x), (_, y))| (x.clone(), y.clone())).collect();
                self.all_equal(pairs)
            }
            (Value::Enum(x), Value::Enum(y)) if x.name == y.name => {
                if let Some(result) = self.user_operator(&x.name, "PartialEq", "eq", a, b) {
                    return result;
                }
                if x.variant != y.variant {
                    return Cases::bool(false);
                }
                let pairs =
                    x.fields.iter().zip(&y.fields).map(|((_, x), (_, y))| (x.clone(), y.clone())).collect();
                self.all_equal(pairs)
            }
            (Value::Seq(x), Value::Seq(y)) if self.position_matters(x) || self.position_matters(y) => {
                Cases::never()
            }
            (Value::Seq(x), Value::Seq(y)) => {
                let certain = |items: &crate::value::Items| items.iter().all(|(guard, _)| guard.is_true());
                if !certain(x) || !certain(y) || super::has_tail(x) || super::has_tail(y) {
                    return self.unknown("comparing lists of unknown length is not understood");
                }
                if x.len() != y.len() {
                    return Cases::bool(false);
                }
                let pairs = x.iter().zip(y.iter()).map(|((_, x), (_, y))| (x.clone(), y.clone())).collect();
                self.all_equal(pairs)
            }
            (Value::SymbolicInt(sym, radix), Value::Int(number, _))
            | (Value::Int(number, _), Value::SymbolicInt(sym, radix)) => {
                self.symbolic_test(sym, *radix, Operator::Equal, *number)
            }
            (bytes @ (Value::Text(_) | Value::Bytes(_)), Value::Seq(items))
            | (Value::Seq(items), bytes @ (Value::Text(_) | Value::Bytes(_))) => {
                match super::slices::byte_list_of(bytes) {
                    Some(bytes) => {
                        self.equal_values(&Value::Seq(Rc::new(bytes)), &Value::Seq(Rc::clone(items)))
                    }
                    None => self.unknown("these bytes are not known"),
                }
            }
            (Value::Bytes(x), Value::Bytes(y)) => Cases::bool(x == y),
            _ => {
                let reason = format!("comparing {} with {} is not understood", a.kind(), b.kind());
                self.unknown(&reason)
            }
        }
    }

    /// Compares texts as their types do: paths by their components.
    fn texts_equal(&mut self, x: &Text, y: &Text) -> Cases {
        match pair_class(x, y) {
            Some(TextClass::Path) => {
                if x == y || plain_path(x) && plain_path(y) {
                    return self.text_equals(x, y);
                }
                let y = y.clone();
                self.ask(x, "a comparison", &mut |interp, x| {
                    let x = whole_literal(x)?;
                    Some(interp.ask(&y, "a comparison", &mut |_, y| {
                        Some(Cases::bool(components(&x) == components(&whole_literal(y)?)))
                    }))
                })
            }
            Some(_) => self.text_equals(x, y),
            None if plain_path(x) || plain_path(y) || x == y => self.text_equals(x, y),
            // Where the texts and the paths compare differently, the type matters.
            None => {
                let y = y.clone();
                self.ask(x, "a comparison", &mut |interp, x| {
                    let x = Text::from_flat(x.iter().cloned());
                    Some(interp.ask(&y, "a comparison", &mut |interp, y| {
                        let y = Text::from_flat(y.iter().cloned());
                        match (x.as_lit(), y.as_lit()) {
                            (Some(x), Some(y)) if (x == y) == (components(x) == components(y)) => {
                                Some(Cases::bool(x == y))
                            }
                            (Some(_), Some(_)) => {
                                Some(interp.unknown("whether paths or texts are compared is not known"))
                            }
                            _ => Some(interp.text_equals(&x, &y)),
                        }
                    }))
                })
            }
        }
    }

    pub(super) fn all_equal(&mut self, pairs: Vec<(Cases, Cases)>) -> Cases {
        let path = self.pc;
        let mut still = path;
        let mut differs = Guard::FALSE;
        for (x, y) in pairs {
            self.pc = still;
            if self.dead() {
                break;
            }
            let equal = self.equal(&x, &y);
            let truth = self.truth(&equal);
            let different = self.inputs.minus(self.pc, truth);
            differs = self.inputs.or(differs, different);
            still = self.inputs.and(self.pc, truth);
        }
        self.pc = self.inputs.or(still, differs);
        self.boolean(still)
    }

    pub(super) fn symbolic_test(&mut self, sym: &Sym, radix: u32, operator: Operator, number: i128) -> Cases {
        let value = if radix == 16 { format!("{number:#x}") } else { number.to_string() };
        let test = Some(Comparison { operator, value });
        if let Some(domain) = number_domain(sym) {
            let holds = |at: usize| {
                let at = at as i128;
                match operator {
                    Operator::Contains => false,
                    Operator::Equal => at == number,
                    Operator::Greater => at > number,
                    Operator::GreaterEqual => at >= number,
                    Operator::Less => at < number,
                    Operator::LessEqual => at <= number,
                }
            };
            let guard = self.inputs.domain(domain, &holds);
            return self.boolean(guard);
        }
        let range = match sym {
            Sym::Month => Some(1..=12),
            Sym::Day => Some(1..=31),
            Sym::Opaque(what) if &**what == Sym::SOME_LENGTH => Some(1..=i128::from(u32::MAX)),
            _ => None,
        };
        if let Some(range) = range {
            let (low, high) = (*range.start(), *range.end());
            let decided = match operator {
                Operator::Equal if !range.contains(&number) => Some(false),
                Operator::Greater if number >= high => Some(false),
                Operator::Greater if number < low => Some(true),
                Operator::GreaterEqual if number > high => Some(false),
                Operator::GreaterEqual if number <= low => Some(true),
                Operator::Less if number <= low => Some(false),
                Operator::Less if number > high => Some(true),
                Operator::LessEqual if number < low => Some(false),
                Operator::LessEqual if number >= high => Some(true),
                _ => None,
            };
            if let Some(decided) = decided {
                return Cases::bool(decided);
            }
        }
        let fact = match sym {
            Sym::Dep(links, key) => Fact::Dep { links: links.to_string(), key: key.to_string(), test },
            Sym::LlvmMajor => {
                let Ok(major) = u64::try_from(number) else { return Cases::bool(false) };
                let at_least = |interp: &mut Self, major: u64| {
                    let value = inert_manifest_spec::condition::Version { major, minor: 0, patch: 0 };
                    interp.inputs.fact(Fact::Llvm(Comparison { operator: Operator::GreaterEqual, value }))
                };
                let guard = match operator {
                    Operator::GreaterEqual => at_least(self, major),
                    Operator::Greater => at_least(self, major + 1),
                    Operator::Less => {
                        let guard = at_least(self, major);
                        self.inputs.not(guard)
                    }
                    Operator::LessEqual => {
                        let guard = at_least(self, major + 1);
                        self.inputs.not(guard)
                    }
                    Operator::Contains => return self.unknown("this comparison is not understood"),
                    Operator::Equal => {
                        let (low, high) = (at_least(self, major), at_least(self, major + 1));
                        self.inputs.minus(low, high)
                    }
                };
                return self.boolean(guard);
            }
            _ => return self.unknown("this number is known only during the build"),
        };
        let guard = self.inputs.fact(fact);
        self.boolean(guard)
    }

    /// Models `left < right` and the other comparisons.
    pub(crate) fn ordered(&mut self, left: &Cases, right: &Cases, operator: &str) -> Cases {
        let (left, right) = (self.deref_all(left), self.deref_all(right));
        self.each2(&left, &right, |interp, a, b| {
            if let (Some(date), Some(wanted)) = (three_fields(a), three_fields(b))
                && let Some(result) = interp.date_test(date, wanted, operator)
            {
                return result;
            }
            if let (Value::Int(number, _), Value::SymbolicInt(sym, radix)) = (a, b) {
                let operator = match operator {
                    "<" => Operator::Greater,
                    "<=" => Operator::GreaterEqual,
                    ">" => Operator::Less,
                    _ => Operator::LessEqual,
                };
                return interp.symbolic_test(sym, *radix, operator, *number);
            }
            if let (Value::SymbolicInt(sym, radix), Value::Int(number, _)) = (a, b) {
                let operator = match operator {
                    "<" => Operator::Less,
                    "<=" => Operator::LessEqual,
                    ">" => Operator::Greater,
                    _ => Operator::GreaterEqual,
                };
                return interp.symbolic_test(sym, *radix, operator, *number);
            }
            let order = interp.compare_values(a, b);
            interp.each(&order, |interp, order| match order {
                Value::Int(order, _) => Cases::bool(match operator {
                    "<" => *order < 0,
                    "<=" => *order <= 0,
                    ">" => *order > 0,
                    _ => *order >= 0,
                }),
                _ => interp.unknown("this comparison is not understood"),
            })
        })
    }

    /// Compares the year, month and day of rustc's commit with known numbers.
    pub(super) fn date_test(
        &mut self,
        date: [&Cases; 3],
        wanted: [&Cases; 3],
        operator: &str,
    ) -> Option<Cases> {
        let is_date = |parts: &[&Cases; 3]| {
            parts[0].0.iter().any(|(_, value)| matches!(value, Value::SymbolicInt(Sym::Year, _)))
                && parts[1].0.iter().any(|(_, value)| matches!(value, Value::SymbolicInt(Sym::Month, _)))
        };
        if !is_date(&date) {
            return None;
        }
        let numbers: Option<Vec<i128>> = wanted
            .iter()
            .map(|part| match part.single() {
                Some(Value::Int(number, _)) => Some(*number),
                _ => None,
            })
            .collect();
        let numbers = numbers?;
        let value = format!("{:04}-{:02}-{:02}", numbers[0], numbers[1], numbers[2]);
        let at_least = matches!(operator, ">=" | "<");
        let kind = if at_least { Operator::GreaterEqual } else { Operator::Greater };
        let parts = date.map(Clone::clone);
        Some(self.each(&parts[0].clone(), |interp, year| {
            interp.each(&parts[1].clone(), |interp, month| {
                interp.each(&parts[2].clone(), |interp, day| {
                    if let (
                        Value::SymbolicInt(Sym::Year, _),
                        Value::SymbolicInt(Sym::Month, _),
                        Value::SymbolicInt(Sym::Day, _),
                    ) = (year, month, day)
                    {
                        let fact = Fact::RustcCommitDate(Comparison { operator: kind, value: value.clone() });
                        let guard = interp.inputs.fact(fact);
                        let guard =
                            if matches!(operator, ">=" | ">") { guard } else { interp.inputs.not(guard) };
                        return interp.boolean(guard);
                    }
                    let known = |value: &Value| match value {
                        Value::Int(number, _) => Some(*number),
                        _ => None,
                    };
                    match (known(year), known(month), known(day)) {
                        (Some(year), Some(month), Some(day)) => {
                            let order = [year, month, day].cmp(&[numbers[0], numbers[1], numbers[2]]);
                            Cases::bool(match operator {
                                "<" => order.is_lt(),
                                "<=" => order.is_le(),
                                ">" => order.is_gt(),
                                _ => order.is_ge(),
                            })
                        }
                        _ => interp.unknown("this date is not known"),
                    }
                })
            })
        }))
    }

    /// Returns whether the script implements the order of a type itself.
    fn orders_itself(&self, name: &str) -> bool {
        ["cmp", "partial_cmp", "lt", "le", "gt", "ge", "max", "min"].iter().any(|method| {
            self.candidates(name, Some("Ord"), method).len()
                + self.candidates(name, Some("PartialOrd"), method).len()
                > 0
        })
    }

    /// Returns whether the script itself implements the equality or the order of a type in a key of a map or set, so that
    /// keys that look different may be equal.
    pub(crate) fn is_own_key(&self, key: &Value) -> bool {
        let own = |name: &str| {
            let compares = |of: &str| matches!(of, "PartialEq" | "PartialOrd" | "Ord");
            self.trait_impls.iter().any(|one| *one.owner == *name && compares(&one.of))
        };
        match key {
            Value::Struct(value) => own(&value.name),
            Value::Enum(value) => own(&value.name),
            Value::Tuple(parts) => {
                parts.iter().any(|part| part.0.iter().any(|(_, part)| self.is_own_key(part)))
            }
            _ => false,
        }
    }

    /// Returns the order of two values: -1, 0 or 1.
    pub(crate) fn compare_values(&mut self, a: &Value, b: &Value) -> Cases {
        let number = |order: std::cmp::Ordering| Cases::of(Value::Int(order as i128, IntType::Unknown));
        match (a, b) {
            (Value::Int(x, _), Value::Int(y, _)) => number(x.cmp(y)),
            (Value::SymbolicInt(..), Value::Int(..)) | (Value::Int(..), Value::SymbolicInt(..)) => {
                let (symbol, known, turned) =
                    if matches!(a, Value::Int(..)) { (b, a, true) } else { (a, b, false) };
                let (Value::SymbolicInt(sym, radix), Value::Int(known, _)) = (symbol, known) else {
                    return Cases::never();
                };
                let less = self.symbolic_test(sym, *radix, Operator::Less, *known);
                let less = self.truth(&less);
                let equal = self.symbolic_test(sym, *radix, Operator::Equal, *known);
                let equal = self.truth(&equal);
                let order = |order: i128| {
                    Cases::of(Value::Int(if turned { -order } else { order }, IntType::Unknown))
                };
                let rest = self.choose(equal, order(0), order(1));
                self.choose(less, order(-1), rest)
            }
            (Value::Char(x), Value::Char(y)) => number(x.cmp(y)),
            (Value::Bool(x), Value::Bool(y)) => number(x.cmp(y)),
            (Value::Text(x), Value::Text(y)) => {
                if let Some(order) = text_order(x, y) {
                    return number(order);
                }
                let y = y.clone();
                let class = pair_class(x, &y);
                self.ask_literal(x, "a comparison", &mut |interp, x| {
                    let x = x.to_owned();
                    interp.ask_literal(&y, "a comparison", &mut |interp, y| match class_order(class, &x, y) {
                        Some(order) => number(order),
                        None => interp.unknown("whether paths or texts are compared is not known"),
                    })
                })
            }
            (Value::Tuple(x), Value::Tuple(y)) => {
                self.compare_all(x.iter().cloned().zip(y.iter().cloned()).collect())
            }
            (Value::Struct(x), Value::Struct(y)) if x.name == y.name && &*x.name == "semver Version" => {
                (self.models.compare_versions)(self, x, y)
            }
            (Value::Struct(x), Value::Struct(y))
                if x.name == y.name && &*x.name == crate::semantics::types::REVERSE =>
            {
                self.compare_all(vec![(y.fields[0].1.clone(), x.fields[0].1.clone())])
            }
            (Value::Struct(x), Value::Struct(y)) if x.name == y.name => {
                if self.orders_itself(&x.name) {
                    return self.unknown("a comparison that the script defines itself is not understood");
                }
                let mut pairs: Vec<(Cases, Cases)> =
                    x.fields.iter().zip(&y.fields).map(|((_, x), (_, y))| (x.clone(), y.clone())).collect();
                if &*x.name == "semver Version" {
                    // A version without a pre-release comes after one with a pre-release.
                    let (a, b) = (&x.fields[3].1, &y.fields[3].1);
                    let empty = |interp: &mut Self, text: &Cases| interp.equal(text, &Cases::str(""));
                    pairs[3] = (empty(self, a), empty(self, b));
                    let (none_a, none_b) = (self.truth(&pairs[3].0), self.truth(&pairs[3].1));
                    let either = self.inputs.or(none_a, none_b);
                    let path = self.pc;
                    self.pc = self.inputs.minus(path, either);
                    self.unknown("comparing pre-releases is not understood");
                    self.pc = self.inputs.and(path, either);
                }
                self.compare_all(pairs)
            }
            (Value::Seq(x), Value::Seq(y))
                if !x.unordered
                    && !y.unordered
                    && !super::has_tail(x)
                    && !super::has_tail(y)
                    && x.iter().chain(y.iter()).all(|(guard, _)| guard.is_true()) =>
            {
                let pairs = x.iter().zip(y.iter()).map(|((_, x), (_, y))| (x.clone(), y.clone()));
                // One that begins as the other does and goes on is greater.
                let lengths = (Cases::usize(x.len()), Cases::usize(y.len()));
                self.compare_all(pairs.chain([lengths]).collect())
            }
            (Value::Enum(x), Value::Enum(y)) if &*x.name == "Option" && x.name == y.name => {
                match (&*x.variant, &*y.variant) {
                    ("None", "None") => number(std::cmp::Ordering::Equal),
                    ("None", _) => number(std::cmp::Ordering::Less),
                    (_, "None") => number(std::cmp::Ordering::Greater),
                    _ => self.compare_all(vec![(x.fields[0].1.clone(), y.fields[0].1.clone())]),
                }
            }
            (Value::Enum(x), Value::Enum(y)) if x.name == y.name => {
                if self.orders_itself(&x.name) {
                    return self.unknown("a comparison that the script defines itself is not understood");
                }
                let position = |interp: &mut Self, value: &crate::value::EnumValue| {
                    let item = interp.enum_item(&[value.name.to_string()])?;
                    // Variants with explicit discriminants are ordered by those.
                    if item.variants.iter().any(|variant| variant.discriminant.is_some()) {
                        return None;
                    }
                    item.variants.iter().position(|variant| variant.ident == *value.variant)
                };
                match (position(self, x), position(self, y)) {
                    (Some(at_x), Some(at_y)) if at_x != at_y => number(at_x.cmp(&at_y)),
                    (Some(_), Some(_)) => self.compare_all(
                        x.fields
                            .iter()
                            .zip(&y.fields)
                            .map(|((_, x), (_, y))| (x.clone(), y.clone()))
                            .collect(),
                    ),
                    _ => self.unknown("this comparison is not understood"),
                }
            }
            _ => {
                let reason = format!("comparing {} with {} is not understood", a.kind(), b.kind());
                self.unknown(&reason)
            }
        }
    }

    pub(super) fn compare_all(&mut self, pairs: Vec<(Cases, Cases)>) -> Cases {
        let mut parts = Vec::new();
        let mut still = self.pc;
        let mut after = Guard::FALSE;
        for (x, y) in pairs {
            self.pc = still;
            if self.dead() {
                break;
            }
            let (x, y) = (self.deref_all(&x), self.deref_all(&y));
            let order = self.each2(&x, &y, |interp, x, y| interp.compare_values(x, y));
            let here = self.pc;
            still = Guard::FALSE;
            for (guard, value) in order.0.iter() {
                let guard = self.inputs.and(*guard, here);
                if matches!(value, Value::Int(0, _)) {
                    still = self.inputs.or(still, guard);
                } else {
                    after = self.inputs.or(after, guard);
                    parts.push((guard, Cases::of(value.clone())));
                }
            }
        }
        parts.push((still, Cases::of(Value::Int(0, IntType::Unknown))));
        self.pc = self.inputs.or(after, still);
        self.inputs.join(parts)
    }
}

/// Returns the class by which two texts are compared, which either may determine; `None` if neither does.
fn pair_class(x: &Text, y: &Text) -> Option<TextClass> {
    match (x.class(), y.class()) {
        (Some(TextClass::Path), _) | (_, Some(TextClass::Path)) => Some(TextClass::Path),
        // The other may be a path, in which case both are compared as paths.
        (Some(TextClass::Str | TextClass::Os), None) | (None, Some(TextClass::Str | TextClass::Os)) => None,
        (x, y) => x.or(y),
    }
}

/// Returns whether a text is a path in normal form, for which equal paths are equal texts.
pub(crate) fn plain_path(text: &Text) -> bool {
    let literals = text.pieces().enumerate().all(|(at, piece)| match piece {
        Piece::Lit(text) => {
            let inside = text.strip_prefix('/').unwrap_or(text);
            !inside.split('/').any(|part| part.is_empty() || part == ".") || at == 0 && inside.is_empty()
        }
        Piece::Sym(sym) => matches!(sym, Sym::OutDir | Sym::ManifestDir) || !sym.may_hold('/'),
    });
    literals && text.is_flat()
}

/// Returns the whole text of flat pieces, if it is known.
fn whole_literal(flat: &[Piece]) -> Option<String> {
    match flat {
        [] => Some(String::new()),
        [Piece::Lit(text)] => Some(text.to_string()),
        _ => None,
    }
}

/// Returns the components of a path, as std determines them.
pub(crate) fn components(path: &str) -> Vec<&str> {
    let mut out = Vec::new();
    if path.starts_with('/') {
        out.push("/");
    }
    for (at, part) in path.split('/').enumerate() {
        if !part.is_empty() && (part != "." || at == 0) {
            out.push(part);
        }
    }
    out
}

/// Returns the key by which std orders paths: the root comes before `.`, that before `..`, and that before names.
pub(crate) fn path_key(path: &str) -> Vec<(u8, &str)> {
    let rank = |part: &str| match part {
        "/" => 0,
        "." => 1,
        ".." => 2,
        _ => 3,
    };
    components(path).into_iter().map(|part| (rank(part), part)).collect()
}

/// Returns the order of two texts of a class.
fn class_order(class: Option<TextClass>, x: &str, y: &str) -> Option<std::cmp::Ordering> {
    match class {
        Some(TextClass::Path) => Some(path_key(x).cmp(&path_key(y))),
        Some(_) => Some(x.cmp(y)),
        None => super::path_order(x, y),
    }
}

/// Returns the fields of a value with three fields.
pub(super) fn three_fields(value: &Value) -> Option<[&Cases; 3]> {
    match value {
        Value::Tuple(parts) => match &**parts {
            [a, b, c] => Some([a, b, c]),
            _ => None,
        },
        Value::Struct(value) => match value.fields.as_slice() {
            [(_, a), (_, b), (_, c)] => Some([a, b, c]),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the order of two texts, if it is the same for texts and for paths or the type is known. A common beginning
/// is ignored.
pub(crate) fn text_order(a: &Text, b: &Text) -> Option<std::cmp::Ordering> {
    if !a.is_flat() || !b.is_flat() {
        return None;
    }
    let class = pair_class(a, b);
    let (a, b): (Vec<&Piece>, Vec<&Piece>) = (a.pieces().collect(), b.pieces().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b && matches!(a, Piece::Sym(_))).count();
    let rest = |pieces: &[&Piece]| match pieces {
        [] => Some(String::new()),
        [Piece::Lit(text)] => Some(text.to_string()),
        _ => None,
    };
    let (a, b) = (rest(&a[same..])?, rest(&b[same..])?);
    match class {
        // The text after a symbol may continue the symbol's last component.
        Some(TextClass::Path) if same > 0 => super::path_order(&a, &b),
        class => class_order(class, &a, &b),
    }
}
