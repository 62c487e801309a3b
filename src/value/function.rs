//! The functions of the language: rows of one table.

use super::{Date, Number, Value};
use std::sync::Arc;

/// A row of the table of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u8);

/// Why an expression has no value for a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum NoValue {
    /// The divisor is zero.
    #[error("the divisor is zero")]
    DivisionByZero,
    /// A date before year -9999 or after year 9999.
    #[error("there is no such date: {0}")]
    ImpossibleDate(String),
    /// An amount of days or months that is not whole.
    #[error("`{0}` is not a whole number of days or months")]
    NotWhole(Number),
    /// A working day outside the policy's calendar.
    #[error("the working-day calendar does not reach that far from {0}")]
    BeyondCalendar(Date),
    /// A regular expression that cannot be read.
    #[error("`{0}` is no regular expression that can be used: {1}")]
    BadPattern(String, String),
    /// A field that it needs is missing or unknown.
    #[error("a value in it is missing")]
    Missing,
    /// More digits than the limit allows.
    #[error("the number has more digits than the limit allows")]
    TooManyDigits,
}

/// What a function takes, for the checker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Two texts or names; gives a truth value.
    TextTest,
    /// A text or name; gives a text.
    TextToText,
    /// Two dates; gives a whole number of days.
    DatesToDays,
    /// Two numbers of one quantity, or two dates, or two members of one ordered set; gives the same.
    TwoAlike,
    /// A number; gives the same.
    NumberToNumber,
}

/// A function of the language.
pub struct Function {
    /// Its name in policies.
    pub name: &'static str,
    /// What it takes and gives.
    pub shape: Shape,
    /// Computes it; the values are of the types that the shape says.
    pub apply: fn(&[Value]) -> Result<Value, NoValue>,
}

/// The unit in which a date is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shift {
    /// Calendar days.
    Days,
    /// Calendar months; a day that the month does not have becomes its last.
    Months,
    /// Calendar years; 29 February becomes 28 February.
    Years,
    /// Days of the policy's `working_day` table.
    WorkingDays,
}

const FUNCTIONS: &[Function] = &[
    Function {
        name: "starts_with",
        shape: Shape::TextTest,
        apply: |v| Ok(Value::Bool(text(&v[0]).starts_with(text(&v[1])))),
    },
    Function {
        name: "ends_with",
        shape: Shape::TextTest,
        apply: |v| Ok(Value::Bool(text(&v[0]).ends_with(text(&v[1])))),
    },
    Function {
        name: "contains",
        shape: Shape::TextTest,
        apply: |v| Ok(Value::Bool(text(&v[0]).contains(text(&v[1])))),
    },
    Function {
        name: "matches",
        shape: Shape::TextTest,
        apply: matches,
    },
    Function {
        name: "lower",
        shape: Shape::TextToText,
        apply: |v| Ok(Value::Text(Arc::from(text(&v[0]).to_lowercase()))),
    },
    Function {
        name: "days",
        shape: Shape::DatesToDays,
        apply: days,
    },
    Function {
        name: "min",
        shape: Shape::TwoAlike,
        apply: |v| Ok(v[0].clone().min(v[1].clone())),
    },
    Function {
        name: "max",
        shape: Shape::TwoAlike,
        apply: |v| Ok(v[0].clone().max(v[1].clone())),
    },
    Function {
        name: "abs",
        shape: Shape::NumberToNumber,
        apply: |v| Ok(Value::Number(number(&v[0]).abs())),
    },
];

/// The table of functions.
pub fn functions() -> &'static [Function] {
    FUNCTIONS
}

impl FunctionId {
    /// Its row.
    pub fn row(self) -> &'static Function {
        &FUNCTIONS[self.0 as usize]
    }
}

/// The function of that name.
pub fn function_named(name: &str) -> Option<FunctionId> {
    FUNCTIONS
        .iter()
        .position(|function| function.name == name)
        .map(|at| FunctionId(at as u8))
}

