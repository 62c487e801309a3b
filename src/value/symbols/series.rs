//! Names and texts in series, such as `e000217` or `SHP-2025-0000123`: the word of one says which series and which number,
//! and nothing is looked up.

use super::{Code, Kept};
use crate::value::packed::{Packing, Unpacking};
use hashbrown::HashMap;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

/// How many digits at the end are the number, at most.
const MOST_DIGITS: usize = 7;
/// How many words a series has.
pub(super) const SIZE: Code = 10_000_000;
/// How many series there are at most; all their words fit between the first one and the small whole numbers.
const MOST: usize = if cfg!(test) { 3 } else { 100 };
/// The longest that stands before the number, in bytes.
const LONGEST: usize = 13;
/// The first word of the first series.
pub(super) const FIRST: Code = 0x4000_0000;

/// What one series has in common: its kind, what stands before the number, and how many digits that has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Stem([u8; 16]);

/// The series of a table, which other tables have in common with it. Once there are `MOST`, none is added: so a value is in
/// a series in all of these tables or in none.
#[derive(Clone, Default)]
pub(super) struct Series {
    all: Arc<RwLock<Vec<Stem>>>,
    /// Those that were there when one was last looked for in vain, with their first words.
    known: HashMap<Stem, Code>,
    is_complete: bool,
    /// Whether it is left to the other table to begin series: so they begin in its order, whoever comes first.
    is_beside: bool,
}

/// A name or text that is put together from its word.
#[derive(Default)]
pub(super) struct Spelled {
    bytes: [u8; LONGEST + MOST_DIGITS],
    length: usize,
}

