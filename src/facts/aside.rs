//! Rows that cannot be used, set aside in a file of their own: as they were given, with where they stood and why.

use crate::source::write_whole_with;
use csv::{ByteRecord, ReaderBuilder, WriterBuilder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

/// What stands in front of each row that was set aside, and behind it.
const FILE: &str = "_file";
const ROW: &str = "_row";
const REASON: &str = "_reason";
/// The column for what has none: a line of JSON, or more cells than the first row has.
const REST: &str = "_rest";

/// A row that cannot be used.
pub(super) struct BadRow {
    pub line: u32,
    /// As given: a cell a column.
    pub cells: Vec<String>,
    /// What has no column.
    pub rest: String,
    /// Why, in words.
    pub reason: String,
}

/// Rows set aside so far; they wait on the disk, since there may be very many.
pub struct Aside {
    target: PathBuf,
    /// By file, in the order in which they were read.
    files: Vec<OfFile>,
}

/// What was set aside, as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// The file in which the rows stand.
    pub to: String,
    /// How many rows of each file.
    pub of: Vec<(String, usize)>,
}

impl SetAside {
    /// How many rows.
    pub fn rows(&self) -> usize {
        self.of.iter().map(|(_, rows)| rows).sum()
    }
}

struct OfFile {
    name: String,
    columns: Vec<String>,
    rows: usize,
    waiting: csv::Writer<BufWriter<File>>,
}

impl Aside {
    /// None yet; they are to come to that file.
    pub fn new(target: &Path) -> Aside {
        Aside {
            target: target.to_owned(),
            files: Vec::new(),
        }
    }

    /// What was set aside.
    pub fn told(&self) -> SetAside {
        let files = self.files.iter();
        SetAside {
            to: self.target.display().to_string(),
            of: files.map(|file| (file.name.clone(), file.rows)).collect(),
        }
    }

    /// The file to which they come.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Whether they are to come to just this file.
    pub(super) fn is(&self, path: &Path) -> bool {
        let same = self
            .target
            .canonicalize()
            .ok()
            .zip(path.canonicalize().ok());
        same.is_some_and(|(target, path)| target == path)
    }

    /// Sets rows of a file aside that has these columns.
    pub(super) fn add(
        &mut self,
        name: &str,
        columns: &[String],
        rows: &[BadRow],
    ) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        if self.files.last().is_none_or(|file| file.name != name) {
            let waiting = BufWriter::new(tempfile::tempfile()?);
            self.files.push(OfFile {
                name: name.to_owned(),
                columns: columns.to_vec(),
                rows: 0,
                waiting: WriterBuilder::new().flexible(true).from_writer(waiting),
            });
        }
        let Some(file) = self.files.last_mut() else {
            return Ok(());
        };
        for row in rows {
            let line = row.line.to_string();
            let known = [line.as_str(), &row.reason, &row.rest].into_iter();
            let cells = row.cells.iter().map(String::as_str);
            let written = file.waiting.write_record(known.chain(cells));
            written.map_err(of_the_disk)?;
        }
        file.rows += rows.len();
        Ok(())
    }

    /// Writes them all, whole or not at all.
    ///
    /// The columns are those of the files, each once, with `_file`, `_row` and `_reason` behind them: so that the rows can be mended
    /// there and given again.
    pub fn write(&mut self) -> io::Result<()> {
        let mut header: Vec<String> = Vec::new();
        let mut at: BTreeMap<Column, usize> = BTreeMap::new();
        for column in self.files.iter().flat_map(|file| told_apart(&file.columns)) {
            let is_ours = [FILE, ROW, REASON, REST].contains(&column.0.as_str());
            if !is_ours && !at.contains_key(&column) {
                header.push(column.0.clone());
                at.insert(column, header.len() - 1);
            }
        }
        let width = header.len();
        header.extend([FILE, ROW, REASON, REST].map(str::to_owned));
        let (target, files) = (&self.target, &mut self.files);
        write_whole_with(target, |out| {
            let mut writer = csv::Writer::from_writer(out);
            writer.write_record(&header).map_err(of_the_disk)?;
            for file in files {
                file.write(&mut writer, &at, width)?;
            }
            writer.flush()
        })
    }
}

/// Rows of any length may be written and read here: only the disk has anything to object to.
fn of_the_disk(problem: csv::Error) -> io::Error {
    match problem.into_kind() {
        csv::ErrorKind::Io(problem) => problem,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// The name of a column, and how many of that name stand before it in its file.
type Column = (String, usize);

/// A wide table may have several columns of one name.
fn told_apart(columns: &[String]) -> Vec<Column> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let columns = columns.iter().map(|column| {
        let count = counts.entry(column).or_default();
        *count += 1;
        (column.clone(), *count - 1)
    });
    columns.collect()
}

impl OfFile {
    /// Writes its rows, each cell into the column that `at` tells; behind the `width` columns come ours.
    fn write(
        &mut self,
        writer: &mut csv::Writer<impl Write>,
        at: &BTreeMap<Column, usize>,
        width: usize,
    ) -> io::Result<()> {
        self.waiting.flush()?;
        let mut waiting = self.waiting.get_ref().get_ref();
        waiting.rewind()?;
        let mut rows = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(BufReader::new(waiting));
        let columns = told_apart(&self.columns).into_iter();
        let places: Vec<Option<usize>> = columns.map(|it| at.get(&it).copied()).collect();
        let mut row = ByteRecord::new();
        while rows.read_byte_record(&mut row).map_err(of_the_disk)? {
            let mut cells: Vec<&[u8]> = vec![b""; width + 4];
            for (place, cell) in places.iter().zip(row.iter().skip(3)) {
                if let Some(at) = place {
                    cells[*at] = cell;
                }
            }
            let known = [
                Some(self.name.as_bytes()),
                row.get(0),
                row.get(1),
                row.get(2),
            ];
            for (place, cell) in cells[width..].iter_mut().zip(known) {
                *place = cell.unwrap_or_default();
            }
            writer.write_record(cells).map_err(of_the_disk)?;
        }
        Ok(())
    }
}
