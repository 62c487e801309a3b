//! SQLite: each table or view that is named as a relation or a feed; its rows are read like those of a table in text.

use super::cell::Cell;
use super::chunks::Stop;
use super::error::{self, Slip};
use super::pieces::Gathered;
use super::row::{Column, Rows};
use crate::diagnostic::Diagnostic;
use crate::source::{LONGEST_LINE, reason};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, OpenFlags, Row};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many rows are kept together with the symbols that came with them.
const PIECE: u32 = 1 << 15;
/// How many steps SQLite takes between two looks at how many there were.
const STEPS: i32 = 1 << 20;
/// After how many looks without a row a view is given up: it may be one without an end.
const MOST_LOOKS: u32 = if cfg!(test) { 1 << 4 } else { 1 << 11 };

/// A file of tables, open to be read.
pub(super) struct Database {
    connection: Connection,
    /// How often was looked since the last row.
    looks: Arc<AtomicU32>,
}

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

impl From<Error> for Trouble {
    fn from(problem: Error) -> Trouble {
        Trouble::Stopped(Stop::Unreadable(io::Error::other(in_words(&problem))))
    }
}

impl Database {
    /// Opens a file. Errors are in words.
    pub(super) fn open(path: &Path) -> Result<Database, String> {
        // What the disk says is told as of any other file.
        File::open(path).map_err(|problem| reason(&problem))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let told = |problem: Error| in_words(&problem);
        let connection = Connection::open_with_flags(path, flags).map_err(told)?;
        // What stands in a file runs nothing but what reads.
        let settings = "PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;";
        connection.execute_batch(settings).map_err(told)?;
        let looks = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&looks);
        let is_over = move || seen.fetch_add(1, Ordering::Relaxed) >= MOST_LOOKS;
        connection
            .progress_handler(STEPS, Some(is_over))
            .map_err(told)?;
        Ok(Database { connection, looks })
    }

    /// The names of its tables and views, in their order.
    pub(super) fn tables(&self) -> Result<Vec<String>, String> {
        let query = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') \
            AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
        let read = || {
            let mut statement = self.connection.prepare(query)?;
            let names = statement.query_map([], |row| row.get::<_, String>(0))?;
            names.collect::<Result<Vec<String>, Error>>()
        };
        read().map_err(|problem| in_words(&problem))
    }

    /// Reads the rows of a table, numbered from 1.
    pub(super) fn read(
        &self,
        table: &str,
        rows: &mut Rows<'_>,
        gathered: &mut Gathered<'_>,
    ) -> Result<(), Trouble> {
        let query = format!("SELECT * FROM \"{}\"", table.replace('"', "\"\""));
        let mut statement = self.connection.prepare(&query)?;
        let columns = statement.columns();
        let names: Vec<String> = columns.iter().map(|it| it.name().to_owned()).collect();
        let is_bool = |ty: Option<&str>| ty.is_some_and(|ty| ty.to_lowercase().contains("bool"));
        let truths: Vec<bool> = columns.iter().map(|it| is_bool(it.decl_type())).collect();
        let shown: Vec<&str> = names.iter().map(|name| name.trim()).collect();
        let fills = rows.header(&shown, 1).map_err(Trouble::Columns)?;
        let ignored = shown.iter().zip(&fills).filter(|(_, it)| it.is_none());
        gathered.columns(&names, ignored.map(|(name, _)| *name));
        let table = Table {
            names,
            truths,
            fills,
        };
        let mut found = statement.query([])?;
        loop {
            self.looks.store(0, Ordering::Relaxed);
            let Some(row) = found.next()? else { break };
            let piece = rows.piece();
            piece.ends += 1;
            let number = piece.ends;
            table.row(row, number, rows)?;
            if number == PIECE {
                gathered.add(0, rows.take_piece())?;
            }
        }
        gathered.add(0, rows.take_piece())?;
        Ok(())
    }
}

/// The columns of a table.
struct Table {
    names: Vec<String>,
    /// Whether 0 and 1 are meant as truth values there.
    truths: Vec<bool>,
    /// What each fills.
    fills: Vec<Option<Column>>,
}

impl Table {
    fn row(&self, row: &Row<'_>, number: u32, rows: &mut Rows<'_>) -> Result<(), Error> {
        let mut cells = Vec::with_capacity(self.names.len());
        for (at, is_truth) in self.truths.iter().enumerate() {
            cells.push(Scalar::of(row.get_ref(at)?, *is_truth));
        }
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
        Ok(())
    }
}

/// What stands in a field of a table.
enum Scalar<'r> {
    Null,
    Text(&'r str),
    /// A number in digits: of one that is kept in binary, the shortest that means the same.
    Number(String),
    Bool(bool),
    /// No text.
    Bytes,
    /// More than a row may have.
    Long,
}

impl<'r> Scalar<'r> {
    fn of(value: ValueRef<'r>, is_truth: bool) -> Scalar<'r> {
        match value {
            ValueRef::Null => Scalar::Null,
            ValueRef::Integer(truth @ (0 | 1)) if is_truth => Scalar::Bool(truth == 1),
            ValueRef::Integer(number) => Scalar::Number(number.to_string()),
            ValueRef::Real(number) => Scalar::Number(number.to_string()),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) if text.len() > LONGEST_LINE => Scalar::Long,
                Ok(text) if text.trim().is_empty() => Scalar::Null,
                Ok(text) => Scalar::Text(text),
                Err(_) => Scalar::Bytes,
            },
            ValueRef::Blob(_) => Scalar::Bytes,
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
            Scalar::Text(text) => (*text).to_owned(),
            Scalar::Number(digits) => digits.clone(),
            Scalar::Bool(truth) => truth.to_string(),
        }
    }
}

/// What SQLite says, without its numbers.
fn in_words(problem: &Error) -> String {
    match problem {
        Error::SqliteFailure(failure, _)
            if failure.code == rusqlite::ErrorCode::OperationInterrupted =>
        {
            "a view goes on and on without a row".into()
        }
        Error::SqliteFailure(_, Some(words)) => words.clone(),
        other => other.to_string(),
    }
}

/// What is wrong, as it is told of a file.
pub(super) fn told(trouble: Trouble, stopped: impl Fn(Stop) -> Diagnostic) -> Vec<Diagnostic> {
    match trouble {
        Trouble::Columns(wrong) => wrong,
        Trouble::Stopped(stop) => vec![stopped(stop)],
    }
}

/// The tables that are to be read of those that there are, and the others. `wanted`: the only one.
pub(super) fn chosen(
    tables: Vec<String>,
    wanted: Option<&str>,
    is_known: impl Fn(&str) -> bool,
    name: &str,
) -> Result<(Vec<String>, Vec<String>), Diagnostic> {
    let is_chosen = |table: &String| match wanted {
        Some(wanted) => table == wanted,
        None => is_known(table),
    };
    let (chosen, others): (Vec<String>, Vec<String>) = tables.into_iter().partition(is_chosen);
    match chosen.is_empty() {
        true => Err(error::no_table(name, wanted, &others)),
        false if wanted.is_some() => Ok((chosen, Vec::new())),
        false => Ok((chosen, others)),
    }
}
