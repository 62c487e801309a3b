//! Expressions and checks: what both engines compute from the values of a clause's variables.

use super::Limits;
use crate::datalog::Program;
use crate::datalog::program::{Aggregate, Certainty, Check, DaySetId, Expr, RegimesId, Term, Var};
use crate::ir::{Comparison, Operator, are_determined};
use crate::value::{
    Date, NoValue, Number, Orders, Perhaps, Shift, Value, is_covered, shift_date,
    shift_working_days,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Computes expressions of one program.
pub struct Evaluator<'a> {
    program: &'a Program,
    /// In order.
    working_days: Arc<[Date]>,
    limits: Limits,
}

/// How a row belongs to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// For sure.
    Sure,
    /// Once, or not at all.
    AtMostOnce,
    /// Some of its values are open, and it may stand for any number of rows.
    Often,
}

impl Share {
    /// Of a row that an aggregate folds; `value`: what stands in it.
    pub fn of(aggregate: &Aggregate, is_sure: bool, value: impl Fn(Var) -> Value) -> Share {
        if is_sure {
            return Share::Sure;
        }
        let variables = aggregate.atom.args.iter().filter_map(|term| match term {
            Term::Var(var) => Some(*var),
            Term::Value(_) | Term::Any => None,
        });
        let variables: Vec<Var> = variables.collect();
        let is_known = |var: Var| !value(var).is_open();
        match are_determined(&variables, &aggregate.dependencies, is_known) {
            true => Share::AtMostOnce,
            false => Share::Often,
        }
    }
}

/// A term of a group, and how its row belongs to it.
pub type Member = (Result<Value, NoValue>, Share);

/// The value of a variable; the clause binds it before it is asked for.
pub type Values<'a> = &'a dyn Fn(Var) -> Value;

/// The days in the rows of the relation of working days.
pub fn working_days(rows: impl Iterator<Item = Vec<Value>>) -> Arc<[Date]> {
    let date = |row: Vec<Value>| match row.first() {
        Some(Value::Date(date)) => Some(*date),
        _ => None,
    };
    rows.filter_map(date).collect()
}

