//! One row to one fact: which field each column fills, and what may be missing.

use super::Batch;
use super::aside::BadRow;
use super::cell::{Cell, Cells};
use super::error::{self, MOST_SLIPS, Slip};
use crate::diagnostic::{Diagnostic, nearest};
use crate::ir::policy::Missing;
use crate::ir::{Kind, Policy, Relation, RelationId, RelationKind};
use crate::source::{FileId, LongRow, Place};
use crate::value::symbols::{Added, Code, NONE, Symbols, UNKNOWN, date_code};
use crate::value::{Date, FIRST_DAY, LAST_DAY, Type, Value};
use hashbrown::HashMap;
use std::collections::BTreeSet;
use std::rc::Rc;

/// How many names that no field has are kept.
const MOST_IGNORED: usize = 1000;

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

/// Makes facts of one relation from the rows of one file, piece by piece, as words of a table of its own, and lists what is
/// wrong with them.
pub(super) struct Rows<'a> {
    relation: &'a Relation,
    id: RelationId,
    file: FileId,
    sets_aside: bool,
    cells: Cells<'a>,
    /// One for each type, so that each is small; and how many symbols it had before this piece.
    tables: Vec<(Symbols, usize)>,
    /// By field: the table of its type.
    table_of: Vec<usize>,
    piece: Piece,
    /// The words of the row that is read, one a field; `None`: not given.
    words: Vec<Option<Code>>,
    /// What was found near names that no column has.
    near: HashMap<String, Rc<[Column]>>,
    /// The number of the row that is read, where its line does not tell.
    number: Option<usize>,
    /// Of a row that is an object: how many lines below its first one each value stands.
    lines: Option<Vec<u32>>,
}

/// What becomes of one piece of a file; lines are counted from its start.
pub(super) struct Piece {
    /// What came to the words of each of its tables.
    pub added: Vec<Added>,
    pub given: Batch,
    /// Denials of a judgement.
    pub denied: Batch,
    /// The first rows that cannot be used, each with its line.
    pub slips: Vec<(Slip, u32)>,
    /// How many more.
    pub more: usize,
    /// Those that are set aside instead.
    pub bad: Vec<BadRow>,
    /// Columns, or names in objects, that no field has.
    pub ignored: BTreeSet<String>,
    /// Whether there was anything but blank lines.
    pub has_rows: bool,
    /// Line ends in it.
    pub ends: u32,
    /// The line of the first quote that goes wrong.
    pub wrong_quote: Option<u32>,
    /// What kept the rest from being read.
    pub too_long: Option<LongRow>,
}

