//! Texts for all that can be asked of one, patterns and small letters among it.
//!
//! What a question says of a text, an automaton says that reads it letter by letter. All of them together, gone through from the
//! shortest text on, meet every way in which any text answers the questions (Rabin and Scott 1959). Letters that no question tells
//! apart stand for one another, so few of them are read.

use super::texts::{AskedText, TextTest};
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start::Config;
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, LazyLock};

/// How many ways of having read a text are told apart.
const MOST_STATES: usize = 20_000;
/// How many letters are read in all of them together.
const MOST_STEPS: usize = 2_000_000;
/// How large an automaton may become, in bytes.
const MOST_SIZE: usize = 1 << 21;
/// A letter that becomes another small one at the end of a word.
const SIGMA: char = 'Σ';

/// For every way in which some text that is not `named` answers the questions, up to `count` such texts, the shortest first; the
/// empty text only with `has_empty`. `None`: that is too much, or a question is one that no automaton answers.
pub(super) fn samples(
    asked: &BTreeSet<AskedText>,
    named: &BTreeSet<Arc<str>>,
    count: usize,
    has_empty: bool,
) -> Option<BTreeMap<Vec<bool>, Vec<String>>> {
    let readers = asked.iter().map(Reader::of).collect::<Option<Vec<_>>>()?;
    let letters = letters(&readers, named, count)?;
    let mut frontier = vec![Reading::begun(&readers, named)?];
    let mut visits: BTreeMap<(Vec<State>, Option<String>), usize> = BTreeMap::new();
    let mut found: BTreeMap<Vec<bool>, Vec<String>> = BTreeMap::new();
    let mut steps = 0;
    while !frontier.is_empty() {
        let mut longer = Vec::new();
        for reading in frontier {
            if !named.contains(reading.text.as_str()) && (has_empty || !reading.text.is_empty()) {
                let texts = found.entry(reading.answers(&readers)).or_default();
                if texts.len() < count {
                    texts.push(reading.text.clone());
                }
            }
            for letter in &letters {
                steps += 1;
                let next = reading.then(&readers, *letter, named);
                let visits = visits.entry(next.place()).or_default();
                *visits += 1;
                // What is reached more often than texts are wanted leads to nothing more.
                if *visits <= count {
                    longer.push(next);
                }
            }
            if steps > MOST_STEPS || visits.len() > MOST_STATES {
                return None;
            }
        }
        frontier = longer;
    }
    let is_as_told = |(answers, texts): (&Vec<bool>, &Vec<String>)| {
        let mut texts = texts.iter();
        texts.all(|text| {
            asked
                .iter()
                .map(|it| it.is_so(text))
                .eq(answers.iter().copied())
        })
    };
    found.iter().all(is_as_told).then_some(found)
}

/// One question, as an automaton.
struct Reader {
    automaton: dense::DFA<Vec<u32>>,
    is_lowered: bool,
    pattern: Hir,
}

/// How far an automaton is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// It goes on.
    At(StateID),
    /// It has found what it looks for, whatever follows.
    Found,
    /// It cannot find it any more.
    Lost,
}

impl Reader {
    fn of(asked: &AskedText) -> Option<Reader> {
        let word = regex_syntax::escape(&asked.word);
        let pattern = match asked.test {
            TextTest::Starts => format!(r"\A{word}"),
            TextTest::Contains => word,
            TextTest::Ends => format!(r"{word}\z"),
            TextTest::Is => format!(r"\A{word}\z"),
            TextTest::Matches => asked.word.to_string(),
        };
        let settings = dense::Config::new()
            .match_kind(MatchKind::All)
            .start_kind(StartKind::Unanchored)
            .dfa_size_limit(Some(MOST_SIZE))
            .determinize_size_limit(Some(MOST_SIZE));
        let mut builder = dense::Builder::new();
        builder.configure(settings);
        Some(Reader {
            automaton: builder.build(&pattern).ok()?,
            is_lowered: asked.is_lowered,
            pattern: syntax::parse(&pattern).ok()?,
        })
    }