impl<'a> Evaluator<'a> {
    /// For a program whose working days are not known yet.
    pub fn new(program: &'a Program, limits: Limits) -> Evaluator<'a> {
        Evaluator {
            program,
            working_days: Arc::default(),
            limits,
        }
    }

    /// Sets the rows of the relation of working days, in their order.
    pub fn set_working_days(&mut self, rows: impl Iterator<Item = Vec<Value>>) {
        self.working_days = working_days(rows);
    }

    /// Sets the working days, in their order.
    pub fn keep_working_days(&mut self, days: Arc<[Date]>) {
        self.working_days = days;
    }

    /// The working days, in their order.
    pub fn working_days(&self) -> &Arc<[Date]> {
        &self.working_days
    }

    /// The limits of the run.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The value of an expression.
    pub fn value(&self, expr: &Expr, values: Values<'_>) -> Result<Value, NoValue> {
        match expr {
            Expr::Value(value) => Ok(value.clone()),
            Expr::Var(var) => Ok(values(*var)),
            Expr::Negate(inner) => self
                .present(inner, values)?
                .map_bounds(true, |value| Ok(Value::Number(-number(value)))),
            Expr::Binary(operator, left, right) => {
                let (left, right) = (self.present(left, values)?, self.present(right, values)?);
                self.binary(*operator, &left, &right)
            }
            Expr::Call(function, args) => {
                let present = |arg| self.present(arg, values);
                let args: Vec<Value> = args.iter().map(present).collect::<Result<_, _>>()?;
                if args.iter().any(Value::is_open) {
                    return Ok(Value::Unknown);
                }
                self.within_limit((function.row().apply)(&args)?)
            }
            Expr::Shift { date, amount, unit } => {
                let (date, amount) = (self.present(date, values)?, self.present(amount, values)?);
                self.moved(&date, &amount, *unit)
            }
            Expr::Regime(regimes, day) => match self.present(day, values)? {
                Value::Date(day) => Ok(Value::Date(self.regime(*regimes, day))),
                _ => Ok(Value::Unknown),
            },
        }
    }

    /// Whether a check holds; where it reads an open value: as sure as it says, or else for all that the value may be.
    pub fn check(&self, check: &Check, values: Values<'_>) -> Result<bool, NoValue> {
        match check {
            Check::Settled(Certainty::May, inner) => Ok(self.truth(inner, values)?.may_hold),
            Check::Settled(Certainty::Must, inner) => self.check(inner, values),
            other => Ok(!self.truth(other, values)?.may_fail),
        }
    }

    /// Whether a check may hold: where it reads an open value, for some that it may be.
    pub fn may_hold(&self, check: &Check, values: Values<'_>) -> Result<bool, NoValue> {
        Ok(self.truth(check, values)?.may_hold)
    }

    fn truth(&self, check: &Check, values: Values<'_>) -> Result<Truth, NoValue> {
        match check {
            Check::Compare(comparison, left, right) => {
                let (left, right) = (self.value(left, values)?, self.value(right, values)?);
                Ok(compared(*comparison, left.possible_orders(&right)))
            }
            Check::Test(truth, expr) => Ok(match self.value(expr, values)? {
                open if open.is_open() => Truth::OPEN,
                value => Truth::of(value == Value::Bool(*truth)),
            }),
            Check::Present(var) => Ok(Truth::of(values(*var) != Value::None)),
            Check::Within(days, term) => Ok(match term {
                Term::Var(var) => self.is_within(*days, &values(*var)),
                Term::Value(value) => self.is_within(*days, value),
                Term::Any => Truth::of(true),
            }),
            Check::Vague(wanted, var) => Ok(Truth::of(values(*var).is_open() == *wanted)),
            Check::Settled(_, inner) => self.check(inner, values).map(Truth::of),
        }
    }

    /// Folds the terms of one group: one a row, in any order.
    fn fold(
        &self,
        aggregate: &Aggregate,
        terms: Vec<Result<Value, NoValue>>,
    ) -> Result<Option<Value>, NoValue> {
        // Of several reasons the smallest, so that the order of the rows does not show.
        if let Some(reason) = terms.iter().filter_map(|term| term.as_ref().err()).min() {
            return Err(reason.clone());
        }
        let mut terms: Vec<Value> = terms.into_iter().flatten().collect();
        terms.sort_unstable();
        if aggregate.function.counts && aggregate.term.is_some() {
            terms.dedup();
        }
        if !aggregate.function.needs_numbers {
            return Ok((aggregate.function.fold)(&mut terms.into_iter()));
        }
        if terms.contains(&Value::None) {
            return Err(NoValue::Missing);
        }
        let mut sum = (aggregate.function.fold)(&mut std::iter::empty());
        for term in terms {
            sum = (aggregate.function.fold)(&mut sum.into_iter().chain([term]));
            sum = sum.map(|sum| self.within_limit(sum)).transpose()?;
        }
        Ok(sum)
    }

    /// Folds the terms of one group.
    pub fn result(
        &self,
        aggregate: &Aggregate,
        terms: Vec<Member>,
    ) -> Result<Option<Value>, NoValue> {
        match aggregate.certain {
            Some((certainty, _)) => self.fold_open(aggregate, certainty, terms),
            None => self.fold(aggregate, terms.into_iter().map(|(term, _)| term).collect()),
        }
    }

    /// Folds the terms of one group of which some must belong to it and others may: the result, or its bounds. `None`: no row,
    /// or, where it must be sure, perhaps none.
    fn fold_open(
        &self,
        aggregate: &Aggregate,
        certainty: Certainty,
        terms: Vec<Member>,
    ) -> Result<Option<Value>, NoValue> {
        let is_known = |(term, share): &Member| {
            *share == Share::Sure && !term.as_ref().is_ok_and(Value::is_open)
        };
        if terms.iter().all(is_known) {
            return self.fold(aggregate, terms.into_iter().map(|(term, _)| term).collect());
        }
        let broken = terms.iter().filter_map(|(term, _)| term.as_ref().err());
        if let Some(reason) = broken.min() {
            return Err(reason.clone());
        }
        let (mut certain, mut others) = (Vec::new(), Vec::new());
        for (term, share) in terms {
            let Ok(term) = term else { continue };
            if aggregate.function.needs_numbers && term == Value::None {
                return Err(NoValue::Missing);
            }
            match share {
                Share::Sure => certain.push(term),
                Share::AtMostOnce => others.push(Perhaps { term, is_one: true }),
                Share::Often => others.push(Perhaps {
                    term,
                    is_one: false,
                }),
            }
        }
        let is_sure = aggregate.function.has_empty || !certain.is_empty();
        if certainty == Certainty::Must && !is_sure {
            return Ok(None);
        }
        let bounds = (aggregate.function.bounds)(aggregate.term.is_some(), &certain, &others);
        bounds.map(|bounds| self.within_limit(bounds)).transpose()
    }

    fn present(&self, expr: &Expr, values: Values<'_>) -> Result<Value, NoValue> {
        match self.value(expr, values)? {
            Value::None => Err(NoValue::Missing),
            value => Ok(value),
        }
    }

    fn binary(&self, operator: Operator, a: &Value, b: &Value) -> Result<Value, NoValue> {
        if let (Value::Number(a), Value::Number(b)) = (a, b) {
            return self.reckoned(operator, a, b);
        }
        let step = |a: &Value, b: &Value| self.reckoned(operator, number(a), number(b));
        match (operator, a, b) {
            (Operator::Add, ..) => bounds_of(a.low().zip(b.low()), a.high().zip(b.high()), step),
            (Operator::Subtract, ..) => {
                bounds_of(a.low().zip(b.high()), a.high().zip(b.low()), step)
            }
            (Operator::Multiply, Value::Number(factor), open)
            | (Operator::Multiply, open, Value::Number(factor)) => {
                let turns = *factor < Number::zero();
                open.map_bounds(turns, |value| {
                    self.reckoned(operator, number(value), factor)
                })
            }
            (Operator::Divide, open, Value::Number(divisor)) => {
                let turns = *divisor < Number::zero();
                if *divisor == Number::zero() {
                    return Err(NoValue::DivisionByZero);
                }
                open.map_bounds(turns, |value| {
                    self.reckoned(operator, number(value), divisor)
                })
            }
            (Operator::Multiply | Operator::Divide, ..) => Ok(Value::Unknown),
        }
    }

    fn reckoned(&self, operator: Operator, a: &Number, b: &Number) -> Result<Value, NoValue> {
        let number = match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a.divided_by(b).ok_or(NoValue::DivisionByZero)?,
        };
        self.within_limit(Value::Number(number))
    }

