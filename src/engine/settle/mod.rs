//! What becomes of each row that may hold but need not, decided exactly over all ways of settling the open points.
//! What is worked out of several unknown values (`X > Y`, `X / Y >= 10%`) is decided for them together; what hangs on something
//! of which only bounds are known is said to be not exact.
//!
//! The clauses of what is open are worked out once more on rows with conditions: functions of the points, kept as decision
//! diagrams. `points` are what can be asked, `moved` days that lie months from others, `together` settles those
//! that are asked about together, `cell` what can stand in a column, `work`, `judge` and `fold` go through a body,
//! `spread` through all rows, and `decide` says what the conditions come to.

mod cell;
mod decide;
mod diagram;
mod fold;
mod formula;
mod judge;
mod languages;
mod moved;
mod need;
mod points;
mod polynomial;
mod presumed;
mod roots;
mod rows;
mod spread;
#[cfg(test)]
mod tests;
mod texts;
mod there;
mod together;
mod work;

use super::{Limits, Model};
use crate::datalog::Program;
use crate::datalog::program::RelId;
use crate::ir::{Kind, Policy, RelationId};
use crate::value::Value;
use formula::Formula;
use hashbrown::HashMap;
use points::Points;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
pub use texts::{AskedText, TextTest};

/// A way of settling a point.
#[derive(Clone, Debug)]
pub struct Way {
    /// All answers that no question about the point alone tells apart.
    pub way: Answer,
    /// One of them.
    pub example: Answer,
    /// Whether what follows from the one follows from all.
    pub is_all: bool,
}

/// An open point of one `Settled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PointId(pub u32);

/// What is not known, and can be asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// Whether a judgement is so.
    Judgement {
        /// Of the policy.
        relation: RelationId,
        /// About what.
        args: Vec<Value>,
    },
    /// The value of a field.
    Field {
        /// Of the policy.
        relation: RelationId,
        /// The row; what is not known in it is `Value::Unknown`.
        row: Vec<Value>,
        /// Its place among the fields.
        field: usize,
    },
}

/// A bound, and whether it belongs to what it bounds; `None`: no bound on that side.
pub type Bound = Option<(Value, bool)>;

/// What a point may be settled as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Of a judgement.
    Truth(bool),
    /// That value.
    Value(Value),
    /// That value, or another that comes to the same together with the other answers.
    Example(Value),
    /// Any of these values.
    OneOf(Vec<Value>),
    /// Any value but these.
    NoneOf(Vec<Value>),
    /// Any value from the first bound to the second.
    Between(Bound, Bound),
    /// Whatever is presumed there: nobody is asked.
    AsPresumed,
    /// Any text of which these are so, and those are not.
    Such {
        /// What is so.
        so: BTreeSet<AskedText>,
        /// What is not.
        not_so: BTreeSet<AskedText>,
        /// Such a text.
        example: Arc<str>,
    },
}

/// What becomes of a row once all points are settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds in every way of settling them.
    Holds,
    /// It holds in none.
    Absent,
    /// It depends.
    Open(Dependence),
}

/// Answers to some points, and whether a row then holds.
pub type Settlement = (Vec<(PointId, Answer)>, bool);

/// On what an open row depends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependence {
    /// The points whose answer alone changes the outcome in some settlement. Not exact: some that may.
    pub points: Vec<(PointId, HoldsIf)>,
    /// What those points may be settled as, and whether the row then holds: all ways, or none where there are too many.
    pub settlements: Vec<Settlement>,
    /// Whether this is exact; if not, the row may turn out to hold always, or never.
    pub is_exact: bool,
}

/// How an outcome depends on one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldsIf {
    /// Where the answer matters, it holds if it is yes.
    True,
    /// Where the answer matters, it holds if it is no.
    False,
    /// Now one, now the other; or the answer is neither yes nor no.
    Mixed,
}

