//! Verdicts as a table: a column a field, a row a verdict, or a stretch of days of a standing one. `verdict_database`,
//! `verdict_columns` and CSV are made of it.

use super::Context;
use super::verdict::Verdict;
use crate::ir::RelationId;
use crate::value::{Date, FIRST_DAY, LAST_DAY, Type, Value};
use std::fmt;

/// The verdicts of one relation as a table: its fields, then `_from` and `_through` for a standing one, then how each stands
/// (`_status`) and how the clauses are marked on which it rests (`_marks`).
pub struct VerdictTable<'a> {
    context: Context<'a>,
    relation: RelationId,
    verdicts: Vec<&'a Verdict>,
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Words.
    Text,
    /// Numbers that need not be whole: they are exact as text.
    Number,
    /// Days.
    Day,
    /// Whole numbers.
    Whole,
    /// Truth values.
    Truth,
}

/// What stands in one place of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing: it is missing, not known, or without an end.
    Empty,
    /// Words as data has them, and numbers that are no whole ones of up to 64 bits.
    Text(String),
    /// Between which values one lies that is not known.
    Bounds(String),
    /// A day.
    Day(Date),
    /// A whole number of up to 64 bits.
    Whole(i64),
    /// A truth value.
    Truth(bool),
}

impl Cell {
    /// A value of a field.
    pub(super) fn of(context: Context<'_>, value: &Value, ty: Type) -> Cell {
        match value {
            Value::None | Value::Unknown => Cell::Empty,
            Value::Bool(truth) => Cell::Truth(*truth),
            Value::Date(day) => Cell::Day(*day),
            Value::Range(_) => Cell::Bounds(context.policy.types.data(value, ty)),
            other => {
                let text = context.policy.types.data(other, ty);
                match text.parse() {
                    Ok(number) if ColumnKind::of(ty) == ColumnKind::Whole => Cell::Whole(number),
                    _ => Cell::Text(text),
                }
            }
        }
    }

    fn of_words(words: String) -> Cell {
        match words.is_empty() {
            true => Cell::Empty,
            false => Cell::Text(words),
        }
    }

    fn of_end(day: Date, open: Date) -> Cell {
        match day == open {
            true => Cell::Empty,
            false => Cell::Day(day),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Empty => Ok(()),
            Cell::Text(text) | Cell::Bounds(text) => f.write_str(text),
            Cell::Day(day) => day.fmt(f),
            Cell::Whole(number) => number.fmt(f),
            Cell::Truth(truth) => truth.fmt(f),
        }
    }
}

impl ColumnKind {
    fn of(ty: Type) -> ColumnKind {
        match ty {
            Type::Number(number) if number.integer => ColumnKind::Whole,
            Type::Bool => ColumnKind::Truth,
            Type::Number(_) => ColumnKind::Number,
            Type::Date => ColumnKind::Day,
            Type::Text | Type::Entity(_) | Type::Set(_) => ColumnKind::Text,
        }
    }
}

impl<'a> VerdictTable<'a> {
    /// Those of the verdicts that are of this relation, in their order.
    pub fn of(
        context: Context<'a>,
        relation: RelationId,
        verdicts: impl IntoIterator<Item = &'a Verdict>,
    ) -> VerdictTable<'a> {
        let verdicts = verdicts.into_iter();
        let own = verdicts.filter(|verdict| verdict.claim.relation == relation);
        VerdictTable {
            context,
            relation,
            verdicts: own.collect(),
        }
    }

    /// The relation's name.
    pub fn name(&self) -> &'a str {
        &self.context.policy.relation(self.relation).name
    }

    /// The columns with their names.
    pub fn columns(&self) -> Vec<(&'a str, ColumnKind)> {
        let declared = self.context.policy.relation(self.relation);
        let fields = declared.fields.iter();
        let fields = fields.map(|field| (field.name.as_str(), ColumnKind::of(field.ty)));
        let days: &[&str] = match declared.standing {
            true => &["_from", "_through"],
            false => &[],
        };
        let days = days.iter().map(|name| (*name, ColumnKind::Day));
        let how = ["_status", "_marks"].map(|name| (name, ColumnKind::Text));
        fields.chain(days).chain(how).collect()
    }

    /// The rows, each with a cell a column.
    pub fn rows(&self) -> impl Iterator<Item = Vec<Cell>> {
        self.verdicts
            .iter()
            .flat_map(|verdict| self.rows_of(verdict))
    }

    fn rows_of(&self, verdict: &Verdict) -> Vec<Vec<Cell>> {
        let declared = self.context.policy.relation(self.relation);
        let pairs = declared.fields.iter().zip(&verdict.claim.args);
        let fields = pairs.map(|(field, value)| Cell::of(self.context, value, field.ty));
        let fields: Vec<Cell> = fields.collect();
        let days = verdict.days.iter();
        let days = days.map(|(from, through)| {
            vec![
                Cell::of_end(*from, FIRST_DAY),
                Cell::of_end(*through, LAST_DAY),
            ]
        });
        let stretches: Vec<Vec<Cell>> = match declared.standing {
            true => days.collect(),
            false => vec![Vec::new()],
        };
        let how = [
            Cell::Text(verdict.standing.word().to_owned()),
            Cell::of_words(verdict.marks.words().join("; ")),
        ];
        let row = |stretch: Vec<Cell>| [fields.as_slice(), &stretch, &how].concat();
        stretches.into_iter().map(row).collect()
    }

    /// As CSV. `names_relation`: each row begins with the relation's name.
    pub fn to_csv(&self, names_relation: bool) -> String {
        let name = |text: &str| names_relation.then(|| text.to_owned());
        let columns = self.columns().into_iter();
        let columns = columns.map(|(column, _)| column.to_owned());
        let header: Vec<String> = name("_verdict").into_iter().chain(columns).collect();
        let rows = self.rows().map(|row| {
            let cells = row.iter().map(Cell::to_string);
            name(self.name()).into_iter().chain(cells).collect()
        });
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in std::iter::once(header).chain(rows) {
            writer
                .write_record(row)
                .expect("writing to memory does not fail");
        }
        let bytes = writer
            .into_inner()
            .expect("writing to memory does not fail");
        String::from_utf8(bytes).expect("what was written is text")
    }
}
