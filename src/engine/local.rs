//! The engine for use: semi-naive rounds over datafrog relations.
//!
//! Values are words, rows are flat, and every join walks sorted `(key, row)` relations, a batch of bindings at a time.
//! A round sees only what was known when it began, so a row's premises always stand in earlier rounds.

mod batch;
mod build;
mod fold;
mod gathered;
pub(super) mod index;
mod join;
mod order;
mod output;
mod plan;
mod store;

use super::expr::{Evaluator, working_days};
use super::instances::first_error;
use super::profile::{Profile, StratumProfile};
use super::{Engine, Failure, Given, Limits, Model};
use crate::datalog::Program;
use crate::datalog::program::{Clause, Levels, Literal, RelId, Stratum, Var};
use crate::value::Date;
use crate::value::symbols::Code;
use fold::Folds;
use join::Run;
use plan::{Plan, Setting};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering as Access};
use std::time::Instant;
use store::Store;

/// Computes the model on this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Local;

impl Engine for Local {
    fn run(&self, program: &Program, given: &Given<'_>, limits: Limits) -> Result<Model, Failure> {
        let model = Model::of_given(program, given);
        let mut session = Session {
            program,
            limits,
            store: Store::new(model),
            givers: givers(program),
            came: Came::default(),
            profile: Profile::default(),
            working_days: (0, Arc::default()),
        };
        session.store.end_round();
        let last_reads = last_reads(program);
        for (at, stratum) in program.strata.iter().enumerate() {
            if let Some(watch) = limits.watch {
                watch.at_stratum(at + 1, program.strata.len());
            }
            let (start, before) = (Instant::now(), session.came.facts());
            let rounds = match session.may_grow(stratum) {
                true => session.stratum(stratum)?,
                false => 0,
            };
            session.profile.strata.push(StratumProfile {
                rounds,
                derived: session.came.facts() - before,
                time: start.elapsed(),
            });
            if rounds > 0 {
                let is_read_later = |rel: RelId| last_reads[rel.0 as usize] > at;
                session.store.forget(is_read_later);
            }
        }
        let mut model = session.store.into_model();
        model.profile = Profile {
            for_proofs: model.profile.for_proofs,
            ..session.profile
        };
        Ok(model)
    }
}

/// One run over a program.
struct Session<'a> {
    program: &'a Program,
    limits: Limits,
    store: Store,
    /// How many clauses give rows of each relation.
    givers: Vec<usize>,
    came: Came,
    profile: Profile,
    /// The working days, as of so many rows of their relation.
    working_days: (usize, Arc<[Date]>),
}

impl<'a> Session<'a> {
    /// Works out a stratum; gives how many rounds that took.
    fn stratum(&mut self, stratum: &Stratum) -> Result<usize, Failure> {
        let mut evaluator = Evaluator::new(self.program, self.limits);
        if let Some(rel) = self.program.working_day {
            let rows = self.store.table(rel).len();
            if rows != self.working_days.0 {
                self.working_days = (rows, working_days(self.store.rows(rel)));
            }
            evaluator.keep_working_days(Arc::clone(&self.working_days.1));
        }
        let (rounds, troubled) = match &stratum.levels {
            None => self.rounds(stratum, &evaluator)?,
            Some(levels) => self.level_by_level(stratum, levels, &evaluator)?,
        };
        if troubled.is_empty() {
            return Ok(rounds);
        }
        // An expression had no value somewhere; whether that is an error is told slowly, by the definition.
        self.store.with_model(|model| {
            troubled
                .iter()
                .try_for_each(|clause| first_error(self.program, *clause, model, &evaluator))
        })?;
        Ok(rounds)
    }

    /// Semi-naive rounds until nothing new comes; gives how many there were, and the clauses in which some expression had no value.
    fn rounds(
        &mut self,
        stratum: &Stratum,
        evaluator: &Evaluator<'_>,
    ) -> Result<(usize, BTreeSet<usize>), Failure> {
        let own: BTreeSet<RelId> = stratum.relations.iter().copied().collect();
        self.store.begin(&own);
        let folds = Folds::default();
        let mut plans = self.plans(stratum, &own);
        let mut troubled = BTreeSet::new();
        let mut rounds = 0;
        for round in 1.. {
            let before = self.came.rows();
            if let Some(watch) = self.limits.watch {
                watch.at_round(round, self.came.facts());
            }
            rounds = round;
            let mut last = None;
            for plan in plans
                .iter_mut()
                .filter(|plan| round == 1 || plan.is_incremental)
            {
                let made = self.came.rows();
                self.apply(plan, &[], &folds, evaluator, &mut troubled)?;
                if self.came.rows() > made {
                    last = Some(plan.clause);
                }
            }
            if self.came.rows() == before {
                break;
            }
            if let Some(clause) = last
                && round > self.limits.rounds
            {
                return Err(self.too_many_rounds(clause));
            }
            self.store.advance(&own);
        }
        self.store.settle(&own);
        let done = plans.iter().map(Plan::profile);
        self.profile.plans.extend(done);
        Ok((rounds, troubled))
    }

