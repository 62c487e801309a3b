//! Points that are asked about together (`X > Y`, `X + Y >= 30 kg`, `X * X > 10`): all ways in which they may be settled, as far
//! as the questions tell them apart.
//!
//! One point after the other is taken out, so that what is asked about the others tells whether a value for it is left (Fourier
//! and Motzkin; for polynomials, Collins 1975). Then values are put in again, in the other order: one at each place where an
//! answer changes, and one between any two.

use super::PointId;
use super::points::{Domain, Points, Question, number_of};
use super::polynomial::Polynomial;
use super::roots;
use crate::value::{FIRST_DAY, LAST_DAY, Number, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many conditions on the points that are left may come from taking points out.
const MOST_FORMS: usize = 400;
/// How many ways of settling are looked at.
const MOST_WAYS: usize = 5_000;

/// Points that must be settled together, and the questions about them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Unit {
    pub(super) points: Vec<PointId>,
    pub(super) variables: Vec<u32>,
    /// Whether some question cannot be asked of one point alone, or not as one bound.
    pub(super) is_joint: bool,
}

/// One way of settling the points of a unit, and the answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Settling {
    pub(super) answers: Vec<(u32, bool)>,
    pub(super) values: BTreeMap<PointId, Value>,
}

impl Settling {
    /// How far its values are from what anybody would name first: more than zero, and whole.
    pub(super) fn oddness(&self) -> (usize, u64) {
        let numbers = self.values.values().filter_map(|value| match value {
            Value::Number(number) => Some(number),
            _ => None,
        });
        let (mut negative, mut bits) = (0, 0);
        for number in numbers {
            negative += usize::from(number.is_negative());
            bits += number.bits();
        }
        (negative, bits)
    }
}

/// Ways of settling that differ in one point only: all for given values of the others.
pub(super) type Fiber = Vec<Settling>;

/// What was found before: by the unit, and the point in which those of a fiber differ.
pub(super) type KnownFibers = hashbrown::HashMap<(Unit, Option<PointId>), Option<Arc<Vec<Fiber>>>>;

type Values = BTreeMap<PointId, Number>;
type Forms = BTreeSet<Polynomial>;

impl Points {
    /// The points that functions depend on, in units that are settled independently of one another.
    pub(super) fn units(&self, support: &BTreeMap<PointId, Vec<u32>>) -> Vec<Unit> {
        let mut units: Vec<Unit> = Vec::new();
        for (point, variables) in support {
            let is_exact = |at: &u32| !self.question(*at).is_lost();
            let variables: Vec<u32> = variables.iter().copied().filter(is_exact).collect();
            let mut unit = Unit {
                points: vec![*point],
                is_joint: variables.iter().any(|at| self.question(*at).is_joint()),
                variables,
            };
            let shares = |other: &Unit| {
                let mut variables = other.variables.iter();
                unit.is_joint && variables.any(|at| unit.variables.contains(at))
            };
            let (joined, others) = units.into_iter().partition::<Vec<Unit>, _>(shares);
            units = others;
            for other in joined {
                unit.points.extend(other.points);
                unit.variables.extend(other.variables);
            }
            unit.points.sort_unstable();
            unit.variables.sort_unstable();
            unit.variables.dedup();
            units.push(unit);
        }
        units
    }

    /// All ways of settling the points of a joint unit that the questions tell apart; with `last`, in fibers that differ in that
    /// point only. `None`: they cannot be worked out, or are too many.
    pub(super) fn fibers(&mut self, unit: &Unit, last: Option<PointId>) -> Option<Arc<Vec<Fiber>>> {
        let key = (unit.clone(), last);
        if let Some(known) = self.known_fibers.get(&key) {
            return known.clone();
        }
        let is_number = |point: &PointId| matches!(self.domain(*point), Domain::Number { .. });
        let fibers = match unit.points.iter().all(is_number) {
            true => self.fibers_of_numbers(unit, last),
            false => self.fibers_of_names(unit, last),
        };
        let count = fibers.iter().flatten().map(Vec::len).sum::<usize>();
        self.diagram.spend(1 + count as u64);
        let fibers = fibers.map(Arc::new);
        self.known_fibers.insert(key, fibers.clone());
        fibers
    }

