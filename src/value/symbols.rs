//! Values as numbers of 32 bits, so that rows are flat and comparing them is comparing words.

mod days;
mod head;
mod kept;
mod per_name;
mod series;

use super::{Date, Number, Value};
pub use days::days_from;
use days::{date_after, days_after_first};
use hashbrown::{DefaultHashBuilder, HashTable};
use head::Head;
pub use per_name::PerName;
use series::{Series, Spelled, series_of};
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

/// A value as a word. Equal words are equal values.
///
/// Small whole numbers, dates and members of sets stand in the word itself, in their order, and so do names and texts in a
/// series; the rest is looked up.
pub type Code = u32;

const NUMBERED: Code = series::FIRST; // 01… : names and texts in a series
const SMALL: Code = 0x8000_0000; // 10… : whole numbers from -2^29 to 2^29 - 1
const DATE: Code = 0xC000_0000; // 110… : days counted from the first that can be written
const MEMBER: Code = 0xE000_0000; // 111… : members, and at the very top what has no type
const SPECIAL: Code = 0xFFFF_FFF0;
const SMALL_ZERO: i64 = 1 << 29;

/// The word for a field that has nothing in it.
pub const NONE: Code = SPECIAL;
/// The word for a value that nobody has given yet.
pub const UNKNOWN: Code = SPECIAL + 1;
const FALSE: Code = SPECIAL + 2;
const TRUE: Code = SPECIAL + 3;

/// The longest name or text that is kept as bytes among others.
const LONGEST: usize = (1 << LENGTH_BITS) - 1;
const LENGTH_BITS: u32 = 22;

/// The values that do not stand in the word itself: those of a table that others share, and more of its own.
#[derive(Clone, Default)]
pub struct Symbols {
    base: Option<Arc<Symbols>>,
    /// The words of the base stand before the own ones.
    first: Code,
    entries: Vec<Entry>,
    bytes: String,
    others: Vec<Value>,
    codes: HashTable<(Head, Code)>,
    hasher: DefaultHashBuilder,
    series: Series,
    /// Whether each value that comes gets a word of its own, one that came before too.
    is_list: bool,
}

/// Values that came to a table one after the other.
#[derive(Default)]
pub struct Added {
    entries: Vec<Entry>,
    bytes: String,
    others: Vec<Value>,
    /// How many bytes and others there were before.
    before: (usize, usize),
}

/// What a word stands for: which kind it is, and where in the bytes (or the list of others) it begins and how long it is.
#[derive(Clone, Copy)]
struct Entry(u64);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kept {
    Name,
    Text,
    Other,
}

impl Entry {
    fn new(kept: Kept, start: usize, length: usize) -> Entry {
        let kind = kept as u64;
        Entry((start as u64) << (LENGTH_BITS + 2) | (length as u64) << 2 | kind)
    }

    fn kept(self) -> Kept {
        match self.0 & 3 {
            0 => Kept::Name,
            1 => Kept::Text,
            _ => Kept::Other,
        }
    }

    fn start(self) -> usize {
        (self.0 >> (LENGTH_BITS + 2)) as usize
    }

    fn bytes(self) -> Range<usize> {
        let length = (self.0 >> 2) as usize & LONGEST;
        self.start()..self.start() + length
    }
}

