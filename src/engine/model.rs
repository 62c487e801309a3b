//! `Model`: every row that holds, by relation.

use super::Given;
use super::instances::Rows;
use super::local::index::{Index, key};
use super::profile::Profile;
use super::table::{RowId, Table};
use crate::datalog::Program;
use crate::datalog::program::RelId;
use crate::value::Value;
use crate::value::symbols::{Code, Symbols};
use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

/// Every row that holds, by relation of the program: in order of discovery inside, in canonical order outside.
#[derive(Default)]
pub struct Model {
    pub(super) symbols: Symbols,
    pub(super) tables: Vec<Table>,
    /// After each round in which something was found: the relations that grew, and how many rows they then had.
    pub(super) rounds: Vec<Vec<(RelId, RowId)>>,
    /// By relation, made when first asked for.
    indexes: OnceLock<Box<[Indexes]>>,
    /// What the run did.
    pub profile: Profile,
}

/// The indexes of one relation, read by many threads without a lock: the first one, which leads to the next.
#[derive(Default)]
struct Indexes(OnceLock<Box<Link>>);

struct Link {
    /// The columns, a bit each.
    columns: u64,
    index: OnceLock<Index>,
    others: Indexes,
}

impl Indexes {
    /// The index by these columns, made when first asked for.
    fn by(&self, columns: u64, make: impl FnOnce() -> Index) -> &Index {
        let mut at = self;
        loop {
            let link = at.0.get_or_init(|| {
                Box::new(Link {
                    columns,
                    index: OnceLock::new(),
                    others: Indexes::default(),
                })
            });
            if link.columns == columns {
                return link.index.get_or_init(make);
            }
            at = &link.others;
        }
    }
}

impl Model {
    /// No rows yet, for the relations of a program.
    pub(super) fn new(program: &Program) -> Model {
        let tables = program.relations.iter().map(|it| Table::new(it.arity));
        Model {
            tables: tables.collect(),
            ..Model::default()
        }
    }

    /// The facts of the program, and what is given.
    pub(super) fn of_given(program: &Program, given: &Given<'_>) -> Model {
        let mut model = Model {
            symbols: Symbols::over(Arc::clone(&given.symbols)),
            ..Model::new(program)
        };
        for (rel, row) in &program.facts {
            model.insert(*rel, row);
        }
        for (rel, row) in &given.rows {
            model.insert(*rel, row);
        }
        for lot in &given.lots {
            let table = &mut model.tables[lot.rel.0 as usize];
            table.insert_all(&lot.cells, lot.rows, lot.is_distinct);
        }
        model
    }

    /// Adds a row; false if it was there.
    pub(super) fn insert(&mut self, rel: RelId, row: &[Value]) -> bool {
        let codes: Vec<Code> = row.iter().map(|value| self.symbols.encode(value)).collect();
        self.tables[rel.0 as usize].insert(&codes)
    }

    /// How many rows a relation has.
    pub fn len(&self, rel: RelId) -> usize {
        self.tables[rel.0 as usize].len()
    }

