//! Narrow rows that came not long ago: where one fact is derived very many times in a row, most of them end here.

use crate::engine::keys::{FREE, hash, pack};
use crate::engine::table::NARROW;
use crate::value::symbols::Code;

/// How many are kept; a power of two.
const KEPT: usize = if cfg!(test) { 4 } else { 1 << 16 };
/// From the how-many-th row on they are looked for at all.
const FROM: usize = if cfg!(test) { 2 } else { 1 << 12 };

/// See the module.
#[derive(Default)]
pub struct Recent {
    rows: usize,
    words: Vec<u64>,
}

impl Recent {
    /// Whether the row is known to have come; from now on it is known, for a while.
    pub fn has(&mut self, row: &[Code]) -> bool {
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
