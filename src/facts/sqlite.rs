//! SQLite: each table or view that is named as a relation or a feed; its rows are read like those of a table in text.

use super::chunks::Stop;
use super::error;
use super::pieces::Gathered;
use super::row::Rows;
use super::scalars::{PIECE, Scalar, Table, Trouble};
use crate::diagnostic::Diagnostic;
use crate::source::reason;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, OpenFlags};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

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
        let table = Table::of(names, rows, gathered)?;
        let mut found = statement.query([])?;
        loop {
            self.looks.store(0, Ordering::Relaxed);
            let Some(row) = found.next()? else { break };
            let piece = rows.piece();
            piece.ends += 1;
            let number = piece.ends;
            let mut cells = Vec::with_capacity(truths.len());
            for (at, is_truth) in truths.iter().enumerate() {
                cells.push(scalar(row.get_ref(at)?, *is_truth));
            }
            table.row(&cells, number, rows);
            if number == PIECE {
                gathered.add(0, rows.take_piece())?;
            }
        }
        gathered.add(0, rows.take_piece())?;
        Ok(())
    }
}

/// What stands in a field. `is_truth`: whether 0 and 1 are meant as truth values there.
fn scalar(value: ValueRef<'_>, is_truth: bool) -> Scalar<'_> {
    match value {
        ValueRef::Null => Scalar::Null,
        ValueRef::Integer(truth @ (0 | 1)) if is_truth => Scalar::Bool(truth == 1),
        ValueRef::Integer(number) => Scalar::Number(number.to_string()),
        ValueRef::Real(number) => Scalar::Number(number.to_string()),
        ValueRef::Text(bytes) => Scalar::of_text(bytes),
        ValueRef::Blob(_) => Scalar::Bytes,
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
