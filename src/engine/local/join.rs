//! A plan at work: batches of bindings go through its steps, and what comes out is added to the head's rows.

use super::Came;
use super::batch::Batch;
use super::fold::{Fold, Folds, Outcome};
use super::gathered::Gathered;
use super::index::{Index, is_inexact, key};
use super::output::Output;
use super::plan::{Absent, Columns, Join, Kept, Plan, Quick, QuickBind, Slots, Source, Step};
use super::store::{Store, Version};
use crate::datalog::program::{Aggregate, Check, Clause, Expr, RelId, Var};
use crate::engine::expr::{Evaluator, compares};
use crate::engine::table::{RowId, Table};
use crate::ir::Comparison;
use crate::value::symbols::{Code, NONE, compare_inline, is_date};
use crate::value::{NoValue, Value};
use rayon::prelude::*;
use std::mem::take;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many bindings go through a step together. (Like the next two next to nothing in tests, which so try what becomes of many.)
pub(super) const BATCH: usize = if cfg!(test) { 3 } else { 1 << 14 };
/// From how many rows on that a plan begins with, several threads share them.
const SHARED: usize = if cfg!(test) { 4 } else { 1 << 11 };
/// In how many stretches the rows are cut that threads share, at least: some take longer than others.
const STRETCHES: usize = 32;

/// One run of a plan. Its rows wait in the table of the head until they are admitted.
pub struct Run<'a> {
    pub(super) plan: &'a Plan<'a>,
    head: RelId,
    store: &'a Store,
    evaluator: &'a Evaluator<'a>,
    folds: &'a Folds,
    /// What came in the whole session, and whether the rows of the head are facts of the policy.
    came: (&'a Came, bool),
    /// What is bound from the start.
    start: Vec<Code>,
    /// What has come of it and is not yet offered; a thread takes one, adds to it, and puts it back.
    gathered: Mutex<Vec<Gathered>>,
    /// Whether an expression had no value for some binding.
    is_troubled: AtomicBool,
    /// Whether a limit was reached, or somebody has asked the run to end; then nothing more is done.
    is_over: AtomicBool,
}

/// How a run of a plan went.
pub struct Done {
    /// Whether an expression had no value for some binding.
    pub is_troubled: bool,
    /// Whether several threads shared the work.
    pub is_shared: bool,
}

impl<'a> Run<'a> {
    /// Runs a plan, beginning with the binding `start`.
    pub fn of(
        plan: &'a Plan<'a>,
        clause: &'a Clause,
        start: &[Code],
        store: &'a Store,
        evaluator: &'a Evaluator<'a>,
        folds: &'a Folds,
        came: (&'a Came, bool),
    ) -> Done {
        let run = Run {
            plan,
            head: clause.head.rel,
            store,
            evaluator,
            folds,
            came,
            start: start.to_vec(),
            gathered: Mutex::default(),
            is_troubled: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        };
        let is_shared = run.share();
        if !is_shared {
            run.from(0, Batch::of(start));
        }
        let gathered = take(&mut *run.gathered());
        gathered
            .into_par_iter()
            .for_each(|mut it| run.offer(&mut it));
        Done {
            is_troubled: run.is_troubled.into_inner(),
            is_shared,
        }
    }

    /// Where a plan begins by walking many rows, threads walk a stretch of them each; whether that is so.
    fn share(&self) -> bool {
        let Some(Step::Join(rel, version, join)) = self.plan.steps.first() else {
            return false;
        };
        let range = self.store.range(*rel, *version);
        if range.len() < SHARED || !join.columns.is_walked(*version) {
            return false;
        }
        let start = Batch::of(&self.start);
        let length = range.len().div_ceil(STRETCHES).min(BATCH);
        let stretches = range.clone().into_par_iter().step_by(length);
        let walk = |run: &Run<'_>, first: RowId| {
            let stretch = first..range.end.min(first + length as RowId);
            let table = run.store.table(*rel);
            let mut output = Output::new(run, table, join, 1);
            run.walk(table, stretch, &join.columns, &start, &mut output);
            output.end();
        };
        if !self.plan.is_distinct {
            stretches.for_each(|first| walk(self, first));
            return true;
        }
        // Rows that are not looked for need not wait for others, and stay in the order of the stretches.
        let parts = stretches.map(|first| {
            let part = Run {
                gathered: Mutex::default(),
                is_troubled: AtomicBool::new(false),
                is_over: AtomicBool::new(self.is_over()),
                start: self.start.clone(),
                ..*self
            };
            walk(&part, first);
            part
        });
        let parts: Vec<Run<'_>> = parts.collect();
        for part in parts {
            let is_troubled = part.is_troubled.into_inner();
            self.is_troubled.fetch_or(is_troubled, Ordering::Relaxed);
            let gathered = part.gathered.into_inner();
            let gathered = gathered.unwrap_or_else(PoisonError::into_inner);
            gathered.into_iter().for_each(|mut it| self.offer(&mut it));
        }
        true
    }

