//! Values that are not known, or only within bounds.

use super::{Number, Value};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The bounds of a value that is not known: both belong to it; without one it has no end on that side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// It is not less than this.
    pub low: Option<Value>,
    /// It is not more than this.
    pub high: Option<Value>,
}

impl Value {
    /// A value within bounds; the value itself where they meet.
    pub fn between(low: Option<Value>, high: Option<Value>) -> Value {
        match (low, high) {
            (None, None) => Value::Unknown,
            (Some(low), Some(high)) if low == high => low,
            (low, high) => Value::Range(Arc::new(Range { low, high })),
        }
    }

    /// Whether it stands for several values, of which nobody knows the right one.
    pub fn is_open(&self) -> bool {
        matches!(self, Value::Unknown | Value::Range(_))
    }

    /// Whether a digest stands for it.
    pub fn is_redacted(&self) -> bool {
        matches!(self, Value::Redacted(_))
    }

    /// The least that it may be; `None`: no bound.
    pub fn low(&self) -> Option<&Value> {
        match self {
            Value::Unknown => None,
            Value::Range(range) => range.low.as_ref(),
            known => Some(known),
        }
    }

    /// The most that it may be; `None`: no bound.
    pub fn high(&self) -> Option<&Value> {
        match self {
            Value::Unknown => None,
            Value::Range(range) => range.high.as_ref(),
            known => Some(known),
        }
    }

    /// In which orders two values may stand: for each, whether it is possible.
    pub fn possible_orders(&self, other: &Value) -> Orders {
        if !self.is_open() && !other.is_open() {
            let order = self.cmp(other);
            return Orders {
                less: order.is_lt(),
                equal: order.is_eq(),
                greater: order.is_gt(),
            };
        }
        let is_below = |a: Option<&Value>, b: Option<&Value>| match (a, b) {
            (Some(a), Some(b)) => a.cmp(b) == Ordering::Less,
            _ => true,
        };
        Orders {
            less: is_below(self.low(), other.high()),
            equal: !is_known_below(self.high(), other.low())
                && !is_known_below(other.high(), self.low()),
            greater: is_below(other.low(), self.high()),
        }
    }

    /// Bounds moved by a step that keeps (or, with `turns`, turns) the order; `None` where a bound has no such value.
    pub fn map_bounds<E>(
        &self,
        turns: bool,
        step: impl Fn(&Value) -> Result<Value, E>,
    ) -> Result<Value, E> {
        let (low, high) = match turns {
            false => (self.low(), self.high()),
            true => (self.high(), self.low()),
        };
        Ok(Value::between(
            low.map(&step).transpose()?,
            high.map(&step).transpose()?,
        ))
    }
}

fn is_known_below(a: Option<&Value>, b: Option<&Value>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a < b)
}

/// The orders in which two values may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orders {
    /// The first may be less.
    pub less: bool,
    /// They may be equal.
    pub equal: bool,
    /// The first may be more.
    pub greater: bool,
}

impl Orders {
    /// Those that are possible.
    pub fn possible(self) -> impl Iterator<Item = Ordering> {
        let orders = [
            self.less.then_some(Ordering::Less),
            self.equal.then_some(Ordering::Equal),
            self.greater.then_some(Ordering::Greater),
        ];
        orders.into_iter().flatten()
    }
}

/// A term that may belong to a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Perhaps {
    /// The term; it may be an open value.
    pub term: Value,
    /// Whether it belongs to the group once at most; a row of which some values are not known may stand for several.
    pub is_one: bool,
}

/// What a sum comes to, where some of its terms may be missing or are not known: `certain` terms belong to it, `others` may.
pub(super) fn sum_bounds(certain: &[Value], others: &[Perhaps]) -> Value {
    let zero = Number::zero();
    let add = |sum: Option<Number>, bound: Option<&Value>| {
        let (Some(sum), Some(Value::Number(number))) = (sum, bound) else {
            return None;
        };
        Some(&sum + number)
    };
    let add_perhaps =
        |sum: Option<Number>, bound: Option<&Value>, is_one, side: Ordering| match bound {
            Some(Value::Number(number)) if number.cmp(&zero) != side => sum,
            bound if is_one => add(sum, bound),
            _ => None,
        };
    let mut low = Some(zero.clone());
    let mut high = Some(zero.clone());
    for term in certain {
        low = add(low, term.low());
        high = add(high, term.high());
    }
    for Perhaps { term, is_one } in others {
        low = add_perhaps(low, term.low(), *is_one, Ordering::Less);
        high = add_perhaps(high, term.high(), *is_one, Ordering::Greater);
    }
    Value::between(low.map(Value::Number), high.map(Value::Number))
}

/// How many there are, where some may be missing; with `distinct`: how many different ones.
pub(super) fn count_bounds(distinct: bool, certain: &[Value], others: &[Perhaps]) -> Value {
    let whole = |count: usize| Some(Value::Number(Number::from_integer(count as i64)));
    let is_open = |term: &Value| !distinct || term.is_open();
    let known = |terms: &mut dyn Iterator<Item = &Value>| -> BTreeSet<Value> {
        terms.filter(|term| !is_open(term)).cloned().collect()
    };
    let sure = known(&mut certain.iter());
    let all = known(&mut certain.iter().chain(others.iter().map(|other| &other.term)));
    let open_certain = certain.iter().filter(|term| is_open(term)).count();
    let open: Vec<&Perhaps> = others.iter().filter(|other| is_open(&other.term)).collect();
    let low = match distinct {
        true => sure.len().max(usize::from(!certain.is_empty())),
        false => certain.len(),
    };
    let high = open
        .iter()
        .all(|other| other.is_one)
        .then(|| all.len() + open_certain + open.len());
    Value::between(whole(low), high.and_then(whole))
}

/// The least term: not more than any certain one, not less than any at all.
pub(super) fn least(certain: &[Value], others: &[Perhaps]) -> Option<Value> {
    let others = || others.iter().map(|other| &other.term);
    let all = || certain.iter().chain(others());
    all().next()?;
    let low = all().map(Value::low).collect::<Option<Vec<_>>>();
    let low = low.and_then(|bounds| bounds.into_iter().min().cloned());
    let high = match certain {
        [] => {
            let bounds = others().map(Value::high).collect::<Option<Vec<_>>>();
            bounds.and_then(|bounds| bounds.into_iter().max().cloned())
        }
        certain => certain.iter().filter_map(Value::high).min().cloned(),
    };
    Some(Value::between(low, high))
}

/// The greatest term: not less than any certain one, not more than any at all.
pub(super) fn greatest(certain: &[Value], others: &[Perhaps]) -> Option<Value> {
    let others = || others.iter().map(|other| &other.term);
    let all = || certain.iter().chain(others());
    all().next()?;
    let high = all().map(Value::high).collect::<Option<Vec<_>>>();
    let high = high.and_then(|bounds| bounds.into_iter().max().cloned());
    let low = match certain {
        [] => {
            let bounds = others().map(Value::low).collect::<Option<Vec<_>>>();
            bounds.and_then(|bounds| bounds.into_iter().min().cloned())
        }
        certain => certain.iter().filter_map(Value::low).max().cloned(),
    };
    Some(Value::between(low, high))
}
