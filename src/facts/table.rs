//! CSV and TSV: the first row names the columns, in any order.

use super::cell::Cell;
use super::error::{self, Slip};
use super::records::{NO_TEXT, Records, text_of};
use super::row::{Column, Rows};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, LONGEST_LINE, LongRow, Place};

/// What may separate columns, where the first row shows it.
const SEPARATORS: [u8; 4] = [b';', b'\t', b'|', b','];

/// The first row.
pub(super) struct Header {
    pub separator: u8,
    pub names: Vec<String>,
    /// `None`: nothing is read of that column.
    columns: Vec<Option<Column>>,
}

impl Header {
    /// Finds it at the start of a file; or what is wrong with it. `separator`: the one that the file's name promises.
    pub(super) fn new(
        rows: &Rows<'_>,
        start: &[u8],
        separator: u8,
        (name, file): (&str, FileId),
    ) -> Result<Header, Vec<Diagnostic>> {
        let text = text_of(start.to_vec());
        let mut records = Records::new(&text, separator);
        let Some(line) = records.next() else {
            return Err(vec![match records.too_long() {
                Some(row) => error::long_row(row, file),
                None => error::empty_file(name, Place::Record { file, line: 1 }),
            }]);
        };
        // As much was read as a row may have.
        if records.is_over() && start.len() >= LONGEST_LINE {
            let open_quote = records.wrong_quote();
            return Err(vec![error::long_row(LongRow { line, open_quote }, file)]);
        }
        let mut separator = separator;
        let names: Vec<&str> = records.cells().collect();
        // One column that no field has may be several that another sign separates.
        if let [one] = names[..]
            && rows.column(one.trim()).is_none()
        {
            let is_there = |sign: &u8| one.as_bytes().contains(sign);
            separator = SEPARATORS.into_iter().find(is_there).unwrap_or(separator);
        }
        let mut records = Records::new(&text, separator);
        records.next();
        let names: Vec<String> = records.cells().map(|it| it.trim().to_owned()).collect();
        let slip = if records.wrong_quote().is_some() {
            Some(Slip::wrong_quote())
        } else {
            let is_no_text = names.iter().any(|name| name.contains(NO_TEXT));
            is_no_text.then(Slip::not_text)
        };
        if let Some(slip) = slip {
            let place = Place::Record { file, line };
            return Err(vec![slip.to_diagnostic(place, None)]);
        }
        let shown: Vec<&str> = names.iter().map(String::as_str).collect();
        let columns = rows.header(&shown, line)?;
        Ok(Header {
            separator,
            names,
            columns,
        })
    }

    /// The names of columns of which nothing is read.
    pub(super) fn ignored(&self) -> impl Iterator<Item = &str> {
        let pairs = self.names.iter().zip(&self.columns);
        pairs.filter_map(|(name, column)| column.is_none().then_some(name.as_str()))
    }

    /// Reads the rows of a piece; the first piece has the header.
    pub(super) fn rows(&self, rows: &mut Rows<'_>, piece: Vec<u8>, is_first: bool) {
        let text = text_of(piece);
        let mut records = Records::new(&text, self.separator);
        if is_first {
            records.next();
        }
        while let Some(line) = records.next() {
            self.row(rows, &records, line);
        }
        let piece = rows.piece();
        piece.has_rows = true;
        piece.ends = records.ends();
        piece.wrong_quote = records.wrong_quote();
        piece.too_long = records.too_long();
    }

    fn row(&self, rows: &mut Rows<'_>, records: &Records<'_>, line: u32) {
        let columns = self.columns.len();
        let made = if records.len() != columns {
            Err(vec![Slip::wrong_number_of_cells(records.len(), columns)])
        } else if !records.is_text() {
            Err(vec![Slip::not_text()])
        } else {
            let cells = records.cells().enumerate().zip(&self.columns);
            let given = cells.filter_map(|((at, text), column)| {
                let cell = match is_blank(text) {
                    true => Cell::Empty,
                    false => Cell::Words(text),
                };
                Some(((*column)?, at + 1, self.names[at].as_str(), cell))
            });
            rows.row(given, line)
        };
        if let Err(slips) = made {
            rows.refuse(slips, line, || {
                let mut cells: Vec<String> = records.cells().map(str::to_owned).collect();
                let more = cells.split_off(cells.len().min(columns));
                (cells, more.join(&char::from(self.separator).to_string()))
            });
        }
    }
}

fn is_blank(text: &str) -> bool {
    match text.as_bytes().first() {
        None => true,
        Some(first) if first.is_ascii_graphic() => false,
        Some(_) => text.trim().is_empty(),
    }
}
