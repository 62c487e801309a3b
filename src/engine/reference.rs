//! The engine to compare with: naive, without an index, straight from the definition.

use super::expr::{Evaluator, working_days};
use super::instances::{Instance, Rows, first_error, instances};
use super::{Engine, Failure, Given, Limits, Model};
use crate::datalog::Program;
use crate::datalog::program::{Levels, RelId, Stratum, Var};
use crate::value::{Date, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Computes the model by applying every clause to everything until nothing new comes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Engine for Reference {
    fn run(&self, program: &Program, given: &Given<'_>, limits: Limits) -> Result<Model, Failure> {
        let mut run = Run {
            program,
            limits,
            rows: Sets(vec![BTreeSet::new(); program.relations.len()]),
            derived: 0,
            working_days: (0, Arc::default()),
        };
        for (rel, row) in program.facts.iter().cloned().chain(given.rows()) {
            run.rows.0[rel.0 as usize].insert(row);
        }
        for stratum in &program.strata {
            run.stratum(stratum)?;
        }
        Ok(run.model())
    }
}

struct Run<'a> {
    program: &'a Program,
    limits: Limits,
    rows: Sets,
    /// Facts that followed so far.
    derived: usize,
    /// The working days, as of so many rows of their relation.
    working_days: (usize, Arc<[Date]>),
}

/// The rows known, by `RelId`.
struct Sets(Vec<BTreeSet<Vec<Value>>>);

impl Rows for Sets {
    fn matching(&self, rel: RelId, pattern: &[Option<Value>], each: &mut dyn FnMut(&[Value])) {
        for row in &self.0[rel.0 as usize] {
            let mut columns = row.iter().zip(pattern);
            if columns.all(|(value, known)| known.as_ref().is_none_or(|known| known == value)) {
                each(row);
            }
        }
    }
}

impl Run<'_> {
    fn stratum(&mut self, stratum: &Stratum) -> Result<(), Failure> {
        let mut evaluator = Evaluator::new(self.program, self.limits);
        if let Some(rel) = self.program.working_day {
            let rows = &self.rows.0[rel.0 as usize];
            if rows.len() != self.working_days.0 {
                self.working_days = (rows.len(), working_days(rows.iter().cloned()));
            }
            evaluator.keep_working_days(Arc::clone(&self.working_days.1));
        }
        match &stratum.levels {
            None => self.until_nothing_new(&stratum.clauses, &evaluator)?,
            Some(levels) => self.level_by_level(stratum, levels, &evaluator)?,
        }
        for clause in &stratum.clauses {
            first_error(self.program, *clause, &self.rows, &evaluator)?;
        }
        Ok(())
    }

    /// All clauses at once on what is known, again and again.
    fn until_nothing_new(
        &mut self,
        clauses: &[usize],
        evaluator: &Evaluator<'_>,
    ) -> Result<(), Failure> {
        for round in 1.. {
            let conclusions = clauses.iter().flat_map(|clause| {
                let rows = self.conclusions(*clause, None, evaluator);
                rows.into_iter().map(|row| (*clause, row))
            });
            let conclusions: Vec<(usize, Vec<Value>)> = conclusions.collect();
            let mut last = None;
            self.go_on(clauses)?;
            for (clause, row) in conclusions {
                if self.add(clause, &row)? {
                    last = Some((clause, row));
                }
            }
            match last {
                None => break,
                Some((clause, row)) if round > self.limits.rounds => {
                    return Err(Failure::rounds(self.limits, clause, row));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn level_by_level(
        &mut self,
        stratum: &Stratum,
        levels: &Levels,
        evaluator: &Evaluator<'_>,
    ) -> Result<(), Failure> {
        for clause in &stratum.clauses {
            if !levels.variable.contains_key(clause) {
                self.apply(*clause, None, evaluator)?;
            }
        }
        let mut rounds = 0;
        let mut level = self.next_level(levels, None);
        while let Some(current) = level {
            let mut last = None;
            self.go_on(&stratum.clauses)?;
            for (clause, var) in in_order(stratum, levels) {
                let row = self.apply(clause, Some((var, &current)), evaluator)?;
                last = row.map(|row| (clause, row)).or(last);
            }
            rounds += usize::from(last.is_some());
            if let Some((clause, row)) = last
                && rounds > self.limits.rounds
            {
                return Err(Failure::rounds(self.limits, clause, row));
            }
            level = self.next_level(levels, Some(&current));
        }
        Ok(())
    }

    /// The lowest level of any row above the one given.
    fn next_level(&self, levels: &Levels, above: Option<&Value>) -> Option<Value> {
        let columns = levels.column.iter();
        columns
            .flat_map(|(rel, column)| self.rows.0[rel.0 as usize].iter().map(|row| &row[*column]))
            .filter(|level| above.is_none_or(|above| *level > above))
            .min()
            .cloned()
    }

    /// Applies a clause once; the last row it made.
    fn apply(
        &mut self,
        clause: usize,
        level: Option<(Var, &Value)>,
        evaluator: &Evaluator<'_>,
    ) -> Result<Option<Vec<Value>>, Failure> {
        let mut last = None;
        for row in self.conclusions(clause, level, evaluator) {
            if self.add(clause, &row)? {
                last = Some(row);
            }
        }
        Ok(last)
    }

    fn conclusions(
        &self,
        clause: usize,
        level: Option<(Var, &Value)>,
        evaluator: &Evaluator<'_>,
    ) -> Vec<Vec<Value>> {
        let clause = &self.program.clauses[clause];
        let start = match level {
            None => Instance::of(clause),
            Some((var, value)) => Instance::of(clause).with(var, value.clone()),
        };
        let sound = |instance: &Instance| instance.trouble.is_none();
        instances(clause, start, &self.rows, evaluator)
            .into_iter()
            .filter(sound)
            .filter_map(|instance| instance.row(&clause.head))
            .collect()
    }

    /// Stops where somebody has asked for it.
    fn go_on(&self, clauses: &[usize]) -> Result<(), Failure> {
        match (self.limits.halt(), clauses.first()) {
            (Some(halt), Some(clause)) => Err(Failure::halted(halt, *clause, Vec::new())),
            _ => Ok(()),
        }
    }

    /// Adds a row that a clause gives; whether it is new.
    fn add(&mut self, clause: usize, row: &[Value]) -> Result<bool, Failure> {
        let rel = self.program.clauses[clause].head.rel;
        if !self.rows.0[rel.0 as usize].insert(row.to_vec()) {
            return Ok(false);
        }
        self.derived += usize::from(self.program.relations[rel.0 as usize].has_facts());
        if self.derived > self.limits.facts {
            return Err(Failure::facts(self.limits, clause, row.to_vec()));
        }
        Ok(true)
    }

    fn model(self) -> Model {
        let mut model = Model::new(self.program);
        for (rel, rows) in (0..).map(RelId).zip(self.rows.0) {
            for row in rows {
                model.insert(rel, &row);
            }
        }
        model
    }
}

/// The clauses that read a level, in the order of the stratum, with the variable that holds it.
fn in_order<'a>(stratum: &'a Stratum, levels: &'a Levels) -> impl Iterator<Item = (usize, Var)> {
    let with_level = |clause: &'a usize| Some((*clause, *levels.variable.get(clause)?));
    stratum.clauses.iter().filter_map(with_level)
}
