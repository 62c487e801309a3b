//! A clause as steps over batches of bindings: which columns are looked up by, which are kept.

use super::store::Version;
use crate::datalog::program::{Aggregate, Check, Expr, RelId, Var};
use crate::engine::profile::{PlanProfile, StepProfile};
use crate::ir::Comparison;
use crate::value::symbols::Code;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Where and how a clause is evaluated.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The relations that grow meanwhile.
    pub own: &'a BTreeSet<RelId>,
    /// The literal that reads only what the round before found.
    pub delta: Option<usize>,
    /// The variable that is bound from the start.
    pub level: Option<Var>,
}

/// A clause as steps.
pub struct Plan<'a> {
    /// Index into `Program::clauses`.
    pub clause: usize,
    /// Whether it must run again when the relations of the stratum have grown.
    pub is_incremental: bool,
    /// The variable that is bound from the start.
    pub level: Option<Var>,
    /// In order.
    pub steps: Vec<Step<'a>>,
    /// The columns of the conclusion.
    pub head: Vec<Source>,
    /// Whether no row comes of it twice, or of anything else.
    pub is_distinct: bool,
    /// What it has done so far.
    pub counts: Counts,
}

/// What a plan has done so far.
pub struct Counts {
    /// How often it was run.
    pub runs: usize,
    /// Rows that were new.
    pub derived: usize,
    /// How long that took.
    pub time: Duration,
    /// For each step: the literal, the rows of its relation when it was planned, and the bindings that came through.
    steps: Vec<(usize, Option<usize>, AtomicUsize)>,
}

impl Counts {
    /// Of a plan that takes these literals in this order, each with the rows of its relation.
    pub fn new(steps: impl Iterator<Item = (usize, Option<usize>)>) -> Counts {
        Counts {
            runs: 0,
            derived: 0,
            time: Duration::ZERO,
            steps: steps
                .map(|(literal, rows)| (literal, rows, AtomicUsize::default()))
                .collect(),
        }
    }

    /// So many bindings have come through the steps before that one.
    pub fn passed(&self, before: usize, bindings: usize) {
        if let Some((_, _, passed)) = before.checked_sub(1).map(|at| &self.steps[at]) {
            passed.fetch_add(bindings, Ordering::Relaxed);
        }
    }
}

impl Plan<'_> {
    /// The relations in which whole rows are looked for.
    pub fn probed(&self) -> impl Iterator<Item = RelId> {
        self.steps.iter().filter_map(|step| match step {
            Step::Join(rel, _, join) => join.columns.are_all_known().then_some(*rel),
            Step::Absent(absent) => absent.columns.are_all_known().then_some(absent.rel),
            _ => None,
        })
    }

    /// What it has done so far, as data.
    pub fn profile(&self) -> PlanProfile {
        let steps = self.counts.steps.iter();
        let steps = steps.map(|(literal, estimate, passed)| StepProfile {
            literal: *literal,
            estimate: *estimate,
            passed: passed.load(Ordering::Relaxed),
        });
        PlanProfile {
            clause: self.clause,
            runs: self.counts.runs,
            derived: self.counts.derived,
            time: self.counts.time,
            steps: steps.collect(),
        }
    }
}

/// Where a word comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// A place in the binding.
    Slot(usize),
    /// It is written in the clause.
    Constant(Code),
}

impl Source {
    /// The word, for a binding.
    pub fn of(self, row: &[Code]) -> Code {
        match self {
            Source::Slot(slot) => row[slot],
            Source::Constant(code) => code,
        }
    }
}

/// Where each variable stands in a binding, by `Var`.
pub type Slots = Vec<Option<usize>>;

/// One step: takes bindings, gives bindings.
pub enum Step<'a> {
    /// Combines with the rows of a relation that match.
    Join(RelId, Version, Join),
    /// Combines with the results of an aggregate, where its group is not yet bound.
    FoldJoin(&'a Aggregate, usize, Join),
    /// Looks up the result of an aggregate; its place in the body; its group; the result where it is bound already.
    Lookup(&'a Aggregate, usize, Vec<Source>, Option<Source>),
    /// Leaves bindings for which a row matches.
    Absent(Absent<'a>),
    /// Leaves bindings for which a check fails.
    Check(&'a Check, Quick, Slots),
    /// Adds a value, or compares with it where it is bound already.
    Bind(&'a Expr, QuickBind, Option<Source>, Slots),
}

/// The columns of an atom, beside the bindings.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Those whose word is known.
    pub key: Vec<(usize, Source)>,
    /// Pairs that must be equal.
    pub same: Vec<(usize, usize)>,
    /// How many there are.
    pub arity: usize,
}

impl Columns {
    /// The columns whose word is known.
    pub fn known(&self) -> Vec<usize> {
        self.key.iter().map(|(column, _)| *column).collect()
    }

    /// Whether the rows of that version are gone through one by one.
    pub fn is_walked(&self, version: Version) -> bool {
        !self.are_all_known() && (version == Version::Delta || self.key.is_empty())
    }

    /// Whether every column is known.
    pub fn are_all_known(&self) -> bool {
        self.key.len() == self.arity
    }
}

/// A join with rows.
pub struct Join {
    /// How their columns are found.
    pub columns: Columns,
    /// The new binding.
    pub output: Vec<Kept>,
}

/// What a join keeps.
#[derive(Clone, Copy, Debug)]
pub enum Kept {
    /// A place of the old binding.
    Slot(usize),
    /// A column of the row.
    Column(usize),
}

/// `not atom`, with checks on its rows.
pub struct Absent<'a> {
    /// Its relation.
    pub rel: RelId,
    /// How its columns are found.
    pub columns: Columns,
    /// What a row must fulfil to count.
    pub checks: &'a [Check],
    /// Where the bound variables stand.
    pub slots: Slots,
    /// In which column of the row the others stand.
    pub locals: Slots,
}

/// A check that needs no values, only words.
pub enum Quick {
    /// The field has a value.
    Present(Source),
    /// The day lies in one of the stretches.
    Within(Source, Vec<(Code, Code)>),
    /// Two words are compared, where their order can be told.
    Compare(Comparison, Source, Source),
    /// None of these.
    No,
}

/// An expression that needs no values, only words.
pub enum QuickBind {
    /// The last of these days that is not later.
    Regime(Source, Vec<Code>),
    /// None of these.
    No,
}
