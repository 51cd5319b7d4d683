//! The hash tables of the diagrams: all nodes by their content, and the cached results of operations.
//!
//! Keys are small numbers that this module's users hand out in the order of work. So the hash need not resist an
//! attacker, and the same script gives the same tables on any machine.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A hasher that multiplies and rotates. `finish` folds the high half into the low bits, which the tables look at and
/// which differ too little in a product.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quick(u64);

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(23) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}

/// A map whose keys are small numbers.
pub(crate) type Table<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

fn hash(key: [u32; 3]) -> usize {
    let pair = u64::from(key[1]) << 32 | u64::from(key[2]);
    let mixed = (pair ^ u64::from(key[0]).rotate_left(43)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    usize::try_from((mixed ^ (mixed >> 32)) & 0xffff_ffff).unwrap_or(0)
}

/// The table of nodes by content, with open addressing and at most half full. Slots hold numbers from 1 on; 0 is a free
/// slot. The keys are stored elsewhere.
#[derive(Debug)]
pub(super) struct Unique {
    slots: Vec<u32>,
    count: usize,
}

impl Unique {
    pub(super) fn new() -> Self {
        Self { slots: vec![0; 1 << 10], count: 0 }
    }

    /// Returns the number of the key, or the slot that is free for it; `key_of` returns a number's key.
    pub(super) fn find(&self, key: [u32; 3], key_of: impl Fn(u32) -> [u32; 3]) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash(key) & mask;
        loop {
            match self.slots[at] {
                0 => return Err(at),
                number if key_of(number) == key => return Ok(number),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// Stores a number in the slot that [`find`](Self::find) returned. Nothing may have been stored in between.
    pub(super) fn keep(&mut self, slot: usize, number: u32, key_of: impl Fn(u32) -> [u32; 3]) {
        self.slots[slot] = number;
        self.count += 1;
        if self.count * 2 <= self.slots.len() {
            return;
        }
        let larger = vec![0; self.slots.len() * 2];
        let mask = larger.len() - 1;
        for number in std::mem::replace(&mut self.slots, larger) {
            if number != 0 {
                let mut at = hash(key_of(number)) & mask;
                while self.slots[at] != 0 {
                    at = (at + 1) & mask;
                }
                self.slots[at] = number;
            }
        }
    }
}

/// A cache of results by three numbers. A new entry overwrites the one in its slot, whose result is worked out again on
/// request.
#[derive(Debug)]
pub(super) struct Cache {
    entries: Vec<[u32; 4]>,
}

/// The maximum number of entries, of sixteen bytes each.
const MAX_CACHE: usize = 1 << 21;

impl Cache {
    pub(super) fn new() -> Self {
        Self { entries: vec![[u32::MAX; 4]; 1 << 12] }
    }

    pub(super) fn get(&self, key: [u32; 3]) -> Option<u32> {
        let entry = &self.entries[hash(key) & (self.entries.len() - 1)];
        (entry[..3] == key).then_some(entry[3])
    }

    /// Stores a result; the cache grows with the number of nodes.
    pub(super) fn keep(&mut self, key: [u32; 3], result: u32, nodes: usize) {
        if nodes > self.entries.len() && self.entries.len() < MAX_CACHE {
            let larger = vec![[u32::MAX; 4]; self.entries.len() * 4];
            for entry in std::mem::replace(&mut self.entries, larger) {
                self.put(entry);
            }
        }
        self.put([key[0], key[1], key[2], result]);
    }

    fn put(&mut self, entry: [u32; 4]) {
        let mask = self.entries.len() - 1;
        self.entries[hash([entry[0], entry[1], entry[2]]) & mask] = entry;
    }
}
