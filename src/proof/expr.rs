//! The value of expressions and comparisons under bindings.

use crate::ir::{
    Aggregate, Comparison, Expr, ExprKind, Literal, Operator, Premise, Term, VariableId,
};
use crate::value::{Date, NoValue, Number, Shift, Value, shift_date, shift_working_days};
use std::cmp::Ordering;

/// Values of a rule's variables, and what else an expression may ask for.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// By `VariableId`.
    pub bindings: &'s [Option<Value>],
    /// All working days, in order.
    pub working_days: &'s [Date],
}

impl Scope<'_> {
    /// The value of a term; `None` where it is open.
    pub fn term(&self, term: &Term) -> Option<Value> {
        match term {
            Term::Variable(variable) | Term::Each(variable) => self.bindings[variable.at()].clone(),
            Term::Value(value) => Some(value.clone()),
            Term::Any | Term::Present | Term::Missing => None,
        }
    }

    /// The value of an expression.
    pub fn value(&self, expr: &Expr) -> Result<Value, NoValue> {
        match &expr.kind {
            ExprKind::Value(value) => Ok(value.clone()),
            ExprKind::Variable(variable) => {
                self.bindings[variable.at()].clone().ok_or(NoValue::Missing)
            }
            _ if self.reads_open(expr) => Ok(Value::Unknown),
            ExprKind::Negate(inner) => Ok(Value::Number(-&self.number(inner)?)),
            ExprKind::Binary(operator, left, right) => {
                arithmetic(*operator, &self.number(left)?, &self.number(right)?).map(Value::Number)
            }
            ExprKind::Call(function, args) => {
                let args = args.iter().map(|arg| self.present(arg));
                (function.row().apply)(&args.collect::<Result<Vec<Value>, NoValue>>()?)
            }
            ExprKind::Shift { date, amount, unit } => {
                let (date, amount) = (self.date(date)?, self.number(amount)?);
                match unit {
                    Shift::WorkingDays => {
                        match shift_working_days(date, &amount, self.working_days) {
                            Err(NoValue::BeyondCalendar(_)) => Ok(Value::Unknown),
                            other => other.map(Value::Date),
                        }
                    }
                    Shift::Days | Shift::Months | Shift::Years => {
                        shift_date(date, &amount, *unit).map(Value::Date)
                    }
                }
            }
        }
    }

    /// Whether it would be worked out from a value that is open, or redacted.
    fn reads_open(&self, expr: &Expr) -> bool {
        let mut is_open = false;
        expr_variables(expr, &mut |variable| {
            let value = self.bindings[variable.at()].as_ref();
            is_open |= value.is_some_and(|value| value.is_open() || value.is_redacted());
        });
        is_open
    }

    fn present(&self, expr: &Expr) -> Result<Value, NoValue> {
        self.value(expr).and_then(|value| match is_present(&value) {
            true => Ok(value),
            false => Err(NoValue::Missing),
        })
    }

    fn number(&self, expr: &Expr) -> Result<Number, NoValue> {
        match self.present(expr)? {
            Value::Number(number) => Ok(number),
            other => unreachable!("the checker lets only numbers be reckoned with, not {other:?}"),
        }
    }

    fn date(&self, expr: &Expr) -> Result<Date, NoValue> {
        match self.present(expr)? {
            Value::Date(date) => Ok(date),
            other => unreachable!("the checker lets only dates be moved, not {other:?}"),
        }
    }
}

fn arithmetic(operator: Operator, left: &Number, right: &Number) -> Result<Number, NoValue> {
    Ok(match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left.divided_by(right).ok_or(NoValue::DivisionByZero)?,
    })
}

/// Folds the terms of one group; `count X` is given each distinct term once by the caller.
pub(super) fn fold(aggregate: &Aggregate, mut terms: Vec<Value>) -> Option<Value> {
    terms.sort();
    (aggregate.function.fold)(&mut terms.into_iter())
}

/// Whether two values in that order stand in that relation.
pub(super) fn compares(op: Comparison, order: Ordering) -> bool {
    match op {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
    }
}

/// Whether a field has a value.
pub(super) fn is_present(value: &Value) -> bool {
    *value != Value::None
}

/// Calls `see` with each variable of an expression, as often as it stands there.
pub(super) fn expr_variables(expr: &Expr, see: &mut dyn FnMut(VariableId)) {
    match &expr.kind {
        ExprKind::Value(_) => {}
        ExprKind::Variable(variable) => see(*variable),
        ExprKind::Negate(inner) => expr_variables(inner, see),
        ExprKind::Binary(_, left, right) => {
            expr_variables(left, see);
            expr_variables(right, see);
        }
        ExprKind::Call(_, args) => args.iter().for_each(|arg| expr_variables(arg, see)),
        ExprKind::Shift { date, amount, .. } => {
            expr_variables(date, see);
            expr_variables(amount, see);
        }
    }
}

/// Calls `see` with each variable of a literal, those in braces included.
pub(super) fn literal_variables(literal: &Literal, see: &mut dyn FnMut(VariableId)) {
    match literal {
        Literal::Holds(premise) | Literal::Absent(premise) => premise_variables(premise, see),
        Literal::Compare(compare) => {
            expr_variables(&compare.left, see);
            expr_variables(&compare.right, see);
        }
        Literal::Bind(bind) => {
            see(bind.variable);
            expr_variables(&bind.value, see);
        }
        Literal::Test(test) => expr_variables(&test.value, see),
        Literal::Aggregate(aggregate) => {
            see(aggregate.result);
            aggregate.group.iter().for_each(|variable| see(*variable));
        }
        Literal::Or(branches, _) => branches
            .iter()
            .flatten()
            .for_each(|literal| literal_variables(literal, see)),
        Literal::Exempted(exempted) => term_variables(&exempted.atom.args, see),
    }
}

/// Calls `see` with each variable of an atom and of its day.
pub(super) fn premise_variables(premise: &Premise, see: &mut dyn FnMut(VariableId)) {
    term_variables(&premise.atom.args, see);
    term_variables(premise.on.as_slice(), see);
}

/// Calls `see` with each variable among the terms.
pub(super) fn term_variables(terms: &[Term], see: &mut dyn FnMut(VariableId)) {
    for term in terms {
        if let Term::Variable(variable) | Term::Each(variable) = term {
            see(*variable);
        }
    }
}
