//! The state of a run, and the operations on it that every construct uses: paths, variables, residue.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use proc_macro2::Span;

use super::dispatch::{Methods, TraitImpl};
use super::format_spec::Spec;
use super::items::{Definition, Item, Module, Namespace};
use super::model::Models;
use super::{borrows, grow, hygiene, infer, order};
use crate::assumptions::Assumptions;
use crate::derivation::Residue;
use crate::logic::{Guard, Inputs};
use crate::semantics::symbols::MAX_ALTERNATIVES;
use crate::source::PackageSource;
use crate::trace::{Effect, Logged, Trace};
use crate::value::{Calls, Cases, CellId, ObjectId, Piece, Sym, Text, Ty, Value};

/// Steps of evaluation before a script is given up.
const MAX_STEPS: u64 = 2_000_000;
/// However slow the machine is: what is counted ends it long before, the same everywhere.
const MAX_TIME: std::time::Duration = std::time::Duration::from_secs(300);
/// Nodes of decision diagrams.
const MAX_NODES: usize = 4_000_000;
/// The maximum depth of nested calls.
pub(super) const MAX_DEPTH: usize = 100;
/// Places that are not understood, after which no more are looked for.
const MAX_RESIDUE: usize = 2_000;
/// The maximum number of cells that a run may make.
const MAX_CELLS: usize = 2_000_000;
/// Bytes of text made.
const MAX_TEXT: usize = 256 << 20;

/// The log of calls on something modelled.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) kind: &'static str,
    pub(crate) calls: Calls,
}

/// A variable or other thing with an identity.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// The path on which it came to be; its value elsewhere does not matter.
    pub(crate) born: Guard,
    pub(crate) value: Cases,
    /// The type that the variable was declared with.
    pub(crate) ty: Option<Rc<Ty>>,
}

/// The state of one call of a function or closure.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    pub(crate) scopes: Vec<Vec<(Rc<str>, CellId)>>,
    /// Modules of items that are declared in the function's blocks.
    pub(crate) local_items: Vec<usize>,
    pub(crate) returns: Vec<(Guard, Cases)>,
    pub(crate) module: usize,
    pub(crate) file: usize,
    pub(crate) self_type: Option<Rc<str>>,
    pub(crate) result: Option<Ty>,
    /// The names of the function's type parameters.
    pub(crate) parameters: Vec<String>,
    /// The inferred types of the function's literals.
    pub(crate) literals: Rc<infer::Literals>,
    pub(crate) loops: Vec<Loop>,
}

/// One loop being run.
#[derive(Debug, Default)]
pub(crate) struct Loop {
    pub(crate) label: Option<String>,
    pub(crate) breaks: Vec<(Guard, Cases)>,
    pub(crate) continues: Option<Guard>,
}

