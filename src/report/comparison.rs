//! Comparisons in words: as written, with the values in them, and by how much they fail.

use super::Context;
use super::tree::words;
use crate::ir::Comparison;
use crate::proof::proof::{CompareForm, CompareStep};
use crate::value::Value;

/// A comparison as written, with its numbers.
pub(super) fn comparison(context: &Context<'_>, step: &CompareStep) -> String {
    let written = words(context, step.span);
    let sign = match step.op {
        Comparison::Equal => "=",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::AtMost => "<=",
        Comparison::Greater => ">",
        Comparison::AtLeast => ">=",
    };
    let left = context.value(&step.left.0, step.left.1);
    let right = context.value(&step.right.0, step.right.1);
    let numbers = match step.form {
        CompareForm::Comparison => match (&step.left.0, &step.right.0) {
            (Value::Unknown, Value::Unknown) => "neither side is".into(),
            (Value::Unknown, _) => format!("the left side is not, the right side is {right}"),
            (_, Value::Unknown) => format!("the left side is {left}, the right side is not"),
            _ => format!("{left} {sign} {right}"),
        },
        CompareForm::Binding => bound_value(context, step),
        CompareForm::Test(_) => context.bindings(
            step.values
                .iter()
                .map(|(name, value, ty)| (name.as_str(), value, *ty)),
        ),
    };
    let is_open = step.left.0.is_open() || step.right.0.is_open();
    let fails = match step.holds {
        true => "",
        false if is_open => " is not known",
        false => " does not hold",
    };
    let short = match step.holds {
        true => String::new(),
        false => shortfall(context, step),
    };
    if numbers.is_empty() {
        format!("{written}{fails}")
    } else {
        format!("{written}{fails}: {numbers}{short}")
    }
}

/// `6 (A = 2, B = 3)`: what a variable is bound to and what that is computed from; where it has another value, both.
fn bound_value(context: &Context<'_>, step: &CompareStep) -> String {
    let [left, right] = [&step.left, &step.right].map(|(value, ty)| context.value(value, *ty));
    let from = step.values.iter();
    let from = context.bindings(from.map(|(name, value, ty)| (name.as_str(), value, *ty)));
    let from = match from.is_empty() {
        true => String::new(),
        false => format!(" ({from})"),
    };
    match step.holds {
        true => format!("{left}{from}"),
        false => format!("it is {right}{from}, not {left}"),
    }
}

/// ` is short by 0.0001`, ` is early by 3 days`
fn shortfall(context: &Context<'_>, step: &CompareStep) -> String {
    let is_by_size = !matches!(step.op, Comparison::Equal | Comparison::NotEqual);
    match (&step.left.0, &step.right.0) {
        (Value::Number(one), Value::Number(other)) if is_by_size && one != other => {
            let side = if one < other { "short" } else { "over" };
            let difference = Value::Number((one - other).abs());
            format!(" is {side} by {}", context.value(&difference, step.left.1))
        }
        (Value::Date(one), Value::Date(other)) if is_by_size && one != other => {
            let side = if one < other { "early" } else { "late" };
            let days = one.until(*other).map_or(0, |span| span.get_days().abs());
            let unit = if days == 1 { "day" } else { "days" };
            format!(" is {side} by {days} {unit}")
        }
        _ => String::new(),
    }
}
