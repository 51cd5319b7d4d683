//! The tables of the diagrams: all nodes by what they are, and results of operations.
//!
//! Keys are small numbers of our own making, handed out in the order of work: no hash need be hard to foresee, and the
//! same script gives the same tables on any machine.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Multiply and rotate, folded in the end: tables look at the low bits, which a product alone leaves alike.
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

/// A map by small numbers.
pub(crate) type Table<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

fn hash(key: [u32; 3]) -> usize {
    let pair = u64::from(key[1]) << 32 | u64::from(key[2]);
    let mixed = (pair ^ u64::from(key[0]).rotate_left(43)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    usize::try_from((mixed ^ (mixed >> 32)) & 0xffff_ffff).unwrap_or(0)
}

/// Numbers from 1 by keys that are kept elsewhere: open addressing, half full at most.
#[derive(Debug)]
pub(super) struct Unique {
    slots: Vec<u32>,
    count: usize,
}

impl Unique {
    pub(super) fn new() -> Self {
        Self { slots: vec![0; 1 << 10], count: 0 }
    }

    /// The number of the key, or the slot that is free for it; `key_of` says a number's key.
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

    /// Keeps a number in the slot that [`find`](Self::find) gave, nothing having been kept since.
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

/// Results by three numbers; a later one takes an earlier one's place, which is worked out again if it is asked again.
#[derive(Debug)]
pub(super) struct Cache {
    entries: Vec<[u32; 4]>,
}

/// Entries, of sixteen bytes each.
const MAX_CACHE: usize = 1 << 21;

impl Cache {
    pub(super) fn new() -> Self {
        Self { entries: vec![[u32::MAX; 4]; 1 << 12] }
    }

    pub(super) fn get(&self, key: [u32; 3]) -> Option<u32> {
        let entry = &self.entries[hash(key) & (self.entries.len() - 1)];
        (entry[..3] == key).then_some(entry[3])
    }

    /// Keeps a result; grows with the number of nodes there are.
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
