//! What stands in a column once points are open: a value, what a point makes of it, or nobody can tell.

use super::PointId;
use super::diagram::FALSE;
use super::formula::Formula;
use super::points::{Domain, Points, day_of, number_in, quotient};
use crate::ir::Comparison;
use crate::value::{Number, Value};
use std::collections::BTreeSet;

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Cell {
    /// A value, not an open one.
    Known(Value),
    /// A number or day that depends on one point: scale times the point, plus offset.
    Linear {
        point: PointId,
        scale: Number,
        offset: Number,
        is_day: bool,
    },
    /// Any other value that one point gives.
    Named(PointId),
    /// An open value of which only bounds are known, and the points that it comes from, in order.
    Vague(Value, Vec<PointId>),
}

impl Cell {
    pub(super) fn of(value: Value) -> Cell {
        match value.is_open() {
            true => Cell::Vague(value, Vec::new()),
            false => Cell::Known(value),
        }
    }

    /// Nothing is known of it.
    pub(super) fn unknown() -> Cell {
        Cell::of(Value::Unknown)
    }

    /// A value worked out of others: if it is open, it comes from their points.
    pub(super) fn out_of<'a>(value: Value, others: impl Iterator<Item = &'a Cell>) -> Cell {
        match value.is_open() {
            true => {
                let points: BTreeSet<PointId> = others.flat_map(Cell::points).collect();
                Cell::Vague(value, points.into_iter().collect())
            }
            false => Cell::Known(value),
        }
    }

    /// The points that it comes from.
    pub(super) fn points(&self) -> Vec<PointId> {
        match self {
            Cell::Known(_) => Vec::new(),
            Cell::Linear { point, .. } | Cell::Named(point) => vec![*point],
            Cell::Vague(_, points) => points.clone(),
        }
    }

    pub(super) fn of_point(points: &Points, point: PointId) -> Cell {
        match points.domain(point) {
            Domain::Number { is_day, .. } => Cell::Linear {
                point,
                scale: Number::from_integer(1),
                offset: Number::zero(),
                is_day: *is_day,
            },
            _ => Cell::Named(point),
        }
    }

    pub(super) fn known(&self) -> Option<&Value> {
        match self {
            Cell::Known(value) => Some(value),
            Cell::Linear { .. } | Cell::Named(_) | Cell::Vague(..) => None,
        }
    }

    /// The value, as far as it is known without asking.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Cell::Known(value) | Cell::Vague(value, _) => value.clone(),
            Cell::Linear { .. } | Cell::Named(_) => Value::Unknown,
        }
    }

    pub(super) fn point(&self) -> Option<PointId> {
        match self {
            Cell::Linear { point, .. } | Cell::Named(point) => Some(*point),
            Cell::Known(_) | Cell::Vague(..) => None,
        }
    }

    /// A number or day: scale, point and offset.
    fn line(&self) -> Option<Line> {
        match self {
            Cell::Known(value) => Some(Line {
                of: None,
                offset: number_in(value)?,
                is_day: matches!(value, Value::Date(_)),
            }),
            Cell::Linear {
                point,
                scale,
                offset,
                is_day,
            } => Some(Line {
                of: Some((*point, scale.clone())),
                offset: offset.clone(),
                is_day: *is_day,
            }),
            Cell::Named(_) | Cell::Vague(..) => None,
        }
    }
}

/// A number or day that depends on at most one point.
#[derive(Clone)]
pub(super) struct Line {
    of: Option<(PointId, Number)>,
    offset: Number,
    is_day: bool,
}

impl Line {
    pub(super) fn of_cell(cell: &Cell) -> Option<Line> {
        cell.line()
    }

    /// `None`: it depends on two points.
    pub(super) fn plus(&self, other: &Line, factor: &Number, is_day: bool) -> Option<Line> {
        let moved = |of: &Option<(PointId, Number)>| {
            of.as_ref().map(|(point, scale)| (*point, scale * factor))
        };
        let of = match (self.of.clone(), moved(&other.of)) {
            (None, of) | (of, None) => of,
            (Some((a, one)), Some((b, two))) if a == b => Some((a, &one + &two)),
            _ => return None,
        };
        Some(Line {
            of: of.filter(|(_, scale)| !scale.is_zero()),
            offset: &self.offset + &(&other.offset * factor),
            is_day,
        })
    }