impl<'a> Rows<'a> {
    /// `sets_aside`: whether rows that cannot be used are.
    pub(super) fn new(
        policy: &'a Policy,
        id: RelationId,
        file: FileId,
        sets_aside: bool,
    ) -> Rows<'a> {
        let relation = policy.relation(id);
        let table_of = tables_of(relation);
        let last = table_of.iter().max();
        let mut tables: Vec<(Symbols, usize)> = Vec::new();
        tables.resize_with(last.map_or(0, |last| last + 1), Default::default);
        if has_id(relation) {
            tables[0].0 = Symbols::list();
        }
        Rows {
            relation,
            id,
            file,
            sets_aside,
            cells: Cells::new(policy),
            tables,
            table_of,
            piece: Piece::new(relation, id, file),
            words: Vec::new(),
            near: HashMap::new(),
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

    /// What became of the rows since the last piece.
    pub(super) fn take_piece(&mut self) -> Piece {
        let next = Piece::new(self.relation, self.id, self.file);
        let mut piece = std::mem::replace(&mut self.piece, next);
        for (symbols, before) in &mut self.tables {
            piece.added.push(symbols.since(*before));
            *before = symbols.len();
        }
        piece
    }

    /// The piece that is read.
    pub(super) fn piece(&mut self) -> &mut Piece {
        &mut self.piece
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

    /// What the columns of a header fill, `None` where nothing; or what is wrong with it.
    pub(super) fn header(
        &self,
        names: &[&str],
        line: u32,
    ) -> Result<Vec<Option<Column>>, Vec<Diagnostic>> {
        let place = Place::Record {
            file: self.file,
            line,
        };
        let mut wrong = Vec::new();
        let mut columns: Vec<Option<Column>> = Vec::new();
        let known: Vec<Option<Column>> = names.iter().map(|name| self.column(name)).collect();
        let is_missing = |column: Column| !known.contains(&Some(column));
        let mut unknown = 0;
        for (at, name) in names.iter().enumerate() {
            match known[at] {
                Some(column) if columns.contains(&Some(column)) => {
                    wrong.push(error::column_twice(name, place));
                }
                None if self.columns_near(name).into_iter().any(is_missing) => {
                    unknown += 1;
                    let slip = self.unknown_column(name).in_column(at + 1, name);
                    wrong.push(slip.to_diagnostic(place, self.relation.span));
                }
                column => columns.push(column),
            }
            if wrong.len() >= MOST_SLIPS {
                let more = names.len() - at - 1;
                wrong.extend((more > 0).then(|| error::more_columns(more, place)));
                return Err(wrong);
            }
        }
        let missing: Vec<&str> = self
            .required()
            .filter(|at| !columns.contains(&Some(Column::Field(*at))))
            .map(|at| self.relation.fields[at].name.as_str())
            .collect();
        // As many names that are near a column's are why columns seem to be missing.
        if missing.len() > unknown {
            wrong.push(error::missing_columns(self.relation, &missing, place));
        }
        match wrong.is_empty() {
            true => Ok(columns),
            false => Err(wrong),
        }
    }

    /// The columns that a name may be meant for that no column has. Where they are all given, it is for somebody else.
    pub(super) fn near(&mut self, name: &str) -> Rc<[Column]> {
        if let Some(near) = self.near.get(name) {
            return Rc::clone(near);
        }
        let near: Rc<[Column]> = self.columns_near(name).into();
        if self.near.len() < MOST_IGNORED {
            self.near.insert(name.to_owned(), Rc::clone(&near));
        }
        near
    }

    fn columns_near(&self, name: &str) -> Vec<Column> {
        let fields = self.relation.fields.iter().enumerate();
        let fields = fields.map(|(at, field)| (field.name.as_str(), Column::Field(at)));
        let all = fields.chain(self.marks());
        let near = all.filter(|(other, _)| nearest(name, [*other]).is_some());
        near.map(|(_, column)| column).collect()
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
        if self.piece.slips.len() >= MOST_SLIPS {
            self.piece.more += 1;
            return;
        }
        let slip = match self.number {
            Some(number) => slip.in_row(number),
            None => slip,
        };
        let below = |number: usize| self.lines.as_ref()?.get(number - 1).copied();
        let line = line + slip.number().and_then(below).unwrap_or(0);
        self.piece.slips.push((slip, line));
    }

    /// Tells what is wrong with a row, or sets it aside: its cells, and what of it has no column.
    pub(super) fn refuse(
        &mut self,
        slips: Vec<Slip>,
        line: u32,
        row: impl FnOnce() -> (Vec<String>, String),
    ) {
        if !self.sets_aside {
            slips.into_iter().for_each(|slip| self.slip(slip, line));
            return;
        }
        let (cells, rest) = row();
        let reasons: Vec<String> = slips.iter().map(Slip::in_words).collect();
        self.piece.bad.push(BadRow {
            line,
            cells,
            rest,
            reason: reasons.join("; "),
        });
    }

    /// Adds the fact of one row; each cell stands with the column that it fills, its number from 1 and its name. Or what is wrong.
    pub(super) fn row<'c>(
        &mut self,
        given: impl Iterator<Item = (Column, usize, &'c str, Cell<'c>)>,
        line: u32,
    ) -> Result<(), Vec<Slip>> {
        let mut slips = Vec::new();
        self.words.clear();
        self.words.resize(self.relation.fields.len(), None);
        let (mut from, mut through) = (FIRST_DAY, LAST_DAY);
        let mut holds = Some(true);
        for (column, number, name, cell) in given {
            let read = match column {
                Column::Field(at) => self.field(at, cell).map(|word| self.words[at] = Some(word)),
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
        self.complete().map_err(|slip| vec![slip])?;
        let days = self.relation.dated.then(|| [from, through].map(date_code));
        let words = self.words.iter().flatten().copied();
        let words = words.chain(days.into_iter().flatten());
        match holds {
            Some(true) => self.piece.given.push(words, line),
            Some(false) => self.piece.denied.push(words, line),
            // The row leaves a judgement open.
            None => {}
        }
        Ok(())
    }

    fn field(&mut self, at: usize, cell: Cell<'_>) -> Result<Code, Slip> {
        let field = &self.relation.fields[at];
        match (cell, field.missing) {
            (Cell::Empty, Missing::None) => Ok(NONE),
            (Cell::Empty, Missing::Unknown) => Ok(UNKNOWN),
            (Cell::Empty, Missing::Never) if field.ty != Type::Text => {
                Err(Slip::empty(&field.name))
            }
            _ => {
                let (symbols, _) = &mut self.tables[self.table_of[at]];
                self.cells.word(cell, field.ty, symbols)
            }
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

    /// Fills the fields that are not given and may be missing.
    fn complete(&mut self) -> Result<(), Slip> {
        for (word, field) in self.words.iter_mut().zip(&self.relation.fields) {
            match (&word, field.missing) {
                (Some(_), _) => {}
                (None, Missing::None) => *word = Some(NONE),
                (None, Missing::Unknown) => *word = Some(UNKNOWN),
                (None, Missing::Never) => {
                    return Err(Slip::missing(&field.name, &self.relation.name));
                }
            }
        }
        Ok(())
    }
}

/// Whether the first field alone is the key, and names something: then its values hardly ever come twice.
fn has_id(relation: &Relation) -> bool {
    let first = relation.fields.first().map(|field| field.ty);
    relation.key == Some(1) && matches!(first, Some(Type::Entity(_) | Type::Text))
}

/// By field: which table has its words, one for each type, and the first one for an id.
pub(super) fn tables_of(relation: &Relation) -> Vec<usize> {
    let mut types: Vec<Option<Type>> = Vec::new();
    let fields = relation.fields.iter().enumerate().map(|(at, field)| {
        let is_id = at == 0 && has_id(relation);
        (!is_id).then_some(field.ty)
    });
    let tables = fields.map(|ty| {
        let at = types.iter().position(|other| *other == ty);
        at.unwrap_or_else(|| {
            types.push(ty);
            types.len() - 1
        })
    });
    tables.collect()
}

impl Piece {
    fn new(relation: &Relation, id: RelationId, file: FileId) -> Piece {
        let (fields, dated) = (relation.fields.len(), relation.dated);
        Piece {
            added: Vec::new(),
            given: Batch::new(id, fields, dated, false, file),
            denied: Batch::new(id, fields, dated, true, file),
            slips: Vec::new(),
            more: 0,
            bad: Vec::new(),
            ignored: BTreeSet::new(),
            has_rows: false,
            ends: 0,
            wrong_quote: None,
            too_long: None,
        }
    }

    /// Notes a column or name that no field has.
    pub(super) fn ignore(&mut self, name: &str) {
        if self.ignored.len() < MOST_IGNORED && !self.ignored.contains(name) {
            self.ignored.insert(name.to_owned());
        }
    }
}
