//! CSV and TSV: a row a fact, read as a stream; the first row names the fields, in any order.

use super::cell::Cell;
use super::error::{self, Slip};
use super::row::{Column, Rows};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, LineReader, Place, reason};
use std::io::Read;

/// Reads all rows. What keeps the whole file from being read is the error.
pub(super) fn read(
    rows: &mut Rows<'_>,
    input: impl Read,
    separator: u8,
    name: &str,
    file: FileId,
) -> Result<(), Diagnostic> {
    let (input, lines) = LineReader::new(input, separator)
        .map_err(|problem| error::unreadable(name, &reason(&problem)))?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .from_reader(input);
    let mut record = csv::ByteRecord::new();
    let mut header: Option<Header> = None;
    loop {
        let is_row = reader.read_byte_record(&mut record).map_err(|problem| {
            match lines.borrow().too_long() {
                Some(row) => error::long_row(row, file),
                None => error::unreadable(name, &reason(&problem.into())),
            }
        })?;
        if !is_row {
            break;
        }
        let byte = record.position().map_or(0, csv::Position::byte);
        let line = lines.borrow_mut().line_at(byte);
        match &header {
            Some(header) => header.row(rows, &record, line),
            None => match Header::new(rows, &record, line) {
                Some(first) => header = Some(first),
                None => return Ok(()),
            },
        }
    }
    if let Some(line) = lines.borrow_mut().take_wrong_quote() {
        rows.slip(Slip::wrong_quote(), line);
    }
    match header {
        Some(_) => Ok(()),
        None => Err(error::empty_file(name, Place::Record { file, line: 1 })),
    }
}

/// The first row.
struct Header {
    names: Vec<String>,
    columns: Vec<Column>,
}

impl Header {
    fn new(rows: &mut Rows<'_>, record: &csv::ByteRecord, line: u32) -> Option<Header> {
        let names: Option<Vec<String>> = record
            .iter()
            .map(|cell| Some(std::str::from_utf8(cell).ok()?.trim().to_owned()))
            .collect();
        let Some(names) = names else {
            rows.slip(Slip::not_text(), line);
            return None;
        };
        let shown: Vec<&str> = names.iter().map(String::as_str).collect();
        if let [one] = shown.as_slice()
            && rows.column(one).is_none()
            && let Some(separator) = [';', '\t', '|']
                .into_iter()
                .find(|sign| one.contains(*sign))
        {
            rows.slip(Slip::other_separator(separator), line);
            return None;
        }
        let columns = rows.header(&shown, line)?;
        Some(Header { names, columns })
    }

    fn row(&self, rows: &mut Rows<'_>, record: &csv::ByteRecord, line: u32) {
        if record.len() != self.columns.len() {
            let slip = Slip::wrong_number_of_cells(record.len(), self.columns.len());
            return rows.slip(slip, line);
        }
        let mut cells = Vec::with_capacity(record.len());
        for cell in record {
            match std::str::from_utf8(cell) {
                Ok(text) if text.trim().is_empty() => cells.push(Cell::Empty),
                Ok(text) => cells.push(Cell::Words(text)),
                Err(_) => return rows.slip(Slip::not_text(), line),
            }
        }
        let given = cells
            .into_iter()
            .enumerate()
            .map(|(at, cell)| (self.columns[at], at + 1, self.names[at].as_str(), cell));
        rows.row(given, line);
    }
}
