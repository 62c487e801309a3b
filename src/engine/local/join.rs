//! A plan at work: batches of bindings go through its steps, and what comes out is added to the head's rows.

use super::batch::Batch;
use super::fold::{Fold, Folds, Outcome};
use super::plan::{Absent, Columns, Join, Kept, Plan, Quick, QuickBind, Slots, Source, Step};
use super::store::{Index, Store, Version, is_inexact, key};
use crate::datalog::program::{Aggregate, Check, Clause, Expr, RelId, Var};
use crate::engine::Failure;
use crate::engine::expr::{Evaluator, compares};
use crate::engine::table::{RowId, Table};
use crate::ir::Comparison;
use crate::value::symbols::{Code, NONE, compare_inline, is_date};
use crate::value::{NoValue, Value};
use datafrog::Relation;
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

/// How many bindings go through a step together.
const BATCH: usize = 1 << 14;
/// How many of them are joined in one go; between goes the run can be stopped.
const GO: usize = 1 << 10;

/// One run of a plan.
pub struct Run<'a> {
    plan: &'a Plan<'a>,
    clause: &'a Clause,
    store: &'a Store,
    evaluator: &'a Evaluator<'a>,
    folds: &'a Folds,
    /// Rows derived in the whole session.
    derived: &'a Cell<usize>,
    /// What is bound from the start.
    start: Vec<Code>,
    /// Whether an expression had no value for some binding.
    is_troubled: Cell<bool>,
    /// The row at which the limit was reached; then nothing more is done.
    over: RefCell<Option<Vec<Code>>>,
    is_over: Cell<bool>,
}

impl<'a> Run<'a> {
    /// Runs a plan, beginning with the binding `start`; gives whether an expression had no value for some binding.
    pub fn of(
        plan: &'a Plan<'a>,
        clause: &'a Clause,
        start: &[Code],
        store: &'a Store,
        evaluator: &'a Evaluator<'a>,
        folds: &'a Folds,
        derived: &'a Cell<usize>,
    ) -> Result<bool, Failure> {
        let run = Run {
            plan,
            clause,
            store,
            evaluator,
            folds,
            derived,
            start: start.to_vec(),
            is_troubled: Cell::new(false),
            over: RefCell::new(None),
            is_over: Cell::new(false),
        };
        run.from(0, Batch::of(start));
        let limits = evaluator.limits();
        if let Some(row) = run.over.take() {
            let symbols = store.symbols();
            let row = row.iter().map(|code| symbols.decode(*code)).collect();
            return Err(Failure::facts(limits, plan.clause, row));
        }
        match limits.halt() {
            None => Ok(run.is_troubled.get()),
            Some(halt) => {
                let row = store.last_row(clause.head.rel);
                Err(Failure::halted(halt, plan.clause, row))
            }
        }
    }

