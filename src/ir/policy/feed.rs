//! Feeds: which facts each row of a table gives.

use super::RelationId;
use crate::source::Span;
use crate::value::{DayPattern, Measure, Value};

/// `feed shipments { … }`
#[derive(Clone, Debug)]
pub struct Feed {
    /// Its name, which is no relation's.
    pub name: String,
    /// The headings of the columns that it reads, each once, in the order of the text.
    pub headings: Vec<Heading>,
    /// In the order of the text.
    pub lines: Vec<FeedLine>,
    /// Its name, as it stands in the policy.
    pub span: Span,
}

/// The heading of a column.
#[derive(Clone, Debug)]
pub struct Heading {
    /// As it stands in the first row, without blanks around.
    pub text: String,
    /// Where the feed names it first.
    pub span: Span,
}

/// One line of a feed: a fact a row.
#[derive(Clone, Debug)]
pub struct FeedLine {
    /// An event, input or judgement.
    pub relation: RelationId,
    /// Whether its facts are denials of a judgement.
    pub denied: bool,
    /// One a field.
    pub values: Vec<FeedValue>,
    /// The first day of a dated fact.
    pub from: FeedValue,
    /// Its last day, or with `is_until` the day behind that.
    pub through: FeedValue,
    /// Whether `through` is exclusive.
    pub is_until: bool,
    /// All of which must hold of a row.
    pub conditions: Vec<FeedCondition>,
    /// The line.
    pub span: Span,
}

/// Where a value of a fact comes from.
#[derive(Clone, Debug)]
pub enum FeedValue {
    /// The same for every row.
    Constant(Value),
    /// The cell of a column.
    Column(Column),
}

/// A column, and how its cells are read.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its place among `Feed::headings`.
    pub heading: usize,
    /// How its cells are read.
    pub read_as: ReadAs,
}

/// How the cells of a column are read.
#[derive(Clone, Debug)]
pub enum ReadAs {
    /// As what stands in a column of that type everywhere.
    Plain,
    /// As days that are written so.
    Days(DayPattern),
    /// As numbers that count this, where they do not say what.
    Numbers(Measure),
}

/// `"Mil. check" = "cleared"`
#[derive(Clone, Debug)]
pub struct FeedCondition {
    /// Its place among `Feed::headings`.
    pub heading: usize,
    /// `!=`
    pub negated: bool,
    /// What stands in the cell, without blanks around; nothing in an empty one.
    pub cell: String,
}