/// All that a run knows.
pub(crate) struct Interp<'s> {
    pub(crate) source: &'s PackageSource,
    pub(crate) models: &'static Models,
    pub(crate) inputs: Inputs,
    pub(crate) pc: Guard,
    /// Where the run begins: everywhere, or where inputs are fixed.
    pub(crate) start: Guard,
    pub(crate) cells: Vec<Cell>,
    pub(crate) objects: Vec<Object>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) modules: Vec<Module>,
    /// Where the items that are being entered are compiled: what their module or `include!` hangs on.
    pub(crate) declaring: Guard,
    pub(crate) items: Vec<Item>,
    pub(crate) impls: Methods,
    /// The names that two modules give to types of their own. A type is known by its last name, so these are residue.
    pub(crate) types_of_two_modules: HashSet<String>,
    pub(crate) trait_defaults: HashMap<Rc<str>, Vec<(Rc<str>, usize)>>,
    /// Which type has which trait, and where that is compiled.
    pub(crate) trait_impls: Vec<TraitImpl>,
    pub(crate) consts: HashMap<usize, Cases>,
    /// The variables that `static mut` items are.
    pub(crate) statics: HashMap<usize, CellId>,
    pub(crate) closures: HashMap<usize, Rc<syn::ExprClosure>>,
    /// Parsed arguments and expansions of macros, by the address of the call; kept, so that addresses stay theirs.
    pub(crate) macro_args: HashMap<usize, Rc<Vec<syn::Expr>>>,
    pub(crate) macro_code: HashMap<String, Rc<syn::Block>>,
    pub(crate) files: Vec<String>,
    /// The files whose items are being entered, outermost first.
    pub(crate) reading: Vec<String>,
    pub(crate) log: Vec<Logged>,
    pub(crate) pending_line: Vec<(Guard, Piece)>,
    pub(crate) out_files: BTreeMap<String, Cases>,
    /// The file object that was last opened to write to each of them.
    pub(crate) writers: BTreeMap<String, ObjectId>,
    /// The buffers in front of stdout.
    pub(crate) stdout_buffers: Vec<ObjectId>,
    /// The buffer that is printing.
    pub(crate) printing: Option<ObjectId>,
    pub(crate) env_overlay: BTreeMap<String, Cases>,
    /// Where the script itself has set a variable, or taken it away.
    pub(crate) env_changed: BTreeMap<String, Guard>,
    pub(crate) panics: Vec<(Guard, Text)>,
    pub(crate) exits: Guard,
    pub(crate) residue: Vec<(Guard, Residue)>,
    pub(crate) probes: crate::semantics::facts::Probes,
    pub(crate) reads: BTreeSet<String>,
    pub(crate) env: BTreeSet<String>,
    pub(crate) globs: BTreeSet<String>,
    pub(crate) literals: Vec<String>,
    /// Every text in quotes of the files read so far.
    pub(crate) quoted: BTreeSet<String>,
    /// Features of the target that the script names; fixed when their list is first looked into.
    pub(crate) named_features: Option<Vec<String>>,
    pub(crate) assumes: Assumptions,
    pub(crate) span: Span,
    pub(crate) depth: usize,
    pub(crate) steps: u64,
    pub(crate) started: std::time::Instant,
    /// A budget is exhausted: nothing is evaluated any more.
    pub(crate) gave_up: bool,
    pub(crate) text_bytes: usize,
    /// Texts that a `fmt` of the script writes to, and how they were asked for.
    pub(crate) formatting: Vec<(CellId, Spec)>,
    /// How many facts and texts have no name.
    pub(crate) unnamed_facts: usize,
    /// The pattern is a `match`'s last one: what it is asked about is of no other variant.
    pub(crate) matches_what_is_left: bool,
    /// Where a flag of rustc, or a part of one, is known to begin with a text of so many bytes.
    pub(crate) flag_lengths: Vec<(Guard, Rc<str>, usize)>,
    /// In a loop over an unknown list nothing may change but logs that get its element.
    pub(crate) open_loops: usize,
    /// The variable that [`fixpoint`] watches instead of the script.
    pub(crate) frozen: Option<CellId>,
    /// A loop is running over what comes in no promised order.
    pub(crate) unordered: Option<order::Unordered>,
    /// True while the result of the current operation does not depend on the order of items.
    pub(crate) any_order: bool,
    /// The inferred types of the literals of each function that was called, by the index of its item.
    pub(crate) literal_types: HashMap<usize, Rc<infer::Literals>>,
    /// What is typed is what a function of the standard library gives: its type is that, whatever it was made of.
    pub(crate) stamping: bool,
    /// Cells behind an `Rc` or `Arc`, which its clones share.
    pub(crate) shared: HashSet<CellId>,
    /// Cells that a reference may lead to which is itself behind a reference.
    pub(crate) flattened: HashSet<CellId>,
    /// The variable that a method is called on by its name: what takes it whole takes it away.
    pub(crate) receiver: Option<CellId>,
    /// The outstanding borrows of cells.
    pub(crate) lent: Vec<borrows::Lent>,
    /// The names of each macro's rules, by where it stands.
    pub(crate) macro_names: HashMap<usize, Rc<hygiene::Names>>,
    /// The names that a `move` closure may take with it.
    pub(crate) closure_names: HashMap<usize, Option<Rc<HashSet<String>>>>,
    /// Facts that concrete runs fix.
    pub(crate) overlay: HashMap<String, String>,
    /// The types that the run assumed, for the test that compares them with rustc's.
    #[cfg(test)]
    pub(crate) journal: super::journal::Journal,
}

