//! One row to its facts: which field each column fills, and what may be missing.

use super::Batch;
use super::aside::BadRow;
use super::cell::{Cell, Cells};
use super::error::{self, MOST_SLIPS, Slip};
use super::feed::FeedRows;
use super::gives::{Gives, Shape};
use crate::diagnostic::{Diagnostic, nearest};
use crate::ir::policy::Missing;
use crate::ir::{Kind, Policy, Relation, RelationKind};
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
    /// What a feed reads under the heading of that place.
    Heading(usize),
}

/// Makes facts from the rows of one file, piece by piece, as words of tables of its own, and lists what is wrong with them.
pub(super) struct Rows<'a> {
    gives: Gives<'a>,
    pub(super) shape: Shape,
    file: FileId,
    sets_aside: bool,
    pub(super) cells: Cells<'a>,
    /// Of words; and how many symbols each had before this piece.
    pub(super) tables: Vec<(Symbols, usize)>,
    pub(super) feed: FeedRows<'a>,
    pub(super) piece: Piece,
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
    /// One for each head of the shape.
    pub batches: Vec<Batch>,
    /// Of a feed, by line: the events that are not given because a cell is empty.
    pub lacking: Vec<Option<Lacking>>,
    /// Of a feed, by heading: whether an object has such a name.
    pub seen: Vec<bool>,
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

/// Rows that do not give an event because a cell is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lacking {
    /// How many.
    pub rows: usize,
    /// The first of them.
    pub line: u32,
    /// The heading above its empty cell.
    pub heading: usize,
}

impl<'a> Rows<'a> {
    /// `sets_aside`: whether rows that cannot be used are. `symbols`: those of a table beside which theirs stand.
    pub(super) fn new(
        policy: &'a Policy,
        gives: Gives<'a>,
        file: FileId,
        sets_aside: bool,
        symbols: &Symbols,
    ) -> Rows<'a> {
        let shape = gives.shape(policy);
        let mut tables = shape.tables(symbols);
        let feed = FeedRows::new(policy, gives, &shape, &mut tables);
        Rows {
            gives,
            file,
            sets_aside,
            cells: Cells::new(policy),
            tables,
            feed,
            piece: Piece::new(gives, &shape, file),
            shape,
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
        let next = Piece::new(self.gives, &self.shape, self.file);
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
        match self.gives {
            Gives::Feed(feed) => {
                let mut headings = feed.headings.iter();
                let at = headings.position(|heading| heading.text == name.trim());
                at.map(Column::Heading)
            }
            Gives::Relation(_, relation) => named_columns(relation)
                .find(|(other, _)| *other == name)
                .map(|(_, column)| column),
        }
    }