    fn begun(&self) -> Option<State> {
        let start = Config::new().anchored(Anchored::No);
        let state = self.automaton.start_state(&start).ok()?;
        Some(self.told(state))
    }

    fn told(&self, state: StateID) -> State {
        if self.automaton.is_match_state(state) {
            State::Found
        } else if self.automaton.is_dead_state(state) {
            State::Lost
        } else {
            State::At(state)
        }
    }

    fn then(&self, state: State, letters: &str) -> State {
        letters.bytes().fold(state, |state, byte| match state {
            State::At(state) => self.told(self.automaton.next_state(state, byte)),
            State::Found | State::Lost => state,
        })
    }

    fn answer(&self, state: State) -> bool {
        match state {
            State::At(state) => {
                (self.automaton).is_match_state(self.automaton.next_eoi_state(state))
            }
            State::Found => true,
            State::Lost => false,
        }
    }
}

/// A text, and how far each automaton is with it.
struct Reading {
    text: String,
    states: Vec<State>,
    /// The text, where a text that is named begins with it.
    named: Option<String>,
}

impl Reading {
    fn begun(readers: &[Reader], named: &BTreeSet<Arc<str>>) -> Option<Reading> {
        Some(Reading {
            text: String::new(),
            states: readers.iter().map(Reader::begun).collect::<Option<_>>()?,
            named: (!named.is_empty()).then(String::new),
        })
    }

    fn place(&self) -> (Vec<State>, Option<String>) {
        (self.states.clone(), self.named.clone())
    }

    fn then(&self, readers: &[Reader], letter: char, named: &BTreeSet<Arc<str>>) -> Reading {
        let text = format!("{}{letter}", self.text);
        let (plain, small) = (letter.to_string(), letter.to_lowercase().to_string());
        let states = readers.iter().zip(&self.states);
        let states = states.map(|(reader, state)| match reader.is_lowered {
            true => reader.then(*state, &small),
            false => reader.then(*state, &plain),
        });
        let begins_so = |text: &str| {
            let mut from = named.range::<str, _>((Bound::Included(text), Bound::Unbounded));
            from.next().is_some_and(|named| named.starts_with(text))
        };
        Reading {
            states: states.collect(),
            named: (self.named.is_some() && begins_so(&text)).then(|| text.clone()),
            text,
        }
    }

    fn answers(&self, readers: &[Reader]) -> Vec<bool> {
        let states = readers.iter().zip(&self.states);
        states
            .map(|(reader, state)| reader.answer(*state))
            .collect()
    }
}

/// The letters that questions look for, each set of them once.
#[derive(Default)]
struct Sets(BTreeSet<Vec<(char, char)>>);

impl Sets {
    /// `None`: the pattern looks at bytes that are no letters.
    fn add(&mut self, pattern: &Hir) -> Option<()> {
        match pattern.kind() {
            HirKind::Empty => {}
            HirKind::Literal(literal) => {
                let letters = std::str::from_utf8(&literal.0).ok()?.chars();
                self.0.extend(letters.map(|letter| vec![(letter, letter)]));
            }
            HirKind::Class(Class::Unicode(class)) => self.add_class(class),
            HirKind::Class(Class::Bytes(class)) => {
                let ranges = class.ranges().iter();
                let letters =
                    ranges.map(|range| (char::from(range.start()), char::from(range.end())));
                let letters: Vec<(char, char)> = letters.collect();
                let is_letter = letters.iter().all(|(_, last)| last.is_ascii());
                is_letter.then(|| self.0.insert(letters))?;
            }
            // Where a line or a word ends, these are looked at.
            HirKind::Look(_) => {
                self.0
                    .extend(['\n', '\r'].map(|letter| vec![(letter, letter)]));
                let word = vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
                self.0.insert(word);
            }
            HirKind::Repetition(repetition) => self.add(&repetition.sub)?,
            HirKind::Capture(capture) => self.add(&capture.sub)?,
            HirKind::Concat(parts) | HirKind::Alternation(parts) => {
                parts.iter().try_for_each(|part| self.add(part))?;
            }
        }
        Some(())
    }

