//! The verdicts as tables: where `run --out` writes them, and in which form.

use super::arguments::TableFormat;
use crate::diagnostic::Diagnostic;
use crate::ir::{Kind, RelationId, RelationKind};
use crate::report::{Verdict, VerdictTable, fill_database, write_columns};
use crate::session::Session;
use crate::source::{write_whole, write_whole_at, write_whole_with};
use crate::value::counted;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where tables of verdicts come to.
#[derive(Clone, Copy)]
pub(super) enum Tables<'a> {
    /// Into a folder, a file each.
    Folder(&'a Path, TableFormat),
    /// Into one SQLite file.
    Database(&'a Path),
    /// The only one there is, into a Parquet file.
    Single(&'a Path),
}

impl<'a> Tables<'a> {
    /// As the end of the name says; a folder that is there is one, whatever its name.
    pub(super) fn at(
        place: &'a Path,
        format: Option<TableFormat>,
        session: &Session,
    ) -> Result<Tables<'a>, Diagnostic> {
        let ending = place.extension().and_then(|it| it.to_str()).unwrap_or("");
        let of_file = match ending.to_ascii_lowercase().as_str() {
            _ if place.is_dir() => None,
            "sqlite" | "sqlite3" | "db" => Some((Tables::Database(place), "a SQLite file", None)),
            "parquet" => {
                let format = Some(TableFormat::Parquet);
                Some((Tables::Single(place), "a Parquet file", format))
            }
            _ => None,
        };
        match of_file {
            None => Ok(Tables::Folder(place, format.unwrap_or(TableFormat::Csv))),
            Some((_, what, own)) if format.is_some() && format != own => {
                Err(says_otherwise(place, what))
            }
            Some((Tables::Single(_), ..)) if verdicts_of(session).count() != 1 => {
                Err(holds_one(place, verdicts_of(session).count()))
            }
            Some((tables, ..)) => Ok(tables),
        }
    }

    pub(super) fn place(&self) -> &Path {
        match self {
            Tables::Folder(place, _) | Tables::Database(place) | Tables::Single(place) => place,
        }
    }

    /// The files that are written.
    pub(super) fn files(&self, session: &Session) -> Vec<PathBuf> {
        match self {
            Tables::Folder(folder, format) => {
                let names = verdicts_of(session).map(|it| &session.policy.relation(it).name);
                names.map(|name| format.file(folder, name)).collect()
            }
            Tables::Single(file) | Tables::Database(file) => vec![file.to_path_buf()],
        }
    }

    /// Whether another program is at work on what would be replaced.
    pub(super) fn check(&self) -> Result<(), Diagnostic> {
        match self {
            Tables::Folder(..) | Tables::Single(_) => Ok(()),
            Tables::Database(file) => match beside(file) {
                Some(log) => Err(in_use(file, &log)),
                None => Ok(()),
            },
        }
    }

    /// Writes a table for each verdict, whether it has rows or not; each file whole or not at all.
    pub(super) fn write(&self, session: &Session, verdicts: &[Verdict]) -> io::Result<()> {
        let tables = verdicts_of(session)
            .map(|relation| VerdictTable::of(session.context(), relation, verdicts));
        let tables: Vec<VerdictTable<'_>> = tables.collect();
        match self {
            Tables::Folder(folder, format) => {
                fs::create_dir_all(folder)?;
                tables.iter().try_for_each(|table| {
                    let file = format.file(folder, table.name());
                    match format {
                        TableFormat::Csv => write_whole(&file, table.to_csv(false).as_bytes()),
                        TableFormat::Parquet => write_single(&file, table),
                    }
                })
            }
            Tables::Database(file) => {
                write_whole_at(file, |begun, _| fill_database(begun, &tables))
            }
            Tables::Single(file) => tables
                .iter()
                .try_for_each(|table| write_single(file, table)),
        }
    }
}

impl TableFormat {
    /// The file of a verdict in a folder.
    fn file(self, folder: &Path, verdict: &str) -> PathBuf {
        let ending = match self {
            TableFormat::Csv => "csv",
            TableFormat::Parquet => "parquet",
        };
        folder.join(format!("{verdict}.{ending}"))
    }
}

fn write_single(file: &Path, table: &VerdictTable<'_>) -> io::Result<()> {
    write_whole_with(file, |out| write_columns(out, table))
}

fn verdicts_of(session: &Session) -> impl Iterator<Item = RelationId> + '_ {
    let relations = session.policy.relations.iter().enumerate();
    relations
        .filter(|(_, relation)| relation.kind == Kind::Declared(RelationKind::Verdict))
        .map(|(at, _)| RelationId(at as u32))
}

/// What SQLite keeps beside a file while somebody writes to it.
fn beside(file: &Path) -> Option<PathBuf> {
    let logs = ["-wal", "-journal"].map(|ending| {
        let mut name = OsString::from(file);
        name.push(ending);
        PathBuf::from(name)
    });
    logs.into_iter().find(|log| log.exists())
}

fn holds_one(file: &Path, verdicts: usize) -> Diagnostic {
    let file = file.display();
    let has = match verdicts {
        0 => "no verdict".to_owned(),
        many => counted(many, "verdict"),
    };
    let message = format!("`{file}` would hold one table, and the policy has {has}");
    Diagnostic::error("E0717", message)
        .help("a file for each is written by `--out FOLDER --out-format parquet`")
}

fn says_otherwise(file: &Path, what: &str) -> Diagnostic {
    let file = file.display();
    let message = format!("`{file}` is {what} by its name: `--out-format` says otherwise");
    Diagnostic::error("E0717", message).help("leave `--out-format` out, or name a folder")
}

fn in_use(file: &Path, log: &Path) -> Diagnostic {
    let (file, log) = (file.display(), log.display());
    let message = format!("`{file}` cannot be replaced: another program is at work on it");
    Diagnostic::error("E0712", message).help(format!(
        "`{log}` stands beside it: end that program, or name another file with --out"
    ))
}