    fn within_limit(&self, value: Value) -> Result<Value, NoValue> {
        match &value {
            Value::Number(number) if number.bits() > self.limits.bits => {
                Err(NoValue::TooManyDigits)
            }
            _ => Ok(value),
        }
    }

    fn moved(&self, date: &Value, amount: &Value, unit: Shift) -> Result<Value, NoValue> {
        match (date, amount) {
            (Value::Date(date), Value::Number(amount)) => self.shift(*date, amount, unit),
            (Value::Range(_), Value::Number(amount)) => {
                let bounds = date.map_bounds(false, |bound| match bound {
                    Value::Date(date) => match self.shift(*date, amount, unit)? {
                        Value::Date(date) => Ok(Value::Date(date)),
                        _ => Err(NoValue::BeyondCalendar(*date)),
                    },
                    other => unreachable!("the checker lets only dates be moved, not {other:?}"),
                });
                Ok(bounds.unwrap_or(Value::Unknown))
            }
            _ => Ok(Value::Unknown),
        }
    }

    /// A working day beyond the calendar is not known, only that it lies beyond.
    fn shift(&self, date: Date, amount: &Number, unit: Shift) -> Result<Value, NoValue> {
        match unit {
            Shift::Days | Shift::Months | Shift::Years => {
                shift_date(date, amount, unit).map(Value::Date)
            }
            Shift::WorkingDays => match shift_working_days(date, amount, &self.working_days) {
                Err(NoValue::BeyondCalendar(_)) => Ok(self.beyond(date, *amount > Number::zero())),
                other => other.map(Value::Date),
            },
        }
    }

