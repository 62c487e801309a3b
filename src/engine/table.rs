//! The rows of one relation: flat, each once, in the order in which they came.

use super::keys::{Keys, pack, unpack};
use crate::value::symbols::Code;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::mem::take;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The place of a row in its table.
pub type RowId = u32;

/// Up to how many columns a row is one word.
pub const NARROW: usize = 2;

/// Rows of one width, each once, in the order in which they came.
#[derive(Default)]
pub struct Table {
    arity: usize,
    len: usize,
    cells: Vec<Code>,
    /// Which of the first rows are known here, for those who add: kept where rows are narrow.
    keys: Keys,
    /// Where the first rows stand, for those who look: kept where rows are wide, else as far as somebody has asked.
    places: Places,
    /// Where all rows stand, if somebody has asked since the last one came.
    all_places: OnceLock<Places>,
    /// Wide rows that several threads have found.
    waiting: Mutex<Option<Box<Table>>>,
    /// Rows that have been found and that are all different.
    different: Mutex<Vec<Vec<Code>>>,
}

impl Table {
    /// An empty table of that width.
    pub fn new(arity: usize) -> Table {
        Table {
            arity,
            ..Table::default()
        }
    }

    /// So many rows, one behind the other, all different; no more will come.
    pub fn of(arity: usize, len: usize, cells: Vec<Code>) -> Table {
        debug_assert_eq!(cells.len(), len * arity);
        Table {
            arity,
            len,
            cells,
            ..Table::default()
        }
    }

    /// The rows, one behind the other.
    pub fn cells(&self) -> &[Code] {
        &self.cells
    }

    /// How many columns.
    pub fn arity(&self) -> usize {
        self.arity
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The row at a place.
    pub fn row(&self, id: RowId) -> &[Code] {
        row(&self.cells, self.arity, id)
    }

    /// Adds a row; false if it was there.
    pub fn insert(&mut self, row: &[Code]) -> bool {
        debug_assert_eq!(row.len(), self.arity);
        self.catch_up();
        let is_new = match self.is_narrow() {
            true => self.keys.insert(pack(row)),
            false => self.places.add(row, &self.cells),
        };
        if is_new {
            self.push(row);
        }
        is_new
    }

    /// Adds many rows, one behind the other. `are_distinct`: none of them is there, or comes twice.
    pub fn insert_all(&mut self, cells: &[Code], rows: usize, are_distinct: bool) {
        debug_assert_eq!(cells.len(), rows * self.arity);
        self.cells.reserve(cells.len());
        if are_distinct {
            self.all_places.take();
            self.cells.extend_from_slice(cells);
            self.len += rows;
            return;
        }
        for at in 0..rows {
            self.insert(row(cells, self.arity, at as RowId));
        }
    }

    /// Where a row stands, added if need be.
    pub fn find_or_insert(&mut self, row: &[Code]) -> RowId {
        self.know_places();
        if let Some(id) = self.places.find(row, &self.cells) {
            return id;
        }
        self.places.add(row, &self.cells);
        self.push(row);
        (self.len - 1) as RowId
    }

    /// Where a row stands.
    pub fn find(&self, row: &[Code]) -> Option<RowId> {
        let places = match self.places.covered == self.len {
            true => &self.places,
            false => self.all_places.get_or_init(|| {
                let mut places = Places::default();
                places.cover(self.len, self.arity, &self.cells);
                places
            }),
        };
        places.find(row, &self.cells)
    }

    /// From now on the places of the rows there are need not be looked for when one is asked for.
    pub fn know_places(&mut self) {
        self.places.cover(self.len, self.arity, &self.cells);
    }

    /// From now on rows can be offered.
    pub fn catch_up(&mut self) {
        match self.is_narrow() {
            true => {
                let rows = self.keys.len()..self.len;
                let (arity, cells) = (self.arity, &self.cells);
                let keys = rows.map(|id| pack(row(cells, arity, id as RowId)));
                self.keys.extend(keys);
            }
            false => self.know_places(),
        }
    }

    /// Takes wide rows, one behind the other, from any number of threads: those that are not there wait until they are admitted.
    /// How many that were. The table has caught up before.
    pub fn offer(&self, cells: &[Code]) -> usize {
        debug_assert!(!self.is_narrow());
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = waiting.get_or_insert_with(|| Box::new(Table::new(self.arity)));
        let before = waiting.len();
        for row in cells.chunks_exact(self.arity) {
            if self.places.find(row, &self.cells).is_none() {
                waiting.insert(row);
            }
        }
        waiting.len() - before
    }

    /// The same for narrow rows, a word each.
    pub fn offer_words(&self, words: &[u64]) -> usize {
        debug_assert!(self.is_narrow());
        self.keys.offer(words)
    }

    /// The same for rows that are known to be different from all that are there or wait: they are not looked for.
    pub fn offer_different(&self, cells: Vec<Code>) {
        let different = self.different.lock();
        different
            .unwrap_or_else(PoisonError::into_inner)
            .push(cells);
    }

    /// Adds the rows that wait. `in_order`: in an order that does not depend on who came first, those left aside that are known
    /// to be different: they are in the order in which they were offered.
    pub fn admit(&mut self, in_order: bool) {
        self.admit_different();
        if self.is_narrow() {
            let arity = self.arity;
            let (cells, len) = (&mut self.cells, &mut self.len);
            self.keys.admit(in_order, |keys| {
                cells.reserve(keys.len() * arity);
                keys.iter().for_each(|key| unpack(*key, arity, cells));
                *len += keys.len();
            });
            self.all_places.take();
            return;
        }
        let waiting = self.waiting.get_mut();
        let Some(waiting) = waiting.unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        let mut ids: Vec<RowId> = (0..waiting.len() as RowId).collect();
        if in_order {
            ids.sort_unstable_by_key(|id| waiting.row(*id));
        }
        for id in ids {
            self.insert(waiting.row(id));
        }
    }

    fn admit_different(&mut self) {
        let different = self.different.get_mut();
        let different = take(different.unwrap_or_else(PoisonError::into_inner));
        self.cells.reserve(different.iter().map(Vec::len).sum());
        for cells in different {
            if let Some(rows) = cells.len().checked_div(self.arity) {
                self.insert_all(&cells, rows, true);
            }
        }
    }

    /// No more rows will come: what was kept for those who add is dropped.
    pub fn close(&mut self) {
        self.keys = Keys::default();
        self.cells.shrink_to_fit();
    }

    fn is_narrow(&self) -> bool {
        self.arity <= NARROW
    }

    fn push(&mut self, row: &[Code]) {
        self.all_places.take();
        self.cells.extend_from_slice(row);
        self.len += 1;
    }
}

impl Clone for Table {
    fn clone(&self) -> Table {
        Table {
            arity: self.arity,
            len: self.len,
            cells: self.cells.clone(),
            places: self.places.clone(),
            ..Table::default()
        }
    }
}

/// Where rows stand, by what is in them.
#[derive(Clone, Default)]
struct Places {
    /// How many of the first rows are here.
    covered: usize,
    /// Marks and places.
    ids: HashTable<(u32, RowId)>,
}

impl Places {
    fn find(&self, wanted: &[Code], cells: &[Code]) -> Option<RowId> {
        let mark = mark(wanted);
        let is_it =
            |(other, id): &(u32, RowId)| *other == mark && row(cells, wanted.len(), *id) == wanted;
        self.ids.find(spread(mark), is_it).map(|(_, id)| *id)
    }

