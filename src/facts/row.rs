//! One row to one fact: which field each column fills, and what may be missing.

use super::cell::{Cell, Cells};
use super::error::{self, MOST_SLIPS, Slip};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ir::policy::Missing;
use crate::ir::{Fact, Kind, Policy, Relation, RelationId, RelationKind};
use crate::source::{FileId, Place};
use crate::value::{Date, FIRST_DAY, LAST_DAY, Type, Value};

/// What a column fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// The field of that place.
    Field(usize),
    /// The first day of a dated fact.
    From,
    /// Its last day.
    Through,
    /// Whether a judgement is asserted or denied.
    Holds,
}

/// Makes facts of one relation from the rows of one file, and lists what is wrong with them.
pub(super) struct Rows<'a> {
    relation: &'a Relation,
    id: RelationId,
    file: FileId,
    cells: Cells<'a>,
    facts: Vec<Fact>,
    slips: Vec<Diagnostic>,
    more: usize,
    /// The number of the row that is read, where its line does not tell.
    number: Option<usize>,
    /// Of a row that is an object: how many lines below its first one each value stands.
    lines: Option<Vec<u32>>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(policy: &'a Policy, id: RelationId, file: FileId) -> Rows<'a> {
        Rows {
            relation: policy.relation(id),
            id,
            file,
            cells: Cells::new(policy),
            facts: Vec::new(),
            slips: Vec::new(),
            more: 0,
            number: None,
            lines: None,
        }
    }

    /// Tells which row of a list is read.
    pub(super) fn begin_row(&mut self, number: usize) {
        self.number = Some(number);
    }

    /// Tells how many lines below the first one of the object that is read each of its values stands.
    pub(super) fn begin_object(&mut self, lines: Vec<u32>) {
        self.lines = Some(lines);
    }

    /// What was made, and what was wrong.
    pub(super) fn finish(mut self) -> (Vec<Fact>, Diagnostics) {
        if self.more > 0 {
            self.slips.push(error::more(self.more, self.place(1)));
        }
        (self.facts, Diagnostics { list: self.slips })
    }

    fn place(&self, line: u32) -> Place {
        Place::Record {
            file: self.file,
            line,
        }
    }

    /// What the column of that name fills.
    pub(super) fn column(&self, name: &str) -> Option<Column> {
        let fields = &self.relation.fields;
        if let Some(at) = fields.iter().position(|field| field.name == name) {
            return Some(Column::Field(at));
        }
        self.marks()
            .into_iter()
            .find(|(mark, _)| *mark == name)
            .map(|(_, column)| column)
    }

    fn marks(&self) -> Vec<(&'static str, Column)> {
        if self.relation.dated {
            vec![("from", Column::From), ("through", Column::Through)]
        } else if self.relation.kind == Kind::Declared(RelationKind::Judgement) {
            vec![("holds", Column::Holds)]
        } else {
            Vec::new()
        }
    }

    /// The columns of a header; what is wrong with it is noted.
    pub(super) fn header(&mut self, names: &[&str], line: u32) -> Option<Vec<Column>> {
        let before = self.slips.len();
        let place = self.place(line);
        let mut columns = Vec::new();
        let mut unknown = 0;
        for (at, name) in names.iter().enumerate() {
            match self.column(name) {
                Some(column) if columns.contains(&column) => {
                    self.slips.push(error::column_twice(name, place));
                }
                Some(column) => columns.push(column),
                None => {
                    unknown += 1;
                    let slip = self.unknown_column(name).in_column(at + 1, name);
                    self.slips
                        .push(slip.to_diagnostic(place, self.relation.span));
                }
            }
            if self.slips.len() >= before + MOST_SLIPS {
                let more = names.len() - at - 1;
                self.slips
                    .extend((more > 0).then(|| error::more_columns(more, place)));
                return None;
            }
        }
        let missing: Vec<&str> = self
            .required()
            .filter(|at| !columns.contains(&Column::Field(*at)))
            .map(|at| self.relation.fields[at].name.as_str())
            .collect();
        // As many names that no column has are why columns seem to be missing.
        if missing.len() > unknown {
            let slip = error::missing_columns(self.relation, &missing, place);
            self.slips.push(slip);
        }
        (self.slips.len() == before).then_some(columns)
    }

    fn required(&self) -> impl Iterator<Item = usize> + use<'a> {
        self.relation
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.missing == Missing::Never)
            .map(|(at, _)| at)
    }

    /// A name that no column has.
    pub(super) fn unknown_column(&self, name: &str) -> Slip {
        let fields = self.relation.fields.iter().map(|field| field.name.as_str());
        let marks = self.marks().into_iter().map(|(mark, _)| mark);
        Slip::unknown_column(name, &self.relation.name, fields.chain(marks).collect())
    }

    /// Notes a row that cannot be used; after many, they are only counted.
    pub(super) fn slip(&mut self, slip: Slip, line: u32) {
        if self.slips.len() < MOST_SLIPS {
            let slip = match self.number {
                Some(number) => slip.in_row(number),
                None => slip,
            };
            let below = |number: usize| self.lines.as_ref()?.get(number - 1).copied();
            let place = self.place(line + slip.number().and_then(below).unwrap_or(0));
            self.slips.push(slip.to_diagnostic(place, None));
        } else {
            self.more += 1;
        }
    }

    /// Adds the fact of one row; each cell stands with the column that it fills, its number from 1 and its name.
    pub(super) fn row<'c>(
        &mut self,
        given: impl Iterator<Item = (Column, usize, &'c str, Cell<'c>)>,
        line: u32,
    ) {
        match self.fact(given, line) {
            Ok(Some(fact)) => self.facts.push(fact),
            Ok(None) => {}
            Err(slips) => slips.into_iter().for_each(|slip| self.slip(slip, line)),
        }
    }

    /// `None` where the row leaves a judgement open.
    fn fact<'c>(
        &mut self,
        given: impl Iterator<Item = (Column, usize, &'c str, Cell<'c>)>,
        line: u32,
    ) -> Result<Option<Fact>, Vec<Slip>> {
        let mut slips = Vec::new();
        let mut args: Vec<Option<Value>> = vec![None; self.relation.fields.len()];
        let (mut from, mut through) = (FIRST_DAY, LAST_DAY);
        let mut holds = Some(true);
        for (column, number, name, cell) in given {
            let read = match column {
                Column::Field(at) => self.field(at, cell).map(|value| args[at] = Some(value)),
                Column::From => self.day(cell, FIRST_DAY).map(|day| from = day),
                Column::Through => self.day(cell, LAST_DAY).map(|day| through = day),
                Column::Holds => self.truth(cell).map(|truth| holds = truth),
            };
            slips.extend(read.err().map(|slip| match self.lines {
                Some(_) => slip.under_name(number, name),
                None => slip.in_column(number, name),
            }));
        }
        if through < from {
            slips.push(Slip::ends_before_start(from, through));
        }
        if !slips.is_empty() {
            return Err(slips);
        }
        let args = self.complete(args).map_err(|slip| vec![slip])?;
        Ok(holds.map(|holds| Fact {
            relation: self.id,
            args,
            days: self.relation.dated.then_some((from, through)),
            denied: !holds,
            place: self.place(line),
        }))
    }

    fn field(&mut self, at: usize, cell: Cell<'_>) -> Result<Value, Slip> {
        let field = &self.relation.fields[at];
        match (cell, field.missing) {
            (Cell::Empty, Missing::None) => Ok(Value::None),
            (Cell::Empty, Missing::Unknown) => Ok(Value::Unknown),
            (Cell::Empty, Missing::Never) if field.ty != Type::Text => {
                Err(Slip::empty(&field.name))
            }
            _ => self.cells.value(cell, field.ty),
        }
    }

    fn day(&mut self, cell: Cell<'_>, if_empty: Date) -> Result<Date, Slip> {
        if cell == Cell::Empty {
            return Ok(if_empty);
        }
        match self.cells.value(cell, Type::Date)? {
            Value::Date(date) => Ok(date),
            other => unreachable!("a cell read as a day gave {other:?}"),
        }
    }

    /// Empty: the judgement stays open.
    fn truth(&mut self, cell: Cell<'_>) -> Result<Option<bool>, Slip> {
        if cell == Cell::Empty {
            return Ok(None);
        }
        let value = self.cells.value(cell, Type::Bool)?;
        Ok(Some(value == Value::Bool(true)))
    }

    fn complete(&self, args: Vec<Option<Value>>) -> Result<Vec<Value>, Slip> {
        let fields = &self.relation.fields;
        args.into_iter()
            .zip(fields)
            .map(|(value, field)| match (value, field.missing) {
                (Some(value), _) => Ok(value),
                (None, Missing::None) => Ok(Value::None),
                (None, Missing::Unknown) => Ok(Value::Unknown),
                (None, Missing::Never) => Err(Slip::missing(&field.name, &self.relation.name)),
            })
            .collect()
    }
}
