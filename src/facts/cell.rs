//! What stands in one cell to a value of the field's type.

use super::error::Slip;
use crate::diagnostic::nearest;
use crate::ir::Policy;
use crate::value::{Date, Measure, Number, NumberType, Type, TypeId, Types, Value};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The longest number that is read, in characters, and the largest power of ten.
const LONGEST_NUMBER: usize = 1_000;

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
    fn shown(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Words(text) | Cell::Number(text) => shortened(text),
            Cell::Bool(truth) => truth.to_string(),
        }
    }
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Reads cells; keeps each name once, and the members of closed sets by all their names.
pub(super) struct Cells<'a> {
    types: &'a Types,
    known: HashSet<Arc<str>>,
    members: BTreeMap<TypeId, BTreeMap<&'a str, u32>>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(policy: &'a Policy) -> Cells<'a> {
        Cells {
            types: &policy.types,
            known: HashSet::new(),
            members: BTreeMap::new(),
        }
    }

    /// The value of a cell in a field of that type. The cell is not empty.
    pub(super) fn value(&mut self, cell: Cell<'_>, ty: Type) -> Result<Value, Slip> {
        let wrong = |cell: Cell<'_>, types: &Types| Slip::wrong_type(&cell.shown(), types, ty);
        match (ty, cell) {
            (Type::Text, Cell::Words(text)) => Ok(Value::Text(self.name(text))),
            (Type::Text, Cell::Empty) => Ok(Value::Text(self.name(""))),
            (Type::Entity(_), Cell::Words(text)) if !text.trim().is_empty() => {
                Ok(Value::Name(self.name(text.trim())))
            }
            (Type::Entity(_), Cell::Number(text)) if is_digits(text) => {
                Ok(Value::Name(self.name(text)))
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
                self.number(text.trim(), wanted)
            }
            (Type::Text | Type::Entity(_) | Type::Set(_), _)
            | (Type::Bool | Type::Date | Type::Number(_), _) => Err(wrong(cell, self.types)),
        }
    }

    fn name(&mut self, text: &str) -> Arc<str> {
        match self.known.get(text) {
            Some(name) => Arc::clone(name),
            None => {
                let name: Arc<str> = Arc::from(text);
                self.known.insert(Arc::clone(&name));
                name
            }
        }
    }

    fn member(&mut self, id: TypeId, name: &str) -> Result<Value, Slip> {
        let types = self.types;
        let by_name = self
            .members
            .entry(id)
            .or_insert_with(|| members_by_name(types, id));
        by_name
            .get(name)
            .map(|at| Value::Member(*at))
            .ok_or_else(|| {
                let near = nearest(name, by_name.keys().copied());
                Slip::not_a_member(&shortened(name), types, id, near)
            })
    }

    /// `12`, `-0.1`, `1/3`, `1e-3`, each with or without a unit behind it.
    fn number(&self, text: &str, wanted: NumberType) -> Result<Value, Slip> {
        let types = self.types;
        let wrong = || Slip::wrong_type(&shortened(text), types, Type::Number(wanted));
        if text.len() > LONGEST_NUMBER {
            return Err(Slip::too_long(&shortened(text), LONGEST_NUMBER));
        }
        let (amount, unit) = split_unit(text);
        if let Some(mark) = mark_in_number(unit) {
            return Err(Slip::mark_in_number(&shortened(text), mark));
        }
        if has_points_of_thousands(amount) {
            return Err(Slip::several_points(&shortened(text)));
        }
        let amount = exact_number(amount).ok_or_else(wrong)?;
        let measure = match unit {
            "" => wanted.measure,
            "%" => Measure::Percent,
            name => types
                .units
                .iter()
                .position(|unit| unit.name == name)
                .map(|at| Measure::Unit(crate::value::UnitId(at as u32)))
                .ok_or_else(|| {
                    let near = nearest(name, types.units.iter().map(|unit| unit.name.as_str()));
                    Slip::unknown_unit(name, types, wanted, near)
                })?,
        };
        if !types.is_same_quantity(measure, wanted.measure) {
            return Err(Slip::wrong_unit(unit, types, wanted));
        }
        let value = &amount * &types.factor(measure);
        let in_field = value
            .divided_by(&types.factor(wanted.measure))
            .expect("a unit's factor is not zero");
        if wanted.integer && !in_field.is_integer() {
            return Err(wrong());
        }
        Ok(Value::Number(value))
    }
}

fn members_by_name(types: &Types, id: TypeId) -> BTreeMap<&str, u32> {
    let mut by_name = BTreeMap::new();
    for (at, member) in types.members(id).iter().enumerate() {
        for other in &member.others {
            by_name.entry(other.as_str()).or_insert(at as u32);
        }
    }
    for (at, member) in types.members(id).iter().enumerate() {
        by_name.insert(member.name.as_str(), at as u32);
    }
    by_name
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

/// The number, and the unit behind it.
fn split_unit(text: &str) -> (&str, &str) {
    let is_number = |at: usize, letter: char| {
        letter.is_ascii_digit() || "+-./".contains(letter) || is_exponent(text, at)
    };
    let end = text
        .char_indices()
        .find(|(at, letter)| !is_number(*at, *letter))
        .map_or(text.len(), |(at, _)| at);
    (text[..end].trim_end(), text[end..].trim())
}

/// Whether points stand between the digits as marks of thousands: `1.000.000`.
fn has_points_of_thousands(amount: &str) -> bool {
    let mut groups = amount.trim_start_matches(['-', '+']).split('.');
    let first = groups.next().expect("there is a first part");
    let rest: Vec<&str> = groups.collect();
    (1..=3).contains(&first.len())
        && rest.len() > 1
        && rest.iter().all(|group| group.len() == 3)
        && rest.iter().chain([&first]).all(|group| is_digits(group))
}

/// The mark behind the first digits of a number that begins no unit: of thousands, a comma for a point, or one that no
/// eye sees.
fn mark_in_number(behind: &str) -> Option<char> {
    let mark = behind.chars().next()?;
    match mark {
        '0'..='9' => Some(' '),
        ',' | '\'' | '’' | '_' | '"' => Some(mark),
        _ => mark.is_control().then_some(mark),
    }
}

/// Whether an `e` stands here between a digit and a power of ten.
fn is_exponent(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
    matches!(bytes[at], b'e' | b'E') && at > 0 && digit(at - 1) && digit(at + 1 + sign)
}

/// Reads a number without rounding it; `None` where the text is none.
fn exact_number(text: &str) -> Option<Number> {
    let Some((digits, power)) = text.split_once(['e', 'E']) else {
        return Number::from_text(text);
    };
    let power: i32 = power.parse().ok()?;
    let size = power.unsigned_abs() as usize;
    if size > LONGEST_NUMBER {
        return None;
    }
    let scale = Number::from_decimal(&format!("1{}", "0".repeat(size)))?;
    let digits = Number::from_decimal(digits)?;
    if power < 0 {
        digits.divided_by(&scale)
    } else {
        Some(&digits * &scale)
    }
}