/// What becomes of the rows that may hold but need not.
pub struct Settled {
    outcomes: BTreeMap<RelId, Vec<(Vec<Value>, Outcome)>>,
    list: Vec<Point>,
    /// The condition of each row of `outcomes`, and what it was worked out for (a place in `wanted`).
    conditions: HashMap<(RelId, Vec<Value>), (Formula, u32)>,
    wanted: Vec<spread::Wanted>,
    rows: rows::OpenRows,
    points: Mutex<Points>,
    most_points: usize,
    /// Relations of which it counts only whether there is such a row, not which values stand in it.
    constraints: BTreeSet<RelId>,
}

/// Of how many rows that are told on their own it is looked whether an open row may turn out to be one of them.
const MOST_TOLD: usize = 64;

/// How many points are named on which a row may depend that could not be worked out.
const MOST_BELOW: usize = 256;

/// Decides what becomes of the rows of some relations that may hold but need not. Beyond `most_points` points that matter to one row, and where
/// a row depends on something that cannot be worked out, its outcome is open and says that it is not exact.
pub fn settle(
    program: &Program,
    policy: &Policy,
    model: &Model,
    limits: Limits,
    most_points: usize,
    asked: &BTreeSet<RelId>,
) -> Settled {
    let rows = need::rows_of(program, model, asked);
    settle_rows(program, policy, model, limits, most_points, &rows)
}

fn settle_rows(
    program: &Program,
    policy: &Policy,
    model: &Model,
    limits: Limits,
    most_points: usize,
    rows: &need::Rows,
) -> Settled {
    let (work, wanted) = spread::spread(program, policy, model, limits, rows);
    let mut settled = Settled {
        outcomes: BTreeMap::new(),
        list: Vec::new(),
        conditions: HashMap::new(),
        wanted,
        rows: work.rows,
        points: Mutex::new(work.points),
        most_points,
        constraints: constraints(program, policy),
    };
    settled.decide(program, model);
    settled
}

/// Some rows that may hold but need not, to be settled by themselves.
pub struct Lot(need::Rows);

impl Lot {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it has rows of that relation.
    pub fn has(&self, rel: RelId) -> bool {
        self.0.contains_key(&rel)
    }
}

/// All rows of some relations that may hold but need not, in lots of about that size. Rows with the same first value are in one lot,
/// of all relations: what one hangs on, the others mostly hang on too. Where rows have open values, the relation is one lot.
pub fn lots(program: &Program, model: &Model, rels: &BTreeSet<RelId>, size: usize) -> Vec<Lot> {
    let lots = need::lots(program, model, rels, size).into_iter();
    lots.map(Lot).collect()
}

/// As `settle`, but for the rows of one lot.
pub fn settle_lot(
    program: &Program,
    policy: &Policy,
    model: &Model,
    limits: Limits,
    most_points: usize,
    lot: &Lot,
) -> Settled {
    settle_rows(program, policy, model, limits, most_points, &lot.0)
}

impl Settled {
    /// What becomes of the rows of a relation of `open.may` that may hold but need not, in canonical order. A row with a value
    /// that is open stands for all that it may turn out to be, but for rows that are told on their own.
    pub fn outcomes(&self, rel: RelId) -> &[(Vec<Value>, Outcome)] {
        self.outcomes.get(&rel).map_or(&[], Vec::as_slice)
    }

    /// What becomes of one row. `model`: the one that was settled.
    pub fn outcome(&self, model: &Model, rel: RelId, row: &[Value]) -> Outcome {
        if model.contains(rel, row) {
            return Outcome::Holds;
        }
        let rows = self.outcomes(rel);
        if let Ok(at) = rows.binary_search_by(|(other, _)| other.as_slice().cmp(row)) {
            return rows[at].1.clone();
        }
        let mut points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        let condition = self.condition_of(&mut points, rel, row);
        decide::outcome(
            &mut points,
            &[condition],
            &BTreeSet::new(),
            self.most_points,
        )
    }