    /// Takes a batch through the steps from a place on. Only a join calls this again, once a batch it fills:
    /// the depth is that of the clause.
    pub(super) fn from(&self, place: usize, mut batch: Batch) {
        for (at, step) in self.plan.steps.iter().enumerate().skip(place) {
            if batch.len() == 0 || self.must_end() {
                return;
            }
            if at > 0 {
                self.plan.counts.passed(at, batch.len());
            }
            match step {
                Step::Join(rel, version, join) => {
                    return self.join(*rel, *version, join, at + 1, &batch);
                }
                Step::FoldJoin(aggregate, literal, join) => {
                    return self.fold_join(aggregate, *literal, join, at + 1, &batch);
                }
                Step::Lookup(aggregate, literal, group, result) => {
                    batch = self.lookup(aggregate, *literal, group, *result, batch);
                }
                Step::Absent(absent) => self.absent(absent, &mut batch),
                Step::Check(check, quick, slots) => {
                    batch.retain(|row| self.check(check, quick, slots, row));
                }
                Step::Bind(expr, quick, found, slots) => {
                    let value = |row: &[Code]| self.bind(expr, quick, slots, row);
                    batch = found_or_added(batch, *found, value);
                }
            }
        }
        self.conclude(&batch);
    }

    /// Whether a limit was reached, or somebody has asked the run to end.
    fn must_end(&self) -> bool {
        if self.evaluator.limits().halt().is_some() {
            self.is_over.store(true, Ordering::Relaxed);
        }
        self.is_over()
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn conclude(&self, batch: &Batch) {
        if self.must_end() || batch.len() == 0 {
            return;
        }
        let mut gathered = self.begin_gathering();
        for at in 0..batch.len() {
            let row = batch.row(at);
            gathered.add(self.plan.head.iter().map(|source| source.of(row)));
        }
        self.account(&mut gathered, batch.len());
        self.gathered().push(gathered);
    }

    /// What has come so far and nobody adds to now.
    pub(super) fn begin_gathering(&self) -> Gathered {
        let gathered = self.gathered().pop();
        gathered.unwrap_or_else(|| Gathered::of(self.plan))
    }

    /// So many heads have been added.
    pub(super) fn account(&self, gathered: &mut Gathered, added: usize) {
        self.plan.counts.passed(self.plan.steps.len(), added);
        if self.plan.is_distinct {
            self.count(added);
        } else if gathered.is_full() {
            self.offer(gathered);
        }
    }

    pub(super) fn gathered(&self) -> MutexGuard<'_, Vec<Gathered>> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Offers rows to the table of the head, unless the run is over; a row without columns is one however often it comes.
    fn offer(&self, gathered: &mut Gathered) {
        let table = self.store.table(self.head);
        match gathered {
            Gathered::Wide(cells) if self.plan.is_distinct => table.offer_different(take(cells)),
            _ if self.must_end() => {}
            Gathered::Wide(cells) => {
                self.count(table.offer(cells));
                cells.clear();
            }
            Gathered::Narrow(words, _) => {
                self.count(table.offer_words(words));
                words.clear();
            }
        }
    }

    /// So many rows were found that were not there.
    fn count(&self, new: usize) {
        let (came, are_facts) = self.came;
        let derived = came.add(new, are_facts);
        if derived > self.evaluator.limits().facts {
            self.is_over.store(true, Ordering::Relaxed);
        }
        if let Some(watch) = self.evaluator.limits().watch {
            watch.has_derived(derived);
        }
    }

    fn join(&self, rel: RelId, version: Version, join: &Join, next: usize, batch: &Batch) {
        let range = self.store.range(rel, version);
        if range.is_empty() {
            return;
        }
        let columns = &join.columns;
        let table = self.store.table(rel);
        let binds_nothing = join.output.iter().all(|kept| matches!(kept, Kept::Slot(_)));
        let mut output = Output::new(self, table, join, next);
        if columns.are_all_known() {
            self.members(table, range, columns, batch, &mut output);
        } else if columns.is_walked(version) {
            self.walk(table, range, columns, batch, &mut output);
        } else if binds_nothing && columns.same.is_empty() && version == Version::All {
            let known = self.store.projection(rel, &columns.known());
            let mut codes = Vec::new();
            for at in 0..batch.len() {
                let row = batch.row(at);
                set_key(&mut codes, columns, row);
                if known.contains(&codes) {
                    output.push(row, 0);
                }
            }
        } else {
            let index = self.store.index(rel, &columns.known());
            self.look_up(&index, range.end, columns, table, batch, &mut output);
        }
        output.end();
    }

    fn fold_join(
        &self,
        aggregate: &Aggregate,
        literal: usize,
        join: &Join,
        next: usize,
        batch: &Batch,
    ) {
        let fold = self.fold(aggregate, literal);
        if fold.has_trouble() {
            self.is_troubled.store(true, Ordering::Relaxed);
        }
        let table = fold.rows();
        let range = 0..table.len() as RowId;
        let mut output = Output::new(self, table, join, next);
        if join.columns.key.is_empty() {
            self.walk(table, range, &join.columns, batch, &mut output);
        } else {
            let index = fold.index(&join.columns.known());
            self.look_up(&index, range.end, &join.columns, table, batch, &mut output);
        }
        output.end();
    }

    /// All columns are known: the row is there or not.
    fn members(
        &self,
        table: &Table,
        range: Range<RowId>,
        columns: &Columns,
        batch: &Batch,
        output: &mut Output<'_, '_>,
    ) {
        let mut codes = Vec::new();
        for at in 0..batch.len() {
            let row = batch.row(at);
            set_key(&mut codes, columns, row);
            let found = table.find(&codes);
            if let Some(id) = found.filter(|id| range.contains(id)) {
                output.push(row, id);
            }
        }
    }

    /// Every row with every binding.
    fn walk(
        &self,
        table: &Table,
        range: Range<RowId>,
        columns: &Columns,
        batch: &Batch,
        output: &mut Output<'_, '_>,
    ) {
        for at in 0..batch.len() {
            let row = batch.row(at);
            for id in range.clone() {
                if matches(columns, row, table.row(id)) {
                    output.push(row, id);
                }
            }
            if self.must_end() {
                return;
            }
        }
    }

    /// Looks up the rows for each binding.
    fn look_up(
        &self,
        index: &Index,
        end: RowId,
        columns: &Columns,
        table: &Table,
        batch: &Batch,
        output: &mut Output<'_, '_>,
    ) {
        let must_check = is_inexact(columns.key.len()) || !columns.same.is_empty();
        let mut codes = Vec::new();
        let keys = (0..batch.len()).map(|at| {
            set_key(&mut codes, columns, batch.row(at));
            key(&codes)
        });
        let keys: Vec<u64> = keys.collect();
        for rows in index.before(end) {
            for (at, key) in keys.iter().enumerate() {
                let row = batch.row(at);
                for (_, id) in rows.find(*key) {
                    if !must_check || matches(columns, row, table.row(*id)) {
                        output.push(row, *id);
                    }
                }
                if self.must_end() {
                    return;
                }
            }
        }
    }

    fn absent(&self, absent: &Absent<'_>, batch: &mut Batch) {
        let columns = &absent.columns;
        let mut codes = Vec::new();
        if columns.are_all_known() && absent.checks.is_empty() {
            let table = self.store.table(absent.rel);
            return batch.retain(|row| {
                set_key(&mut codes, columns, row);
                table.find(&codes).is_none()
            });
        }
        if columns.same.is_empty() && absent.checks.is_empty() {
            let known = self.store.projection(absent.rel, &columns.known());
            return batch.retain(|row| {
                set_key(&mut codes, columns, row);
                !known.contains(&codes)
            });
        }
        let present = self.present(absent, batch);
        let mut at = 0;
        batch.retain(|_| {
            at += 1;
            !present[at - 1]
        });
    }

    /// For which bindings there is a row that matches and fulfils the checks, or might.
    fn present(&self, absent: &Absent<'_>, batch: &Batch) -> Vec<bool> {
        let columns = &absent.columns;
        let table = self.store.table(absent.rel);
        let counts = |at: usize, id: RowId| {
            let (binding, row) = (batch.row(at), table.row(id));
            // Where the run is to end, what comes of it is not used any more.
            self.must_end() || matches(columns, binding, row) && self.fulfils(absent, binding, row)
        };
        let mut present = vec![false; batch.len()];
        let range = self.store.range(absent.rel, Version::All);
        if columns.key.is_empty() {
            for (at, is_present) in present.iter_mut().enumerate() {
                *is_present = range.clone().any(|id| counts(at, id));
            }
            return present;
        }
        let index = self.store.index(absent.rel, &columns.known());
        let mut codes = Vec::new();
        for (at, is_present) in present.iter_mut().enumerate() {
            set_key(&mut codes, columns, batch.row(at));
            let mut rows = index.matching(key(&codes), range.end);
            *is_present = rows.any(|id| counts(at, id));
        }
        present
    }

    /// Whether all checks hold; where they have no truth value, the binding is in trouble, and passed over.
    fn fulfils(&self, absent: &Absent<'_>, binding: &[Code], row: &[Code]) -> bool {
        let symbols = self.store.symbols();
        let value = |var: Var| {
            let at = var.0 as usize;
            let code = match absent.slots[at] {
                Some(slot) => binding[slot],
                None => row[absent.locals[at].expect(BOUND)],
            };
            symbols.decode(code)
        };
        let mut is_unclear = false;
        for check in absent.checks {
            match self.evaluator.check(check, &value) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(_) => is_unclear = true,
            }
        }
        if is_unclear {
            self.is_troubled.store(true, Ordering::Relaxed);
        }
        true
    }

