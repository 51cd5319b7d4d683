//! Reduced ordered binary decision diagrams, hash-consed: equal functions have equal handles.

use std::rc::Rc;
use std::time::Instant;

use super::supports::{BitSet, BitSets};
use super::table::{Cache, Table, Unique};

/// A function of the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Guard(u32);

impl Guard {
    /// Holds nowhere.
    pub(crate) const FALSE: Self = Self(0);
    /// Holds everywhere.
    pub(crate) const TRUE: Self = Self(1);

    /// Whether it holds nowhere.
    pub(crate) fn is_false(self) -> bool {
        self == Self::FALSE
    }

    /// Whether it holds everywhere.
    pub(crate) fn is_true(self) -> bool {
        self == Self::TRUE
    }
}

/// Position of an input bit in the order of the diagrams.
pub(crate) type Bit = u32;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Node {
    bit: Bit,
    low: Guard,
    high: Guard,
}

impl Node {
    fn key(self) -> [u32; 3] {
        [self.bit, self.low.0, self.high.0]
    }
}

/// The table of all nodes, and memos of operations.
#[derive(Debug)]
pub(crate) struct Diagrams {
    nodes: Vec<Node>,
    unique: Unique,
    /// Of `ite`, and of the cofactor by one bit.
    results: Cache,
    /// What each node depends on, as far as that was asked.
    supports: Vec<BitSet>,
    sets: BitSets,
    limit: usize,
    /// No operation goes on after that.
    pub(crate) deadline: Instant,
    ticks: u32,
    operations: u64,
    /// Set once the limit is reached; every answer since then is meaningless.
    pub(crate) exhausted: bool,
    /// Nodes that were looked at to fix bits: what writing conditions costs.
    pub(crate) looked_at: u64,
}

/// Stands for the third function of a cofactor among results: no node has this number.
const COFACTOR: u32 = u32::MAX;
/// Operations in all, the same on any machine: some five seconds of them, and five times as many as any script of a
/// thousand takes.
const MAX_OPERATIONS: u64 = 50_000_000;
/// Operations between two looks at the clock.
const TICKS: u32 = 4096;

impl Diagrams {
    /// A table that holds at most `limit` nodes.
    pub(crate) fn new(limit: usize, deadline: Instant) -> Self {
        let leaf = Node { bit: Bit::MAX, low: Guard::FALSE, high: Guard::FALSE };
        Self {
            nodes: vec![leaf, leaf],
            unique: Unique::new(),
            results: Cache::new(),
            supports: Vec::new(),
            sets: BitSets::new(),
            limit,
            deadline,
            ticks: 0,
            operations: 0,
            exhausted: false,
            looked_at: 0,
        }
    }

    fn node(&mut self, bit: Bit, low: Guard, high: Guard) -> Guard {
        if low == high {
            return low;
        }
        let key = [bit, low.0, high.0];
        let nodes = &self.nodes;
        let slot = match self.unique.find(key, |number| nodes[number as usize].key()) {
            Ok(found) => return Guard(found),
            Err(slot) => slot,
        };
        if self.nodes.len() >= self.limit {
            self.exhausted = true;
            return Guard::FALSE;
        }
        let handle = Guard(u32::try_from(self.nodes.len()).unwrap_or(0));
        self.nodes.push(Node { bit, low, high });
        let nodes = &self.nodes;
        self.unique.keep(slot, handle.0, |number| nodes[number as usize].key());
        handle
    }

    /// Counts an operation; past so many, or past the deadline, the table is exhausted.
    fn tick(&mut self) {
        self.ticks += 1;
        self.operations += 1;
        self.exhausted |= self.operations > MAX_OPERATIONS;
        if self.ticks >= TICKS {
            self.ticks = 0;
            self.exhausted |= Instant::now() > self.deadline;
        }
    }

    /// The function that is the bit itself.
    pub(crate) fn bit(&mut self, bit: Bit) -> Guard {
        self.node(bit, Guard::FALSE, Guard::TRUE)
    }

    /// The first bit that the function depends on; `Bit::MAX` for constants.
    pub(crate) fn top(&self, guard: Guard) -> Bit {
        self.nodes[guard.0 as usize].bit
    }

    /// The function where its first bit is 0, and where it is 1.
    pub(crate) fn children(&self, guard: Guard) -> (Guard, Guard) {
        let node = self.nodes[guard.0 as usize];
        (node.low, node.high)
    }

