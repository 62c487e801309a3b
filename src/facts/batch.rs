//! Facts by the thousand: rows of words in one list, with the lines on which they stand.

use crate::ir::{Fact, RelationId};
use crate::source::{FileId, Place};
use crate::value::Date;
use crate::value::symbols::{Code, Symbols, UNKNOWN, date_of};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// How often a batch is looked through from end to end before it is put in order.
const LOOKS: u32 = 4;

/// The facts of one relation that one file gives, in the order of the file; in a table of symbols that several share.
#[derive(Debug)]
pub struct Batch {
    /// An event, input or judgement.
    pub relation: RelationId,
    /// Whether they are denials of a judgement.
    pub denied: bool,
    /// How many words a row has: one a field; of a dated input two more, its first and last day.
    pub width: usize,
    /// The words of all rows, one row behind the other.
    pub cells: Vec<Code>,
    fields: usize,
    file: FileId,
    pub(super) lines: LineRuns,
    pub(super) rows: usize,
    looks: AtomicU32,
    order: OnceLock<Vec<(u32, u32)>>,
    open: OnceLock<Vec<usize>>,
}

impl Batch {
    /// None yet. `fields`: how many the relation has.
    pub(super) fn new(
        relation: RelationId,
        fields: usize,
        dated: bool,
        denied: bool,
        file: FileId,
    ) -> Batch {
        Batch {
            relation,
            denied,
            width: if dated { fields + 2 } else { fields },
            cells: Vec::new(),
            fields,
            file,
            lines: LineRuns::default(),
            rows: 0,
            looks: AtomicU32::new(0),
            order: OnceLock::new(),
            open: OnceLock::new(),
        }
    }

    /// How many facts.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many fields each has, days left aside.
    pub fn fields(&self) -> usize {
        self.fields
    }

    /// Adds one that stands on a line, from 1.
    pub(super) fn push(&mut self, words: impl Iterator<Item = Code>, line: u32) {
        self.cells.extend(words);
        self.lines.push(self.rows as u32, line);
        self.rows += 1;
        debug_assert_eq!(self.cells.len(), self.rows * self.width);
    }

    /// The words of one, without its days.
    pub fn args(&self, row: usize) -> &[Code] {
        &self.cells[row * self.width..][..self.fields]
    }

