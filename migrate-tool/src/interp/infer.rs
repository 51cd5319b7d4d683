//! The types of a function's integer literals, as rustc infers them: a small part of its inference, over the syntax of
//! one function, of which every answer is certain.
//!
//! Literals, local variables and the expressions between them are joined where Rust demands that they are of one type:
//! by operators, assignments, branches, ranges, annotations, `as`, results and parameters of the script's functions.
//! What meets anything else is *tainted*, since its type may be said there. Literals that meet no type and nothing
//! tainted are `i32`.

use std::collections::{HashMap, HashSet};

use proc_macro2::{LineColumn, TokenTree};
use quote::ToTokens as _;
use syn::{BinOp, Expr, Lit, Pat, Stmt};

use crate::value::{IntType, Ty};

/// Types of literals by line and column of where they stand.
pub(crate) type Literals = HashMap<(usize, usize), IntType>;

/// What inference has to know of the script around a function.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Parameters and result of functions that have one name each; `None` where several have it.
    pub(crate) functions: HashMap<String, Option<(Vec<Option<Ty>>, Option<Ty>)>>,
    /// Constants of integer types, with the same reserve.
    pub(crate) constants: HashMap<String, Option<IntType>>,
    /// Names of methods that the script defines.
    pub(crate) methods: HashSet<String>,
    /// Fields of the script's structs by name, where all of that name have one type.
    pub(crate) fields: HashMap<String, Option<IntType>>,
    /// Names of macros that the script defines.
    pub(crate) macros: HashSet<String>,
    /// The script has an `Index` of its own.
    pub(crate) indexes: bool,
}