/// A value that is looked up, without a copy of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Symbol<'a> {
    Name(&'a str),
    Text(&'a str),
    Other(&'a Value),
}

impl<'a> Symbol<'a> {
    fn of(value: &'a Value) -> Symbol<'a> {
        match value {
            Value::Name(name) if name.len() <= LONGEST => Symbol::Name(name),
            Value::Text(text) if text.len() <= LONGEST => Symbol::Text(text),
            other => Symbol::Other(other),
        }
    }

    fn head(self, hasher: &DefaultHashBuilder) -> Head {
        match self {
            Symbol::Name(name) => Head::of_bytes(Kept::Name, name.as_bytes(), hasher),
            Symbol::Text(text) => Head::of_bytes(Kept::Text, text.as_bytes(), hasher),
            Symbol::Other(value) => Head::of_other(value, hasher),
        }
    }

    fn spelled(kept: Kept, words: &'a Spelled) -> Symbol<'a> {
        match kept {
            Kept::Name => Symbol::Name(words.as_str()),
            _ => Symbol::Text(words.as_str()),
        }
    }

    /// How it is written, if it is a name or text.
    fn words(self) -> Option<(Kept, &'a str)> {
        match self {
            Symbol::Name(words) => Some((Kept::Name, words)),
            Symbol::Text(words) => Some((Kept::Text, words)),
            Symbol::Other(_) => None,
        }
    }

    fn to_value(self) -> Value {
        match self {
            Symbol::Name(name) => Value::Name(name.into()),
            Symbol::Text(text) => Value::Text(text.into()),
            Symbol::Other(value) => value.clone(),
        }
    }
}

impl Symbols {
    /// All those of another table, under the same words, and room for more.
    pub fn over(base: Arc<Symbols>) -> Symbols {
        Symbols {
            first: base.len() as Code,
            hasher: base.hasher.clone(),
            series: base.series.clone(),
            base: Some(base),
            ..Symbols::default()
        }
    }

    /// None yet, for values that will be taken over by another table. `is_list`: they hardly ever come twice; each that comes gets
    /// a word of its own, and none is looked for.
    pub fn beside(other: &Symbols, is_list: bool) -> Symbols {
        Symbols {
            series: Series::beside(&other.series),
            is_list,
            ..Symbols::default()
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.first as usize + self.entries.len()
    }

    /// How much memory they take, in bytes, numbers and the like left aside.
    pub fn size(&self) -> usize {
        let of_base = self.base.as_ref().map_or(0, |base| base.size());
        let entries = self.entries.capacity() * size_of::<Entry>();
        let slots = self.codes.capacity() * (size_of::<(Head, Code)>() + 1);
        of_base + self.bytes.capacity() + entries + slots
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The word for a value, made if need be.
    pub fn encode(&mut self, value: &Value) -> Code {
        inline(value).unwrap_or_else(|| self.word(Symbol::of(value)))
    }

    /// The word for the name of an entity, made if need be.
    pub fn encode_name(&mut self, name: &str) -> Code {
        match name.len() <= LONGEST {
            true => self.word(Symbol::Name(name)),
            false => self.encode(&Value::Name(name.into())),
        }
    }

    /// The word for a text, made if need be.
    pub fn encode_text(&mut self, text: &str) -> Code {
        match text.len() <= LONGEST {
            true => self.word(Symbol::Text(text)),
            false => self.encode(&Value::Text(text.into())),
        }
    }

    /// The word for a value of another table, made if need be.
    pub fn take_over(&mut self, from: &Symbols, code: Code) -> Code {
        match kind(code) {
            Kind::Symbol => self.word(from.symbol(code)),
            Kind::Numbered if !self.series.are_those_of(&from.series) => {
                let (kept, spelled) = from.series.spelled(code);
                self.word(Symbol::spelled(kept, &spelled))
            }
            _ => code,
        }
    }

    /// The values that came since there were so many.
    pub fn since(&self, count: usize) -> Added {
        let entries = &self.entries[count - self.first as usize..];
        let start = |is_other: bool, otherwise: usize| {
            let of_kind = |entry: &&Entry| (entry.kept() == Kept::Other) == is_other;
            let first = entries.iter().find(of_kind);
            first.map_or(otherwise, |entry| entry.start())
        };
        let (bytes, others) = (
            start(false, self.bytes.len()),
            start(true, self.others.len()),
        );
        Added {
            entries: entries.to_vec(),
            bytes: self.bytes[bytes..].to_owned(),
            others: self.others[others..].to_vec(),
            before: (bytes, others),
        }
    }

    /// The words for values that came to a table beside this one, made if need be, in their order.
    pub fn take_over_all(&mut self, added: &Added, words: &mut Vec<Code>) {
        words.reserve(added.entries.len());
        let (bytes, others) = added.before;
        for entry in &added.entries {
            let range = entry.bytes();
            let symbol = match entry.kept() {
                Kept::Name => Symbol::Name(&added.bytes[range.start - bytes..range.end - bytes]),
                Kept::Text => Symbol::Text(&added.bytes[range.start - bytes..range.end - bytes]),
                Kept::Other => Symbol::Other(&added.others[entry.start() - others]),
            };
            words.push(self.word(symbol));
        }
    }

    /// The word for a value, if any row could hold it.
    pub fn find(&self, value: &Value) -> Option<Code> {
        inline(value).or_else(|| {
            let symbol = Symbol::of(value);
            let numbered = symbol
                .words()
                .and_then(|(kept, words)| self.series.find(kept, words));
            numbered.or_else(|| self.find_symbol(symbol, symbol.head(&self.hasher)))
        })
    }

    /// Whether a word stands for a value that is not known, or of which only bounds are.
    pub fn is_open(&self, code: Code) -> bool {
        code == UNKNOWN
            || is_symbol(code)
                && matches!(self.symbol(code), Symbol::Other(value) if value.is_open())
    }

    /// The value of a word.
    pub fn decode(&self, code: Code) -> Value {
        match code {
            NONE => Value::None,
            UNKNOWN => Value::Unknown,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            MEMBER.. => Value::Member(code - MEMBER),
            DATE.. => Value::Date(date_after(code - DATE)),
            SMALL.. => Value::Number(Number::from_integer(i64::from(code - SMALL) - SMALL_ZERO)),
            NUMBERED.. => {
                let (kept, spelled) = self.series.spelled(code);
                Symbol::spelled(kept, &spelled).to_value()
            }
            _ => self.symbol(code).to_value(),
        }
    }

    /// The name that a word stands for, if it is one, and in no series.
    pub fn name(&self, code: Code) -> Option<&str> {
        match is_symbol(code).then(|| self.symbol(code))? {
            Symbol::Name(name) => Some(name),
            Symbol::Text(_) | Symbol::Other(_) => None,
        }
    }

    /// Compares as the values compare.
    pub fn compare(&self, a: Code, b: Code) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        match (kind(a), kind(b)) {
            (Kind::Numbered, Kind::Numbered) if series_of(a) == series_of(b) => a.cmp(&b),
            (Kind::Symbol | Kind::Numbered, Kind::Symbol | Kind::Numbered) => {
                let mut spelled = [Spelled::default(), Spelled::default()];
                let [of_a, of_b] = &mut spelled;
                match (self.seen(a, of_a), self.seen(b, of_b)) {
                    (Symbol::Name(a), Symbol::Name(b)) | (Symbol::Text(a), Symbol::Text(b)) => {
                        a.cmp(b)
                    }
                    (Symbol::Other(a), Symbol::Other(b)) => a.cmp(b),
                    (a, b) => a.to_value().cmp(&b.to_value()),
                }
            }
            (one, other) if one == other => a.cmp(&b),
            _ => self.decode(a).cmp(&self.decode(b)),
        }
    }

    /// What is looked up, or put together where there is room for it.
    fn seen<'s>(&'s self, code: Code, room: &'s mut Spelled) -> Symbol<'s> {
        if is_symbol(code) {
            return self.symbol(code);
        }
        let (kept, spelled) = self.series.spelled(code);
        *room = spelled;
        Symbol::spelled(kept, room)
    }

    fn symbol(&self, code: Code) -> Symbol<'_> {
        if code < self.first
            && let Some(base) = &self.base
        {
            return base.symbol(code);
        }
        let entry = self.entries[(code - self.first) as usize];
        match entry.kept() {
            Kept::Name => Symbol::Name(&self.bytes[entry.bytes()]),
            Kept::Text => Symbol::Text(&self.bytes[entry.bytes()]),
            Kept::Other => Symbol::Other(&self.others[entry.start()]),
        }
    }

    fn find_symbol(&self, symbol: Symbol<'_>, head: Head) -> Option<Code> {
        let of_base = self.base.as_ref();
        let of_base = of_base.and_then(|base| base.find_symbol(symbol, head));
        of_base.or_else(|| {
            let is_it = |(other, code): &(Head, Code)| {
                *other == head && (head.is_whole() || self.symbol(*code) == symbol)
            };
            let found = self.codes.find(head.spread(), is_it);
            found.map(|(_, code)| *code)
        })
    }

    fn word(&mut self, symbol: Symbol<'_>) -> Code {
        let words = symbol.words();
        let numbered = words.and_then(|(kept, words)| self.series.word(kept, words));
        numbered.unwrap_or_else(|| self.add(symbol))
    }

    fn add(&mut self, symbol: Symbol<'_>) -> Code {
        if self.is_list {
            return self.push(symbol);
        }
        let head = symbol.head(&self.hasher);
        if let Some(code) = self.find_symbol(symbol, head) {
            return code;
        }
        let code = self.push(symbol);
        self.codes
            .insert_unique(head.spread(), (head, code), |(head, _)| head.spread());
        code
    }

    fn push(&mut self, symbol: Symbol<'_>) -> Code {
        let code = self.len() as Code;
        assert!(code < NUMBERED, "a thousand million names do not fit");
        let entry = match symbol {
            Symbol::Name(words) => Entry::new(Kept::Name, self.bytes.len(), words.len()),
            Symbol::Text(words) => Entry::new(Kept::Text, self.bytes.len(), words.len()),
            Symbol::Other(_) => Entry::new(Kept::Other, self.others.len(), 0),
        };
        match symbol {
            Symbol::Name(words) | Symbol::Text(words) => self.bytes.push_str(words),
            Symbol::Other(value) => self.others.push(value.clone()),
        }
        self.entries.push(entry);
        code
    }
}

impl std::fmt::Debug for Symbols {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} values", self.len())
    }
}

/// Compares two words whose order can be told without looking them up: two whole numbers, dates or members.
pub fn compare_inline(a: Code, b: Code) -> Option<Ordering> {
    let kinds = (kind(a), kind(b));
    let is_named = matches!(kinds.0, Kind::Symbol | Kind::Numbered);
    (kinds.0 == kinds.1 && !is_named).then(|| a.cmp(&b))
}

/// Whether the word stands for a value that is looked up.
pub fn is_symbol(code: Code) -> bool {
    code < NUMBERED
}

/// Whether the word stands for a name or text, or for what has no other word.
pub fn is_named(code: Code) -> bool {
    code < SMALL
}

/// Whether the word stands for a day.
pub fn is_date(code: Code) -> bool {
    kind(code) == Kind::Date
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Symbol,
    Numbered,
    Small,
    Date,
    Member,
    Special,
}

fn kind(code: Code) -> Kind {
    match code {
        SPECIAL.. => Kind::Special,
        MEMBER.. => Kind::Member,
        DATE.. => Kind::Date,
        SMALL.. => Kind::Small,
        NUMBERED.. => Kind::Numbered,
        _ => Kind::Symbol,
    }
}

fn inline(value: &Value) -> Option<Code> {
    match value {
        Value::None => Some(NONE),
        Value::Unknown => Some(UNKNOWN),
        Value::Bool(truth) => Some(if *truth { TRUE } else { FALSE }),
        Value::Date(date) => Some(date_code(*date)),
        Value::Member(at) => (*at < SPECIAL - MEMBER).then(|| MEMBER + at),
        Value::Number(number) => number.to_i64().and_then(small),
        Value::Name(_) | Value::Text(_) | Value::Range(_) | Value::Redacted(_) => None,
    }
}

/// The word for a whole number near zero; `None` where it is looked up.
pub fn small(number: i64) -> Option<Code> {
    (-SMALL_ZERO..SMALL_ZERO)
        .contains(&number)
        .then(|| SMALL + (number + SMALL_ZERO) as Code)
}

/// The whole number of a word, where it stands in the word itself.
pub fn small_of(code: Code) -> Option<i64> {
    (kind(code) == Kind::Small).then(|| i64::from(code - SMALL) - SMALL_ZERO)
}

/// The word for a day.
pub fn date_code(date: Date) -> Code {
    DATE + days_after_first(date)
}

/// The day of a word; `None` for anything else.
pub fn date_of(code: Code) -> Option<Date> {
    is_date(code).then(|| date_after(code - DATE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_a_table_beside_has_the_word_that_it_has_anyway() {
        let mut all = Symbols::default();
        let mut beside = Symbols::beside(&all, false);
        let before = beside.encode_name("t1");
        let mut words = Vec::new();
        all.take_over_all(&beside.since(0), &mut words);
        let name = Value::Name("t1".into());
        let mut over = Symbols::over(Arc::new(all));
        assert_eq!(over.encode(&name), words[before as usize]);
        assert_eq!(over.find(&name), Some(words[before as usize]));
        // From now on it is in a series there too.
        assert_eq!(beside.encode_name("t1"), words[before as usize]);
    }

    #[test]
    fn words_of_a_shared_table_stay_what_they_are() {
        let names = ["b", "a", "c"].map(|name| Value::Name(name.into()));
        let text = Value::Text("a".into());
        let mut base = Symbols::default();
        let first = base.encode(&names[0]);
        let second = base.encode(&names[1]);
        let base = Arc::new(base);
        let mut more = Symbols::over(Arc::clone(&base));
        assert_eq!(more.encode(&names[1]), second);
        let (third, fourth) = (more.encode(&names[2]), more.encode(&text));
        assert_eq!([first, second, third, fourth], [0, 1, 2, 3]);
        assert_eq!(more.decode(third), names[2]);
        assert_eq!(more.decode(fourth), text);
        assert_eq!(more.find(&names[0]), Some(first));
        assert_eq!(base.find(&names[2]), None);
        assert_eq!(more.compare(first, second), Ordering::Greater);
        assert_eq!(more.compare(second, fourth), Ordering::Less);
        let mut other = Symbols::default();
        other.encode_name("x");
        let third_part = Value::Number(Number::from_text("1/3").expect("a number"));
        let word = other.encode(&text);
        let number = other.encode(&third_part);
        assert_eq!(more.take_over(&other, word), fourth);
        let mut words = Vec::new();
        more.take_over_all(&other.since(1), &mut words);
        assert_eq!(words[0], fourth);
        assert_eq!(more.decode(words[1]), third_part);
        assert_eq!((words.len(), number), (2, 2));
    }
}