    fn lookup(
        &self,
        aggregate: &Aggregate,
        literal: usize,
        group: &[Source],
        result: Option<Source>,
        batch: Batch,
    ) -> Batch {
        let fold = self.fold(aggregate, literal);
        let mut codes = Vec::new();
        found_or_added(batch, result, |row| {
            codes.clear();
            codes.extend(group.iter().map(|source| source.of(row)));
            match fold.outcome(&codes) {
                Outcome::Result(code) => Some(code),
                Outcome::Nothing => None,
                Outcome::Trouble => self.trouble(),
            }
        })
    }

    fn fold(&self, aggregate: &Aggregate, literal: usize) -> Arc<Fold> {
        let start = self.plan.level.iter().zip(&self.start);
        let known = |var: Var| {
            start
                .clone()
                .find(|(at, _)| **at == var)
                .map(|(_, code)| *code)
        };
        self.folds.get((self.plan.clause, literal), || {
            Fold::new(aggregate, known, self.store, self.evaluator)
        })
    }

    fn check(&self, check: &Check, quick: &Quick, slots: &Slots, row: &[Code]) -> bool {
        let known = match quick {
            Quick::Present(source) => Some(source.of(row) != NONE),
            Quick::Within(day, stretches) => {
                let day = day.of(row);
                let at = stretches.partition_point(|(_, last)| *last < day);
                Some(stretches.get(at).is_some_and(|(first, _)| *first <= day))
            }
            Quick::Compare(comparison, left, right) => {
                compare(*comparison, left.of(row), right.of(row))
            }
            Quick::No => None,
        };
        known.unwrap_or_else(|| {
            let symbols = self.store.symbols();
            let truth = self
                .evaluator
                .check(check, &|var| symbols.decode(row[slot(slots, var)]));
            truth.unwrap_or_else(|_| self.trouble().is_some())
        })
    }