    fn fibers_of_numbers(&self, unit: &Unit, last: Option<PointId>) -> Option<Vec<Fiber>> {
        let levels = self.levels(unit, last)?;
        let mut ways: Vec<Values> = vec![Values::new()];
        let mut fibers = Vec::new();
        for (depth, level) in levels.iter().rev().enumerate() {
            let is_top = depth + 1 == levels.len();
            let mut longer = Vec::new();
            for way in &ways {
                let numbers = level.numbers(way)?;
                let allowed = numbers
                    .into_iter()
                    .filter(|it| self.allows(level.point, it));
                let fiber: Vec<Values> = allowed
                    .map(|number| {
                        let mut way = way.clone();
                        way.insert(level.point, number);
                        way
                    })
                    .collect();
                match is_top {
                    true => fibers.push(fiber.iter().map(|way| self.settling(unit, way)).collect()),
                    false => longer.extend(fiber),
                }
            }
            if longer.len() > MOST_WAYS || fibers.len() > MOST_WAYS {
                return None;
            }
            ways = longer;
        }
        Some(fibers)
    }

    /// In which order the points are taken out, and what is then asked about each and those that come after it.
    fn levels(&self, unit: &Unit, last: Option<PointId>) -> Option<Vec<Level>> {
        let mut forms = self.forms(unit);
        let mut left: BTreeSet<PointId> = unit.points.iter().copied().collect();
        let mut levels = Vec::new();
        let mut is_whole = false;
        while let Some(only) = left.first().copied() {
            let choices: Vec<PointId> = match last.filter(|_| levels.is_empty()) {
                Some(last) => vec![last],
                None => left.iter().copied().collect(),
            };
            let has_parts = left.iter().any(|point| self.step(*point).is_none());
            if !has_parts && !is_whole {
                forms = forms.iter().flat_map(whole_cuts).collect();
                is_whole = true;
            }
            if left.len() == 1 {
                levels.push(Level::lowest(only, &forms, is_whole));
                break;
            }
            let choices = choices.into_iter();
            let mut choices: Vec<PointId> = choices
                .filter(|point| is_whole || self.step(*point).is_none())
                .collect();
            choices.sort_by_key(|point| {
                forms
                    .iter()
                    .filter(|form| form.points().contains(point))
                    .count()
            });
            let mut levels_possible = choices
                .into_iter()
                .map(|point| Level::of(point, &forms, is_whole));
            let (level, rest) = levels_possible.find_map(|level| level)?;
            if rest.len() > MOST_FORMS {
                return None;
            }
            left.remove(&level.point);
            levels.push(level);
            forms = rest;
        }
        Some(levels)
    }

    /// All whose sign is asked, of whole points in steps.
    fn forms(&self, unit: &Unit) -> Forms {
        let mut forms = Forms::new();
        for variable in &unit.variables {
            let form = match self.question(*variable) {
                Question::UpTo(bound, _) => {
                    let point = Polynomial::point(self.asked_point(*variable));
                    point.plus(&Polynomial::constant(bound.clone()), -1)
                }
                Question::Below(form) | Question::Zero(form) => Some(form.as_ref().clone()),
                Question::Truth
                | Question::Is(_)
                | Question::Text(_)
                | Question::Same(_)
                | Question::Relation(_)
                | Question::Unclear(..) => None,
            };
            forms.extend(form);
        }
        for point in &unit.points {
            if matches!(self.domain(*point), Domain::Number { is_day: true, .. }) {
                for day in [FIRST_DAY, LAST_DAY] {
                    let day = Polynomial::constant(number_of(day));
                    forms.extend(Polynomial::point(*point).plus(&day, -1));
                }
            }
        }
        let step = |point: PointId| self.step(point).unwrap_or(Number::from_integer(1));
        forms
            .iter()
            .map(|form| form.in_steps(&step).normal().0)
            .collect()
    }

    /// Of what a number is a multiple, whatever it is.
    pub(super) fn step(&self, point: PointId) -> Option<Number> {
        match self.domain(point) {
            Domain::Number { step, .. } => step.clone(),
            _ => None,
        }
    }

    fn allows(&self, point: PointId, number: &Number) -> bool {
        match self.domain(point) {
            Domain::Number { is_day: true, .. } => {
                !number.is_negative() && *number <= number_of(LAST_DAY)
            }
            _ => true,
        }
    }