    /// What becomes of those rows, among all that an outcome stands for, that have the values asked for (`None`: any). `None`:
    /// of this outcome no more can be told.
    pub fn outcome_as_asked(
        &self,
        rel: RelId,
        row: &[Value],
        asked: &[Option<Value>],
    ) -> Option<Outcome> {
        let (_, at) = self.conditions.get(&(rel, row.to_vec()))?;
        let mut points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        let mut conditions = Vec::new();
        let mut in_row = BTreeSet::new();
        for id in &self.wanted[*at as usize].entries {
            let open = &self.rows.list[*id as usize];
            let mut all = open.condition;
            for (cell, asked) in open.cells.iter().zip(asked) {
                match asked {
                    Some(value) => {
                        let equal = points.equal(cell, &cell::Cell::Known(value.clone()));
                        all = points.diagram.both(all, equal);
                    }
                    None if cell.is_vague() => return None,
                    None => in_row.extend(cell.points()),
                }
            }
            conditions.push(all);
        }
        Some(decide::outcome(
            &mut points,
            &conditions,
            &in_row,
            self.most_points,
        ))
    }

    /// Whether any row of a relation holds, also where none is sure to.
    pub fn any(&self, rel: RelId) -> Outcome {
        let mut points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        let own = self.wanted.iter().filter(|wanted| wanted.rel == rel);
        let entries = own.flat_map(|wanted| &wanted.entries);
        let entries = entries.map(|id| &self.rows.list[*id as usize]);
        let conditions = entries
            .filter(|row| !row.cells.iter().any(cell::Cell::is_stranger))
            .map(|row| row.condition);
        let mut any = Formula::FALSE;
        for condition in conditions {
            any = points.diagram.either(any, condition);
        }
        decide::outcome(&mut points, &[any], &BTreeSet::new(), self.most_points)
    }

    /// An open point.
    pub fn point(&self, id: PointId) -> &Point {
        &self.list[id.0 as usize]
    }

    /// The ways of settling a point that anything tells apart, each with an answer that stands for it (`Answer::Truth` or
    /// `Answer::Value`), and whether the answer does so in all that follows: how it relates to another point may be asked too.
    pub fn ways(&self, id: PointId) -> Vec<Way> {
        let points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        let is_related = points.is_related(id);
        let ways = points.ways(id).into_iter();
        ways.map(|way| {
            let example = points.example(id, &way);
            Way {
                is_all: !is_related || way == example,
                way,
                example,
            }
        })
        .collect()
    }

    /// Whether something may be presumed of a point, depending on others.
    pub fn may_be_presumed(&self, id: PointId) -> bool {
        let points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        points.presumed.contains_key(&id)
    }

    /// A way of settling points, with one answer each (`Answer::Truth` or `Answer::Value`) and few of them, after which the row
    /// holds (or does not), whatever the others come to.
    pub fn witness(
        &self,
        rel: RelId,
        row: &[Value],
        holds: bool,
    ) -> Option<Vec<(PointId, Answer)>> {
        let mut points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        let condition = match self.conditions.get(&(rel, row.to_vec())) {
            Some((condition, _)) => *condition,
            None => self.condition_of(&mut points, rel, row),
        };
        let wanted = if holds { condition } else { !condition };
        decide::witness(&mut points, wanted.must)
    }

    /// The points that anything below a row depends on, also where the row itself holds in every settlement.
    pub fn cone(&self, rel: RelId, row: &[Value]) -> Vec<PointId> {
        let points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        let start = self.conditions.get(&(rel, row.to_vec()));
        let Some((_, wanted)) = start else {
            return Vec::new();
        };
        let below = |with_never| below(&points, &self.wanted, &self.rows, *wanted, with_never);
        let mut found = below(false);
        if found.is_empty() {
            // It holds since something else never does, which only shows once that is settled.
            found = below(true);
        }
        found.into_iter().collect()
    }

