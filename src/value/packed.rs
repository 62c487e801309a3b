//! Words, texts and values as bytes one behind the other, as a saved run keeps them. What is read back is not believed: every
//! length is held against what there is.

use super::{Number, Range, Value};
use jiff::civil::Date;
use std::io::{self, Write};
use std::sync::Arc;

/// How many words are made bytes at a time.
const AT_ONCE: usize = 1 << 14;

/// Takes what is to be kept.
pub struct Packing<'w> {
    out: &'w mut dyn Write,
}

/// Gives it back in the same order. `None`, of whatever is asked for: that is not what stands there.
pub struct Unpacking<'b> {
    rest: &'b [u8],
}

impl<'w> Packing<'w> {
    /// It all comes to this.
    pub fn new(out: &'w mut dyn Write) -> Packing<'w> {
        Packing { out }
    }

    /// A number.
    pub fn number(&mut self, number: u64) -> io::Result<()> {
        self.out.write_all(&number.to_le_bytes())
    }

    /// A text.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.number(text.len() as u64)?;
        self.out.write_all(text.as_bytes())
    }

    /// Many words.
    pub fn words(&mut self, words: &[u32]) -> io::Result<()> {
        self.number(words.len() as u64)?;
        for some in words.chunks(AT_ONCE) {
            let bytes: Vec<u8> = some.iter().flat_map(|word| word.to_le_bytes()).collect();
            self.out.write_all(&bytes)?;
        }
        Ok(())
    }

    /// A value.
    pub fn value(&mut self, value: &Value) -> io::Result<()> {
        match value {
            Value::None => self.number(0),
            Value::Unknown => self.number(1),
            Value::Bool(truth) => self.number(if *truth { 3 } else { 2 }),
            Value::Date(date) => self.named(4, &date.to_string()),
            Value::Member(at) => self.number(5).and_then(|()| self.number(u64::from(*at))),
            Value::Number(number) => self.named(6, &number.to_string()),
            Value::Name(name) => self.named(7, name),
            Value::Text(text) => self.named(8, text),
            Value::Redacted(digest) => self.named(9, digest),
            Value::Range(range) => {
                self.number(10)?;
                [&range.low, &range.high].into_iter().try_for_each(|bound| {
                    self.number(u64::from(bound.is_some()))?;
                    bound.iter().try_for_each(|bound| self.value(bound))
                })
            }
        }
    }

    fn named(&mut self, kind: u64, text: &str) -> io::Result<()> {
        self.number(kind)?;
        self.text(text)
    }
}

impl<'b> Unpacking<'b> {
    /// It is all here.
    pub fn new(bytes: &'b [u8]) -> Unpacking<'b> {
        Unpacking { rest: bytes }
    }

    /// Whether there is nothing more.
    pub fn is_over(&self) -> bool {
        self.rest.is_empty()
    }

    /// A number.
    pub fn number(&mut self) -> Option<u64> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u64::from_le_bytes(*bytes))
    }

    /// A number of things that are counted in the memory of this machine.
    pub fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    /// A text.
    pub fn text(&mut self) -> Option<&'b str> {
        let length = self.count()?;
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    /// Many words.
    pub fn words(&mut self) -> Option<Vec<u32>> {
        let length = self.count()?.checked_mul(size_of::<u32>())?;
        let (words, _) = self.bytes(length)?.as_chunks();
        Some(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }

    /// A value.
    pub fn value(&mut self) -> Option<Value> {
        match self.number()? {
            10 => {
                let (low, high) = (self.bound()?, self.bound()?);
                Some(Value::Range(Arc::new(Range { low, high })))
            }
            kind => self.single(kind),
        }
    }

    fn single(&mut self, kind: u64) -> Option<Value> {
        Some(match kind {
            0 => Value::None,
            1 => Value::Unknown,
            2 | 3 => Value::Bool(kind == 3),
            4 => Value::Date(self.text()?.parse::<Date>().ok()?),
            5 => Value::Member(u32::try_from(self.number()?).ok()?),
            6 => Value::Number(Number::from_text(self.text()?)?),
            7 => Value::Name(self.text()?.into()),
            8 => Value::Text(self.text()?.into()),
            9 => Value::Redacted(self.text()?.into()),
            _ => return None,
        })
    }

    /// A bound has no bounds of its own.
    fn bound(&mut self) -> Option<Option<Value>> {
        match self.number()? {
            0 => Some(None),
            _ => {
                let kind = self.number()?;
                self.single(kind).map(Some)
            }
        }
    }

    fn bytes(&mut self, length: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(values: &[Value]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut packing = Packing::new(&mut bytes);
        packing.words(&[7, u32::MAX]).expect("there is memory");
        for value in values {
            packing.value(value).expect("there is memory");
        }
        bytes
    }

    #[test]
    fn what_was_packed_comes_back_and_what_was_cut_off_does_not() {
        let number = |text: &str| Value::Number(Number::from_text(text).expect("a number"));
        let values = [
            Value::None,
            Value::Bool(true),
            Value::Date(crate::value::FIRST_DAY),
            Value::Member(3),
            number("-1/3"),
            number("123456789012345678901234567890.5"),
            Value::Name("é".into()),
            Value::between(Some(number("2")), None),
        ];
        let bytes = packed(&values);
        let read = |bytes: &[u8]| {
            let mut unpacking = Unpacking::new(bytes);
            assert_eq!(unpacking.words()?, [7, u32::MAX]);
            let all: Option<Vec<Value>> = values.iter().map(|_| unpacking.value()).collect();
            all.filter(|_| unpacking.is_over())
        };
        assert_eq!(read(&bytes), Some(values.to_vec()));
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end]), None, "{end}");
        }
    }

    #[test]
    fn a_length_without_an_end_takes_no_memory() {
        let bytes = [[u8::MAX; 8], [0; 8]].concat();
        assert_eq!(Unpacking::new(&bytes).words(), None);
        assert_eq!(Unpacking::new(&bytes).text(), None);
    }
}
