//! One row of a wide table to the facts that a feed says.

use super::cell::Cell;
use super::error::Slip;
use super::gives::{Gives, Shape};
use super::row::{Column, Lacking, Rows};
use crate::ir::policy::Missing;
use crate::ir::{self, Feed, FeedLine, FeedValue, Kind, Policy, ReadAs, Relation, RelationKind};
use crate::value::symbols::{Code, NONE, Symbols, UNKNOWN, date_code};
use crate::value::{Date, FIRST_DAY, LAST_DAY, Type, Value};

/// What the rows of a feed need beside what all rows do.
pub(super) struct FeedRows<'a> {
    /// By line: its relation.
    relations: Vec<&'a Relation>,
    /// By line and field: the word of what is the same for every row.
    constants: Vec<Vec<Option<Code>>>,
    /// The lines that give a fact of the row that is read, and its words one behind the other.
    given: Vec<usize>,
    words: Vec<Code>,
    /// The lines that give no event of it, with the heading above the empty cell.
    lacking: Vec<(usize, usize)>,
}

impl<'a> FeedRows<'a> {
    /// Nothing for a relation.
    pub(super) fn new(
        policy: &'a Policy,
        gives: Gives<'a>,
        shape: &Shape,
        tables: &mut [(Symbols, usize)],
    ) -> FeedRows<'a> {
        let lines: &[FeedLine] = match gives {
            Gives::Feed(feed) => &feed.lines,
            Gives::Relation(..) => &[],
        };
        let constants = lines.iter().zip(&shape.heads).map(|(line, head)| {
            let values = line.values.iter().zip(&head.table_of);
            let words = values.map(|(value, table)| match value {
                FeedValue::Constant(value) => Some(tables[*table].0.encode(value)),
                FeedValue::Column(_) => None,
            });
            words.collect()
        });
        FeedRows {
            constants: constants.collect(),
            relations: lines
                .iter()
                .map(|it| policy.relation(it.relation))
                .collect(),
            given: Vec::new(),
            words: Vec::new(),
            lacking: Vec::new(),
        }
    }
}

/// The cells of one row, by heading: each with the number of its column and its name.
struct Row<'c>(Vec<Option<(usize, &'c str, Cell<'c>)>>);

impl<'c> Row<'c> {
    fn cell(&self, heading: usize) -> Cell<'c> {
        self.0[heading].map_or(Cell::Empty, |(_, _, cell)| cell)
    }

    fn meets(&self, line: &FeedLine) -> bool {
        let mut conditions = line.conditions.iter();
        conditions.all(|it| self.cell(it.heading).is(&it.cell) != it.negated)
    }

    /// The heading above an empty cell without which the line gives no fact.
    fn lacks(&self, line: &FeedLine, relation: &Relation) -> Option<usize> {
        let mut pairs = line.values.iter().zip(&relation.fields);
        pairs.find_map(|(value, field)| match value {
            FeedValue::Column(column) if field.missing == Missing::Never => {
                let is_empty = self.cell(column.heading) == Cell::Empty;
                is_empty.then_some(column.heading)
            }
            FeedValue::Column(_) | FeedValue::Constant(_) => None,
        })
    }
}

