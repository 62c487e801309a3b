//! The rows of one relation: flat, each once, in the order in which they came.

use crate::value::symbols::Code;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::ops::Range;
use std::sync::OnceLock;

/// The place of a row in its table.
pub type RowId = u32;

/// Rows of one width, each once, in the order in which they came.
#[derive(Clone, Default)]
pub struct Table {
    arity: usize,
    len: usize,
    cells: Vec<Code>,
    /// Marks and places.
    ids: HashTable<(u32, RowId)>,
    /// Rows that were known to be different from all others when they came: they are looked up only where somebody asks.
    loose: Range<RowId>,
    loose_ids: OnceLock<HashTable<(u32, RowId)>>,
}

impl Table {
    /// An empty table of that width.
    pub fn new(arity: usize) -> Table {
        Table {
            arity,
            ..Table::default()
        }
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
        let start = id as usize * self.arity;
        &self.cells[start..start + self.arity]
    }

    /// Adds a row; false if it was there.
    pub fn insert(&mut self, row: &[Code]) -> bool {
        debug_assert_eq!(row.len(), self.arity);
        let mark = mark(row);
        if let Some(loose) = self.loose_ids() {
            let is_it = |(other, id): &(u32, RowId)| *other == mark && is_same(self.row(*id), row);
            if loose.find(spread(mark), is_it).is_some() {
                return false;
            }
        }
        let (arity, cells) = (self.arity, &self.cells);
        let is_it = |(other, id): &(u32, RowId)| {
            let start = *id as usize * arity;
            *other == mark && is_same(&cells[start..start + arity], row)
        };
        let entry = self
            .ids
            .entry(spread(mark), is_it, |(mark, _)| spread(*mark));
        match entry {
            Entry::Occupied(_) => false,
            Entry::Vacant(vacant) => {
                let id = RowId::try_from(self.len).expect("rows are counted in 32 bits");
                vacant.insert((mark, id));
                self.cells.extend_from_slice(row);
                self.len += 1;
                true
            }
        }
    }

    /// Adds many rows, one behind the other. `are_distinct`: none of them is there, or comes twice.
    pub fn insert_all(&mut self, cells: &[Code], rows: usize, are_distinct: bool) {
        debug_assert_eq!(cells.len(), rows * self.arity);
        self.cells.reserve(cells.len());
        let len = self.len as RowId;
        if are_distinct && (self.loose.is_empty() || self.loose.end == len) {
            let end = RowId::try_from(self.len + rows).expect("rows are counted in 32 bits");
            let start = match self.loose.is_empty() {
                true => len,
                false => self.loose.start,
            };
            self.loose = start..end;
            self.loose_ids = OnceLock::new();
            self.cells.extend_from_slice(cells);
            self.len += rows;
            return;
        }
        self.ids.reserve(rows, |(mark, _)| spread(*mark));
        for at in 0..rows {
            self.insert(&cells[at * self.arity..][..self.arity]);
        }
    }

    /// Where a row stands, added if need be.
    pub fn find_or_insert(&mut self, row: &[Code]) -> RowId {
        match self.find(row) {
            Some(id) => id,
            None => {
                self.insert(row);
                (self.len - 1) as RowId
            }
        }
    }

    /// Where a row stands.
    pub fn find(&self, row: &[Code]) -> Option<RowId> {
        let mark = mark(row);
        let is_it = |(other, id): &(u32, RowId)| *other == mark && is_same(self.row(*id), row);
        let found = self.ids.find(spread(mark), is_it);
        let found = found.or_else(|| self.loose_ids()?.find(spread(mark), is_it));
        found.map(|(_, id)| *id)
    }

    fn loose_ids(&self) -> Option<&HashTable<(u32, RowId)>> {
        let make = || {
            let mut ids = HashTable::with_capacity(self.loose.len());
            for id in self.loose.clone() {
                let mark = mark(self.row(id));
                ids.insert_unique(spread(mark), (mark, id), |(mark, _)| spread(*mark));
            }
            ids
        };
        (!self.loose.is_empty()).then(|| self.loose_ids.get_or_init(make))
    }
}

/// What is kept of a row's hash: enough to tell nearly all rows apart without looking at them.
fn mark(row: &[Code]) -> u32 {
    hash_row(row) as u32
}

fn spread(mark: u32) -> u64 {
    u64::from(mark).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn is_same(a: &[Code], b: &[Code]) -> bool {
    a.iter().zip(b).all(|(a, b)| a == b)
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

fn fold(hash: u64, word: u64) -> u64 {
    let one = word ^ 0x9E37_79B9_7F4A_7C15;
    let other = hash ^ 0xA076_1D64_78BD_642F;
    let wide = u128::from(one) * u128::from(other);
    (wide as u64) ^ ((wide >> 64) as u64)
}
