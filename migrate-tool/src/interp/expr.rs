//! Expressions and blocks.

use std::rc::Rc;

use syn::{Expr, Lit, Stmt, spanned::Spanned};

use super::conditional::expr_attributes;
use super::items::Namespace;
use super::{Definition, Frame, Interp, Item, Ty};
use crate::logic::Guard;
use crate::value::{Cases, ClosureValue, IntType, Items, SeqKind, StructValue, Text, TextType, Value};

/// The type that a struct literal names, its variant, its fields and its parameters.
type Literal = (String, Option<String>, syn::Fields, syn::Generics);

impl Interp<'_> {
    /// Evaluates a block in a scope of its own.
    pub(crate) fn block(&mut self, block: &syn::Block, hint: Option<&Ty>) -> Cases {
        self.push_scope();
        let lent = self.lent.len();
        let items = self.declare_block_items(block);
        let value = self.statements(&block.stmts, hint);
        self.give_back_unless_in(lent, &value);
        if items && let Some(frame) = self.frames.last_mut() {
            frame.local_items.pop();
        }
        self.pop_scope();
        value
    }

    fn declare_block_items(&mut self, block: &syn::Block) -> bool {
        let is_item = |stmt: &Stmt| match stmt {
            Stmt::Item(_) => true,
            Stmt::Macro(stmt) => stmt.mac.path.is_ident("macro_rules"),
            _ => false,
        };
        if !block.stmts.iter().any(is_item) {
            return false;
        }
        let module = self.current_module();
        let module = self.block_module(module);
        for stmt in &block.stmts {
            if let Stmt::Item(item) = stmt {
                self.declare(item.clone(), module);
            }
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.local_items.push(module);
        }
        true
    }

    /// Returns the innermost module whose names are in scope.
    pub(crate) fn current_module(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.local_items.last().copied().unwrap_or(frame.module))
    }

    pub(crate) fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    pub(crate) fn push_scope(&mut self) {
        self.frame().scopes.push(Vec::new());
    }

    pub(crate) fn pop_scope(&mut self) {
        self.frame().scopes.pop();
    }

    pub(crate) fn bind(&mut self, name: &str, value: Cases) {
        let cell = self.new_cell(value);
        let name = Rc::from(name);
        let frame = self.frame();
        if frame.scopes.is_empty() {
            frame.scopes.push(Vec::new());
        }
        let last = frame.scopes.len() - 1;
        frame.scopes[last].push((name, cell));
    }

    pub(crate) fn variable(&self, name: &str) -> Option<usize> {
        self.frames
            .last()?
            .scopes
            .iter()
            .rev()
            .find_map(|scope| scope.iter().rev().find(|(known, _)| &**known == name).map(|(_, cell)| *cell))
    }

    pub(super) fn statements(&mut self, statements: &[Stmt], hint: Option<&Ty>) -> Cases {
        let mut last = Cases::unit();
        for (at, statement) in statements.iter().enumerate() {
            if !self.step() {
                return Cases::never();
            }
            let is_last = at + 1 == statements.len();
            let lent = self.lent.len();
            last = Cases::unit();
            match statement {
                Stmt::Local(local) => self.guarded_local(local),
                Stmt::Item(_) => Cases::unit(),
                Stmt::Expr(expr, semicolon) => {
                    let value = self.guarded(expr_attributes(expr), |interp| {
                        interp.expr(expr, if is_last { hint } else { None })
                    });
                    if semicolon.is_none() && is_last {
                        last = value;
                    } else if value.is_never() && self.dead() {
                        last = Cases::never();
                    }
                    Cases::unit()
                }
                Stmt::Macro(stmt) => {
                    let value = self.guarded(&stmt.attrs, |interp| {
                        let ends = is_last && stmt.semi_token.is_none();
                        // A call with braces is a statement even there: a semicolon in its result counts.
                        let statement = !ends || matches!(stmt.mac.delimiter, syn::MacroDelimiter::Brace(_));
                        interp.macro_at(&stmt.mac, if ends { hint } else { None }, statement)
                    });
                    if stmt.semi_token.is_none() && is_last {
                        last = value;
                    }
                    Cases::unit()
                }
            };
            if !is_last && !matches!(statement, Stmt::Local(_)) {
                self.give_back(lent);
            }
        }
        if self.dead() { Cases::never() } else { last }
    }

    pub(super) fn local(&mut self, local: &syn::Local) {
        let (pattern, ty) = match &local.pat {
            syn::Pat::Type(typed) => (&*typed.pat, Ty::from_syn(&typed.ty)),
            pattern => (pattern, None),
        };
        let Some(init) = &local.init else {
            // Declared now, assigned later.
            self.bind_pattern_as(pattern, &Cases::never(), ty.as_ref());
            return;
        };
        let lent = self.lent.len();
        let value = self.expr(&init.expr, ty.as_ref());
        let value = self.typed(&value, ty.as_ref());
        // `let x = &temporary;` extends the life of the temporary.
        if !matches!(*init.expr, Expr::Reference(_)) {
            self.give_back_unless_in(lent, &value);
        }
        if self.dead() {
            return;
        }
        match &init.diverge {
            None => {
                self.span = local.span();
                self.bind_pattern_as(pattern, &value, ty.as_ref());
            }
            Some((_, otherwise)) => {
                let (matched, bindings) = self.match_pattern(pattern, &value);
                let path = self.pc;
                self.pc = self.inputs.minus(path, matched);
                if !self.dead() {
                    self.expr(otherwise, None);
                }
                self.pc = self.inputs.and(path, matched);
                self.bind_all(bindings);
            }
        }
    }

    /// Evaluates an expression on the current path.
    pub(crate) fn expr(&mut self, expr: &Expr, hint: Option<&Ty>) -> Cases {
        if !self.step() {
            return Cases::never();
        }
        match expr {
            Expr::Lit(lit) => self.literal(&lit.lit, hint),
            Expr::Paren(inner) => self.expr(&inner.expr, hint),
            Expr::Group(inner) => self.expr(&inner.expr, hint),
            Expr::Path(path) => {
                self.span = expr.span();
                self.path_value(path, hint)
            }
            Expr::Block(block) => match &block.label {
                Some(label) => self.labelled_block(&label.name.ident.to_string(), &block.block, hint),
                None => self.block(&block.block, hint),
            },
            Expr::Unsafe(block) => self.block(&block.block, hint),
            Expr::Const(block) => self.block(&block.block, hint),
            Expr::If(branch) => self.if_expr(branch, hint),
            Expr::Match(branch) => self.match_expr(branch, hint),
            Expr::While(code) => self.while_loop(code),
            Expr::Loop(code) => self.endless_loop(code),
            Expr::ForLoop(code) => self.for_loop(code),
            Expr::Return(code) => {
                let result = self.frames.last().and_then(|frame| frame.result.clone());
                let value =
                    code.expr.as_ref().map_or_else(Cases::unit, |value| self.expr(value, result.as_ref()));
                self.leave_function(value)
            }
            Expr::Break(code) => self.break_expr(code),
            Expr::Continue(code) => self.continue_expr(code),
            Expr::Try(code) => {
                let value = self.expr(&code.expr, hint);
                self.span = code.question_token.span();
                self.question_mark(&value)
            }
            Expr::Call(call) => self.call_expr(call, hint),
            Expr::MethodCall(call) => self.method_call(call, hint),
            Expr::Macro(code) => self.macro_call(&code.mac, hint),
            Expr::Reference(reference) => {
                if reference.mutability.is_some() {
                    self.span = expr.span();
                    self.mutable_reference(&reference.expr)
                } else {
                    self.expr(&reference.expr, hint)
                }
            }
            Expr::Unary(unary) => self.unary(unary, hint),
            Expr::Binary(binary) => self.binary(binary, hint),
            Expr::Assign(assign) => {
                let value = self.expr(&assign.right, None);
                self.span = expr.span();
                self.assign(&assign.left, value);
                if self.dead() { Cases::never() } else { Cases::unit() }
            }
            Expr::Tuple(tuple) => {
                if tuple.elems.is_empty() {
                    return Cases::unit();
                }
                let hints = hint.filter(|hint| hint.name == "(tuple)").map_or(&[][..], |hint| &hint.args);
                let Some(given) = self.compiled_arguments(&tuple.elems) else {
                    return self.unknown("a tuple that differs between targets is not understood");
                };
                let values: Vec<Cases> =
                    given.into_iter().enumerate().map(|(at, elem)| self.expr(elem, hints.get(at))).collect();
                self.alive(Value::Tuple(Rc::from(values)))
            }
            Expr::Array(array) => {
                let element = hint.and_then(Ty::element).cloned();
                let mut items = Items::new().of_kind(SeqKind::Array);
                for element_expr in &array.elems {
                    self.listed(element_expr, element.as_ref(), &mut items);
                }
                if self.dead() { Cases::never() } else { self.of_one_type(items) }
            }
            Expr::Repeat(repeat) => {
                let element = hint.and_then(Ty::element).cloned();
                let value = self.expr(&repeat.expr, element.as_ref());
                let count = self.expr(&repeat.len, Some(&Ty::named("usize")));
                self.repeated(&value, &count, SeqKind::Array)
            }
            Expr::Struct(code) => self.struct_expr(code),
            Expr::Field(field) => {
                let base = self.expr(&field.base, None);
                self.span = field.member.span();
                let name = member_name(&field.member);
                self.field(&base, &name)
            }
            Expr::Index(index) => {
                let base = self.expr(&index.expr, None);
                let at = self.expr(&index.index, None);
                self.span = expr.span();
                self.index(&base, &at)
            }
            Expr::Range(range) => {
                let start = range.start.as_ref().map(|start| self.expr(start, None));
                let end = range.end.as_ref().map(|end| self.expr(end, None));
                self.span = expr.span();
                let closed = matches!(range.limits, syn::RangeLimits::Closed(_));
                self.range(start, end, closed)
            }
            Expr::Closure(closure) => self.closure(closure),
            Expr::Cast(cast) => {
                let value = self.expr(&cast.expr, None);
                self.span = expr.span();
                let ty = Ty::from_syn(&cast.ty).map(|ty| self.canonical(&ty));
                self.cast(&value, ty.as_ref())
            }
            Expr::Let(code) => {
                // Outside `if` and `while` conditions, which handle their own.
                let value = self.expr(&code.expr, None);
                let (matched, _) = self.match_pattern(&code.pat, &value);
                self.boolean(matched)
            }
            _ => {
                self.span = expr.span();
                self.unknown("this kind of expression is not understood")
            }
        }
    }

    pub(crate) fn alive(&self, value: Value) -> Cases {
        if self.pc.is_false() { Cases::never() } else { Cases::of(value) }
    }

    fn literal(&mut self, lit: &Lit, hint: Option<&Ty>) -> Cases {
        Cases::of(match lit {
            Lit::Str(text) => {
                let text = text.value();
                if !self.literals.contains(&text) {
                    self.literals.push(text.clone());
                }
                Value::Text(Text::lit(&text).typed(TextType::Str))
            }
            Lit::ByteStr(bytes) => bytes_value(bytes.value(), TextType::ByteArray),
            Lit::CStr(_) => {
                self.span = lit.span();
                return self.unknown("a C string is not understood");
            }
            Lit::Byte(byte) => Value::Int(i128::from(byte.value()), IntType::Unsigned(8)),
            Lit::Char(character) => Value::Char(character.value()),
            Lit::Bool(value) => Value::Bool(value.value),
            Lit::Int(number) => {
                let suffix = Ty::named(number.suffix()).integer();
                let at = number.span().start();
                let inferred = || {
                    self.frames.last().and_then(|frame| frame.literals.get(&(at.line, at.column)).copied())
                };
                let kind = suffix.or_else(|| hint.and_then(Ty::integer)).or_else(inferred);
                let kind = kind.unwrap_or(IntType::Unknown);
                match number.base10_digits().parse() {
                    Ok(value) => Value::Int(value, kind),
                    Err(_) => {
                        self.span = lit.span();
                        return self.unknown("this number is too large");
                    }
                }
            }
            _ => {
                self.span = lit.span();
                return self.unknown("this kind of literal is not understood");
            }
        })
    }

    fn if_expr(&mut self, code: &syn::ExprIf, hint: Option<&Ty>) -> Cases {
        self.push_scope();
        let path = self.pc;
        let holds = self.condition(&code.cond);
        // What is left of the path, minus where the condition holds.
        let after = self.pc;
        let _ = path;
        self.pc = self.inputs.and(after, holds);
        let yes = if self.dead() { Cases::never() } else { self.block(&code.then_branch, hint) };
        let yes_path = self.pc;
        self.pop_scope();
        self.pc = self.inputs.minus(after, holds);
        let no = if self.dead() {
            Cases::never()
        } else {
            match &code.else_branch {
                Some((_, otherwise)) => self.expr(otherwise, hint),
                None => Cases::unit(),
            }
        };
        let no_path = self.pc;
        self.pc = self.inputs.or(yes_path, no_path);
        self.inputs.join(vec![(yes_path, yes), (no_path, no)])
    }

    /// Where an `if` or `while` condition holds; binds what its `let`s bind. The path is then what did not diverge.
    pub(crate) fn condition(&mut self, condition: &Expr) -> Guard {
        match condition {
            Expr::Paren(inner) => self.condition(&inner.expr),
            Expr::Group(inner) => self.condition(&inner.expr),
            Expr::Let(code) => {
                let value = self.scrutinee(&code.expr);
                if self.dead() {
                    return Guard::FALSE;
                }
                let (matched, bindings) = self.match_pattern(&code.pat, &value);
                let path = self.pc;
                self.pc = self.inputs.and(path, matched);
                self.bind_all(bindings);
                self.pc = path;
                matched
            }
            Expr::Binary(binary) if matches!(binary.op, syn::BinOp::And(_)) => {
                let left = self.condition(&binary.left);
                let path = self.pc;
                self.pc = self.inputs.and(path, left);
                let right = if self.dead() { Guard::FALSE } else { self.condition(&binary.right) };
                let right = self.inputs.and(right, self.pc);
                let rest = self.inputs.minus(path, left);
                self.pc = self.inputs.or(rest, self.pc);
                right
            }
            other => {
                let lent = self.lent.len();
                let value = self.expr(other, None);
                self.give_back(lent);
                self.span = other.span();
                self.truth(&value)
            }
        }
    }

    fn struct_expr(&mut self, code: &syn::ExprStruct) -> Cases {
        let mut fields: Vec<(Rc<str>, Cases)> = Vec::new();
        let names = self.segments(&code.path);
        let Some((owner, variant, item_fields, generics)) = self.literal_of(&names) else {
            return self.unknown(&format!("`{}` is not a struct that is known here", names.join("::")));
        };
        let declared: Vec<(String, Option<Ty>)> = item_fields
            .iter()
            .enumerate()
            .map(|(at, field)| {
                let name = field.ident.as_ref().map_or_else(|| at.to_string(), ToString::to_string);
                (name, Ty::of_field(field, &generics))
            })
            .collect();
        for field in &code.fields {
            let guard = self.attributes(&field.attrs);
            if guard.is_false() {
                continue;
            }
            let name = member_name(&field.member);
            let hint = declared.iter().find(|(known, _)| **known == *name).and_then(|(_, ty)| ty.clone());
            if guard.is_true() {
                let value = self.expr(&field.expr, hint.as_ref());
                let value = self.typed(&value, hint.as_ref());
                fields.push((Rc::from(name), value));
                continue;
            }
            // The same field may be given again where this one is not compiled.
            let known = fields.iter().position(|(known, _)| **known == *name);
            let other = known.map_or_else(Cases::never, |at| fields.remove(at).1);
            let value =
                self.branch(guard, |interp| interp.expr(&field.expr, hint.as_ref()), |_| other.clone());
            fields.push((Rc::from(name), value));
        }
        if let Some(rest) = &code.rest {
            let base = self.expr(rest, Some(&Ty::named(&owner)));
            if let Some(Value::Struct(base)) = base.single()
                && *base.name == *owner
            {
                for (name, value) in &base.fields {
                    if !fields.iter().any(|(known, _)| known == name) {
                        fields.push((Rc::clone(name), value.clone()));
                    }
                }
            } else if !base.is_never() {
                return self.unknown("what `..` takes fields from is not known");
            }
        }
        self.span = code.span();
        if self.dead() {
            return Cases::never();
        }
        // Derived comparisons and `Debug` use the fields in the order of their declaration.
        fields.sort_by_key(|(name, _)| declared.iter().position(|(known, _)| **known == **name));
        let name = Rc::from(owner);
        self.made(match variant {
            Some(variant) => {
                Value::Enum(Rc::new(crate::value::EnumValue { name, variant: Rc::from(variant), fields }))
            }
            None => Value::Struct(Rc::new(StructValue { name, fields })),
        })
    }

    /// Returns the type, the variant and the fields of the struct or variant that the path of a struct literal names.
    fn literal_of(&mut self, names: &[String]) -> Option<Literal> {
        let module = self.current_module();
        let found = self.resolve(module, names, Namespace::Type);
        let path = self.pc;
        let compiled = found.iter().position(|(guard, _)| self.inputs.minus(path, *guard).is_false())?;
        let (_, definition) = &found[compiled];
        match definition {
            Definition::Item(index) => match &self.items[*index] {
                Item::Struct(item) => {
                    Some((item.ident.to_string(), None, item.fields.clone(), item.generics.clone()))
                }
                Item::Alias(Some(ty)) => {
                    let names = [ty.name.clone()];
                    self.literal_of(&names)
                }
                _ => None,
            },
            Definition::Member(index, name) => match &self.items[*index] {
                Item::Enum(item) => {
                    let variant = item.variants.iter().find(|variant| variant.ident == name.as_str())?;
                    let fields = variant.fields.clone();
                    Some((item.ident.to_string(), Some(name.clone()), fields, item.generics.clone()))
                }
                Item::Alias(Some(ty)) => {
                    let names = [ty.name.clone(), name.clone()];
                    self.literal_of(&names)
                }
                _ => None,
            },
            Definition::External(_) => None,
        }
    }

    fn closure(&mut self, code: &syn::ExprClosure) -> Cases {
        let key = std::ptr::from_ref(code) as usize;
        let code = match self.closures.get(&key) {
            Some(known) => Rc::clone(known),
            None => {
                let owned = Rc::new(code.clone());
                self.closures.insert(key, Rc::clone(&owned));
                owned
            }
        };
        let mut captured = self
            .frames
            .last()
            .map_or_else(Vec::new, |frame| frame.scopes.iter().flatten().cloned().collect());
        if code.capture.is_some() {
            if let Some(names) = self.names_of_closure(key, &code) {
                captured.retain(|(name, _)| names.contains(&**name));
            }
            // A `move` closure owns the variables that it captures: a change of such a copy does not change the
            // original.
            for (_, cell) in &mut captured {
                let value = self.read_cell(*cell);
                *cell = self.new_cell(value);
            }
        }
        let (module, self_type, file, local_items, literals) =
            self.frames.last().map_or((0, None, 0, Vec::new(), Rc::default()), |frame| {
                let literals = Rc::clone(&frame.literals);
                (frame.module, frame.self_type.clone(), frame.file, frame.local_items.clone(), literals)
            });
        let closure = ClosureValue { code, captured, module, self_type, file, local_items, literals };
        Cases::of(Value::Closure(Rc::new(closure)))
    }

    fn range(&mut self, start: Option<Cases>, end: Option<Cases>, closed: bool) -> Cases {
        let start = start.unwrap_or_else(Cases::unit);
        let end = end.unwrap_or_else(Cases::unit);
        self.each2(&start, &end, |interp, start, end| {
            let bound = |value: &Value| match value {
                Value::Unit => Some(None),
                Value::Int(number, _) => Some(Some(*number)),
                _ => None,
            };
            // Both bounds are of one type; a literal takes the other's.
            let kind = [start, end].iter().find_map(|bound| match bound {
                Value::Int(_, kind) if *kind != IntType::Unknown => Some(*kind),
                _ => None,
            });
            let kind = kind.unwrap_or(IntType::Unknown);
            if let (Value::Char(start), Value::Char(end)) = (start, end) {
                let characters: Vec<char> =
                    if closed { (*start..=*end).collect() } else { (*start..*end).collect() };
                interp.count_items(characters.len());
                let character = |character| (Guard::TRUE, Cases::of(Value::Char(character)));
                return Cases::iter(characters.into_iter().map(character).collect::<Items>());
            }
            match (bound(start), bound(end)) {
                (Some(start), Some(end)) => Cases::of(Value::Range {
                    start,
                    end: end.map(|end| if closed { end + 1 } else { end }),
                    kind,
                }),
                // `"1.2".."2"`: bounds that only who is given the range understands.
                _ if [start, end].iter().all(|bound| matches!(bound, Value::Unit | Value::Text(_))) => {
                    let option = |bound: &Value| match bound {
                        Value::Unit => Cases::none(),
                        bound => Cases::some(Cases::of(bound.clone())),
                    };
                    Cases::of(Value::Struct(Rc::new(crate::value::StructValue {
                        name: crate::semantics::texts::TEXT_RANGE.into(),
                        fields: vec![
                            ("start".into(), option(start)),
                            ("end".into(), option(end)),
                            ("closed".into(), Cases::bool(closed)),
                        ],
                    })))
                }
                _ => interp.unknown("the bounds of a range are not known"),
            }
        })
    }
}

/// Bytes as text where they are text.
pub(crate) fn bytes_value(bytes: Vec<u8>, ty: TextType) -> Value {
    match String::from_utf8(bytes) {
        Ok(text) => Value::Text(Text::lit(&text).typed(ty)),
        Err(error) => Value::Bytes(Rc::from(error.into_bytes())),
    }
}

pub(crate) fn member_name(member: &syn::Member) -> String {
    match member {
        syn::Member::Named(name) => name.to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}
