//! The verdicts as tables: where `run --out` writes them, and in which form.

use crate::diagnostic::Diagnostic;
use crate::ir::{Kind, RelationId, RelationKind};
use crate::report::{Verdict, VerdictTable, fill_database};
use crate::session::Session;
use crate::source::{write_whole, write_whole_at};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where tables of verdicts come to.
#[derive(Clone, Copy)]
pub(super) enum Tables<'a> {
    /// Into a folder, a CSV file each.
    Folder(&'a Path),
    /// Into one SQLite file.
    Database(&'a Path),
}

impl Tables<'_> {
    /// As the end of the name says; a folder that is there is one, whatever its name.
    pub(super) fn at(place: &Path) -> Tables<'_> {
        let ending = place.extension().and_then(|it| it.to_str()).unwrap_or("");
        match ending.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" | "db" if !place.is_dir() => Tables::Database(place),
            _ => Tables::Folder(place),
        }
    }

    pub(super) fn place(&self) -> &Path {
        match self {
            Tables::Folder(place) | Tables::Database(place) => place,
        }
    }

    /// Whether they may come there: never over what the run has read, nor over what another program is at work on.
    pub(super) fn check(&self, session: &Session) -> Result<(), Diagnostic> {
        let Tables::Database(file) = self else {
            return Ok(());
        };
        let shown = file.display().to_string();
        if is_read(session, file) {
            return Err(over_facts(&shown));
        }
        match beside(file) {
            Some(log) => Err(in_use(&shown, &log.display().to_string())),
            None => Ok(()),
        }
    }

    /// Writes a table for each verdict, whether it has rows or not; each file whole or not at all.
    pub(super) fn write(&self, session: &Session, verdicts: &[Verdict]) -> io::Result<()> {
        let relations = session.policy.relations.iter().enumerate();
        let of_verdicts = relations
            .filter(|(_, relation)| relation.kind == Kind::Declared(RelationKind::Verdict));
        let tables = of_verdicts
            .map(|(at, _)| VerdictTable::of(session.context(), RelationId(at as u32), verdicts));
        let tables: Vec<VerdictTable<'_>> = tables.collect();
        match self {
            Tables::Folder(folder) => {
                fs::create_dir_all(folder)?;
                tables.iter().try_for_each(|table| {
                    let file = folder.join(format!("{}.csv", table.name()));
                    write_whole(&file, table.to_csv(false).as_bytes())
                })
            }
            Tables::Database(file) => {
                write_whole_at(file, |begun, _| fill_database(begun, &tables))
            }
        }
    }
}

/// Whether something was read of just this file.
fn is_read(session: &Session, file: &Path) -> bool {
    let Ok(wanted) = file.canonicalize() else {
        return false;
    };
    session.sources.files().any(|(_, source)| {
        let whole = PathBuf::from(&source.name).canonicalize();
        let table = source.name.rsplit_once(", table ");
        let of_table = table.map(|(name, _)| PathBuf::from(name).canonicalize());
        let mut names = whole.into_iter().chain(of_table.into_iter().flatten());
        names.any(|name| name == wanted)
    })
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

fn over_facts(file: &str) -> Diagnostic {
    let message = format!("the verdicts cannot be written to `{file}`: this run reads that file");
    Diagnostic::error("E0711", message).help("name another file with --out")
}

fn in_use(file: &str, log: &str) -> Diagnostic {
    let message = format!("`{file}` cannot be replaced: another program is at work on it");
    Diagnostic::error("E0712", message).help(format!(
        "`{log}` stands beside it: end that program, or name another file with --out"
    ))
}