    fn split(&self, guard: Guard, bit: Bit) -> (Guard, Guard) {
        let node = self.nodes[guard.0 as usize];
        if node.bit == bit { (node.low, node.high) } else { (guard, guard) }
    }

    /// `if condition then yes else no`.
    pub(crate) fn ite(&mut self, condition: Guard, yes: Guard, no: Guard) -> Guard {
        // Where the condition holds `yes` is asked, and only there: of what is the same, one is remembered.
        let yes = if yes == condition { Guard::TRUE } else { yes };
        let no = if no == condition { Guard::FALSE } else { no };
        if condition.is_true() || yes == no {
            return yes;
        }
        if condition.is_false() {
            return no;
        }
        if yes.is_true() && no.is_false() {
            return condition;
        }
        let (condition, yes, no) = if yes.is_true() && no < condition {
            (no, Guard::TRUE, condition)
        } else if no.is_false() && yes < condition {
            (yes, condition, Guard::FALSE)
        } else {
            (condition, yes, no)
        };
        if self.exhausted {
            return Guard::FALSE;
        }
        let key = [condition.0, yes.0, no.0];
        if let Some(found) = self.results.get(key) {
            return Guard(found);
        }
        self.tick();
        let bit = self.top(condition).min(self.top(yes)).min(self.top(no));
        let (c0, c1) = self.split(condition, bit);
        let (y0, y1) = self.split(yes, bit);
        let (n0, n1) = self.split(no, bit);
        let low = self.ite(c0, y0, n0);
        let high = self.ite(c1, y1, n1);
        let result = self.node(bit, low, high);
        self.results.keep(key, result.0, self.nodes.len());
        result
    }

    /// Both hold.
    pub(crate) fn and(&mut self, a: Guard, b: Guard) -> Guard {
        self.ite(a, b, Guard::FALSE)
    }

    /// One of them holds.
    pub(crate) fn or(&mut self, a: Guard, b: Guard) -> Guard {
        self.ite(a, Guard::TRUE, b)
    }

    /// It does not hold.
    pub(crate) fn not(&mut self, a: Guard) -> Guard {
        self.ite(a, Guard::FALSE, Guard::TRUE)
    }

    /// `a` holds and `b` does not.
    pub(crate) fn minus(&mut self, a: Guard, b: Guard) -> Guard {
        self.ite(b, Guard::FALSE, a)
    }

    /// Whether `b` holds wherever `a` does.
    pub(crate) fn implies(&mut self, a: Guard, b: Guard) -> bool {
        self.minus(a, b).is_false()
    }

    /// Coudert and Madre's *restrict*: a function, often simpler, that equals `f` wherever `care` holds.
    pub(crate) fn restrict(&mut self, f: Guard, care: Guard) -> Guard {
        let mut memo = Table::default();
        self.restrict_memo(f, care, &mut memo)
    }

    fn restrict_memo(&mut self, f: Guard, care: Guard, memo: &mut Table<(Guard, Guard), Guard>) -> Guard {
        if care.is_true() || care.is_false() || f.is_true() || f.is_false() || self.exhausted {
            return f;
        }
        if let Some(found) = memo.get(&(f, care)) {
            return *found;
        }
        let (top_f, top_care) = (self.top(f), self.top(care));
        let result = if top_care < top_f {
            let (c0, c1) = self.children(care);
            let either = self.or(c0, c1);
            self.restrict_memo(f, either, memo)
        } else {
            let (f0, f1) = self.children(f);
            let (c0, c1) = self.split(care, top_f);
            if c0.is_false() {
                self.restrict_memo(f1, c1, memo)
            } else if c1.is_false() {
                self.restrict_memo(f0, c0, memo)
            } else {
                let low = self.restrict_memo(f0, c0, memo);
                let high = self.restrict_memo(f1, c1, memo);
                self.node(top_f, low, high)
            }
        };
        memo.insert((f, care), result);
        result
    }

    /// The function with the bits of `fixed` given those values; `fixed` is sorted by bit.
    pub(crate) fn cofactor(&mut self, f: Guard, fixed: &[(Bit, bool)]) -> Guard {
        // From the last on, so that what comes of one bit is remembered whatever else is fixed.
        fixed.iter().rev().fold(f, |f, (bit, value)| self.cofactor_by(f, *bit, *value))
    }