    /// Notes that an object has something under this name.
    pub(super) fn see(&mut self, column: Column) {
        if let Column::Heading(at) = column {
            self.piece.seen[at] = true;
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
                    wrong.push(slip.to_diagnostic(place, self.gives.span()));
                }
                column => columns.push(column),
            }
            if wrong.len() >= MOST_SLIPS {
                let more = names.len() - at - 1;
                wrong.extend((more > 0).then(|| error::more_columns(more, place)));
                return Err(wrong);
            }
        }
        wrong.extend(self.missing_columns(names, &columns, unknown, place));
        match wrong.is_empty() {
            true => Ok(columns),
            false => Err(wrong),
        }
    }

    /// `near`: how many names are near that of a column.
    fn missing_columns(
        &self,
        names: &[&str],
        columns: &[Option<Column>],
        near: usize,
        place: Place,
    ) -> Option<Diagnostic> {
        let relation = match self.gives {
            Gives::Feed(feed) => {
                let has = |at: usize| columns.contains(&Some(Column::Heading(at)));
                return error::missing_headings(feed, has, names, place);
            }
            Gives::Relation(_, relation) => relation,
        };
        let missing: Vec<&str> = required(relation)
            .filter(|at| !columns.contains(&Some(Column::Field(*at))))
            .map(|at| relation.fields[at].name.as_str())
            .collect();
        // As many names that are near a column's are why columns seem to be missing.
        (missing.len() > near).then(|| error::missing_columns(relation, &missing, place))
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

    /// A feed says itself which columns it reads: none of the others is meant.
    fn columns_near(&self, name: &str) -> Vec<Column> {
        let Gives::Relation(_, relation) = self.gives else {
            return Vec::new();
        };
        let near = named_columns(relation).filter(|(other, _)| nearest(name, [*other]).is_some());
        near.map(|(_, column)| column).collect()
    }

    /// A name that no column has.
    pub(super) fn unknown_column(&self, name: &str) -> Slip {
        let known = match self.gives {
            Gives::Feed(feed) => feed.headings.iter().map(|it| it.text.as_str()).collect(),
            Gives::Relation(_, relation) => named_columns(relation).map(|(it, _)| it).collect(),
        };
        Slip::unknown_column(name, self.gives.name(), known)
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

    /// Adds the facts of one row; each cell stands with the column that it fills, its number from 1 and its name. Or what is wrong.
    pub(super) fn row<'c>(
        &mut self,
        given: impl Iterator<Item = (Column, usize, &'c str, Cell<'c>)>,
        line: u32,
    ) -> Result<(), Vec<Slip>> {
        match self.gives {
            Gives::Feed(feed) => self.feed_row(feed, given, line),
            Gives::Relation(_, relation) => self.relation_row(relation, given, line),
        }
    }

    fn relation_row<'c>(
        &mut self,
        relation: &Relation,
        given: impl Iterator<Item = (Column, usize, &'c str, Cell<'c>)>,
        line: u32,
    ) -> Result<(), Vec<Slip>> {
        let mut slips = Vec::new();
        self.words.clear();
        self.words.resize(relation.fields.len(), None);
        let (mut from, mut through) = (FIRST_DAY, LAST_DAY);
        let mut holds = Some(true);
        for (column, number, name, cell) in given {
            let read = match column {
                Column::Field(at) => {
                    let word = self.field(relation, at, cell);
                    word.map(|word| self.words[at] = Some(word))
                }
                Column::Heading(_) => unreachable!("a relation has no headings"),
                Column::From => self.day(cell, FIRST_DAY).map(|day| from = day),
                Column::Through => self.day(cell, LAST_DAY).map(|day| through = day),
                Column::Holds => self.truth(cell).map(|truth| holds = truth),
            };
            slips.extend(read.err().map(|slip| self.placed(slip, number, name)));
        }
        if through < from {
            slips.push(Slip::ends_before_start(from, through));
        }
        if !slips.is_empty() {
            return Err(slips);
        }
        self.complete(relation).map_err(|slip| vec![slip])?;
        let days = relation.dated.then(|| [from, through].map(date_code));
        let words = self.words.iter().flatten().copied();
        let words = words.chain(days.into_iter().flatten());
        match holds {
            Some(true) => self.piece.batches[0].push(words, line),
            Some(false) => self.piece.batches[1].push(words, line),
            // The row leaves a judgement open.
            None => {}
        }
        Ok(())
    }

    /// Says in which column of a table, or under which name of an object, something is wrong.
    pub(super) fn placed(&self, slip: Slip, number: usize, name: &str) -> Slip {
        match self.lines {
            Some(_) => slip.under_name(number, name),
            None => slip.in_column(number, name),
        }
    }

    fn field(&mut self, relation: &Relation, at: usize, cell: Cell<'_>) -> Result<Code, Slip> {
        let field = &relation.fields[at];
        match (cell, field.missing) {
            (Cell::Empty, Missing::None) => Ok(NONE),
            (Cell::Empty, Missing::Unknown) => Ok(UNKNOWN),
            (Cell::Empty, Missing::Never) if field.ty != Type::Text => {
                Err(Slip::empty(&field.name))
            }
            _ => {
                let (symbols, _) = &mut self.tables[self.shape.heads[0].table_of[at]];
                self.cells.word(cell, field.ty, symbols)
            }
        }
    }

    fn day(&mut self, cell: Cell<'_>, if_empty: Date) -> Result<Date, Slip> {
        match cell {
            Cell::Empty => Ok(if_empty),
            _ => self.cells.day(cell),
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
    fn complete(&mut self, relation: &Relation) -> Result<(), Slip> {
        for (word, field) in self.words.iter_mut().zip(&relation.fields) {
            match (&word, field.missing) {
                (Some(_), _) => {}
                (None, Missing::None) => *word = Some(NONE),
                (None, Missing::Unknown) => *word = Some(UNKNOWN),
                (None, Missing::Never) => {
                    return Err(Slip::missing(&field.name, &relation.name));
                }
            }
        }
        Ok(())
    }
}

/// What may stand in the first row of a table of a relation.
fn named_columns(relation: &Relation) -> impl Iterator<Item = (&str, Column)> {
    let marks = if relation.dated {
        vec![("from", Column::From), ("through", Column::Through)]
    } else if relation.kind == Kind::Declared(RelationKind::Judgement) {
        vec![("holds", Column::Holds)]
    } else {
        Vec::new()
    };
    let fields = relation.fields.iter().enumerate();
    let fields = fields.map(|(at, field)| (field.name.as_str(), Column::Field(at)));
    fields.chain(marks)
}

fn required(relation: &Relation) -> impl Iterator<Item = usize> {
    let fields = relation.fields.iter().enumerate();
    let fields = fields.filter(|(_, field)| field.missing == Missing::Never);
    fields.map(|(at, _)| at)
}

impl Piece {
    fn new(gives: Gives<'_>, shape: &Shape, file: FileId) -> Piece {
        let (lines, headings) = match gives {
            Gives::Feed(feed) => (feed.lines.len(), feed.headings.len()),
            Gives::Relation(..) => (0, 0),
        };
        Piece {
            added: Vec::new(),
            batches: shape.heads.iter().map(|head| head.batch(file)).collect(),
            lacking: vec![None; lines],
            seen: vec![false; headings],
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
