//! All facts of a relation side by side as words, however they were given; and which of them share a key.

use super::check::in_order;
use super::{Batch, Facts};
use crate::ir::{Fact, RelationId};
use crate::value::Date;
use crate::value::symbols::{Code, PerName, Symbols, is_named};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;

/// All facts, those written one by one in words too.
pub(super) struct Given<'a> {
    facts: &'a Facts,
    symbols: Symbols,
    written: BTreeMap<RelationId, WrittenRows>,
}

#[derive(Default)]
struct WrittenRows {
    /// Where each stands in the list.
    places: Vec<u32>,
    fields: usize,
    cells: Vec<Code>,
}

impl<'a> Given<'a> {
    pub(super) fn new(facts: &'a Facts) -> Given<'a> {
        let mut symbols = Symbols::over(facts.symbols().clone());
        let mut written: BTreeMap<RelationId, WrittenRows> = BTreeMap::new();
        for (at, fact) in facts.written().iter().enumerate() {
            let rows = written.entry(fact.relation).or_default();
            rows.places.push(at as u32);
            rows.fields = fact.args.len();
            rows.cells
                .extend(fact.args.iter().map(|value| symbols.encode(value)));
        }
        Given {
            facts,
            symbols,
            written,
        }
    }

    /// Those of which there are facts.
    pub(super) fn relations(&self) -> BTreeSet<RelationId> {
        let batches = self.facts.batches().map(|batch| batch.relation);
        self.written.keys().copied().chain(batches).collect()
    }

    /// The facts of a relation.
    pub(super) fn of(&self, relation: RelationId) -> Of<'_> {
        self.of_all(&[relation])
    }

    /// The facts of several relations.
    pub(super) fn of_all(&self, relations: &[RelationId]) -> Of<'_> {
        let mut parts: Vec<Part<'_>> = Vec::new();
        let mut start = 0;
        for relation in relations {
            if let Some(rows) = self.written.get(relation) {
                parts.push(Part {
                    start,
                    len: rows.places.len() as u32,
                    fields: rows.fields,
                    width: rows.fields,
                    cells: &rows.cells,
                    origin: Origin::Written(&rows.places),
                });
                start += rows.places.len() as u32;
            }
            for batch in self.facts.batches().filter(|it| it.relation == *relation) {
                parts.push(Part {
                    start,
                    len: batch.len() as u32,
                    fields: batch.fields(),
                    width: batch.width,
                    cells: &batch.cells,
                    origin: Origin::Batch(batch),
                });
                start += batch.len() as u32;
            }
        }
        Of {
            given: self,
            parts,
            len: start,
        }
    }
}

/// The facts of some relations, counted from 0.
pub(super) struct Of<'a> {
    given: &'a Given<'a>,
    parts: Vec<Part<'a>>,
    len: u32,
}

struct Part<'a> {
    /// The number of its first fact.
    start: u32,
    len: u32,
    fields: usize,
    width: usize,
    cells: &'a [Code],
    origin: Origin<'a>,
}

enum Origin<'a> {
    /// By their places in the list.
    Written(&'a [u32]),
    Batch(&'a Batch),
}

/// Where a fact stands among others that were read, or in the list.
pub(super) type Rank = (u32, u32, u32);

impl Of<'_> {
    fn part(&self, at: u32) -> (&Part<'_>, usize) {
        let behind = self.parts.partition_point(|part| part.start <= at);
        let part = &self.parts[behind - 1];
        (part, (at - part.start) as usize)
    }

    /// Its values, as words.
    pub(super) fn args(&self, at: u32) -> &[Code] {
        let (part, row) = self.part(at);
        &part.cells[row * part.width..][..part.fields]
    }

    /// Its first and last day.
    pub(super) fn days(&self, at: u32) -> Option<(Date, Date)> {
        match self.part(at) {
            (
                Part {
                    origin: Origin::Written(places),
                    ..
                },
                row,
            ) => self.given.facts.written()[places[row] as usize].days,
            (
                Part {
                    origin: Origin::Batch(batch),
                    ..
                },
                row,
            ) => batch.days(row),
        }
    }

    /// It by itself.
    pub(super) fn fact(&self, at: u32) -> Fact {
        match self.part(at) {
            (
                Part {
                    origin: Origin::Written(places),
                    ..
                },
                row,
            ) => self.given.facts.written()[places[row] as usize].clone(),
            (
                Part {
                    origin: Origin::Batch(batch),
                    ..
                },
                row,
            ) => batch.fact(&self.given.symbols, row),
        }
    }

    /// Facts of tables and others are in the order of files and lines, those of a list alone in that of the list.
    pub(super) fn rank(&self, at: u32) -> Rank {
        let position = match self.part(at) {
            (
                Part {
                    origin: Origin::Written(places),
                    ..
                },
                row,
            ) => places[row],
            _ => u32::MAX,
        };
        if self.given.facts.batches().next().is_none() {
            return (0, 0, position);
        }
        let (file, line) = in_order(self.fact(at).place);
        (file.unwrap_or(u32::MAX), line, position)
    }

    /// Facts with the same first values, so many of them, by the first of these facts; others are left out.
    pub(super) fn sharing(&self, values: usize) -> BTreeMap<u32, Vec<u32>> {
        let mut several: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut firsts = Firsts::new(self.len);
        for part in &self.parts {
            for row in 0..part.len {
                let at = part.start + row;
                let key = &part.cells[row as usize * part.width..][..values];
                let first = firsts.first(at, key, |other| &self.args(other)[..values] == key);
                if first < at {
                    several.entry(first).or_insert_with(|| vec![first]).push(at);
                }
            }
        }
        several
    }
}

/// The first fact of each key.
struct Firsts {
    /// Where the key is one name or text: by its word.
    direct: PerName<u32>,
    /// What is kept of each hash, and the fact.
    others: HashTable<(u32, u32)>,
    hasher: DefaultHashBuilder,
    most: u32,
}

const NO_FACT: u32 = u32::MAX;

impl Firsts {
    fn new(most: u32) -> Firsts {
        Firsts {
            direct: PerName::new(NO_FACT),
            others: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            most,
        }
    }

    /// The first fact with that key; this one, if there was none.
    fn first(&mut self, at: u32, key: &[Code], has_key: impl Fn(u32) -> bool) -> u32 {
        if let [code] = key
            && is_named(*code)
        {
            let first = self.direct.at(*code);
            if *first == NO_FACT {
                *first = at;
            }
            return *first;
        }
        if self.others.is_empty() {
            self.others.reserve(self.most as usize, |_| 0);
        }
        let hash = self.hasher.hash_one(key);
        let mark = (hash >> 32) as u32;
        let is_it = |(other, fact): &(u32, u32)| *other == mark && has_key(*fact);
        let spread = |mark: u32| u64::from(mark).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let entry = self.others.entry(spread(mark), is_it, |it| spread(it.0));
        entry.or_insert((mark, at)).get().1
    }
}
