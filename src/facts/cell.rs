//! What stands in one cell to a value of the field's type.

use super::error::Slip;
use crate::diagnostic::nearest;
use crate::ir::Policy;
use crate::value::{Date, Type, TypeId, Types, Value, shortened};
use hashbrown::HashSet;
use std::collections::BTreeMap;
use std::sync::Arc;

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
                let number = self.types.number_as_written(text, wanted);
                number.map_err(|reason| Slip::no_number(&reason, self.types, wanted))
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
