//! Macros: those of std, those of version helpers, and the script's own.

use std::rc::Rc;

use syn::{Expr, Token, parse::Parser, punctuated::Punctuated, spanned::Spanned};

use super::{Definition, Interp, Item, Ty, hygiene, items::Namespace};
use crate::logic::Guard;
use crate::semantics::symbols;
use crate::value::{Cases, Piece, Sym, Text, TextType, Value};

impl Interp<'_> {
    /// Evaluates a call of a macro, `name!(…)`: of std, of a modelled crate or of the script.
    pub(crate) fn macro_call(&mut self, call: &syn::Macro, hint: Option<&Ty>) -> Cases {
        self.macro_at(call, hint, false)
    }

    /// Evaluates a macro call, as [`Self::macro_call`] does; a macro call that is a statement may bind variables.
    pub(crate) fn macro_at(&mut self, call: &syn::Macro, hint: Option<&Ty>, statement: bool) -> Cases {
        if !self.step() {
            return Cases::never();
        }
        self.span = call.span();
        let names: Vec<String> = call.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let module = self.current_module();
        let own = match names.as_slice() {
            [name] => self.takes_stds_place(name, call),
            _ => Some(true),
        };
        let Some(own) = own else {
            return self.unknown("whether this macro is the script's or std's goes by the order of the text");
        };
        let mut found = if own { self.resolve(module, &names, Namespace::Macro) } else { Vec::new() };
        // `#[macro_use]` and `#[macro_export]`: names of other modules, where only one has it.
        if own && names.len() == 1 && !matches!(found.first(), Some((_, Definition::Item(_)))) {
            let homes: Vec<usize> =
                (0..self.modules.len()).filter(|at| self.has_macro(*at, &names[0])).collect();
            if let [home] = homes.as_slice() {
                found = self.lookup(*home, &names[0], Namespace::Macro);
            }
        }
        if let Some((_, Definition::Item(index))) = found.first()
            && let Item::Macro(item) = self.items[*index].clone()
        {
            if self.is_ambiguous(&found, &names) {
                return self.unknown("a macro of this name is defined more than once");
            }
            return self.own_macro(&item, call, hint, statement);
        }
        let path = match found.first() {
            Some((_, Definition::External(path))) => path.clone(),
            _ => names.join("::"),
        };
        let path = path.strip_prefix("std::").unwrap_or(&path).to_owned();
        match path.as_str() {
            "cfg" => {
                let guard = self.cfg_tokens(call.tokens.clone());
                return self.boolean(guard);
            }
            "cfg_aliases::cfg_aliases" | "cfg_aliases" => return (self.models.cfg_aliases)(self, call),
            "stringify" => return self.stringify(&call.tokens),
            "cfg_if::cfg_if" | "cfg_if" => {
                return self.cfg_if_macro(call, super::cfg::cfg_if(call.tokens.clone()), hint);
            }
            "cfg_select" => {
                return self.cfg_if_macro(call, super::cfg::cfg_select(call.tokens.clone()), hint);
            }
            "matches" => return self.matches_macro(call),
            "vec" => return self.vec_macro(call, hint),
            "compile_error" => {
                let message = Text::lit(&call.tokens.to_string());
                return self.panic(message);
            }
            _ => {}
        }
        if matches!(path.as_str(), "rustversion::cfg" | "rustversion_compat::cfg") {
            let trees: Vec<proc_macro2::TokenTree> = call.tokens.clone().into_iter().collect();
            let guard = match trees.as_slice() {
                [proc_macro2::TokenTree::Ident(name)] => {
                    self.rustversion(&name.to_string(), proc_macro2::TokenStream::new())
                }
                [proc_macro2::TokenTree::Ident(name), proc_macro2::TokenTree::Group(group)] => {
                    self.rustversion(&name.to_string(), group.stream())
                }
                _ => None,
            };
            return match guard {
                Some(guard) => self.boolean(guard),
                None => self.unknown("this version predicate is not understood"),
            };
        }
        let Some(args) = self.macro_arguments(call) else {
            return self.unknown(&format!("the macro `{path}!` is not understood"));
        };
        match path.as_str() {
            "println" => {
                let text = self.format_macro(&args, "\n");
                self.print(&text)
            }
            "print" => {
                let text = self.format_macro(&args, "");
                self.print(&text)
            }
            path if crate::semantics::crates::is_log_macro(path) => {
                // As `eprintln!`, behind what `target:` and fields say.
                for arg in args.iter() {
                    self.format_argument(arg);
                }
                if self.dead() { Cases::never() } else { Cases::unit() }
            }
            "eprintln" | "eprint" => {
                // Evaluated for what evaluating does; what it says goes nowhere.
                for arg in args.iter().skip(1) {
                    self.format_argument(arg);
                }
                if self.dead() { Cases::never() } else { Cases::unit() }
            }
            "dbg" => match args.first() {
                Some(arg) => self.expr(arg, hint),
                None => Cases::unit(),
            },
            "format" => {
                let text = self.format_macro(&args, "");
                self.text_as(&text, TextType::String)
            }
            // Padding means nothing to it.
            "format_args" => {
                let text = self.format_macro(&args, "");
                self.text_as(&text, TextType::Arguments)
            }
            "panic" | "unreachable" | "todo" | "unimplemented" => {
                if args.is_empty() {
                    return self.panic(Text::lit("explicit panic"));
                }
                let message = self.format_lenient(&args);
                self.panic(message)
            }
            "anyhow::ensure" | "eyre::ensure" | "color_eyre::eyre::ensure" | "ensure" => {
                let Some(condition) = args.first() else { return Cases::unit() };
                let holds = self.condition(condition);
                self.branch(
                    holds,
                    |_| Cases::unit(),
                    |interp| {
                        let message = if args.len() > 1 {
                            interp.format_lenient(&args[1..])
                        } else {
                            Text::lit("condition failed")
                        };
                        interp.leave_function(Cases::err(Cases::text(message)))
                    },
                )
            }
            "anyhow::bail" | "eyre::bail" | "color_eyre::eyre::bail" | "bail" => {
                let message = self.format_lenient(&args);
                let error = Cases::err(Cases::text(message));
                self.leave_function(error)
            }
            "anyhow::anyhow" | "anyhow" | "eyre::eyre" | "color_eyre::eyre::eyre" | "eyre" => {
                let message = self.format_lenient(&args);
                Cases::text(message)
            }
            // Not even evaluated where the script has no debug assertions.
            "debug_assert" | "debug_assert_eq" | "debug_assert_ne" => {
                let on = self.debug_assertions();
                let asserts = path.trim_start_matches("debug_").to_owned();
                self.branch(on, |interp| interp.assertion(&asserts, &args), |_| Cases::unit())
            }
            "assert" | "assert_eq" | "assert_ne" => self.assertion(&path, &args),
            "write" | "writeln" => {
                let Some((target, rest)) = args.split_first() else { return Cases::unit() };
                let target = self.place_of(target);
                let text = self.format_macro(rest, if path == "writeln" { "\n" } else { "" });
                if self.dead() {
                    return Cases::never();
                }
                self.call_method(&target, "write_fmt", &[text], None, &[])
            }
            "concat" => {
                let mut text = Cases::str("");
                for arg in args.iter() {
                    let part = self.expr(arg, None);
                    let part = self.display(&part, None);
                    text = self.each2(&text, &part, |interp, a, b| match (a, b) {
                        (Value::Text(a), Value::Text(b)) => interp.make_text(a.concat(b)),
                        _ => interp.unknown("`concat!` of this is not understood"),
                    });
                }
                self.text_as(&text, TextType::Str)
            }
            "env" | "option_env" => {
                let Some(name) = args.first() else { return Cases::unit() };
                let name = self.expr(name, None);
                let Some(name) = name.literal().map(str::to_owned) else {
                    return self.unknown("the variable's name is not known");
                };
                let value = (self.models.compile_time_env)(self, &name, path == "option_env");
                let ty = Ty::named("str");
                let ty = if path == "option_env" { Ty::of("Option", [ty]) } else { ty };
                self.typed(&value, Some(&ty))
            }
            "include_str" | "include_bytes" | "include" => {
                let Some(file) = args.first() else { return Cases::unit() };
                let file = self.expr(file, None);
                self.include(&file, &path)
            }
            "file" | "module_path" => {
                let what = format!("what `{path}!` says");
                Cases::text(Text::sym(Sym::Opaque(what.into())))
            }
            "line" => Cases::usize(self.span.start().line),
            _ => self.unknown(&format!("the macro `{path}!` is not understood")),
        }
    }

    /// Evaluates `assert!(condition, message…)` and `assert_eq!(left, right, message…)`.
    fn assertion(&mut self, name: &str, args: &[Expr]) -> Cases {
        let (holds, message) = if name == "assert" {
            let Some((condition, message)) = args.split_first() else { return Cases::unit() };
            (self.condition(condition), message)
        } else {
            let [left, right, message @ ..] = args else { return Cases::unit() };
            let (left, right) = (self.expr(left, None), self.expr(right, None));
            if self.dead() {
                return Cases::never();
            }
            let equal = self.equal(&left, &right);
            let mut holds = self.truth(&equal);
            if name == "assert_ne" {
                holds = self.inputs.minus(self.pc, holds);
            }
            (holds, message)
        };
        self.branch(
            holds,
            |_| Cases::unit(),
            |interp| {
                let message = match message {
                    [] => Text::lit("assertion failed"),
                    message => interp.format_lenient(message),
                };
                interp.panic(message)
            },
        )
    }

    /// Which of several macros of one name is meant goes by the order of the text, which is not looked at.
    fn is_ambiguous(&mut self, found: &[(Guard, Definition)], names: &[String]) -> bool {
        let mut covered = Guard::FALSE;
        for (guard, _) in found {
            if !self.inputs.and(covered, *guard).is_false() {
                return true;
            }
            covered = self.inputs.or(covered, *guard);
        }
        let mut at = Some(self.current_module());
        let mut homes = 0;
        while let Some(module) = at {
            homes += usize::from(names.len() == 1 && self.has_macro(module, &names[0]));
            at = self.modules[module].parent;
        }
        homes > 1
    }

    fn has_macro(&self, module: usize, name: &str) -> bool {
        let found = self.modules[module].names.get(name);
        found.is_some_and(|found| found.iter().any(|(_, item)| matches!(self.items[*item], Item::Macro(..))))
    }

    /// Returns whether any module of the script has a macro of this name, or another name for what may be one.
    fn has_own_macro(&self, name: &str) -> bool {
        (0..self.modules.len()).any(|module| {
            let found = self.modules[module].names.get(name);
            found.is_some_and(|found| {
                found.iter().any(|(_, item)| matches!(self.items[*item], Item::Macro(..) | Item::Use(..)))
            })
        })
    }

    pub(crate) fn macro_arguments(&mut self, call: &syn::Macro) -> Option<Rc<Vec<Expr>>> {
        let key = std::ptr::from_ref(call) as usize;
        if let Some(known) = self.macro_args.get(&key) {
            return Some(Rc::clone(known));
        }
        let parsed = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(call.tokens.clone()).ok()?;
        let conditional = |arg: &Expr| {
            let attributes = super::conditional::expr_attributes(arg);
            attributes.iter().any(|one| !one.path().is_ident("allow"))
        };
        if call.path.segments.last().is_none_or(|name| name.ident != "vec") && parsed.iter().any(conditional)
        {
            return None;
        }
        let args = Rc::new(parsed.into_iter().collect::<Vec<_>>());
        self.macro_args.insert(key, Rc::clone(&args));
        Some(args)
    }

    /// Evaluates `cfg_if! { if #[cfg(…)] { … } else { … } }` or `cfg_select! { … => { … } }` in a function.
    fn cfg_if_macro(
        &mut self,
        call: &syn::Macro,
        branches: Option<super::cfg::Branches>,
        hint: Option<&Ty>,
    ) -> Cases {
        let Some(branches) = branches else {
            return self.unknown("this choice by cfg is not understood");
        };
        let path = self.pc;
        let (mut rest, mut after, mut parts) = (path, Guard::FALSE, Vec::new());
        for (at, (predicate, body)) in branches.into_iter().enumerate() {
            let holds = predicate.map_or(Guard::TRUE, |predicate| self.cfg_tokens(predicate));
            self.pc = self.inputs.and(rest, holds);
            rest = self.inputs.minus(rest, holds);
            if self.dead() {
                continue;
            }
            let key = format!("cfg_if {} {at}", std::ptr::from_ref(call) as usize);
            let value = match self.kept_block(key, body) {
                Some(block) => self.block(&block, hint),
                None => self.unknown("this `cfg_if!` is not understood"),
            };
            parts.push((self.pc, value));
            after = self.inputs.or(after, self.pc);
        }
        parts.push((rest, Cases::unit()));
        self.pc = self.inputs.or(after, rest);
        self.inputs.join(parts)
    }

    /// Returns the statements of an expansion, parsed once for each key; `None` if the tokens are no statements.
    fn kept_block(&mut self, key: String, tokens: proc_macro2::TokenStream) -> Option<Rc<syn::Block>> {
        if let Some(known) = self.macro_code.get(&key) {
            return Some(Rc::clone(known));
        }
        let stmts = syn::Block::parse_within.parse2(tokens).ok()?;
        let block = Rc::new(syn::Block { brace_token: syn::token::Brace::default(), stmts });
        self.macro_code.insert(key, Rc::clone(&block));
        Some(block)
    }

    fn matches_macro(&mut self, call: &syn::Macro) -> Cases {
        let parser = |input: syn::parse::ParseStream<'_>| {
            let value: Expr = input.parse()?;
            input.parse::<Token![,]>()?;
            let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
            let guard: Option<Expr> = if input.peek(Token![if]) {
                input.parse::<Token![if]>()?;
                Some(input.parse()?)
            } else {
                None
            };
            input.parse::<Option<Token![,]>>()?;
            Ok((value, pattern, guard))
        };
        let Ok((value, pattern, guard)) = parser.parse2(call.tokens.clone()) else {
            return self.unknown("this `matches!` is not understood");
        };
        // Closures inside are told apart by their address: keep them.
        let kept = Rc::new(std::iter::once(value).chain(guard).collect::<Vec<_>>());
        let key = std::ptr::from_ref(call) as usize ^ (usize::MAX >> 1);
        let kept = Rc::clone(self.macro_args.entry(key).or_insert(kept));
        let value = self.expr(&kept[0], None);
        if self.dead() {
            return Cases::never();
        }
        self.push_scope();
        let path = self.pc;
        let (matched, lost) = self.enter_arm(&pattern, kept.get(1), &value);
        self.pc = self.inputs.minus(path, lost);
        self.pop_scope();
        self.boolean(matched)
    }

    /// Prints to stdout, whose lines are what Cargo reads.
    pub(crate) fn print(&mut self, text: &Cases) -> Cases {
        self.each(&text.clone(), |interp, text| {
            let Value::Text(text) = text else { return interp.unknown("what is printed is not known") };
            if interp.open_loops > 0 && !crate::semantics::library::is_metadata_of_element(text) {
                return interp.unknown("printing in a loop over an unknown list is not understood");
            }
            for (guard, piece) in text.0.iter() {
                // A part of a line, too, is printed beside the lines that a buffer holds back.
                if !matches!(piece, Piece::Lit(text) if text.is_empty()) {
                    interp.within(*guard, |interp| interp.note_printed());
                }
                let under = interp.inputs.and(interp.pc, *guard);
                if under.is_false() {
                    continue;
                }
                match piece {
                    Piece::Lit(text) => {
                        let mut lines = text.split('\n').peekable();
                        while let Some(line) = lines.next() {
                            if !line.is_empty() {
                                interp.pending_line.push((under, Piece::Lit(Rc::from(line))));
                            }
                            if lines.peek().is_some() {
                                interp.end_line(under);
                            }
                        }
                    }
                    Piece::Sym(_) => interp.pending_line.push((under, piece.clone())),
                }
            }
            Cases::unit()
        })
    }

    /// Ends the current output line on these paths.
    pub(crate) fn end_line(&mut self, under: Guard) {
        let pending = std::mem::take(&mut self.pending_line);
        let path = self.pc;
        self.pc = under;
        let lines = if pending.iter().all(|(guard, _)| *guard == under) {
            vec![(under, pending.iter().map(|(_, piece)| piece.clone()).collect())]
        } else {
            let text = Text::from_pieces(pending.iter().cloned());
            self.flatten(&text)
        };
        self.pc = path;
        for (guard, flat) in lines {
            if !flat.is_empty() {
                self.note(guard, crate::trace::Effect::Line(Text::from_flat(flat)));
            }
        }
        for (guard, piece) in pending {
            let rest = self.inputs.minus(guard, under);
            if !rest.is_false() {
                self.pending_line.push((rest, piece));
            }
        }
    }

    fn include(&mut self, file: &Cases, kind: &str) -> Cases {
        let here = self.frames.last().map_or(0, |frame| frame.file);
        let folder = self
            .files
            .get(here)
            .and_then(|file| file.rsplit_once('/'))
            .map_or("", |(folder, _)| folder)
            .to_owned();
        let kind = kind.to_owned();
        self.each(&file.clone(), |interp, file| {
            let Value::Text(file) = file else { return interp.unknown("what is included is not known") };
            let Some(path) = crate::semantics::paths::package_path(file, &folder) else {
                return interp.unknown("what is included is not a file of the package");
            };
            if kind == "include" {
                return interp.include_code(&path);
            }
            match interp.source.read(&path) {
                Ok(Some(bytes)) => {
                    interp.reads.insert(path);
                    let ty = if kind == "include_str" { TextType::Str } else { TextType::ByteArray };
                    Cases::of(super::expr::bytes_value(bytes, ty))
                }
                Ok(None) => interp.unknown(&format!("there is no file `{path}`")),
                Err(reason) => interp.unknown(&reason),
            }
        })
    }

    fn include_code(&mut self, path: &str) -> Cases {
        let Some(text) = self.source_text(path) else { return Cases::never() };
        let Ok(expr) = syn::parse_str::<Expr>(&text) else {
            return self.unknown(&format!("`{path}` is not an expression"));
        };
        let kept = Rc::new(vec![expr]);
        self.macro_args.insert(Rc::as_ptr(&kept) as usize, Rc::clone(&kept));
        self.reading.push(path.to_owned());
        let value = self.expr(&kept[0], None);
        self.reading.pop();
        value
    }

    /// Expands a macro call in the position of an item.
    pub(crate) fn item_macro(&mut self, item: &syn::ItemMacro, module: usize, guard: Guard) {
        let name =
            item.mac.path.segments.last().map_or_else(String::new, |segment| segment.ident.to_string());
        if name == "include" {
            let Ok(path) = syn::parse2::<syn::LitStr>(item.mac.tokens.clone()) else {
                self.unknown("what is included is not known");
                return;
            };
            let folder = self.files[self.modules[module].file]
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .to_owned();
            let path = super::items::join(&folder, &path.value());
            let before = self.pc;
            self.pc = self.inputs.and(before, guard);
            if let Some(text) = self.source_text(&path) {
                match syn::parse_file(&text) {
                    Ok(file) => {
                        self.reading.push(path);
                        self.declare_where(guard, |interp| interp.declare_all(file.items, module));
                        self.reading.pop();
                    }
                    Err(error) => {
                        self.unknown(&format!("`{path}` does not parse as Rust: {error}"));
                    }
                }
            }
            let outside = self.inputs.minus(before, guard);
            self.pc = self.inputs.or(self.pc, outside);
            return;
        }
        if matches!(name.as_str(), "cfg_if" | "cfg_select") {
            let read = if name == "cfg_if" { super::cfg::cfg_if } else { super::cfg::cfg_select };
            let Some(branches) = read(item.mac.tokens.clone()) else {
                self.unknown("this `cfg_if!` is not understood");
                return;
            };
            let mut rest = guard;
            for (predicate, body) in branches {
                let holds = predicate.map_or(Guard::TRUE, |predicate| self.cfg_tokens(predicate));
                let here = self.inputs.and(rest, holds);
                rest = self.inputs.minus(rest, holds);
                if here.is_false() {
                    continue;
                }
                match syn::parse2::<syn::File>(body) {
                    Ok(file) => self.declare_where(here, |interp| interp.declare_all(file.items, module)),
                    Err(error) => {
                        self.span = error.span();
                        self.unknown_where(here, "this `cfg_if!` is not understood");
                    }
                }
            }
            return;
        }
        let found = self.lookup(module, &name, Namespace::Macro);
        if let Some((_, Definition::Item(index))) = found.first()
            && let Item::Macro(rules) = self.items[*index].clone()
        {
            let is_own = |name: &str| self.has_own_macro(name);
            let input = item.mac.tokens.clone();
            let tokens = super::macro_rules::expand(&rules, input, &self.source.edition, &is_own);
            match tokens.and_then(|tokens| syn::parse2::<syn::File>(tokens).ok()) {
                Some(file) if self.depth < super::MAX_DEPTH => {
                    self.depth += 1;
                    self.declare_where(guard, |interp| interp.declare_all(file.items, module));
                    self.depth -= 1;
                }
                // It may implement traits for types that are used without its name.
                _ => {
                    self.unknown_where(guard, "the items that this macro of the script defines are not known")
                }
            }
            return;
        }
        // A macro that is not known may define anything; that matters only if what it defines is used, and then the
        // name is not found.
        let _ = (guard, name);
    }

    /// Returns the statements into which a call of a macro of the script expands; `None` if no rule matches.
    fn expansion(&mut self, item: &Rc<syn::ItemMacro>, call: &syn::Macro) -> Option<Rc<syn::Block>> {
        let key = format!("{}!{{{}}}", std::ptr::from_ref(&**item) as usize, call.tokens);
        self.text_bytes += key.len();
        if let Some(known) = self.macro_code.get(&key) {
            return Some(Rc::clone(known));
        }
        let own = self.names_of_macro(item);
        if !own.bound.is_empty() && !own.bound.is_disjoint(&hygiene::names(&call.tokens)) {
            self.unknown("a name stands for a variable of this macro and for one of its caller");
            return None;
        }
        let is_own = |name: &str| self.has_own_macro(name);
        let input = call.tokens.clone();
        let Some(tokens) = super::macro_rules::expand(item, input, &self.source.edition, &is_own) else {
            self.unknown("this macro of the script is not understood");
            return None;
        };
        let block = self.kept_block(key, tokens);
        if block.is_none() {
            self.unknown("what this macro of the script expands to is not understood");
        }
        block
    }

    /// A macro in a function sees the variables of where it is written, which are others of the same name than those of
    /// where it is called.
    fn sees_two(&mut self, item: &syn::ItemMacro) -> bool {
        let own = self.names_of_macro(item);
        let scopes = self.frames.last().map_or(&[][..], |frame| frame.scopes.as_slice());
        let mut seen = std::collections::HashSet::new();
        scopes.iter().flatten().any(|(name, _)| own.named.contains(&**name) && !seen.insert(name))
    }

    fn names_of_macro(&mut self, item: &syn::ItemMacro) -> Rc<hygiene::Names> {
        let key = std::ptr::from_ref(item) as usize;
        let names = || Rc::new(hygiene::Names::of(&item.mac.tokens));
        Rc::clone(self.macro_names.entry(key).or_insert_with(names))
    }

    fn own_macro(
        &mut self,
        item: &Rc<syn::ItemMacro>,
        call: &syn::Macro,
        hint: Option<&Ty>,
        statement: bool,
    ) -> Cases {
        if self.sees_two(item) {
            return self.unknown("which variable this macro means is not clear");
        }
        let Some(block) = self.expansion(item, call) else { return Cases::never() };
        self.depth += 1;
        if self.depth > super::MAX_DEPTH {
            self.depth -= 1;
            return self.unknown("its macros nest too deeply");
        }
        let value = if statement && block.stmts.iter().any(|stmt| matches!(stmt, syn::Stmt::Local(_))) {
            // Variables that the macro binds by names from its arguments belong to the caller; all others end with the
            // macro.
            let before = self.frame().scopes.last().map_or(0, Vec::len);
            let value = self.statements(&block.stmts, hint);
            let given = hygiene::names(&call.tokens);
            if let Some(scope) = self.frame().scopes.last_mut() {
                let mut at = 0;
                scope.retain(|(name, _)| {
                    at += 1;
                    at <= before || given.contains(&**name)
                });
            }
            value
        } else if let (false, [syn::Stmt::Macro(only)]) = (statement, block.stmts.as_slice()) {
            // Where an expression is expected, a semicolon behind it is ignored.
            self.macro_call(&only.mac, hint)
        } else if let (false, [syn::Stmt::Expr(only, Some(_))]) = (statement, block.stmts.as_slice()) {
            self.expr(only, hint)
        } else {
            self.block(&block, hint)
        };
        self.depth -= 1;
        value
    }

    /// Returns where the target has a value for a key of `cfg`.
    pub(crate) fn target_key(&mut self, key: &str, value: &str) -> Guard {
        symbols::target_key(&mut self.inputs, key, value)
    }
}
