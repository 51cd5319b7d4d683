//! The sets of bits that functions depend on. Each set is stored once, and each node holds the number of its own.

use super::bdd::Bit;
use super::table::Table;

/// The number of a set of bits; equal sets have equal numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BitSet(u32);

impl BitSet {
    /// The set without bits.
    pub(super) const EMPTY: Self = Self(0);
    /// The mark of a node whose set is not worked out yet.
    pub(super) const UNKNOWN: Self = Self(u32::MAX);
}

/// All sets that have occurred.
#[derive(Debug)]
pub(super) struct BitSets {
    words: Vec<Box<[u64]>>,
    known: Table<Box<[u64]>, BitSet>,
    /// The cached unions of two sets and a bit.
    unions: Table<(u32, u32, Bit), BitSet>,
}

impl BitSets {
    pub(super) fn new() -> Self {
        let empty: Box<[u64]> = Box::default();
        let known = std::iter::once((empty.clone(), BitSet::EMPTY)).collect();
        Self { words: vec![empty], known, unions: Table::default() }
    }

    /// Returns the union of both sets and the bit.
    pub(super) fn union(&mut self, a: BitSet, b: BitSet, bit: Bit) -> BitSet {
        let key = (a.0.min(b.0), a.0.max(b.0), bit);
        if let Some(found) = self.unions.get(&key) {
            return *found;
        }
        let (a, b) = (&self.words[a.0 as usize], &self.words[b.0 as usize]);
        let word = (bit / 64) as usize;
        let mut words = vec![0_u64; a.len().max(b.len()).max(word + 1)];
        for (at, out) in words.iter_mut().enumerate() {
            *out = a.get(at).copied().unwrap_or(0) | b.get(at).copied().unwrap_or(0);
        }
        words[word] |= 1 << (bit % 64);
        let words = words.into_boxed_slice();
        let set = match self.known.get(&words) {
            Some(set) => *set,
            None => {
                let set = BitSet(u32::try_from(self.words.len()).unwrap_or(0));
                self.words.push(words.clone());
                self.known.insert(words, set);
                set
            }
        };
        self.unions.insert(key, set);
        set
    }

    /// Returns whether the bit is in the set.
    pub(super) fn contains(&self, set: BitSet, bit: Bit) -> bool {
        let words = &self.words[set.0 as usize];
        words.get((bit / 64) as usize).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// Returns the bits of the set, sorted.
    pub(super) fn bits(&self, set: BitSet) -> Vec<Bit> {
        let words = &self.words[set.0 as usize];
        let mut bits = Vec::new();
        for (at, word) in (0..).zip(words.iter()) {
            bits.extend((0..64).filter(|bit| word >> bit & 1 == 1).map(|bit| at * 64 + bit));
        }
        bits
    }
}
