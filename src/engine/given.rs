//! `Facts` to rows of the program.

use crate::datalog::Program;
use crate::datalog::program::{RelId, Shape};
use crate::facts::Facts;
use crate::ir::{Fact, Policy, RelationId};
use crate::value::symbols::{Code, Symbols};
use crate::value::{FIRST_DAY, LAST_DAY, TypeId, TypeKind, Value};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// The rows of the program's input relations that are given from outside.
#[derive(Default)]
pub struct Given<'a> {
    /// One by one.
    pub(super) rows: Vec<(RelId, Cow<'a, [Value]>)>,
    /// Many at once, in words.
    pub(super) lots: Vec<Lot<'a>>,
    /// The values behind the words.
    pub(super) symbols: Arc<Symbols>,
}

/// Rows of one relation in words, one row behind the other.
pub(super) struct Lot<'a> {
    pub rel: RelId,
    pub cells: Cow<'a, [Code]>,
    pub rows: usize,
    /// Whether no row is given twice, here or elsewhere.
    pub is_distinct: bool,
}

impl<'a> Given<'a> {
    /// The rows that the facts give. `distinct`: the relations of which no fact is given twice, as far as that is known.
    pub fn new(program: &Program, facts: &'a Facts, distinct: &BTreeSet<RelationId>) -> Given<'a> {
        let rows = facts.written().iter();
        let mut given = Given {
            rows: rows.filter_map(|fact| row(program, fact)).collect(),
            lots: Vec::new(),
            symbols: Arc::clone(facts.symbols()),
        };
        for batch in facts.batches() {
            if let Some(rel) = rel_of(program, batch.relation, batch.denied) {
                given.lots.push(Lot {
                    rel,
                    cells: Cow::Borrowed(&batch.cells),
                    rows: batch.len(),
                    is_distinct: distinct.contains(&batch.relation),
                });
            }
        }
        given
    }

    /// And `Party(P)` for every name of an entity in policy and facts; the members of closed sets stand in the program.
    pub fn with_names(mut self, program: &Program, policy: &Policy, facts: &Facts) -> Given<'a> {
        let mut in_batches = facts.named_in_batches(policy);
        let mut one_by_one = facts.named_one_by_one(policy);
        for (at, ty) in policy.types.named.iter().enumerate() {
            let (ty, is_entity) = (TypeId(at as u32), matches!(ty.kind, TypeKind::Entity));
            let Some(relation) = policy.names_relation(ty).filter(|_| is_entity) else {
                continue;
            };
            let values = one_by_one.remove(&ty).unwrap_or_default();
            let rel = program.declared[&relation].rel;
            let words = values.iter().filter_map(|value| self.symbols.find(value));
            let words: HashSet<Code> = words.collect();
            let mut cells = in_batches.remove(&ty).unwrap_or_default();
            cells.retain(|code| !words.contains(code));
            self.lots.push(Lot {
                rel,
                rows: cells.len(),
                cells: Cow::Owned(cells),
                is_distinct: true,
            });
            let values = values.into_iter();
            self.rows
                .extend(values.map(|value| (rel, Cow::Owned(vec![value]))));
        }
        self
    }

    /// All rows, value by value.
    pub fn rows(&self) -> impl Iterator<Item = (RelId, Vec<Value>)> {
        let single = self.rows.iter();
        let single = single.map(|(rel, row)| (*rel, row.to_vec()));
        let symbols = &self.symbols;
        single.chain(self.lots.iter().flat_map(move |lot| {
            let width = lot.cells.len().checked_div(lot.rows).unwrap_or(0);
            (0..lot.rows).map(move |at| {
                let words = lot.cells[at * width..][..width].iter();
                let row = words.map(|code| symbols.decode(*code));
                (lot.rel, row.collect())
            })
        }))
    }
}

/// A denied judgement goes where its denials are.
fn rel_of(program: &Program, relation: RelationId, denied: bool) -> Option<RelId> {
    let declared = program.declared.get(&relation)?;
    match declared.shape {
        // Facts from outside are never standing unless dated: the checker refuses others.
        Shape::Standing(_) => None,
        Shape::Plain | Shape::Dated if denied => declared.denied,
        Shape::Plain | Shape::Dated => Some(declared.rel),
    }
}

/// A fact of a dated input takes its days along.
fn row<'a>(program: &Program, fact: &'a Fact) -> Option<(RelId, Cow<'a, [Value]>)> {
    let rel = rel_of(program, fact.relation, fact.denied)?;
    let row = match program.declared.get(&fact.relation)?.shape {
        Shape::Dated => {
            let (from, through) = fact.days.unwrap_or((FIRST_DAY, LAST_DAY));
            let days = [Value::Date(from), Value::Date(through)];
            Cow::Owned([&fact.args[..], &days].concat())
        }
        Shape::Plain | Shape::Standing(_) => Cow::Borrowed(&fact.args[..]),
    };
    Some((rel, row))
}
