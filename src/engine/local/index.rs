//! Sorted relations of keys with the places of their rows, and where in them each key stands.

use crate::engine::keys::pack;
use crate::engine::table::{NARROW, RowId, Table, hash_row};
use crate::value::symbols::Code;
use datafrog::Relation;

/// One word for the words in the columns of a key: they themselves, if one or two; else a hash, to be checked.
pub fn key(codes: &[Code]) -> u64 {
    match is_inexact(codes.len()) {
        true => hash_row(codes),
        false => pack(codes),
    }
}

/// Whether different words can have the same key.
pub fn is_inexact(columns: usize) -> bool {
    columns > NARROW
}

/// A row, by its key.
pub type Entry = (u64, RowId);

/// The rows of a table by key, in batches; each covers the rows behind those of the one before.
#[derive(Clone, Default)]
pub struct Index {
    batches: Vec<Batch>,
}

/// Some rows that stand together in the table, by key.
#[derive(Clone)]
pub struct Batch {
    end: RowId,
    rows: Relation<Entry>,
    directory: Directory,
}

impl Index {
    /// For rows that do not grow.
    pub fn new(table: &Table, columns: &[usize]) -> Index {
        let mut index = Index::default();
        index.extend(table, columns, table.len() as RowId);
        index
    }

    /// Up to which row it goes.
    pub fn covered(&self) -> RowId {
        self.batches.last().map_or(0, |batch| batch.end)
    }

    /// The batches of the rows before `end`, where one ends.
    pub fn before(&self, end: RowId) -> impl Iterator<Item = &Batch> {
        let within = self.batches.iter();
        within.take_while(move |batch| batch.end <= end)
    }

    /// The rows before `end` with that key.
    pub fn matching(&self, key: u64, end: RowId) -> impl Iterator<Item = RowId> {
        let entries = self.before(end).flat_map(move |batch| batch.find(key));
        entries.map(|(_, id)| *id)
    }

    /// Adds a batch for the rows up to `end`; those before it are merged so that their sizes fall geometrically.
    pub fn extend(&mut self, table: &Table, columns: &[usize], end: RowId) {
        let mut is_merged = false;
        while let [.., longer, shorter] = &self.batches[..]
            && longer.rows.len() <= 2 * shorter.rows.len()
        {
            self.merge_last_two();
            is_merged = true;
        }
        if is_merged && let Some(last) = self.batches.last_mut() {
            last.directory = Directory::of(&last.rows);
        }
        if self.covered() >= end {
            return;
        }
        let mut codes = vec![0; columns.len()];
        let mut elements = Vec::with_capacity((end - self.covered()) as usize);
        for id in self.covered()..end {
            let row = table.row(id);
            for (code, column) in codes.iter_mut().zip(columns) {
                *code = row[*column];
            }
            elements.push((key(&codes), id));
        }
        elements.sort_unstable();
        let rows = Relation { elements };
        let directory = Directory::of(&rows);
        self.batches.push(Batch {
            end,
            rows,
            directory,
        });
    }

    fn merge_last_two(&mut self) {
        if let (Some(shorter), Some(longer)) = (self.batches.pop(), self.batches.pop()) {
            self.batches.push(Batch {
                end: shorter.end,
                rows: longer.rows.merge(shorter.rows),
                directory: Directory::default(),
            });
        }
    }
}

impl Batch {
    /// The rows with that key.
    pub fn find(&self, key: u64) -> &[Entry] {
        self.directory.find(&self.rows, key)
    }
}

/// Where in a sorted relation the keys stand: for each stretch of keys, the place of the first entry in it or behind it.
#[derive(Clone, Default)]
struct Directory {
    /// The least key.
    least: u64,
    /// A stretch has two to this power of keys.
    shift: u32,
    starts: Vec<u32>,
}

impl Directory {
    fn of(rows: &[Entry]) -> Directory {
        let (Some((least, _)), Some((most, _))) = (rows.first(), rows.last()) else {
            return Directory::default();
        };
        // About as many stretches as rows.
        let wanted = (rows.len() as u64).next_power_of_two().trailing_zeros();
        let needed = u64::BITS - (most - least).leading_zeros();
        let shift = needed.saturating_sub(wanted);
        let stretches = ((most - least) >> shift) as usize + 1;
        let mut starts = vec![0; stretches + 1];
        for (key, _) in rows {
            starts[((key - least) >> shift) as usize + 1] += 1;
        }
        for at in 0..stretches {
            starts[at + 1] += starts[at];
        }
        Directory {
            least: *least,
            shift,
            starts,
        }
    }

    fn find<'a>(&self, rows: &'a [Entry], key: u64) -> &'a [Entry] {
        let Some(stretch) = key.checked_sub(self.least).map(|above| above >> self.shift) else {
            return &[];
        };
        let stretch = usize::try_from(stretch).unwrap_or(usize::MAX);
        let bounds = self
            .starts
            .get(stretch)
            .zip(self.starts.get(stretch.saturating_add(1)));
        let Some((start, end)) = bounds else {
            return &[];
        };
        let rows = &rows[*start as usize..*end as usize];
        if self.shift == 0 {
            return rows;
        }
        let rows = &rows[rows.partition_point(|(at, _)| *at < key)..];
        &rows[..rows.partition_point(|(at, _)| *at == key)]
    }
}