    /// For each clause: one plan for each of its literals that grow in this stratum, or one for all if none does.
    fn plans(&self, stratum: &Stratum, own: &BTreeSet<RelId>) -> Vec<Plan<'a>> {
        let is_own = |rel: RelId| own.contains(&rel);
        let clauses = stratum.clauses.iter();
        let clauses = clauses.filter(|at| self.may_give(&self.program.clauses[**at], &is_own));
        let plans = clauses.flat_map(|at| {
            let clause = &self.program.clauses[*at];
            let grows = |literal: &Literal| matches!(literal, Literal::Positive(atom) if own.contains(&atom.rel));
            let growing: Vec<Option<usize>> = (0..clause.body.len())
                .filter(|literal| grows(&clause.body[*literal]))
                .map(Some)
                .collect();
            let deltas = if growing.is_empty() { vec![None] } else { growing };
            deltas.into_iter().map(move |delta| (*at, delta))
        });
        plans
            .map(|(clause, delta)| {
                self.plan(
                    clause,
                    Setting {
                        own,
                        delta,
                        level: None,
                    },
                )
            })
            .collect()
    }

    /// Whether some clause of a stratum may give a row.
    fn may_grow(&self, stratum: &Stratum) -> bool {
        let is_own = |rel: RelId| stratum.relations.contains(&rel);
        let mut clauses = stratum.clauses.iter();
        clauses.any(|at| self.may_give(&self.program.clauses[*at], &is_own))
    }

    /// Whether every relation that must match has rows, or may yet get some: else there is nothing to plan.
    fn may_give(&self, clause: &Clause, is_own: &dyn Fn(RelId) -> bool) -> bool {
        clause.body.iter().all(|literal| match literal {
            Literal::Positive(atom) => self.store.table(atom.rel).len() > 0 || is_own(atom.rel),
            _ => true,
        })
    }

    fn plan(&self, clause: usize, setting: Setting<'_>) -> Plan<'a> {
        let program = self.program;
        Plan::new(
            program,
            clause,
            &program.clauses[clause],
            setting,
            &self.store,
            self.givers[program.clauses[clause].head.rel.0 as usize],
        )
    }

    fn level_by_level(
        &mut self,
        stratum: &Stratum,
        levels: &Levels,
        evaluator: &Evaluator<'_>,
    ) -> Result<(usize, BTreeSet<usize>), Failure> {
        let own: BTreeSet<RelId> = stratum.relations.iter().copied().collect();
        let mut troubled = BTreeSet::new();
        let setting = |level| Setting {
            own: &own,
            delta: None,
            level,
        };
        for clause in &stratum.clauses {
            if !levels.variable.contains_key(clause) {
                let mut plan = self.plan(*clause, setting(None));
                self.apply_at_once(&mut plan, &[], &own, evaluator, &mut troubled)?;
                self.profile.plans.push(plan.profile());
            }
        }
        let with_level = |clause: &usize| Some((*clause, *levels.variable.get(clause)?));
        let reading: Vec<(usize, Var)> = stratum.clauses.iter().filter_map(with_level).collect();
        let mut plans: Vec<Plan<'_>> = reading
            .iter()
            .map(|(clause, var)| self.plan(*clause, setting(Some(*var))))
            .collect();
        let mut queue = LevelQueue::default();
        let mut rounds = 0;
        queue.extend(&self.store, levels);
        while let Some(level) = queue.pop(&self.store) {
            let mut last = None;
            for plan in &mut plans {
                let made = self.came.rows();
                self.apply_at_once(plan, &[level], &own, evaluator, &mut troubled)?;
                if self.came.rows() > made {
                    last = Some(plan.clause);
                }
            }
            rounds += usize::from(last.is_some());
            if let Some(clause) = last
                && rounds > self.limits.rounds
            {
                return Err(self.too_many_rounds(clause));
            }
            queue.extend(&self.store, levels);
        }
        let done = plans.iter().map(Plan::profile);
        self.profile.plans.extend(done);
        Ok((rounds, troubled))
    }

    /// Applies a clause so that what it gives is seen by the next one.
    fn apply_at_once(
        &mut self,
        plan: &mut Plan<'_>,
        start: &[Code],
        own: &BTreeSet<RelId>,
        evaluator: &Evaluator<'_>,
        troubled: &mut BTreeSet<usize>,
    ) -> Result<(), Failure> {
        self.store.settle(own);
        self.apply(plan, start, &Folds::default(), evaluator, troubled)?;
        self.store.settle(own);
        self.store.end_round();
        Ok(())
    }

    /// Runs a plan once; what it gives is there afterwards.
    fn apply(
        &mut self,
        plan: &mut Plan<'_>,
        start: &[Code],
        folds: &Folds,
        evaluator: &Evaluator<'_>,
        troubled: &mut BTreeSet<usize>,
    ) -> Result<(), Failure> {
        let clause = &self.program.clauses[plan.clause];
        let head = clause.head.rel;
        let has_facts = self.program.relations[head.0 as usize].has_facts();
        let (begun, rows, facts) = (Instant::now(), self.came.rows(), self.came.facts());
        plan.probed()
            .for_each(|rel| self.store.table_mut(rel).know_places());
        self.store.table_mut(head).catch_up();
        let there = self.store.table(head).len();
        let (store, came) = (&self.store, (&self.came, has_facts));
        let outcome = Run::of(plan, clause, start, store, evaluator, folds, came);
        // A run that is to end need not wait for its rows to stand in order.
        let in_order = outcome.is_shared && self.limits.halt().is_none();
        self.store.table_mut(head).admit(in_order);
        if self.came.facts() > self.limits.facts {
            let one_too_many = there + self.limits.facts - facts;
            let row = self.store.values(head, one_too_many);
            return Err(Failure::facts(self.limits, plan.clause, row));
        }
        if let Some(halt) = self.limits.halt() {
            let row = self.store.last_row(head);
            return Err(Failure::halted(halt, plan.clause, row));
        }
        if outcome.is_troubled {
            troubled.insert(plan.clause);
        }
        plan.counts.runs += 1;
        plan.counts.derived += self.came.rows() - rows;
        plan.counts.time += begun.elapsed();
        Ok(())
    }

    fn too_many_rounds(&self, clause: usize) -> Failure {
        let row = self.store.last_row(self.program.clauses[clause].head.rel);
        Failure::rounds(self.limits, clause, row)
    }
}

