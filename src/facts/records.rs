//! The rows of a piece of CSV, cell by cell.

use super::chunks::line_ends;
use crate::source::{LONGEST_LINE, LongRow};
use memchr::memchr;

/// Stands where bytes are no text: a sign that no text has.
pub(super) const NO_TEXT: char = '\u{FFFF}';

/// Takes rows apart, one after the other.
pub(super) struct Records<'t> {
    text: &'t str,
    separator: u8,
    at: usize,
    /// Line ends so far.
    ends: u32,
    /// The cells of the row, by where they stand.
    cells: Vec<Found>,
    /// The cells that stand in quotes, without them.
    unquoted: String,
    /// The line of the first quote that goes wrong: the cell would be another one than was meant.
    wrong_quote: Option<u32>,
    too_long: Option<LongRow>,
    /// Whether all of it is text.
    is_text: bool,
}

/// From where to where a cell goes, and whether in `unquoted`.
#[derive(Clone, Copy)]
struct Found {
    start: usize,
    end: usize,
    is_unquoted: bool,
}

impl<'t> Records<'t> {
    pub(super) fn new(text: &'t str, separator: u8) -> Records<'t> {
        Records {
            text,
            separator,
            at: 0,
            ends: 0,
            cells: Vec::new(),
            unquoted: String::new(),
            wrong_quote: None,
            too_long: None,
            is_text: !text.contains(NO_TEXT),
        }
    }

    /// Goes to the next row that has something in it: the line on which it starts, from 1.
    pub(super) fn next(&mut self) -> Option<u32> {
        let bytes = self.text.as_bytes();
        while let Some(b'\n' | b'\r') = bytes.get(self.at) {
            self.ends += u32::from(bytes[self.at] == b'\n');
            self.at += 1;
        }
        if self.at == bytes.len() || self.too_long.is_some() {
            return None;
        }
        let (start, line) = (self.at, self.ends + 1);
        self.cells.clear();
        self.unquoted.clear();
        let mut opened = None;
        loop {
            match bytes.get(self.at) {
                Some(b'"') => {
                    opened = Some(self.ends + 1);
                    self.quoted();
                }
                _ => self.bare(),
            }
            match bytes.get(self.at) {
                Some(byte) if *byte == self.separator => self.at += 1,
                // The end of the row, of one line or more.
                _ => break,
            }
        }
        if self.at - start > LONGEST_LINE {
            let open_quote = opened.filter(|_| self.ends + 1 > line);
            self.too_long = Some(LongRow { line, open_quote });
            return None;
        }
        Some(line)
    }

    fn bare(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let separator = self.separator;
        let is_end = |byte: &u8| *byte == separator || matches!(byte, b'\n' | b'\r');
        let end = self.at + rest.iter().position(is_end).unwrap_or(rest.len());
        self.cells.push(Found {
            start: self.at,
            end,
            is_unquoted: false,
        });
        self.at = end;
    }

    fn quoted(&mut self) {
        let (bytes, line) = (self.text.as_bytes(), self.ends + 1);
        let start = self.unquoted.len();
        self.at += 1;
        loop {
            let rest = &bytes[self.at..];
            let Some(length) = memchr(b'"', rest) else {
                // It is open up to the end of the file.
                self.wrong_quote.get_or_insert(line);
                self.take(rest.len());
                break;
            };
            self.take(length);
            self.at += 1;
            match bytes.get(self.at) {
                Some(b'"') => {
                    self.unquoted.push('"');
                    self.at += 1;
                }
                Some(byte) if *byte != self.separator && !matches!(byte, b'\n' | b'\r') => {
                    self.wrong_quote.get_or_insert(line);
                    self.bare();
                    if let Some(more) = self.cells.pop() {
                        self.unquoted.push_str(&self.text[more.start..more.end]);
                    }
                    break;
                }
                _ => break,
            }
        }
        self.cells.push(Found {
            start,
            end: self.unquoted.len(),
            is_unquoted: true,
        });
    }

    /// Puts what comes next among what stands in quotes.
    fn take(&mut self, length: usize) {
        let part = &self.text[self.at..self.at + length];
        self.ends += line_ends(part.as_bytes());
        self.unquoted.push_str(part);
        self.at += length;
    }

    /// How many cells the row has.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether all cells of the row are text.
    pub(super) fn is_text(&self) -> bool {
        self.is_text || !self.cells().any(|cell| cell.contains(NO_TEXT))
    }

    /// The cells of the row.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(|found| match found.is_unquoted {
            true => &self.unquoted[found.start..found.end],
            false => &self.text[found.start..found.end],
        })
    }

    /// Whether nothing stands behind the row.
    pub(super) fn is_over(&self) -> bool {
        self.at == self.text.len()
    }

    /// To be asked when all has been read: how many line ends there are.
    pub(super) fn ends(&self) -> u32 {
        self.ends
    }

    /// To be asked when all has been read: the line of the first quote that goes wrong.
    pub(super) fn wrong_quote(&self) -> Option<u32> {
        self.wrong_quote
    }

    /// The row that was longer than any may be, if that is why there are no more.
    pub(super) fn too_long(&self) -> Option<LongRow> {
        self.too_long
    }
}

