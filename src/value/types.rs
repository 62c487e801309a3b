//! Types of fields, and the names a policy gives to types and units.

use super::{Number, Value};
use std::collections::BTreeMap;

/// A type that a policy names: `type Party`, `type Purpose = civil | military`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u32);

/// A unit that a policy names: `unit nm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub u32);

/// The type of a field, a variable or an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// Names that are never mixed with those of another type.
    Entity(TypeId),
    /// The members of a closed set.
    Set(TypeId),
    /// Text.
    Text,
    /// `int` or `decimal`, with or without a unit.
    Number(NumberType),
    /// A day.
    Date,
    /// A truth value.
    Bool,
}

/// `int`, `decimal`, `decimal nm`, `decimal %`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberType {
    /// Whether only whole numbers fit (whole in the unit it is written in).
    pub integer: bool,
    /// What the number counts.
    pub measure: Measure,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Nothing in particular.
    Plain,
    /// A share, written in per cent.
    Percent,
    /// A unit: the one in which it is written, which may be a multiple of its base.
    Unit(UnitId),
}

/// One member of a closed set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name in policies, proofs and answers.
    pub name: String,
    /// Other names that data may use.
    pub others: Vec<String>,
}

/// What a named type holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// Names, open-ended.
    Entity,
    /// Just these, in this order.
    Set {
        /// Whether `<` means something.
        ordered: bool,
        /// In the order of the declaration or file.
        members: Members,
    },
}

/// The members of a closed set, found by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    all: Vec<Member>,
    by_name: BTreeMap<String, u32>,
}

impl Members {
    /// In the order of the declaration or file.
    pub fn new(all: Vec<Member>) -> Members {
        let mut by_name = BTreeMap::new();
        for (at, member) in all.iter().enumerate() {
            by_name.entry(member.name.clone()).or_insert(at as u32);
        }
        // What is one member's name is not another's other name.
        for (at, member) in all.iter().enumerate() {
            for other in &member.others {
                by_name.entry(other.clone()).or_insert(at as u32);
            }
        }
        Members { all, by_name }
    }

    /// The member with that name, or with that other name.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }
}

impl std::ops::Deref for Members {
    type Target = [Member];

    fn deref(&self) -> &[Member] {
        &self.all
    }
}

/// A type with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedType {
    /// As declared, with a capital.
    pub name: String,
    /// What it holds.
    pub kind: TypeKind,
}

/// A unit with its name; `mm = 1000 um` has base `um` and factor 1000.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// As written behind a number.
    pub name: String,
    /// The unit in which values are kept; itself, for a unit that is no multiple.
    pub base: UnitId,
    /// How many of the base make one.
    pub factor: Number,
}

/// All named types and units of a policy: what is needed to read and write values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Types {
    /// By `TypeId`.
    pub named: Vec<NamedType>,
    /// By `UnitId`.
    pub units: Vec<Unit>,
}

impl Types {
    /// The named type.
    pub fn named(&self, id: TypeId) -> &NamedType {
        &self.named[id.0 as usize]
    }

    /// The unit.
    pub fn unit(&self, id: UnitId) -> &Unit {
        &self.units[id.0 as usize]
    }

    /// The members of a closed set; none for an entity type.
    pub fn members(&self, id: TypeId) -> &[Member] {
        match &self.named(id).kind {
            TypeKind::Entity => &[],
            TypeKind::Set { members, .. } => members,
        }
    }

    /// The member of a closed set with that name, or with that other name.
    pub fn member(&self, id: TypeId, name: &str) -> Option<u32> {
        match &self.named(id).kind {
            TypeKind::Entity => None,
            TypeKind::Set { members, .. } => members.find(name),
        }
    }

    /// How much one of the measure is in the base unit: 1/100 for per cent, 1000 for mm over um.
    pub fn factor(&self, measure: Measure) -> Number {
        match measure {
            Measure::Plain => Number::from_integer(1),
            Measure::Percent => Number::hundredth(),
            Measure::Unit(id) => self.unit(id).factor.clone(),
        }
    }

    /// What stands behind a number that counts this; nothing behind a plain one.
    pub fn measure_name(&self, measure: Measure) -> &str {
        match measure {
            Measure::Plain => "",
            Measure::Percent => "%",
            Measure::Unit(id) => &self.unit(id).name,
        }
    }

