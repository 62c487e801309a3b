//! What stands in one cell to a value of the field's type.

use super::error::Slip;
use crate::diagnostic::nearest;
use crate::ir::Policy;
use crate::value::symbols::{self, Code, Symbols};
use crate::value::{
    Date, DayPattern, Measure, NoDay, NoNumber, Number, NumberType, Type, TypeId, Types, Value,
    shortened,
};
use hashbrown::HashMap;
use std::collections::BTreeSet;

/// What stands in a cell, before its field is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    /// Nothing: an empty cell of a table, `null`, or a name that an object does not have.
    Empty,
    /// Words: any cell of a table that is not empty, a JSON string.
    Words(&'a str),
    /// A JSON number, as written.
    Number(&'a str),
    /// A JSON truth value.
    Bool(bool),
}

impl Cell<'_> {
    /// Whether just these words stand in it, blanks around them left aside.
    pub(super) fn is(&self, words: &str) -> bool {
        match self {
            Cell::Empty => words.is_empty(),
            Cell::Words(text) | Cell::Number(text) => text.trim() == words,
            Cell::Bool(truth) => truth.to_string() == words,
        }
    }

    fn shown(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Words(text) | Cell::Number(text) => shortened(text),
            Cell::Bool(truth) => truth.to_string(),
        }
    }
}

/// How many numbers, days and members are kept with their words for the next cell.
const REMEMBERED: usize = 1 << 16;