    /// Later than the last working day that is known (or earlier than the first), if those up to it are.
    fn beyond(&self, date: Date, is_later: bool) -> Value {
        let days = &self.working_days;
        let end = match is_later {
            true => days.last(),
            false => days.first(),
        };
        let end = end.filter(|_| is_covered(date, is_later, days));
        let end = *end.unwrap_or(&date);
        let day = |day: Result<Date, _>| day.ok().map(Value::Date);
        match is_later {
            true => Value::between(day(end.tomorrow()), None),
            false => Value::between(None, day(end.yesterday())),
        }
    }

    fn regime(&self, regimes: RegimesId, day: Date) -> Date {
        let starts = &self.program.regimes[regimes.0 as usize];
        let after = starts.partition_point(|start| *start <= day);
        starts[after.saturating_sub(1)]
    }

    fn is_within(&self, days: DaySetId, day: &Value) -> Truth {
        let stretches = &self.program.day_sets[days.0 as usize];
        match day {
            Value::Date(day) => {
                let at = stretches.partition_point(|(_, last)| last < day);
                Truth::of(stretches.get(at).is_some_and(|(first, _)| first <= day))
            }
            open if open.is_open() => Truth::OPEN,
            _ => Truth::of(false),
        }
    }
}

/// What a check may come to.
#[derive(Clone, Copy)]
struct Truth {
    may_hold: bool,
    may_fail: bool,
}

impl Truth {
    const OPEN: Truth = Truth {
        may_hold: true,
        may_fail: true,
    };

    fn of(truth: bool) -> Truth {
        Truth {
            may_hold: truth,
            may_fail: !truth,
        }
    }
}

fn compared(comparison: Comparison, orders: Orders) -> Truth {
    let any = |wanted: bool| {
        let mut orders = orders.possible();
        orders.any(|order| compares(comparison, order) == wanted)
    };
    Truth {
        may_hold: any(true),
        may_fail: any(false),
    }
}

fn bounds_of(
    low: Option<(&Value, &Value)>,
    high: Option<(&Value, &Value)>,
    step: impl Fn(&Value, &Value) -> Result<Value, NoValue>,
) -> Result<Value, NoValue> {
    let bound = |pair: Option<(&Value, &Value)>| pair.map(|(a, b)| step(a, b)).transpose();
    Ok(Value::between(bound(low)?, bound(high)?))
}

fn number(value: &Value) -> &Number {
    match value {
        Value::Number(number) => number,
        other => unreachable!("the checker lets only numbers be reckoned with, not {other:?}"),
    }
}

/// Whether two things in that order stand in that relation.
pub fn compares(comparison: Comparison, order: std::cmp::Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
    }
}

/// The variables of an expression.
pub fn expr_variables(expr: &Expr) -> BTreeSet<Var> {
    match expr {
        Expr::Value(_) => BTreeSet::new(),
        Expr::Var(var) => BTreeSet::from([*var]),
        Expr::Negate(inner) | Expr::Regime(_, inner) => expr_variables(inner),
        Expr::Binary(_, left, right) => &expr_variables(left) | &expr_variables(right),
        Expr::Call(_, args) => args.iter().flat_map(expr_variables).collect(),
        Expr::Shift { date, amount, .. } => &expr_variables(date) | &expr_variables(amount),
    }
}

/// The variables of a check.
pub fn check_variables(check: &Check) -> BTreeSet<Var> {
    match check {
        Check::Compare(_, left, right) => &expr_variables(left) | &expr_variables(right),
        Check::Test(_, expr) => expr_variables(expr),
        Check::Present(var) | Check::Vague(_, var) | Check::Within(_, Term::Var(var)) => {
            BTreeSet::from([*var])
        }
        Check::Within(_, Term::Value(_) | Term::Any) => BTreeSet::new(),
        Check::Settled(_, inner) => check_variables(inner),
    }
}
