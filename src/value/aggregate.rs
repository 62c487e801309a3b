//! The aggregates of the language: rows of one table.

use super::open::{Perhaps, count_bounds, greatest, least, sum_bounds};
use super::{Number, Value};

/// An aggregate of the language.
#[derive(Debug)]
pub struct Aggregate {
    /// Its name in policies.
    pub name: &'static str,
    /// Whether it must be given a term (`sum X { … }`); `count` may do without.
    pub needs_term: bool,
    /// Whether an empty group has a value: 0 for `count` and `sum`, none for `min` and `max`.
    pub has_empty: bool,
    /// Whether the terms must be numbers.
    pub needs_numbers: bool,
    /// Whether the result is a whole number of no unit; otherwise it has the type of the term.
    pub counts: bool,
    /// Folds the terms of one group, one for each distinct binding, in canonical order; `None` for no row.
    pub fold: fn(&mut dyn Iterator<Item = Value>) -> Option<Value>,
    /// The bounds of the result where some terms belong to the group for sure and others may, and terms may be open values
    /// themselves. The first argument: whether `count` was given a term.
    pub bounds: fn(bool, &[Value], &[Perhaps]) -> Option<Value>,
}

static AGGREGATES: [Aggregate; 4] = [
    Aggregate {
        name: "count",
        needs_term: false,
        has_empty: true,
        needs_numbers: false,
        counts: true,
        fold: |values| Some(Value::Number(Number::from_integer(values.count() as i64))),
        bounds: |has_term, certain, others| Some(count_bounds(has_term, certain, others)),
    },
    Aggregate {
        name: "sum",
        needs_term: true,
        has_empty: true,
        needs_numbers: true,
        counts: false,
        fold: |values| {
            Some(Value::Number(
                values.fold(Number::zero(), |sum, value| &sum + &number(value)),
            ))
        },
        bounds: |_, certain, others| Some(sum_bounds(certain, others)),
    },
    Aggregate {
        name: "min",
        needs_term: true,
        has_empty: false,
        needs_numbers: false,
        counts: false,
        fold: |values| values.min(),
        bounds: |_, certain, others| least(certain, others),
    },
    Aggregate {
        name: "max",
        needs_term: true,
        has_empty: false,
        needs_numbers: false,
        counts: false,
        fold: |values| values.max(),
        bounds: |_, certain, others| greatest(certain, others),
    },
];

/// The aggregate of that name. `count X` counts distinct `X`: whoever folds passes each distinct term once.
pub fn aggregate_named(name: &str) -> Option<&'static Aggregate> {
    AGGREGATES.iter().find(|aggregate| aggregate.name == name)
}

impl PartialEq for Aggregate {
    fn eq(&self, other: &Aggregate) -> bool {
        self.name == other.name
    }
}

impl Eq for Aggregate {}

fn number(value: Value) -> Number {
    match value {
        Value::Number(number) => number,
        other => unreachable!("the checker lets only numbers be summed, not {other:?}"),
    }
}
