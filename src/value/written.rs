//! Numbers as data write them, in cells of tables and in JSON: `12`, `-0.1`, `1/3`, `1e-3`, `30 %`, `14 nm`.

use super::{Measure, Number, NumberType, Types, UnitId, Value};

/// The longest number that is read, in characters, and the largest power of ten.
const LONGEST: usize = 1_000;

/// Why a text is no number of the kind that belongs there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoNumber {
    /// Words, or nothing.
    #[error("`{0}` is not a number")]
    Words(String),
    /// Part of a number, where whole ones belong.
    #[error("`{0}` is not a whole number")]
    NotWhole(String),
    /// More characters than there is room for.
    #[error("`{0}` is longer than a number may be")]
    TooLong(String),
    /// A mark of thousands, a comma for a point, or a sign that no eye sees.
    #[error("in the number `{0}` stands {mark}", mark = mark_in_words(*.1))]
    Mark(String, char),
    /// Points as marks of thousands.
    #[error("in the number `{0}` stand several points")]
    SeveralPoints(String),
    /// A unit that the policy does not have.
    #[error("there is no unit `{0}`")]
    UnknownUnit(String),
    /// A unit of something else.
    #[error("`{0}` does not measure this")]
    WrongUnit(String),
}

impl NoNumber {
    /// What would be right.
    pub fn help(&self, types: &Types, wanted: NumberType) -> String {
        match self {
            NoNumber::Words(_)
            | NoNumber::NotWhole(_)
            | NoNumber::UnknownUnit(_)
            | NoNumber::WrongUnit(_) => format!("give {}", types.number_words(wanted)),
            NoNumber::TooLong(_) => format!("at most {LONGEST} characters"),
            NoNumber::Mark(..) | NoNumber::SeveralPoints(_) => {
                "a number is written with a point and without other marks, such as `0.1` or `1000000`"
                    .into()
            }
        }
    }
}

fn mark_in_words(mark: char) -> String {
    match mark.is_control() {
        true => format!("a sign that cannot be seen ({})", mark.escape_unicode()),
        false => format!("`{mark}`"),
    }
}

impl Types {
    /// The value of a number as data write it, with or without the unit of its field behind it.
    pub fn number_as_written(&self, text: &str, wanted: NumberType) -> Result<Value, NoNumber> {
        let text = text.trim();
        let shown = || shortened(text);
        if text.len() > LONGEST {
            return Err(NoNumber::TooLong(shown()));
        }
        let (amount, unit) = split_unit(text);
        if let Some(mark) = mark_in_number(unit) {
            return Err(NoNumber::Mark(shown(), mark));
        }
        if has_points_of_thousands(amount) {
            return Err(NoNumber::SeveralPoints(shown()));
        }
        let is_whole_wanted = wanted.integer;
        let amount = exact_number(amount).ok_or_else(|| match is_whole_wanted {
            true => NoNumber::NotWhole(shown()),
            false => NoNumber::Words(shown()),
        })?;
        let measure = self.measure_as_written(unit, wanted.measure)?;
        if !self.is_same_quantity(measure, wanted.measure) {
            return Err(NoNumber::WrongUnit(unit.into()));
        }
        let value = &amount * &self.factor(measure);
        let in_field = value
            .divided_by(&self.factor(wanted.measure))
            .expect("a unit's factor is not zero");
        match wanted.integer && !in_field.is_integer() {
            true => Err(NoNumber::NotWhole(shown())),
            false => Ok(Value::Number(value)),
        }
    }

    /// A number without a unit is in that of its field; of several units of one name, the field's is meant.
    fn measure_as_written(&self, unit: &str, wanted: Measure) -> Result<Measure, NoNumber> {
        match (unit, wanted) {
            ("", _) => Ok(wanted),
            ("%", _) => Ok(Measure::Percent),
            (name, Measure::Unit(id)) if self.unit(id).name == name => Ok(wanted),
            (name, _) => {
                let at = self.units.iter().position(|unit| unit.name == name);
                at.map(|at| Measure::Unit(UnitId(at as u32)))
                    .ok_or_else(|| NoNumber::UnknownUnit(name.into()))
            }
        }
    }

    /// What is written where such a number belongs.
    pub fn number_words(&self, number: NumberType) -> String {
        let what = match number.integer {
            true => "a whole number",
            false => "a number",
        };
        match number.measure {
            Measure::Plain if number.integer => format!("{what}, as in 12"),
            Measure::Plain => format!("{what} with a decimal point, as in 0.1, or as in 1/3"),
            Measure::Percent => format!("{what} of per cent, as in 30 or 30 %"),
            Measure::Unit(id) => {
                let name = &self.unit(id).name;
                format!("{what} of {name}, as in 12 or 12 {name}")
            }
        }
    }
}

/// As much of a text from data as a message shows.
pub fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
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
    if size > LONGEST {
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

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