    /// The words of all of them in one field.
    pub fn column(&self, field: usize) -> impl Iterator<Item = Code> + '_ {
        let rows = 0..self.rows;
        rows.map(move |row| self.cells[row * self.width + field])
    }

    /// The fields that some of them leave open: files give a value or nothing, never bounds.
    pub fn open_fields(&self) -> &[usize] {
        self.open.get_or_init(|| {
            let is_open = |field: &usize| self.column(*field).any(|word| word == UNKNOWN);
            match self.cells.contains(&UNKNOWN) {
                true => (0..self.fields).filter(is_open).collect(),
                false => Vec::new(),
            }
        })
    }

    /// The words of the days of one, if it has any.
    pub fn days_words(&self, row: usize) -> Option<[Code; 2]> {
        match &self.cells[row * self.width..][self.fields..self.width] {
            [from, through] => Some([*from, *through]),
            _ => None,
        }
    }

    /// Its first and last day.
    pub fn days(&self, row: usize) -> Option<(Date, Date)> {
        let [from, through] = self.days_words(row)?;
        Some((date_of(from)?, date_of(through)?))
    }

    /// The file in which they stand.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// Where one stands.
    pub fn place(&self, row: usize) -> Place {
        Place::Record {
            file: self.file,
            line: self.lines.line_of(row as u32),
        }
    }

    /// One as a fact by itself.
    pub fn fact(&self, symbols: &Symbols, row: usize) -> Fact {
        let args = self.args(row).iter();
        Fact {
            relation: self.relation,
            args: args.map(|code| symbols.decode(*code)).collect(),
            days: self.days(row),
            denied: self.denied,
            place: self.place(row),
        }
    }

    /// Those with these values, in the order of the file.
    pub fn rows_with(&self, args: &[Code]) -> Vec<usize> {
        let is_it = |row: &usize| self.args(*row) == args;
        if self.order.get().is_none() && self.looks.fetch_add(1, Ordering::Relaxed) < LOOKS {
            return (0..self.rows).filter(is_it).collect();
        }
        let order = self.order.get_or_init(|| {
            let rows = 0..self.rows;
            let mut order: Vec<(u32, u32)> =
                rows.map(|row| (hash(self.args(row)), row as u32)).collect();
            order.sort_unstable();
            order
        });
        let wanted = hash(args);
        let start = order.partition_point(|(hash, _)| *hash < wanted);
        let same = order[start..].iter().take_while(|it| it.0 == wanted);
        let rows = same.map(|(_, row)| *row as usize);
        rows.filter(is_it).collect()
    }

    /// Those that fulfil something.
    pub(super) fn where_row(&self, is_kept: impl Fn(usize) -> bool) -> Batch {
        let mut kept = self.emptied();
        for row in (0..self.rows).filter(|row| is_kept(*row)) {
            let cells = &self.cells[row * self.width..][..self.width];
            kept.push(cells.iter().copied(), self.lines.line_of(row as u32));
        }
        kept
    }

    /// Adds rows that stand behind so many line ends.
    pub(super) fn append(&mut self, more: &Batch, ends: u32) {
        self.cells.extend_from_slice(&more.cells);
        self.append_lines(more, ends);
    }

    /// The same in other words: by place in the row, and word there.
    pub(super) fn append_in_words(
        &mut self,
        more: &Batch,
        word: impl Fn(usize, Code) -> Code,
        ends: u32,
    ) {
        for row in more.cells.chunks_exact(self.width.max(1)) {
            let words = row.iter().enumerate();
            self.cells.extend(words.map(|(at, code)| word(at, *code)));
        }
        self.append_lines(more, ends);
    }

    fn append_lines(&mut self, more: &Batch, ends: u32) {
        for (row, line) in &more.lines.0 {
            let (row, line) = (self.rows as u32 + row, line + ends);
            self.lines.push(row, line);
        }
        self.rows += more.rows;
    }

    /// The same in other words.
    pub(super) fn translated(&self, mut word: impl FnMut(Code) -> Code) -> Batch {
        Batch {
            cells: self.cells.iter().map(|code| word(*code)).collect(),
            lines: self.lines.clone(),
            rows: self.rows,
            ..self.emptied()
        }
    }

    /// The same without rows.
    pub(super) fn emptied(&self) -> Batch {
        let is_dated = self.width > self.fields;
        Batch::new(self.relation, self.fields, is_dated, self.denied, self.file)
    }
}

fn hash(args: &[Code]) -> u32 {
    let fold = |hash: u64, code: &Code| {
        (hash ^ u64::from(*code)).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (hash >> 29)
    };
    (args.iter().fold(args.len() as u64, fold) >> 32) as u32
}

/// On which line each row stands; rows on lines that follow on one another are kept as one run.
#[derive(Clone, Debug, Default)]
pub(super) struct LineRuns(pub(super) Vec<(u32, u32)>);

impl LineRuns {
    pub(super) fn push(&mut self, row: u32, line: u32) {
        let follows = |(first, at): &(u32, u32)| at.wrapping_add(row - first) == line;
        if !self.0.last().is_some_and(follows) {
            self.0.push((row, line));
        }
    }

    pub(super) fn line_of(&self, row: u32) -> u32 {
        let run = self.0.partition_point(|(first, _)| *first <= row);
        match run.checked_sub(1).map(|at| self.0[at]) {
            Some((first, line)) => line + (row - first),
            None => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_as_runs() {
        let mut runs = LineRuns::default();
        let lines = [2, 3, 4, 7, 8, 20];
        (0..)
            .zip(lines)
            .for_each(|(row, line)| runs.push(row, line));
        assert_eq!(runs.0.len(), 3);
        let told: Vec<u32> = (0..6).map(|row| runs.line_of(row)).collect();
        assert_eq!(told, lines);
    }

    #[test]
    fn rows_are_found_by_their_values_before_and_after_they_are_put_in_order() {
        let mut batch = Batch::new(RelationId(0), 2, false, false, FileId(0));
        for row in 0..100 {
            batch.push([row % 10, row % 3].into_iter(), row + 2);
        }
        for _ in 0..LOOKS + 2 {
            assert_eq!(batch.rows_with(&[4, 1]), [4, 34, 64, 94]);
            assert_eq!(batch.rows_with(&[4, 5]), [0; 0]);
        }
        assert!(batch.order.get().is_some());
    }
}
