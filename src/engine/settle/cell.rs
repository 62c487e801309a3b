//! What stands in a column once points are open: a value, what a point makes of it, or nobody can tell.

use super::PointId;
use super::diagram::FALSE;
use super::formula::Formula;
use super::moved::Moved;
use super::points::{Domain, Points, day_of, number_in, quotient};
use super::polynomial::Polynomial;
use super::texts::{AskedText, TextTest};
use crate::ir::Comparison;
use crate::value::{Number, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Cell {
    /// A value, not an open one.
    Known(Value),
    /// A number or day that is worked out of points.
    Worked(Arc<Quotient>),
    /// A day that lies some months or years from one that is not known.
    Moved(Moved),
    /// Any other value that one point gives.
    Named(PointId),
    /// The text that one gives, in small letters.
    Lowered(PointId),
    /// The name that a point gives, where that is one that nobody has mentioned, taken up by a rule about anybody.
    Guest(PointId),
    /// A name that nobody has mentioned, which some points may be: which it is, nobody asks.
    Stranger(Stranger),
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
            Cell::Worked(number) => number.points().into_iter().collect(),
            Cell::Moved(moved) => vec![moved.point],
            Cell::Named(point) | Cell::Lowered(point) | Cell::Guest(point) => vec![*point],
            Cell::Stranger(Stranger { points, .. }) | Cell::Vague(_, points) => points.clone(),
        }
    }

    pub(super) fn of_point(points: &Points, point: PointId) -> Cell {
        match points.domain(point) {
            Domain::Number { is_day, .. } => Cell::Worked(Arc::new(Quotient {
                above: Polynomial::point(point),
                below: Polynomial::constant(Number::from_integer(1)),
                is_day: *is_day,
            })),
            _ => Cell::Named(point),
        }
    }

    pub(super) fn known(&self) -> Option<&Value> {
        match self {
            Cell::Known(value) => Some(value),
            Cell::Worked(_)
            | Cell::Moved(_)
            | Cell::Named(_)
            | Cell::Lowered(_)
            | Cell::Guest(_)
            | Cell::Stranger(_)
            | Cell::Vague(..) => None,
        }
    }

    /// The value, as far as it is known without asking.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Cell::Known(value) | Cell::Vague(value, _) => value.clone(),
            Cell::Worked(_)
            | Cell::Moved(_)
            | Cell::Named(_)
            | Cell::Lowered(_)
            | Cell::Guest(_)
            | Cell::Stranger(_) => Value::Unknown,
        }
    }

    /// Whether it is a name that nobody has mentioned.
    pub(super) fn is_stranger(&self) -> bool {
        matches!(self, Cell::Guest(_) | Cell::Stranger(_))
    }

    /// Whether nobody can ask what it is exactly.
    pub(super) fn is_vague(&self) -> bool {
        matches!(self, Cell::Stranger(_) | Cell::Vague(..))
    }

    /// Whether a point, or several, say exactly what it is.
    pub(super) fn is_of_points(&self) -> bool {
        match self {
            Cell::Worked(_)
            | Cell::Moved(_)
            | Cell::Named(_)
            | Cell::Lowered(_)
            | Cell::Guest(_) => true,
            Cell::Known(_) | Cell::Stranger(_) | Cell::Vague(..) => false,
        }
    }
}

/// Somebody whom nobody has mentioned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Stranger {
    /// The names that are mentioned; none, where they are many.
    pub(super) names: Arc<[Value]>,
    /// The points that may be this one.
    pub(super) points: Vec<PointId>,
}

/// A number or day that points give: one polynomial by another. Where the second is zero, nobody looks at it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Quotient {
    above: Polynomial,
    below: Polynomial,
    is_day: bool,
}

impl Quotient {
    pub(super) fn of_cell(cell: &Cell) -> Option<Quotient> {
        match cell {
            Cell::Known(value) => Some(Quotient {
                above: Polynomial::constant(number_in(value)?),
                below: Polynomial::constant(Number::from_integer(1)),
                is_day: matches!(value, Value::Date(_)),
            }),
            Cell::Worked(number) => Some(number.as_ref().clone()),
            Cell::Moved(_)
            | Cell::Named(_)
            | Cell::Lowered(_)
            | Cell::Guest(_)
            | Cell::Stranger(_)
            | Cell::Vague(..) => None,
        }
    }

    fn points(&self) -> BTreeSet<PointId> {
        let mut points = self.above.points();
        points.extend(self.below.points());
        points
    }

