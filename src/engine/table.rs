//! The rows of one relation: flat, each once, in the order in which they came.

use super::symbols::Code;
use hashbrown::HashTable;

/// The place of a row in its table.
pub type RowId = u32;

/// Rows of one width, each once, in the order in which they came.
#[derive(Clone, Default)]
pub struct Table {
    arity: usize,
    len: usize,
    cells: Vec<Code>,
    ids: HashTable<RowId>,
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
        let (arity, cells) = (self.arity, &self.cells);
        let at = |id: RowId| &cells[id as usize * arity..(id as usize + 1) * arity];
        let entry = self
            .ids
            .entry(hash_row(row), |id| at(*id) == row, |id| hash_row(at(*id)));
        match entry {
            hashbrown::hash_table::Entry::Occupied(_) => false,
            hashbrown::hash_table::Entry::Vacant(vacant) => {
                vacant.insert(RowId::try_from(self.len).expect("rows are counted in 32 bits"));
                self.cells.extend_from_slice(row);
                self.len += 1;
                true
            }
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
        self.ids
            .find(hash_row(row), |id| self.row(*id) == row)
            .copied()
    }
}

/// One word for several: equal words hash alike, different ones nearly always differ.
pub fn hash_row(row: &[Code]) -> u64 {
    row.iter()
        .fold(row.len() as u64, |hash, code| fold(hash ^ u64::from(*code)))
}

fn fold(word: u64) -> u64 {
    let wide = u128::from(word ^ 0x9E37_79B9_7F4A_7C15) * 0xA076_1D64_78BD_642F_u128;
    (wide as u64) ^ ((wide >> 64) as u64)
}