    /// Takes a batch through the steps from a place on. Only a join calls this again, once a batch it fills:
    /// the depth is that of the clause.
    fn from(&self, place: usize, mut batch: Batch) {
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
            self.is_over.set(true);
        }
        self.is_over.get()
    }

    fn conclude(&self, batch: &Batch) {
        if self.must_end() {
            return;
        }
        self.plan.counts.passed(self.plan.steps.len(), batch.len());
        let mut table = self.store.cell(self.clause.head.rel).borrow_mut();
        let mut head = vec![0; self.plan.head.len()];
        for at in 0..batch.len() {
            let row = batch.row(at);
            for (code, source) in head.iter_mut().zip(&self.plan.head) {
                *code = source.of(row);
            }
            if table.insert(&head) {
                self.derived.set(self.derived.get() + 1);
                if self.derived.get() > self.evaluator.limits().facts {
                    self.is_over.set(true);
                    self.over.replace(Some(head));
                    return;
                }
            }
        }
        if let Some(watch) = self.evaluator.limits().watch {
            watch.has_derived(self.derived.get());
        }
    }

    fn join(&self, rel: RelId, version: Version, join: &Join, next: usize, batch: &Batch) {
        let range = self.store.range(rel, version);
        if range.is_empty() {
            return;
        }
        let columns = &join.columns;
        let table = self.store.cell(rel);
        let binds_nothing = join.output.iter().all(|kept| matches!(kept, Kept::Slot(_)));
        let mut output = Output::new(self, table, join, next);
        if columns.are_all_known() {
            self.members(table, range, columns, batch, &mut output);
        } else if version == Version::Delta || columns.key.is_empty() {
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
        output.finish();
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
            self.is_troubled.set(true);
        }
        let table = fold.rows();
        let range = 0..table.borrow().len() as RowId;
        let mut output = Output::new(self, table, join, next);
        if join.columns.key.is_empty() {
            self.walk(table, range, &join.columns, batch, &mut output);
        } else {
            let index = fold.index(&join.columns.known());
            self.look_up(&index, range.end, &join.columns, table, batch, &mut output);
        }
        output.finish();
    }

    /// All columns are known: the row is there or not.
    fn members(
        &self,
        table: &RefCell<Table>,
        range: Range<RowId>,
        columns: &Columns,
        batch: &Batch,
        output: &mut Output<'_, '_>,
    ) {
        let mut codes = Vec::new();
        for at in 0..batch.len() {
            let row = batch.row(at);
            set_key(&mut codes, columns, row);
            let found = table.borrow().find(&codes);
            if let Some(id) = found.filter(|id| range.contains(id)) {
                output.push(row, id);
            }
        }
    }

    /// Every row with every binding.
    fn walk(
        &self,
        table: &RefCell<Table>,
        range: Range<RowId>,
        columns: &Columns,
        batch: &Batch,
        output: &mut Output<'_, '_>,
    ) {
        for at in 0..batch.len() {
            let row = batch.row(at);
            for id in range.clone() {
                if matches(columns, row, table.borrow().row(id)) {
                    output.push(row, id);
                }
                if self.is_over.get() {
                    return;
                }
            }
            if self.must_end() {
                return;
            }
        }
    }

    /// Sorts the bindings by key and walks them beside the batches of the index.
    fn look_up(
        &self,
        index: &Index,
        end: RowId,
        columns: &Columns,
        table: &RefCell<Table>,
        batch: &Batch,
        output: &mut Output<'_, '_>,
    ) {
        let must_check = is_inexact(columns.key.len()) || !columns.same.is_empty();
        for bindings in sorted(batch, columns) {
            for rows in index.before(end) {
                if self.is_over.get() {
                    return;
                }
                each_match(&bindings, rows, |at, id| {
                    let row = batch.row(at as usize);
                    if !must_check || matches(columns, row, table.borrow().row(id)) {
                        output.push(row, id);
                    }
                });
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
            matches(columns, binding, row) && self.fulfils(absent, binding, row)
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
        for bindings in sorted(batch, columns) {
            for rows in index.before(range.end) {
                each_match(&bindings, rows, |at, id| {
                    let at = at as usize;
                    present[at] = present[at] || counts(at, id);
                });
            }
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
            self.is_troubled.set(true);
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

    fn fold(&self, aggregate: &Aggregate, literal: usize) -> Rc<Fold> {
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
        self.is_troubled.set(true);
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

/// The places of the bindings with their keys, sorted, a go at a time.
fn sorted(batch: &Batch, columns: &Columns) -> Vec<Relation<(u64, u32)>> {
    let mut codes = Vec::new();
    let mut pairs: Vec<(u64, u32)> = (0..batch.len())
        .map(|at| {
            set_key(&mut codes, columns, batch.row(at));
            (key(&codes), at as u32)
        })
        .collect();
    pairs.sort_unstable();
    let relation = |elements: &[(u64, u32)]| Relation {
        elements: elements.to_vec(),
    };
    pairs.chunks(GO).map(relation).collect()
}

/// Joins bindings and rows on their keys. Nothing is collected: what is made of a match is up to `each`.
fn each_match(
    bindings: &Relation<(u64, u32)>,
    rows: &Relation<(u64, RowId)>,
    mut each: impl FnMut(u32, RowId),
) {
    Relation::<()>::from_join(bindings, rows, |_, at, id| each(*at, *id));
}

/// Where the bindings that a join makes are gathered, and sent on when there are enough.
struct Output<'r, 'a> {
    run: &'r Run<'a>,
    table: &'r RefCell<Table>,
    join: &'r Join,
    next: usize,
    batch: Batch,
}

impl<'r, 'a> Output<'r, 'a> {
    fn new(run: &'r Run<'a>, table: &'r RefCell<Table>, join: &'r Join, next: usize) -> Self {
        let batch = Batch::new(join.output.len());
        Output {
            run,
            table,
            join,
            next,
            batch,
        }
    }

    fn push(&mut self, binding: &[Code], id: RowId) {
        if self.run.is_over.get() {
            return;
        }
        {
            let table = self.table.borrow();
            let row = table.row(id);
            self.batch
                .push(self.join.output.iter().map(|kept| match kept {
                    Kept::Slot(slot) => binding[*slot],
                    Kept::Column(column) => row[*column],
                }));
        }
        if self.batch.len() >= BATCH {
            self.send();
        }
    }

    fn send(&mut self) {
        let full = std::mem::replace(&mut self.batch, Batch::new(self.join.output.len()));
        self.run.from(self.next, full);
    }

    fn finish(mut self) {
        self.send();
    }
}