    fn settling(&self, unit: &Unit, steps: &Values) -> Settling {
        let numbers: Values = steps
            .iter()
            .map(|(point, number)| match self.step(*point) {
                Some(step) => (*point, number * &step),
                None => (*point, number.clone()),
            })
            .collect();
        let constant = |form: &Polynomial| form.at(&numbers).as_constant();
        let answer = |variable: u32| match self.question(variable) {
            Question::UpTo(bound, true) => numbers[&self.asked_point(variable)] <= *bound,
            Question::UpTo(bound, false) => numbers[&self.asked_point(variable)] < *bound,
            Question::Below(form) => constant(form).is_some_and(|it| it.is_negative()),
            Question::Zero(form) => constant(form).is_some_and(|it| it.is_zero()),
            Question::Truth
            | Question::Is(_)
            | Question::Text(_)
            | Question::Same(_)
            | Question::Relation(_)
            | Question::Unclear(..) => false,
        };
        let variables = unit.variables.iter();
        Settling {
            answers: variables.map(|at| (*at, answer(*at))).collect(),
            values: numbers
                .iter()
                .map(|(point, number)| (*point, self.value_of(*point, number)))
                .collect(),
        }
    }

    /// Each may be any value that is named, that of another point, or one of its own.
    fn fibers_of_names(&self, unit: &Unit, last: Option<PointId>) -> Option<Vec<Fiber>> {
        let named: BTreeSet<Value> = (unit.variables.iter())
            .filter_map(|at| match self.question(*at) {
                Question::Is(value) => Some(value.clone()),
                _ => None,
            })
            .collect();
        let mut order: Vec<PointId> = unit.points.clone();
        order.sort_by_key(|point| Some(*point) == last);
        let mut fibers: Vec<Vec<BTreeMap<PointId, Value>>> = vec![vec![BTreeMap::new()]];
        let has_texts = !self.texts_asked(&unit.variables).is_empty();
        for (place, point) in order.into_iter().enumerate() {
            let own = match has_texts {
                true => self.text_samples(point, &unit.variables, place)?,
                false => Vec::new(),
            };
            let ways: Vec<BTreeMap<PointId, Value>> = fibers.into_iter().flatten().collect();
            if ways.len() > MOST_WAYS {
                return None;
            }
            fibers = ways
                .into_iter()
                .map(|way| {
                    let mut values = named.clone();
                    values.extend(way.values().cloned());
                    let known: Vec<Value> = values.iter().cloned().collect();
                    let other = self.other_than(point, &known);
                    values.extend((other != Value::Unknown).then_some(other));
                    values.extend(own.iter().map(|text| self.text_value(point, text.clone())));
                    let longer = values.into_iter().map(|value| {
                        let mut way = way.clone();
                        way.insert(point, value);
                        way
                    });
                    longer.collect()
                })
                .collect();
        }
        let settled = |fiber: Vec<BTreeMap<PointId, Value>>| {
            let ways = fiber.into_iter();
            ways.map(|way| self.settling_of_names(unit, way)).collect()
        };
        Some(fibers.into_iter().map(settled).collect())
    }

    fn settling_of_names(&self, unit: &Unit, values: BTreeMap<PointId, Value>) -> Settling {
        let answer = |variable: u32| {
            let own = &values[&self.asked_point(variable)];
            match self.question(variable) {
                Question::Is(value) => own == value,
                Question::Same(other) => *own == values[other],
                Question::Truth
                | Question::UpTo(..)
                | Question::Below(_)
                | Question::Zero(_)
                | Question::Relation(_)
                | Question::Unclear(..) => false,
                Question::Text(asked) => match own {
                    Value::Text(text) | Value::Name(text) => asked.is_so(text),
                    _ => false,
                },
            }
        };
        let variables = unit.variables.iter();
        let answers = variables.map(|at| (*at, answer(*at))).collect();
        Settling { answers, values }
    }
}

/// One point, with what is asked about it and those that are taken out later.
struct Level {
    point: PointId,
    places: Places,
}

/// Where answers change.
enum Places {
    /// Where one of these is zero.
    Zeros(Forms),
    /// Of whole numbers: behind these, which do not depend on the point.
    Behind(Forms),
    /// Of whole numbers, where one of these is zero; there is no other point.
    WholeZeros(Forms),
}

