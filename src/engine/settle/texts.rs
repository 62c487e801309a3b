//! What is asked of a text or a name that nobody knows: with what it starts, what it contains, with what it ends.
//!
//! However many such words are asked about, few texts show all that there can be: a beginning, some words, and an end, each apart from
//! the next by a sign that stands in none of the words. For take any text, the longest word with which it starts, all that it contains, and the
//! longest with which it ends: put together like that, they start, contain and end with what the text does, and with nothing else.
//! Where a pattern is asked about, or small letters, `languages` finds the texts.

use super::cell::Cell;
use super::formula::Formula;
use super::points::{Class, Domain, Points, Question};
use super::{Answer, PointId, languages};
use crate::value::{Value, does_match};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many texts are looked at.
const MOST_SAMPLES: usize = 2_048;
/// How many words may be looked for in a text that is known.
const MOST_WORDS: usize = 100;
/// A text that stands for any other.
const ORDINARY: &str = "another";

/// What can be asked of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextTest {
    /// Whether it starts with a word.
    Starts,
    /// Whether it contains it.
    Contains,
    /// Whether it ends with it.
    Ends,
    /// Whether it is that word.
    Is,
    /// Whether it matches that pattern.
    Matches,
}

/// A question about a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskedText {
    /// What is asked.
    pub test: TextTest,
    /// Whether it is asked of the text in small letters.
    pub is_lowered: bool,
    /// About which word or pattern.
    pub word: Arc<str>,
}

impl TextTest {
    /// The one that a function of the language asks.
    pub(super) fn of_function(name: &str) -> Option<TextTest> {
        match name {
            "starts_with" => Some(TextTest::Starts),
            "contains" => Some(TextTest::Contains),
            "ends_with" => Some(TextTest::Ends),
            "matches" => Some(TextTest::Matches),
            _ => None,
        }
    }
}

impl TextTest {
    /// The words of which it is so. `None`: nobody can say, or they are too many.
    fn words_in(self, text: &str) -> Option<BTreeSet<&str>> {
        let places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let places: Vec<usize> = places.collect();
        let words: BTreeSet<&str> = match self {
            TextTest::Starts => places.iter().map(|end| &text[..*end]).collect(),
            TextTest::Ends => places.iter().map(|start| &text[*start..]).collect(),
            TextTest::Contains if places.len() * places.len() <= 2 * MOST_WORDS => {
                let from = |start: usize| places.iter().filter(move |end| **end >= start);
                let words = places
                    .iter()
                    .flat_map(|start| from(*start).map(|end| &text[*start..*end]));
                words.collect()
            }
            TextTest::Is => BTreeSet::from([text]),
            TextTest::Contains | TextTest::Matches => return None,
        };
        (words.len() <= MOST_WORDS).then_some(words)
    }
}

impl AskedText {
    /// Whether it is so of a text.
    pub(super) fn is_so(&self, text: &str) -> bool {
        let text = match self.is_lowered {
            true => Cow::Owned(text.to_lowercase()),
            false => Cow::Borrowed(text),
        };
        let word = self.word.as_ref();
        match self.test {
            TextTest::Starts => text.starts_with(word),
            TextTest::Contains => text.contains(word),
            TextTest::Ends => text.ends_with(word),
            TextTest::Is => text == word,
            TextTest::Matches => does_match(&text, word) == Ok(true),
        }
    }

    /// Whether a beginning, some words and an end show all that there can be.
    fn is_plain(&self) -> bool {
        let is_plain = matches!(
            self.test,
            TextTest::Starts | TextTest::Contains | TextTest::Ends
        );
        is_plain && !self.is_lowered
    }
}

/// Texts that answer all questions in every way there is, one for each way; none of them is one of `named`. `apart`: how often the sign
/// between words is written. `None`: too many.
pub(super) fn samples(
    asked: &BTreeSet<AskedText>,
    named: &BTreeSet<Arc<str>>,
    apart: usize,
) -> Option<Vec<String>> {
    let words = |wanted: TextTest| -> Vec<&str> {
        let of_it = asked.iter().filter(|it| it.test == wanted);
        of_it.map(|it| it.word.as_ref()).collect()
    };
    let contained = words(TextTest::Contains);
    let ends = |test: TextTest| [vec![""], words(test)].concat();
    let (starts, ends) = (ends(TextTest::Starts), ends(TextTest::Ends));
    if contained.len() > 10 || (starts.len() * ends.len()) << contained.len() > MOST_SAMPLES {
        return None;
    }
    let is_new = |sign: &char| {
        let mut all = asked.iter().map(|it| &it.word).chain(named);
        all.all(|word| !word.contains(*sign))
    };
    let sign = ['…', '·', '¦', '¤', '¬'].into_iter().find(is_new)?;
    let sign = sign.to_string().repeat(apart);
    let mut found: BTreeMap<Vec<bool>, String> = BTreeMap::new();
    for chosen in 0..1_usize << contained.len() {
        let words = contained.iter().enumerate();
        let words = words.filter(|(at, _)| chosen >> at & 1 == 1);
        let words: Vec<&str> = words.map(|(_, word)| *word).collect();
        for start in &starts {
            for end in &ends {
                let mut parts = vec![*start];
                parts.extend(&words);
                parts.push(*end);
                let text = parts.join(&sign);
                let answers = asked.iter().map(|it| it.is_so(&text));
                let best = found
                    .entry(answers.collect())
                    .or_insert_with(|| text.clone());
                if text.len() < best.len() {
                    *best = text;
                }
            }
        }
    }
    if apart == 1 && !named.contains(ORDINARY) {
        let answers = asked.iter().map(|it| it.is_so(ORDINARY));
        found.insert(answers.collect(), ORDINARY.to_owned());
    }
    Some(found.into_values().collect())
}