impl Spelled {
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl Stem {
    /// And the number behind it; `None` for what is in no series.
    fn of(kept: Kept, words: &str) -> Option<(Stem, Code)> {
        let bytes = words.as_bytes();
        let last = bytes.iter().rev().take(MOST_DIGITS);
        let digits = last.take_while(|byte| byte.is_ascii_digit()).count();
        let (before, digits) = bytes.split_at(bytes.len() - digits);
        if digits.is_empty() || before.len() > LONGEST {
            return None;
        }
        let mut stem = [0; 16];
        stem[..before.len()].copy_from_slice(before);
        stem[LONGEST..].copy_from_slice(&[before.len() as u8, digits.len() as u8, kept as u8]);
        let number = digits
            .iter()
            .fold(0, |number, digit| number * 10 + Code::from(digit - b'0'));
        Some((Stem(stem), number))
    }

    /// That of a kind, of what stands before the number and of how many digits that has; `None`: there is no such series.
    fn new(kept: Kept, before: &str, digits: usize) -> Option<Stem> {
        let is_one = before.len() <= LONGEST && (1..=MOST_DIGITS).contains(&digits);
        // Digits that stand before the number do so because it has as many as it may.
        let is_cut_right =
            digits == MOST_DIGITS || !before.ends_with(|it: char| it.is_ascii_digit());
        match is_one && is_cut_right {
            true => Stem::of(kept, &format!("{before}{:0digits$}", 0)).map(|(stem, _)| stem),
            false => None,
        }
    }

    fn before(&self) -> &str {
        let bytes = &self.0[..self.0[LONGEST] as usize];
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    fn digits(self) -> usize {
        self.0[LONGEST + 1] as usize
    }

    fn kept(self) -> Kept {
        match self.0[LONGEST + 2] == Kept::Name as u8 {
            true => Kept::Name,
            false => Kept::Text,
        }
    }

    fn spelled(self, mut number: Code) -> Spelled {
        let (before, digits) = (self.0[LONGEST] as usize, self.digits());
        let mut spelled = Spelled {
            length: before + digits,
            ..Spelled::default()
        };
        spelled.bytes[..before].copy_from_slice(&self.0[..before]);
        for at in (before..before + digits).rev() {
            spelled.bytes[at] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        spelled
    }
}

impl Series {
    /// Those of another table, which alone begins new ones.
    pub(super) fn beside(other: &Series) -> Series {
        Series {
            all: Arc::clone(&other.all),
            is_beside: true,
            ..Series::default()
        }
    }

    /// Whether words mean the same in another table.
    pub(super) fn are_those_of(&self, other: &Series) -> bool {
        Arc::ptr_eq(&self.all, &other.all)
    }

    /// The word for a name or text, where it is in a series or begins one.
    pub(super) fn word(&mut self, kept: Kept, words: &str) -> Option<Code> {
        let (stem, number) = Stem::of(kept, words)?;
        let first = match self.known.get(&stem) {
            Some(first) => Some(*first),
            None => self.look_again(stem),
        };
        first.map(|first| first + number)
    }

    /// The word for a name or text, where it is in a series.
    pub(super) fn find(&self, kept: Kept, words: &str) -> Option<Code> {
        let (stem, number) = Stem::of(kept, words)?;
        let known = self.known.get(&stem).copied();
        let first = known.or_else(|| {
            let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
            all.iter().position(|other| *other == stem).map(first_word)
        });
        first.map(|first| first + number)
    }

    /// Of a word in a series: its kind, and how it is written.
    pub(super) fn spelled(&self, code: Code) -> (Kept, Spelled) {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        let stem = all[series_of(code)];
        (stem.kept(), stem.spelled(number_of(code)))
    }

    /// How many words each of them can have, in their order.
    pub(super) fn sizes(&self) -> Vec<Code> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        let sizes = all.iter().map(|stem| 10_u32.pow(stem.digits() as u32));
        sizes.collect()
    }

    /// Keeps them in their order, for a saved run.
    pub(super) fn pack(&self, to: &mut Packing<'_>) -> io::Result<()> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        to.number(all.len() as u64)?;
        all.iter().try_for_each(|stem| {
            to.number(stem.kept() as u64)?;
            to.number(stem.digits() as u64)?;
            to.text(stem.before())
        })
    }

    /// Those that were kept.
    pub(super) fn unpack(from: &mut Unpacking<'_>) -> Option<Series> {
        let mut all = Vec::new();
        for _ in 0..from.count().filter(|count| *count <= MOST)? {
            let kept = match from.number()? {
                0 => Kept::Name,
                1 => Kept::Text,
                _ => return None,
            };
            let digits = from.count()?;
            let stem = Stem::new(kept, from.text()?, digits)?;
            if all.contains(&stem) {
                return None;
            }
            all.push(stem);
        }
        Some(Series {
            all: Arc::new(RwLock::new(all)),
            ..Series::default()
        })
    }

    /// Looks for a series that was not known here, and begins it if that is for this table to do.
    fn look_again(&mut self, stem: Stem) -> Option<Code> {
        if self.is_complete {
            return None;
        }
        if !self.is_beside {
            let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
            if all.len() < MOST && !all.contains(&stem) {
                all.push(stem);
            }
        }
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        if self.known.len() < all.len() {
            let stems = all.iter().enumerate();
            self.known = stems.map(|(at, stem)| (*stem, first_word(at))).collect();
        }
        self.is_complete = all.len() == MOST;
        self.known.get(&stem).copied()
    }
}

fn first_word(at: usize) -> Code {
    FIRST + at as Code * SIZE
}

/// Which series a word is of.
pub(super) fn series_of(code: Code) -> usize {
    ((code - FIRST) / SIZE) as usize
}

/// The number in the series of a word.
pub(super) fn number_of(code: Code) -> Code {
    (code - FIRST) % SIZE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_what_stands_before_numbers_of_so_many_digits() {
        let mut series = Series::default();
        let mut word = |words: &str| series.word(Kept::Name, words);
        let first = word("e000217").expect("a series begins");
        assert_eq!(word("e000218"), Some(first + 1));
        assert_eq!(word("e218"), Some(FIRST + SIZE + 218));
        assert_eq!(word("acme"), None);
        assert_eq!(word("a name that is too long 1"), None);
        assert_eq!(word("2025123456789"), Some(FIRST + 2 * SIZE + 3_456_789));
        // There are as many as there may be.
        assert_eq!(word("f1"), None);
        for (code, words) in [(first, "e000217"), (FIRST + 2 * SIZE + 1, "2025120000001")] {
            let (kept, spelled) = series.spelled(code);
            assert!(kept == Kept::Name && spelled.as_str() == words);
        }
        assert_eq!(series.find(Kept::Name, "e000001"), Some(first - 216));
        assert_eq!(series.find(Kept::Text, "e000001"), None);
    }

    #[test]
    fn a_table_beside_another_has_its_series_and_begins_none() {
        let mut one = Series::default();
        let mut other = Series::beside(&one);
        let a = one.word(Kept::Text, "a1");
        assert_eq!(other.word(Kept::Text, "b1"), None);
        let b = one.word(Kept::Text, "b1");
        assert!(a.is_some() && b.is_some());
        assert_eq!(other.word(Kept::Text, "b1"), b);
        assert_eq!(other.word(Kept::Text, "a1"), a);
        assert!(one.are_those_of(&other) && !one.are_those_of(&Series::default()));
    }
}
