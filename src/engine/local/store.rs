//! The rows known so far, and their sorted indexes, kept up to date as rows come.

use crate::datalog::program::RelId;
use crate::engine::Model;
use crate::engine::table::{RowId, Table, hash_row};
use crate::value::Value;
use crate::value::symbols::{Code, Symbols};
use datafrog::Relation;
use std::cell::{Ref, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Which rows of a relation a literal reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// All that were known when the round began.
    All,
    /// Those that were known when the round before began.
    Old,
    /// Those that the round before found.
    Delta,
}

/// Up to where the rows of a relation are old, and up to where they are seen in this round.
#[derive(Clone, Copy, Default)]
struct Ends {
    old: RowId,
    seen: RowId,
}

type Columns = (RelId, Vec<usize>);

/// Everything known in a run.
pub struct Store {
    tables: Vec<RefCell<Table>>,
    ends: Vec<Ends>,
    symbols: RefCell<Symbols>,
    rounds: Vec<Vec<(RelId, RowId)>>,
    recorded: Vec<RowId>,
    indexes: RefCell<BTreeMap<Columns, Rc<Index>>>,
    projections: RefCell<BTreeMap<Columns, Rc<Projection>>>,
}

impl Store {
    /// Begins with the rows of a model.
    pub fn new(model: Model) -> Store {
        let seen = |table: &Table| Ends {
            old: table.len() as RowId,
            seen: table.len() as RowId,
        };
        Store {
            ends: model.tables.iter().map(seen).collect(),
            recorded: vec![0; model.tables.len()],
            tables: model.tables.into_iter().map(RefCell::new).collect(),
            symbols: RefCell::new(model.symbols),
            rounds: model.rounds,
            indexes: RefCell::default(),
            projections: RefCell::default(),
        }
    }

    /// Ends with a model.
    pub fn into_model(self) -> Model {
        let mut model = Model::default();
        model.tables = self.tables.into_iter().map(RefCell::into_inner).collect();
        model.symbols = self.symbols.into_inner();
        model.rounds = self.rounds;
        model
    }

    /// Asks what is known as a model.
    pub fn with_model<T>(&mut self, ask: impl FnOnce(&Model) -> T) -> T {
        let mut model = Model::default();
        model.tables = self
            .tables
            .iter_mut()
            .map(|table| std::mem::take(table.get_mut()))
            .collect();
        model.symbols = std::mem::take(self.symbols.get_mut());
        let answer = ask(&model);
        for (table, kept) in self.tables.iter_mut().zip(model.tables) {
            *table.get_mut() = kept;
        }
        *self.symbols.get_mut() = model.symbols;
        answer
    }

    /// The rows of a relation.
    pub fn table(&self, rel: RelId) -> Ref<'_, Table> {
        self.tables[rel.0 as usize].borrow()
    }

    /// The rows of a relation, to read and to add to by turns.
    pub fn cell(&self, rel: RelId) -> &RefCell<Table> {
        &self.tables[rel.0 as usize]
    }

    /// The values behind the words.
    pub fn symbols(&self) -> Ref<'_, Symbols> {
        self.symbols.borrow()
    }

    /// The word for a value.
    pub fn encode(&self, value: &Value) -> Code {
        self.symbols.borrow_mut().encode(value)
    }

    /// The values of the rows of a relation, in order.
    pub fn rows(&self, rel: RelId) -> impl Iterator<Item = Vec<Value>> {
        let (table, symbols) = (self.table(rel), self.symbols());
        let value = |code: &Code| symbols.decode(*code);
        let ids = 0..table.len() as RowId;
        let mut rows: Vec<Vec<Value>> = ids
            .map(|id| table.row(id).iter().map(value).collect())
            .collect();
        rows.sort_unstable();
        rows.into_iter()
    }

    /// The row that came last.
    pub fn last_row(&self, rel: RelId) -> Vec<Value> {
        let (table, symbols) = (self.table(rel), self.symbols());
        let last = (table.len() as RowId).checked_sub(1);
        last.map_or_else(Vec::new, |id| {
            table
                .row(id)
                .iter()
                .map(|code| symbols.decode(*code))
                .collect()
        })
    }

    /// The places of the rows that a version means.
    pub fn range(&self, rel: RelId, version: Version) -> std::ops::Range<RowId> {
        let ends = self.ends[rel.0 as usize];
        match version {
            Version::All => 0..ends.seen,
            Version::Old => 0..ends.old,
            Version::Delta => ends.old..ends.seen,
        }
    }

    /// A stratum begins: what its relations already have counts as just found.
    pub fn begin(&mut self, own: &BTreeSet<RelId>) {
        for rel in own {
            let seen = self.table(*rel).len() as RowId;
            self.ends[rel.0 as usize] = Ends { old: 0, seen };
            // Indexes made in an earlier stratum do not tell old from new.
            self.indexes.get_mut().retain(|(at, _), _| at != rel);
            self.projections.get_mut().retain(|(at, _), _| at != rel);
        }
    }

    /// A round ends: what it found is seen in the next.
    pub fn advance(&mut self, own: &BTreeSet<RelId>) {
        for rel in own {
            let seen = self.table(*rel).len() as RowId;
            let ends = &mut self.ends[rel.0 as usize];
            *ends = Ends {
                old: ends.seen,
                seen,
            };
        }
        self.end_round();
    }

    /// All rows of the relations are seen, and old.
    pub fn settle(&mut self, own: &BTreeSet<RelId>) {
        for rel in own {
            let len = self.table(*rel).len() as RowId;
            self.ends[rel.0 as usize] = Ends {
                old: len,
                seen: len,
            };
        }
    }

    /// Notes which relations have grown since the last round.
    pub fn end_round(&mut self) {
        let mut grown = Vec::new();
        for (at, (table, recorded)) in self.tables.iter().zip(&mut self.recorded).enumerate() {
            let len = table.borrow().len() as RowId;
            if len > *recorded {
                grown.push((RelId(at as u32), len));
                *recorded = len;
            }
        }
        if !grown.is_empty() || self.rounds.is_empty() {
            self.rounds.push(grown);
        }
    }

    /// Drops the indexes of relations that are not read any more.
    pub fn forget(&mut self, is_read: impl Fn(RelId) -> bool) {
        self.indexes.get_mut().retain(|(rel, _), _| is_read(*rel));
        self.projections
            .get_mut()
            .retain(|(rel, _), _| is_read(*rel));
    }

    /// The rows of a relation by the words in some columns.
    pub fn index(&self, rel: RelId, columns: &[usize]) -> Rc<Index> {
        let mut indexes = self.indexes.borrow_mut();
        let index = indexes.entry((rel, columns.to_vec())).or_default();
        let ends = self.ends[rel.0 as usize];
        if index.covered() < ends.seen {
            let (table, index) = (self.table(rel), Rc::make_mut(index));
            index.extend(&table, columns, ends.old);
            index.extend(&table, columns, ends.seen);
        }
        Rc::clone(index)
    }

    /// The distinct words in some columns of a relation that does not grow in this round.
    pub fn projection(&self, rel: RelId, columns: &[usize]) -> Rc<Projection> {
        let mut projections = self.projections.borrow_mut();
        let projection = projections
            .entry((rel, columns.to_vec()))
            .or_insert_with(|| Rc::new(Projection::new(columns.len())));
        let seen = self.ends[rel.0 as usize].seen;
        if projection.covered < seen {
            Rc::make_mut(projection).extend(&self.table(rel), columns, seen);
        }
        Rc::clone(projection)
    }
}

