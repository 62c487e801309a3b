//! What has come of a run of a plan and is not yet offered.

use crate::engine::keys::{FREE, hash, pack};
use crate::engine::table::NARROW;
use crate::value::symbols::Code;

/// How many are kept; a power of two.
const KEPT: usize = if cfg!(test) { 4 } else { 1 << 16 };
/// From the how-many-th row on they are looked for at all.
const FROM: usize = if cfg!(test) { 2 } else { 1 << 12 };

/// Heads one after the other, without those that are known to have come lately.
#[derive(Default)]
pub struct Gathered {
    pub heads: Vec<Code>,
    recent: Recent,
}

impl Gathered {
    pub fn add(&mut self, head: impl Iterator<Item = Code>) {
        let before = self.heads.len();
        self.heads.extend(head);
        if self.recent.has(&self.heads[before..]) {
            self.heads.truncate(before);
        }
    }
}

/// Narrow rows that came not long ago: where one fact is derived very many times in a row, most of them end here.
#[derive(Default)]
struct Recent {
    rows: usize,
    words: Vec<u64>,
}

impl Recent {
    /// Whether the row is known to have come; from now on it is known, for a while.
    fn has(&mut self, row: &[Code]) -> bool {
        self.rows += 1;
        if self.rows < FROM || row.len() > NARROW {
            return false;
        }
        if self.words.is_empty() {
            self.words = vec![FREE; KEPT];
        }
        let word = pack(row);
        let place = &mut self.words[(hash(word) >> 20) as usize & (KEPT - 1)];
        std::mem::replace(place, word) == word
    }
}