impl Level {
    fn lowest(point: PointId, forms: &Forms, is_whole: bool) -> Level {
        let places = match is_whole {
            true => Places::WholeZeros(forms.clone()),
            false => Places::Zeros(forms.clone()),
        };
        Level { point, places }
    }

    /// A point taken out, with what is then asked about the others. `None`: of this point it cannot be told.
    fn of(point: PointId, forms: &Forms, is_whole: bool) -> Option<(Level, Forms)> {
        let (own, mut rest): (Forms, Forms) =
            (forms.iter().cloned()).partition(|form| form.points().contains(&point));
        let mut parts = Vec::new();
        for form in &own {
            match <[Polynomial; 2]>::try_from(form.by_power(point)) {
                Ok([offset, scale]) => parts.push((offset, scale)),
                Err(_) => return None,
            }
        }
        let places = match is_whole {
            false => {
                rest.extend(parts.iter().map(|(_, scale)| scale.clone()));
                for (at, (a, one)) in parts.iter().enumerate() {
                    for (b, two) in &parts[..at] {
                        rest.insert(one.times(b)?.plus(&two.times(a)?, -1)?);
                        if rest.len() > 4 * MOST_FORMS {
                            return None;
                        }
                    }
                }
                rest = rest.iter().map(|form| form.normal().0).collect();
                Places::Zeros(own)
            }
            true => {
                let ends = parts
                    .into_iter()
                    .map(|(offset, scale)| end(&offset, &scale));
                let ends = ends.collect::<Option<Forms>>()?;
                let one = Polynomial::constant(Number::from_integer(1));
                for a in &ends {
                    for b in ends.iter().filter(|b| *b != a) {
                        rest.insert(a.plus(b, -1)?.plus(&one, 1)?.whole_cut());
                        if rest.len() > 4 * MOST_FORMS {
                            return None;
                        }
                    }
                }
                Places::Behind(ends)
            }
        };
        rest.retain(|form| form.as_constant().is_none());
        Some((Level { point, places }, rest))
    }

    /// Numbers that meet every case, where the points taken out later have these values.
    fn numbers(&self, way: &Values) -> Option<Vec<Number>> {
        match &self.places {
            Places::Zeros(forms) => roots::samples(&self.factors(forms, way)?),
            Places::WholeZeros(forms) => {
                let samples = roots::samples(&self.factors(forms, way)?)?;
                let floors = samples.iter().map(Number::floor);
                let one = Number::from_integer(1);
                let numbers: BTreeSet<Number> =
                    floors.flat_map(|floor| [&floor + &one, floor]).collect();
                Some(numbers.into_iter().collect())
            }
            Places::Behind(forms) => {
                let ends = forms.iter().map(|form| form.at(way).as_constant());
                let ends = ends.collect::<Option<BTreeSet<Number>>>()?;
                let beyond = match ends.last() {
                    Some(last) => last + &Number::from_integer(1),
                    None => Number::zero(),
                };
                Some(ends.into_iter().chain([beyond]).collect())
            }
        }
    }

    fn factors(&self, forms: &Forms, way: &Values) -> Option<Vec<Vec<Number>>> {
        let forms = forms.iter().map(|form| {
            let powers = form.at(way).by_power(self.point);
            let mut factors = powers
                .iter()
                .map(Polynomial::as_constant)
                .collect::<Option<Vec<Number>>>()?;
            while factors.last().is_some_and(Number::is_zero) {
                factors.pop();
            }
            Some(factors)
        });
        forms.collect()
    }
}

/// The last whole number at which `scale` times it plus `offset` is at most zero, or (where `scale` is negative) is not.
fn end(offset: &Polynomial, scale: &Polynomial) -> Option<Polynomial> {
    let one = Number::from_integer(1);
    let scale = scale.as_constant()?;
    if scale == one {
        return Some(offset.times_number(&-&one));
    }
    (scale == -&one).then(|| offset.plus(&Polynomial::constant(one), -1))?
}

/// Of whole points: being at most zero, and being below zero, as being at most zero.
fn whole_cuts(form: &Polynomial) -> [Polynomial; 2] {
    let form = form.whole();
    let one = Polynomial::constant(Number::from_integer(1));
    let below = form.plus(&one, 1).unwrap_or_default();
    [form.whole_cut(), below.whole_cut()]
}