/// One word for the words in the columns of a key: they themselves, if one or two; else a hash, to be checked.
pub fn key(codes: &[Code]) -> u64 {
    match codes {
        [only] => u64::from(*only),
        [first, second] => u64::from(*first) << 32 | u64::from(*second),
        more => hash_row(more),
    }
}

/// Whether different words can have the same key.
pub fn is_inexact(columns: usize) -> bool {
    columns > 2
}

/// Sorted batches of keys with the places of their rows; each batch covers the rows behind those of the one before.
#[derive(Clone, Default)]
pub struct Index {
    batches: Vec<(RowId, Relation<(u64, RowId)>)>,
}

impl Index {
    fn covered(&self) -> RowId {
        self.batches.last().map_or(0, |(end, _)| *end)
    }

    /// For rows that do not grow.
    pub fn new(table: &Table, columns: &[usize]) -> Index {
        let mut index = Index::default();
        index.extend(table, columns, table.len() as RowId);
        index
    }

    /// The batches of the rows before `end`.
    pub fn before(&self, end: RowId) -> impl Iterator<Item = &Relation<(u64, RowId)>> {
        let within = self.batches.iter().take_while(move |(at, _)| *at <= end);
        within.map(|(_, batch)| batch)
    }

    /// Adds a batch for the rows up to `end`; those before it are merged so that their sizes fall geometrically.
    fn extend(&mut self, table: &Table, columns: &[usize], end: RowId) {
        while let [.., (_, longer), (_, shorter)] = &self.batches[..]
            && longer.len() <= 2 * shorter.len()
        {
            self.merge_last_two();
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
        self.batches.push((end, Relation { elements }));
    }

    fn merge_last_two(&mut self) {
        if let (Some((end, shorter)), Some((_, longer))) = (self.batches.pop(), self.batches.pop())
        {
            self.batches.push((end, longer.merge(shorter)));
        }
    }
}

/// The distinct words in some columns.
#[derive(Clone)]
pub struct Projection {
    rows: Table,
    covered: RowId,
}

impl Projection {
    fn new(arity: usize) -> Projection {
        Projection {
            rows: Table::new(arity),
            covered: 0,
        }
    }

    fn extend(&mut self, table: &Table, columns: &[usize], end: RowId) {
        let mut codes = vec![0; columns.len()];
        for id in self.covered..end {
            let row = table.row(id);
            for (code, column) in codes.iter_mut().zip(columns) {
                *code = row[*column];
            }
            self.rows.insert(&codes);
        }
        self.covered = end;
    }

    /// Whether some row has these words in the columns.
    pub fn contains(&self, codes: &[Code]) -> bool {
        self.rows.find(codes).is_some()
    }
}
