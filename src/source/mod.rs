//! Where words stand: the texts that were read, and spans in them.

mod disk;
mod lines;

pub use disk::{
    Identity, LONGEST_LINE, amount, drop_unfinished, is_no_ordinary_file, read_file, read_line,
    read_text, read_within, reason, write_whole, write_whole_at, write_whole_with,
};
pub use lines::{LineReader, Lines, LongRow};

use std::fmt;
use std::sync::Arc;

/// One text that was read: a policy file, a file of facts, a command-line argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A stretch of bytes in one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The stretch from the start of `self` to the end of `other`.
    pub fn to(self, other: Span) -> Span {
        Span {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// Where a fact comes from, as a proof cites it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Words in a text, cited as `file:line`.
    Span(Span),
    /// A record of a data file (CSV, JSON), cited as `file:line`; lines count from 1.
    Record {
        /// The data file.
        file: FileId,
        /// The line on which the record starts, from 1.
        line: u32,
    },
    /// None: nobody gave it. It is assumed, to see what would follow.
    Assumed,
}

impl Place {
    /// The text in which the place lies.
    pub fn file(self) -> Option<FileId> {
        match self {
            Place::Span(span) => Some(span.file),
            Place::Record { file, .. } => Some(file),
            Place::Assumed => None,
        }
    }
}

/// A text with its name and the starts of its lines.
#[derive(Clone)]
pub struct SourceFile {
    /// As shown to people: relative to where the user named it, with `/`.
    pub name: String,
    /// The text itself; empty for data files, which are not kept.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
    /// Of a table of a database: where the name of the database ends.
    database: Option<usize>,
    /// Whether it has rows and no lines.
    has_rows: bool,
}

impl SourceFile {
    /// The name of the file on the disk.
    pub fn path(&self) -> &str {
        &self.name[..self.database.unwrap_or(self.name.len())]
    }

    /// Whether it has rows and no lines.
    pub fn has_rows(&self) -> bool {
        self.has_rows
    }

    /// The table in it, if that is what was read.
    pub fn table(&self) -> Option<&str> {
        self.database.map(|end| &self.name[end + TABLE.len()..])
    }
}

/// What stands between the name of a database and that of a table in it.
const TABLE: &str = ", table ";

/// A line and a column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

/// All texts of one session.
#[derive(Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Keeps a text and gives the id by which spans name it.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let text = text.into();
        let line_starts = std::iter::once(0)
            .chain(
                text.bytes()
                    .enumerate()
                    .filter(|(_, byte)| *byte == b'\n')
                    .map(|(at, _)| at as u32 + 1),
            )
            .collect();
        self.files.push(SourceFile {
            name: name.into(),
            text,
            line_starts,
            database: None,
            has_rows: false,
        });
        FileId(self.files.len() as u32 - 1)
    }

    /// Keeps the name of a file that has rows and no lines: its records are cited so.
    pub fn add_rows(&mut self, name: impl Into<String>) -> FileId {
        let id = self.add(name, "");
        self.files[id.0 as usize].has_rows = true;
        id
    }

    /// Keeps the name of a table of a database: its records are rows, and are cited so.
    pub fn add_table(&mut self, database: &str, table: &str) -> FileId {
        let id = self.add_rows(format!("{database}{TABLE}{table}"));
        self.files[id.0 as usize].database = Some(database.len());
        id
    }

    /// `file:line`, `file, row N` or `file, table T, row N`.
    pub fn record(&self, file: FileId, line: u32) -> String {
        let SourceFile { name, has_rows, .. } = self.file(file);
        match has_rows {
            true => format!("{name}, row {line}"),
            false => format!("{name}:{line}"),
        }
    }

    /// The text with that id.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All texts, in the order in which they were read.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files
            .iter()
            .enumerate()
            .map(|(at, file)| (FileId(at as u32), file))
    }

    /// The words of a span.
    pub fn words(&self, span: Span) -> &str {
        self.file(span.file)
            .text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// Line and column of a byte.
    pub fn position(&self, file: FileId, byte: u32) -> Position {
        let file = self.file(file);
        let line = file
            .line_starts
            .partition_point(|start| *start <= byte)
            .max(1);
        let start = file.line_starts[line - 1] as usize;
        let before = file.text.get(start..byte as usize).unwrap_or("");
        Position {
            line: line as u32,
            column: before.chars().count() as u32 + 1,
        }
    }

    /// `file:line`, as proofs and messages cite a place.
    pub fn cite(&self, place: Place) -> String {
        match place {
            Place::Span(span) => {
                let line = self.position(span.file, span.start).line;
                format!("{}:{line}", self.file(span.file).name)
            }
            Place::Record { file, line } => self.record(file, line),
            Place::Assumed => "assumed: nobody has said so".into(),
        }
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.files.iter().map(|file| &file.name))
            .finish()
    }
}
