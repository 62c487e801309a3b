//! A text that nobody knows is shown by few samples.

use crate::engine::settle::texts::{AskedText, TextTest, samples};
use std::collections::BTreeSet;
use std::sync::Arc;

/// All texts of two letters, up to that length.
fn texts(length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..length {
        let longer = last
            .iter()
            .flat_map(|text| ["a", "b"].map(|it| format!("{text}{it}")));
        last = longer.collect();
        all.extend(last.iter().cloned());
    }
    all
}

#[test]
fn samples_answer_in_every_way_in_which_any_text_does() {
    let (words, all) = (texts(3), texts(9));
    let mut seed = 7_u64;
    let mut below = |bound: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % bound
    };
    for _ in 0..60 {
        let asked: BTreeSet<AskedText> = (0..1 + below(5))
            .map(|_| {
                let tests = [TextTest::Starts, TextTest::Contains, TextTest::Ends];
                // The empty word is in every text.
                let word = &words[1 + below(words.len() - 1)];
                (tests[below(3)], Arc::from(word.as_str()))
            })
            .collect();
        let answers = |text: &str| -> Vec<bool> {
            let answers = asked.iter().map(|(test, word)| test.is_so(text, word));
            answers.collect()
        };
        let samples = samples(&asked, &BTreeSet::new(), 1).expect("they are few");
        let shown: BTreeSet<Vec<bool>> = samples.iter().map(|text| answers(text)).collect();
        assert_eq!(shown.len(), samples.len(), "{asked:?}: each once");
        for text in &all {
            assert!(shown.contains(&answers(text)), "{asked:?}: {text}");
        }
    }
}