    /// When a row holds that is one of those which a row with open values stands for.
    fn condition_of(&self, points: &mut Points, rel: RelId, row: &[Value]) -> Formula {
        let cells: Vec<cell::Cell> = row.iter().cloned().map(cell::Cell::of).collect();
        let pattern: Vec<Option<cell::Cell>> = cells.iter().cloned().map(Some).collect();
        let mut any = Formula::FALSE;
        for id in self.rows.all_matching(rel, &pattern) {
            let other = &self.rows.list[id as usize];
            let mut all = other.condition;
            for (a, b) in other.cells.iter().zip(&cells) {
                let equal = points.equal(a, b);
                all = points.diagram.both(all, equal);
            }
            any = points.diagram.either(any, all);
        }
        any
    }

    fn decide(&mut self, program: &Program, model: &Model) {
        let points = self
            .points
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let mut known = HashMap::new();
        let wanted = self.wanted.iter().enumerate();
        for (at, wanted) in wanted.filter(|(_, wanted)| wanted.is_asked) {
            for (row, mut outcome, condition) in decide::outcomes(
                points,
                wanted,
                &self.rows,
                &told_on_their_own(model, program.open.may[&wanted.rel], &wanted.row),
                !self.constraints.contains(&wanted.rel),
                self.most_points,
                &mut known,
            ) {
                if let Outcome::Open(dependence) = &mut outcome
                    && dependence.points.is_empty()
                {
                    // Whatever it could not be worked out from.
                    let below = below(points, &self.wanted, &self.rows, at as u32, false);
                    let below = below.into_iter().take(MOST_BELOW);
                    dependence.points = below.map(|point| (point, HoldsIf::Mixed)).collect();
                }
                self.conditions
                    .insert((wanted.rel, row.clone()), (condition, at as u32));
                self.outcomes
                    .entry(wanted.rel)
                    .or_default()
                    .push((row, outcome));
            }
        }
        for rows in self.outcomes.values_mut() {
            rows.sort_by(|a, b| a.0.cmp(&b.0));
        }
        self.list = points.all();
    }
}

/// The points that anything below a row that is wanted depends on; `with_never`: also below rows that hold in no settlement.
fn below(
    points: &Points,
    all: &[spread::Wanted],
    rows: &rows::OpenRows,
    start: u32,
    with_never: bool,
) -> BTreeSet<PointId> {
    let mut left = vec![start];
    let mut seen = BTreeSet::from([start]);
    let mut found = BTreeSet::new();
    while let Some(at) = left.pop() {
        let wanted = &all[at as usize];
        found.extend(points.support(&wanted.conditions, usize::MAX).0.into_keys());
        for id in &wanted.reads {
            let row = &rows.list[*id as usize];
            found.extend(row.cells.iter().flat_map(cell::Cell::points));
            if let Some(below) = row.wanted
                && (with_never || !row.condition.is_false())
                && seen.insert(below)
            {
                left.push(below);
            }
        }
    }
    found
}

/// The rows that hold or may hold, have no open value, and that a row with open values might turn out to be, if they are few.
fn told_on_their_own(model: &Model, may: RelId, open: &[Value]) -> Vec<Vec<Value>> {
    if !open.iter().any(Value::is_open) {
        return Vec::new();
    }
    let known = open.iter();
    let known: Vec<Option<Value>> = known
        .map(|value| (!value.is_open()).then(|| value.clone()))
        .collect();
    let may_be = |row: &Vec<Value>| {
        let mut pairs = row.iter().zip(open);
        pairs.all(|(value, own)| !value.is_open() && own.possible_orders(value).equal)
    };
    let rows = model.matching(may, &known).filter(may_be);
    let told: Vec<Vec<Value>> = rows.take(MOST_TOLD + 1).collect();
    match told.len() <= MOST_TOLD {
        true => told,
        false => Vec::new(),
    }
}

fn constraints(program: &Program, policy: &Policy) -> BTreeSet<RelId> {
    let is_constraint = |id: &RelationId| matches!(policy.relation(*id).kind, Kind::Constraint(_));
    let declared = program.declared.iter();
    let constraints = declared.filter(|(id, _)| is_constraint(id));
    constraints.map(|(_, declared)| declared.rel).collect()
}
