//! A table of symbols in a saved run.

use super::{
    Code, DATE, Entry, Kept, LENGTH_BITS, LONGEST, MEMBER, SPECIAL, Symbol, Symbols, TRUE,
};
use super::{days_after_first, is_symbol};
use crate::value::LAST_DAY;
use crate::value::packed::{Packing, Unpacking};
use std::io;
use std::sync::Arc;

impl Symbols {
    /// Keeps its own values in their order; those of the table beneath are left out.
    pub fn pack(&self, to: &mut Packing<'_>) -> io::Result<()> {
        let short = |entry: &Entry| (entry.bytes().len() << 2) as u32 | entry.kept() as u32;
        let lengths: Vec<u32> = self.entries.iter().map(short).collect();
        to.words(&lengths)?;
        to.text(&self.bytes)?;
        self.others.iter().try_for_each(|value| to.value(value))
    }

    /// The table that was kept, over the same one.
    pub fn unpack(from: &mut Unpacking<'_>, base: Option<Arc<Symbols>>) -> Option<Symbols> {
        let lengths = from.words()?;
        let mut rest = from.text()?;
        let mut symbols = base.map(Symbols::over).unwrap_or_default();
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
        words.iter().all(|code| match *code {
            code if is_symbol(code) => (code as usize) < self.len(),
            SPECIAL.. => *code <= TRUE,
            MEMBER.. => true,
            DATE.. => *code < behind_last_day,
            _ => true,
        })
    }
}

const _: () = assert!(LENGTH_BITS + 2 <= u32::BITS);
