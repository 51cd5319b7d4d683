//! Models `while !done { done = true; … done = false; … }`, a loop that runs until nothing changes.
//!
//! Each change in the body is in a block that also sets `done = false`. So a round that leaves `done` true has changed
//! nothing, and neither would any further round. All paths may therefore run until nothing changes on any of them. The
//! guard of `done` after each round, which is as complex as the searched graph, need not be computed.

use syn::{BinOp, Expr, Pat, Stmt, UnOp};

use super::Interp;
use crate::value::Cases;

/// The maximum number of rounds until a fixed point.
const MAX_ROUNDS: usize = 500;

/// Methods of std's types that change nothing.
const ASKING: &[&str] = &[
    "get",
    "expect",
    "unwrap",
    "iter",
    "contains",
    "contains_key",
    "is_some",
    "is_none",
    "len",
    "is_empty",
    "clone",
    "as_str",
];

/// Returns the variable that such a loop tests.
fn flag(code: &syn::ExprWhile) -> Option<String> {
    let Expr::Unary(not) = &*code.cond else { return None };
    if !matches!(not.op, UnOp::Not(_)) {
        return None;
    }
    let name = ident(&not.expr)?;
    let (first, rest) = code.body.stmts.split_first()?;
    (sets(first, &name) == Some(true) && rest.iter().all(|stmt| harmless(stmt, &name))).then_some(name)
}

fn ident(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

/// Returns the value of a statement `name = true;` or `name = false;`.
fn sets(stmt: &Stmt, name: &str) -> Option<bool> {
    let Stmt::Expr(Expr::Assign(assign), _) = stmt else { return None };
    match (&*assign.right, ident(&assign.left)? == name) {
        (Expr::Lit(syn::ExprLit { lit: syn::Lit::Bool(value), .. }), true) => Some(value.value),
        _ => None,
    }
}

/// Returns whether a block changes nothing, or sets the variable to false where it does.
fn block(block: &syn::Block, name: &str) -> bool {
    let says_so = block.stmts.iter().any(|stmt| sets(stmt, name) == Some(false));
    block.stmts.iter().all(|stmt| {
        let change = match stmt {
            // One call or assignment whose parts change nothing.
            Stmt::Expr(Expr::MethodCall(call), _) => {
                asks(&call.receiver, name) && call.args.iter().all(|arg| asks(arg, name))
            }
            Stmt::Expr(Expr::Assign(assign), _) => asks(&assign.left, name) && asks(&assign.right, name),
            _ => false,
        };
        sets(stmt, name) == Some(false) || harmless(stmt, name) || says_so && change
    })
}

/// Returns whether a statement changes nothing itself.
fn harmless(stmt: &Stmt, name: &str) -> bool {
    match stmt {
        Stmt::Local(local) => {
            binds_others(&local.pat, name)
                && local.init.as_ref().is_none_or(|init| init.diverge.is_none() && asks(&init.expr, name))
        }
        Stmt::Expr(Expr::If(branch), _) => {
            asks(&branch.cond, name)
                && block(&branch.then_branch, name)
                && match &branch.else_branch {
                    None => true,
                    Some((_, otherwise)) => {
                        matches!(&**otherwise, Expr::Block(inner) if block(&inner.block, name))
                    }
                }
        }
        Stmt::Expr(Expr::ForLoop(inner), _) => {
            inner.label.is_none()
                && binds_others(&inner.pat, name)
                && asks(&inner.expr, name)
                && block(&inner.body, name)
        }
        _ => false,
    }
}

/// Returns whether a pattern does not rebind the loop's variable.
fn binds_others(pattern: &Pat, name: &str) -> bool {
    match pattern {
        Pat::Ident(ident) => ident.ident != name && ident.subpat.is_none(),
        Pat::Wild(_) => true,
        Pat::Reference(inner) => binds_others(&inner.pat, name),
        Pat::Type(inner) => binds_others(&inner.pat, name),
        Pat::Tuple(inner) => inner.elems.iter().all(|inner| binds_others(inner, name)),
        _ => false,
    }
}

/// Returns whether an expression changes nothing and does not read the loop's variable.
fn asks(expr: &Expr, name: &str) -> bool {
    match expr {
        Expr::Path(_) => ident(expr).is_none_or(|asked| asked != name),
        Expr::Lit(_) => true,
        Expr::Field(field) => asks(&field.base, name),
        Expr::Paren(inner) => asks(&inner.expr, name),
        Expr::Reference(reference) => asks(&reference.expr, name),
        Expr::Unary(unary) => asks(&unary.expr, name),
        Expr::Binary(binary) => {
            matches!(binary.op, BinOp::And(_) | BinOp::Or(_) | BinOp::Eq(_) | BinOp::Ne(_))
                && asks(&binary.left, name)
                && asks(&binary.right, name)
        }
        Expr::MethodCall(call) => {
            let method = call.method.to_string();
            ASKING.contains(&method.as_str())
                && asks(&call.receiver, name)
                && call.args.iter().all(|arg| asks(arg, name))
        }
        _ => false,
    }
}

impl Interp<'_> {
    /// Runs such a loop; `None` for any other loop.
    pub(crate) fn fixpoint_loop(&mut self, code: &syn::ExprWhile) -> Option<Cases> {
        if code.label.is_some() || self.frozen.is_some() || self.open_loops > 0 {
            return None;
        }
        let flag = self.variable(&flag(code)?)?;
        // Methods of the script with these names could change something, so the loop is evaluated in the usual way.
        if self.impls.keys().any(|(_, name)| ASKING.contains(&&**name)) {
            return None;
        }
        // The first round must run on every path.
        let before = self.read_cell(flag);
        if !self.truth(&before).is_false() {
            return None;
        }
        let known = self.cells.len();
        let mut settled = false;
        for _ in 0..MAX_ROUNDS {
            if !self.step() {
                break;
            }
            let values: Vec<Cases> = self.cells[..known].iter().map(|cell| cell.value.clone()).collect();
            let (log, path) = (self.log.len(), self.pc);
            self.frozen = Some(flag);
            self.push_scope();
            self.block(&code.body, None);
            self.pop_scope();
            self.frozen = None;
            if self.dead() {
                break;
            }
            let same = (0..known).all(|at| at == flag || self.cells[at].value == values[at]);
            if same && self.log.len() == log && self.pc == path {
                settled = true;
                break;
            }
        }
        if !settled && !self.dead() {
            return Some(self.unknown("this loop goes round too often"));
        }
        self.write_cell(flag, Cases::bool(true));
        Some(if self.dead() { Cases::never() } else { Cases::unit() })
    }
}
