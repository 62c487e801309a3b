//! Days that lie some months, years or working days from one that is not known: the later the one, the later the other. That
//! the calendar ends with the year 9999 is left aside.

use super::PointId;
use super::cell::Cell;
use super::formula::Formula;
use super::points::{Points, day_of, number_of};
use crate::value::{
    Date, FIRST_DAY, LAST_DAY, Number, Shift, Value, shift_date, shift_working_days,
};
use std::cmp::Ordering;

/// A day, moved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Moved {
    /// The day that is not known.
    pub(super) point: PointId,
    /// By what, one after the other.
    steps: Vec<(Number, Shift)>,
}

/// Where a day is moved to; or whether that lies before all days that are known, or after them.
type Place = Result<Date, Ordering>;

impl Moved {
    /// The day that a cell is, moved. `None`: that is no single day that a point is, or not moved by a whole number.
    pub(super) fn of(day: &Cell, by: &Cell, unit: Shift) -> Option<Moved> {
        let Cell::Known(Value::Number(by)) = by else {
            return None;
        };
        let mut moved = match day {
            // What lies days from a day is worked out with numbers.
            Cell::Worked(number) if unit != Shift::Days => {
                let (point, days) = number.as_day()?;
                let is_moved = !days.is_zero();
                let steps = is_moved.then_some((days, Shift::Days)).into_iter();
                Moved {
                    point,
                    steps: steps.collect(),
                }
            }
            Cell::Moved(moved) => moved.clone(),
            _ => return None,
        };
        moved.steps.push((by.clone(), unit));
        by.is_integer().then_some(moved)
    }

    /// Whether where it lies hangs on which days are working days: then it may lie where nobody knows.
    pub(super) fn is_by_working_days(&self) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|(_, unit)| *unit == Shift::WorkingDays)
    }

    /// Where it is only working days: by how many.
    pub(super) fn working_days(&self) -> Option<&Number> {
        match self.steps.as_slice() {
            [(by, Shift::WorkingDays)] => Some(by),
            _ => None,
        }
    }

    fn at(&self, day: Date, working_days: &[Date]) -> Place {
        let mut steps = self.steps.iter();
        steps.try_fold(day, |day, (by, unit)| match unit {
            Shift::WorkingDays => {
                let is_late = match by.is_negative() {
                    true => working_days.last().is_some_and(|last| *last < day),
                    false => working_days.first().is_some_and(|first| *first <= day),
                };
                let side = if is_late {
                    Ordering::Greater
                } else {
                    Ordering::Less
                };
                shift_working_days(day, by, working_days).map_err(|_| side)
            }
            Shift::Days | Shift::Months | Shift::Years => {
                // Where there is no moved day, it would lie beyond the last one (or, moved back, before the first).
                let side = if by.is_negative() {
                    Ordering::Less
                } else {
                    Ordering::Greater
                };
                shift_date(day, by, *unit).map_err(|_| side)
            }
        })
    }
}

impl Points {
    /// The first day from which on something is so of the moved one; `None`: of no day.
    fn first_where(&self, moved: &Moved, is_so: impl Fn(Place) -> bool) -> Option<Date> {
        let is_so = |day: Date| is_so(moved.at(day, &self.working_days));
        let day = |at: i64| day_of(&Number::from_integer(at));
        let mut low = 0;
        let mut high = number_of(LAST_DAY).to_i64()? + 1;
        while low < high {
            let middle = (low + high) / 2;
            match is_so(day(middle)?) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        day(low).filter(|day| *day >= FIRST_DAY && is_so(*day))
    }

    /// The first day whose moved one is that day or later (with `after`: later).
    fn first_reaching(&self, moved: &Moved, limit: Date, after: bool) -> Option<Date> {
        self.first_where(moved, |place| match place {
            Ok(day) => day > limit || !after && day == limit,
            Err(side) => side == Ordering::Greater,
        })
    }

    /// The first day that is moved to one that is known, and the first behind them that is not.
    pub(super) fn reach(&self, moved: &Moved) -> [Option<Date>; 2] {
        [
            self.first_where(moved, |place| place != Err(Ordering::Less)),
            self.first_where(moved, |place| place == Err(Ordering::Greater)),
        ]
    }

    /// Whether a day lies before another; `None`: before the end of all days.
    pub(super) fn is_day_before(&mut self, point: PointId, limit: Option<Date>) -> Formula {
        match limit {
            None => Formula::TRUE,
            Some(limit) => Formula::exact(self.is_up_to(point, &number_of(limit), false)),
        }
    }

    /// Whether a moved day lies before a known one.
    pub(super) fn is_moved_before(&mut self, moved: &Moved, day: Date) -> Formula {
        self.is_day_before(moved.point, self.first_reaching(moved, day, false))
    }

    /// Whether a moved day lies after a known one.
    pub(super) fn is_moved_after(&mut self, moved: &Moved, day: Date) -> Formula {
        !self.is_day_before(moved.point, self.first_reaching(moved, day, true))
    }
}
