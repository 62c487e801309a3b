//! Verdicts as a SQLite file: a table for each relation.

use super::verdict_table::{Cell, ColumnKind, VerdictTable};
use rusqlite::{Connection, Error, ToSql, params_from_iter};
use std::io;
use std::path::Path;

/// Writes tables into an empty file.
///
/// Errors: those of the disk, and names that SQLite does not tell apart.
pub fn fill_database(file: &Path, tables: &[VerdictTable<'_>]) -> io::Result<()> {
    fill(file, tables).map_err(|problem| io::Error::other(in_words(&problem)))
}

fn fill(file: &Path, tables: &[VerdictTable<'_>]) -> Result<(), Error> {
    let mut connection = Connection::open(file)?;
    // Whoever writes it sees to it that it is whole.
    connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
    let at_once = connection.transaction()?;
    for table in tables {
        let columns = columns(table);
        let list: Vec<String> = columns.iter().map(|it| declared(it.0, it.1)).collect();
        let name = quoted(table.name());
        at_once.execute_batch(&format!("CREATE TABLE {name} ({})", list.join(", ")))?;
        let places = vec!["?"; columns.len()].join(", ");
        let mut insert = at_once.prepare(&format!("INSERT INTO {name} VALUES ({places})"))?;
        for row in table.rows() {
            insert.execute(params_from_iter(row.iter().map(to_sql)))?;
        }
    }
    at_once.commit()?;
    connection.close().map_err(|(_, problem)| problem)
}

/// The columns with their names. One of whole numbers of which one does not fit is one of texts: SQLite would round it.
fn columns<'a>(table: &VerdictTable<'a>) -> Vec<(&'a str, ColumnKind)> {
    let mut columns = table.columns();
    for row in table.rows() {
        for ((_, kind), cell) in columns.iter_mut().zip(&row) {
            if let (ColumnKind::Whole, Cell::Text(_)) = (&kind, cell) {
                *kind = ColumnKind::Text;
            }
        }
    }
    columns
}

fn declared(name: &str, kind: ColumnKind) -> String {
    let ty = match kind {
        ColumnKind::Text | ColumnKind::Number | ColumnKind::Day => "TEXT",
        ColumnKind::Whole => "INTEGER",
        ColumnKind::Truth => "BOOLEAN",
    };
    format!("{} {ty}", quoted(name))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn to_sql(cell: &Cell) -> Box<dyn ToSql + '_> {
    match cell {
        Cell::Empty => Box::new(rusqlite::types::Null),
        Cell::Text(text) | Cell::Bounds(text) => Box::new(text),
        Cell::Day(day) => Box::new(day.to_string()),
        Cell::Whole(number) => Box::new(number),
        Cell::Truth(truth) => Box::new(truth),
    }
}

/// What SQLite says, without its numbers.
fn in_words(problem: &Error) -> String {
    match problem {
        Error::SqliteFailure(failure, _) if failure.code == rusqlite::ErrorCode::DiskFull => {
            "the disk is full".into()
        }
        Error::SqliteFailure(_, Some(words)) => words.clone(),
        other => other.to_string(),
    }
}