    fn bind(&self, expr: &Expr, quick: &QuickBind, slots: &Slots, row: &[Code]) -> Option<Code> {
        if let QuickBind::Regime(day, starts) = quick
            && is_date(day.of(row))
        {
            let after = starts.partition_point(|start| *start <= day.of(row));
            return starts.get(after.saturating_sub(1)).copied();
        }
        let value: Result<Value, NoValue> = {
            let symbols = self.store.symbols();
            self.evaluator
                .value(expr, &|var| symbols.decode(row[slot(slots, var)]))
        };
        match value {
            Ok(value) => Some(self.store.encode(&value)),
            Err(_) => self.trouble(),
        }
    }

    /// An expression has no value: the binding is passed over.
    fn trouble(&self) -> Option<Code> {
        self.is_troubled.store(true, Ordering::Relaxed);
        None
    }
}

const BOUND: &str = "a step comes after those that bind its variables";

fn slot(slots: &Slots, var: Var) -> usize {
    slots[var.0 as usize].expect(BOUND)
}

/// Compares words, where that tells how their values compare.
fn compare(comparison: Comparison, left: Code, right: Code) -> Option<bool> {
    match comparison {
        Comparison::Equal => Some(left == right),
        Comparison::NotEqual => Some(left != right),
        _ => compare_inline(left, right).map(|order| compares(comparison, order)),
    }
}

/// Adds a value to each binding, or keeps those that have it already.
fn found_or_added(
    mut batch: Batch,
    found: Option<Source>,
    mut value: impl FnMut(&[Code]) -> Option<Code>,
) -> Batch {
    match found {
        None => batch.append(value),
        Some(found) => {
            batch.retain(|row| value(row) == Some(found.of(row)));
            batch
        }
    }
}

fn set_key(codes: &mut Vec<Code>, columns: &Columns, binding: &[Code]) {
    codes.clear();
    codes.extend(columns.key.iter().map(|(_, source)| source.of(binding)));
}

fn matches(columns: &Columns, binding: &[Code], row: &[Code]) -> bool {
    columns
        .key
        .iter()
        .all(|(column, source)| row[*column] == source.of(binding))
        && columns.same.iter().all(|(a, b)| row[*a] == row[*b])
}
