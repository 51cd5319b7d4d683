//! Reduced ordered binary decision diagrams, hash-consed: equal functions have equal handles.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Instant;

/// Multiply and rotate: the keys are small numbers of our own making.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quick(u64);

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

type Table<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

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

/// The table of all nodes, and memos of operations.
#[derive(Debug)]
pub(crate) struct Diagrams {
    nodes: Vec<Node>,
    unique: Table<Node, Guard>,
    ite_memo: Table<(Guard, Guard, Guard), Guard>,
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

/// Remembered operations; past that they are forgotten, and done again where they are asked again.
const MAX_MEMO: usize = 4_000_000;
/// Operations in all: some ten seconds of them, the same on any machine.
const MAX_OPERATIONS: u64 = 150_000_000;
/// Operations between two looks at the clock.
const TICKS: u32 = 4096;

impl Diagrams {
    /// A table that holds at most `limit` nodes.
    pub(crate) fn new(limit: usize, deadline: Instant) -> Self {
        let leaf = Node { bit: Bit::MAX, low: Guard::FALSE, high: Guard::FALSE };
        Self {
            nodes: vec![leaf, leaf],
            unique: Table::default(),
            ite_memo: Table::default(),
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
        let node = Node { bit, low, high };
        if let Some(found) = self.unique.get(&node) {
            return *found;
        }
        if self.nodes.len() >= self.limit {
            self.exhausted = true;
            return Guard::FALSE;
        }
        let handle = Guard(u32::try_from(self.nodes.len()).unwrap_or(0));
        self.nodes.push(node);
        self.unique.insert(node, handle);
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
        if condition.is_true() || yes == no {
            return yes;
        }
        if condition.is_false() {
            return no;
        }
        if yes.is_true() && no.is_false() {
            return condition;
        }
        if self.exhausted {
            return Guard::FALSE;
        }
        let key = (condition, yes, no);
        if let Some(found) = self.ite_memo.get(&key) {
            return *found;
        }
        self.tick();
        if self.ite_memo.len() >= MAX_MEMO {
            self.ite_memo.clear();
        }
        let bit = self.top(condition).min(self.top(yes)).min(self.top(no));
        let (c0, c1) = self.split(condition, bit);
        let (y0, y1) = self.split(yes, bit);
        let (n0, n1) = self.split(no, bit);
        let low = self.ite(c0, y0, n0);
        let high = self.ite(c1, y1, n1);
        let result = self.node(bit, low, high);
        self.ite_memo.insert(key, result);
        result
    }

    /// Both hold.
    pub(crate) fn and(&mut self, a: Guard, b: Guard) -> Guard {
        if a == b {
            return a;
        }
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        self.ite(a, b, Guard::FALSE)
    }

    /// One of them holds.
    pub(crate) fn or(&mut self, a: Guard, b: Guard) -> Guard {
        if a == b {
            return a;
        }
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        self.ite(a, Guard::TRUE, b)
    }

    /// It does not hold.
    pub(crate) fn not(&mut self, a: Guard) -> Guard {
        self.ite(a, Guard::FALSE, Guard::TRUE)
    }

    /// `a` holds and `b` does not.
    pub(crate) fn minus(&mut self, a: Guard, b: Guard) -> Guard {
        let not_b = self.not(b);
        self.and(a, not_b)
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
        let mut memo = Table::default();
        self.cofactor_memo(f, fixed, &mut memo)
    }

    fn cofactor_memo(&mut self, f: Guard, fixed: &[(Bit, bool)], memo: &mut Table<Guard, Guard>) -> Guard {
        self.looked_at += 1;
        let top = self.top(f);
        let Some((last, _)) = fixed.last() else { return f };
        if top > *last || self.exhausted {
            return f;
        }
        self.tick();
        if let Some(found) = memo.get(&f) {
            return *found;
        }
        let (low, high) = self.children(f);
        let result = match fixed.iter().find(|(bit, _)| *bit == top) {
            Some((_, true)) => self.cofactor_memo(high, fixed, memo),
            Some((_, false)) => self.cofactor_memo(low, fixed, memo),
            None => {
                let low = self.cofactor_memo(low, fixed, memo);
                let high = self.cofactor_memo(high, fixed, memo);
                self.node(top, low, high)
            }
        };
        memo.insert(f, result);
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
        let mut memo: Table<Guard, std::rc::Rc<[(Bit, bool)]>> = Table::default();
        self.essential_memo(f, value, &mut memo).to_vec()
    }

    fn essential_memo(
        &mut self,
        f: Guard,
        value: bool,
        memo: &mut Table<Guard, std::rc::Rc<[(Bit, bool)]>>,
    ) -> std::rc::Rc<[(Bit, bool)]> {
        if f.is_true() || f.is_false() || self.exhausted {
            return std::rc::Rc::from([]);
        }
        if let Some(found) = memo.get(&f) {
            return std::rc::Rc::clone(found);
        }
        self.tick();
        let (bit, (low, high)) = (self.top(f), self.children(f));
        let never = if value { Guard::FALSE } else { Guard::TRUE };
        let with = |first: bool, rest: &[(Bit, bool)]| -> std::rc::Rc<[(Bit, bool)]> {
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
        memo.insert(f, std::rc::Rc::clone(&found));
        found
    }

    /// The bits that the function depends on, sorted.
    pub(crate) fn support(&self, f: Guard) -> Vec<Bit> {
        let mut seen = std::collections::HashSet::new();
        let mut bits = std::collections::BTreeSet::new();
        let mut pending = vec![f];
        while let Some(next) = pending.pop() {
            if next.is_true() || next.is_false() || !seen.insert(next) {
                continue;
            }
            let node = self.nodes[next.0 as usize];
            bits.insert(node.bit);
            pending.extend([node.low, node.high]);
        }
        bits.into_iter().collect()
    }
}
