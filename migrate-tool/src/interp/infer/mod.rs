//! Infers the types of a function's integer literals as rustc does: a small part of its inference, over the syntax of
//! one function, whose answers are all certain.
//!
//! Literals, local variables and the expressions between them are joined where Rust requires one type: by operators,
//! assignments, branches, ranges, annotations, `as`, and the results and parameters of the script's functions. A node
//! that meets anything else is *tainted*, since its type may be determined there. Literals that meet no type and
//! nothing tainted are `i32`.

mod calls;
mod known;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use proc_macro2::{LineColumn, TokenTree};
use quote::ToTokens as _;
use syn::{BinOp, Expr, Lit, Pat, Stmt};

use crate::value::{IntType, Ty};

/// The types of literals, by the line and column of each.
pub(crate) type Literals = HashMap<(usize, usize), IntType>;

/// The types of a function's parameters, and of its result.
type Signature = (Vec<Option<Ty>>, Option<Ty>);

/// The names of the script that matter to inference in a function.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The signatures of functions by name; `None` if several functions have the name.
    pub(crate) functions: HashMap<String, Option<Signature>>,
    /// The types of constants by name; `None` if they are not integers or differ.
    pub(crate) constants: HashMap<String, Option<IntType>>,
    /// The names of methods that the script defines.
    pub(crate) methods: HashSet<String>,
    /// The types of the fields of the script's structs by name; `None` if they are not integers or differ.
    pub(crate) fields: HashMap<String, Option<IntType>>,
    /// The names of macros that the script defines.
    pub(crate) macros: HashSet<String>,
    /// True if the script implements `Index`.
    pub(crate) indexes: bool,
    /// True if the script implements `Shl` or a similar trait.
    pub(crate) shifts: bool,
}

/// Returns the types of the literals in a body with a result type.
pub(crate) fn literals(
    known: &Known,
    inputs: &[(Pat, Option<Ty>)],
    result: Option<&Ty>,
    body: &syn::Block,
) -> Literals {
    let mut walk = Walk {
        known,
        nodes: Vec::new(),
        literals: Vec::new(),
        scopes: vec![HashMap::new()],
        result: result.cloned(),
    };
    for (pattern, ty) in inputs {
        let node = walk.of_type(ty.as_ref());
        walk.pattern(pattern, node);
    }
    let value = walk.block(body);
    let wanted = walk.of_type(result);
    walk.join(value, wanted);
    let literals = std::mem::take(&mut walk.literals);
    let mut out = HashMap::new();
    for (at, node) in literals {
        let root = walk.root(node);
        let kind = match (&walk.nodes[root].kind, walk.nodes[root].tainted) {
            (Some(kind), _) => *kind,
            (None, true) => IntType::Unknown,
            (None, false) => IntType::Signed(32),
        };
        out.insert((at.line, at.column), kind);
    }
    out
}

#[derive(Debug)]
struct Node {
    parent: usize,
    kind: Option<IntType>,
    tainted: bool,
}

struct Walk<'k> {
    known: &'k Known,
    nodes: Vec<Node>,
    literals: Vec<(LineColumn, usize)>,
    scopes: Vec<HashMap<String, usize>>,
    result: Option<Ty>,
}