impl<'s> Interp<'s> {
    /// Returns a run that has not begun, over the given models.
    pub(crate) fn new(source: &'s PackageSource, models: &'static Models) -> Self {
        let started = std::time::Instant::now();
        Self {
            source,
            models,
            inputs: Inputs::new(MAX_NODES, started + MAX_TIME),
            pc: Guard::TRUE,
            start: Guard::TRUE,
            cells: Vec::new(),
            objects: Vec::new(),
            frames: Vec::new(),
            modules: Vec::new(),
            declaring: Guard::TRUE,
            items: Vec::new(),
            impls: HashMap::new(),
            types_of_two_modules: HashSet::new(),
            trait_defaults: HashMap::new(),
            trait_impls: Vec::new(),
            consts: HashMap::new(),
            statics: HashMap::new(),
            closures: HashMap::new(),
            macro_args: HashMap::new(),
            macro_code: HashMap::new(),
            files: Vec::new(),
            reading: Vec::new(),
            log: Vec::new(),
            pending_line: Vec::new(),
            out_files: BTreeMap::new(),
            writers: BTreeMap::new(),
            stdout_buffers: Vec::new(),
            printing: None,
            env_overlay: BTreeMap::new(),
            env_changed: BTreeMap::new(),
            panics: Vec::new(),
            exits: Guard::FALSE,
            residue: Vec::new(),
            probes: crate::semantics::facts::Probes::default(),
            reads: BTreeSet::new(),
            env: BTreeSet::new(),
            globs: BTreeSet::new(),
            literals: Vec::new(),
            quoted: BTreeSet::new(),
            named_features: None,
            assumes: Assumptions::default(),
            span: Span::call_site(),
            depth: 0,
            steps: 0,
            started,
            gave_up: false,
            text_bytes: 0,
            formatting: Vec::new(),
            unnamed_facts: 0,
            matches_what_is_left: false,
            flag_lengths: Vec::new(),
            open_loops: 0,
            frozen: None,
            unordered: None,
            any_order: false,
            literal_types: HashMap::new(),
            stamping: false,
            shared: HashSet::new(),
            flattened: HashSet::new(),
            receiver: None,
            lent: Vec::new(),
            macro_names: HashMap::new(),
            closure_names: HashMap::new(),
            overlay: HashMap::new(),
            #[cfg(test)]
            journal: super::journal::Journal::default(),
        }
    }

