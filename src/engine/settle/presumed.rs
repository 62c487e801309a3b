//! What is presumed of a point on a condition. Where the condition holds, there is nothing to ask; but an answer would win over
//! what is presumed. So no settlement has an answer to what it presumes otherwise.

use super::cell::Cell;
use super::formula::Formula;
use super::points::Points;
use super::work::Work;
use super::{Point, PointId};
use crate::ir::RelationId;
use crate::value::Value;

/// What may be presumed of a point.
pub(super) struct Presumed {
    /// What it is presumed to be, and when.
    values: Vec<(Cell, Formula)>,
    /// When presumptions contradict each other, and none counts.
    clash: Formula,
}

impl Presumed {
    pub(super) fn conditions(&self) -> impl Iterator<Item = Formula> {
        let values = self.values.iter().map(|(_, condition)| *condition);
        values.chain([self.clash])
    }

    pub(super) fn clash(&self) -> Formula {
        self.clash
    }
}

impl Work<'_> {
    /// Notes what may be presumed of each point.
    pub(super) fn note_presumptions(&mut self) {
        for (at, point) in self.points.all().into_iter().enumerate() {
            let presumed = match &point {
                Point::Judgement { relation, args } => self.of_judgement(*relation, args),
                Point::Field {
                    relation,
                    row,
                    field,
                } => self.of_field(*relation, row, *field),
            };
            if presumed.conditions().any(|condition| !condition.is_false()) {
                self.points.presumed.insert(PointId(at as u32), presumed);
            }
        }
    }

    fn of_judgement(&mut self, relation: RelationId, args: &[Value]) -> Presumed {
        let judgements = &self.program.open.judgements;
        let rel = judgements
            .iter()
            .find(|(_, judgement)| judgement.relation == relation);
        let [so, not_so] = match rel {
            Some((rel, _)) => self.presumed_of(*rel, args),
            None => [Formula::FALSE; 2],
        };
        let is = |truth| Cell::Known(Value::Bool(truth));
        Presumed {
            values: vec![
                (is(true), self.both(so, !not_so)),
                (is(false), self.both(not_so, !so)),
            ],
            clash: self.both(so, not_so),
        }
    }

    fn of_field(&mut self, relation: RelationId, row: &[Value], field: usize) -> Presumed {
        let program = self.program;
        let fields = program.open.presumed.iter();
        let own = fields.filter(|it| it.relation == relation && it.field == field);
        let mut said: Vec<(Cell, Formula)> = Vec::new();
        for presumed in own {
            let is_key = |column: &usize| {
                let is_open = row.get(*column).is_none_or(Value::is_open);
                *column != field && !is_open
            };
            let columns = presumed.columns.iter();
            let pattern: Vec<Option<Cell>> = columns
                .map(|column| is_key(column).then(|| Cell::of(row[*column].clone())))
                .collect();
            let at = presumed.columns.iter().position(|column| *column == field);
            for (cells, condition) in self.rows_matching(presumed.rel, &pattern) {
                let cell = at.and_then(|at| cells.get(at)).cloned();
                said.extend(cell.map(|cell| (cell, condition)));
            }
        }
        let mut clash = Formula::FALSE;
        let mut values = Vec::new();
        for (cell, condition) in &said {
            let mut alone = *condition;
            for (other, is_said) in &said {
                let differs = !self.points.equal(cell, other);
                let otherwise = self.both(differs, *is_said);
                let both = self.both(*condition, otherwise);
                clash = self.either(clash, both);
                alone = self.both(alone, !otherwise);
            }
            values.push((cell.clone(), alone));
        }
        Presumed { values, clash }
    }
}

impl Points {
    /// When a point is presumed to be something.
    pub(super) fn is_presumed(&mut self, point: PointId) -> Formula {
        let values = match self.presumed.get(&point) {
            Some(presumed) => presumed.values.clone(),
            None => Vec::new(),
        };
        let mut any = Formula::FALSE;
        for (_, condition) in values {
            any = self.diagram.either(any, condition);
        }
        any
    }

    /// When a point is presumed to be something else.
    pub(super) fn is_presumed_otherwise(&mut self, point: PointId, answer: &Value) -> Formula {
        let values = match self.presumed.get(&point) {
            Some(presumed) => presumed.values.clone(),
            None => Vec::new(),
        };
        let mut any = Formula::FALSE;
        for (cell, condition) in values {
            let equal = self.equal(&cell, &Cell::Known(answer.clone()));
            let otherwise = self.diagram.both(condition, !equal);
            any = self.diagram.either(any, otherwise);
        }
        any
    }
}