impl Walk<'_> {
    fn new_node(&mut self, kind: Option<IntType>, tainted: bool) -> usize {
        self.nodes.push(Node { parent: self.nodes.len(), kind, tainted });
        self.nodes.len() - 1
    }

    /// Returns a node about whose type nothing is known.
    fn unknown(&mut self) -> usize {
        self.new_node(None, true)
    }

    /// Returns a node whose type this inference may determine.
    fn free(&mut self) -> usize {
        self.new_node(None, false)
    }

    fn of_type(&mut self, ty: Option<&Ty>) -> usize {
        match ty.and_then(Ty::integer) {
            Some(kind) => self.new_node(Some(kind), false),
            None => self.unknown(),
        }
    }

    fn root(&mut self, node: usize) -> usize {
        let mut at = node;
        while self.nodes[at].parent != at {
            at = self.nodes[at].parent;
        }
        self.nodes[node].parent = at;
        at
    }

    fn join(&mut self, a: usize, b: usize) -> usize {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return a;
        }
        let (kind, tainted) = (self.nodes[b].kind, self.nodes[b].tainted);
        self.nodes[b].parent = a;
        let into = &mut self.nodes[a];
        into.tainted |= tainted;
        match (into.kind, kind) {
            (None, kind) => into.kind = kind,
            // A node cannot have two types, so this inference is wrong somewhere.
            (Some(x), Some(y)) if x != y => {
                into.kind = Some(IntType::Unknown);
            }
            _ => {}
        }
        a
    }

    fn taint(&mut self, node: usize) {
        let root = self.root(node);
        self.nodes[root].tainted = true;
    }

    fn variable(&self, name: &str) -> Option<usize> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name).copied())
    }

    /// Binds the variables of a pattern: a single name to the node, all others to unknown types.
    fn pattern(&mut self, pattern: &Pat, node: usize) {
        match pattern {
            Pat::Ident(ident) if ident.subpat.is_none() => {
                let name = ident.ident.to_string();
                // The name may refer to a constant of any type instead.
                if name.starts_with(char::is_uppercase) || self.known.constants.contains_key(&name) {
                    self.taint(node);
                }
                if let Some(scope) = self.scopes.last_mut() {
                    scope.insert(name, node);
                }
            }
            Pat::Type(typed) => {
                let wanted = self.of_type(Ty::from_syn(&typed.ty).as_ref());
                let node = self.join(node, wanted);
                self.pattern(&typed.pat, node);
            }
            Pat::Paren(inner) => self.pattern(&inner.pat, node),
            Pat::Reference(inner) => self.pattern(&inner.pat, node),
            Pat::Wild(_) | Pat::Rest(_) => {}
            other => {
                let mut bound = Vec::new();
                idents(other.to_token_stream(), &mut bound);
                // Literals in the pattern have the type of the value that they are compared with.
                self.taint(node);
                for name in bound {
                    let unknown = self.unknown();
                    if let Some(scope) = self.scopes.last_mut() {
                        scope.insert(name, unknown);
                    }
                }
            }
        }
    }

    fn block(&mut self, block: &syn::Block) -> usize {
        self.scopes.push(HashMap::new());
        let mut last = self.unknown();
        for (at, stmt) in block.stmts.iter().enumerate() {
            match stmt {
                Stmt::Local(local) => self.local(local),
                Stmt::Expr(expr, semicolon) => {
                    let value = self.expr(expr);
                    if semicolon.is_none() && at + 1 == block.stmts.len() {
                        last = value;
                    }
                }
                Stmt::Macro(stmt) => {
                    self.macro_call(&stmt.mac);
                }
                // Items see no variables; the bodies of functions are inferred separately.
                Stmt::Item(_) => {}
            }
        }
        self.scopes.pop();
        last
    }

    fn local(&mut self, local: &syn::Local) {
        let Some(init) = &local.init else {
            let free = self.free();
            self.pattern(&local.pat, free);
            return;
        };
        if let Some((_, otherwise)) = &init.diverge {
            self.expr(otherwise);
        }
        // In `let (a, b) = (1, 2);`, each name gets the type of its value.
        if let (Pat::Tuple(patterns), Expr::Tuple(values)) = (&local.pat, &*init.expr)
            && patterns.elems.len() == values.elems.len()
            && !patterns.elems.iter().any(|pattern| matches!(pattern, Pat::Rest(_)))
        {
            let values: Vec<usize> = values.elems.iter().map(|value| self.expr(value)).collect();
            for (pattern, value) in patterns.elems.iter().zip(values) {
                self.pattern(pattern, value);
            }
            return;
        }
        let value = self.expr(&init.expr);
        self.pattern(&local.pat, value);
    }

    /// Returns a node that is not an integer, and that does not affect the types of integers.
    fn other(&mut self) -> usize {
        self.free()
    }

    /// Evaluates an expression whose type may be determined by something unknown.
    fn lost(&mut self, expr: &Expr) -> usize {
        let node = self.expr(expr);
        self.taint(node);
        node
    }

    fn expr(&mut self, expr: &Expr) -> usize {
        match expr {
            Expr::Lit(lit) => match &lit.lit {
                Lit::Int(number) => {
                    let suffix = Ty::named(number.suffix()).integer();
                    let node = self.new_node(suffix, false);
                    self.literals.push((number.span().start(), node));
                    node
                }
                _ => self.other(),
            },
            Expr::Paren(inner) => self.expr(&inner.expr),
            Expr::Group(inner) => self.expr(&inner.expr),
            Expr::Reference(inner) => self.expr(&inner.expr),
            Expr::Unary(inner) => self.expr(&inner.expr),
            Expr::Path(path) => self.path(path),
            Expr::Block(inner) if inner.label.is_none() => self.block(&inner.block),
            Expr::Unsafe(inner) => self.block(&inner.block),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Assign(assign) => {
                let right = self.expr(&assign.right);
                if !matches!(*assign.left, Expr::Infer(_)) {
                    let left = self.expr(&assign.left);
                    self.join(left, right);
                }
                self.other()
            }
            Expr::Cast(cast) => {
                let wanted = self.of_type(Ty::from_syn(&cast.ty).as_ref());
                let inner = self.expr(&cast.expr);
                // A literal that is cast has the target type, unless something else determines its type.
                if is_literal(&cast.expr) {
                    self.join(inner, wanted);
                }
                wanted
            }
            Expr::If(branch) => {
                self.scopes.push(HashMap::new());
                self.condition(&branch.cond);
                let yes = self.block(&branch.then_branch);
                self.scopes.pop();
                match &branch.else_branch {
                    Some((_, otherwise)) => {
                        let no = self.expr(otherwise);
                        self.join(yes, no)
                    }
                    None => self.other(),
                }
            }
            Expr::Match(branch) => {
                let scrutinee = self.expr(&branch.expr);
                let result = self.free();
                for arm in &branch.arms {
                    self.scopes.push(HashMap::new());
                    match &arm.pat {
                        // Literals in patterns have the type of the matched value, and do not determine it.
                        Pat::Lit(lit) if plain(lit) => {}
                        Pat::Or(or)
                            if or.cases.iter().all(|case| matches!(case, Pat::Lit(lit) if plain(lit))) => {}
                        pattern => self.pattern(pattern, scrutinee),
                    }
                    if let Some((_, guard)) = &arm.guard {
                        self.condition(guard);
                    }
                    let value = self.expr(&arm.body);
                    if !diverges(&arm.body) {
                        self.join(result, value);
                    }
                    self.scopes.pop();
                }
                result
            }
            Expr::While(code) if code.label.is_none() => {
                self.scopes.push(HashMap::new());
                self.condition(&code.cond);
                self.block(&code.body);
                self.scopes.pop();
                self.other()
            }
            Expr::Loop(code) => {
                self.block(&code.body);
                self.unknown()
            }
            Expr::ForLoop(code) => {
                let item = match unwrapped(&code.expr) {
                    Expr::Range(range) => self.range(range),
                    iterated => {
                        self.lost(iterated);
                        self.unknown()
                    }
                };
                self.scopes.push(HashMap::new());
                self.pattern(&code.pat, item);
                self.block(&code.body);
                self.scopes.pop();
                self.other()
            }
            Expr::Range(range) => {
                let node = self.range(range);
                self.taint(node);
                node
            }
            Expr::Return(code) => {
                if let Some(value) = &code.expr {
                    let value = self.expr(value);
                    let result = self.result.clone();
                    let wanted = self.of_type(result.as_ref());
                    self.join(value, wanted);
                }
                self.other()
            }
            Expr::Break(code) => {
                if let Some(value) = &code.expr {
                    self.lost(value);
                }
                self.other()
            }
            Expr::Continue(_) => self.other(),
            Expr::Index(index) => {
                self.lost(&index.expr);
                match unwrapped(&index.index) {
                    Expr::Reference(_) => {
                        self.lost(&index.index);
                    }
                    Expr::Range(range) => {
                        let at = self.range(range);
                        let wanted = self.new_node(Some(IntType::Usize), self.known.indexes);
                        self.join(at, wanted);
                    }
                    at => {
                        let at = self.expr(at);
                        // Lists are indexed by `usize` only; maps are indexed by references.
                        let wanted = self.new_node(Some(IntType::Usize), false);
                        if self.known.indexes {
                            self.taint(at);
                        } else {
                            self.join(at, wanted);
                        }
                    }
                }
                self.unknown()
            }
            Expr::Field(field) => {
                self.lost(&field.base);
                match &field.member {
                    syn::Member::Named(name) => match self.known.fields.get(&name.to_string()) {
                        Some(Some(kind)) => self.new_node(Some(*kind), false),
                        _ => self.unknown(),
                    },
                    syn::Member::Unnamed(_) => self.unknown(),
                }
            }
            Expr::MethodCall(call) => self.method(call),
            Expr::Call(call) => self.call(call),
            Expr::Macro(code) => self.macro_call(&code.mac),
            Expr::Closure(closure) => {
                self.scopes.push(HashMap::new());
                for input in &closure.inputs {
                    let unknown = self.unknown();
                    match input {
                        Pat::Type(typed) => {
                            let node = self.of_type(Ty::from_syn(&typed.ty).as_ref());
                            self.pattern(&typed.pat, node);
                        }
                        other => self.pattern(other, unknown),
                    }
                }
                let outer = self.result.take();
                self.result = Ty::from_return(&closure.output);
                let value = self.expr(&closure.body);
                let result = self.result.clone();
                let wanted = self.of_type(result.as_ref());
                self.join(value, wanted);
                self.result = outer;
                self.scopes.pop();
                self.unknown()
            }
            Expr::Struct(code) => {
                for field in &code.fields {
                    let value = self.expr(&field.expr);
                    let kind = match &field.member {
                        syn::Member::Named(name) => {
                            self.known.fields.get(&name.to_string()).copied().flatten()
                        }
                        syn::Member::Unnamed(_) => None,
                    };
                    match kind {
                        Some(kind) => {
                            let wanted = self.new_node(Some(kind), false);
                            self.join(value, wanted);
                        }
                        None => self.taint(value),
                    }
                }
                if let Some(rest) = &code.rest {
                    self.lost(rest);
                }
                self.unknown()
            }
            Expr::Tuple(tuple) => {
                for value in &tuple.elems {
                    self.lost(value);
                }
                self.unknown()
            }
            Expr::Array(array) => {
                for value in &array.elems {
                    self.lost(value);
                }
                self.unknown()
            }
            Expr::Try(inner) => {
                self.lost(&inner.expr);
                self.unknown()
            }
            Expr::Let(inner) => {
                self.condition(&Expr::Let(inner.clone()));
                self.other()
            }
            other => {
                let mut names = Vec::new();
                idents(other.to_token_stream(), &mut names);
                self.taint_names(names);
                self.unknown()
            }
        }
    }

    fn condition(&mut self, condition: &Expr) {
        match condition {
            Expr::Let(code) => {
                let value = self.expr(&code.expr);
                self.pattern(&code.pat, value);
            }
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                self.condition(&binary.left);
                self.condition(&binary.right);
            }
            other => {
                self.expr(other);
            }
        }
    }

    fn range(&mut self, range: &syn::ExprRange) -> usize {
        let ends: Vec<usize> =
            [&range.start, &range.end].into_iter().flatten().map(|end| self.expr(end)).collect();
        match ends.as_slice() {
            [start, end] => self.join(*start, *end),
            [one] => *one,
            _ => self.unknown(),
        }
    }

    fn path(&mut self, path: &syn::ExprPath) -> usize {
        if let Some(ident) = path.path.get_ident() {
            let name = ident.to_string();
            if let Some(node) = self.variable(&name) {
                return node;
            }
            return match self.known.constants.get(&name) {
                Some(Some(kind)) => self.new_node(Some(*kind), false),
                _ => self.unknown(),
            };
        }
        // `u32::MAX` has its type.
        let segments: Vec<String> = path.path.segments.iter().map(|part| part.ident.to_string()).collect();
        match segments.as_slice() {
            [.., ty, name] if matches!(name.as_str(), "MAX" | "MIN") => self.of_type(Some(&Ty::named(ty))),
            _ => self.unknown(),
        }
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> usize {
        let (left, right) = (self.expr(&binary.left), self.expr(&binary.right));
        match binary.op {
            BinOp::Shl(_) | BinOp::Shr(_) | BinOp::ShlAssign(_) | BinOp::ShrAssign(_) => {
                // An operator of the script may say what it is shifted by.
                if self.known.shifts {
                    self.taint(right);
                }
                match binary.op {
                    BinOp::Shl(_) | BinOp::Shr(_) => left,
                    _ => self.other(),
                }
            }
            BinOp::And(_) | BinOp::Or(_) => self.other(),
            BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => {
                self.join(left, right);
                self.other()
            }
            BinOp::Add(_)
            | BinOp::Sub(_)
            | BinOp::Mul(_)
            | BinOp::Div(_)
            | BinOp::Rem(_)
            | BinOp::BitAnd(_)
            | BinOp::BitOr(_)
            | BinOp::BitXor(_) => self.join(left, right),
            _ => {
                self.join(left, right);
                self.other()
            }
        }
    }
}

/// Returns whether a branch never has a value.
fn diverges(expr: &Expr) -> bool {
    match unwrapped(expr) {
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
        Expr::Macro(code) => code.mac.path.segments.last().is_some_and(|name| {
            ["panic", "unreachable", "todo", "unimplemented"].iter().any(|known| name.ident == known)
        }),
        _ => false,
    }
}

/// Returns whether a literal pattern has no type suffix.
fn plain(lit: &syn::PatLit) -> bool {
    !matches!(&lit.lit, Lit::Int(number) if !number.suffix().is_empty())
}

fn is_literal(expr: &Expr) -> bool {
    matches!(unwrapped(expr), Expr::Lit(_))
}

fn unwrapped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => unwrapped(&inner.expr),
        Expr::Group(inner) => unwrapped(&inner.expr),
        other => other,
    }
}

fn idents(tokens: proc_macro2::TokenStream, out: &mut Vec<String>) {
    for tree in tokens {
        match tree {
            TokenTree::Ident(ident) => out.push(ident.to_string()),
            TokenTree::Group(group) => idents(group.stream(), out),
            _ => {}
        }
    }
}