/// Reads cells.
pub(super) struct Cells<'a> {
    types: &'a Types,
    /// What was read before, by type.
    known: Vec<(Type, HashMap<String, Code>)>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(policy: &'a Policy) -> Cells<'a> {
        Cells {
            types: &policy.types,
            known: Vec::new(),
        }
    }

    /// The word for a cell in a field of that type. The cell is not empty.
    pub(super) fn word(
        &mut self,
        cell: Cell<'_>,
        ty: Type,
        symbols: &mut Symbols,
    ) -> Result<Code, Slip> {
        match (ty, cell) {
            (Type::Text, Cell::Words(text)) => Ok(symbols.encode_text(text)),
            (Type::Entity(_), Cell::Words(text)) => match trimmed(text) {
                "" => Err(Slip::wrong_type(&cell.shown(), self.types, ty)),
                name => Ok(symbols.encode_name(name)),
            },
            (Type::Date, Cell::Words(text)) => match plain_date(text) {
                Some(day) => Ok(symbols::date_code(day)),
                None => Ok(symbols.encode(&self.value(cell, ty)?)),
            },
            (Type::Number(_) | Type::Set(_), Cell::Words(text) | Cell::Number(text)) => {
                if let Type::Number(wanted) = ty
                    && wanted.measure == Measure::Plain
                    && let Some(word) = few_digits(text).and_then(symbols::small)
                {
                    return Ok(word);
                }
                let at = self.known_of(ty);
                if let Some(word) = self.known[at].1.get(text) {
                    return Ok(*word);
                }
                let word = symbols.encode(&self.value(cell, ty)?);
                let known = &mut self.known[at].1;
                if known.len() >= REMEMBERED {
                    known.clear();
                }
                known.insert(text.to_owned(), word);
                Ok(word)
            }
            _ => Ok(symbols.encode(&self.value(cell, ty)?)),
        }
    }

    /// The day in a cell that is not empty.
    pub(super) fn day(&self, cell: Cell<'_>) -> Result<Date, Slip> {
        match self.value(cell, Type::Date)? {
            Value::Date(date) => Ok(date),
            other => unreachable!("a cell read as a day gave {other:?}"),
        }
    }

    /// The same, where days are written as the pattern says.
    pub(super) fn day_as(&self, cell: Cell<'_>, pattern: &DayPattern) -> Result<Date, Slip> {
        let day = match cell {
            Cell::Words(text) | Cell::Number(text) => pattern.day(text.trim()),
            Cell::Empty | Cell::Bool(_) => Err(NoDay::Otherwise),
        };
        day.map_err(|reason| Slip::no_day(&cell.shown(), pattern, reason))
    }

    /// The word for a number in a field of that type, where numbers that do not say what they count count `measure`.
    pub(super) fn number_in(
        &self,
        cell: Cell<'_>,
        wanted: NumberType,
        measure: Measure,
        symbols: &mut Symbols,
    ) -> Result<Code, Slip> {
        let written = NumberType {
            integer: wanted.integer && measure == wanted.measure,
            measure,
        };
        let value = self.value(cell, Type::Number(written))?;
        if wanted.integer && !is_whole(&value, &self.types.factor(wanted.measure)) {
            let mut shown = cell.shown();
            if shown.ends_with(|last: char| last.is_ascii_digit()) {
                shown = format!("{shown} {}", self.types.measure_name(measure));
            }
            let reason = NoNumber::NotWhole(shown);
            return Err(Slip::no_number(&reason, self.types, wanted));
        }
        Ok(symbols.encode(&value))
    }

    fn known_of(&mut self, ty: Type) -> usize {
        let at = self.known.iter().position(|(other, _)| *other == ty);
        at.unwrap_or_else(|| {
            self.known.push((ty, HashMap::new()));
            self.known.len() - 1
        })
    }

    /// The value of a cell in a field of that type. The cell is not empty.
    pub(super) fn value(&self, cell: Cell<'_>, ty: Type) -> Result<Value, Slip> {
        let wrong = |cell: Cell<'_>, types: &Types| Slip::wrong_type(&cell.shown(), types, ty);
        match (ty, cell) {
            (Type::Text, Cell::Words(text)) => Ok(Value::Text(text.into())),
            (Type::Text, Cell::Empty) => Ok(Value::Text("".into())),
            (Type::Entity(_), Cell::Words(text)) if !text.trim().is_empty() => {
                Ok(Value::Name(text.trim().into()))
            }
            (Type::Entity(_), Cell::Number(text)) if is_digits(text) => {
                Ok(Value::Name(text.into()))
            }
            (Type::Set(id), Cell::Words(text) | Cell::Number(text)) => self.member(id, text.trim()),
            (Type::Bool, Cell::Bool(truth)) => Ok(Value::Bool(truth)),
            // Spreadsheets write `TRUE`.
            (Type::Bool, Cell::Words(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(wrong(cell, self.types)),
            },
            (Type::Date, Cell::Words(text)) => date(text.trim())
                .map(Value::Date)
                .ok_or_else(|| wrong(cell, self.types)),
            (Type::Number(wanted), Cell::Words(text) | Cell::Number(text)) => {
                let number = self.types.number_as_written(text, wanted);
                number.map_err(|reason| Slip::no_number(&reason, self.types, wanted))
            }
            (Type::Text | Type::Entity(_) | Type::Set(_), _)
            | (Type::Bool | Type::Date | Type::Number(_), _) => Err(wrong(cell, self.types)),
        }
    }

    fn member(&self, id: TypeId, name: &str) -> Result<Value, Slip> {
        let member = self.types.member(id, name).map(Value::Member);
        member.ok_or_else(|| {
            let members = self.types.members(id).iter();
            let names = members.flat_map(|it| it.others.iter().chain([&it.name]));
            let names: BTreeSet<&str> = names.map(String::as_str).collect();
            let near = nearest(name, names);
            Slip::not_a_member(&shortened(name), self.types, id, near)
        })
    }
}

/// Whether a number is so many whole ones.
fn is_whole(value: &Value, one: &Number) -> bool {
    match value {
        Value::Number(number) => number.divided_by(one).is_some_and(|it| it.is_integer()),
        _ => false,
    }
}

/// Without the blanks around it; mostly there are none.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// A whole number of up to eight digits and nothing else.
fn few_digits(text: &str) -> Option<i64> {
    let is_short = (1..=8).contains(&text.len());
    let digit = |so_far: i64, byte: u8| match byte {
        b'0'..=b'9' => Some(so_far * 10 + i64::from(byte - b'0')),
        _ => None,
    };
    is_short.then(|| text.bytes().try_fold(0, digit)).flatten()
}

/// `2025-10-09`, as most days are written.
fn plain_date(text: &str) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else {
        return None;
    };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2];
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| {
        digits
            .iter()
            .fold(0, |so_far, it| so_far * 10 + i16::from(it - b'0'))
    };
    let (month, day) = (number(&digits[4..6]) as i8, number(&digits[6..]) as i8);
    Date::new(number(&digits[..4]), month, day).ok()
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A day as `2025-10-09`, and in no other way.
fn date(text: &str) -> Option<Date> {
    text.parse::<Date>()
        .ok()
        .filter(|date| date.to_string() == text)
}