    fn add_class(&mut self, class: &ClassUnicode) {
        let ranges = class.ranges().iter();
        let ends = |range: &ClassUnicodeRange| (range.start(), range.end());
        self.0.insert(ranges.map(ends).collect());
    }

    /// In which of the sets a letter is.
    fn of(&self, letter: char) -> Vec<bool> {
        let is_in = |ranges: &Vec<(char, char)>| {
            let at = ranges.partition_point(|(_, last)| *last < letter);
            ranges.get(at).is_some_and(|(first, _)| *first <= letter)
        };
        self.0.iter().map(is_in).collect()
    }
}

/// Letters for all there are, as far as the questions and the texts that are named tell them apart: up to `count` for each kind, those
/// that are easily read first.
fn letters(readers: &[Reader], named: &BTreeSet<Arc<str>>, count: usize) -> Option<Vec<char>> {
    let mut sets = Sets::default();
    for reader in readers {
        sets.add(&reader.pattern)?;
    }
    let in_names: BTreeSet<char> = named.iter().flat_map(|text| text.chars()).collect();
    sets.0
        .extend(in_names.iter().map(|letter| vec![(*letter, *letter)]));
    let has_lowered = readers.iter().any(|reader| reader.is_lowered);
    let mut kinds: BTreeMap<Vec<Vec<bool>>, Vec<char>> = BTreeMap::new();
    let ends = sets
        .0
        .iter()
        .flatten()
        .flat_map(|(first, last)| [*first, *last]);
    let mut candidates: Vec<char> = readable().chain(ends.clone()).collect();
    candidates.extend(ends.flat_map(|end| around(end, count)));
    if has_lowered {
        candidates.extend(CHANGED.iter());
    }
    let mut seen = BTreeSet::new();
    for letter in candidates {
        // What this one becomes hangs on what follows it.
        if has_lowered && letter == SIGMA {
            continue;
        }
        let mut kind = vec![sets.of(letter)];
        if has_lowered {
            kind.extend(letter.to_lowercase().map(|small| sets.of(small)));
        }
        let alike = kinds.entry(kind).or_default();
        if alike.len() < count && seen.insert(letter) {
            alike.push(letter);
        }
    }
    // Where no other letter stands for it, at the end of a word and elsewhere, not all is told.
    let stands_for = |small: char| kinds.contains_key(&vec![sets.of(SIGMA), sets.of(small)]);
    if has_lowered && !['σ', 'ς'].into_iter().all(stands_for) {
        return None;
    }
    let mut letters: Vec<char> = kinds.into_values().flatten().collect();
    let ease: Vec<char> = readable().collect();
    letters.sort_by_key(|letter| {
        let place = ease.iter().position(|it| it == letter);
        (place.unwrap_or(ease.len()), *letter)
    });
    Some(letters)
}

/// Letters that are easily read.
fn readable() -> impl Iterator<Item = char> + Clone {
    let signs = ['-', '.', ' ', '_', '/', ',', '…', '·', 'ä', 'é', 'Ä', '中'];
    let letters = ('a'..='z').chain('0'..='9').chain('A'..='Z');
    letters.chain(signs)
}

/// The letters next to one, on both sides.
fn around(letter: char, count: usize) -> impl Iterator<Item = char> {
    let before = ('\0'..letter).rev().take(count);
    let after = (letter..=char::MAX).skip(1).take(count);
    before.chain(after)
}

/// The letters that have a small one.
static CHANGED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let is_changed = |letter: &char| !letter.to_lowercase().eq([*letter]);
    ('\0'..=char::MAX).filter(is_changed).collect()
});