    pub(super) fn times(&self, factor: &Number) -> Line {
        let of = self.of.as_ref();
        let of = of.map(|(point, scale)| (*point, scale * factor));
        Line {
            of: of.filter(|(_, scale)| !scale.is_zero()),
            offset: &self.offset * factor,
            is_day: self.is_day,
        }
    }

    /// Its value where it depends on nothing.
    pub(super) fn constant(&self) -> Option<&Number> {
        self.of.is_none().then_some(&self.offset)
    }

    /// `None`: a day that there is not.
    pub(super) fn cell(self) -> Option<Cell> {
        match self.of {
            Some((point, scale)) => Some(Cell::Linear {
                point,
                scale,
                offset: self.offset,
                is_day: self.is_day,
            }),
            None if self.is_day => Some(Cell::Known(Value::Date(day_of(&self.offset)?))),
            None => Some(Cell::Known(Value::Number(self.offset))),
        }
    }
}

impl Points {
    /// Whether two cells have the same value.
    pub(super) fn equal(&mut self, a: &Cell, b: &Cell) -> Formula {
        match (a, b) {
            (Cell::Known(a), Cell::Known(b)) => Formula::of(a == b),
            (Cell::Vague(..), _) | (_, Cell::Vague(..)) => self.bounded(a, b, false),
            (Cell::Named(a), Cell::Named(b)) if a == b => Formula::TRUE,
            (Cell::Named(a), Cell::Named(b)) => self.same_member(*a, *b),
            (Cell::Named(point), Cell::Known(value)) | (Cell::Known(value), Cell::Named(point)) => {
                Formula::exact(self.is_value(*point, value))
            }
            _ => self.difference(a, b, false),
        }
    }

    /// Whether the first is less.
    pub(super) fn less(&mut self, a: &Cell, b: &Cell) -> Formula {
        match (a, b) {
            (Cell::Known(a), Cell::Known(b)) => Formula::of(a < b),
            (Cell::Known(Value::None), _) => Formula::TRUE,
            (_, Cell::Known(Value::None)) => Formula::FALSE,
            (Cell::Vague(..), _) | (_, Cell::Vague(..)) => self.bounded(a, b, true),
            (Cell::Named(a), Cell::Named(b)) if a == b => Formula::FALSE,
            (Cell::Named(_), _) | (_, Cell::Named(_)) => self.member_less(a, b),
            _ => self.difference(a, b, true),
        }
    }

    pub(super) fn compared(&mut self, comparison: Comparison, a: &Cell, b: &Cell) -> Formula {
        match comparison {
            Comparison::Equal => self.equal(a, b),
            Comparison::NotEqual => !self.equal(a, b),
            Comparison::Less => self.less(a, b),
            Comparison::AtMost => !self.less(b, a),
            Comparison::Greater => self.less(b, a),
            Comparison::AtLeast => !self.less(a, b),
        }
    }

    fn bounded(&mut self, a: &Cell, b: &Cell, is_less: bool) -> Formula {
        let comparison = match is_less {
            true => Comparison::Less,
            false => Comparison::Equal,
        };
        let orders = a.to_value().possible_orders(&b.to_value());
        let any = |wanted: bool| {
            let mut orders = orders.possible();
            orders.any(|order| crate::engine::expr::compares(comparison, order) == wanted)
        };
        match (any(true), any(false)) {
            (true, true) => self.lost(a, b, is_less),
            (truth, _) => Formula::of(truth),
        }
    }

    fn same_member(&mut self, a: PointId, b: PointId) -> Formula {
        match (self.members(a), self.members(b)) {
            (Some(one), Some(two)) => self.pairs(a, &one, b, &two, |a, b| a == b),
            _ => self.lost(&Cell::Named(a), &Cell::Named(b), false),
        }
    }

    fn member_less(&mut self, a: &Cell, b: &Cell) -> Formula {
        let found = match (a, b) {
            (Cell::Named(one), Cell::Named(two)) => {
                match (self.members(*one), self.members(*two)) {
                    (Some(first), Some(second)) => {
                        Some(self.pairs(*one, &first, *two, &second, |a, b| a < b))
                    }
                    _ => None,
                }
            }
            (Cell::Named(point), Cell::Known(value)) => self.member_such(*point, |it| it < value),
            (Cell::Known(value), Cell::Named(point)) => self.member_such(*point, |it| value < it),
            _ => None,
        };
        found.unwrap_or_else(|| self.lost(a, b, true))
    }

