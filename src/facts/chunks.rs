//! A file cut into pieces of whole rows, so that several may be read at a time and none has to be kept.

use crate::source::{LONGEST_LINE, LongRow};
use std::io::{self, ErrorKind, Read};

/// How large a piece is, in bytes, unless a row is larger.
const PIECE: usize = 1 << 20;

/// What keeps a file from being read to its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// The disk, or what unpacks the file.
    Unreadable(io::Error),
    /// A row is longer than any may be.
    TooLong(LongRow),
    /// There is more than may be kept; the line up to which it was read.
    TooMuch(u32),
    /// There is no room for rows that cannot be used.
    NotSetAside(io::Error),
}

/// Where rows end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// At the end of each line.
    Lines,
    /// At the end of a line that is not in quotes.
    Table { separator: u8 },
}

/// The pieces of an input, one after the other; a byte-order mark at its start is left out.
pub(super) struct Chunks<R> {
    input: R,
    /// What was read and not given out.
    rest: Vec<u8>,
    has_ended: bool,
    /// Line ends in what was given out.
    lines: u32,
    /// How much of what was given out last is blank.
    blank: usize,
}

impl<R: Read> Chunks<R> {
    /// Reads the first piece.
    pub(super) fn new(input: R) -> Result<Chunks<R>, Stop> {
        let mut chunks = Chunks {
            input,
            rest: Vec::new(),
            has_ended: false,
            lines: 0,
            blank: 0,
        };
        chunks.fill(PIECE)?;
        if chunks.rest.starts_with("\u{FEFF}".as_bytes()) {
            chunks.rest.drain(..3);
        }
        Ok(chunks)
    }

    /// What comes next, as far as it was read.
    pub(super) fn ahead(&self) -> &[u8] {
        &self.rest
    }

    /// The next whole rows; `None`: there are no more.
    pub(super) fn next(&mut self, cut: Cut) -> Result<Option<Vec<u8>>, Stop> {
        let mut wanted = PIECE;
        loop {
            self.fill(wanted)?;
            if self.rest.is_empty() {
                return Ok(None);
            }
            let (end, open) = match self.has_ended {
                true => (self.rest.len(), None),
                false => last_end(&self.rest, cut),
            };
            if end > 0 {
                let behind = self.rest.split_off(end);
                let piece = std::mem::replace(&mut self.rest, behind);
                // There may be blank lines, but not without an end.
                match piece.iter().all(|byte| matches!(byte, b'\n' | b'\r')) {
                    true => self.blank += piece.len(),
                    false => self.blank = 0,
                }
                if self.blank > LONGEST_LINE {
                    let (line, open_quote) = (self.lines + 1, None);
                    return Err(Stop::TooLong(LongRow { line, open_quote }));
                }
                self.lines += line_ends(&piece);
                return Ok(Some(piece));
            }
            if self.rest.len() > LONGEST_LINE {
                let blank = self.rest.iter().position(|it| !matches!(it, b'\n' | b'\r'));
                let blank = &self.rest[..blank.unwrap_or(0)];
                return Err(Stop::TooLong(LongRow {
                    line: self.lines + line_ends(blank) + 1,
                    open_quote: open.map(|at| self.lines + line_ends(&self.rest[..at]) + 1),
                }));
            }
            wanted = self.rest.len() + PIECE;
        }
    }

    fn fill(&mut self, wanted: usize) -> Result<(), Stop> {
        while self.rest.len() < wanted && !self.has_ended {
            let more = (wanted - self.rest.len()) as u64;
            let read = (&mut self.input).take(more).read_to_end(&mut self.rest);
            match read {
                Ok(count) => self.has_ended = count == 0,
                Err(reason) if reason.kind() == ErrorKind::Interrupted => {}
                Err(reason) => return Err(Stop::Unreadable(reason)),
            }
        }
        Ok(())
    }
}

/// How many line ends.
pub(super) fn line_ends(bytes: &[u8]) -> u32 {
    memchr::memchr_iter(b'\n', bytes).count() as u32
}

/// Where the last row ends that is there to its end (0: none is), and the quote that is open behind it.
fn last_end(bytes: &[u8], cut: Cut) -> (usize, Option<usize>) {
    let quoted = match cut {
        Cut::Lines => None,
        Cut::Table { separator } => memchr::memchr(b'"', bytes).map(|_| separator),
    };
    let Some(separator) = quoted else {
        let last = memchr::memrchr(b'\n', bytes);
        // Old files have nothing but `\r`; where a `\n` may follow it is told by what comes next.
        let last = last.or_else(|| match cut {
            Cut::Lines => None,
            Cut::Table { .. } => memchr::memrchr(b'\r', bytes),
        });
        return (last.map_or(0, |at| at + 1), None);
    };
    let mut quoting = Quoting::Start;
    let (mut end, mut opened) = (0, 0);
    for (at, byte) in bytes.iter().enumerate() {
        let is_line_end = matches!(byte, b'\n' | b'\r');
        quoting = match (quoting, byte) {
            (Quoting::Start, b'"') => {
                opened = at;
                Quoting::Quoted
            }
            (Quoting::Quoted, b'"') => Quoting::Behind,
            (Quoting::Behind, b'"') | (Quoting::Quoted, _) => Quoting::Quoted,
            _ if is_line_end => {
                end = at + 1;
                Quoting::Start
            }
            (_, byte) if *byte == separator => Quoting::Start,
            (Quoting::Start | Quoting::Bare | Quoting::Behind, _) => Quoting::Bare,
        };
    }
    (end, (quoting == Quoting::Quoted).then_some(opened))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// At the start of a value.
    Start,
    /// In a value without quotes, or behind its closing quote.
    Bare,
    /// In quotes.
    Quoted,
    /// Behind a quote in quotes: it closes them, or a second one stands for itself.
    Behind,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Cut = Cut::Table { separator: b',' };

    fn pieces(input: impl Read) -> Result<Vec<Vec<u8>>, LongRow> {
        let told = |stop| match stop {
            Stop::TooLong(row) => row,
            other => panic!("{other:?}"),
        };
        let mut chunks = Chunks::new(input).map_err(told)?;
        let mut pieces = Vec::new();
        while let Some(piece) = chunks.next(TABLE).map_err(told)? {
            pieces.push(piece);
        }
        Ok(pieces)
    }

    #[test]
    fn a_file_is_cut_between_rows_and_nothing_is_lost() {
        let row = "one,\"two\nlines, \"\"and\"\" quotes\",three\r\n";
        let text = row.repeat(3 * PIECE / row.len());
        let pieces = pieces(text.as_bytes()).expect("it can be cut");
        assert!(pieces.len() > 2);
        assert!(
            pieces
                .iter()
                .all(|piece| piece.starts_with(b"one,") || piece.starts_with(b"\none,"))
        );
        assert_eq!(pieces.concat(), text.as_bytes());
    }

    #[test]
    fn a_row_without_an_end_is_told_with_its_line() {
        let told = |text: &[u8], rest: u8| pieces(text.chain(io::repeat(rest)));
        let row = |line, open_quote| Err(LongRow { line, open_quote });
        assert_eq!(told(b"", 0), row(1, None));
        assert_eq!(told(b"a,b\r\n1,2\r\n3,", b'x'), row(3, None));
        assert_eq!(told(b"a,b\n1,2\n\"3\n,", b'x'), row(3, Some(3)));
        assert!(told(b"a,b\n1,2\n", b'\n').is_err());
    }
}
