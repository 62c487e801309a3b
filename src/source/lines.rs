//! The line on which a record starts, which the CSV reader does not tell rightly for Windows line ends and blank lines.

use super::disk::LONGEST_LINE;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};
use std::rc::Rc;

/// Line ends that were read, and not yet passed by a record: offset, and whether it starts a new line.
#[derive(Default)]
pub struct Lines {
    ends: VecDeque<(u64, bool)>,
    passed: u32,
    quotes: Quotes,
}

impl Lines {
    /// The line, from 1, of the record that the reader says to start at this byte. To be asked in the order of the file.
    pub fn line_at(&mut self, byte: u64) -> u32 {
        let mut start = byte;
        while let Some((offset, is_new_line)) = self.ends.front().copied() {
            if offset > start {
                break;
            }
            if offset == start {
                start += 1;
            }
            self.passed += u32::from(is_new_line);
            self.ends.pop_front();
        }
        self.passed + 1
    }

    /// The line of the first quote that goes wrong, to be asked when all has been read: the reader would take all that
    /// follows as one value, and nobody would miss the rows.
    pub fn take_wrong_quote(&mut self) -> Option<u32> {
        std::mem::take(&mut self.quotes).wrong()
    }

    /// The row that was longer than any may be, if that is why no more could be read.
    pub fn too_long(&self) -> Option<LongRow> {
        self.quotes.is_too_long.then_some(LongRow {
            line: self.quotes.row_line + 1,
            open_quote: (self.quotes.state == Quoting::Quoted).then_some(self.quotes.opened),
        })
    }
}

/// A row of more than `LONGEST_LINE` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongRow {
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The line of the quote that was still open.
    pub open_quote: Option<u32>,
}

/// Follows the quotes of a table.
#[derive(Default)]
struct Quotes {
    separator: u8,
    state: Quoting,
    /// Line ends so far.
    ends: u32,
    /// The line on which the value in quotes begins that was read last.
    opened: u32,
    /// The first line on which something stands behind a closing quote.
    stray: Option<u32>,
    /// The bytes since the last row with something in it ended, and the line ends before the row that is read.
    row_bytes: usize,
    row_line: u32,
    has_content: bool,
    is_too_long: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Quoting {
    /// At the start of a value.
    #[default]
    Start,
    /// In a value without quotes.
    Bare,
    /// In quotes.
    Quoted,
    /// Behind a quote in quotes: it closes them, or a second one stands for itself.
    Behind,
}

impl Quotes {
    fn step(&mut self, byte: u8) {
        let is_end = byte == self.separator || matches!(byte, b'\n' | b'\r');
        self.state = match (self.state, byte) {
            (Quoting::Start, b'"') => {
                self.opened = self.ends + 1;
                Quoting::Quoted
            }
            (Quoting::Quoted, b'"') => Quoting::Behind,
            (Quoting::Behind, b'"') | (Quoting::Quoted, _) => Quoting::Quoted,
            (_, _) if is_end => Quoting::Start,
            (Quoting::Behind, _) => {
                self.stray.get_or_insert(self.opened);
                Quoting::Bare
            }
            (Quoting::Start | Quoting::Bare, _) => Quoting::Bare,
        };
        self.ends += u32::from(byte == b'\n');
        let is_line_end = matches!(byte, b'\n' | b'\r');
        if is_line_end && self.state != Quoting::Quoted && self.has_content {
            (self.row_bytes, self.row_line, self.has_content) = (0, self.ends, false);
        } else {
            self.row_bytes += 1;
            if !is_line_end && !self.has_content {
                (self.row_line, self.has_content) = (self.ends, true);
            }
            self.is_too_long |= self.row_bytes > LONGEST_LINE;
        }
    }

    fn wrong(&self) -> Option<u32> {
        let unclosed = (self.state == Quoting::Quoted).then_some(self.opened);
        self.stray.or(unclosed)
    }
}

/// Passes bytes on, without a byte-order mark, and notes the ends of lines.
pub struct LineReader<R> {
    inner: R,
    offset: u64,
    lines: Rc<RefCell<Lines>>,
}

impl<R: Read> LineReader<R> {
    /// Begins at the start of a file; the lines are to be asked while it is read.
    pub fn new(
        mut inner: R,
        separator: u8,
    ) -> io::Result<(LineReader<impl Read>, Rc<RefCell<Lines>>)> {
        let mut start = Vec::new();
        inner.by_ref().take(3).read_to_end(&mut start)?;
        if start == "\u{FEFF}".as_bytes() {
            start.clear();
        }
        let quotes = Quotes {
            separator,
            ..Quotes::default()
        };
        let lines = Rc::new(RefCell::new(Lines {
            quotes,
            ..Lines::default()
        }));
        let reader = LineReader {
            inner: io::Cursor::new(start).chain(inner),
            offset: 0,
            lines: Rc::clone(&lines),
        };
        Ok((reader, lines))
    }
}

impl<R: Read> Read for LineReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut lines = self.lines.borrow_mut();
        for (at, byte) in buffer[..count].iter().enumerate() {
            lines.quotes.step(*byte);
            if matches!(byte, b'\n' | b'\r') {
                lines
                    .ends
                    .push_back((self.offset + at as u64, *byte == b'\n'));
            }
        }
        self.offset += count as u64;
        match lines.quotes.is_too_long {
            true => Err(ErrorKind::FileTooLarge.into()),
            false => Ok(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong_quote(text: &str) -> Option<u32> {
        let (mut input, lines) =
            LineReader::new(text.as_bytes(), b',').expect("a text can be read");
        io::copy(&mut input, &mut io::sink()).expect("a text can be read");
        lines.borrow_mut().take_wrong_quote()
    }

    #[test]
    fn a_row_without_an_end_is_told_with_its_line() {
        let told = |text: &[u8], rest: u8| {
            let endless = text.chain(io::repeat(rest));
            let (mut input, lines) = LineReader::new(endless, b',').expect("it can be read");
            io::copy(&mut input, &mut io::sink()).expect_err("it has no end");
            lines.borrow().too_long()
        };
        let row = |line, open_quote| Some(LongRow { line, open_quote });
        assert_eq!(told(b"", 0), row(1, None));
        assert_eq!(told(b"a,b\r\n1,2\r\n3,", b'x'), row(3, None));
        assert_eq!(told(b"a,b\n1,2\n\"3\n,", b'x'), row(3, Some(3)));
        assert_eq!(told(b"a,b\n1,2\n", b'\n'), row(3, None));
    }

    #[test]
    fn a_quote_that_swallows_what_follows_is_found() {
        assert_eq!(wrong_quote("a,b\n1,\"x, \"\"y\"\"\n\"\r\n,\"\"\n"), None);
        assert_eq!(wrong_quote("a,b\n1,x \"y\"\n"), None);
        assert_eq!(wrong_quote("a,b\r\n1,\"x\r\n2,y\r\n"), Some(2));
        assert_eq!(wrong_quote("a,b\n\"x\"y,2\n"), Some(2));
        assert_eq!(wrong_quote("\u{FEFF}\"a\",b\n1,\""), Some(2));
    }
}