    /// Whether no relation has a row.
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(|table| table.len() == 0)
    }

    /// Whether a row holds.
    pub fn contains(&self, rel: RelId, row: &[Value]) -> bool {
        self.encoded(row)
            .is_some_and(|codes| self.tables[rel.0 as usize].find(&codes).is_some())
    }

    /// The round in which a row was found, counted over the whole run; 0 for rows that were given.
    /// A row follows from rows of earlier rounds.
    pub fn round_of(&self, rel: RelId, row: &[Value]) -> Option<usize> {
        let id = self.tables[rel.0 as usize].find(&self.encoded(row)?)?;
        let has_it =
            |round: &Vec<(RelId, RowId)>| round.iter().any(|(at, len)| *at == rel && id < *len);
        self.rounds.iter().position(has_it)
    }

    /// The rows of a relation, in the order of their values.
    pub fn rows(&self, rel: RelId) -> impl Iterator<Item = Vec<Value>> + '_ {
        self.sorted(rel, (0..self.len(rel) as RowId).collect())
    }

    /// The rows of a relation whose columns have the known values, in the order of their values.
    pub fn matching<'a>(
        &'a self,
        rel: RelId,
        pattern: &[Option<Value>],
    ) -> impl Iterator<Item = Vec<Value>> + use<'a> {
        self.sorted(rel, self.ids_matching(rel, pattern))
    }

    /// The rows of a relation whose columns have the known values, as they were found.
    pub(super) fn ids_matching(&self, rel: RelId, pattern: &[Option<Value>]) -> Vec<RowId> {
        let mut known: Vec<(usize, Code)> = Vec::with_capacity(pattern.len());
        for (column, value) in pattern.iter().enumerate() {
            if let Some(value) = value {
                let Some(code) = self.symbols.find(value) else {
                    return Vec::new();
                };
                known.push((column, code));
            }
        }
        self.ids_with(rel, &known)
    }

    /// The rows of a relation that have these words in these columns, which are given in their order.
    pub(super) fn ids_with(&self, rel: RelId, known: &[(usize, Code)]) -> Vec<RowId> {
        let table = &self.tables[rel.0 as usize];
        // A bit each: what stands behind the first columns is compared.
        let first = known.partition_point(|(column, _)| *column < u64::BITS as usize);
        let codes: Vec<Code> = known.iter().map(|(_, code)| *code).collect();
        if first == 0 {
            let ids = 0..table.len() as RowId;
            return ids.filter(|id| has(table.row(*id), known)).collect();
        }
        if known.len() == table.arity() {
            return table.find(&codes).into_iter().collect();
        }
        let index = self.index(rel, &known[..first]);
        let ids = index.matching(key(&codes[..first]), table.len() as RowId);
        ids.filter(|id| has(table.row(*id), known)).collect()
    }

    /// The values of a row.
    pub(super) fn values(&self, rel: RelId, id: RowId) -> Vec<Value> {
        let row = self.tables[rel.0 as usize].row(id);
        row.iter().map(|code| self.symbols.decode(*code)).collect()
    }

    fn encoded(&self, row: &[Value]) -> Option<Vec<Code>> {
        row.iter().map(|value| self.symbols.find(value)).collect()
    }

    fn sorted(&self, rel: RelId, ids: Vec<RowId>) -> impl Iterator<Item = Vec<Value>> + '_ {
        let ids = self.in_order(rel, ids);
        ids.into_iter().map(move |id| self.values(rel, id))
    }

    /// These rows, in the order of their values.
    pub(super) fn in_order(&self, rel: RelId, mut ids: Vec<RowId>) -> Vec<RowId> {
        let table = &self.tables[rel.0 as usize];
        ids.sort_unstable_by(|a, b| self.compare(table.row(*a), table.row(*b)));
        ids
    }

    fn compare(&self, a: &[Code], b: &[Code]) -> Ordering {
        let pairs = a.iter().zip(b);
        pairs
            .map(|(a, b)| self.symbols.compare(*a, *b))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    fn index(&self, rel: RelId, known: &[(usize, Code)]) -> &Index {
        let bits = known.iter().fold(0, |bits, (column, _)| bits | 1 << column);
        let all = self.indexes.get_or_init(|| {
            let tables = self.tables.iter();
            tables.map(|_| Indexes::default()).collect()
        });
        all[rel.0 as usize].by(bits, || {
            let columns: Vec<usize> = known.iter().map(|(column, _)| *column).collect();
            Index::new(&self.tables[rel.0 as usize], &columns)
        })
    }
}

/// Whether a row has these words in these columns.
fn has(row: &[Code], known: &[(usize, Code)]) -> bool {
    known.iter().all(|(column, code)| row[*column] == *code)
}

impl Clone for Model {
    fn clone(&self) -> Model {
        Model {
            symbols: self.symbols.clone(),
            tables: self.tables.clone(),
            rounds: self.rounds.clone(),
            indexes: OnceLock::new(),
            profile: self.profile.clone(),
        }
    }
}

/// Two models are equal if the same rows hold, however they were found.
impl PartialEq for Model {
    fn eq(&self, other: &Model) -> bool {
        let relations = (0..self.tables.len() as u32).map(RelId);
        self.tables.len() == other.tables.len()
            && relations.into_iter().all(|rel| {
                self.len(rel) == other.len(rel)
                    && (0..self.len(rel) as RowId)
                        .all(|id| other.contains(rel, &self.values(rel, id)))
            })
    }
}

impl Eq for Model {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let relations = (0..self.tables.len() as u32).map(RelId);
        f.debug_map()
            .entries(relations.map(|rel| (rel, self.rows(rel).collect::<Vec<_>>())))
            .finish()
    }
}

impl Rows for Model {
    fn matching(&self, rel: RelId, pattern: &[Option<Value>], each: &mut dyn FnMut(&[Value])) {
        for id in self.ids_matching(rel, pattern) {
            each(&self.values(rel, id));
        }
    }
}
