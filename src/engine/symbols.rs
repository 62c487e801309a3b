//! Values as numbers of 32 bits, so that rows are flat and comparing them is comparing words.

use crate::value::{Date, Number, Value};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::cmp::Ordering;
use std::hash::BuildHasher;
use std::sync::OnceLock;

/// A value as a word. Equal words are equal values.
///
/// Small whole numbers, dates and members of sets stand in the word itself, in their order; the rest is looked up.
pub type Code = u32;

const SMALL: Code = 0x8000_0000; // 10… : whole numbers from -2^29 to 2^29 - 1
const DATE: Code = 0xC000_0000; // 110… : days counted from FIRST
const MEMBER: Code = 0xE000_0000; // 111… : members, and at the very top what has no type
const SPECIAL: Code = 0xFFFF_FFF0;
const SMALL_ZERO: i64 = 1 << 29;
const FIRST: Date = crate::value::FIRST_DAY;

/// The word for a field that has nothing in it.
pub const NONE: Code = SPECIAL;
const UNKNOWN: Code = SPECIAL + 1;
const FALSE: Code = SPECIAL + 2;
const TRUE: Code = SPECIAL + 3;

/// The values that do not stand in the word itself.
#[derive(Clone, Default)]
pub struct Symbols {
    values: Vec<Value>,
    codes: HashTable<Code>,
    hasher: DefaultHashBuilder,
    ranks: OnceLock<Vec<u32>>,
}

impl Symbols {
    /// The word for a value, made if need be.
    pub fn encode(&mut self, value: &Value) -> Code {
        if let Some(code) = inline(value) {
            return code;
        }
        let hash = self.hasher.hash_one(value);
        let values = &self.values;
        if let Some(code) = self
            .codes
            .find(hash, |code| values[*code as usize] == *value)
        {
            return *code;
        }
        let code = self.values.len() as Code;
        assert!(code < SMALL, "two thousand million names do not fit");
        self.values.push(value.clone());
        self.ranks = OnceLock::new();
        let (values, hasher) = (&self.values, &self.hasher);
        self.codes
            .insert_unique(hash, code, |code| hasher.hash_one(&values[*code as usize]));
        code
    }

    /// The word for a value, if any row could hold it.
    pub fn find(&self, value: &Value) -> Option<Code> {
        inline(value).or_else(|| {
            let hash = self.hasher.hash_one(value);
            let is_it = |code: &Code| self.values[*code as usize] == *value;
            self.codes.find(hash, is_it).copied()
        })
    }

    /// The value of a word.
    pub fn decode(&self, code: Code) -> Value {
        match code {
            NONE => Value::None,
            UNKNOWN => Value::Unknown,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            MEMBER.. => Value::Member(code - MEMBER),
            DATE.. => Value::Date(date_after(code - DATE)),
            SMALL.. => Value::Number(Number::from_integer(i64::from(code - SMALL) - SMALL_ZERO)),
            _ => self.values[code as usize].clone(),
        }
    }

    /// Compares as the values compare.
    pub fn compare(&self, a: Code, b: Code) -> Ordering {
        match (kind(a), kind(b)) {
            (Kind::Symbol, Kind::Symbol) => {
                let ranks = self.ranks.get_or_init(|| self.make_ranks());
                ranks[a as usize].cmp(&ranks[b as usize])
            }
            (one, other) if one == other => a.cmp(&b),
            _ => self.decode(a).cmp(&self.decode(b)),
        }
    }

    fn make_ranks(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.values.len() as u32).collect();
        order.sort_unstable_by(|a, b| self.values[*a as usize].cmp(&self.values[*b as usize]));
        let mut ranks = vec![0; order.len()];
        for (rank, code) in order.iter().enumerate() {
            ranks[*code as usize] = rank as u32;
        }
        ranks
    }
}

/// Compares two words whose order can be told without looking them up: two whole numbers, dates or members.
pub fn compare_inline(a: Code, b: Code) -> Option<Ordering> {
    let kinds = (kind(a), kind(b));
    (kinds.0 == kinds.1 && kinds.0 != Kind::Symbol).then(|| a.cmp(&b))
}

/// Whether the word stands for a day.
pub fn is_date(code: Code) -> bool {
    kind(code) == Kind::Date
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Symbol,
    Small,
    Date,
    Member,
    Special,
}

fn kind(code: Code) -> Kind {
    match code {
        SPECIAL.. => Kind::Special,
        MEMBER.. => Kind::Member,
        DATE.. => Kind::Date,
        SMALL.. => Kind::Small,
        _ => Kind::Symbol,
    }
}

fn inline(value: &Value) -> Option<Code> {
    match value {
        Value::None => Some(NONE),
        Value::Unknown => Some(UNKNOWN),
        Value::Bool(truth) => Some(if *truth { TRUE } else { FALSE }),
        Value::Date(date) => Some(DATE + days_since_first(*date)),
        Value::Member(at) => (*at < SPECIAL - MEMBER).then(|| MEMBER + at),
        Value::Number(number) => number.to_i64().and_then(small),
        Value::Name(_) | Value::Text(_) | Value::Range(_) | Value::Redacted(_) => None,
    }
}

fn small(number: i64) -> Option<Code> {
    (-SMALL_ZERO..SMALL_ZERO)
        .contains(&number)
        .then(|| SMALL + (number + SMALL_ZERO) as Code)
}

fn days_since_first(date: Date) -> u32 {
    let days = FIRST.until(date).expect("civil dates have a distance");
    days.get_days().unsigned_abs()
}

fn date_after(days: u32) -> Date {
    FIRST
        .checked_add(jiff::Span::new().days(i64::from(days)))
        .expect("the word was made from a date")
}
