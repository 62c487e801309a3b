//! The results of the aggregates of a clause, by group.

use super::index::{Index, key};
use super::store::{Store, Version};
use crate::datalog::program::{Aggregate, Expr, Term, Var};
use crate::engine::expr::{Evaluator, Share};
use crate::engine::table::{RowId, Table};
use crate::value::symbols::{Code, small_of};
use crate::value::{NoValue, Number, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The results worked out so far, by clause and place in its body. What is folded does not grow meanwhile.
#[derive(Default)]
pub struct Folds {
    made: Mutex<BTreeMap<(usize, usize), Arc<Fold>>>,
}

impl Folds {
    /// The results of an aggregate.
    pub fn get(&self, place: (usize, usize), make: impl FnOnce() -> Fold) -> Arc<Fold> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(made.entry(place).or_insert_with(|| Arc::new(make())))
    }
}

/// What an aggregate gives for a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A result.
    Result(Code),
    /// Nothing: no row.
    Nothing,
    /// An expression in it has no value.
    Trouble,
}

/// The results of one aggregate.
pub struct Fold {
    groups: Table,
    outcomes: Vec<Outcome>,
    empty: Outcome,
    rows: OnceLock<Table>,
    indexes: Mutex<BTreeMap<Vec<usize>, Arc<Index>>>,
}

impl Fold {
    /// Works out all results; `known`: the value of a variable that is bound from the start.
    pub fn new(
        aggregate: &Aggregate,
        known: impl Fn(Var) -> Option<Code>,
        store: &Store,
        evaluator: &Evaluator<'_>,
    ) -> Fold {
        let folding = Folding::new(aggregate, known, store, evaluator);
        let (groups, outcomes) = folding.tallied().unwrap_or_else(|| folding.folded());
        let empty = match aggregate.is_group_bound {
            true => folding.outcome(&[]),
            false => Outcome::Nothing,
        };
        Fold {
            groups,
            outcomes,
            empty,
            rows: OnceLock::new(),
            indexes: Mutex::default(),
        }
    }

    /// What it gives for a group.
    pub fn outcome(&self, group: &[Code]) -> Outcome {
        match self.groups.find(group) {
            Some(id) => self.outcomes[id as usize],
            None => self.empty,
        }
    }

    /// Whether some group is in trouble.
    pub fn has_trouble(&self) -> bool {
        self.outcomes.contains(&Outcome::Trouble)
    }

    /// The groups with their results behind them.
    pub fn rows(&self) -> &Table {
        self.rows.get_or_init(|| {
            let mut rows = Table::new(self.groups.arity() + 1);
            for (id, outcome) in (0..).zip(&self.outcomes) {
                if let Outcome::Result(code) = outcome {
                    let row: Vec<Code> =
                        self.groups.row(id).iter().chain([code]).copied().collect();
                    rows.insert(&row);
                }
            }
            rows
        })
    }

    /// Those rows by the words in some columns.
    pub fn index(&self, columns: &[usize]) -> Arc<Index> {
        let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        let index = indexes
            .entry(columns.to_vec())
            .or_insert_with(|| Arc::new(Index::new(self.rows(), columns)));
        Arc::clone(index)
    }
}

/// What is added up of each row.
#[derive(Clone, Copy)]
enum Tally {
    Rows,
    Sum(usize),
}

struct Folding<'a> {
    aggregate: &'a Aggregate,
    store: &'a Store,
    evaluator: &'a Evaluator<'a>,
    /// The columns whose word is known.
    known: Vec<(usize, Code)>,
    /// Pairs of columns that must be equal.
    same: Vec<(usize, usize)>,
    /// In which column a variable stands, by `Var`.
    columns: BTreeMap<Var, usize>,
    /// The columns of the group.
    group: Vec<usize>,
}

