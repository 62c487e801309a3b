//! The rows known so far, and their indexes, kept up to date as rows come.

use super::index::Index;
use crate::datalog::program::RelId;
use crate::engine::Model;
use crate::engine::table::{RowId, Table};
use crate::value::Value;
use crate::value::symbols::{Code, Symbols};
use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

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
    tables: Vec<Table>,
    ends: Vec<Ends>,
    symbols: RwLock<Symbols>,
    rounds: Vec<Vec<(RelId, RowId)>>,
    recorded: Vec<RowId>,
    /// What it took to note the rounds.
    noting: Duration,
    indexes: Mutex<BTreeMap<Columns, Arc<Index>>>,
    projections: Mutex<BTreeMap<Columns, Arc<Projection>>>,
    /// How often rows were gone through that an index would have found.
    walks: Mutex<BTreeMap<Columns, u32>>,
}

/// How often rows are gone through before an index is made: about what that costs.
const WALKS: u32 = 8;

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
            tables: model.tables,
            symbols: RwLock::new(model.symbols),
            rounds: model.rounds,
            noting: Duration::ZERO,
            indexes: Mutex::default(),
            projections: Mutex::default(),
            walks: Mutex::default(),
        }
    }

    /// Ends with a model.
    pub fn into_model(self) -> Model {
        let mut model = Model::default();
        model.tables = self.tables;
        model.tables.iter_mut().for_each(Table::close);
        let symbols = self.symbols.into_inner();
        model.symbols = symbols.unwrap_or_else(PoisonError::into_inner);
        model.rounds = self.rounds;
        model.profile.for_proofs = self.noting;
        model
    }

    /// Asks what is known as a model.
    pub fn with_model<T>(&mut self, ask: impl FnOnce(&Model) -> T) -> T {
        let mut model = Model::default();
        model.tables = take(&mut self.tables);
        model.symbols = take(get(&mut self.symbols));
        let answer = ask(&model);
        self.tables = take(&mut model.tables);
        *get(&mut self.symbols) = take(&mut model.symbols);
        answer
    }

    /// The rows of a relation.
    pub fn table(&self, rel: RelId) -> &Table {
        &self.tables[rel.0 as usize]
    }

    /// The rows of a relation, to add to.
    pub fn table_mut(&mut self, rel: RelId) -> &mut Table {
        &mut self.tables[rel.0 as usize]
    }

    /// The values behind the words.
    pub fn symbols(&self) -> RwLockReadGuard<'_, Symbols> {
        self.symbols.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The word for a value.
    pub fn encode(&self, value: &Value) -> Code {
        let known = self.symbols().find(value);
        known.unwrap_or_else(|| {
            let symbols = self.symbols.write();
            symbols
                .unwrap_or_else(PoisonError::into_inner)
                .encode(value)
        })
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
        let last = self.table(rel).len().checked_sub(1);
        last.map_or_else(Vec::new, |last| self.values(rel, last))
    }

    /// The values of a row, by its place.
    pub fn values(&self, rel: RelId, at: usize) -> Vec<Value> {
        let (row, symbols) = (self.table(rel).row(at as RowId), self.symbols());
        row.iter().map(|code| symbols.decode(*code)).collect()
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
            get_mutex(&mut self.indexes).retain(|(at, _), _| at != rel);
            get_mutex(&mut self.projections).retain(|(at, _), _| at != rel);
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
        let begun = Instant::now();
        let mut grown = Vec::new();
        for (at, (table, recorded)) in self.tables.iter().zip(&mut self.recorded).enumerate() {
            let len = table.len() as RowId;
            if len > *recorded {
                grown.push((RelId(at as u32), len));
                *recorded = len;
            }
        }
        if !grown.is_empty() || self.rounds.is_empty() {
            self.rounds.push(grown);
        }
        self.noting += begun.elapsed();
    }

    /// Drops the indexes of relations that are not read any more.
    pub fn forget(&mut self, is_read: impl Fn(RelId) -> bool) {
        get_mutex(&mut self.indexes).retain(|(rel, _), _| is_read(*rel));
        get_mutex(&mut self.projections).retain(|(rel, _), _| is_read(*rel));
    }

    /// The rows of a relation by the words in some columns.
    pub fn index(&self, rel: RelId, columns: &[usize]) -> Arc<Index> {
        let mut indexes = lock(&self.indexes);
        let index = indexes.entry((rel, columns.to_vec())).or_default();
        let ends = self.ends[rel.0 as usize];
        if index.covered() < ends.seen {
            let (table, index) = (self.table(rel), Arc::make_mut(index));
            index.extend(table, columns, ends.old);
            index.extend(table, columns, ends.seen);
        }
        Arc::clone(index)
    }

    /// Whether a relation has no index by these columns, and its rows are rather gone through once more than put in order.
    pub fn is_rather_walked(&self, rel: RelId, columns: &[usize]) -> bool {
        let key = (rel, columns.to_vec());
        if lock(&self.indexes).contains_key(&key) {
            return false;
        }
        let mut walks = lock(&self.walks);
        let walks = walks.entry(key).or_default();
        *walks += 1;
        *walks <= WALKS
    }

    /// The distinct words in some columns of a relation that does not grow in this round.
    pub fn projection(&self, rel: RelId, columns: &[usize]) -> Arc<Projection> {
        let mut projections = lock(&self.projections);
        let projection = projections
            .entry((rel, columns.to_vec()))
            .or_insert_with(|| Arc::new(Projection::new(columns.len())));
        let seen = self.ends[rel.0 as usize].seen;
        if projection.covered < seen {
            Arc::make_mut(projection).extend(self.table(rel), columns, seen);
        }
        Arc::clone(projection)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn get_mutex<T>(mutex: &mut Mutex<T>) -> &mut T {
    mutex.get_mut().unwrap_or_else(PoisonError::into_inner)
}

fn get<T>(lock: &mut RwLock<T>) -> &mut T {
    lock.get_mut().unwrap_or_else(PoisonError::into_inner)
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
            self.rows.find_or_insert(&codes);
        }
        self.covered = end;
    }

    /// Whether some row has these words in the columns.
    pub fn contains(&self, codes: &[Code]) -> bool {
        self.rows.find(codes).is_some()
    }
}
