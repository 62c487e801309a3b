//! A set of narrow rows, each packed into one word, that several threads can add to at once.

use super::table::fold;
use crate::value::symbols::Code;
use rayon::prelude::*;
use std::hint::black_box;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The row as one word: one or two columns, or none.
pub fn pack(row: &[Code]) -> u64 {
    pack_all(row.iter().copied())
}

/// The same of its words one by one.
#[inline]
pub fn pack_all(row: impl Iterator<Item = Code>) -> u64 {
    row.fold(0, |word, code| word << 32 | u64::from(code))
}

/// Puts the row behind the others.
pub fn unpack(word: u64, arity: usize, cells: &mut Vec<Code>) {
    match arity {
        0 => {}
        1 => cells.push(word as Code),
        _ => cells.extend([(word >> 32) as Code, word as Code]),
    }
}

/// From how many words on the set is in parts, so that threads seldom meet in one. (Few in tests, which so try what becomes of many.)
const LARGE: usize = if cfg!(test) { 6 } else { 1 << 16 };
const PARTS: usize = if cfg!(test) { 4 } else { 1 << 7 };

/// See the module.
pub struct Keys {
    len: usize,
    parts: Vec<Mutex<Part>>,
}

/// Those words whose hashes fall in one part: each in the first free slot from its home on.
#[derive(Default)]
struct Part {
    /// A power of two of them, or none.
    slots: Vec<u64>,
    len: usize,
    /// Those that have come and are not yet admitted.
    waiting: Vec<u64>,
}

/// No row: no code is that high.
pub const FREE: u64 = u64::MAX;
/// How many words are fetched from memory at a time.
const FETCHED: usize = 32;

impl Default for Keys {
    fn default() -> Keys {
        Keys {
            len: 0,
            parts: vec![Mutex::default()],
        }
    }
}

impl Keys {
    /// How many there are, but for those that wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds a word; false if it was there.
    pub fn insert(&mut self, word: u64) -> bool {
        let hash = hash(word);
        let part = part(hash, self.parts.len());
        let is_new = get(&mut self.parts[part]).insert(word);
        if is_new {
            self.len += 1;
            self.divide();
        }
        is_new
    }

    /// Adds words that are not there.
    pub fn extend(&mut self, words: impl Iterator<Item = u64>) {
        for word in words {
            self.insert(word);
        }
    }

    /// Takes words; those that are not there wait. How many that were.
    pub fn offer(&self, words: &[u64]) -> usize {
        if let [only] = self.parts.as_slice() {
            return lock(only).offer(words);
        }
        // By part, so that each is locked once.
        let part_of = |word: &u64| part(hash(*word), self.parts.len());
        let mut ends = vec![0; self.parts.len() + 1];
        words.iter().for_each(|word| ends[part_of(word) + 1] += 1);
        for at in 0..self.parts.len() {
            ends[at + 1] += ends[at];
        }
        let starts = ends.clone();
        let mut sorted = vec![0; words.len()];
        for word in words {
            let end = &mut ends[part_of(word)];
            sorted[*end] = *word;
            *end += 1;
        }
        let parts = self.parts.iter().zip(starts.windows(2));
        parts
            .filter(|(_, range)| range[0] < range[1])
            .map(|(part, range)| lock(part).offer(&sorted[range[0]..range[1]]))
            .sum()
    }

    /// Hands over the words that wait, part by part. `in_order`: not as they came, but by what they are.
    pub fn admit(&mut self, in_order: bool, mut take: impl FnMut(&[u64])) {
        if in_order {
            let parts = self.parts.par_iter_mut();
            parts.for_each(|part| get(part).waiting.sort_unstable());
        }
        for part in &mut self.parts {
            let part = get(part);
            take(&part.waiting);
            self.len += part.waiting.len();
            part.waiting.clear();
        }
        self.divide();
    }

    fn divide(&mut self) {
        if self.len < LARGE || self.parts.len() > 1 {
            return;
        }
        let mut parts: Vec<Part> = (0..PARTS).map(|_| Part::default()).collect();
        for whole in std::mem::take(&mut self.parts) {
            let whole = whole.into_inner().unwrap_or_else(PoisonError::into_inner);
            for word in whole.words() {
                parts[part(hash(word), PARTS)].insert(word);
            }
        }
        self.parts = parts.into_iter().map(Mutex::new).collect();
    }
}

impl Part {
    fn words(&self) -> impl Iterator<Item = u64> {
        self.slots.iter().copied().filter(|word| *word != FREE)
    }

    /// Adds a word; false if it was there.
    fn insert(&mut self, word: u64) -> bool {
        if self.len * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = home(word, mask);
        while self.slots[at] != FREE {
            if self.slots[at] == word {
                return false;
            }
            at = (at + 1) & mask;
        }
        self.slots[at] = word;
        self.len += 1;
        true
    }

    fn grow(&mut self) {
        let slots = (self.slots.len() * 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![FREE; slots]);
        let mask = slots - 1;
        for word in old.into_iter().filter(|word| *word != FREE) {
            let mut at = home(word, mask);
            while self.slots[at] != FREE {
                at = (at + 1) & mask;
            }
            self.slots[at] = word;
        }
    }

    fn offer(&mut self, words: &[u64]) -> usize {
        let before = self.waiting.len();
        for words in words.chunks(FETCHED) {
            // Reading all of their homes first lets the memory work on them at once.
            if let Some(mask) = self.slots.len().checked_sub(1) {
                let homes = words.iter().map(|word| self.slots[home(*word, mask)]);
                black_box(homes.fold(0, |sum, slot| sum ^ slot));
            }
            for word in words {
                if self.insert(*word) {
                    self.waiting.push(*word);
                }
            }
        }
        self.waiting.len() - before
    }
}

fn lock(part: &Mutex<Part>) -> MutexGuard<'_, Part> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

fn get(part: &mut Mutex<Part>) -> &mut Part {
    part.get_mut().unwrap_or_else(PoisonError::into_inner)
}

/// Mixes the word.
pub fn hash(word: u64) -> u64 {
    fold(0, word)
}

fn home(word: u64, mask: usize) -> usize {
    hash(word) as usize & mask
}

/// In which of so many parts a hash falls: by bits that do not decide where it stands in the part.
fn part(hash: u64, parts: usize) -> usize {
    (hash >> 40) as usize & (parts - 1)
}
