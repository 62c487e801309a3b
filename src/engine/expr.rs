//! Expressions and checks: what both engines compute from the values of a clause's variables.

use super::Limits;
use crate::datalog::Program;
use crate::datalog::program::{Aggregate, Check, DaySetId, Expr, RegimesId, Term, Var};
use crate::ir::{Comparison, Operator};
use crate::value::{Date, NoValue, Number, Shift, Value, shift_date, shift_working_days};
use std::collections::BTreeSet;

/// Computes expressions of one program.
pub struct Evaluator<'a> {
    program: &'a Program,
    /// In order.
    working_days: Vec<Date>,
    limits: Limits,
}

/// The value of a variable; the clause binds it before it is asked for.
pub type Values<'a> = &'a dyn Fn(Var) -> Value;

impl<'a> Evaluator<'a> {
    /// For a program whose working days are not known yet.
    pub fn new(program: &'a Program, limits: Limits) -> Evaluator<'a> {
        Evaluator {
            program,
            working_days: Vec::new(),
            limits,
        }
    }

    /// Sets the rows of the relation of working days, in their order.
    pub fn set_working_days(&mut self, rows: impl Iterator<Item = Vec<Value>>) {
        let date = |row: Vec<Value>| match row.first() {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        };
        self.working_days = rows.filter_map(date).collect();
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
            Expr::Negate(inner) => Ok(Value::Number(-&self.number(inner, values)?)),
            Expr::Binary(operator, left, right) => self.binary(
                *operator,
                &self.number(left, values)?,
                &self.number(right, values)?,
            ),
            Expr::Call(function, args) => {
                let present = |arg| self.present(arg, values);
                let args: Vec<Value> = args.iter().map(present).collect::<Result<_, _>>()?;
                self.within_limit((function.row().apply)(&args)?)
            }
            Expr::Shift { date, amount, unit } => {
                let (date, amount) = (self.date(date, values)?, self.number(amount, values)?);
                self.shift(date, &amount, *unit).map(Value::Date)
            }
            Expr::Regime(regimes, day) => {
                Ok(Value::Date(self.regime(*regimes, self.date(day, values)?)))
            }
        }
    }

    /// Whether a check holds.
    pub fn check(&self, check: &Check, values: Values<'_>) -> Result<bool, NoValue> {
        match check {
            Check::Compare(comparison, left, right) => {
                let (left, right) = (self.value(left, values)?, self.value(right, values)?);
                Ok(compares(*comparison, left.cmp(&right)))
            }
            Check::Test(truth, expr) => Ok(self.value(expr, values)? == Value::Bool(*truth)),
            Check::Present(var) => Ok(!is_absent(&values(*var))),
            Check::Within(days, term) => Ok(match term {
                Term::Var(var) => self.is_within(*days, &values(*var)),
                Term::Value(value) => self.is_within(*days, value),
                Term::Any => true,
            }),
        }
    }

    /// Folds the terms of one group: one a row, in any order.
    pub fn fold(
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
        if terms.iter().any(is_absent) {
            return Err(NoValue::Missing);
        }
        let mut sum = (aggregate.function.fold)(&mut std::iter::empty());
        for term in terms {
            sum = (aggregate.function.fold)(&mut sum.into_iter().chain([term]));
            sum = sum.map(|sum| self.within_limit(sum)).transpose()?;
        }
        Ok(sum)
    }

    fn present(&self, expr: &Expr, values: Values<'_>) -> Result<Value, NoValue> {
        let value = self.value(expr, values)?;
        if is_absent(&value) {
            return Err(NoValue::Missing);
        }
        Ok(value)
    }

    fn number(&self, expr: &Expr, values: Values<'_>) -> Result<Number, NoValue> {
        match self.present(expr, values)? {
            Value::Number(number) => Ok(number),
            other => unreachable!("the checker lets only numbers be reckoned with, not {other:?}"),
        }
    }

    fn date(&self, expr: &Expr, values: Values<'_>) -> Result<Date, NoValue> {
        match self.present(expr, values)? {
            Value::Date(date) => Ok(date),
            other => unreachable!("the checker lets only dates be moved, not {other:?}"),
        }
    }

    fn binary(&self, operator: Operator, a: &Number, b: &Number) -> Result<Value, NoValue> {
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

    fn shift(&self, date: Date, amount: &Number, unit: Shift) -> Result<Date, NoValue> {
        match unit {
            Shift::Days | Shift::Months | Shift::Years => shift_date(date, amount, unit),
            Shift::WorkingDays => shift_working_days(date, amount, &self.working_days),
        }
    }

    fn regime(&self, regimes: RegimesId, day: Date) -> Date {
        let starts = &self.program.regimes[regimes.0 as usize];
        let after = starts.partition_point(|start| *start <= day);
        starts[after.saturating_sub(1)]
    }

    fn is_within(&self, days: DaySetId, day: &Value) -> bool {
        let Value::Date(day) = day else {
            return false;
        };
        let stretches = &self.program.day_sets[days.0 as usize];
        let at = stretches.partition_point(|(_, last)| last < day);
        stretches.get(at).is_some_and(|(first, _)| first <= day)
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
        Check::Present(var) | Check::Within(_, Term::Var(var)) => BTreeSet::from([*var]),
        Check::Within(_, Term::Value(_) | Term::Any) => BTreeSet::new(),
    }
}

fn is_absent(value: &Value) -> bool {
    matches!(value, Value::None | Value::Unknown)
}
