//! A text that nobody knows is shown by few samples.

use crate::engine::settle::languages;
use crate::engine::settle::texts::{AskedText, TextTest, samples};
use std::collections::BTreeSet;
use std::sync::Arc;

/// All texts of these letters, up to that length.
fn texts(letters: &[&str], length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..length {
        let longer = last
            .iter()
            .flat_map(|text| letters.iter().map(move |it| format!("{text}{it}")));
        last = longer.collect();
        all.extend(last.iter().cloned());
    }
    all
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = (self.0)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % bound
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

fn asked(test: TextTest, is_lowered: bool, word: &str) -> AskedText {
    AskedText {
        test,
        is_lowered,
        word: Arc::from(word),
    }
}

fn answers(asked: &BTreeSet<AskedText>, text: &str) -> Vec<bool> {
    asked.iter().map(|it| it.is_so(text)).collect()
}

const IN_PARTS: [TextTest; 3] = [TextTest::Starts, TextTest::Contains, TextTest::Ends];

#[test]
fn samples_answer_in_every_way_in_which_any_text_does() {
    let (words, all) = (texts(&["a", "b"], 3), texts(&["a", "b"], 9));
    let mut dice = Dice(7);
    for _ in 0..60 {
        let questions: BTreeSet<AskedText> = (0..1 + dice.below(5))
            .map(|_| {
                // The empty word is in every text.
                let word = dice.pick(&words[1..]);
                asked(dice.pick(&IN_PARTS), false, &word)
            })
            .collect();
        let samples = samples(&questions, &BTreeSet::new(), 1).expect("they are few");
        let shown: BTreeSet<Vec<bool>> = samples
            .iter()
            .map(|text| answers(&questions, text))
            .collect();
        assert_eq!(shown.len(), samples.len(), "{questions:?}: each once");
        for text in &all {
            assert!(
                shown.contains(&answers(&questions, text)),
                "{questions:?}: {text}"
            );
        }
    }
}

const PATTERNS: [&str; 12] = [
    "^a+b?$",
    "b.b",
    "^[ab]{2}$",
    "(?i)^aB",
    "^$",
    "[^ab]",
    r"^\w$",
    "A|bb$",
    "^(ab)*$",
    r"^\d",
    "a{3}",
    "^.?$",
];

#[test]
fn texts_are_found_for_patterns_and_small_letters_too() {
    let words = texts(&["a", "b", "A"], 2);
    let all = texts(&["a", "b", "A", "B", "ä", "1"], 5);
    let mut dice = Dice(11);
    for round in 0..60 {
        let questions: BTreeSet<AskedText> = (0..1 + dice.below(4))
            .map(|_| match dice.below(2) {
                0 => asked(TextTest::Matches, dice.below(2) == 0, dice.pick(&PATTERNS)),
                _ => {
                    let tests = [&IN_PARTS[..], &[TextTest::Is]].concat();
                    asked(dice.pick(&tests), dice.below(2) == 0, &dice.pick(&words))
                }
            })
            .collect();
        let named: BTreeSet<Arc<str>> = (0..dice.below(4))
            .map(|_| Arc::from(dice.pick(&words).as_str()))
            .collect();
        let (count, has_empty) = (1 + round % 3, round % 2 == 0);
        let found = languages::samples(&questions, &named, count, has_empty);
        let found = found.expect("the automata are small");
        let mut often = std::collections::BTreeMap::<Vec<bool>, usize>::new();
        for text in &all {
            if !named.contains(text.as_str()) && (has_empty || !text.is_empty()) {
                *often.entry(answers(&questions, text)).or_default() += 1;
            }
        }
        for (way, texts) in &found {
            assert!(texts.iter().all(|text| answers(&questions, text) == *way));
            let different: BTreeSet<&String> = texts.iter().collect();
            assert_eq!(different.len(), texts.len(), "each once");
            assert!(texts.iter().all(|text| !named.contains(text.as_str())));
            assert!(has_empty || !texts.contains(&String::new()));
        }
        for (way, often) in often {
            let texts = found.get(&way).map_or(0, Vec::len);
            assert!(
                texts >= often.min(count),
                "{questions:?}, not {named:?}: {way:?} {texts}"
            );
        }
    }
}

#[test]
fn what_no_automaton_of_letters_answers_is_not_guessed() {
    let none = BTreeSet::new();
    let of = |it: AskedText| languages::samples(&BTreeSet::from([it]), &none, 1, true);
    // Where a word ends hangs on letters of all the world.
    assert_eq!(of(asked(TextTest::Matches, false, r"\bab\b")), None);
    // It is written otherwise at the end of a word.
    assert_eq!(of(asked(TextTest::Contains, true, "σ")), None);
    assert_eq!(
        of(asked(TextTest::Matches, false, "^(a|b)*a(a|b){14}$")),
        None
    );
    assert!(of(asked(TextTest::Contains, true, "alpha")).is_some());
}
