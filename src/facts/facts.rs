//! `Facts`: what is given in a run or case, written one by one or read by the thousand from tables.

use super::batch::Batch;
use super::names::{self, Names};
use crate::ir::{Fact, Policy, Presumption, RelationId};
use crate::source::{FileId, Place};
use crate::value::symbols::{Code, Symbols, UNKNOWN, is_symbol};
use crate::value::{Date, Type, TypeId, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// What is given: the facts of a run or case. One fact may stand twice, with two places.
///
/// Copies share the facts until one is changed.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    written: Arc<Written>,
    stored: Arc<Stored>,
    /// What is presumed where no fact settles it.
    pub presumptions: Vec<Presumption>,
}

/// Facts one by one, in the order given.
#[derive(Debug, Default)]
struct Written {
    list: Vec<Fact>,
    /// Places in the list, in the order of relation and values.
    order: OnceLock<Vec<u32>>,
}

impl Clone for Written {
    fn clone(&self) -> Written {
        Written {
            list: self.list.clone(),
            order: OnceLock::new(),
        }
    }
}

/// Facts from tables, in the order in which these were read.
#[derive(Clone, Debug, Default)]
pub(super) struct Stored {
    pub(super) symbols: Arc<Symbols>,
    pub(super) batches: Vec<Arc<Batch>>,
}

impl Facts {
    /// These facts, and nothing presumed.
    pub fn of(list: Vec<Fact>) -> Facts {
        let order = OnceLock::new();
        Facts {
            written: Arc::new(Written { list, order }),
            ..Facts::default()
        }
    }

    /// The facts of a list, and those of tables.
    pub(super) fn new(list: Vec<Fact>, stored: Stored) -> Facts {
        Facts {
            stored: Arc::new(stored),
            ..Facts::of(list)
        }
    }

    /// How many facts.
    pub fn len(&self) -> usize {
        let batches = self.stored.batches.iter();
        self.written.list.len() + batches.map(|batch| batch.len()).sum::<usize>()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All facts: those written one by one, then those of tables.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Cow<'_, Fact>> {
        let written = self.written.list.iter().map(Cow::Borrowed);
        written.chain(
            self.stored
                .batches
                .iter()
                .flat_map(|batch| self.each(batch)),
        )
    }

