//! A table of symbols in a saved run.

use super::series::{Series, number_of, series_of};
use super::{
    Code, DATE, Entry, Kept, LENGTH_BITS, LONGEST, MEMBER, NUMBERED, SMALL, SPECIAL, Symbol,
    Symbols, TRUE,
};
use super::{days_after_first, is_symbol};
use crate::value::LAST_DAY;
use crate::value::packed::{Packing, Unpacking};
use std::io;
use std::sync::Arc;

impl Symbols {
    /// Keeps its own values in their order; those of the table beneath, and the series that both have in common, are left out.
    pub fn pack(&self, to: &mut Packing<'_>) -> io::Result<()> {
        if self.base.is_none() {
            self.series.pack(to)?;
        }
        let short = |entry: &Entry| (entry.bytes().len() << 2) as u32 | entry.kept() as u32;
        let lengths: Vec<u32> = self.entries.iter().map(short).collect();
        to.words(&lengths)?;
        to.text(&self.bytes)?;
        self.others.iter().try_for_each(|value| to.value(value))
    }

    /// The table that was kept, over the same one.
    pub fn unpack(from: &mut Unpacking<'_>, base: Option<Arc<Symbols>>) -> Option<Symbols> {
        let mut symbols = match base {
            Some(base) => Symbols::over(base),
            None => Symbols {
                series: Series::unpack(from)?,
                ..Symbols::default()
            },
        };
        let lengths = from.words()?;
        let mut rest = from.text()?;
        symbols.entries.reserve_exact(lengths.len());
        symbols.bytes.reserve_exact(rest.len());
        symbols
            .codes
            .reserve(lengths.len(), |(head, _)| head.spread());
        for short in lengths {
            let kind = short & 3;
            if kind == Kept::Other as u32 {
                symbols.keep(Symbol::Other(&from.value()?));
                continue;
            }
            let length = (short >> 2) as usize & LONGEST;
            let (words, behind) = rest.split_at_checked(length)?;
            rest = behind;
            symbols.keep(match kind == Kept::Name as u32 {
                true => Symbol::Name(words),
                false => Symbol::Text(words),
            });
        }
        rest.is_empty().then_some(symbols)
    }

    /// Adds a value that is not there.
    fn keep(&mut self, symbol: Symbol<'_>) {
        let head = symbol.head(&self.hasher);
        let code = self.push(symbol);
        self.codes
            .insert_unique(head.spread(), (head, code), |(head, _)| head.spread());
    }

    /// Whether each of these words stands for a value.
    pub fn have(&self, words: &[Code]) -> bool {
        let behind_last_day = DATE + days_after_first(LAST_DAY) + 1;
        let sizes = self.series.sizes();
        words.iter().all(|code| match *code {
            code if is_symbol(code) => (code as usize) < self.len(),
            SPECIAL.. => *code <= TRUE,
            MEMBER.. => true,
            DATE.. => *code < behind_last_day,
            SMALL.. => true,
            NUMBERED.. => {
                let size = sizes.get(series_of(*code));
                size.is_some_and(|size| number_of(*code) < *size)
            }
            _ => false,
        })
    }
}

const _: () = assert!(LENGTH_BITS + 2 <= u32::BITS);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn words_in_series_mean_what_they_meant() {
        let name = |words: &str| Value::Name(words.into());
        let text = |words: &str| Value::Text(words.into());
        let mut symbols = Symbols::default();
        let values = [
            name("e000217"),
            text("e000217"),
            name("acme"),
            name("SHP-2025-0000123"),
            // In no series: there are as many as there may be.
            name("f1"),
        ];
        let words = values.each_ref().map(|value| symbols.encode(value));
        let mut more = Symbols::over(Arc::new(symbols.clone()));
        let late = more.encode(&name("bolt"));
        let mut bytes = Vec::new();
        let mut packing = Packing::new(&mut bytes);
        symbols.pack(&mut packing).expect("there is memory");
        more.pack(&mut packing).expect("there is memory");
        let mut unpacking = Unpacking::new(&bytes);
        let read = Symbols::unpack(&mut unpacking, None).expect("it is whole");
        let read = Arc::new(read);
        let mut read = Symbols::unpack(&mut unpacking, Some(read)).expect("it is whole");
        assert!(unpacking.is_over());
        for (word, value) in words.iter().zip(&values) {
            assert_eq!(read.decode(*word), *value);
            assert_eq!(read.find(value), Some(*word));
            assert_eq!(read.encode(value), *word);
        }
        assert_eq!(read.decode(late), name("bolt"));
        assert!(read.have(&words));
        let (first, behind) = (words[0] - 217, words[0] - 217 + 1_000_000);
        assert!(read.have(&[first, behind - 1]) && !read.have(&[behind]));
        assert!(!read.have(&[SMALL - 1]));
        for end in 0..bytes.len() {
            let mut unpacking = Unpacking::new(&bytes[..end]);
            let read = Symbols::unpack(&mut unpacking, None);
            let read = read.and_then(|it| Symbols::unpack(&mut unpacking, Some(Arc::new(it))));
            assert!(read.is_none(), "{end}");
        }
    }
}