/// The types of the literals in a body, whose result is of a type.
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

    /// Something of which nothing is known.
    fn unknown(&mut self) -> usize {
        self.new_node(None, true)
    }

    /// Something whose type this inference may say.
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
            // Of two types at once: this inference has gone wrong somewhere.
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

    /// Binds what a pattern binds: a name alone to the node, anything else to what is not known.
    fn pattern(&mut self, pattern: &Pat, node: usize) {
        match pattern {
            Pat::Ident(ident) if ident.subpat.is_none() => {
                let name = ident.ident.to_string();
                // It may name a constant instead, of whatever type.
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
                // Literals in it are of the type of what they are compared with.
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
                // Items see no variables; their bodies are functions of their own.
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
        // `let (a, b) = (1, 2);`
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

    /// Something that is no integer and says nothing of one.
    fn other(&mut self) -> usize {
        self.free()
    }

    /// Everything in an expression meets what is not known.
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
                // A literal that is cast is of the type it is cast to, unless something else says its type.
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
                        // Literals in patterns are of the type of what is matched, and say nothing of it.
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
                        // Lists are indexed by nothing else; a map is by a reference.
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
        // `u32::MAX`
        let segments: Vec<String> = path.path.segments.iter().map(|part| part.ident.to_string()).collect();
        match segments.as_slice() {
            [.., ty, name] if matches!(name.as_str(), "MAX" | "MIN") => self.of_type(Some(&Ty::named(ty))),
            _ => self.unknown(),
        }
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> usize {
        let (left, right) = (self.expr(&binary.left), self.expr(&binary.right));
        match binary.op {
            BinOp::Shl(_) | BinOp::Shr(_) => left,
            BinOp::ShlAssign(_) | BinOp::ShrAssign(_) => self.other(),
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

    fn method(&mut self, call: &syn::ExprMethodCall) -> usize {
        let name = call.method.to_string();
        let receiver = self.expr(&call.receiver);
        let own = self.known.methods.contains(&name);
        let args: Vec<usize> = call.args.iter().map(|arg| self.expr(arg)).collect();
        match name.as_str() {
            _ if own => {
                self.taint(receiver);
                args.iter().for_each(|arg| self.taint(*arg));
                self.unknown()
            }
            "len" | "count" | "capacity" => self.new_node(Some(IntType::Usize), false),
            "to_string" if args.is_empty() => self.other(),
            "clone" if args.is_empty() => receiver,
            "max" | "min" if args.len() == 1 && !self.nodes_tainted(receiver) => self.join(receiver, args[0]),
            // What an inherent method of numbers is called on has its type already; its exponents are `u32`.
            "pow" if args.len() == 1 => {
                let wanted = self.new_node(Some(IntType::Unsigned(32)), false);
                self.join(args[0], wanted);
                receiver
            }
            "nth" | "skip" | "take" | "truncate" | "with_capacity" | "reserve" | "repeat" | "step_by"
            | "chunks" | "windows" | "remove" | "swap_remove" | "split_at" | "splitn" | "rsplitn"
                if !args.is_empty() && self.nodes_tainted(receiver) =>
            {
                // Of lists, texts and iterators; maps and sets are asked with references.
                if !matches!(call.args.first(), Some(Expr::Reference(_))) {
                    let wanted = self.new_node(Some(IntType::Usize), false);
                    self.join(args[0], wanted);
                }
                args.iter().for_each(|arg| self.taint(*arg));
                self.unknown()
            }
            _ => {
                self.taint(receiver);
                args.iter().for_each(|arg| self.taint(*arg));
                self.unknown()
            }
        }
    }

    fn nodes_tainted(&mut self, node: usize) -> bool {
        let root = self.root(node);
        self.nodes[root].tainted
    }

    fn call(&mut self, call: &syn::ExprCall) -> usize {
        let args: Vec<usize> = call.args.iter().map(|arg| self.expr(arg)).collect();
        let name = match &*call.func {
            Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
            other => {
                self.lost(other);
                None
            }
        };
        let function = name
            .filter(|name| self.variable(name).is_none())
            .and_then(|name| self.known.functions.get(&name).cloned().flatten());
        if let Some((inputs, result)) = function {
            for (at, arg) in args.iter().enumerate() {
                let wanted = self.of_type(inputs.get(at).and_then(Option::as_ref));
                self.join(*arg, wanted);
            }
            return self.of_type(result.as_ref());
        }
        args.iter().for_each(|arg| self.taint(*arg));
        self.unknown()
    }

    fn macro_call(&mut self, call: &syn::Macro) -> usize {
        use syn::parse::Parser as _;
        let name = call.path.segments.last().map_or_else(String::new, |segment| segment.ident.to_string());
        let parsed =
            syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated.parse2(call.tokens.clone());
        let own = self.known.macros.contains(&name);
        match (name.as_str(), parsed) {
            (_, parsed) if own || parsed.is_err() => {
                let mut names = Vec::new();
                idents(call.tokens.clone(), &mut names);
                self.taint_names(names);
                self.unknown()
            }
            (
                "println" | "print" | "eprintln" | "eprint" | "format" | "panic" | "write" | "writeln"
                | "assert" | "unreachable" | "todo" | "unimplemented",
                Ok(args),
            ) => {
                for arg in &args {
                    match arg {
                        // `name = value`
                        Expr::Assign(assign) => self.expr(&assign.right),
                        arg => self.expr(arg),
                    };
                }
                self.other()
            }
            ("assert_eq" | "assert_ne", Ok(args)) if args.len() >= 2 => {
                let args: Vec<usize> = args.iter().map(|arg| self.expr(arg)).collect();
                self.join(args[0], args[1]);
                self.other()
            }
            ("vec", Ok(args)) => {
                for arg in &args {
                    self.lost(arg);
                }
                self.unknown()
            }
            _ => {
                let mut names = Vec::new();
                idents(call.tokens.clone(), &mut names);
                self.taint_names(names);
                self.unknown()
            }
        }
    }

    fn taint_names(&mut self, names: Vec<String>) {
        for name in names {
            if let Some(node) = self.variable(&name) {
                self.taint(node);
            }
        }
    }
}

/// Whether a branch never comes to a value.
fn diverges(expr: &Expr) -> bool {
    match unwrapped(expr) {
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
        Expr::Macro(code) => code.mac.path.segments.last().is_some_and(|name| {
            ["panic", "unreachable", "todo", "unimplemented"].iter().any(|known| name.ident == known)
        }),
        _ => false,
    }
}

/// Whether a literal pattern has no type of its own.
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

impl super::Interp<'_> {
    /// What the script says of its own names.
    fn known_names(&self) -> Known {
        let mut known = Known::default();
        let once = |map: &mut HashMap<String, Option<IntType>>, name: String, kind: Option<IntType>| {
            map.entry(name)
                .and_modify(|known| {
                    if *known != kind {
                        *known = None
                    }
                })
                .or_insert(kind);
        };
        for item in &self.items {
            match item {
                super::Item::Function(function) => {
                    let name = function.signature.ident.to_string();
                    if matches!(function.signature.inputs.first(), Some(syn::FnArg::Receiver(_))) {
                        known.methods.insert(name);
                        continue;
                    }
                    let inputs = function.signature.inputs.iter().map(|input| match input {
                        syn::FnArg::Typed(typed) => Ty::from_syn(&typed.ty),
                        syn::FnArg::Receiver(_) => None,
                    });
                    let types = (inputs.collect(), Ty::from_return(&function.signature.output));
                    let generic = !function.signature.generics.params.is_empty();
                    known
                        .functions
                        .entry(name)
                        .and_modify(|known| *known = None)
                        .or_insert((!generic && function.self_type.is_none()).then_some(types));
                }
                super::Item::Struct(item) => {
                    for field in &item.fields {
                        if let Some(name) = &field.ident {
                            let kind = Ty::from_syn(&field.ty).and_then(|ty| ty.integer());
                            once(&mut known.fields, name.to_string(), kind);
                        }
                    }
                }
                super::Item::Enum(item) => {
                    for field in item.variants.iter().flat_map(|variant| &variant.fields) {
                        if let Some(name) = &field.ident {
                            let kind = Ty::from_syn(&field.ty).and_then(|ty| ty.integer());
                            once(&mut known.fields, name.to_string(), kind);
                        }
                    }
                }
                super::Item::Macro(item) => {
                    known.macros.extend(item.ident.as_ref().map(ToString::to_string));
                }
                _ => {}
            }
        }
        for module in &self.modules {
            for (name, found) in &module.names {
                for (_, index) in found {
                    match &self.items[*index] {
                        super::Item::Const { ty, .. } => {
                            let kind = ty.as_ref().and_then(Ty::integer);
                            once(&mut known.constants, name.clone(), kind);
                        }
                        // What is imported under the name may be another function.
                        super::Item::Use(..) => {
                            known.functions.insert(name.clone(), None);
                            known.constants.insert(name.clone(), None);
                            known.macros.insert(name.clone());
                        }
                        _ => {}
                    }
                }
            }
        }
        known.indexes = self.trait_impls.iter().any(|(_, name)| &**name == "Index");
        known
    }

    /// The types of the literals in a function.
    pub(crate) fn literals_of(&mut self, index: usize) -> std::rc::Rc<Literals> {
        if let Some(known) = self.literal_types.get(&index) {
            return std::rc::Rc::clone(known);
        }
        let found = match &self.items[index] {
            super::Item::Function(function) => {
                let known = self.known_names();
                let inputs: Vec<(Pat, Option<Ty>)> = function
                    .signature
                    .inputs
                    .iter()
                    .filter_map(|input| match input {
                        syn::FnArg::Typed(typed) => Some(((*typed.pat).clone(), Ty::from_syn(&typed.ty))),
                        syn::FnArg::Receiver(_) => None,
                    })
                    .collect();
                let result = Ty::from_return(&function.signature.output);
                let body = function.body.as_ref();
                body.map(|body| literals(&known, &inputs, result.as_ref(), body)).unwrap_or_default()
            }
            _ => Literals::default(),
        };
        let found = std::rc::Rc::new(found);
        self.literal_types.insert(index, std::rc::Rc::clone(&found));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The types of the literals of a body, in order.
    fn inferred(body: &str) -> Vec<String> {
        let known = Known {
            functions: HashMap::from([(
                "byte".to_owned(),
                Some((vec![Some(Ty::named("u8"))], Some(Ty::named("u8")))),
            )]),
            ..Known::default()
        };
        let body: syn::Block = syn::parse_str(body).expect("a block");
        let found = literals(&known, &[], None, &body);
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, kind)| kind.name().unwrap_or_else(|| "?".to_owned())).collect()
    }

    #[test]
    fn as_rustc() {
        for (body, wanted) in [
            ("{ let mut n = 0; n += 1; println!(\"{n}\"); }", "i32 i32"),
            ("{ let n = 1; byte(n); }", "u8"),
            ("{ let mut n = 1; n = byte(2) + n; }", "u8 u8"),
            ("{ let n = 1; other(n); }", "?"),
            ("{ let n = 1; let m: u64 = n; }", "u64"),
            ("{ let n = if c { 1 } else { 2u16 }; }", "u16 u16"),
            ("{ for i in 0..10 { println!(\"{}\", i); } }", "i32 i32"),
            ("{ for i in 0..v.len() { } }", "usize"),
            ("{ let mut i = 0; while i < 5 { v[i]; i += 1; } }", "usize usize usize"),
            ("{ let n = 1; mine!(n); }", "?"),
            ("{ let x = (1, 2); }", "? ?"),
            ("{ let n = 300 as u8; }", "u8"),
            ("{ let f = |x| x + 1; f(200u8); }", "? u8"),
            ("{ let n; n = 5; println!(\"{}\", n * 1000); }", "i32 i32"),
            ("{ let n = 1; if n == byte(1) {} }", "u8 u8"),
            ("{ let n = 1; match n { LIMIT => {}, _ => {} } }", "?"),
            ("{ let n = 1 << 3; }", "i32 i32"),
            ("{ let n = 2; let m = n.pow(3); byte(m); }", "u8 u32"),
        ] {
            assert_eq!(inferred(body).join(" "), wanted, "{body}");
        }
    }
}