    fn member_such(&mut self, point: PointId, test: impl Fn(&Value) -> bool) -> Option<Formula> {
        let members = self.members(point)?;
        let mut any = Formula::FALSE;
        for member in members.iter().filter(|member| test(member)) {
            let is_it = Formula::exact(self.is_value(point, member));
            any = self.diagram.either(any, is_it);
        }
        Some(any)
    }

    fn pairs(
        &mut self,
        a: PointId,
        one: &[Value],
        b: PointId,
        two: &[Value],
        test: impl Fn(&Value, &Value) -> bool,
    ) -> Formula {
        let mut any = Formula::FALSE;
        for first in one {
            let is_first = Formula::exact(self.is_value(a, first));
            for second in two.iter().filter(|second| test(first, second)) {
                let is_second = Formula::exact(self.is_value(b, second));
                let both = self.diagram.both(is_first, is_second);
                any = self.diagram.either(any, both);
            }
        }
        any
    }

    /// a < b, or else a = b, of numbers or days: of their difference against zero.
    fn difference(&mut self, a: &Cell, b: &Cell, is_less: bool) -> Formula {
        let (Some(one), Some(two)) = (a.line(), b.line()) else {
            return Formula::FALSE;
        };
        let Some(difference) = one.plus(&two, &Number::from_integer(-1), false) else {
            return self.lost(a, b, is_less);
        };
        let is_equal = !is_less;
        match difference.of {
            None if is_equal => Formula::of(difference.offset.is_zero()),
            None => Formula::of(difference.offset.is_negative()),
            Some((point, scale)) => {
                let bound = quotient(&-&difference.offset, &scale);
                match (is_equal, scale.is_negative()) {
                    (true, _) => self.is_number(point, &bound),
                    (false, false) => Formula::exact(self.is_up_to(point, &bound, false)),
                    (false, true) => Formula::exact(!self.is_up_to(point, &bound, true)),
                }
            }
        }
    }

    /// Whether a day lies in one of the stretches.
    pub(super) fn is_within(
        &mut self,
        day: &Cell,
        stretches: &[(crate::value::Date, crate::value::Date)],
    ) -> Formula {
        match day {
            Cell::Known(Value::Date(day)) => {
                let at = stretches.partition_point(|(_, last)| last < day);
                Formula::of(stretches.get(at).is_some_and(|(first, _)| first <= day))
            }
            Cell::Linear { .. } => {
                let mut any = Formula::FALSE;
                for (first, last) in stretches {
                    let before = self.less(day, &Cell::Known(Value::Date(*first)));
                    let after = self.less(&Cell::Known(Value::Date(*last)), day);
                    let inside = self.diagram.both(!before, !after);
                    any = self.diagram.either(any, inside);
                }
                any
            }
            Cell::Vague(_, points) if points.is_empty() => Formula::LOST,
            Cell::Vague(..) => self.lost(day, &Cell::unknown(), true),
            Cell::Known(_) | Cell::Named(_) => Formula::exact(FALSE),
        }
    }

    /// The starts of regimes before which, or at which, a day may lie: each with the condition.
    pub(super) fn regimes(
        &mut self,
        day: &Cell,
        starts: &[crate::value::Date],
    ) -> Vec<(Cell, Formula)> {
        let mut cases = Vec::new();
        for (at, start) in starts.iter().enumerate() {
            let early = match at {
                0 => Formula::FALSE,
                _ => self.less(day, &Cell::Known(Value::Date(*start))),
            };
            let late = match starts.get(at + 1) {
                None => Formula::FALSE,
                Some(next) => !self.less(day, &Cell::Known(Value::Date(*next))),
            };
            let inside = self.diagram.both(!early, !late);
            if !inside.is_false() {
                cases.push((Cell::Known(Value::Date(*start)), inside));
            }
        }
        cases
    }
}

/// A number of days as one that can be added to a day.
pub(super) fn days_between(a: &Cell, b: &Cell) -> Option<Line> {
    let (a, b) = (a.line()?, b.line()?);
    b.plus(&a, &Number::from_integer(-1), false)
}
