//! Numbers worked out of points by `+`, `-` and `*`: polynomials.

use super::PointId;
use crate::value::Number;
use std::collections::{BTreeMap, BTreeSet};

/// How many terms one may have.
const MOST_TERMS: usize = 200;
/// How many points one term may multiply.
const MOST_DEGREE: usize = 8;
/// How many binary digits a factor may have.
const MOST_BITS: u64 = 4_096;

/// A sum of terms, each a number times points (one several times: a power). No factor is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Polynomial {
    terms: BTreeMap<Vec<PointId>, Number>,
}

impl Polynomial {
    pub(super) fn constant(number: Number) -> Polynomial {
        Polynomial::of(Vec::new(), number)
    }

    pub(super) fn point(point: PointId) -> Polynomial {
        Polynomial::of(vec![point], Number::from_integer(1))
    }

    fn of(points: Vec<PointId>, factor: Number) -> Polynomial {
        let mut terms = BTreeMap::new();
        if !factor.is_zero() {
            terms.insert(points, factor);
        }
        Polynomial { terms }
    }

    pub(super) fn points(&self) -> BTreeSet<PointId> {
        self.terms.keys().flatten().copied().collect()
    }

    pub(super) fn as_constant(&self) -> Option<Number> {
        match self.terms.len() {
            0 => Some(Number::zero()),
            1 => self.terms.get(&Vec::new()).cloned(),
            _ => None,
        }
    }

    /// `scale` times one point, plus `offset`.
    pub(super) fn as_line(&self) -> Option<(PointId, Number, Number)> {
        let mut line = None;
        let mut offset = Number::zero();
        for (points, factor) in &self.terms {
            match points.as_slice() {
                [] => offset = factor.clone(),
                [point] if line.is_none() => line = Some((*point, factor.clone())),
                _ => return None,
            }
        }
        line.map(|(point, scale)| (point, scale, offset))
    }

    pub(super) fn times_number(&self, number: &Number) -> Polynomial {
        let terms = self.terms.iter();
        let terms = terms.map(|(points, factor)| (points.clone(), factor * number));
        Polynomial {
            terms: terms.filter(|(_, factor)| !factor.is_zero()).collect(),
        }
    }

    /// This and `factor` times the other. `None`: it would grow too large.
    pub(super) fn plus(&self, other: &Polynomial, factor: i64) -> Option<Polynomial> {
        let mut sum = self.clone();
        for (points, number) in &other.terms {
            sum.add(points.clone(), &(number * &Number::from_integer(factor)));
        }
        sum.checked()
    }

    /// `None`: it would grow too large.
    pub(super) fn times(&self, other: &Polynomial) -> Option<Polynomial> {
        if self.terms.len() * other.terms.len() > MOST_TERMS * MOST_TERMS {
            return None;
        }
        let mut product = Polynomial::default();
        for (a, one) in &self.terms {
            for (b, two) in &other.terms {
                let mut points = [a.as_slice(), b.as_slice()].concat();
                points.sort_unstable();
                product.add(points, &(one * two));
            }
        }
        product.checked()
    }

    fn add(&mut self, points: Vec<PointId>, number: &Number) {
        let sum = match self.terms.get(&points) {
            Some(before) => before + number,
            None => number.clone(),
        };
        match sum.is_zero() {
            true => self.terms.remove(&points),
            false => self.terms.insert(points, sum),
        };
    }

    fn checked(self) -> Option<Polynomial> {
        let is_small = |(points, factor): (&Vec<PointId>, &Number)| {
            points.len() <= MOST_DEGREE && factor.bits() <= MOST_BITS
        };
        (self.terms.len() <= MOST_TERMS && self.terms.iter().all(is_small)).then_some(self)
    }

    /// By the powers of one point: its factors, from the power 0.
    pub(super) fn by_power(&self, point: PointId) -> Vec<Polynomial> {
        let mut powers = vec![Polynomial::default()];
        for (points, factor) in &self.terms {
            let rest: Vec<PointId> = points.iter().copied().filter(|it| *it != point).collect();
            let power = points.len() - rest.len();
            powers.resize_with(powers.len().max(power + 1), Polynomial::default);
            powers[power].terms.insert(rest, factor.clone());
        }
        powers
    }

    /// With points at their values.
    pub(super) fn at(&self, values: &BTreeMap<PointId, Number>) -> Polynomial {
        let mut result = Polynomial::default();
        for (points, factor) in &self.terms {
            let mut factor = factor.clone();
            let mut left = Vec::new();
            for point in points {
                match values.get(point) {
                    Some(value) => factor = &factor * value,
                    None => left.push(*point),
                }
            }
            result.add(left, &factor);
        }
        result
    }

    /// With each point in multiples of its step.
    pub(super) fn in_steps(&self, step: &dyn Fn(PointId) -> Number) -> Polynomial {
        let terms = self.terms.iter().map(|(points, factor)| {
            let factor = points
                .iter()
                .fold(factor.clone(), |factor, point| &factor * &step(*point));
            (points.clone(), factor)
        });
        Polynomial {
            terms: terms.collect(),
        }
    }

    /// A positive multiple without fractions, of which the factors have no common divisor.
    pub(super) fn whole(&self) -> Polynomial {
        self.divided_by(common_measure(self.terms.values()))
    }

    /// Of whole points: what is at most zero where this is, with whole factors.
    pub(super) fn whole_cut(&self) -> Polynomial {
        let is_proper = |(points, _): &(&Vec<PointId>, &Number)| !points.is_empty();
        let proper = self.terms.iter().filter(is_proper);
        let mut cut = self.divided_by(common_measure(proper.map(|(_, factor)| factor)));
        if let Some(offset) = cut.terms.remove(&Vec::new()) {
            cut.add(Vec::new(), &-&(-&offset).floor());
        }
        cut
    }

    fn divided_by(&self, measure: Number) -> Polynomial {
        let inverse = Number::from_integer(1).divided_by(&measure);
        inverse.map_or_else(|| self.clone(), |inverse| self.times_number(&inverse))
    }

    pub(super) fn is_whole(&self) -> bool {
        self.terms.values().all(Number::is_integer)
    }

    /// A multiple that is the same for all its multiples, and whether that factor was negative.
    pub(super) fn normal(&self) -> (Polynomial, bool) {
        let whole = self.whole();
        let turned = whole
            .terms
            .values()
            .next_back()
            .is_some_and(Number::is_negative);
        match turned {
            true => (whole.times_number(&Number::from_integer(-1)), true),
            false => (whole, false),
        }
    }
}

/// The greatest number of which all are multiples; zero: of none.
fn common_measure<'a>(numbers: impl Iterator<Item = &'a Number>) -> Number {
    numbers.fold(Number::zero(), |measure, number| {
        let (mut a, mut b) = (measure, number.abs());
        while let Some(quotient) = a.divided_by(&b) {
            let rest = &a - &(&quotient.floor() * &b);
            (a, b) = (b, rest);
        }
        a
    })
}
