//! `format!` and its like.

use syn::{Expr, Lit};

use super::Interp;
use super::format_spec::{Argument, Segment, Spec, pad, pad_text, parse};
use crate::logic::Guard;
use crate::semantics::types;
use crate::value::{Cases, CellKind, IntType, Piece, Place, Sym, Text, TextClass, TextType, Value};

/// How an aggregate's `Debug` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Struct,
    Tuple,
    List,
    Set,
}

impl Shape {
    /// Returns the text before the first field and the text after the last one: a pair for one line, and a pair for
    /// several lines.
    fn brackets(self) -> [(&'static str, &'static str); 2] {
        match self {
            Self::Struct => [(" { ", " }"), (" {\n", "}")],
            Self::Tuple => [("(", ")"), ("(\n", ")")],
            Self::List => [("[", "]"), ("[\n", "]")],
            Self::Set => [("{", "}"), ("{\n", "}")],
        }
    }
}

impl Interp<'_> {
    /// Returns the text that `Debug` writes for an aggregate: `Name { a: 1 }`, `Name(1)`, `[1]`, or over several lines.
    pub(crate) fn debug_fields(
        &mut self,
        name: &str,
        fields: &[(std::rc::Rc<str>, Cases)],
        shape: Shape,
        spec: &Spec,
    ) -> Cases {
        let mut text = Cases::str(name);
        let (open, close) = shape.brackets()[usize::from(spec.alternate)];
        if fields.is_empty() {
            let (open, close) = shape.brackets()[0];
            return match shape {
                Shape::Struct | Shape::Tuple => text,
                Shape::List | Shape::Set => Cases::str(&format!("{}{}", open.trim(), close.trim())),
            };
        }
        for (at, (name, value)) in fields.iter().enumerate() {
            let before = match (at, spec.alternate) {
                (0, _) => open,
                (_, true) => "",
                _ => ", ",
            };
            text = self.append(&text, &Cases::str(before));
            let mut part = self.display(value, Some(&Spec { debug: true, ..spec.clone() }));
            if shape == Shape::Struct {
                let name = name.strip_prefix("r#").unwrap_or(name);
                part = self.append(&Cases::str(&format!("{name}: ")), &part);
            }
            if spec.alternate {
                part = self.each(&part, |interp, part| match part {
                    Value::Text(part) => Cases::text(indented(part)),
                    _ => interp.unknown("its debug text is not known"),
                });
                part = self.append(&Cases::str("    "), &part);
                part = self.append(&part, &Cases::str(",\n"));
            }
            text = self.append(&text, &part);
        }
        self.append(&text, &Cases::str(close))
    }

    /// Returns the text that the arguments of a format macro make, as a value.
    pub(crate) fn format_macro(&mut self, args: &[Expr], end: &str) -> Cases {
        let Some((first, rest)) = args.split_first() else { return Cases::str(end) };
        let Some(pattern) = self.format_string(first) else {
            return match (first, rest) {
                (Expr::Macro(_), []) => self.format_made(first, end),
                _ => self.unknown("the format string is not known"),
            };
        };
        let Some(segments) = parse(&pattern) else {
            return self.unknown("the format string is not understood");
        };
        let mut positional = Vec::new();
        let mut named: Vec<(String, Cases)> = Vec::new();
        for arg in rest {
            match arg {
                Expr::Assign(assign) => {
                    let name = match &*assign.left {
                        Expr::Path(path) => {
                            path.path.get_ident().map(ToString::to_string).unwrap_or_default()
                        }
                        _ => String::new(),
                    };
                    let value = self.expr(&assign.right, None);
                    named.push((name, value));
                }
                other => positional.push(self.expr(other, None)),
            }
        }
        if self.dead() {
            return Cases::never();
        }
        let mut next = 0;
        let mut text = Cases::str("");
        for segment in segments {
            let part = match segment {
                Segment::Lit(text) => Cases::str(&text),
                Segment::Argument(argument, spec) => {
                    let value = match argument {
                        Argument::Next => {
                            next += 1;
                            positional.get(next - 1).cloned()
                        }
                        Argument::Position(at) => positional.get(at).cloned(),
                        Argument::Name(name) => match named.iter().find(|(known, _)| *known == name) {
                            Some((_, value)) => Some(value.clone()),
                            None => match self.variable(&name) {
                                Some(cell) => Some(self.read_cell(cell)),
                                None => {
                                    let path = syn::parse_str::<syn::ExprPath>(&name).ok();
                                    path.map(|path| self.path_value(&path, None))
                                }
                            },
                        },
                    };
                    let Some(value) = value else { return self.unknown("a format argument is missing") };
                    self.display(&value, Some(&spec))
                }
            };
            if self.dead() {
                return Cases::never();
            }
            text = self.append(&text, &part);
        }
        if end.is_empty() { text } else { self.append(&text, &Cases::str(end)) }
    }

    /// A format string that another macro makes of what is not known here: plain text where it holds no brace.
    fn format_made(&mut self, pattern: &Expr, end: &str) -> Cases {
        let made = self.expr(pattern, None);
        self.each(&made, |interp, made| match made {
            Value::Text(text) => interp.ask(text, "a format string", &mut |_, flat| {
                let plain = flat.iter().all(|piece| match piece {
                    Piece::Lit(text) => !text.contains(['{', '}']),
                    Piece::Sym(sym) => !sym.may_hold('{') && !sym.may_hold('}'),
                });
                plain.then(|| Cases::text(Text::from_flat(flat.iter().cloned()).concat(&Text::lit(end))))
            }),
            _ => interp.unknown("the format string is not known"),
        })
    }

    fn append(&mut self, a: &Cases, b: &Cases) -> Cases {
        super::concat::concat(self, a, b)
    }

    fn format_string(&mut self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Lit(lit) => match &lit.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            Expr::Group(inner) => self.format_string(&inner.expr),
            Expr::Macro(_) => self.expr(expr, None).literal().map(str::to_owned),
            _ => None,
        }
    }

    pub(crate) fn format_argument(&mut self, arg: &Expr) {
        match arg {
            Expr::Assign(assign) => self.expr(&assign.right, None),
            other => self.expr(other, None),
        };
    }

    /// Returns the text of a message. An ellipsis replaces each unknown part, since people read messages.
    pub(crate) fn format_lenient(&mut self, args: &[Expr]) -> Text {
        let path = self.pc;
        let residue = self.residue.len();
        let text = match args.first() {
            Some(Expr::Lit(_) | Expr::Macro(_) | Expr::Group(_)) => self.format_macro(args, ""),
            Some(other) => {
                let value = self.expr(other, None);
                self.display(&value, None)
            }
            None => Cases::str(""),
        };
        if self.pc == path {
            return self.lenient_text(&text);
        }
        self.residue.truncate(residue);
        self.pc = path;
        let pattern = args.first().and_then(|first| self.format_string(first)).unwrap_or_default();
        let parts = parse(&pattern).unwrap_or_default();
        let text: String = parts
            .into_iter()
            .map(|segment| match segment {
                Segment::Lit(text) => text,
                Segment::Argument(..) => "…".to_owned(),
            })
            .collect();
        Text::lit(&text)
    }

    fn lenient_text(&mut self, text: &Cases) -> Text {
        match text.single() {
            Some(Value::Text(text)) => text.clone(),
            // Several texts: guarded pieces say which.
            _ => {
                let mut pieces: Vec<(Guard, Piece)> = Vec::new();
                for (guard, value) in text.0.iter() {
                    if let Value::Text(text) = value {
                        for (inner, piece) in text.0.iter() {
                            let both = self.inputs.and(*guard, *inner);
                            pieces.push((both, piece.clone()));
                        }
                    }
                }
                Text::from_pieces(pieces)
            }
        }
    }

    /// Returns a value's text for a message.
    pub(crate) fn display_text(&mut self, value: &Cases, debug: bool) -> Text {
        let path = self.pc;
        let residue = self.residue.len();
        let text = self.display(value, Some(&Spec { debug, ..Spec::default() }));
        if self.pc != path {
            self.residue.truncate(residue);
            self.pc = path;
            return Text::sym(Sym::Opaque("…".into()));
        }
        self.lenient_text(&text)
    }

    /// Returns a value's text as `Display` or `Debug` writes it.
    pub(crate) fn display(&mut self, value: &Cases, spec: Option<&Spec>) -> Cases {
        let value = self.deref_all(value);
        let plain = Spec::default();
        let spec = spec.unwrap_or(&plain);
        self.each(&value, |interp, value| interp.display_value(value, spec))
    }

    fn display_value(&mut self, value: &Value, spec: &Spec) -> Cases {
        match value {
            Value::Text(text) if text.class() == Some(TextClass::Bytes) => {
                if !spec.debug {
                    return self.unknown("the text of bytes is not known");
                }
                match super::slices::byte_list_of(value) {
                    Some(items) => self.display_value(&Value::Seq(std::rc::Rc::new(items)), spec),
                    None => self.unknown("these bytes are not known"),
                }
            }
            Value::Bytes(_) if spec.debug => match super::slices::byte_list_of(value) {
                Some(items) => self.display_value(&Value::Seq(std::rc::Rc::new(items)), spec),
                None => self.unknown("these bytes are not known"),
            },
            Value::Text(text) if text.1 == TextType::Arguments => {
                Cases::text(text.clone().typed(TextType::Unknown))
            }
            Value::Text(text) if text.class().is_none() && !spec.is_plain() => {
                let _ = text;
                self.unknown("how this text is padded is not known")
            }
            Value::Text(text) if !spec.debug => {
                if spec.width > 0 || spec.precision.is_some() {
                    let spec = spec.clone();
                    return self.ask_literal(text, "its width", &mut |interp, text| {
                        let text: String = match spec.precision {
                            Some(precision) => text.chars().take(precision).collect(),
                            None => text.to_owned(),
                        };
                        interp.make_text(Text::lit(&pad_text(&text, &spec)))
                    });
                }
                Cases::text(text.clone())
            }
            Value::Text(text) => {
                let safe = |sym: &Sym| !sym.may_hold('"') && !sym.may_hold('\\');
                // Paths hold no quotes; on Windows they hold backslashes, which are escaped.
                if text.pieces().any(|piece| matches!(piece, Piece::Sym(Sym::OutDir | Sym::ManifestDir))) {
                    let windows = self.host_where(&|host| host.families.contains(&"windows"));
                    self.unknown_where(windows, "the debug text of a path on Windows cannot be said");
                }
                self.ask(text, "its debug text", &mut |_, flat| {
                    let mut pieces = vec![Piece::Lit("\"".into())];
                    for piece in flat {
                        match piece {
                            Piece::Lit(text) => {
                                let quoted = format!("{text:?}");
                                pieces.push(Piece::Lit(quoted[1..quoted.len() - 1].into()));
                            }
                            Piece::Sym(sym) if safe(sym) => pieces.push(piece.clone()),
                            Piece::Sym(Sym::Opaque(what)) => {
                                let what = format!("{}{what}", Sym::DEBUG_TEXT);
                                pieces.push(Piece::Sym(Sym::Opaque(what.into())));
                            }
                            Piece::Sym(Sym::OutDir | Sym::ManifestDir) => pieces.push(piece.clone()),
                            Piece::Sym(_) => return None,
                        }
                    }
                    pieces.push(Piece::Lit("\"".into()));
                    Some(Cases::text(Text::from_flat(pieces)))
                })
            }
            Value::Int(number, kind) => {
                let text = match spec.kind {
                    Some('x' | 'X' | 'b' | 'o') => {
                        // A number below nothing shows its type's width.
                        if *number < 0 && matches!(kind, IntType::Unknown | IntType::Signed(128)) {
                            return self.unknown("how wide this number's type is is not known");
                        }
                        let number = super::operators::wrap(*number, unsigned(*kind));
                        let (digits, prefix) = match spec.kind {
                            Some('x') => (format!("{number:x}"), "0x"),
                            Some('X') => (format!("{number:X}"), "0x"),
                            Some('o') => (format!("{number:o}"), "0o"),
                            _ => (format!("{number:b}"), "0b"),
                        };
                        if spec.alternate {
                            let digits = if spec.zero {
                                let width = spec.width.saturating_sub(2);
                                format!("{}{digits}", "0".repeat(width.saturating_sub(digits.len())))
                            } else {
                                digits
                            };
                            format!("{prefix}{digits}")
                        } else {
                            digits
                        }
                    }
                    _ => number.to_string(),
                };
                let text = match (spec.plus && *number >= 0, spec.kind) {
                    (true, None) => format!("+{text}"),
                    (true, Some(_)) => return self.unknown("a sign before such digits is not understood"),
                    (false, _) => text,
                };
                Cases::str(&pad(&text, spec, '>'))
            }
            Value::Bool(value) => Cases::str(&pad_text(&value.to_string(), spec)),
            Value::Char(character) if spec.debug => Cases::str(&format!("{character:?}")),
            Value::Char(character) => Cases::str(&pad_text(&character.to_string(), spec)),
            Value::Unit if spec.debug => Cases::str(&pad_text("()", spec)),
            Value::SymbolicInt(..) if !spec.is_plain() || spec.kind.is_some() => {
                let numbers = self.numbers(value);
                if numbers.single() == Some(value) {
                    return self.unknown("how many digits this number has is known only during the build");
                }
                self.display(&numbers, Some(spec))
            }
            Value::SymbolicInt(Sym::Month, 10) => self.sym(Sym::MonthNumber),
            Value::SymbolicInt(Sym::Day, 10) => self.sym(Sym::DayNumber),
            // What a variable holds may be written otherwise than the number it is read as: `0x10`, `+1`, `007`.
            Value::SymbolicInt(Sym::Dep(..), _) => self.sym(Sym::Opaque("a number".into())),
            Value::SymbolicInt(sym, 10) => self.sym(sym.clone()),
            Value::Opaque(what) => self.sym(Sym::Opaque(what.clone())),
            Value::External(path) => match crate::semantics::types::unit_variant(path) {
                // A derived `Debug` fills nothing.
                Some((_, name)) if spec.debug => Cases::str(name),
                _ => self.unknown(&format!("the text of `{path}` is not known")),
            },
            Value::Cell(cell, kind) if spec.debug => {
                let inner = self.read_cell(*cell);
                let name = match kind {
                    CellKind::Cell => "Cell",
                    CellKind::RefCell => "RefCell",
                    CellKind::Atomic => return self.display(&inner, Some(spec)),
                    _ => return self.unknown("the debug text of this cell is not understood"),
                };
                self.debug_fields(name, &[("value".into(), inner)], Shape::Struct, spec)
            }
            Value::Struct(_) | Value::Enum(_) => self.display_aggregate(value, spec),
            // In one line, with quotes: nothing that Cargo takes for a directive.
            Value::Object(object) if spec.debug && self.objects[*object].kind == "command" => {
                self.sym(Sym::Opaque("a command line".into()))
            }
            Value::OpenList(list) if spec.debug && !spec.alternate => {
                (self.models.open_list_debug)(self, list)
            }
            Value::Seq(items) if spec.debug && self.position_matters(items) => Cases::never(),
            Value::Seq(items)
                if spec.debug && !spec.alternate && items.iter().any(|(guard, _)| !guard.is_true()) =>
            {
                let items = items.clone();
                if (self.models.is_feature_list)(self, &items) {
                    return self.sym(Sym::FeaturesList);
                }
                self.debug_guarded(&items, spec)
            }
            Value::Seq(items) if spec.debug => {
                if items.iter().any(|(guard, _)| !guard.is_true()) {
                    return self.unknown("the debug text of a list of unknown length is not understood");
                }
                let items: Vec<(std::rc::Rc<str>, Cases)> =
                    items.iter().map(|(_, item)| ("".into(), item.clone())).collect();
                self.debug_fields("", &items, Shape::List, spec)
            }
            Value::Tuple(parts) if spec.debug && parts.len() > 1 => {
                let parts: Vec<(std::rc::Rc<str>, Cases)> =
                    parts.iter().map(|part| ("".into(), part.clone())).collect();
                self.debug_fields("", &parts, Shape::Tuple, spec)
            }
            Value::Map(map) if spec.debug && map.set && map.sorted => {
                let items = self.map_items(map, None);
                if items.iter().any(|(guard, _)| !guard.is_true()) {
                    return self.unknown("the debug text of a set of unknown size is not understood");
                }
                let items: Vec<(std::rc::Rc<str>, Cases)> =
                    items.into_iter().map(|(_, item)| ("".into(), item)).collect();
                self.debug_fields("", &items, Shape::Set, spec)
            }
            other => {
                let reason = format!("the text of {} is not known", other.kind());
                self.unknown(&reason)
            }
        }
    }

    /// Returns `[a, b]` for items that may be absent, as one text with guarded pieces.
    fn debug_guarded(&mut self, items: &[(Guard, Cases)], spec: &Spec) -> Cases {
        let mut pieces = vec![(Guard::TRUE, Piece::Lit("[".into()))];
        let mut before = Guard::FALSE;
        for (guard, item) in items {
            let path = self.pc;
            self.pc = self.inputs.and(path, *guard);
            if self.dead() {
                self.pc = path;
                continue;
            }
            let here = self.pc;
            let text = self.display(item, Some(spec));
            let Some(Value::Text(text)) = text.single() else {
                self.pc = path;
                return self.unknown("the debug text of this list is not known");
            };
            if self.pc != here {
                return self.unknown("the debug text of this list is not known");
            }
            let both = self.inputs.and(before, *guard);
            pieces.push((both, Piece::Lit(", ".into())));
            for (under, piece) in text.0.iter() {
                let both = self.inputs.and(*guard, *under);
                pieces.push((both, piece.clone()));
            }
            before = self.inputs.or(before, *guard);
            self.pc = path;
        }
        pieces.push((Guard::TRUE, Piece::Lit("]".into())));
        pieces.retain(|(guard, _)| !guard.is_false());
        self.make_text(Text::from_pieces(pieces))
    }

    fn display_aggregate(&mut self, value: &Value, spec: &Spec) -> Cases {
        let name = crate::semantics::types::type_name(value);
        let of = if spec.debug { "Debug" } else { "Display" };
        let found = self.candidates(&name, Some(of), "fmt");
        if found.len() > 1 {
            return self.unknown(&format!("which `fmt` of `{name}` is meant is not clear"));
        }
        if let [found] = found.as_slice() {
            let cell = self.new_cell(Cases::str(""));
            let place = Cases::of(Value::Ref(std::rc::Rc::new(Place { cell, path: Vec::new() })));
            self.formatting.push((cell, spec.clone()));
            self.call_item(found.item, vec![Cases::of(value.clone()), place], None);
            self.formatting.pop();
            return self.read_cell(cell);
        }
        let derives = found.is_empty();
        match value {
            Value::Struct(value) if spec.debug && derives && self.struct_item(&value.name).is_some() => {
                let value = std::rc::Rc::clone(value);
                let tuple = value.fields.first().is_some_and(|(name, _)| name.parse::<usize>().is_ok());
                let shape = if tuple { Shape::Tuple } else { Shape::Struct };
                self.debug_fields(&value.name, &value.fields, shape, spec)
            }
            Value::Struct(value)
                if spec.debug && matches!(&*value.name, types::REVERSE | types::DIR_ENTRY) =>
            {
                let value = std::rc::Rc::clone(value);
                let name = value.name.rsplit("::").next().unwrap_or_default();
                self.debug_fields(name, &value.fields, Shape::Tuple, spec)
            }
            Value::Enum(error)
                if &*error.name == "VarError" && &*error.variant == "NotPresent" && !spec.debug =>
            {
                Cases::str("environment variable not found")
            }
            Value::Struct(version)
                if &*version.name == "semver Version" && !spec.debug && spec.width == 0 =>
            {
                (self.models.display_version)(self, version)
            }
            Value::Enum(value) if spec.debug => {
                let value = std::rc::Rc::clone(value);
                let tuple = value.fields.first().is_some_and(|(name, _)| name.parse::<usize>().is_ok());
                let shape = if tuple { Shape::Tuple } else { Shape::Struct };
                self.debug_fields(&value.variant, &value.fields, shape, spec)
            }
            other => {
                let reason = format!("the text of {} is not known", other.kind());
                self.unknown(&reason)
            }
        }
    }
}

/// Indents every line but the first by four columns.
fn indented(text: &Text) -> Text {
    Text::from_pieces(text.0.iter().map(|(guard, piece)| {
        let piece = match piece {
            Piece::Lit(text) => Piece::Lit(text.replace('\n', "\n    ").into()),
            piece => piece.clone(),
        };
        (*guard, piece)
    }))
}

fn unsigned(kind: IntType) -> IntType {
    match kind {
        IntType::Signed(bits) => IntType::Unsigned(bits),
        IntType::Isize => IntType::Usize,
        other => other,
    }
}
