//! What has come of a run of a plan and is not yet offered to the table of the head.

use super::plan::{Join, Kept, Plan, Source};
use crate::engine::keys::{FREE, hash, pack_all};
use crate::engine::table::NARROW;
use crate::value::symbols::Code;

/// How many words of rows are gathered before they are offered: enough to look for many in one part of the table.
const GATHERED: usize = if cfg!(test) { 5 } else { 1 << 21 };
/// How many are kept; a power of two.
const KEPT: usize = if cfg!(test) { 4 } else { 1 << 16 };
/// From the how-many-th row on they are looked for at all.
const FROM: usize = if cfg!(test) { 2 } else { 1 << 12 };
/// After how many it is seen whether that is of use: whether at least one in so many was known.
const TRIED: usize = if cfg!(test) { 8 } else { 1 << 16 };
const KNOWN: usize = 8;

/// Heads one after the other.
pub enum Gathered {
    /// Rows of few columns, a word each, without those that are known to have come lately.
    Narrow(Vec<u64>, Recent),
    /// All others.
    Wide(Vec<Code>),
}

impl Gathered {
    /// None yet of a plan.
    pub fn of(plan: &Plan<'_>) -> Gathered {
        match plan.head.len() <= NARROW && !plan.is_distinct {
            true => Gathered::Narrow(Vec::new(), Recent::default()),
            false => Gathered::Wide(Vec::new()),
        }
    }

    /// Adds one.
    #[inline]
    pub fn add(&mut self, head: impl Iterator<Item = Code>) {
        match self {
            Gathered::Narrow(words, recent) => {
                let word = pack_all(head);
                if !recent.has(word) {
                    words.push(word);
                }
            }
            Gathered::Wide(cells) => cells.extend(head),
        }
    }

    /// Whether there are enough to offer them.
    pub fn is_full(&self) -> bool {
        match self {
            Gathered::Narrow(words, _) => 2 * words.len() >= GATHERED,
            Gathered::Wide(cells) => cells.len() >= GATHERED,
        }
    }
}

/// Rows that came not long ago, as words: where one fact is derived very many times in a row, most of them end here.
#[derive(Default)]
pub struct Recent {
    rows: usize,
    known: usize,
    words: Vec<u64>,
}

impl Recent {
    /// Whether the row is known to have come; from now on it is known, for a while.
    #[inline]
    fn has(&mut self, word: u64) -> bool {
        self.rows += 1;
        if self.rows < FROM || self.rows > TRIED && self.known * KNOWN < TRIED {
            return false;
        }
        if self.words.is_empty() {
            self.words = vec![FREE; KEPT];
        }
        let place = &mut self.words[(hash(word) >> 20) as usize & (KEPT - 1)];
        let is_known = std::mem::replace(place, word) == word;
        self.known += usize::from(is_known);
        is_known
    }
}

/// Where a word of the head comes from, in the last join.
#[derive(Clone, Copy)]
pub enum Word {
    /// A place in the binding before.
    Slot(usize),
    /// A column of the row.
    Column(usize),
    /// It is written in the clause.
    Constant(Code),
}

impl Word {
    /// The words of a plan's head, where that join comes last.
    pub fn of_head(plan: &Plan<'_>, join: &Join) -> Vec<Word> {
        let words = plan.head.iter().map(|source| match source {
            Source::Constant(code) => Word::Constant(*code),
            Source::Slot(slot) => match join.output[*slot] {
                Kept::Slot(slot) => Word::Slot(slot),
                Kept::Column(column) => Word::Column(column),
            },
        });
        words.collect()
    }

    /// The word, for a binding and a row.
    #[inline]
    pub fn get(self, binding: &[Code], row: &[Code]) -> Code {
        match self {
            Word::Slot(slot) => binding[slot],
            Word::Column(column) => row[column],
            Word::Constant(code) => code,
        }
    }
}
