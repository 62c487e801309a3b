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
}

/// Passes bytes on, without a byte-order mark, and notes the ends of lines.
pub struct LineReader<R> {
    inner: R,
    offset: u64,
    lines: Rc<RefCell<Lines>>,
}

impl<R: Read> LineReader<R> {
    /// Begins at the start of a file; the lines are to be asked while it is read.
    pub fn new(mut inner: R) -> io::Result<(LineReader<impl Read>, Rc<RefCell<Lines>>)> {
        let mut start = Vec::new();
        inner.by_ref().take(3).read_to_end(&mut start)?;
        if start == "\u{FEFF}".as_bytes() {
            start.clear();
        }
        let lines = Rc::new(RefCell::new(Lines::default()));
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
