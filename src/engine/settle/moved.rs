//! Days that lie some months or years from one that is not known: the later the one, the later the other. That the
//! calendar ends with the year 9999 is left aside.

use super::PointId;
use super::cell::Cell;
use super::formula::Formula;
use super::points::{Points, day_of, number_of};
use crate::value::{Date, FIRST_DAY, LAST_DAY, Number, Shift, Value, shift_date};

/// A day, moved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Moved {
    /// The day that is not known.
    pub(super) point: PointId,
    by: Number,
    unit: Shift,
}

impl Moved {
    /// The day that a cell is, moved by months or years. `None`: that is no single day that a point is.
    pub(super) fn of(day: &Cell, by: &Cell, unit: Shift) -> Option<Moved> {
        let (Cell::Worked(number), Cell::Known(Value::Number(by))) = (day, by) else {
            return None;
        };
        let is_moved = matches!(unit, Shift::Months | Shift::Years) && by.is_integer();
        let by = by.clone();
        is_moved.then_some(Moved {
            point: number.as_day()?,
            by,
            unit,
        })
    }

    fn at(&self, day: Date) -> Option<Date> {
        shift_date(day, &self.by, self.unit).ok()
    }

    /// The first day from which on something is so of the moved one; `None`: of no day.
    fn first_where(&self, is_so: impl Fn(Option<Date>) -> bool) -> Option<Date> {
        let day = |at: i64| day_of(&Number::from_integer(at));
        let mut low = 0;
        let mut high = number_of(LAST_DAY).to_i64()? + 1;
        while low < high {
            let middle = (low + high) / 2;
            match is_so(self.at(day(middle)?)) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        day(low).filter(|day| *day >= FIRST_DAY && is_so(self.at(*day)))
    }

    /// The first day whose moved one is that day or later (with `after`: later).
    fn first_reaching(&self, limit: Date, after: bool) -> Option<Date> {
        let is_there = |moved: Date| moved > limit || !after && moved == limit;
        // Where there is no moved day, it would lie beyond the last one (or, moved back, before the first).
        self.first_where(|moved| moved.map_or(!self.by.is_negative(), is_there))
    }
}

impl Points {
    /// Whether a day lies before another; `None`: before the end of all days.
    fn is_day_before(&mut self, point: PointId, limit: Option<Date>) -> Formula {
        match limit {
            None => Formula::TRUE,
            Some(limit) => Formula::exact(self.is_up_to(point, &number_of(limit), false)),
        }
    }

    /// Whether a moved day lies before a known one.
    pub(super) fn is_moved_before(&mut self, moved: &Moved, day: Date) -> Formula {
        self.is_day_before(moved.point, moved.first_reaching(day, false))
    }

    /// Whether a moved day lies after a known one.
    pub(super) fn is_moved_after(&mut self, moved: &Moved, day: Date) -> Formula {
        !self.is_day_before(moved.point, moved.first_reaching(day, true))
    }
}
