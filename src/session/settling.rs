//! Worlds in which some open points are settled, as if somebody had answered.

use super::Session;
use super::open::may_be;
use super::run::Evaluated;
use crate::datalog::program::{RelId, Shape};
use crate::engine::settle::{Answer, Outcome, Point, PointId};
use crate::facts::Facts;
use crate::ir::{Fact, RelationId};
use crate::proof::Claim;
use crate::source::Place;
use crate::value::{Date, FIRST_DAY, LAST_DAY, Value};

impl Session {
    /// A world in which points are settled so that a fact holds there (or, with `false`, does not), with the answers.
    pub(super) fn settled_world(
        &self,
        evaluated: &Evaluated,
        claim: &Claim,
        holds: bool,
    ) -> Option<(Evaluated, Vec<(PointId, Answer)>)> {
        let answers = self.witness(evaluated, claim, holds)?;
        let facts = self.assuming(evaluated, &answers);
        let settled = self.run(&facts, &evaluated.circumstances).ok()?;
        Some((settled, answers))
    }

    /// The facts with some points settled as if somebody had answered.
    pub(super) fn assuming(&self, evaluated: &Evaluated, answers: &[(PointId, Answer)]) -> Facts {
        let mut facts = evaluated.facts.clone();
        for (point, answer) in answers {
            match (self.settled(evaluated).point(*point), answer) {
                (Point::Judgement { relation, args }, Answer::Truth(truth)) => {
                    facts.push(Fact {
                        relation: *relation,
                        args: args.clone(),
                        days: None,
                        denied: !truth,
                        place: Place::Assumed,
                    });
                }
                (
                    Point::Field {
                        relation,
                        row,
                        field,
                    },
                    Answer::Value(value),
                ) => {
                    let (args, days) = self.args_and_days(*relation, row);
                    let mut fact = take_row(&mut facts, *relation, args, days);
                    fact.args[*field] = value.clone();
                    facts.push(fact);
                }
                _ => {}
            }
        }
        facts
    }

    /// The fields of a row of the program, and of a dated fact its days.
    pub(super) fn args_and_days<'r>(
        &self,
        relation: RelationId,
        row: &'r [Value],
    ) -> (&'r [Value], Option<(Date, Date)>) {
        let declared = self.policy.relation(relation);
        let fields = declared.fields.len().min(row.len());
        let days = match &row[fields..] {
            [Value::Date(from), Value::Date(through)] => Some((*from, *through)),
            _ => declared.dated.then_some((FIRST_DAY, LAST_DAY)),
        };
        (&row[..fields], days)
    }

    /// For a fact that holds, but follows only when something is settled, or one that may hold: answers after which it holds (or, with
    /// `false`, does not).
    pub(super) fn witness(
        &self,
        evaluated: &Evaluated,
        claim: &Claim,
        holds: bool,
    ) -> Option<Vec<(PointId, Answer)>> {
        let (rel, row) = self.row_of(evaluated, claim)?;
        self.settled(evaluated).witness(rel, &row, holds)
    }

    /// The open points on which an open fact depends, or its values.
    pub(super) fn points_of(&self, evaluated: &Evaluated, claim: &Claim) -> Vec<PointId> {
        let Some((rel, row)) = self.row_of(evaluated, claim) else {
            return Vec::new();
        };
        match self.settled(evaluated).outcome(&evaluated.model, rel, &row) {
            Outcome::Open(dependence) => dependence.points.into_iter().map(|it| it.0).collect(),
            Outcome::Holds | Outcome::Absent => Vec::new(),
        }
    }

    /// The open points below a fact.
    pub(super) fn cone(&self, evaluated: &Evaluated, claim: &Claim) -> Vec<PointId> {
        let row = self.row_of(evaluated, claim);
        row.map_or(Vec::new(), |(rel, row)| {
            self.settled(evaluated).cone(rel, &row)
        })
    }

    /// The row of the program that a fact is; of one with values that are not known, the first row that it may be.
    fn row_of(&self, evaluated: &Evaluated, claim: &Claim) -> Option<(RelId, Vec<Value>)> {
        let declared = evaluated.program().declared.get(&claim.relation)?;
        let mut row = claim.args.clone();
        if let (Shape::Standing(regimes), Some(day)) = (declared.shape, claim.day) {
            let starts = &evaluated.program().regimes[regimes.0 as usize];
            let next = starts.partition_point(|start| *start <= day);
            row.push(Value::Date(*starts.get(next.saturating_sub(1))?));
        }
        if row.iter().any(Value::is_open) {
            let mut rows = self.settled(evaluated).outcomes(declared.rel).iter();
            row.clone_from(&rows.find(|(other, _)| may_be(other, &row))?.0);
        }
        Some((declared.rel, row))
    }
}

/// Takes out the fact that leaves a field of that row open; a new one, where nobody gave it.
fn take_row(
    facts: &mut Facts,
    relation: RelationId,
    args: &[Value],
    days: Option<(Date, Date)>,
) -> Fact {
    let is_it = |fact: &Fact| is_row(fact, relation, args, days);
    let list = facts.list_mut();
    let given = list.iter().position(is_it);
    let given = given.map(|at| list.remove(at));
    Fact {
        place: Place::Assumed,
        ..given.unwrap_or_else(|| Fact {
            relation,
            args: args.to_vec(),
            days,
            denied: false,
            place: Place::Assumed,
        })
    }
}

/// Whether a fact is that row; what is open in the row may be anything.
pub(super) fn is_row(
    fact: &Fact,
    relation: RelationId,
    args: &[Value],
    days: Option<(Date, Date)>,
) -> bool {
    let mut pairs = fact.args.iter().zip(args);
    fact.relation == relation
        && fact.days == days
        && pairs.all(|(own, asked)| own == asked || asked.is_open())
}