    fn cofactor_by(&mut self, f: Guard, bit: Bit, value: bool) -> Guard {
        self.looked_at += 1;
        let top = self.top(f);
        if top > bit || self.exhausted || !self.depends_on(f, bit) {
            return f;
        }
        let (low, high) = self.children(f);
        if top == bit {
            return if value { high } else { low };
        }
        let key = [f.0, bit << 1 | u32::from(value), COFACTOR];
        if let Some(found) = self.results.get(key) {
            return Guard(found);
        }
        self.tick();
        let low = self.cofactor_by(low, bit, value);
        let high = self.cofactor_by(high, bit, value);
        let result = self.node(top, low, high);
        self.results.keep(key, result.0, self.nodes.len());
        result
    }

    /// Where the function holds for some values of these bits; sorted.
    pub(crate) fn exists(&mut self, f: Guard, bits: &[Bit]) -> Guard {
        let mut memo = Table::default();
        self.exists_memo(f, bits, &mut memo)
    }

    fn exists_memo(&mut self, f: Guard, bits: &[Bit], memo: &mut Table<Guard, Guard>) -> Guard {
        if f.is_true() || f.is_false() || self.exhausted || self.top(f) > *bits.last().unwrap_or(&0) {
            return f;
        }
        if let Some(found) = memo.get(&f) {
            return *found;
        }
        self.tick();
        let (bit, (low, high)) = (self.top(f), self.children(f));
        let (low, high) = (self.exists_memo(low, bits, memo), self.exists_memo(high, bits, memo));
        let result =
            if bits.binary_search(&bit).is_ok() { self.or(low, high) } else { self.node(bit, low, high) };
        memo.insert(f, result);
        result
    }

    /// The values of bits that are so wherever the function has this value, sorted by bit.
    pub(crate) fn essential(&mut self, f: Guard, value: bool) -> Vec<(Bit, bool)> {
        let mut memo: Table<Guard, Rc<[(Bit, bool)]>> = Table::default();
        self.essential_memo(f, value, &mut memo).to_vec()
    }

    fn essential_memo(
        &mut self,
        f: Guard,
        value: bool,
        memo: &mut Table<Guard, Rc<[(Bit, bool)]>>,
    ) -> Rc<[(Bit, bool)]> {
        if f.is_true() || f.is_false() || self.exhausted {
            return Rc::from([]);
        }
        if let Some(found) = memo.get(&f) {
            return Rc::clone(found);
        }
        self.tick();
        let (bit, (low, high)) = (self.top(f), self.children(f));
        let never = if value { Guard::FALSE } else { Guard::TRUE };
        let with = |first: bool, rest: &[(Bit, bool)]| -> Rc<[(Bit, bool)]> {
            std::iter::once((bit, first)).chain(rest.iter().copied()).collect()
        };
        let found = if low == never {
            with(true, &self.essential_memo(high, value, memo))
        } else if high == never {
            with(false, &self.essential_memo(low, value, memo))
        } else {
            let (a, b) = (self.essential_memo(low, value, memo), self.essential_memo(high, value, memo));
            a.iter().copied().filter(|one| b.contains(one)).collect()
        };
        memo.insert(f, Rc::clone(&found));
        found
    }

    /// The bits that the function depends on, sorted.
    pub(crate) fn support(&mut self, f: Guard) -> Vec<Bit> {
        let set = self.support_set(f);
        self.sets.bits(set)
    }

    /// The bits that the function depends on, as a set that is the same for all that depend on the same.
    pub(crate) fn support_set(&mut self, f: Guard) -> BitSet {
        if f.is_true() || f.is_false() {
            return BitSet::EMPTY;
        }
        let at = f.0 as usize;
        if self.supports.len() <= at {
            self.supports.resize(self.nodes.len(), BitSet::UNKNOWN);
        }
        if self.supports[at] == BitSet::UNKNOWN {
            let node = self.nodes[at];
            let (low, high) = (self.support_set(node.low), self.support_set(node.high));
            self.supports[at] = self.sets.union(low, high, node.bit);
        }
        self.supports[at]
    }

    fn depends_on(&mut self, f: Guard, bit: Bit) -> bool {
        let set = self.support_set(f);
        self.sets.contains(set, bit)
    }
}
