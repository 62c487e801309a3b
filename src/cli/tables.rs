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
        check(session, file, "--out")?;
        match beside(file) {
            Some(log) => Err(in_use(file, &log)),
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

/// Whether a file may be written that an option names: nothing was read of it.
pub(super) fn check(session: &Session, file: &Path, option: &str) -> Result<(), Diagnostic> {
    let Ok(wanted) = file.canonicalize() else {
        return Ok(());
    };
    let is_it = |name: &str| Path::new(name).canonicalize().is_ok_and(|it| it == wanted);
    let mut read = session.sources.files();
    match read.any(|(_, source)| is_it(source.path())) {
        true => Err(is_read(file, option)),
        false => Ok(()),
    }
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

fn is_read(file: &Path, option: &str) -> Diagnostic {
    let message = format!("`{}` is not written: this run reads it", file.display());
    Diagnostic::error("E0711", message).help(format!("name another file with {option}"))
}

fn in_use(file: &Path, log: &Path) -> Diagnostic {
    let (file, log) = (file.display(), log.display());
    let message = format!("`{file}` cannot be replaced: another program is at work on it");
    Diagnostic::error("E0712", message).help(format!(
        "`{log}` stands beside it: end that program, or name another file with --out"
    ))
}