    /// Adds the next row, which is not yet among the cells; false if it is there.
    fn add(&mut self, new: &[Code], cells: &[Code]) -> bool {
        let mark = mark(new);
        let is_it =
            |(other, id): &(u32, RowId)| *other == mark && row(cells, new.len(), *id) == new;
        let hash = |(mark, _): &(u32, RowId)| spread(*mark);
        match self.ids.entry(spread(mark), is_it, hash) {
            Entry::Occupied(_) => false,
            Entry::Vacant(vacant) => {
                vacant.insert((mark, self.covered as RowId));
                self.covered += 1;
                true
            }
        }
    }

    /// Adds the rows up to that many, which are all different.
    fn cover(&mut self, len: usize, arity: usize, cells: &[Code]) {
        let hash = |(mark, _): &(u32, RowId)| spread(*mark);
        self.ids.reserve(len.saturating_sub(self.covered), hash);
        for id in self.covered..len {
            let mark = mark(row(cells, arity, id as RowId));
            self.ids
                .insert_unique(spread(mark), (mark, id as RowId), hash);
        }
        self.covered = self.covered.max(len);
    }
}

fn row(cells: &[Code], arity: usize, id: RowId) -> &[Code] {
    let start = id as usize * arity;
    &cells[start..start + arity]
}

/// What is kept of a row's hash: enough to tell nearly all rows apart without looking at them.
fn mark(row: &[Code]) -> u32 {
    hash_row(row) as u32
}

fn spread(mark: u32) -> u64 {
    u64::from(mark).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// One word for several: equal words hash alike, different ones nearly always differ.
pub fn hash_row(row: &[Code]) -> u64 {
    row.chunks(2)
        .fold(row.len() as u64, |hash, pair| match pair {
            [first, second] => fold(hash, u64::from(*first) << 32 | u64::from(*second)),
            pair => pair
                .iter()
                .fold(hash, |hash, code| fold(hash, u64::from(*code))),
        })
}

/// Mixes a word into a hash.
pub fn fold(hash: u64, word: u64) -> u64 {
    let one = word ^ 0x9E37_79B9_7F4A_7C15;
    let other = hash ^ 0xA076_1D64_78BD_642F;
    let wide = u128::from(one) * u128::from(other);
    (wide as u64) ^ ((wide >> 64) as u64)
}