impl<'a> Folding<'a> {
    fn new(
        aggregate: &'a Aggregate,
        known: impl Fn(Var) -> Option<Code>,
        store: &'a Store,
        evaluator: &'a Evaluator<'a>,
    ) -> Folding<'a> {
        let mut folding = Folding {
            aggregate,
            store,
            evaluator,
            known: Vec::new(),
            same: Vec::new(),
            columns: BTreeMap::new(),
            group: Vec::new(),
        };
        for (column, term) in aggregate.atom.args.iter().enumerate() {
            match term {
                Term::Value(value) => folding.known.push((column, store.encode(value))),
                Term::Var(var) => {
                    folding.known.extend(known(*var).map(|code| (column, code)));
                    if let Some(other) = folding.columns.insert(*var, column) {
                        folding.same.push((other, column));
                    }
                }
                Term::Any => {}
            }
        }
        let group = aggregate.group.iter();
        folding.group = group.map(|var| folding.columns[var]).collect();
        folding
    }

    /// The groups, and what comes of each.
    fn folded(&self) -> (Table, Vec<Outcome>) {
        let mut groups = Table::new(self.group.len());
        let mut members: Vec<(RowId, RowId)> = Vec::new();
        self.each_row(|id, row| {
            let group: Vec<Code> = self.group.iter().map(|column| row[*column]).collect();
            members.push((groups.find_or_insert(&group), id));
        });
        members.sort_unstable();
        let outcomes = members.chunk_by(|a, b| a.0 == b.0);
        let outcomes = outcomes.map(|members| self.outcome(members)).collect();
        (groups, outcomes)
    }

    /// The same where rows are counted or small whole numbers added, without a look at their values.
    fn tallied(&self) -> Option<(Table, Vec<Outcome>)> {
        let tally = self.tally()?;
        let mut groups = Table::new(self.group.len());
        let mut sums: Vec<i64> = Vec::new();
        let mut group: Vec<Code> = Vec::new();
        let mut last = None;
        let mut is_plain = true;
        self.each_row(|_, row| {
            let is_last = last.is_some()
                && self
                    .group
                    .iter()
                    .map(|at| row[*at])
                    .eq(group.iter().copied());
            if !is_last {
                group.clear();
                group.extend(self.group.iter().map(|at| row[*at]));
                last = Some(groups.find_or_insert(&group) as usize);
                sums.resize(groups.len(), 0);
            }
            let more = match tally {
                Tally::Rows => Some(1),
                Tally::Sum(column) => small_of(row[column]),
            };
            let sum = last.map(|at| &mut sums[at]);
            match sum
                .zip(more)
                .and_then(|(sum, more)| Some((sum.checked_add(more)?, sum)))
            {
                Some((new, sum)) => *sum = new,
                None => is_plain = false,
            }
        });
        let outcome = |sum: &i64| {
            let value = Value::Number(Number::from_integer(*sum));
            Outcome::Result(self.store.encode(&value))
        };
        is_plain.then(|| (groups, sums.iter().map(outcome).collect()))
    }

    /// What is to be added up, where that can be done with words.
    fn tally(&self) -> Option<Tally> {
        let aggregate = self.aggregate;
        let fits = self.evaluator.limits().bits >= u64::from(u64::BITS);
        if aggregate.certain.is_some() || !fits {
            return None;
        }
        match (aggregate.function.name, &aggregate.term) {
            ("count", None) => Some(Tally::Rows),
            ("sum", Some(Expr::Var(var))) => self.columns.get(var).copied().map(Tally::Sum),
            _ => None,
        }
    }

    /// The rows of the atom.
    fn each_row(&self, mut each: impl FnMut(RowId, &[Code])) {
        let rel = self.aggregate.atom.rel;
        let with = |id: RowId| {
            let table = self.store.table(rel);
            let row = table.row(id);
            let known = self
                .known
                .iter()
                .all(|(column, code)| row[*column] == *code);
            if known && self.same.iter().all(|(a, b)| row[*a] == row[*b]) {
                each(id, row);
            }
        };
        let range = self.store.range(rel, Version::All);
        if self.known.is_empty() {
            range.for_each(with);
            return;
        }
        let columns: Vec<usize> = self.known.iter().map(|(column, _)| *column).collect();
        let codes: Vec<Code> = self.known.iter().map(|(_, code)| *code).collect();
        let index = self.store.index(rel, &columns);
        index.matching(key(&codes), range.end).for_each(with);
    }

    fn outcome(&self, members: &[(RowId, RowId)]) -> Outcome {
        let terms = members.iter();
        let terms = terms.map(|(_, id)| (self.term(*id), self.share(*id)));
        match self.evaluator.result(self.aggregate, terms.collect()) {
            Ok(Some(value)) => Outcome::Result(self.store.encode(&value)),
            Ok(None) => Outcome::Nothing,
            Err(_) => Outcome::Trouble,
        }
    }

    fn share(&self, id: RowId) -> Share {
        let Some((_, rel)) = self.aggregate.certain else {
            return Share::Sure;
        };
        let (all, certain) = (
            self.store.table(self.aggregate.atom.rel),
            self.store.table(rel),
        );
        let row = all.row(id);
        let is_sure = certain.find(row).is_some();
        let symbols = self.store.symbols();
        Share::of(self.aggregate, is_sure, |var| {
            symbols.decode(row[self.columns[&var]])
        })
    }

    fn term(&self, id: RowId) -> Result<Value, NoValue> {
        let Some(term) = &self.aggregate.term else {
            return Ok(Value::Bool(true));
        };
        let (table, symbols) = (
            self.store.table(self.aggregate.atom.rel),
            self.store.symbols(),
        );
        let row = table.row(id);
        self.evaluator
            .value(term, &|var| symbols.decode(row[self.columns[&var]]))
    }
}