    /// This and `factor` times the other. `None`: it would grow too large.
    pub(super) fn plus(&self, other: &Quotient, factor: i64, is_day: bool) -> Option<Quotient> {
        let (above, below) = match self.below == other.below {
            true => (self.above.plus(&other.above, factor)?, self.below.clone()),
            false => {
                let one = self.above.times(&other.below)?;
                let two = other.above.times(&self.below)?;
                (one.plus(&two, factor)?, self.below.times(&other.below)?)
            }
        };
        Some(Quotient {
            above,
            below,
            is_day,
        })
    }

    /// `None`: it would grow too large.
    pub(super) fn times(&self, other: &Quotient) -> Option<Quotient> {
        Some(Quotient {
            above: self.above.times(&other.above)?,
            below: self.below.times(&other.below)?,
            is_day: false,
        })
    }

    /// `None`: it would grow too large. Where `other` is zero, it has no value.
    pub(super) fn by(&self, other: &Quotient) -> Option<Quotient> {
        Some(Quotient {
            above: self.above.times(&other.below)?,
            below: self.below.times(&other.above)?,
            is_day: false,
        })
    }

    pub(super) fn negated(&self) -> Quotient {
        Quotient {
            above: self.above.times_number(&Number::from_integer(-1)),
            ..self.clone()
        }
    }

    /// Where it lies some days from the day that a point is: the point, and how many.
    pub(super) fn as_day(&self) -> Option<(PointId, Number)> {
        let (point, scale, offset) = self.above.as_line()?;
        let one = Number::from_integer(1);
        let is_plain = scale == one && self.below.as_constant() == Some(one);
        (self.is_day && is_plain && offset.is_integer()).then_some((point, offset))
    }

    /// What is zero where this is.
    pub(super) fn zeros(&self) -> &Polynomial {
        &self.above
    }

    /// Whether it is a whole number however whole points come out.
    pub(super) fn is_whole(&self, step: &dyn Fn(PointId) -> Option<Number>) -> bool {
        let has_step = |point: &PointId| step(*point).is_some();
        let one = Number::from_integer(1);
        let in_steps = |point: PointId| step(point).unwrap_or(one.clone());
        self.below.as_constant() == Some(one.clone())
            && self.points().iter().all(has_step)
            && self.above.in_steps(&in_steps).is_whole()
    }

    /// `None`: a day that there is not.
    pub(super) fn cell(self) -> Option<Cell> {
        let number = (self.above.as_constant())
            .zip(self.below.as_constant())
            .and_then(|(above, below)| above.divided_by(&below));
        match number {
            None => match self.below.as_constant() {
                Some(below) if !below.is_zero() => Some(Cell::Worked(Arc::new(Quotient {
                    above: self
                        .above
                        .times_number(&quotient(&Number::from_integer(1), &below)),
                    below: Polynomial::constant(Number::from_integer(1)),
                    is_day: self.is_day,
                }))),
                _ => Some(Cell::Worked(Arc::new(self))),
            },
            Some(number) if self.is_day => Some(Cell::Known(Value::Date(day_of(&number)?))),
            Some(number) => Some(Cell::Known(Value::Number(number))),
        }
    }
}

impl Points {
    /// Whether two cells have the same value.
    pub(super) fn equal(&mut self, a: &Cell, b: &Cell) -> Formula {
        match (a, b) {
            (Cell::Known(a), Cell::Known(b)) => Formula::of(a == b),
            (Cell::Guest(_) | Cell::Stranger(_), Cell::Known(_))
            | (Cell::Known(_), Cell::Guest(_) | Cell::Stranger(_)) => Formula::FALSE,
            (Cell::Named(point), Cell::Stranger(other))
            | (Cell::Stranger(other), Cell::Named(point)) => {
                let is_it = self.lost(a, b, false);
                let is_other = self.is_none_of(*point, &other.names);
                self.diagram.both(is_it, is_other)
            }
            (Cell::Stranger(_), _) | (_, Cell::Stranger(_)) => self.lost(a, b, false),
            (Cell::Vague(..), _) | (_, Cell::Vague(..)) => self.bounded(a, b, false),
            (Cell::Moved(a), Cell::Moved(b)) if a == b => Formula::TRUE,
            (Cell::Moved(moved), Cell::Known(Value::Date(day)))
            | (Cell::Known(Value::Date(day)), Cell::Moved(moved)) => {
                let before = self.is_moved_before(moved, *day);
                let after = self.is_moved_after(moved, *day);
                self.diagram.both(!before, !after)
            }
            (Cell::Moved(_), _) | (_, Cell::Moved(_)) => self.lost(a, b, false),
            (Cell::Named(a) | Cell::Guest(a), Cell::Named(b) | Cell::Guest(b)) if a == b => {
                Formula::TRUE
            }
            (Cell::Named(a) | Cell::Guest(a), Cell::Named(b) | Cell::Guest(b)) => {
                self.same_member(*a, *b)
            }
            (Cell::Guest(_), _) | (_, Cell::Guest(_)) => self.lost(a, b, false),
            (Cell::Named(point), Cell::Known(value)) | (Cell::Known(value), Cell::Named(point)) => {
                Formula::exact(self.is_value(*point, value))
            }
            (Cell::Lowered(a), Cell::Lowered(b)) if a == b => Formula::TRUE,
            (Cell::Lowered(point), Cell::Known(Value::Text(text)))
            | (Cell::Known(Value::Text(text)), Cell::Lowered(point)) => {
                let asked = AskedText {
                    test: TextTest::Is,
                    is_lowered: true,
                    word: text.clone(),
                };
                self.is_such_text(*point, asked)
            }
            (Cell::Lowered(_), Cell::Known(_)) | (Cell::Known(_), Cell::Lowered(_)) => {
                Formula::FALSE
            }
            (Cell::Lowered(_), _) | (_, Cell::Lowered(_)) => self.lost(a, b, false),
            _ => self.difference(a, b, false),
        }
    }

