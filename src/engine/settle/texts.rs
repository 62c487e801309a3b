//! What is asked of a text or a name that nobody knows: with what it starts, what it contains, with what it ends.
//!
//! However many such words are asked about, few texts show all that there can be: a beginning, some words, and an end, each apart from
//! the next by a sign that stands in none of the words. For take any text, the longest word with which it starts, all that it contains, and the
//! longest with which it ends: put together like that, they start, contain and end with what the text does, and with nothing else.

use super::points::{Class, Points, Question};
use super::{Answer, PointId};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many texts are looked at.
const MOST_SAMPLES: usize = 2_048;

/// What can be asked of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextTest {
    /// Whether it starts with a word.
    Starts,
    /// Whether it contains it.
    Contains,
    /// Whether it ends with it.
    Ends,
}

/// A question about a text: which, and about which word.
pub type AskedText = (TextTest, Arc<str>);

impl TextTest {
    /// The one that a function of the language asks.
    pub(super) fn of_function(name: &str) -> Option<TextTest> {
        match name {
            "starts_with" => Some(TextTest::Starts),
            "contains" => Some(TextTest::Contains),
            "ends_with" => Some(TextTest::Ends),
            _ => None,
        }
    }

    /// Whether it is so of a text.
    pub(super) fn is_so(self, text: &str, word: &str) -> bool {
        match self {
            TextTest::Starts => text.starts_with(word),
            TextTest::Contains => text.contains(word),
            TextTest::Ends => text.ends_with(word),
        }
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
        let of_it = asked.iter().filter(|(test, _)| *test == wanted);
        of_it.map(|(_, word)| word.as_ref()).collect()
    };
    let contained = words(TextTest::Contains);
    let ends = |test: TextTest| [vec![""], words(test)].concat();
    let (starts, ends) = (ends(TextTest::Starts), ends(TextTest::Ends));
    if contained.len() > 10 || (starts.len() * ends.len()) << contained.len() > MOST_SAMPLES {
        return None;
    }
    let is_new = |sign: &char| {
        let mut all = asked.iter().map(|(_, word)| word).chain(named);
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
                let answers = asked.iter().map(|(test, word)| test.is_so(&text, word));
                let best = found
                    .entry(answers.collect())
                    .or_insert_with(|| text.clone());
                if text.len() < best.len() {
                    *best = text;
                }
            }
        }
    }
    let ordinary = "another";
    if apart == 1 && !named.contains(ordinary) {
        let answers = asked.iter().map(|(test, word)| test.is_so(ordinary, word));
        found.insert(answers.collect(), ordinary.to_owned());
    }
    Some(found.into_values().collect())
}

impl Points {
    /// What is asked of a text among these questions.
    pub(super) fn texts_asked(&self, variables: &[u32]) -> BTreeSet<AskedText> {
        let asked = variables.iter().filter_map(|at| match self.question(*at) {
            Question::Text(test, word) => Some((*test, word.clone())),
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
    pub(super) fn text_samples(&self, variables: &[u32], place: usize) -> Option<Vec<Arc<str>>> {
        let (asked, named) = (self.texts_asked(variables), self.texts_named(variables));
        let samples = samples(&asked, &named, place + 1)?.into_iter();
        Some(samples.map(Arc::from).collect())
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
                    Question::Text(test, word) => (*at, test.is_so(text, word)),
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
        for text in self.text_samples(variables, 0).unwrap_or_default() {
            let (so, not_so) =
                (asked.iter().cloned()).partition(|(test, word)| test.is_so(&text, word));
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
