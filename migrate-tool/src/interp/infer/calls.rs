//! Types that calls require of their arguments.

use syn::Expr;

use super::{Walk, idents};
use crate::value::IntType;

impl Walk<'_> {
    pub(super) fn method(&mut self, call: &syn::ExprMethodCall) -> usize {
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
            // The receiver of an inherent method of numbers has its type already; the exponent is `u32`.
            "pow" if args.len() == 1 => {
                let wanted = self.new_node(Some(IntType::Unsigned(32)), false);
                self.join(args[0], wanted);
                receiver
            }
            "nth" | "skip" | "take" | "truncate" | "with_capacity" | "reserve" | "repeat" | "step_by"
            | "chunks" | "windows" | "remove" | "swap_remove" | "split_at" | "splitn" | "rsplitn"
                if !args.is_empty() && self.nodes_tainted(receiver) =>
            {
                // These methods of lists, texts and iterators take `usize`; those of maps and sets take references.
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

    pub(super) fn call(&mut self, call: &syn::ExprCall) -> usize {
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

    pub(super) fn macro_call(&mut self, call: &syn::Macro) -> usize {
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
                // A width or a precision that is an argument, or a variable, is `usize`.
                let text = call.tokens.to_string();
                if text.contains('$') || text.contains(".*") {
                    let mut names = Vec::new();
                    idents(call.tokens.clone(), &mut names);
                    names.extend(
                        text.split(|character: char| !(character.is_alphanumeric() || character == '_'))
                            .map(str::to_owned),
                    );
                    for arg in &args {
                        self.lost(arg);
                    }
                    self.taint_names(names);
                    return self.other();
                }
                for arg in &args {
                    match arg {
                        // A named argument: `name = value`.
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

    pub(super) fn taint_names(&mut self, names: Vec<String>) {
        for name in names {
            if let Some(node) = self.variable(&name) {
                self.taint(node);
            }
        }
    }
}