    /// Evaluates the script's `main`, and returns the trace of all its paths.
    pub(crate) fn run(mut self) -> Trace<'s> {
        self.run_to_the_end();
        self.into_trace()
    }

    /// Like [`Self::run`]; the interpreter stays, for its notes.
    pub(crate) fn run_to_the_end(&mut self) {
        self.run_main();
        // A last line without a line feed counts as a line.
        if !self.gave_up && !self.inputs.diagrams.exhausted && !self.pending_line.is_empty() {
            self.pc = Guard::TRUE;
            self.end_line(Guard::TRUE);
        }
    }

    fn into_trace(self) -> Trace<'s> {
        let end = self.residue_here("");
        Trace {
            source: self.source,
            inputs: self.inputs,
            start: self.start,
            log: self.log,
            out_files: self.out_files,
            panics: self.panics,
            residue: self.residue,
            probes: self.probes,
            reads: self.reads,
            env: self.env,
            globs: self.globs,
            assumes: self.assumes,
            end,
            gave_up: self.gave_up,
        }
    }

    /// Loads the script and calls its `main`.
    fn run_main(&mut self) {
        let whole = self.pc;
        self.start = whole;
        let Some(script) = self.source.script.clone() else {
            return;
        };
        let Some(script) = script.to_str().map(str::to_owned) else {
            self.unknown("the script's path is not UTF-8");
            return;
        };
        self.frames.push(Frame::default());
        let Some(module) = self.load_file(&script, None) else { return };
        self.frames[0].module = module;
        let mains = self.lookup(module, "main", Namespace::Value);
        let parts = mains
            .into_iter()
            .map(|(guard, definition)| match definition {
                Definition::Item(item) => (guard, item),
                _ => (guard, usize::MAX),
            })
            .collect::<Vec<_>>();
        if parts.is_empty() {
            self.unknown("there is no `main`");
            return;
        }
        let start = self.pc;
        let mut after = Guard::FALSE;
        for (guard, item) in parts {
            self.pc = self.inputs.and(start, guard);
            if self.dead() {
                continue;
            }
            let result = self.call_item(item, Vec::new(), None);
            self.end_of_main(&result);
            let held = self.held_back(None);
            self.unknown_where(held, "what a buffer in a static holds is not written");
            after = self.inputs.or(after, self.pc);
        }
        if self.gave_up || self.inputs.diagrams.exhausted {
            return;
        }
        self.pc = after;
        // Every path ends somewhere: what does not is lost, and must not be taken for doing nothing.
        let mut ended = self.inputs.or(after, self.exits);
        for (guard, _) in &self.panics {
            ended = self.inputs.diagrams.or(ended, *guard);
        }
        for (guard, _) in &self.residue {
            ended = self.inputs.diagrams.or(ended, *guard);
        }
        let lost = self.inputs.minus(whole, ended);
        if !lost.is_false() {
            self.pc = lost;
            self.unknown("a path through the script is lost");
            self.pc = after;
        }
    }

    /// Returns whether the current path is empty, so that nothing is evaluated.
    pub(crate) fn dead(&self) -> bool {
        self.gave_up || self.pc.is_false()
    }

    /// Counts a step; past a budget the path ends in residue.
    pub(crate) fn step(&mut self) -> bool {
        self.steps += 1;
        if self.dead() {
            return false;
        }
        let exhausted = if self.inputs.diagrams.exhausted {
            Some("the conditions are too complex")
        } else if self.steps > MAX_STEPS || self.steps.is_multiple_of(64) && self.started.elapsed() > MAX_TIME
        {
            Some("it takes too many steps")
        } else if self.cells.len() > MAX_CELLS || self.text_bytes > MAX_TEXT {
            Some("it makes too much data")
        } else {
            None
        };
        if let Some(reason) = exhausted {
            // Whatever was known about paths is not to be relied on any more.
            let residue = self.residue_here(&format!("{reason} to be followed"));
            self.residue.clear();
            self.residue.push((Guard::TRUE, residue));
            self.gave_up = true;
            self.pc = Guard::FALSE;
            return false;
        }
        true
    }

    /// Notes something that the script does.
    pub(crate) fn note(&mut self, guard: Guard, effect: Effect) {
        let free = Text::lit("");
        let line = if let Effect::Line(text) = &effect { text } else { &free };
        if self.refuses_line(line) {
            return;
        }
        self.note_printed();
        let at = self.residue_here("");
        self.log.push(Logged { guard, effect, at });
    }

    pub(crate) fn residue_here(&self, reason: &str) -> Residue {
        let file = self.frames.last().map_or(0, |frame| frame.file);
        let at = self.span.start();
        Residue {
            file: self
                .files
                .get(file)
                .cloned()
                .or_else(|| Some(self.source.script.clone()?.to_str()?.to_owned()))
                .unwrap_or_default()
                .into(),
            line: at.line,
            column: at.column + 1,
            reason: reason.to_owned(),
            guard: None,
        }
    }

    /// Where a guard holds nothing more is known on this path, which goes on where it does not.
    pub(crate) fn unknown_where(&mut self, guard: Guard, reason: &str) {
        let path = self.pc;
        self.pc = self.inputs.and(path, guard);
        self.unknown(reason);
        self.pc = self.inputs.minus(path, guard);
    }

    /// Ends the path: here the script does what is not understood.
    pub(crate) fn unknown(&mut self, reason: &str) -> Cases {
        if !self.dead() {
            let residue = self.residue_here(reason);
            if self.residue.len() >= MAX_RESIDUE {
                self.gave_up = true;
                self.residue.push((Guard::TRUE, residue));
            } else {
                self.residue.push((self.pc, residue));
            }
            self.pc = Guard::FALSE;
        }
        Cases::never()
    }

    /// Ends the path: here the script fails with this message.
    pub(crate) fn panic(&mut self, message: Text) -> Cases {
        if !self.pc.is_false() {
            self.panics.push((self.pc, message));
            self.pc = Guard::FALSE;
        }
        Cases::never()
    }

    /// Evaluates `then` where `condition` holds and `otherwise` elsewhere.
    pub(crate) fn branch(
        &mut self,
        condition: Guard,
        then: impl FnOnce(&mut Self) -> Cases,
        otherwise: impl FnOnce(&mut Self) -> Cases,
    ) -> Cases {
        let path = self.pc;
        self.pc = self.inputs.and(path, condition);
        let yes = if self.dead() { Cases::never() } else { then(self) };
        let yes_path = self.pc;
        self.pc = self.inputs.minus(path, condition);
        let no = if self.dead() { Cases::never() } else { otherwise(self) };
        let no_path = self.pc;
        self.pc = self.inputs.or(yes_path, no_path);
        self.inputs.join(vec![(yes_path, yes), (no_path, no)])
    }

    /// Evaluates `f` for each alternative, under its guard.
    pub(crate) fn each(&mut self, value: &Cases, mut f: impl FnMut(&mut Self, &Value) -> Cases) -> Cases {
        if self.dead() {
            return Cases::never();
        }
        if let [(_, single)] = &*value.0 {
            return f(self, single);
        }
        if value.0.len() > MAX_ALTERNATIVES {
            return self.unknown("a value has too many alternatives");
        }
        let path = self.pc;
        let mut parts = Vec::with_capacity(value.0.len());
        let mut after = Guard::FALSE;
        let mut missing = path;
        for (guard, alternative) in value.0.iter() {
            self.pc = self.inputs.and(path, *guard);
            if self.dead() {
                continue;
            }
            missing = self.inputs.minus(missing, self.pc);
            let result = f(self, alternative);
            parts.push((self.pc, result));
            after = self.inputs.or(after, self.pc);
        }
        if !missing.is_false() {
            // Without residue, a path on which the value has no alternative would be lost silently.
            self.pc = missing;
            self.unknown("a value is not known on every path");
        }
        self.pc = after;
        self.inputs.join(parts)
    }

    /// Evaluates `f` for each pair of alternatives.
    pub(crate) fn each2(
        &mut self,
        a: &Cases,
        b: &Cases,
        mut f: impl FnMut(&mut Self, &Value, &Value) -> Cases,
    ) -> Cases {
        self.each(a, |interp, x| interp.each(b, |interp, y| f(interp, x, y)))
    }

    /// Returns the guard, within the path, under which a Boolean value is true; other values are residue.
    pub(crate) fn truth(&mut self, value: &Cases) -> Guard {
        let value = self.deref_all(value);
        let mut truth = Guard::FALSE;
        let path = self.pc;
        for (guard, alternative) in value.0.iter() {
            match alternative {
                Value::Bool(true) => truth = self.inputs.or(truth, *guard),
                Value::Bool(false) => {}
                other => {
                    self.pc = self.inputs.and(path, *guard);
                    let reason = format!("a condition is {}, not a Boolean", other.kind());
                    self.unknown(&reason);
                    let lost = self.inputs.and(path, *guard);
                    self.pc = self.inputs.minus(path, lost);
                }
            }
        }
        self.inputs.and(truth, self.pc)
    }

    /// Returns a Boolean value that is true under the guard.
    pub(crate) fn boolean(&mut self, guard: Guard) -> Cases {
        let holds = self.inputs.and(self.pc, guard);
        let fails = self.inputs.minus(self.pc, guard);
        if fails.is_false() {
            return Cases::bool(true);
        }
        if holds.is_false() {
            return Cases::bool(false);
        }
        Cases(Rc::from([(holds, Value::Bool(true)), (fails, Value::Bool(false))]))
    }

    /// Returns `Some` of the value under the guard, and `None` elsewhere.
    pub(crate) fn option(&mut self, guard: Guard, some: Cases) -> Cases {
        self.choose(guard, Cases::some(some), Cases::none())
    }

    /// Returns one value under the guard, and the other elsewhere.
    pub(crate) fn choose(&mut self, guard: Guard, yes: Cases, no: Cases) -> Cases {
        let holds = self.inputs.and(self.pc, guard);
        let fails = self.inputs.minus(self.pc, guard);
        self.inputs.join(vec![(holds, yes), (fails, no)])
    }

    /// Makes a new variable and returns its cell.
    pub(crate) fn new_cell(&mut self, value: Cases) -> CellId {
        self.cells.push(Cell { born: self.pc, value, ty: None });
        self.cells.len() - 1
    }

    /// Returns a variable's value on the current path.
    pub(crate) fn read_cell(&mut self, cell: CellId) -> Cases {
        let value = self.cells[cell].value.clone();
        self.narrow(value)
    }

    /// Drops alternatives that cannot be on this path.
    pub(crate) fn narrow(&mut self, value: Cases) -> Cases {
        if value.0.len() <= 1 {
            return value;
        }
        let path = self.pc;
        let mut kept: Vec<(Guard, Value)> = Vec::with_capacity(value.0.len());
        for (guard, alternative) in value.0.iter() {
            if !self.inputs.and(*guard, path).is_false() {
                kept.push((*guard, alternative.clone()));
            }
        }
        if kept.len() == value.0.len() { value } else { Cases(Rc::from(kept)) }
    }

    /// Changes a variable on this path.
    pub(crate) fn write_cell(&mut self, cell: CellId, value: Cases) {
        if self.dead() || self.frozen == Some(cell) || self.refuses_change(cell) {
            return;
        }
        let Cell { born, value: old, ty } = self.cells[cell].clone();
        let value = match &ty {
            Some(ty) => self.typed(&value, Some(ty)),
            None => self.typed_like(&value, &old),
        };
        if self.dead() {
            return;
        }
        let elsewhere = self.inputs.minus(born, self.pc);
        let joined = if elsewhere.is_false() {
            value
        } else if let Some(grown) = grow::grown(&old, &value, self.pc) {
            grown
        } else {
            self.inputs.join(vec![(elsewhere, old), (self.pc, value)])
        };
        self.cells[cell].value = joined;
    }

    /// Makes a new modelled object with an empty log of calls.
    pub(crate) fn new_object(&mut self, kind: &'static str) -> Cases {
        self.objects.push(Object { kind, calls: Vec::new() });
        Cases::of(Value::Object(self.objects.len() - 1))
    }

    /// Notes a call on a modelled thing.
    pub(crate) fn note_call(&mut self, object: ObjectId, method: &str, args: Vec<Cases>) {
        let free = self.defines_once(object, method, &args);
        if !self.dead() && (free || !self.refuses_call(object, method)) {
            let path = self.pc;
            self.objects[object].calls.push((path, Rc::from(method), args));
        }
    }

    /// Returns a text that consists of one symbol.
    pub(crate) fn sym(&self, sym: Sym) -> Cases {
        Cases::text(Text::sym(sym))
    }
}