/// A piece as text; what is none is told by a sign in its place.
pub(super) fn text_of(piece: Vec<u8>) -> String {
    String::from_utf8(piece).unwrap_or_else(|wrong| {
        let bytes = wrong.as_bytes();
        let chunks = bytes.utf8_chunks().flat_map(|chunk| {
            let bad = (!chunk.invalid().is_empty()).then_some(NO_TEXT);
            chunk.valid().chars().chain(bad)
        });
        chunks.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> (Vec<(u32, Vec<String>)>, Option<u32>) {
        let mut records = Records::new(text, b',');
        let mut rows = Vec::new();
        while let Some(line) = records.next() {
            rows.push((line, records.cells().map(str::to_owned).collect()));
        }
        (rows, records.wrong_quote())
    }

    fn cells(line: u32, cells: &[&str]) -> (u32, Vec<String>) {
        (line, cells.iter().map(|cell| cell.to_string()).collect())
    }

    #[test]
    fn cells_rows_and_lines_are_told_apart_whatever_ends_a_line() {
        let text = "a,,\"b,c\"\n\n\"d \"\"e\"\"\",\"f\ng\",h \"i\"\n,\n\"\"";
        let expected = vec![
            cells(1, &["a", "", "b,c"]),
            cells(3, &["d \"e\"", "f\ng", "h \"i\""]),
            cells(5, &["", ""]),
            cells(6, &[""]),
        ];
        assert_eq!(rows(text), (expected, None));
        let windows = rows(&"a,b\n\nc,d\n".replace('\n', "\r\n"));
        assert_eq!(windows.0, [cells(1, &["a", "b"]), cells(3, &["c", "d"])]);
        assert_eq!(rows("a\rb").0, [cells(1, &["a"]), cells(1, &["b"])]);
        assert_eq!(rows("\n\r\n").0, []);
    }

    #[test]
    fn a_quote_that_swallows_what_follows_is_found() {
        assert_eq!(rows("1,\"x, \"\"y\"\"\n\"\r\n,\"\"\n").1, None);
        assert_eq!(rows("1,x \"y\"\n").1, None);
        assert_eq!(rows("a\n1,\"x\r\n2,y\r\n").1, Some(2));
        let stray = rows("a\n\"x\" or \"y\",2\nz,1\n");
        assert_eq!(stray.0[1], cells(2, &["x or \"y\"", "2"]));
        assert_eq!((stray.0.len(), stray.1), (3, Some(2)));
    }

    #[test]
    fn what_is_no_text_is_told_by_a_sign() {
        assert_eq!(text_of(b"a\xFFb,\xC3\n".to_vec()), "a\u{FFFF}b,\u{FFFF}\n");
        assert_eq!(text_of("ä".into()), "ä");
    }
}