    /// Whether a point is none of these names.
    pub(super) fn is_none_of(&mut self, point: PointId, names: &[Value]) -> Formula {
        let mut is_other = Formula::TRUE;
        for name in names {
            let is_it = Formula::exact(self.is_value(point, name));
            is_other = self.diagram.both(is_other, !is_it);
        }
        is_other
    }

    /// Whether the first is less.
    pub(super) fn less(&mut self, a: &Cell, b: &Cell) -> Formula {
        match (a, b) {
            (Cell::Known(a), Cell::Known(b)) => Formula::of(a < b),
            (Cell::Known(Value::None), _) => Formula::TRUE,
            (_, Cell::Known(Value::None)) => Formula::FALSE,
            (Cell::Guest(_) | Cell::Stranger(_), _) | (_, Cell::Guest(_) | Cell::Stranger(_)) => {
                self.lost(a, b, true)
            }
            (Cell::Vague(..), _) | (_, Cell::Vague(..)) => self.bounded(a, b, true),
            (Cell::Moved(a), Cell::Moved(b)) if a == b => Formula::FALSE,
            (Cell::Moved(moved), Cell::Known(Value::Date(day))) => {
                self.is_moved_before(moved, *day)
            }
            (Cell::Known(Value::Date(day)), Cell::Moved(moved)) => self.is_moved_after(moved, *day),
            (Cell::Moved(_), _) | (_, Cell::Moved(_)) => self.lost(a, b, true),
            (Cell::Named(a), Cell::Named(b)) if a == b => Formula::FALSE,
            (Cell::Named(_), _) | (_, Cell::Named(_)) => self.member_less(a, b),
            (Cell::Lowered(_), _) | (_, Cell::Lowered(_)) => self.lost(a, b, true),
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
            _ => Formula::exact(self.is_same(a, b)),
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
        let (Some(one), Some(two)) = (Quotient::of_cell(a), Quotient::of_cell(b)) else {
            return Formula::FALSE;
        };
        let Some(difference) = one.plus(&two, -1, false) else {
            return self.lost(a, b, is_less);
        };
        let Quotient { above, below, .. } = difference;
        if !is_less {
            return self.is_zero(&above);
        }
        let opposite = |form: &Polynomial| form.times_number(&Number::from_integer(-1));
        // above / below < 0: one of the two is below zero, and the other above.
        match below.as_constant() {
            Some(below) if below.is_zero() => return Formula::FALSE,
            Some(below) if below.is_negative() => return self.is_below_zero(&opposite(&above)),
            Some(_) => return self.is_below_zero(&above),
            None => {}
        }
        let is_above_below = self.is_below_zero(&above);
        let is_above_above = self.is_below_zero(&opposite(&above));
        let is_below_below = self.is_below_zero(&below);
        let is_below_above = self.is_below_zero(&opposite(&below));
        let one = self.diagram.both(is_above_below, is_below_above);
        let two = self.diagram.both(is_above_above, is_below_below);
        self.diagram.either(one, two)
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
            Cell::Worked(_) | Cell::Moved(_) => {
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
            Cell::Known(_)
            | Cell::Named(_)
            | Cell::Lowered(_)
            | Cell::Guest(_)
            | Cell::Stranger(_) => Formula::exact(FALSE),
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