/// Moves a date by calendar days, months or years. Working days need the policy's calendar and are not done here.
pub fn shift_date(date: Date, amount: &Number, shift: Shift) -> Result<Date, NoValue> {
    let whole = amount.to_i64().ok_or_else(|| match amount.is_integer() {
        true => NoValue::ImpossibleDate(format!("{date} and {amount} days or months")),
        false => NoValue::NotWhole(amount.clone()),
    })?;
    let span = match shift {
        Shift::Days | Shift::WorkingDays => jiff::Span::new().try_days(whole),
        Shift::Months => jiff::Span::new().try_months(whole),
        Shift::Years => jiff::Span::new().try_years(whole),
    };
    let word = match shift {
        Shift::Days | Shift::WorkingDays => "days",
        Shift::Months => "months",
        Shift::Years => "years",
    };
    span.and_then(|span| date.checked_add(span))
        .map_err(|_| NoValue::ImpossibleDate(format!("{date} and {whole} {word}")))
}

/// Moves a date by working days: the n-th one after it (before it, for a negative amount); zero leaves it.
/// `calendar`: all working days, in order. Where it does not cover the way, there is no value.
pub fn shift_working_days(date: Date, amount: &Number, calendar: &[Date]) -> Result<Date, NoValue> {
    if !amount.is_integer() {
        return Err(NoValue::NotWhole(amount.clone()));
    }
    let beyond = || NoValue::BeyondCalendar(date);
    let whole = amount.to_i64().ok_or_else(beyond)?;
    let steps = usize::try_from(whole.unsigned_abs()).map_err(|_| beyond())?;
    let place = match whole.signum() {
        0 => return Ok(date),
        direction if !is_covered(date, direction > 0, calendar) => None,
        1 => (calendar.partition_point(|day| *day <= date)).checked_add(steps - 1),
        _ => calendar
            .partition_point(|day| *day < date)
            .checked_sub(steps),
    };
    place
        .and_then(|place| calendar.get(place))
        .copied()
        .ok_or_else(beyond)
}

/// Whether all working days next to a date, on one side of it, are known: it need not be one itself, nor need the day next
/// to the calendar's first or last.
pub fn is_covered(date: Date, is_forward: bool, calendar: &[Date]) -> bool {
    let (Some(first), Some(last)) = (calendar.first(), calendar.last()) else {
        return false;
    };
    let (earliest, latest) = match is_forward {
        true => (first.yesterday().unwrap_or(*first), *last),
        false => (*first, last.tomorrow().unwrap_or(*last)),
    };
    earliest <= date && date <= latest
}

fn matches(values: &[Value]) -> Result<Value, NoValue> {
    let (matched, pattern) = (text(&values[0]), text(&values[1]));
    does_match(matched, pattern).map(Value::Bool)
}

/// Whether a text has a part that matches the pattern.
pub fn does_match(text: &str, pattern: &str) -> Result<bool, NoValue> {
    thread_local! {
        static COMPILED: std::cell::RefCell<std::collections::HashMap<String, Result<regex::Regex, String>>> = Default::default();
    }
    COMPILED.with_borrow_mut(|compiled| {
        if compiled.len() > 1_000 {
            compiled.clear();
        }
        let regex = compiled.entry(pattern.to_owned()).or_insert_with(|| {
            regex::RegexBuilder::new(pattern)
                .size_limit(1 << 20)
                .build()
                .map_err(|error| match error {
                    regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
                    other => other
                        .to_string()
                        .lines()
                        .last()
                        .unwrap_or("")
                        .trim_start_matches("error: ")
                        .to_owned(),
                })
        });
        match regex {
            Ok(regex) => Ok(regex.is_match(text)),
            Err(reason) => Err(NoValue::BadPattern(pattern.to_owned(), reason.clone())),
        }
    })
}

fn days(values: &[Value]) -> Result<Value, NoValue> {
    let (from, to) = (date(&values[0]), date(&values[1]));
    let days = from
        .until(to)
        .expect("two civil dates have a distance in days")
        .get_days();
    Ok(Value::Number(Number::from_integer(i64::from(days))))
}

fn text(value: &Value) -> &str {
    match value {
        Value::Text(text) | Value::Name(text) => text,
        other => unreachable!("the checker lets only texts and names through, not {other:?}"),
    }
}

fn number(value: &Value) -> &Number {
    match value {
        Value::Number(number) => number,
        other => unreachable!("the checker lets only numbers through, not {other:?}"),
    }
}

fn date(value: &Value) -> Date {
    match value {
        Value::Date(date) => *date,
        other => unreachable!("the checker lets only dates through, not {other:?}"),
    }
}