    /// Whether numbers of the two measures may be compared and added: the same base unit, or none (per cent is none).
    pub fn is_same_quantity(&self, a: Measure, b: Measure) -> bool {
        let base = |measure| match measure {
            Measure::Plain | Measure::Percent => None,
            Measure::Unit(id) => Some(self.unit(id).base),
        };
        base(a) == base(b)
    }

    /// The type as an author would write it.
    pub fn name_of(&self, ty: Type) -> String {
        match ty {
            Type::Entity(id) | Type::Set(id) => self.named(id).name.clone(),
            Type::Text => "text".into(),
            Type::Date => "date".into(),
            Type::Bool => "bool".into(),
            Type::Number(number) => {
                let word = if number.integer { "int" } else { "decimal" };
                match number.measure {
                    Measure::Plain => word.into(),
                    Measure::Percent => format!("{word} %"),
                    Measure::Unit(id) => format!("{word} {}", write_unit(&self.unit(id).name)),
                }
            }
        }
    }

    /// The value as data: what JSON, CSV and a policy's text hold, without quotes or unit.
    pub fn data(&self, value: &Value, ty: Type) -> String {
        self.show(value, ty, &Number::to_string)
    }

    /// The value as people read it in a sentence: numbers with their unit, 1/3 as `0.333… (1/3)`.
    pub fn words(&self, value: &Value, ty: Type) -> String {
        let plain = self.show(value, ty, &Number::to_words);
        match (value, ty) {
            (Value::Number(_) | Value::Range(_), Type::Number(number)) => match number.measure {
                Measure::Plain => plain,
                Measure::Percent => format!("{plain} %"),
                Measure::Unit(id) => format!("{plain} {}", self.unit(id).name),
            },
            _ => plain,
        }
    }

    /// The value as it stands in an atom of the language: quoted where it must be, numbers with their unit.
    pub fn literal(&self, value: &Value, ty: Type) -> String {
        match (value, ty) {
            (Value::Name(name), _) => write_name(name),
            (Value::Text(text), _) => quote(text),
            (Value::Redacted(digest), _) => format!("redacted:{digest}"),
            (Value::Member(_), _) => write_name(&self.data(value, ty)),
            (Value::Number(number), Type::Number(number_type)) => {
                let scaled = self.scaled(number, number_type.measure);
                match number_type.measure {
                    Measure::Plain => scaled.to_string(),
                    Measure::Percent => format!("{scaled}%"),
                    Measure::Unit(id) => format!("{scaled} {}", write_unit(&self.unit(id).name)),
                }
            }
            _ => self.data(value, ty),
        }
    }

    fn scaled(&self, number: &Number, measure: Measure) -> Number {
        number
            .divided_by(&self.factor(measure))
            .expect("a unit's factor is not zero")
    }

    fn show(&self, value: &Value, ty: Type, number: &dyn Fn(&Number) -> String) -> String {
        match value {
            Value::None => "none".into(),
            Value::Unknown => "unknown".into(),
            Value::Range(range) => {
                let end = |bound: &Option<Value>| {
                    bound
                        .as_ref()
                        .map_or(String::new(), |bound| self.show(bound, ty, number))
                };
                format!("{}..{}", end(&range.low), end(&range.high))
            }
            Value::Bool(truth) => truth.to_string(),
            Value::Date(date) => date.to_string(),
            Value::Name(text) | Value::Text(text) => text.to_string(),
            Value::Redacted(digest) => format!("[redacted {}]", digest.get(..8).unwrap_or(digest)),
            Value::Member(at) => match ty {
                Type::Set(id) => self.members(id)[*at as usize].name.clone(),
                _ => format!("#{at}"),
            },
            Value::Number(exact) => match ty {
                Type::Number(number_type) => number(&self.scaled(exact, number_type.measure)),
                _ => number(exact),
            },
        }
    }
}

/// A name as it stands in the language: bare where that reads back as the same name, else in quotes.
pub fn write_name(name: &str) -> String {
    let mut letters = name.chars();
    let is_bare = letters
        .next()
        .is_some_and(|first| first.is_alphabetic() && !first.is_uppercase())
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
        && !["and", "or", "not", "if", "true", "false", "none"].contains(&name);
    if is_bare { name.into() } else { quote(name) }
}

fn write_unit(name: &str) -> String {
    if name.chars().all(char::is_alphanumeric) {
        name.into()
    } else {
        quote(name)
    }
}

fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}