impl<'a> Rows<'a> {
    /// Adds the facts of one row of a feed: all of them, or none and what is wrong.
    pub(super) fn feed_row<'c>(
        &mut self,
        feed: &'a Feed,
        given: impl Iterator<Item = (Column, usize, &'c str, Cell<'c>)>,
        line: u32,
    ) -> Result<(), Vec<Slip>> {
        let mut row = Row(vec![None; feed.headings.len()]);
        for (column, number, name, cell) in given {
            if let Column::Heading(at) = column {
                row.0[at] = Some((number, name, cell));
            }
        }
        self.feed.given.clear();
        self.feed.words.clear();
        self.feed.lacking.clear();
        let mut slips = Vec::new();
        for (at, said) in feed.lines.iter().enumerate() {
            let relation = self.feed.relations[at];
            if !row.meets(said) {
                continue;
            }
            match row.lacks(said, relation) {
                None => self.feed_fact(at, said, &row, &mut slips),
                Some(heading) if relation.kind == Kind::Declared(RelationKind::Event) => {
                    self.feed.lacking.push((at, heading));
                }
                Some(_) => {}
            }
        }
        match slips.is_empty() {
            true => {
                self.keep_facts(line);
                Ok(())
            }
            false => Err(slips),
        }
    }

    /// Reads the words of one fact; of a slip that several lines have it is told once.
    fn feed_fact(&mut self, at: usize, said: &FeedLine, row: &Row<'_>, slips: &mut Vec<Slip>) {
        let before = slips.len();
        let mut add = |slip: Slip| {
            if !slips.contains(&slip) {
                slips.push(slip);
            }
        };
        for (field, value) in said.values.iter().enumerate() {
            let word = match (self.feed.constants[at][field], value) {
                (Some(word), _) => Ok(word),
                (None, FeedValue::Column(column)) => self.column_word(at, field, column, row),
                (None, FeedValue::Constant(_)) => unreachable!("a constant has a word"),
            };
            match word {
                Ok(word) => self.feed.words.push(word),
                Err(slip) => add(slip),
            }
        }
        if self.shape.heads[at].dated {
            match self.feed_days(said, row) {
                Ok(days) => self.feed.words.extend(days.map(date_code)),
                Err(slip) => add(slip),
            }
        }
        if slips.len() == before {
            self.feed.given.push(at);
        }
    }

    fn column_word(
        &mut self,
        at: usize,
        field: usize,
        column: &ir::Column,
        row: &Row<'_>,
    ) -> Result<Code, Slip> {
        let declared = &self.feed.relations[at].fields[field];
        let cell = match (row.cell(column.heading), declared.missing) {
            (Cell::Empty, Missing::None) => return Ok(NONE),
            (Cell::Empty, Missing::Unknown) => return Ok(UNKNOWN),
            (cell, _) => cell,
        };
        let (symbols, _) = &mut self.tables[self.shape.heads[at].table_of[field]];
        let word = match (&column.read_as, declared.ty) {
            (ReadAs::Days(pattern), _) => self.cells.day_as(cell, pattern).map(date_code),
            (ReadAs::Numbers(measure), Type::Number(wanted)) => {
                self.cells.number_in(cell, wanted, *measure, symbols)
            }
            (ReadAs::Numbers(_) | ReadAs::Plain, ty) => self.cells.word(cell, ty, symbols),
        };
        word.map_err(|slip| self.in_feed(slip, column, row))
    }

    /// The first and the last day of a fact.
    fn feed_days(&self, said: &FeedLine, row: &Row<'_>) -> Result<[Date; 2], Slip> {
        let from = self.feed_day(&said.from, row, FIRST_DAY)?;
        let mut through = self.feed_day(&said.through, row, LAST_DAY)?;
        if said.is_until && through != LAST_DAY {
            through = through.yesterday().unwrap_or(through);
        }
        match through < from {
            true => Err(Slip::ends_before_start(from, through)),
            false => Ok([from, through]),
        }
    }

    /// An empty cell sets no bound.
    fn feed_day(&self, value: &FeedValue, row: &Row<'_>, if_empty: Date) -> Result<Date, Slip> {
        let column = match value {
            FeedValue::Constant(Value::Date(date)) => return Ok(*date),
            FeedValue::Constant(_) => return Ok(if_empty),
            FeedValue::Column(column) => column,
        };
        let day = match (row.cell(column.heading), &column.read_as) {
            (Cell::Empty, _) => return Ok(if_empty),
            (cell, ReadAs::Days(pattern)) => self.cells.day_as(cell, pattern),
            (cell, ReadAs::Plain | ReadAs::Numbers(_)) => self.cells.day(cell),
        };
        day.map_err(|slip| self.in_feed(slip, column, row))
    }

    fn in_feed(&self, slip: Slip, column: &ir::Column, row: &Row<'_>) -> Slip {
        match row.0[column.heading] {
            Some((number, name, _)) => self.placed(slip, number, name),
            None => slip,
        }
    }

    fn keep_facts(&mut self, line: u32) {
        let (feed, piece) = (&self.feed, &mut self.piece);
        let mut rest = feed.words.as_slice();
        for at in &feed.given {
            let batch = &mut piece.batches[*at];
            let (own, behind) = rest.split_at(batch.width);
            batch.push(own.iter().copied(), line);
            rest = behind;
        }
        for (at, heading) in &feed.lacking {
            let first = Lacking {
                rows: 0,
                line,
                heading: *heading,
            };
            piece.lacking[*at].get_or_insert(first).rows += 1;
        }
    }
}
