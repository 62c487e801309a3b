//! A batch of bindings: flat rows of one width.

use crate::value::symbols::Code;

/// Bindings of some variables, one after the other.
pub struct Batch {
    width: usize,
    len: usize,
    cells: Vec<Code>,
}

impl Batch {
    /// None yet.
    pub fn new(width: usize) -> Batch {
        Batch {
            width,
            len: 0,
            cells: Vec::new(),
        }
    }

    /// Just one.
    pub fn of(row: &[Code]) -> Batch {
        Batch {
            width: row.len(),
            len: 1,
            cells: row.to_vec(),
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The binding at a place.
    pub fn row(&self, at: usize) -> &[Code] {
        &self.cells[at * self.width..(at + 1) * self.width]
    }

    /// Adds one.
    pub fn push(&mut self, row: impl Iterator<Item = Code>) {
        self.cells.extend(row);
        self.len += 1;
        debug_assert_eq!(self.cells.len(), self.len * self.width);
    }

    /// Those for which it is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&[Code]) -> bool) {
        let mut kept = 0;
        for at in 0..self.len {
            let range = at * self.width..(at + 1) * self.width;
            if keep(&self.cells[range.clone()]) {
                self.cells.copy_within(range, kept * self.width);
                kept += 1;
            }
        }
        self.len = kept;
        self.cells.truncate(kept * self.width);
    }

    /// Each with one more value, where there is one.
    pub fn append(&self, mut value: impl FnMut(&[Code]) -> Option<Code>) -> Batch {
        let mut wider = Batch::new(self.width + 1);
        for at in 0..self.len {
            let row = self.row(at);
            if let Some(code) = value(row) {
                wider.push(row.iter().copied().chain([code]));
            }
        }
        wider
    }
}
