//! Reduced ordered binary decision diagrams with shared nodes: equal functions have equal handles.

use std::rc::Rc;
use std::time::Instant;

use super::supports::{BitSet, BitSets};
use super::table::{Cache, Table, Unique};

/// The handle of a Boolean function of the inputs: where something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Guard(u32);

impl Guard {
    /// The guard that holds for no build.
    pub(crate) const FALSE: Self = Self(0);
    /// The guard that holds for every build.
    pub(crate) const TRUE: Self = Self(1);

    /// Returns whether the guard is `Guard::FALSE`.
    pub(crate) fn is_false(self) -> bool {
        self == Self::FALSE
    }

    /// Returns whether the guard is `Guard::TRUE`.
    pub(crate) fn is_true(self) -> bool {
        self == Self::TRUE
    }
}

/// The position of an input bit in the variable order of the diagrams.
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

/// The table of all nodes, with the cached results of operations.
#[derive(Debug)]
pub(crate) struct Diagrams {
    nodes: Vec<Node>,
    unique: Unique,
    /// The results of `ite`, and of the cofactor by one bit (with `COFACTOR` in the key).
    results: Cache,
    /// The set of bits that each node depends on, by node number; worked out on request.
    supports: Vec<BitSet>,
    sets: BitSets,
    limit: usize,
    /// The time after which no operation continues.
    pub(crate) deadline: Instant,
    ticks: u32,
    operations: u64,
    /// Set once a limit is reached; every answer since then is meaningless.
    pub(crate) exhausted: bool,
    /// The number of nodes that were visited to fix bits. It measures the cost of writing conditions.
    pub(crate) looked_at: u64,
}

/// The third number in the cache key of a cofactor. No node has this number, so the key equals none of `ite`.
const COFACTOR: u32 = u32::MAX;
/// The limit on operations, which does not depend on the machine: about five seconds of them, and five times as many as
/// any of a thousand published scripts takes.
const MAX_OPERATIONS: u64 = 50_000_000;
/// The number of operations between two readings of the clock.
const TICKS: u32 = 4096;

impl Diagrams {
    /// Returns a table that holds at most `limit` nodes.
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

    /// Counts an operation. Past `MAX_OPERATIONS` or past the deadline, the table is exhausted.
    fn tick(&mut self) {
        self.ticks += 1;
        self.operations += 1;
        self.exhausted |= self.operations > MAX_OPERATIONS;
        if self.ticks >= TICKS {
            self.ticks = 0;
            self.exhausted |= Instant::now() > self.deadline;
        }
    }

    /// Returns the function that is the bit itself.
    pub(crate) fn bit(&mut self, bit: Bit) -> Guard {
        self.node(bit, Guard::FALSE, Guard::TRUE)
    }

    /// Returns the first bit that the function depends on; `Bit::MAX` for constants.
    pub(crate) fn top(&self, guard: Guard) -> Bit {
        self.nodes[guard.0 as usize].bit
    }

    /// Returns the function where its first bit is 0, and where it is 1.
    pub(crate) fn children(&self, guard: Guard) -> (Guard, Guard) {
        let node = self.nodes[guard.0 as usize];
        (node.low, node.high)
    }

    fn split(&self, guard: Guard, bit: Bit) -> (Guard, Guard) {
        let node = self.nodes[guard.0 as usize];
        if node.bit == bit { (node.low, node.high) } else { (guard, guard) }
    }

    /// Returns `if condition then yes else no`.
    pub(crate) fn ite(&mut self, condition: Guard, yes: Guard, no: Guard) -> Guard {
        // Equal calls are brought into one form before the cache is asked. `yes` matters only where the condition
        // holds, and `no` only where it does not, so either becomes a constant where it equals the condition.
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

    /// Returns where both guards hold.
    pub(crate) fn and(&mut self, a: Guard, b: Guard) -> Guard {
        self.ite(a, b, Guard::FALSE)
    }

    /// Returns where at least one of the guards holds.
    pub(crate) fn or(&mut self, a: Guard, b: Guard) -> Guard {
        self.ite(a, Guard::TRUE, b)
    }

    /// Returns where the guard does not hold.
    pub(crate) fn not(&mut self, a: Guard) -> Guard {
        self.ite(a, Guard::FALSE, Guard::TRUE)
    }

    /// Returns where `a` holds and `b` does not.
    pub(crate) fn minus(&mut self, a: Guard, b: Guard) -> Guard {
        self.ite(b, Guard::FALSE, a)
    }

    /// Returns whether `b` holds wherever `a` does.
    pub(crate) fn implies(&mut self, a: Guard, b: Guard) -> bool {
        self.minus(a, b).is_false()
    }

    /// Returns a function, often simpler, that equals `f` wherever `care` holds (*restrict* of Coudert and Madre).
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

    /// Returns the function with the bits of `fixed` set to the given values; `fixed` is sorted by bit.
    pub(crate) fn cofactor(&mut self, f: Guard, fixed: &[(Bit, bool)]) -> Guard {
        // The last bit is fixed first, so that the cached result for one bit serves whatever other bits are fixed.
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

    /// Returns where the function holds for at least one assignment of these bits, which are sorted.
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

    /// Returns the bits that have one and the same value wherever the function equals `value`, with theirs, sorted by
    /// bit.
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

    /// Returns the bits that the function depends on, sorted.
    pub(crate) fn support(&mut self, f: Guard) -> Vec<Bit> {
        let set = self.support_set(f);
        self.sets.bits(set)
    }

    /// Returns the bits that the function depends on, as a set. Functions that depend on the same bits have the same
    /// set.
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
