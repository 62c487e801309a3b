//! Rows of tables whose values have types of their own, as SQLite and Parquet have them: each is read like a row of text.

use super::cell::Cell;
use super::chunks::Stop;
use super::error::Slip;
use super::pieces::Gathered;
use super::row::{Column, Rows};
use crate::diagnostic::Diagnostic;
use crate::source::LONGEST_LINE;
use std::borrow::Cow;

/// How many rows are kept together with the symbols that came with them.
pub(super) const PIECE: u32 = 1 << 15;

/// Why the rows of a table were not all read.
pub(super) enum Trouble {
    /// What is wrong with its columns.
    Columns(Vec<Diagnostic>),
    /// What kept it from being read to its end.
    Stopped(Stop),
}

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Trouble {
        Trouble::Stopped(stop)
    }
}

/// The columns of a table.
pub(super) struct Table {
    names: Vec<String>,
    /// What each fills.
    fills: Vec<Option<Column>>,
}

impl Table {
    /// A table with columns of these names.
    pub(super) fn of(
        names: Vec<String>,
        rows: &Rows<'_>,
        gathered: &mut Gathered<'_>,
    ) -> Result<Table, Trouble> {
        let shown: Vec<&str> = names.iter().map(|name| name.trim()).collect();
        let fills = rows.header(&shown, 1).map_err(Trouble::Columns)?;
        let ignored = shown.iter().zip(&fills).filter(|(_, it)| it.is_none());
        gathered.columns(&names, ignored.map(|(name, _)| *name));
        Ok(Table { names, fills })
    }

    /// Whether something is read of the column of that place.
    pub(super) fn is_used(&self, at: usize) -> bool {
        self.fills[at].is_some()
    }

    /// Reads a row with a cell for each column.
    pub(super) fn row(&self, cells: &[Scalar<'_>], number: u32, rows: &mut Rows<'_>) {
        let used = || cells.iter().zip(&self.fills).enumerate();
        let used = || used().filter_map(|(at, (cell, fills))| Some((at, cell, (*fills)?)));
        let unread = used().filter_map(|(at, cell, _)| {
            let slip = cell.unread()?;
            Some(slip.in_column(at + 1, &self.names[at]))
        });
        let mut slips: Vec<Slip> = unread.collect();
        if slips.is_empty() {
            let given = used().map(|(at, cell, fills)| {
                let name = self.names[at].as_str();
                (fills, at + 1, name, cell.cell())
            });
            slips.extend(rows.row(given, number).err().into_iter().flatten());
        }
        if !slips.is_empty() {
            rows.refuse(slips, number, || {
                let cells = cells.iter().map(Scalar::shown);
                (cells.collect(), String::new())
            });
        }
    }
}

/// What stands in a field of a table.
#[derive(Clone)]
pub(super) enum Scalar<'r> {
    Null,
    Text(Cow<'r, str>),
    /// A number in digits: of one that is kept in binary, the shortest that means the same.
    Number(String),
    Bool(bool),
    /// No text.
    Bytes,
    /// More than a row may have.
    Long,
}

impl<'r> Scalar<'r> {
    /// A text, if it is one.
    pub(super) fn of_text(bytes: &'r [u8]) -> Scalar<'r> {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.len() > LONGEST_LINE => Scalar::Long,
            Ok(text) if text.trim().is_empty() => Scalar::Null,
            Ok(text) => Scalar::Text(Cow::Borrowed(text)),
            Err(_) => Scalar::Bytes,
        }
    }

    /// The same, for as long as it is wanted.
    pub(super) fn into_owned(self) -> Scalar<'static> {
        match self {
            Scalar::Null => Scalar::Null,
            Scalar::Text(text) => Scalar::Text(Cow::Owned(text.into_owned())),
            Scalar::Number(digits) => Scalar::Number(digits),
            Scalar::Bool(truth) => Scalar::Bool(truth),
            Scalar::Bytes => Scalar::Bytes,
            Scalar::Long => Scalar::Long,
        }
    }

    /// Why it is not read.
    fn unread(&self) -> Option<Slip> {
        match self {
            Scalar::Bytes => Some(Slip::bytes()),
            Scalar::Long => Some(Slip::long_cell()),
            Scalar::Null | Scalar::Text(_) | Scalar::Number(_) | Scalar::Bool(_) => None,
        }
    }

    /// As a cell of a table in text: a number may be the name of something.
    fn cell(&self) -> Cell<'_> {
        match self {
            Scalar::Null | Scalar::Bytes | Scalar::Long => Cell::Empty,
            Scalar::Text(text) => Cell::Words(text),
            Scalar::Number(digits) => Cell::Words(digits),
            Scalar::Bool(truth) => Cell::Bool(*truth),
        }
    }

    fn shown(&self) -> String {
        match self {
            Scalar::Null | Scalar::Bytes | Scalar::Long => String::new(),
            Scalar::Text(text) => text.clone().into_owned(),
            Scalar::Number(digits) => digits.clone(),
            Scalar::Bool(truth) => truth.to_string(),
        }
    }
}

/// What is wrong, as it is told of a file.
pub(super) fn told(trouble: Trouble, stopped: impl Fn(Stop) -> Diagnostic) -> Vec<Diagnostic> {
    match trouble {
        Trouble::Columns(wrong) => wrong,
        Trouble::Stopped(stop) => vec![stopped(stop)],
    }
}
