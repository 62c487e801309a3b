//! The line on which a record starts, which the CSV reader does not tell rightly for Windows line ends and blank lines.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read};
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
        Ok(count)
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
    fn a_quote_that_swallows_what_follows_is_found() {
        assert_eq!(wrong_quote("a,b\n1,\"x, \"\"y\"\"\n\"\r\n,\"\"\n"), None);
        assert_eq!(wrong_quote("a,b\n1,x \"y\"\n"), None);
        assert_eq!(wrong_quote("a,b\r\n1,\"x\r\n2,y\r\n"), Some(2));
        assert_eq!(wrong_quote("a,b\n\"x\"y,2\n"), Some(2));
        assert_eq!(wrong_quote("\u{FEFF}\"a\",b\n1,\""), Some(2));
    }
}