/// What was found before: by what is asked, what is named, the place in a list, and whether the empty text counts.
pub(super) type KnownSamples =
    BTreeMap<(BTreeSet<AskedText>, BTreeSet<Arc<str>>, usize, bool), Option<Vec<Arc<str>>>>;

impl Points {
    /// Whether a point is a text or a name, whatever it is.
    pub(super) fn is_text(&self, point: PointId) -> bool {
        matches!(self.domain(point), Domain::Names { .. })
    }

    /// What a test says of two cells of which one is open. `None`: that hangs on more than one text.
    pub(super) fn is_text_so(
        &mut self,
        text: &Cell,
        test: TextTest,
        word: &Cell,
    ) -> Option<Formula> {
        let known = |cell: &Cell| match cell {
            Cell::Known(Value::Text(text) | Value::Name(text)) => Some(text.clone()),
            _ => None,
        };
        if let Some(word) = known(word) {
            let (point, is_lowered) = match text {
                Cell::Named(point) if self.is_text(*point) => (*point, false),
                Cell::Lowered(point) => (*point, true),
                _ => return None,
            };
            let asked = AskedText {
                test,
                is_lowered,
                word,
            };
            return Some(self.is_such_text(point, asked));
        }
        let Cell::Named(point) = word else {
            return None;
        };
        // The word is one of those with which the text starts, or the like.
        let mut any = Formula::FALSE;
        for word in test.words_in(&known(text)?)? {
            let value = self.text_value(*point, Arc::from(word));
            let is_it = Formula::exact(self.is_value(*point, &value));
            any = self.diagram.either(any, is_it);
        }
        Some(any)
    }

    /// What is asked of a text among these questions.
    pub(super) fn texts_asked(&self, variables: &[u32]) -> BTreeSet<AskedText> {
        let asked = variables.iter().filter_map(|at| match self.question(*at) {
            Question::Text(asked) => Some(asked.clone()),
            _ => None,
        });
        asked.collect()
    }

    /// The texts among the values that these questions name.
    fn texts_named(&self, variables: &[u32]) -> BTreeSet<Arc<str>> {
        let named = variables.iter().filter_map(|at| match self.question(*at) {
            Question::Is(Value::Text(text) | Value::Name(text)) => Some(text.clone()),
            _ => None,
        });
        named.collect()
    }

    /// Texts that answer these questions in every way there is, none of them named: with another sign between words for each place in a
    /// list of points. `None`: too many.
    pub(super) fn text_samples(
        &self,
        point: PointId,
        variables: &[u32],
        place: usize,
    ) -> Option<Vec<Arc<str>>> {
        let (asked, named) = (self.texts_asked(variables), self.texts_named(variables));
        if asked.iter().all(AskedText::is_plain) {
            let samples = samples(&asked, &named, place + 1)?.into_iter();
            return Some(samples.map(Arc::from).collect());
        }
        let has_empty = matches!(self.domain(point), Domain::Names { is_text: true });
        let key = (asked, named, place, has_empty);
        if let Some(known) = self.known_samples.borrow().get(&key) {
            return known.clone();
        }
        let (asked, named, ..) = &key;
        let by_answers = languages::samples(asked, named, place + 1, has_empty);
        let samples = by_answers.map(|mut by_answers| {
            let ordinary = asked
                .iter()
                .map(|it| it.is_so(ORDINARY))
                .collect::<Vec<_>>();
            if let Some(texts) = by_answers.get_mut(&ordinary)
                && place == 0
                && !named.contains(ORDINARY)
            {
                *texts = vec![ORDINARY.to_owned()];
            }
            let texts = by_answers.into_values().flatten();
            texts.map(Arc::from).collect::<Vec<Arc<str>>>()
        });
        let mut known = self.known_samples.borrow_mut();
        known.insert(key, samples.clone());
        samples
    }

    /// A text is one that is named, or answers the questions in one of the ways there are.
    pub(super) fn such_texts(&self, point: PointId, variables: &[u32]) -> Vec<Class> {
        let asked = self.texts_asked(variables);
        let class = |text: &str, named: Option<&Arc<str>>, answer: Answer| Class {
            variables: (variables.iter())
                .map(|at| match self.question(*at) {
                    Question::Is(Value::Text(value) | Value::Name(value)) => {
                        (*at, Some(value) == named)
                    }
                    Question::Text(asked) => (*at, asked.is_so(text)),
                    _ => (*at, false),
                })
                .collect(),
            answer,
        };
        let mut classes = Vec::new();
        for text in self.texts_named(variables) {
            let answer = Answer::Value(self.text_value(point, text.clone()));
            classes.push(class(&text, Some(&text), answer));
        }
        for text in self.text_samples(point, variables, 0).unwrap_or_default() {
            let (so, not_so) = (asked.iter().cloned()).partition(|it| it.is_so(&text));
            let answer = Answer::Such {
                so,
                not_so,
                example: text.clone(),
            };
            classes.push(class(&text, None, answer));
        }
        classes
    }
}