    /// The facts of one relation.
    pub fn of_relation(&self, relation: RelationId) -> impl Iterator<Item = Cow<'_, Fact>> {
        let written = self.written.list.iter();
        let written = written.filter(move |fact| fact.relation == relation);
        let batches = self.batches();
        let batches = batches.filter(move |batch| batch.relation == relation);
        let written = written.map(Cow::Borrowed);
        written.chain(batches.flat_map(|batch| self.each(batch)))
    }

    fn each<'f>(
        &'f self,
        batch: &'f Batch,
    ) -> impl DoubleEndedIterator<Item = Cow<'f, Fact>> + use<'f> {
        let symbols = &self.stored.symbols;
        (0..batch.len()).map(|row| Cow::Owned(batch.fact(symbols, row)))
    }

    /// Those written one by one, in the order given.
    pub fn written(&self) -> &[Fact] {
        &self.written.list
    }

    /// Those of tables.
    pub fn batches(&self) -> impl Iterator<Item = &Batch> {
        self.stored.batches.iter().map(|batch| &**batch)
    }

    /// The values behind the words of the batches.
    pub fn symbols(&self) -> &Arc<Symbols> {
        &self.stored.symbols
    }

    /// The facts with those values, days and denials left aside.
    pub fn with<'f>(
        &'f self,
        relation: RelationId,
        args: &[Value],
    ) -> impl Iterator<Item = Cow<'f, Fact>> + use<'f> {
        let list = &self.written.list;
        let order = self.written.order.get_or_init(|| {
            let mut order: Vec<u32> = (0..list.len() as u32).collect();
            order.sort_by_key(|at| key(&list[*at as usize]));
            order
        });
        let wanted = (relation, args);
        let start = order.partition_point(|at| key(&list[*at as usize]) < wanted);
        let behind = order[start..].partition_point(|at| key(&list[*at as usize]) <= wanted);
        let places = order[start..start + behind].iter();
        let written = places.map(|at| Cow::Borrowed(&list[*at as usize]));
        let symbols = &self.stored.symbols;
        let words = args.iter().map(|value| symbols.find(value));
        let words: Option<Vec<Code>> = words.collect();
        let batches = self.batches().filter(move |it| it.relation == relation);
        let found = batches.flat_map(move |batch| {
            let rows = words.as_ref().map(|words| batch.rows_with(words));
            let rows = rows.into_iter().flatten();
            rows.map(|row| Cow::Owned(batch.fact(symbols, row)))
        });
        written.chain(found)
    }

    /// The facts of a relation that leave a field open.
    pub fn open(&self, relation: RelationId) -> impl Iterator<Item = Cow<'_, Fact>> {
        let written = self.written.list.iter();
        let written = written.filter(move |fact| fact.relation == relation);
        let written = written.filter(|fact| fact.args.iter().any(Value::is_open));
        let batches = self.batches();
        let batches = batches.filter(move |batch| batch.relation == relation);
        let stored = batches.flat_map(|batch| {
            let rows = 0..batch.len();
            let open = rows.filter(|row| batch.args(*row).contains(&UNKNOWN));
            open.map(|row| Cow::Owned(batch.fact(&self.stored.symbols, row)))
        });
        written.map(Cow::Borrowed).chain(stored)
    }

    /// The fields that some fact leaves open.
    pub fn open_fields(&self) -> BTreeSet<(RelationId, usize)> {
        let mut open = BTreeSet::new();
        for fact in &self.written.list {
            let fields = fact.args.iter().enumerate();
            let of_fact = fields.filter(|(_, value)| value.is_open());
            open.extend(of_fact.map(|(field, _)| (fact.relation, field)));
        }
        for batch in self.batches() {
            let fields = batch.open_fields().iter();
            open.extend(fields.map(|field| (batch.relation, *field)));
        }
        open
    }

    /// The stretches of days that facts of dated inputs have, each once.
    pub fn stretches(&self) -> BTreeSet<(Date, Date)> {
        let written = self.written.list.iter().filter_map(|fact| fact.days);
        let mut all: BTreeSet<(Date, Date)> = written.collect();
        for batch in self.batches().filter(|it| it.width > it.fields()) {
            let mut last = None;
            for row in 0..batch.len() {
                let words = batch.days_words(row);
                if words != last {
                    last = words;
                    all.extend(batch.days(row));
                }
            }
        }
        all
    }

    /// The texts in which facts stand.
    pub fn files(&self) -> BTreeSet<FileId> {
        let written = self.written.list.iter();
        let written = written.filter_map(|fact| fact.place.file());
        written.chain(self.batches().map(Batch::file)).collect()
    }

    /// Where a name of that type stands first.
    pub fn first_named(&self, policy: &Policy, ty: TypeId, name: &Value) -> Option<Place> {
        let is_of_type =
            |field: Type| matches!(field, Type::Entity(it) | Type::Set(it) if it == ty);
        let written = self.written.list.iter().filter(|fact| {
            let fields = &policy.relation(fact.relation).fields;
            let mut pairs = fields.iter().zip(&fact.args);
            pairs.any(|(field, value)| is_of_type(field.ty) && value == name)
        });
        let written = written.map(|fact| fact.place).min();
        let word = self.stored.symbols.find(name);
        let stored = self.batches().filter_map(|batch| {
            let word = word?;
            let fields = policy.relation(batch.relation).fields.iter().enumerate();
            let fields = fields.filter(|(_, field)| is_of_type(field.ty));
            let first = fields.filter_map(|(at, _)| batch.column(at).position(|it| it == word));
            first.min().map(|row| batch.place(row))
        });
        written.into_iter().chain(stored.min()).min()
    }

    /// Every name in the policy or the facts, by type: what `Country(C)` holds of.
    pub fn named(&self, policy: &Policy) -> BTreeMap<TypeId, Names> {
        names::named(policy, self)
    }

    /// The same but for names that stand in batches alone.
    pub fn named_one_by_one(&self, policy: &Policy) -> BTreeMap<TypeId, Names> {
        names::named_one_by_one(policy, self)
    }

    /// The words of the names in the batches, by type, each once.
    pub fn named_in_batches(&self, policy: &Policy) -> BTreeMap<TypeId, Vec<Code>> {
        names::named_in_batches(policy, self)
    }

    /// Adds one.
    pub fn push(&mut self, fact: Fact) {
        self.written_mut().push(fact);
    }

    /// All facts one by one, to be changed in these alone. Where there are very many, that takes its time.
    pub fn list_mut(&mut self) -> &mut Vec<Fact> {
        if !self.stored.batches.is_empty() {
            let all: Vec<Fact> = self.iter().map(Cow::into_owned).collect();
            self.stored = Arc::default();
            *self.written_mut() = all;
        }
        self.written_mut()
    }

    fn written_mut(&mut self) -> &mut Vec<Fact> {
        let written = Arc::make_mut(&mut self.written);
        written.order = OnceLock::new();
        &mut written.list
    }

    /// Adds what is given and presumed elsewhere.
    pub fn add(&mut self, more: Facts) {
        match self.written.list.is_empty() {
            true => self.written = more.written,
            false if more.written.list.is_empty() => {}
            false => {
                let more = Arc::unwrap_or_clone(more.written);
                self.written_mut().extend(more.list);
            }
        }
        match self.stored.batches.is_empty() {
            true => self.stored = more.stored,
            false if more.stored.batches.is_empty() => {}
            false => Arc::make_mut(&mut self.stored).add(&more.stored),
        }
        self.presumptions.extend(more.presumptions);
    }

    /// Those that fulfil something: written ones by their place in the list, others by batch and row.
    pub(super) fn only(
        &self,
        is_written_kept: impl Fn(usize) -> bool,
        is_row_kept: impl Fn(usize, usize) -> bool,
    ) -> Facts {
        let written = self.written.list.iter().enumerate();
        let written = written.filter(|(at, _)| is_written_kept(*at));
        let batches = self.stored.batches.iter().enumerate();
        let batches = batches.map(|(at, batch)| {
            let is_kept = |row| is_row_kept(at, row);
            match (0..batch.len()).all(is_kept) {
                true => Arc::clone(batch),
                false => Arc::new(batch.where_row(is_kept)),
            }
        });
        let stored = Stored {
            symbols: Arc::clone(&self.stored.symbols),
            batches: batches.collect(),
        };
        Facts {
            presumptions: self.presumptions.clone(),
            ..Facts::new(written.map(|(_, fact)| fact.clone()).collect(), stored)
        }
    }
}

impl Stored {
    /// Adds batches that have a table of symbols of their own.
    fn add(&mut self, more: &Stored) {
        let symbols = Arc::make_mut(&mut self.symbols);
        let mut words: Vec<Option<Code>> = vec![None; more.symbols.len()];
        for batch in &more.batches {
            let translated = batch.translated(|code| match is_symbol(code) {
                true => *words[code as usize]
                    .get_or_insert_with(|| symbols.take_over(&more.symbols, code)),
                false => symbols.take_over(&more.symbols, code),
            });
            self.batches.push(Arc::new(translated));
        }
    }
}

fn key(fact: &Fact) -> (RelationId, &[Value]) {
    (fact.relation, &fact.args)
}