/// How much has come so far; several threads add to it.
#[derive(Default)]
struct Came {
    rows: AtomicUsize,
    facts: AtomicUsize,
}

impl Came {
    /// Rows of all relations.
    fn rows(&self) -> usize {
        self.rows.load(Access::Relaxed)
    }

    /// Those that are facts of the policy.
    fn facts(&self) -> usize {
        self.facts.load(Access::Relaxed)
    }

    /// So many rows came, which are facts or not; gives how many facts there are then.
    fn add(&self, new: usize, are_facts: bool) -> usize {
        self.rows.fetch_add(new, Access::Relaxed);
        let new = if are_facts { new } else { 0 };
        self.facts.fetch_add(new, Access::Relaxed) + new
    }
}

/// How many clauses give rows of each relation.
fn givers(program: &Program) -> Vec<usize> {
    let mut givers = vec![0; program.relations.len()];
    for clause in &program.clauses {
        givers[clause.head.rel.0 as usize] += 1;
    }
    givers
}

/// The stratum that reads each relation last: until then its indexes are kept.
fn last_reads(program: &Program) -> Vec<usize> {
    let mut last = vec![0; program.relations.len()];
    let mut note = |rel: RelId, at: usize| last[rel.0 as usize] = at;
    for (at, stratum) in program.strata.iter().enumerate() {
        for clause in &stratum.clauses {
            for literal in &program.clauses[*clause].body {
                match literal {
                    Literal::Positive(atom) | Literal::Negative(atom, _) => note(atom.rel, at),
                    Literal::Aggregate(aggregate) => {
                        note(aggregate.atom.rel, at);
                        if let Some((_, certain)) = aggregate.certain {
                            note(certain, at);
                        }
                    }
                    Literal::Check(_) | Literal::Bind(..) => {}
                }
            }
        }
    }
    last
}

/// The levels present in a stratum, from the lowest upwards, each once.
#[derive(Default)]
struct LevelQueue {
    waiting: BTreeSet<Code>,
    last: Option<Code>,
    /// How many rows of each relation have been looked at.
    seen: BTreeMap<RelId, usize>,
}

impl LevelQueue {
    fn extend(&mut self, store: &Store, levels: &Levels) {
        for (rel, column) in &levels.column {
            let table = store.table(*rel);
            let seen = self.seen.entry(*rel).or_default();
            let ids = *seen as u32..table.len() as u32;
            self.waiting.extend(ids.map(|id| table.row(id)[*column]));
            *seen = table.len();
        }
    }

    fn pop(&mut self, store: &Store) -> Option<Code> {
        let symbols = store.symbols();
        if let Some(last) = self.last {
            let is_above = |level: &Code| symbols.compare(*level, last) == Ordering::Greater;
            self.waiting.retain(is_above);
        }
        let lowest = self.waiting.iter().copied();
        self.last = lowest.min_by(|a, b| symbols.compare(*a, *b));
        self.last
    }
}
